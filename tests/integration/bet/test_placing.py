"""Placing, cancelling and settling on real tables; the wallet is the real one, reached without the network."""

import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from betsafi.dynamodb import Put
from betsafi.errors import Conflict, DomainError, IdempotencyKeyReused, NotFound, Unavailable
from betsafi.service_client import Refused
from tests.support.bet import ODDS, by_outcome, decided, exposure, money, new_market, new_slip, settle

pytestmark = pytest.mark.both_emulators


def test_an_accepted_bet_holds_its_stake_and_counts_as_exposure(
    bet: SimpleNamespace, wallet: ModuleType, user: str
) -> None:
    market = new_market(bet)
    placed = bet.placing.place(user, new_slip(bet, (market, "1", "2.50")))
    assert placed["status"] == "ACCEPTED"
    assert placed["potential_payout_cents"] == 25_000
    assert money(wallet, user) == (85_000, 10_000)
    assert exposure(bet, market, "1") == 25_000
    assert bet.bets.get_bet(user, placed["bet_id"]) == placed


def test_the_outcome_2_is_the_draw_and_the_key_2_the_away_side(bet: SimpleNamespace, user: str) -> None:
    """As feeds have it; before, the away side itself was called 2, and its ids are no selections any more."""
    market = new_market(bet)

    def placed(selection_id: str, odds: str) -> Any:
        pick = {"marketId": market, "selectionId": selection_id, "odds": odds}
        slip = {"clientRequestId": uuid.uuid4().hex, "stake": {"amount": "20.00"}, "selections": [pick]}
        return bet.placing.place(user, bet.slip.slip(slip))

    draw, away = placed(f"{market}/2", "3.20"), placed(f"{market}/3", "2.90")
    assert [bet.presenting.bet(it)["legs"][0]["key"] for it in (draw, away)] == ["X", "2"]
    for former in ("m1-1x2/2", "m1-1x2/X", f"{market}/X"):
        with pytest.raises(bet.refusals.UnknownMarket):
            placed(former, "2.90")
    settle(bet, market, _X="WON")
    assert [decided(bet, user, it)[1] for it in (draw, away)] == ["WON", "LOST"]


