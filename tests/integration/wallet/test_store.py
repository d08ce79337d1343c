"""The ledger in a real table: guards, idempotency and races."""

import importlib
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from random import Random
from types import ModuleType
from typing import Any

import pytest

from betsafi import clock
from betsafi.errors import Conflict, IdempotencyKeyReused, NotFound
from betsafi.protection import Protection
from tests.support.bet import load_wallet

pytestmark = pytest.mark.both_emulators


@pytest.fixture(scope="module")
def store(emulator: str) -> ModuleType:
    loaded = load_wallet(emulator)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BUS_NAME", "bus")
        patch.setenv("PARKING_URL", "parking")
        importlib.import_module("wallet.handlers.stream")
    return loaded


@pytest.fixture
def user(store: ModuleType) -> str:
    """A player with KES 950.00."""
    user_id = str(uuid.uuid4())
    store.open_account(user_id)
    store.deposit(user_id, f"deposit-{user_id}", 100_000, 95_000, 5_000)
    return user_id


def balances(store: ModuleType, user: str) -> tuple[int, int, int]:
    account = store.get_account(user)
    return account["available"], account["held"], account["receivable"]


def assert_books_balance(store: ModuleType, user: str) -> None:
    """Every entry sums to zero, and the account is the sum of its entries."""
    from wallet.rules import ledger

    totals = {"available": 0, "held": 0, "receivable": 0}
    for item in store.table.query_all(f"USER#{user}"):
        if item["sk"] == "ACCOUNT":
            continue
        assert sum(cents for _, cents in item["postings"]) == 0
        for part, cents in ledger.balance_changes(user, item["postings"]).items():
            totals[part] += cents
        if "hold" in item:
            hold = item["hold"]
            assert hold["amount"] == hold["remaining"] + hold["released"] + hold["captured"]
    assert balances(store, user) == tuple(totals.values())


def test_a_deposit_is_credited_once_whatever_is_delivered_again(store: ModuleType, user: str) -> None:
    for _ in range(3):
        store.deposit(user, f"deposit-{user}", 100_000, 95_000, 5_000)
    assert balances(store, user) == (95_000, 0, 0)
    with pytest.raises(IdempotencyKeyReused):
        store.deposit(user, f"deposit-{user}", 200_000, 190_000, 10_000)
    assert_books_balance(store, user)


def test_a_deposit_that_arrives_before_the_account_opens_it(store: ModuleType) -> None:
    user = str(uuid.uuid4())
    store.deposit(user, "early", 100_000, 95_000, 5_000)
    store.open_account(user)
    assert balances(store, user) == (95_000, 0, 0)


def test_a_hold_moves_money_once_and_refuses_another_body(store: ModuleType, user: str) -> None:
    first = store.place_hold(user, "bet-1", "BET", 10_000)
    assert store.place_hold(user, "bet-1", "BET", 10_000) == first
    assert balances(store, user) == (85_000, 10_000, 0)
    with pytest.raises(IdempotencyKeyReused):
        store.place_hold(user, "bet-1", "BET", 10_001)
    assert_books_balance(store, user)


def test_a_replayed_hold_that_emptied_the_account_is_a_replay_not_a_refusal(store: ModuleType, user: str) -> None:
    store.place_hold(user, "all", "BET", 95_000)
    assert store.place_hold(user, "all", "BET", 95_000).remaining == 95_000


def test_a_stake_above_the_balance_changes_nothing(store: ModuleType, user: str) -> None:
    from wallet.rules.ledger import InsufficientFunds

    with pytest.raises(InsufficientFunds):
        store.place_hold(user, "bet-1", "BET", 95_001)
    assert balances(store, user) == (95_000, 0, 0)
    with pytest.raises(NotFound):
        store.place_hold("nobody", "bet-1", "BET", 1)


def test_a_suspended_player_may_withdraw_but_not_bet(store: ModuleType, user: str) -> None:
    from wallet.rules.ledger import AccountNotActive

    store.set_status(user, "SUSPENDED", 3)
    store.set_status(user, "ACTIVE", 2)
    with pytest.raises(AccountNotActive):
        store.place_hold(user, "bet-1", "BET", 100)
    store.place_hold(user, "withdrawal-1", "WITHDRAWAL", 10_000)
    store.set_status(user, "ACTIVE", 4)
    store.place_hold(user, "bet-1", "BET", 100)
    assert_books_balance(store, user)


def test_a_release_gives_everything_back_once(store: ModuleType, user: str) -> None:
    store.place_hold(user, "bet-1", "BET", 10_000)
    for _ in range(3):
        assert store.release(user, "bet-1", "rejected").remaining == 0
    assert balances(store, user) == (95_000, 0, 0)
    assert_books_balance(store, user)


def test_a_hold_that_comes_after_its_release_is_refused_for_ever(store: ModuleType, user: str) -> None:
    from wallet.rules.chains import HoldVoided

    for _ in range(2):
        assert store.release(user, "bet-1", "gave up").voided
    for _ in range(2):
        with pytest.raises(HoldVoided):
            store.place_hold(user, "bet-1", "BET", 10_000)
    with pytest.raises(HoldVoided):
        store.settle(user, "bet-1", 1, 20_000)
    assert balances(store, user) == (95_000, 0, 0)


