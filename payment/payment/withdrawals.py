"""A withdrawal, step by step: hold, send, settle. Each step may be repeated, and the process may end after any line: a
follow-up goes on from the state that stands. M-Pesa is asked under one id for ever, so it can never pay twice, and the
hold is released only on a listed terminal failure.
"""

from typing import Any

from betsafi import clock, ids
from betsafi.dynamodb import Item
from betsafi.errors import Unavailable
from betsafi.service_client import Refused, ServiceClient
from betsafi.telemetry import count, logger
from payment import callbacks, models, players, store
from payment.callbacks import Delivery, Result
from payment.credentials import credentials
from payment.daraja_codes import Outcome, Submission, Verdict, b2c_verdict, status_verdict
from payment.settings import settings
from payment.states import WITHDRAWAL

_wallet = ServiceClient(settings.wallet_url)


def originator_id(payment_id: str) -> str:
    """Return the OriginatorConversationID under which M-Pesa knows a withdrawal, for ever."""
    return ids.derive_id("originator", payment_id)


def request(user_id: str, arguments: dict[str, Any]) -> Item:
    """Return the withdrawal of this request id: the one made before, or a new one that is held and sent.

    Raises InvalidInput and its kind, IdempotencyKeyReused, WithdrawalsUnavailable, and what the wallet refused with
    (INSUFFICIENT_FUNDS ...). An answer that stays away is no error: the withdrawal is returned as it stands and goes on
    by itself.
    """
    request_id = ids.request_id(arguments["clientRequestId"])
    payment_id = ids.derive_id("payment", "withdrawal", user_id, request_id)
    amount, split = models.withdrawal_amount(arguments, clock.now().astimezone(clock.NAIROBI).date())
    fingerprint = ids.fingerprint({"kind": WITHDRAWAL, "amount": amount})
    if (standing := store.find(payment_id)) is not None:
        return _first_answer(store.same_request(standing, fingerprint))
    _check_configured(payment_id)
    amounts = {
        "amount_cents": amount,
        "paid_cents": split.paid_cents,
        "withholding_cents": split.withholding_cents,
        "remainder_cents": split.remainder_cents,
    }
    payment, new = store.create(WITHDRAWAL, payment_id, user_id, fingerprint, amounts)
    if not new:
        return _first_answer(payment)
    try:
        payment = _hold(payment)
        return _send(payment) if payment["status"] == "HELD" else payment
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
    decided = store.move(payment, "REFUSED", reason=refusal.code, refusal=refusal.message)
    if decided["status"] != "REFUSED":
        return decided
    try:
        release = {"userId": payment["user_id"], "reason": refusal.code}
        _wallet.call("POST", f"/holds/{payment['payment_id']}/release", release)
    except (Refused, Unavailable):
        logger.warning("release left to the event", payment_id=payment["payment_id"])
    raise refusal


def _first_answer(payment: Item) -> Item:
    if payment["status"] == "REFUSED":
        raise Refused(409, payment["reason"], payment["refusal"], {})
    return payment


def _check_configured(payment_id: str) -> None:
    sentence = "Withdrawals are not available at the moment. Your money is in your wallet; please try again later."
    if not settings.withdrawals_open or not settings.callback_base_url or not credentials().can_pay:
        logger.error("withdrawals are closed, or CALLBACK_BASE_URL or the secret is not complete")
        raise models.WithdrawalsUnavailable(sentence)
    try:
        _url(callbacks.PAYOUT, payment_id)
    except callbacks.BadCallbackUrl as error:
        logger.error("withdrawals need another CALLBACK_BASE_URL", problem=str(error))
        raise models.WithdrawalsUnavailable(sentence) from error


def _url(door: str, payment_id: str) -> str:
    return callbacks.url(settings.callback_base_url, credentials().callback_keys[0], door, payment_id)


def _hold(payment: Item) -> Item:
    """Hold the amount in the wallet, under the withdrawal's id. Raises Refused, Unavailable (outcome unknown)."""
    hold = {
        "holdId": payment["payment_id"],
        "userId": payment["user_id"],
        "kind": WITHDRAWAL,
        "amountCents": payment["amount_cents"],
    }
    _wallet.call("POST", "/holds", hold)
    return store.move(payment, "HELD")


def _send(payment: Item) -> Item:
    """Ask M-Pesa to pay, under the withdrawal's own id; whatever is not clear stays held and is followed up."""
    from payment import daraja  # requests is slow to import, and only here needed

    payment_id = payment["payment_id"]
    try:
        phone = players.contact(payment["user_id"]).phone
    except Refused as refusal:
        raise Unavailable("The player's phone number is not known.") from refusal
    submitted = daraja.pay(
        originator_id(payment_id),
        phone,
        payment["paid_cents"] // 100,
        _url(callbacks.PAYOUT, payment_id),
        _url(callbacks.TIMEOUT, payment_id),
    )
    if submitted.fate is Submission.ACCEPTED:
        return store.move(payment, "SUBMITTED", submitted_at=clock.stamp())
    if submitted.fate is Submission.UNKNOWN and payment["status"] == "HELD":
        return store.move(payment, "SUBMIT_UNKNOWN", reason=submitted.reason)
    if submitted.fate is Submission.REFUSED:
        # Nothing was paid, but this is no failure of the payment: it is sent again when the fault is mended.
        count("PaymentNeedsOperator")
    return payment


