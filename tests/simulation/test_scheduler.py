"""The scheduler: one task at a time, in an order that follows from the agenda alone."""

from collections.abc import Iterator
from functools import partial

import pytest

from tests.simulation.scheduler import SECOND, Outcome, Scheduler


@pytest.fixture
def scheduler() -> Iterator[Scheduler]:
    made = Scheduler()
    yield made
    made.close()


def test_tasks_take_turns_by_the_clock_and_no_real_time_passes(scheduler: Scheduler) -> None:
    seen: list[tuple[str, int]] = []

    def walk(name: str, step: int) -> None:
        for _ in range(3):
            scheduler.sleep(step * SECOND)
            seen.append((name, scheduler.now // SECOND))

    for name, step in (("slow", 100), ("quick", 60)):
        scheduler.spawn(name, partial(walk, name, step), lambda outcome: None, limit=1000 * SECOND)
    scheduler.run(10_000)
    assert seen == [("quick", 60), ("slow", 100), ("quick", 120), ("quick", 180), ("slow", 200), ("slow", 300)]


def test_a_task_past_its_limit_is_killed_and_a_raised_error_is_its_outcome(scheduler: Scheduler) -> None:
    ends: list[Outcome] = []
    scheduler.spawn("long", lambda: scheduler.sleep(30 * SECOND), ends.append, limit=10 * SECOND)
    scheduler.spawn("bad", lambda: 1 // 0, ends.append, limit=SECOND)
    scheduler.run(60)
    assert [type(end.error) for end in ends] == [ZeroDivisionError, type(None)]
    assert [end.killed for end in ends] == [False, True]


def test_an_answer_wakes_whoever_waits_for_it_and_nobody_later(scheduler: Scheduler) -> None:
    heard: list[object] = []

    def wait() -> None:
        heard.append(scheduler.park(5 * SECOND))
        heard.append(scheduler.park(5 * SECOND))

    task = scheduler.spawn("waiting", wait, lambda outcome: None, limit=60 * SECOND)
    scheduler.after(SECOND, lambda: scheduler.unpark(task, "in time", SECOND))
    scheduler.after(SECOND, lambda: scheduler.unpark(task, "too late", 3 * SECOND))
    scheduler.run(60)
    assert heard == ["in time", None]


def test_between_runs_nobody_s_turn_it_is(scheduler: Scheduler) -> None:
    """What fails then is the simulation's own: it is no task that is killed by it, and nothing can wait."""
    scheduler.spawn("waiting", lambda: scheduler.sleep(30 * SECOND), lambda outcome: None, limit=60 * SECOND)
    scheduler.run(10)
    with pytest.raises(RuntimeError, match="only a task can wait"):
        scheduler.sleep(SECOND)
    scheduler.fail(ValueError("a law"))
    with pytest.raises(ValueError, match="a law"):
        scheduler.run(1)


def test_what_breaks_the_run_ends_it_and_every_task(scheduler: Scheduler) -> None:
    ends: list[Outcome] = []

    def break_it() -> None:
        scheduler.sleep(SECOND)
        scheduler.fail(ValueError("a law"))

    scheduler.spawn("other", lambda: scheduler.sleep(10 * SECOND), ends.append, limit=60 * SECOND)
    scheduler.spawn("breaking", break_it, ends.append, limit=60 * SECOND)
    with pytest.raises(ValueError, match="a law"):
        scheduler.run(60)
    scheduler.close()
    assert ends == []
    assert scheduler.now == SECOND
