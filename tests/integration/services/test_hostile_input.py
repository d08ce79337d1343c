"""Whatever comes in is answered: every argument of every field and of every internal API, as nobody should send it.

The fields are those of the schema, so a new one is tried without being named here; it only needs a good value for each
new argument in GOOD. Refused means refused as the caller's fault, by the argument's name, with nothing written.
"""

import copy
import importlib
import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    get_named_type,
)

from betsafi import errors
from betsafi.errors import DomainError
from betsafi.protection import Protection
from tests.support.accounts import SETTINGS as ACCOUNTS
from tests.support.emulator import create_table
from tests.support.schema import api_schema, object_type, staff_fields
from tests.support.serverless import services_with
from tests.support.services import load, stores
from tests.support.signed import ACCOUNT, session_of
from tests.support.stops import DEADLINE
from tools.base.services import packages

SCHEMA = api_schema()
NOWHERE = "http://127.0.0.1:1"
PAYMENTS = {
    **dict.fromkeys(("WALLET_URL", "USERS_URL", "DARAJA_URL", "CALLBACK_BASE_URL"), NOWHERE),
    **dict.fromkeys(("DARAJA_SECRET_ID", "FOLLOWUP_QUEUE_URL", "ARCHIVE_BUCKET"), "not-there"),
}
"""What payment asks to be set, and what others share of it."""
READ_LATE = {
    **dict.fromkeys(("PERSONAL_KEY", "DOCUMENT_KEY"), "alias/not-there"),
    **dict.fromkeys(("TERMS_VERSIONS", "PRIVACY_VERSIONS"), "2026-01-01"),
    "IDENTITY_RULES": ACCOUNTS["IDENTITY_RULES"],
    "IDENTITY_REGISTER_URL": NOWHERE,
}
"""What users reads when it is first needed."""
PLAYER, OTHER, PAYMENT, FIXTURE = "player-1", "player-2", "payment-1", "fixture-1"
MARKET, SENTENCE = f"{FIXTURE}/1", "because a test says so"
FOOTBALL = "sr:sport:1"
PRICES = [{"outcomeId": outcome, "odds": "2.50"} for outcome in ("1", "2", "3")]
RESULTS = [
    {"outcomeId": outcome, "result": result, "deadHeat": None}
    for outcome, result in (("1", "WON"), ("2", "LOST"), ("3", "LOST"))
]
TOTAL = {
    "definitionId": "18",
    "specifiers": "total=2.5",
    "odds": [{"outcomeId": outcome, "odds": "1.90"} for outcome in ("12", "13")],
    "main": False,
}
RULE = {"from": "2026-01-01", "shortestPlayMinutes": 90, "waitHours": 36, "voidAfterHours": 72}
MONEY = {"currency": "KES", "amount": "100.00"}
SYSTEM = {"ks": [2], "bankers": [1]}

RECORD = {
    "ended": ["FIRST_HALF", "SECOND_HALF", "EXTRA_TIME"],
    "goals": [
        {"side": side, "period": period, "minute": minute}
        for period, minute in (("FIRST_HALF", 12), ("SECOND_HALF", 60), ("EXTRA_TIME", 95))
        for side in ("HOME", "AWAY")
    ],
    "corners": [{"side": "AWAY", "period": "FIRST_HALF", "minute": 3}],
    "cards": [{"side": "AWAY", "period": "FIRST_HALF", "minute": 4, "colour": "RED"}],
    "penalties": {"home": 4, "away": 2},
    "score": {
        period: {"home": goals, "away": goals}
        for period, goals in (("FIRST_HALF", 1), ("SECOND_HALF", 1), ("EXTRA_TIME", 1), ("REGULAR", 2), ("ALL", 3))
    },
}

