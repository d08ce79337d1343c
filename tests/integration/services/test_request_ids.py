"""Every mutation that takes a clientRequestId, as the schema has it: once for each id, on real tables.

The same id with the same body gets the same answer and has no second effect; with any other body it is refused, and
nothing is written.
"""

import importlib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from graphql import GraphQLInputObjectType, GraphQLNonNull
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from betsafi import people
from betsafi.dynamodb import Item, Table
from tests.integration.payment import test_paybill as paybill
from tests.support.accounts import new_phone
from tests.support.bet import (
    ODDS,
    load_bet,
    load_wallet,
    new_fixture,
    new_market,
    new_player,
    new_slip,
    odds_rows,
    results_rows,
)
from tests.support.emulator import create_table, items_of
from tests.support.payment import World, payment_world
from tests.support.people import just_now
from tests.support.schema import api_schema
from tests.support.services import load, stores
from tests.support.stops import DEADLINE

HOME, AWAY = results_rows(_1="WON", _X="LOST", _2="LOST"), results_rows(_1="LOST", _X="LOST", _2="WON")
FOOTBALL = "sr:sport:1"
WHY = "seen in the documents"


def takes_request_id(field: Any) -> bool:
    """Whether a mutation has a clientRequestId, as an argument or in its input."""
    inputs = [argument.type for argument in field.args.values()]
    inputs = [kind.of_type if isinstance(kind, GraphQLNonNull) else kind for kind in inputs]
    within = [kind for kind in inputs if isinstance(kind, GraphQLInputObjectType)]
    return "clientRequestId" in field.args or any("clientRequestId" in kind.fields for kind in within)


MUTATIONS = api_schema().mutation_type
assert MUTATIONS is not None
WITH_ID = sorted(name for name, field in MUTATIONS.fields.items() if takes_request_id(field))


STAFF = sorted(
    name
    for name, field in MUTATIONS.fields.items()
    if field.ast_node
    and any(d.name.value == "aws_cognito_user_pools" and d.arguments for d in field.ast_node.directives)
)
"""The mutations that only some groups may use."""


def shillings(amount: str) -> dict[str, str]:
    return {"currency": "KES", "amount": amount}


@dataclass
class Case:
    """A call of a mutation that does something, and what each of its arguments might say instead."""

    door: Any
    given: dict[str, Any]
    otherwise: dict[str, Any]
    groups: tuple[str, ...] = ("admin",)
    by: str = "admin-1"
    input_of: str = ""


