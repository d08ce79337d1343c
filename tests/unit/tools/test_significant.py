"""The log of significant events: what is one, in order, and that no spreadsheet runs it."""

import csv
import io
from datetime import UTC, datetime
from typing import Any

from tools import significant
from wallet.rules.returns import Return

ACT: dict[str, Any] = {
    "actedAt": "2026-11-26T08:00:00Z", "service": "bet", "action": "voidBet", "outcome": "DONE", "staffId": "t-2",
    "decidedBy": ["t-1", "t-2"], "subject": "BET#1", "userId": "u", "reason": '=HYPERLINK("x")', "before": {"a": 1},
}  # fmt: skip


def a_return(*records: dict[str, Any]) -> Return:
    return Return({"day": "2026-11-26"}, list(records), {}, {}, b"", "")


def record(kind: str, at: int, **cents: int) -> dict[str, Any]:
    named = {f"{name}Cents": value for name, value in cents.items()}
    return {"at": f"2026-11-26T0{at}:00:00Z", "kind": kind, "reference": "b", "player": "u", **named}


def test_large_wagers_winnings_and_results_taken_back_are_significant() -> None:
    records = [
        record("HOLD", 1, staked=999), record("HOLD", 2, staked=1_000), record("SETTLEMENT", 3, settled=1, won=1_000),
        record("SETTLEMENT", 4, settled=1, won=999), record("SETTLEMENT", 5, won=-1),
        record("REOPENING", 6, settled=-1), record("DEPOSIT", 7, deposited=9_000),
    ]  # fmt: skip
    rows = list(significant.of_money([a_return(*records)], 1_000))
    assert [(row[1], row[0][12:13]) for row in rows] == [
        ("large wager", "2"), ("large win", "3"), ("result taken back", "5"), ("result taken back", "6"),
    ]  # fmt: skip
    assert rows[0][2:] == ("u", "b", "KES 10.00")


def test_only_this_stages_alarms_are_in_its_log() -> None:
    at = datetime(2026, 11, 26, tzinfo=UTC)
    names = ("betsafi-wallet-dev-LedgerAlarm-1", "betsafi-wallet-dev2-LedgerAlarm-1", "other-dev-LedgerAlarm")
    history = [{"AlarmName": name, "Timestamp": at, "HistorySummary": "from OK to ALARM"} for name in names]
    assert [row[3] for row in significant.of_alarms(history, "dev")] == ["betsafi-wallet-dev-LedgerAlarm-1"]


def test_events_are_written_oldest_first_and_no_spreadsheet_runs_them() -> None:
    refused = significant.of_sign_ins([{"Timestamp": datetime(2026, 11, 26, tzinfo=UTC), "Sum": 3.0}])
    formula = ("2026-11-27T00:00:00Z", "alarm", "", "=1+1", "")
    out = io.StringIO()
    assert significant.write([formula, *significant.of_staff([ACT]), *refused], out) == 3
    rows = list(csv.DictReader(io.StringIO(out.getvalue())))
    assert [row["kind"] for row in rows] == ["sign-ins refused", "bet voidBet DONE", "alarm"]
    assert (rows[1]["who"], rows[1]["about"]) == ("t-1 and t-2", "u")
    assert rows[2]["about"] == "'=1+1"
