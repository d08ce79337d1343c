"""What may be paid in and out at once and on a day, by effective date. Rules only: no I/O, no clock.

A payment is measured by the limits of the Nairobi date on which it was asked for.
"""

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from betsafi.errors import DomainError, InvalidAmount
from betsafi.languages import Both
from betsafi.money import format_amount, money_in
from payment import wording
from payment.errors import AccountNotActive, AmountOutOfRange, DailyLimitReached, PromptTooSoon
from payment.taxes import DepositSplit, NoTariff, WithdrawalSplit, split_deposit, split_withdrawal, tariff_on


@dataclass(frozen=True)
class Limits:
    """In cents; those of a withdrawal are on what M-Pesa pays.

    `payout_day_cents` is the most that one player may take out of the wallet on a day in Nairobi; a withdrawal of
    `payout_review_cents` or more waits for an administrator.
    """

    since: date
    deposit_min_cents: int = 1_00
    deposit_max_cents: int = 250_000_00
    payout_min_cents: int = 10_00
    payout_max_cents: int = 250_000_00
    payout_day_cents: int = 500_000_00
    payout_review_cents: int = 70_000_00


LIMITS = (Limits(date(2023, 7, 1)),)
"""Oldest first. A change is a new row, never an edited one."""


@dataclass(frozen=True)
class Form:
    """What is taken of a kind of payment now: the `least` and the `most` cents; without a most nothing is, for the
    reason of the `refusal`. `waiting` is the payment of the kind that is under way, `phone` the player's number."""

    least: int
    most: int | None
    refusal: DomainError | None
    waiting: dict[str, Any] | None
    phone: str = field(repr=False)


@dataclass(frozen=True)
class DepositForm(Form):
    """With the player's limits (name, cents, cents left, end of the window), when the next prompt may be asked for, and
    how an amount would be split, if one was given."""

    limits: list[tuple[str, int, int, str]]
    prompt_at: str | None
    split: DepositSplit | None


@dataclass(frozen=True)
class WithdrawalForm(Form):
    """With what may be withdrawn today, what of it is left, and how an amount would be split, if one was given."""

    day_cents: int
    left_cents: int
    split: WithdrawalSplit | None


def limits_on(day: date) -> Limits:
    """Return the limits in force on a day in Nairobi. Raises NoTariff before the first."""
    in_force = [limits for limits in LIMITS if limits.since <= day]
    if not in_force:
        raise NoTariff(f"no limits are known for {day}")
    return in_force[-1]


def deposit_amount(arguments: dict[str, Any], day: date) -> tuple[int, DepositSplit]:
    """Return a deposit's cents, whole shillings, and their split. Raises InvalidAmount, AmountOutOfRange."""
    amount, split = deposit_split(arguments, day)
    lowest, highest, refusal = deposit_caps(day)
    if not lowest <= amount <= highest:
        raise refusal
    return amount, split


def deposit_split(arguments: dict[str, Any], day: date) -> tuple[int, DepositSplit]:
    """Return an amount's cents, whole shillings, and how a deposit of it is split. Raises InvalidAmount."""
    amount = money_in(arguments["amount"])
    if amount % 100:
        raise InvalidAmount(wording.WHOLE_SHILLINGS)
    return amount, split_deposit(amount, tariff_on(day))


def withdrawal_amount(arguments: dict[str, Any], day: date) -> tuple[int, WithdrawalSplit]:
    """Return a withdrawal's cents, as taken from the wallet, and their split. Raises as `deposit_amount`."""
    amount, split = withdrawal_split(arguments, day)
    limits = limits_on(day)
    if not limits.payout_min_cents <= split.paid_cents <= limits.payout_max_cents:
        raise withdrawal_caps(day)[2]
    return amount, split


def withdrawal_split(arguments: dict[str, Any], day: date) -> tuple[int, WithdrawalSplit]:
    """Return an amount's cents, and how a withdrawal of it is split. Raises InvalidAmount."""
    amount = money_in(arguments["amount"])
    return amount, split_withdrawal(amount, tariff_on(day))


def _out_of_range(said: Callable[[str, str], Both], lowest: int, highest: int) -> AmountOutOfRange:
    minimum, maximum = format_amount(lowest), format_amount(highest)
    return AmountOutOfRange(said(minimum, maximum), min=minimum, max=maximum)


def check_may_deposit(status: str | None) -> None:
    """Raise AccountNotActive for a player or a wallet that takes no money; one that is not opened yet (None) does."""
    if status not in ("ACTIVE", None):
        raise AccountNotActive(wording.may_not_deposit(status))


def daily_limit_reached(most: int, withdrawn: int, ends: str) -> DailyLimitReached:
    """Return the refusal of a withdrawal that does not fit into the day, which ends at a stamp."""
    limit, left = format_amount(most), format_amount(max(0, most - withdrawn))
    return DailyLimitReached(wording.daily_limit(limit, left), limit=limit, left=left, ends=ends)


def deposit_caps(day: date) -> tuple[int, int, AmountOutOfRange]:
    """Return the least and the most of a deposit, in cents, and how other amounts are refused."""
    limits = limits_on(day)
    lowest, highest = limits.deposit_min_cents, limits.deposit_max_cents
    return lowest, highest, _out_of_range(wording.deposit_range, lowest, highest)


def withdrawal_caps(day: date) -> tuple[int, int, AmountOutOfRange]:
    """Return the least and the most that leaves the wallet with a withdrawal, and how other amounts are refused.

    What M-Pesa pays of an amount grows with it, so both are found by the split itself.
    """
    limits, tariff = limits_on(day), tariff_on(day)
    lowest, highest = limits.payout_min_cents, limits.payout_max_cents

    def paid(cents: int) -> int:
        return split_withdrawal(cents, tariff).paid_cents

    amounts = range(10 * highest)  # no tax takes nine tenths
    least, above = (bisect_left(amounts, wanted, key=paid) for wanted in (lowest, highest + 1))
    return least, above - 1, _out_of_range(wording.payout_range, least, above - 1)


def prompt_too_soon(seconds: int) -> PromptTooSoon:
    """Return the refusal of a prompt right after another one."""
    return PromptTooSoon(wording.prompt_too_soon(seconds), seconds=seconds)
