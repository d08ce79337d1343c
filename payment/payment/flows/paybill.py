"""Money that customers pay to our paybill by hand, as confirmations and pulls report it: each receipt is credited once.

The account number that the payer typed says whose money it is. A prompt's reference leads to its deposit, which gets
the receipt and is not credited again; a number that is nobody's goes to suspense and to support's queue. Confirmations
come to one address for ever, so one from an address that is not M-Pesa's is believed only when a pull has the same.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Literal

from typing_extensions import TypedDict

from betsafi import clock
from betsafi.dynamodb import Item
from betsafi.errors import Unavailable
from betsafi.languages import Language
from betsafi.protection import PlayerStopped
from betsafi.service_client import Refused
from betsafi.telemetry import count, logger
from payment import limits, numbers, protection, queue, wallet_api, wording
from payment.callbacks import Delivery
from payment.errors import AccountNotActive, DepositsUnavailable
from payment.flows import protecting
from payment.models import PaybillPayment
from payment.providers.base import Unreadable
from payment.providers.mpesa import bodies
from payment.providers.mpesa.credentials import credentials
from payment.settings import settings
from payment.states import DEPOSIT
from payment.stores import channel, creation, moves, payments, players, quarantine
from payment.stores import protection as protections

LISTED_AFTER = timedelta(minutes=30)
"""After which time a payment is surely on M-Pesa's list."""


class Validated(TypedDict):
    """What M-Pesa is answered that asks whether a payment is taken."""

    ResultCode: Literal["0", "C2B00012", "C2B00013", "C2B00015", "C2B00016"]
    ResultDesc: Literal["Accepted", "Rejected"]


_ACCEPT: Validated = {"ResultCode": "0", "ResultDesc": "Accepted"}


# -- before it is paid


def validate(delivery: Delivery) -> Validated:
    """Return M-Pesa's answer to a payment about to be made: refused in time, it need not be returned.

    Refused are an account number that is nobody's (C2B00012), a wallet that is not active or a player who is stopped
    (C2B00016), an amount beyond our limits or the player's own (C2B00013), another shortcode (C2B00015), and everything
    while deposits are closed. Nothing is written.
    """
    try:
        paid = bodies.parse_paybill(delivery.body)
    except Unreadable:
        return reject("C2B00016")
    number, _ = numbers.parse(paid.account)
    user_id = players.player_of(number) if number else None
    limit = limits.limits_on(_today())
    if paid.shortcode != credentials().shortcode:
        return reject("C2B00015")
    if not channel.direction(DEPOSIT).open:
        return reject("C2B00016")
    if user_id is None:
        return reject("C2B00012")
    if not limit.deposit_min_cents <= paid.amount_cents <= limit.deposit_max_cents:
        return reject("C2B00013")
    if refusal := protection.why_not(protections.find(user_id), paid.amount_cents, clock.now()):
        return reject("C2B00016" if isinstance(refusal, PlayerStopped | AccountNotActive) else "C2B00013")
    try:
        status = wallet_api.status(user_id)
    except (Refused, Unavailable):
        logger.warning("a paybill payment could not be checked")
        return reject("C2B00016")
    # A wallet that is not opened yet opens in a moment.
    return _ACCEPT if status in (None, "ACTIVE") else reject("C2B00016")


def reject(code: Literal["C2B00012", "C2B00013", "C2B00015", "C2B00016"]) -> Validated:
    """Return M-Pesa's answer for a payment that we do not take, and count it."""
    count("PaybillRejected", reason=code)
    return {"ResultCode": code, "ResultDesc": "Rejected"}


# -- when it is paid


def take_confirmation(delivery: Delivery) -> None:
    """Book a confirmed payment once; from an address that is not M-Pesa's, only after a pull has it."""
    try:
        paid = bodies.parse_paybill(delivery.body)
    except Unreadable:
        quarantine.keep(delivery, "UNREADABLE", {})
        return
    if paid.shortcode != credentials().shortcode or delivery.payment_id != paid.shortcode:
        facts = {"receipt": paid.receipt, "amount_cents": paid.amount_cents, "shortcode": paid.shortcode[:10]}
        quarantine.keep(delivery, "OTHER_SHORTCODE", facts)
    elif delivery.source in settings.source_addresses:
        book(paid)
    else:
        receive(paid)


