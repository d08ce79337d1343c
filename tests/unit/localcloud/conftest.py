"""A fake Daraja and a merchant that listens for its callbacks, for every test that asks."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from localcloud.daraja import ManualClock, Settings, create_app
from tests.unit.localcloud.served import Daraja, Merchant, serve


@pytest.fixture(scope="session")
def merchant_server() -> Iterator[Merchant]:
    someone = Merchant()
    with serve(someone.app()) as url:
        someone.base = url
        yield someone


@pytest.fixture
def merchant(merchant_server: Merchant) -> Merchant:
    merchant_server.begin()
    return merchant_server


@pytest.fixture(scope="session")
def daraja_server(merchant_server: Merchant) -> Iterator[Daraja]:
    clock, settings = ManualClock(), Settings()
    with serve(create_app(settings, clock=clock)) as url:
        yield Daraja(url, clock, settings, merchant_server)


@pytest.fixture
def daraja(daraja_server: Daraja, merchant: Merchant) -> Daraja:
    """The fake with default settings, forgetful between tests; its clock stands still until moved."""
    daraja_server.control("/reset", {})
    daraja_server.token = ""
    return daraja_server


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