@pytest.mark.parametrize(("payout", "available"), [(25_000, 110_000), (0, 85_000), (10_000, 95_000)])
def test_a_settlement_pays_the_absolute_payout_once(store: ModuleType, user: str, payout: int, available: int) -> None:
    store.place_hold(user, "bet-1", "BET", 10_000)
    for _ in range(3):
        store.settle(user, "bet-1", 1, payout)
    assert balances(store, user) == (available, 0, 0)
    with pytest.raises(Conflict):
        store.settle(user, "bet-1", 1, payout + 1)
    assert_books_balance(store, user)


def test_a_released_stake_cannot_be_settled(store: ModuleType, user: str) -> None:
    from wallet.rules.chains import HoldVoided

    store.place_hold(user, "bet-1", "BET", 10_000)
    store.release(user, "bet-1", "rejected")
    with pytest.raises(HoldVoided):
        store.settle(user, "bet-1", 1, 20_000)
    assert_books_balance(store, user)


def test_a_correction_posts_the_difference_and_an_older_result_nothing(store: ModuleType, user: str) -> None:
    store.place_hold(user, "bet-1", "BET", 10_000)
    store.settle(user, "bet-1", 2, 30_000)
    store.settle(user, "bet-1", 1, 0)
    assert balances(store, user) == (115_000, 0, 0)
    store.settle(user, "bet-1", 3, 5_000)
    assert balances(store, user) == (90_000, 0, 0)
    assert_books_balance(store, user)


def test_what_a_correction_cannot_take_back_is_owed_and_repaid_by_the_next_deposit(
    store: ModuleType, user: str
) -> None:
    from wallet.rules.ledger import AccountNotActive

    store.place_hold(user, "bet-1", "BET", 10_000)
    store.settle(user, "bet-1", 1, 30_000)
    store.place_hold(user, "withdrawal-1", "WITHDRAWAL", 110_000)
    store.settle(user, "bet-1", 2, 0)
    assert balances(store, user) == (0, 110_000, -25_000)
    with pytest.raises(AccountNotActive):
        store.place_hold(user, "bet-2", "BET", 1)
    store.deposit(user, "second", 20_000, 19_000, 1_000)
    assert balances(store, user) == (0, 110_000, -6_000)
    store.deposit(user, "third", 20_000, 19_000, 1_000)
    assert balances(store, user) == (13_000, 110_000, 0)
    assert_books_balance(store, user)


def test_a_withdrawal_is_captured_once_and_its_cents_go_back(store: ModuleType, user: str) -> None:
    store.place_hold(user, "withdrawal-1", "WITHDRAWAL", 50_050)
    with pytest.raises(Conflict):
        store.pay_out(user, "withdrawal-1", 47_500, 2_502, 47)
    for _ in range(3):
        store.pay_out(user, "withdrawal-1", 47_500, 2_502, 48)
    assert balances(store, user) == (44_998, 0, 0)
    assert store.release(user, "withdrawal-1", "late failure").remaining == 0
    assert balances(store, user) == (44_998, 0, 0)
    assert_books_balance(store, user)


def test_a_settlement_before_its_stake_is_tried_again_later(store: ModuleType, user: str) -> None:
    with pytest.raises(store.UnknownHold):
        store.settle(user, "bet-1", 1, 20_000)
    store.place_hold(user, "bet-1", "BET", 10_000)
    store.settle(user, "bet-1", 1, 20_000)
    assert balances(store, user) == (105_000, 0, 0)


def attempt(call: Any, *arguments: Any) -> str:
    try:
        call(*arguments)
    except Exception as error:  # noqa: BLE001  the race's outcome is what is counted
        return type(error).__name__
    return "done"


@pytest.mark.concurrent
def test_fifty_racing_stakes_cannot_overdraw_an_account(store: ModuleType, user: str) -> None:
    with ThreadPoolExecutor(16) as pool:
        outcomes = list(pool.map(lambda n: attempt(store.place_hold, user, f"race-{n}", "BET", 3_000), range(50)))
    assert sorted(set(outcomes)) == ["InsufficientFunds", "done"]
    assert outcomes.count("done") == 31
    assert balances(store, user) == (2_000, 93_000, 0)
    assert_books_balance(store, user)


@pytest.mark.concurrent
def test_a_release_and_a_settlement_that_race_resolve_the_hold_once(store: ModuleType, user: str) -> None:
    for n in range(10):
        store.place_hold(user, f"bet-{n}", "BET", 1_000)
        with ThreadPoolExecutor(4) as pool:
            list(
                pool.map(
                    lambda call: attempt(*call),
                    [
                        (store.release, user, f"bet-{n}", "cancelled"),
                        (store.settle, user, f"bet-{n}", 1, 2_000),
                        (store.release, user, f"bet-{n}", "cancelled"),
                        (store.settle, user, f"bet-{n}", 1, 2_000),
                    ],
                )
            )
    assert store.get_account(user)["held"] == 0
    assert_books_balance(store, user)


def test_the_statement_is_newest_first_and_pages_without_gaps(store: ModuleType, user: str) -> None:
    for n in range(5):
        store.place_hold(user, f"bet-{n}", "BET", 100)
    seen, cursor = [], None
    for _ in range(10):  # more pages than there are
        page = store.entries(user, 2, cursor)
        seen += [item["entry_id"] for item in page.items]
        if (cursor := page.cursor) is None:
            break
    assert seen == ["bet-4", "bet-3", "bet-2", "bet-1", "bet-0", f"deposit-{user}"]


