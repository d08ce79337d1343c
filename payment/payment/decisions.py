"""What people decide about payments: reviews, how an uncertain order ended, reversals, whose money in suspense is.

A resolution and a reversal take two people, a review and an assignment from a sum on (`betsafi.approval`): the first
proposes, a second and different one who decides the same has it carried out. Who decided, and why, is kept with the
payment, is in its events and in the ledger's entry.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from betsafi import approval
from betsafi.approval import Agreement
from betsafi.audit import DONE, PROPOSED, Act, call_id, was_done
from betsafi.dynamodb import Item
from betsafi.errors import InvalidInput, NotFound
from betsafi.people import Staff
from payment import callbacks, models, numbers, paybill, results, reversals, store, withdrawals
from payment.results import RETRIED
from payment.settings import settings
from payment.states import RESENT, REVERSAL, UNCERTAIN, WITHDRAWAL


@dataclass(frozen=True)
class Decision:
    """What came of somebody's call: PROPOSED (nothing has moved) or DONE, and in whose names."""

    payment: Item
    status: str
    proposed_by: str
    approved_by: str | None


def approve(payment_id: str, staff: Staff, arguments: dict[str, Any]) -> Decision:
    """Let a reviewed withdrawal go; the follow-ups send it. Raises NotFound, NotAllowedNow, Forbidden for one's own."""
    request, reason = call_id(arguments), models.why(arguments)
    payment = _reviewed(payment_id)
    act = _act("approveWithdrawal", payment, staff, request, reason)
    if was_done(store.table, act) or ("approved_by" in payment and payment["status"] != "REVIEW"):
        return _standing(payment)

    def check() -> None:
        if payment["status"] != "REVIEW":
            raise models.NotAllowedNow("This withdrawal does not wait for a review.")

    def carry_out(agreed: Agreement) -> Item:
        return store.move_by_hand(payment, "HELD", agreed, approved_by=agreed.people[-1])

    return _decide(payment, act, check, carry_out, settings.two_people_cents)


def reject(payment_id: str, staff: Staff, arguments: dict[str, Any]) -> Item:
    """Refuse a reviewed withdrawal; the player gets the money back, so one person is enough. Raises as `approve`."""
    request, reason = call_id(arguments), models.text(arguments, "reason")
    payment = _reviewed(payment_id)
    act = _act("rejectWithdrawal", payment, staff, request, reason)
    if was_done(store.table, act) or "rejected_by" in payment:
        return payment
    if payment["status"] != "REVIEW":
        raise models.NotAllowedNow("This withdrawal does not wait for a review.")
    because = {"reason": "REJECTED", "rejected_by": staff.id, "rejected_because": reason}
    return store.move_by_hand(payment, "FAILED", approval.alone(act), **because)


def resolve(payment_id: str, staff: Staff, arguments: dict[str, Any]) -> Decision:
    """Say how an uncertain withdrawal or reversal ended, on evidence from M-Pesa. Raises NotFound, NotAllowedNow ..."""
    outcome, evidence = arguments["outcome"], models.text(arguments, "evidence", 10)
    request, receipt = call_id(arguments), _checked_receipt(arguments)
    payment, decision = _find(payment_id), {"outcome": outcome, "receipt": receipt or ""}
    act = _act("resolveWithdrawal", payment, staff, request, evidence, decision)

    def carry_out(agreed: Agreement) -> Item:
        if outcome == "STOP":
            return results.stop(payment, agreed)
        if payment["kind"] == WITHDRAWAL:
            return withdrawals.resolve(payment, outcome, receipt, agreed)
        return reversals.resolve(payment, outcome, agreed)

    return _decide(payment, act, lambda: _check(payment, outcome), carry_out)


def reverse(payment_id: str, staff: Staff, arguments: dict[str, Any]) -> Decision:
    """Give a mistaken deposit, or money in suspense, back to who paid it. Raises NotFound, NotAllowedNow."""
    request, reason = call_id(arguments), models.text(arguments, "reason", 10)
    deposit = _find(payment_id)
    act = _act("reverseDeposit", deposit, staff, request, reason)
    seen = {"previous": deposit.get("reversal_id", ""), "status": deposit["status"]}

    def check() -> None:
        reversals.check_reversible(deposit)

    return _decide(deposit, act, check, lambda agreed: reversals.begin(deposit, agreed), seen=seen)


