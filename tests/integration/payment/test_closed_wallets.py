"""A wallet that takes no money is asked before M-Pesa is: nobody is prompted to pay into what they cannot use."""

import pytest

from betsafi import people
from betsafi.errors import Unavailable
from betsafi.money import format_amount
from betsafi.service_client import Refused
from tests.support.payment import World
from tests.support.people import just_now
from tests.support.taxes import paid_out


@pytest.mark.parametrize(
    ("status", "sentence"),
    [("CLOSED", "Your wallet is closed"), ("FROZEN", "is stopped"), ("SUSPENDED", "is stopped")],
)
def test_a_wallet_that_takes_no_money_gets_no_prompt_and_is_told_why(world: World, status: str, sentence: str) -> None:
    player = world.player()
    world.wallet.statuses[player.id] = status
    refused = world.pay_in(player.id, request_id="request-0001")["error"]
    assert refused["type"] == "ACCOUNT_NOT_ACTIVE"
    assert sentence in refused["message"]
    assert world.mpesa.pushes(player.phone) == []
    assert world.ask(player.id, "Query", "payments")["data"]["items"] == []
    world.wallet.statuses[player.id] = "ACTIVE"
    assert world.pay_in(player.id, request_id="request-0001")["data"]["status"] == "SUBMITTED"


def test_a_wallet_that_does_not_answer_costs_nothing_and_the_same_request_may_come_again(world: World) -> None:
    player = world.player()
    world.wallet.unasked = Unavailable("The service is not answering.")
    try:
        assert world.pay_in(player.id, request_id="request-0001")["error"]["type"] == "UNAVAILABLE"
    finally:
        world.wallet.unasked = None
    assert world.mpesa.pushes(player.phone) == []
    assert world.ask(player.id, "Query", "payments")["data"]["items"] == []
    assert world.pay_in(player.id, request_id="request-0001")["data"]["status"] == "SUBMITTED"


def test_a_deposit_that_was_asked_for_before_the_wallet_closed_is_still_told_and_completed(world: World) -> None:
    player = world.player()
    asked = world.pay_in(player.id, request_id="request-0001")["data"]
    world.wallet.statuses[player.id] = "CLOSED"
    assert world.pay_in(player.id, request_id="request-0001")["data"] == asked
    world.mpesa.answer(player.phone, "approve")
    world.deliver(world.callback_for(asked["id"]))
    assert world.item(asked["id"])["status"] == "COMPLETED"


def test_a_player_whose_wallet_is_not_opened_yet_may_deposit(world: World) -> None:
    player = world.player()
    del world.wallet.statuses[player.id]
    assert world.pay_in(player.id)["data"]["status"] == "SUBMITTED"


def test_a_refusal_of_the_question_itself_prompts_nobody(world: World) -> None:
    player = world.player()
    world.wallet.unasked = Refused(400, "INVALID_INPUT", "userId must have 1 to 128 letters.", {})
    try:
        assert world.pay_in(player.id)["error"]["type"] == "INVALID_INPUT"
    finally:
        world.wallet.unasked = None
    assert world.mpesa.pushes(player.phone) == []


@pytest.mark.parametrize("status", ["SUSPENDED", "CLOSED"])
def test_what_is_in_a_wallet_that_takes_no_money_is_paid_out(world: World, status: str) -> None:
    player = world.player(status="SUSPENDED")
    world.wallet.statuses[player.id] = status
    asked = world.pay_out(player.id)["data"]
    world.deliver(world.callback_for(asked["id"], "b"))
    assert world.item(asked["id"])["status"] == "COMPLETED"
    assert world.mpesa.paid(player.phone) == [format_amount(paid_out(500_00))]


@pytest.mark.parametrize("door", ["deposit", "withdraw"])
def test_the_token_of_an_account_that_is_gone_moves_no_money(
    world: World, monkeypatch: pytest.MonkeyPatch, door: str
) -> None:
    player = world.player()
    ask = world.pay_in if door == "deposit" else world.pay_out
    before = ask(player.id, request_id="request-0001")["data"]
    held, pushes = dict(world.wallet.holds), world.mpesa.pushes(player.phone)
    monkeypatch.setattr(people, "can_sign_in", lambda user_id: user_id != player.id)
    assert ask(player.id, request_id="request-0002")["error"]["type"] == "ACCOUNT_NOT_ACTIVE"
    assert ask(player.id, request_id="request-0001")["data"]["id"] == before["id"]
    assert world.wallet.holds == held
    assert world.mpesa.pushes(player.phone) == pushes
    assert len(world.ask(player.id, "Query", "payments")["data"]["items"]) == 1


@pytest.mark.parametrize("field", ["deposit", "withdraw"])
def test_what_counts_is_the_token_s_own_account(world: World, monkeypatch: pytest.MonkeyPatch, field: str) -> None:
    """It need not have the player's id."""
    player = world.player()
    monkeypatch.setattr(people, "can_sign_in", lambda sign_in_id: sign_in_id == "there")

    def ask(sign_in_id: str) -> str:
        money = {"currency": "KES", "amount": "500"}
        event = {
            "type": "Mutation",
            "field": field,
            "arguments": {"clientRequestId": f"request-{sign_in_id}", "amount": money},
            "identity": {"sub": player.id, "claims": {"sub": sign_in_id, **just_now()}},
        }
        answer = world.graphql.handler(event)
        return str(answer["error"]["type"] if "error" in answer else answer["data"]["status"])

    assert ask("gone") == "ACCOUNT_NOT_ACTIVE"
    assert ask("there") == "SUBMITTED"


@pytest.mark.parametrize("door", ["deposit", "withdraw"])
def test_without_cognito_s_answer_no_money_moves_and_the_same_request_may_come_again(
    world: World, monkeypatch: pytest.MonkeyPatch, door: str
) -> None:
    player = world.player()
    ask = world.pay_in if door == "deposit" else world.pay_out

    def away(user_id: str) -> bool:
        raise Unavailable("We cannot check your account at the moment.")

    with monkeypatch.context() as patch:
        patch.setattr(people, "can_sign_in", away)
        assert ask(player.id, request_id="request-0001")["error"]["type"] == "UNAVAILABLE"
    assert world.ask(player.id, "Query", "payments")["data"]["items"] == []
    assert ask(player.id, request_id="request-0001")["data"]["status"] == "SUBMITTED"
