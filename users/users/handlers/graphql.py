"""The users fields of the AppSync API."""

from dataclasses import dataclass
from typing import Any

from betsafi import clock, people
from betsafi.errors import Forbidden
from betsafi.graphql import Caller, Fields
from betsafi.ids import path_identifier
from betsafi.inputs import text
from betsafi.service_client import ServiceClient
from betsafi.settings import Url, read_settings
from betsafi.telemetry import logger
from users import models, pool, store

FRESH_SECONDS = 600
"""A token that was stolen or left behind is no proof of who sits there now, but a sign-in just now is."""


@dataclass(frozen=True)
class Settings:
    """The wallet, which must know of a suspension before anybody is told, and the pool that players sign in with."""

    wallet_url: Url
    player_pool: str


class SignInAgain(Forbidden):
    """The sign-in is too long ago for this."""

    code = "SIGN_IN_AGAIN"


settings = read_settings(Settings)
wallet = ServiceClient(settings.wallet_url)
handler = Fields()


@handler.query("me")
def me(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return the caller's profile, which their first code made."""
    return present(store.get_profile(caller.user_id))


@handler.mutation("setPassword")
def set_password(caller: Caller, arguments: dict[str, Any]) -> bool:
    """Give the caller a password to sign in with instead of a code."""
    password = models.password(arguments["password"])
    if clock.now().timestamp() - int(caller.claims.get("auth_time") or 0) > FRESH_SECONDS:
        raise SignInAgain("Sign in again before you choose a password.")
    pool.set_password(settings.player_pool, caller.sign_in_id, password)
    return True


@handler.mutation("updateProfile")
def update_profile(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Change the caller's display name or language."""
    return present(store.change_profile(caller.user_id, models.profile_changes(arguments["input"])))


@handler.mutation("suspendUser")
def suspend_user(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Stop a player from betting and depositing; answered once the wallet has it."""
    caller.require("support", "admin")
    return present(_change_status(caller, arguments, "SUSPENDED"))


@handler.mutation("reinstateUser")
def reinstate_user(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """End a suspension; answered once the wallet has it."""
    caller.require("support", "admin")
    return present(_change_status(caller, arguments, "ACTIVE"))


@handler.mutation("suspendStaff")
def suspend_staff(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Take all powers from somebody who works here, at once. Administrators only. Raises NotFound."""
    caller.require("admin")
    return _change_staff(caller, arguments, "SUSPENDED")


@handler.mutation("reinstateStaff")
def reinstate_staff(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Give somebody who works here their powers back. Administrators only. Raises NotFound."""
    caller.require("admin")
    return _change_staff(caller, arguments, "ACTIVE")


def _change_status(caller: Caller, arguments: dict[str, Any], status: str) -> dict[str, Any]:
    user_id, reason = path_identifier(arguments["userId"], "userId"), _reason(arguments)
    caller.staff.keep_away_from(user_id)
    profile = store.change_status(user_id, status, reason)
    if profile["status_version"]:
        body = {"status": profile["status"], "statusVersion": profile["status_version"]}
        wallet.call("PUT", f"/accounts/{user_id}/status", body)
    return profile


def _change_staff(caller: Caller, arguments: dict[str, Any], status: str) -> dict[str, Any]:
    staff_id, reason = path_identifier(arguments["staffId"], "staffId"), _reason(arguments)
    caller.staff.keep_away_from(staff_id)
    people.set_staff_enabled(staff_id, status == "ACTIVE")
    logger.info("staff status changed", staff_id=staff_id, status=status, by=caller.user_id, reason=reason)
    return {"id": staff_id, "status": status, "groups": sorted(people.find_staff(staff_id).groups)}


def _reason(arguments: dict[str, Any]) -> str:
    return text(arguments["reason"], "reason", 3, 200)


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
