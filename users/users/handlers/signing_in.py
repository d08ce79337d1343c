"""What a player does about signing in: their devices, codes for what asks for one, and where they are signed out."""

from dataclasses import dataclass
from typing import Any

from betsafi.graphql import Caller, Fields
from betsafi.ids import path_identifier
from betsafi.settings import read_settings
from users import presenting
from users.flows import codes, devices
from users.stores import people
from users.table import Purpose


@dataclass(frozen=True)
class Settings:
    """The pool that players sign in with."""

    player_pool: str


settings = read_settings(Settings)
handler = Fields()


@handler.query("devices")
def list_devices(caller: Caller, arguments: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the devices that the caller signed in on."""
    return _present(caller, devices.list_devices(caller.user_id))


@handler.mutation("requestFreshCode")
def request_fresh_code(caller: Caller, arguments: dict[str, Any]) -> bool:
    """Send the caller a code for what asks for a sign-in just now. Raises NoSms, Unavailable."""
    return codes.send(people.get_profile(caller.user_id)["phone_number"], Purpose.CONFIRM)


@handler.mutation("signOutDevice")
def sign_out_device(caller: Caller, arguments: dict[str, Any]) -> list[dict[str, Any]]:
    """Sign one of the caller's devices out; its token is not refreshed any more. Raises NotFound."""
    return _present(caller, devices.sign_out(caller.user_id, path_identifier(arguments["id"], "id")))


@handler.mutation("signOutEverywhere")
def sign_out_everywhere(caller: Caller, arguments: dict[str, Any]) -> list[dict[str, Any]]:
    """Sign the caller out wherever they are signed in, here too. Raises Unavailable."""
    signed_out = devices.sign_out_everywhere(settings.player_pool, caller.user_id, caller.sign_in_id)
    return _present(caller, signed_out)


def _present(caller: Caller, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    here = caller.claims.get("device")
    return [presenting.device(item, here) for item in sorted(found, key=lambda one: one["last"], reverse=True)]
