"""What M-Pesa will still do by itself, and when."""

import heapq
from datetime import datetime
from typing import Literal

from localcloud.daraja.base.wire import EAT, JSON
from localcloud.daraja.mpesa.model import State

Work = Literal["deliver", "conclude_push", "expire_push", "conclude_order", "queue_timeout"]


class Agenda:
    """Work for later, each piece a moment, what is to be done and the id of what it is about."""

    def __init__(self, state: State) -> None:
        self._state = state

    def later(self, at: datetime, what: Work, subject: str) -> None:
        """Plan a piece of work."""
        self._state.counter += 1
        heapq.heappush(self._state.agenda, (at, self._state.counter, what, subject))

    def take(self, now: datetime) -> tuple[datetime, str, str] | None:
        """Return the next piece of work that is due, and strike it off; None when nothing is."""
        if not self._state.agenda or self._state.agenda[0][0] > now:
            return None
        at, _, what, subject = heapq.heappop(self._state.agenda)
        return at, what, subject

    def next_due(self) -> datetime | None:
        """Return when something is to be done next."""
        return self._state.agenda[0][0] if self._state.agenda else None

    def under_way(self) -> list[JSON]:
        """Return what will still happen by itself, soonest first: the agenda, and what is being posted.

        A held delivery is not among it: it waits for a release.
        """
        posting = [(d.due_at, "post", d.delivery_id) for d in self._state.deliveries.values() if d.state == "posting"]
        planned = [(at, what, subject) for at, _, what, subject in self._state.agenda if not self._done(what, subject)]
        return [
            {"at": at.astimezone(EAT).isoformat(), "what": what, "subject": subject}
            for at, what, subject in sorted(posting + planned)
        ]

    def _done(self, what: str, subject: str) -> bool:
        """Return whether a piece of work on the agenda has nothing left to do: the prompt is answered already."""
        return what.endswith("_push") and self._state.pushes[subject].result_code is not None
