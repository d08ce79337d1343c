"""Settings of every test, their order, and how to repeat what failed."""

import gc
from collections.abc import Generator, Iterator

import pytest
from hypothesis import settings

from tests.support import pictures
from tests.support.people import pools_that_know_everybody

# A promise is about what is answered, not how soon: a busy machine must not fail a property.
settings.register_profile("betsafi", deadline=None)
settings.load_profile("betsafi")

_NAMED = 10
"""So many failed tests are named one by one; of more, their files."""


@pytest.fixture(scope="session", autouse=True)
def user_pools() -> Iterator[None]:
    """Nobody was disabled, for tests in this process that are about something else."""
    with pools_that_know_everybody():
        yield


def pytest_collection_finish() -> None:
    """What was imported and collected stays to the end: the garbage collector need not look through it each time."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest begin first: nobody waits for them at the end. What waits for something comes last."""
    items.sort(key=lambda item: bool(item.get_closest_marker("late")) - bool(item.get_closest_marker("early")))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What browsers show when a test fails is kept, before they are closed."""
    report = yield
    if report.failed:
        pictures.take()
    return report


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which command repeats only what failed."""
    reports = [report for kind in ("failed", "error") for report in terminalreporter.stats.get(kind, [])]
    if command := repeat([report.nodeid for report in reports]):
        terminalreporter.write_line(command)


def repeat(failed: list[str]) -> str:
    """Return the line that says how to run these tests again, empty if there are none."""
    names = list(dict.fromkeys(failed))
    if len(names) > _NAMED:
        names = list(dict.fromkeys(name.split("::")[0] for name in names))
    quoted = [f"'{name}'" if set(name) & set(" []()*$") else name for name in names]
    return f"Repeat: .venv/bin/pytest {' '.join(quoted)}" if quoted else ""
