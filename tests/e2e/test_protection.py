"""Limits, time-outs and exclusions on the deployed platform: in force at the next bet and prompt once answered."""

import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.cloud.running import Cloud, post_json
from localcloud.demo.app import App
from localcloud.demo.seed import new_app, wait_for_code
from localcloud.journey.asking import DEPOSIT, PLACE_BET, WITHDRAW, money, new_phone
from tests.e2e.conftest import funded, new_market

LIMIT = """mutation($input: [LimitInput!]!) {
  setLimits(input: $input) { version limits { name amount { amount } left { amount } } } }"""
TIME_OUT = "mutation { takeTimeOut(hours: 24) { stop { kind until } } }"
EXCLUDE = "mutation { excludeMyself(months: 6) { stop { kind until ends } } }"
LOOK = "query { protection { version stop { kind } limits { name } realityCheck { everyMinutes due } } }"


def bet(market: str, stake: str = "20") -> dict[str, Any]:
    pick = {"marketId": market, "selectionId": f"{market}/1", "odds": "3.00"}
    return {"clientRequestId": uuid.uuid4().hex, "stake": money(stake), "selections": [pick]}


def deposit(amount: str) -> dict[str, Any]:
    return {"id": uuid.uuid4().hex, "amount": money(amount)}


def test_a_limit_refuses_the_next_bet_and_the_next_prompt(cloud: Cloud, trader: App) -> None:
    player, market = funded(cloud), new_market(trader, f"limited-{uuid.uuid4().hex[:8]}")
    given = [{"name": "STAKE_DAY", "amount": money("50")}, {"name": "DEPOSIT_DAY", "amount": money("1100")}]
    answer = player.ask(LIMIT, input=given)
    left = {limit["name"]: limit["left"]["amount"] for limit in answer["limits"]}
    assert left == {"STAKE_DAY": "50.00", "DEPOSIT_DAY": "100.00"}, "what was paid in before counts"
    player.ask(PLACE_BET, input=bet(market, "40"))
    refused = player.refusal(PLACE_BET, input=bet(market, "20"))
    assert (refused.type, refused.info["limit"]) == ("LIMIT_REACHED", "stake_day")
    assert player.refusal(DEPOSIT, **deposit("101")).type == "DEPOSIT_LIMIT"
    assert player.ask(LOOK)["version"] >= answer["version"]


def test_who_takes_a_time_out_neither_bets_nor_deposits_and_can_withdraw(cloud: Cloud, trader: App) -> None:
    player, market = funded(cloud), new_market(trader, f"resting-{uuid.uuid4().hex[:8]}")
    held = player.ask(PLACE_BET, input=bet(market))
    assert player.ask(TIME_OUT)["stop"]["kind"] == "TIME_OUT"
    assert player.refusal(PLACE_BET, input=bet(market)).type == "PLAYER_STOPPED"
    assert player.refusal(DEPOSIT, **deposit("100")).type == "PLAYER_STOPPED"
    assert held["status"] == "ACCEPTED"
    assert player.ask(WITHDRAW, id=uuid.uuid4().hex, amount=money("100"))["status"] in ("REVIEW", "SUBMITTED")


def test_an_exclusion_is_for_months_and_no_time_out_makes_it_shorter(cloud: Cloud, trader: App) -> None:
    player, market = funded(cloud), new_market(trader, f"excluded-{uuid.uuid4().hex[:8]}")
    stop = player.ask(EXCLUDE)["stop"]
    assert (stop["kind"], stop["ends"]) == ("EXCLUSION", None)
    assert player.ask(TIME_OUT)["stop"] == {"kind": "EXCLUSION", "until": stop["until"]}
    assert player.refusal("mutation { endExclusion { version } }").type == "NOT_YET"
    refused = player.refusal(PLACE_BET, input=bet(market))
    assert (refused.type, refused.info) == ("PLAYER_STOPPED", {"kind": "EXCLUSION", "until": None})


def test_who_is_on_the_exclusion_register_gets_no_account(cloud: Cloud) -> None:
    phone = new_phone()
    post_json(f"{cloud.addresses.registers}/exclusion/_fake/scripts", {"phone": phone, "answer": "listed"})
    app = new_app(cloud, phone)
    app.sign_up()
    with pytest.raises(ClientError, match="EXCLUDED"):
        app.confirm(wait_for_code(cloud, phone))
