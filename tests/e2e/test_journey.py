"""Every line of the journey, one test each, in order."""

from collections.abc import Iterator

import pytest

from localcloud.cloud.running import Cloud
from localcloud.journey import Journey

STEPS = [step.__name__ for step in Journey.steps(Journey.__new__(Journey))]


@pytest.fixture(scope="module")
def journey(cloud: Cloud) -> Iterator[Journey]:
    journey = Journey(cloud)
    yield journey
    journey.close()


@pytest.mark.parametrize("step", STEPS)
def test_journey(journey: Journey, step: str) -> None:
    assert getattr(journey, step)()
