"""Callbacks: the addresses that we give to M-Pesa, and who proves to have been given one. Rules only: no I/O.

An address is `<base>/cb/<kind>/<id>/<hmac>`, the id our payment's (for paybill payments and balances: our shortcode).
Callbacks are not signed, so the path is what proves that the sender was given the address, and everything inside the
body is still checked against our own payment.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote_plus, urlsplit

STK = "s"
PAYOUT = "b"
TIMEOUT = "t"
STATUS = "q"
REVERSAL = "r"
BALANCE = "a"
PAYBILL = "c"
VALIDATION = "v"
KINDS = (STK, PAYOUT, TIMEOUT, STATUS, REVERSAL, BALANCE, PAYBILL, VALIDATION)
"""What M-Pesa says with each kind: an STK result, a B2C result, a queue timeout, a status, a reversal's result, our
balance, a paybill payment made, and (the only one that is answered by code) a paybill payment about to be made."""

BANNED_WORDS = ("m-pesa", "mpesa", "safaricom", "exe", "exec", "cmd", "sql", "query")
_BANNED_HOSTS = ("ngrok", "mockbin", "requestbin")
_LOOPBACK = ("127.0.0.1", "localhost")


class BadCallbackUrl(ValueError):
    """Daraja would refuse this address."""


@dataclass(frozen=True)
class Delivery:
    """One callback as it came through the queue."""

    kind: str
    payment_id: str
    signature: str
    source: str
    body: str


def sign(key: str, kind: str, payment_id: str) -> str:
    """Return the path's proof, in lower-case hex (no banned word can occur in hex)."""
    return hmac.new(key.encode(), f"{kind}/{payment_id}".encode(), hashlib.sha256).hexdigest()


def is_signed(delivery: Delivery, keys: Sequence[str]) -> bool:
    """Return whether the path was made by us, with the present key or the one before it; no key signs nothing."""
    given = delivery.signature.encode()
    return any(
        key and hmac.compare_digest(sign(key, delivery.kind, delivery.payment_id).encode(), given) for key in keys
    )


def is_listed(source: str, addresses: Sequence[str]) -> bool:
    """Return whether a callback came from one of M-Pesa's addresses; no list trusts every one (the laptop)."""
    return not addresses or source in addresses


def url(base: str, key: str, kind: str, payment_id: str) -> str:
    """Return a callback address. Raises BadCallbackUrl for one that Daraja would refuse."""
    address = f"{base.rstrip('/')}/cb/{kind}/{payment_id}/{sign(key, kind, payment_id)}"
    check_url(address)
    return address


def check_url(address: str) -> None:
    """Raise BadCallbackUrl unless the address is https (http on the laptop itself) and free of banned words."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    if parts.scheme != "https" and not (parts.scheme == "http" and host in _LOOPBACK):
        raise BadCallbackUrl("a callback address must begin with https://")
    if not host or any(character.isspace() for character in address):
        raise BadCallbackUrl("a callback address has a host and no blanks")
    if parts.netloc != parts.netloc.lower():
        raise BadCallbackUrl("a callback address has no upper-case letters in its host")
    for word in (*BANNED_WORDS, *_BANNED_HOSTS):
        if word in address.lower():
            raise BadCallbackUrl(f"a callback address must not contain {word!r}")


def delivery(message: Mapping[str, str]) -> Delivery:
    """Return the callback in a queue message; its values are percent-encoded by API Gateway, so any text survives.

    In messages, and in what is kept of callbacks, the kind is called `door`.
    """
    return Delivery(*(unquote_plus(message[name]) for name in ("door", "id", "hmac", "source", "body")))