def test_a_cursor_of_another_player_is_refused(store: ModuleType, user: str) -> None:
    from betsafi.errors import InvalidCursor

    other = str(uuid.uuid4())
    for n in range(3):
        store.deposit(other, f"d{n}", 1_000, 950, 50)
    cursor = store.entries(other, 1, None).cursor
    for bad in (cursor, "nonsense", "e30"):
        with pytest.raises(InvalidCursor):
            store.entries(user, 1, bad)


# -- limits


def test_a_stake_fits_into_every_limit_or_is_refused_by_name(store: ModuleType, user: str) -> None:
    from wallet.rules.limits import LimitReached

    store.protect(user, Protection(1, {"stake_bet": 5_000, "stake_day": 8_000, "loss_week": 12_000}))
    for amount, limit, left in [(5_001, "stake_bet", 5_000)]:
        with pytest.raises(LimitReached) as refusal:
            store.place_hold(user, "too-much", "BET", amount)
        assert refusal.value.info == {"limit": limit, "leftCents": left}
    store.place_hold(user, "bet-1", "BET", 5_000)
    with pytest.raises(LimitReached) as refusal:
        store.place_hold(user, "bet-2", "BET", 3_001)
    assert refusal.value.info == {"limit": "stake_day", "leftCents": 3_000}
    store.place_hold(user, "bet-3", "BET", 3_000)
    store.place_hold(user, "withdrawal", "WITHDRAWAL", 50_000)  # no limit on taking money out
    assert_books_balance(store, user)


