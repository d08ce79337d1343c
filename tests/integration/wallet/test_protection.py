"""Stops, reality checks and limits of players in a real table: each holds in the transaction that takes the bet."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from types import ModuleType

import pytest

from betsafi import clock
from betsafi.errors import DomainError, NotFound
from betsafi.protection import FOREVER, Protection
from tests.support.bet import load_wallet

pytestmark = pytest.mark.both_emulators
EXCLUDED = {"stopped_until": FOREVER, "stop_kind": "EXCLUSION"}


@pytest.fixture(scope="module")
def store(emulator: str) -> ModuleType:
    return load_wallet(emulator, TERMS_VERSIONS="2026-11-01,2098-12-15", PRIVACY_VERSIONS="2026-10-01")


@pytest.fixture
def user(store: ModuleType) -> str:
    """A player with KES 950.00."""
    user_id = str(uuid.uuid4())
    store.open_account(user_id)
    store.deposit(user_id, f"deposit-{user_id}", 100_000, 95_000, 5_000)
    return user_id


class Clock:
    """Time that stands still until it is moved."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def go_on(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A clock at ten in the morning, in the middle of every window."""
    stands = Clock(datetime.fromisoformat("2026-11-18T07:00:00+00:00"))
    monkeypatch.setattr(clock, "now", lambda: stands.now)
    return stands


def refused(store: ModuleType, user: str, stake: int = 1_000) -> DomainError:
    """Return how a bet is refused; nothing is held by it."""
    before = store.get_account(user)
    with pytest.raises(DomainError) as refusal:
        store.place_hold(user, uuid.uuid4().hex, "BET", stake)
    assert store.get_account(user) == before
    return refusal.value


def bet(store: ModuleType, user: str, stake: int = 1_000) -> str:
    """Take a bet and return its id."""
    bet_id = uuid.uuid4().hex
    store.place_hold(user, bet_id, "BET", stake)
    return bet_id


# -- stops


def test_a_stop_holds_at_the_next_bet_and_open_bets_and_withdrawals_go_on(store: ModuleType, user: str) -> None:
    open_bet = bet(store, user)
    store.protect(user, Protection(1, {}, **EXCLUDED))
    refusal = refused(store, user)
    assert (refusal.code, refusal.info) == ("PLAYER_STOPPED", {"kind": "EXCLUSION", "until": None})
    store.settle(user, open_bet, 1, 5_000)
    store.place_hold(user, "out", "WITHDRAWAL", 99_000)
    assert store.get_account(user)["available"] == 0


def test_a_bet_that_was_held_before_a_stop_is_answered_again_as_it_stands(store: ModuleType, user: str) -> None:
    held = store.place_hold(user, "lost answer", "BET", 1_000)
    store.protect(user, Protection(1, {}, **EXCLUDED))
    assert store.place_hold(user, "lost answer", "BET", 1_000) == held


def test_a_time_out_ends_by_itself_and_at_its_very_end(store: ModuleType, user: str, time: Clock) -> None:
    until = clock.stamp(time.now + timedelta(hours=24))
    store.protect(user, Protection(1, {}, until, "TIME_OUT"))
    time.go_on(hours=24, microseconds=-1)
    assert refused(store, user).info == {"kind": "TIME_OUT", "until": until}
    time.go_on(microseconds=1)
    bet(store, user)


def test_the_newest_version_wins_in_whatever_order_they_come(store: ModuleType, user: str) -> None:
    first = Protection(1, {"stake_day": 5_000}, reality_minutes=20)
    second = Protection(2, {"loss_week": 900}, **EXCLUDED)
    third = Protection(3, {})
    for given in (third, first, second, third):
        store.protect(user, given)
    account = store.get_account(user)
    assert account["protection_version"] == 3
    assert not {"stopped", "stop_kind", "reality", "cleared"} & account.keys()
    assert account["limit_stake_day"] == account["room_loss_week"] == 10**15
    bet(store, user)


def test_protection_that_comes_before_the_account_opens_it(store: ModuleType) -> None:
    user = str(uuid.uuid4())
    store.protect(user, Protection(4, {"stake_bet": 100}, **EXCLUDED))
    store.open_account(user)
    assert store.get_account(user)["limit_stake_bet"] == 100
    assert refused(store, user).code == "PLAYER_STOPPED"


