"""A deterministic scheduler: one virtual clock, one agenda, and tasks of which exactly one runs at a time.

A task is ordinary blocking code (a real handler) in a greenlet that no other has meanwhile. Tasks are switched only
inside `sleep` and `park`, to whatever the agenda has next; so the schedule follows from the seed alone. Who waits reads
the agenda itself: nothing is switched while a task is the next thing to happen anyway.
"""

import heapq
from collections.abc import Callable
from contextvars import Context
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from greenlet import getcurrent, greenlet

START = datetime(2026, 11, 22, 9, 0, 0, tzinfo=UTC)
SECOND = 1_000_000

Slot = tuple[Any, str]
"""A module and the name of a global in it that is one process's memory."""


class Killed(BaseException):
    """The process that ran a handler is gone; nothing in it gets to know."""


@dataclass
class Outcome:
    """How a task ended: a value, an exception, or neither (it was killed)."""

    value: Any = None
    error: Exception | None = None
    killed: bool = False


class Task:
    """A handler's run. `memory` is what its process keeps between runs."""

    def __init__(
        self,
        name: str,
        work: Callable[[], Any],
        on_end: Callable[[Outcome], None],
        begins_at: int,
        ends_at: int,
        memory: "Memory",
    ) -> None:
        self.name = name
        self.work = work
        self.on_end = on_end
        self.begins_at = begins_at
        self.ends_at = ends_at
        self.memory = memory
        self.begun: greenlet | None = None
        self.waits = 0
        self.answer: Any = None


class Memory:
    """The globals of one process, put in place while a task of it runs."""

    def __init__(self, slots: list[Slot], values: list[Any]) -> None:
        self._slots = slots
        self._values = values

    def restore(self) -> None:
        """Put the globals in place."""
        for (module, name), value in zip(self._slots, self._values, strict=True):
            setattr(module, name, value)

    def save(self) -> None:
        """Take the globals as they are now."""
        self._values = [getattr(module, name) for module, name in self._slots]


NO_MEMORY = Memory([], [])


