"""What one player chose for their protection and how we let their account stand, as users has it, and what of it was
answered to be in force."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from betsafi import clock
from betsafi.protection import PlayerStatus

Body = dict[str, Any]
"""What users sends to the wallet and to payment: all of it, under its version."""


@dataclass
class Shield:
    """What one player chose, and how we let them stand: each version that was sent, and the newest answered."""

    sent: list[Body] = field(default_factory=list)
    told: int = 0
    statuses: list[PlayerStatus] = field(default_factory=lambda: ["ACTIVE"])
    """How we let the account stand, by version: at first ACTIVE."""
    status_told: int = 0
    """The newest of these versions that staff were answered to be in force."""

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

    @property
    def may_be(self) -> set[PlayerStatus]:
        """How the account may stand: as was answered last, or as any later version says."""
        return set(self.statuses[self.status_told :])

    def is_stopped(self, moment: datetime) -> bool:
        """Whether the player was told that they are stopped: no later version ends a stop before its time."""
        told = next((body for body in self.sent if body["version"] == self.told), {})
        return bool(told.get("stoppedUntil", "") > clock.stamp(moment))
