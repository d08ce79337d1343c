"""How what is kept of people reads in the API. No I/O."""

import json
from collections.abc import Mapping
from typing import Any

from betsafi.money import money_out
from betsafi.protection import Use


def user(profile: dict[str, Any]) -> dict[str, Any]:
    """Return a profile as GraphQL's `User`."""
    return {
        "id": profile["user_id"],
        "phoneNumber": profile["phone_number"],
        "email": profile.get("email"),
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


def identity(stands: dict[str, Any], allowed: Mapping[Use, int | None]) -> dict[str, Any]:
    """Return how an identity stands as GraphQL's `Identity`, with what it lets its player do a day."""
    money = {f"{use}ADay": None if cents is None else money_out(cents) for use, cents in allowed.items()}
    return {
        "state": stands["state"],
        "version": stands["version"],
        "reasons": stands["reasons"],
        "askedAt": stands.get("asked_at"),
        "decidedAt": stands.get("decided_at"),
        "allowed": money,
    }


def terms(profile: dict[str, Any], terms_version: str, privacy_version: str, due: bool) -> dict[str, Any]:
    """Return terms in force and accepted as GraphQL's `Terms`."""
    return {
        "terms": terms_version,
        "privacy": privacy_version,
        "acceptedTerms": profile.get("terms"),
        "acceptedPrivacy": profile.get("privacy"),
        "acceptedAt": profile.get("terms_at"),
        "due": due,
    }


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
