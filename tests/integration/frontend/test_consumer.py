"""From messages to subscribers: each thing once, under a number that is noted before; what fails costs no neighbour."""

import json
import uuid
from types import ModuleType
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, HTTPClientError
from graphql import parse, validate

from betsafi import queue
from betsafi.events.bet import BetProgressed, BetRejected, MarketRolledBack, MarketSettled, OddsChanged
from betsafi.events.notifications import NotificationRead, NotificationSent
from betsafi.events.payment import DepositCompleted
from betsafi.events.users import UserErased
from betsafi.events.wallet import BalanceChanged
from tests.support.emulator import create_table
from tests.support.schema import api_schema
from tests.support.services import load, stores

SCHEMA = api_schema()


class AppSync:
    """Stands at the edge: takes requests, refuses a whole document for one bad update, or one mutation, or is away."""

    def __init__(self, door: ModuleType) -> None:
        self.door = door
        self.requests: list[dict[str, Any]] = []
        self.spoilt: set[str] = set()
        self.failing: set[str] = set()
        self.away: Exception | None = None
        self.asked = 0

    def publish(self, url: str, text: str, variables: dict[str, Any]) -> set[str]:
        assert validate(SCHEMA, parse(text)) == []
        self.asked += 1
        if self.away:
            raise self.away
        if self.spoilt & {str(value) for value in variables.values()}:
            raise self.door.appsync.PublishRefused("cannot be read")
        self.requests.append(variables)
        return {f"m{name.removeprefix('bet')}" for name, value in variables.items() if value in self.failing}

    @property
    def taken(self) -> list[dict[str, Any]]:
        """What was published, update by update."""
        return [
            {name: request[f"{name}{n}"] for name in _NAMES if f"{name}{n}" in request}
            for request in self.requests
            for n in range(sum(name.startswith(("userId", "id")) for name in request))
        ]

    def deliver(self, *events: Any) -> set[str]:
        """Hand the consumer a batch; return the numbers of the messages that it wants again."""
        records = []
        for number, event in enumerate(events):
            detail = {"id": "e", "time": "2026-11-26T08:00:00Z", "version": 1, "data": event.data()}
            body = {"source": event.source, "detail-type": type(event).__name__, "detail": detail}
            records.append({"messageId": str(number), "body": json.dumps(body)})
        return self.handle(records)

    def handle(self, records: list[dict[str, Any]]) -> set[str]:
        answer = self.door.handler({"Records": records})
        return {failure["itemIdentifier"] for failure in answer["batchItemFailures"]}


_NAMES = ("userId", "sequence", "bet", "betPosted", "payment", "paymentPosted", "notification", "id")


@pytest.fixture(scope="module")
def door(emulator: str) -> ModuleType:
    table = create_table(emulator, f"updates-{uuid.uuid4()}", "frontend-api")
    found = load("frontend.handlers.consumer", GRAPHQL_URL="http://appsync.invalid", TABLE_NAME=table)
    vars(found)["stores"] = stores("frontend")
    return found


@pytest.fixture
def appsync(door: ModuleType, monkeypatch: pytest.MonkeyPatch) -> AppSync:
    fake = AppSync(door)
    monkeypatch.setattr(door.appsync, "publish", fake.publish)
    return fake


@pytest.fixture
def user() -> str:
    return str(uuid.uuid4())


def rejected(bet_id: str, user_id: str) -> BetRejected:
    return BetRejected(bet_id=bet_id, user_id=user_id, stake_cents=100, reason="ODDS_CHANGED", bet_version=2)


def balance(user_id: str, version: int, kind: str = "", cause: str = "", result: int | None = None) -> BalanceChanged:
    given: dict[str, Any] = {"cause_kind": kind, "cause_id": cause, "cause_version": result} if kind else {}
    return BalanceChanged(user_id=user_id, available_cents=1, held_cents=0, account_version=version, **given)


def leg(bet_id: str, user_id: str, result_version: int = 0) -> BetProgressed:
    about = {"bet_id": bet_id, "user_id": user_id, "stake_cents": 100, "bet_version": 3}
    return BetProgressed(**about, result_version=result_version)


def odds(market: str, version: int) -> OddsChanged:
    return OddsChanged(fixture_id="f", market_id=market, market_version=version, status="OPEN", odds={"1": "2.00"})


def three(user: str) -> list[BetRejected]:
    return [rejected(f"b{n}", f"{user}-{n}") for n in range(3)]


def test_a_batch_tells_each_thing_once_under_the_next_number(appsync: AppSync, user: str) -> None:
    note = NotificationSent(notification_id="n", user_id=user, template="BET_WON", channel="INBOX")
    events = rejected("b", user), balance(user, 2), balance(user, 3, "BET", "b", 0), note, balance(user, 4)
    assert appsync.deliver(*events) == set()
    assert appsync.taken == [{"userId": user, "sequence": 1, "bet": "b", "betPosted": 0, "notification": "n"}]
    assert appsync.deliver(rejected("b1", user), rejected("b2", user)) == set()
    assert [(update["sequence"], update["bet"]) for update in appsync.taken[1:]] == [(2, "b1"), (3, "b2")]


