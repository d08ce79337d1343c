"""A fixture's start and status reach every guard of every market: no bet is accepted on a game that is not played."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from betsafi import clock
from betsafi.dynamodb import Item
from betsafi.errors import Contention, DomainError
from tests.support.bet import (
    ask,
    at,
    exposure,
    money,
    new_fixture,
    new_market,
    new_player,
    new_slip,
    settle,
    told,
    work,
)

OVER = {
    "definitionId": "18",
    "specifiers": "total=2.5",
    "odds": [{"outcomeId": outcome, "odds": "1.90"} for outcome in ("12", "13")],
}


def change(bet: SimpleNamespace, status: str, fixture: str = "m1", request: str = "") -> Any:
    """Give a fixture a status, as a trader; return what is answered."""
    given = {"fixtureId": fixture, "status": status, "reason": "seen on television"}
    return ask(bet, "Mutation", "setFixtureStatus", **given, clientRequestId=request or uuid.uuid4().hex)


def changed(bet: SimpleNamespace, status: str, fixture: str = "m1", request: str = "") -> Any:
    """Give a fixture a status that it may have; return the fixture."""
    answer = change(bet, status, fixture, request)
    assert "data" in answer, answer
    return answer["data"]


def move(bet: SimpleNamespace, starts_at: datetime, **more: Any) -> Any:
    given = {"fixtureId": "m1", "startsAt": clock.stamp(starts_at), "reason": "the pitch is wet"}
    return told(bet, "Mutation", "moveFixture", **given, **more)


def all_guards(bet: SimpleNamespace) -> list[Item]:
    return [guard for market in bet.lines.market_ids("m1") for guard in bet.guards.guards_of(market)]


def known(bet: SimpleNamespace) -> set[tuple[str, str, int]]:
    """Return what the guards know of the fixture."""
    return {(guard["starts_at"], guard["fixture_status"], guard["fixture_version"]) for guard in all_guards(bet)}


def place(bet: SimpleNamespace, user: str, market: str) -> str:
    """Place a bet; return its status, or the code of its refusal."""
    try:
        return str(bet.placing.place(user, new_slip(bet, (market, "1", "2.50"), stake="20.00"))["status"])
    except DomainError as error:
        return error.code


@pytest.fixture
def market(bet: SimpleNamespace) -> str:
    """A game in two hours with two markets of two guards each; the 1X2 market."""
    made = new_market(bet)
    told(bet, "Mutation", "addMarkets", fixtureId="m1", markets=[{**OVER, "main": False}])
    return made


# -- every guard


@pytest.mark.both_emulators
def test_a_move_and_a_status_reach_every_guard_before_the_trader_is_answered(bet: SimpleNamespace, market: str) -> None:
    start = clock.now() + timedelta(hours=5)
    moved = move(bet, start)
    assert (moved["startsAt"], moved["version"]) == (clock.stamp(start), 2)
    assert known(bet) == {(clock.stamp(start), "SCHEDULED", 2)}
    assert changed(bet, "POSTPONED")["status"] == "POSTPONED"
    assert known(bet) == {(clock.stamp(start), "POSTPONED", 3)}
    assert len(all_guards(bet)) == 4


@pytest.mark.parametrize(
    ("before", "status", "shown", "code"),
    [
        ([], "LIVE", "CLOSED", "MARKET_CLOSED"),
        ([], "ENDED", "CLOSED", "MARKET_CLOSED"),
        ([], "CANCELLED", "CLOSED", "MARKET_CLOSED"),
        ([], "POSTPONED", "SUSPENDED", "MARKET_SUSPENDED"),
        (["LIVE"], "INTERRUPTED", "SUSPENDED", "MARKET_SUSPENDED"),
        (["LIVE"], "ABANDONED", "CLOSED", "MARKET_CLOSED"),
    ],
)
def test_no_bet_is_taken_nor_given_back_on_a_game_that_is_not_scheduled(
    bet: SimpleNamespace,
    wallet: ModuleType,
    user: str,
    market: str,
    before: list[str],
    status: str,
    shown: str,
    code: str,
) -> None:
    placed = bet.placing.place(user, new_slip(bet, (market, "1", "2.50")))
    for step in (*before, status):
        answer = changed(bet, step)
    assert [item["status"] for item in answer["markets"]] == [shown]
    assert [item["status"] for item in told(bet, "Query", "markets", fixtureId="m1")["items"]] == [shown, shown]
    had = money(wallet, user)
    assert place(bet, user, market) == code
    bet.guards._cache.clear()
    assert place(bet, user, market) == code
    assert money(wallet, user) == had
    with pytest.raises(DomainError) as refusal:
        bet.cancelling.cancel(user, placed["bet_id"])
    assert refusal.value.code == code
    assert exposure(bet, market, "1") == 25_000


def test_a_game_that_is_scheduled_again_takes_bets_again(bet: SimpleNamespace, user: str, market: str) -> None:
    changed(bet, "POSTPONED")
    assert place(bet, user, market) == "MARKET_SUSPENDED"
    move(bet, clock.now() + timedelta(days=1))
    assert place(bet, user, market) == "MARKET_SUSPENDED", "moving alone does not schedule it"
    changed(bet, "SCHEDULED")
    assert place(bet, user, market) == "ACCEPTED"


def test_a_status_of_the_game_leaves_the_markets_own_as_it_is(bet: SimpleNamespace, market: str) -> None:
    told(bet, "Mutation", "setMarketStatus", marketId=market, status="SUSPENDED")
    for status in ("POSTPONED", "SCHEDULED"):
        shown = changed(bet, status)["markets"]
        assert [item["status"] for item in shown] == ["SUSPENDED"]
    assert told(bet, "Mutation", "setMarketStatus", marketId=market, status="OPEN")["status"] == "OPEN"


def test_a_markets_version_grows_with_what_becomes_of_its_game(bet: SimpleNamespace, market: str) -> None:
    versions = [told(bet, "Query", "fixture", id="m1")["markets"][0]["version"]]
    steps: list[Callable[[], Any]] = [
        lambda: changed(bet, "POSTPONED"),
        lambda: told(bet, "Mutation", "setMarketStatus", marketId=market, status="SUSPENDED"),
        lambda: move(bet, clock.now() + timedelta(hours=9)),
        lambda: changed(bet, "SCHEDULED"),
    ]
    for step in steps:
        step()
        versions.append(told(bet, "Query", "fixture", id="m1")["markets"][0]["version"])
    assert versions == [1, 2, 3, 4, 5]


# -- in flight


def test_a_bet_that_was_priced_before_the_start_was_moved_earlier_is_refused(
    bet: SimpleNamespace, wallet: ModuleType, user: str, market: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its stake is held while the game moves to a moment that has passed; the guard's condition is about the start."""
    real = bet.wallet_api.hold_stake

    def hold_slowly(*arguments: Any) -> None:
        real(*arguments)
        monkeypatch.setattr(bet.wallet_api, "hold_stake", real)
        move(bet, clock.now() - timedelta(seconds=1))

    monkeypatch.setattr(bet.wallet_api, "hold_stake", hold_slowly)
    before = money(wallet, user)
    assert place(bet, user, market) == "MARKET_CLOSED"
    assert (money(wallet, user), exposure(bet, market, "1")) == (before, 0)


