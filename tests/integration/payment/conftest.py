"""The payment service and a fake M-Pesa, one for each file that does not say otherwise."""

from collections.abc import Iterator

import pytest

from tests.support.payment import World, payment_world


@pytest.fixture(scope="module")
def world(emulator: str) -> Iterator[World]:
    with payment_world(emulator) as running:
        yield running
