"""Time as a dependency: the wall clock for people, a clock that only moves by hand for tests."""

import asyncio
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Now, and a wait until a moment."""

    def now(self) -> datetime:
        """Return the current moment, aware, in UTC."""

    def watch(self, on_jump: Callable[[], None]) -> Callable[[], None]:
        """Call ``on_jump`` after every jump, from whatever thread moved the clock. Returns what stops it."""

    def real_seconds_until(self, moment: datetime) -> float | None:
        """Return how long a sleeper should sleep, or None when only a jump can bring the moment."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def watch(self, on_jump: Callable[[], None]) -> Callable[[], None]:
        return lambda: None

    def real_seconds_until(self, moment: datetime) -> float | None:
        return max(0.0, (moment - self.now()).total_seconds())


class ManualClock:
    """A clock that stands still until ``advance``. Safe to move from another thread than the server's."""

    def __init__(self, start: datetime | None = None) -> None:
        self._now = start or datetime(2026, 11, 22, 9, 0, 0, tzinfo=UTC)
        self._watchers: list[Callable[[], None]] = []
        self._lock = threading.Lock()

    def now(self) -> datetime:
        return self._now

    def advance(self, seconds: float) -> None:
        """Move time forward and wake whoever waits for it."""
        if seconds < 0:
            raise ValueError("time does not run backwards")
        with self._lock:
            self._now += timedelta(seconds=seconds)
            watchers = list(self._watchers)
        for on_jump in watchers:
            on_jump()

    def watch(self, on_jump: Callable[[], None]) -> Callable[[], None]:
        with self._lock:
            self._watchers.append(on_jump)

        def stop() -> None:
            with self._lock:
                self._watchers.remove(on_jump)

        return stop

    def real_seconds_until(self, moment: datetime) -> float | None:
        return 0.0 if self._now >= moment else None


async def sleep(clock: Clock, seconds: float) -> None:
    """Wait ``seconds`` of the clock's own time."""
    until = clock.now() + timedelta(seconds=seconds)
    await sleep_until(clock, until)


async def sleep_until(clock: Clock, moment: datetime | None, woken: asyncio.Event | None = None) -> None:
    """Return when the clock reaches ``moment`` or ``woken`` is set, whichever is first. None means: only ``woken``."""
    loop = asyncio.get_running_loop()
    event = woken or asyncio.Event()
    jumped = asyncio.Event() if woken is None else event

    def jump() -> None:
        loop.call_soon_threadsafe(jumped.set)

    stop = clock.watch(jump)
    try:
        while moment is None or clock.now() < moment:
            wait_s = None if moment is None else clock.real_seconds_until(moment)
            try:
                await asyncio.wait_for(jumped.wait(), wait_s)
            except TimeoutError:
                continue
            if woken is not None:
                return
            jumped.clear()
    finally:
        stop()
