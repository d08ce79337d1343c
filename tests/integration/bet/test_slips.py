"""Systems, bonuses, quotes, limits, receipts and booking codes on real tables, with the real wallet."""

import json
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from betsafi import clock
from betsafi.dynamodb import ConditionFailed, Put
from betsafi.errors import DomainError, InvalidInput, NotFound, Unavailable
from betsafi.protection import Protection
from betsafi.service_client import Refused
from tests.support.bet import (
    ODDS,
    ask,
    decided,
    exposure,
    money,
    new_market,
    new_player,
    new_slip,
    odds_rows,
    settle,
    told,
)

pytestmark = pytest.mark.both_emulators
THREE = ("1.90", "2.00", "2.50")


def markets_at(bet: SimpleNamespace, *odds: str, **details: Any) -> list[tuple[str, str, str]]:
    """Return picks of home wins at these odds, each on a game of its own."""
    name = uuid.uuid4().hex[:8]
    made = [new_market(bet, f"{name}-{n}", odds={**ODDS, "1": each}, **details) for n, each in enumerate(odds)]
    return [(market, "1", each) for market, each in zip(made, odds, strict=True)]


def code_of(bet: SimpleNamespace, user: str, slip: Any) -> str:
    """Place a slip; return "" or how it was refused."""
    try:
        bet.placing.place(user, slip)
    except DomainError as error:
        return error.code
    return ""


# -- systems


@pytest.mark.parametrize(
    ("results", "payout"),
    [
        (("WON", "WON", "WON"), 271_000),
        (("LOST", "WON", "WON"), 100_000),
        (("WON", "LOST", "WON"), 95_000),
        (("WON", "WON", "LOST"), 76_000),
        (("WON", "VOID", "WON"), 183_000),
        (("LOST", "LOST", "WON"), 0),
    ],
)
def test_a_system_is_placed_and_settled(
    bet: SimpleNamespace, wallet: ModuleType, user: str, results: tuple[str, ...], payout: int
) -> None:
    picks = markets_at(bet, *THREE)
    placed = bet.placing.place(user, new_slip(bet, *picks, stake="600.00", system={"k": 2}))
    assert (placed["status"], placed["potential_payout_cents"]) == ("ACCEPTED", 271_000)
    assert placed["system"] == {"ks": [2], "bankers": []}
    assert bet.bets.get_bet(user, placed["bet_id"]) == placed
    assert [exposure(bet, market, "1") for market, _, _ in picks] == [271_000] * 3
    for (market, _, _), result in zip(picks, results, strict=True):
        outcome = {"_1": "VOID", "X": "VOID", "_2": "VOID"} if result == "VOID" else {"_1": result, "X": "LOST"}
        settle(bet, market, **(outcome if result != "LOST" else {"_1": "LOST", "X": "WON"}))
    outcome_of_bet = "WON" if payout else "LOST"
    assert decided(bet, user, placed)[:3] == ("SETTLED", outcome_of_bet, payout)


def test_a_system_with_a_banker_dies_with_it_at_once(bet: SimpleNamespace, user: str) -> None:
    picks = markets_at(bet, *THREE)
    placed = bet.placing.place(user, new_slip(bet, *picks, system={"k": 1, "bankers": [1]}))
    assert placed["system"] == {"ks": [1], "bankers": [1]}
    settle(bet, picks[1][0], X="WON")
    assert decided(bet, user, placed)[:3] == ("SETTLED", "LOST", 0)
    assert [exposure(bet, picks[n][0], "1") for n in (0, 2)] == [0, 0]


def test_a_named_system_is_kept_by_its_lines_and_one_line_is_a_multi(bet: SimpleNamespace, user: str) -> None:
    picks = markets_at(bet, *THREE)
    patent = bet.placing.place(user, new_slip(bet, *picks, system={"kind": "PATENT"}))
    assert patent["system"] == {"ks": [1, 2, 3], "bankers": []}
    multi = bet.placing.place(user, new_slip(bet, *picks, system={"k": 3}))
    assert "system" not in multi
    shown = bet.presenting.bet(patent)
    assert (shown["lines"], shown["stakePerLine"]["amount"]) == (7, "14.28")


def test_a_system_that_cannot_be_writes_nothing(bet: SimpleNamespace, wallet: ModuleType, user: str) -> None:
    picks = markets_at(bet, *THREE)
    for system, code in [
        ({"k": 4}, "INVALID_SYSTEM"),
        ({"kind": "NONE"}, "UNKNOWN_SYSTEM"),
        ({"k": 2, "bankers": [0, 0]}, "INVALID_BANKER"),
    ]:
        wanted = new_slip(bet, *picks, system=system)
        assert code_of(bet, user, wanted) == code
        assert bet.bets.find_bet(user, bet.bets.bet_id_of(user, wanted.request_id)) is None
    many = markets_at(bet, *["1.10"] * 14)
    assert code_of(bet, user, new_slip(bet, *many, system={"k": 4})) == "TOO_MANY_LINES"
    assert code_of(bet, user, new_slip(bet, *many, system={"k": 3})) == "LINE_STAKE_LIMIT"
    assert money(wallet, user) == (95_000, 0)


