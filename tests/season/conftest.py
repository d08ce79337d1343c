"""The loaded services, put in place for each module's tests and taken away after."""

from collections.abc import Iterator

import pytest

from tests.simulation.services import Services, installed


@pytest.fixture(scope="module")
def services() -> Iterator[Services]:
    """The real handlers with their borders replaced."""
    with installed() as loaded:
        yield loaded
