"""Prices that are followed: of a game, a competition, a day; what is published once reaches all who asked for it."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from graphql import GraphQLNonNull, GraphQLObjectType, get_named_type

from betsafi import clock
from betsafi.dynamodb import Item
from frontend.updates import Update, document, update_of
from localcloud.appsync.callers import Caller
from localcloud.appsync.deployment import COGNITO, Deployment
from localcloud.appsync.execution import Call, prepare
from localcloud.appsync.permissions import PolicyCheck
from localcloud.appsync.subscriptions import Hub, Subscription, root_field
from localcloud.base.emulator import Emulator
from tests.support.bet import ask, decide, new_market, told
from tests.support.schema import api_schema, api_text, object_type

SCHEMA = api_schema()
FOOTBALL = "sr:sport:1"
API = Deployment(
    api={"apiId": "api", "arn": "arn:aws:appsync:eu-west-1:000000000000:apis/api", "authenticationType": COGNITO},
    sdl=api_text(),
    data_sources={},
    resolvers={},
    api_keys={},
)
NOWHERE = Emulator("http://emulator.invalid", "eu-west-1")


class Followers:
    """Apps that follow, and what each of them hears."""

    def __init__(self, bet: SimpleNamespace) -> None:
        self.bet, self.hub, self.published = bet, Hub(), 0

    def follow(self, field: str, arguments: str) -> list[dict[str, Any]]:
        """Return the list that the markets go to which are heard."""
        heard: list[dict[str, Any]] = []
        shown = "id version resultVersion odds: selections { key odds result }"
        operation = prepare(API, {"query": f"subscription {{ {field}({arguments}) {{ {shown} }} }}"})
        name, given = root_field(operation, API)
        call = Call(API, Caller(COGNITO), {}, NOWHERE, PolicyCheck(NOWHERE))
        self.hub.add(Subscription(operation, call, name, given, lambda told: heard.append(told["data"][field])))
        return heard

    def publish(self, market_id: str) -> None:
        """Publish a market as it stands."""
        self.tell(Update("publishMarket", {"id": market_id}))

    def tell(self, update: Update) -> None:
        """Publish an update of a market as frontend-api's consumer does, filled in by bet's handler."""
        text, variables = document([update])
        event = {"type": "Mutation", "field": "publishMarket", "arguments": update.arguments}
        answer = self.bet.graphql.handler({**event, "identity": {"role": "arn:aws:sts::1:assumed-role/consumer/1"}})
        self.hub.publish(API, prepare(API, {"query": text, "variables": variables}), {"m0": answer["data"]})


def ids(heard: list[dict[str, Any]]) -> list[str]:
    return [market["id"] for market in heard]


@pytest.fixture
def followers(bet: SimpleNamespace) -> Followers:
    return Followers(bet)


def test_one_publication_reaches_who_follows_the_game_its_competition_and_its_day(
    bet: SimpleNamespace, followers: Followers
) -> None:
    tomorrow = (clock.now() + timedelta(days=1)).replace(hour=9)
    first = new_market(bet, "a", starts_at=tomorrow)
    cup = new_market(bet, "b", starts_at=tomorrow, tier="SMALL")
    later = new_market(bet, "c", starts_at=tomorrow + timedelta(days=1))
    total = {"definitionId": "18", "specifiers": "total=2.5", "main": False}
    total["odds"] = [{"outcomeId": outcome, "odds": "1.90"} for outcome in ("12", "13")]
    told(bet, "Mutation", "addMarkets", fixtureId="a", markets=[total])
    other = "a/18/total=2.5"
    day = bet.fixture.day_of(tomorrow).isoformat()
    heard = {
        "game": followers.follow("onMarketUpdated", 'fixtureId: "a"'),
        "league": followers.follow("onCompetitionMarketUpdated", 'competitionId: "league-STANDARD", main: true'),
        "cup": followers.follow("onCompetitionMarketUpdated", 'competitionId: "league-SMALL", main: true'),
        "day": followers.follow("onDayMarketUpdated", f'sportId: "{FOOTBALL}", day: "{day}", main: true'),
        "more": followers.follow("onDayMarketUpdated", f'sportId: "{FOOTBALL}", day: "{day}", main: false'),
        "tennis": followers.follow("onDayMarketUpdated", f'sportId: "sr:sport:5", day: "{day}", main: true'),
    }
    for market_id in (first, cup, later, other):
        followers.publish(market_id)
    assert {who: ids(told) for who, told in heard.items()} == {
        "game": [first, other],
        "league": [first, later],
        "cup": [cup],
        "day": [first, cup],
        "more": [other],
        "tennis": [],
    }


def test_who_follows_a_day_hears_of_the_markets_that_its_list_shows_until_a_game_is_moved_away(
    bet: SimpleNamespace, followers: Followers
) -> None:
    tomorrow = (clock.now() + timedelta(days=1)).replace(hour=9)
    market_id = new_market(bet, "a", starts_at=tomorrow)
    days = [bet.fixture.day_of(tomorrow + timedelta(days=n)).isoformat() for n in (0, 1)]
    heard = [followers.follow("onDayMarketUpdated", f'sportId: "{FOOTBALL}", day: "{day}", main: true') for day in days]
    (shown,) = told(bet, "Query", "fixtures", filter={"day": days[0]})["items"]
    assert [(each["id"], each["day"], each["main"]) for each in shown["markets"]] == [(market_id, days[0], True)]
    followers.publish(market_id)
    moved = (tomorrow + timedelta(days=1)).isoformat()
    assert "data" in ask(bet, "Mutation", "moveFixture", fixtureId="a", startsAt=moved, reason="the pitch is wet")
    followers.publish(market_id)
    assert [ids(told) for told in heard] == [[market_id], [market_id]]


@pytest.mark.both_emulators
def test_each_result_of_a_market_is_heard_once_the_newest_alone_and_a_held_one_when_it_is_released(
    bet: SimpleNamespace, followers: Followers, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("BUS_NAME", "PARKING_URL", "FOLLOWUP_QUEUE_URL", "SETTLEMENT_QUEUE_URL"):
        monkeypatch.setenv(name, name)
    monkeypatch.setenv("FOLLOWUP_SECONDS", "1")
    from bet.handlers import stream
    from bet.settlement import releasing

    market_id = new_market(bet, "a")
    heard = followers.follow("onMarketUpdated", 'fixtureId: "a"')
    written: list[Item] = []

    def tell() -> None:
        """Publish what the outbox says of the result's newest change, if it was changed."""
        result = bet.results.find_result(market_id)
        if result not in written:
            written.append(result)
            followers.tell(update_of(*stream.to_events(None, result)))

    def seen() -> list[tuple[int, dict[str, str]]]:
        return [(each["resultVersion"], {row["key"]: row["result"] for row in each["odds"]}) for each in heard]

    home, away = ({key: "WON" if key == winner else "LOST" for key in "1X2"} for winner in "12")
    why = {"marketId": market_id, "reason": "the report is not in"}
    decide(bet, market_id, home)
    tell()
    decide(bet, market_id, away)
    tell()
    assert seen() == [(1, home), (2, away)]
    followers.tell(Update("publishMarket", {"id": market_id, "resultVersion": 1}))
    assert len(heard) == 2, "what was slow says nothing that is over"
    told(bet, "Mutation", "holdResults", "trader-1", **why)
    decide(bet, market_id, home)
    tell()
    assert len(heard) == 2, "nobody knows yet"
    told(bet, "Mutation", "releaseResults", "trader-2", **why)
    releasing.go_on(market_id, None, lambda: True, unexpected)
    tell()
    for trader in ("trader-1", "trader-2"):
        told(bet, "Mutation", "rollbackMarket", trader, **why)
    tell()
    assert seen()[2:] == [(3, home), (4, dict.fromkeys("1X2"))]
    assert len({each["version"] for each in heard}) == 1, "the market itself stands as it did"


def unexpected(message: Item) -> None:
    """Stand where no message is to be sent."""
    raise AssertionError(message)


# -- the schema


def subscriptions() -> dict[str, Any]:
    return dict(object_type(SCHEMA, "Subscription").fields)


@pytest.mark.parametrize("name", subscriptions())
def test_every_argument_filters_by_a_field_of_what_is_published_and_cannot_be_left_out(name: str) -> None:
    """AppSync compares argument and field of one name: left out it filters nothing, null lets through what has none."""
    field = subscriptions()[name]
    published = get_named_type(field.type)
    assert isinstance(published, GraphQLObjectType)
    for argument, given in field.args.items():
        assert isinstance(given.type, GraphQLNonNull), argument
        assert str(given.type) == str(published.fields[argument].type), argument


def test_what_is_filtered_by_is_published() -> None:
    text, _ = document([Update("publishMarket", {"id": "m"}), Update("publishPlayer", {}, frozenset({"wallet"}))])
    asked = {argument for field in subscriptions().values() for argument in field.args}
    assert asked <= set(text.replace("{", " ").replace("}", " ").split())
