"""Deposits in the limits of their players, and money that comes from somebody who is stopped: it goes back."""

from typing import Any

from betsafi import clock
from betsafi.dynamodb import Item
from betsafi.errors import Contention
from betsafi.protection import stop_of
from betsafi.telemetry import count, logger
from payment import wording
from payment.stores import creation, moves, payments, protection
from payment.taxes import split_deposit, tariff_on

_TRIES = 5
_NOT_FAILED = ("REQUESTED", "SUBMITTED", "SUBMIT_UNKNOWN", "UNKNOWN")


def fail(deposit: Item, **changes: Any) -> Item:
    """End a deposit as FAILED, which takes it out of its player's limits; return it as it stands."""
    counted = [protection.count_again(deposit, -1)] if "counters" in deposit else []
    return moves.move(deposit, "FAILED", *counted, **changes)


def complete(deposit: Item, receipt: str | None, **changes: Any) -> Item:
    """Complete a deposit as `moves.complete` does; one that had failed counts in its player's limits again.

    Raises Conflicting.
    """
    for _ in range(_TRIES):
        failed = deposit["status"] == "FAILED"
        counted = [protection.count_again(deposit)] if failed and "counters" in deposit else []
        try:
            return moves.complete(deposit, receipt, *counted, only_from="FAILED" if failed else _NOT_FAILED, **changes)
        except moves.Conflicting as conflict:
            if conflict.reason != "PAID_AFTER_FAILED" or failed:
                raise
            deposit = payments.present(deposit)  # it failed at this moment
    raise Contention(wording.BUSY)


def take(payment: Item, **changes: Any) -> None:
    """Credit what a player paid by hand, and count it; where they are stopped it is not credited, but goes back.

    Which of both holds under the condition that writes it. Raises ReceiptTaken.
    """
    user_id, amount = changes["user_id"], changes["amount_cents"]
    for attempt in range(_TRIES):
        moment = clock.now()
        stopped = stop_of(protection.find(user_id), moment)
        try:
            if stopped:
                creation.refund(payment, changes)  # without a person: the follow-ups of its reversal ask M-Pesa
                count("PaybillReturned")
                logger.info("paid by a player who is stopped: it goes back", payment_id=payment["payment_id"])
            else:
                given = {**changes, **split(amount)}
                moves.book(payment, "COMPLETED", protection.count_paid(user_id, amount, moment), **given)
            return
        except moves.GuardFailed:
            clock.sleep_with_jitter(attempt)  # it was stopped, or the stop ended, at this moment
    raise Contention(wording.BUSY)


def split(amount_cents: int) -> dict[str, int]:
    """Return what of a payment by hand is the player's and what is excise, by today's tariff."""
    split = split_deposit(amount_cents, tariff_on(clock.now().astimezone(clock.NAIROBI).date()))
    return {"credit_cents": split.credit_cents, "excise_cents": split.excise_cents}
