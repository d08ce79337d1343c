"""The bodies that Daraja posts, from facts (DARAJA §4.1, §5.4, §6). Pure.

``facts`` are named as Daraja names them. A script may replace or remove any of them; a fact of None is an item with no
Value, as seen in the field.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from localcloud.daraja.base.wire import JSON

STK_ITEMS = ("Amount", "MpesaReceiptNumber", "Balance", "TransactionDate", "PhoneNumber")
RESULT_HEAD = (
    "ResultType",
    "ResultCode",
    "ResultDesc",
    "OriginatorConversationID",
    "ConversationID",
    "TransactionID",
)


def stk_callback(facts: JSON) -> JSON:
    """Return the STK callback; without CallbackMetadata, absent and not null, when it has no items."""
    head = ("MerchantRequestID", "CheckoutRequestID", "ResultCode", "ResultDesc")
    inner: JSON = {name: facts[name] for name in head if name in facts}
    items = [_pair("Name", name, facts[name]) for name in STK_ITEMS if name in facts]
    if items:
        inner["CallbackMetadata"] = {"Item": items}
    return {"Body": {"stkCallback": inner}}


def result(facts: JSON, parameters: Iterable[tuple[str, object]], reference: tuple[str, object] | None) -> JSON:
    """Return a ``Result``; no ResultParameters when there are none (DARAJA §5.4). Keys may repeat (§6)."""
    inner: JSON = {name: facts[name] for name in RESULT_HEAD if name in facts}
    items = [_pair("Key", key, value) for key, value in parameters]
    if items:
        inner["ResultParameters"] = {"ResultParameter": items}
    if reference is not None:
        inner["ReferenceData"] = {"ReferenceItem": _pair("Key", *reference)}
    return {"Result": inner}


def _pair(label: str, name: str, value: object) -> JSON:
    return {label: name} if value is None else {label: name, "Value": value}


@dataclass
class Announcement:
    """A result to be posted: where, and the facts it is made of."""

    family: Literal["stk", "result", "c2b"]
    subject: str
    url: str
    head: JSON
    parameters: list[tuple[str, Any]] = field(default_factory=list)
    reference: tuple[str, Any] | None = None

    def render(self, changes: JSON | None = None, remove: Iterable[str] = ()) -> JSON:
        """Return the body with some facts replaced, added (None: without Value) or removed."""
        changes = changes or {}
        gone = set(remove)
        if self.family != "result":
            facts = {name: value for name, value in (self.head | changes).items() if name not in gone}
            return stk_callback(facts) if self.family == "stk" else facts
        head = {n: v for n, v in (self.head | changes).items() if n in RESULT_HEAD and n not in gone}
        known = {name for name, _ in self.parameters}
        merged = [(name, changes.get(name, value)) for name, value in self.parameters]
        merged += [(n, v) for n, v in changes.items() if n not in RESULT_HEAD and n not in known]
        return result(head, [(n, v) for n, v in merged if n not in gone], self.reference)
