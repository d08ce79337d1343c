"""A fixture's markets: added once, listed in pages, the main ones shown with it wherever it is listed."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from betsafi.dynamodb import Item
from tests.support.bet import ask, new_fixture, new_slip, told


def total(line: str, **changes: Any) -> dict[str, Any]:
    """Return a total of goals as traders give it; of two odds."""
    odds = [{"outcomeId": outcome, "odds": price} for outcome, price in (("12", "1.95"), ("13", "1.85"))]
    return {"definitionId": "18", "specifiers": f"total={line}", "odds": odds, **changes}


def lines(first: int, count: int) -> list[str]:
    return [f"{number}.5" for number in range(first, first + count)]


def add(bet: SimpleNamespace, *markets: dict[str, Any]) -> Any:
    """Ask for markets to be added to fixture f; return them, or why it is refused."""
    answer = ask(bet, "Mutation", "addMarkets", fixtureId="f", markets=list(markets))
    return answer.get("data") or answer["error"]["type"]


def kept(bet: SimpleNamespace) -> list[Item]:
    return sorted((item for item in bet.table.scan() if "AUDIT" not in item["sk"]), key=str)


@pytest.fixture(autouse=True)
def game(bet: SimpleNamespace) -> Item:
    return new_fixture(bet, "f")


def test_a_market_is_shown_in_both_languages_with_its_teams_and_its_line(bet: SimpleNamespace) -> None:
    (made,) = add(bet, total("2.5"))
    assert (made["id"], made["fixtureId"], made["definitionId"], made["group"]) == (
        "f/18/total=2.5",
        "f",
        "18",
        "GOALS",
    )
    assert (made["specifiers"], made["status"], made["version"]) == ("total=2.5", "OPEN", 1)
    assert made["name"] == {"en": "Total goals 2.5", "sw": "Jumla ya mabao 2.5"}
    over, under = made["selections"]
    assert over == {
        "id": "f/18/total=2.5/12",
        "outcomeId": "12",
        "key": "OVER",
        "name": {"en": "Over 2.5", "sw": "Zaidi ya 2.5"},
        "odds": "1.95",
        "result": None,
        "deadHeat": None,
    }
    assert (under["key"], under["odds"]) == ("UNDER", "1.85")
    odds = [{"outcomeId": outcome, "odds": "2.00"} for outcome in ("1", "2", "3")]
    (result,) = add(bet, {"definitionId": "1", "odds": odds})
    assert (result["specifiers"], [pick["key"] for pick in result["selections"]]) == (None, ["1", "X", "2"])
    assert [pick["name"]["en"] for pick in result["selections"]] == ["Home", "Draw", "Away"]
    assert told(bet, "Query", "fixture", id="f")["markets"] == [made, result]


def test_other_markets_are_listed_with_the_fixture_alone(bet: SimpleNamespace) -> None:
    main, other = add(bet, total("2.5"), total("3.5", main=False))
    assert told(bet, "Query", "fixture", id="f")["markets"] == [main]
    assert told(bet, "Query", "fixtures")["items"][0]["markets"] == [main]
    page = told(bet, "Query", "markets", fixtureId="f")
    assert (page["items"], page["cursor"]) == ([main, other], None)


def test_all_markets_come_in_pages_in_the_order_of_their_ids(bet: SimpleNamespace) -> None:
    for first in (0, 20, 40):
        add(bet, *(total(line, main=False) for line in lines(first, 20)))
    found, cursor = [], None
    for _ in range(3):
        page = told(bet, "Query", "markets", fixtureId="f", limit=25, cursor=cursor)
        found.append([market["id"] for market in page["items"]])
        cursor = page["cursor"]
    assert (cursor, [len(ids) for ids in found]) == (None, [25, 25, 10])
    assert [market for ids in found for market in ids] == sorted(f"f/18/total={line}" for line in lines(0, 60))
    new_fixture(bet, "g")
    other = told(bet, "Query", "markets", fixtureId="f", limit=1)["cursor"]
    assert ask(bet, "Query", "markets", fixtureId="g", cursor=other)["error"]["type"] == "INVALID_CURSOR"
    assert ask(bet, "Query", "markets", fixtureId="f", limit=51)["error"]["type"] == "INVALID_INPUT"


def test_the_same_market_again_changes_nothing_also_once_its_odds_have_moved(bet: SimpleNamespace) -> None:
    (first,) = add(bet, total("2.5"))
    before = kept(bet)
    assert add(bet, total("2.5")) == [first]
    assert add(bet, total("02.50"), total("2.5")) == [first], "twice in one call is once"
    assert kept(bet) == before
    told(bet, "Mutation", "setOdds", marketId=first["id"], odds=MOVED)
    before = kept(bet)
    (again,) = add(bet, total("2.5"))
    assert [pick["odds"] for pick in again["selections"]] == ["1.90", "1.90"]
    assert kept(bet) == before


MOVED = [{"outcomeId": outcome, "odds": "1.90"} for outcome in ("12", "13")]


@pytest.mark.parametrize("change", [{"main": False}, {"odds": MOVED}])
def test_another_market_of_the_same_kind_and_line_is_refused(bet: SimpleNamespace, change: dict[str, Any]) -> None:
    add(bet, total("2.5"))
    before = kept(bet)
    assert add(bet, total("2.5", **change)) == "CONFLICT"
    assert kept(bet) == before


# -- the least margin


def priced(kind: str, **odds: str) -> dict[str, Any]:
    """Return a market as traders give it, of odds by outcome, each behind a `_`."""
    definition, _, specifiers = kind.partition("/")
    rows = [{"outcomeId": outcome.removeprefix("_"), "odds": price} for outcome, price in odds.items()]
    return {"definitionId": definition, "specifiers": specifiers or None, "odds": rows}


THIN = priced("29", _74="2.00", _76="2.00")
COMBINED = priced("36/total=2.5", _90="2.40", _92="9.00", _94="6.00", _96="3.20")


def everything(bet: SimpleNamespace) -> list[Item]:
    return sorted(bet.table.scan(), key=str)


@pytest.mark.both_emulators
def test_markets_below_the_margin_are_all_named_and_none_of_the_call_is_added(bet: SimpleNamespace) -> None:
    before = everything(bet)
    answer = ask(bet, "Mutation", "addMarkets", fixtureId="f", markets=[total("2.5"), THIN, COMBINED])
    assert answer["error"] == {
        "type": "BELOW_MARGIN",
        "message": "100 / odds, added up, come for f/29 to 100.00 %, f/36/total=2.5 to 100.69 %; "
        "they must come to 103.00 % or more.",
        "info": {
            "markets": [
                {"marketId": "f/29", "book": "100.00", "least": "103.00"},
                {"marketId": "f/36/total=2.5", "book": "100.69", "least": "103.00"},
            ]
        },
    }
    assert everything(bet) == before, "not in the trail either"
    assert add(bet, {**THIN, "odds": THIN["odds"][:1]}, COMBINED) == "INVALID_INPUT", "what cannot be read comes first"


def test_a_market_that_is_given_twice_is_looked_at_twice(bet: SimpleNamespace) -> None:
    assert add(bet, THIN, priced("29", _74="1.90", _76="1.90")) == "BELOW_MARGIN"


def test_odds_of_a_market_that_there_is_not_are_of_nothing(bet: SimpleNamespace) -> None:
    for missing in ("f/18/total=9.5", "nothing/18/total=2.5", "f"):
        assert ask(bet, "Mutation", "setOdds", marketId=missing, odds=MOVED)["error"]["type"] == "NOT_FOUND"


@pytest.mark.both_emulators
@pytest.mark.parametrize(
    ("tier", "over", "under", "taken"),
    [
        ("SMALL", "1.25", "4.00", True),
        ("SMALL", "1.25", "4.001", False),
        ("POPULAR", "1.40", "3.267", True),
        ("POPULAR", "1.40", "3.30", False),
    ],
)
def test_each_tier_has_a_margin_of_its_own_that_holds_for_new_odds_too(
    bet: SimpleNamespace, tier: str, over: str, under: str, taken: bool
) -> None:
    new_fixture(bet, "own", tier=tier)
    given, wide = priced("18/total=1.5", _12=over, _13=under), priced("18/total=2.5", _12="1.90", _13="1.80")
    answer = ask(bet, "Mutation", "addMarkets", fixtureId="own", markets=[given])
    assert answer.get("error", {}).get("type") == (None if taken else "BELOW_MARGIN")
    (made,) = told(bet, "Mutation", "addMarkets", fixtureId="own", markets=[wide])
    before = everything(bet)
    answer = ask(bet, "Mutation", "setOdds", marketId=made["id"], odds=given["odds"], clientRequestId="request-1")
    if taken:
        assert [pick["odds"] for pick in answer["data"]["selections"]] == [over, under]
    else:
        assert answer["error"]["type"] == "BELOW_MARGIN"
        assert answer["error"]["info"]["markets"][0]["marketId"] == made["id"]
        assert everything(bet) == before
        told(bet, "Mutation", "setOdds", marketId=made["id"], odds=wide["odds"], clientRequestId="request-1")


def test_odds_made_for_a_version_that_the_market_no_longer_has_are_refused(bet: SimpleNamespace) -> None:
    (made,) = add(bet, total("2.5"))
    others = priced("18/total=2.5", _12="1.80", _13="2.00")["odds"]
    moved = told(bet, "Mutation", "setOdds", marketId=made["id"], odds=MOVED, version=made["version"])
    before = everything(bet)
    refused = ask(bet, "Mutation", "setOdds", marketId=made["id"], odds=others, version=made["version"])["error"]
    assert (refused["type"], f"version {moved['version']}" in refused["message"]) == ("CONFLICT", True)
    assert told(bet, "Mutation", "setOdds", marketId=made["id"], odds=MOVED, version=made["version"]) == moved
    assert everything(bet) == before
    again = told(bet, "Mutation", "setOdds", marketId=made["id"], odds=others, version=moved["version"])
    assert again["version"] == moved["version"] + 1


def test_what_was_taken_by_a_smaller_margin_stays_and_comes_again(
    bet: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    (made,) = add(bet, total("2.5"))
    repeated = {"marketId": made["id"], "odds": MOVED, "clientRequestId": "request-1"}
    moved = told(bet, "Mutation", "setOdds", **repeated)
    wider = replace(bet.margins.settings, standard_margin_basis_points=900)
    monkeypatch.setattr(bet.margins, "settings", wider)
    before = everything(bet)
    assert add(bet, total("2.5")) == [moved]
    assert told(bet, "Mutation", "setOdds", **repeated) == moved
    assert add(bet, total("2.5"), total("3.5")) == "BELOW_MARGIN"
    assert everything(bet) == before


def test_a_fixture_has_at_most_eight_main_markets(bet: SimpleNamespace) -> None:
    made = add(bet, *(total(line) for line in lines(0, 8)))
    before = kept(bet)
    assert add(bet, total("8.5")) == "CONFLICT"
    assert kept(bet) == before
    assert add(bet, total("8.5", main=False))[0]["id"] == "f/18/total=8.5"
    assert add(bet, *(total(line) for line in lines(0, 8))) == made, "those that it has, it can be given again"
    assert [market["id"] for market in told(bet, "Query", "fixture", id="f")["markets"]] == [row["id"] for row in made]


def test_a_refusal_leaves_the_markets_before_it(bet: SimpleNamespace) -> None:
    add(bet, total("1.5"))
    changed = total("1.5", main=False)
    assert add(bet, total("2.5"), changed, total("3.5")) == "CONFLICT"
    listed = told(bet, "Query", "markets", fixtureId="f")["items"]
    assert [market["id"] for market in listed] == ["f/18/total=1.5", "f/18/total=2.5"]


@pytest.mark.parametrize("count", [0, 21])
def test_one_to_twenty_markets_are_added_at_once(bet: SimpleNamespace, count: int) -> None:
    before = kept(bet)
    assert add(bet, *(total(line, main=False) for line in lines(0, count))) == "INVALID_INPUT"
    assert kept(bet) == before


def test_what_is_wrong_with_one_market_adds_none(bet: SimpleNamespace) -> None:
    before = kept(bet)
    assert add(bet, total("2.5"), total("2.6")) == "INVALID_INPUT"
    assert kept(bet) == before


def test_two_traders_who_add_markets_at_once_both_do(bet: SimpleNamespace) -> None:
    """Main markets are listed with their fixture, so each writes it; none is lost and no more than eight are there."""
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda line: add(bet, total(line)), lines(0, 12)))
    added = {answer[0]["id"] for answer in answers if isinstance(answer, list)}
    assert {answer for answer in answers if isinstance(answer, str)} <= {"CONFLICT", "CONTENTION"}
    assert set(bet.fixtures.get_fixture("f")["markets"]) == added
    assert 1 <= len(added) <= 8
    assert {line for line in bet.lines.market_ids("f")} == added


def test_a_market_of_a_game_that_is_not_scheduled_begins_as_its_game_stands(bet: SimpleNamespace, user: str) -> None:
    told(bet, "Mutation", "setFixtureStatus", fixtureId="f", status="POSTPONED", reason="heavy rain")
    (made,) = add(bet, total("2.5"))
    assert (made["status"], made["version"]) == ("SUSPENDED", 2)
    with pytest.raises(bet.refusals.MarketSuspended):
        bet.placing.place(user, new_slip(bet, (made["id"], "12", "1.95")))