# -- bonus


def test_a_bonus_is_reserved_and_paid_and_falls_with_a_void(bet: SimpleNamespace, user: str) -> None:
    picks = markets_at(bet, "2.00", "2.00", "2.00", "2.00")
    placed = bet.placing.place(user, new_slip(bet, *picks))
    assert placed["potential_payout_cents"] == 160_000 + 7_500  # 5 % of what is won beside the stake
    assert exposure(bet, picks[0][0], "1") == 167_500
    settle(bet, picks[0][0], _1="VOID", X="VOID", _2="VOID")
    for market, _, _ in picks[1:]:
        settle(bet, market, _1="WON")
    assert decided(bet, user, placed)[:3] == ("SETTLED", "WON", 80_000 + 2_100)
    assert bet.bets.get_bet(user, placed["bet_id"])["bonus_cents"] == 2_100


# -- quotes


def quoted(bet: SimpleNamespace, user: str, slip: Any) -> dict[str, Any]:
    """Return a quote as the player gets it."""
    from bet.payouts.bonus import ladder_on

    today = clock.now().astimezone(clock.NAIROBI).date()
    return dict(bet.presenting.quote(bet.quoting.quote(user, slip), ladder_on(today)))


def everything(*tables: Any) -> list[Any]:
    return sorted((item for table in tables for item in table.scan()), key=lambda item: (item["pk"], item["sk"]))


def test_a_quote_says_all_that_a_slip_comes_to_and_writes_nothing(
    bet: SimpleNamespace, wallet: ModuleType, user: str
) -> None:
    picks = markets_at(bet, *THREE)
    before = everything(bet.table, wallet.table)
    quote = quoted(bet, user, new_slip(bet, *picks, stake="600.00"))
    assert everything(bet.table, wallet.table) == before
    assert (quote["accepted"], quote["reasons"], quote["lines"]) == (True, [], 1)
    assert quote["totalOdds"] == "9.50"
    assert quote["potentialPayout"]["amount"] == "5853.00"  # 5,700 and 3 % of 5,100
    assert quote["bonus"] == {
        "percent": 3, "amount": {"currency": "KES", "amount": "153.00"}, "leastOdds": "1.20", "legsToNext": 1,
        "nextPercent": 5,
    }  # fmt: skip
    assert quote["taxes"]["amount"] == "0.00"
    assert quote["largestStake"]["amount"] == "950.00"  # all that there is
    assert [leg["odds"] for leg in quote["legs"]] == list(THREE)
    system = quoted(bet, user, new_slip(bet, *picks, stake="600.00", system={"k": 2}))
    assert (system["lines"], system["stakePerLine"]["amount"], system["bonus"]) == (3, "200.00", None)
    assert (system["totalOdds"], system["potentialPayout"]["amount"]) == ("4.516", "2710.00")


def test_a_quote_gives_every_reason_and_the_first_is_that_of_placing(
    bet: SimpleNamespace, wallet: ModuleType, user: str
) -> None:
    (moved, *_), (stopped, *_) = markets_at(bet, "2.00", "2.00")
    bet.changing.change_market(moved, {"odds": {"1": "1.90", "2": "3.20", "3": "2.90"}})
    bet.changing.change_market(stopped, {"status": "SUSPENDED"})
    wallet.protect(user, Protection(1, {"stake_bet": 90_000}))
    slip = new_slip(bet, (moved, "1", "2.00"), (stopped, "1", "2.00"), ("nothing/1", "1", "2.00"), stake="951.00")
    quote = quoted(bet, user, slip)
    assert [(reason["leg"], reason["code"]) for reason in quote["reasons"]] == [
        (1, "MARKET_SUSPENDED"),
        (2, "UNKNOWN_MARKET"),
        (0, "ODDS_CHANGED"),
        (None, "INSUFFICIENT_FUNDS"),
        (None, "LIMIT_REACHED"),
    ]
    assert json.loads(quote["reasons"][2]["arguments"])["selections"][0]["odds"] == "1.90"
    assert (quote["accepted"], quote["largestStake"], quote["potentialPayout"]) == (False, None, None)
    assert code_of(bet, user, slip) == "MARKET_SUSPENDED"


