"""A withdrawal asks for the person themselves: a sign-in of half an hour, or a code that is used for it alone."""

from collections.abc import Iterator
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest

from betsafi import clock
from betsafi.protection import Protection
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
    world.stores.players.table.write(world.stores.players.mark_paid(player.id, clock.stamp()))
    assert withdraw(world, player.id, "request-0002")["data"]["status"] == "SUBMITTED"


def test_who_looks_at_a_large_withdrawal_reads_that_the_phone_changed(world: World) -> None:
    player = world.player()
    world.users.people[player.id]["phoneChangedAt"] = clock.stamp()
    large = world.pay_out(player.id, "80000")["data"]
    assert (large["status"], world.item(large["id"])["reason"]) == ("REVIEW", "PHONE_CHANGED")


def test_users_is_asked_once_how_the_player_is_reached(world: World) -> None:
    player = world.player()
    assert withdraw(world, player.id, "request-0001")["data"]["status"] == "SUBMITTED"
    assert world.users.asked.count(player.id) == 1


def test_a_withdrawal_of_long_ago_says_nothing_of_a_phone_that_changed_since(world: World) -> None:
    player = world.player()
    world.stores.players.table.write(world.stores.players.mark_paid(player.id, clock.stamp()))
    world.users.people[player.id]["phoneChangedAt"] = clock.stamp()
    assert withdraw(world, player.id, "request-0001")["data"]["status"] == "REVIEW"


def signed_out(world: World, player: str, seconds_ago: float) -> None:
    world.users.people[player]["signedOutAt"] = clock.stamp(clock.now() - timedelta(seconds=seconds_ago))


def test_a_token_of_before_its_player_signed_out_everywhere_takes_no_money_out(world: World) -> None:
    player = world.player()
    world.claims = {"auth_time": just_now()["auth_time"] - 60}
    signed_out(world, player.id, 30)
    before = set(world.wallet.holds)
    try:
        for _ in range(2):
            assert withdraw(world, player.id, "request-0001")["error"]["type"] == "SIGNED_OUT"
    finally:
        world.claims = {}
    (held,) = set(world.wallet.holds) - before
    assert held in world.wallet.voided, "it was given back"
    assert withdraw(world, player.id, "request-0002")["data"]["status"] == "SUBMITTED", "signed in again since"


def test_no_more_is_taken_out_in_a_day_than_an_identity_allows(world: World) -> None:
    player = world.player()
    before = set(world.wallet.holds)
    protection = import_module("payment.stores.protection")
    protection.keep_protection(player.id, Protection(1, {}, allowed={"withdraw": 499_00}))
    refused = withdraw(world, player.id, "request-0001")["error"]
    assert refused["type"] == "IDENTITY_LIMIT"
    assert refused["info"].pop("ends") > clock.stamp()
    assert refused["info"] == {"use": "withdraw", "limit": "499.00", "left": "499.00"}
    protection.keep_protection(player.id, Protection(2, {}, allowed={"withdraw": 600_00}))
    sent = withdraw(world, player.id, "request-0002")["data"]
    assert sent["status"] == "SUBMITTED"
    assert withdraw(world, player.id, "request-0003")["error"]["info"]["left"] == "100.00"
    assert set(world.wallet.holds) - before == {sent["id"]}
    protection.keep_protection(player.id, Protection(3, {}))
    assert withdraw(world, player.id, "request-0003")["data"]["status"] == "SUBMITTED"


def test_a_withdrawal_that_waits_while_the_phone_changes_is_reviewed_before_it_is_sent(world: World) -> None:
    player = world.player()
    world.users.people[player.id]["phoneChangedAt"] = clock.stamp()
    asked = world.pay_out(player.id, "500")["data"]
    assert world.admin("approveWithdrawal", id=asked["id"])["data"]["payment"]["status"] == "HELD"
    world.users.people[player.id] |= {"phoneChangedAt": clock.stamp(), "phoneNumber": "+254112000999"}
    assert world.follow_up(asked["id"])["status"] == "REVIEW"
    waits = world.item(asked["id"])
    assert (waits["reason"], waits["phone"]) == ("PHONE_CHANGED", "+2541•••••999"), "where it would go"
    assert world.mpesa.paid(player.phone) == []
    assert world.admin("approveWithdrawal", by="admin-2", id=asked["id"])["data"]["payment"]["status"] == "HELD"
    assert world.follow_up(asked["id"])["status"] == "SUBMITTED", "somebody looked since"


@pytest.mark.parametrize("taken", [True, False])
def test_a_withdrawal_that_is_sent_again_says_which_number_m_pesa_took_it_with(world: World, taken: bool) -> None:
    """Its player has another number since M-Pesa's answer was lost."""
    player = world.player()
    lost = {"preset": "system_error", "executed": True} if taken else {"preset": "waf"}
    world.mpesa.script("b2c", player.phone, {"reply": lost})
    asked = withdraw(world, player.id, "request-0001")["data"]
    assert asked["status"] == "SUBMIT_UNKNOWN"
    world.users.people[player.id]["phoneNumber"] = "+254112000999"
    sent = world.follow_up(asked["id"])
    assert (sent["status"], sent["phone"]) == ("SUBMITTED", asked["phone"] if taken else "+2541•••••999")


def test_a_withdrawal_that_went_to_the_old_number_and_ends_late_says_nothing_of_the_new_one(world: World) -> None:
    player = world.player()
    sent = withdraw(world, player.id, "request-0001")["data"]
    world.users.people[player.id]["phoneChangedAt"] = clock.stamp()
    world.deliver(world.callback_for(sent["id"], "b"))
    assert world.item(sent["id"])["status"] == "COMPLETED"
    assert withdraw(world, player.id, "request-0002")["data"]["status"] == "REVIEW"
