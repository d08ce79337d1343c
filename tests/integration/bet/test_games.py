"""Whole games: settled by a record, bets cancelled by when they were placed, results that wait, games that are late."""

import contextlib
import importlib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from betsafi import clock
from betsafi.dynamodb import Item
from betsafi.errors import Conflict, Contention, Forbidden, InvalidInput
from betsafi.people import Staff
from tests.support.bet import TRADERS, ask, decided, exposure, fail, money, new_market, new_slip, settle, told, work
from tests.support.schema import api_schema, flaws, object_type

ANN, BEN = TRADERS
REASON = "because a test says so"
OVER = ["FIRST_HALF", "SECOND_HALF", "EXTRA_TIME", "PENALTIES"]
ODDS = {"12": "2.00", "13": "1.80"}


def record(*goals: str, ended: int = 0) -> Item:
    """Return a match record: H1 is a goal of the home team in the first half."""
    periods = {"1": "FIRST_HALF", "2": "SECOND_HALF"}
    sides = {"H": "HOME", "A": "AWAY"}
    return {"ended": OVER[:ended], "goals": [{"side": sides[goal[0]], "period": periods[goal[1]]} for goal in goals]}


class Game:
    """A fixture with some markets, its traders, and the worker that follows what they decide."""

    def __init__(self, bet: SimpleNamespace, user: str, hours: float = 2) -> None:
        self.bet, self.user = bet, user
        self.main = new_market(bet, hours=hours)
        self.fixture = self.main.split("/")[0]
        self.trading, self.games, self.holding, self.overdue, self.releasing = (
            importlib.import_module(f"bet.{name}")
            for name in ("trading.games", "settlement.games", "trading.holding", "settlement.overdue",
                         "settlement.releasing")
        )  # fmt: skip

    def total(self, line: str) -> str:
        """Add a market of goals, and return it."""
        given = self.bet.given.NewMarket(self.bet.kinds.find("18"), f"total={line}", ODDS, False)
        return str(self.bet.lines.add_market(self.bet.fixtures.get_fixture(self.fixture), given)["market_id"])

    def place(self, *picks: tuple[str, str, str], stake: str = "100.00") -> Item:
        """Place a bet of picks (market, outcome or key, odds)."""
        return dict(self.bet.placing.place(self.user, new_slip(self.bet, *picks, stake=stake)))

    def begin(self) -> None:
        """Let the game begin, whatever the clock says."""
        changed = self.bet.fixtures.change_fixture(self.fixture, status="LIVE")
        self.bet.lines.follow(changed, clock.monotonic() + 10)

    def settle(self, given: Item, *traders: Staff) -> Any:
        """Have traders give a record; let the worker follow."""
        for trader in traders or TRADERS:
            answer = self.trading.settle_fixture(self.fixture, given, trader)
        self.follow()
        return answer

    def follow(self) -> None:
        """Let the fixture's markets, and their bets, take what is decided, a page of markets at a time."""
        version = self.games.find_game(self.fixture)["game_version"]
        cursor = None
        while version:  # until the last page of the fixture's markets
            cursor = self.games.settle_game(self.fixture, version, cursor, lambda: False, _market_failed)
            if cursor is None:
                break
        self.settle_markets()

    def settle_markets(self) -> None:
        for market, result in self.games.markets_with_results(self.fixture):
            if result:
                work(self.bet, market, result["result_version"])

    def results(self, market: str) -> Mapping[str, str]:
        """Return what stands of a market."""
        found = self.bet.results.find_result(market)
        return dict(found["results"]) if found else {}

    def stands(self, placed: Item) -> tuple[str, str | None, int | None]:
        """Return how a bet stands."""
        return decided(self.bet, self.user, placed)[:3]


def _market_failed(market: str) -> None:
    raise AssertionError(f"market {market} was set aside")


def pass_by(monkeypatch: pytest.MonkeyPatch, minutes: float) -> None:
    """Let it be so many minutes later, and time go on."""
    before = clock.now
    monkeypatch.setattr(clock, "now", lambda: before() + timedelta(minutes=minutes))


@pytest.fixture
def game(bet: SimpleNamespace, user: str) -> Game:
    return Game(bet, user)


def image(bet: SimpleNamespace) -> list[Item]:
    return sorted(bet.table.scan(), key=lambda item: (item["pk"], item["sk"]))


# -- records


def test_a_record_settles_what_is_certain_and_leaves_the_rest_open(game: Game) -> None:
    low, high = game.total("0.5"), game.total("2.5")
    over, total, winner = (
        game.place((low, "12", "2.00")),
        game.place((high, "13", "1.80")),
        game.place((game.main, "1", "2.50")),
    )
    game.begin()
    answer = game.settle(record("H1"))
    assert (answer.version, answer.traders) == (1, [ANN.id, BEN.id])
    assert game.stands(over) == ("SETTLED", "WON", 20_000)
    assert (game.results(high), game.results(game.main)) == ({}, {})
    assert game.bet.guards.get_market(high)["status"] == "OPEN", "nothing was decided of it"
    game.settle(record("H1", "A2", ended=4))
    assert game.results(game.main) == {"1": "LOST", "2": "WON", "3": "LOST"}
    assert game.stands(winner) == ("SETTLED", "LOST", 0)
    assert game.stands(total) == ("SETTLED", "WON", 18_000)