def test_two_legs_of_one_game_lead_to_the_selection_that_says_both(
    bet: SimpleNamespace, wallet: ModuleType, user: str
) -> None:
    ((result, *_), other) = markets_at(bet, "2.00", "2.00")
    fixture = result.partition("/")[0]
    both = told(
        bet,
        "Mutation",
        "addMarkets",
        fixtureId=fixture,
        markets=[
            {"definitionId": "29", "odds": [{"outcomeId": "74", "odds": "1.80"}, {"outcomeId": "76", "odds": "1.95"}]}
        ],
    )[0]["id"]
    picks = [(result, "1", "2.00"), other, (both, "74", "1.80")]
    assert together(bet, user, new_slip(bet, *picks)) == []
    prices = [{"outcomeId": str(outcome), "odds": "4.20"} for outcome in range(78, 90, 2)]
    told(bet, "Mutation", "addMarkets", fixtureId=fixture, markets=[{"definitionId": "35", "odds": prices}])
    before = everything(bet.table, wallet.table)
    (found,) = together(bet, user, new_slip(bet, *picks))
    assert everything(bet.table, wallet.table) == before
    assert found == {
        "legs": [0, 2],
        "marketId": f"{fixture}/35",
        "selectionId": f"{fixture}/35/78",
        "key": "1&GG",
        "odds": "4.20",
    }
    placed = bet.placing.place(user, new_slip(bet, (found["marketId"], "78", found["odds"]), other))
    assert (placed["status"], placed["potential_payout_cents"]) == ("ACCEPTED", 84_000)
    bet.changing.change_market(f"{fixture}/35", {"status": "SUSPENDED"})
    assert together(bet, user, new_slip(bet, *picks)) == []


def together(bet: SimpleNamespace, user: str, slip: Any) -> Any:
    """Return what is offered in place of two legs of one game, which a quote and placing refuse alike."""
    (reason,) = quoted(bet, user, slip)["reasons"]
    with pytest.raises(bet.refusals.SameEvent) as refused:
        bet.placing.place(user, slip)
    assert (reason["leg"], reason["code"], json.loads(reason["arguments"])) == (None, "SAME_EVENT", refused.value.info)
    return refused.value.info["combined"]


def test_a_quote_without_an_account_or_a_wallet_says_so(
    bet: SimpleNamespace, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    picks = markets_at(bet, "2.00")
    assert [reason["code"] for reason in quoted(bet, "nobody", new_slip(bet, *picks))["reasons"]] == ["NOT_FOUND"]

    def silent(*_: Any) -> None:
        raise Unavailable("no answer")

    monkeypatch.setattr(bet.wallet_api, "room", silent)
    quote = quoted(bet, user, new_slip(bet, *picks))
    assert ([reason["code"] for reason in quote["reasons"]], quote["largestStake"]) == (["UNAVAILABLE"], None)


def test_a_quote_costs_one_look_at_the_account_once_prices_are_cached(
    bet: SimpleNamespace, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bet.guards, "_CACHE_SECONDS", 600.0)
    slip = new_slip(bet, *markets_at(bet, "2.00", "2.00"))
    quoted(bet, user, slip)
    asked: list[str] = []
    room = bet.wallet_api.room

    def ask(*about: Any) -> Any:
        asked.append("room")
        return room(*about)

    def read(table: Any, keys: list[Any]) -> list[Any]:
        asked.extend("read" for _ in keys)
        return []

    monkeypatch.setattr(bet.wallet_api, "room", ask)
    monkeypatch.setattr(type(bet.table), "get_many", read)
    quoted(bet, user, slip)
    assert asked == ["room"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"status": "CLOSED"}, "MARKET_CLOSED"),
        ({"status": "SUSPENDED"}, "MARKET_SUSPENDED"),
        ({"odds": {"1": "1.99", "2": "3.20", "3": "2.90"}}, "ODDS_CHANGED"),
    ],
)
def test_what_changes_between_a_quote_and_its_bet_refuses_it_and_nothing_is_half_done(
    bet: SimpleNamespace, wallet: ModuleType, user: str, change: dict[str, Any], code: str
) -> None:
    picks = markets_at(bet, "1.90", "2.00")
    slip = new_slip(bet, *picks)
    assert quoted(bet, user, slip)["accepted"], "and the prices are cached now"
    bet.changing.change_market(picks[1][0], change)
    had = money(wallet, user)
    assert code_of(bet, user, slip) == code
    assert money(wallet, user) == had
    assert [exposure(bet, market, "1") for market, *_ in picks] == [0, 0]
    assert list(bet.table.query_all(f"LEGS#{picks[0][0]}#0")) == []
    stored = bet.bets.find_bet(user, bet.bets.bet_id_of(user, slip.request_id))
    assert stored is None or (stored["status"], stored["reason"]) == ("REJECTED", code)
    assert quoted(bet, user, slip)["reasons"][0]["code"] == code