ADDRESS = ("userId", "sequence", "cursor")
"""Of a PlayerUpdate: what it says of itself."""
GOOD: dict[str, Any] = {
    "clientRequestId": "request-0001", "userId": PLAYER, "marketId": MARKET, "id": PAYMENT, "fixture.id": FIXTURE,
    "publishMarket.id": MARKET, "resultVersion": 1, "limit": 5, "cursor": None, "kinds": ["DEPOSIT"],
    "unreadOnly": True, "ids": ["bet:b.1"], "amount": MONEY, "stake": MONEY, "campaign": SENTENCE, "reason": SENTENCE,
    "evidence": SENTENCE, "banner": SENTENCE, "bannerSw": SENTENCE, "receipt": "SG632NMUAB", "outcome": "PAID",
    "queue": "REVIEW",
    "payments.kind": "DEPOSIT", "setPaymentChannel.kind": "DEPOSIT", "open": False, "setBetting.open": True,
    "direction": "CREDIT", "day": "2026-11-20", "account": "PAYOUT", "tax": "EXCISE", "provider": "MPESA",
    "bookTransfer.from": "COLLECTION", "bookTransfer.to": "PAYOUT",
    "odds": PRICES, "results": RESULTS, "status": "OPEN", "reopen": "SUSPENDED", "guards": 3, "version": 1,
    "suspendUser.reasonCode": "REQUEST", "deadline": DEADLINE, "holdMoney": True,
    "answerAppeal.outcome": "UPHELD", "answer": SENTENCE,
    "addPlayerNote.text": SENTENCE, "appeal.text": SENTENCE, "tags": ["call-back"], "staffQueue.queue": "APPEALS",
    "recordIntervention.kind": "CALL", "by": "OPERATOR", "activitySummary.by": "WEEK",
    "recordIntervention.outcome": SENTENCE, "field": "PHONE_NUMBER",
    "staffId": "leaver-1", "password": "a word to pass by",
    "statuses": ["ACCEPTED"], "bets.from": "2026-11-01T00:00:00Z", "bets.to": "2099-11-26T00:00:00Z",
    "walletEntries.from": "2026-11-01T00:00:00Z", "walletEntries.to": "2026-11-26T00:00:00Z", "from": "2026-11-01",
    "to": "2026-11-26",
    "filter": {
        "staffId": OTHER, "userId": PLAYER, "action": "grantBonus", "from": "2026-11-01T00:00:00Z",
        "to": "2026-11-26T00:00:00Z",
    },
    "updateProfile.input": {"displayName": "Amina", "language": "SW"},
    "setLimits.input": [{"name": "STAKE_DAY", "amount": MONEY}], "confirmLimit.name": "STAKE_DAY",
    "confirmLimit.code": "123456", "endExclusion.code": "123456", "setRealityCheck.code": "123456", "hours": 24,
    "months": 6, "forGood": False, "minutes": 30,
    "placeBet.input": {
        "clientRequestId": "request-0001", "stake": MONEY, "oddsPolicy": "ANY",
        "selections": [{"marketId": MARKET, "selectionId": f"{MARKET}/1", "odds": "2.50"}], "system": SYSTEM,
    },
    "quoteSlip.input": {
        "clientRequestId": "request-0001", "stake": MONEY, "oddsPolicy": "ANY",
        "selections": [{"marketId": MARKET, "selectionId": f"{MARKET}/1", "odds": "2.50"}], "system": SYSTEM,
    },
    "selections": [{"marketId": MARKET, "selectionId": f"{MARKET}/1", "odds": "2.50"}], "system": SYSTEM,
    "phoneNumber": "+254712345670", "code": "2345-6789", "newNumber": "+254712345679",
    "changePhone.code": "123456", "oldCode": "123456",
    "newCode": "123456", "email": "amina@example.com", "setEmail.code": "123456", "confirmEmail.code": "123456",
    "terms": "2026-11-01", "privacy": "2026-11-01",
    "submitIdentity.input": {
        "documentKind": "PASSPORT", "number": "A1234567", "firstName": "Amina", "lastName": "Otieno",
        "birthdate": "1990-06-15",
    }, "approve": True, "withdraw.code": "123456", "percent": 50,
    "sportId": FOOTBALL, "fixtureId": FIXTURE, "popular": True, "startsAt": "2099-01-02T00:00:00Z",
    "text": "home", "markets": [TOTAL], "setFixtureStatus.status": "POSTPONED",
    "fixtures.filter": {"sportId": FOOTBALL, "countryId": "KE", "day": "2026-11-26", "status": "SCHEDULED"},
    "countryId": "KE", "marketsByIds.ids": [MARKET],
    "putCompetition.input": {
        "clientRequestId": "request-0001", "id": "league", "sportId": FOOTBALL, "name": {"en": "League", "sw": "Ligi"},
        "country": {"id": "KE", "name": {"en": "Kenya", "sw": "Kenya"}}, "tier": "SMALL", "rules": [RULE],
    },
    "putTeam.input": {
        "clientRequestId": "request-0001", "id": "home", "sportId": FOOTBALL, "name": {"en": "Home", "sw": "Nyumbani"},
    },
    "createFixture.input": {
        "id": "fixture-2", "competitionId": "league", "homeTeamId": "home", "awayTeamId": "away",
        "startsAt": "2099-01-01T00:00:00+03:00",
    },
    "setMessagePreferences.input": {"categories": [{"category": "BETS", "channels": ["SMS"]}], "offersConsent": True},
    "token": "token-of-a-phone-of-a-player", "platform": "ANDROID",
    "settleFixture.record": RECORD, "betId": "bet-1", "repriceBet.odds": "1.90",
    **{f"{field}.fixtureId": None for field in ("cancelBets", "rollbackCancel", "holdResults", "releaseResults")},
    **{f"{field}.from": "2026-01-01T00:00:00Z" for field in ("cancelBets", "rollbackCancel")},
    **{f"{field}.to": "2026-01-02T00:00:00Z" for field in ("cancelBets", "rollbackCancel")},
}  # fmt: skip
"""A good value of each argument: of this field, or of this name in every field."""

