"""Who may ask what: every field of the API, asked by every kind of caller, held against one written table.

The table is written by hand and the fields are read from the schema, so a new field fails until somebody decides. What
is asked can be carried out by nobody (an unknown id, no amount), so that being let in changes nothing. Below it stands
what is somebody's own: players ask for what another one has.
"""

import json
import time
import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

import jwt
import pytest
import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    get_named_type,
)

from localcloud.base.addresses import CREDENTIALS, REGION
from localcloud.cloud.running import Cloud, aws, parameter
from localcloud.demo import staff
from localcloud.demo.app import App
from localcloud.demo.seed import new_app, signed_in
from localcloud.journey.asking import BET, PAYMENT, PLACE_BET, WITHDRAW, money, new_phone
from tests.e2e.conftest import new_market, new_player, opened, role_like
from tests.e2e.test_identity import joined
from tests.support.schema import api_schema
from tests.support.stops import SUSPEND
from tests.support.waiting import eventually

PLAYERS = ("player", "suspended player")
EVERYBODY = (*PLAYERS, *staff.GROUPS, "suspended trader")
"""Who works here and is stopped may still look at what no group is asked for."""
STRANGERS = (
    "nobody", "forged player", "forged admin", "expired player", "expired admin",
    "another client's player", "another client's trader", "a wrong key", "an ended key",
)  # fmt: skip
ANYBODY = "the lobby's key"
KEYS = (ANYBODY, "a wrong key", "an ended key")
PUBLISHERS = ("frontend-api's consumer", "the account")
"""Who signs and may publish: the one function, and whoever administers the account."""
SIGNING = (*PUBLISHERS, "bet's graphql")
CALLERS = (*STRANGERS, ANYBODY, *EVERYBODY, *SIGNING)

MAY: list[tuple[tuple[str, ...], tuple[str, ...]]] = [
    ((ANYBODY, *EVERYBODY), ("betting", "sports", "competitions", "fixtures", "popularFixtures", "searchFixtures")),
    ((ANYBODY, *EVERYBODY), ("fixture", "markets", "marketsByIds", "sharedSlip", "start")),
    (EVERYBODY, ("paymentChannels",)),
    (PLAYERS, ("me", "updateProfile", "setPassword", "appeal")),
    (PLAYERS, ("devices", "signOutDevice", "signOutEverywhere", "requestFreshCode")),
    (PLAYERS, ("changePhone", "confirmPhoneChange", "requestPhoneReview")),
    (PLAYERS, ("setEmail", "confirmEmail", "removeEmail")),
    (PLAYERS, ("identity", "submitIdentity", "terms", "acceptTerms")),
    (("support", "admin"), ("phoneReviews", "decidePhoneChange")),
    (PLAYERS, ("protection", "setLimits", "confirmLimit", "takeTimeOut", "excludeMyself", "endExclusion")),
    (PLAYERS, ("setRealityCheck", "acknowledgeRealityCheck")),
    (PLAYERS, ("bets", "bet", "placeBet", "cancelBet")),
    (PLAYERS, ("quoteSlip", "shareSlip", "repeatBet")),
    (PLAYERS, ("wallet", "walletEntries", "walletStatement", "activitySummary")),
    (PLAYERS, ("payment", "payments", "paybill", "deposit", "withdraw", "depositForm", "withdrawalForm")),
    (PLAYERS, ("notifications", "markNotificationsRead", "changesSince")),
    (PLAYERS, ("unreadNotifications", "markAllNotificationsRead")),
    (PLAYERS, ("messagePreferences", "setMessagePreferences", "registerPushToken", "forgetPushToken")),
    (("trader",), ("putCompetition", "putTeam", "searchTeams", "createFixture", "addMarkets", "setPopular")),
    (("trader",), ("moveFixture", "setFixtureStatus")),
    (("trader",), ("setOdds", "setMarketStatus", "setBetting", "setMarketGuards", "marketExposure")),
    (("trader",), ("settleMarket", "rollbackMarket", "refuseMarketDecision")),
    (("trader",), ("setPayoutFactor",)),
    (("trader",), ("settleFixture", "refuseFixtureDecision", "overdueFixtures")),
    (("trader",), ("marketKinds", "tradingProposals")),
    (("trader", "support", "admin"), ("staffMembers",)),
    (("trader",), ("voidBet", "repriceBet", "refuseBetDecision")),
    (("trader",), ("cancelBets", "rollbackCancel", "holdResults", "releaseResults", "heldAndCancelled")),
    (("support", "admin"), ("suspendUser", "reinstateUser", "unlockSignIn", "playerStatement")),
    (("support", "admin"), ("player", "staffQueue", "answerAppeal", "unmask", "findPlayer")),
    (("support", "admin"), ("addPlayerNote", "setPlayerTags", "recordIntervention")),
    (("support", "admin"), ("paymentQueue", "assignPayment", "refuseDecision")),
    (("admin",), ("auditTrail", "suspendStaff", "reinstateStaff", "closeWallet")),
    (("admin",), ("exportPlayer", "erasePlayer")),
    (("admin",), ("grantBonus", "proposeAdjustment", "refuseProposal")),
    (("admin",), ("bookFees", "bookTransfer", "bookTaxRemittance")),
    (("admin",), ("approveWithdrawal", "rejectWithdrawal", "resolveWithdrawal", "reverseDeposit")),
    (("admin",), ("setPaymentChannel", "registerPaybill")),
    (PUBLISHERS, ("publishMarket", "publishPlayer")),
    (PLAYERS, ("onPlayerUpdate",)),
    (EVERYBODY, ("onMarketUpdated", "onCompetitionMarketUpdated", "onDayMarketUpdated")),
]
"""(who of CALLERS, fields)."""

