"""What traders decide after a bet was placed, over the gateway, until the player's wallet has it; and what is refused.

Quotes, multis, systems and games that are settled whole are the journey's.
"""

from datetime import UTC, datetime
from typing import Any

import pytest

from betsafi.money import format_amount, parse_amount
from localcloud.cloud.running import Cloud
from localcloud.demo.app import App
from localcloud.demo.seed import signed_in
from localcloud.journey.asking import BEGIN, PLACE_BET, SETTLE_GAME, money
from tests.e2e.conftest import balance, funded, new_market
from tests.support.waiting import eventually

FOLLOW = """subscription($fixture: ID!) {
  onMarketUpdated(fixtureId: $fixture) { id status resultVersion selections { result } } }"""
BET = "query($id: ID!) { bet(id: $id) { status outcome payout { amount } potentialPayout { amount } } }"
WINDOW = """mutation($market: ID!, $to: AWSDateTime!) {
  %s(marketId: $market, to: $to, reason: "a price of another game") { status } }"""
HOLD = """mutation($fixture: ID!) {
  %s(fixtureId: $fixture, reason: "the report is not in") { status } }"""
REPRICE = """mutation($user: ID!, $bet: ID!, $market: ID!) {
  repriceBet(userId: $user, betId: $bet, marketId: $market, odds: "2.50", reason: "promised") { status } }"""
VOID = """mutation($user: ID!, $bet: ID!) {
  voidBet(userId: $user, betId: $bet, reason: "placed by another") { status } }"""
HOME_WINS = {
    "ended": ["FIRST_HALF", "SECOND_HALF"],
    "goals": [{"side": "HOME", "period": "SECOND_HALF", "minute": 60}],
}


@pytest.fixture(scope="module")
def bettor(cloud: Cloud) -> App:
    return funded(cloud)


@pytest.fixture
def traders(cloud: Cloud) -> list[App]:
    return [signed_in(cloud, "trader", number) for number in (0, 1)]


def place(bettor: App, market: str) -> str:
    """Bet KES 100 on the home side at 2.00; return the bet."""
    picks = [{"marketId": market, "selectionId": f"{market}/1", "odds": "2.00"}]
    slip = {"clientRequestId": f"for-{market.replace('/', '-')}", "stake": money("100"), "selections": picks}
    bet = bettor.ask(PLACE_BET, input=slip)
    assert bet["status"] == "ACCEPTED"
    return str(bet["id"])


def both(traders: list[App], document: str, **variables: Any) -> None:
    """Have both traders say the same, of whom the second decides."""
    assert [trader.ask(document, **variables)["status"] for trader in traders] == ["PROPOSED", "DONE"]


def win(traders: list[App], market: str) -> None:
    """Let the home side of a market's game win."""
    fixture = market.partition("/")[0]
    traders[0].ask(BEGIN, fixture=fixture)
    both(traders, SETTLE_GAME, fixture=fixture, record=HOME_WINS)


def settled(bettor: App, bet: str, outcome: str, payout: str, available: str) -> None:
    """Wait until a bet came to that and the wallet has it."""

    def look() -> bool:
        seen = bettor.ask(BET, id=bet)
        return (seen["outcome"], (seen["payout"] or {}).get("amount")) == (outcome, payout)

    eventually(look, f"{outcome} and {payout} of a bet")
    eventually(lambda: balance(bettor)[0] == available, f"{available} in the wallet")


def after(cents: int, change: int) -> str:
    return format_amount(cents + change)