SURROGATE, NUL, LONG, ENDLESS = "half \ud800 of a pair", "n\0l", "a" * 3_000, "a" * 1_000_000
UNSEEN = [
    "turned \u202e round",
    "zero\u200bwidth",
    "bell\a",
    "isolated \u2066 text",
    "filler \u3164",
    "joined\u2060",
    "two\nlines",
]
OTHER_DIGITS = "١٢٣٤٥٦٧٨٩٠"
UNFIT = [SURROGATE, NUL, LONG, ENDLESS, *UNSEEN]
WORDS = [*UNFIT, "", " \t ", "\u200b"]
IDS = [*WORDS, OTHER_DIGITS, "1'; DROP TABLE", "a b", "ä", "9" * 400, "\n100.00"]
CODES = [*IDS, "-1.00", "1e999", "NaN"]
NUMBERS = [0, -1, 2**31 - 1, -(2**31), 2**63, -(2**63), 10**400]
MOMENTS = [
    *CODES, "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00-14:00", "9999-12-31T23:59:59Z",
    "9999-12-31T23:59:59.999999999-14:00", "9999-12-31T23:59:59+14:00", "0000-00-00T00:00:00Z", "2026-02-30T00:00:00Z",
    "2026-11-26T10:00:00", "20261126T100000Z", "2026-W48-4T10:00:00Z", "٢٠٢٦-11-26T10:00:00Z", "1969-12-31T23:59:59Z",
    "2026-11-26T10:00:00+99:99",
]  # fmt: skip
DAYS = [*CODES, "0001-01-01", "9999-12-31", "0000-00-00", "2026-02-30", "20261126", "2026-W48-4", "٢٠٢٦-11-26"]
PEOPLE_READ = (
    "reason", "evidence", "campaign", "banner", "bannerSw", "displayName", "password", "en", "sw", "text", "answer",
    "outcome", "firstName", "lastName",
)  # fmt: skip
MAY_BE_EMPTY = ("tags", "rules", "goals", "corners", "cards", "categories")
HOSTILE: dict[str, list[Any]] = {
    "ID": IDS, "String": CODES, "Int": NUMBERS, "AWSDateTime": MOMENTS, "AWSDate": DAYS, "Boolean": [],
}  # fmt: skip

Path = tuple[str | int, ...]


def kinds_of(error: type[DomainError]) -> Iterator[type[DomainError]]:
    yield error
    for kind in error.__subclasses__():
        yield from kinds_of(kind)


