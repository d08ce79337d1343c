"""The users fields of the AppSync API."""

import json
from dataclasses import dataclass
from typing import Any

from betsafi import clock
from betsafi.approval import alone
from betsafi.audit import Act, call_id, was_done
from betsafi.errors import InvalidInput
from betsafi.graphql import Caller, Fields, page_limit
from betsafi.ids import identifier
from betsafi.money import money_out
from betsafi.service_client import ServiceClient
from betsafi.settings import Url, read_settings
from users import models, store, trail


@dataclass(frozen=True)
class Settings:
    """The wallet, which must know of a suspension before anybody is told."""

    wallet_url: Url


wallet = ServiceClient(read_settings(Settings).wallet_url)
handler = Fields()


@handler.query("me")
def me(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return the caller's profile; the confirmation trigger fires once and may fail, so a missing one is made here."""
    profile = store.find_profile(caller.user_id)
    if profile is None:
        phone, birthdate = caller.claims.get("phone_number"), caller.claims.get("birthdate")
        if not phone or not birthdate:
            raise InvalidInput("Ask with the ID token: it carries the phone number and the date of birth.")
        profile = store.ensure_profile(caller.user_id, phone, birthdate)
    return present(profile)


@handler.mutation("updateProfile")
def update_profile(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Change the caller's display name or language."""
    return present(store.change_profile(caller.user_id, models.profile_changes(arguments["input"])))


@handler.mutation("suspendUser")
def suspend_user(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Stop a player from betting and depositing; answered once the wallet has it."""
    caller.require("support", "admin")
    return present(_change_status(caller, "suspendUser", arguments, "SUSPENDED"))


@handler.mutation("reinstateUser")
def reinstate_user(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """End a suspension; answered once the wallet has it."""
    caller.require("support", "admin")
    return present(_change_status(caller, "reinstateUser", arguments, "ACTIVE"))


@handler.query("auditTrail")
def audit_trail(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return a page of what staff did, newest first. Administrators only. Raises InvalidInput, InvalidCursor."""
    caller.require("admin")
    page = trail.page(_filter(arguments.get("filter") or {}), page_limit(arguments, 100), arguments.get("cursor"))
    return {"items": [present_act(item) for item in page.items], "cursor": page.cursor}


def _filter(given: dict[str, Any]) -> trail.Filter:
    ids = {name: given.get(field) for name, field in (("staff_id", "staffId"), ("user_id", "userId"))}
    times = {name: given.get(field) for name, field in (("since", "from"), ("until", "to"))}
    return trail.Filter(
        **{name: identifier(value) for name, value in ids.items() if value},
        **{name: _moment(value) for name, value in times.items() if value},
        action=given.get("action") or "",
    )


def _moment(text: str) -> str:
    try:
        return clock.stamp(clock.parse_stamp(text))
    except (ValueError, OverflowError) as error:
        raise InvalidInput("A moment is a date and time with a zone, like 2026-12-01T16:00:00Z.") from error


def _change_status(caller: Caller, action: str, arguments: dict[str, Any], status: str) -> dict[str, Any]:
    user_id, reason = identifier(arguments["userId"]), arguments["reason"].strip()
    if not 3 <= len(reason) <= 200:
        raise InvalidInput("Give a reason of 3 to 200 characters.")
    act = Act(action, f"USER#{user_id}", caller.staff, reason, user_id=user_id, request_id=call_id(arguments))
    if was_done(store.table, act):
        profile = store.get_profile(user_id)
    else:
        before = "ACTIVE" if status == "SUSPENDED" else "SUSPENDED"
        also = alone(act).writes({"status": before}, {"status": status})
        profile = store.change_status(user_id, status, reason, *also)
    if profile["status_version"]:
        body = {"status": profile["status"], "statusVersion": profile["status_version"]}
        wallet.call("PUT", f"/accounts/{user_id}/status", body)
    return profile


def present_act(item: dict[str, Any]) -> dict[str, Any]:
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


def present(profile: dict[str, Any]) -> dict[str, Any]:
    """Return a profile as GraphQL's `User`."""
    return {
        "id": profile["user_id"],
        "phoneNumber": profile["phone_number"],
        "displayName": profile.get("display_name"),
        "language": profile["language"].upper(),
        "status": profile["status"],
        "registeredAt": profile["registered_at"],
    }
