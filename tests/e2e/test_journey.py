"""Every line of the journey, one test each, in order."""

from collections.abc import Callable, Iterator

import pytest

from localcloud.cloud.running import Cloud
from localcloud.journey.run import STEPS
from localcloud.journey.walk import Walk


@pytest.fixture(scope="module")
def walk(cloud: Cloud) -> Iterator[Walk]:
    walk = Walk(cloud)
    yield walk
    walk.close()


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
def test_journey(walk: Walk, step: Callable[[Walk], str]) -> None:
    assert step(walk)
