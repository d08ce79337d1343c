"""What subscribers get at a version is what a query returns at that version, on real tables, through handlers."""

import uuid
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from tests.support.bet import ODDS, bet_of_a_test, decide, new_market, work
from tests.support.emulator import create_table
from tests.support.schema import api_schema, flaws, object_type
from tests.support.services import load, stores

SCHEMA = api_schema()
ROLE = "arn:aws:sts::000000000000:assumed-role/consumer/session"


def ask(door: ModuleType, kind: str, field: str, identity: dict[str, Any], **arguments: Any) -> dict[str, Any]:
    return dict(door.handler({"type": kind, "field": field, "arguments": arguments, "identity": identity}))


@pytest.fixture(scope="module")
def wallet(emulator: str) -> ModuleType:
    door = load(
        "wallet.handlers.graphql", TABLE_NAME=create_table(emulator, f"updates-wallet-{uuid.uuid4()}", "wallet")
    )
    vars(door)["stores"] = stores("wallet")
    return door


@pytest.fixture
def bet(emulator: str, wallet: ModuleType, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    return bet_of_a_test(emulator, wallet.stores, monkeypatch)


class Player:
    """Somebody with KES 950.00 and one bet, what they ask, and what they are pushed."""

    def __init__(self, bet: SimpleNamespace, wallet: ModuleType) -> None:
        self.bet, self.door, self.wallet = bet, bet.graphql, wallet
        self.id = str(uuid.uuid4())
        wallet.stores.deposit(self.id, f"deposit-{self.id}", 100_000, 95_000, 5_000)
        self.market = new_market(bet, f"f{uuid.uuid4().hex[:8]}")
        self.bet_id = bet.bets.bet_id_of(self.id, "request-1")

    def place(self, odds: str = "2.50") -> dict[str, Any]:
        pick = {"marketId": self.market, "selectionId": f"{self.market}/1", "odds": odds}
        stake = {"currency": "KES", "amount": "100.00"}
        slip = {"clientRequestId": "request-1", "stake": stake, "selections": [pick]}
        return ask(self.door, "Mutation", "placeBet", {"sub": self.id}, input=slip)

    def cancel(self) -> None:
        assert "data" in ask(self.door, "Mutation", "cancelBet", {"sub": self.id}, id=self.bet_id)

    def settle(self, winner: str) -> int:
        """Settle the bet's market; return the result's version. The wallet has not heard of it yet."""
        results = {key: "WON" if key == winner else "LOST" for key in ODDS}
        version = decide(self.bet, self.market, results)
        work(self.bet, self.market, version)
        return int(version)

    def asked(self) -> dict[str, Any]:
        return dict(ask(self.door, "Query", "bet", {"sub": self.id}, id=self.bet_id)["data"])

    def pushed(self, posted: int | None = None) -> Any:
        given = {"userId": self.id, "bet": self.bet_id, **({} if posted is None else {"betPosted": posted})}
        return ask(self.door, "PlayerUpdate", "bet", {"role": ROLE}, **given)["data"]

    def account(self) -> tuple[Any, Any]:
        asked = ask(self.wallet, "Query", "wallet", {"sub": self.id})["data"]
        return asked, ask(self.wallet, "PlayerUpdate", "wallet", {"role": ROLE}, userId=self.id)["data"]


@pytest.fixture
def player(bet: SimpleNamespace, wallet: ModuleType) -> Player:
    return Player(bet, wallet)


def test_a_bet_is_pushed_as_a_query_returns_it_under_a_version_that_grows(player: Player) -> None:
    seen = []
    placed = player.place()["data"]
    assert player.pushed() == player.asked() == placed
    seen.append(placed)
    for winner, posted in (("1", 1), ("2", 2), ("1", 3)):
        assert player.settle(winner) == posted
        assert player.pushed(posted) == player.asked()
        seen.append(player.asked())
    assert [(thing["status"], thing["outcome"]) for thing in seen] == [
        ("ACCEPTED", None),
        ("SETTLED", "WON"),
        ("SETTLED", "LOST"),
        ("SETTLED", "WON"),
    ]
    versions = [thing["version"] for thing in seen]
    assert versions == sorted(set(versions))
    assert [flaw for thing in seen for flaw in flaws(thing, object_type(SCHEMA, "Bet"), "Bet")] == []


def test_a_multi_is_pushed_with_the_leg_that_won_and_each_change_of_it_says_so(player: Player) -> None:
    other = new_market(player.bet, f"f{uuid.uuid4().hex[:8]}")
    picks = [{"marketId": market, "selectionId": f"{market}/1", "odds": ODDS["1"]} for market in (player.market, other)]
    slip = {"clientRequestId": "request-1", "stake": {"amount": "100.00"}, "selections": picks}
    assert "data" in ask(player.door, "Mutation", "placeBet", {"sub": player.id}, input=slip)
    seen = [player.asked()]
    for winner, result, posted in (("1", "WON", None), ("2", "LOST", 1), ("1", "WON", 2)):
        player.settle(winner)
        asked = player.asked()
        assert [leg["result"] for leg in asked["legs"]] == [result, None]
        assert player.pushed(posted) == asked
        assert asked["version"] > seen[-1]["version"]
        seen.append(asked)
    assert [bet["status"] for bet in seen] == ["ACCEPTED", "ACCEPTED", "SETTLED", "ACCEPTED"]


def test_a_decided_bet_is_pushed_only_with_what_the_wallet_has_posted_of_it(player: Player) -> None:
    player.place()
    player.settle("1")
    assert player.pushed() is None
    assert player.pushed(0) is None
    player.settle("2")
    assert player.pushed(1) is None
    assert player.pushed(2) == player.asked()


def test_a_cancelled_bet_is_pushed_with_its_stake_s_return(player: Player) -> None:
    player.place()
    before = player.asked()["version"]
    player.cancel()
    assert player.pushed() is None
    assert player.pushed(0) == player.asked()
    assert (player.asked()["status"], player.asked()["version"] > before) == ("CANCELLED", True)


def test_a_rejected_bet_has_a_newer_version_than_the_pending_one(player: Player) -> None:
    bet = player.bet
    slip = bet.slip.slip(
        {
            "clientRequestId": "request-1",
            "stake": {"amount": "100.00"},
            "selections": [{"marketId": player.market, "selectionId": f"{player.market}/1", "odds": "2.50"}],
        }
    )
    pending = bet.presenting.bet(bet.acceptance.put_pending(player.id, player.bet_id, slip, 10))
    bet.acceptance.reject(bet.bets.get_bet(player.id, player.bet_id), bet.refusals.TimedOut("Too late."))
    assert player.pushed() == player.asked()
    assert player.asked()["version"] == pending["version"] + 1


def test_a_wallet_is_pushed_as_a_query_returns_it_and_every_change_has_a_version(player: Player) -> None:
    store, seen = player.wallet.stores, []
    for change in (
        lambda: store.place_hold(player.id, "b1", "BET", 1_000),
        lambda: store.settle(player.id, "b1", 1, 2_500),
        lambda: store.set_status(player.id, "FROZEN", 1),
        lambda: store.set_status(player.id, "SUSPENDED", 2),
        lambda: store.set_status(player.id, "ACTIVE", 3),
    ):
        change()
        asked, pushed = player.account()
        assert asked == pushed
        assert flaws(asked, object_type(SCHEMA, "Wallet"), "Wallet") == []
        seen.append(asked["version"])
    assert seen == sorted(set(seen))


def test_the_wallet_says_what_led_to_a_balance_and_nothing_of_a_stake_that_is_held(
    player: Player, wallet: ModuleType
) -> None:
    stream = load("wallet.handlers.stream", BUS_NAME="bus", PARKING_URL="http://parking")
    store = wallet.stores

    def told() -> tuple[Any, Any, Any] | None:
        account = store.get_account(player.id)
        assert len(stream.to_events(None, account)) == 2  # an account that is published anew says how it stands
        for event in stream.to_events({**account, "version": account["version"] - 1}, account):
            return event.cause_kind, event.cause_id, event.cause_version
        return None

    assert told() == ("PAYMENT", f"deposit-{player.id}", None)
    steps: list[tuple[Any, tuple[Any, Any, Any] | None]] = [
        (lambda: store.place_hold(player.id, "b1", "BET", 1_000), None),
        (lambda: store.settle(player.id, "b1", 1, 2_500), ("BET", "b1", 1)),
        (lambda: store.reopen(player.id, "b1", 2), ("BET", "b1", 2)),
        (lambda: store.place_hold(player.id, "b2", "BET", 1_000), None),
        (lambda: store.release(player.id, "b2", "cancelled"), ("BET", "b2", 0)),
        (lambda: store.place_hold(player.id, "w1", "WITHDRAWAL", 1_000), None),
        (lambda: store.pay_out(player.id, "w1", 900, 50, 50), ("PAYMENT", "w1", None)),
        (lambda: store.place_hold(player.id, "r1", "REVERSAL", 1_000), (None, None, None)),
        (lambda: store.grant_bonus(player.id, "bonus1", 1_000, "campaign"), (None, None, None)),
        (lambda: store.adjust(player.id, "a1", -500, "a slip", ("admin-1", "admin-2")), (None, None, None)),
        (lambda: store.set_status(player.id, "FROZEN", 1), (None, None, None)),
    ]
    for change, cause in steps:
        change()
        assert told() == cause


def test_people_reach_no_field_of_an_update_and_functions_no_field_of_people(player: Player) -> None:
    player.place()
    own = {"userId": player.id, "bet": player.bet_id}
    for identity in ({"sub": player.id}, {"sub": player.id, "role": ROLE}, {}):
        refused = ask(player.door, "PlayerUpdate", "bet", identity, **own)
        assert refused["error"]["type"] == "FORBIDDEN"
        assert ask(player.door, "Mutation", "publishMarket", identity, id=player.market)["error"]["type"] == "FORBIDDEN"
    assert ask(player.door, "Query", "bet", {"role": ROLE}, id=player.bet_id)["error"]["type"] == "FORBIDDEN"


def test_a_market_is_pushed_as_a_query_returns_it(player: Player) -> None:
    fixture_id = player.market.removesuffix("/1")
    (asked,) = ask(player.door, "Query", "fixture", {"sub": player.id}, id=fixture_id)["data"]["markets"]
    assert ask(player.door, "Mutation", "publishMarket", {"role": ROLE}, id=player.market) == {"data": asked}


@pytest.mark.parametrize(
    "chosen", ["1", "other/1/1", "{market}/", "{market}/9", "{market}", "{market}/X", "{market}-1x2/2"]
)
def test_a_selection_of_another_market_or_of_none_is_refused(player: Player, chosen: str) -> None:
    pick = {"marketId": player.market, "selectionId": chosen.format(market=player.market), "odds": "2.50"}
    slip = {"clientRequestId": "request-2", "stake": {"amount": "100.00"}, "selections": [pick]}
    refused = ask(player.door, "Mutation", "placeBet", {"sub": player.id}, input=slip)["error"]
    assert (refused["type"], refused["info"]["marketId"]) == ("UNKNOWN_MARKET", player.market)