SAID = {
    "Boolean": True,  # `setPaymentChannel` opens what is open
    "Int": 0,
    "String": "",
    "ID": "no-such-thing",
    "AWSDateTime": "2099-01-01T12:00:00Z",
    "AWSDate": "2099-01-01",
}
"""What is said for an argument, by its type."""
REFUSED = ("Unauthorized", "UnauthorizedException", "FORBIDDEN")
FRESH_SECONDS = 200
"""Tokens of staff last five minutes, so they are got anew."""


def fields() -> dict[str, tuple[str, GraphQLField]]:
    """Return every field that can be asked for: its operation and its definition."""
    schema = api_schema()
    kinds = {"query": schema.query_type, "mutation": schema.mutation_type, "subscription": schema.subscription_type}
    return {
        name: (operation, field) for operation, kind in kinds.items() if kind for name, field in kind.fields.items()
    }


FIELDS = fields()
HEARD = [name for name, (operation, _) in FIELDS.items() if operation == "subscription"]


def value(kind: GraphQLInputType) -> Any:
    """Return what can be said for an argument and leads to nothing."""
    if isinstance(kind, GraphQLNonNull):
        return value(kind.of_type)
    if isinstance(kind, GraphQLList):
        return []
    if isinstance(kind, GraphQLEnumType):
        return next(iter(kind.values))
    if isinstance(kind, GraphQLInputObjectType):
        return {
            name: value(field.type) for name, field in kind.fields.items() if isinstance(field.type, GraphQLNonNull)
        }
    return SAID[kind.name]


def selection(kind: GraphQLOutputType) -> str:
    named = get_named_type(kind)
    return " { __typename }" if isinstance(named, GraphQLObjectType) else ""


def document(name: str) -> tuple[str, dict[str, Any]]:
    """Return how a field is asked for with what must be given, and the variables."""
    operation, field = FIELDS[name]
    given = {argument: one.type for argument, one in field.args.items() if isinstance(one.type, GraphQLNonNull)}
    declared = ", ".join(f"${argument}: {kind}" for argument, kind in given.items())
    passed = ", ".join(f"{argument}: ${argument}" for argument in given)
    heads = (f"({declared})", f"({passed})") if given else ("", "")
    text = f"{operation}{heads[0]} {{ {name}{heads[1]}{selection(field.type)} }}"
    return text, {argument: value(kind) for argument, kind in given.items()}


def signed(token: str, key: Any, **other: Any) -> str:
    """Return a token that says the same but for `other`, signed by a key."""
    said = jwt.decode(token, options={"verify_signature": False}) | other
    return jwt.encode(said, key, algorithm="RS256", headers={"kid": jwt.get_unverified_header(token)["kid"]})


def forged(token: str) -> str:
    """Return a token that says the same, signed by somebody else's key."""
    return signed(token, rsa.generate_private_key(public_exponent=65537, key_size=2048))


