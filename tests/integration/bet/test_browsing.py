"""What is listed and for how long a place in the list is good; ids that pass where they are made pass everywhere."""

import uuid
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from betsafi import clock
from betsafi.aws import client
from tests.support.bet import ODDS, ask, at, decided, new_market, new_slip, odds_rows, settle, told, work

LONGEST_FIXTURE_ID = 64


def fixtures(bet: SimpleNamespace, **arguments: Any) -> Any:
    """Return a page of fixtures."""
    return told(bet, "Query", "fixtures", **arguments)


def test_a_place_in_the_list_is_good_long_after_its_game_has_begun(
    bet: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, hours in (("a", 1), ("b", 2), ("c", 30), ("d", 40)):
        new_market(bet, name, hours)
    first = fixtures(bet, limit=1)
    assert [item["id"] for item in first["items"]] == ["a"]
    at(monkeypatch, 24 * 60)
    second = fixtures(bet, limit=2, cursor=first["cursor"])
    assert [item["id"] for item in second["items"]] == ["b", "c"]
    assert [market["status"] for item in second["items"] for market in item["markets"]] == ["CLOSED", "OPEN"]
    assert [item["id"] for item in fixtures(bet, limit=2, cursor=second["cursor"])["items"]] == ["d"]


def every_page(bet: SimpleNamespace, field: str, **arguments: Any) -> list[str]:
    """Return the ids of a whole list, page after page."""
    found, cursor = [], None
    while True:  # until the last page; the list is a test's own
        page = told(bet, "Query", field, cursor=cursor, **arguments)
        found += [item["id"] for item in page["items"]]
        if (cursor := page["cursor"]) is None:
            return found


@pytest.mark.both_emulators
def test_a_country_has_its_own_games_and_competitions(bet: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    new_market(bet, "far", hours=90, country="Uganda")
    for n in range(9):
        new_market(bet, f"kenyan-{n}", hours=1 + n / 10)
        new_market(bet, f"ugandan-{n}", hours=1 + n / 10, country="Uganda")
    ugandan = [f"ugandan-{n}" for n in range(9)]
    assert every_page(bet, "fixtures", filter={"countryId": "UG"}, limit=2) == [*ugandan, "far"]
    day = bet.fixture.day_of(clock.parse_stamp(told(bet, "Query", "fixture", id="ugandan-0")["startsAt"])).isoformat()
    of_day = every_page(bet, "fixtures", filter={"countryId": "UG", "day": day}, limit=2)
    assert of_day == [each for each in ugandan if each in every_page(bet, "fixtures", filter={"day": day})] != []
    assert every_page(bet, "fixtures", filter={"countryId": "TZ"}) == []
    assert every_page(bet, "competitions", countryId="UG", limit=1) == ["league-STANDARD-Uganda"]
    assert every_page(bet, "competitions", limit=1) == ["league-STANDARD", "league-STANDARD-Uganda"]
    refused = ask(bet, "Query", "fixtures", filter={"countryId": "UG", "competitionId": "league-STANDARD-Uganda"})
    assert refused["error"]["type"] == "INVALID_INPUT"


def test_a_page_of_a_country_reads_no_more_than_it_may(bet: SimpleNamespace, calls: list[str]) -> None:
    for n in range(12):
        new_market(bet, f"kenyan-{n}", hours=1 + n / 100)
    del calls[:]
    page = fixtures(bet, filter={"countryId": "UG"}, limit=1)
    assert (page["items"], page["cursor"] is None) == ([], False)
    assert calls == ["Query"] * 7


def test_the_lines_of_a_slip_are_looked_up_by_their_markets(bet: SimpleNamespace) -> None:
    """A guest's too, of several games, in the order of the slip; what there is not is left out."""
    first, second, third = (new_market(bet, name) for name in ("a", "b", "c"))
    asked = {"type": "Query", "field": "marketsByIds", "arguments": {"ids": [third, "a/18/total=9.5", first, third]}}
    found = bet.graphql.handler({**asked, "identity": {}})["data"]
    assert found == [told(bet, "Query", "fixture", id=name)["markets"][0] for name in ("c", "a")]
    for ids in ([], [second] * 41):
        assert ask(bet, "Query", "marketsByIds", ids=ids)["error"]["type"] == "INVALID_INPUT"


def results(market: dict[str, Any]) -> dict[str, Any]:
    """Return what a market shows of its selections, by key."""
    return {row["key"]: row["result"] for row in market["selections"]}


@pytest.mark.both_emulators
def test_a_settled_market_shows_the_result_of_each_selection_wherever_it_is_seen(bet: SimpleNamespace) -> None:
    market, other = new_market(bet, "a"), new_market(bet, "b")
    ours = {"role": "arn:aws:sts::000000000000:assumed-role/consumer/1"}

    def seen(market_id: str) -> dict[str, Any]:
        """Return a market as lists, its game, its game's markets, a slip and its followers have it."""
        fixture_id = market_id.split("/")[0]
        listed = next(item for item in fixtures(bet)["items"] if item["id"] == fixture_id)
        (one,) = listed["markets"]
        assert told(bet, "Query", "fixture", id=fixture_id)["markets"] == [one]
        assert told(bet, "Query", "markets", fixtureId=fixture_id)["items"] == [one]
        assert told(bet, "Query", "marketsByIds", ids=[market_id]) == [one]
        asked = {"type": "Mutation", "field": "publishMarket", "arguments": {"id": market_id}, "identity": ours}
        assert bet.graphql.handler(asked) == {"data": one}
        return dict(one)

    nothing = dict.fromkeys("1X2")
    assert (seen(market)["resultVersion"], results(seen(market))) == (None, nothing)
    settle(bet, market, _1="WON", _X="WON")
    assert (seen(market)["resultVersion"], results(seen(market))) == (1, {"1": "WON", "X": "WON", "2": "LOST"})
    assert (seen(other)["status"], results(seen(other))) == ("OPEN", nothing)
    settle(bet, market, _2="WON")
    assert (seen(market)["resultVersion"], results(seen(market))) == (2, {"1": "LOST", "X": "LOST", "2": "WON"})
    why = {"reason": "somebody has doubts"}
    told(bet, "Mutation", "holdResults", "trader-1", fixtureId="a", **why)
    assert (seen(market)["resultVersion"], results(seen(market))) == (None, nothing), "nobody knows yet"
    told(bet, "Mutation", "releaseResults", "trader-2", fixtureId="a", **why)
    assert results(seen(market))["2"] == "WON"
    for trader in ("trader-1", "trader-2"):
        told(bet, "Mutation", "rollbackMarket", trader, marketId=market, **why)
    assert (seen(market)["resultVersion"], results(seen(market))) == (3, nothing)


def test_a_shared_place_is_shown_beside_the_result(bet: SimpleNamespace) -> None:
    market = new_market(bet, "a")
    rows = [
        {"outcomeId": outcome, "result": "WON", "deadHeat": "1/2"} if outcome in "13" else
        {"outcomeId": outcome, "result": "LOST"}
        for outcome in "123"
    ]  # fmt: skip
    for trader in ("trader-1", "trader-2"):
        told(bet, "Mutation", "settleMarket", trader, marketId=market, results=rows)
    (shown,) = told(bet, "Query", "fixture", id="a")["markets"]
    assert {row["key"]: row["deadHeat"] for row in shown["selections"]} == {"1": "1/2", "X": None, "2": "1/2"}


def test_a_begun_game_leaves_the_list_and_looks_closed(bet: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    market = new_market(bet, "a", hours=1)
    new_market(bet, "b", hours=2)
    assert [item["id"] for item in fixtures(bet)["items"]] == ["a", "b"]
    at(monkeypatch, 60)
    assert [item["id"] for item in fixtures(bet)["items"]] == ["b"]
    by_id = ask(bet, "Query", "fixture", id="a")["data"]
    assert [(item["id"], item["status"]) for item in by_id["markets"]] == [(market, "CLOSED")]


def test_the_price_of_a_begun_game_is_not_moved_any_more(bet: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is told by a subscription that a begun game is open; it can be suspended all the same."""
    market = new_market(bet, "a", hours=1)
    odds = odds_rows(dict.fromkeys(ODDS, "2.80"))
    at(monkeypatch, 60)
    for field, given in (("setOdds", {"odds": odds}), ("setMarketStatus", {"status": "OPEN"})):
        assert ask(bet, "Mutation", field, marketId=market, **given)["error"]["type"] == "CONFLICT"
    assert bet.guards.get_market(market)["version"] == 1
    assert ask(bet, "Mutation", "setMarketStatus", marketId=market, status="SUSPENDED")["data"]["version"] == 2


def create(bet: SimpleNamespace, fixture_id: Any, tier: str = "STANDARD", **changes: Any) -> Any:
    """Ask for a fixture to be created, in a league and between teams that there are."""
    for team in ("home", "away", "other"):
        bet.competitions.keep_team(bet.competition.team({"id": team, "sportId": "sr:sport:1", "name": {"en": team}}))
    for league in ("league", "other"):
        about = {"id": league, "sportId": "sr:sport:1", "name": {"en": league}, "tier": tier}
        country = {"country": {"id": "KE", "name": {"en": "Kenya"}}}
        bet.competitions.keep_competition(bet.competition.competition({**about, **country}))
    given = {"competitionId": "league", "homeTeamId": "home", "awayTeamId": "away", "startsAt": "2099-01-01T12:00:00Z"}
    return ask(bet, "Mutation", "createFixture", input={"id": fixture_id, **given, **changes})


def add(bet: SimpleNamespace, fixture_id: str, *markets: dict[str, Any]) -> Any:
    """Ask for markets to be added to a fixture, 1X2 without any."""
    one = {"definitionId": "1", "odds": odds_rows()}
    return ask(bet, "Mutation", "addMarkets", fixtureId=fixture_id, markets=list(markets) or [one])


@pytest.mark.parametrize(
    "fixture_id", ["x", "sr:match:123", "Gor_v-AFC.2026", *("a" * n for n in (60, 61, LONGEST_FIXTURE_ID))]
)
def test_a_fixture_that_can_be_created_can_be_bet_on_and_settled(
    bet: SimpleNamespace, user: str, fixture_id: str
) -> None:
    assert create(bet, fixture_id)["data"]["markets"] == []
    (made,) = add(bet, fixture_id)["data"]
    market = made["id"]
    shown = ask(bet, "Query", "fixture", id=fixture_id)["data"]
    assert (shown["id"], shown["markets"]) == (fixture_id, [made])
    placed = bet.placing.place(user, new_slip(bet, (market, "1", "2.50")))
    settle(bet, market, _1="WON")
    assert decided(bet, user, placed)[1] == "WON"
    odds = odds_rows(dict.fromkeys(ODDS, "2.80"))
    assert ask(bet, "Mutation", "setOdds", marketId=market, odds=odds)["error"]["type"] == "CONFLICT"


@pytest.mark.parametrize(
    ("tier", "guards", "shillings"),
    [("SMALL", 2, 10_000_000), ("STANDARD", 2, 50_000_000), ("POPULAR", 8, 200_000_000)],
    ids=["small", "standard, of which this service has two", "popular"],
)
def test_a_fixture_s_market_has_the_guards_and_the_limit_of_its_tier(
    bet: SimpleNamespace, tier: str, guards: int, shillings: int
) -> None:
    create(bet, "f1", tier)
    market = add(bet, "f1")["data"][0]["id"]
    parts = [guard["limit_cents"] for guard in bet.guards.guards_of(market)]
    assert parts == [shillings * 100 // guards] * guards


def test_the_longest_ids_that_there_can_be_are_bet_on_and_settled(bet: SimpleNamespace, user: str) -> None:
    """Fixture, kind, specifiers and outcome leave room for each other in one id."""
    fixture_id = "f" * LONGEST_FIXTURE_ID
    create(bet, fixture_id)
    odds = [{"outcomeId": outcome, "odds": "1.90"} for outcome in ("1714", "1715")]
    asian = {"definitionId": "16", "specifiers": "score=99:98|hcp=-99.75", "odds": odds}
    (made,) = add(bet, fixture_id, asian)["data"]
    assert made["id"] == f"{fixture_id}/16/hcp=-99.75|score=99:98"
    (pick, _) = made["selections"]
    slip = {"marketId": made["id"], "selectionId": pick["id"], "odds": pick["odds"]}
    stake = {"currency": "KES", "amount": "100.00"}
    given = {"clientRequestId": uuid.uuid4().hex, "stake": stake, "selections": [slip]}
    placed = bet.placing.place(user, bet.slip.slip(given))
    assert placed["status"] == "ACCEPTED"
    results = [{"outcomeId": "1714", "result": "HALF_WON"}, {"outcomeId": "1715", "result": "HALF_LOST"}]
    for trader in ("trader-1", "trader-2"):
        answer = ask(bet, "Mutation", "settleMarket", trader, marketId=made["id"], results=results)["data"]
    work(bet, made["id"], answer["version"])
    assert decided(bet, user, placed) == ("SETTLED", "WON", 14_500, 1)


@pytest.mark.parametrize(
    "fixture_id",
    ["", "a" * (LONGEST_FIXTURE_ID + 1), "a" * 3_000, "a/b", "a|b", "a=b", "a+b", "a#b", "a b", "a\n", "ä", None, 7],
)
def test_an_id_that_could_not_be_bet_on_creates_nothing(bet: SimpleNamespace, fixture_id: Any) -> None:
    refusal = create(bet, fixture_id)["error"]
    assert refusal["type"] == "INVALID_INPUT"
    assert "letters, digits" in refusal["message"] or "characters" in refusal["message"]
    assert not [item for item in bet.table.scan() if item["sk"] == "FIXTURE"]


def test_the_same_fixture_again_is_that_fixture_and_another_body_is_refused(bet: SimpleNamespace) -> None:
    first = create(bet, "f1")
    before = fixtures_and_guards(bet)
    assert create(bet, "f1") == first
    for changes in (
        {"homeTeamId": "other"},
        {"awayTeamId": "other"},
        {"competitionId": "other"},
        {"startsAt": "2099-01-01T12:00:01Z"},
    ):
        assert create(bet, "f1", **changes)["error"]["type"] == "CONFLICT"
    assert fixtures_and_guards(bet) == before


def fixtures_and_guards(bet: SimpleNamespace) -> list[str]:
    """Return all that is kept of fixtures and their markets."""
    kept = ("FIXTURE#", "LINES#", "GUARD#", "SEARCH#", "AUDIT#")
    about = [item for item in bet.table.scan() if item["pk"].startswith(kept) and "team_id" not in item]
    return sorted(map(str, about))


@pytest.mark.parametrize(
    "changes",
    [{"homeTeamId": "nobody"}, {"awayTeamId": "nobody"}, {"competitionId": "nothing"}],
    ids=["home", "away", "competition"],
)
def test_a_fixture_of_what_there_is_not_is_not_created(bet: SimpleNamespace, changes: dict[str, str]) -> None:
    refusal = create(bet, "f1", **changes)["error"]
    assert refusal["type"] == "NOT_FOUND"
    assert fixtures_and_guards(bet) == []


def test_a_team_has_an_opponent_of_its_own_sport(bet: SimpleNamespace) -> None:
    bet.competitions.keep_team(bet.competition.team({"id": "five", "sportId": "sr:sport:2", "name": {"en": "Five"}}))
    assert create(bet, "f1", homeTeamId="five")["error"]["type"] == "CONFLICT"
    assert create(bet, "f1", homeTeamId="away")["error"]["type"] == "INVALID_INPUT"
    assert fixtures_and_guards(bet) == []


def test_a_fixture_that_was_moved_is_the_same_fixture_when_it_is_created_again(bet: SimpleNamespace) -> None:
    """The call that created it may be repeated by an app that never got its answer."""
    create(bet, "f1")
    start = "2099-01-03T12:00:00Z"
    moved = ask(bet, "Mutation", "moveFixture", fixtureId="f1", startsAt=start, reason="a storm is coming")["data"]
    before = fixtures_and_guards(bet)
    assert create(bet, "f1")["data"] == moved
    assert create(bet, "f1", startsAt=start)["error"]["type"] == "CONFLICT"
    assert fixtures_and_guards(bet) == before


LOOKS: list[tuple[str, dict[str, Any]]] = [
    ("competitions", {}),
    ("fixtures", {"limit": 5}),
    ("popularFixtures", {}),
    ("searchFixtures", {"text": "ho"}),
    ("fixture", {"id": "a"}),
    ("markets", {"fixtureId": "a"}),
    ("marketsByIds", {"ids": ["a/1"]}),
]


@pytest.fixture
def calls() -> Iterator[list[str]]:
    """Every call of DynamoDB from here on."""
    seen: list[str] = []

    def note(model: Any, **more: Any) -> None:
        seen.append(model.name)

    events = client("dynamodb").meta.events
    events.register("before-call.dynamodb", note)
    yield seen
    events.unregister("before-call.dynamodb", note)


def test_a_second_look_within_two_seconds_reads_nothing_and_a_later_one_sees_what_changed(
    bet: SimpleNamespace, calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    market = new_market(bet, "a")
    moment = [clock.monotonic()]
    monkeypatch.setattr(clock, "monotonic", lambda: moment[0])

    def look(field: str, identity: dict[str, Any], **arguments: Any) -> tuple[Any, int]:
        """Return what is answered, and how many calls it took."""
        before = len(calls)
        asked = {"type": "Query", "field": field, "arguments": arguments, "identity": identity}
        return bet.graphql.handler(asked)["data"], len(calls) - before

    for field, arguments in LOOKS:
        first, reads = look(field, {}, **arguments)
        assert reads > 0, field
        assert look(field, {"sub": "player", "claims": {}}, **arguments) == (first, 0), field
    told(bet, "Mutation", "setOdds", marketId=market, odds=odds_rows(dict.fromkeys(ODDS, "2.70")))
    moment[0] += 2
    (shown,) = look("fixture", {}, id="a")[0]["markets"]
    assert {row["odds"] for row in shown["selections"]} == {"2.70"}