def test_a_new_day_begins_with_the_whole_limit(store: ModuleType, user: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from wallet.rules.limits import LimitReached

    today = clock.now().replace(hour=10)
    store.protect(user, Protection(1, {"stake_day": 5_000, "stake_month": 100_000}))
    moments = [today + timedelta(days=days) for days in (1, 1, 2, 40)]
    for n, moment in enumerate(moments):
        monkeypatch.setattr(clock, "now", lambda moment=moment: moment)
        if n == 1:
            with pytest.raises(LimitReached):
                store.place_hold(user, f"bet-{n}", "BET", 5_000)
        else:
            store.place_hold(user, f"bet-{n}", "BET", 5_000)
    account = store.get_account(user)
    assert account["room_stake_day"] == 0
    assert account["room_stake_month"] == 95_000
    assert_books_balance(store, user)


def test_what_comes_back_goes_to_the_windows_that_the_bet_was_placed_in(
    store: ModuleType, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def room() -> tuple[int, int]:
        account = store.get_account(user)
        return account["room_stake_day"], account["room_loss_day"]

    store.protect(user, Protection(1, {"stake_day": 10_000, "loss_day": 10_000}))
    for name in ("released", "void", "won", "lost", "late"):
        store.place_hold(user, name, "BET", 1_000)
    assert room() == (5_000, 5_000)
    store.release(user, "released", "cancelled")
    assert room() == (6_000, 6_000)
    store.settle(user, "void", 1, 1_000, refunded=True)
    assert room() == (7_000, 7_000)
    store.settle(user, "won", 1, 2_500)
    assert room() == (7_000, 9_500)
    store.settle(user, "lost", 1, 0)
    assert room() == (7_000, 9_500)
    store.settle(user, "void", 2, 3_000)  # a correction: the stake counts after all
    assert room() == (6_000, 11_500)
    tomorrow = clock.now() + timedelta(days=1)
    monkeypatch.setattr(clock, "now", lambda: tomorrow)
    store.place_hold(user, "next day", "BET", 1_000)
    assert room() == (9_000, 9_000)
    store.release(user, "late", "cancelled")
    assert room() == (9_000, 9_000)
    assert_books_balance(store, user)


def test_older_limits_do_not_replace_newer_ones_and_what_was_staked_stays_counted(store: ModuleType, user: str) -> None:
    store.place_hold(user, "before", "BET", 4_000)
    store.protect(user, Protection(2, {"stake_day": 5_000}))
    store.protect(user, Protection(1, {"stake_day": 50_000}))
    account = store.get_account(user)
    assert (account["limit_stake_day"], account["room_stake_day"]) == (5_000, 1_000)
    store.protect(user, Protection(3, {"stake_day": None}))
    store.place_hold(user, "after", "BET", 90_000)


@pytest.mark.concurrent
def test_racing_stakes_cannot_pass_a_limit(store: ModuleType, user: str) -> None:
    store.protect(user, Protection(1, {"stake_day": 10_000}))
    with ThreadPoolExecutor(16) as pool:
        outcomes = list(pool.map(lambda n: attempt(store.place_hold, user, f"race-{n}", "BET", 1_000), range(30)))
    assert outcomes.count("done") == 10
    assert set(outcomes) == {"done", "LimitReached"}
    assert_books_balance(store, user)


@pytest.mark.parametrize(
    "steps", ["reopen 2, settle 1", "settle 1, reopen 2", "reopen 2, reopen 2", "void 1, reopen 2"]
)
def test_a_stake_that_is_held_counts_in_whatever_order_its_results_come(
    store: ModuleType, user: str, steps: str
) -> None:
    from wallet.rules.limits import LimitReached

    store.protect(user, Protection(1, {"stake_day": 1_000, "loss_day": 1_000}))
    store.place_hold(user, "bet-1", "BET", 1_000)
    for step in steps.split(", "):
        act, version = step.split()
        if act == "reopen":
            store.reopen(user, "bet-1", int(version))
        else:
            store.settle(user, "bet-1", int(version), 1_000, refunded=act == "void")
    account = store.get_account(user)
    assert (account["held"], account["room_stake_day"], account["room_loss_day"]) == (1_000, 0, 0)
    with pytest.raises(LimitReached):
        store.place_hold(user, "bet-2", "BET", 1)


def test_a_cashed_out_part_goes_on_counting_as_staked(store: ModuleType, user: str) -> None:
    store.protect(user, Protection(1, {"stake_day": 1_000}))
    store.place_hold(user, "bet-1", "BET", 1_000)
    store.settle_part(user, "bet-1", "offer-1", 400, 640)
    store.settle(user, "bet-1", 1, 3_000)
    assert store.get_account(user)["room_stake_day"] == 0
    store.reopen(user, "bet-1", 2)
    assert store.get_account(user)["room_stake_day"] == 0
    store.settle(user, "bet-1", 3, 600, refunded=True)
    assert store.get_account(user)["room_stake_day"] == 600


@pytest.mark.parametrize("seed", range(8))
def test_any_order_of_what_happens_to_bets_leaves_the_room_that_the_stakes_leave(
    store: ModuleType, user: str, seed: int
) -> None:
    from wallet.rules.audit import audit_partition

    random = Random(seed)
    store.protect(user, Protection(1, {"stake_day": 50_000, "loss_week": 60_000}))
    for bet in ("b-0", "b-1"):
        store.place_hold(user, bet, "BET", 10_000)
    for n in range(14):
        bet, version, cents = random.choice(("b-0", "b-1")), random.randint(1, 5), random.randrange(0, 30_000, 5_000)
        account = store.get_account(user)
        attempt(
            *random.choice(
                [
                    (store.settle, user, bet, version, cents),
                    (store.settle, user, bet, version, cents),
                    (store.reopen, user, bet, version),
                    (store.settle_part, user, bet, f"part-{n}", 3_000, cents),
                    (store.release, user, bet, "part", f"part-{n}", 2_000),
                    (store.place_hold, user, f"w-{n}", "WITHDRAWAL", account["available"] or 1),
                    (store.deposit, user, f"d-{n}", 1_000, 950, 50),
                    (store.grant_bonus, user, f"{user}-{n}", 700, "sorry"),
                ]
            )
        )
        items = store.partition_at_one_moment(f"USER#{user}")
        assert audit_partition(f"USER#{user}", items).problems == [], n
        account = next(item for item in items if item["sk"] == "ACCOUNT")
        last = {item["hold"]["id"]: item["hold"] for item in items if item["sk"].startswith("HOLD#b-")}
        staked = sum(hold["remaining"] + hold["captured"] for hold in last.values())
        assert account["room_stake_day"] == 50_000 - staked


# -- debts


@pytest.fixture
def debtor(store: ModuleType, user: str) -> str:
    """A player who owes KES 2,000.00: it was won, withdrawn, and then the result was corrected."""
    store.place_hold(user, "stake", "BET", 1_000)
    store.place_hold(user, "won", "BET", 1_000)
    store.settle(user, "won", 1, 200_000)
    store.place_hold(user, "withdrawal", "WITHDRAWAL", 293_000)
    store.settle(user, "won", 2, 0)
    assert balances(store, user) == (0, 294_000, -200_000)
    return user


def debts_told(store: ModuleType, user: str) -> list[Any]:
    """What the outbox says of the player's debts, in order."""
    to_events = importlib.import_module("wallet.handlers.stream").to_events
    entries = sorted(store.table.query_all(f"USER#{user}"), key=lambda item: item.get("at", ""))
    return [event for item in entries if item["sk"] != "ACCOUNT" for event in to_events(None, item)]


@pytest.mark.parametrize(
    ("kind", "call", "cents"),
    [
        ("DEPOSIT", lambda store, user: store.deposit(user, "d", 250_000, 237_500, 12_500), 237_500),
        ("BONUS", lambda store, user: store.grant_bonus(user, "b", 250_000, "sorry"), 250_000),
        ("ADJUSTMENT", lambda store, user: store.adjust(user, "a", 250_000, "mistake", ("ann", "ben")), 250_000),
        ("SETTLEMENT", lambda store, user: store.settle(user, "stake", 1, 250_000), 250_000),
        ("SETTLEMENT", lambda store, user: store.settle(user, "won", 3, 200_001), 200_001),
        ("CASH_OUT", lambda store, user: store.settle_part(user, "stake", "p", 500, 250_000), 250_000),
        ("RELEASE", lambda store, user: store.release(user, "withdrawal", "failed"), 293_000),
        ("RELEASE", lambda store, user: store.release(user, "withdrawal", "part", "p", 1_000), 1_000),
        ("RELEASE", lambda store, user: store.release(user, "stake", "cancelled"), 1_000),
        ("PAYOUT", lambda store, user: store.pay_out(user, "withdrawal", 292_901, 0, 99), 99),
    ],
)  # fmt: skip
def test_every_credit_repays_a_debt_first_and_says_so(
    store: ModuleType, debtor: str, kind: str, call: Any, cents: int
) -> None:
    for _ in range(2):
        call(store, debtor)
    repaid = min(cents, 200_000)
    account = store.get_account(debtor)
    assert (account["available"], account["receivable"]) == (cents - repaid, repaid - 200_000)
    incurred, told = debts_told(store, debtor)
    assert (incurred.incurred_cents, incurred.owed_cents, incurred.reference) == (200_000, 200_000, "won")
    assert (told.entry_kind, told.credited_cents, told.repaid_cents, told.owed_cents) == (
        kind, cents, repaid, 200_000 - repaid,
    )  # fmt: skip
    assert_books_balance(store, debtor)


@pytest.mark.concurrent
def test_credits_that_race_repay_a_debt_once(store: ModuleType, debtor: str) -> None:
    calls = [(store.deposit, debtor, f"d-{n}", 50_000, 50_000, 0) for n in range(4)]
    calls += [(store.grant_bonus, debtor, f"b-{n}", 50_000, "sorry") for n in range(4)]
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda call: attempt(*call), calls)) == {"done"}
    assert balances(store, debtor) == (200_000, 294_000, 0)
    assert sum(event.repaid_cents for event in debts_told(store, debtor)[1:]) == 200_000
    assert_books_balance(store, debtor)


