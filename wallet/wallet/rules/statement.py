"""A player's statement: what each entry says to them, and a period of them as CSV. No I/O."""

import csv
import io
import re
from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any

from betsafi import clock
from betsafi.errors import InvalidInput
from betsafi.inputs import day
from betsafi.money import money_out
from wallet import wording
from wallet.rules import ledger

LONGEST_DAYS = 92
MOST_ENTRIES = 10_000
_SHOWN = ("availableAfter", "heldAfter", "owedAfter", "betId", "paymentId", "id")
COLUMNS = ("time", "kind", "reference", "available", "held", "owed", "note", *_SHOWN)
"""Those of `_SHOWN` are fields of `WalletEntry`. New ones come last, for whoever reads by place."""
_LIKE_A_FORMULA = re.compile(r"'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
"""How a text begins that a spreadsheet takes for a formula (also with a full-width sign), or that `cell` has quoted."""


class StatementTooLong(InvalidInput):
    """The period has more entries than one statement holds, `info.most`."""

    code = "STATEMENT_TOO_LONG"
    sw = "Kipindi hiki kina miamala mingi mno. Chagua kipindi kifupi zaidi."


def period(first: str, last: str) -> tuple[str, str]:
    """Return the stamps that bound a period of whole days in Nairobi, both days included. Raises InvalidInput."""
    begin, end = day(first, "from"), day(last, "to")
    if not begin <= end or (end - begin).days >= LONGEST_DAYS:
        raise InvalidInput(wording.wrong_period(LONGEST_DAYS), days=LONGEST_DAYS)
    midnight = datetime.combine(begin, time(), clock.NAIROBI)
    after = datetime.combine(end + timedelta(days=1), time(), clock.NAIROBI)
    return clock.stamp(midnight), clock.stamp(after - timedelta(microseconds=1))


def present(user_id: str, item: dict[str, Any]) -> dict[str, Any]:
    """Return an entry, with the balances `after` it, as GraphQL's `WalletEntry`.

    It says what it changed of what the player has available, held, and owes, and what of each there was then.
    """
    changes, after, kind = _changes(user_id, item), item["after"], item.get("hold", {}).get("kind")
    bet = item["hold"]["id"] if kind == "BET" else None
    payment = item["hold"]["id"] if kind == "WITHDRAWAL" else item.get("payment_id")
    if item["entry_kind"] == "DEPOSIT":
        payment = item["reference"]
    return {
        "id": item["entry_id"],
        "kind": item["entry_kind"],
        "reference": item["reference"],
        "betId": bet,
        "paymentId": payment,
        "available": money_out(changes["available"]),
        "held": money_out(changes["held"]),
        "owed": money_out(changes["owed"]),
        "availableAfter": after and money_out(after.available),
        "heldAfter": after and money_out(after.held),
        "owedAfter": after and money_out(-after.receivable),
        "at": item["at"],
    }


def to_csv(user_id: str, items: Iterable[dict[str, Any]]) -> str:
    """Return entries, with the balances `after` each, as CSV with a header: Nairobi times, shillings as plain numbers,
    texts as `cell` has them, nothing for what is not known.
    """
    text = io.StringIO()
    writer = csv.writer(text)  # lines end as RFC 4180 has it; with other ends Python 3.11 leaves a carriage return bare
    writer.writerow(COLUMNS)
    for item in items:
        shown, moment = present(user_id, item), clock.parse_stamp(item["at"]).astimezone(clock.NAIROBI)
        what = [f"{moment:%Y-%m-%d %H:%M:%S}", item["entry_kind"], cell(item["reference"])]
        changes = _cells(shown, ("available", "held", "owed"))
        writer.writerow([*what, *changes, cell(item.get("note", "")), *_cells(shown, _SHOWN)])
    return text.getvalue()


def cell(text: str) -> str:
    """Return a text such that no spreadsheet runs it: with an apostrophe before what begins like a formula.

    A text that begins with apostrophes and then like a formula gets one more, so whoever reads the file with a program
    has the text back by taking one apostrophe away where a cell begins with apostrophes and then like a formula.
    """
    return f"'{text}" if _LIKE_A_FORMULA.match(text) else text


def _cells(shown: dict[str, Any], fields: Iterable[str]) -> list[str]:
    values = [shown[name] for name in fields]
    return [value["amount"] if isinstance(value, dict) else cell(value or "") for value in values]


def _changes(user_id: str, item: dict[str, Any]) -> dict[str, int]:
    changes = ledger.balance_changes(user_id, [(account, cents) for account, cents in item["postings"]])
    return {**changes, "owed": -changes["receivable"]}
