"""Contact details for the services that must reach a player: payment (the phone to prompt and pay), notifications."""

from typing import Any

from betsafi.errors import NotFound
from betsafi.http import Api
from betsafi.ids import path_identifier
from users import models
from users.stores import people

handler = Api()


@handler.route(
    "GET", "/users/{userId}/contact", callers=("payment", "notifications"), gives=models.CONTACT, refuses=(NotFound,)
)
def contact(caller: str, path: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
    """Return the phone number in international form, the language and the status."""
    profile = people.get_profile(path_identifier(path["userId"], "userId"))
    return {
        "userId": profile["user_id"],
        "phoneNumber": profile["phone_number"],
        "language": profile["language"],
        "status": profile["status"],
    }