def test_an_account_from_before_has_no_stop_and_takes_one(store: ModuleType, user: str) -> None:
    account = store.get_account(user)
    assert not {"stopped", "session", "protection_version"} & account.keys()
    old = {**account, "limits_version": 0}
    from betsafi.dynamodb import ANY, Put

    store.table.write(Put(old, ANY))
    bet(store, user)
    store.protect(user, Protection(1, {"stake_day": 1_500}))
    assert refused(store, user).info == {"limit": "stake_day", "leftCents": 500}


def test_a_register_that_has_not_answered_for_too_long_takes_no_bets(store: ModuleType, user: str, time: Clock) -> None:
    store.protect(user, Protection(1, {}, cleared_until=clock.stamp(time.now + timedelta(hours=6))))
    bet(store, user)
    time.go_on(hours=6)
    assert refused(store, user).code == "REGISTER_UNANSWERED"
    store.place_hold(user, "out", "WITHDRAWAL", 1_000)
    store.protect(user, Protection(2, {}, cleared_until=clock.stamp(time.now + timedelta(hours=6))))
    bet(store, user)


@pytest.mark.concurrent
def test_bets_that_race_with_an_exclusion_are_all_before_it(store: ModuleType, user: str) -> None:
    """Whatever is held was held before the exclusion was answered: after it, nothing."""
    outcomes: list[str] = []

    def place(n: int) -> None:
        try:
            store.place_hold(user, f"bet-{n}", "BET", 1_000)
        except DomainError as error:
            outcomes.append(error.code)

    with ThreadPoolExecutor(9) as pool:
        placing = [pool.submit(place, n) for n in range(40)]
        store.protect(user, Protection(1, {}, **EXCLUDED))
        held = store.get_account(user)["held"]
        for one in placing:
            one.result()
    assert store.get_account(user)["held"] == held
    assert len(outcomes) == 40 - held // 1_000
    assert set(outcomes) <= {"PLAYER_STOPPED"}


@pytest.mark.concurrent
def test_withdrawals_that_race_with_a_stop_that_holds_the_money_are_all_before_it(store: ModuleType, user: str) -> None:
    outcomes: list[str] = []

    def withdraw(n: int) -> None:
        try:
            store.place_hold(user, f"out-{n}", "WITHDRAWAL", 1_000)
        except DomainError as error:
            outcomes.append(error.code)

    with ThreadPoolExecutor(9) as pool:
        asking = [pool.submit(withdraw, n) for n in range(40)]
        store.set_status(user, "FROZEN", 1)
        held = store.get_account(user)["held"]
        for one in asking:
            one.result()
    assert store.get_account(user)["held"] == held
    assert len(outcomes) == 40 - held // 1_000
    assert set(outcomes) <= {"ACCOUNT_NOT_ACTIVE"}


def test_the_newest_word_of_a_stop_stands_in_whatever_order_they_come(store: ModuleType, user: str) -> None:
    for status, version in (("FROZEN", 2), ("ACTIVE", 1), ("SUSPENDED", 1)):
        store.set_status(user, status, version)
        with pytest.raises(DomainError, match="held"):
            store.place_hold(user, "out", "WITHDRAWAL", 1_000)
        assert refused(store, user).code == "ACCOUNT_NOT_ACTIVE"
    store.set_status(user, "SUSPENDED", 3)
    store.place_hold(user, "out", "WITHDRAWAL", 1_000)
    assert refused(store, user).code == "ACCOUNT_NOT_ACTIVE"
    store.set_status(user, "ACTIVE", 4)
    bet(store, user)


# -- who the player is, and what they agreed to


def test_terms_that_are_not_accepted_are_asked_for_before_the_next_bet(store: ModuleType, user: str) -> None:
    for version, accepted in enumerate(("-", "2026-10-31 2026-10-01", "2026-11-01 2026-09-30"), 1):
        store.protect(user, Protection(version, {}, terms=accepted))
        assert refused(store, user).code == "TERMS_NOT_ACCEPTED"
    store.place_hold(user, "out", "WITHDRAWAL", 1_000)
    for version, accepted in enumerate(("2026-11-01 2026-10-01", "2026-12-01 2026-10-01", "2026-11-01 2026-12-01"), 4):
        store.protect(user, Protection(version, {}, terms=accepted))
        bet(store, user)


