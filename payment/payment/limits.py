"""What may be paid in and out at once and on a day, by effective date. Rules only: no I/O, no clock.

A payment is measured by the limits of the Nairobi date on which it was asked for.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from betsafi.errors import InvalidAmount
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


def limits_on(day: date) -> Limits:
    """Return the limits in force on a day in Nairobi. Raises NoTariff before the first."""
    in_force = [limits for limits in LIMITS if limits.since <= day]
    if not in_force:
        raise NoTariff(f"no limits are known for {day}")
    return in_force[-1]


def deposit_amount(arguments: dict[str, Any], day: date) -> tuple[int, DepositSplit]:
    """Return a deposit's cents, whole shillings, and their split. Raises InvalidAmount, AmountOutOfRange."""
    amount = money_in(arguments["amount"])
    if amount % 100:
        raise InvalidAmount(wording.WHOLE_SHILLINGS)
    limits = limits_on(day)
    _check_range(amount, limits.deposit_min_cents, limits.deposit_max_cents, wording.deposit_range)
    return amount, split_deposit(amount, tariff_on(day))


def withdrawal_amount(arguments: dict[str, Any], day: date) -> tuple[int, WithdrawalSplit]:
    """Return a withdrawal's cents, as taken from the wallet, and their split. Raises as `deposit_amount`."""
    amount = money_in(arguments["amount"])
    limits, split = limits_on(day), split_withdrawal(amount, tariff_on(day))
    _check_range(split.paid_cents, limits.payout_min_cents, limits.payout_max_cents, wording.payout_range)
    return amount, split


def _check_range(cents: int, lowest: int, highest: int, said: Callable[[str, str], Both]) -> None:
    if not lowest <= cents <= highest:
        minimum, maximum = format_amount(lowest), format_amount(highest)
        raise AmountOutOfRange(said(minimum, maximum), min=minimum, max=maximum)


def check_may_deposit(status: str | None) -> None:
    """Raise AccountNotActive for a player or a wallet that takes no money; one that is not opened yet (None) does."""
    if status not in ("ACTIVE", None):
        raise AccountNotActive(wording.may_not_deposit(status))


def daily_limit_reached(most: int, withdrawn: int) -> DailyLimitReached:
    """Return the refusal of a withdrawal that does not fit into the day."""
    limit, left = format_amount(most), format_amount(max(0, most - withdrawn))
    return DailyLimitReached(wording.daily_limit(limit, left), limit=limit, left=left)


def prompt_too_soon(seconds: int) -> PromptTooSoon:
    """Return the refusal of a prompt right after another one."""
    return PromptTooSoon(wording.prompt_too_soon(seconds), seconds=seconds)
