"""The enums of the schema have the values that the code has: what it says gets out, and what it takes gets in."""

import ast
import importlib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, get_args

import pytest
from graphql import GraphQLEnumType, GraphQLObjectType, get_named_type

from tests.support.reached import Code, code_of_service
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


def field_of(model: str, field: str) -> Callable[[], set[str]]:
    """Return the values that an event's model takes in a field: nothing else is published."""
    return lambda: set(get_args(of(model).model_fields[field].annotation))


def named_as_they_are(*modules: str) -> Callable[[], set[str]]:
    """Return the codes that modules name at their top: `DONE = "DONE"`."""
    found = (vars(importlib.import_module(module)) for module in modules)
    return lambda: {value for names in found for name, value in names.items() if name == value}


class Read(NamedTuple):
    """A module of a service, or a function of it, as it is written: those that need settings are not imported."""

    code: Code
    module: str
    tree: ast.AST

    @classmethod
    def place(cls, place: str) -> "Read":
        """Return what stands at `module`, or `module:name`."""
        module, _, name = place.partition(":")
        (service,) = (service for service, package in packages().items() if package == module.split(".")[0])
        code = code_of_service(service)
        tree = code.node((module, name)) if name else code.modules[module].tree
        assert tree is not None, place
        return cls(code, module, tree)

    def given(self, key: str) -> Iterator[ast.expr]:
        """Yield what is given under a key or a keyword."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.keyword) and node.arg == key:
                yield node.value
            elif isinstance(node, ast.Dict):
                pairs = zip(node.keys, node.values, strict=True)
                yield from (value for name, value in pairs if isinstance(name, ast.Constant) and name.value == key)

    def codes(self, node: ast.expr) -> Iterator[str]:
        """Yield what an expression may be: a code, one of some, a name of one, or a name that is given one here."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.IfExp | ast.Tuple | ast.Dict):
            parts = (
                [node.body, node.orelse] if isinstance(node, ast.IfExp) else getattr(node, "elts", None) or node.values
            )
            yield from (code for each in parts for code in self.codes(each))
        elif isinstance(node, ast.Name | ast.Attribute):
            place = self.code.resolve(self.module, node)
            if place and isinstance(known := self.code.node(place), ast.expr):
                yield from self._replace(module=place[0]).codes(known)
            for line in ast.walk(self.tree):
                if isinstance(line, ast.Assign) and ast.unparse(line.targets[0]) == ast.unparse(node):
                    yield from self.codes(line.value)


def under(key: str, *places: str) -> Callable[[], set[str]]:
    """Return the codes that modules, or functions, give under a key or a keyword."""
    return lambda: {code for read in map(Read.place, places) for each in read.given(key) for code in read.codes(each)}


def returned(*functions: str) -> Callable[[], set[str]]:
    """Return the codes that functions return, alone or in a tuple."""
    return lambda: {
        code
        for read in map(Read.place, functions)
        for node in ast.walk(read.tree)
        if isinstance(node, ast.Return) and node.value
        for code in read.codes(node.value)
    }


def in_the_table(place: str) -> Callable[[], set[str]]:
    """Return the codes that are the values of a table in the code."""

    def found() -> set[str]:
        read = Read.place(place)
        assert isinstance(read.tree, ast.Dict)
        return set(read.codes(read.tree))

    return found


