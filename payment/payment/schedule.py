"""When a payment that is not finished is asked about again. Rules only.

One chain of messages follows each change of state; a message whose version is older than the payment's belongs to a
chain that a newer change has replaced.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

MAX_DELAY_SECONDS = 900
"""The longest that SQS can delay a message; a longer wait is several messages."""

REPEATS = 24
"""How often the last delay is repeated when the schedule is used up; after that the daily scan asks."""


@dataclass(frozen=True)
class FollowUp:
    """Ask about a payment as of `version`, for the `step`-th time, at `due` (seconds of the epoch)."""

    payment_id: str
    version: int
    step: int
    due: int

    def message(self) -> dict[str, Any]:
        """Return the queue's JSON."""
        return {"paymentId": self.payment_id, "version": self.version, "step": self.step, "due": self.due}


def parse(message: dict[str, Any]) -> FollowUp:
    """Read the queue's JSON. Raises KeyError."""
    return FollowUp(message["paymentId"], message["version"], message["step"], message["due"])


def first(payment_id: str, version: int, changed: float, delays: Sequence[int]) -> FollowUp:
    """Return the first follow-up of a state that was entered at `changed`."""
    return FollowUp(payment_id, version, 0, math.ceil(changed) + delays[0])


def next_after(last: FollowUp, delays: Sequence[int]) -> FollowUp | None:
    """Return the follow-up after this one, None when the schedule and its repeats are used up."""
    step, schedule = last.step + 1, len(delays)
    if step >= schedule + REPEATS:
        return None
    wait = delays[step] - delays[last.step] if step < schedule else delays[-1]
    return FollowUp(last.payment_id, last.version, step, last.due + wait)


def once(payment_id: str, version: int, due: int, delays: Sequence[int]) -> FollowUp:
    """Return a single question that no other follows."""
    return FollowUp(payment_id, version, len(delays) + REPEATS - 1, due)


def is_late(followup: FollowUp, delays: Sequence[int]) -> bool:
    """Return whether the schedule is used up."""
    return followup.step >= len(delays) - 1


def is_reported(followup: FollowUp, delays: Sequence[int]) -> bool:
    """Return whether it is reported to operators: when the schedule is used up, and once a day."""
    return followup.step in (len(delays) - 1, len(delays) + REPEATS - 1)


def delay_seconds(followup: FollowUp, now: float) -> int:
    """Return for how long to delay the message from now: 0 when it is due, at most what SQS allows."""
    return max(0, min(MAX_DELAY_SECONDS, math.ceil(followup.due - now)))
