"""What takes two people: the first proposes, a second and different one who decides the same has it carried out. Both,
and what they said, are kept with the payment.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from betsafi.dynamodb import Item
from betsafi.errors import NotFound
from payment import models, results, reversals, store, withdrawals
from payment.results import RETRIED
from payment.states import RESENT, REVERSAL, UNCERTAIN, WITHDRAWAL


def resolve(payment_id: str, operator: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Say how an uncertain withdrawal or reversal ended, on evidence from M-Pesa. Raises NotFound, NotAllowedNow ..."""
    outcome, evidence = arguments["outcome"], models.text(arguments, "evidence", 10)
    receipt = withdrawals.checked_receipt(arguments)
    payment = _find(payment_id)
    if payment["kind"] not in (WITHDRAWAL, REVERSAL):
        raise models.NotAllowedNow("Only an uncertain withdrawal or reversal can be resolved by hand.")
    _check(payment, outcome)

    def carry_out(changes: dict[str, Any]) -> Item:
        if outcome == "STOP":
            return results.stop(payment, changes)
        if payment["kind"] == WITHDRAWAL:
            return withdrawals.resolve(payment, outcome, receipt, changes)
        return reversals.resolve(payment, outcome, changes)

    decision = {"action": "RESOLVE", "outcome": outcome, "receipt": receipt or ""}
    return _decide(payment, decision, {"version": payment["version"]}, operator, evidence, carry_out)


def _check(payment: Item, outcome: str) -> None:
    """Raise NotAllowedNow unless the status allows the outcome."""
    status, asked_again = payment["status"], payment["status"] in RESENT[payment["kind"]]
    if outcome == "STOP" and not asked_again:
        raise models.NotAllowedNow("M-Pesa is not being asked again, so there is nothing to stop.")
    if outcome in ("PAID", "UNPAID") and status not in UNCERTAIN:
        raise models.NotAllowedNow("Only a payment whose outcome is uncertain can be resolved by hand.")
    if outcome == "UNPAID" and asked_again:
        raise models.NotAllowedNow("M-Pesa is asked again by itself, so it may yet be done. Decide STOP first.")
    if outcome == "RETRY" and (status != "DELAYED" or payment.get("reason") not in RETRIED):
        raise models.NotAllowedNow("Only what was stopped, or what M-Pesa said that it did not do, is asked again.")


def reverse(payment_id: str, operator: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Give a mistaken deposit, or money in suspense, back to who paid it. Raises NotFound, NotAllowedNow."""
    reason = models.text(arguments, "reason", 10)
    deposit = _find(payment_id)
    reversals.check_reversible(deposit)
    about = {"previous": deposit.get("reversal_id", ""), "status": deposit["status"]}
    carry_out = partial(reversals.begin, deposit)
    return _decide(deposit, {"action": "REVERSE"}, about, operator, reason, carry_out)


def _decide(
    payment: Item,
    decision: dict[str, Any],
    about: dict[str, Any],
    operator: str,
    note: str,
    carry_out: Callable[[dict[str, Any]], Item],
) -> dict[str, Any]:
    first = store.propose(payment["payment_id"], decision, about, operator, note)
    if first is None:
        return {"payment": models.present(payment), "proposedBy": operator, "approvedBy": None}
    people = {"decided_by": [first["proposed_by"], operator], "decided_because": [first["note"], note]}
    done = carry_out(people)
    store.end_proposal(payment["payment_id"])
    return {"payment": models.present(done), "proposedBy": first["proposed_by"], "approvedBy": operator}


def _find(payment_id: str) -> Item:
    payment = store.find(payment_id)
    if payment is None:
        raise NotFound("There is no such payment.")
    return payment
