"""How somebody stands now, asked of their user pool: a token is good for minutes after its owner was disabled."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from betsafi.aws import client, error_code, is_misconfigured
from betsafi.errors import Forbidden, Misconfigured, NotFound, Unavailable
from betsafi.languages import Both
from betsafi.settings import read_settings
from betsafi.telemetry import misconfigured

GROUPS = ("trader", "support", "admin")
"""What people who work here may do."""
_PAGES = 50
"""Of sixty people each."""
_NOBODY = "Nobody of this id works here."
_CANNOT_CHECK = Both(
    "We cannot check your account at the moment. Please try again.",
    "Hatuwezi kukagua akaunti yako kwa sasa. Tafadhali jaribu tena.",
)


@dataclass(frozen=True)
class Staff:
    """Somebody who works here, as they stand now.

    `player_id` is the player's account that they are known to have as well, empty where none is known. `groups` is
    empty once they are disabled or deleted. `email` is what they sign in by.
    """

    id: str
    player_id: str = ""
    groups: frozenset[str] = frozenset()
    email: str = field(default="", compare=False, repr=False)

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
    if user is None:
        return Staff(staff_id)
    asked = _ask("admin_list_groups_for_user", pool, staff_id) if user["Enabled"] else None
    groups = [group["GroupName"] for group in (asked or {"Groups": []})["Groups"]]
    return _staff(user, [*user["UserAttributes"], {"Name": "sub", "Value": staff_id}], groups)


def list_staff() -> list[tuple[Staff, bool]]:
    """Return who works here, each with whether they may now, by address. Raises Unavailable, Misconfigured."""
    groups: dict[str, set[str]] = {}
    for group in GROUPS:
        for user in _all("list_users_in_group", "NextToken", GroupName=group):
            groups.setdefault(user["Username"], set()).add(group)
    found = [
        (_staff(user, user["Attributes"], groups.get(user["Username"], ())), bool(user["Enabled"]))
        for user in _all("list_users", "PaginationToken")
    ]
    return sorted(found, key=lambda each: each[0].email)


def _staff(user: dict[str, Any], attributes: list[dict[str, str]], groups: Iterable[str]) -> Staff:
    """Return somebody as Cognito has them; their id is what their tokens have as `sub`."""
    told = {attribute["Name"]: attribute["Value"] for attribute in attributes}
    may = frozenset(groups) if user["Enabled"] else frozenset[str]()
    return Staff(told["sub"], told.get("custom:player_id", ""), may, told.get("email", ""))


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


def _all(operation: str, token: str, **about: Any) -> list[dict[str, Any]]:
    """Return everybody whom a list of the staff pool has. Raises Unavailable, Misconfigured."""
    found: list[dict[str, Any]] = []
    more: dict[str, Any] = {}
    for _ in range(_PAGES):
        answer = _call(operation, UserPoolId=_staff_settings().staff_pool, Limit=60, **about, **more)
        found += answer["Users"]
        if token not in answer:
            break
        more = {token: answer[token]}
    return found


def _ask(operation: str, pool: str, user_id: str) -> dict[str, Any] | None:
    """Return Cognito's answer about somebody, None where the pool has nobody of this id."""
    try:
        return _call(operation, UserPoolId=pool, Username=user_id)
    except ClientError:
        return None


def _call(operation: str, **arguments: Any) -> dict[str, Any]:
    """Return Cognito's answer. Raises Unavailable, Misconfigured, and what says that there is no such user."""
    try:
        answer: dict[str, Any] = getattr(client("cognito-idp"), operation)(**arguments)
    except (ClientError, BotoCoreError) as error:
        if error_code(error) == "UserNotFoundException":
            raise
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
