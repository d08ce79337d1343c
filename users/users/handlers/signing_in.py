"""What a player does about signing in: their phone number, e-mail address and devices, codes for what asks for one."""

from dataclasses import dataclass
from typing import Any

from betsafi.dynamodb import Item
from betsafi.fresh import fresh, signed_in_at
from betsafi.graphql import Caller, Fields
from betsafi.ids import path_identifier
from betsafi.inputs import text
from betsafi.settings import read_settings
from users import models, presenting
from users.flows import codes, devices, emails, phones
from users.stores import people, stops
from users.table import Purpose


@dataclass(frozen=True)
class Settings:
    """The pool that players sign in with."""

    player_pool: str


settings = read_settings(Settings)
handler = Fields()


@handler.mutation("changePhone")
def change_phone(caller: Caller, arguments: dict[str, Any]) -> bool:
    """Send a code to the caller's number and one to a new number. Raises SignInAgain, WrongCode, TooOften, NoSms."""
    number, code = models.phone_number(arguments["newNumber"], "newNumber"), code_in(arguments, "code")
    be_there(caller, code, f"phone {number}")
    phones.begin(caller.user_id, number)
    return True


@handler.mutation("confirmPhoneChange")
def confirm_phone_change(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Move the caller to their new number by both codes. Raises NotFound, WrongCode, NumberTaken."""
    old, new = (models.code(arguments[name], name) for name in ("oldCode", "newCode"))
    return _user(phones.confirm(caller.user_id, old, new))


@handler.mutation("requestPhoneReview")
def request_phone_review(caller: Caller, arguments: dict[str, Any]) -> str:
    """Ask staff for a new number, the old one being lost: first a code to the new one. Raises as `changePhone`."""
    number, new_code = models.phone_number(arguments["newNumber"], "newNumber"), code_in(arguments, "newCode")
    reason = text(arguments["reason"], "reason", 10, 500)
    if not new_code:
        be_there(caller, None, "")
        phones.begin_review(caller.user_id, number)
        return "CODE_SENT"
    phones.ask_review(caller.user_id, number, reason, new_code)
    return "IN_REVIEW"


@handler.query("devices")
def list_devices(caller: Caller, arguments: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the devices that the caller signed in on."""
    return _present(caller, devices.list_devices(caller.user_id))


@handler.mutation("setEmail")
def set_email(caller: Caller, arguments: dict[str, Any]) -> bool:
    """Send a code to an e-mail address that the caller wants. Raises SignInAgain, WrongCode, TooOften, NoEmail."""
    address, code = models.email(arguments["email"]), code_in(arguments, "code")
    be_there(caller, code, f"email {address}")
    emails.begin(caller.user_id, address)
    return True


@handler.mutation("confirmEmail")
def confirm_email(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Give the caller the address that they asked for, by the code that it got. Raises NotFound, WrongCode."""
    return _user(emails.confirm(caller.user_id, models.code(arguments["code"], "code")))


@handler.mutation("removeEmail")
def remove_email(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Forget the caller's address."""
    return _user(emails.remove(caller.user_id))


@handler.mutation("requestFreshCode")
def request_fresh_code(caller: Caller, arguments: dict[str, Any]) -> bool:
    """Send the caller a code for what asks for a sign-in just now. Raises NoSms, Unavailable."""
    profile = people.get_profile(caller.user_id)
    return codes.send(profile["phone_number"], Purpose.CONFIRM, profile["language"])


@handler.mutation("signOutDevice")
def sign_out_device(caller: Caller, arguments: dict[str, Any]) -> list[dict[str, Any]]:
    """Sign one of the caller's devices out; its token is not refreshed any more. Raises NotFound."""
    return _present(caller, devices.sign_out(caller.user_id, path_identifier(arguments["id"], "id")))


@handler.mutation("signOutEverywhere")
def sign_out_everywhere(caller: Caller, arguments: dict[str, Any]) -> list[dict[str, Any]]:
    """Sign the caller out wherever they are signed in, here too. Raises Unavailable."""
    signed_out = devices.sign_out_everywhere(settings.player_pool, caller.user_id, caller.sign_in_id)
    return _present(caller, signed_out)


def code_in(arguments: dict[str, Any], name: str) -> str:
    return models.code(arguments[name], name) if arguments.get(name) is not None else ""


def be_there(caller: Caller, code: str | None, used_for: str) -> None:
    """Raise SignInAgain, SignedOut or WrongCode, unless the caller signed in just now or has a code for this.

    None: no code is taken.
    """
    devices.check_here(caller.user_id, str(caller.claims.get("device") or ""), signed_in_at(caller))

    def confirm(given: str) -> None:
        codes.confirm(people.get_profile(caller.user_id)["phone_number"], given, used_for)

    fresh(caller, code or "", None if code is None else confirm)


def _user(profile: Item) -> dict[str, Any]:
    return presenting.user(profile, stops.find_stop(profile))


def _present(caller: Caller, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return presenting.devices(found, caller.claims.get("device"))
