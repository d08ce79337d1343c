"""Who may ask what: every field of the API, asked by every kind of caller, held against one written table.

The table is written by hand and the fields are read from the schema, so a new field fails until somebody decides. What
is asked can be carried out by nobody (an unknown id, no amount), so that being let in changes nothing.
"""

import base64
import json
import time
import uuid
from collections.abc import Callable
from typing import Any

import jwt
import pytest
import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
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
from localcloud.demo.seed import signed_in
from tests.e2e.conftest import new_player
from tests.support.schema import api_schema

PLAYERS = ("player", "suspended player")
EVERYBODY = (*PLAYERS, *staff.GROUPS, "suspended trader")
"""Who works here and is stopped may still look at what no group is asked for."""
FUNCTION = "a function of ours"
STRANGERS = ("nobody", "forged player", "forged admin", "another client's player", "another client's trader")
CALLERS = (*STRANGERS, *EVERYBODY, FUNCTION)

MAY: list[tuple[tuple[str, ...], tuple[str, ...]]] = [
    (EVERYBODY, ("events", "event", "paymentChannels")),
    (PLAYERS, ("me", "updateProfile", "setPassword")),
    (PLAYERS, ("bets", "bet", "placeBet", "cancelBet")),
    (PLAYERS, ("wallet", "walletEntries", "walletStatement")),
    (PLAYERS, ("payment", "payments", "paybill", "deposit", "withdraw")),
    (PLAYERS, ("notifications", "markNotificationsRead")),
    (("trader",), ("createFixture", "setOdds", "setMarketStatus", "setMarketGuards", "marketExposure")),
    (("trader",), ("settleMarket", "rollbackMarket", "refuseMarketDecision")),
    (("support", "admin"), ("suspendUser", "reinstateUser", "playerStatement", "freezeWallet")),
    (("support", "admin"), ("paymentQueue", "assignPayment", "refuseDecision")),
    (("admin",), ("auditTrail", "suspendStaff", "reinstateStaff", "unfreezeWallet", "closeWallet")),
    (("admin",), ("grantBonus", "proposeAdjustment", "refuseProposal")),
    (("admin",), ("bookFees", "bookTransfer", "bookTaxRemittance")),
    (("admin",), ("approveWithdrawal", "rejectWithdrawal", "resolveWithdrawal", "reverseDeposit")),
    (("admin",), ("setPaymentChannel", "registerPaybill")),
    ((FUNCTION,), ("publishMarket", "publishPlayer")),
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
    return {
        name: (operation, field)
        for operation, kind in (("query", schema.query_type), ("mutation", schema.mutation_type))
        if kind is not None
        for name, field in kind.fields.items()
    }


FIELDS = fields()


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


def forged(token: str) -> str:
    """Return a token that says the same, signed by somebody else's key."""
    header, payload, _ = (part + "=" * (-len(part) % 4) for part in token.split("."))
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    head, said = (json.loads(base64.urlsafe_b64decode(part)) for part in (header, payload))
    return jwt.encode(said, key, algorithm="RS256", headers={"kid": head["kid"]})


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
    signed_in(cloud, "support").ask(
        'mutation($id: ID!) { suspendUser(userId: $id, reason: "asked for a break") { status } }', id=app.user_id
    )
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
def headers(cloud: Cloud) -> Callable[[str, str], dict[str, str]]:
    """Return what each kind of caller sends with a body."""
    kept: dict[str, tuple[float, str]] = {}

    def sent(caller: str, body: str) -> dict[str, str]:
        plain = {"Content-Type": "application/json"}
        if caller == FUNCTION:
            request = AWSRequest("POST", cloud.addresses.appsync, data=body, headers=plain)
            keys = Credentials(CREDENTIALS["AWS_ACCESS_KEY_ID"], CREDENTIALS["AWS_SECRET_ACCESS_KEY"])
            SigV4Auth(keys, "appsync", REGION).add_auth(request)
            return dict(request.headers)
        if caller not in kept or time.monotonic() - kept[caller][0] > FRESH_SECONDS:
            kept[caller] = time.monotonic(), TOKENS[caller](cloud)
        return {**plain, "Authorization": kept[caller][1]}

    return sent


def test_the_table_names_every_field_once() -> None:
    named = [name for _, names in MAY for name in names]
    assert sorted(named) == sorted(FIELDS)


@pytest.mark.parametrize("name", sorted(FIELDS))
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
