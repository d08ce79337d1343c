"""The users fields of the AppSync API for players. What staff do is another function's (`staff`)."""

from typing import Any

from betsafi.dynamodb import Item
from betsafi.graphql import Caller, Fields
from betsafi.inputs import text
from users import models, presenting
from users.flows import sign_ins
from users.handlers import identity, protection, signing_in
from users.stores import people, stops

handler = Fields(signing_in.handler, identity.handler, protection.handler)


@handler.query("me")
def me(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return the caller's profile, which their first code made."""
    return _user(people.get_profile(caller.user_id))


@handler.mutation("setPassword")
def set_password(caller: Caller, arguments: dict[str, Any]) -> bool:
    """Give the caller a password to sign in with instead of a code."""
    password = models.password(arguments["password"])
    signed_in_at = int(caller.claims.get("auth_time") or 0)
    sign_ins.set_password(signing_in.settings.player_pool, caller.user_id, caller.sign_in_id, password, signed_in_at)
    return True


@handler.mutation("updateProfile")
def update_profile(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Change the caller's display name or language."""
    return _user(people.change_profile(caller.user_id, models.profile_changes(arguments["input"])))


@handler.mutation("appeal")
def appeal(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Keep what the caller says to our having stopped their account. Raises NotStopped, AlreadyAppealed."""
    said = text(arguments["text"], "text", 10, 1000)
    profile = people.get_profile(caller.user_id)
    return presenting.stopped(stops.appeal(profile, said), profile["language"])


def _user(profile: Item) -> dict[str, Any]:
    return presenting.user(profile, stops.find_stop(profile))