@pytest.fixture(scope="module")
def games(emulator: str, wallet: ModuleType) -> Iterator[tuple[SimpleNamespace, list[str]]]:
    """Ten games of all tiers in a bet service of their own."""
    from tests.support.bet import load_bet
    from tests.support.emulator import create_table

    with pytest.MonkeyPatch.context() as patch:
        bet = load_bet(create_table(emulator, f"bet-{uuid.uuid4()}", "bet"), wallet, patch)
        tiers = ("SMALL", "STANDARD", "POPULAR")
        yield bet, [new_market(bet, f"game-{n}", tier=tiers[n % 3]) for n in range(10)]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_quote_that_says_yes_is_a_bet_with_the_same_numbers(
    games: tuple[SimpleNamespace, list[str]], wallet: ModuleType, data: st.DataObject
) -> None:
    """Whatever the slip, the player's balance, limits and factor: yes is yes, no is no, for the first reason."""
    bet, markets = games
    user = new_player(wallet, data.draw(st.sampled_from([1, 5_000, 95_000, 900_000_000])))
    if data.draw(st.booleans()):
        wallet.protect(user, Protection(1, {"stake_day": data.draw(st.sampled_from([3_000, 100_000_000]))}))
    if data.draw(st.booleans()):
        wallet.set_factor(user, data.draw(st.integers(1, 100)))
    chosen = data.draw(st.lists(st.sampled_from(range(len(markets))), min_size=1, max_size=8, unique=True))
    wishes = st.sampled_from([("1", "2.50"), ("X", "3.20"), ("2", "2.90"), ("1", "2.40")])
    picks = [(markets[n], *data.draw(wishes)) for n in chosen]
    options: dict[str, Any] = {"oddsPolicy": data.draw(st.sampled_from(["NONE", "HIGHER", "ANY"]))}
    if data.draw(st.booleans()):
        options["system"] = {"k": data.draw(st.integers(1, len(chosen) + 1))}
    stake = data.draw(st.sampled_from([1_999, 2_000, 10_001, 50_000, 5_000_000, 50_000_001]))
    slip = new_slip(bet, *picks, stake=f"{stake // 100}.{stake % 100:02d}", **options)
    bet.guards._cache.clear()  # of what earlier examples have reserved since
    quote = quoted(bet, user, slip)
    if not quote["accepted"]:
        assert code_of(bet, user, slip) == quote["reasons"][0]["code"]
        return
    placed = bet.presenting.bet(bet.placing.place(user, slip))
    assert placed["status"] == "ACCEPTED"
    for name in ("potentialPayout", "lines", "stakePerLine"):
        assert placed[name] == quote[name], name
    assert [leg["odds"] for leg in placed["legs"]] == [leg["odds"] for leg in quote["legs"]]
    if placed["bonus"]:
        assert placed["bonus"] == quote["bonus"]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_the_largest_stake_of_a_quote_is_taken_and_a_cent_more_is_not(
    games: tuple[SimpleNamespace, list[str]], wallet: ModuleType, data: st.DataObject
) -> None:
    bet, markets = games
    user = new_player(wallet, data.draw(st.sampled_from([2_000, 95_000, 900_000_000])))
    if data.draw(st.booleans()):
        wallet.set_factor(user, data.draw(st.integers(1, 100)))
    chosen = data.draw(st.lists(st.sampled_from(range(len(markets))), min_size=1, max_size=5, unique=True))
    picks = [(markets[n], "1", "2.50") for n in chosen]
    options = {"system": {"k": data.draw(st.integers(1, len(chosen)))}} if data.draw(st.booleans()) else {}
    bet.guards._cache.clear()
    largest = quoted(bet, user, new_slip(bet, *picks, stake="20.00", **options))["largestStake"]
    if largest is None:
        assert code_of(bet, user, new_slip(bet, *picks, stake="20.00", **options)) != ""
        return
    cents = int(largest["amount"].replace(".", "")) + 1
    assert code_of(bet, user, new_slip(bet, *picks, stake=f"{cents // 100}.{cents % 100:02d}", **options)) != ""
    assert code_of(bet, user, new_slip(bet, *picks, stake=largest["amount"], **options)) == ""


# -- limits


@pytest.fixture
def rich(wallet: ModuleType) -> str:
    return new_player(wallet, 900_000_000)


def test_a_refusal_for_the_stake_says_between_what_it_may_be(bet: SimpleNamespace, user: str, rich: str) -> None:
    picks = markets_at(bet, "2.00")
    for who, stake, info in (
        (user, "19.99", {"minCents": 20_00}),
        (rich, "500000.01", {"maxCents": 500_000_00}),
        (user, "99999.00", {"availableCents": 950_00}),
    ):
        with pytest.raises(DomainError) as refused:
            bet.placing.place(who, new_slip(bet, *picks, stake=stake))
        assert refused.value.info == info
        assert refused.value.said("sw") != refused.value.said("en")


