"""Callbacks: the addresses that we give to M-Pesa, and what comes back through them. Rules only: no I/O.

An address is `<base>/cb/<door>/<id>/<hmac>`, the id our payment's (for paybill payments and balances: our shortcode).
Callbacks are not signed, so the path is what proves that the
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
REVERSAL = "r"
BALANCE = "a"
PAYBILL = "c"
VALIDATION = "v"
DOORS = (STK, PAYOUT, TIMEOUT, STATUS, REVERSAL, BALANCE, PAYBILL, VALIDATION)
"""What M-Pesa says through each: an STK result, a B2C result, a queue timeout, a status, a reversal's result, our
balance, a paybill payment made, and (the only one that is answered by code) a paybill payment about to be made."""

BANNED_WORDS = ("m-pesa", "mpesa", "safaricom", "exe", "exec", "cmd", "sql", "query")
_BANNED_HOSTS = ("ngrok", "mockbin", "requestbin")
_LOOPBACK = ("127.0.0.1", "localhost")
_MAX_SHILLINGS = 10**12
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
        return receipt_number(self.parameters.get(name))


@dataclass(frozen=True)
class PaybillPayment:
    """A customer's payment to our paybill, as C2B, Pull and statements tell it. `account`: what the payer typed."""

    receipt: str
    amount_cents: int
    account: str
    shortcode: str = ""


@dataclass(frozen=True)
class Pulled:
    """A page of customers' payments, and how many of its rows could not be read."""

    payments: Sequence[PaybillPayment]
    unreadable: int = 0


def sign(key: str, door: str, payment_id: str) -> str:
    """Return the path's proof, in lower-case hex (no banned word can occur in hex)."""
    return hmac.new(key.encode(), f"{door}/{payment_id}".encode(), hashlib.sha256).hexdigest()


def is_signed(delivery: Delivery, keys: Sequence[str]) -> bool:
    """Return whether the path was made by us, with the present key or the one before it; no key signs nothing."""
    given = delivery.signature.encode()
    return any(
        key and hmac.compare_digest(sign(key, delivery.door, delivery.payment_id).encode(), given) for key in keys
    )


def is_listed(source: str, addresses: Sequence[str]) -> bool:
    """Return whether a callback came from one of M-Pesa's addresses; no list trusts every one (the laptop)."""
    return not addresses or source in addresses


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
        values = _values(inner, "CallbackMetadata", "Item", "Name")
        return StkResult(
            str(inner["CheckoutRequestID"]),
            _code(inner["ResultCode"]),
            _cents(values.get("Amount")),
            receipt_number(values.get("MpesaReceiptNumber")),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise Unreadable("not an STK callback") from error


def parse_result(body: str) -> Result:
    """Read a result: parameters may be absent, one object or a list, with repeated keys. Raises Unreadable."""
    try:
        inner = _load(body)["Result"]
        return Result(
            _code(inner["ResultCode"]),
            str(inner.get("OriginatorConversationID") or ""),
            receipt_number(inner.get("TransactionID")),
            _values(inner, "ResultParameters", "ResultParameter", "Key"),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise Unreadable("not a result") from error


def parse_paybill(body: str) -> PaybillPayment:
    """Read a C2B validation or confirmation. Names and the masked number are left out. Raises Unreadable."""
    inner = _load(body)
    if not isinstance(inner, dict):
        raise Unreadable("not a paybill payment")
    return _paybill(inner, "TransID", "TransAmount", "BillRefNumber", str(inner.get("BusinessShortCode", "")))


def parse_pull(body: Mapping[str, Any], shortcode: str) -> Pulled:
    """Read an answer to a pull, a list of lists; code 1001 is none. Raises Unreadable, also for an error's code.

    A row that cannot be read is counted and hides no other.
    """
    code = str(body.get("ResponseCode"))
    if code == "1001":
        return Pulled([])
    lists = body.get("Response")
    if code != "1000" or not isinstance(lists, list):
        raise Unreadable("M-Pesa did not answer the pull")
    payments, unreadable = [], 0
    for row in (row for rows in lists for row in (rows if isinstance(rows, list) else [rows])):
        try:
            payments.append(_paybill(row, "transactionId", "amount", "billreference", shortcode))
        except Unreadable:
            unreadable += 1
    return Pulled(payments, unreadable)


def _paybill(row: Any, receipt: str, amount: str, account: str, shortcode: str) -> PaybillPayment:
    found, cents = (
        (receipt_number(row.get(receipt)), _cents(row.get(amount))) if isinstance(row, dict) else (None, None)
    )
    if found is None or cents is None or cents <= 0:
        raise Unreadable("a paybill payment has a receipt and an amount")
    # A phone's text that was cut in the middle of an emoji ends with half of a surrogate pair, which no table keeps.
    typed = str(row.get(account) or "")[:40].encode(errors="replace").decode()
    return PaybillPayment(found, cents, typed, shortcode)


def parse_balance(text: str) -> dict[str, int]:
    """Read "Working Account|KES|700000.00|…&Utility Account|KES|…" into cents by account. Raises Unreadable."""
    parts = [part.split("|") for part in text.split("&") if part]
    found = {fields[0]: _cents(fields[2]) for fields in parts if len(fields) > 2}
    accounts = {name: cents for name, cents in found.items() if cents is not None}
    if not accounts:
        raise Unreadable("no balances")
    return accounts


def _load(body: str) -> Any:
    try:
        return json.loads(body, parse_float=Decimal, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise Unreadable("not JSON") from error


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _values(inner: Mapping[str, Any], part: str, members: str, name: str) -> dict[str, Any]:
    """Return the values by name of a part that may be absent or null, whose members are one object or a list.

    Raises TypeError, KeyError, AttributeError.
    """
    found = None if inner.get(part) is None else inner[part].get(members)
    items = [] if found is None else [found] if isinstance(found, dict) else found
    if not isinstance(items, list) or not all(isinstance(item[name], str) for item in items):
        raise TypeError(f"{members} is one object or a list of objects with a {name}")
    return {item[name]: item["Value"] for item in items if "Value" in item}


def _code(value: Any) -> str:
    """Return a result code, a number here and a text there, as a text. Raises TypeError for what is neither."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise TypeError("a result code is a number or a text")
    return str(value)


def _cents(value: Any) -> int | None:
    """Return exact cents of a number or a decimal string, None for anything else, a fraction of a cent or too much."""
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        return None
    try:
        amount = Decimal(value)
        cents = amount * 100 if abs(amount) < _MAX_SHILLINGS else Decimal("NaN")
    except InvalidOperation:  # no number, or a NaN that compares with nothing
        return None
    return int(cents) if cents.is_finite() and cents == cents.to_integral_value() else None


def receipt_number(value: Any) -> str | None:
    """Return M-Pesa's receipt number, or None for anything that is none."""
    return value if isinstance(value, str) and _RECEIPT.fullmatch(value) else None