def test_a_player_s_updates_of_a_batch_are_one_write(appsync: AppSync, door: ModuleType, user: str) -> None:
    appsync.deliver(*(rejected(f"b{n}", user) for n in range(10)))
    assert (door.stores.read(user).last, [update["sequence"] for update in appsync.taken]) == (10, [*range(1, 11)])


def test_legs_that_are_decided_at_once_are_one_update_of_their_bet(appsync: AppSync, user: str) -> None:
    read = NotificationRead(notification_id="n", user_id=user)
    assert appsync.deliver(leg("b", user), leg("c", user), leg("b", user), read, leg("b", user)) == set()
    assert appsync.taken == [
        {"userId": user, "sequence": 1, "bet": "b", "notification": "n"},
        {"userId": user, "sequence": 2, "bet": "c"},
    ]


def test_a_leg_falls_away_once_its_bet_is_told_as_decided(appsync: AppSync, door: ModuleType, user: str) -> None:
    appsync.deliver(balance(user, 2, "BET", "b", 1))
    before = door.stores.read(user)
    assert appsync.deliver(leg("b", user)) == set()
    assert door.stores.read(user) == before, "no number is taken"
    assert appsync.deliver(leg("b", user), leg("c", user), NotificationRead(notification_id="n", user_id=user)) == set()
    assert appsync.taken == [
        {"userId": user, "sequence": 1, "bet": "b", "betPosted": 1},
        {"userId": user, "sequence": 2, "notification": "n"},
        {"userId": user, "sequence": 3, "bet": "c"},
    ]
    appsync.deliver(balance(user, 3, "BET", "b", 2))
    assert appsync.deliver(leg("b", user, result_version=2)) == set(), "it is open again"
    assert appsync.taken[4:] == [{"userId": user, "sequence": 5, "bet": "b", "betPosted": 2}]