def take_result(delivery: Delivery) -> None:
    """Move the withdrawal that a signed B2C result is about, once; quarantine what cannot be believed."""
    found = _readable(delivery)
    if found is None:
        return
    payment, result = found
    verdict = b2c_verdict(result.code)
    receipt = result.receipt("TransactionReceipt") or result.transaction_id
    if result.originator_conversation_id != originator_id(payment["payment_id"]):
        store.quarantine(delivery, "OTHER_CONVERSATION", _facts(result))
    else:
        _believe(delivery, payment, verdict, result, "TransactionAmount", receipt)


def take_status(delivery: Delivery) -> None:
    """Move the withdrawal as M-Pesa's answer to a status query says; an answer that knows nothing changes nothing."""
    found = _readable(delivery)
    if found is None:
        return
    payment, result = found
    if result.code != "0":
        logger.info("status query without an answer", payment_id=payment["payment_id"], code=result.code[:40])
        return
    verdict = status_verdict(str(result.parameters.get("TransactionStatus")))
    if result.parameters.get("OriginatorConversationID") != originator_id(payment["payment_id"]):
        store.quarantine(delivery, "OTHER_CONVERSATION", _facts(result))
    else:
        _believe(delivery, payment, verdict, result, "Amount", result.receipt("ReceiptNo"))


def take_timeout(delivery: Delivery) -> None:
    """The request waited too long in M-Pesa's queue: no failure, the outcome is unknown. Any body will do."""
    payment = store.find(delivery.payment_id)
    if payment is None or payment["kind"] != WITHDRAWAL:
        store.quarantine(delivery, "UNKNOWN_PAYMENT", {})
    elif payment["status"] != "UNKNOWN":
        store.move(payment, "UNKNOWN", reason="QUEUE_TIMEOUT")


def _readable(delivery: Delivery) -> tuple[Item, Result] | None:
    try:
        result = callbacks.parse_result(delivery.body)
    except callbacks.Unreadable:
        store.quarantine(delivery, "UNREADABLE", {})
        return None
    payment = store.find(delivery.payment_id)
    if payment is None or payment["kind"] != WITHDRAWAL:
        store.quarantine(delivery, "UNKNOWN_PAYMENT", _facts(result))
        return None
    return payment, result


def _facts(result: Result) -> dict[str, Any]:
    return {"code": result.code[:40], "transaction_id": result.transaction_id}


def _believe(
    delivery: Delivery, payment: Item, verdict: Verdict, result: Result, amount: str, receipt: str | None
) -> None:
    if verdict.outcome is Outcome.PAID and result.amount_cents(amount) != payment["paid_cents"]:
        store.quarantine(delivery, "OTHER_AMOUNT", _facts(result))
        return
    try:
        _apply(payment, verdict, receipt)
    except store.Conflicting as conflict:
        store.quarantine(delivery, conflict.reason, _facts(result))


def _apply(payment: Item, verdict: Verdict, receipt: str | None) -> Item:
    """Move a withdrawal as a result says. Raises Conflicting for a success after the hold was released."""
    if verdict.alert:
        count("PaymentNeedsOperator")
    if verdict.outcome is Outcome.PAID:
        return store.complete(payment, receipt)
    if verdict.outcome is Outcome.FAILED:
        return store.move(payment, "FAILED", reason=verdict.reason)
    if verdict.outcome is Outcome.OPERATOR:
        return store.move(payment, "DELAYED", reason=verdict.reason)
    if verdict.outcome is Outcome.UNKNOWN and payment["status"] != "UNKNOWN":
        return store.move(payment, "UNKNOWN", reason=verdict.reason)
    return payment


def follow_up(payment: Item) -> Item:
    """Go on with an unfinished withdrawal from where it stands; return it as it stands afterwards.

    Sending again is safe under the same id, and a duplicate means that it was taken; once it was taken, its status is
    asked for. A wallet that says no only now ends it as REFUSED. Raises Unavailable.
    """
    if payment["status"] == "REQUESTED":
        try:
            payment = _hold(payment)
        except Refused as refusal:
            return store.move(payment, "REFUSED", reason=refusal.code, refusal=refusal.message)
    if payment["status"] in ("HELD", "SUBMIT_UNKNOWN"):
        return _send(payment)
    if payment["status"] in ("SUBMITTED", "UNKNOWN"):
        from payment import daraja

        daraja.ask_payment(originator_id(payment["payment_id"]), _url(callbacks.STATUS, payment["payment_id"]))
    return payment