def test_who_owes_is_refused_with_the_amount_and_sees_it(store: ModuleType, debtor: str) -> None:
    from wallet.handlers import api, graphql
    from wallet.rules.ledger import AccountNotActive, InsufficientFunds

    with pytest.raises(AccountNotActive, match=r"You owe KES 2000\.00") as refusal:
        store.place_hold(debtor, "bet", "BET", 1)
    assert refusal.value.info == {"owedCents": 200_000}
    with pytest.raises(InsufficientFunds):
        store.adjust(debtor, "a", -1, "mistake", ("admin-1", "admin-2"))
    with pytest.raises(NotFound):
        store.adjust("nobody", "a", 1, "mistake", ("admin-1", "admin-2"))
    assert graphql.present(store.get_account(debtor))["owed"]["amount"] == "2000.00"
    assert api.account("payment", {"userId": debtor}, None).owed_cents == 200_000
    account = store.get_account(debtor)
    (changed,) = importlib.import_module("wallet.handlers.stream").to_events({**account, "version": 0}, account)
    assert (changed.available_cents, changed.owed_cents) == (0, 200_000)


# -- parts, reopening, operators


def test_a_hold_is_given_back_in_parts_each_once(store: ModuleType, user: str) -> None:
    store.place_hold(user, "w", "WITHDRAWAL", 10_000)
    for _ in range(2):
        assert store.release(user, "w", "part", "part-1", 3_000).remaining == 7_000
    with pytest.raises(IdempotencyKeyReused):
        store.release(user, "w", "part", "part-1", 3_001)
    with pytest.raises(Conflict):
        store.release(user, "w", "part", "part-2", 7_001)
    store.release(user, "w", "the rest")
    assert store.release(user, "w", "part", "part-1", 3_000).remaining == 0
    assert balances(store, user) == (95_000, 0, 0)
    assert_books_balance(store, user)


def test_a_part_that_is_cashed_out_is_not_touched_by_the_result(store: ModuleType, user: str) -> None:
    store.place_hold(user, "bet-1", "BET", 10_000)
    for _ in range(2):
        store.settle_part(user, "bet-1", "offer-1", 4_000, 6_000)
    with pytest.raises(IdempotencyKeyReused):
        store.settle_part(user, "bet-1", "offer-1", 4_000, 6_001)
    assert balances(store, user) == (91_000, 6_000, 0)
    store.settle(user, "bet-1", 1, 15_000)
    store.settle(user, "bet-1", 2, 0)
    assert balances(store, user) == (91_000, 0, 0)
    assert_books_balance(store, user)


def test_a_stake_that_is_all_cashed_out_pays_its_price_alone(store: ModuleType, user: str) -> None:
    store.place_hold(user, "bet-1", "BET", 10_000)
    store.settle_part(user, "bet-1", "offer-1", 10_000, 16_000)
    for version, payout in ((1, 50_000), (1, 50_000), (2, 0), (3, 50_000)):
        store.settle(user, "bet-1", version, payout)
        store.reopen(user, "bet-1", version)
        assert balances(store, user) == (101_000, 0, 0)
    assert store.release(user, "bet-1", "late").captured == 10_000
    assert_books_balance(store, user)


def test_a_stake_that_was_given_back_after_a_reopening_pays_nothing(store: ModuleType, user: str) -> None:
    from wallet.rules.chains import HoldVoided

    store.place_hold(user, "bet-1", "BET", 10_000)
    store.reopen(user, "bet-1", 2)
    store.release(user, "bet-1", "cancelled")
    with pytest.raises(HoldVoided):
        store.settle(user, "bet-1", 3, 50_000)
    assert balances(store, user) == (95_000, 0, 0)


def test_settle_reopen_and_settle_again_ends_as_one_settlement(store: ModuleType, user: str) -> None:
    store.place_hold(user, "bet-1", "BET", 10_000)
    store.settle(user, "bet-1", 1, 25_000)
    for _ in range(2):
        store.reopen(user, "bet-1", 2)
    assert balances(store, user) == (85_000, 10_000, 0)
    store.settle(user, "bet-1", 1, 25_000)
    assert balances(store, user) == (85_000, 10_000, 0)
    store.settle(user, "bet-1", 3, 25_000)
    assert balances(store, user) == (110_000, 0, 0)
    assert_books_balance(store, user)


