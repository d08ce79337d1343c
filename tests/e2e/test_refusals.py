"""What the deployed platform refuses: bad input, strangers, poison. A stable errorType, and nothing is written."""

import asyncio
import base64
import json
import uuid
from collections.abc import Iterator
from typing import Any

import aiohttp
import pytest
import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from botocore.httpsession import URLLib3Session
from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLInputType, GraphQLList, GraphQLNonNull

from localcloud.base.addresses import CREDENTIALS, REGION
from localcloud.cloud.running import Cloud, aws, parameter
from localcloud.demo.app import App
from localcloud.demo.seed import SETTLE, new_app, signed_in, wait_for_code
from localcloud.journey.asking import (
    BET,
    DEPOSIT,
    PAYMENT,
    PLACE_BET,
    SET_ODDS,
    WITHDRAW,
    money,
    new_phone,
    results_input,
)
from tests.e2e.conftest import Poisoned, balance, new_market, new_player, role_like
from tests.e2e.test_authorization import FIELDS, HEARD, selection, value
from tests.e2e.test_authorization import document as asked_for
from tests.support.stops import SUSPEND
from tests.support.waiting import eventually

pytestmark = [pytest.mark.early, pytest.mark.usefixtures("poisoned")]
"""It begins to die here, right after those who wait for empty queues; all other tests run until it has."""

MARKET = "refusals/1"


@pytest.fixture(scope="module", autouse=True)
def fixture(trader: App) -> None:
    assert new_market(trader, "refusals") == MARKET


def slip(**changes: Any) -> dict[str, Any]:
    pick = {"marketId": MARKET, "selectionId": f"{MARKET}/1", "odds": "3.00", **changes.pop("pick", {})}
    return {"clientRequestId": uuid.uuid4().hex, "stake": money("100"), "selections": [pick], **changes}


BAD_SLIPS = {
    "negative stake": (slip(stake=money("-100")), "INVALID_AMOUNT"),
    "no stake": (slip(stake=money("0")), "INVALID_AMOUNT"),
    "third decimal": (slip(stake=money("100.001")), "INVALID_AMOUNT"),
    "exponent": (slip(stake=money("1e3")), "INVALID_AMOUNT"),
    "huge stake": (slip(stake=money("9" * 30)), "INVALID_AMOUNT"),
    "other currency": (slip(stake={"currency": "USD", "amount": "100"}), "ValidationError"),
    "stake below the minimum": (slip(stake=money("19.99")), "STAKE_LIMIT"),
    "odds of one": (slip(pick={"odds": "1.00"}), "INVALID_ODDS"),
    "odds in words": (slip(pick={"odds": "evens"}), "INVALID_ODDS"),
    "too precise odds": (slip(pick={"odds": "2.0001"}), "INVALID_ODDS"),
    "unknown market": (slip(pick={"marketId": "nothing"}), "UNKNOWN_MARKET"),
    "unknown selection": (slip(pick={"selectionId": f"{MARKET}/9"}), "UNKNOWN_MARKET"),
    "selection of the former form": (slip(pick={"selectionId": "refusals-1x2/2"}), "UNKNOWN_MARKET"),
    "market of the former form": (
        slip(pick={"marketId": "refusals-1x2", "selectionId": "refusals-1x2/2"}),
        "UNKNOWN_MARKET",
    ),
    "malformed market": (slip(pick={"marketId": "a#b"}), "INVALID_INPUT"),
    "no selections": (slip(selections=[]), "INVALID_INPUT"),
    "malformed request id": (slip(clientRequestId="short"), "INVALID_INPUT"),
    "unknown policy": (slip(oddsPolicy="SOMETIMES"), "ValidationError"),
}


@pytest.mark.parametrize("name", BAD_SLIPS)
def test_a_bad_slip_is_refused_and_moves_nothing(player: App, name: str) -> None:
    given, wanted = BAD_SLIPS[name]
    bets, money_before = player.ask("query { bets { items { id } } }")["items"], balance(player)
    refusal = player.refusal(PLACE_BET, input=given)
    assert refusal.type == wanted
    assert len(refusal.message) > 10
    assert player.ask("query { bets { items { id } } }")["items"] == bets
    assert balance(player) == money_before