def of_yesterday(cloud: Cloud, token: str, seconds_left: int = -1) -> str:
    """Return a token that its pool signed a day ago, and that ended so long ago, or ends so soon."""
    now = int(time.time())
    pool = jwt.decode(token, options={"verify_signature": False})["iss"].rpartition("/")[2]
    key = (cloud.folder / "state" / "cognito-pool-keys" / f"{pool}-id.pem").read_bytes()
    return signed(token, serialization.load_pem_private_key(key, None), iat=now - 86_400, exp=now + seconds_left)


def of_another_client(cloud: Cloud, app: App, pool: str) -> str:
    """Return a token of the same person in the same pool, for an app client that is not ours."""
    flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    made = aws("cognito-idp", cloud.addresses).create_user_pool_client(
        UserPoolId=parameter(cloud.addresses, pool), ClientName=uuid.uuid4().hex, ExplicitAuthFlows=flows
    )
    app.client_id = made["UserPoolClient"]["ClientId"]
    app.sign_in()
    return app.token


def suspended_player(cloud: Cloud) -> str:
    app = new_player(cloud)
    signed_in(cloud, "support").ask(SUSPEND, id=app.user_id)
    return app.token


def suspended_trader(cloud: Cloud) -> str:
    app = staff.hire(cloud, staff.Member(f"{uuid.uuid4().hex}@staff.example", "trader"))
    app.sign_in()
    signed_in(cloud, "admin").ask(
        'mutation($id: ID!) { suspendStaff(staffId: $id, reason: "left the company") { status } }', id=app.user_id
    )
    return app.token


TOKENS: dict[str, Callable[[Cloud], str]] = {
    "nobody": lambda cloud: "",
    "forged player": lambda cloud: forged(new_player(cloud).token),
    "forged admin": lambda cloud: forged(signed_in(cloud, "admin").token),
    "expired player": lambda cloud: of_yesterday(cloud, new_player(cloud).token),
    "expired admin": lambda cloud: of_yesterday(cloud, signed_in(cloud, "admin").token),
    "another client's player": lambda cloud: of_another_client(cloud, new_player(cloud), "users/pool/id"),
    "another client's trader": lambda cloud: of_another_client(
        cloud, signed_in(cloud, "trader"), "platform/staff/pool/id"
    ),
    "player": lambda cloud: new_player(cloud).token,
    "suspended player": suspended_player,
    "trader": lambda cloud: signed_in(cloud, "trader").token,
    "support": lambda cloud: signed_in(cloud, "support").token,
    "admin": lambda cloud: signed_in(cloud, "admin").token,
    "suspended trader": suspended_trader,
}


@pytest.fixture(scope="module")
def tokens(cloud: Cloud) -> Callable[[str], str]:
    """Return the token of each kind of caller who has one."""
    kept: dict[str, tuple[float, str]] = {}

    def of(caller: str) -> str:
        if caller not in kept or time.monotonic() - kept[caller][0] > FRESH_SECONDS:
            kept[caller] = time.monotonic(), TOKENS[caller](cloud)
        return kept[caller][1]

    return of


@pytest.fixture(scope="module")
def api_keys(cloud: Cloud) -> dict[str, str]:
    """Return the API keys: the one that apps have, one of nobody's, and one of the API's that has ended."""
    appsync = aws("appsync", cloud.addresses)
    (api,) = appsync.list_graphql_apis()["graphqlApis"]
    ended = appsync.create_api_key(apiId=api["apiId"], expires=int(time.time()) - 3600)["apiKey"]["id"]
    return dict(zip(KEYS, (parameter(cloud.addresses, "frontend-api/lobby/key"), "da2-nobodys", ended), strict=True))


@pytest.fixture(scope="module")
def headers(
    cloud: Cloud, tokens: Callable[[str], str], api_keys: dict[str, str]
) -> Callable[[str, str], dict[str, str]]:
    """Return what each kind of caller sends with a body."""
    keys = {
        "the account": Credentials(CREDENTIALS["AWS_ACCESS_KEY_ID"], CREDENTIALS["AWS_SECRET_ACCESS_KEY"]),
        "frontend-api's consumer": role_like(cloud, "frontend-api", "consumer", "authorization-publisher"),
        "bet's graphql": role_like(cloud, "bet", "graphql", "authorization-bet"),
    }

    def sent(caller: str, body: str) -> dict[str, str]:
        plain = {"Content-Type": "application/json"}
        if caller in api_keys:
            return {**plain, "x-api-key": api_keys[caller]}
        if caller not in keys:
            return {**plain, "Authorization": tokens(caller)}
        request = AWSRequest("POST", cloud.addresses.appsync, data=body, headers=plain)
        SigV4Auth(keys[caller], "appsync", REGION).add_auth(request)
        return dict(request.headers)

    return sent