def test_a_reopening_that_finds_the_payout_gone_leaves_a_debt(store: ModuleType, user: str) -> None:
    from wallet.rules.ledger import AccountNotActive

    store.place_hold(user, "bet-1", "BET", 10_000)
    store.settle(user, "bet-1", 1, 30_000)
    store.place_hold(user, "w", "WITHDRAWAL", 115_000)
    store.reopen(user, "bet-1", 2)
    assert balances(store, user) == (0, 125_000, -30_000)
    with pytest.raises(AccountNotActive):
        store.place_hold(user, "w2", "WITHDRAWAL", 1)
    store.settle(user, "bet-1", 3, 35_000)  # a win repays the debt first
    assert balances(store, user) == (5_000, 115_000, 0)
    assert_books_balance(store, user)


def test_a_frozen_account_holds_nothing_and_a_closed_one_is_empty(store: ModuleType, user: str) -> None:
    from wallet.rules.ledger import AccountNotActive
    from wallet.rules.stops import status_of

    store.set_status(user, "FROZEN", 1)
    for kind in ("BET", "WITHDRAWAL"):
        with pytest.raises(AccountNotActive):
            store.place_hold(user, f"frozen-{kind}", kind, 100)
    store.set_status(user, "ACTIVE", 2)
    with pytest.raises(Conflict):
        store.close(user)
    store.place_hold(user, "w", "WITHDRAWAL", 95_000)
    with pytest.raises(Conflict):
        store.close(user)
    store.pay_out(user, "w", 90_000, 4_750, 250)
    store.adjust(user, "write-off", -250, "cents of a closed account", ("admin-1", "admin-2"))
    assert status_of(store.close(user)) == "CLOSED"
    assert status_of(store.set_status(user, "ACTIVE", 9)) == "CLOSED"
    store.deposit(user, "late", 10_000, 9_500, 500)  # M-Pesa has it, so it is theirs
    assert_books_balance(store, user)


def test_what_arrives_in_a_closed_account_can_be_withdrawn_but_not_bet(store: ModuleType, user: str) -> None:
    from wallet.rules.ledger import AccountNotActive, InsufficientFunds
    from wallet.rules.stops import status_of

    store.place_hold(user, "all", "WITHDRAWAL", 95_000)
    store.pay_out(user, "all", 90_000, 5_000, 0)
    store.close(user)
    store.deposit(user, "late", 10_000, 9_500, 500)
    with pytest.raises(AccountNotActive, match="closed"):
        store.place_hold(user, "bet", "BET", 9_500)
    with pytest.raises(InsufficientFunds):
        store.place_hold(user, "too much", "WITHDRAWAL", 9_501)
    store.set_status(user, "FROZEN", 1)
    with pytest.raises(AccountNotActive):
        store.place_hold(user, "frozen", "WITHDRAWAL", 9_500)
    assert balances(store, user) == (9_500, 0, 0)
    store.set_status(user, "ACTIVE", 2)
    store.place_hold(user, "w", "WITHDRAWAL", 9_500)
    store.pay_out(user, "w", 9_000, 475, 25)
    assert balances(store, user) == (25, 0, 0)
    assert status_of(store.get_account(user)) == "CLOSED"
    assert_books_balance(store, user)


