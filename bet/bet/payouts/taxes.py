"""What the law takes from a bet itself, by effective date. Rules only: no I/O, no clock.

Since July 2025 that is nothing: excise is taken from deposits and withholding tax from withdrawals, which are payment's
(`payment/payment/taxes.py`). A bet is taxed by the tariff of the Nairobi day on which it was placed.
"""

from dataclasses import dataclass
from datetime import date

from betsafi.money import share


class NoTariff(LookupError):
    """The date lies before the first tariff that is known."""


@dataclass(frozen=True)
class Tariff:
    """Rates in basis points (5 % = 500): of the stake, and of what is paid above it."""

    since: date
    stake_bp: int
    winnings_bp: int


TARIFFS = (
    # Finance Act 2025; before it, excise was a part of the stake, withholding of the winnings. Ask counsel each July.
    Tariff(date(2025, 7, 1), stake_bp=0, winnings_bp=0),
)
"""Oldest first. A change of law is a new row, never an edited one; bet's README says what a rate above 0 needs."""


def tariff_on(day: date) -> Tariff:
    """Return the tariff in force on a day in Nairobi. Raises NoTariff before the first."""
    in_force = [tariff for tariff in TARIFFS if tariff.since <= day]
    if not in_force:
        raise NoTariff(f"no tariff is known for {day}")
    return in_force[-1]


def tax_cents(stake_cents: int, payout_cents: int, outcome: str, tariff: Tariff) -> int:
    """Return what is taken from the stake and from what is paid above it, each floored to the cent; of VOID nothing."""
    if outcome == "VOID":
        return 0
    return share(stake_cents, tariff.stake_bp) + share(max(payout_cents - stake_cents, 0), tariff.winnings_bp)
