"""What a player waits for who deposits: how many calls come one after another, and which are made side by side."""

import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from requests.adapters import HTTPAdapter

from betsafi import aws as aws_clients
from betsafi import people
from tests.bench.meter import Meter
from tests.support.payment import World, payment_world
from tests.support.waiting import PATIENCE_SECONDS

MOST = 6


@pytest.fixture(scope="module")
def meter(emulator: str) -> Meter:
    """Sees every call of the clients that are made from here on."""
    return Meter(aws_clients.session())


@pytest.fixture(scope="module")
def world(emulator: str, meter: Meter) -> Iterator[World]:
    """Payment with the settings of a stage, where prompts have a pause and M-Pesa a limit."""
    with payment_world(emulator, REQUESTS_PER_SECOND="20", PROMPT_PAUSE_SECONDS="10") as running:
        yield running


@pytest.fixture(autouse=True)
def http(world: World, meter: Meter, monkeypatch: pytest.MonkeyPatch) -> None:
    """Count what goes to Cognito, users, the wallet and M-Pesa too."""

    def counted(owner: Any, name: str, host: str) -> None:
        original = getattr(owner, name)

        def call(*given: Any, **options: Any) -> Any:
            meter.count_http(host)
            return original(*given, **options)

        monkeypatch.setattr(owner, name, call)

    counted(people, "can_sign_in", "cognito")
    counted(world.users, "call", "users")
    counted(world.wallet, "call", "wallet")
    counted(HTTPAdapter, "send", "daraja")


def calls(world: World, meter: Meter) -> list[str]:
    """Return the calls, one after another, of the first deposit of a player."""
    player = world.player()
    with meter.measuring() as taken:
        assert world.pay_in(player.id)["data"]["status"] == "SUBMITTED"
    hosts = {call.operation for call in taken.of("http")}
    assert hosts == {"cognito", "users", "wallet", "daraja"}
    return [call.operation for call in taken.one_after_another]


def test_a_deposit_makes_at_most_six_calls_one_after_another(world: World, meter: Meter) -> None:
    calls(world, meter)  # M-Pesa's token is known to all now
    assert len(warm := calls(world, meter)) <= MOST, warm


def test_so_does_one_in_a_process_that_has_just_begun(
    world: World, meter: Meter, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls(world, meter)
    monkeypatch.setattr(world.daraja_channel, "_token", None)
    monkeypatch.setattr(sys.modules["payment.providers.mpesa.credentials"], "_kept", None)
    assert len(cold := calls(world, meter)) <= MOST, cold


def test_nobody_who_is_asked_before_a_deposit_waits_for_another(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each answers only once all three were asked."""
    together = threading.Barrier(3)

    def held(owner: Any, name: str) -> None:
        original = getattr(owner, name)

        def call(*given: Any) -> Any:
            together.wait(PATIENCE_SECONDS)
            return original(*given)

        monkeypatch.setattr(owner, name, call)

    held(people, "can_sign_in")
    held(world.users, "call")
    held(world.wallet, "call")
    assert world.pay_in(world.player().id)["data"]["status"] == "SUBMITTED"
