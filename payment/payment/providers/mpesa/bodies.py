"""What M-Pesa sends to our callbacks and answers to pulls, read as it comes. Rules only: no I/O.

What is read of a callback is declared as types: mypy holds the reading to them, and `openapi.yml` is made of them. No
models of pydantic, whose import a callback would wait for at a cold start (docs/decisions.md, 4).
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, NotRequired

from typing_extensions import TypedDict

from payment import callbacks
from payment.models import PaybillPayment
from payment.numbers import masked
from payment.providers.base import Outcome, Pulled, Told, Unreadable
from payment.providers.mpesa.codes import b2c_verdict, reversal_verdict, status_verdict, stk_verdict

_MAX_SHILLINGS = 10**12
_RECEIPT = re.compile(r"[A-Z0-9]{6,20}")


class Like:
    """Says of a text in a published document what the reading demands of it."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self._pattern = f"^{pattern.pattern}$"

    def __get_pydantic_json_schema__(self, kind: Any, schema_of: Any) -> dict[str, Any]:
        return {**schema_of(kind), "pattern": self._pattern}


class StkItem(TypedDict):
    """A value by its name; some have none."""

    Name: str
    Value: NotRequired[Any]


class StkItems(TypedDict):
    """One item or a list of them."""

    Item: NotRequired[StkItem | list[StkItem] | None]


class StkOutcome(TypedDict):
    """What became of a prompt. A code is a number in one place and a text in another; some are no numbers."""

    CheckoutRequestID: str
    ResultCode: int | str
    CallbackMetadata: NotRequired[StkItems | None]


class StkBody(TypedDict):
    """What is in an STK callback."""

    stkCallback: StkOutcome


class StkCallback(TypedDict):
    """What became of a prompt, in its wrapping."""

    Body: StkBody


class ResultParameter(TypedDict):
    """A value by its name; some have none."""

    Key: str
    Value: NotRequired[Any]


class ResultParameters(TypedDict):
    """One parameter or a list of them, whose names may repeat."""

    ResultParameter: NotRequired[ResultParameter | list[ResultParameter] | None]


class OrderOutcome(TypedDict):
    """What became of an order: its own id (ours), and a receipt, which is a placeholder where it failed."""

    ResultCode: int | str
    OriginatorConversationID: NotRequired[Any]
    TransactionID: NotRequired[Any]
    ResultParameters: NotRequired[ResultParameters | None]


class ResultCallback(TypedDict):
    """A result of the B2C and status family, in its wrapping."""

    Result: OrderOutcome


class Paybill(TypedDict):
    """A payment to our paybill: shillings written 5, 5.00 or "5.00", the account as the payer typed it, our number,
    and the payer's with its middle masked."""

    TransID: Annotated[str, Like(_RECEIPT)]
    TransAmount: Decimal | str
    BillRefNumber: NotRequired[Any]
    BusinessShortCode: NotRequired[Any]
    MSISDN: NotRequired[Any]


OF_KIND: dict[str, type[Any]] = {
    callbacks.STK: StkCallback,
    **dict.fromkeys((callbacks.PAYOUT, callbacks.STATUS, callbacks.REVERSAL, callbacks.BALANCE), ResultCallback),
    callbacks.PAYBILL: Paybill,
    callbacks.VALIDATION: Paybill,
}
"""What comes to each kind of callback; nothing is read of a timeout."""


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


def read_push(body: str) -> Told:
    """Read an STK callback. Raises Unreadable."""
    result = parse_stk(body)
    facts = {"code": result.code[:40], "receipt": result.receipt, "amount_cents": result.amount_cents}
    verdict = stk_verdict(result.code)
    return Told(result.checkout_request_id, verdict, facts, result.amount_cents, result.receipt)


def read_payout(body: str) -> Told:
    """Read a B2C result. Raises Unreadable."""
    result = parse_result(body)
    receipt = result.receipt("TransactionReceipt") or result.transaction_id
    paid = result.amount_cents("TransactionAmount")
    return Told(result.originator_conversation_id, b2c_verdict(result.code), _facts(result), paid, receipt)


