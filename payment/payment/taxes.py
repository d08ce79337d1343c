"""Taxes by effective date, and how an amount is split under them. Rules only: no I/O, no clock.

A payment is taxed by the tariff of the Nairobi date on which it was asked for, and keeps that split for ever.
"""

from dataclasses import dataclass
from datetime import date

from betsafi.money import share


class NoTariff(LookupError):
    """The date lies before the first tariff that is known."""


@dataclass(frozen=True)
class Tariff:
    """Rates in basis points (5 % = 500)."""

    since: date
    excise_bp: int
    withholding_bp: int


TARIFFS = (
    # Finance Act 2023: excise on the stake and withholding on winnings; moving money was not taxed.
    Tariff(date(2023, 7, 1), excise_bp=0, withholding_bp=0),
    # Finance Act 2025: excise on the deposit, withholding on the whole withdrawal. Ask counsel before each July.
    Tariff(date(2025, 7, 1), excise_bp=500, withholding_bp=500),
)
"""Oldest first. A change of law is a new row, never an edited one."""


@dataclass(frozen=True)
class DepositSplit:
    """amount = credit + excise, exactly, in cents."""

    credit_cents: int
    excise_cents: int


@dataclass(frozen=True)
class WithdrawalSplit:
    """amount = paid + withholding + remainder, exactly, in cents; paid is whole shillings, remainder below one."""

    paid_cents: int
    withholding_cents: int
    remainder_cents: int


def tariff_on(day: date) -> Tariff:
    """Return the tariff in force on a day in Nairobi. Raises NoTariff before the first."""
    in_force = [tariff for tariff in TARIFFS if tariff.since <= day]
    if not in_force:
        raise NoTariff(f"no tariff is known for {day}")
    return in_force[-1]


def split_deposit(amount_cents: int, tariff: Tariff) -> DepositSplit:
    """Return what the player is credited and what is excise, floored to the cent."""
    excise = share(amount_cents, tariff.excise_bp)
    return DepositSplit(amount_cents - excise, excise)


def split_withdrawal(amount_cents: int, tariff: Tariff) -> WithdrawalSplit:
    """Return what M-Pesa pays (whole shillings), the tax on the amount held, and what goes back to the wallet."""
    withholding = share(amount_cents, tariff.withholding_bp)
    paid = (amount_cents - withholding) // 100 * 100
    return WithdrawalSplit(paid, withholding, amount_cents - withholding - paid)