def test_a_partition_that_changed_while_it_was_read_is_read_again(
    store: ModuleType, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_all, deposits = store.table.query_all, iter(["while-reading"])

    def interrupted(*arguments: object, **options: object) -> list[dict[str, object]]:
        found = list(read_all(*arguments, **options))
        for deposit_id in deposits:
            store.deposit(user, deposit_id, 1_000, 950, 50)
        return found

    monkeypatch.setattr(store.table, "query_all", interrupted)
    items = store.partition_at_one_moment(f"USER#{user}")
    account = next(item for item in items if item["sk"] == "ACCOUNT")
    assert any(item["sk"] == "DEPOSIT#while-reading" for item in items)
    assert account["available"] == store.get_account(user)["available"]


def test_an_adjustment_needs_two_people_and_enough_money(store: ModuleType, user: str) -> None:
    from betsafi.errors import InvalidInput
    from wallet.rules.ledger import InsufficientFunds

    with pytest.raises(InvalidInput):
        store.adjust(user, "a1", 500, "mistake", ("admin-1", "admin-1"))
    with pytest.raises(InsufficientFunds):
        store.adjust(user, "a1", -95_001, "mistake", ("admin-1", "admin-2"))
    for _ in range(2):
        store.adjust(user, "a1", -500, "mistake", ("admin-1", "admin-2"))
    with pytest.raises(IdempotencyKeyReused):
        store.adjust(user, "a1", -500, "mistake", ("admin-1", "admin-3"))
    assert balances(store, user) == (94_500, 0, 0)
    entry = store.table.get((f"USER#{user}", "ADJUSTMENT#a1"))
    assert (entry["decided_by"], entry["note"]) == (["admin-1", "admin-2"], "mistake")
    assert_books_balance(store, user)


def test_money_in_suspense_is_assigned_or_returned_once(store: ModuleType, user: str) -> None:
    from wallet.rules import ledger

    other = str(uuid.uuid4())
    for receipt in ("R1", "R2"):
        for _ in range(2):
            store.post_system(ledger.suspense_in(f"{receipt}-{user}", 10_000))
    with pytest.raises(IdempotencyKeyReused):
        store.post_system(ledger.suspense_in(f"R1-{user}", 9_999))
    for _ in range(2):
        store.assign_suspense(f"R1-{user}", user, 9_500, 500)
    with pytest.raises(IdempotencyKeyReused):
        store.assign_suspense(f"R1-{user}", other, 9_500, 500)
    with pytest.raises(IdempotencyKeyReused):
        store.return_suspense(f"R1-{user}", 10_000)
    for _ in range(2):
        store.return_suspense(f"R2-{user}", 10_000)
    with pytest.raises(IdempotencyKeyReused):
        store.assign_suspense(f"R2-{user}", user, 9_500, 500)
    with pytest.raises(Conflict):
        store.assign_suspense(f"R1-{user}", user, 9_500, 499)
    with pytest.raises(NotFound):
        store.assign_suspense("unknown", user, 9_500, 500)
    assert balances(store, user) == (104_500, 0, 0)
    assert_books_balance(store, user)


def test_system_entries_are_posted_once(store: ModuleType) -> None:
    from betsafi.errors import InvalidInput
    from wallet.rules import ledger

    run = uuid.uuid4().hex
    for _ in range(2):
        for entry in (
            ledger.fees(f"fee-{run}", 900),
            ledger.float_transfer(f"float-{run}", 100_000),
            ledger.tax_remittance(f"tax-{run}", ledger.EXCISE, 5_000),
        ):
            store.post_system(entry)
    with pytest.raises(IdempotencyKeyReused):
        store.post_system(ledger.fees(f"fee-{run}", 901))
    with pytest.raises(InvalidInput):
        ledger.tax_remittance("t", "house:betting", 1)


def test_a_bonus_is_granted_once(store: ModuleType, user: str) -> None:
    for _ in range(2):
        store.grant_bonus(user, f"b-{user}", 1_000, "welcome")
    with pytest.raises(IdempotencyKeyReused):
        store.grant_bonus(user, f"b-{user}", 1_000, "other")
    assert balances(store, user) == (96_000, 0, 0)
    assert_books_balance(store, user)


def test_entries_are_filtered_by_kind_and_time(store: ModuleType, user: str) -> None:
    before = clock.stamp()
    for n in range(3):
        store.place_hold(user, f"bet-{n}", "BET", 100)
        store.release(user, f"bet-{n}", "no")
    page = store.entries(user, 2, None, frozenset({"HOLD"}))
    rest = store.entries(user, 2, page.cursor, frozenset({"HOLD"}))
    assert [item["entry_id"] for item in page.items + rest.items] == ["bet-2", "bet-1", "bet-0"]
    assert store.entries(user, 10, None, frozenset(), None, before).items[0]["entry_kind"] == "DEPOSIT"
    assert len(store.entries(user, 10, None, frozenset(), before).items) == 6
    assert len(list(store.statement(user, before, clock.stamp()))) == 6


# -- deposits that M-Pesa gives back


def test_a_reversal_takes_the_credit_out_once_and_counts_in_no_limit(store: ModuleType, user: str) -> None:
    store.protect(user, Protection(1, {"stake_bet": 1_000, "stake_day": 1_000, "loss_day": 1_000}))
    rooms = {name: room for name, room in store.get_account(user).items() if name.startswith("room_")}
    for _ in range(2):
        assert store.place_hold(user, "reversal", "REVERSAL", 95_000).remaining == 95_000
    assert balances(store, user) == (0, 95_000, 0)
    with pytest.raises(IdempotencyKeyReused):
        store.place_hold(user, "reversal", "WITHDRAWAL", 95_000)
    with pytest.raises(Conflict):
        store.pay_out(user, "reversal", 95_000, 0, 0)
    with pytest.raises(Conflict):
        store.reverse_deposit(user, "reversal", 100_000, 94_999, 5_001)
    for _ in range(3):
        assert store.reverse_deposit(user, "reversal", 100_000, 95_000, 5_000).captured == 95_000
    assert store.release(user, "reversal", "late failure").captured == 95_000
    assert balances(store, user) == (0, 0, 0)
    assert {name: room for name, room in store.get_account(user).items() if name.startswith("room_")} == rooms
    kinds = [item["entry_kind"] for item in store.entries(user, 10, None).items]
    assert kinds == ["REVERSAL", "HOLD", "DEPOSIT"]
    assert_books_balance(store, user)


def test_a_reversal_of_spent_money_is_refused(store: ModuleType, user: str) -> None:
    from wallet.rules.ledger import InsufficientFunds

    store.place_hold(user, "bet-1", "BET", 1)
    with pytest.raises(InsufficientFunds):
        store.place_hold(user, "reversal", "REVERSAL", 95_000)
    with pytest.raises(store.UnknownHold):
        store.reverse_deposit(user, "reversal", 100_000, 95_000, 5_000)
    with pytest.raises(NotFound):
        store.place_hold("nobody", "reversal", "REVERSAL", 1)
    assert balances(store, user) == (94_999, 1, 0)


def test_a_stopped_player_s_or_a_closed_account_s_deposit_can_be_reversed_but_not_a_debtor_s(
    store: ModuleType, user: str
) -> None:
    from wallet.rules.ledger import AccountNotActive

    store.set_status(user, "FROZEN", 1)
    store.place_hold(user, "reversal", "REVERSAL", 15_000)
    store.release(user, "reversal", "M-Pesa refused")
    store.set_status(user, "ACTIVE", 2)
    store.place_hold(user, "bet-1", "BET", 10_000)
    store.settle(user, "bet-1", 1, 30_000)
    store.place_hold(user, "w-1", "WITHDRAWAL", 115_000)
    store.settle(user, "bet-1", 2, 0)
    with pytest.raises(AccountNotActive):
        store.place_hold(user, "reversal-2", "REVERSAL", 1)
    store.pay_out(user, "w-1", 115_000, 0, 0)
    store.deposit(user, "repays", 30_000, 30_000, 0)
    store.close(user)
    store.deposit(user, "late", 10_000, 9_500, 500)
    store.place_hold(user, "reversal-3", "REVERSAL", 9_500)
    store.reverse_deposit(user, "reversal-3", 10_000, 9_500, 500)
    assert balances(store, user) == (0, 0, 0)
    assert_books_balance(store, user)


@pytest.mark.concurrent
def test_the_capture_of_a_reversal_and_its_release_race_for_one_end(store: ModuleType, user: str) -> None:
    for n in range(5):
        store.place_hold(user, f"r-{n}", "REVERSAL", 950)
        with ThreadPoolExecutor(4) as pool:
            calls = [(store.release, user, f"r-{n}", "failed"), (store.reverse_deposit, user, f"r-{n}", 1_000, 950, 50)]
            list(pool.map(lambda call: attempt(*call), calls * 2))
    assert store.get_account(user)["held"] == 0
    assert_books_balance(store, user)


# -- the trial balance over the whole table


def test_the_books_of_all_these_players_balance(store: ModuleType, user: str) -> None:
    from wallet.rules.audit import audit

    report = audit(store.every_item(), store.partition_at_one_moment)
    assert report.problems == []
    assert report.balanced
    assert report.accounts > 0


@pytest.mark.parametrize(
    ("what", "sk", "change", "said"),
    [
        ("a cent on the account", "ACCOUNT", {"available": 95_001}, "available is 95001"),
        ("a cent in an entry", "DEPOSIT", {"postings": [["mpesa:paybill", -1]]}, "does not sum to zero"),
        ("a part of a hold", "HOLD", {"hold.remaining": 1}, "its parts are"),
        ("a cent of a stake that does not count", "HOLD", {"hold.counted": 9_999}, "9999 counts as staked"),
        ("a cent of room", "ACCOUNT", {"room_stake_day": 10**15}, "stake limit of the day counts 0, its bets 10000"),
        ("a cent of loss", "ACCOUNT", {"room_loss_week": 10**15}, "loss limit of the week counts 0, its bets 10000"),
        ("a debt beside money", "ACCOUNT", {"receivable": -1}, "owes 1 and has money available"),
        ("a debt that no posting makes", "DEPOSIT", {"owed": 0}, "says 0 is owed after it"),
    ],
)
def test_the_trial_balance_finds_what_is_planted(
    store: ModuleType, user: str, what: str, sk: str, change: dict[str, Any], said: str
) -> None:
    from betsafi.aws import client
    from betsafi.dynamodb import Put
    from wallet.rules.audit import audit_partition

    store.place_hold(user, "bet-1", "BET", 10_000)
    items = list(store.table.query_all(f"USER#{user}"))
    assert audit_partition(f"USER#{user}", items).problems == []
    planted = next(item for item in items if item["sk"].startswith(sk))
    for name, value in change.items():
        inner = planted
        *path, last = name.split(".")
        for part in path:
            inner = inner[part]
        inner[last] = value
    store.table.write(Put(planted, "attribute_exists(pk)"))
    report = audit_partition(f"USER#{user}", store.partition_at_one_moment(f"USER#{user}"))
    assert any(said in problem for problem in report.problems), what
    for item in store.table.query_all(f"USER#{user}"):  # leave no trace for the other tests
        key = {"pk": {"S": item["pk"]}, "sk": {"S": item["sk"]}}
        client("dynamodb").delete_item(TableName=store.table.name, Key=key)


# -- hot spots


@pytest.mark.concurrent
def test_hundreds_of_players_share_no_item_and_never_wait_for_each_other(
    store: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    from betsafi.aws import client

    written: dict[tuple[str, str], set[str]] = {}
    waits: list[object] = []
    original = store.table.transact

    def transact(*writes: Any) -> None:
        keys = [getattr(write, "key", None) or (write.item["pk"], write.item["sk"]) for write in writes]
        for key in keys:
            written.setdefault(key, set()).add(keys[0][0])
        original(*writes)

    run = uuid.uuid4().hex
    players = [f"{run}-{n}" for n in range(300)]
    monkeypatch.setattr(store.table, "transact", transact)
    monkeypatch.setattr(clock, "sleep_with_jitter", lambda *arguments, **options: waits.append(arguments))
    client("dynamodb")  # made before the threads want it

    def play(player: str) -> None:
        store.deposit(player, f"deposit-{player}", 20_000, 19_000, 1_000)
        store.place_hold(player, f"bet-{player}", "BET", 10_000)

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(play, players))
    assert {len(owners) for owners in written.values()} == {1}
    assert waits == []
    assert [balances(store, player) for player in players[::30]] == [(9_000, 10_000, 0)] * 10
