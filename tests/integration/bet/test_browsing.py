"""What is listed and for how long a place in the list is good; ids that pass where they are made pass everywhere."""

import uuid
from types import SimpleNamespace
from typing import Any

import pytest

from betsafi.ids import LONGEST
from tests.support.bet import ODDS, at, decided, new_market, new_slip, settle


def ask(bet: SimpleNamespace, kind: str, field: str, **arguments: Any) -> Any:
    """Ask the handlers for AppSync, as a trader; return what it answers."""
    identity = {"sub": "trader-1", "groups": ["trader"]}
    door = bet.trading if (kind, field) in bet.trading.handler.names else bet.graphql
    return door.handler({"type": kind, "field": field, "arguments": arguments, "identity": identity})


def events(bet: SimpleNamespace, **arguments: Any) -> Any:
    """Return a page of events."""
    answer = ask(bet, "Query", "events", **arguments)
    assert "data" in answer, answer
    return answer["data"]


def test_a_place_in_the_list_is_good_long_after_its_game_has_begun(
    bet: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, hours in (("a", 1), ("b", 2), ("c", 30), ("d", 40)):
        new_market(bet, name, hours)
    first = events(bet, limit=1)
    assert [item["id"] for item in first["items"]] == ["a"]
    at(monkeypatch, 24 * 60)
    second = events(bet, limit=2, cursor=first["cursor"])
    assert [item["id"] for item in second["items"]] == ["b", "c"]
    assert [market["status"] for item in second["items"] for market in item["markets"]] == ["CLOSED", "OPEN"]
    assert [item["id"] for item in events(bet, limit=2, cursor=second["cursor"])["items"]] == ["d"]


def test_a_begun_game_leaves_the_list_and_looks_closed(bet: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    market = new_market(bet, "a", hours=1)
    new_market(bet, "b", hours=2)
    assert [item["id"] for item in events(bet)["items"]] == ["a", "b"]
    at(monkeypatch, 60)
    assert [item["id"] for item in events(bet)["items"]] == ["b"]
    by_id = ask(bet, "Query", "event", id="a")["data"]
    assert [(item["id"], item["status"]) for item in by_id["markets"]] == [(market, "CLOSED")]


def test_the_price_of_a_begun_game_is_not_moved_any_more(bet: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is told by a subscription that a begun game is open; it can be suspended all the same."""
    market = new_market(bet, "a", hours=1)
    odds = [{"key": key, "odds": "3.00"} for key in ODDS]
    at(monkeypatch, 60)
    for field, given in (("setOdds", {"odds": odds}), ("setMarketStatus", {"status": "OPEN"})):
        assert ask(bet, "Mutation", field, marketId=market, **given)["error"]["type"] == "CONFLICT"
    assert bet.guards.get_market(market)["version"] == 1
    assert ask(bet, "Mutation", "setMarketStatus", marketId=market, status="SUSPENDED")["data"]["version"] == 2


def create(bet: SimpleNamespace, fixture_id: str, **changes: Any) -> Any:
    """Ask for a fixture to be created."""
    given = {
        "id": fixture_id,
        "competition": "League",
        "home": "Home",
        "away": "Away",
        "startsAt": "2099-01-01T12:00:00Z",
        "odds": [{"key": key, "odds": odds} for key, odds in ODDS.items()],
    }
    return ask(bet, "Mutation", "createFixture", input={**given, **changes})


LONG = LONGEST - len("-1x2")


@pytest.mark.parametrize(
    "fixture_id",
    [
        "x",
        "sr:match:123/18/total=2.5|x=1",
        "sr:match:1/30/variant=sr:exact_goals:4+",
        *("a" * n for n in (60, 61, 64, LONG)),
    ],
)
def test_a_fixture_that_can_be_created_can_be_bet_on_and_settled(
    bet: SimpleNamespace, user: str, fixture_id: str
) -> None:
    market = create(bet, fixture_id)["data"]["markets"][0]["id"]
    assert ask(bet, "Query", "event", id=fixture_id)["data"]["id"] == fixture_id
    placed = bet.placing.place(user, new_slip(bet, (market, "1", "2.50")))
    settle(bet, market, _1="WON")
    assert decided(bet, user, placed)[1] == "WON"
    odds = [{"key": key, "odds": "3.00"} for key in ODDS]
    assert ask(bet, "Mutation", "setOdds", marketId=market, odds=odds)["error"]["type"] == "CONFLICT"


@pytest.mark.parametrize(
    ("given", "guards", "shillings"),
    [({"tier": "SMALL"}, 2, 10_000_000), ({}, 2, 50_000_000), ({"tier": "POPULAR"}, 8, 200_000_000)],
    ids=["small", "standard, of which this service has two", "popular"],
)
def test_a_fixture_s_market_has_the_guards_and_the_limit_of_its_tier(
    bet: SimpleNamespace, given: dict[str, str], guards: int, shillings: int
) -> None:
    market = create(bet, "f1", **given)["data"]["markets"][0]["id"]
    parts = [guard["limit_cents"] for guard in bet.guards.guards_of(market)]
    assert parts == [shillings * 100 // guards] * guards


@pytest.mark.parametrize("fixture_id", ["", "a" * (LONG + 1), "a" * 3_000, "a#b", "a b", "a\n", "ä", None, 7])
def test_an_id_that_could_not_be_bet_on_creates_nothing(bet: SimpleNamespace, fixture_id: Any) -> None:
    refusal = create(bet, fixture_id)["error"]
    assert (refusal["type"], "letters, digits" in refusal["message"]) == ("INVALID_INPUT", True)
    assert list(bet.table.scan()) == []


def test_the_same_fixture_again_is_that_fixture_and_another_body_is_refused(bet: SimpleNamespace) -> None:
    first = create(bet, "f1")
    before = sorted(map(str, bet.table.scan()))
    assert create(bet, "f1") == first
    dearer = [{"key": key, "odds": "3.00"} for key in ODDS]
    for changes in (
        {"odds": dearer},
        {"home": "Other"},
        {"away": "Other"},
        {"competition": "Other"},
        {"startsAt": "2099-01-01T12:00:01Z"},
    ):
        assert create(bet, "f1", **changes)["error"]["type"] == "CONFLICT"
    assert sorted(map(str, bet.table.scan())) == before


def test_a_fixture_whose_market_is_there_already_is_refused_whole(bet: SimpleNamespace) -> None:
    create(bet, "f1")
    (market,) = [item for item in bet.table.scan() if item["pk"] == "GUARD#f1-1x2#1"]
    other = f"other-{uuid.uuid4().hex[:8]}"
    taken = {**market, "pk": f"GUARD#{other}-1x2#1", "market_id": f"{other}-1x2"}
    bet.table.put_new(taken)
    assert create(bet, other)["error"]["type"] == "CONFLICT"
    assert bet.fixtures.find_fixture(other) is None
