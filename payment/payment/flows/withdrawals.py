"""A withdrawal, step by step: hold, perhaps review, send, settle. Each step may be repeated, and the process may end
after any line: a follow-up goes on from the state that stands. M-Pesa is asked under one id until it confirms that it
did not pay, so it can never pay twice; the hold is released only on a listed terminal failure or by two people.
"""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

from betsafi import clock, ids
from betsafi.approval import Agreement
from betsafi.dynamodb import Item
from betsafi.errors import DomainError, Unavailable
from betsafi.fresh import signed_out_since
from betsafi.languages import Language
from betsafi.protection import window_ends
from betsafi.service_client import Refused
from betsafi.telemetry import logger, misconfigured
from payment import callbacks, limits, models, numbers, review, users_api, wallet_api, wording
from payment import protection as rules
from payment.callbacks import Delivery
from payment.errors import NotAllowedNow, WithdrawalsUnavailable
from payment.flows import results
from payment.providers.base import Told
from payment.providers.chosen import STANDARD, provider_at, provider_of
from payment.settings import settings
from payment.states import WITHDRAWAL
from payment.stores import channel, creation, moves, payments, players, protection, quarantine


def originator_id(payment: Item) -> str:
    """Return the OriginatorConversationID under which M-Pesa knows a withdrawal, until it is asked anew."""
    retries = payment.get("retries", 0)
    return ids.derive_id("originator", payment["payment_id"], *([str(retries)] if retries else []))


def request(
    user_id: str, arguments: dict[str, Any], sign_in_id: str, signed_in_at: int, is_there: Callable[[str], None],
    language: Language = "en",
) -> Item:  # fmt: skip
    """Return the withdrawal of this request id: the one made before, or a new one that is held, and sent or reviewed.
    `sign_in_id` is whom the user pool knows the caller as, `signed_in_at` since when (seconds); `is_there` raises
    unless they sit there now, for this id; `language` is the one to tell of it in.

    Raises InvalidInput and its kind, IdempotencyKeyReused, WithdrawalsUnavailable, AccountNotActive, DailyLimitReached,
    IdentityLimit, Unavailable (Cognito did not answer), and what the wallet refused with (INSUFFICIENT_FUNDS ...), or
    SIGNED_OUT. A wallet, users or M-Pesa that does not answer is no error: the withdrawal is returned as it stands and
    goes on by itself.
    """
    request_id = ids.request_id(arguments["clientRequestId"])
    payment_id = ids.derive_id("payment", "withdrawal", user_id, request_id)
    today = clock.now().astimezone(clock.NAIROBI).date()
    amount, split = limits.withdrawal_amount(arguments, today)
    fingerprint = ids.fingerprint({"kind": WITHDRAWAL, "amount": amount})
    if (standing := payments.find(payment_id)) is not None:
        return _first_answer(models.same_request(standing, fingerprint))
    check_open(payment_id)
    is_there(payment_id)
    users_api.check_account(sign_in_id)
    given = {
        "amount_cents": amount,
        "paid_cents": split.paid_cents,
        "withholding_cents": split.withholding_cents,
        "remainder_cents": split.remainder_cents,
        "signed_in_at": signed_in_at,
        **models.told_in(language),
    }
    most, refusal_of = day_cap(user_id, today)
    try:
        payment, new = creation.new_withdrawal(payment_id, user_id, fingerprint, given, today.isoformat(), most)
    except creation.DayFull as full:
        raise refusal_of(full.withdrawn_cents) from full
    if not new:
        return _first_answer(models.same_request(payment, fingerprint))
    try:
        payment, contact = _hold(payment)
        return _send(payment, contact) if payment["status"] == "HELD" else payment
    except Refused as refusal:
        return _refuse(payment, refusal)
    except Unavailable:
        logger.warning("withdrawal goes on by follow-up", payment_id=payment_id)
        return payment


def _refuse(payment: Item, refusal: Refused) -> Item:
    """End a withdrawal that the wallet refused, and raise the refusal; one that somebody else got further goes on.

    First it is decided here that nothing will be paid, and only then the wallet gives back what an earlier call, whose
    answer was lost, may have held or may hold yet; should that call fail, the WithdrawalRefused event does it.
    """
    decided = results.refuse(payment, refusal)
    if decided["status"] != "REFUSED":
        return decided
    try:
        wallet_api.release(payment["user_id"], payment["payment_id"], refusal.code)
    except (Refused, Unavailable):
        logger.warning("release left to the event", payment_id=payment["payment_id"])
    raise refusal


