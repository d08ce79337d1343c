"""A withdrawal asks for the person themselves: a sign-in of half an hour, or a code that is used for it alone."""

from collections.abc import Iterator
from typing import Any

import pytest

from betsafi import clock
from tests.support.payment import CODE, World
from tests.support.people import just_now

LONG_AGO = {"auth_time": just_now()["auth_time"] - 1801}


def withdraw(world: World, player: str, request_id: str, **more: Any) -> dict[str, Any]:
    money = {"currency": "KES", "amount": "500"}
    return world.ask(player, "Mutation", "withdraw", clientRequestId=request_id, amount=money, **more)


@pytest.fixture
def idle(world: World) -> Iterator[World]:
    """Whoever asks signed in long ago."""
    world.claims = LONG_AGO
    yield world
    world.claims = {}


def test_an_old_sign_in_withdraws_with_a_code_alone_and_a_deposit_asks_for_none(idle: World) -> None:
    player = idle.player()
    assert withdraw(idle, player.id, "request-0001")["error"]["type"] == "SIGN_IN_AGAIN"
    assert withdraw(idle, player.id, "request-0001", code="654321")["error"]["type"] == "WRONG_CODE"
    assert idle.wallet.holds == {}, "nothing is held for who is not there"
    assert withdraw(idle, player.id, "request-0001", code=CODE)["data"]["status"] == "SUBMITTED"
    assert idle.pay_in(player.id)["data"]["status"] == "SUBMITTED"


def test_a_code_is_for_one_withdrawal_and_the_same_request_needs_it_no_more(idle: World) -> None:
    player = idle.player()
    first = withdraw(idle, player.id, "request-0001", code=CODE)
    assert withdraw(idle, player.id, "request-0001")["data"]["id"] == first["data"]["id"]
    assert withdraw(idle, player.id, "request-0002", code=CODE)["error"]["type"] == "WRONG_CODE"


def test_who_signed_in_just_now_is_asked_for_no_code_and_users_is_not_asked(world: World) -> None:
    player = world.player()
    assert withdraw(world, player.id, "request-0001", code="654321")["data"]["status"] == "SUBMITTED"
    assert player.id not in world.users.used


@pytest.mark.parametrize("code", ["12345", "1234567", "12345a", "١٢٣٤٥٦", "", "123456 "])
def test_what_is_no_code_is_refused_by_its_name(idle: World, code: str) -> None:
    refused = withdraw(idle, idle.player().id, "request-0001", code=code)["error"]
    assert refused["type"] == "INVALID_INPUT"
    assert "code" in refused["message"]


def test_the_next_withdrawal_after_a_changed_phone_is_reviewed_and_one_paid_after_it_ends_that(world: World) -> None:
    player = world.player()
    world.users.people[player.id]["phoneChangedAt"] = clock.stamp()
    reviewed = withdraw(world, player.id, "request-0001")["data"]
    assert (reviewed["status"], world.item(reviewed["id"])["reason"]) == ("REVIEW", "PHONE_CHANGED")
    world.stores.players.table.write(world.stores.players.mark_paid(player.id))
    assert withdraw(world, player.id, "request-0002")["data"]["status"] == "SUBMITTED"


def test_a_withdrawal_of_long_ago_says_nothing_of_a_phone_that_changed_since(world: World) -> None:
    player = world.player()
    world.stores.players.table.write(world.stores.players.mark_paid(player.id))
    world.users.people[player.id]["phoneChangedAt"] = clock.stamp()
    assert withdraw(world, player.id, "request-0001")["data"]["status"] == "REVIEW"