def test_a_fixture_of_many_markets_is_settled_whole_and_what_comes_again_changes_nothing(game: Game) -> None:
    markets = [game.total(f"{n}.5") for n in range(23)]
    placed = [game.place((markets[n], "13", "1.80"), stake="20") for n in (0, 11, 22)]
    game.begin()
    game.settle(record("H1", "H2", ended=4))
    assert [game.results(market)["13"] for market in markets] == ["LOST"] * 2 + ["WON"] * 21
    assert [game.stands(each)[1] for each in placed] == ["LOST", "WON", "WON"]
    before = image(game.bet)
    game.follow()
    assert game.settle(record("H1", "H2", ended=4)).version == 1
    assert image(game.bet) == before


@pytest.mark.parametrize(
    ("ended", "minutes", "early"),
    [(0, 119, True), (0, 121, False), (1, 120 + 44, True), (1, 120 + 46, False), (4, 209, True), (4, 211, False)],
)
def test_a_record_that_says_more_than_can_have_ended_takes_two_traders(
    game: Game, monkeypatch: pytest.MonkeyPatch, ended: int, minutes: float, early: bool
) -> None:
    game.begin()
    pass_by(monkeypatch, minutes)
    answer = game.trading.settle_fixture(game.fixture, record("H1", ended=ended), ANN)
    assert (answer.version is None) is early
    assert game.games.find_game(game.fixture)["game_version"] == (0 if early else 1)


def test_a_game_that_has_not_begun_has_no_record_and_nobody_decides_their_own(game: Game) -> None:
    with pytest.raises(Conflict, match="not begun"):
        game.trading.settle_fixture(game.fixture, record("H1"), ANN)
    game.place((game.main, "1", "2.50"))
    game.begin()
    before = image(game.bet)
    with pytest.raises(game.bet.deciding.ConflictOfInterest):
        game.trading.settle_fixture(game.fixture, record("H1"), Staff("trader-3", game.user))
    with pytest.raises(game.bet.refusals.Contradiction):
        game.trading.settle_fixture(game.fixture, {**record("H1"), "score": {"ALL": {"home": 0, "away": 0}}}, ANN)
    assert image(game.bet) == before