def test_a_new_version_of_terms_is_asked_for_from_its_day_in_nairobi_on(
    store: ModuleType, user: str, time: Clock
) -> None:
    """So it may be deployed before users offers it; who accepts it before its day bets on too."""
    early = str(uuid.uuid4())
    store.open_account(early)
    store.deposit(early, f"deposit-{early}", 100_000, 95_000, 5_000)
    for player, accepted in ((user, "2026-11-01 2026-10-01"), (early, "2098-12-15 2026-10-01")):
        store.protect(player, Protection(1, {}, terms=accepted))
    time.now = datetime.fromisoformat("2098-12-14T20:59:59+00:00")
    for player in (user, early):
        bet(store, player)
    room = {"userId": user, "payoutDay": "2098-12-20", "same": "abc"}
    assert "TERMS_NOT_ACCEPTED" not in {cap.code for cap in store.api.room("bet", room, None).caps}
    time.go_on(seconds=1)
    assert refused(store, user).code == "TERMS_NOT_ACCEPTED"
    assert "TERMS_NOT_ACCEPTED" in {cap.code for cap in store.api.room("bet", room, None).caps}
    bet(store, early)
    store.protect(user, Protection(2, {}, terms="2098-12-15 2026-10-01"))
    bet(store, user)


def test_who_was_never_asked_for_terms_bets_on(store: ModuleType, user: str) -> None:
    store.protect(user, Protection(1, {}))
    assert "terms" not in store.get_account(user)
    bet(store, user)


def test_no_day_s_bets_are_more_than_an_identity_allows(store: ModuleType, time: Clock, user: str) -> None:
    earlier = bet(store, user, 1_000)
    store.protect(user, Protection(1, {"stake_day": 9_000}, allowed={"bet": 5_000, "deposit": 1}))
    bet(store, user, 3_000)
    refusal = refused(store, user, 1_001)
    assert (refusal.code, refusal.info) == ("IDENTITY_LIMIT", {"leftCents": 1_000})
    store.settle(user, earlier, 1, 9_000)
    assert refused(store, user, 1_001).code == "IDENTITY_LIMIT", "what comes back makes no room for stakes"
    time.go_on(days=1)
    bet(store, user, 5_000)
    assert refused(store, user, 1).info == {"leftCents": 0}


def test_a_player_s_own_limit_that_is_tighter_is_theirs_and_stands_when_the_identity_allows_all(
    store: ModuleType, user: str
) -> None:
    store.protect(user, Protection(1, {"stake_day": 5_000}, allowed={"bet": 0}))
    assert refused(store, user, 1).code == "IDENTITY_LIMIT"
    store.protect(user, Protection(2, {"stake_day": 5_000}, allowed={"bet": 5_000}))
    bet(store, user, 4_000)
    assert refused(store, user, 1_001).info == {"limit": "stake_day", "leftCents": 1_000}
    store.protect(user, Protection(3, {"stake_day": 5_000}))
    assert refused(store, user, 1_001).code == "LIMIT_REACHED"
    assert "allowed" not in store.get_account(user)


# -- reality checks


def test_a_player_who_bets_on_is_shown_how_it_goes_before_the_next_bet(
    store: ModuleType, user: str, time: Clock
) -> None:
    won = bet(store, user)
    time.go_on(minutes=25)
    store.settle(user, won, 1, 2_500)
    bet(store, user, 3_000)
    time.go_on(minutes=25)
    bet(store, user)
    time.go_on(minutes=9, seconds=59)
    bet(store, user)
    time.go_on(seconds=1)
    refusal = refused(store, user)
    assert refusal.code == "REALITY_CHECK_DUE"
    assert refusal.info == {"minutes": 60, "stakedCents": 6_000, "netCents": -3_500}
    store.place_hold(user, "out", "WITHDRAWAL", 1_000)
    store.acknowledge(user)
    time.go_on(minutes=29)
    bet(store, user)
    time.go_on(minutes=29)
    bet(store, user)
    time.go_on(minutes=2)
    assert refused(store, user).info == {"minutes": 120, "stakedCents": 8_000, "netCents": -5_500}


def test_an_acknowledgement_moves_a_check_that_is_due_and_nothing_else(
    store: ModuleType, user: str, time: Clock
) -> None:
    bet(store, user)
    for minutes in (0, 29):
        time.go_on(minutes=minutes)
        before = store.get_account(user)
        assert store.acknowledge(user) == before
    bet(store, user)
    time.go_on(minutes=29)
    bet(store, user)
    time.go_on(minutes=5)
    refused(store, user)
    acknowledged = store.acknowledge(user)
    assert acknowledged["check_at"] == int(time.now.timestamp()) + 3_600
    time.go_on(seconds=30)
    assert store.acknowledge(user) == acknowledged
    with pytest.raises(NotFound):
        store.acknowledge("nobody")