def receive(paid: PaybillPayment) -> None:
    """Write down a payment that somebody reported to us; the follow-ups look for it at M-Pesa itself."""
    if payments.payment_of(paid.receipt) is None:
        standing = creation.receive(paid)
        if (standing["amount_cents"], standing["account"]) != (paid.amount_cents, paid.account):
            count("CallbackQuarantined")
            logger.warning("a receipt was reported with another amount or account", payment_id=standing["payment_id"])


def book(paid: PaybillPayment) -> bool:
    """Credit a payment that M-Pesa itself vouches for, once; return whether it was new to us."""
    if payments.payment_of(paid.receipt) is not None:
        return False
    number, reference = numbers.parse(paid.account)
    deposit = players.prompt_of(reference) if reference else None
    if deposit is not None and deposit["amount_cents"] == paid.amount_cents:
        try:
            protecting.complete(deposit, paid.receipt)
            return True
        except moves.Conflicting:
            logger.warning("a prompt was paid twice", payment_id=deposit["payment_id"])
    _credit(paid, players.player_of(number) if number else None)
    return True


def _credit(paid: PaybillPayment, user_id: str | None) -> None:
    """Credit a player, or put into suspense what is nobody's: what M-Pesa vouches for, whatever was reported before."""
    payment = creation.receive(paid)
    vouched = {"amount_cents": paid.amount_cents, "account": paid.account, "phone": paid.phone}
    if user_id is None:
        count("PaybillSuspense")
        _book(payment, lambda: moves.book(payment, "SUSPENSE", **vouched))
        return
    owner = {"user_id": user_id, "owner": f"USER#{user_id}"}
    _book(payment, lambda: protecting.take(payment, **vouched, **owner))


def _book(payment: Item, take: Callable[[], object]) -> None:
    """Take in what M-Pesa vouches for; a payment whose receipt another one has (a prompt's) is MERGED into it."""
    try:
        take()
    except moves.ReceiptTaken as taken:
        moves.move(payment, "MERGED", merged_into=taken.payment_id)


def follow_up(payment: Item) -> Item:
    """Ask for a pull, which books a payment that nobody vouched for if M-Pesa itself has it, with the same account.

    A pull and not a status query: that one shows receipt and amount, but not whose account number the payer typed.
    """
    if (owner := payments.payment_of(payment["told_receipt"])) not in (None, payment["payment_id"]):
        return moves.move(payment, "MERGED", merged_into=owner)
    if channel.claim_pull(int(clock.now().timestamp()), settings.pull_pause_seconds):
        queue.send_message({"pull": "new"})
    return payment


def give_up(payment: Item) -> Item:
    """End what M-Pesa's list has nothing of. A pull that finds it later still wins."""
    return moves.move(payment, "FAILED", reason="NOT_CONFIRMED") if was_pulled(payment) else payment


def was_pulled(payment: Item) -> bool:
    """Return whether M-Pesa's list of payments was read to its end from before this one until well after it."""
    since, until = channel.pulled()
    begun = clock.parse_stamp(payment["at"])
    return since <= clock.stamp(begun - LISTED_AFTER) and clock.stamp(begun + LISTED_AFTER) <= until


# -- what players ask


def instructions(user_id: str, language: Language) -> dict[str, Any]:
    """Return how a player pays by hand: the business number and their account number. Raises DepositsUnavailable."""
    ours, number = credentials(), players.number_of(user_id)
    if not ours.shortcode:
        raise DepositsUnavailable(wording.PAYBILL_CLOSED)
    return {
        "businessNumber": ours.shortcode,
        "accountNumber": number,
        "message": wording.pay_by_hand(ours.shortcode, number).said(language),
    }


def _today() -> Any:
    return clock.now().astimezone(clock.NAIROBI).date()
