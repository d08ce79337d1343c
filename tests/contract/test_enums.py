"""The enums of the schema have the values that the code has: what it says gets out, and what it takes gets in."""

import ast
import importlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, get_args

import pytest
from graphql import GraphQLEnumType

from tests.support.schema import api_schema
from tools import export_errors
from tools.base.services import ROOT, packages

SCHEMA = api_schema()
ENUMS = {
    name: set(kind.values)
    for name, kind in SCHEMA.type_map.items()
    if isinstance(kind, GraphQLEnumType) and not name.startswith("__")
}


def of(place: str) -> Any:
    """Return what a module names, by `module:name`."""
    module, _, name = place.partition(":")
    return getattr(importlib.import_module(module), name)


def upper(place: str) -> Callable[[], set[str]]:
    return lambda: {str(each).upper() for each in of(place)}


def stands_in(place: str) -> Callable[[], set[str]]:
    return lambda: set(of(place))


def literal(place: str) -> Callable[[], set[str]]:
    return lambda: set(get_args(of(place)))


@cache
def codes_in(*files: Path, name: str = "") -> frozenset[str]:
    """Return the codes, such as `TIMED_OUT`, that stand in files: all, or those that are given under a name."""
    found: set[str] = set()
    for node in (node for file in files for node in ast.walk(ast.parse(file.read_text()))):
        values: list[Any] = []
        if not name:
            values = [node]
        elif isinstance(node, ast.keyword) and node.arg == name:
            values = [node.value]
        elif isinstance(node, ast.Dict):
            pairs = zip(node.keys, node.values, strict=True)
            values = [value for key, value in pairs if isinstance(key, ast.Constant) and key.value == name]
        texts = [each.value for each in values if isinstance(each, ast.Constant) and isinstance(each.value, str)]
        found |= {text for text in texts if text.isidentifier() and text.isupper()}
    return frozenset(found)


def payment_reasons() -> set[str]:
    """Return a payment's reasons: M-Pesa's verdicts, ours, and what the wallet refuses a hold with."""
    mpesa, payment = importlib.import_module("payment.providers.mpesa.codes"), ROOT / "payment" / "payment"
    tables = (mpesa.STK_RESULTS, mpesa.B2C_RESULTS, mpesa.REVERSAL_RESULTS, mpesa.TRANSACTION_STATUSES)
    verdicts = {verdict.reason for table in tables for verdict in (*table.values(), mpesa.UNKNOWN)}
    ours = codes_in(*payment.glob("flows/*.py"), *payment.glob("stores/*.py"), name="reason")
    reviews = {"LARGE", "FIRST", "PHONE_CHANGED"} & codes_in(payment / "review.py")
    return (verdicts - {"PAID", "PENDING"}) | ours | reviews | set(of("payment.wording:FAILURES")) | refused_holds()


def refused_holds() -> set[str]:
    """Return why a withdrawal may be refused once it is written: what does not concern a bet alone."""
    return {
        "INVALID_INPUT", "INVALID_AMOUNT", "FORBIDDEN", "NOT_FOUND", "CONTENTION", "IDEMPOTENCY_KEY_REUSED",
        "INSUFFICIENT_FUNDS", "ACCOUNT_NOT_ACTIVE", "IDENTITY_LIMIT", "HOLD_VOIDED", "SIGNED_OUT",
    }  # fmt: skip


def payment_statuses() -> set[str]:
    """Return every status, and REVERSED; MERGED is what nobody owns and no list has."""
    moves = of("payment.states:_MOVES").values()
    states = {state for kind in moves for target, origins in kind.items() for state in (target, *origins)}
    return states - {"MERGED"} | {"REVERSED"}


def entry_kinds() -> set[str]:
    """Return the kinds of entries that move a player's money: less bookings, and VOID, which moves nothing."""
    rules = ROOT / "wallet" / "wallet" / "rules"
    calls = (node for file in rules.glob("*.py") for node in ast.walk(ast.parse(file.read_text())))
    made = [node.args[1] for node in calls if isinstance(node, ast.Call) and ast.unparse(node.func) == "Entry"]
    named = {kind.value for kind in made if isinstance(kind, ast.Constant)} | {"ASSIGNMENT", "DEPOSIT"}
    return {str(kind) for kind in named} - ENUMS["BookingKind"] - {"VOID"}


def required_groups() -> set[str]:
    """Return the groups that handlers ask for."""
    handlers = (file for service, package in packages().items() for file in (ROOT / service / package).rglob("*.py"))
    calls = (node for file in handlers for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Call))
    asked = (call.args for call in calls if ast.unparse(call.func) == "caller.require")
    return {str(group.value) for groups in asked for group in groups if isinstance(group, ast.Constant)}