class House:
    """All services that answer mutations, each on a table of its own; the wallet that payment asks is a stand-in."""

    def __init__(self, emulator: str, payments: World, patch: pytest.MonkeyPatch) -> None:
        self.payments = payments
        self.store = load_wallet(emulator)
        from wallet.handlers import graphql as wallet_door

        self.wallet = wallet_door
        table = create_table(emulator, f"bet-{uuid.uuid4()}", "bet")
        self.bet: SimpleNamespace = load_bet(table, self.store, patch, CHANGE_SECONDS="1")
        users = create_table(emulator, f"users-{uuid.uuid4()}", "users")
        self.users: ModuleType = load(
            "users.handlers.staff",
            TABLE_NAME=users,
            WALLET_URL="http://wallet",
            PLAYER_POOL="pool",
            UNPROVEN_QUEUE_URL="http://queue",
        )
        from users import payment_api, wallet_api

        patch.setattr(wallet_api, "_client", SimpleNamespace(call=lambda *_: {"status": "CLOSED"}))
        patch.setattr(payment_api, "_call", lambda *_: {})
        self.people = stores("users")
        for name in ("BUS_NAME", "PARKING_URL", "FOLLOWUP_QUEUE_URL", "SETTLEMENT_QUEUE_URL"):
            patch.setenv(name, name)
        patch.setenv("FOLLOWUP_SECONDS", "1")
        from bet.handlers import stream as bet_stream
        from users.handlers import consumer
        from users.handlers import stream as users_stream
        from wallet.handlers import stream as wallet_stream

        self.trail = consumer.handler
        self.streams = {
            self.store.table.name: wallet_stream,
            self.bet.table.name: bet_stream,
            self.people.table.name: users_stream,
            payments.table.name: payments.stream,
        }
        self.tables = [self.store.table, self.bet.table, self.people.table, payments.table]

    def image(self) -> list[Item]:
        """Everything that stands in any table, less what we know of the channel to M-Pesa."""

        def items(table: Table) -> list[Item]:
            found = items_of(self.payments.emulator, table.name)
            return [item for item in found if item["sk"] != "DARAJA" or item["pk"] == "SWITCHES"]

        return sorted((i for table in self.tables for i in items(table)), key=lambda i: (i["pk"], i["sk"]))

    def told(self, item: Item) -> list[Any]:
        """What the outbox of an item's service publishes of it."""
        key = (item["pk"], item["sk"])
        (table,) = (table for table in self.tables if table.get(key))
        events: list[Any] = self.streams[table.name].to_events(None, item)
        return events

    def ask(self, case: Case, field: str, given: dict[str, Any], by: str = "") -> dict[str, Any]:
        arguments = {case.input_of: given} if case.input_of else given
        identity = {"sub": by or case.by, "groups": list(case.groups), "claims": just_now()}
        answer: dict[str, Any] = case.door.handler(
            {"type": "Mutation", "field": field, "arguments": arguments, "identity": identity}
        )
        if isinstance(answer.get("data"), dict):
            answer["data"].pop("message", None)  # a sentence may say that it was done before
        return answer

    # -- what the calls are about

    def profile(self) -> str:
        user_id = str(uuid.uuid4())
        self.people.register(new_phone(), user_id, "1990-01-01")
        return user_id

    def fixture(self) -> str:
        return str(new_fixture(self.bet, f"f-{uuid.uuid4()}")["fixture_id"])

    def market(self) -> str:
        return new_market(self.bet, f"m-{uuid.uuid4()}")

    def settled(self) -> str:
        market = self.market()
        for trader in ("trader-8", "trader-9"):
            self.ask(self.trading({}, {}), "settleMarket", {"marketId": market, "results": HOME}, trader)
        return market

    def review(self) -> str:
        payment = self.payments.pay_out(self.payments.player().id, "70000")["data"]
        assert payment["status"] == "REVIEW"
        return str(payment["id"])

    def delayed(self) -> str:
        player = self.payments.player()
        self.payments.mpesa.script("b2c", player.phone, {"result_code": 1})
        payment_id = str(self.payments.pay_out(player.id)["data"]["id"])
        self.payments.deliver(self.payments.callback_for(payment_id, "b"))
        assert self.payments.item(payment_id)["status"] == "DELAYED"
        return payment_id

    def suspended(self) -> str:
        return paybill.in_suspense(self.payments)[1]

    def proposed(self) -> str:
        payment_id = self.delayed()
        given = {"id": payment_id, "outcome": "UNPAID", "evidence": "Seen on the portal"}
        self.ask(self.paying({}, {}), "resolveWithdrawal", given, "admin-8")
        return payment_id

    def money_case(self, given: dict[str, Any], otherwise: dict[str, Any]) -> Case:
        player, other = new_player(self.store), new_player(self.store)
        about = {"userId": player, "amount": shillings("50.00"), **given}
        others = {"userId": [other, "nobody"], "amount": [shillings("50.01"), shillings("50000")], **otherwise}
        return Case(self.wallet, about, others)

    def account_case(self) -> Case:
        player, other = (str(uuid.uuid4()) for _ in range(2))
        for user_id in (player, other):
            self.store.open_account(user_id)
        return Case(self.wallet, {"userId": player, "reason": WHY}, {"userId": [other], "reason": ["else"]})

    def paying(self, given: dict[str, Any], otherwise: dict[str, Any]) -> Case:
        return Case(self.payments.graphql, given, otherwise)

    def player_case(self, amount: str) -> Case:
        case = self.paying({"amount": shillings(amount)}, {"amount": [shillings("777")]})
        case.by, case.groups = self.payments.player().id, ()
        return case

    def trading(self, given: dict[str, Any], otherwise: dict[str, Any]) -> Case:
        return Case(self.bet.trading, given, otherwise, ("trader",), "trader-1")

    def user_case(self) -> Case:
        given = {"userId": self.profile(), "reason": WHY}
        return Case(self.users, given, {"userId": [self.profile()], "reason": ["for another reason"]})

    # -- the call of each mutation

    def case(self, field: str) -> Case:
        found: Case = getattr(self, field)()
        return found

    def placeBet(self) -> Case:
        market, player = self.market(), new_player(self.store)
        pick = {"marketId": market, "selectionId": f"{market}/1", "odds": ODDS["1"]}
        other = {**pick, "selectionId": f"{market}/3", "odds": ODDS["2"]}
        given = {"stake": shillings("100"), "selections": [pick], "oddsPolicy": "NONE"}
        otherwise = {"stake": [shillings("101")], "selections": [[other]], "oddsPolicy": ["ANY"], "system": [{"k": 1}]}
        return Case(self.bet.graphql, given, otherwise, (), player, "input")

    def deposit(self) -> Case:
        return self.player_case("100")

    def withdraw(self) -> Case:
        return self.player_case("70000")

    def grantBonus(self) -> Case:
        return self.money_case({"campaign": "welcome"}, {"campaign": ["sorry"]})

    def proposeAdjustment(self) -> Case:
        given = {"direction": "CREDIT", "reason": WHY}
        return self.money_case(given, {"direction": ["DEBIT"], "reason": ["another one"]})

    def booking(self, given: dict[str, Any], otherwise: dict[str, Any]) -> Case:
        about = {"amount": shillings("22.40"), "reason": WHY, **given}
        others = {"amount": [shillings("22.41")], "reason": ["another one"], **otherwise}
        return Case(self.wallet, about, others)

    def bookFees(self) -> Case:
        given = {"day": "2026-11-20", "direction": "DEBIT", "account": "PAYOUT"}
        return self.booking(given, {"day": ["2026-11-19"], "direction": ["CREDIT"], "account": ["COLLECTION"]})

    def bookTransfer(self) -> Case:
        first, second = (uuid.uuid4().hex[:10].upper() for _ in range(2))
        given = {"receipt": first, "from": "COLLECTION", "to": "PAYOUT"}
        return self.booking(given, {"receipt": [second], "from": ["BANK"], "to": ["BANK"]})

    def bookTaxRemittance(self) -> Case:
        first, second = (uuid.uuid4().hex[:10].upper() for _ in range(2))
        given = {"receipt": first, "direction": "DEBIT", "tax": "EXCISE", "account": "COLLECTION"}
        otherwise = {"direction": ["CREDIT"], "tax": ["WITHHOLDING"], "account": ["BANK"]}
        return self.booking(given, {"receipt": [second], **otherwise})

    def refuseProposal(self) -> Case:
        ids = []
        for _ in range(2):
            case = self.proposeAdjustment()
            given = {**case.given, "clientRequestId": uuid.uuid4().hex}
            ids.append(self.ask(case, "proposeAdjustment", given)["data"]["id"])
        return Case(self.wallet, {"id": ids[0], "reason": WHY}, {"id": [ids[1]], "reason": ["another"]})

    def setPayoutFactor(self) -> Case:
        case = self.account_case()
        case.given["percent"], case.otherwise["percent"], case.groups = 50, [40], ("trader",)
        return case

    def closeWallet(self) -> Case:
        return self.account_case()

    def approveWithdrawal(self) -> Case:
        return self.paying({"id": self.review(), "reason": WHY}, {"id": [self.review()], "reason": ["another"]})

    def rejectWithdrawal(self) -> Case:
        return self.approveWithdrawal()

    def resolveWithdrawal(self) -> Case:
        given = {"id": self.delayed(), "outcome": "PAID", "evidence": "Seen on the portal", "receipt": "SG632NMUAB"}
        otherwise = {"id": [self.delayed()], "outcome": ["UNPAID"], "evidence": ["Heard on the phone"]}
        return self.paying(given, {**otherwise, "receipt": ["SG632NMUAC"]})

    def reverseDeposit(self) -> Case:
        given = {"id": self.suspended(), "reason": "The payer asked for it back"}
        return self.paying(given, {"id": [self.suspended()], "reason": ["It was paid by mistake"]})

    def assignPayment(self) -> Case:
        first, second = (paybill.number_of(self.payments, self.payments.player().id) for _ in range(2))
        given = {"id": self.suspended(), "accountNumber": first, "reason": WHY}
        return self.paying(given, {"id": [self.suspended()], "accountNumber": [second], "reason": ["another"]})

    def refuseDecision(self) -> Case:
        return self.paying({"id": self.proposed(), "reason": WHY}, {"id": [self.proposed()], "reason": ["another"]})

    def setPaymentChannel(self) -> Case:
        given = {"kind": "DEPOSIT", "open": False, "banner": "M-Pesa is down until 06:00."}
        otherwise = {"kind": ["WITHDRAWAL"], "open": [True], "banner": ["M-Pesa is down until 08:00."]}
        return self.paying(given, otherwise)

    def createFixture(self) -> Case:
        self.fixture()
        about = {"id": f"f-{uuid.uuid4()}", "competitionId": "league-STANDARD"}
        teams = {"homeTeamId": "home", "awayTeamId": "away"}
        case = self.trading({**about, **teams, "startsAt": "2099-01-01T12:00:00Z"}, {})
        case.input_of = "input"
        return case

    def addMarkets(self) -> Case:
        return self.trading({"fixtureId": self.fixture(), "markets": [{"definitionId": "1", "odds": odds_rows()}]}, {})

    def putCompetition(self) -> Case:
        country = {"id": "KE", "name": {"en": "Kenya"}}
        about = {"id": f"c-{uuid.uuid4()}", "sportId": FOOTBALL, "country": country, "name": {"en": "League"}}
        rules = [{"from": "2026-01-01", "shortestPlayMinutes": 90, "waitHours": 36, "voidAfterHours": None}]
        otherwise = {
            "id": [f"c-{uuid.uuid4()}"],
            "sportId": ["sr:sport:5"],
            "country": [{**country, "id": "UG"}],
            "name": [{"en": "Cup"}, {"en": "League", "sw": "Ligi"}],
            "tier": ["POPULAR"],
            "rules": [[], [{**rules[0], "waitHours": 48}]],
        }
        case = self.trading({**about, "tier": "SMALL", "rules": rules}, otherwise)
        case.input_of = "input"
        return case

    def putTeam(self) -> Case:
        given = {"id": f"t-{uuid.uuid4()}", "sportId": FOOTBALL, "name": {"en": "Gor Mahia"}}
        otherwise = {"id": [f"t-{uuid.uuid4()}"], "sportId": ["sr:sport:5"], "name": [{"en": "Gor"}]}
        case = self.trading(given, otherwise)
        case.input_of = "input"
        return case

    def setPopular(self) -> Case:
        return self.trading(
            {"fixtureId": self.fixture(), "popular": True}, {"fixtureId": [self.fixture()], "popular": [False]}
        )

    def moveFixture(self) -> Case:
        given = {"fixtureId": self.fixture(), "startsAt": "2099-01-02T12:00:00Z", "reason": WHY}
        otherwise = {"fixtureId": [self.fixture()], "startsAt": ["2099-01-03T12:00:00Z"], "reason": ["another one"]}
        return self.trading(given, otherwise)

    def setFixtureStatus(self) -> Case:
        given = {"fixtureId": self.fixture(), "status": "POSTPONED", "reason": WHY}
        otherwise = {"fixtureId": [self.fixture()], "status": ["CANCELLED"], "reason": ["another one"]}
        return self.trading(given, otherwise)

    def registerPaybill(self) -> Case:
        return self.paying({}, {})

    def suspendUser(self) -> Case:
        case = self.user_case()
        case.given |= {"reasonCode": "REQUEST", "deadline": DEADLINE}
        case.otherwise |= {"reasonCode": ["IDENTITY"], "holdMoney": [True]}
        return case

    def answerAppeal(self) -> Case:
        case = self.reinstateUser()
        for user_id in (case.given["userId"], *case.otherwise["userId"]):
            self.people.appeal(self.people.get_profile(user_id), "I did nothing wrong")
        case.given |= {"outcome": "LIFTED", "answer": "You are right, we are sorry."}
        case.otherwise |= {"outcome": ["UPHELD"], "answer": ["You are right, and we are sorry."]}
        return case

    def addPlayerNote(self) -> Case:
        given = {"userId": self.profile(), "text": "called about a payment"}
        return Case(self.users, given, {"userId": [self.profile()], "text": ["called about another payment"]})

    def setPlayerTags(self) -> Case:
        case = self.user_case()
        case.given["tags"] = ["call-back"]
        case.otherwise["tags"] = [["vip"], []]
        return case

    def recordIntervention(self) -> Case:
        case = self.user_case()
        case.given |= {"kind": "CALL", "by": "OPERATOR", "outcome": "will set a limit"}
        case.otherwise |= {"kind": ["MESSAGE"], "by": ["REGULATOR"], "outcome": ["did not answer"]}
        return case

    def findPlayer(self) -> Case:
        numbers = [new_phone() for _ in range(2)]
        for number in numbers:
            self.people.register(number, str(uuid.uuid4()), "1990-01-01")
        given = {"phoneNumber": numbers[0], "reason": WHY}
        return Case(self.users, given, {"phoneNumber": [numbers[1]], "reason": ["for another reason"]})

    def exportPlayer(self) -> Case:
        return self.user_case()

    def erasePlayer(self) -> Case:
        return self.user_case()

    def unmask(self) -> Case:
        case = self.user_case()
        case.given["field"] = "PHONE_NUMBER"
        case.otherwise["field"] = ["BIRTHDATE"]
        return case

    def reinstateUser(self) -> Case:
        case = self.user_case()
        for user_id in (case.given["userId"], *case.otherwise["userId"]):
            self.people.stop(self.people.get_profile(user_id), "SUSPENDED", "REQUEST", DEADLINE, "support-8")
        return case

    def decidePhoneChange(self) -> Case:
        case = self.user_case()
        phones = importlib.import_module("users.stores.phones")
        for user_id in (case.given["userId"], *case.otherwise["userId"]):
            phones.ask_change(user_id, new_phone(), "2026-11-27", 5)
            phones.review_change(phones.find_change(user_id), WHY)
        given, otherwise = {**case.given, "approve": False}, {**case.otherwise, "approve": [True]}
        return replace(case, given=given, otherwise=otherwise)

    def unlockSignIn(self) -> Case:
        return self.user_case()

    def suspendStaff(self) -> Case:
        given = {"staffId": f"staff-{uuid.uuid4()}", "reason": WHY}
        return Case(self.users, given, {"staffId": [f"staff-{uuid.uuid4()}"], "reason": ["for another reason"]})

    def reinstateStaff(self) -> Case:
        case = self.suspendStaff()
        for staff_id in (case.given["staffId"], *case.otherwise["staffId"]):
            people.set_staff_enabled(staff_id, False)
        return case

    def setOdds(self) -> Case:
        new, other = (odds_rows(dict.fromkeys(ODDS, odds)) for odds in ("2.40", "2.60"))
        return self.trading({"marketId": self.market(), "odds": new}, {"marketId": [self.market()], "odds": [other]})

    def setMarketStatus(self) -> Case:
        given = {"marketId": self.market(), "status": "SUSPENDED"}
        return self.trading(given, {"marketId": [self.market()], "status": ["OPEN"]})

    def setBetting(self) -> Case:
        self.bet.betting.turn(False)
        given = {"open": True, "reason": WHY}
        return self.trading(given, {"open": [False], "reason": ["another one"]})

    def setMarketGuards(self) -> Case:
        return self.trading({"marketId": self.market(), "guards": 4}, {"marketId": [self.market()], "guards": [5]})

    def settleMarket(self) -> Case:
        given = {"marketId": self.market(), "results": HOME}
        return self.trading(given, {"marketId": [self.market()], "results": [AWAY]})

    def rollbackMarket(self) -> Case:
        given = {"marketId": self.settled(), "reopen": None, "reason": WHY}
        return self.trading(given, {"marketId": [self.settled()], "reopen": ["OPEN"], "reason": ["another one"]})

    def refuseMarketDecision(self) -> Case:
        markets = [self.market() for _ in range(2)]
        for market in markets:
            self.ask(self.trading({}, {}), "settleMarket", {"marketId": market, "results": HOME}, "trader-8")
        return self.trading({"marketId": markets[0], "reason": WHY}, {"marketId": [markets[1]], "reason": ["another"]})

    def played(self) -> str:
        """A fixture that has begun, two days before it was to."""
        fixture_id = self.market().split("/")[0]
        given = {"fixtureId": fixture_id, "status": "LIVE", "reason": WHY}
        assert "data" in self.ask(self.trading({}, {}), "setFixtureStatus", given, "trader-8")
        return fixture_id

    def settleFixture(self) -> Case:
        record, other = ({"ended": [], "goals": [{"side": side, "period": "FIRST_HALF"}]} for side in ("HOME", "AWAY"))
        given = {"fixtureId": self.played(), "record": record}
        return self.trading(given, {"fixtureId": [self.played()], "record": [other]})

    def refuseFixtureDecision(self) -> Case:
        fixtures = [self.played() for _ in range(2)]
        for fixture_id in fixtures:
            given = {"fixtureId": fixture_id, "record": {"ended": [], "goals": []}}
            self.ask(self.trading({}, {}), "settleFixture", given, "trader-8")
        given = {"fixtureId": fixtures[0], "reason": WHY}
        return self.trading(given, {"fixtureId": [fixtures[1]], "reason": ["another"]})

    def cancelBets(self) -> Case:
        given = {
            "marketId": self.market(),
            "fixtureId": None,
            "from": None,
            "to": "2026-01-02T00:00:00Z",
            "reason": WHY,
        }
        otherwise = {"from": ["2026-01-01T00:00:00Z"], "to": ["2026-01-03T00:00:00Z"], "reason": ["another one"]}
        return self.trading(given, {"marketId": [self.market()], **otherwise})

    def rollbackCancel(self) -> Case:
        case = self.cancelBets()
        for market in (case.given["marketId"], *case.otherwise["marketId"]):
            assert "data" in self.ask(case, "cancelBets", {**case.given, "marketId": market}, "trader-8")
        return case

    def placed(self) -> Item:
        """A bet that stands."""
        self.bet.betting.turn(True)
        pick = (self.market(), "1", ODDS["1"])
        return dict(self.bet.placing.place(new_player(self.store), new_slip(self.bet, pick)))

    def voidBet(self) -> Case:
        bet = self.placed()
        return self.trading({"userId": bet["user_id"], "betId": bet["bet_id"], "reason": WHY}, {"reason": ["another"]})

    def repriceBet(self) -> Case:
        bet = self.placed()
        given = {"userId": bet["user_id"], "betId": bet["bet_id"], "marketId": bet["legs"][0]["market_id"]}
        return self.trading({**given, "odds": "1.90", "reason": WHY}, {"odds": ["2.00"], "reason": ["another"]})

    def refuseBetDecision(self) -> Case:
        bets = [self.placed() for _ in range(2)]
        for bet in bets:
            given = {"userId": bet["user_id"], "betId": bet["bet_id"], "reason": WHY}
            self.ask(self.trading({}, {}), "voidBet", given, "trader-8")
        return self.trading({"betId": bets[0]["bet_id"], "reason": WHY}, {"betId": [bets[1]["bet_id"]]})

    def holdResults(self) -> Case:
        given = {"marketId": None, "fixtureId": self.played(), "reason": WHY}
        return self.trading(given, {"fixtureId": [self.played()], "reason": ["another one"]})

    def releaseResults(self) -> Case:
        case = self.holdResults()
        for fixture_id in (case.given["fixtureId"], *case.otherwise["fixtureId"]):
            assert "data" in self.ask(case, "holdResults", {**case.given, "fixtureId": fixture_id}, "trader-8")
        return case


