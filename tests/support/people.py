"""User pools in which everybody works here and every player may sign in, for tests that are about something else."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from betsafi import people
from betsafi.people import Staff

GROUPS = frozenset({"trader", "support", "admin"})


@contextmanager
def pools_that_know_everybody() -> Iterator[None]:
    """Have Cognito know everybody until the block ends; what a token says of groups still counts."""
    with (
        patch.object(people, "find_staff", lambda staff_id: Staff(staff_id, groups=GROUPS)),
        patch.object(people, "can_sign_in", lambda user_id: True),
    ):
        yield
