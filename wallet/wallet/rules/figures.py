"""What an entry of the ledger is of stakes, winnings, payments and taxes: for players' summaries and the authorities.

Every figure is the change that this one entry made, so a correction is an entry with a difference, and sums over any
entries are right. No I/O.
"""

from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any

from betsafi import clock
from wallet.rules.ledger import BONUS, EXCISE, WITHHOLDING
from wallet.rules.sessions import IDLE_SECONDS

_RESULTS = ("SETTLEMENT", "CASH_OUT", "REOPENING")
_PAID_IN = ("DEPOSIT", "ASSIGNMENT", "REVERSAL")
SHORTEST_SESSION = timedelta(minutes=1)


@dataclass(frozen=True)
class Figures:
    """Cents. `staked`: bets taken, less what was given back before a result. `settled`: stakes that results decided.
    `won`: what results paid, stake included. `deposited` and `withdrawn`: taxes included. `remitted`: taxes that were
    paid to the authority.
    """

    staked: int = 0
    settled: int = 0
    won: int = 0
    deposited: int = 0
    withdrawn: int = 0
    excise: int = 0
    withholding: int = 0
    bonus: int = 0
    remitted: int = 0

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(*(mine + theirs for mine, theirs in zip(astuple(self), astuple(other), strict=True)))

    def __bool__(self) -> bool:
        return any(astuple(self))

    @property
    def gross_revenue(self) -> int:
        """What the house keeps of decided stakes."""
        return self.settled - self.won

    def named(self) -> dict[str, int]:
        """Return the figures that are not zero, by name."""
        return {one.name: getattr(self, one.name) for one in fields(self) if getattr(self, one.name)}


def figures(item: Mapping[str, Any]) -> Figures:
    """Return what one entry is of each figure; nothing where it is of none."""
    kind, is_bet = item["entry_kind"], item.get("hold", {}).get("kind") == "BET"
    spendable, held = _of_players(item, ":available", ":receivable"), _of_players(item, ":held")
    excise, withholding = _of(item, EXCISE), _of(item, WITHHOLDING)
    if kind in ("HOLD", "RELEASE"):
        return Figures(staked=held if is_bet else 0)
    if kind in _RESULTS:
        return Figures(settled=-held, won=spendable)
    if kind in _PAID_IN:
        return Figures(deposited=spendable + held + excise, excise=excise)
    if kind == "PAYOUT":
        return Figures(withdrawn=-held - spendable, withholding=withholding)
    if kind == "TAX_REMITTANCE":
        return Figures(remitted=-excise - withholding)
    return Figures(bonus=-_of(item, BONUS))


def total(entries: Iterable[Figures]) -> Figures:
    """Return the sum."""
    return sum(entries, Figures())


def day_of(stamp: str) -> date:
    """Return the day in Nairobi of a moment."""
    return clock.parse_stamp(stamp).astimezone(clock.NAIROBI).date()


def period_of(day: date, by: str) -> date:
    """Return the first day of the DAY, WEEK (from Monday) or MONTH that a day is in."""
    if by == "MONTH":
        return day.replace(day=1)
    return day - timedelta(days=day.weekday()) if by == "WEEK" else day


def playing(placed: Iterable[datetime]) -> timedelta:
    """Return for how long somebody played who placed bets at these moments, in order.

    Bets less than half an hour apart are one session (`sessions.IDLE_SECONDS`), from the first to the last; it lasts
    for a minute at least.
    Time that was spent only looking is not known.
    """
    spent, began, last = timedelta(), None, None
    for moment in placed:
        if began is None or last is None or moment - last >= timedelta(seconds=IDLE_SECONDS):
            spent += max(last - began, SHORTEST_SESSION) if began and last else timedelta()
            began = moment
        last = moment
    return spent + (max(last - began, SHORTEST_SESSION) if began and last else timedelta())


def _of(item: Mapping[str, Any], account: str) -> int:
    return sum(int(cents) for name, cents in item["postings"] if name == account)


def _of_players(item: Mapping[str, Any], *parts: str) -> int:
    named = (int(cents) for name, cents in item["postings"] if name.startswith("user:") and name.endswith(parts))
    return sum(named)