@pytest.mark.parametrize(
    ("amount", "wanted"),
    [("0", "INVALID_AMOUNT"), ("-5", "INVALID_AMOUNT"), ("10.005", "INVALID_AMOUNT"), ("ten", "INVALID_AMOUNT")],
)
@pytest.mark.parametrize("document", [DEPOSIT, WITHDRAW])
def test_a_bad_amount_is_refused_and_no_payment_is_written(
    player: App, document: str, amount: str, wanted: str
) -> None:
    before = player.ask("query { payments { items { id } } }")
    assert player.refusal(document, id=uuid.uuid4().hex, amount=money(amount)).type == wanted
    assert player.ask("query { payments { items { id } } }") == before


def test_an_id_used_for_another_body_is_refused(player: App) -> None:
    assert player.refusal(DEPOSIT, id="first-deposit", amount=money("999")).type == "IDEMPOTENCY_KEY_REUSED"
    assert player.ask(DEPOSIT, id="first-deposit", amount=money("1000"))["status"] == "COMPLETED"


@pytest.mark.parametrize(
    "document",
    [
        "query { bets(cursor: CURSOR) { cursor } }",
        "query { walletEntries(cursor: CURSOR) { cursor } }",
        "query { payments(cursor: CURSOR) { cursor } }",
        "query { notifications(cursor: CURSOR) { cursor } }",
        "query { fixtures(cursor: CURSOR) { cursor } }",
        "query { competitions(cursor: CURSOR) { cursor } }",
        'query { searchFixtures(text: "gor", cursor: CURSOR) { cursor } }',
        'query { markets(fixtureId: "refusals", cursor: CURSOR) { cursor } }',
    ],
)
@pytest.mark.parametrize("cursor", ["nonsense", "e30", "eyJwayI6eyJTIjoiVVNFUiNvdGhlciJ9fQ"])
def test_a_made_up_cursor_is_refused(player: App, document: str, cursor: str) -> None:
    assert player.refusal(document.replace("CURSOR", json.dumps(cursor))).type == "INVALID_CURSOR"


def test_what_does_not_exist_is_not_found(player: App) -> None:
    assert player.refusal(BET, id=str(uuid.uuid4())).type == "NOT_FOUND"
    assert player.refusal(PAYMENT, id=str(uuid.uuid4())).type == "NOT_FOUND"
    assert player.refusal('query { fixture(id: "nothing") { id } }').type == "NOT_FOUND"


@pytest.mark.parametrize("bad", ["", "a#b", "a" * 129, "a" * 3_000], ids=["empty", "odd", "long", "longer than a key"])
def test_what_is_no_id_is_refused_wherever_an_id_is_asked_for(player: App, trader: App, cloud: Cloud, bad: str) -> None:
    fixture = "query($id: ID!) { fixture(id: $id) { id } }"
    cancel = "mutation($id: ID!) { cancelBet(id: $id) { status } }"
    for app, document in [(player, BET), (player, PAYMENT), (player, fixture), (player, cancel)]:
        assert app.refusal(document, id=bad).type == "INVALID_INPUT"
    assert signed_in(cloud, "support").refusal(SUSPEND, id=bad).type == "INVALID_INPUT"
    assert trader.refusal(SETTLE, market=bad, results=[]).type == "INVALID_INPUT"


def test_one_trader_alone_cannot_settle_a_game_that_cannot_be_over(trader: App) -> None:
    home_wins = results_input("1")
    for _ in range(2):
        answer = trader.ask(SETTLE, market=MARKET, results=home_wins)
        assert (answer["status"], answer["version"], answer["decidedBy"]) == ("PROPOSED", None, [trader.user_id])
    found = trader.ask('query { fixture(id: "refusals") { markets { status } } }')
    assert found == {"markets": [{"status": "OPEN"}]}


def test_a_trader_gets_clear_refusals_too(trader: App) -> None:
    assert trader.refusal(SET_ODDS, market=MARKET, odds=[]).type == "INVALID_INPUT"
    assert trader.refusal(SET_ODDS, market="nothing", odds=[]).type == "NOT_FOUND"
    winner_missing = [{**row, "result": "LOST"} for row in results_input("1")]
    assert trader.refusal(SETTLE, market=MARKET, results=winner_missing).type == "INVALID_INPUT"
    former_keys = [{"outcomeId": key, "result": "LOST"} for key in ("1", "X", "2")]
    assert trader.refusal(SETTLE, market=MARKET, results=former_keys).type == "INVALID_INPUT"


@pytest.mark.parametrize("phone", ["+255712345678", "+254612345678", "+25471234567"])
def test_a_phone_number_of_elsewhere_cannot_sign_up(cloud: Cloud, phone: str) -> None:
    with pytest.raises(ClientError, match="INVALID_PHONE_NUMBER"):
        new_app(cloud, phone).sign_up()