def hostile(path: Path, kind: GraphQLInputType) -> Iterator[tuple[Path, Any]]:
    """Yield what an argument, and everything in it, should never be. An enum's values AppSync itself checks."""
    if isinstance(kind, GraphQLNonNull):
        yield from hostile(path, kind.of_type)
    elif isinstance(kind, GraphQLInputObjectType):
        for name, field in kind.fields.items():
            yield from hostile((*path, name), field.type)
    elif isinstance(kind, GraphQLList):
        if not isinstance(get_named_type(kind), GraphQLEnumType):
            if path[-1] not in MAY_BE_EMPTY:
                yield path, []
            yield path, Repeated(5_000)
            yield from hostile((*path, 0), kind.of_type)
    elif not isinstance(kind, GraphQLEnumType):
        values = WORDS if path[-1] in PEOPLE_READ else HOSTILE[str(kind)]
        for value in values:
            fine = path[-1] == "cursor" and value == ""  # the first page
            fine = fine or (path[-2:] == ("bankers", 0) and value == 0)  # the first leg as a banker
            fine = fine or ("penalties" in path and value == 0)
            if not fine:
                yield path, value


@dataclass(frozen=True)
class Repeated:
    """The first of a list's members, so many times."""

    times: int


def changed(arguments: dict[str, Any], path: Path, value: Any) -> dict[str, Any]:
    """Return the arguments with another value at a path."""
    arguments = copy.deepcopy(arguments)
    *way, last = path
    place: Any = arguments
    for step in way:
        place = place[step]
    place[last] = place[last][:1] * value.times if isinstance(value, Repeated) else value
    return arguments


class Platform:
    """The services' handlers in this process, on tables with something in each; nobody else answers."""

    def __init__(self, emulator: str) -> None:
        self.handlers: dict[str, ModuleType] = {}
        for service in services_with("appsync"):
            name = f"{service}-{uuid.uuid4().hex[:8]}"
            self.handlers[service] = load(
                f"{packages()[service]}.handlers.graphql",
                *(["users.handlers.staff"] if service == "users" else []),
                TABLE_NAME=create_table(emulator, name, service),
                **PAYMENTS,
                PLAYER_POOL="not-there",
                UNPROVEN_QUEUE_URL=NOWHERE,
                IDENTITY_QUEUE_URL=NOWHERE,
                SETTLEMENT_QUEUE_URL="",
            )
            if service == "bet":
                self.trading = importlib.import_module("bet.handlers.trading")
            if service == "users":
                self.staff = importlib.import_module("users.handlers.staff")
        payment = self.handlers["payment"]
        modules = {service: f"{packages()[service]}.table" for service in self.handlers}
        self.tables = {service: importlib.import_module(module).table for service, module in modules.items()}
        stores("users").register("+254712345678", PLAYER, "1990-01-01")
        stores("wallet").deposit(PLAYER, "deposit-1", 1_000_00, 950_00, 50_00)
        self._offer()
        amounts = {"amount_cents": 100_00, "paid_cents": 95_00, "withholding_cents": 5_00, "remainder_cents": 0}
        payment.withdrawals.creation.new_withdrawal(PAYMENT, PLAYER, "f", amounts, "2026-11-26", 100_00)
        self.account_number = payment.paybill.players.number_of(OTHER)

    def _offer(self) -> None:
        """Keep a league, two teams, and a game between them with a market."""
        rooms = ("competition", "competitions", "fixture", "fixtures", "lines")
        competition, competitions, fixture, fixtures, lines = (
            importlib.import_module(f"bet.catalogue.{name}") for name in rooms
        )
        competitions.keep_competition(competition.competition(GOOD["putCompetition.input"]))
        for team in ("home", "away"):
            competitions.keep_team(competition.team({**GOOD["putTeam.input"], "id": team}))
        made = fixtures.create_fixture(fixture.new_fixture({**GOOD["createFixture.input"], "id": FIXTURE}))
        market = importlib.import_module("bet.markets.given").new_market({"definitionId": "1", "odds": PRICES})
        assert lines.add_market(made, market)["market_id"] == MARKET

    def ask(
        self, service: str, asked: tuple[str, str], arguments: dict[str, Any], language: str = "en"
    ) -> dict[str, Any]:
        """Return a handler's answer to a field, both by way of JSON as Lambda has them."""
        person = {"sub": PLAYER, "groups": ["trader", "support", "admin"]}
        internal = asked[0] == "PlayerUpdate" or asked[1].startswith("publish")
        event = {
            "type": asked[0],
            "field": asked[1],
            "arguments": arguments,
            "identity": {"role": "arn:aws:sts::000000000000:assumed-role/consumer/1"} if internal else person,
            "requestId": "r",
            "language": language,
        }
        doors = [self.trading if service == "bet" else self.staff if service == "users" else self.handlers[service]]
        door = next((own for own in doors if asked in own.handler.names), self.handlers[service])
        answer = door.handler(json.loads(json.dumps(event)))
        json.dumps(answer, ensure_ascii=False).encode()
        return dict(answer)

    def everything(self) -> dict[str, list[Any]]:
        return {
            service: sorted(table.scan(), key=lambda item: (item["pk"], item["sk"]))
            for service, table in self.tables.items()
        }

    def good(self, field: str, names: list[str]) -> dict[str, Any]:
        values = {**GOOD, "accountNumber": self.account_number}
        return {
            name: copy.deepcopy(values[f"{field}.{name}" if f"{field}.{name}" in values else name]) for name in names
        }

    def service_of(self, asked: tuple[str, str]) -> str:
        if asked in self.trading.handler.names:
            return "bet"
        if asked in self.staff.handler.names:
            return "users"
        (service,) = (service for service, handlers in self.handlers.items() if asked in handlers.handler.names)
        return service