def test_the_table_names_every_field_once() -> None:
    named = [name for _, names in MAY for name in names]
    assert sorted(named) == sorted(FIELDS)


@pytest.mark.parametrize("name", sorted(FIELDS.keys() - set(HEARD)))
def test_a_field_answers_those_whom_it_is_for_and_nobody_else(
    name: str, cloud: Cloud, headers: Callable[[str, str], dict[str, str]]
) -> None:
    text, variables = document(name)
    body = json.dumps({"query": text, "variables": variables})
    (wanted,) = [set(who) for who, names in MAY if name in names]
    let_in = set()
    for caller in CALLERS:
        answer = requests.post(cloud.addresses.appsync, data=body, headers=headers(caller, body), timeout=60)
        kinds = {error.get("errorType") for error in answer.json().get("errors") or []}
        assert "INTERNAL_ERROR" not in kinds, (caller, answer.text)
        assert not any("Validation" in f"{kind}" for kind in kinds), answer.text
        if not kinds & set(REFUSED):
            let_in.add(caller)
    assert let_in == wanted


@pytest.mark.parametrize("name", HEARD)
def test_a_subscription_is_begun_by_those_whom_it_is_for_and_nobody_else(
    name: str, cloud: Cloud, tokens: Callable[[str], str], api_keys: dict[str, str]
) -> None:
    """Each asks for what is their own. Who signs with IAM is admitted by no mark: see the template rules."""
    text, variables = document(name)
    (wanted,) = [set(who) for who, names in MAY if name in names]
    begun = set()
    for caller in (*TOKENS, *KEYS):
        key = api_keys.get(caller, "")
        listener = App(cloud.addresses.appsync, cloud.addresses.cognito, "", "", lobby_key=key)
        listener.token = "" if key else tokens(caller)
        if "userId" in variables and listener.token:
            claims = jwt.decode(listener.token, options={"verify_signature": False})
            variables["userId"] = claims.get("player") or claims["sub"]
        with listener.listen(text, **variables) as feed:
            pass  # begun or refused: whoever says which has ended by the next line
        if feed.error is None:
            begun.add(caller)
    assert begun == wanted


def test_a_token_is_refused_for_its_age_alone(cloud: Cloud) -> None:
    """The expired ones above are signed as their pool signs."""
    player = new_player(cloud)
    for seconds_left, answered in ((60, True), (-1, False)):
        answer = requests.post(
            cloud.addresses.appsync,
            json={"query": "query { me { id } }"},
            headers={"Authorization": of_yesterday(cloud, player.token, seconds_left)},
            timeout=60,
        )
        assert (answer.json().get("data") == {"me": {"id": player.user_id}}) is answered, answer.text


def test_the_lobby_s_key_shows_the_offer_to_who_is_not_signed_in(cloud: Cloud, trader: App) -> None:
    """And a shared slip, which goes from phone to phone; the signed-in player sees the same."""
    market = new_market(trader, "lobby-e2e")
    anybody, player = new_app(cloud, new_phone()), new_player(cloud)
    share = "mutation($picks: [SelectionInput!]!) { shareSlip(selections: $picks) { code } }"
    pick = {"marketId": market, "selectionId": f"{market}/1", "odds": "3.00"}
    code = player.ask(share, picks=[pick])["code"]
    for field in (
        "sports { id }",
        "competitions { items { id } }",
        "fixtures { items { id } }",
        "popularFixtures { id }",
    ):
        anybody.ask(f"query {{ {field} }}")
    anybody.ask('query { searchFixtures(text: "go") { items { home { name { sw } } } } }')
    fixture = "id home { name { en sw } } markets { id status selections { id key name { en } odds } }"
    for document, asked in {
        f"query($id: ID!) {{ fixture(id: $id) {{ {fixture} }} }}": {"id": "lobby-e2e"},
        "query($id: ID!) { markets(fixtureId: $id) { items { id } } }": {"id": "lobby-e2e"},
        "query($ids: [ID!]!) { marketsByIds(ids: $ids) { id selections { odds result } } }": {"ids": [market]},
        "query($code: String!) { sharedSlip(code: $code) { legs { odds seen { market { sw } } } } }": {"code": code},
    }.items():
        seen = anybody.ask(document, **asked)
        assert seen, document
        assert player.ask(document, **asked) == seen, document
    assert anybody.refusal("query { wallet { id } }").type == "Unauthorized"


