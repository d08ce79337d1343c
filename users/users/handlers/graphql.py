"""The users fields of the AppSync API."""

import json
from dataclasses import dataclass
from typing import Any

from betsafi import clock
from betsafi.audit import call_id
from betsafi.errors import InvalidInput
from betsafi.graphql import Caller, Fields, page_limit
from betsafi.ids import path_identifier
from betsafi.inputs import moment, text
from betsafi.money import money_out
from betsafi.settings import read_settings
from users import models
from users.flows import sign_ins, standing
from users.handlers import protection
from users.stores import people, trail


@dataclass(frozen=True)
class Settings:
    """The pool that players sign in with."""

    player_pool: str


settings = read_settings(Settings)
handler = Fields(protection.handler)

_IDS = {"staff_id": "staffId", "user_id": "userId"}
_TIMES = {"since": "from", "until": "to"}


@handler.query("me")
def me(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return the caller's profile, which their first code made."""
    return present(people.get_profile(caller.user_id))


@handler.mutation("setPassword")
def set_password(caller: Caller, arguments: dict[str, Any]) -> bool:
    """Give the caller a password to sign in with instead of a code."""
    password = models.password(arguments["password"])
    signed_in_at = int(caller.claims.get("auth_time") or 0)
    sign_ins.set_password(settings.player_pool, caller.sign_in_id, password, signed_in_at)
    return True


@handler.mutation("updateProfile")
def update_profile(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Change the caller's display name or language."""
    return present(people.change_profile(caller.user_id, models.profile_changes(arguments["input"])))


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


@handler.mutation("suspendStaff")
def suspend_staff(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Take all powers from somebody who works here, at once. Administrators only. Raises NotFound."""
    caller.require("admin")
    return _change_staff(caller, "suspendStaff", arguments, "SUSPENDED")


@handler.mutation("reinstateStaff")
def reinstate_staff(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Give somebody who works here their powers back. Administrators only. Raises NotFound."""
    caller.require("admin")
    return _change_staff(caller, "reinstateStaff", arguments, "ACTIVE")


@handler.query("auditTrail")
def audit_trail(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return a page of what staff did, newest first. Administrators only. Raises InvalidInput, InvalidCursor."""
    caller.require("admin")
    page = trail.page(_filter(arguments.get("filter") or {}), page_limit(arguments), arguments.get("cursor"))
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
    user_id, reason = path_identifier(arguments["userId"], "userId"), _reason(arguments)
    return standing.set_player(action, user_id, status, reason, caller.staff, call_id(arguments))


def _change_staff(caller: Caller, action: str, arguments: dict[str, Any], status: str) -> dict[str, Any]:
    staff_id, reason = path_identifier(arguments["staffId"], "staffId"), _reason(arguments)
    caller.staff.keep_away_from(staff_id)
    return standing.set_staff(action, staff_id, status, reason, caller.staff, call_id(arguments))


def _reason(arguments: dict[str, Any]) -> str:
    return text(arguments["reason"], "reason", 3, 200)


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
