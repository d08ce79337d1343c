"""Prices that are followed: of a game, a competition, a day; what is published once reaches all who asked for it."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from graphql import GraphQLNonNull, GraphQLObjectType, get_named_type

from betsafi import clock
from frontend.updates import Update, document
from localcloud.appsync.callers import Caller
from localcloud.appsync.deployment import COGNITO, Deployment
from localcloud.appsync.execution import Call, prepare
from localcloud.appsync.permissions import PolicyCheck
from localcloud.appsync.subscriptions import Hub, Subscription, root_field
from localcloud.base.emulator import Emulator
from tests.support.bet import ask, new_market, told
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

    def follow(self, field: str, arguments: str) -> list[str]:
        """Return the list that the ids of the markets go to which are heard."""
        heard: list[str] = []
        operation = prepare(
            API, {"query": f"subscription {{ {field}({arguments}) {{ id odds: selections {{ odds }} }} }}"}
        )
        name, given = root_field(operation, API)
        call = Call(API, Caller(COGNITO), {}, NOWHERE, PolicyCheck(NOWHERE))
        self.hub.add(Subscription(operation, call, name, given, lambda told: heard.append(told["data"][field]["id"])))
        return heard

    def publish(self, market_id: str) -> None:
        """Publish a market as frontend-api's consumer does, filled in by bet's handler."""
        update = Update("publishMarket", {"id": market_id})
        text, variables = document([update])
        event = {"type": "Mutation", "field": "publishMarket", "arguments": update.arguments}
        answer = self.bet.graphql.handler({**event, "identity": {"role": "arn:aws:sts::1:assumed-role/consumer/1"}})
        self.hub.publish(API, prepare(API, {"query": text, "variables": variables}), {"m0": answer["data"]})


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
    assert heard == {
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
    assert heard == [[market_id], [market_id]]


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
