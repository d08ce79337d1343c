"""A player's e-mail address: of their own choice, proven by a code that is sent there, and theirs to remove."""

from betsafi import clock, ids
from betsafi.dynamodb import Item
from betsafi.errors import NotFound
from users import wording
from users.flows import codes
from users.stores import people
from users.stores.asks import too_often
from users.table import Purpose

A_DAY = 5
"""So many addresses a player may ask for in a day: each gets an e-mail, and may be another's."""


def begin(user_id: str, address: str) -> None:
    """Send a code to an address. Raises NotFound, TooOften, NoMessage (it takes no e-mail of ours), Unavailable."""
    language = people.get_profile(user_id)["language"]
    if not people.ask_email(user_id, address, clock.now().astimezone(clock.NAIROBI).date().isoformat(), A_DAY):
        raise too_often(wording.EMAIL_TOO_OFTEN, A_DAY)
    codes.send(address, Purpose.EMAIL, language)


def confirm(user_id: str, code: str) -> Item:
    """Give the player the address that they asked for; return the profile. Raises NotFound, WrongCode."""
    asked = people.find_email_asked(user_id)
    if asked is None:
        raise NotFound(wording.NO_EMAIL_ASKED)
    used_for = ids.derive_id("email", user_id, asked["address"], asked["asked_at"])
    codes.confirm(asked["address"], code, used_for, Purpose.EMAIL)
    return people.set_email(user_id, asked["address"], asked["asked_at"])


def remove(user_id: str) -> Item:
    """Forget the player's address; return the profile. Raises NotFound."""
    return people.remove_email(user_id)