def test_a_wrong_code_confirms_nobody(cloud: Cloud) -> None:
    app = new_app(cloud, new_phone())
    app.sign_up()
    code = wait_for_code(cloud, app.phone)
    assert not app.answer_code(f"{(int(code) + 1) % 10**6:06d}")
    assert app.token == ""
    with pytest.raises(ClientError, match="NotAuthorized"):
        app.sign_in()
    assert app.answer_code(code), "a slip of the finger may be mended"
    assert app.ask("query { me { status } }") == {"status": "ACTIVE"}


def misfits(kind: GraphQLInputType, good: Any) -> Iterator[Any]:
    """Yield what does not fit a type: of another kind, an enum's value that there is not, too little and too much."""
    if isinstance(kind, GraphQLNonNull):
        yield None
        yield from misfits(kind.of_type, good)
    elif isinstance(kind, GraphQLList):
        yield from ([worse] for worse in misfits(kind.of_type, value(kind.of_type)))
    elif isinstance(kind, GraphQLInputObjectType):
        yield from ("text", 7, {**good, "more": 1})
        for name, field in kind.fields.items():
            inside = good.get(name, value(field.type))
            yield from ({**good, name: worse} for worse in misfits(field.type, inside))
            if isinstance(field.type, GraphQLNonNull):
                yield {other: each for other, each in good.items() if other != name}
    elif isinstance(kind, GraphQLEnumType):
        yield from ("NO_SUCH_THING", next(iter(kind.values)).lower(), 7, {}, ["A", "B"])
    else:
        yield from ({"a": 1}, ["a", "b"], *({"Int": ("7", 1.5, 2**40), "Boolean": ("true", 1)}.get(str(kind), (True,))))


@pytest.mark.parametrize("name", sorted(FIELDS.keys() - set(HEARD)))
def test_what_is_of_another_type_reaches_nobody(cloud: Cloud, player: App, name: str) -> None:
    """Every argument of every field, staff's too: what does not fit the schema is told of before who may ask."""
    operation, field = FIELDS[name]
    headers, tried = {"Authorization": player.token}, 0
    _, good = asked_for(name)
    for argument, one in field.args.items():
        declared = {**{each: field.args[each].type for each in good}, argument: one.type}
        heads = ", ".join(f"${each}: {kind}" for each, kind in declared.items())
        passed = ", ".join(f"{each}: ${each}" for each in declared)
        text = f"{operation}({heads}) {{ {name}({passed}){selection(field.type)} }}"
        for worse in misfits(one.type, value(one.type)):
            asked = {"query": text, "variables": {**good, argument: worse}}
            answer = requests.post(cloud.addresses.appsync, json=asked, headers=headers, timeout=60).json()
            kinds = [error["errorType"] for error in answer["errors"]]
            assert (kinds[:1], answer["data"]) == (["ValidationError"], None), (argument, worse, answer)
            tried += 1
    assert tried or not field.args


def test_a_socket_that_talks_nonsense_hears_errors_and_those_of_others_live_on(cloud: Cloud, player: App) -> None:
    stranger = new_player(cloud)
    own, update = "subscription($id: ID!) { onPlayerUpdate(userId: $id) { userId } }", "{ onPlayerUpdate { userId } }"
    with player.listen(own, id=player.user_id) as feed:
        heard = asyncio.run(nonsense(cloud, stranger, own, update, player.user_id))
        assert heard == [
            ("error", "UnsupportedOperation"),
            ("error", "BadRequestException"),
            ("error", "Unauthorized"),
            ("error", "ValidationError"),
            ("error", "ValidationError"),
            ("error", "UnsupportedOperation"),
            ("error", "BadRequestException"),
            ("error", "UnknownOperationError"),
            ("start_ack", None),
            ("error", "DuplicatedOperationError"),
        ]
        player.ask(DEPOSIT, id=uuid.uuid4().hex, amount=money("20"))
        eventually(lambda: feed.items, "an update on the socket of somebody else")