# --- what is somebody's own


OWN_BY_ID = {
    "bet": BET,
    "cancelBet": "mutation($id: ID!) { cancelBet(id: $id) { status } }",
    "repeatBet": "query($id: ID!) { repeatBet(id: $id) { legs { marketId } } }",
    "payment": PAYMENT,
    "markNotificationsRead": "mutation($id: ID!) { markNotificationsRead(ids: [$id]) }",
    "signOutDevice": "mutation($id: ID!) { signOutDevice(id: $id) { id } }",
}
LISTS = {
    "bets": "{ items { id } cursor }",
    "payments": "{ items { id } cursor }",
    "notifications": "{ items { id status } cursor }",
    "walletEntries": "{ items { kind } cursor }",
}
NO_LIST = {"changesSince"}
"""What takes a cursor and is tried with another's elsewhere: test_cuts.py."""


def test_every_field_that_names_or_lists_what_is_a_player_s_own_is_tried() -> None:
    def takes(name: str, *arguments: str) -> bool:
        return any(argument in FIELDS[name][1].args for argument in arguments)

    players = {name for who, names in MAY if who == PLAYERS for name in names} - set(HEARD)
    assert {name for name in players if takes(name, "id", "ids", "userId")} == OWN_BY_ID.keys()
    assert {name for name in players if takes(name, "cursor")} - NO_LIST == LISTS.keys()


def test_nobody_reads_or_changes_what_is_another_player_s(cloud: Cloud, player: App, trader: App) -> None:
    market, other = new_market(trader, "authorization"), opened(new_player(cloud))
    for _ in range(2):
        pick = {"marketId": market, "selectionId": f"{market}/1", "odds": "3.00"}
        slip = {"clientRequestId": uuid.uuid4().hex, "stake": money("20"), "selections": [pick]}
        bet = player.ask(PLACE_BET, input=slip)
    player.ask(WITHDRAW, id=uuid.uuid4().hex, amount=money("100"))  # so that each list has a second page
    ask = {name: f"query($limit: Int, $cursor: String) {{ {name}(limit: $limit, cursor: $cursor) {chosen} }}"
           for name, chosen in LISTS.items()}  # fmt: skip
    inbox = partial(player.ask, ask["notifications"], limit=20)
    unread = eventually(
        lambda: [note for note in inbox()["items"] if note["id"].startswith(f"bet:{bet['id']}")], "the bet's note"
    )
    owner = joined(cloud)
    (device,) = owner.ask("query { devices { id } }")
    own = {
        "signOutDevice": device["id"],
        "bet": bet["id"],
        "cancelBet": bet["id"],
        "repeatBet": bet["id"],
        "payment": player.ask(ask["payments"], limit=1)["items"][0]["id"],
        "markNotificationsRead": unread[0]["id"],
    }
    for name, document in OWN_BY_ID.items():
        if name == "markNotificationsRead":
            assert other.ask(document, id=own[name]) == 0
        else:
            assert other.refusal(document, id=own[name]).type == "NOT_FOUND", name
    assert player.ask(BET, id=bet["id"])["status"] == "ACCEPTED"
    assert owner.ask("query { devices { signedOutAt } }") == [{"signedOutAt": None}]
    assert [note for note in inbox()["items"] if note in unread] == unread  # others may have come meanwhile
    for name, document in ask.items():
        page = player.ask(document, limit=1)
        assert other.refusal(document, limit=1, cursor=page["cursor"]).type == "INVALID_CURSOR", name
        theirs, mine = ({item.get("id") for item in app.ask(document, limit=20)["items"]} for app in (player, other))
        assert theirs
        assert not (theirs & mine) - {None, "status.0"}, name  # everybody's first note about their account