def test_a_later_record_corrects_and_much_money_takes_two_traders(
    game: Game, wallet: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    low = game.total("0.5")
    over, winner = game.place((low, "12", "2.00")), game.place((game.main, "1", "2.50"))
    game.begin()
    pass_by(monkeypatch, 240)
    game.settle(record("H1", ended=4), ANN)
    assert (game.stands(over)[1], game.stands(winner)[1]) == ("WON", "WON")
    deciding = game.bet.deciding
    monkeypatch.setattr(deciding, "settings", replace(deciding.settings, correction_review_cents=20_000))
    assert game.settle(record(ended=4), ANN).version is None
    assert game.settle(record(ended=4), BEN).version == 2
    assert (game.stands(over), game.stands(winner)) == (("SETTLED", "LOST", 0), ("SETTLED", "LOST", 0))
    assert game.settle(record("H1"), ANN).version is None, "taking results back corrects too"
    assert game.settle(record("H1"), BEN).version == 3
    assert (game.stands(over)[1], game.stands(winner)[0]) == ("WON", "ACCEPTED")


SCORES = ("regular", "firstHalf", "secondHalf", "extraTime", "penalties")


def shown(game: Game) -> Item | None:
    """Return the score as both a list and the fixture itself show it: "2:1" by period, without those that are null."""
    fixture = told(game.bet, "Query", "fixture", id=game.fixture)
    day = clock.parse_stamp(fixture["startsAt"]).astimezone(clock.NAIROBI).date()
    on_day = {"day": day.isoformat(), "status": fixture["status"]}
    (listed,) = told(game.bet, "Query", "fixtures", filter=on_day)["items"]
    score = fixture["score"]
    assert listed["score"] == score
    if score is None:
        return None
    goals = {name: f"{score[name]['home']}:{score[name]['away']}" for name in SCORES if score[name]}
    return {"version": score["version"], **goals}


@pytest.mark.both_emulators
def test_a_game_shows_its_score_by_period_and_a_correction_changes_it(
    game: Game, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shown(game) is None
    game.begin()
    version = game.bet.fixtures.get_fixture(game.fixture)["version"]
    game.settle(record("H1"))
    assert shown(game) == {"version": 1, "regular": "1:0", "firstHalf": "1:0"}
    pass_by(monkeypatch, 300)
    late = [{"side": "AWAY", "period": "EXTRA_TIME"}]
    final = record("H1", "A2", ended=4)
    final |= {"goals": [*final["goals"], *late], "penalties": {"home": 4, "away": 5}}
    game.settle(final)
    over = {"regular": "1:1", "firstHalf": "1:0", "secondHalf": "0:1", "extraTime": "0:1", "penalties": "4:5"}
    assert shown(game) == {"version": 2, **over}
    before = image(game.bet)
    game.settle(final)
    game.follow()
    assert image(game.bet) == before, "the same again changes nothing"
    game.settle(record("H2", ended=2))
    assert shown(game) == {"version": 3, "regular": "1:0", "firstHalf": "0:0", "secondHalf": "1:0"}
    game.trading.cancel_bets(game.fixture, {"from": None, "to": clock.stamp()}, ANN, REASON)
    assert shown(game)["version"] == 3, "other decisions leave the score alone"
    assert game.bet.fixtures.get_fixture(game.fixture)["version"] == version, "no market has to follow a goal"


def test_a_score_says_how_far_its_record_goes(game: Game) -> None:
    game.begin()
    goal = {"side": "HOME", "period": "FIRST_HALF"}
    corner, card = {**goal, "minute": 47}, {**goal, "period": "SECOND_HALF", "minute": 46, "colour": "RED"}
    for given, minute in (
        ({"goals": [goal]}, None),
        ({"goals": [{**goal, "minute": 12}, goal]}, 12),
        ({"goals": [{**goal, "minute": 12}], "corners": [corner]}, 47),
        ({"ended": OVER[:1], "goals": [{**goal, "minute": 12}], "corners": [corner], "cards": [card]}, 46),
    ):
        game.settle({"ended": [], **given})
        assert told(game.bet, "Query", "fixture", id=game.fixture)["score"]["minute"] == minute


def test_a_record_that_waits_for_a_second_trader_is_not_shown(game: Game) -> None:
    game.begin()
    proposed = game.trading.settle_fixture(game.fixture, record("H1", ended=2), ANN)
    assert (proposed.version, shown(game)) == (None, None)


@pytest.mark.concurrent
def test_of_records_that_race_the_score_is_that_of_the_newest(game: Game, monkeypatch: pytest.MonkeyPatch) -> None:
    pass_by(monkeypatch, 121)
    wanted = [record(*["H1"] * goals) for goals in range(8)]

    def give(each: Item) -> None:
        with contextlib.suppress(Contention):
            game.trading.settle_fixture(game.fixture, each, ANN)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(give, wanted))
    kept = game.games.find_game(game.fixture)
    assert shown(game) == {
        "version": kept["record_version"],
        **dict.fromkeys(("regular", "firstHalf"), f"{len(kept['record']['goals'])}:0"),
    }


def test_a_goal_while_a_trader_gives_the_game_another_status_loses_neither(
    game: Game, monkeypatch: pytest.MonkeyPatch
) -> None:
    pass_by(monkeypatch, 121)
    game.begin()

    def goal(before: Item) -> Any:
        if not game.games.find_game(game.fixture)["game_version"]:
            game.trading.settle_fixture(game.fixture, record("H1"), ANN)
        return ()

    game.bet.fixtures.change_fixture(game.fixture, goal, status="INTERRUPTED")
    fixture = told(game.bet, "Query", "fixture", id=game.fixture)
    assert (fixture["status"], fixture["score"]["regular"]) == ("INTERRUPTED", {"home": 1, "away": 0})


def test_what_a_trader_decides_by_hand_stands_until_the_next_record(
    game: Game, monkeypatch: pytest.MonkeyPatch
) -> None:
    placed = game.place((game.main, "1", "2.50"))
    game.begin()
    pass_by(monkeypatch, 240)
    game.settle(record("H1", ended=4), ANN)
    settle(game.bet, game.main, _X="WON")
    game.follow()
    assert game.stands(placed)[1] == "LOST"
    game.settle(record("H1", "H1", ended=4), ANN)
    assert game.stands(placed)[1] == "WON"


@pytest.mark.concurrent
def test_records_windows_and_results_by_hand_that_race_end_as_one_order_would(
    game: Game, monkeypatch: pytest.MonkeyPatch
) -> None:
    low = game.total("0.5")
    placed, other = game.place((low, "12", "2.00")), game.place((game.main, "1", "2.50"))
    game.begin()
    pass_by(monkeypatch, 240)

    def decide(n: int) -> None:
        trader = Staff(f"t-{n}")
        with contextlib.suppress(Conflict, Contention):
            if n % 3 == 0:
                game.trading.settle_fixture(game.fixture, record(*["H1"] * (n % 2), ended=4), trader)
            elif n % 3 == 1:
                void = game.bet.given.Results({"12": "VOID", "13": "VOID"}, {})
                game.bet.deciding.settle(low, void, trader)
            else:
                change = game.trading.cancel_bets if n % 2 else game.trading.rollback_cancel
                change(low, {"from": None, "to": None}, trader, REASON)
        version = game.games.find_game(game.fixture)["game_version"]
        game.games.settle_game(game.fixture, version, None, lambda: True, lambda market: None)
        for market, result in game.games.markets_with_results(game.fixture):
            if result:
                place = game.bet.worker.Place(market, result["result_version"])
                game.bet.worker.settle_bets(place, lambda: True, lambda bet: None)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(decide, range(12)))
    game.follow()
    result = game.bet.results.get_result(low)
    cancelled = result["windows"] + result["game_windows"]
    leg = game.bet.bets.get_bet(game.user, placed["bet_id"])["legs"][0]
    assert leg["result_version"] == result["result_version"]
    assert leg["result"] == ("VOID" if cancelled else result["results"]["12"])
    assert game.stands(other)[1] == ("WON" if game.results(game.main)["1"] == "WON" else "LOST")


