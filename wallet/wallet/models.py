"""What the wallet's API takes in, checked, and its contract as JSON Schemas, to which tests hold the checks."""

import re
from dataclasses import dataclass
from typing import Any, cast, get_args

from betsafi import clock, ids, inputs
from betsafi.errors import InvalidAmount, InvalidInput
from betsafi.money import MAX_CENTS, money_in
from wallet.rules import ledger
from wallet.rules.chains import HoldKind
from wallet.rules.ledger import Entry
from wallet.rules.limits import NAMES
from wallet.rules.providers import Provider, provider

STATUSES = ("ACTIVE", "SUSPENDED")
HOLD_KINDS = get_args(HoldKind)
_REASON = re.compile(r"[ -~]{0,100}")
_RECEIPT = re.compile(r"[A-Z0-9][A-Z0-9-]{5,39}")
TAXES = {"EXCISE": ledger.EXCISE, "WITHHOLDING": ledger.WITHHOLDING}


def _object(
    title: str, required: dict[str, Any], optional: dict[str, Any] | None = None, **more: Any
) -> dict[str, Any]:
    properties = {**required, **(optional or {})}
    return {"title": title, "type": "object", "required": list(required), "properties": properties, **more}


ID = {"type": "string", "pattern": f"^{ids.PATTERN}$"}
CENTS = {"type": "integer", "minimum": 1, "maximum": MAX_CENTS, "description": "cents of a shilling"}
BALANCE = {"type": "integer", "description": "cents of a shilling"}
VERSION = {"type": "integer", "minimum": 1, "maximum": MAX_CENTS, "description": "a later one wins"}
LIMIT = {"type": ["integer", "null"], "minimum": 0, "maximum": MAX_CENTS, "description": "cents; null for none"}

HOLD_REQUEST = _object(
    "HoldRequest", {"holdId": ID, "userId": ID, "kind": {"enum": list(HOLD_KINDS)}, "amountCents": CENTS}
)
RELEASE_REQUEST = _object(
    "ReleaseRequest",
    {"userId": ID},
    {"reason": {"type": "string", "pattern": f"^{_REASON.pattern}$"}, "releaseId": ID, "amountCents": CENTS},
    dependentRequired={"releaseId": ["amountCents"], "amountCents": ["releaseId"]},
)
STATUS_REQUEST = _object("StatusRequest", {"status": {"enum": list(STATUSES)}, "statusVersion": VERSION})
LIMITS = {
    "title": "Limits",
    "type": "object",
    "minProperties": 1,
    "properties": {name: LIMIT for name in NAMES},
    "additionalProperties": False,
}
LIMITS_REQUEST = _object("LimitsRequest", {"limits": LIMITS, "limitsVersion": VERSION})
HOLD = _object(
    "Hold",
    {
        "holdId": ID,
        "status": {"enum": ["HELD", "RESOLVED", "VOIDED"]},
        **{name: BALANCE for name in ("amountCents", "remainingCents", "releasedCents", "capturedCents")},
    },
)
ACCOUNT = _object(
    "Account",
    {
        "userId": ID,
        "status": {"enum": [*STATUSES, "FROZEN", "CLOSED"]},
        "availableCents": BALANCE,
        "heldCents": BALANCE,
        "owedCents": BALANCE,
    },
)
STATUS = _object("Status", {"userId": ID, "status": {"enum": [*STATUSES, "CLOSED"]}})
LIMITS_SET = _object("LimitsSet", {"userId": ID, "limitsVersion": VERSION})


@dataclass(frozen=True)
class Release:
    """What of a hold to give back: all that remains, or (`part_id` is set) a part of it."""

    user_id: str
    reason: str
    part_id: str = ""
    part: int | None = None


@dataclass(frozen=True)
class HoldRequest:
    """A request to set money aside."""

    hold_id: str
    user_id: str
    kind: HoldKind
    amount_cents: int


def hold_request(body: dict[str, Any]) -> HoldRequest:
    """Return a checked hold request. Raises InvalidInput, InvalidAmount."""
    kind = body.get("kind")
    if kind not in HOLD_KINDS:
        raise InvalidInput(f"kind must be one of {', '.join(HOLD_KINDS)}.")
    return HoldRequest(
        identifier(body, "holdId"), identifier(body, "userId"), cast(HoldKind, kind), cents(body, "amountCents")
    )


