"""User pools in which everybody works here and every player may sign in, for tests that are about something else."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from betsafi import clock, people
from betsafi.people import Staff


def just_now() -> dict[str, Any]:
    """Return the claims of somebody who has just signed in."""
    return {"auth_time": int(clock.now().timestamp())}


GROUPS = frozenset({"trader", "support", "admin"})


@contextmanager
def pools_that_know_everybody() -> Iterator[None]:
    """Have Cognito know everybody until the block ends; what a token says of groups still counts."""
    disabled: set[str] = set()

    def set_staff_enabled(staff_id: str, enabled: bool) -> None:
        (disabled.discard if enabled else disabled.add)(staff_id)

    def find_staff(staff_id: str) -> Staff:
        return Staff(staff_id, groups=frozenset() if staff_id in disabled else GROUPS)

    with (
        patch.object(people, "find_staff", find_staff),
        patch.object(
            people, "list_staff", lambda: [(Staff("support-1", groups=GROUPS, email="support1@example.com"), True)]
        ),
        patch.object(people, "is_enabled", lambda staff_id: staff_id not in disabled),
        patch.object(people, "set_staff_enabled", set_staff_enabled),
        patch.object(people, "can_sign_in", lambda user_id: True),
    ):
        yield
