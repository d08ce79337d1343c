"""M-Pesa as a provider of payments: what `payment.providers.base` asks of one."""

from payment.callbacks import KINDS as CALLBACK_KINDS
from payment.providers.base import Orders
from payment.providers.mpesa.bodies import read_payout, read_push, read_reversal, read_status
from payment.providers.mpesa.credentials import callback_url, lacking

__all__ = [
    "CALLBACK_KINDS", "NAME", "callback_url", "lacking", "orders", "read_payout", "read_push", "read_reversal",
    "read_status",
]  # fmt: skip

NAME = "MPESA"


def orders() -> Orders:
    """Return the client; `requests` is slow to import, and most calls need none."""
    from payment.providers.mpesa import client

    return client
