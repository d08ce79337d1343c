"""The bet service on a table of its own, the real wallet, reached without the network, and a player with KES 950.00."""

from types import ModuleType, SimpleNamespace

import pytest

from tests.support.bet import bet_of_a_test, load_wallet, new_player


@pytest.fixture(scope="module")
def wallet(emulator: str) -> ModuleType:
    return load_wallet(emulator)


@pytest.fixture
def bet(emulator: str, wallet: ModuleType, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The bet service on a table of its own."""
    return bet_of_a_test(emulator, wallet, monkeypatch)


@pytest.fixture
def user(wallet: ModuleType) -> str:
    return new_player(wallet)