def _first_answer(payment: Item) -> Item:
    if payment["status"] == "REFUSED":
        raise Refused(409, payment["reason"], payment["refusal"], {}, payment.get("refusal_sw", ""))
    return payment


def day_cap(user_id: str, day: date) -> tuple[int, Callable[[int], DomainError]]:
    """Return the most cents that a player may withdraw on a day, and how more is refused once some are withdrawn."""
    most, allowed = limits.limits_on(day).payout_day_cents, rules.allowed(protection.find(user_id), "withdraw")
    ends = window_ends("day", datetime.combine(day, time(), clock.NAIROBI))
    if allowed is None or allowed >= most:
        return most, lambda withdrawn: limits.daily_limit_reached(most, withdrawn, ends)
    return allowed, lambda withdrawn: rules.identity_limit("withdraw", allowed, allowed - withdrawn, ends)


def check_open(payment_id: str) -> None:
    """Raise WithdrawalsUnavailable where none can be made now, by whomever."""
    if not (direction := channel.direction(WITHDRAWAL)).open:
        raise WithdrawalsUnavailable(direction.banner or wording.CLOSED[WITHDRAWAL])
    if lacking := STANDARD.lacking(WITHDRAWAL):
        misconfigured("M-Pesa's secret", fields=lacking, needed_for=WITHDRAWAL)
        raise WithdrawalsUnavailable(wording.CLOSED[WITHDRAWAL])
    try:
        STANDARD.callback_url(callbacks.PAYOUT, payment_id)
    except callbacks.BadCallbackUrl as error:
        misconfigured("CALLBACK_BASE_URL", problem=str(error), needed_for=WITHDRAWAL)
        raise WithdrawalsUnavailable(wording.CLOSED[WITHDRAWAL]) from error


def _hold(payment: Item) -> tuple[Item, users_api.Contact]:
    """Hold the amount in the wallet, under the withdrawal's id, and decide whether a person looks at it first; return
    it with how its player is reached.

    Raises Refused, also for a token of before its player had signed out, Unavailable (outcome unknown).
    """
    wallet_api.hold(payment["user_id"], payment["payment_id"], WITHDRAWAL, payment["amount_cents"])
    contact = _contact(payment)
    out_at = contact.signed_out_at
    if out_at <= payment["at"] and signed_out_since(payment.get("signed_in_at", 0), out_at):
        raise Refused(403, "SIGNED_OUT", wording.SIGNED_OUT, {})
    why = _review_reason(payment, contact.phone_changed_at)
    changes = {**_paid_to(contact), **({"reason": why} if why else {})}
    return moves.move(payment, "REVIEW" if why else "HELD", only_from="REQUESTED", **changes), contact


def _review_reason(payment: Item, changed_at: str) -> str:
    def is_first() -> bool:
        return settings.review_first_withdrawal and not players.was_paid_before(payment["user_id"])

    asked_on = clock.parse_stamp(payment["at"]).astimezone(clock.NAIROBI).date()
    phone_is_new = bool(changed_at) and players.paid_last(payment["user_id"]) < changed_at
    return review.review_reason(payment["amount_cents"], limits.limits_on(asked_on), is_first, phone_is_new)


def _contact(payment: Item) -> users_api.Contact:
    """Return how the player is reached. Raises Unavailable, also where users does not know them."""
    try:
        return users_api.contact(payment["user_id"])
    except Refused as refusal:
        raise Unavailable(wording.PHONE_UNKNOWN) from refusal


def _send(payment: Item, contact: users_api.Contact | None = None) -> Item:
    """Ask M-Pesa to pay, under the withdrawal's own id; whatever is not clear stays held and is followed up.

    While withdrawals are closed, or too many requests are on their way, it stays HELD and waits. Where the player has
    another number since it was asked for, or since somebody looked at it, somebody looks first.
    """
    if not channel.direction(WITHDRAWAL).open:
        return payment
    provider, payment_id, contact = provider_of(payment), payment["payment_id"], contact or _contact(payment)
    if payment["status"] == "HELD" and contact.phone_changed_at > (payment.get("reviewed_at") or payment["at"]):
        return moves.move(payment, "REVIEW", only_from="HELD", reason="PHONE_CHANGED", **_paid_to(contact))
    submitted = provider.orders().pay(
        originator_id(payment),
        contact.phone,
        payment["paid_cents"] // 100,
        provider.callback_url(callbacks.PAYOUT, payment_id),
        provider.callback_url(callbacks.TIMEOUT, payment_id),
        lambda: payments.stands(payment),
    )
    # What was taken before was taken with the number of then.
    return results.given(payment, submitted, **({} if submitted.reason == "DUPLICATE" else _paid_to(contact)))


