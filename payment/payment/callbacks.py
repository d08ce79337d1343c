"""Callbacks: the addresses that we give to M-Pesa, and what comes back through them. Rules only: no I/O.

An address is `<base>/cb/<door>/<payment id>/<hmac>`. Callbacks are not signed, so the path is what proves that the
sender was given the address, and everything inside the body is still checked against our own payment.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import unquote_plus, urlsplit

STK = "s"
PAYOUT = "b"
TIMEOUT = "t"
STATUS = "q"
DOORS = (STK, PAYOUT, TIMEOUT, STATUS)

BANNED_WORDS = ("m-pesa", "mpesa", "safaricom", "exe", "exec", "cmd", "sql", "query")
_BANNED_HOSTS = ("ngrok", "mockbin", "requestbin")
_LOOPBACK = ("127.0.0.1", "localhost")
_RECEIPT = re.compile(r"[A-Z0-9]{6,20}")


class BadCallbackUrl(ValueError):
    """Daraja would refuse this address."""


class Unreadable(ValueError):
    """A body that is not what Daraja documents."""


@dataclass(frozen=True)
class Delivery:
    """One callback as it came through the queue."""

    door: str
    payment_id: str
    signature: str
    source: str
    body: str


@dataclass(frozen=True)
class StkResult:
    """What an STK callback says; amount and receipt only where it carries them."""

    checkout_request_id: str
    code: str
    amount_cents: int | None = None
    receipt: str | None = None


@dataclass(frozen=True)
class Result:
    """What a result of the B2C and status family says."""

    code: str
    originator_conversation_id: str
    transaction_id: str | None
    parameters: Mapping[str, Any]

    def amount_cents(self, name: str) -> int | None:
        """Return an amount among the parameters in cents, or None."""
        return _cents(self.parameters.get(name))

    def receipt(self, name: str) -> str | None:
        """Return a receipt among the parameters, or None."""
        return _receipt(self.parameters.get(name))


def sign(key: str, door: str, payment_id: str) -> str:
    """Return the path's proof, in lower-case hex (no banned word can occur in hex)."""
    return hmac.new(key.encode(), f"{door}/{payment_id}".encode(), hashlib.sha256).hexdigest()


def is_signed(delivery: Delivery, keys: Sequence[str]) -> bool:
    """Return whether the path was made by us, with the present key or the one before it."""
    given = delivery.signature.encode()
    return any(hmac.compare_digest(sign(key, delivery.door, delivery.payment_id).encode(), given) for key in keys)


def url(base: str, key: str, door: str, payment_id: str) -> str:
    """Return a callback address. Raises BadCallbackUrl for one that Daraja would refuse."""
    address = f"{base.rstrip('/')}/cb/{door}/{payment_id}/{sign(key, door, payment_id)}"
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
    """Return the callback in a queue message; its values are percent-encoded by API Gateway, so any text survives."""
    return Delivery(*(unquote_plus(message[name]) for name in ("door", "id", "hmac", "source", "body")))


def parse_stk(body: str) -> StkResult:
    """Read an STK callback: items by name, never by position; `Value` may be missing. Raises Unreadable."""
    try:
        inner = _load(body)["Body"]["stkCallback"]
        items = (inner.get("CallbackMetadata") or {}).get("Item") or []
        values = {item["Name"]: item.get("Value") for item in items}
        return StkResult(
            str(inner["CheckoutRequestID"]),
            str(inner["ResultCode"]),
            _cents(values.get("Amount")),
            _receipt(values.get("MpesaReceiptNumber")),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise Unreadable("not an STK callback") from error


def parse_result(body: str) -> Result:
    """Read a result: parameters may be absent, one object or a list, with repeated keys. Raises Unreadable."""
    try:
        inner = _load(body)["Result"]
        found = (inner.get("ResultParameters") or {}).get("ResultParameter") or []
        parameters = {
            str(item["Key"]): item["Value"]
            for item in ([found] if isinstance(found, dict) else found)
            if "Value" in item
        }
        return Result(
            str(inner["ResultCode"]),
            str(inner.get("OriginatorConversationID") or ""),
            _receipt(inner.get("TransactionID")),
            parameters,
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise Unreadable("not a result") from error


def _load(body: str) -> Any:
    try:
        return json.loads(body, parse_float=Decimal, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise Unreadable("not JSON") from error


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _cents(value: Any) -> int | None:
    """Return exact cents of a number or a decimal string, None for anything else or a fraction of a cent."""
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        return None
    try:
        amount = Decimal(value) * 100
    except InvalidOperation:
        return None
    return int(amount) if amount.is_finite() and amount == amount.to_integral_value() else None


def _receipt(value: Any) -> str | None:
    return value if isinstance(value, str) and _RECEIPT.fullmatch(value) else None
