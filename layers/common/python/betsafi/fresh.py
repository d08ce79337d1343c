"""Whether the person themselves asks: they signed in a moment ago, or have a code that their phone got just now.

A token that was stolen or left behind is no proof of who sits there. What moves money out, or loosens what protects a
player, asks for more; a bet does not.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from betsafi import clock
from betsafi.errors import Forbidden
from betsafi.graphql import Caller
from betsafi.languages import Both
from betsafi.settings import read_settings


@dataclass(frozen=True)
class Settings:
    """For how long a sign-in is fresh."""

    fresh_seconds: int = 1800


class SignInAgain(Forbidden):
    """The sign-in is too long ago for this."""

    code = "SIGN_IN_AGAIN"
    sw = "Ingia tena, au thibitisha kwa namba ya siri tuliyokutumia."


def fresh(caller: Caller, code: str = "", confirm: Callable[[str], None] | None = None) -> None:
    """Raise SignInAgain unless the caller signed in just now, or has a `code` that `confirm` takes.

    `confirm` raises what is wrong with a code.
    """
    if is_fresh(caller):
        return
    if confirm is None:
        raise SignInAgain(Both("Sign in again, then ask for this.", "Ingia tena, kisha uombe hili."))
    if not code:
        raise SignInAgain(
            Both("Sign in again, or ask for a code, and send it along.", "Ingia tena, au omba namba ya siri na uitume.")
        )
    confirm(code)


def is_fresh(caller: Caller) -> bool:
    """Return whether the caller signed in just now, so that no code is asked for."""
    return clock.now().timestamp() - signed_in_at(caller) <= _settings().fresh_seconds


def signed_in_at(caller: Caller) -> int:
    """Return when the caller signed in, in seconds since 1970; a refresh of the token is no sign-in."""
    return int(caller.claims.get("auth_time") or 0)


def signed_out_since(signed_in_at: int, signed_out_at: str) -> bool:
    """Return whether somebody who signed in at a second has signed out everywhere (a stamp, "" for never) since."""
    return bool(signed_out_at) and clock.parse_stamp(signed_out_at).timestamp() >= signed_in_at + 1


@cache
def _settings() -> Settings:
    return read_settings(Settings)