def test_splitting_one_bet_into_five_does_not_beat_a_limit(bet: SimpleNamespace, wallet: ModuleType, rich: str) -> None:
    picks = markets_at(bet, "2.00")
    assert code_of(bet, rich, new_slip(bet, *picks, stake="500000.01")) == "STAKE_LIMIT"
    codes = [code_of(bet, rich, new_slip(bet, *picks, stake="100000.01")) for _ in range(5)]
    assert codes == ["", "", "", "", "PAYOUT_LIMIT"]
    assert code_of(bet, rich, new_slip(bet, *picks, stake="99999.96")) == ""
    assert exposure(bet, picks[0][0], "1") == 100_000_000


@pytest.mark.concurrent
def test_five_parts_at_once_do_not_beat_it_either(bet: SimpleNamespace, wallet: ModuleType, rich: str) -> None:
    picks = markets_at(bet, "2.00")
    slips = [new_slip(bet, *picks, stake="100000.01") for _ in range(5)]
    with ThreadPoolExecutor(5) as pool:
        codes = list(pool.map(lambda slip: code_of(bet, rich, slip), slips))
    assert codes.count("") <= 4
    assert set(codes) <= {"", "PAYOUT_LIMIT", "CONTENTION", "STAKE_LIMIT"}
    assert exposure(bet, picks[0][0], "1") == codes.count("") * 20_000_002


def test_equal_bets_in_another_order_or_spelling_are_equal(bet: SimpleNamespace, rich: str) -> None:
    """What one bet may pay is not paid twice for legs that change places, a system of one line, or its own name."""
    a, b, c = markets_at(bet, "2.00", "2.00", "2.00")
    assert code_of(bet, rich, new_slip(bet, a, b, stake="250000.00")) == ""
    for picks, system in (
        ((b, a), None),
        ((a, b), {"k": 2}),
        ((a, b), {"kind": "DOUBLE"}),
        ((b, a), {"k": 1, "bankers": [0]}),
    ):
        assert code_of(bet, rich, new_slip(bet, *picks, stake="20.00", system=system)) == "PAYOUT_LIMIT"
    assert code_of(bet, rich, new_slip(bet, a, b, c, stake="140000.00", system={"kind": "TRIXIE"})) == ""
    assert code_of(bet, rich, new_slip(bet, c, b, a, stake="140000.00", system={"ks": [2, 3]})) == "PAYOUT_LIMIT"


def test_what_its_lines_or_one_leg_more_get_round_ends_at_the_limit_of_the_day(
    bet: SimpleNamespace, wallet: ModuleType, rich: str
) -> None:
    """These are bets of their own: together they pay what a player is paid for a day, and not more."""
    soon = clock.now() + timedelta(hours=2)
    games = markets_at(bet, *["2.00"] * 5, starts_at=soon)
    pairs = [(games[n], games[m]) for n in range(5) for m in range(n)]
    codes = [code_of(bet, rich, new_slip(bet, *pair, stake="249000.00")) for pair in pairs]
    assert codes == [""] * 3 + ["PAYOUT_LIMIT"] * 7
    assert code_of(bet, rich, new_slip(bet, *games, stake="5000.00", system={"k": 4})) == "PAYOUT_LIMIT"
    assert code_of(bet, rich, new_slip(bet, games[0], stake="20.00")) == ""


@pytest.mark.concurrent
def test_equal_bets_one_of_which_is_void_alone_still_fit_into_the_limit_of_one(
    bet: SimpleNamespace, wallet: ModuleType, rich: str
) -> None:
    (pick,) = markets_at(bet, "2.00")
    slips = [new_slip(bet, pick, stake="250000.00") for _ in range(2)]
    placed = [bet.placing.place(rich, slip) for slip in slips]
    wallet.settle(rich, placed[0]["bet_id"], 1, 25_000_000, refunded=True)  # by two people, or a window
    assert code_of(bet, rich, new_slip(bet, pick, stake="250000.00")) == ""
    assert code_of(bet, rich, new_slip(bet, pick, stake="20.00")) == "PAYOUT_LIMIT"
    bet.cancelling.cancel(rich, placed[1]["bet_id"])
    assert code_of(bet, rich, new_slip(bet, pick, stake="250000.01")) == "PAYOUT_LIMIT"


