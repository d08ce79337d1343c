"""A player's activity by day, week or month: stakes, winnings, payments, taxes and time. No I/O."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from betsafi import clock
from betsafi.money import money_out
from wallet import wording
from wallet.rules import figures
from wallet.rules.figures import Figures
from wallet.rules.statement import MOST_ENTRIES, StatementTooLong


def summary(items: Iterable[Mapping[str, Any]], by: str) -> list[dict[str, Any]]:
    """Return entries, oldest first, as GraphQL's `Activity` for each DAY, WEEK or MONTH in which something happened.

    Raises StatementTooLong.
    """
    sums: dict[date, Figures] = defaultdict(Figures)
    placed: dict[date, list[datetime]] = defaultdict(list)
    for n, item in enumerate(items):
        if n >= MOST_ENTRIES:
            raise StatementTooLong(wording.too_many_entries(MOST_ENTRIES), most=MOST_ENTRIES)
        period = figures.period_of(figures.day_of(item["at"]), by)
        sums[period] += figures.figures(item)
        if item["entry_kind"] == "HOLD" and item["hold"]["kind"] == "BET":
            placed[period].append(clock.parse_stamp(item["at"]))
    return [_present(period, sums[period], placed[period]) for period in sorted(sums)]


def _present(first: date, of: Figures, placed: list[datetime]) -> dict[str, Any]:
    return {
        "from": first.isoformat(),
        "bets": len(placed),
        "staked": money_out(of.staked),
        "won": money_out(of.won),
        "net": money_out(of.won - of.staked),
        "deposited": money_out(of.deposited),
        "withdrawn": money_out(of.withdrawn),
        "taxes": money_out(of.excise + of.withholding),
        "minutes": round(figures.playing(placed).total_seconds() / 60),
    }
