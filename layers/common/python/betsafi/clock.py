"""The one clock. Everything that needs the time asks here, so that a test or a simulation can stand in for it."""

import random
import time
from datetime import UTC, datetime, timedelta, timezone

_RANDOM = random.SystemRandom()
"""Asks the system each time: SnapStart restores the state of the module's own generator, alike in every copy."""

NAIROBI = timezone(timedelta(hours=3), "EAT")
"""East Africa Time has no daylight saving, so it is a fixed offset and needs no zone database."""


def now() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Return seconds on a clock that never goes back, for ages and deadlines inside this process."""
    return time.monotonic()


def sleep_with_jitter(attempt: int, base_seconds: float = 0.02, cap_seconds: float = 0.5) -> None:
    """Wait a random time that grows with each attempt, so that writers in contention spread out."""
    time.sleep(_RANDOM.uniform(*jitter_seconds(attempt, base_seconds, cap_seconds)))


def jitter_seconds(attempt: int, base_seconds: float = 0.02, cap_seconds: float = 0.5) -> tuple[float, float]:
    """Return the shortest and the longest wait of an attempt, counted from 0."""
    return base_seconds / 4, min(cap_seconds, base_seconds * 2**attempt)


def stamp(moment: datetime | None = None) -> str:
    """Return a moment (default: now) as ISO 8601 UTC with microseconds; such strings sort by time."""
    written = (moment or now()).astimezone(UTC).isoformat(timespec="microseconds")
    return written.removesuffix("+00:00") + "Z"


def parse_stamp(text: str) -> datetime:
    """Return the moment of an ISO 8601 string with a zone. Raises ValueError for anything else."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"{text!r} is outside the years 1 to 9999 in UTC") from error
