"""How somebody stands now, asked of their user pool: a token is good for minutes after its owner was disabled."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from betsafi.aws import client, error_code, is_misconfigured
from betsafi.errors import Forbidden, Misconfigured, NotFound, Unavailable
from betsafi.languages import Both
from betsafi.settings import read_settings
from betsafi.telemetry import misconfigured

_NOBODY = "Nobody of this id works here."
_CANNOT_CHECK = Both(
    "We cannot check your account at the moment. Please try again.",
    "Hatuwezi kukagua akaunti yako kwa sasa. Tafadhali jaribu tena.",
)


@dataclass(frozen=True)
class Staff:
    """Somebody who works here, as they stand now.

    `player_id` is the player's account that they are known to have as well, empty where none is known. `groups` is
    empty once they are disabled or deleted.
    """

    id: str
    player_id: str = ""
    groups: frozenset[str] = frozenset()

    def is_also(self, *ids: str) -> bool:
        """Return whether the person is one of these, as staff or as a player."""
        return bool({self.id, self.player_id} & {other for other in ids if other})

    def keep_away_from(self, user_id: str) -> None:
        """Raise Forbidden where it is about themselves, as staff or as a player."""
        if self.is_also(user_id):
            raise Forbidden("This is about yourself. Somebody else must do it.")


@dataclass(frozen=True)
class StaffSettings:
    """The pool that staff sign in with."""

    staff_pool: str


@dataclass(frozen=True)
class PlayerSettings:
    """The pool that players sign in with."""

    player_pool: str


def find_staff(staff_id: str) -> Staff:
    """Return the person as the staff pool has them at this moment. Raises Unavailable, Misconfigured."""
    pool = _staff_settings().staff_pool
    user = _ask("admin_get_user", pool, staff_id)
    if user is None or not user["Enabled"]:
        return Staff(staff_id)
    found = _ask("admin_list_groups_for_user", pool, staff_id) or {"Groups": []}
    attributes = {attribute["Name"]: attribute["Value"] for attribute in user["UserAttributes"]}
    groups = frozenset(group["GroupName"] for group in found["Groups"])
    return Staff(staff_id, attributes.get("custom:player_id", ""), groups)


def is_enabled(staff_id: str) -> bool:
    """Return whether somebody may work here at this moment. Raises NotFound, Unavailable, Misconfigured."""
    if (user := _ask("admin_get_user", _staff_settings().staff_pool, staff_id)) is None:
        raise NotFound(_NOBODY)
    return bool(user["Enabled"])


def set_staff_enabled(staff_id: str, enabled: bool) -> None:
    """Let somebody work here again, or no more from now on. Raises NotFound, Unavailable, Misconfigured."""
    operation = "admin_enable_user" if enabled else "admin_disable_user"
    if _ask(operation, _staff_settings().staff_pool, staff_id) is None:
        raise NotFound(_NOBODY)


def can_sign_in(sign_in_id: str) -> bool:
    """Return whether a player's account with Cognito, their token's sub, is there and enabled now.

    Raises Unavailable, Misconfigured.
    """
    user = _ask("admin_get_user", _player_settings().player_pool, sign_in_id)
    return user is not None and bool(user["Enabled"])


def _ask(operation: str, pool: str, user_id: str) -> dict[str, Any] | None:
    """Return Cognito's answer about somebody, None where the pool has nobody of this id."""
    try:
        answer: dict[str, Any] = getattr(client("cognito-idp"), operation)(UserPoolId=pool, Username=user_id)
    except (ClientError, BotoCoreError) as error:
        if error_code(error) == "UserNotFoundException":
            return None
        if not is_misconfigured(error):
            raise Unavailable(_CANNOT_CHECK) from error
        misconfigured("Cognito", error=error_code(error))
        raise Misconfigured from error
    return answer


# Read when first needed: not every function that answers GraphQL asks about people.
@cache
def _staff_settings() -> StaffSettings:
    return read_settings(StaffSettings)


@cache
def _player_settings() -> PlayerSettings:
    return read_settings(PlayerSettings)