@pytest.fixture(scope="module")
def house(emulator: str) -> Iterator[House]:
    with payment_world(emulator, SOURCE_ADDRESSES=paybill.LISTED) as payments, pytest.MonkeyPatch.context() as patch:
        yield House(emulator, payments, patch)


@pytest.mark.parametrize("field", WITH_ID)
def test_a_request_id_is_used_once(house: House, field: str) -> None:
    case, request = house.case(field), uuid.uuid4().hex
    if field != "setPaymentChannel":
        house.ask(house.setPaymentChannel(), "setPaymentChannel", {"kind": "DEPOSIT", "open": True})
    before = house.image()
    first = house.ask(case, field, {**case.given, "clientRequestId": request})
    assert "data" in first, first
    after = house.image()
    assert after != before
    for _ in range(2):
        assert house.ask(case, field, {**case.given, "clientRequestId": request}) == first
    for name, values in case.otherwise.items():
        for value in values:
            refused = house.ask(case, field, {**case.given, name: value, "clientRequestId": request})
            assert refused.get("error", {}).get("type") == "IDEMPOTENCY_KEY_REUSED", (name, value, refused)
    assert house.image() == after


def test_what_staff_ask_for_without_an_id_of_theirs_is_known_by_what_it_is_about() -> None:
    """Of the mutations of staff only these take no clientRequestId."""
    assert sorted(set(STAFF) - set(WITH_ID)) == ["addMarkets", "createFixture"]  # ids that the caller chooses


