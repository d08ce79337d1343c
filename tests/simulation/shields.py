"""What one player chose for their protection, as users has it, and what of it they were told to be in force."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from betsafi import clock

Body = dict[str, Any]
"""What users sends to the wallet and to payment: all of it, under its version."""


@dataclass
class Shield:
    """What one player chose: every version that was sent, and the newest that they were told to be in force."""

    sent: list[Body] = field(default_factory=list)
    told: int = 0

    @property
    def newest(self) -> Body:
        """The version that was sent last."""
        return self.sent[-1] if self.sent else {"version": 0, "limits": {}}

    def may_stand(self) -> Iterator[Body]:
        """Yield the versions of which each may be in force: the one that was told, and those after it."""
        if self.told == 0:
            yield {"version": 0, "limits": {}}
        yield from (body for body in self.sent if body["version"] >= self.told)

    def most(self, name: str) -> int | None:
        """Return the largest limit of that name that may be in force, None where that may be none."""
        limits = [body["limits"].get(name) for body in self.may_stand()]
        return None if None in limits else max(limit for limit in limits if limit is not None)

    def is_stopped(self, moment: datetime) -> bool:
        """Whether the player was told that they are stopped: no later version ends a stop before its time."""
        told = next((body for body in self.sent if body["version"] == self.told), {})
        return bool(told.get("stoppedUntil", "") > clock.stamp(moment))
