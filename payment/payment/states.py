"""The states of a payment and the moves between them. Rules only.

Deposit:     REQUESTED -> SUBMITTED -> COMPLETED | FAILED, with SUBMIT_UNKNOWN and UNKNOWN on the way.
             A success wins over everything, also over FAILED: M-Pesa has the money, so the player must.
Withdrawal:  REQUESTED -> HELD -> SUBMITTED -> COMPLETED | FAILED, with SUBMIT_UNKNOWN, UNKNOWN and DELAYED (an operator
             is needed) on the way, and REFUSED when the wallet would not hold the amount.
             COMPLETED, FAILED and REFUSED are final: after the last two the hold, if there is one, is released.
"""

DEPOSIT = "DEPOSIT"
WITHDRAWAL = "WITHDRAWAL"

OPEN = frozenset({"REQUESTED", "HELD", "SUBMITTED", "SUBMIT_UNKNOWN", "UNKNOWN"})
"""States from which a follow-up goes on."""

_MOVES: dict[str, dict[str, frozenset[str]]] = {
    DEPOSIT: {
        "SUBMITTED": frozenset({"REQUESTED", "SUBMIT_UNKNOWN"}),
        "SUBMIT_UNKNOWN": frozenset({"REQUESTED"}),
        "UNKNOWN": frozenset({"REQUESTED", "SUBMITTED", "SUBMIT_UNKNOWN"}),
        "FAILED": frozenset({"REQUESTED", "SUBMITTED", "SUBMIT_UNKNOWN", "UNKNOWN"}),
        "COMPLETED": frozenset({"REQUESTED", "SUBMITTED", "SUBMIT_UNKNOWN", "UNKNOWN", "FAILED"}),
    },
    WITHDRAWAL: {
        "HELD": frozenset({"REQUESTED"}),
        "REFUSED": frozenset({"REQUESTED"}),
        "SUBMITTED": frozenset({"HELD", "SUBMIT_UNKNOWN"}),
        "SUBMIT_UNKNOWN": frozenset({"HELD"}),
        "UNKNOWN": frozenset({"HELD", "SUBMITTED", "SUBMIT_UNKNOWN"}),
        "DELAYED": frozenset({"HELD", "SUBMITTED", "SUBMIT_UNKNOWN", "UNKNOWN"}),
        "FAILED": frozenset({"HELD", "SUBMITTED", "SUBMIT_UNKNOWN", "UNKNOWN", "DELAYED"}),
        "COMPLETED": frozenset({"HELD", "SUBMITTED", "SUBMIT_UNKNOWN", "UNKNOWN", "DELAYED"}),
    },
}


def origins(kind: str, target: str) -> list[str]:
    """Return the states from which a payment of that kind may move to the target, sorted."""
    return sorted(_MOVES[kind][target])