def release_request(body: dict[str, Any]) -> Release:
    """Return a checked release; a part needs an id of its own. Raises InvalidInput, InvalidAmount."""
    user_id, reason = identifier(body, "userId"), body.get("reason", "")
    if not isinstance(reason, str) or not _REASON.fullmatch(reason):
        raise InvalidInput("reason is a text of at most 100 plain characters.")
    if "releaseId" not in body and "amountCents" not in body:
        return Release(user_id, reason)
    return Release(user_id, reason, identifier(body, "releaseId"), cents(body, "amountCents"))


def identifier(body: dict[str, Any], name: str) -> str:
    """Return an id. Raises InvalidInput unless it is 1 to 128 letters, digits or : . _ -"""
    return ids.path_identifier(body.get(name), name)


def text(body: dict[str, Any], name: str) -> str:
    """Return a text of 3 to 100 characters for the record. Raises InvalidInput."""
    return inputs.text(body.get(name), name, 3, 100)


def cents(body: dict[str, Any], name: str) -> int:
    """Return positive integer cents. Raises InvalidAmount."""
    value = body.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= MAX_CENTS:
        raise InvalidAmount(f"{name} must be a positive whole number of cents.")
    return value


def limits(given: Any) -> dict[str, int | None]:
    """Return limits by name (see `limits.NAMES`): whole cents from zero, or None for none. Raises InvalidInput."""
    if not isinstance(given, dict) or not given or not set(given) <= set(NAMES):
        raise InvalidInput(f"limits has some of {', '.join(NAMES)}.")
    for name, limit in given.items():
        if limit is not None and (not isinstance(limit, int) or isinstance(limit, bool) or not 0 <= limit <= MAX_CENTS):
            raise InvalidInput(f"The limit {name} is a whole number of cents from 0, or null for none.")
    return given


def version(body: dict[str, Any], name: str) -> int:
    """Return a version, a whole number from 1. Raises InvalidInput."""
    return inputs.whole(body.get(name), name, 1, MAX_CENTS)


def status_change(body: dict[str, Any]) -> tuple[str, int]:
    """Return (status, its version). Raises InvalidInput."""
    status = body.get("status")
    if status not in STATUSES:
        raise InvalidInput("status must be ACTIVE or SUSPENDED.")
    return status, version(body, "statusVersion")


def fees_entry(arguments: dict[str, Any], command_id: str) -> Entry:
    """Return the entry of what a provider charged on a day (DEBIT), or gave back. Raises InvalidInput, InvalidAmount.

    Its id names the day, by which reconciliation finds it, and the command: a day may need a second booking.
    """
    theirs = _provider(arguments)
    day, account = inputs.day(arguments["day"], "day"), _account(theirs, arguments["account"])
    if day > clock.now().astimezone(clock.NAIROBI).date():
        raise InvalidInput("day is today in Nairobi, or before.")
    if account == ledger.BANK:
        raise InvalidInput("account is COLLECTION or PAYOUT: a provider charges what stands with it.")
    return ledger.fees(f"fees-{day}-{command_id}", _paid(arguments), account, theirs, text(arguments, "reason"))


def transfer_entry(arguments: dict[str, Any]) -> Entry:
    """Return the entry of our own money that went from one account to another. Raises InvalidInput, InvalidAmount."""
    theirs = _provider(arguments)
    source, target = (_account(theirs, arguments[name]) for name in ("from", "to"))
    cents, reason = money_in(arguments["amount"]), text(arguments, "reason")
    return ledger.float_transfer(_receipt(arguments), cents, source, target, reason)


def tax_entry(arguments: dict[str, Any]) -> Entry:
    """Return the entry of a tax that was paid to the authority (DEBIT), or given back. Raises as `transfer_entry`."""
    account = _account(_provider(arguments), arguments["account"])
    cents, reason = _paid(arguments), text(arguments, "reason")
    return ledger.tax_remittance(_receipt(arguments), TAXES[arguments["tax"]], cents, account, reason)


def _paid(arguments: dict[str, Any]) -> int:
    cents = money_in(arguments["amount"])
    return cents if arguments["direction"] == "DEBIT" else -cents


def _provider(arguments: dict[str, Any]) -> Provider:
    return provider(arguments.get("provider"))


def _account(theirs: Provider, name: str) -> str:
    return {"COLLECTION": theirs.collection, "PAYOUT": theirs.payout, "BANK": ledger.BANK}[name]


def _receipt(arguments: dict[str, Any]) -> str:
    receipt = arguments["receipt"]
    if not isinstance(receipt, str) or not _RECEIPT.fullmatch(receipt):
        raise InvalidInput("receipt has 6 to 40 capital letters, digits or hyphens, as it was given out.")
    return receipt
