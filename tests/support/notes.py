"""Which template a payment's player must get in which state; consumer and simulation are both held to it."""

OF_PAYMENTS = {
    ("DEPOSIT", "COMPLETED"): "DEPOSIT_COMPLETED",
    ("DEPOSIT", "FAILED"): "DEPOSIT_FAILED",
    ("PAYBILL", "COMPLETED"): "DEPOSIT_COMPLETED",
    ("WITHDRAWAL", "REVIEW"): "WITHDRAWAL_IN_REVIEW",
    ("WITHDRAWAL", "COMPLETED"): "WITHDRAWAL_COMPLETED",
    ("WITHDRAWAL", "FAILED"): "WITHDRAWAL_FAILED",
}
"""By kind and status; no note in any other."""