def test_bets_of_a_window_are_void_until_it_is_taken_back(bettor: App, trader: App, traders: list[App]) -> None:
    had = parse_amount(balance(bettor)[0])
    market = new_market(trader, "window", "2.00")
    bet = place(bettor, market)
    win(traders, market)
    settled(bettor, bet, "WON", "200.00", after(had, 100_00))
    window = {"market": market, "to": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"}
    assert traders[0].ask(WINDOW % "cancelBets", **window)["status"] == "DONE"
    settled(bettor, bet, "VOID", "100.00", after(had, 0))
    assert traders[0].ask(WINDOW % "rollbackCancel", **window)["status"] == "DONE"
    settled(bettor, bet, "WON", "200.00", after(had, 100_00))


def test_a_result_waits_until_another_trader_releases_it(bettor: App, trader: App, traders: list[App]) -> None:
    """With its bets wait those who follow its market: they hear it then."""
    had = parse_amount(balance(bettor)[0])
    held, other = (new_market(trader, name, "2.00") for name in ("held", "beside-it"))
    bets = [place(bettor, market) for market in (held, other)]
    with bettor.listen(FOLLOW, fixture="held") as waiting, bettor.listen(FOLLOW, fixture="beside-it") as told:
        assert traders[0].ask(HOLD % "holdResults", fixture="held")["status"] == "DONE"
        for market in (held, other):
            win(traders, market)
        settled(bettor, bets[1], "WON", "200.00", after(had, 0))
        told.wait_for(lambda market: market["resultVersion"] == 1, "the result that nobody holds")
        assert bettor.ask(BET, id=bets[0])["status"] == "ACCEPTED"
        assert traders[0].refusal(HOLD % "releaseResults", fixture="held").type == "SAME_PERSON"
        assert all(market["resultVersion"] is None for market in waiting.items)
        assert traders[1].ask(HOLD % "releaseResults", fixture="held")["status"] == "DONE"
        settled(bettor, bets[0], "WON", "200.00", after(had, 200_00))
        heard = waiting.wait_for(lambda market: market["resultVersion"] == 1, "the result that is released")
        assert "WON" in [selection["result"] for selection in heard["selections"]]


def test_one_bet_is_priced_anew_and_made_void_by_two(bettor: App, trader: App, traders: list[App]) -> None:
    had = parse_amount(balance(bettor)[0])
    market = new_market(trader, "one-bet", "2.00")
    bet = place(bettor, market)
    both(traders, REPRICE, user=bettor.user_id, bet=bet, market=market)
    eventually(lambda: bettor.ask(BET, id=bet)["potentialPayout"]["amount"] == "250.00", "the new price")
    win(traders, market)
    settled(bettor, bet, "WON", "250.00", after(had, 150_00))
    both(traders, VOID, user=bettor.user_id, bet=bet)
    settled(bettor, bet, "VOID", "100.00", after(had, 0))


def test_what_cannot_be_is_refused_by_its_code(bettor: App, trader: App) -> None:
    games = [f"refused-{n}" for n in range(3)]
    markets = [new_market(trader, game, "2.00") for game in games]
    picks = [{"marketId": market, "selectionId": f"{market}/1", "odds": "2.00"} for market in markets]
    slip: dict[str, Any] = {"clientRequestId": "refused-slip", "stake": money("60"), "selections": picks}
    for changed, code in (
        ({"system": {"k": 4}}, "INVALID_SYSTEM"),
        ({"system": {"k": 1, "bankers": [3]}}, "INVALID_BANKER"),
        ({"selections": [{**picks[0], "selectionId": picks[1]["selectionId"]}]}, "UNKNOWN_MARKET"),
        ({"selections": [{**picks[0], "odds": "2.10"}]}, "ODDS_CHANGED"),
        ({"stake": money("1")}, "STAKE_LIMIT"),
    ):
        assert bettor.refusal(PLACE_BET, input={**slip, **changed}).type == code
    assert trader.refusal(SETTLE_GAME, fixture=games[0], record=HOME_WINS).type == "CONFLICT"
    trader.ask(BEGIN, fixture=games[0])
    refusal = bettor.refusal(PLACE_BET, input=slip)
    assert (refusal.type, refusal.info["marketId"]) == ("MARKET_CLOSED", markets[0])
    contradicted = {**HOME_WINS, "score": {"REGULAR": {"home": 1, "away": 1}}}
    assert trader.refusal(SETTLE_GAME, fixture=games[0], record=contradicted).type == "CONTRADICTION"