def booking_kinds() -> set[str]:
    """Return the kinds of entries that move our own money alone, but for what payments in suspense do by themselves."""
    read = Read.place("wallet.rules.ledger")
    calls = (
        node for node in ast.walk(read.tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == "_transfer"
    )
    return {code for call in calls for code in read.codes(call.args[1])} - {"SUSPENSE_IN", "SUSPENSE_RETURN"}


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


INBOX = "notifications.stores.inbox"
INTERVENING = ("users.flows.watching", "users.flows.standing")


def market_statuses() -> set[str]:
    """Return what a market is made, shown and closed as."""
    made = under("status", "bet.markets.guards", "bet.markets.changing", "bet.settlement.games")()
    return made | returned("bet.markets.status:stands", "bet.markets.status:status_at")()


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


TYPED_BY_STAFF = {"MESSAGE", "REALITY_CHECK", "CALL", "LIMIT_PROPOSED", "OPERATOR", "REGULATOR", "PLAYER"}
"""What staff say of what they did, which nothing depends on."""

SETS: dict[str, Callable[[], set[str]]] = {
    "ActOutcome": field_of("betsafi.events.acts:StaffActed", "outcome"),
    "AppealOutcome": field_of("betsafi.events.users:UserAppealAnswered", "outcome"),
    "BetOutcome": field_of("betsafi.events.bet:BetSettled", "outcome"),
    "BetStatus": under("status", "bet.slips.acceptance", "bet.slips.cancelling", "bet.settlement.arithmetic"),
    "BookingKind": booking_kinds,
    "ByHandStatus": named_as_they_are("betsafi.audit", "betsafi.approval"),
    "Currency": lambda: {of("betsafi.money:CURRENCY")},
    "DecisionStatus": under("status", "bet.presenting:decision"),
    "DepositChannel": under("channel", "payment.presenting:present"),
    "Direction": under("direction", "wallet.handlers.graphql"),
    "IdentityReason": lambda: (
        in_the_table("users.flows.identity:_REASONS")() | under("reason", "users.flows.identity")()
    ),
    "InterventionBy": lambda: under("by", *INTERVENING)() | (TYPED_BY_STAFF & ENUMS["InterventionBy"]),
    "InterventionKind": lambda: under("kind", *INTERVENING)() | (TYPED_BY_STAFF & ENUMS["InterventionKind"]),
    "MarketResultStatus": under("status", "bet.presenting:market_result"),
    "MarketStatus": lambda: {*of("bet.markets.status:TO_SET"), *market_statuses()},
    "NotificationStatus": lambda: under("status", INBOX)() | under("read", INBOX)(),
    "PaymentKind": lambda: named_as_they_are("payment.states")() - {"PAYBILL"},
    "PhoneReviewState": returned("users.handlers.signing_in:request_phone_review"),
    "PhoneReviewStatus": returned("users.flows.phones:decide"),
    "StaffQueue": under("queue", "users.stores.stops", "users.flows.watching"),
    "StopKind": literal("betsafi.protection:StopKind"),
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

TAKEN_IN = {"ActivityPeriod": "wallet", "ChannelKind": "payment", "HouseAccount": "wallet", "Resolution": "payment"}
"""Enums that the code takes and never says, so that AppSync lets no other value in: where they stand one by one."""


def test_every_enum_is_compared() -> None:
    assert {*SETS, *TAKEN_IN} == set(ENUMS)
    assert not SETS.keys() & TAKEN_IN.keys()


def test_what_is_only_taken_in_is_in_no_answer() -> None:
    kinds = [kind for kind in SCHEMA.type_map.values() if isinstance(kind, GraphQLObjectType)]
    said = {get_named_type(field.type).name for kind in kinds for field in kind.fields.values()}
    assert TAKEN_IN.keys() & said == set()


@pytest.mark.parametrize("name", sorted(SETS))
def test_an_enum_has_the_values_of_the_code(name: str) -> None:
    said = set(SETS[name]())
    lacking, gone = said - ENUMS[name], ENUMS[name] - said
    assert not lacking | gone, f"enum {name} of the schema lacks {lacking}; nothing says {gone} any more"


def test_a_value_that_the_code_says_and_the_schema_does_not_is_found() -> None:
    text = 'def decision(version): return {"status": "PROPOSED" if version is None else LATER}\nLATER = "LATER"'
    read = Read.place("bet.presenting:decision")._replace(tree=ast.parse(text))
    (given,) = read.given("status")
    assert set(read.codes(given)) - ENUMS["DecisionStatus"] == {"LATER"}


@pytest.mark.parametrize("name", sorted(TAKEN_IN))
def test_every_value_that_is_taken_in_stands_in_the_code(name: str) -> None:
    service = TAKEN_IN[name]
    assert ENUMS[name] <= codes_in(*(ROOT / service / packages()[service]).rglob("*.py"))
