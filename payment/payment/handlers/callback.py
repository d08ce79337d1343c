"""M-Pesa's callbacks, from the queue that API Gateway wrote them to before any code of ours ran.

A callback is believed when its path is signed and its content fits our own payment; anything else changes nothing and
is counted. A failure here is tried again by the queue: M-Pesa itself sends each only once.
"""

from collections.abc import Callable
from typing import Any

from betsafi.errors import Misconfigured
from betsafi.queue import handle_batch
from betsafi.telemetry import begin, count, logger
from payment import callbacks
from payment.callbacks import Delivery
from payment.flows import deposits, paybill, results, reversals, upkeep, withdrawals
from payment.providers.mpesa.credentials import credentials
from payment.settings import settings
from payment.stores import archive, quarantine

TAKEN_BY: dict[str, Callable[[Delivery], None]] = {
    callbacks.STK: deposits.take_callback,
    callbacks.PAYOUT: withdrawals.take_result,
    callbacks.TIMEOUT: results.take_timeout,
    callbacks.STATUS: withdrawals.take_status,
    callbacks.REVERSAL: reversals.take_result,
    callbacks.BALANCE: upkeep.take_balance,
    callbacks.PAYBILL: paybill.take_confirmation,
}


def handler(event: dict[str, Any], context: object = None) -> dict[str, Any]:
    """Take a batch of callbacks; the failed ones come again."""
    return handle_batch(event, take)


def take(message: dict[str, str]) -> None:
    """Take one callback, any number of times with one effect."""
    delivery = callbacks.delivery(message)
    keys = credentials().callback_keys
    if not any(keys):
        raise Misconfigured  # nothing can be proven until the secret is mended: the queue keeps what M-Pesa sends once
    if delivery.kind not in TAKEN_BY or not callbacks.is_signed(delivery, keys):
        # Anybody can post here, so a forgery costs us no write.
        count("CallbackForged")
        logger.warning("callback not signed by us", kind=delivery.kind[:8], source=delivery.source[:45])
        return
    begin(delivery.payment_id)
    archive.keep(delivery)
    if not callbacks.is_listed(delivery.source, settings.source_addresses):
        count("CallbackSourceUnknown")
        logger.warning("callback from an unknown address", payment_id=delivery.payment_id, source=delivery.source[:45])
        if settings.refuse_unknown_sources:
            quarantine.keep(delivery, "UNKNOWN_SOURCE", {})
            return
    TAKEN_BY[delivery.kind](delivery)
    logger.info("callback taken", payment_id=delivery.payment_id, kind=delivery.kind)
