"""Waiting for what comes about by itself: look until it is so, or say what never came."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PATIENCE_SECONDS = 300.0
"""Only what never comes takes this long, also on a laptop with 25 programs for each processor."""

_SELDOM_SECONDS = 0.5


def eventually(
    look: Callable[[], T], what: str, *misses: type[Exception], seconds: float = PATIENCE_SECONDS, every: float = 0.1
) -> T:
    """Return the first true answer of `look`, which may raise `misses` meanwhile. Raises TimeoutError.

    The last look begins after the deadline, so that a slow one does not give up what has come meanwhile. What takes
    long is looked at less often: after a tenth of the wait so far, at most half a second, if that is more than `every`.
    """
    begun = time.monotonic()
    deadline = begun + seconds
    last: object = None
    while True:
        late = time.monotonic() >= deadline
        try:
            answer = look()
            if answer:
                return answer
            last = answer
        except misses as miss:
            last = miss
        if late:
            raise TimeoutError(f"no {what} within {seconds:.0f} s; last seen: {last!r}")
        time.sleep(max(every, min((time.monotonic() - begun) / 10, _SELDOM_SECONDS)))
