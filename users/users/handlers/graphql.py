"""The users fields of the AppSync API."""

import json
from dataclasses import dataclass
from typing import Any

from betsafi import clock
from betsafi.approval import alone
from betsafi.audit import Act, call_id, was_done
from betsafi.errors import InvalidInput
from betsafi.graphql import Caller, Fields, page_limit
from betsafi.ids import path_identifier
from betsafi.inputs import moment, text
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

_IDS = {"staff_id": "staffId", "user_id": "userId"}
_TIMES = {"since": "from", "until": "to"}


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
    told = {name: value for name, value in given.items() if value is not None}
    ids = {name: path_identifier(told[field], field) for name, field in _IDS.items() if field in told}
    times = {name: clock.stamp(moment(told[field], field)) for name, field in _TIMES.items() if field in told}
    wanted = trail.Filter(**ids, **times, action=models.action(told["action"]) if "action" in told else "")
    if wanted.since and wanted.until and wanted.since > wanted.until:
        raise InvalidInput("from is after to. Give the earlier moment first.")
    return wanted


def _change_status(caller: Caller, action: str, arguments: dict[str, Any], status: str) -> dict[str, Any]:
    user_id, reason = path_identifier(arguments["userId"], "userId"), text(arguments["reason"], "reason", 3, 200)
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
