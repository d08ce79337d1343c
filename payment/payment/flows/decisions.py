"""What people decide about payments: reviews, how an uncertain order ended, reversals, whose money in suspense is.

A resolution and a reversal take two people, a review and an assignment from a sum on (`betsafi.approval`): the first
proposes, a second and different one who decides the same has it carried out. Who decided, and why, is kept with the
payment, is in its events and in the ledger's entry.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from betsafi import approval, clock
from betsafi.approval import Agreement
from betsafi.audit import DONE, PROPOSED, Act, call_id
from betsafi.dynamodb import Item
from betsafi.errors import InvalidInput, NotFound
from betsafi.people import Staff
from betsafi.protection import stop_of
from payment import models, numbers, review, wording
from payment.errors import NotAllowedNow
from payment.flows import protecting, results, reversals, withdrawals
from payment.providers.mpesa import bodies
from payment.settings import settings
from payment.states import WITHDRAWAL
from payment.stores import approvals, payments, players, protection


@dataclass(frozen=True)
class Decision:
    """What came of somebody's call: PROPOSED (nothing has moved) or DONE, and in whose names."""

    payment: Item
    status: str
    proposed_by: str
    approved_by: str | None


def approve(payment_id: str, staff: Staff, arguments: dict[str, Any]) -> Decision:
    """Let a reviewed withdrawal go; the follow-ups send it. Raises NotFound, NotAllowedNow, Forbidden for one's own."""
    request, reason = call_id(arguments), models.text(arguments, "reason")
    payment = _reviewed(payment_id)
    act = _act("approveWithdrawal", payment, staff, request, reason)
    if approvals.was_done(act) or ("approved_by" in payment and payment["status"] != "REVIEW"):
        return _standing(payment)

    def carry_out(agreed: Agreement) -> Item:
        looked = {"approved_by": agreed.people[-1], "reviewed_at": clock.stamp()}
        return results.decide(payment, "HELD", agreed, **looked)

    return _decide(payment, act, lambda: review.check_waits_for_review(payment), carry_out, settings.two_people_cents)


def reject(payment_id: str, staff: Staff, arguments: dict[str, Any]) -> Item:
    """Refuse a reviewed withdrawal; the player gets the money back, so one person is enough. Raises as `approve`."""
    request, reason = call_id(arguments), models.text(arguments, "reason")
    payment = _reviewed(payment_id)
    act = _act("rejectWithdrawal", payment, staff, request, reason)
    if approvals.was_done(act) or "rejected_by" in payment:
        return payment
    review.check_waits_for_review(payment)
    because = {"reason": "REJECTED", "rejected_by": staff.id, "rejected_because": reason}
    return results.decide(payment, "FAILED", approval.alone(act), **because)


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

    return _decide(payment, act, lambda: review.check_outcome(payment, outcome), carry_out)


def reverse(payment_id: str, staff: Staff, arguments: dict[str, Any]) -> Decision:
    """Give a mistaken deposit, or money in suspense, back to who paid it. Raises NotFound, NotAllowedNow."""
    request, reason = call_id(arguments), models.text(arguments, "reason", 10)
    deposit = _find(payment_id)
    act = _act("reverseDeposit", deposit, staff, request, reason)
    seen = {"previous": deposit.get("reversal_id", ""), "status": deposit["status"]}

    def carry_out(agreed: Agreement) -> Item:
        return reversals.begin(deposit, agreed)

    return _decide(deposit, act, lambda: review.check_reversible(deposit), carry_out, seen=seen)


def assign(payment_id: str, staff: Staff, arguments: dict[str, Any]) -> Decision:
    """Give money in suspense to the player with an account number.

    Raises NotFound, NotAllowedNow (also for a player who is stopped), InvalidInput, Forbidden for one's own account.
    """
    request, reason = call_id(arguments), models.text(arguments, "reason")
    number, _ = numbers.parse(arguments["accountNumber"])
    user_id = players.player_of(number) if number else None
    if user_id is None:
        raise InvalidInput(wording.NOBODYS_NUMBER)
    payment = _find(payment_id)
    act = _act("assignPayment", payment, staff, request, reason, {"userId": user_id}, user_id)
    mine = payment["status"] == "COMPLETED" and payment.get("user_id") == user_id and "assigned_by" in payment
    if approvals.was_done(act) or mine:
        return _standing(payment)

    def carry_out(agreed: Agreement) -> Item:
        owner = {"assigned_by": agreed.people[-1], "user_id": user_id, "owner": f"USER#{user_id}"}
        split = protecting.split(payment["amount_cents"])
        counted = protection.count_paid(user_id, payment["amount_cents"], clock.now())
        return results.decide(payment, "COMPLETED", agreed, counted, **owner, from_suspense=True, **split)

    def check() -> None:
        review.check_in_suspense(payment)
        if stop_of(protection.find(user_id), clock.now()):
            raise NotAllowedNow(wording.PLAYER_IS_STOPPED)

    return _decide(payment, act, check, carry_out, settings.two_people_cents)


def refuse(payment_id: str, staff: Staff, arguments: dict[str, Any]) -> Item:
    """End what somebody proposed about a payment, and return the payment as it is. Raises NotFound, Conflict."""
    request, reason = call_id(arguments), models.text(arguments, "reason")
    payment = _find(payment_id)
    act = _act("refuseDecision", payment, staff, request, reason)
    if not approvals.was_done(act):
        approvals.refuse(act)
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
    if approvals.was_done(act):
        return _standing(payment)
    check()
    agreed = approvals.decide(act, seen or {"version": payment["version"]}, alone_below)
    if agreed is None:
        return Decision(payment, PROPOSED, act.by.id, None)
    return Decision(carry_out(agreed), DONE, agreed.people[0], agreed.approved_by)


def _standing(payment: Item) -> Decision:
    """Return the newest decision about a payment, as it stands, with the reversal that it led to."""
    found = approvals.find(payment)
    if found is None:
        raise NotFound(wording.NOTHING_DECIDED)
    reverses = found["decision"]["action"] == "reverseDeposit" and "reversal_id" in payment
    begun = payments.find(payment["reversal_id"]) if reverses else None
    ended_by = found.get("ended_by") if found["status"] == DONE else None
    return Decision(begun or payment, approval.status(found), found["proposed_by"], ended_by)


def _checked_receipt(arguments: dict[str, Any]) -> str | None:
    """Return the receipt that an operator read from M-Pesa's portal, or None. Raises InvalidInput."""
    given = arguments.get("receipt")
    if given is None:
        return None
    if (receipt := bodies.receipt_number(given)) is None:
        raise InvalidInput(wording.BAD_RECEIPT)
    return receipt


def _reviewed(payment_id: str) -> Item:
    payment = payments.find(payment_id)
    if payment is None or payment["kind"] != WITHDRAWAL:
        raise NotFound(wording.NO_SUCH_WITHDRAWAL)
    return payment


def _find(payment_id: str) -> Item:
    payment = payments.find(payment_id)
    if payment is None:
        raise NotFound(wording.NO_SUCH_PAYMENT)
    return payment