def test_a_bet_is_accepted_until_the_start_that_its_game_was_moved_to(
    bet: SimpleNamespace, user: str, market: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    move(bet, clock.now() + timedelta(hours=1))
    at(monkeypatch, 59.9)
    assert place(bet, user, market) == "ACCEPTED"
    at(monkeypatch, 0.2)
    assert place(bet, user, market) == "MARKET_CLOSED"


def test_a_bet_on_a_game_that_was_moved_later_is_taken_until_then(
    bet: SimpleNamespace, user: str, market: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    move(bet, clock.now() + timedelta(hours=4))
    at(monkeypatch, 60 * 3.9)
    assert place(bet, user, market) == "ACCEPTED"
    at(monkeypatch, 60 * 0.2)
    assert place(bet, user, market) == "MARKET_CLOSED"


def test_a_bet_whose_game_was_moved_earlier_is_not_taken_back_after_that_start(
    bet: SimpleNamespace, user: str, market: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    placed = bet.placing.place(user, new_slip(bet, (market, "1", "2.50")))
    move(bet, clock.now() + timedelta(minutes=1))
    at(monkeypatch, 2)
    with pytest.raises(bet.refusals.MarketClosed):
        bet.cancelling.cancel(user, placed["bet_id"])


def test_racing_bets_and_a_stop_leave_no_bet_behind_the_stop(
    bet: SimpleNamespace, wallet: ModuleType, market: str
) -> None:
    """Once the trader is answered, nothing more is accepted, whatever was on its way."""
    players = [new_player(wallet, 1_000_000) for _ in range(6)]
    answered: list[str] = []

    def act(n: int) -> str:
        if n == 12:
            changed(bet, "CANCELLED")
            answered.append(clock.stamp())
            return "STOPPED"
        return place(bet, players[n % 6], market)

    with ThreadPoolExecutor(6) as pool:
        outcomes = list(pool.map(act, range(36)))
    kept = [item for player in players for item in bet.table.query_all(f"USER#{player}", "BET#")]
    bets = [item for item in kept if item["status"] == "ACCEPTED"]
    assert len(bets) == outcomes.count("ACCEPTED")
    assert all(item["accepted_at"] <= answered[0] for item in bets)
    assert exposure(bet, market, "1") == 5_000 * len(bets)
    assert place(bet, players[0], market) == "MARKET_CLOSED"


# -- a trader's call that dies


def stream_of(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    for name in ("BUS_NAME", "PARKING_URL", "FOLLOWUP_QUEUE_URL", "SETTLEMENT_QUEUE_URL"):
        monkeypatch.setenv(name, name)
    monkeypatch.setenv("FOLLOWUP_SECONDS", "1")
    from bet.handlers import stream

    monkeypatch.setattr(stream.queue, "send_all", lambda *_: None)
    return stream


def test_what_a_dead_call_left_behind_is_finished_by_the_stream(
    bet: SimpleNamespace, user: str, market: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream, before = stream_of(monkeypatch), bet.fixtures.get_fixture("m1")
    with monkeypatch.context() as patch:
        patch.setattr(bet.lines, "follow", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
        with pytest.raises(KeyboardInterrupt):
            changed(bet, "POSTPONED", request="request-1")
    after = bet.fixtures.get_fixture("m1")
    assert {status for _, status, _ in known(bet)} == {"SCHEDULED"}
    plan = stream.plan(before, after)
    assert plan == [after]
    for _ in range(2):
        stream.carry_out(plan)
    assert {status for _, status, _ in known(bet)} == {"POSTPONED"}
    assert place(bet, user, market) == "MARKET_SUSPENDED"


def test_the_same_call_again_finishes_what_it_began(
    bet: SimpleNamespace, market: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(bet.lines, "follow", lambda *_: (_ for _ in ()).throw(Contention("busy")))
        answer = change(bet, "LIVE", request="request-1")
        assert answer["error"]["type"] == "CONTENTION"
    assert {status for _, status, _ in known(bet)} == {"SCHEDULED"}
    changed(bet, "LIVE", request="request-1")
    assert {status for _, status, _ in known(bet)} == {"LIVE"}


def test_a_late_message_of_the_stream_takes_nothing_back(
    bet: SimpleNamespace, market: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = stream_of(monkeypatch)
    changed(bet, "POSTPONED")
    late = bet.fixtures.get_fixture("m1")
    changed(bet, "SCHEDULED")
    stream.carry_out([late])
    assert {(status, version) for _, status, version in known(bet)} == {("SCHEDULED", 3)}


def test_a_change_that_adds_a_main_market_alone_moves_no_guard(
    bet: SimpleNamespace, market: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream, before = stream_of(monkeypatch), bet.fixtures.get_fixture("m1")
    told(bet, "Mutation", "addMarkets", fixtureId="m1", markets=[{**OVER, "specifiers": "total=3.5"}])
    after = bet.fixtures.get_fixture("m1")
    assert (stream.plan(before, after), stream.to_events(before, after)) == ([], [])
    assert stream.plan(None, bet.fixtures.get_fixture("m1")) == []


def test_what_becomes_of_a_game_is_published_of_it_and_of_its_markets(
    bet: SimpleNamespace, market: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream, before, guard = stream_of(monkeypatch), bet.fixtures.get_fixture("m1"), bet.guards.get_market(market)
    changed(bet, "POSTPONED")
    (fact,) = stream.to_events(before, bet.fixtures.get_fixture("m1"))
    assert (type(fact).__name__, fact.fixture_id, fact.status) == ("FixtureChanged", "m1", "POSTPONED")
    assert (fact.score_version, fact.goals) == (0, {})
    facts = stream.to_events(guard, bet.guards.get_market(market))
    assert [(type(fact).__name__, fact.market_version) for fact in facts] == [
        ("OddsChanged", 2),
        ("MarketSuspended", 2),
    ]
    assert facts[0].status == "SUSPENDED"


# -- beside others who write the same markets


def test_a_market_that_is_added_while_its_game_stops_stops_too(
    bet: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was made of the game as it was seen; the write demands that this still stands, and is made anew."""
    new_fixture(bet)
    real = bet.lines.add_market

    def slowly(fixture: Item, *rest: Any) -> Any:
        monkeypatch.setattr(bet.lines, "add_market", real)
        changed(bet, "CANCELLED")
        return real(fixture, *rest)

    monkeypatch.setattr(bet.lines, "add_market", slowly)
    (made,) = told(bet, "Mutation", "addMarkets", fixtureId="m1", markets=[{**OVER, "main": False}])
    assert made["status"] == "CLOSED"
    assert {(status, version) for _, status, version in known(bet)} == {("CANCELLED", 2)}


def test_guards_that_are_added_while_a_game_stops_stop_too(
    bet: SimpleNamespace, market: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In whichever order the two write: at each of the moments between which the other comes."""
    for step in range(6):
        name = f"g{step}"
        line = new_market(bet, name)
        real, left = bet.table.write, [step]

        def write(update: Any, line: str = line, left: list[int] = left, real: Any = real, **more: Any) -> Any:
            left[0] -= 1
            if left[0] == 0:
                bet.changing.add_guards(line, 4)
            return real(update, **more)

        with monkeypatch.context() as patch:
            patch.setattr(bet.table, "write", write)
            if step == 0:
                bet.changing.add_guards(line, 4)
            answer = change(bet, "CANCELLED", name)
        assert "data" in answer, answer
        bet.changing.add_guards(line, 6)
        guards = bet.guards.guards_of(line)
        assert len(guards) == 6
        assert {guard["fixture_status"] for guard in guards} == {"CANCELLED"}, step


def test_a_split_that_was_prepared_before_the_game_stopped_is_made_anew(
    bet: SimpleNamespace, market: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = bet.table.transact

    def stopped_first(*writes: Any, **more: Any) -> None:
        monkeypatch.setattr(bet.table, "transact", real)
        changed(bet, "POSTPONED")
        real(*writes, **more)

    monkeypatch.setattr(bet.table, "transact", stopped_first)
    assert bet.changing.add_guards(market, 4)["guards"] == 4
    assert {guard["fixture_status"] for guard in bet.guards.guards_of(market)} == {"POSTPONED"}


def test_a_price_and_a_stop_at_once_both_stand(bet: SimpleNamespace, market: str) -> None:
    prices = {"1": "2.40", "2": "3.30", "3": "3.00"}
    with ThreadPoolExecutor(2) as pool:
        list(
            pool.map(
                lambda act: act(),
                (lambda: bet.changing.change_market(market, {"odds": prices}), lambda: changed(bet, "POSTPONED")),
            )
        )
    guards = bet.guards.guards_of(market)
    assert {(guard["fixture_status"], guard["odds"]["1"], guard["version"]) for guard in guards} == {
        ("POSTPONED", "2.40", 2)
    }


def test_a_market_that_is_reopened_stands_as_its_game_does(bet: SimpleNamespace, user: str, market: str) -> None:
    """It closed before its game was postponed, and is opened again by a rollback after that."""
    settle(bet, market, _1="WON")
    changed(bet, "POSTPONED")
    for trader in ("trader-1", "trader-2"):
        given = {"marketId": market, "reopen": "OPEN", "reason": "settled by mistake"}
        version = told(bet, "Mutation", "rollbackMarket", trader, **given)["version"]
    work(bet, market, version)
    assert {(guard["status"], guard["fixture_status"]) for guard in bet.guards.guards_of(market)} == {
        ("OPEN", "POSTPONED")
    }
    assert place(bet, user, market) == "MARKET_SUSPENDED"


def test_a_busy_game_is_not_answered_as_changed_before_every_market_knows(
    bet: SimpleNamespace, market: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bet.trading import desk

    moment, counted = [0.0], list[str]()
    monkeypatch.setattr(desk, "count", counted.append)

    def later() -> float:
        moment[0] += 13
        return moment[0]

    monkeypatch.setattr(clock, "monotonic", later)
    answer = change(bet, "LIVE")
    assert (answer["error"]["type"], counted) == ("CONTENTION", ["MarketChangeFailed"])


def test_the_trail_says_what_stood_before(bet: SimpleNamespace, market: str) -> None:
    stood = bet.fixtures.get_fixture("m1")["starts_at"]
    start = clock.now() + timedelta(hours=5)
    move(bet, start, clientRequestId="request-1")
    changed(bet, "POSTPONED", request="request-2")
    acts = {item["action"]: item for item in bet.table.scan() if item["sk"] == "AUDIT"}
    moved, stopped = acts["moveFixture"], acts["setFixtureStatus"]
    assert (moved["before"], moved["after"]) == ({"startsAt": stood}, {"startsAt": clock.stamp(start)})
    assert (stopped["before"], stopped["after"]) == ({"status": "SCHEDULED"}, {"status": "POSTPONED"})
    assert moved["reason"] == "the pitch is wet"


# -- what may follow


FOLLOW = {
    "SCHEDULED": {"LIVE", "ENDED", "POSTPONED", "CANCELLED"},
    "LIVE": {"ENDED", "INTERRUPTED", "ABANDONED"},
    "INTERRUPTED": {"LIVE", "ENDED", "ABANDONED"},
    "POSTPONED": {"SCHEDULED", "CANCELLED"},
    "ABANDONED": {"LIVE", "ENDED"},
    "ENDED": {"LIVE"},
    "CANCELLED": {"SCHEDULED"},
}
WAYS = {
    "SCHEDULED": [], "LIVE": ["LIVE"], "ENDED": ["ENDED"], "POSTPONED": ["POSTPONED"], "CANCELLED": ["CANCELLED"],
    "INTERRUPTED": ["LIVE", "INTERRUPTED"], "ABANDONED": ["LIVE", "ABANDONED"],
}  # fmt: skip


@pytest.mark.parametrize("now", FOLLOW)
def test_only_some_statuses_follow_one_and_its_own_changes_nothing(bet: SimpleNamespace, now: str) -> None:
    for wanted in FOLLOW:
        name = f"{now}-{wanted}"
        new_fixture(bet, name)
        for step in WAYS[now]:
            changed(bet, step, name)
        before = bet.fixtures.get_fixture(name)
        answer = change(bet, wanted, name)
        after = bet.fixtures.get_fixture(name)
        if wanted == now:
            assert (answer["data"]["status"], after) == (now, before)
        elif wanted in FOLLOW[now]:
            assert (after["status"], after["version"]) == (wanted, before["version"] + 1)
        else:
            assert (answer["error"]["type"], after) == ("CONFLICT", before)


@pytest.mark.parametrize("status", ["LIVE", "ENDED", "CANCELLED"])
def test_a_game_that_is_not_to_come_is_not_moved(bet: SimpleNamespace, market: str, status: str) -> None:
    changed(bet, status)
    given = {"fixtureId": "m1", "startsAt": "2099-01-01T12:00:00Z", "reason": "too late for that"}
    assert ask(bet, "Mutation", "moveFixture", **given)["error"]["type"] == "CONFLICT"


def test_a_game_whose_start_has_passed_is_postponed_before_it_is_moved(
    bet: SimpleNamespace, user: str, market: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody may bet on a game that perhaps began, only because its start was put off."""
    at(monkeypatch, 121)
    given = {"fixtureId": "m1", "startsAt": "2099-01-01T12:00:00Z", "reason": "it has not begun"}
    assert ask(bet, "Mutation", "moveFixture", **given)["error"]["type"] == "CONFLICT"
    changed(bet, "POSTPONED")
    told(bet, "Mutation", "moveFixture", **given)
    assert place(bet, user, market) == "MARKET_SUSPENDED"
    changed(bet, "SCHEDULED")
    assert place(bet, user, market) == "ACCEPTED"


@pytest.mark.parametrize(
    "starts_at", ["soon", "2026-12-01T16:00:00", "1969-12-31T23:59:59Z", "2100-01-01T00:00:00Z", ""]
)
def test_a_start_that_is_none_moves_nothing(bet: SimpleNamespace, market: str, starts_at: str) -> None:
    before = bet.fixtures.get_fixture("m1")
    answer = ask(bet, "Mutation", "moveFixture", fixtureId="m1", startsAt=starts_at, reason="the pitch is wet")
    assert answer["error"]["type"] == "INVALID_INPUT"
    assert bet.fixtures.get_fixture("m1") == before


def test_a_move_to_where_it_is_changes_nothing(bet: SimpleNamespace, market: str) -> None:
    before = bet.fixtures.get_fixture("m1")
    move(bet, clock.parse_stamp(before["starts_at"]))
    assert bet.fixtures.get_fixture("m1") == before
