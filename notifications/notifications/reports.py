"""What a carrier reports of messages that it took: a form that it posts to an address which only it was given.

The address is `<base>/reports/<carrier>/<hmac>`. Reports are not signed, so the path proves that the sender knows it.
No I/O.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote_plus

AFRICASTALKING = "africastalking"
_ARRIVED = {"Success"}
_FAILED = {"Rejected", "Failed"}
"""Africa's Talking's other states are none in which a message ends: Sent, Submitted, Buffered."""


@dataclass(frozen=True)
class Report:
    """How a message ended, by the carrier's id of it; `failure`: its word where it did not arrive."""

    carrier_id: str
    arrived: bool
    failure: str = ""


def sign(key: str, carrier: str) -> str:
    """Return the path's proof."""
    return hmac.new(key.encode(), f"reports/{carrier}".encode(), hashlib.sha256).hexdigest()


def is_signed(message: Mapping[str, str], key: str) -> bool:
    """Return whether a report came to the address that we gave to its carrier."""
    given = unquote_plus(message["hmac"]).encode()
    return hmac.compare_digest(sign(key, unquote_plus(message["carrier"])).encode(), given)


def read(message: Mapping[str, str]) -> Report | None:
    """Return what a report says; None where the message has not ended yet. Raises ValueError for what cannot be read.

    Values in the queue's message are percent-encoded by API Gateway, so any body survives.
    """
    form = {name: values[0] for name, values in parse_qs(unquote_plus(message["body"])).items()}
    carrier_id, status = form.get("id", ""), form.get("status", "")
    if not 0 < len(carrier_id) <= 128 or not status:
        raise ValueError("a report has an id and a status")
    if status in _ARRIVED:
        return Report(carrier_id, arrived=True)
    return Report(carrier_id, False, form.get("failureReason", status)[:40]) if status in _FAILED else None
