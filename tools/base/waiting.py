"""Waiting for what comes about by itself: look until it is so, or say what never came."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PATIENCE_SECONDS = 300.0
"""Only what never comes takes this long, also on a laptop with 25 programs for each processor."""


def eventually(
    look: Callable[[], T], what: str, *misses: type[Exception], seconds: float = PATIENCE_SECONDS, every: float = 0.1
) -> T:
    """Return the first true answer of `look`, which may raise `misses` meanwhile. Raises TimeoutError.

    The last look begins after the deadline, so that a slow one does not give up what has come meanwhile.
    """
    deadline = time.monotonic() + seconds
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
        time.sleep(every)
