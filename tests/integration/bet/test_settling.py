"""Who may settle a market and when, taking a result back, and markets too large for one run of the worker."""

import json
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from betsafi import clock
from betsafi.aws import client
from betsafi.dynamodb import Item, Put, marshal
from betsafi.errors import Conflict, Contention, NotFound
from betsafi.events.bet import MarketRolledBack, MarketSettled
from betsafi.outbox import to_entry
from tests.support.bet import (
    TRADERS,
    at,
    decide,
    decided,
    exposure,
    money,
    new_market,
    new_slip,
    results_rows,
    settle,
    work,
)

HOME = results_rows(_1="WON", _X="LOST", _2="LOST")
AWAY = results_rows(_1="LOST", _X="LOST", _2="WON")
VOID = results_rows(_1="VOID", _X="VOID", _2="VOID")


def ask(bet: SimpleNamespace, field: str, trader: str, **arguments: Any) -> Any:
    """Ask the handler for AppSync, as a trader; return what it answers."""
    identity = {"sub": trader, "groups": ["trader"]}
    return bet.trading.handler({"type": "Mutation", "field": field, "arguments": arguments, "identity": identity})


def settling(bet: SimpleNamespace, trader: str, market: str, results: list[Item] = HOME) -> tuple[str, int | None]:
    """Ask for a market to be settled; return the status and the version that are answered."""
    answer = ask(bet, "settleMarket", trader, marketId=market, results=results)["data"]
    assert len(answer["message"]) > 10
    return answer["status"], answer["version"]


def rolling_back(bet: SimpleNamespace, trader: str, market: str, reopen: str | None = None) -> Any:
    """Ask for a result to be taken back; return the answer."""
    return ask(bet, "rollbackMarket", trader, marketId=market, reopen=reopen, reason="settled by mistake")


def image(bet: SimpleNamespace) -> list[Item]:
    return sorted(bet.table.scan(), key=lambda item: (item["pk"], item["sk"]))


# -- one trader, or two