PLAYERS, ADMINS = ("ann", "ben"), ("admin-1", "admin-2", "admin-3")


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.sampled_from(("grantBonus", "proposeAdjustment")),
            st.sampled_from(ADMINS),
            st.integers(0, 2),
            st.sampled_from((*PLAYERS, "nobody")),
            st.sampled_from(("10.00", "9999.99", "10000.00")),
        ),
        max_size=14,
    )
)
def test_whatever_is_asked_for_an_id_moves_money_once_and_large_sums_take_two(
    house: House, calls: list[tuple[str, str, int, str, str]]
) -> None:
    run = uuid.uuid4().hex
    people = {name: f"{name}-{run}" for name in PLAYERS}
    for user_id in people.values():
        house.store.open_account(user_id)
    door = Case(house.wallet, {}, {})
    bodies: dict[tuple[str, str], tuple[str, str]] = {}
    asked_by: dict[tuple[str, str], set[str]] = {}
    for field, admin, number, player, amount in calls:
        given = {"clientRequestId": f"{run}-{number}", "userId": people.get(player, f"nobody-{run}")}
        given |= {"amount": shillings(amount), "campaign": WHY, "direction": "CREDIT", "reason": WHY}
        answer = house.ask(door, field, given, admin)
        command, body = (field, str(given["clientRequestId"])), (str(given["userId"]), amount)
        if player == "nobody" or bodies.setdefault(command, body) != body:
            wrong = "IDEMPOTENCY_KEY_REUSED" if command in bodies else "NOT_FOUND"
            assert answer["error"]["type"] == wrong
            continue
        asked_by.setdefault(command, set()).add(admin)
        if len(asked_by[command]) > 1:
            assert answer["data"]["status"] == "DONE"
    assert house.store.find_account(f"nobody-{run}") is None
    entries = [i for user in people.values() for i in house.store.table.query_all(f"USER#{user}") if "postings" in i]
    assert len(entries) <= len(bodies)
    for entry in entries:
        (cents,) = (cents for account, cents in entry["postings"] if account.startswith("user:"))
        large = entry["entry_kind"] == "ADJUSTMENT" or cents >= 1_000_000
        assert len(set(entry["decided_by"])) == len(entry["decided_by"]) >= (2 if large else 1)
        assert all(entry["decided_because"])
    given_alone = [(e["decided_by"][0], e["user_id"]) for e in entries if len(e["decided_by"]) == 1]
    assert len(given_alone) == len(set(given_alone))
    acts = [i for i in house.store.table.scan() if i["sk"] == "AUDIT" and i["user_id"] in people.values()]
    assert sum(act["outcome"] == "DONE" for act in acts) == len(entries)
