"""What a player was told last about a bet is what the bet is: any facts, in any order, repeated and at once."""

import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.emulator import create_table
from tests.support.services import load, stores

STAKE = 10_000
Fact = tuple[str, dict[str, Any]]


@pytest.fixture(scope="module")
def consumer(emulator: str) -> ModuleType:
    table = create_table(emulator, f"notifications-order-{uuid.uuid4()}", "notifications")
    door = load("notifications.handlers.consumer", TABLE_NAME=table, USERS_URL="http://users")
    from notifications import users_api

    users_api._client.call = lambda *_: {"phoneNumber": "+254712345678", "language": "en"}  # type: ignore[method-assign]
    vars(door)["stores"] = stores("notifications")
    return door


@st.composite
def lives(draw: st.DrawFn) -> list[Fact]:
    """Return what happens to one bet, in its own order."""
    facts: list[Fact] = [("BetAccepted", {"betVersion": 2, "potentialPayoutCents": 50_000})]
    for n in range(1, draw(st.integers(0, 5)) + 1):
        about = {"betVersion": n + 2, "resultVersion": n}
        outcome = draw(st.sampled_from(["WON", "LOST", "VOID", "REOPENED"]))
        if outcome == "REOPENED":
            facts.append(("BetReopened", about))
        else:
            payout = {"WON": draw(st.integers(1, 50_000)), "LOST": 0, "VOID": STAKE}[outcome]
            facts.append(("BetSettled", {**about, "outcome": outcome, "payoutCents": payout}))
    return facts


def record(user: str, bet: str, fact: Fact) -> dict[str, Any]:
    name, facts = fact
    data = {"userId": user, "betId": bet, "stakeCents": STAKE, **facts}
    detail = {"id": f"{name}-{facts['betVersion']}", "time": "2026-11-26T08:00:00Z", "version": 1, "data": data}
    return {
        "messageId": uuid.uuid4().hex,
        "body": json.dumps({"source": "betsafi.bet", "detail-type": name, "detail": detail}),
    }


def told(consumer: ModuleType, user: str, bet: str) -> dict[str, Any]:
    (note,) = consumer.stores.notes(user, 10, None, False).items
    assert note == consumer.stores.find(user, f"bet:{bet}")
    return dict(note)


def outcome_of(fact: Fact) -> str:
    name, facts = fact
    if facts.get("outcome") == "WON" and facts["payoutCents"] < STAKE:
        return "PART_BACK"
    return {"BetAccepted": "ACCEPTED", "BetReopened": "REOPENED"}.get(name) or str(facts["outcome"])


@settings(max_examples=60, deadline=None)
@given(lives(), st.data())
def test_the_last_that_a_player_is_told_of_a_bet_is_what_the_bet_is(
    consumer: ModuleType, life: list[Fact], data: st.DataObject
) -> None:
    user, bet = str(uuid.uuid4()), str(uuid.uuid4())
    order = data.draw(st.permutations([*life, *data.draw(st.lists(st.sampled_from(life), max_size=3))]))
    for fact in order:
        assert consumer.handler({"Records": [record(user, bet, fact)]}) == {"batchItemFailures": []}
    note = told(consumer, user, bet)
    assert note["version"] == life[-1][1]["betVersion"]
    assert note["template"].endswith(outcome_of(life[-1]))


def test_facts_that_come_at_once_leave_the_newest(consumer: ModuleType) -> None:
    user, bet = str(uuid.uuid4()), str(uuid.uuid4())
    life: list[Fact] = [
        ("BetSettled", {"betVersion": n, "resultVersion": n, "outcome": "WON", "payoutCents": n * 100})
        for n in range(1, 17)
    ]
    with ThreadPoolExecutor(8) as pool:
        waiting = [record(user, bet, fact) for fact in life]
        while waiting:
            answers = list(pool.map(lambda message: consumer.handler({"Records": [message]}), waiting))
            again = {failure["itemIdentifier"] for answer in answers for failure in answer["batchItemFailures"]}
            waiting = [message for message in waiting if message["messageId"] in again]
    assert told(consumer, user, bet)["version"] == 16