def test_one_player_is_paid_so_much_for_one_day_and_not_more(bet: SimpleNamespace, rich: str) -> None:
    soon = clock.now() + timedelta(hours=2)
    games = [markets_at(bet, "2.00", starts_at=soon)[0] for _ in range(4)]
    codes = [code_of(bet, rich, new_slip(bet, game, stake="500000.00")) for game in games]
    assert codes == ["", "", "", "PAYOUT_LIMIT"]
    other = markets_at(bet, "2.00", starts_at=soon + timedelta(days=2))
    assert code_of(bet, rich, new_slip(bet, *other, stake="500000.00")) == ""
    # A bet counts for the day of its last game.
    assert code_of(bet, rich, new_slip(bet, games[3], *other, stake="100.00")) == ""


def test_a_refusal_for_the_day_leaves_a_rejected_bet_and_no_money(
    bet: SimpleNamespace, wallet: ModuleType, rich: str
) -> None:
    wallet.set_factor(rich, 1)
    picks = markets_at(bet, "2.00")
    before = money(wallet, rich)
    wanted = new_slip(bet, *picks, stake="6000.00")
    with pytest.raises(Refused) as refusal:
        bet.placing.place(rich, wanted)
    assert (refusal.value.code, refusal.value.info["leftCents"]) == ("PAYOUT_LIMIT", 1_000_000)
    stored = bet.bets.get_bet(rich, bet.bets.bet_id_of(rich, wanted.request_id))
    assert (stored["status"], stored["reason"]) == ("REJECTED", "PAYOUT_LIMIT")
    assert money(wallet, rich) == before
    assert exposure(bet, picks[0][0], "1") == 0


def test_a_bet_on_a_small_competition_has_its_limits(bet: SimpleNamespace, rich: str) -> None:
    small, large = markets_at(bet, "2.00", tier="SMALL"), markets_at(bet, "2.00", tier="POPULAR")
    assert code_of(bet, rich, new_slip(bet, *large, stake="200000.01")) == ""
    assert code_of(bet, rich, new_slip(bet, *small, stake="200000.01")) == "STAKE_LIMIT"
    assert code_of(bet, rich, new_slip(bet, *small, *large, stake="200000.01")) == "STAKE_LIMIT"


def test_any_takes_no_price_below_its_floor(bet: SimpleNamespace, user: str) -> None:
    ((market, _, _),) = markets_at(bet, "2.00")
    bet.changing.change_market(market, {"odds": {"1": "1.80", "2": "3.20", "3": "2.90"}})
    assert code_of(bet, user, new_slip(bet, (market, "1", "2.00"), oddsPolicy="ANY")) == ""
    bet.changing.change_market(market, {"odds": {"1": "1.79", "2": "3.20", "3": "2.90"}})
    assert code_of(bet, user, new_slip(bet, (market, "1", "2.00"), oddsPolicy="ANY")) == "ODDS_CHANGED"


# -- receipts


def test_a_bet_keeps_what_was_seen_whatever_changes_later(bet: SimpleNamespace, user: str) -> None:
    picks = markets_at(bet, "2.00", "3.00")
    placed = bet.placing.place(user, new_slip(bet, *picks))
    found, text = bet.receipts.bet_with_receipt(user, placed["bet_id"])
    assert found == placed
    assert bet.receipt.hash_of(text) == placed["receipt"]
    assert bet.receipt.differences(placed, text) == []
    start = clock.now() + timedelta(days=3)
    moved = bet.fixtures.change_fixture(bet.kinds.fixture_of(picks[0][0]), starts_at=start)
    bet.lines.follow(moved, clock.monotonic() + 60)
    settle(bet, picks[0][0], _1="WON")
    later, same = bet.receipts.bet_with_receipt(user, placed["bet_id"])
    assert same == text
    shown = bet.presenting.bet(later, same)
    assert shown["legs"][0]["seen"]["startsAt"] == clock.stamp(clock.parse_stamp(placed["starts_at"]))
    assert shown["legs"][0]["seen"]["home"] == {"en": "Home", "sw": "Home"}
    assert bet.receipts.receipts_of([later]) == {placed["bet_id"]: text}


def test_a_receipt_is_written_once_and_only_for_an_accepted_bet(bet: SimpleNamespace, user: str) -> None:
    picks = markets_at(bet, "2.00")
    placed = bet.placing.place(user, new_slip(bet, *picks))
    with pytest.raises(ConditionFailed):
        bet.table.transact(*bet.bets.put_legs(placed, placed["legs"], "something else"))
    wanted = new_slip(bet, *picks, stake="99999.00")
    assert code_of(bet, user, wanted) == "INSUFFICIENT_FUNDS"
    rejected, text = bet.receipts.bet_with_receipt(user, bet.bets.bet_id_of(user, wanted.request_id))
    assert (rejected["status"], text) == ("REJECTED", None)
    with pytest.raises(NotFound):
        bet.receipts.bet_with_receipt("somebody else", placed["bet_id"])