def assign(payment_id: str, staff: Staff, arguments: dict[str, Any]) -> Decision:
    """Give money in suspense to the player with an account number.

    Raises NotFound, NotAllowedNow, InvalidInput, and Forbidden for one's own account.
    """
    request, reason = call_id(arguments), models.why(arguments)
    number, _ = numbers.parse(arguments["accountNumber"])
    user_id = store.player_of(number) if number else None
    if user_id is None:
        raise InvalidInput("This accountNumber is nobody's. A player sees theirs where they deposit by paybill.")
    payment = _find(payment_id)
    act = _act("assignPayment", payment, staff, request, reason, {"userId": user_id}, user_id)
    mine = payment["status"] == "COMPLETED" and payment.get("user_id") == user_id and "assigned_by" in payment
    if was_done(store.table, act) or mine:
        return _standing(payment)

    def check() -> None:
        if payment["status"] != "SUSPENSE":
            raise models.NotAllowedNow("This payment is not in suspense any more.")

    def carry_out(agreed: Agreement) -> Item:
        return store.assign(payment, user_id, agreed, **paybill.split(payment["amount_cents"]))

    return _decide(payment, act, check, carry_out, settings.two_people_cents)


def refuse(payment_id: str, staff: Staff, arguments: dict[str, Any]) -> Item:
    """End what somebody proposed about a payment, and return the payment as it is. Raises NotFound, Conflict."""
    request, reason = call_id(arguments), models.text(arguments, "reason")
    payment = _find(payment_id)
    act = _act("refuseDecision", payment, staff, request, reason)
    if not was_done(store.table, act):
        approval.refuse(store.table, act)
    return payment


def _act(
    action: str,
    payment: Item,
    staff: Staff,
    request_id: str,
    reason: str,
    decision: dict[str, Any] | None = None,
    user_id: str = "",
) -> Act:
    owner = user_id or payment.get("user_id") or ""
    cents = payment["amount_cents"]
    return Act(action, payment["pk"], staff, reason, decision or {}, owner, cents, request_id)


def _decide(
    payment: Item,
    act: Act,
    check: Callable[[], None],
    carry_out: Callable[[Agreement], Item],
    alone_below: int = 0,
    seen: Item | None = None,
) -> Decision:
    """Carry a decision out, or keep it as a proposal; the same call again only says how things stand."""
    if was_done(store.table, act):
        return _standing(payment)
    check()
    agreed = approval.decide(store.table, act, seen or {"version": payment["version"]}, alone_below)
    if agreed is None:
        return Decision(payment, PROPOSED, act.by.id, None)
    return Decision(carry_out(agreed), DONE, agreed.people[0], agreed.approved_by)


def _standing(payment: Item) -> Decision:
    """Return the newest decision about a payment, as it stands, with the reversal that it led to."""
    found = approval.find(store.table, payment["pk"])
    if found is None:
        raise NotFound("Nothing was decided about this payment.")
    reverses = found["decision"]["action"] == "reverseDeposit" and "reversal_id" in payment
    begun = store.find(payment["reversal_id"]) if reverses else None
    ended_by = found.get("ended_by") if found["status"] == DONE else None
    return Decision(begun or payment, approval.status(found), found["proposed_by"], ended_by)


def _check(payment: Item, outcome: str) -> None:
    """Raise NotAllowedNow unless the kind and the status allow the outcome."""
    if payment["kind"] not in (WITHDRAWAL, REVERSAL):
        raise models.NotAllowedNow("Only an uncertain withdrawal or reversal can be resolved by hand.")
    status, asked_again = payment["status"], payment["status"] in RESENT[payment["kind"]]
    if outcome == "STOP" and not asked_again:
        raise models.NotAllowedNow("M-Pesa is not being asked again, so there is nothing to stop.")
    if outcome in ("PAID", "UNPAID") and status not in UNCERTAIN:
        raise models.NotAllowedNow("Only a payment whose outcome is uncertain can be resolved by hand.")
    if outcome == "UNPAID" and asked_again:
        raise models.NotAllowedNow("M-Pesa is asked again by itself, so it may yet be done. Decide STOP first.")
    if outcome == "RETRY" and (status != "DELAYED" or payment.get("reason") not in RETRIED):
        raise models.NotAllowedNow("Only what was stopped, or what M-Pesa said that it did not do, is asked again.")


def _checked_receipt(arguments: dict[str, Any]) -> str | None:
    """Return the receipt that an operator read from M-Pesa's portal, or None. Raises InvalidInput."""
    given = arguments.get("receipt")
    if given is None:
        return None
    if (receipt := callbacks.receipt_number(given)) is None:
        raise InvalidInput("receipt has 6 to 20 capital letters and digits, for example SG632NMUAB.")
    return receipt


def _reviewed(payment_id: str) -> Item:
    payment = store.find(payment_id)
    if payment is None or payment["kind"] != WITHDRAWAL:
        raise NotFound("There is no such withdrawal.")
    return payment


def _find(payment_id: str) -> Item:
    payment = store.find(payment_id)
    if payment is None:
        raise NotFound("There is no such payment.")
    return payment
