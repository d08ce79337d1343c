"""The payment table: payments (`PAYMENT#<id>`), claimed receipts (`RECEIPT#`), account numbers (`NUMBER#`) and prompts'
references (`REFERENCE#`), what a player withdrew by day and when the next prompt may come (`PLAYER#`), callbacks that
nobody can believe (`QUARANTINE#`), and what we know of the channel to M-Pesa.

What waits for a person carries a `queue`, by which the index `by_queue` lists it.
"""

from betsafi.dynamodb import Key, Table
from payment.settings import settings

table = Table(settings.table_name)

PAYMENT = "PAYMENT"


def payment_key(payment_id: str) -> Key:
    """Return a payment's key."""
    return f"PAYMENT#{payment_id}", PAYMENT