def test_a_bet_has_one_id_and_is_priced_once_by_one_look_at_the_guard_that_it_uses(
    bet: SimpleNamespace, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    market, steps, read = new_market(bet), Counter[str](), list[int]()

    def counted(where: Any, name: str) -> None:
        real = getattr(where, name)

        def count(*arguments: Any, **options: Any) -> Any:
            steps[name] += 1
            return real(*arguments, **options)

        monkeypatch.setattr(where, name, count)

    real = bet.table.get_many

    def get_many(keys: list[tuple[str, str]]) -> Any:
        read.extend(int(pk[-1]) for pk, _ in keys if pk.startswith("GUARD#"))
        return real(keys)

    monkeypatch.setattr(bet.table, "get_many", get_many)
    for where, names in {
        bet.bets: ["derive_id"],
        bet.placing: ["assess"],
        bet.table: ["get", "put_new", "transact"],
    }.items():
        for name in names:
            counted(where, name)
    known: set[int] = set()
    for _ in range(4):
        steps.clear(), read.clear()
        used = bet.placing.place(user, new_slip(bet, (market, "1", "2.50")))["legs"][0]["guard"]
        assert steps == {"derive_id": 1, "assess": 1, "put_new": 1, "transact": 1}
        assert read == [n for n in dict.fromkeys([0, used] if not known else [used]) if n not in known]
        known |= {0, used}  # guard 0 said how many there are


def test_the_same_request_again_is_the_same_bet_and_another_body_is_refused(
    bet: SimpleNamespace, wallet: ModuleType, user: str
) -> None:
    market = new_market(bet)
    first = bet.placing.place(user, new_slip(bet, (market, "1", "2.50"), request="request-1"))
    again = bet.placing.place(user, new_slip(bet, (market, "1", "2.50"), request="request-1"))
    assert again == first
    bet.changing.change_market(market, {"status": "SUSPENDED"})
    assert bet.placing.place(user, new_slip(bet, (market, "1", "2.50"), request="request-1")) == first
    with pytest.raises(IdempotencyKeyReused):
        bet.placing.place(user, new_slip(bet, (market, "1", "2.50"), request="request-1", stake="101.00"))
    assert money(wallet, user) == (85_000, 10_000)


@pytest.mark.concurrent
def test_racing_repeats_of_one_request_place_one_bet(bet: SimpleNamespace, wallet: ModuleType, user: str) -> None:
    market = new_market(bet)
    with ThreadPoolExecutor(8) as pool:
        bets = list(
            pool.map(
                lambda _: bet.placing.place(user, new_slip(bet, (market, "1", "2.50"), request="request-1")), range(8)
            )
        )
    assert {placed["status"] for placed in bets} == {"ACCEPTED"}
    assert money(wallet, user) == (85_000, 10_000)
    assert exposure(bet, market, "1") == 25_000


def test_insufficient_funds_reject_the_bet_and_move_nothing(
    bet: SimpleNamespace, wallet: ModuleType, user: str
) -> None:
    market = new_market(bet)
    wanted = new_slip(bet, (market, "1", "2.50"), stake="950.01")
    with pytest.raises(Refused) as refusal:
        bet.placing.place(user, wanted)
    assert refusal.value.code == "INSUFFICIENT_FUNDS"
    stored = bet.bets.get_bet(user, bet.bets.bet_id_of(user, wanted.request_id))
    assert (stored["status"], stored["reason"]) == ("REJECTED", "INSUFFICIENT_FUNDS")
    assert money(wallet, user) == (95_000, 0)
    assert exposure(bet, market, "1") == 0


@pytest.mark.parametrize(
    ("new_odds", "policy", "taken"),
    [
        ("2.60", "NONE", None),
        ("2.40", "NONE", None),
        ("2.60", "HIGHER", "2.60"),
        ("2.40", "HIGHER", None),
        ("2.40", "ANY", "2.40"),
    ],
)
def test_moved_odds_follow_the_policy(
    bet: SimpleNamespace, user: str, new_odds: str, policy: str, taken: str | None
) -> None:
    market = new_market(bet)
    bet.changing.change_market(market, {"odds": by_outcome({**ODDS, "1": new_odds})})
    wanted = new_slip(bet, (market, "1", "2.50"), oddsPolicy=policy)
    if taken:
        assert bet.placing.place(user, wanted)["legs"][0]["odds"] == taken
    else:
        with pytest.raises(bet.refusals.OddsChanged) as refusal:
            bet.placing.place(user, wanted)
        assert refusal.value.info["selections"][0]["odds"] == new_odds


def test_a_price_that_moves_behind_the_cache_is_caught_by_the_guard(
    bet: SimpleNamespace, wallet: ModuleType, user: str
) -> None:
    market = new_market(bet)
    wanted = new_slip(bet, (market, "1", "2.50"))
    bet.guards.markets_for(bet.bets.bet_id_of(user, wanted.request_id), [market])  # the cache is warm now
    bet.changing.change_market(market, {"odds": by_outcome({**ODDS, "1": "2.10"})})
    with pytest.raises(bet.refusals.OddsChanged):
        bet.placing.place(user, wanted)
    assert bet.bets.get_bet(user, bet.bets.bet_id_of(user, wanted.request_id))["status"] == "REJECTED"
    assert money(wallet, user) == (95_000, 0)


def test_suspended_closed_begun_unknown_and_same_game_are_refused(bet: SimpleNamespace, user: str) -> None:
    rules = bet.refusals
    market, begun = new_market(bet), new_market(bet, "begun", hours=-1)
    for pick, error in [
        ((begun, "1", "2.50"), rules.MarketClosed),
        (("nothing/1", "1", "2.50"), rules.UnknownMarket),
        (("m1-1x2", "2", "2.90"), rules.UnknownMarket),
        (("m1/18/total=2.5", "12", "2.50"), rules.UnknownMarket),
        ((market, "12", "2.50"), rules.UnknownMarket),
        ((market, "7", "2.50"), rules.UnknownMarket),
    ]:
        with pytest.raises(error):
            bet.placing.place(user, new_slip(bet, pick))
    bet.changing.change_market(market, {"status": "SUSPENDED"})
    with pytest.raises(rules.MarketSuspended):
        bet.placing.place(user, new_slip(bet, (market, "1", "2.50")))
    bet.changing.change_market(market, {"status": "CLOSED"})
    with pytest.raises(rules.MarketClosed):
        bet.placing.place(user, new_slip(bet, (market, "1", "2.50")))
    with pytest.raises(Conflict):
        bet.changing.change_market(market, {"status": "OPEN"})
    with pytest.raises(rules.StakeLimit):
        bet.placing.place(user, new_slip(bet, (market, "1", "2.50"), stake="19.99"))


@pytest.mark.concurrent
def test_exposure_never_passes_the_limit(bet: SimpleNamespace, wallet: ModuleType, user: str) -> None:
    market = new_market(bet)
    for n in (0, 1):
        guard = bet.table.get((f"GUARD#{market}#{n}", "GUARD"))
        bet.table.write(Put({**guard, "limit_cents": 60_000}, "attribute_exists(pk)"))

    def attempt(n: int) -> str:
        try:
            return str(bet.placing.place(user, new_slip(bet, (market, "1", "2.50")))["status"])
        except DomainError as error:
            return error.code

    with ThreadPoolExecutor(9) as pool:
        outcomes = list(pool.map(attempt, range(9)))
    accepted = outcomes.count("ACCEPTED")
    assert set(outcomes) <= {"ACCEPTED", "STAKE_LIMIT", "CONTENTION"}
    assert 1 <= accepted <= 4
    assert exposure(bet, market, "1") == accepted * 25_000
    assert money(wallet, user) == (95_000 - accepted * 10_000, accepted * 10_000)


def test_an_unknown_outcome_of_the_hold_rejects_and_gives_back(
    bet: SimpleNamespace, wallet: ModuleType, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = bet.wallet_api.hold_stake

    def lose_the_answer(*arguments: Any) -> None:
        real(*arguments)
        raise Unavailable("no answer")

    monkeypatch.setattr(bet.wallet_api, "hold_stake", lose_the_answer)
    market = new_market(bet)
    with pytest.raises(Unavailable):
        bet.placing.place(user, new_slip(bet, (market, "1", "2.50")))
    assert money(wallet, user) == (95_000, 0)
    assert exposure(bet, market, "1") == 0


def test_a_request_that_died_after_the_hold_goes_on_when_it_is_asked_again(
    bet: SimpleNamespace, wallet: ModuleType, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    market = new_market(bet)
    wanted = new_slip(bet, (market, "1", "2.50"))
    with monkeypatch.context() as patch:
        patch.setattr(bet.acceptance, "accept", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
        with pytest.raises(KeyboardInterrupt):
            bet.placing.place(user, wanted)
    assert bet.bets.get_bet(user, bet.bets.bet_id_of(user, wanted.request_id))["status"] == "PENDING"
    assert bet.placing.place(user, wanted)["status"] == "ACCEPTED"
    assert money(wallet, user) == (85_000, 10_000)


def test_a_bet_whose_time_is_over_is_never_accepted(
    bet: SimpleNamespace, wallet: ModuleType, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    market = new_market(bet)
    wanted = new_slip(bet, (market, "1", "2.50"))
    bet_id = bet.bets.bet_id_of(user, wanted.request_id)
    pending = bet.acceptance.put_pending(user, bet_id, wanted, accept_seconds=-1)
    with pytest.raises(bet.refusals.TimedOut):
        bet.placing.place(user, wanted)
    assert bet.bets.get_bet(user, pending["bet_id"])["status"] == "REJECTED"
    assert money(wallet, user) == (95_000, 0)


def test_a_cancelled_bet_gives_its_exposure_back_and_cannot_be_settled(bet: SimpleNamespace, user: str) -> None:
    market = new_market(bet)
    placed = bet.placing.place(user, new_slip(bet, (market, "1", "2.50")))
    with pytest.raises(NotFound):
        bet.cancelling.cancel("somebody-else", placed["bet_id"])
    assert bet.cancelling.cancel(user, placed["bet_id"])["status"] == "CANCELLED"
    assert bet.cancelling.cancel(user, placed["bet_id"])["status"] == "CANCELLED"
    assert exposure(bet, market, "1") == 0
    settle(bet, market, _1="WON")
    assert bet.bets.get_bet(user, placed["bet_id"])["status"] == "CANCELLED"


def test_a_bet_cannot_be_cancelled_once_the_market_is_closed(bet: SimpleNamespace, user: str) -> None:
    market = new_market(bet)
    placed = bet.placing.place(user, new_slip(bet, (market, "1", "2.50")))
    bet.changing.change_market(market, {"status": "CLOSED"})
    with pytest.raises(bet.refusals.MarketClosed):
        bet.cancelling.cancel(user, placed["bet_id"])


def test_settlement_reaches_every_bet_once_however_often_it_runs(bet: SimpleNamespace, user: str) -> None:
    market = new_market(bet)
    bets = [
        bet.placing.place(user, new_slip(bet, (market, pick, ODDS[pick]), stake="20")) for pick in ("1", "X", "2", "1")
    ]
    for _ in range(2):
        settle(bet, market, _1="WON")
    assert [decided(bet, user, placed) for placed in bets] == [
        ("SETTLED", "WON", 5_000, 1),
        ("SETTLED", "LOST", 0, 1),
        ("SETTLED", "LOST", 0, 1),
        ("SETTLED", "WON", 5_000, 1),
    ]


def test_a_multi_is_decided_by_its_last_leg_or_its_first_lost_one(bet: SimpleNamespace, user: str) -> None:
    first, second = new_market(bet, "a"), new_market(bet, "b")
    double = bet.placing.place(user, new_slip(bet, (first, "1", "2.50"), (second, "X", "3.20")))
    other = bet.placing.place(user, new_slip(bet, (first, "X", "3.20"), (second, "X", "3.20")))
    settle(bet, first, _1="WON")
    assert decided(bet, user, double) == ("ACCEPTED", None, None, 0)
    assert decided(bet, user, other) == ("SETTLED", "LOST", 0, 1)
    settle(bet, second, _X="WON")
    assert decided(bet, user, double) == ("SETTLED", "WON", 80_000, 1)
    assert decided(bet, user, other) == ("SETTLED", "LOST", 0, 1)


def test_a_void_market_returns_the_stake_and_a_correction_says_the_new_payout(bet: SimpleNamespace, user: str) -> None:
    market = new_market(bet)
    placed = bet.placing.place(user, new_slip(bet, (market, "1", "2.50")))
    settle(bet, market, _1="VOID", _X="VOID", _2="VOID")
    assert decided(bet, user, placed) == ("SETTLED", "VOID", 10_000, 1)
    settle(bet, market, _1="WON")
    assert decided(bet, user, placed) == ("SETTLED", "WON", 25_000, 2)


def test_a_player_pages_through_bets_newest_first(bet: SimpleNamespace, user: str) -> None:
    market = new_market(bet)
    bets = [bet.placing.place(user, new_slip(bet, (market, "1", "2.50"), stake="20"))["bet_id"] for _ in range(3)]
    page = bet.bets.bets_of(user, 2, None)
    rest = bet.bets.bets_of(user, 2, page.cursor)
    assert [item["bet_id"] for item in page.items + rest.items] == bets[::-1]
