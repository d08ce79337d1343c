"""Waiting in tests: for a condition, so long that no busy machine misses it; when it never comes, what was seen."""

from collections.abc import Callable
from typing import TypeVar

from tools.base import waiting

PATIENCE_SECONDS = 180.0
"""Nothing waits this long unless it is broken; a machine under load may be thirty times slower than an idle one."""

T = TypeVar("T")


def wait_for(
    look: Callable[[], T],
    what: str = "sign of it",
    seen: Callable[[], object] | None = None,
    seconds: float = PATIENCE_SECONDS,
) -> T:
    """Return the first true answer of `look`. Raises TimeoutError with what was seen last.

    `seen` says more than the last answer of `look`, where that would be an empty one.
    """
    try:
        return waiting.eventually(look, what, seconds=seconds, every=0.02)
    except TimeoutError as missed:
        raise TimeoutError(f"{missed}; there is {seen()!r}" if seen else str(missed)) from missed


def eventually(look: Callable[[], T], what: str, *misses: type[Exception]) -> T:
    """Return the first true answer of `look`, which asks a whole platform and may raise `misses` meanwhile.

    Raises TimeoutError with what was seen last.
    """
    return waiting.eventually(look, what, *misses, seconds=PATIENCE_SECONDS, every=0.1)