@pytest.fixture(scope="module")
def platform(emulator: str) -> Iterator[Platform]:
    with pytest.MonkeyPatch.context() as environment:
        for name, value in READ_LATE.items():
            environment.setenv(name, value)
        yield Platform(emulator)


ARGUMENTS = {
    (kind, name): {argument: given.type for argument, given in field.args.items()}
    for kind in ("Query", "Mutation")
    for name, field in object_type(SCHEMA, kind).fields.items()
}
TRIED = sorted(
    asked
    for asked, arguments in ARGUMENTS.items()
    if any(True for name, kind in arguments.items() for _ in hostile((name,), kind)) and asked[1] != "publishPlayer"
)
UPDATES = [("PlayerUpdate", name) for name in object_type(SCHEMA, "PlayerUpdate").fields if name not in ADDRESS]


STAFFS = staff_fields()
IN_GENERAL = {kind.sw for kind in kinds_of(DomainError)}
"""What says only what a code means: a player hears what is wrong in Kiswahili too."""


def named(asked: tuple[str, str]) -> str:
    return ".".join(asked)


@pytest.mark.parametrize("asked", TRIED, ids=named)
def test_every_argument_of_every_field_is_checked_before_anything_is_done(
    platform: Platform, asked: tuple[str, str]
) -> None:
    service = platform.service_of(asked)
    good = platform.good(asked[1], list(ARGUMENTS[asked]))
    refusals = {kind.code for kind in kinds_of(errors.InvalidInput)}
    before = platform.everything()
    tried = 0
    for name, kind in ARGUMENTS[asked].items():
        for path, value in hostile((name,), kind):
            language = "sw" if tried % 2 and asked[1] not in STAFFS else "en"
            answer = platform.ask(service, asked, changed(good, path, value), language)
            seen = f"{path} = {str(value)[:60]!a}: {str(answer)[:200]}"
            assert answer.get("error", {}).get("type") in refusals, seen
            assert answer["error"]["message"] not in IN_GENERAL, seen
            if answer["error"]["type"] == "INVALID_INPUT" and language == "en":
                message = answer["error"]["message"].lower()
                assert any(str(step).lower() in message for step in path if isinstance(step, str)), seen
            assert len(answer["error"]["message"]) < 300, seen
            field = (answer["error"]["info"] or {}).get("field", name)
            assert field.rpartition(".")[2] in path, seen
            tried += 1
    assert platform.everything() == before
    assert tried
    # It was the hostile value that was refused: with all of them good, the caller is told something else.
    assert platform.ask(service, asked, good).get("error", {}).get("type") not in refusals


OF_A_PLAYER = sorted(
    (kind, name)
    for kind in ("Player", "PlayerExport")
    for name, field in object_type(SCHEMA, kind).fields.items()
    if field.args
)


