"""The users fields of the AppSync API for staff: how players and staff stand, and the trail of what staff did."""

from dataclasses import dataclass
from typing import Any

from betsafi import clock
from betsafi.audit import call_id
from betsafi.errors import InvalidInput
from betsafi.graphql import Caller, Fields, page_limit
from betsafi.ids import path_identifier
from betsafi.inputs import moment, text
from betsafi.settings import Url, read_settings
from users import models, presenting
from users.flows import phones as phones_flow
from users.flows import standing
from users.stores import phones, trail


@dataclass(frozen=True)
class Settings:
    """The pool that players sign in with, the queue by which it follows, and how long a number that was left rests."""

    player_pool: str
    unproven_queue_url: Url
    number_rests_days: int = 90


settings = read_settings(Settings)
handler = Fields()
_follower = phones_flow.Follower(settings.unproven_queue_url, settings.player_pool)

_IDS = {"staff_id": "staffId", "user_id": "userId"}
_TIMES = {"since": "from", "until": "to"}


@handler.mutation("suspendUser")
def suspend_user(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Stop a player from betting and depositing; answered once the wallet has it."""
    caller.require("support", "admin")
    return presenting.user(_change_status(caller, "suspendUser", arguments, "SUSPENDED"))


@handler.mutation("reinstateUser")
def reinstate_user(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """End a suspension; answered once the wallet has it."""
    caller.require("support", "admin")
    return presenting.user(_change_status(caller, "reinstateUser", arguments, "ACTIVE"))


@handler.mutation("unlockSignIn")
def unlock_sign_in(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Let a player who gave too many wrong answers try again at once. Raises NotFound."""
    caller.require("support", "admin")
    user_id, reason = path_identifier(arguments["userId"], "userId"), _reason(arguments)
    return presenting.user(standing.unlock(user_id, reason, caller.staff, call_id(arguments)))


@handler.query("phoneReviews")
def phone_reviews(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return a page of changes of phone numbers that wait for staff, oldest first. Raises InvalidCursor."""
    caller.require("support", "admin")
    page = phones.list_phone_reviews(page_limit(arguments), arguments.get("cursor"))
    return {"items": [presenting.phone_review(item) for item in page.items], "cursor": page.cursor}


@handler.mutation("decidePhoneChange")
def decide_phone_change(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Let a player have another number, which takes two, or refuse it. Raises NotFound, NumberTaken, Conflict."""
    caller.require("support", "admin")
    user_id, reason = path_identifier(arguments["userId"], "userId"), _reason(arguments)
    approves, request_id = bool(arguments["approve"]), call_id(arguments)
    change, status = phones_flow.decide(
        _follower, user_id, approves, reason, caller.staff, request_id, settings.number_rests_days
    )
    return {**presenting.phone_review(change), "status": status}


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
    return {"items": [presenting.act(item) for item in page.items], "cursor": page.cursor}


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