def read_status(body: str) -> Told:
    """Read the answer to a status query; with another code than 0 it knows nothing. Raises Unreadable."""
    result = parse_result(body)
    if result.code != "0":
        return Told(None, None, _facts(result))
    verdict = status_verdict(str(result.parameters.get("TransactionStatus")))
    order_id, paid = result.parameters.get("OriginatorConversationID"), result.amount_cents("Amount")
    return Told(order_id, verdict, _facts(result), paid, result.receipt("ReceiptNo"))


def read_reversal(body: str) -> Told:
    """Read a reversal's result. Raises Unreadable."""
    result = parse_result(body)
    verdict, about = reversal_verdict(result.code), result.receipt("OriginalTransactionID")
    if result.code == "0":
        return Told(about, verdict, _facts(result), result.amount_cents("Amount"), result.transaction_id)
    return Told(about, verdict, _facts(result), repeated=verdict.outcome is Outcome.PAID)


def read_balance(body: str) -> tuple[str, dict[str, int] | None]:
    """Return a balance's code, and what our accounts hold in cents by name, None with another code than 0.

    Raises Unreadable.
    """
    result = parse_result(body)
    if result.code != "0":
        return result.code, None
    return result.code, parse_balance(str(result.parameters.get("AccountBalance") or ""))


def _facts(result: Result) -> dict[str, Any]:
    """What a quarantined result is known by."""
    return {"code": result.code[:40], "transaction_id": result.transaction_id}


def parse_stk(body: str) -> StkResult:
    """Read an STK callback: items by name, never by position; `Value` may be missing. Raises Unreadable."""
    try:
        callback: StkCallback = _load(body)
        inner = callback["Body"]["stkCallback"]
        metadata = inner.get("CallbackMetadata")
        values = _values(None if metadata is None else metadata.get("Item"), "Name")
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
        callback: ResultCallback = _load(body)
        inner = callback["Result"]
        said = inner.get("ResultParameters")
        return Result(
            _code(inner["ResultCode"]),
            str(inner.get("OriginatorConversationID") or ""),
            receipt_number(inner.get("TransactionID")),
            _values(None if said is None else said.get("ResultParameter"), "Key"),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise Unreadable("not a result") from error


def parse_paybill(body: str) -> PaybillPayment:
    """Read a C2B validation or confirmation. Names are left out. Raises Unreadable."""
    paid: Paybill = _load(body)
    if not isinstance(paid, dict):
        raise Unreadable("not a paybill payment")
    shortcode = str(paid.get("BusinessShortCode", ""))
    account, phone = paid.get("BillRefNumber"), paid.get("MSISDN")
    return _paybill(paid.get("TransID"), paid.get("TransAmount"), account, shortcode, phone)


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
            paid = row if isinstance(row, dict) else {}
            account, phone = paid.get("billreference"), paid.get("msisdn")
            payments.append(_paybill(paid.get("transactionId"), paid.get("amount"), account, shortcode, phone))
        except Unreadable:
            unreadable += 1
    return Pulled(payments, unreadable)


def _paybill(receipt: Any, amount: Any, account: Any, shortcode: str, phone: Any) -> PaybillPayment:
    found, cents = receipt_number(receipt), _cents(amount)
    if found is None or cents is None or cents <= 0:
        raise Unreadable("a paybill payment has a receipt and an amount")
    # A phone's text that was cut in the middle of an emoji ends with half of a surrogate pair, which no table keeps.
    typed = str(account or "")[:40].encode(errors="replace").decode()
    return PaybillPayment(found, cents, typed, shortcode, masked(str(phone)))


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


def _values(found: Any, name: str) -> dict[str, Any]:
    """Return the values by name of what is one object, a list of them, or null. Raises TypeError, KeyError."""
    items = [] if found is None else [found] if isinstance(found, dict) else found
    if not isinstance(items, list) or not all(isinstance(item[name], str) for item in items):
        raise TypeError(f"values are one object or a list of objects with a {name}")
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