async def nonsense(cloud: Cloud, stranger: App, own: str, update: str, other: str) -> list[tuple[str, str | None]]:
    """Send on one socket what nobody should; return how each frame was answered, the last but one being right."""
    host = cloud.addresses.appsync.removeprefix("http://").removesuffix("/graphql")
    authorization = {"host": host, "Authorization": stranger.token}

    def start(named: dict[str, str], query: str, **variables: Any) -> dict[str, Any]:
        asked = json.dumps({"query": query, "variables": variables})
        return {**named, "type": "start", "payload": {"data": asked, "extensions": {"authorization": authorization}}}

    mutation = 'mutation { updateProfile(input: {displayName: "Nobody"}) { id } }'
    good = start({"id": "mine"}, own, id=stranger.user_id)
    frames = [
        {"type": "nonsense"},
        start({}, own, id=stranger.user_id),
        start({"id": "1"}, own, id=other),
        start({"id": "2"}, own, id=None),
        start({"id": "3"}, f"subscription {update}"),
        start({"id": "4"}, mutation),
        {"id": "5", "type": "start", "payload": {"data": 7}},
        {"id": "somebody-else", "type": "stop"},
        good,
        good,
    ]
    header, heard = base64.b64encode(json.dumps(authorization).encode()).decode(), []
    url = f"ws://{host}/graphql?header={header}&payload=e30="
    async with aiohttp.ClientSession() as session, session.ws_connect(url, protocols=["graphql-ws"]) as socket:
        for frame in frames:
            await socket.send_json(frame)
            while (said := await socket.receive_json(timeout=60))["type"] == "ka":
                pass
            errors = (said.get("payload") or {}).get("errors")
            heard.append((said["type"], errors[0]["errorType"] if errors else None))
    return heard


PERSONAL = ["onPlayerUpdate"]


@pytest.mark.parametrize("field", PERSONAL)
@pytest.mark.parametrize(
    ("declaration", "argument", "variables"),
    [
        ("", '(userId: "somebody-else")', {}),
        ("($me: ID!)", "(userId: $me)", {"me": "somebody-else"}),
        ("", "(userId: null)", {}),
        ("($me: ID)", "(userId: $me)", {"me": None}),
        ("", "", {}),
    ],
    ids=["inline", "variable", "null", "null variable", "omitted"],
)
def test_nobody_hears_of_another_players_affairs(
    player: App, field: str, declaration: str, argument: str, variables: dict[str, Any]
) -> None:
    with player.listen(f"subscription{declaration} {{ {field}{argument} {{ userId }} }}", **variables) as feed:
        eventually(lambda: feed.error, "refusal")
        assert not feed.items


def test_support_can_suspend_a_player_who_may_then_neither_bet_nor_deposit(cloud: Cloud) -> None:
    support, player = signed_in(cloud, "support"), new_player(cloud)
    assert player.refusal(SUSPEND, id=player.user_id).type == "Unauthorized"
    assert support.ask(SUSPEND, id=player.user_id) == {"status": "SUSPENDED"}
    assert player.refusal(PLACE_BET, input=slip()).type == "ACCOUNT_NOT_ACTIVE"
    assert player.refusal(DEPOSIT, id=uuid.uuid4().hex, amount=money("100")).type == "ACCOUNT_NOT_ACTIVE"
    reinstate = 'mutation($id: ID!) { reinstateUser(userId: $id, reason: "the break is over") { status } }'
    assert support.ask(reinstate, id=player.user_id) == {"status": "ACTIVE"}
    assert player.refusal(PLACE_BET, input=slip()).type == "INSUFFICIENT_FUNDS"


@pytest.fixture(scope="module")
def callers(cloud: Cloud) -> dict[str, Credentials | None]:
    """Who signs: our services, a role with bet's permissions that is not called so, the account itself, nobody."""
    return {
        **{
            service: role_like(cloud, service, "graphql", f"betsafi-{service}-local-e2e-{REGION}-lambdaRole")
            for service in ("bet", "payment", "users")
        },
        "staff": role_like(cloud, "users", "staff", f"betsafi-users-local-e2e2-{REGION}-lambdaRole"),
        "somebody": role_like(cloud, "bet", "graphql", "somebody"),
        "trader": role_like(cloud, "bet", "trading", f"betsafi-bet-local-e2e2-{REGION}-lambdaRole"),
        "account": Credentials(CREDENTIALS["AWS_ACCESS_KEY_ID"], CREDENTIALS["AWS_SECRET_ACCESS_KEY"]),
        "nobody": None,
    }