@pytest.mark.parametrize("followed", [True, False])
def test_whoever_brings_an_older_version_of_a_game_changes_nothing(game: Game, followed: bool) -> None:
    """A slow worker comes after the newer version was taken, or after it made no difference to the market."""
    placed, past = game.place((game.main, "1", "2.50")), {"from": None, "to": clock.stamp()}
    game.trading.cancel_bets(game.fixture, past, ANN, REASON)
    older = game.games.find_game(game.fixture)
    if followed:
        game.follow()
    game.trading.rollback_cancel(game.fixture, past, ANN, REASON)
    game.follow()
    game.games.apply(game.main, older)
    game.settle_markets()
    found = game.bet.results.find_result(game.main)
    assert (found or {"game_windows": []})["game_windows"] == []
    assert game.stands(placed)[0] == "ACCEPTED"


def test_a_record_that_comes_while_a_market_is_settled_by_hand_does_not_take_that_back_later(
    game: Game, monkeypatch: pytest.MonkeyPatch
) -> None:
    placed = game.place((game.main, "1", "2.50"))
    game.begin()
    make_way, meanwhile = game.games.make_way, [record("H1")]

    def slowly(*arguments: Any, **options: Any) -> Item:
        while meanwhile:  # once
            game.settle(meanwhile.pop())
        return dict(make_way(*arguments, **options))

    monkeypatch.setattr(game.games, "make_way", slowly)
    settle(game.bet, game.main, _1="WON")
    assert game.bet.results.get_result(game.main)["game_version"] == 1
    game.trading.cancel_bets(game.fixture, {"from": None, "to": "2026-11-01T00:00:00.000000Z"}, BEN, REASON)
    game.follow()
    assert game.stands(placed)[1] == "WON"


# -- bets cancelled by when they were placed


