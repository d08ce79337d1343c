"""The handlers translate; the outbox and the consumer loop lose nothing."""

import json
from types import SimpleNamespace
from typing import Annotated, Any

import pytest
from boto3.dynamodb.types import TypeSerializer
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from betsafi import clock, outbox
from betsafi.bodies import Body, Id
from betsafi.consumer import Consumer, UnknownEvent
from betsafi.dynamodb import marshal, unmarshal
from betsafi.errors import Conflict, InvalidInput
from betsafi.events import Envelope
from betsafi.events.catalog import CATALOG
from betsafi.events.payment import DepositFailed
from betsafi.events.wallet import AccountOpened, BalanceChanged
from betsafi.graphql import Caller, Fields
from betsafi.http import Api
from betsafi.ids import derive_id, fingerprint, request_id
from betsafi.queue import handle_batch
from betsafi.settings import read_settings
from tests.support.serverless import services_with
from tests.support.signed import ACCOUNT, REGION, session_of, signed


def bus_event(**changes: Any) -> dict[str, Any]:
    detail = {"id": "e1", "time": "2026-11-22T00:00:00Z", "version": 1, "data": {"userId": "u1"}}
    return {"source": "betsafi.wallet", "detail-type": "AccountOpened", "detail": {**detail, **changes}}


def test_a_consumer_hands_the_fact_and_its_envelope_to_its_handler() -> None:
    seen = []
    consumer = Consumer()

    @consumer.consumes(AccountOpened)
    def handle(event: AccountOpened, envelope: Envelope) -> None:
        seen.append((event.user_id, envelope.id))

    consumer.handle(bus_event(data={"userId": "u1", "somethingNew": 1}))
    assert seen == [("u1", "e1")]


def test_what_waited_while_a_newer_version_came_is_read_and_what_it_has_too_much_is_left() -> None:
    consumer, seen = Consumer(), []
    consumer.consumes(DepositFailed)(lambda event, envelope: seen.append((event.reason, envelope.version)))
    data = {"depositId": "d", "userId": "u", "amountCents": 1, "reason": "CANCELLED"}
    for version, more in ((1, {"message": "You cancelled."}), (2, {})):
        waited = bus_event(version=version, data={**data, **more})
        consumer.handle({**waited, "source": "betsafi.payment", "detail-type": "DepositFailed"})
    assert seen == [("CANCELLED", 1), ("CANCELLED", 2)]


@pytest.mark.parametrize(
    "event",
    [
        bus_event(version=2),
        bus_event(data={}),
        bus_event(id=""),
        {**bus_event(), "detail-type": "SomethingElse"},
        {**bus_event(), "detail": {}},
    ],
)
def test_what_a_consumer_cannot_read_fails_and_is_not_swallowed(event: dict[str, Any]) -> None:
    consumer = Consumer()
    consumer.consumes(AccountOpened)(lambda event, envelope: pytest.fail("handled"))
    with pytest.raises((UnknownEvent, ValueError)):
        consumer.handle(event)


def test_only_the_failed_messages_of_a_batch_come_back() -> None:
    def handle(body: Any) -> None:
        if body == "bad":
            raise ValueError(body)

    records = [{"messageId": str(n), "body": body} for n, body in enumerate(['"good"', '"bad"', "{not json", '"good"'])]
    answer = handle_batch({"Records": records}, handle)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "1"}, {"itemIdentifier": "2"}]}


def test_a_refusal_reaches_the_app_as_type_sentence_and_details() -> None:
    fields = Fields()

    @fields.query("thing")
    def thing(caller: Caller, arguments: dict[str, Any]) -> str:
        if arguments["id"] == "mine":
            return caller.user_id
        raise Conflict("No.", next="later")

    def ask(thing_id: str, **identity: Any) -> Any:
        return fields({"type": "Query", "field": "thing", "arguments": {"id": thing_id}, "identity": identity})

    assert ask("mine", sub="u1") == {"data": "u1"}
    assert ask("other", sub="u1") == {"error": {"type": "CONFLICT", "message": "No.", "info": {"next": "later"}}}
    assert ask("mine")["error"]["type"] == "FORBIDDEN"


