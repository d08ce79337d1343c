"""What a market may cost, whatever is bet on it: at kick-off, with multis, after corrections, over many guards."""

import json
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from betsafi import aws, clock
from betsafi.dynamodb import Item, Put, Update
from betsafi.errors import Contention, DomainError
from tests.support.bet import (
    ODDS,
    bet_of_a_test,
    by_outcome,
    decide,
    exposure,
    money,
    new_market,
    new_player,
    new_slip,
    settle,
    work,
)
from tests.support.services import load

Money = Callable[[str], tuple[int, int]]


@pytest.fixture
def bet(emulator: str, wallet: ModuleType, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The bet service: a bet pays at most KES 1,000.00, a selection of a market costs at most twice that."""
    small = {"MAX_STAKE_CENTS": "100000", "MAX_PAYOUT_CENTS": "100000", "STANDARD_LIMIT_CENTS": "200000"}
    return bet_of_a_test(emulator, wallet, monkeypatch, **small)


@pytest.fixture
def user(wallet: ModuleType) -> str:
    return new_player(wallet, 10_000_000)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch, bet: SimpleNamespace) -> Counter[str]:
    """The metrics that the bet service emits."""
    seen: Counter[str] = Counter()
    for module in (bet.changing, bet.placing, bet.worker):
        monkeypatch.setattr(module, "count", lambda name, *_, **__: seen.update([name]))
    return seen


@pytest.mark.both_emulators
def test_a_selection_may_be_called_whatever_a_feed_calls_it(bet: SimpleNamespace, user: str) -> None:
    scorers = {"sr:player:1": "2.00", "sr:player:2": "3.00", "1714": "4.00"}
    market = new_market(bet, "sr:match:1", odds=scorers)
    placed = bet.placing.place(user, new_slip(bet, (market, "sr:player:2", "3.00")))
    assert (placed["status"], exposure(bet, market, "sr:player:2")) == ("ACCEPTED", 30_000)
    for n in (0, 1):
        key = (f"GUARD#{market}#{n}", "GUARD")
        bet.table.write(Update(key, "SET #limit_cents = :more", values={"more": 500_000}))
    assert bet.changing.add_guards(market, 4)["guards"] == 4
    assert exposure(bet, market, "sr:player:2") == 30_000
    bet.cancelling.cancel(user, placed["bet_id"])
    assert [exposure(bet, market, scorer) for scorer in scorers] == [0, 0, 0]


def live(bet: SimpleNamespace, user: str) -> Iterator[Item]:
    return (item for item in bet.table.query_all(f"USER#{user}", "BET#") if item["status"] == "ACCEPTED")


def place(bet: SimpleNamespace, user: str, *picks: tuple[str, str, str], stake: str = "100.00") -> str:
    """Place a bet; return its id, or the code of its refusal."""
    try:
        return str(bet.placing.place(user, new_slip(bet, *picks, stake=stake))["bet_id"])
    except DomainError as error:
        return error.code


# -- kick-off


def test_a_bet_that_reaches_the_market_after_kick_off_is_refused_and_its_stake_goes_back(
    bet: SimpleNamespace, wallet: ModuleType, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    market = new_market(bet, hours=1)
    start = clock.parse_stamp(bet.fixtures.find_fixture("m1")["starts_at"])
    moment = [start - timedelta(milliseconds=1)]
    monkeypatch.setattr(clock, "now", lambda: moment[0])
    hold = bet.wallet_api.hold_stake

    def hold_slowly(*arguments: Any) -> None:
        hold(*arguments)
        moment[0] = start + timedelta(seconds=3)

    monkeypatch.setattr(bet.wallet_api, "hold_stake", hold_slowly)
    before = money(wallet, user)
    assert place(bet, user, (market, "1", "2.50")) == "MARKET_CLOSED"
    assert money(wallet, user) == before
    assert exposure(bet, market, "1") == 0


def test_a_bet_that_had_to_try_again_until_after_kick_off_is_refused(
    bet: SimpleNamespace, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    market = new_market(bet, hours=1)
    start = clock.parse_stamp(bet.fixtures.find_fixture("m1")["starts_at"])
    moment = [start - timedelta(milliseconds=1)]
    monkeypatch.setattr(clock, "now", lambda: moment[0])
    conflicts(monkeypatch, "transact_write_items", 1)

    def wait(*_: Any, **__: Any) -> None:
        moment[0] = start

    monkeypatch.setattr(clock, "sleep_with_jitter", wait)
    assert place(bet, user, (market, "1", "2.50")) == "MARKET_CLOSED"


# -- multis


def test_what_a_selection_can_cost_never_exceeds_its_limit_multis_included(bet: SimpleNamespace, user: str) -> None:
    shared = new_market(bet, "shared", odds={"1": "1.10", "X": "9.00", "2": "21.00"})
    codes: Counter[str] = Counter()
    for n in range(30):
        own = new_market(bet, f"own-{n}", odds={"1": "9.00", "X": "5.00", "2": "1.30"})
        outcome = place(bet, user, (own, "1", "9.00"), (shared, "1", "1.10"), stake="20.00")
        codes[outcome if outcome.isupper() else "ACCEPTED"] += 1
    cost = sum(item["potential_payout_cents"] for item in live(bet, user))
    assert codes["ACCEPTED"] >= 8
    assert codes["STAKE_LIMIT"] >= 1
    assert cost == exposure(bet, shared, "1") <= 200_000


def test_racing_bets_never_pass_the_limit_while_guards_are_added(
    bet: SimpleNamespace, user: str, wallet: ModuleType
) -> None:
    market = new_market(bet)
    for n in (0, 1):
        key = (f"GUARD#{market}#{n}", "GUARD")
        bet.table.write(Update(key, "SET #limit_cents = :more", values={"more": 500_000}))
    players = [new_player(wallet, 1_000_000) for _ in range(20)]  # each of whom is paid what two of these bets pay

    def attempt(n: int) -> str:
        if n % 10 == 5:
            return f"{bet.changing.add_guards(market, 3 + n // 10)['guards']} GUARDS"
        return place(bet, players[n % 20], (market, "1", "2.50"), stake="200.00")

    with ThreadPoolExecutor(6) as pool:
        outcomes = Counter(map(str.isupper, pool.map(attempt, range(60))))
    guards = bet.guards.guards_of(market)
    assert 3 <= len(guards) <= 8
    assert 900_000 < sum(guard["limit_cents"] for guard in guards) <= 1_000_000
    assert all(guard["exposure"]["1"] <= guard["limit_cents"] for guard in guards)
    cost = sum(item["potential_payout_cents"] for player in players for item in live(bet, player))
    assert exposure(bet, market, "1") == cost == outcomes[False] * 50_000 <= 1_000_000


def test_new_guards_take_bets_follow_the_price_and_are_settled(bet: SimpleNamespace, user: str) -> None:
    market = new_market(bet)
    for n in (0, 1):
        key = (f"GUARD#{market}#{n}", "GUARD")
        bet.table.write(Update(key, "SET #limit_cents = :more", values={"more": 1_000_000}))
    assert bet.changing.add_guards(market, 8)["guards"] == 8
    bet.changing.change_market(market, {"odds": by_outcome({**ODDS, "1": "2.40"})})
    ids = [place(bet, user, (market, "1", "2.40"), stake="20.00") for _ in range(20)]
    used = {bet.bets.get_bet(user, bet_id)["legs"][0]["guard"] for bet_id in ids}
    assert used & set(range(2, 8))
    settle(bet, market, _1="WON")
    assert {bet.bets.get_bet(user, bet_id)["payout_cents"] for bet_id in ids} == {4_800}


def test_guards_are_not_added_where_a_part_would_be_too_small(bet: SimpleNamespace) -> None:
    market = new_market(bet)
    assert bet.changing.add_guards(market, 8)["guards"] == 2
    assert [guard["limit_cents"] for guard in bet.guards.guards_of(market)] == [100_000, 100_000]


# -- decisions, cancellations, corrections


def fill(bet: SimpleNamespace, wallet: ModuleType, *picks: tuple[str, str, str]) -> None:
    """Let players place a bet of KES 40.00 each until a selection has no room left."""
    while (code := place(bet, new_player(wallet), *picks, stake="40.00")) != "STAKE_LIMIT":
        assert not code.isupper()


def test_a_dead_multi_gives_back_what_it_reserved(bet: SimpleNamespace, wallet: ModuleType, user: str) -> None:
    first, second = new_market(bet, "a"), new_market(bet, "b")
    fill(bet, wallet, (first, "1", "2.50"), (second, "1", "2.50"))
    assert exposure(bet, second, "1") >= 100_000  # at least one of two guards is full
    settle(bet, first, _2="WON")
    assert exposure(bet, second, "1") == 0
    assert not place(bet, user, (second, "1", "2.50"), stake="40.00").isupper()


def test_what_a_correction_revives_is_reserved_again_even_above_the_limit(
    bet: SimpleNamespace, wallet: ModuleType, user: str
) -> None:
    first, second = new_market(bet, "a"), new_market(bet, "b")
    doubles = [place(bet, user, (first, "1", "2.50"), (second, "1", "2.50"), stake="40.00") for _ in range(4)]
    settle(bet, first, _2="WON")
    fill(bet, wallet, (second, "1", "2.50"))
    full = exposure(bet, second, "1")
    settle(bet, first, _1="WON")
    assert [bet.bets.get_bet(user, bet_id)["status"] for bet_id in doubles] == ["ACCEPTED"] * 4
    assert exposure(bet, second, "1") == full + 4 * 25_000 > 200_000


def test_a_void_or_cancelled_multi_gives_back_too_and_a_decided_single_writes_no_guard(
    bet: SimpleNamespace, user: str
) -> None:
    first, second = new_market(bet, "a"), new_market(bet, "b")
    cancelled = place(bet, user, (first, "1", "2.50"), (second, "1", "2.50"))
    bet.cancelling.cancel(user, cancelled)
    assert (exposure(bet, first, "1"), exposure(bet, second, "1")) == (0, 0)
    place(bet, user, (first, "1", "2.50"))
    before = bet.guards.guards_of(first)
    bet.changing.change_market(first, {"status": "CLOSED"})
    closed = bet.guards.guards_of(first)
    settle(bet, first, _1="WON")
    assert bet.guards.guards_of(first) == closed
    assert [guard["exposure"] for guard in closed] == [guard["exposure"] for guard in before]


@pytest.mark.both_emulators
def test_a_page_of_dead_multis_writes_each_guard_once(
    bet: SimpleNamespace, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, others = new_market(bet, "a"), [new_market(bet, f"o{n}") for n in range(2)]
    picks = [(market, "1", "2.50") for market in (first, *others)]
    ids = [place(bet, user, *picks, stake="20.00") for _ in range(2)]
    guards = {bet.bets.get_bet(user, bet_id)["legs"][0]["guard"] for bet_id in ids}
    written: Counter[str] = Counter()
    real = bet.table.transact

    def watch(*writes: Any, **options: Any) -> None:
        written.update(w.key[0] for w in writes if isinstance(w, Update) and w.key[1] == "GUARD")
        real(*writes, **options)

    version = decide(bet, first, {"1": "LOST", "X": "LOST", "2": "WON"})
    monkeypatch.setattr(bet.table, "transact", watch)
    work(bet, first, version)
    assert written == Counter({f"GUARD#{market}#{n}": 1 for market in others for n in guards})


# -- contention


def conflicts(monkeypatch: pytest.MonkeyPatch, operation: str, times: int) -> list[int]:
    """Let the next writes of a guard meet another writer's transaction; return the list that counts those left."""
    left = [times]
    real = getattr(aws.client("dynamodb"), operation)

    def call(**request: Any) -> Any:
        if left[0] <= 0 or '"GUARD#' not in json.dumps(request):
            return real(**request)
        left[0] -= 1
        if operation == "update_item":
            raise ClientError({"Error": {"Code": "TransactionConflictException", "Message": ""}}, operation)
        guards = ['"GUARD#' in json.dumps(item) for item in request["TransactItems"]]
        reasons = [{"Code": "TransactionConflict" if guard else "None"} for guard in guards]
        error = {"Code": "TransactionCanceledException", "Message": ""}
        raise ClientError({"Error": error, "CancellationReasons": reasons}, operation)  # type: ignore[typeddict-unknown-key]

    monkeypatch.setattr(aws.client("dynamodb"), operation, call)
    return left


def test_a_traders_change_wins_however_often_bets_are_in_its_way(
    bet: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    market = new_market(bet)
    left = conflicts(monkeypatch, "update_item", 60)
    assert bet.changing.change_market(market, {"status": "SUSPENDED"})["status"] == "SUSPENDED"
    assert left == [0]
    assert {guard["status"] for guard in bet.guards.guards_of(market)} == {"SUSPENDED"}


def test_a_change_that_could_not_be_carried_out_is_counted_for_an_alarm(
    bet: SimpleNamespace, counted: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    market = new_market(bet)
    moment = [0.0]

    def pass_time(*_: Any, **__: Any) -> None:
        moment[0] += 0.5

    monkeypatch.setattr(clock, "monotonic", lambda: moment[0])
    monkeypatch.setattr(clock, "sleep_with_jitter", pass_time)
    conflicts(monkeypatch, "update_item", 10**6)
    with pytest.raises(Contention):
        bet.changing.change_market(market, {"status": "SUSPENDED"})
    assert counted["MarketChangeFailed"] == 1
    assert {guard["status"] for guard in bet.guards.guards_of(market)} == {"OPEN"}


def test_a_market_whose_bets_get_into_each_others_way_gets_more_guards_by_itself(
    bet: SimpleNamespace, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    market = new_market(bet)
    for n in (0, 1):
        key = (f"GUARD#{market}#{n}", "GUARD")
        bet.table.write(Update(key, "SET #limit_cents = :more", values={"more": 1_000_000}))
    monkeypatch.setattr(clock, "sleep_with_jitter", lambda *_, **__: None)
    conflicts(monkeypatch, "transact_write_items", 3)
    assert not place(bet, user, (market, "1", "2.50")).isupper()
    assert len(bet.guards.guards_of(market)) == 4


def test_a_bet_on_a_nearly_full_selection_is_counted_and_one_too_many_as_well(
    bet: SimpleNamespace, wallet: ModuleType, counted: Counter[str]
) -> None:
    market = new_market(bet)
    while place(bet, new_player(wallet), (market, "1", "2.50"), stake="100.00") != "STAKE_LIMIT":
        bet.guards._cache.clear()  # what is remembered for two seconds lags behind
    assert counted["ExposureNearLimit"] >= 1
    assert counted["BetRefusedForExposure"] == 1


# -- what traders see of it


@pytest.mark.both_emulators
def test_traders_see_what_each_selection_could_cost_before_and_after_they_split_its_limit(
    bet: SimpleNamespace, user: str
) -> None:
    market, other = new_market(bet), new_market(bet, "other")
    for n in (0, 1):
        key = (f"GUARD#{market}#{n}", "GUARD")
        bet.table.write(Update(key, "SET #limit_cents = :more", values={"more": 300_000}))

    def trade(kind: str, field: str, **arguments: Any) -> tuple[int, dict[str, tuple[str, str]]]:
        given = {"marketId": market, **arguments}
        identity = {"sub": "trader-1", "groups": ["trader"]}
        shown = bet.trading.handler({"type": kind, "field": field, "arguments": given, "identity": identity})["data"]
        rows = {row["key"]: (row["exposure"]["amount"], row["limit"]["amount"]) for row in shown["selections"]}
        return shown["guards"], rows

    place(bet, user, (market, "1", "2.50"), stake="40.00")
    place(bet, user, (market, "1", "2.50"), (other, "1", "2.50"), stake="40.00")
    place(bet, user, (market, "X", "3.20"), stake="40.00")
    costs = {"1": ("350.00", "6000.00"), "X": ("128.00", "6000.00"), "2": ("0.00", "6000.00")}
    assert trade("Query", "marketExposure") == (2, costs)
    assert trade("Mutation", "setMarketGuards", guards=4) == (4, costs)
    assert len(bet.guards.guards_of(market)) == 4
    settle(bet, other, _2="WON")
    assert trade("Query", "marketExposure") == (4, {**costs, "1": ("100.00", "6000.00")})


# -- one failing bet


def test_one_bet_that_cannot_be_settled_does_not_stop_those_behind_it(
    bet: SimpleNamespace, user: str, emulator: str, counted: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = new_market(bet, "a"), new_market(bet, "b")
    ids = [place(bet, user, (first, "1", "2.50"), stake="20.00") for _ in range(3)]
    ids += [place(bet, user, (first, "1", "2.50"), (second, "1", "2.50"), stake="20.00") for _ in range(3)]
    poisoned = [ids[1], ids[4]]
    good = {bet_id: bet.bets.get_bet(user, bet_id) for bet_id in poisoned}
    for bet_id in poisoned:
        bet.table.write(Put({**good[bet_id], "legs": "unreadable"}, "attribute_exists(pk)"))
    queue = aws.client("sqs").create_queue(QueueName=f"settlement-{uuid.uuid4().hex}")["QueueUrl"]
    monkeypatch.setenv("SETTLEMENT_QUEUE_URL", queue)
    from bet.handlers import settlement as worker

    monkeypatch.setattr(worker, "settings", worker.Settings(queue))
    version = decide(bet, first, {"1": "LOST", "X": "WON", "2": "LOST"})
    body = {"place": {"market_id": first, "result_version": version}, "hops": 0}
    context = SimpleNamespace(get_remaining_time_in_millis=lambda: 100_000)

    def work(message: str) -> list[dict[str, str]]:
        failures = worker.handler({"Records": [{"messageId": "m", "body": message}]}, context)["batchItemFailures"]
        return list(failures)

    assert work(json.dumps(body)) == []
    statuses = {bet_id: bet.bets.get_bet(user, bet_id)["status"] for bet_id in ids}
    assert {bet_id for bet_id in ids if statuses[bet_id] == "ACCEPTED"} == set(poisoned)
    assert counted["BetSetAside"] == 2
    received = aws.client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    bodies = [message["Body"] for message in received]
    assert sorted(json.loads(text)["betId"] for text in bodies) == sorted(poisoned)
    assert all(work(text) for text in bodies)  # as long as it is wrong, it fails alone
    for bet_id in poisoned:
        bet.table.write(Put(good[bet_id], "attribute_exists(pk)"))
    assert not any(work(text) for text in bodies)
    assert {bet.bets.get_bet(user, bet_id)["status"] for bet_id in ids} == {"SETTLED"}
    assert exposure(bet, second, "1") == 0


# -- settings


@pytest.mark.parametrize(
    "settings", [{"SMALL_LIMIT_CENTS": "199999999"}, {"POPULAR_GUARDS": "17"}, {"STANDARD_GUARDS": "17"}]
)
def test_a_guard_that_could_not_carry_the_largest_payout_is_refused_when_it_is_configured(
    settings: dict[str, str],
) -> None:
    with pytest.raises(RuntimeError, match=next(iter(settings))):
        load("bet.markets.limits", **settings)
    load("bet.markets.limits")


def test_a_change_that_came_no_further_than_the_visible_guard_is_finished_when_it_is_done_again(
    bet: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    market = new_market(bet)
    with monkeypatch.context() as patch:
        patch.setattr(bet.changing, "spread", lambda *_: (_ for _ in ()).throw(Contention("busy")))
        with pytest.raises(Contention):
            bet.changing.change_market(market, {"status": "SUSPENDED"})
    assert [guard["status"] for guard in bet.guards.guards_of(market)] == ["SUSPENDED", "OPEN"]
    bet.changing.change_market(market, {"status": "SUSPENDED"})
    assert [guard["status"] for guard in bet.guards.guards_of(market)] == ["SUSPENDED", "SUSPENDED"]
