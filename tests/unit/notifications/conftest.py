"""The service that these tests share."""

import io
import logging
from collections.abc import Iterator

import pytest

from betsafi.telemetry import logger
from tests.unit.notifications.house import House, built


@pytest.fixture
def house() -> Iterator[House]:
    """Return the notifications service with nobody in it."""
    with built() as house:
        yield house


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """All that the service logs, exceptions with their causes included."""
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    logger.addHandler(handler)
    yield text
    logger.removeHandler(handler)
