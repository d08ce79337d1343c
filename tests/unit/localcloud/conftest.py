"""A fake Daraja and a merchant that listens for its callbacks, for every test that asks."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from localcloud.daraja import ManualClock, Settings, create_app
from tests.support import daraja as fakes
from tests.support.daraja import Daraja, Merchant
from tests.support.serving import serve

merchant_server, merchant = fakes.merchant_server, fakes.merchant
daraja_server, daraja = fakes.daraja_server, fakes.daraja


@pytest.fixture
def make_daraja(merchant: Merchant) -> Iterator[Callable[..., Daraja]]:
    """Start a fake of its own with chosen settings."""
    with contextlib.ExitStack() as stack:

        def make(**overrides: Any) -> Daraja:
            clock = overrides.pop("clock", None) or ManualClock()
            options = {name: overrides.pop(name) for name in ("seed", "state_file") if name in overrides}
            settings = Settings(**overrides)
            running = stack.enter_context(contextlib.ExitStack())
            url = running.enter_context(serve(create_app(settings, clock=clock, **options)))
            return Daraja(url, clock, settings, merchant, running=running)

        yield make
