"""What a bet as it stands is told as, when the change that led there was lost."""

import json
from itertools import pairwise
from typing import Any

import pytest

from tests.support.services import load

BET = {
    "pk": "USER#u", "sk": "BET#b", "bet_id": "b", "user_id": "u", "stake_cents": 1_000, "status": "ACCEPTED",
    "settlement_version": 0, "revision": 4, "potential_payout_cents": 2_500, "legs": [{}, {}],
}  # fmt: skip


@pytest.fixture
def stream() -> Any:
    address = "http://queue.invalid"
    settings = {"TABLE_NAME": "t", "BUS_NAME": "b", "PARKING_URL": address, "FOLLOWUP_QUEUE_URL": address}
    settings["SETTLEMENT_QUEUE_URL"] = address
    return load("bet.handlers.stream", FOLLOWUP_SECONDS="1", SERVICE="bet", AWS_DEFAULT_REGION="eu-west-1", **settings)


def told(stream: Any, old: Any, **changes: Any) -> list[tuple[str, Any]]:
    events = stream.to_events(old, {**BET, **changes})
    return [(type(event).__name__, event.bet_version) for event in events]


def test_an_open_bet_is_told_as_what_came_last(stream: Any) -> None:
    """Its acceptance, its correction, or that it is open again after its correction."""
    assert told(stream, None) == [("BetAccepted", 5)]
    assert told(stream, None, correction_version=1, corrected_in=0) == [("BetRepriced", 5)]
    reopened = told(stream, None, correction_version=1, corrected_in=1, settlement_version=2)
    assert reopened == [("BetReopened", 5)]


def test_a_bet_that_was_corrected_after_it_opened_again_is_both_and_the_correction_is_the_news(stream: Any) -> None:
    """The wallet may not know yet that it is open; a note of that must not come after the one of the correction."""
    both = told(stream, None, correction_version=1, corrected_in=2, settlement_version=2)
    assert both == [("BetReopened", None), ("BetRepriced", 5)]


def test_a_correction_is_told_once_though_its_bet_changes_again(stream: Any) -> None:
    corrected = {"correction_version": 1, "corrected_in": 0}
    assert told(stream, BET, **corrected) == [("BetRepriced", 5)]
    assert told(stream, {**BET, **corrected}, **corrected, revision=5) == []
    first, again = (stream.to_events(None, {**BET, **corrected, "revision": each})[0] for each in (4, 7))
    assert first.correction_version == again.correction_version == 1


def test_a_leg_that_is_decided_in_an_open_bet_is_told_as_a_change_of_the_bet(stream: Any) -> None:
    """Won, void or shared, and when its result is corrected or taken back; not that a result says nothing of it."""
    results = [{}, {"result": "WON"}, {"result": "HALF_WON"}, {"result": "WON", "dead_heat": "1/2"}, {"result": None}]
    for version, (before, after) in enumerate(pairwise(results), 1):
        legs = [{**before, "result_version": version - 1}, {}], [{**after, "result_version": version}, {}]
        assert told(stream, {**BET, "legs": legs[0]}, legs=legs[1]) == [("BetProgressed", 5)]
    silent = [{"result": None, "result_version": 1}, {}]
    assert told(stream, BET, legs=silent) == []


@pytest.mark.parametrize("status", ["SETTLED", "CANCELLED", "REJECTED"])
def test_a_leg_that_is_decided_later_in_a_bet_that_is_over_is_told_to_nobody(stream: Any, status: str) -> None:
    over = {**BET, "status": status, "settlement_version": 1}
    assert stream.to_events(over, {**over, "legs": [{"result": "LOST"}, {"result": "WON", "result_version": 1}]}) == []


def test_the_leg_that_decides_a_bet_or_opens_it_again_is_told_with_that_alone(stream: Any) -> None:
    won, lost = [{"result": "WON", "result_version": 1}, {}], [{"result": "LOST", "result_version": 1}, {}]
    settled = {"status": "SETTLED", "settlement_version": 1, "payout_cents": 0, "outcome": "LOST", "legs": lost}
    assert told(stream, BET, **settled) == [("BetSettled", 5)]
    assert told(stream, {**BET, **settled}, settlement_version=2, legs=won) == [("BetReopened", 5)]
    assert told(stream, BET, legs=won, correction_version=1, corrected_in=0) == [("BetRepriced", 5)]


def test_an_open_bet_as_it_stands_is_told_with_its_legs(stream: Any) -> None:
    legs = [{"result": "WON", "result_version": 1}, {}]
    assert told(stream, None, legs=legs) == [("BetAccepted", 5), ("BetProgressed", 5)]
    assert told(stream, None, legs=legs, settlement_version=2) == [("BetReopened", 5), ("BetProgressed", 5)]
    assert told(stream, None, legs=legs, correction_version=1, corrected_in=0) == [("BetRepriced", 5)]
    (event,) = stream.to_events({**BET, "settlement_version": 2}, {**BET, "settlement_version": 2, "legs": legs})
    assert (event.bet_id, event.user_id, event.result_version) == ("b", "u", 2)


def test_a_game_is_published_when_its_score_changes_and_nothing_else_follows(stream: Any) -> None:
    """Its markets follow what is decided of the game, not what is shown of it."""
    game = {"pk": "FIXTURE#f", "sk": "FIXTURE", "fixture_id": "f", "status": "LIVE", "version": 2}
    game["starts_at"] = "2026-11-22T10:00:00Z"
    scored = {**game, "score": {"version": 1, "goals": {"REGULAR": [1, 0], "FIRST_HALF": [1, 0]}}}
    corrected = {**game, "score": {"version": 2, "goals": {"REGULAR": [0, 0], "FIRST_HALF": [0, 0]}}}
    for old, new in ((game, scored), (scored, corrected), (None, corrected)):
        (event,) = stream.to_events(old, new)
        assert (event.fixture_id, event.score_version, event.goals) == ("f", *new["score"].values())
    assert stream.to_events(scored, {**scored, "markets": ["f/1"]}) == []
    assert stream.plan(game, scored) == []


def test_a_bet_is_followed_up_unless_its_batch_says_what_became_of_it(
    stream: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []
    monkeypatch.setattr(stream.queue, "send_all", lambda url, bodies, *_: sent.extend(bodies))
    pending, accepted = ({**BET, "status": status} for status in ("PENDING", "ACCEPTED"))
    rejected, other = {**BET, "status": "REJECTED"}, {**pending, "bet_id": "other", "sk": "BET#other"}

    def followed(*changes: tuple[Any, Any]) -> list[str]:
        sent.clear()
        stream.carry_out([item for old, new in changes for item in stream.plan(old, new)])
        return [json.loads(body)["betId"] for body in sent]

    assert followed((None, pending)) == ["b"]
    assert followed((None, pending), (pending, accepted), (None, other)) == ["other"]
    assert followed((None, pending), (pending, rejected)) == []
    assert followed((pending, accepted)) == []