def _paid_to(contact: users_api.Contact) -> dict[str, str]:
    return {"phone": numbers.masked(contact.phone)}


def take_result(delivery: Delivery) -> None:
    """Move the withdrawal that a signed B2C result is about, once; quarantine what cannot be believed."""
    _take(delivery, provider_at(delivery.kind).read_payout)


def take_status(delivery: Delivery) -> None:
    """Move the withdrawal as M-Pesa's answer to a status query says; an answer that knows nothing changes nothing."""
    _take(delivery, provider_at(delivery.kind).read_status)


def _take(delivery: Delivery, parse: Callable[[str], Told]) -> None:
    found = results.read(delivery, WITHDRAWAL, parse)
    if found is None:
        return
    payment, told = found
    if told.verdict is None:
        logger.info("status query without an answer", payment_id=payment["payment_id"], code=told.facts["code"])
        return
    if told.order_id != originator_id(payment):
        quarantine.keep(delivery, "OTHER_CONVERSATION", told.facts)
        return
    results.believe(delivery, payment, told, payment["paid_cents"])


def follow_up(payment: Item) -> Item:
    """Go on with an unfinished withdrawal from where it stands; return it as it stands afterwards.

    Sending again is safe under the same id, and a duplicate means that it was taken; once it was taken, its status is
    asked for. A wallet that says no only now ends it as REFUSED. Raises Unavailable.
    """
    contact = None
    if payment["status"] == "REQUESTED":
        try:
            payment, contact = _hold(payment)
        except Refused as refusal:
            return results.refuse(payment, refusal)
    if payment["status"] in ("HELD", "SUBMIT_UNKNOWN"):
        return _send(payment, contact)
    if payment["status"] in ("SUBMITTED", "UNKNOWN"):
        provider = provider_of(payment)
        result_url = provider.callback_url(callbacks.STATUS, payment["payment_id"])
        asked = provider.orders().ask_payment(originator_id(payment), result_url)
        if asked.reason == "CONFIGURATION":
            payments.needs_operator(payment, "CONFIGURATION")
    return payment


# -- what administrators decide


def resolve(payment: Item, outcome: str, receipt: str | None, agreed: Agreement) -> Item:
    """End an uncertain withdrawal as two people decided. Raises NotAllowedNow when it ended otherwise meanwhile."""
    if outcome == "RETRY":
        return results.decide(payment, "HELD", agreed, **_next_try(payment))
    if outcome == "UNPAID":
        return results.end_unpaid(payment, agreed)
    try:
        return moves.complete(payment, receipt, results.success(payment), agreed=agreed)
    except moves.Conflicting as conflict:
        raise NotAllowedNow(wording.contradicted(conflict.reason)) from conflict


def _next_try(payment: Item) -> dict[str, int]:
    """Return what makes M-Pesa's next try another one: a new id only if M-Pesa confirmed that it did not pay."""
    return {"retries": payment.get("retries", 0) + 1} if payment["reason"] != "STOPPED" else {}


def ask_anew(payment: Item) -> Item:
    """Put a DELAYED withdrawal back to HELD."""
    return moves.move(payment, "HELD", only_from="DELAYED", **_next_try(payment))


def pay_what_waited_for_float(utility_cents: int) -> int:
    """Ask anew for what M-Pesa had no float for, oldest first, as far as the float goes now; return how many.

    Not right away: should M-Pesa contradict itself, its other word comes first.
    """
    before = clock.stamp(clock.now() - timedelta(seconds=settings.query_grace_seconds))
    asked = 0
    for payment in payments.list_queue("DECISION", 100, None).items:
        waited = payment.get("reason") == "FLOAT_LOW" and payment["updated_at"] <= before
        if payment["kind"] == WITHDRAWAL and waited:
            utility_cents -= payment["paid_cents"]
            if utility_cents < 0:
                break
            ask_anew(payment)
            asked += 1
    return asked
