"""The states of a payment and the moves between them. Rules only.

Deposit:     REQUESTED -> SUBMITTED -> COMPLETED | FAILED, with SUBMIT_UNKNOWN and UNKNOWN on the way.
             A success wins over everything, also over FAILED: M-Pesa has the money, so the player must.
Paybill:     RECEIVED (being confirmed with M-Pesa) -> COMPLETED | SUSPENSE (nobody's account number) | MERGED (the
             payment of a prompt, which is credited there) | FAILED (M-Pesa knows nothing of it; a later proof wins).
             SUSPENSE -> COMPLETED (assigned) | RETURNING -> RETURNED. What a player pays who is stopped is RETURNING
             at once.
Withdrawal:  REQUESTED -> HELD -> SUBMITTED -> COMPLETED | FAILED, with REVIEW (a person looks first), SUBMIT_UNKNOWN,
             UNKNOWN and DELAYED (an operator is needed) on the way, and REFUSED when the wallet would not hold it.
             COMPLETED, FAILED and REFUSED are final: after the last two the hold, if there is one, is released.
Reversal:    of a deposit or of money in suspense; as a withdrawal, without a review.
"""

from collections.abc import Mapping
from typing import Any

DEPOSIT = "DEPOSIT"
PAYBILL = "PAYBILL"
WITHDRAWAL = "WITHDRAWAL"
REVERSAL = "REVERSAL"

OPEN = frozenset({"REQUESTED", "RECEIVED", "HELD", "SUBMITTED", "SUBMIT_UNKNOWN", "UNKNOWN"})
"""States from which a follow-up goes on."""

RESENT = {
    WITHDRAWAL: frozenset({"HELD", "SUBMIT_UNKNOWN"}),
    REVERSAL: frozenset({"HELD", "SUBMITTED", "SUBMIT_UNKNOWN", "UNKNOWN"}),
}
"""States of money out in which M-Pesa is asked again by itself, so that nobody can say that it will not do it; two
people may stop that."""

UNCERTAIN = frozenset({"SUBMITTED", "SUBMIT_UNKNOWN", "UNKNOWN", "DELAYED"})
"""States of money out in which two people may say how it ended."""

QUEUES = {
    (PAYBILL, "SUSPENSE"): "SUSPENSE",
    (WITHDRAWAL, "REVIEW"): "REVIEW",
    **{(kind, status): "DECISION" for kind in (WITHDRAWAL, REVERSAL) for status in ("UNKNOWN", "DELAYED")},
}
"""What waits for a person, by kind and status: the name of the queue that it is listed in."""

_OUT: dict[str, frozenset[str]] = {
    "HELD": frozenset({"REQUESTED", "REVIEW", "DELAYED"}),
    "REVIEW": frozenset({"REQUESTED", "HELD"}),
    "REFUSED": frozenset({"REQUESTED"}),
    "SUBMITTED": frozenset({"HELD", "SUBMIT_UNKNOWN"}),
    "SUBMIT_UNKNOWN": frozenset({"HELD"}),
    "UNKNOWN": frozenset({"HELD", "SUBMITTED", "SUBMIT_UNKNOWN"}),
    "DELAYED": frozenset({"HELD", "SUBMITTED", "SUBMIT_UNKNOWN", "UNKNOWN"}),
    "FAILED": frozenset({"HELD", "REVIEW", "SUBMITTED", "SUBMIT_UNKNOWN", "UNKNOWN", "DELAYED"}),
    "COMPLETED": frozenset({"HELD", "SUBMITTED", "SUBMIT_UNKNOWN", "UNKNOWN", "DELAYED"}),
}
_MOVES: dict[str, dict[str, frozenset[str]]] = {
    DEPOSIT: {
        "SUBMITTED": frozenset({"REQUESTED", "SUBMIT_UNKNOWN"}),
        "SUBMIT_UNKNOWN": frozenset({"REQUESTED"}),
        "UNKNOWN": frozenset({"REQUESTED", "SUBMITTED", "SUBMIT_UNKNOWN"}),
        "FAILED": frozenset({"REQUESTED", "SUBMITTED", "SUBMIT_UNKNOWN", "UNKNOWN"}),
        "COMPLETED": frozenset({"REQUESTED", "SUBMITTED", "SUBMIT_UNKNOWN", "UNKNOWN", "FAILED"}),
    },
    PAYBILL: {
        "SUSPENSE": frozenset({"RECEIVED", "FAILED", "RETURNING"}),
        "MERGED": frozenset({"RECEIVED", "FAILED"}),
        "FAILED": frozenset({"RECEIVED"}),
        "RETURNING": frozenset({"SUSPENSE", "RECEIVED", "FAILED"}),
        "RETURNED": frozenset({"RETURNING"}),
        "COMPLETED": frozenset({"RECEIVED", "FAILED", "SUSPENSE"}),
    },
    WITHDRAWAL: _OUT,
    REVERSAL: _OUT,
}


def origins(kind: str, target: str) -> list[str]:
    """Return the states from which a payment of that kind may move to the target, sorted."""
    return sorted(_MOVES[kind][target])


def shown_status(payment: Mapping[str, Any]) -> str:
    """Return the status as people see it: a deposit that was given back is REVERSED."""
    return "REVERSED" if "reversed_at" in payment else str(payment["status"])
