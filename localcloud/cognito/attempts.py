"""How often Cognito lets somebody be wrong.

Source: Amazon Cognito developer guide, "Lockout behavior for failed sign-in attempts" (five wrong passwords lock for a
second, each further one twice as long, up to a quarter of an hour) and "Quotas" (5 to 20 wrong codes an hour).
"""

import time
from collections.abc import Callable

FREE = 5
LONGEST_LOCK_SECONDS = 900
HOUR_SECONDS = 3600


def password_lock_seconds(wrong: int) -> int:
    """Return for how long a password is refused unseen after so many wrong ones."""
    return 0 if wrong < FREE else min(LONGEST_LOCK_SECONDS, int(2 ** min(wrong - FREE, 10)))


def code_lock_seconds(wrong: int) -> int:
    """Return for how long a code is refused unseen after so many wrong ones."""
    return 0 if wrong < FREE else HOUR_SECONDS


class Attempts:
    """Wrong attempts of each person, and until when the next is refused. An hour without one forgets them."""

    def __init__(self, lock_seconds: Callable[[int], int], now: Callable[[], float] = time.monotonic) -> None:
        self._lock_seconds, self._now = lock_seconds, now
        self._wrong: dict[tuple[str, str], tuple[int, float]] = {}
        """(how many, since when) by pool and user."""

    def are_over(self, who: tuple[str, str]) -> bool:
        """Return whether an attempt is refused without being looked at."""
        wrong, at = self._wrong.get(who, (0, 0.0))
        return self._now() < at + self._lock_seconds(wrong)

    def wrong(self, who: tuple[str, str]) -> None:
        """Count an attempt that was wrong."""
        wrong, at = self._wrong.get(who, (0, 0.0))
        self._wrong[who] = (1 if self._now() >= at + HOUR_SECONDS else wrong + 1), self._now()

    def right(self, who: tuple[str, str]) -> None:
        """Forget what was wrong before."""
        self._wrong.pop(who, None)