def test_a_leg_whose_player_s_log_cannot_be_read_comes_again(
    appsync: AppSync, door: ModuleType, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(user_id: str) -> Any:
        raise ClientError({"Error": {"Code": "ThrottlingException"}}, "GetItem")

    with monkeypatch.context() as broken:
        broken.setattr(door.logs, "read", refuse)
        assert appsync.deliver(leg("b", user), rejected("c", f"{user}-1")) == {"0"}
    assert appsync.deliver(leg("b", user)) == set()
    assert [update["userId"] for update in appsync.taken] == [f"{user}-1", user]


def test_a_number_is_noted_before_its_update_is_published(
    appsync: AppSync, door: ModuleType, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    known: list[int] = []

    def publish(url: str, text: str, variables: dict[str, Any]) -> set[str]:
        log = door.stores.read(user)
        known.append(log.last)
        assert [each.thing.id for each in log.entries] == ["b"]
        return appsync.publish(url, text, variables)

    monkeypatch.setattr(door.appsync, "publish", publish)
    appsync.deliver(rejected("b", user))
    assert known == [1]
    assert [update["sequence"] for update in appsync.taken] == [1]


def test_what_could_not_be_noted_is_not_published_and_others_are(
    appsync: AppSync, door: ModuleType, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    append = door.logs.append

    def refuse(user_id: str, updates: Any) -> Any:
        if user_id == f"{user}-1":
            raise ClientError({"Error": {"Code": "ThrottlingException"}}, "PutItem")
        return append(user_id, updates)

    monkeypatch.setattr(door.logs, "append", refuse)
    assert appsync.deliver(*three(user)) == {"1"}
    assert [update["userId"] for update in appsync.taken] == [f"{user}-0", f"{user}-2"]


def test_an_update_that_was_not_published_is_in_the_log_and_comes_again_under_another_number(
    appsync: AppSync, door: ModuleType, user: str
) -> None:
    appsync.away = door.appsync.Unavailable("busy")
    assert appsync.deliver(rejected("b", user)) == {"0"}
    assert [(each.number, each.thing.id) for each in door.stores.read(user).entries] == [(1, "b")]
    appsync.away = None
    assert appsync.deliver(rejected("b", user)) == set()
    assert [update["sequence"] for update in appsync.taken] == [2]
    assert [(each.number, each.thing.id) for each in door.stores.read(user).entries] == [(2, "b")]


def test_nothing_is_left_of_whom_was_erased(appsync: AppSync, door: ModuleType, user: str) -> None:
    appsync.deliver(rejected("b", user))
    assert appsync.deliver(UserErased(user_id=user)) == set()
    assert appsync.deliver(UserErased(user_id=user)) == set()
    assert door.stores.kept(user, None).items == [{"pk": f"USER#{user}", "sk": "UPDATES", "erased": True}]
    assert (door.stores.read(user).last, door.stores.read(user).entries) == (0, ())


@pytest.mark.parametrize("had_a_log", [True, False])
def test_what_waited_while_a_player_was_erased_leaves_no_log_and_is_not_published(
    appsync: AppSync, door: ModuleType, user: str, monkeypatch: pytest.MonkeyPatch, had_a_log: bool
) -> None:
    """Whether the erasure came before it, with it, or between the look at the log and the write."""
    if had_a_log:
        appsync.deliver(rejected("b", user))
    told, erased = len(appsync.taken), UserErased(user_id=user)
    look = door.logs.table.get

    def erase_after(key: Any) -> Any:
        found = look(key)
        monkeypatch.setattr(door.logs.table, "get", look)
        assert appsync.deliver(erased) == set()
        return found

    monkeypatch.setattr(door.logs.table, "get", erase_after)
    assert appsync.deliver(rejected("b2", user), odds("a", 2)) == set()
    assert appsync.deliver(NotificationRead(notification_id="n", user_id=user), leg("b", user), erased) == set()
    assert appsync.deliver(leg("b", user), balance(user, 3)) == set()
    assert door.stores.kept(user, None).items == [{"pk": f"USER#{user}", "sk": "UPDATES", "erased": True}]
    assert appsync.taken[told:] == [{"id": "a"}], "what others are told goes on"


def test_a_market_s_prices_of_a_second_are_told_once_and_have_no_number(appsync: AppSync) -> None:
    assert appsync.deliver(odds("a", 2), odds("a", 1), odds("b", 1)) == set()
    assert appsync.requests == [{"id0": "a", "id1": "b"}]


def test_a_result_is_told_under_its_version_and_with_the_closing_where_they_come_together(appsync: AppSync) -> None:
    about = {"fixture_id": "f", "market_id": "a"}
    first, second = (MarketSettled(**about, result_version=n, results={"1": "WON"}) for n in (1, 2))
    rolled_back = MarketRolledBack(**about, result_version=3)
    for together in ((odds("a", 2), first), (second, first), (rolled_back,)):
        assert appsync.deliver(*together, odds("b", 1)) == set()
    told = [(request["id0"], request["resultVersion0"], request["id1"]) for request in appsync.requests]
    assert told == [("a", None, "b"), ("a", 2, "b"), ("a", 3, "b")]


def test_a_request_runs_no_more_resolvers_than_the_api_allows(appsync: AppSync, user: str) -> None:
    assert appsync.deliver(*(rejected(f"b{n}", f"{user}-{n}") for n in range(40))) == set()
    assert [sum(name.startswith("userId") for name in request) for request in appsync.requests] == [15, 15, 10]


def test_a_refused_mutation_fails_alone_and_in_one_request(appsync: AppSync, user: str) -> None:
    appsync.failing = {"b1"}
    assert appsync.deliver(*three(user)) == {"1"}
    assert len(appsync.requests) == 1


def test_an_update_that_spoils_its_request_fails_alone(appsync: AppSync, user: str) -> None:
    appsync.spoilt = {"b1"}
    assert appsync.deliver(*three(user)) == {"1"}
    assert [update["bet"] for update in appsync.taken] == ["b0", "b2"]


def test_a_later_document_is_sent_though_an_earlier_one_failed(appsync: AppSync, user: str) -> None:
    appsync.spoilt = {"b3"}
    assert appsync.deliver(*(rejected(f"b{n}", f"{user}-{n}") for n in range(40))) == {"3"}
    assert len(appsync.taken) == 39


@pytest.mark.parametrize("away", ["no answer", "no connection", "busy", "does not know us"])
def test_while_appsync_is_away_all_wait_and_it_is_not_asked_for_each(
    away: str, appsync: AppSync, door: ModuleType, user: str
) -> None:
    appsync.away = {
        "no answer": HTTPClientError(error="no answer"),
        "no connection": EndpointConnectionError(endpoint_url="https://x"),
        "busy": door.appsync.Unavailable("busy"),
        "does not know us": door.Misconfigured(),
    }[away]
    assert appsync.deliver(*three(user)) == {"0", "1", "2"}
    assert appsync.asked == 1


def test_a_message_that_cannot_be_read_goes_back_alone(appsync: AppSync, user: str) -> None:
    unknown = DepositCompleted(deposit_id="d", user_id=user, amount_cents=3, credit_cents=2, excise_cents=1)
    assert appsync.deliver(unknown, rejected("b", user)) == {"0"}
    assert appsync.handle([{"messageId": "m", "body": "{not json"}]) == {"m"}
    assert [update["sequence"] for update in appsync.taken] == [1]


def test_a_failed_update_comes_back_within_seconds(
    appsync: AppSync, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    monkeypatch.setattr(queue, "_come_back", lambda record: seen.append(record["messageId"]))
    appsync.failing = {"b1"}
    appsync.deliver(*three(user))
    assert seen == ["1"]
