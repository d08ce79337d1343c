"""What a player could be paid for a day, counted in a real account under one condition with the balance."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest

from betsafi import clock
from betsafi.errors import DomainError
from betsafi.protection import Protection
from tests.support.bet import load_wallet, new_player

pytestmark = pytest.mark.both_emulators
DAY = "2099-01-01"
OF_DAY, OF_SAME = "payout_20990101", "same_20990101_abc"


@pytest.fixture(scope="module")
def store(emulator: str) -> ModuleType:
    return load_wallet(emulator)


@pytest.fixture
def user(store: ModuleType) -> str:
    return new_player(store)


def promise(cents: int = 1_000, of_day: int = 3_000, of_same: int = 5_000, day: str = DAY, same: str = "abc") -> Any:
    from wallet.rules.promises import Promise

    return Promise(cents, day, of_day, same, of_same)


def hold(store: ModuleType, user: str, wanted: Any, bet: str = "") -> str:
    """Hold a shilling for a bet; return "" or how it was refused."""
    try:
        store.place_hold(user, bet or uuid.uuid4().hex, "BET", 100, wanted)
    except DomainError as error:
        return error.code
    return ""


def counted(store: ModuleType, user: str) -> tuple[int, int]:
    account = store.get_account(user)
    return account.get(OF_DAY, 0), account.get(OF_SAME, 0)


def sound(store: ModuleType, user: str) -> list[str]:
    from wallet.rules import audit

    items = sorted(store.table.query_all(f"USER#{user}"), key=lambda item: item["sk"])
    problems: list[str] = audit.audit(items).problems
    return problems


def test_bets_of_one_day_fit_into_its_limit_together(store: ModuleType, user: str) -> None:
    assert [hold(store, user, promise(same=name)) for name in "abcd"] == ["", "", "", "PAYOUT_LIMIT"]
    assert hold(store, user, promise(day="2099-01-02")) == ""
    assert store.get_account(user)[OF_DAY] == 3_000
    assert sound(store, user) == []


def test_equal_bets_fit_into_the_limit_of_one_together(store: ModuleType, user: str) -> None:
    wanted = promise(1_000, of_day=9_000, of_same=2_500)
    assert [hold(store, user, wanted) for _ in range(3)] == ["", "", "PAYOUT_LIMIT"]
    assert hold(store, user, promise(500, of_day=9_000, of_same=2_500)) == ""
    assert counted(store, user) == (2_500, 2_500)


@pytest.mark.concurrent
def test_racing_bets_do_not_pass_a_limit(store: ModuleType, user: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: hold(store, user, promise()), range(8)))
    assert sorted(found) == [""] * 3 + ["PAYOUT_LIMIT"] * 5
    assert counted(store, user) == (3_000, 3_000)
    assert sound(store, user) == []


def test_a_repeated_request_counts_once(store: ModuleType, user: str) -> None:
    assert [hold(store, user, promise(), "bet-1") for _ in range(3)] == [""] * 3
    assert counted(store, user) == (1_000, 1_000)


def test_what_was_paid_takes_the_place_of_what_could_be_and_gives_room(store: ModuleType, user: str) -> None:
    bets = [uuid.uuid4().hex for _ in range(3)]
    assert [hold(store, user, promise(same=name), bet) for name, bet in zip("abc", bets, strict=True)] == [""] * 3
    store.settle(user, bets[0], 1, 0)
    store.settle(user, bets[1], 1, 400)
    store.release(user, bets[2], "cancelled")
    assert counted(store, user)[0] == 400
    assert hold(store, user, promise(2_600, same="x")) == ""
    assert hold(store, user, promise(1, same="y")) == "PAYOUT_LIMIT"
    store.reopen(user, bets[0], 2)  # what was decided is open again, and must be carried
    assert counted(store, user)[0] == 4_000
    assert sound(store, user) == []


def test_equal_bets_that_are_decided_leave_no_counter_of_their_own(store: ModuleType, user: str) -> None:
    bets = [uuid.uuid4().hex for _ in range(2)]
    assert [hold(store, user, promise(), bet) for bet in bets] == ["", ""]
    for bet in bets:
        store.settle(user, bet, 1, 300)
    account = store.get_account(user)
    assert OF_SAME not in account
    assert account[OF_DAY] == 600
    for bet in bets:
        store.reopen(user, bet, 2)
    assert counted(store, user) == (2_000, 2_000)
    assert sound(store, user) == []


def test_equal_bets_of_which_one_is_decided_alone_go_on_counting(store: ModuleType, user: str) -> None:
    """One may be void by itself, by two people or because of when it was placed, while the others are open."""
    wanted, bets = promise(1_000, of_day=9_000, of_same=2_000), [uuid.uuid4().hex for _ in range(2)]
    assert [hold(store, user, wanted, bet) for bet in bets] == ["", ""]
    store.settle(user, bets[0], 1, 100, refunded=True)
    assert counted(store, user) == (1_100, 1_000)
    assert [hold(store, user, wanted) for _ in range(2)] == ["", "PAYOUT_LIMIT"]
    store.release(user, bets[1], "cancelled")
    assert counted(store, user)[1] == 1_000
    assert hold(store, user, promise(1_001, of_day=9_000, of_same=2_000)) == "PAYOUT_LIMIT"
    store.settle(user, bets[0], 2, 400)  # corrected, which counts no bet twice
    store.reopen(user, bets[0], 3)
    assert counted(store, user)[1] == 2_000
    assert sound(store, user) == []


@pytest.mark.concurrent
def test_equal_bets_that_are_decided_at_once_leave_no_counter(store: ModuleType, user: str) -> None:
    bets = [uuid.uuid4().hex for _ in range(6)]
    wanted = promise(300, of_day=9_000, of_same=9_000)
    assert [hold(store, user, wanted, bet) for bet in bets] == [""] * 6
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda bet: store.settle(user, bet, 1, 7), bets))
    account = store.get_account(user)
    assert (account[OF_DAY], OF_SAME in account) == (42, False)
    assert sound(store, user) == []


def test_a_stake_that_went_back_leaves_room_for_the_same_bet(store: ModuleType, user: str) -> None:
    wanted = promise(1_000, of_same=1_000)
    assert hold(store, user, wanted, "first") == ""
    assert hold(store, user, wanted) == "PAYOUT_LIMIT"
    store.release(user, "first", "cancelled")
    assert OF_SAME not in store.get_account(user)
    assert counted(store, user) == (0, 0)
    assert hold(store, user, wanted) == ""


def test_a_factor_shrinks_both_limits_and_ends(store: ModuleType, user: str) -> None:
    store.set_factor(user, 50)
    assert [hold(store, user, promise()) for _ in range(2)] == ["", "PAYOUT_LIMIT"]
    assert hold(store, user, promise(of_same=1_999, same="other")) == "PAYOUT_LIMIT"
    store.set_factor(user, 40)
    assert store.get_account(user)["payout_factor"] == 40
    store.set_factor(user, 100)
    assert "payout_factor" not in store.get_account(user)
    store.set_factor(user, 100)
    assert [hold(store, user, promise()) for _ in range(3)] == ["", "", "PAYOUT_LIMIT"]


def test_counters_of_old_days_go_with_the_first_bet_of_a_day(
    store: ModuleType, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    today = f"{clock.now().astimezone(clock.NAIROBI):%Y-%m-%d}"
    assert hold(store, user, promise(day=today)) == ""
    later = clock.now() + timedelta(days=5)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert hold(store, user, promise()) == ""
    names = {name for name in store.get_account(user) if name.startswith(("payout_2", "same_2"))}
    assert names == {OF_DAY, OF_SAME}


@pytest.mark.parametrize(
    "prepare",
    [
        lambda store, user: None,
        lambda store, user: store.set_status(user, "FROZEN", 1),
        lambda store, user: store.set_status(user, "SUSPENDED", 1),
        lambda store, user: store.protect(user, Protection(1, {"stake_bet": 99})),
        lambda store, user: store.protect(user, Protection(1, {"loss_week": 10})),
        lambda store, user: store.place_hold(user, uuid.uuid4().hex, "WITHDRAWAL", 94_950),
    ],
    ids=["fine", "frozen", "suspended", "limit of a bet", "limit of a week", "no money"],
)
def test_the_room_of_an_account_says_what_a_hold_would(
    store: ModuleType, user: str, prepare: Callable[[ModuleType, str], Any]
) -> None:
    prepare(store, user)
    before = store.get_account(user)
    room = store.api.room("bet", {"userId": user, "payoutDay": DAY, "same": "abc"}, None)
    assert store.get_account(user) == before
    refused = [cap.code for cap in room.caps if cap.most_cents < 100]
    assert (room.factor_percent, room.day_cents, room.same_cents) == (100, 0, 0)
    assert hold(store, user, promise()) == (refused[0] if refused else "")
