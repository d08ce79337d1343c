"""What staff did: every service that staff work with publishes it under its own name."""

from collections.abc import Mapping
from typing import Any, Literal, Self

from betsafi.events.model import Cents, Event, Id, Model, Stamp


class ByHand(Model):
    """What is in an event about something that people decided: who, the proposer first, and why each of them."""

    decided_by: list[Id] | None = None
    decided_because: list[str] | None = None

    @property
    def named(self) -> dict[str, Any]:
        """Return who decided, as an entry of the ledger names them; nothing where nobody had to."""
        if not self.decided_by:
            return {}
        return {"decided_by": tuple(self.decided_by), "decided_because": tuple(self.decided_because or ())}


class StaffActed(Event):
    """Somebody of the staff did something, proposed it (nothing has changed yet), or refused what was proposed.

    `action` is the API's field, `subject` what it was about, `user_id` the player it concerns. `decided_by` has the
    proposer first and who approved last; `reason`, `before` and `after` say why and what changed, without anything
    personal.
    """

    act_id: Id
    action: str
    outcome: Literal["DONE", "PROPOSED", "REFUSED"]
    staff_id: Id
    decided_by: list[Id]
    subject: str
    user_id: Id | None = None
    amount_cents: Cents | None = None
    reason: str = ""
    decision: dict[str, Any] = {}
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    acted_at: Stamp

    @classmethod
    def of(cls, item: Mapping[str, Any]) -> Self:
        """Return an act as its service's table keeps it (`betsafi.audit`)."""
        return cls(**{name: item[name] for name in cls.model_fields})