def test_a_page_shows_what_was_seen_also_while_receipts_are_forgotten(
    bet: SimpleNamespace, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bet.slips import receipts

    placed = [bet.placing.place(user, new_slip(bet, *markets_at(bet, "2.00"), stake="20.00")) for _ in range(3)]
    monkeypatch.setattr(receipts, "_MOST_KNOWN", 2)
    for known in range(4):
        receipts._known.clear()
        receipts.receipts_of(placed[:known])
        assert receipts.receipts_of(placed).keys() == {each["bet_id"] for each in placed}


def test_players_are_shown_what_they_saw(bet: SimpleNamespace, user: str) -> None:
    placed = bet.placing.place(user, new_slip(bet, *markets_at(bet, "2.00")))

    def ask(kind: str, field: str, **arguments: Any) -> Any:
        event = {"type": kind, "field": field, "arguments": arguments, "identity": {"sub": user}}
        return bet.graphql.handler(event)["data"]

    one, listed = ask("Query", "bet", id=placed["bet_id"]), ask("Query", "bets")["items"][0]
    assert one == listed
    assert one["receipt"] == placed["receipt"]
    assert one["legs"][0]["seen"]["market"]["sw"].startswith("Matokeo")
    assert ask("Mutation", "cancelBet", id=placed["bet_id"])["legs"][0]["seen"] == one["legs"][0]["seen"]


# -- booking codes


def test_a_shared_slip_is_loaded_at_the_prices_of_now_until_its_games_begin(
    bet: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    picks = markets_at(bet, *THREE)
    slip = new_slip(bet, *picks, system={"kind": "TRIXIE"})
    shared = bet.sharing.share(slip.selections, slip.system, 1_000)
    assert len(shared.code) == 8
    assert set(shared.code) <= set(bet.sharing.ALPHABET)
    assert bet.sharing.share(slip.selections, slip.system, 1_000).code == shared.code
    assert bet.sharing.share(slip.selections, None, 1_000).code != shared.code
    bet.changing.change_market(picks[0][0], {"odds": {"1": "1.75", "2": "3.20", "3": "2.90"}})
    bet.guards._cache.clear()
    loaded = bet.presenting.shared(bet.sharing.shared(f"{shared.code[:4]}-{shared.code[4:].lower()}"), clock.now())
    assert loaded["system"] == {"ks": [2, 3], "bankers": []}
    assert [leg["odds"] for leg in loaded["legs"]] == ["1.75", "2.00", "2.50"]
    assert loaded["legs"][0]["seen"]["home"]["en"] == "Home"
    (kept,) = [item for item in bet.table.scan() if item["pk"] == f"SHARED#{shared.code}"]
    assert kept["forget_at"] > clock.now().timestamp()
    later = clock.now() + timedelta(hours=3)
    monkeypatch.setattr(clock, "now", lambda: later)
    with pytest.raises(NotFound):
        bet.sharing.shared(shared.code)
    with pytest.raises(bet.refusals.MarketClosed):
        bet.sharing.share(slip.selections, slip.system, 1_000)


def test_what_cannot_be_shared_or_loaded(bet: SimpleNamespace) -> None:
    picks = markets_at(bet, "2.00", "2.00")
    slip = new_slip(bet, *picks, ("nothing/1", "1", "2.00"))
    with pytest.raises(bet.refusals.UnknownMarket):
        bet.sharing.share(slip.selections, None, 1_000)
    with pytest.raises(bet.refusals.SystemRefused):
        bet.sharing.share(slip.selections[:2], bet.slip.wanted_system({"k": 3}), 1_000)
    for code in ("", "1234567", "0BCDEFGH", "23456789A"):
        with pytest.raises(InvalidInput):
            bet.sharing.shared(code)
    with pytest.raises(NotFound):
        bet.sharing.shared("23456789")


def test_two_slips_never_share_a_code(bet: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = (new_slip(bet, *markets_at(bet, "2.00")).selections for _ in range(2))
    monkeypatch.setattr(bet.sharing, "code_of", lambda content, salt=0: f"2222222{2 + salt}")
    assert bet.sharing.share(one, None, 1_000).code == "22222222"
    assert bet.sharing.share(other, None, 1_000).code == "22222223"


def test_a_bet_is_repeated_at_the_prices_of_now(bet: SimpleNamespace, user: str) -> None:
    picks = markets_at(bet, *THREE)
    placed = bet.placing.place(user, new_slip(bet, *picks, system={"k": 2}))
    settle(bet, picks[2][0], _1="WON")
    bet.guards._cache.clear()
    again = bet.presenting.shared(bet.sharing.again(user, placed["bet_id"]), clock.now())
    assert (again["code"], again["system"]) == (None, {"ks": [2], "bankers": []})
    assert [leg["status"] for leg in again["legs"]] == ["OPEN", "OPEN", "CLOSED"]
    with pytest.raises(NotFound):
        bet.sharing.again("somebody else", placed["bet_id"])


def test_a_market_without_room_bounds_the_largest_stake(bet: SimpleNamespace, rich: str) -> None:
    ((market, _, _),) = markets_at(bet, "2.00")
    for n in (0, 1):
        guard = bet.table.get((f"GUARD#{market}#{n}", "GUARD"))
        bet.table.write(Put({**guard, "limit_cents": 60_001}, "attribute_exists(pk)"))
    slip = new_slip(bet, (market, "1", "2.00"), stake="300.01")
    quote = quoted(bet, rich, slip)
    assert [(reason["leg"], reason["code"]) for reason in quote["reasons"]] == [(0, "STAKE_LIMIT")]
    assert quote["largestStake"]["amount"] == "300.00"
    with pytest.raises(bet.refusals.ExposureLimit):
        bet.placing.place(rich, slip)


# -- a refusal says all that a quote says


def test_a_refused_bet_says_all_that_its_quote_says_of_its_legs(bet: SimpleNamespace, user: str) -> None:
    picks = markets_at(bet, *THREE)
    told(bet, "Mutation", "setMarketStatus", marketId=picks[0][0], status="SUSPENDED")
    told(bet, "Mutation", "setOdds", marketId=picks[1][0], odds=odds_rows({**ODDS, "1": "1.50"}))
    selections = [{"marketId": market, "selectionId": f"{market}/1", "odds": odds} for market, _, odds in picks]
    slip = {"clientRequestId": "request-0001", "stake": {"currency": "KES", "amount": "5.00"}, "selections": selections}
    quoted = told(bet, "Query", "quoteSlip", user, input=slip)
    for language in ("en", "sw"):
        event = {"type": "Mutation", "field": "placeBet", "arguments": {"input": slip}, "language": language}
        error = bet.graphql.handler({**event, "identity": {"sub": user}})["error"]
        assert error["type"] == "STAKE_LIMIT"
        slip_said = error["info"].pop("slip")
        assert error["info"] == {"minCents": 2_000}
        assert slip_said["legs"] == quoted["legs"]
        assert [(each["leg"], each["code"]) for each in slip_said["reasons"]] == [
            (None, "STAKE_LIMIT"),
            (0, "MARKET_SUSPENDED"),
            (1, "ODDS_CHANGED"),
        ]
        assert (slip_said["reasons"] == quoted["reasons"]) is (language == "en")
        assert slip_said["reasons"][0]["message"] == error["message"]
        assert json.loads(slip_said["reasons"][0]["arguments"]) == {"minCents": 2_000}
    assert bet.bets.find_bet(user, bet.bets.bet_id_of(user, "request-0001")) is None


def test_a_refusal_that_comes_with_the_last_look_says_so_too(
    bet: SimpleNamespace, wallet: ModuleType, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The market closes between the price and the write; no call more is made for what is said."""
    ((market, _, odds),) = markets_at(bet, "1.90")
    real = bet.wallet_api.hold_stake

    def held_and_suspended(*given: Any) -> None:
        real(*given)
        told(bet, "Mutation", "setMarketStatus", marketId=market, status="SUSPENDED")

    monkeypatch.setattr(bet.wallet_api, "hold_stake", held_and_suspended)
    picks = [{"marketId": market, "selectionId": f"{market}/1", "odds": odds}]
    slip = {"clientRequestId": "request-0002", "stake": {"currency": "KES", "amount": "50.00"}, "selections": picks}
    error = ask(bet, "Mutation", "placeBet", user, input=slip)["error"]
    assert (error["type"], error["info"]["slip"]["legs"]) == ("MARKET_SUSPENDED", picks)
    assert [(each["leg"], each["code"]) for each in error["info"]["slip"]["reasons"]] == [(0, "MARKET_SUSPENDED")]
    assert money(wallet, user)[1] == 0


def test_what_the_account_refuses_is_said_alone(bet: SimpleNamespace, wallet: ModuleType) -> None:
    ((market, _, odds),) = markets_at(bet, "1.90")
    picks = [{"marketId": market, "selectionId": f"{market}/1", "odds": odds}]
    slip = {"clientRequestId": "request-0003", "stake": {"currency": "KES", "amount": "50.00"}, "selections": picks}
    error = ask(bet, "Mutation", "placeBet", new_player(wallet, 100), input=slip)["error"]
    assert (error["type"], "slip" in error["info"]) == ("INSUFFICIENT_FUNDS", False)
