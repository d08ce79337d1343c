"""Waiting for what comes about by itself: look until it is so, or say what never came."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def eventually(
    look: Callable[[], T], what: str, *misses: type[Exception], seconds: float = 30.0, every: float = 0.1
) -> T:
    """Return the first true answer of `look`, which may raise `misses` meanwhile. Raises TimeoutError."""
    deadline = time.monotonic() + seconds
    last: object = None
    while time.monotonic() < deadline:
        try:
            answer = look()
            if answer:
                return answer
            last = answer
        except misses as miss:
            last = miss
        time.sleep(every)
    raise TimeoutError(f"no {what} within {seconds:.0f} s; last seen: {last!r}")
