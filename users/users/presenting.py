"""How what is kept of people reads in the API. No I/O."""

import json
from typing import Any

from betsafi.money import money_out


def user(profile: dict[str, Any]) -> dict[str, Any]:
    """Return a profile as GraphQL's `User`."""
    return {
        "id": profile["user_id"],
        "phoneNumber": profile["phone_number"],
        "displayName": profile.get("display_name"),
        "language": profile["language"].upper(),
        "status": profile["status"],
        "registeredAt": profile["registered_at"],
    }


def device(item: dict[str, Any], here: str | None) -> dict[str, Any]:
    """Return a device as GraphQL's `Device`; `here` is the one that asks."""
    return {
        "id": item["device_id"],
        "name": item["name"],
        "firstSeenAt": item["first"],
        "lastSeenAt": item["last"],
        "signedOutAt": item.get("out_at"),
        "current": item["device_id"] == here,
    }


def phone_review(change: dict[str, Any]) -> dict[str, Any]:
    """Return a change of a phone number as GraphQL's `PhoneReview`; the number is masked."""
    return {
        "userId": change["user_id"],
        "newNumber": masked(change["number"]),
        "reason": change.get("reason", ""),
        "askedAt": change["asked_at"],
    }


def masked(number: str) -> str:
    """Return a phone number of which only country and last three digits show."""
    return number[:4] + "*" * (len(number) - 7) + number[-3:]


def act(item: dict[str, Any]) -> dict[str, Any]:
    """Return what somebody of the staff did as GraphQL's `StaffAct`."""
    cents = item.get("amountCents")
    return {
        "id": item["actId"],
        "service": item["service"],
        "action": item["action"],
        "outcome": item["outcome"],
        "staffId": item["staffId"],
        "decidedBy": item["decidedBy"],
        "subject": item["subject"],
        "userId": item.get("userId"),
        "amount": None if cents is None else money_out(cents),
        "reason": item["reason"],
        **{name: json.dumps(item[name], sort_keys=True) for name in ("decision", "before", "after")},
        "at": item["actedAt"],
    }
