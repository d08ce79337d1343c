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

from tests.support.schema import api_schema
from tools.app import App
from tools.journey import new_phone
from tools.localcloud import staff
from tools.localcloud.cloud import Cloud
from tools.localcloud.seed import new_app, signed_in, wait_for_code

PLAYERS = ("player", "suspended player")
EVERYBODY = (*PLAYERS, *staff.GROUPS, "suspended trader")
"""Who works here and is stopped may still look at what no group is asked for."""
CALLERS = ("nobody", "forged player", "forged admin", *EVERYBODY)

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
    (("admin",), ("approveWithdrawal", "rejectWithdrawal", "resolveWithdrawal", "reverseDeposit")),
    (("admin",), ("setPaymentChannel", "registerPaybill")),
    ((), ("publishMarket", "publishPlayer")),
]
"""(who of CALLERS, fields); the last are for our own functions, which sign with their roles."""

SAID = {
    # Not by its default, for it would close nothing anyway; and nothing that could be carried out.
    "Boolean": True,
    "Int": 0,
    "String": "",
    "ID": "no-such-thing",
    "AWSDateTime": "2099-01-01T12:00:00Z",
    "AWSDate": "2099-01-01",
}
REFUSED = ("Unauthorized", "UnauthorizedException", "FORBIDDEN")


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


def new_player(cloud: Cloud) -> App:
    app = new_app(cloud, new_phone())
    app.sign_up()
    app.confirm(wait_for_code(cloud, app.phone))
    app.sign_in()
    return app


def forged(token: str) -> str:
    """Return a token that says the same, signed by somebody else's key."""
    header, payload, _ = (part + "=" * (-len(part) % 4) for part in token.split("."))
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    head, said = (json.loads(base64.urlsafe_b64decode(part)) for part in (header, payload))
    return jwt.encode(said, key, algorithm="RS256", headers={"kid": head["kid"]})


@pytest.fixture(scope="module")
def tokens(cloud: Cloud) -> Callable[[str], str]:
    """Return what each kind of caller sends as a token."""
    player, suspended = new_player(cloud), new_player(cloud)
    signed_in(cloud, "support").ask(
        'mutation($id: ID!) { suspendUser(userId: $id, reason: "asked for a break") { status } }', id=suspended.user_id
    )
    stopped = staff.hire(cloud, staff.Member(f"{uuid.uuid4().hex}@staff.example", "trader"))
    stopped.sign_in()
    signed_in(cloud, "admin").ask(
        'mutation($id: ID!) { suspendStaff(staffId: $id, reason: "left the company") { status } }', id=stopped.user_id
    )
    working = {group: signed_in(cloud, group) for group in staff.GROUPS}
    issued = time.time()

    def token(caller: str) -> str:
        if caller in working:
            if time.time() - issued > 200:  # tokens of staff last five minutes
                working[caller].sign_in()
            return working[caller].token
        return {
            "nobody": "",
            "forged player": forged(player.token),
            "forged admin": forged(working["admin"].token),
            "player": player.token,
            "suspended player": suspended.token,
            "suspended trader": stopped.token,
        }[caller]

    return token


def test_the_table_names_every_field_once() -> None:
    named = [name for _, names in MAY for name in names]
    assert sorted(named) == sorted(FIELDS)


@pytest.mark.parametrize("name", sorted(FIELDS))
def test_a_field_answers_those_whom_it_is_for_and_nobody_else(
    name: str, cloud: Cloud, tokens: Callable[[str], str]
) -> None:
    text, variables = document(name)
    (wanted,) = [set(who) for who, names in MAY if name in names]
    let_in = set()
    for caller in CALLERS:
        answer = requests.post(
            cloud.addresses.appsync,
            json={"query": text, "variables": variables},
            headers={"Authorization": tokens(caller)},
            timeout=60,
        )
        errors = answer.json().get("errors") or []
        kinds = {error.get("errorType") for error in errors}
        assert "INTERNAL_ERROR" not in kinds, (caller, answer.text)
        assert not any("Validation" in f"{kind}" for kind in kinds), answer.text
        if not kinds & set(REFUSED):
            let_in.add(caller)
    assert let_in == wanted