SETS: dict[str, Callable[[], set[str]]] = {
    "CardColour": stands_in("bet.markets.record:_BOOKINGS"),
    "CompetitionTier": stands_in("bet.markets.tiers:TIERS"),
    "ErrorType": lambda: {error.code for error in export_errors.errors()},
    "DocumentKind": stands_in("users.models:_NUMBERS"),
    "FixtureStatus": stands_in("bet.catalogue.fixture:STATUSES"),
    "HarmMarkKind": stands_in("users.harm:WEIGHTS"),
    "IdentityState": stands_in("users.rules:STATES"),
    "Language": upper("users.models:LANGUAGES"),
    "LegResult": literal("bet.payouts.multipliers:Result"),
    "LimitName": upper("betsafi.protection:LIMITS"),
    "MarketGroup": stands_in("bet.markets.kinds:GROUPS"),
    "MaskedField": upper("users.presenting:MASKED"),
    "MatchPeriod": stands_in("bet.markets.record:PERIODS"),
    "MatchSide": stands_in("bet.markets.record:_SIDES"),
    "MessageCategory": literal("notifications.categories:Category"),
    "MessageChannel": literal("notifications.categories:Channel"),
    "NotificationKind": stands_in("notifications.templates:TEMPLATES"),
    "OddsPolicy": stands_in("bet.slips.slip:POLICIES"),
    "PaymentNextStep": literal("payment.next_steps:Step"),
    "PaymentProvider": stands_in("wallet.rules.providers:PROVIDERS"),
    "PaymentQueue": lambda: set(of("payment.states:QUEUES").values()),
    "PaymentReason": payment_reasons,
    "PaymentStatus": payment_statuses,
    "PlayerChangeKind": literal("frontend.log:Kind"),
    "PushPlatform": literal("notifications.models:Platform"),
    "Service": lambda: set(packages()) - {"frontend-api"},
    "StaffGroup": required_groups,
    "StopCode": stands_in("users.wording:STOPS"),
    "SystemKind": stands_in("bet.payouts.systems:KINDS"),
    "Tax": stands_in("wallet.models:TAXES"),
    "UserStatus": literal("betsafi.protection:PlayerStatus"),
    "WalletEntryKind": entry_kinds,
    "WalletStatus": literal("wallet.rules.stops:AccountStatus"),
}
"""Enums whose values stand in the code as one set."""

IN_THE_CODE = {
    "ActOutcome": "layers", "ActivityPeriod": "wallet", "AppealOutcome": "users", "BetOutcome": "bet",
    "BetStatus": "bet", "BookingKind": "wallet", "ByHandStatus": "layers", "ChannelKind": "payment",
    "DecisionStatus": "bet", "DepositChannel": "payment", "Direction": "wallet", "HouseAccount": "wallet",
    "IdentityReason": "users", "InterventionBy": "users", "InterventionKind": "users", "MarketResultStatus": "bet",
    "MarketStatus": "bet", "NotificationStatus": "notifications", "PaymentKind": "payment",
    "PhoneReviewState": "users", "PhoneReviewStatus": "users", "Resolution": "payment", "StaffQueue": "users",
    "StopKind": "users",
}  # fmt: skip
"""Enums whose values stand in the code one by one: where."""

TYPED_BY_STAFF = {"MESSAGE", "REALITY_CHECK", "CALL", "LIMIT_PROPOSED", "OPERATOR", "REGULATOR", "PLAYER"}
"""What staff say of what they did, which nothing depends on."""


def test_every_enum_is_compared() -> None:
    assert {*SETS, *IN_THE_CODE} == set(ENUMS)
    assert not SETS.keys() & IN_THE_CODE.keys()


@pytest.mark.parametrize("name", sorted(SETS))
def test_an_enum_has_the_values_of_the_code(name: str) -> None:
    assert SETS[name]() == ENUMS[name]


@pytest.mark.parametrize("name", sorted(IN_THE_CODE))
def test_every_value_of_an_enum_stands_in_the_code(name: str) -> None:
    rooms = {"layers": export_errors.LAYER, **{service: ROOT / service / each for service, each in packages().items()}}
    found = codes_in(*rooms["layers"].rglob("*.py")) | codes_in(*rooms[IN_THE_CODE[name]].rglob("*.py"))
    assert ENUMS[name] - TYPED_BY_STAFF <= found
