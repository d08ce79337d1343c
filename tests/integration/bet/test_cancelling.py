"""Taking a bet back: only while every game is ahead and every market is open, also at the very moment of writing."""

from collections.abc import Callable
from types import ModuleType, SimpleNamespace

import pytest

from betsafi.errors import Contention, DomainError
from tests.support.bet import at, exposure, money, new_market, new_slip

DOUBLE = (("a/1", "1", "2.50"), ("b/1", "1", "2.50"))
PAYOUT = 62_500
"""What the double could pay, and reserves on both markets."""


@pytest.fixture
def double(bet: SimpleNamespace, user: str) -> str:
    """A bet on two games, which start in one hour and in two; its id."""
    new_market(bet, "a", hours=1), new_market(bet, "b", hours=2)
    return str(bet.placing.place(user, new_slip(bet, *DOUBLE))["bet_id"])


def refused(bet: SimpleNamespace, user: str, bet_id: str) -> str:
    """Try to take a bet back; return why that is refused, after seeing that nothing changed."""
    before = list(bet.table.scan())
    with pytest.raises(DomainError) as refusal:
        bet.cancelling.cancel(user, bet_id)
    assert sorted(map(str, bet.table.scan())) == sorted(map(str, before))
    assert len(refusal.value.message) > 10
    return refusal.value.code


@pytest.mark.parametrize("market", ["a/1", "b/1"])
@pytest.mark.parametrize(("status", "code"), [("SUSPENDED", "MARKET_SUSPENDED"), ("CLOSED", "MARKET_CLOSED")])
def test_a_bet_is_not_taken_back_while_one_of_its_markets_is_not_open(
    bet: SimpleNamespace, user: str, double: str, market: str, status: str, code: str
) -> None:
    bet.changing.change_market(market, {"status": status})
    assert refused(bet, user, double) == code
    if status == "SUSPENDED":
        bet.changing.change_market(market, {"status": "OPEN"})
        assert bet.cancelling.cancel(user, double)["status"] == "CANCELLED"
        assert exposure(bet, market, "1") == 0


def test_a_market_that_only_people_see_suspended_is_enough(
    bet: SimpleNamespace, user: str, double: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A trader's change reaches the visible guard first; a bet on another guard waits for it no less."""
    monkeypatch.setattr(bet.changing, "spread", lambda *_: None)
    bet.changing.change_market("a/1", {"status": "SUSPENDED"})
    assert refused(bet, user, double) == "MARKET_SUSPENDED"


@pytest.mark.parametrize(("status", "code"), [("SUSPENDED", "MARKET_SUSPENDED"), ("CLOSED", "MARKET_CLOSED")])
def test_a_market_that_closes_at_the_last_moment_keeps_the_bet(
    bet: SimpleNamespace, user: str, double: str, monkeypatch: pytest.MonkeyPatch, status: str, code: str
) -> None:
    before_writing(bet, monkeypatch, lambda: bet.changing.change_market("b/1", {"status": status}))
    with pytest.raises(DomainError) as refusal:
        bet.cancelling.cancel(user, double)
    assert refusal.value.code == code
    assert bet.bets.get_bet(user, double)["status"] == "ACCEPTED"
    assert exposure(bet, "a/1", "1") == exposure(bet, "b/1", "1") == PAYOUT


@pytest.mark.both_emulators
def test_a_game_that_begins_at_the_last_moment_keeps_the_bet(
    bet: SimpleNamespace, user: str, double: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    long_grace(bet, monkeypatch)
    at(monkeypatch, 59.9)
    before_writing(bet, monkeypatch, lambda: at(monkeypatch, 0.2))
    with pytest.raises(bet.grace.TooLateToCancel, match="begun"):
        bet.cancelling.cancel(user, double)
    assert bet.bets.get_bet(user, double)["status"] == "ACCEPTED"
    assert exposure(bet, "a/1", "1") == exposure(bet, "b/1", "1") == PAYOUT


def long_grace(bet: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the grace period be longer than the games are away."""
    monkeypatch.setattr(bet.grace, "SECONDS", 7200)


def before_writing(bet: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Let something happen between looking at the markets and the transaction, once."""
    real = bet.cancelling.take_back

    def cancel(found: object) -> object:
        monkeypatch.setattr(bet.cancelling, "take_back", real)
        act()
        return real(found)

    monkeypatch.setattr(bet.cancelling, "take_back", cancel)


def test_a_bet_is_not_taken_back_once_a_game_has_begun(
    bet: SimpleNamespace, wallet: ModuleType, user: str, double: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first game counts, whichever leg it is; the grace period would allow it."""
    long_grace(bet, monkeypatch)
    turned = bet.placing.place(user, new_slip(bet, *DOUBLE[::-1]))["bet_id"]
    at(monkeypatch, 60)
    for bet_id in (double, turned):
        with pytest.raises(bet.grace.TooLateToCancel, match="begun"):
            bet.cancelling.cancel(user, bet_id)
    assert money(wallet, user) == (75_000, 20_000)


def test_a_bet_is_taken_back_until_the_grace_period_ends(
    bet: SimpleNamespace, user: str, double: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = bet.placing.place(user, new_slip(bet, *DOUBLE))["bet_id"]
    at(monkeypatch, 4.9)
    assert bet.cancelling.cancel(user, double)["status"] == "CANCELLED"
    at(monkeypatch, 0.2)
    assert refused(bet, user, other) == "TOO_LATE_TO_CANCEL"


def test_a_market_that_never_rests_says_so_and_changes_nothing(
    bet: SimpleNamespace, user: str, double: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stale = {bet_id: bet.bets.get_bet(user, bet_id) for bet_id in [double]}
    bet.changing.change_market("a/1", {"status": "SUSPENDED"})
    monkeypatch.setattr(bet.bets, "get_bet", lambda user_id, bet_id: stale[bet_id])
    monkeypatch.setattr(bet.guards, "guards_used_by", lambda found: ([], True))
    with pytest.raises(Contention):
        bet.cancelling.cancel(user, double)
    assert exposure(bet, "b/1", "1") == PAYOUT