@pytest.mark.parametrize("asked", OF_A_PLAYER, ids=named)
def test_every_argument_of_a_part_of_a_player_is_checked(platform: Platform, asked: tuple[str, str]) -> None:
    service, args = platform.service_of(asked), object_type(SCHEMA, asked[0]).fields[asked[1]].args
    kinds = {"userId": SCHEMA.type_map["ID"], **{name: given.type for name, given in args.items()}}
    good = {name: PLAYER if name == "userId" else GOOD[name] for name in kinds}
    assert "data" in platform.ask(service, asked, good)
    for name, kind in kinds.items():
        for path, value in hostile((name,), kind):  # type: ignore[arg-type]
            answer = platform.ask(service, asked, changed(good, path, value))
            refused = answer.get("error", {}).get("type")
            assert refused in {code.code for code in kinds_of(errors.InvalidInput)}, (path, str(value)[:60], answer)


@pytest.mark.parametrize("asked", UPDATES, ids=named)
def test_a_part_of_an_update_is_answered_whatever_the_update_is_about(
    platform: Platform, asked: tuple[str, str]
) -> None:
    service = platform.service_of(asked)
    good = {
        "userId": PLAYER,
        "bet": "b",
        "betPosted": 1,
        "payment": PAYMENT,
        "paymentPosted": True,
        "notification": "n",
    }
    before = platform.everything()
    for name in ("userId", asked[1]):
        for path, value in hostile((name,), SCHEMA.type_map["ID"]):  # type: ignore[arg-type]
            answer = platform.ask(service, asked, {**good, str(path[0]): value})
            assert asked[1] == "wallet" or answer["error"]["type"] == "INVALID_INPUT", (path, str(value)[:60], answer)
    assert platform.everything() == before


LATER, EARLIER = "2026-11-26T10:00:00Z", "2026-11-26T12:59:59+03:00"


def test_a_trail_that_ends_before_it_begins_is_refused(platform: Platform) -> None:
    answer = platform.ask("users", ("Query", "auditTrail"), {"filter": {"from": LATER, "to": EARLIER}})
    assert answer["error"]["type"] == "INVALID_INPUT"
    assert "from" in answer["error"]["message"]


@pytest.mark.parametrize(
    ("field", "first", "last"),
    [
        ("walletEntries", LATER, EARLIER),
        ("walletStatement", "2026-11-27", "2026-11-26"),
        ("playerStatement", "2026-11-27", "2026-11-26"),
        ("walletStatement", "2026-01-01", "2026-11-26"),
        ("activitySummary", "2026-11-27", "2026-11-26"),
    ],
)
def test_a_time_that_ends_before_it_begins_is_refused(platform: Platform, field: str, first: str, last: str) -> None:
    answer = platform.ask("wallet", ("Query", field), {"userId": PLAYER, "from": first, "to": last})
    assert answer["error"]["type"] == "INVALID_INPUT"
    assert "from" in answer["error"]["message"]


@pytest.mark.parametrize("asked", [asked for asked in TRIED if asked[0] == "Query"], ids=named)
def test_null_is_as_good_as_nothing(platform: Platform, asked: tuple[str, str]) -> None:
    service = platform.service_of(asked)
    good = platform.good(asked[1], list(ARGUMENTS[asked]))
    for name, kind in ARGUMENTS[asked].items():
        if not isinstance(kind, GraphQLNonNull):
            given, left_out = {**good, name: None}, {other: value for other, value in good.items() if other != name}
            assert platform.ask(service, asked, given) == platform.ask(service, asked, left_out), name


# --- the internal APIs ------------------------------------------------------------------------------------------------