def test_an_unexpected_error_is_no_answer() -> None:
    fields = Fields()
    fields.query("broken")(lambda caller, arguments: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        fields({"type": "Query", "field": "broken", "arguments": {}, "identity": {"sub": "u1"}})


class Named(Body):
    name: Id


class Thing(Body):
    id: Id
    caller: str
    name: Id


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Api:
    """An API of one operation, for bet and frontend-api, on the stage `local`."""
    monkeypatch.setenv("STAGE", "local")
    monkeypatch.setenv("AWS_REGION", REGION)
    made = Api()

    @made.route("POST", "/things/{id}", callers=("bet", "frontend-api"), takes=Named, gives=Thing)
    def thing(caller: str, path: dict[str, str], asked: Named) -> Thing:
        return Thing(id=path["id"], caller=caller, name=asked.name)

    return made


def request(arn: str, body: str | None = '{"name": "x"}', method: str = "POST") -> dict[str, Any]:
    event = signed(arn, method, "/things/7", ["/things/{id}"], body)
    assert event
    return event


def test_the_api_answers_with_the_errors_own_status(api: Api) -> None:
    def call(body: str | None, method: str = "POST") -> tuple[int, Any]:
        answer = api(request(session_of("bet"), body, method))
        return answer["statusCode"], json.loads(answer["body"])

    assert call('{"name": "x"}') == (200, {"id": "7", "name": "x", "caller": "bet"})
    for body in (None, "", "{}", "[1]", "nonsense"):
        assert call(body)[0] == 400
    assert call("{}", "DELETE")[0] == 404


BET = session_of("bet")
NAMED = f"betsafi-bet-local-graphql-{REGION}-lambdaRole"
STRANGERS = {
    "another service of ours": session_of("payment"),
    "bet of another stage": session_of("bet", "dev"),
    "bet of a stage whose name goes on": session_of("bet", "local-2"),
    "bet of a stage whose name ends so": session_of("bet", "x-local"),
    "a role that begins like it": BET.replace("lambdaRole", "lambdaRole2"),
    "a role that ends like it": BET.replace("betsafi-bet", "my-betsafi-bet"),
    "bet's function in another region": BET.replace(REGION, "eu-west-2"),
    "bet's role in another account": BET.replace(ACCOUNT, "999999999999"),
    "a session that is called so": f"arn:aws:sts::{ACCOUNT}:assumed-role/another/{NAMED}",
    "a path that is called so": f"arn:aws:sts::{ACCOUNT}:assumed-role/{NAMED}/x/another",
    "a user": f"arn:aws:iam::{ACCOUNT}:user/{NAMED}/x",
    "a federated user": f"arn:aws:sts::{ACCOUNT}:federated-user/{NAMED}/x",
    "the account itself": f"arn:aws:iam::{ACCOUNT}:root",
    "an assumed role of nobody": f"arn:aws:sts::{ACCOUNT}:assumed-role//",
    "two lines": f"{BET}\n{BET}",
    "nobody": "",
}


@pytest.mark.parametrize("arn", STRANGERS.values(), ids=STRANGERS)
def test_the_api_refuses_and_counts_whoever_is_no_service_that_it_is_for(
    api: Api, arn: str, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = api(request(arn))
    assert (answer["statusCode"], json.loads(answer["body"])["error"]) == (403, "FORBIDDEN")
    assert '"CallerRefused"' in capsys.readouterr().out


@pytest.mark.parametrize(
    "context",
    [
        None,
        {},
        {"accountId": ACCOUNT},
        {"accountId": ACCOUNT, "authorizer": None},
        {"accountId": ACCOUNT, "authorizer": {"iam": None}},
        {"accountId": ACCOUNT, "authorizer": {"iam": {"userArn": None}}},
        {"accountId": ACCOUNT, "authorizer": {"jwt": {"userArn": BET}}},
        {"authorizer": {"iam": {"userArn": BET}}},
        {"accountId": ".*", "authorizer": {"iam": {"userArn": BET}}},
    ],
)
def test_the_api_refuses_an_event_without_a_signature(api: Api, context: Any) -> None:
    assert api({**request(BET), "requestContext": context})["statusCode"] == 403


@pytest.mark.parametrize(
    ("arn", "caller"),
    [
        (BET, "bet"),
        (session_of("bet", function="followup"), "bet"),
        (session_of("frontend-api", function="consumer"), "frontend-api"),
        (BET.replace("-lambdaRole", ""), "bet"),  # osls leaves it away where the name is too long
        (BET.replace("arn:aws:", "arn:aws-us-gov:"), "bet"),
    ],
)
def test_the_api_knows_a_service_by_the_role_of_its_function(api: Api, arn: str, caller: str) -> None:
    answer = api(request(arn))
    assert (answer["statusCode"], json.loads(answer["body"])["caller"]) == (200, caller)


def test_every_refusal_leaves_the_line_that_the_saved_query_counts(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    """By its code, once, below what wakes anybody. The query is held in `tests/unit/serverless/test_counted.py`."""
    fields = Fields()

    @fields.mutation("thing")
    def thing(caller: Caller, arguments: dict[str, Any]) -> str:
        if arguments["id"] == "mine":
            return caller.user_id
        raise Conflict("No.")

    event = {"type": "Mutation", "field": "thing", "arguments": {"id": "other"}, "identity": {"sub": "u1"}}
    assert fields(event)["error"]["type"] == "CONFLICT"
    assert "error" in fields({**event, "identity": {}})
    assert "data" in fields({**event, "arguments": {"id": "mine"}})
    for body, method in (("{}", "POST"), ("{}", "DELETE"), ('{"name": "x"}', "POST")):
        api(request(session_of("bet"), body, method))
    api(request(session_of("payment")))
    counted = [(record.levelname, vars(record)["error"]) for record in caplog.records if "error" in vars(record)]
    codes = ["CONFLICT", "FORBIDDEN", "INVALID_INPUT", "NOT_FOUND", "FORBIDDEN"]
    assert counted == [("INFO", code) for code in codes]


ASKED = {"type": "Query", "field": "fixtures", "arguments": {"limit": 1}}
PLAYER = {"sub": "player", "claims": {}}


def asked(**arguments: Any) -> dict[str, Any]:
    return {**ASKED, "arguments": arguments, "identity": {}}


@pytest.fixture
def lobby(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Fields with one that is public, of which `looks` says how often it looked; `at` is the moment."""
    part, told = Fields(), SimpleNamespace(looks=[], at=100.0)
    monkeypatch.setattr(clock, "monotonic", lambda: told.at)

    @part.public("fixtures")
    def fixtures(arguments: dict[str, Any]) -> int:
        if arguments.get("limit") == 0:
            raise InvalidInput("limit")
        told.looks.append(arguments)
        return len(told.looks)

    part.query("bets")(lambda caller, arguments: caller.user_id)
    part.mutation("placeBet")(lambda caller, arguments: caller.user_id)
    part.publication("publishMarket")(lambda caller, arguments: caller.role)
    told.ask = Fields(part)
    return told


def test_anybody_is_answered_by_public_fields_and_by_no_other(
    lobby: SimpleNamespace, caplog: pytest.LogCaptureFixture
) -> None:
    assert lobby.ask.public_names == {("Query", "fixtures")}
    for type_name, name in sorted(lobby.ask.names):
        answer = lobby.ask({"type": type_name, "field": name, "arguments": {}, "identity": {}})
        assert ("data" in answer) is (name == "fixtures"), name
        assert answer.get("error", {}).get("type") in (None, "FORBIDDEN")
    assert {vars(record)["user_id"] for record in caplog.records if "user_id" in vars(record)} == {"anybody"}


def test_a_public_answer_is_given_again_for_two_seconds_whoever_asks(lobby: SimpleNamespace) -> None:
    assert lobby.ask(asked(limit=1)) == {"data": 1}
    lobby.at += 1.9
    assert lobby.ask(asked(limit=1)) == lobby.ask({**ASKED, "identity": PLAYER}) == {"data": 1}
    assert lobby.ask(asked(limit=2)) == {"data": 2}, "what is asked otherwise is answered otherwise"
    lobby.at += 0.2
    assert lobby.ask(asked(limit=1)) == {"data": 3}


def test_a_refusal_is_not_given_again(lobby: SimpleNamespace) -> None:
    for _ in range(2):
        assert lobby.ask(asked(limit=0))["error"]["type"] == "INVALID_INPUT"
    assert lobby.looks == []


def test_so_many_public_answers_are_kept_and_the_oldest_goes_first(lobby: SimpleNamespace) -> None:
    for limit in range(1, 66):
        lobby.ask(asked(limit=limit))
    assert lobby.ask(asked(limit=65)) == {"data": 65}
    assert lobby.ask(asked(limit=2)) == {"data": 2}
    assert lobby.ask(asked(limit=1)) == {"data": 66}, "it made room for the sixty-fifth"


def test_an_api_that_does_not_know_its_stage_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STAGE", raising=False)
    monkeypatch.setenv("AWS_REGION", REGION)
    with pytest.raises(RuntimeError, match="STAGE is missing"):
        Api()


class Bus:
    """Stands at the edge: takes events, or refuses those of some players (`refused`: user id to error code)."""

    def __init__(self, **refused: str) -> None:
        self.entries: list[dict[str, Any]] = []
        self.requests: list[int] = []
        self.parked: list[str] = []
        self.refused = refused

    def put_events(self, Entries: list[dict[str, Any]]) -> dict[str, Any]:
        self.requests.append(len(Entries))
        codes = [self.refused.get(json.loads(entry["Detail"])["data"].get("userId")) for entry in Entries]
        if "ValidationException" in codes:
            raise ClientError({"Error": {"Code": "ValidationException"}}, "PutEvents")
        self.entries += [entry for entry, code in zip(Entries, codes, strict=True) if code is None]
        answers = [{"ErrorCode": code} if code else {"EventId": "e"} for code in codes]
        return {"FailedEntryCount": sum(code is not None for code in codes), "Entries": answers}

    @property
    def told(self) -> list[str]:
        return [json.loads(entry["Detail"])["data"]["userId"] for entry in self.entries]

    def send_message(self, QueueUrl: str, MessageBody: str) -> None:
        self.parked.append(MessageBody)


def record(n: int, **item: Any) -> dict[str, Any]:
    keys = {"pk": f"USER#{n}", "sk": "ACCOUNT"}
    return {"eventID": str(n), "dynamodb": {"Keys": marshal(keys), "NewImage": marshal({**keys, **item})}}


def to_events(old: Any, new: Any) -> list[Any]:
    return [BalanceChanged(user_id=new["user_id"], available_cents=1, held_cents=0, account_version=new["version"])]


def test_the_outbox_parks_only_what_can_never_become_an_event(monkeypatch: pytest.MonkeyPatch) -> None:
    bus = Bus()
    monkeypatch.setattr(outbox, "client", lambda service: bus)
    records = [record(1, user_id="u1", version=1), record(2, version=1), record(3, user_id="u3", version="x")]
    assert outbox.publish_changes({"Records": records}, to_events, "bus", "parking") == 1
    assert [json.loads(entry["Detail"])["data"]["userId"] for entry in bus.entries] == ["u1"]
    assert len(bus.parked) == 2


def test_the_outbox_raises_when_the_bus_takes_only_some(monkeypatch: pytest.MonkeyPatch) -> None:
    bus = Bus(u1="ThrottlingException")
    monkeypatch.setattr(outbox, "client", lambda service: bus)
    records = [record(n, user_id=f"u{n}", version=1) for n in range(3)]
    with pytest.raises(outbox.PublishFailed, match="Throttling"):
        outbox.publish_changes({"Records": records}, to_events, "bus", "parking")
    assert bus.told == ["u0", "u2"], "each of the others once: only what was refused is put again"
    assert bus.parked == [], "what may pass is not given up"


@pytest.mark.parametrize("code", ["MalformedDetail", "ValidationException"])
def test_an_event_that_the_bus_will_never_take_is_parked_alone(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    bus = Bus(u1=code)
    monkeypatch.setattr(outbox, "client", lambda service: bus)
    records = [record(n, user_id=f"u{n}", version=1) for n in range(12)]
    outbox.publish_changes({"Records": records}, to_events, "bus", "parking")
    assert sorted(bus.told) == sorted(f"u{n}" for n in range(12) if n != 1)
    (note,) = map(json.loads, bus.parked)
    assert note["error"] == code
    assert note["keys"]["pk"] == {"S": "USER#1"}


def test_events_that_are_too_large_together_go_in_several_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    bus = Bus()
    monkeypatch.setattr(outbox, "client", lambda service: bus)

    def large(old: Any, new: Any) -> list[Any]:
        return [AccountOpened(user_id=new["user_id"])] * 2

    monkeypatch.setattr(outbox, "_BATCH_BYTES", 1_000)
    records = [record(n, user_id="u" * 100) for n in range(6)]
    outbox.publish_changes({"Records": records}, large, "bus", "parking")
    assert len(bus.entries) == 12
    assert max(bus.requests) * 300 <= 1_000


def test_what_follows_from_a_batch_is_done_and_a_bad_record_costs_its_neighbours_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bus, done = Bus(), []
    monkeypatch.setattr(outbox, "client", lambda service: bus)
    follow_ups = outbox.FollowUps(lambda old, new: [new["pk"]], done.extend)
    records = [record(1, user_id="u1", version=1), record(2, version=1), record(3, user_id="u3", version=1)]
    outbox.publish_changes({"Records": records}, to_events, "bus", "parking", follow_ups)
    assert done == ["USER#1", "USER#3"]
    assert bus.told == ["u1", "u3"]


def beat(n: int) -> dict[str, Any]:
    item = {"pk": "HEARTBEAT", "sk": "HEARTBEAT", "beat": f"2026-11-26T00:0{n}:00Z"}
    keys = {"pk": {"S": "HEARTBEAT"}, "sk": {"S": "HEARTBEAT"}}
    return {"eventID": str(n), "dynamodb": {"Keys": keys, "NewImage": marshal(item)}}


def test_a_heartbeat_is_counted_only_when_it_reached_the_bus(monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[tuple[str, int]] = []
    monkeypatch.setattr(outbox, "count", lambda name, value=1: counted.append((name, value)))
    bus = Bus()
    monkeypatch.setattr(outbox, "client", lambda service: bus)
    outbox.publish_changes({"Records": [beat(1), beat(2)]}, to_events, "bus", "parking", service="bet")
    assert [(entry["Source"], entry["DetailType"]) for entry in bus.entries] == [("betsafi.bet", "OutboxHeartbeat")] * 2
    assert counted == [("OutboxHeartbeat", 2)]

    broken = SimpleNamespace(put_events=lambda Entries: {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "Internal"}]})
    monkeypatch.setattr(outbox, "client", lambda service: broken)
    with pytest.raises(outbox.PublishFailed):
        outbox.publish_changes({"Records": [beat(3)]}, to_events, "bus", "parking", service="bet")
    assert len(counted) == 1


def test_a_dry_run_shows_the_events_and_does_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"BUS_NAME": "bus", "PARKING_URL": "parking"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(outbox, "client", lambda service: pytest.fail("something was done"))
    follow_ups = outbox.FollowUps(lambda old, new: [new], lambda plans: pytest.fail("something was begun"))
    handler = outbox.publisher(to_events, follow_ups)
    (shown,) = handler({"dryRun": True, "Records": [record(1, user_id="u1", version=1)]})
    bus = Bus()
    monkeypatch.setattr(outbox, "client", lambda service: bus)
    outbox.publisher(to_events)({"Records": [record(1, user_id="u1", version=1)]})
    detail = json.loads(bus.entries[0]["Detail"])
    assert shown == {"type": "BalanceChanged", "id": detail["id"], "data": detail["data"]}


def test_a_replayed_change_has_the_same_event_id_and_another_change_another(monkeypatch: pytest.MonkeyPatch) -> None:
    bus = Bus()
    monkeypatch.setattr(outbox, "client", lambda service: bus)
    for version in (1, 1, 2):
        records = [record(1, user_id="u1", version=version)]
        outbox.publish_changes({"Records": records}, to_events, "bus", "parking")
    ids = [json.loads(entry["Detail"])["id"] for entry in bus.entries]
    assert ids[0] == ids[1] != ids[2]


def test_more_than_ten_events_go_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    bus = Bus()
    monkeypatch.setattr(outbox, "client", lambda service: bus)
    records = [record(n, user_id=f"u{n}", version=1) for n in range(23)]
    assert outbox.publish_changes({"Records": records}, to_events, "bus", "parking") == 23
    assert bus.requests == [10, 10, 3]


def test_ids_depend_on_every_part_and_on_nothing_else() -> None:
    assert derive_id("bet", "u1", "r1") == derive_id("bet", "u1", "r1")
    assert len({derive_id("bet", "u1", "r1"), derive_id("bet", "u1", "r2"), derive_id("deposit", "u1", "r1")}) == 3
    assert fingerprint({"a": 1, "b": 2}) == fingerprint({"b": 2, "a": 1}) != fingerprint({"a": 1, "b": 3})
    for bad in ("short", "with space", "x" * 65, None, "émotion1"):
        with pytest.raises(InvalidInput):
            request_id(bad)


def test_missing_settings_are_named_all_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import dataclass

    @dataclass(frozen=True)
    class Settings:
        first_thing: str
        second_thing: int
        third_thing: bool = False

    monkeypatch.setenv("SECOND_THING", "many")
    with pytest.raises(RuntimeError, match="FIRST_THING is missing; SECOND_THING is not of type"):
        read_settings(Settings)
    for name, value in {"FIRST_THING": "a", "SECOND_THING": "2", "THIRD_THING": "true"}.items():
        monkeypatch.setenv(name, value)
    assert read_settings(Settings) == Settings("a", 2, True)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NAME", " "), ("NAME", "changeme"), ("NAME", "<fill in>"), ("NAME", "${env:NAME}"), ("NAME", "x\n"),
        ("NUMBER", "0"), ("NUMBER", "-5"), ("NUMBER", "1.5"), ("PAUSE", "-1"), ("ADDRESS", "wallet"),
        ("ADDRESS", "http://"), ("ADDRESS", "ftp://host"), ("ADDRESS", "http://host:port"), ("PARTS", "a,,b"),
        ("DELAYS", "1,0"), ("DELAYS", "1,two"), ("SWITCH", "yes"), ("CODE", "ab1"), ("MOST", "2"),
    ],
)  # fmt: skip
def test_a_setting_that_cannot_be_right_is_refused_by_name_and_never_shown(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import dataclass

    from betsafi.settings import FromZero, Must, Url

    @dataclass(frozen=True)
    class Settings:
        name: str
        number: int
        pause: FromZero
        address: Url
        parts: list[str]
        delays: list[int]
        switch: bool
        code: Annotated[str, Must(like="[a-z]+")]
        most: int

        def __post_init__(self) -> None:
            if self.number > self.most:
                raise ValueError("NUMBER must not be above MOST")

    good = {
        "NAME": "a name", "NUMBER": "3", "PAUSE": "0", "ADDRESS": "https://host:1/path", "PARTS": "a, b",
        "DELAYS": "1,2", "SWITCH": "false", "CODE": "ab", "MOST": "3",
    }  # fmt: skip
    for one, text in good.items():
        monkeypatch.setenv(one, text)
    wanted = Settings("a name", 3, 0, "https://host:1/path", ["a", "b"], [1, 2], False, "ab", 3)
    assert read_settings(Settings) == wanted
    monkeypatch.setenv(name, value)
    with pytest.raises(RuntimeError, match=name) as refused:
        read_settings(Settings)
    assert len(value) < 4 or value not in str(refused.value)


def test_every_published_event_is_in_the_catalog_once() -> None:
    assert len(CATALOG) == len({name for _, name in CATALOG})
    assert {source for source, _ in CATALOG} == {f"betsafi.{service}" for service in services_with("outbox")}


items = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(min_size=1, max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(min_size=1, max_size=8), items, max_size=6))
def test_an_item_that_is_written_and_read_is_the_same_and_as_boto3_writes_it(item: dict[str, Any]) -> None:
    wire = marshal(item)
    assert unmarshal(wire) == item
    serialize = TypeSerializer().serialize
    assert wire == {name: serialize(value) for name, value in item.items()}


@pytest.mark.parametrize("value", [1.5, object(), b"bytes", {1, 2}])
def test_what_items_do_not_hold_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        marshal({"value": value})