def call(cloud: Cloud, signer: Credentials | None, method: str, path: str, body: bytes) -> tuple[int, dict[str, Any]]:
    """Call the wallet's API."""
    url = parameter(cloud.addresses, "wallet/api/url") + path
    request = AWSRequest(method, url, data=body or None, headers={"Content-Type": "application/json"})
    if signer:
        SigV4Auth(signer, "execute-api", REGION).add_auth(request)
    answer = URLLib3Session().send(request.prepare())
    return answer.status_code, json.loads(answer.content)


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        (b"{not json", 400, "INVALID_INPUT"),
        (b"[]", 400, "INVALID_INPUT"),
        (b"{}", 400, "INVALID_INPUT"),
        (b'{"holdId":"h1","userId":"nobody","kind":"GIFT","amountCents":1}', 400, "INVALID_INPUT"),
        (b'{"holdId":"h1","userId":"nobody","kind":"BET","amountCents":0}', 400, "INVALID_AMOUNT"),
        (b'{"holdId":"h1","userId":"nobody","kind":"BET","amountCents":1.5}', 400, "INVALID_AMOUNT"),
        (b'{"holdId":"h1","userId":"nobody","kind":"BET","amountCents":true}', 400, "INVALID_AMOUNT"),
        (b'{"holdId":"a#b","userId":"nobody","kind":"BET","amountCents":1}', 400, "INVALID_INPUT"),
        (b'{"holdId":"h1","userId":"nobody","kind":"BET","amountCents":1}', 404, "NOT_FOUND"),
    ],
)
def test_the_wallets_api_answers_bad_requests_with_a_code_and_a_sentence(
    cloud: Cloud, callers: dict[str, Credentials | None], body: bytes, status: int, error: str
) -> None:
    code, answer = call(cloud, callers["bet"], "POST", "/holds", body)
    assert (code, answer["error"]) == (status, error)
    assert len(answer["message"]) > 10


STAKE = b'{"holdId":"h1","userId":"nobody","kind":"BET","amountCents":1}'
TAKEN = b'{"holdId":"h1","userId":"nobody","kind":"WITHDRAWAL","amountCents":1}'
GIVEN_BACK = b'{"userId":"nobody","reason":"no"}'
SUSPENDED = b'{"status":"SUSPENDED","statusVersion":1}'
PROTECTED = b'{"version":1,"limits":{"stake_day":100}}'


@pytest.mark.parametrize(
    ("method", "path", "body", "told"),
    [
        ("POST", "/holds", STAKE, {"bet": 404, "payment": 403, "somebody": 403}),
        ("POST", "/holds", TAKEN, {"bet": 403, "payment": 404, "somebody": 403}),
        ("POST", "/holds/h9/release", GIVEN_BACK, {"bet": 200, "payment": 200, "somebody": 403}),
        ("GET", "/accounts/nobody", b"", {"payment": 404, "users": 404, "staff": 404}),
        ("GET", "/room/nobody/2026-11-27/abc", b"", {"bet": 404, "somebody": 403}),
        ("PUT", "/accounts/nobody/status", SUSPENDED, {"staff": 200}),
        ("PUT", "/accounts/nobody/protection", PROTECTED, {"users": 200}),
        ("POST", "/accounts/nobody-yet/reality-check", b"", {"users": 404}),
    ],
)
def test_iam_admits_a_role_to_what_its_service_does_and_the_wallet_looks_who_it_is(
    cloud: Cloud, callers: dict[str, Credentials | None], method: str, path: str, body: bytes, told: dict[str, int]
) -> None:
    """`told` is what the wallet answers whom IAM lets through, the account itself besides; nobody else reaches it."""
    for name, signer in callers.items():
        status, answer = call(cloud, signer, method, path, body)
        if wanted := {"account": 403, **told}.get(name):
            error = {200: None, 403: "FORBIDDEN", 404: "NOT_FOUND"}[wanted]
            assert (status, answer.get("error")) == (wanted, error), name
        else:
            assert (status, "error" in answer) == (403, False), name


def dead_letters(cloud: Cloud, queue: str) -> int:
    sqs = aws("sqs", cloud.addresses)
    (url,) = [url for url in sqs.list_queues()["QueueUrls"] if f"/betsafi-{queue}" in url]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
    return int(found["Attributes"]["ApproximateNumberOfMessages"])


@pytest.mark.late
def test_poison_events_end_in_the_dead_letter_queue_and_credit_nothing(cloud: Cloud, poisoned: Poisoned) -> None:
    eventually(
        lambda: dead_letters(cloud, "wallet-local-InboundDeadLetterQueue") == poisoned.events,
        "all poison events in the dead-letter queue",
    )
    assert balance(poisoned.player) == poisoned.before
