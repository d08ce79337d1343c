"""Callbacks that nobody can believe, kept for a human."""

import hashlib
from collections.abc import Mapping
from typing import Any

from betsafi import clock
from betsafi.ids import derive_id
from betsafi.telemetry import count, logger, trace
from payment.callbacks import Delivery
from payment.table import table


def keep(delivery: Delivery, reason: str, facts: Mapping[str, Any]) -> None:
    """Keep a callback that cannot be believed for a human, and count it. Ids and codes only: a body names a person."""
    now = clock.stamp()
    digest = hashlib.sha256(delivery.body.encode()).hexdigest()
    item = {
        "pk": f"QUARANTINE#{now[:10]}",
        "sk": derive_id("quarantine", delivery.kind, delivery.payment_id, reason, digest),
        "at": now,
        "door": delivery.kind,
        "payment_id": delivery.payment_id,
        "reason": reason,
        "source": delivery.source,
        "body_sha256": digest,
        "facts": dict(facts),
        "trace": trace(),
    }
    table.put_new(item)
    count("CallbackQuarantined")
    logger.warning("callback quarantined", payment_id=delivery.payment_id, kind=delivery.kind, reason=reason)