def test_a_game_that_cannot_be_over_is_settled_by_two_traders(
    bet: SimpleNamespace, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    market = new_market(bet, hours=48)
    placed = bet.placing.place(user, new_slip(bet, (market, "1", "2.50")))
    assert settling(bet, "trader-1", market) == ("PROPOSED", None)
    assert settling(bet, "trader-1", market) == ("PROPOSED", None)
    assert bet.guards.get_market(market)["status"] == "OPEN"
    assert bet.results.find_result(market) is None
    answer = ask(bet, "settleMarket", "trader-2", marketId=market, results=HOME)["data"]
    assert (answer["status"], answer["version"], answer["decidedBy"]) == ("SETTLED", 1, ["trader-1", "trader-2"])
    assert settling(bet, "trader-1", market) == ("SETTLED", 1)
    work(bet, market, 1)
    assert decided(bet, user, placed) == ("SETTLED", "WON", 25_000, 1)


@pytest.mark.parametrize(("hours", "status"), [(2 + 89 / 60, "PROPOSED"), (2 + 91 / 60, "SETTLED")])
def test_one_trader_settles_a_game_once_it_can_be_over(
    bet: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, hours: float, status: str
) -> None:
    market = new_market(bet, hours=2)
    at(monkeypatch, 60 * hours)
    assert settling(bet, "trader-1", market)[0] == status


def test_a_competition_may_have_a_playing_time_of_its_own(
    bet: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rules have a day from which they hold; that of the game's start decides, not of the moment of settling."""
    today = clock.now().astimezone(clock.NAIROBI).date()
    about = {"waitHours": 48, "voidAfterHours": 72}
    youth = [
        {"from": f"{today - timedelta(days=7)}", "shortestPlayMinutes": 40, **about},
        {"from": f"{today + timedelta(days=7)}", "shortestPlayMinutes": 120, **about},
    ]
    market = new_market(bet, hours=2, rules=youth)
    at(monkeypatch, 2 * 60 + 39)
    assert settling(bet, "trader-1", market) == ("PROPOSED", None)
    at(monkeypatch, 2)
    assert settling(bet, "trader-2", market, VOID) == ("SETTLED", 1)
    assert settling(bet, "trader-1", market) == ("SETTLED", 2)


def test_one_trader_may_void_a_market_at_any_time(bet: SimpleNamespace, user: str) -> None:
    market = new_market(bet, hours=48)
    placed = bet.placing.place(user, new_slip(bet, (market, "1", "2.50")))
    assert settling(bet, "trader-1", market, VOID) == ("SETTLED", 1)
    work(bet, market, 1)
    assert decided(bet, user, placed) == ("SETTLED", "VOID", 10_000, 1)


def test_a_second_trader_who_says_otherwise_is_refused_until_a_day_later(
    bet: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    market = new_market(bet, hours=48)
    settling(bet, "trader-1", market)
    before = image(bet)
    refusal = ask(bet, "settleMarket", "trader-2", marketId=market, results=AWAY)["error"]
    assert refusal["type"] == "CONFLICT"
    assert image(bet) == before
    at(monkeypatch, 24.1 * 60)
    assert settling(bet, "trader-2", market, AWAY) == ("PROPOSED", None)
    assert settling(bet, "trader-1", market, AWAY) == ("SETTLED", 1)


def test_a_proposal_is_about_the_result_that_stood_when_it_was_made(bet: SimpleNamespace) -> None:
    market = new_market(bet, hours=48)
    settling(bet, "trader-1", market)
    assert settling(bet, "trader-3", market, VOID) == ("SETTLED", 1)
    assert settling(bet, "trader-2", market) == ("PROPOSED", None)
    assert bet.results.get_result(market)["results"]["1"] == "VOID"


@pytest.mark.parametrize(("limit", "status"), [(25_000, "PROPOSED"), (25_001, "SETTLED")])
def test_a_correction_of_much_money_takes_two_traders(
    bet: SimpleNamespace, user: str, monkeypatch: pytest.MonkeyPatch, limit: int, status: str
) -> None:
    market = new_market(bet)
    bet.placing.place(user, new_slip(bet, (market, "1", "2.50")))
    settle(bet, market, _1="WON")
    at(monkeypatch, 4 * 60)
    monkeypatch.setattr(bet.deciding, "settings", replace(bet.deciding.settings, correction_review_cents=limit))
    assert settling(bet, "trader-3", market, HOME) == ("SETTLED", 1), "the same results again are no correction"
    assert settling(bet, "trader-3", market, AWAY)[0] == status
    assert settling(bet, "trader-4", market, AWAY) == ("SETTLED", 2)


def test_a_reopening_that_stopped_halfway_does_not_make_a_large_market_look_small(
    bet: SimpleNamespace, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its guards begin to count anew, and a result that comes before they are done leaves them so."""
    market = new_market(bet, hours=48)
    bet.placing.place(user, new_slip(bet, (market, "1", "2.50")))
    settle(bet, market, _1="WON")
    for trader in ("trader-1", "trader-2"):
        rolling_back(bet, trader, market, "OPEN")
    bet.corrections.begin_to_count(bet.results.get_result(market))
    assert bet.exposure.liability(bet.guards.guards_of(market)) == 0
    at(monkeypatch, 50 * 60)
    monkeypatch.setattr(bet.deciding, "settings", replace(bet.deciding.settings, correction_review_cents=25_000))
    assert settling(bet, "trader-1", market, HOME) == ("SETTLED", 3)
    at(monkeypatch, 60)
    assert settling(bet, "trader-1", market, AWAY)[0] == "PROPOSED"
    assert settling(bet, "trader-2", market, AWAY) == ("SETTLED", 4)


def test_a_result_is_never_written_beside_an_open_market(bet: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between closing and the result, the end of a rollback opens the market again: it is closed once more."""
    market = new_market(bet)
    settle(bet, market, _1="WON")
    for trader in ("trader-1", "trader-2"):
        rolling_back(bet, trader, market, "OPEN")
    real, work_once = bet.deciding.games.put_result, iter([True])

    def reopened_meanwhile(*arguments: Any, **more: Any) -> Item:
        if next(work_once, False):
            work(bet, market, 2)
            assert bet.guards.get_market(market)["status"] == "OPEN"
        return dict(real(*arguments, **more))

    monkeypatch.setattr(bet.deciding.games, "put_result", reopened_meanwhile)
    assert settling(bet, "trader-1", market, VOID) == ("SETTLED", 3)
    for n in (0, 1):
        assert bet.table.get((f"GUARD#{market}#{n}", "GUARD"))["status"] == "CLOSED"
    work(bet, market, 2)
    assert bet.guards.get_market(market)["status"] == "CLOSED"


# -- taking a result back


def test_a_result_that_is_taken_back_opens_the_bets_that_it_decided(
    bet: SimpleNamespace, wallet: ModuleType, user: str
) -> None:
    market, other = new_market(bet), new_market(bet, "m2")
    single = bet.placing.place(user, new_slip(bet, (market, "1", "2.50")))
    lost = bet.placing.place(user, new_slip(bet, (market, "X", "3.20"), (other, "1", "2.50")))
    elsewhere = bet.placing.place(user, new_slip(bet, (market, "1", "2.50"), (other, "2", "2.90")))
    settle(bet, market, _1="WON")
    settle(bet, other, _1="WON")
    assert [decided(bet, user, it)[1] for it in (single, lost, elsewhere)] == ["WON", "LOST", "LOST"]
    answer = rolling_back(bet, "trader-1", market)["data"]
    assert (answer["status"], answer["version"], answer["results"]) == ("ROLLED_BACK", 2, [])
    assert rolling_back(bet, "trader-2", market)["data"]["version"] == 2
    work(bet, market, 2)
    assert decided(bet, user, single)[0::3] == ("ACCEPTED", 2)
    assert decided(bet, user, lost)[0::3] == ("ACCEPTED", 2)
    assert decided(bet, user, elsewhere) == ("SETTLED", "LOST", 0, 1)
    assert bet.guards.get_market(market)["status"] == "CLOSED"
    settle(bet, market, _X="WON")
    assert decided(bet, user, single) == ("SETTLED", "LOST", 0, 3)
    assert decided(bet, user, lost) == ("SETTLED", "WON", 80_000, 3)


def test_a_market_is_reopened_by_two_traders_once_its_bets_are_open(bet: SimpleNamespace, user: str) -> None:
    market = new_market(bet, hours=48)
    placed = bet.placing.place(user, new_slip(bet, (market, "1", "2.50")))
    settle(bet, market, _1="WON")
    assert rolling_back(bet, "trader-1", market, "OPEN")["data"]["status"] == "PROPOSED"
    assert bet.results.get_result(market)["result_version"] == 1
    assert rolling_back(bet, "trader-2", market, "OPEN")["data"]["status"] == "ROLLED_BACK"
    assert rolling_back(bet, "trader-1", market, "OPEN")["data"]["version"] == 2
    for _ in range(2):
        work(bet, market, 2)
    guards = [bet.table.get((f"GUARD#{market}#{n}", "GUARD")) for n in (0, 1)]
    assert [(guard["status"], guard["version"]) for guard in guards] == [("OPEN", 3), ("OPEN", 3)]
    assert decided(bet, user, placed)[0] == "ACCEPTED"
    assert exposure(bet, market, "1") == 25_000
    assert bet.placing.place(user, new_slip(bet, (market, "2", "2.90")))["status"] == "ACCEPTED"
    assert rolling_back(bet, "trader-1", market)["data"]["version"] == 2, "there is nothing to take back"
    assert bet.guards.get_market(market)["status"] == "OPEN"


def test_a_rollback_that_is_told_again_does_not_touch_bets_that_came_since(bet: SimpleNamespace, user: str) -> None:
    market = new_market(bet)
    settle(bet, market, _1="WON")
    for trader in ("trader-1", "trader-2"):
        rolling_back(bet, trader, market, "OPEN")
    work(bet, market, 2)
    placed = bet.placing.place(user, new_slip(bet, (market, "1", "2.50")))
    before = image(bet)
    work(bet, market, 2)
    assert image(bet) == before
    settle(bet, market, _1="WON")
    assert decided(bet, user, placed) == ("SETTLED", "WON", 25_000, 1)


@pytest.mark.both_emulators
def test_reopening_counts_again_what_the_bets_reserve(bet: SimpleNamespace, user: str) -> None:
    market = new_market(bet)
    for pick, odds in (("1", "2.50"), ("1", "2.50"), ("2", "2.90")):
        bet.placing.place(user, new_slip(bet, (market, pick, odds)))
    taken_back = bet.placing.place(user, new_slip(bet, (market, "1", "2.50")))
    bet.cancelling.cancel(user, taken_back["bet_id"])
    settle(bet, market, _1="WON")
    for n in (0, 1):
        guard = bet.table.get((f"GUARD#{market}#{n}", "GUARD"))
        bet.table.write(Put({**guard, "exposure": {"1": 7, "2": 7, "3": 0}}, "attribute_exists(pk)"))
    for trader in ("trader-1", "trader-2"):
        rolling_back(bet, trader, market, "SUSPENDED")
    work(bet, market, 2)
    assert [exposure(bet, market, pick) for pick in ("1", "X", "2")] == [50_000, 0, 29_000]
    assert bet.guards.get_market(market)["status"] == "SUSPENDED"


def test_what_cannot_be_taken_back_is_refused(bet: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    market = new_market(bet)
    assert rolling_back(bet, "trader-1", market)["error"]["type"] == "NOT_FOUND"
    assert rolling_back(bet, "trader-1", "nothing")["error"]["type"] == "NOT_FOUND"
    assert rolling_back(bet, "trader-1", market, "CLOSED")["error"]["type"] == "INVALID_INPUT"
    answer = ask(bet, "rollbackMarket", "trader-1", marketId=market, reason="?")
    assert answer["error"]["type"] == "INVALID_INPUT"
    settle(bet, market, _1="WON")
    at(monkeypatch, 2 * 60)
    before = image(bet)
    with pytest.raises(Conflict, match="has begun"):
        bet.deciding.roll_back(market, "OPEN", TRADERS[0], "settled by mistake")
    assert image(bet) == before
    bettor = {"sub": "player", "groups": ["bettor"]}
    for field, more in (("rollbackMarket", {"reason": "because"}), ("settleMarket", {"results": HOME})):
        event = {"type": "Mutation", "field": field, "arguments": {"marketId": market, **more}, "identity": bettor}
        assert bet.trading.handler(event)["error"]["type"] == "FORBIDDEN"


def test_a_rollback_of_much_money_takes_two_traders(
    bet: SimpleNamespace, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    market = new_market(bet)
    bet.placing.place(user, new_slip(bet, (market, "1", "2.50")))
    settle(bet, market, _1="WON")
    monkeypatch.setattr(bet.deciding, "settings", replace(bet.deciding.settings, correction_review_cents=25_000))
    assert rolling_back(bet, "trader-1", market)["data"]["status"] == "PROPOSED"
    assert rolling_back(bet, "trader-2", market)["data"]["status"] == "ROLLED_BACK"


def test_unknown_markets_have_no_result(bet: SimpleNamespace) -> None:
    for market in ("nothing", "m1-1x2", "m1/1", "m1/60"):
        with pytest.raises(NotFound):
            decide(bet, market, {"1": "WON", "X": "LOST", "2": "LOST"})
        assert ask(bet, "settleMarket", "trader-1", marketId=market, results=HOME)["error"]["type"] == "NOT_FOUND"
    assert image(bet) == []


# -- the worker

OLD_CURSOR = "eyJwayI6eyJTIjoiTEVHUyNtIn0sInNrIjp7IlMiOiJiIn19"


class Worker:
    """The settlement function with a queue of the test's own."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.queue = client("sqs").create_queue(QueueName=f"settlement-{uuid.uuid4()}")["QueueUrl"]
        monkeypatch.setenv("SETTLEMENT_QUEUE_URL", self.queue)
        from bet.handlers import settlement

        self.function = settlement

    def run(self, body: Item, remaining: Callable[[], int]) -> bool:
        """Let it handle one message; return whether that succeeded."""
        event = {"Records": [{"messageId": "1", "body": json.dumps(body)}]}
        context = SimpleNamespace(get_remaining_time_in_millis=remaining)
        return not self.function.handler(event, context)["batchItemFailures"]

    def sent(self) -> list[Item]:
        """Take what it sent to its queue."""
        bodies = []
        while messages := client("sqs").receive_message(QueueUrl=self.queue).get("Messages", []):
            for message in messages:
                bodies.append(json.loads(message["Body"]))
                client("sqs").delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
        return bodies


@pytest.fixture
def worker(bet: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> Worker:
    return Worker(monkeypatch)


def told(event: MarketSettled | MarketRolledBack) -> Item:
    """Return an event as the bus delivers it."""
    entry = to_entry(event, "test", {}, clock.stamp(), "bus")
    return {"source": entry["Source"], "detail-type": entry["DetailType"], "detail": json.loads(entry["Detail"])}


def settled(bet: SimpleNamespace, market: str, results: list[Item] = HOME) -> Item:
    """Have two traders settle a market; return the event."""
    for trader in ("trader-1", "trader-2"):
        answer = ask(bet, "settleMarket", trader, marketId=market, results=results)["data"]
    outcome = {row["outcomeId"]: row["result"] for row in results}
    fact = MarketSettled(fixture_id="f", market_id=market, result_version=answer["version"], results=outcome)
    return told(fact)


def large(bet: SimpleNamespace, user: str, market: str, copies: int) -> list[tuple[str, str]]:
    """Fill a market with copies of one bet, all on guard 0; return their players and ids, the real one's first."""
    placed = bet.placing.place(user, new_slip(bet, (market, "1", "2.50"), stake="20"))
    placed["legs"][0]["guard"] = 0
    keys = [(f"player-{n}", str(uuid.uuid4())) for n in range(copies)]
    table, puts = bet.table.name, []
    for player, bet_id in keys:
        item = {**placed, "pk": f"USER#{player}", "sk": f"BET#{bet_id}", "user_id": player, "bet_id": bet_id}
        leg = {"pk": f"LEGS#{market}#0", "sk": bet_id, "user_id": player, "bet_id": bet_id, "outcome_id": "1"}
        puts += [{"PutRequest": {"Item": marshal(made)}} for made in (item, leg)]
    for start in range(0, len(puts), 25):
        assert not client("dynamodb").batch_write_item(RequestItems={table: puts[start : start + 25]})[
            "UnprocessedItems"
        ]
    return [(user, placed["bet_id"]), *keys]


def test_a_market_too_large_for_one_run_is_settled_by_several(bet: SimpleNamespace, user: str, worker: Worker) -> None:
    """Every run is allowed one page of bets; each passes its place on, and the last one passes nothing on.

    The first one finds more than a page, and hands the other guard's bets to a message of their own.
    """
    market = new_market(bet)
    bets = large(bet, user, market, 230)
    bodies, runs = [settled(bet, market)], 0
    while bodies:
        body = bodies.pop(0)
        times = iter([100_000, *[39_999] * 1_000])
        assert worker.run(body, lambda times=times: next(times))
        done = sum(bet.bets.get_bet(*key)["status"] == "SETTLED" for key in bets)
        sent = worker.sent()
        if not runs:
            assert 0 < done <= 101, "the first run stops when its time is used"
            assert sorted(each["place"]["shard"] for each in sent) == [0, 1]
        assert all(each["hops"] == body.get("hops", 0) + 1 and not each["place"]["whole"] for each in sent)
        bodies, runs = [*bodies, *sent], runs + 1
    assert runs >= 4
    assert all(bet.bets.get_bet(*key)["outcome"] == "WON" for key in bets)


def test_a_message_whose_cursor_is_of_an_older_form_begins_its_list_again(
    bet: SimpleNamespace, user: str, worker: Worker
) -> None:
    """One may wait in the queue while a version is deployed, or a restored table takes the place of the one before."""
    from bet.trading import holding

    market = new_market(bet)
    bets = large(bet, user, market, 130)
    times = iter([100_000, *[39_999] * 1_000])
    assert worker.run(settled(bet, market), lambda: next(times))
    rest = worker.sent()
    assert sum(bet.bets.get_bet(*key)["status"] == "SETTLED" for key in bets) <= 101
    for body in rest:
        body["place"]["cursor"] = body["place"]["cursor"] and OLD_CURSOR
    assert any(body["place"]["cursor"] for body in rest)
    assert all(worker.run(body, lambda: 100_000) for body in rest)
    assert all(bet.bets.get_bet(*key)["outcome"] == "WON" for key in bets)
    fixture_id = market.partition("/")[0]
    holding.hold(fixture_id, TRADERS[0], "the goal is looked at")
    holding.release(fixture_id, TRADERS[1], "it did count")
    for body in ({"released": fixture_id}, {"game": fixture_id, "version": 0}, {"overdue": True, "late": 7}):
        assert worker.run({**body, "cursor": OLD_CURSOR}, lambda: 100_000), body


def test_results_that_are_held_while_they_are_given_stop_after_the_page_that_is_under_way(
    bet: SimpleNamespace, user: str, worker: Worker
) -> None:
    """Until they are released: then the newest is written once more, and so comes as if it came only now."""
    from bet.settlement import releasing
    from bet.trading import holding

    market = new_market(bet)
    bets = large(bet, user, market, 130)

    def count() -> int:
        return sum(bet.bets.get_bet(*key)["status"] == "SETTLED" for key in bets)

    times = iter([100_000, *[39_999] * 1_000])
    assert worker.run(settled(bet, market), lambda: next(times))
    first, rest = count(), worker.sent()
    assert 0 < first <= 101
    holding.hold(market, TRADERS[0], "the goal is looked at")
    assert all(worker.run(body, lambda: 100_000) for body in rest)
    assert (count(), worker.sent()) == (first, [])
    newest = settled(bet, market, AWAY)  # corrected meanwhile: those that had the first result take the newest too
    assert worker.run(newest, lambda: 100_000)
    assert (count(), worker.sent()) == (first, [])
    holding.release(market, TRADERS[1], "it did not count")
    before = bet.results.get_result(market)
    releasing.go_on(market, None, lambda: True, rest.append)
    after = bet.results.get_result(market)
    assert after != before == {name: after[name] for name in before} | {"trace": before["trace"]}
    for body in (*rest, newest):
        assert worker.run(body, lambda: 100_000)
    assert all(worker.run(body, lambda: 100_000) for body in worker.sent())
    assert {bet.bets.get_bet(*key)["outcome"] for key in bets} == {"LOST"}


@pytest.mark.concurrent
def test_settlements_of_a_result_and_of_its_correction_at_once_end_as_the_correction(
    bet: SimpleNamespace, user: str, worker: Worker
) -> None:
    """Whole, twice, and from the middle on: each bet takes the newest and no result twice."""
    market = new_market(bet)
    bets = large(bet, user, market, 130)
    first = settled(bet, market)
    with ThreadPoolExecutor(6) as pool:
        running = [pool.submit(worker.run, first, lambda: 100_000) for _ in range(3)]
        newer = settled(bet, market, AWAY)
        running += [pool.submit(worker.run, newer, lambda: 100_000) for _ in range(3)]
        assert all(run.result() for run in running)
    while bodies := worker.sent():
        assert all(worker.run(body, lambda: 100_000) for body in bodies)
    found = [bet.bets.get_bet(*key) for key in bets]
    assert {(each["status"], each["outcome"], each["payout_cents"]) for each in found} == {("SETTLED", "LOST", 0)}
    assert {each["legs"][0]["result_version"] for each in found} == {2}
    assert {each["settlement_version"] for each in found} <= {1, 2}


def test_a_worker_with_time_settles_a_market_in_one_run(bet: SimpleNamespace, user: str, worker: Worker) -> None:
    market = new_market(bet)
    bets = large(bet, user, market, 130)
    times = iter([100_000, *[40_001] * 1_000])
    assert worker.run(settled(bet, market), lambda: next(times))
    (other,) = worker.sent()
    assert other["place"]["shard"] == 1
    assert worker.run(other, lambda: 100_000)
    assert worker.sent() == []
    assert all(bet.bets.get_bet(*key)["status"] == "SETTLED" for key in bets)


def test_a_page_whose_guards_are_busy_goes_no_further_than_its_time(
    bet: SimpleNamespace, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    market, other = new_market(bet), new_market(bet, "m2")
    multis = [bet.placing.place(user, new_slip(bet, (market, "X", "3.20"), (other, "1", "2.50"))) for _ in range(3)]
    single = bet.placing.place(user, new_slip(bet, (market, "1", "2.50")))
    for trader in TRADERS:
        bet.deciding.settle(market, bet.given.Results({"1": "WON", "2": "LOST", "3": "LOST"}, {}), trader)
    real, tried, late = bet.worker.save_steps, [], []

    def busy(steps: Any) -> None:
        if any(step.moved for step in steps):
            tried.append(len(steps))
            raise Contention("The guard is busy.")
        real(steps)

    monkeypatch.setattr(bet.worker, "save_steps", busy)
    shards, place = 0, bet.worker.Place(market, 1)
    while place:
        place, shards = bet.worker.settle_bets(place, lambda: False, late.append), shards + 1
    assert len(tried) <= shards, "each page tries its guards once and no more"
    assert sorted(bet_["bet_id"] for bet_ in late) == sorted(multi["bet_id"] for multi in multis)
    assert decided(bet, user, single)[:2] == ("SETTLED", "WON")
    monkeypatch.setattr(bet.worker, "save_steps", real)
    for multi in late:
        bet.worker.settle_one(market, user, multi["bet_id"])
    assert {decided(bet, user, multi)[1] for multi in multis} == {"LOST"}


def test_a_settlement_that_goes_round_in_circles_ends_as_a_failed_message(
    bet: SimpleNamespace, user: str, worker: Worker
) -> None:
    market = new_market(bet)
    (key,) = large(bet, user, market, 0)
    settled(bet, market)
    place = {"market_id": market, "result_version": 1, "shard": 0, "cursor": None}
    assert not worker.run({"place": place, "hops": 5_001}, lambda: 100_000)
    assert (worker.sent(), bet.bets.get_bet(*key)["status"]) == ([], "ACCEPTED")
    assert worker.run({"place": place, "hops": 5_000}, lambda: 100_000)
    assert bet.bets.get_bet(*key)["status"] == "SETTLED"


def test_a_place_in_a_result_that_is_superseded_goes_no_further(
    bet: SimpleNamespace, user: str, worker: Worker
) -> None:
    market = new_market(bet)
    (key,) = large(bet, user, market, 0)
    first = settled(bet, market)
    newer = settled(bet, market, AWAY)
    assert worker.run(first, lambda: 100_000)
    assert bet.bets.get_bet(*key)["status"] == "ACCEPTED"
    assert worker.run(newer, lambda: 100_000)
    assert bet.bets.get_bet(*key)["outcome"] == "LOST"


def test_a_rollback_reaches_the_worker_as_an_event_of_its_own(
    bet: SimpleNamespace, wallet: ModuleType, user: str, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("BUS_NAME", "PARKING_URL", "FOLLOWUP_QUEUE_URL"):
        monkeypatch.setenv(name, name)
    monkeypatch.setenv("FOLLOWUP_SECONDS", "1")
    from bet.handlers import stream

    market = new_market(bet)
    placed = bet.placing.place(user, new_slip(bet, (market, "1", "2.50")))
    settle(bet, market, _1="WON")
    before = bet.bets.get_bet(user, placed["bet_id"])
    rolling_back(bet, "trader-1", market)
    (event,) = stream.to_events(None, bet.results.get_result(market))
    named = {"decided_by": ["trader-1"], "decided_because": ["settled by mistake"]}
    assert event == MarketRolledBack(fixture_id="m1", market_id=market, result_version=2, **named)
    assert worker.run(told(event), lambda: 100_000)
    (reopened,) = stream.to_events(before, bet.bets.get_bet(user, placed["bet_id"]))
    assert (type(reopened).__name__, reopened.result_version) == ("BetReopened", 2)
    assert money(wallet, user) == (85_000, 10_000)


def reopened(bet: SimpleNamespace, market: str) -> int:
    """Settle a market, take the result back and open it again; return the version of the rollback."""
    settle(bet, market, _1="VOID", _X="VOID", _2="VOID")
    for trader in ("trader-1", "trader-2"):
        rolling_back(bet, trader, market, "OPEN")
    version = int(bet.results.get_result(market)["result_version"])
    work(bet, market, version)
    return version


def test_a_bet_that_had_a_result_is_not_taken_back_though_its_market_is_open_again(
    bet: SimpleNamespace, user: str
) -> None:
    """The wallet heard of the result, and could hear of the cancelling before it hears that the bet is open again."""
    market = new_market(bet)
    placed = bet.placing.place(user, new_slip(bet, (market, "1", "2.50")))
    reopened(bet, market)
    assert bet.bets.get_bet(user, placed["bet_id"])["status"] == "ACCEPTED"
    with pytest.raises(bet.grace.TooLateToCancel):
        bet.cancelling.cancel(user, placed["bet_id"])


def test_a_rollback_that_is_told_again_opens_no_market_that_was_closed_since(bet: SimpleNamespace, user: str) -> None:
    market = new_market(bet)
    version = reopened(bet, market)
    bet.placing.place(user, new_slip(bet, (market, "1", "2.50")))
    bet.changing.change_market(market, {"status": "CLOSED"})  # a trader's settling came no further than this
    before = image(bet)
    work(bet, market, version)
    bet.corrections.begin_to_count(bet.results.get_result(market))
    assert image(bet) == before
    for trader in ("trader-1", "trader-2"):
        answer = rolling_back(bet, trader, market, "OPEN")["data"]
    assert (answer["status"], answer["version"]) == ("ROLLED_BACK", version + 1)
    work(bet, market, version + 1)
    assert bet.guards.get_market(market)["status"] == "OPEN"
    assert exposure(bet, market, "1") == 25_000
