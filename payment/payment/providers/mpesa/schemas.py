"""What M-Pesa sends through each door, as JSON Schemas, as far as it is read: `openapi.yml` is made of them.

No function checks a callback by these: `bodies.py` reads whatever comes, and a test holds the two together.
"""

from typing import Any

from payment import callbacks

Schema = dict[str, Any]


def _object(required: dict[str, Schema], optional: dict[str, Schema] | None = None) -> Schema:
    needed = {"required": list(required)} if required else {}
    return {"type": "object", **needed, "properties": {**required, **(optional or {})}}


TEXT = {"type": "string"}
CODE = {"type": ["integer", "string"], "description": "A number in one place, a text in another; some are no numbers."}
AMOUNT = {"type": ["number", "string"], "description": 'Shillings, written 5, 5.00 or "5.00".'}
RECEIPT = {"type": "string", "pattern": "^[A-Z0-9]{6,20}$"}


def _values(name: str, members: str) -> Schema:
    """A part that may be absent or null, whose members are one object or a list."""
    member = _object({name: TEXT}, {"Value": {"description": "May be missing."}})
    either = {"anyOf": [member, {"type": "array", "items": member}, {"type": "null"}]}
    return {**_object({}, {members: either}), "type": ["object", "null"]}


_STK_CALLBACK = _object(
    {"CheckoutRequestID": TEXT, "ResultCode": CODE},
    {"ResultDesc": {"description": "Never read."}, "CallbackMetadata": _values("Name", "Item")},
)
_RESULT = _object(
    {"ResultCode": CODE},
    {
        "ResultDesc": {"description": "Never read."},
        "OriginatorConversationID": {"description": "Ours, of the order that this is about."},
        "TransactionID": {"description": "The receipt; a failure's is a placeholder."},
        "ResultParameters": _values("Key", "ResultParameter"),
    },
)

STK = {"title": "StkCallback", **_object({"Body": _object({"stkCallback": _STK_CALLBACK})})}
RESULT = {"title": "Result", **_object({"Result": _RESULT})}
PAYBILL = {
    "title": "PaybillPayment",
    **_object(
        {"TransID": RECEIPT, "TransAmount": AMOUNT},
        {
            "BusinessShortCode": {"description": "Ours."},
            "BillRefNumber": {"description": "The account number as the payer typed it."},
            "MSISDN": {"description": "Masked or hashed; never read."},
        },
    ),
}
ANYTHING = {"description": "Undocumented: anything is taken, and nothing in it is read."}

OF_DOOR: dict[str, Schema] = {
    callbacks.STK: STK,
    callbacks.PAYOUT: RESULT,
    callbacks.TIMEOUT: ANYTHING,
    callbacks.STATUS: RESULT,
    callbacks.REVERSAL: RESULT,
    callbacks.BALANCE: RESULT,
    callbacks.PAYBILL: PAYBILL,
    callbacks.VALIDATION: PAYBILL,
}

_SAID = {"ResultDesc": {"enum": ["Accepted", "Rejected"]}}
ACKNOWLEDGED = {"title": "Acknowledged", **_object({"ResultCode": {"const": 0}, **_SAID})}
VALIDATED = {
    "title": "Validated",
    **_object({"ResultCode": {"enum": ["0", "C2B00012", "C2B00013", "C2B00015", "C2B00016"]}, **_SAID}),
}