FAR = [number for number in NUMBERS if number != 2**31 - 1]
PATHS = {"userId": PLAYER, "holdId": "hold-1", "payoutDay": "2026-11-27", "same": "abc"}
BODIES: dict[str, dict[str, Any]] = {
    "/users/{userId}/confirmations": {"code": "123456", "usedFor": "payment-1"},
    "/holds": {
        "holdId": "hold-2",
        "userId": PLAYER,
        "kind": "BET",
        "amountCents": 100,
        "payoutDay": "2026-11-27",
        "potentialPayoutCents": 250,
        "mostOfDayCents": 10_000,
        "same": "abc",
        "mostOfSameCents": 1_000,
    },
    "/holds/{holdId}/release": {"userId": PLAYER, "reason": "a test", "releaseId": "part-1", "amountCents": 1},
    "/accounts/{userId}/status": {"status": "ACTIVE", "statusVersion": 1},
    "/accounts/{userId}/protection": {
        "version": 1,
        "limits": {"stake_bet": 1, "deposit_day": None},
        "stoppedUntil": "2026-12-31T21:00:00.000000Z",
        "stopKind": "TIME_OUT",
        "realityMinutes": 30,
        "clearedUntil": "2026-12-31T21:00:00.000000Z",
        "allowed": {"deposit": 1, "bet": 1, "withdraw": 0},
        "terms": "2026-11-01 2026-11-01",
    },
}
BODIES["/players/{userId}/protection"] = BODIES["/accounts/{userId}/protection"]
DEEP = "[" * 3_000 + "]" * 3_000
RAW = [
    DEEP, '{"a":' * 3_000 + "1" + "}" * 3_000, f'{{"more": {DEEP}}}', '{"more": ' + "[" * 20 + "]" * 20 + "}",
    "9" * 5_000, '"\\ud800"', "NaN", "[]", "\0", "{", '{"more": "\\ud800"}', '{"more": "\\u0000"}', '{"\\udfff": 1}',
]  # fmt: skip


class Api:
    """A service's internal API in this process, on a table with something in it."""

    def __init__(self, service: str, emulator: str) -> None:
        name = create_table(emulator, f"{service}-{uuid.uuid4().hex[:8]}", service)
        self.handler = load(f"{service}.handlers.api", TABLE_NAME=name, **PAYMENTS)
        self.stores = stores(service)
        if service == "wallet":
            self.stores.deposit(PLAYER, "deposit-1", 1_000_00, 950_00, 50_00)
            self.stores.place_hold(PLAYER, "hold-1", "BET", 100_00)
        elif service == "payment":
            self.stores.keep_protection(PLAYER, Protection(1, {"deposit_day": 100_00}))
        else:
            self.stores.register("+254712345678", PLAYER, "1990-01-01")

    def everything(self) -> list[Any]:
        return sorted(self.stores.table.scan(), key=lambda item: (item["pk"], item["sk"]))

    def refuse(self, method: str, resource: str, path: dict[str, str], body: str | None) -> None:
        caller = min(self.handler.handler.operations[method, resource].callers)
        event = {
            "routeKey": f"{method} {resource}",
            "pathParameters": path,
            "headers": {},
            "requestContext": {"accountId": ACCOUNT, "authorizer": {"iam": {"userArn": session_of(caller)}}},
            "body": body,
        }
        answer = self.handler.handler(json.loads(json.dumps(event)))
        refusal = json.loads(answer["body"])
        assert answer["statusCode"] == 400, (str(path)[:100], str(body)[:100], refusal)
        assert refusal["error"] in {kind.code for kind in kinds_of(errors.InvalidInput)}


@pytest.mark.parametrize("service", ["wallet", "users", "payment"])
def test_every_argument_of_the_internal_apis_is_checked_before_anything_is_done(emulator: str, service: str) -> None:
    api = Api(service, emulator)
    before = api.everything()
    for (method, resource), operation in api.handler.handler.operations.items():
        path = {name: value for name, value in PATHS.items() if f"{{{name}}}" in resource}
        good = BODIES.get(resource)
        for name in path:
            for value in IDS:
                api.refuse(method, resource, {**path, name: value}, json.dumps(good) if good else None)
        for raw in RAW if operation.takes else []:
            api.refuse(method, resource, path, raw)
        for name in operation.takes.model_json_schema()["properties"] if operation.takes else ():
            texts = [*UNFIT, OTHER_DIGITS] if name == "reason" else IDS
            for value in [*texts, *FAR, None, True, 1.5, float("inf"), [], {"no": 1}]:
                api.refuse(method, resource, path, json.dumps({**(good or {}), name: value}))
    assert api.everything() == before


def test_the_list_of_texts_holds_what_it_says() -> None:
    """Half a pair cannot be written as UTF-8, and what is unseen is not printable or has no width."""
    with pytest.raises(UnicodeEncodeError):
        SURROGATE.encode()
    assert [text for text in UNSEEN if text.isprintable()] == ["filler \u3164"]
