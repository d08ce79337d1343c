"""The bet service on a table of its own, the real wallet, reached without the network, and a player with KES 950.00."""

import uuid
from types import ModuleType, SimpleNamespace

import pytest

from tests.support.bet import load_bet, load_wallet, new_player
from tests.support.emulator import create_table


@pytest.fixture(scope="module")
def wallet(emulator: str) -> ModuleType:
    return load_wallet(emulator)


@pytest.fixture
def bet(emulator: str, wallet: ModuleType, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The bet service on a table of its own."""
    return load_bet(create_table(emulator, f"bet-{uuid.uuid4()}", "bet"), wallet, monkeypatch)


@pytest.fixture
def user(wallet: ModuleType) -> str:
    return new_player(wallet)
