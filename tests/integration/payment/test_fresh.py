"""A withdrawal asks for the person themselves: a sign-in of half an hour, or a code that is used for it alone."""

from typing import Any

import pytest

from tests.support.payment import CODE, World
from tests.support.people import just_now

LONG_AGO = {"auth_time": just_now()["auth_time"] - 1801}


def withdraw(world: World, player: str, request_id: str, **more: Any) -> dict[str, Any]:
    money = {"currency": "KES", "amount": "500"}
    return world.ask(player, "Mutation", "withdraw", clientRequestId=request_id, amount=money, **more)


@pytest.fixture
def idle(world: World) -> World:
    """Whoever asks signed in long ago."""
    world.claims = LONG_AGO
    return world


def test_an_old_sign_in_withdraws_with_a_code_alone_and_a_deposit_asks_for_none(idle: World) -> None:
    player = idle.player()
    assert withdraw(idle, player.id, "request-0001")["error"]["type"] == "SIGN_IN_AGAIN"
    assert withdraw(idle, player.id, "request-0001", code="654321")["error"]["type"] == "WRONG_CODE"
    assert idle.wallet.holds == {}, "nothing is held for who is not there"
    assert withdraw(idle, player.id, "request-0001", code=CODE)["data"]["status"] == "SUBMITTED"
    assert idle.pay_in(player.id)["data"]["status"] == "PROMPTED"


def test_a_code_is_for_one_withdrawal_and_the_same_request_needs_it_no_more(idle: World) -> None:
    player = idle.player()
    first = withdraw(idle, player.id, "request-0001", code=CODE)
    assert withdraw(idle, player.id, "request-0001")["data"]["id"] == first["data"]["id"]
    assert withdraw(idle, player.id, "request-0002", code=CODE)["error"]["type"] == "WRONG_CODE"


def test_who_signed_in_just_now_is_asked_for_no_code_and_users_is_not_asked(world: World) -> None:
    player = world.player()
    assert withdraw(world, player.id, "request-0001", code="654321")["data"]["status"] == "SUBMITTED"
    assert world.users.used == {}


@pytest.mark.parametrize("code", ["12345", "1234567", "12345a", "١٢٣٤٥٦", "", "123456 "])
def test_what_is_no_code_is_refused_by_its_name(idle: World, code: str) -> None:
    refused = withdraw(idle, idle.player().id, "request-0001", code=code)["error"]
    assert refused["type"] == "INVALID_INPUT"
    assert "code" in refused["message"]