def test_half_an_hour_without_a_bet_ends_a_session_and_its_check(store: ModuleType, user: str, time: Clock) -> None:
    first = bet(store, user, 4_000)
    time.go_on(minutes=29, seconds=59)
    bet(store, user)
    time.go_on(minutes=29, seconds=59)
    bet(store, user)
    time.go_on(minutes=30)
    before = store.get_account(user)
    assert store.acknowledge(user) == before  # it is over, so there is nothing to see any more
    bet(store, user, 2_000)
    store.settle(user, first, 1, 10_000)
    account = store.get_account(user)
    assert (account["session_staked"], account["session_net"]) == (2_000, 8_000)
    assert account["session"] == int(time.now.timestamp())


def test_a_shorter_interval_holds_in_the_session_that_goes_on(store: ModuleType, user: str, time: Clock) -> None:
    bet(store, user)
    time.go_on(minutes=15)
    store.protect(user, Protection(1, {}, reality_minutes=15))
    assert refused(store, user).info["minutes"] == 15
    store.acknowledge(user)
    time.go_on(minutes=14)
    bet(store, user)
    time.go_on(minutes=1)
    refused(store, user)
    store.protect(user, Protection(2, {}, reality_minutes=60))
    time.go_on(minutes=28)
    bet(store, user)


def test_a_first_bet_is_one_write_and_only_a_later_session_is_seen_by_its_refusal(
    store: ModuleType, time: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = str(uuid.uuid4())
    store.open_account(user)
    store.deposit(user, f"deposit-{user}", 100_000, 95_000, 5_000)
    original, writes = store.table.transact, []
    monkeypatch.setattr(store.table, "transact", lambda *wanted: (writes.append(wanted), original(*wanted)))
    for minutes, tries in ((0, 1), (29, 1), (30, 2), (1, 1)):
        time.go_on(minutes=minutes)
        bet(store, user)
        assert len(writes) == tries
        writes.clear()
    store.protect(user, Protection(1, {}, reality_minutes=59))
    assert store.get_account(user)["check_at"] == int(time.now.timestamp()) + 59 * 60 - 60


def test_an_interval_that_is_chosen_before_the_first_bet_holds_in_it(store: ModuleType, user: str, time: Clock) -> None:
    store.protect(user, Protection(1, {}, reality_minutes=10))
    bet(store, user)
    time.go_on(minutes=10)
    refused(store, user)


def test_a_session_s_numbers_follow_what_becomes_of_its_bets(store: ModuleType, user: str, time: Clock) -> None:
    def net() -> int:
        return int(store.get_account(user)["session_net"])

    rejected, void, won = (bet(store, user) for _ in range(3))
    assert net() == -3_000
    store.release(user, rejected, "rejected")
    assert net() == -2_000
    store.settle(user, void, 1, 1_000, refunded=True)
    assert net() == -1_000
    store.settle(user, won, 1, 3_000)
    assert net() == 2_000
    store.settle(user, won, 2, 500)
    assert net() == -500
    store.reopen(user, won, 3)
    assert net() == -1_000


@pytest.mark.concurrent
def test_bets_that_begin_a_session_at_once_count_in_it_once_each(store: ModuleType, user: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: store.place_hold(user, f"bet-{n}", "BET", 1_000), range(24)))
    account = store.get_account(user)
    assert (account["session_staked"], account["session_net"]) == (24_000, -24_000)


# -- what other services ask


def test_users_sees_what_is_left_and_until_when(store: ModuleType, user: str, time: Clock) -> None:
    store.protect(user, Protection(1, {"stake_bet": 9_000, "stake_day": 5_000, "loss_month": 800}, **EXCLUDED))
    from wallet.handlers import api

    seen = api.account("users", {"userId": user}, None)
    assert [(room.name, room.limit_cents, room.left_cents, room.ends) for room in seen.limits] == [
        ("stake_bet", 9_000, 9_000, None),
        ("stake_day", 5_000, 5_000, "2026-11-18T21:00:00.000000Z"),
        ("loss_month", 800, 800, "2026-11-30T21:00:00.000000Z"),
    ]
    assert seen.stop is not None
    assert (seen.stop.kind, seen.stop.until) == ("EXCLUSION", None)
    assert seen.session.minutes == 0
