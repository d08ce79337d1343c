"""What the wallet's API takes in, checked."""

from dataclasses import dataclass
from typing import Any, cast, get_args

from betsafi.errors import InvalidAmount, InvalidInput
from betsafi.money import MAX_CENTS
from wallet.ledger import HoldKind
from wallet.limits import NAMES

STATUSES = ("ACTIVE", "SUSPENDED")
HOLD_KINDS = get_args(HoldKind)


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


def identifier(body: dict[str, Any], name: str) -> str:
    """Return an id of 1 to 128 printable characters without '#', which separates the parts of keys."""
    value = body.get(name)
    if not isinstance(value, str) or not 1 <= len(value) <= 128 or "#" in value or not value.isprintable():
        raise InvalidInput(f"{name} must be a text of 1 to 128 characters without '#'.")
    return value


def text(body: dict[str, Any], name: str) -> str:
    """Return a text of 3 to 100 characters for the record. Raises InvalidInput."""
    value = body.get(name)
    if not isinstance(value, str) or not 3 <= len(value.strip()) <= 100:
        raise InvalidInput(f"{name} has 3 to 100 characters.")
    return value.strip()


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
    value = body.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise InvalidInput(f"{name} must be a whole number from 1.")
    return value


def status_change(body: dict[str, Any]) -> tuple[str, int]:
    """Return (status, its version). Raises InvalidInput."""
    status = body.get("status")
    if status not in STATUSES:
        raise InvalidInput("status must be ACTIVE or SUSPENDED.")
    return status, version(body, "statusVersion")