def test_bets_of_some_time_are_cancelled_on_an_open_market_that_goes_on(
    game: Game, wallet: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    early = game.place((game.main, "1", "2.50"))
    begins = clock.stamp()
    wrong = game.place((game.main, "1", "2.50"))
    multi = game.place((game.main, "1", "2.50"), (new_market(game.bet, "m2"), "1", "2.50"))
    ends = clock.stamp()
    assert exposure(game.bet, game.main, "1") == 25_000 * 2 + 62_500
    window = {"from": begins, "to": ends}
    version = game.trading.cancel_bets(game.main, window, ANN, REASON).version
    assert game.trading.cancel_bets(game.main, window, ANN, REASON).version == version == 1
    for _ in range(2):
        game.settle_markets()
    assert [game.stands(each)[:2] for each in (early, wrong, multi)] == [
        ("ACCEPTED", None), ("SETTLED", "VOID"), ("ACCEPTED", None),
    ]  # fmt: skip
    assert exposure(game.bet, game.main, "1") == 25_000
    assert game.bet.guards.get_market(game.main)["status"] == "OPEN"
    late = game.place((game.main, "1", "2.50"))
    assert game.trading.rollback_cancel(game.main, window, BEN, REASON).version == 2
    game.settle_markets()
    assert {game.stands(each)[0] for each in (early, wrong, multi, late)} == {"ACCEPTED"}
    assert exposure(game.bet, game.main, "1") == 25_000 * 3 + 62_500
    settle(game.bet, game.main, _1="WON")
    assert {game.stands(each)[1] for each in (early, wrong, late)} == {"WON"}


@pytest.mark.parametrize("of_fixture", [True, False])
def test_bets_are_cancelled_after_they_were_paid_and_what_was_spent_is_owed(
    game: Game, wallet: ModuleType, of_fixture: bool
) -> None:
    placed = game.place((game.main, "1", "2.50"), stake="500.00")
    settle(game.bet, game.main, _1="WON")
    wallet.settle(game.user, placed["bet_id"], 1, 125_000)
    available, _ = money(wallet, game.user)
    wallet.place_hold(game.user, f"w-{game.user}", "WITHDRAWAL", available)
    subject, everything = game.fixture if of_fixture else game.main, {"from": None, "to": None}
    game.trading.cancel_bets(subject, everything, ANN, REASON)
    game.follow()
    assert decided(game.bet, game.user, placed) == ("SETTLED", "VOID", 50_000, 2)
    wallet.settle(game.user, placed["bet_id"], 2, 50_000, refunded=True)
    assert wallet.get_account(game.user)["receivable"] == -75_000
    game.trading.rollback_cancel(subject, everything, BEN, REASON)
    game.follow()
    assert decided(game.bet, game.user, placed) == ("SETTLED", "WON", 125_000, 3)
    wallet.settle(game.user, placed["bet_id"], 3, 125_000)
    assert wallet.get_account(game.user)["receivable"] == 0


def test_windows_of_a_market_and_of_its_game_stand_side_by_side(game: Game) -> None:
    placed, past = game.place((game.main, "1", "2.50")), {"from": None, "to": clock.stamp()}
    game.trading.cancel_bets(game.main, past, ANN, REASON)
    game.trading.cancel_bets(game.fixture, past, ANN, REASON)
    game.follow()
    assert game.stands(placed)[1] == "VOID"
    game.trading.rollback_cancel(game.main, past, ANN, REASON)
    game.follow()
    assert game.stands(placed)[1] == "VOID"
    game.trading.rollback_cancel(game.fixture, past, ANN, REASON)
    game.follow()
    assert game.stands(placed)[0] == "ACCEPTED"


def test_a_window_without_an_end_closes_the_market_until_it_is_taken_back(game: Game) -> None:
    game.place((game.main, "1", "2.50"))
    endless = {"from": clock.stamp(), "to": None}
    game.trading.cancel_bets(game.main, endless, ANN, REASON)
    assert game.bet.guards.get_market(game.main)["status"] == "CLOSED"
    with pytest.raises(game.bet.refusals.MarketClosed):
        game.place((game.main, "1", "2.50"))
    with pytest.raises(Conflict, match="rollbackCancel"):
        game.bet.deciding.roll_back(game.main, "OPEN", ANN, REASON)
    game.trading.rollback_cancel(game.main, endless, ANN, REASON)
    for trader in TRADERS:
        game.bet.deciding.roll_back(game.main, "OPEN", trader, REASON)
    game.settle_markets()
    assert game.place((game.main, "1", "2.50"))["status"] == "ACCEPTED"
    assert exposure(game.bet, game.main, "1") == 50_000


# -- results that wait


@pytest.mark.parametrize("of_fixture", [True, False])
def test_held_results_are_given_to_bets_when_somebody_else_releases_them(game: Game, of_fixture: bool) -> None:
    low = game.total("0.5")
    placed, over = game.place((game.main, "1", "2.50")), game.place((low, "12", "2.00"))
    subject = game.fixture if of_fixture else game.main
    held = game.holding.hold(subject, ANN, REASON)
    assert game.holding.hold(subject, BEN, REASON).version == held.version == 1
    settle(game.bet, game.main, _1="WON")
    game.begin()
    game.settle(record("H1"))
    assert game.stands(placed)[0] == "ACCEPTED"
    assert game.stands(over)[0] == ("ACCEPTED" if of_fixture else "SETTLED")
    game.bet.worker.settle_one(game.main, game.user, placed["bet_id"])
    assert game.stands(placed)[0] == "ACCEPTED"
    for same in (ANN, Staff("trader-9", ANN.id)):
        with pytest.raises(game.holding.SamePerson):
            game.holding.release(subject, same, REASON)
    settle(game.bet, game.main, _X="WON")
    game.holding.release(subject, BEN, REASON)
    assert game.holding.release(subject, BEN, REASON).traders == []
    game.releasing.go_on(subject, None, lambda: True, fail)
    published = image(game.bet)
    game.releasing.go_on(subject, None, lambda: True, fail)
    assert image(game.bet) == published, "the same message again publishes nothing"
    game.settle_markets()
    assert game.stands(placed) == ("SETTLED", "LOST", 0), "what stood last is carried out, and nothing else"
    assert game.stands(over)[1] == "WON"


# -- what traders see of both


def standing(game: Game) -> list[dict[str, Any]]:
    found = told(game.bet, "Query", "heldAndCancelled", fixtureId=game.fixture)
    assert all(flaws(each, object_type(api_schema(), "HeldAndCancelled")) == [] for each in found)
    return list(found)


def test_traders_see_what_is_held_of_a_game_and_of_its_markets_by_whom_and_why(game: Game) -> None:
    low = game.total("0.5")
    for n in range(3):
        game.total(f"{n + 1}.5")
    assert standing(game) == []
    for subject, trader, why in ((low, BEN, "was it in?"), (game.fixture, ANN, "no report yet")):
        game.holding.hold(subject, trader, why)
    assert [(each["subjectId"], each["windows"]) for each in standing(game)] == [(game.fixture, []), (low, [])]
    of_fixture, of_market = (each["hold"] for each in standing(game))
    held_at = game.bet.table.get((f"HOLD#{game.fixture}", "HOLD"))["held_at"]
    assert of_fixture == {"heldBy": ANN.id, "heldAt": held_at, "reason": "no report yet"}
    assert (of_market["heldBy"], of_market["reason"]) == (BEN.id, "was it in?")
    game.holding.release(game.fixture, BEN, "it is in")
    assert [each["subjectId"] for each in standing(game)] == [low]
    game.holding.release(low, ANN, "it was")
    assert standing(game) == []


def test_a_window_that_a_trader_sees_is_taken_back_by_its_own_moments(game: Game) -> None:
    """Whatever they are: to the microsecond, or open on either side."""
    placed, now = game.place((game.main, "1", "2.50")), clock.stamp()
    subjects = {game.fixture: "fixtureId", game.main: "marketId"}
    for subject, begins, ends in (
        (game.fixture, None, now), (game.main, now, None), (game.main, None, now), (game.main, now, now),
    ):  # fmt: skip
        window = {"from": begins, "to": ends, "reason": REASON}
        told(game.bet, "Mutation", "cancelBets", **{subjects[subject]: subject}, **window)
    game.follow()
    assert game.stands(placed)[1] == "VOID"
    nothing = {"hold": None}
    assert standing(game) == [
        {"subjectId": game.fixture, "windows": [{"from": None, "to": now}], **nothing},
        {
            "subjectId": game.main,
            "windows": [{"from": None, "to": now}, {"from": now, "to": None}, {"from": now, "to": now}],
            **nothing,
        },
    ], "what the market has of its game is not its own"
    for each in standing(game):
        for window in each["windows"]:
            named = {subjects[each["subjectId"]]: each["subjectId"], **window, "reason": REASON}
            told(game.bet, "Mutation", "rollbackCancel", "trader-2", **named)
    game.follow()
    assert standing(game) == []
    assert game.stands(placed)[0] == "ACCEPTED"


def test_what_is_held_of_a_game_with_many_markets_is_found_among_them(game: Game) -> None:
    markets = [game.total(f"{n}.5") for n in range(101)]
    game.holding.hold(markets[-1], ANN, REASON)
    game.holding.hold(markets[0], ANN, REASON)
    assert {each["subjectId"] for each in standing(game)} == {markets[0], markets[-1]}


def test_nothing_is_said_of_a_game_that_there_is_not(bet: SimpleNamespace) -> None:
    answer = ask(bet, "Query", "heldAndCancelled", fixtureId="nothing")
    assert answer["error"]["type"] == "NOT_FOUND"


# -- games that are late


def later(game: Game, monkeypatch: pytest.MonkeyPatch, hours: float) -> float:
    """Let the clock look so many hours after now, and the markets follow; return how many games were late."""
    pass_by(monkeypatch, 60 * hours)
    seen: list[float] = []
    monkeypatch.setattr(game.overdue, "gauge", lambda name, value: seen.append(value))
    game.overdue.look(None, 0, lambda: True, fail)
    game.follow()
    (found,) = seen
    return found


@pytest.mark.parametrize(("status", "hours", "void"), [("POSTPONED", 49, False), ("POSTPONED", 51, True)])
def test_what_is_undecided_of_a_postponed_game_is_void_when_it_was_waited_for(
    game: Game, monkeypatch: pytest.MonkeyPatch, status: str, hours: float, void: bool
) -> None:
    placed = game.place((game.main, "1", "2.50"))
    game.bet.fixtures.change_fixture(game.fixture, status=status)
    assert later(game, monkeypatch, hours) == 0
    assert game.stands(placed)[1] == ("VOID" if void else None)


@pytest.mark.parametrize(("hours", "void"), [(47.9, False), (48, True)])
def test_bets_on_a_postponed_game_are_void_once_it_is_moved_further_than_it_is_waited_for(
    game: Game, hours: float, void: bool
) -> None:
    placed = game.place((game.main, "1", "2.50"))
    fixtures = game.bet.fixtures
    begins = clock.parse_stamp(fixtures.get_fixture(game.fixture)["starts_at"])

    def move_by(hours: float) -> None:
        for changes in ({"status": "POSTPONED"}, {"starts_at": begins + timedelta(hours=hours)}):
            fixtures.change_fixture(game.fixture, **changes)
        game.overdue.moved(game.fixture)
        changed = fixtures.change_fixture(game.fixture, status="SCHEDULED")
        game.bet.lines.follow(changed, clock.monotonic() + 10)
        game.follow()

    move_by(24)
    assert game.games.find_game(game.fixture)["windows"] == [], "it is waited for so long"
    between = game.place((game.main, "1", "2.50"))
    move_by(hours)
    late = game.place((game.main, "1", "2.50"))
    assert [game.stands(each)[1] for each in (placed, between, late)] == ["VOID" if void else None, None, None]
    assert game.bet.guards.get_market(game.main)["status"] == "OPEN"
    if void:
        (window,) = game.games.find_game(game.fixture)["windows"]
        game.trading.rollback_cancel(game.fixture, window, ANN, REASON)
        game.overdue.moved(game.fixture)
        game.follow()
        assert game.stands(placed)[0] == "ACCEPTED", "what a trader took back stays so"
        move_by(24 + hours)
        assert [game.stands(each)[1] for each in (placed, between, late)] == ["VOID", "VOID", None]


def test_a_game_that_is_moved_before_it_is_postponed_keeps_its_bets(game: Game) -> None:
    placed = game.place((game.main, "1", "2.50"))
    game.bet.fixtures.change_fixture(game.fixture, starts_at=clock.now() + timedelta(days=9))
    game.overdue.moved(game.fixture)
    game.follow()
    assert game.stands(placed)[0] == "ACCEPTED", "a trader decides what becomes of these"


def test_what_is_decided_of_an_abandoned_game_stands(game: Game, monkeypatch: pytest.MonkeyPatch) -> None:
    low = game.total("0.5")
    over, winner = game.place((low, "12", "2.00")), game.place((game.main, "1", "2.50"))
    game.begin()
    game.settle(record("H1"))
    game.bet.fixtures.change_fixture(game.fixture, status="ABANDONED")
    assert later(game, monkeypatch, 51) == 0
    assert (game.stands(over)[1], game.stands(winner)[1]) == ("WON", "VOID")
    assert later(game, monkeypatch, 1) == 0
    assert not list(game.bet.table.query_all("UNDECIDED", index="by_queue"))


def test_a_game_without_a_result_is_counted_listed_and_at_last_void(
    game: Game, monkeypatch: pytest.MonkeyPatch
) -> None:
    placed = game.place((game.main, "1", "2.50"))
    assert later(game, monkeypatch, 2 + 2.4) == 0
    assert later(game, monkeypatch, 0.2) == 1
    assert [item["fixture_id"] for item in game.overdue.overdue(20, None).items] == [game.fixture]
    assert later(game, monkeypatch, 72) == 0
    assert game.stands(placed)[1] == "VOID"
    assert game.overdue.overdue(20, None).items == []


def test_a_game_that_is_partly_decided_waits_for_a_trader(game: Game, monkeypatch: pytest.MonkeyPatch) -> None:
    low = game.total("0.5")
    placed = game.place((game.main, "1", "2.50"))
    game.begin()
    game.settle(record("H1"))
    assert later(game, monkeypatch, 100) == 1
    assert game.stands(placed)[0] == "ACCEPTED"
    assert game.results(low)
    game.bet.fixtures.change_fixture(game.fixture, status="ENDED")
    settle(game.bet, game.main, _1="WON")
    assert later(game, monkeypatch, 1) == 0


def test_what_was_void_and_is_opened_again_by_hand_waits_for_a_trader(
    game: Game, monkeypatch: pytest.MonkeyPatch
) -> None:
    placed = game.place((game.main, "1", "2.50"))
    game.bet.fixtures.change_fixture(game.fixture, status="POSTPONED")
    later(game, monkeypatch, 51)
    later(game, monkeypatch, 1)
    game.bet.deciding.roll_back(game.main, None, ANN, REASON)
    game.settle_markets()
    assert later(game, monkeypatch, 1) == 1
    assert game.stands(placed)[0] == "ACCEPTED"


# -- one bet


def test_one_bet_is_void_when_two_traders_say_so_and_pays_no_more(game: Game) -> None:
    correcting, carry_out = _correcting()
    first, other = game.place((game.main, "1", "2.50")), game.place((game.main, "1", "2.50"))
    given = (game.user, first["bet_id"])
    assert correcting.void_bet(*given, ANN, REASON).version is None
    assert correcting.void_bet(*given, ANN, REASON).version is None, "one's own proposal twice is no agreement"
    assert game.stands(first)[0] == "ACCEPTED"
    assert correcting.void_bet(*given, BEN, REASON).version == 1
    assert correcting.void_bet(*given, BEN, REASON).version == 1
    for _ in range(2):
        carry_out(*given)
    assert game.stands(first) == ("SETTLED", "VOID", 10_000)
    assert exposure(game.bet, game.main, "1") == 25_000
    settle(game.bet, game.main, _1="WON")
    assert (game.stands(first)[1], game.stands(other)[1]) == ("VOID", "WON")
    with pytest.raises(Forbidden):
        correcting.void_bet(game.user, other["bet_id"], Staff("trader-3", game.user), REASON)


def test_a_leg_is_repriced_by_two_traders_within_what_one_bet_pays(game: Game, monkeypatch: pytest.MonkeyPatch) -> None:
    correcting, carry_out = _correcting()
    limits = correcting.limits
    monkeypatch.setattr(limits, "settings", replace(limits.settings, max_payout_cents=200_000))
    placed = game.place((game.main, "1", "2.50"), stake="500.00")
    given = (game.user, placed["bet_id"], game.main)
    with pytest.raises(Conflict):
        correcting.reprice_bet(*given, "4.001", ANN, REASON)
    with pytest.raises(InvalidInput):
        correcting.reprice_bet(game.user, placed["bet_id"], "another", "2.00", ANN, REASON)
    for trader in TRADERS:
        correcting.reprice_bet(*given, "1.25", trader, REASON)
    carry_out(*given[:2])
    item = game.bet.bets.get_bet(game.user, placed["bet_id"])
    assert (item["status"], item["potential_payout_cents"]) == ("ACCEPTED", 62_500)
    assert (item["legs"][0]["odds"], item["legs"][0]["odds_taken"]) == ("1.25", "2.50")
    assert exposure(game.bet, game.main, "1") == 62_500
    settle(game.bet, game.main, _1="WON")
    assert game.stands(placed) == ("SETTLED", "WON", 62_500)
    for trader in TRADERS:
        correcting.reprice_bet(*given, "2.50", trader, REASON)
    carry_out(*given[:2])
    assert decided(game.bet, game.user, placed) == ("SETTLED", "WON", 125_000, 2)


def test_two_prices_in_a_row_come_to_no_more_than_one_bet_pays(game: Game, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second is decided before the bet has taken the first."""
    correcting, carry_out = _correcting()
    monkeypatch.setattr(correcting.limits, "settings", replace(correcting.limits.settings, max_payout_cents=200_000))
    other = new_market(game.bet, "m2")
    placed = game.place((game.main, "1", "2.50"), (other, "1", "2.50"), stake="100.00")
    for trader in TRADERS:
        correcting.reprice_bet(game.user, placed["bet_id"], game.main, "5.00", trader, REASON)
    with pytest.raises(Conflict):
        correcting.reprice_bet(game.user, placed["bet_id"], other, "4.001", ANN, REASON)
    for trader in TRADERS:
        correcting.reprice_bet(game.user, placed["bet_id"], other, "4.00", trader, REASON)
    carry_out(game.user, placed["bet_id"])
    assert game.bet.bets.get_bet(game.user, placed["bet_id"])["potential_payout_cents"] == 200_000


def test_a_leg_of_a_system_is_repriced_while_it_is_open(game: Game) -> None:
    correcting, carry_out = _correcting()
    picks = [(game.main, "1", "2.50"), *((new_market(game.bet, name), "1", "2.50") for name in ("m2", "m3"))]
    placed = game.bet.placing.place(game.user, new_slip(game.bet, *picks, stake="300.00", system={"k": 2}))
    assert placed["potential_payout_cents"] == 187_500
    settle(game.bet, picks[1][0], _2="WON")
    assert game.stands(placed)[0] == "ACCEPTED", "one line is alive"
    for trader in TRADERS:
        correcting.reprice_bet(game.user, placed["bet_id"], game.main, "2.00", trader, REASON)
    for _ in range(2):
        carry_out(game.user, placed["bet_id"])
    assert game.bet.bets.get_bet(game.user, placed["bet_id"])["potential_payout_cents"] == 162_500
    assert [exposure(game.bet, market, "1") for market, *_ in (picks[0], picks[2])] == [162_500, 162_500]
    for market, *_ in (picks[0], picks[2]):
        settle(game.bet, market, _1="WON")
    assert game.stands(placed) == ("SETTLED", "WON", 50_000), "a hundred a line: 2.00 x 2.50 is the one that won"


def test_a_bet_that_was_paid_and_withdrawn_is_void_for_good_and_its_player_owes(game: Game, wallet: ModuleType) -> None:
    correcting, carry_out = _correcting()
    placed = game.place((game.main, "1", "2.50"), stake="500.00")
    settle(game.bet, game.main, _1="WON")
    wallet.settle(game.user, placed["bet_id"], 1, 125_000)
    available, _ = money(wallet, game.user)
    wallet.place_hold(game.user, f"w-{game.user}", "WITHDRAWAL", available)
    for trader in TRADERS:
        correcting.void_bet(game.user, placed["bet_id"], trader, REASON)
    for _ in range(2):
        carry_out(game.user, placed["bet_id"])
    assert decided(game.bet, game.user, placed) == ("SETTLED", "VOID", 50_000, 2)
    wallet.settle(game.user, placed["bet_id"], 2, 50_000, refunded=True)
    assert wallet.get_account(game.user)["receivable"] == -75_000
    for key in ("_2", "_1"):
        settle(game.bet, game.main, **{key: "WON"})
    assert decided(game.bet, game.user, placed) == ("SETTLED", "VOID", 50_000, 2), "nothing is published anew"


def _correcting() -> tuple[Any, Any]:
    trading, settlement = (importlib.import_module(f"bet.{room}.correcting") for room in ("trading", "settlement"))
    return trading, settlement.carry_out
