"""A deposit, step by step. Every step is one conditional write, and may be cut off after any line: the callback and the
follow-ups finish what is left. A prompt is never sent twice for one deposit.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from betsafi import clock, ids, side_by_side
from betsafi.dynamodb import Item
from betsafi.languages import Language
from betsafi.telemetry import logger, misconfigured
from payment import callbacks, limits, models, numbers, users_api, wallet_api, wording
from payment.callbacks import Delivery
from payment.errors import DepositsUnavailable
from payment.flows import paybill, protecting, results
from payment.models import PaybillPayment
from payment.providers.base import Outcome, Submission, Told, Verdict
from payment.providers.chosen import STANDARD, provider_at, provider_of
from payment.settings import settings
from payment.states import DEPOSIT
from payment.stores import channel, creation, moves, payments, quarantine


def request(user_id: str, arguments: dict[str, Any], sign_in_id: str, language: Language = "en") -> Item:
    """Return the deposit of this request id: the one made before, or a new one that has been sent to the phone.
    `sign_in_id` is whom the user pool knows the caller as, `language` the one to tell of it in.

    Raises InvalidInput and its kind, IdempotencyKeyReused, AccountNotActive, DepositsUnavailable, PromptTooSoon,
    PlayerStopped, DepositLimitReached, Unavailable (Cognito, users or the wallet did not answer); then nothing was
    written and nothing sent.
    """
    request_id = ids.request_id(arguments["clientRequestId"])
    payment_id = ids.derive_id("payment", "deposit", user_id, request_id)
    amount, split = limits.deposit_amount(arguments, clock.now().astimezone(clock.NAIROBI).date())
    fingerprint = ids.fingerprint({"kind": DEPOSIT, "amount": amount})
    looked, lacking, account, contact, wallet = side_by_side.ask(
        partial(creation.look, payment_id, user_id),
        partial(STANDARD.lacking, DEPOSIT),
        partial(users_api.check_account, sign_in_id),
        partial(users_api.contact, user_id),
        partial(wallet_api.status, user_id),
    )
    before: creation.Seen = looked.result()
    if before.standing is not None:
        return models.same_request(before.standing, fingerprint)
    url = _callback_url(payment_id, before.direction, lacking.result)
    account.result()
    phone = contact.result().phone
    limits.check_may_deposit(wallet.result())
    given = {
        "amount_cents": amount,
        "credit_cents": split.credit_cents,
        "excise_cents": split.excise_cents,
        "phone": numbers.masked(phone),
        **models.told_in(language),
    }
    try:
        payment, new = creation.new_deposit(payment_id, user_id, fingerprint, given, before)
    except creation.Protected as protected:
        raise protected.refusal from protected
    except creation.PromptPaused as pause:
        raise limits.prompt_too_soon(pause.seconds) from pause
    return _prompt(payment, phone, url) if new else models.same_request(payment, fingerprint)


def check_open(payment_id: str) -> None:
    """Raise DepositsUnavailable where none can be made now, by whomever."""
    _callback_url(payment_id, channel.direction(DEPOSIT), partial(STANDARD.lacking, DEPOSIT))


def _callback_url(payment_id: str, direction: channel.Direction, lacking: Callable[[], list[str]]) -> str:
    if not direction.open:
        raise DepositsUnavailable(direction.banner or wording.CLOSED[DEPOSIT])
    if fields := lacking():
        misconfigured("M-Pesa's secret", fields=fields, needed_for=DEPOSIT)
        raise DepositsUnavailable(wording.CLOSED[DEPOSIT])
    try:
        return STANDARD.callback_url(callbacks.STK, payment_id)
    except callbacks.BadCallbackUrl as error:
        misconfigured("CALLBACK_BASE_URL", problem=str(error), needed_for=DEPOSIT)
        raise DepositsUnavailable(wording.CLOSED[DEPOSIT]) from error


def _prompt(payment: Item, phone: str, callback_url: str) -> Item:
    """Send the one prompt of a new deposit and write down what became of it."""
    orders = provider_of(payment).orders()
    push = orders.push(phone, payment["amount_cents"] // 100, payment["reference"], callback_url)
    if push.submitted.fate is Submission.ACCEPTED:
        moment = clock.now()
        over = moment + timedelta(seconds=settings.query_grace_seconds)
        sent: dict[str, Any] = {"checkout_request_id": push.prompt_id, "submitted_at": clock.stamp(moment)}
        sent["expires_at"] = clock.stamp(over)
        return moves.move(payment, "SUBMITTED", **sent)
    if push.submitted.fate is Submission.UNKNOWN:
        return moves.move(payment, "SUBMIT_UNKNOWN", reason=push.submitted.reason)
    if push.submitted.reason == "CONFIGURATION":
        payments.needs_operator(payment, "CONFIGURATION")
    return protecting.fail(payment, reason=push.submitted.reason)


def take_callback(delivery: Delivery) -> None:
    """Move the deposit that a signed STK callback is about, once; quarantine what cannot be believed."""
    found = results.read(delivery, DEPOSIT, provider_at(delivery.kind).read_push)
    if found is None:
        return
    payment, told = found
    if payment.get("checkout_request_id", told.order_id) != told.order_id:
        quarantine.keep(delivery, "OTHER_CHECKOUT_REQUEST", told.facts)
    elif not callbacks.is_listed(delivery.source, settings.source_addresses):
        # Not believed, only counted (and archived): the follow-ups ask M-Pesa itself.
        logger.info("left to the query", payment_id=payment["payment_id"])
    elif told.is_paid and told.amount_cents != payment["amount_cents"]:
        moves.dispute(payment)
        quarantine.keep(delivery, "OTHER_AMOUNT", told.facts)
    elif told.is_paid and told.receipt is None:
        quarantine.keep(delivery, "NO_RECEIPT", told.facts)
    else:
        _believe(delivery, payment, told)


def _believe(delivery: Delivery, payment: Item, told: Told) -> None:
    """Move a deposit as a believed callback says; a second receipt for one prompt is looked for at M-Pesa first."""
    assert told.verdict is not None
    try:
        apply(payment, told.verdict, told.receipt, checkout_request_id=told.order_id)
    except moves.Conflicting as conflict:
        if conflict.reason == "SECOND_RECEIPT" and told.receipt is not None and told.amount_cents is not None:
            account = payment["reference"][:8]
            paybill.receive(PaybillPayment(told.receipt, told.amount_cents, account))
        else:
            quarantine.keep(delivery, conflict.reason, told.facts)


def apply(payment: Item, verdict: Verdict, receipt: str | None, **changes: Any) -> Item:
    """Move a deposit as a result says; a success always wins. Raises Conflicting."""
    if verdict.alert:
        payments.needs_operator(payment, verdict.reason)
    if verdict.outcome is Outcome.PAID:
        return protecting.complete(payment, receipt, **changes)
    if verdict.outcome is Outcome.FAILED:
        return protecting.fail(payment, reason=verdict.reason, **changes)
    if verdict.outcome is Outcome.UNKNOWN and payment["status"] != "UNKNOWN":
        return moves.move(payment, "UNKNOWN", reason=verdict.reason, **changes)
    return payment


def follow_up(payment: Item) -> Item:
    """Ask how an unfinished deposit stands; return it as it stands afterwards.

    Without a CheckoutRequestID there is nothing to ask by, and a query shows nothing of a disputed amount: callbacks,
    confirmations and pulls still can. A failure is believed when the push is old enough, because the query reports some
    too early.
    """
    if payment["status"] == "REQUESTED":
        return moves.move(payment, "SUBMIT_UNKNOWN", reason="SUBMIT_UNKNOWN")
    if "checkout_request_id" not in payment or "disputed" in payment:
        return payment
    verdict = provider_of(payment).orders().ask_push(payment["checkout_request_id"])
    asked_since = clock.parse_stamp(payment.get("submitted_at") or payment["at"])
    young = (clock.now() - asked_since).total_seconds() < settings.query_grace_seconds
    if verdict.outcome is Outcome.FAILED and young:
        return payment
    return apply(payment, verdict, None)


def give_up(payment: Item) -> Item:
    """End a deposit whose outcome nobody knows, if M-Pesa's own list of payments has nothing of it.

    The prompt is long gone by now; a success that comes later all the same still wins.
    """
    if payment["status"] not in ("SUBMIT_UNKNOWN", "UNKNOWN") or not paybill.was_pulled(payment):
        return payment
    return protecting.fail(payment, only_from=payment["status"], reason="NOT_PAID")