class Scheduler:
    """Time, the agenda and the tasks of one run. Times are whole microseconds since START."""

    def __init__(self) -> None:
        self.now = 0
        self.steps = 0
        self.broken: BaseException | None = None
        self._agenda: list[tuple[int, int, Callable[[], None] | None, Task | None, int]] = []
        self._number = 0
        self._current: Task | None = None
        self._following: Task | None = None
        self._unfinished: dict[Task, None] = {}
        self._free: list[greenlet] = []
        self._until = -1
        self._unwinding = False

    # -- what everybody may ask

    def moment(self) -> datetime:
        """Return the present moment."""
        return START + timedelta(microseconds=self.now)

    def after(self, delay: int, action: Callable[[], None]) -> None:
        """Do something later, at once for the clock: an action takes no time and may not sleep."""
        self._push(self.now + delay, action, None, 0)

    def spawn(
        self,
        name: str,
        work: Callable[[], Any],
        on_end: Callable[[Outcome], None],
        *,
        delay: int = 0,
        limit: int,
        memory: Memory = NO_MEMORY,
    ) -> Task:
        """Begin a task after `delay`; it is killed `limit` later. `on_end` is called when it ends in any way."""
        begins_at = self.now + delay
        task = Task(name, work, on_end, begins_at, begins_at + limit, memory)
        self._unfinished[task] = None
        self._push(self.now + delay, None, task, 0)
        return task

    @property
    def current(self) -> Task:
        """The task that runs now."""
        if self._current is None:
            raise RuntimeError("only a task can wait")
        return self._current

    def sleep(self, delay: int) -> None:
        """Let the present task wait. Raises Killed when its time is up."""
        self.park(delay)

    def park(self, at_most: int) -> Any:
        """Let the present task wait until `unpark`, and return the answer; None after `at_most`. Raises Killed."""
        task = self.current
        if self._unwinding:
            raise Killed
        task.waits += 1
        task.answer = None
        wake = min(self.now + at_most, task.ends_at)
        self._push(wake, None, task, task.waits)
        self._following = self._next()
        if self._following is not task:
            task.memory.save()
            self._pause(task)
        if self._unwinding or self.now >= task.ends_at:
            raise Killed
        return task.answer

    def unpark(self, task: Task, answer: Any, delay: int) -> None:
        """Wake a parked task after `delay`, with an answer, if it still waits for this."""
        serial = task.waits

        def wake() -> None:
            if task in self._unfinished and task.waits == serial:
                task.answer = answer
                self._push(self.now, None, task, serial)

        self.after(delay, wake)

    def fail(self, error: BaseException) -> None:
        """End the run: a law is broken or the simulation itself is. Raises Killed in a task."""
        if self.broken is None:
            self.broken = error
        if self._current is not None:
            raise Killed

    # -- the run

    def run(self, seconds: float) -> None:
        """Let everything happen that is due within some seconds. Raises what broke the run."""
        self._until = self.now + int(seconds * SECOND)
        self._following = self._next()
        while (task := self._following) is not None:
            self._switch(task)
        if self.broken is not None:
            raise self.broken
        self.now = max(self.now, self._until)

    def end_within(self, seconds: float) -> None:
        """Let the present `run` end that soon."""
        self._until = min(self._until, self.now + int(seconds * SECOND))

    @property
    def next_due(self) -> int | None:
        """When the next thing is due, None if nothing is."""
        return self._agenda[0][0] if self._agenda else None

    def close(self) -> None:
        """End every task that is not finished."""
        self._unwinding = True
        while self._unfinished:
            task = next(iter(self._unfinished))
            if task.begun is None:
                del self._unfinished[task]
            else:
                self._current = task
                task.begun.switch()
        while self._free:
            self._free.pop().throw()

    def _push(self, at: int, action: Callable[[], None] | None, task: Task | None, serial: int) -> None:
        self._number += 1
        heapq.heappush(self._agenda, (at, self._number, action, task, serial))

    def _next(self) -> Task | None:
        """Do the actions that come first; return the task whose turn it is, None at the end of the run."""
        agenda = self._agenda
        while agenda and agenda[0][0] <= self._until and self.broken is None:
            at, _, action, task, serial = heapq.heappop(agenda)
            if task is not None and (task not in self._unfinished or (task.begun is not None and task.waits != serial)):
                continue
            self.now = max(self.now, at)
            self.steps += 1
            if task is not None:
                return task
            assert action is not None
            before, self._current = self._current, None
            try:
                action()
            except Exception as error:  # noqa: BLE001  a defect of the simulation ends the run and is shown
                self.fail(error)
            finally:
                self._current = before
        return None

    def _switch(self, task: Task) -> None:
        """Let a task go on until another's turn comes, or the end of the run."""
        self._current = task
        task.memory.restore()
        if task.begun is None:
            task.begun = self._free.pop() if self._free else greenlet(self._perform_each)
            task.begun.switch(task)
        else:
            task.begun.switch()
        self._current = None

    def _pause(self, task: Task) -> None:
        """Let others have their turn; return when it is this task's again."""
        assert task.begun is not None
        assert task.begun.parent is not None
        task.begun.parent.switch()

    def _perform_each(self, task: Task) -> None:
        """Run one task after another, as they are given: a new greenlet costs more than many switches."""
        here = getcurrent()
        assert here.parent is not None
        while True:  # until it is thrown out when the run is closed
            self._perform(task)
            self._free.append(here)
            task = here.parent.switch()

    def _perform(self, task: Task) -> None:
        """Run a task to its end, in a greenlet, and say whose turn it is."""
        outcome = Outcome()
        try:
            outcome.value = Context().run(task.work)
        except Killed:
            outcome.killed = True
        except Exception as error:  # noqa: BLE001  it is the caller's to judge: a Lambda that raised
            outcome.error = error
        del self._unfinished[task]
        task.memory.save()
        self._current = None
        if self._unwinding:
            return
        if self.broken is None:
            try:
                task.on_end(outcome)
            except Exception as error:  # noqa: BLE001  a defect of the simulation ends the run and is shown
                self.fail(error)
        self._following = self._next()
