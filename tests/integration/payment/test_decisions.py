"""What goes on by itself or by two people, when the payment was quicker: nobody is told a success."""

import json

import pytest

from betsafi.approval import Agreement
from betsafi.audit import Act
from betsafi.dynamodb import Item
from betsafi.people import Staff
from tests.support.payment import World


def agreed(payment: Item) -> Agreement:
    """What two administrators decided about a payment."""
    act = Act("resolveWithdrawal", payment["pk"], Staff("admin-2"), "seen in the portal")
    return Agreement(act, (Staff("admin-1"), Staff("admin-2")), ("seen in the portal", "seen in the portal"))


def begun_reversal(world: World) -> Item:
    """Return the reversal of a player's deposit, as M-Pesa was asked for it."""
    player = world.player()
    deposit = world.pay_in(player.id)["data"]
    world.mpesa.answer(player.phone, "approve")
    world.deliver(world.callback_for(deposit["id"]))
    paid = world.item(deposit["id"])
    begun: Item = world.flows.decisions.reversals.begin(paid, agreed(paid))
    return begun


def test_a_deposit_whose_prompt_m_pesa_took_is_not_given_up_however_late(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    player = world.player()
    world.mpesa.script("stk", player.phone, {"outcome": "never", "queries": ["4999"]})
    asked = world.pay_in(player.id)["data"]
    assert asked["status"] == "SUBMITTED"
    monkeypatch.setattr(world.flows.paybill, "was_pulled", lambda payment: True)
    late = {"paymentId": asked["id"], "version": world.item(asked["id"])["version"], "step": 2, "due": 0}
    records = [{"messageId": "1", "body": json.dumps(late)}]
    assert world.followup.handler({"Records": records}) == {"batchItemFailures": []}
    assert world.item(asked["id"])["status"] == "SUBMITTED"


@pytest.mark.parametrize("outcome", ["UNPAID", "STOP", "RETRY"])
def test_administrators_hear_that_a_withdrawal_ended_otherwise_while_they_decided(world: World, outcome: str) -> None:
    models, decisions = world.flows.decisions.review, world.flows.decisions
    player = world.player()
    asked = world.pay_out(player.id)["data"]
    seen = world.item(asked["id"])
    world.deliver(world.callback_for(asked["id"], "b"))
    assert world.item(asked["id"])["status"] == "COMPLETED"
    decide = {
        "STOP": lambda: decisions.results.stop(seen, agreed(seen)),
        "UNPAID": lambda: decisions.withdrawals.resolve(seen, "UNPAID", None, agreed(seen)),
        "RETRY": lambda: decisions.withdrawals.resolve({**seen, "reason": "FLOAT_LOW"}, "RETRY", None, agreed(seen)),
    }
    with pytest.raises(models.NotAllowedNow):
        decide[outcome]()
    assert world.item(asked["id"])["status"] == "COMPLETED"


def test_administrators_hear_that_a_payment_failed_while_they_decided_that_it_was_paid(world: World) -> None:
    player = world.player()
    asked = world.pay_out(player.id)["data"]
    seen = world.item(asked["id"])
    world.flows.results.fail(seen, "FAILED", reason="DAILY_LIMIT")
    with pytest.raises(world.flows.decisions.review.NotAllowedNow):
        world.flows.decisions.withdrawals.resolve(seen, "PAID", "ABCDEF1234", agreed(seen))
    assert world.item(asked["id"])["status"] == "FAILED"


@pytest.mark.parametrize("outcome", ["UNPAID", "RETRY"])
def test_administrators_hear_that_a_reversal_was_made_while_they_decided(world: World, outcome: str) -> None:
    decisions, reversal = world.flows.decisions, begun_reversal(world)
    world.deliver(world.callback_for(reversal["payment_id"], "r"))
    assert world.item(reversal["payment_id"])["status"] == "COMPLETED"
    with pytest.raises(decisions.review.NotAllowedNow):
        decisions.reversals.resolve(reversal, outcome, agreed(reversal))


def test_administrators_hear_that_a_reversal_ended_while_they_decided_that_it_was_made(world: World) -> None:
    decisions, reversal = world.flows.decisions, begun_reversal(world)
    ended = decisions.reversals.resolve(reversal, "UNPAID", agreed(reversal))
    with pytest.raises(decisions.review.NotAllowedNow):
        decisions.reversals.resolve(reversal, "PAID", agreed(reversal))
    assert world.item(reversal["payment_id"]) == ended
