"""One request, one bet: who decides when two things happen to it at once, and what its request id stands for."""

from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from betsafi.errors import IdempotencyKeyReused, Unavailable
from tests.support.bet import ODDS, exposure, money, new_market, new_slip


def pending(bet: SimpleNamespace, user: str, wanted: Any, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Let a request die after it wrote its bet, before the stake is held; return the bet."""
    with monkeypatch.context() as patch:
        patch.setattr(bet.wallet_api, "hold_stake", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
        with pytest.raises(KeyboardInterrupt):
            bet.placing.place(user, wanted)
    found = bet.bets.get_bet(user, bet.bets.bet_id_of(user, wanted.request_id))
    assert found["status"] == "PENDING"
    return dict(found)


def test_a_rejection_that_comes_second_changes_nothing(
    bet: SimpleNamespace, wallet: ModuleType, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    market = new_market(bet)
    wanted = new_slip(bet, (market, "1", "2.50"))
    before = pending(bet, user, wanted, monkeypatch)
    accepted = bet.placing.place(user, wanted)
    assert accepted["status"] == "ACCEPTED"
    assert bet.acceptance.reject(before, bet.refusals.TimedOut("Too late.")) == accepted
    assert bet.bets.get_bet(user, accepted["bet_id"]) == accepted
    assert money(wallet, user) == (85_000, 10_000)


def test_a_rejection_of_what_was_rejected_keeps_the_first_reason(
    bet: SimpleNamespace, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = pending(bet, user, new_slip(bet, (new_market(bet), "1", "2.50")), monkeypatch)
    first = bet.acceptance.reject(before, bet.refusals.TimedOut("Too late."))
    assert bet.acceptance.reject(before, bet.refusals.StakeLimit("Too much.")) == first
    assert bet.presenting.bet(first)["message"] == {"en": "Too late.", "sw": bet.refusals.TimedOut.sw}
    assert first["reason"] == "BET_TIMED_OUT"


def test_a_request_that_fails_after_its_twin_was_accepted_keeps_the_stake(
    bet: SimpleNamespace, wallet: ModuleType, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The slower of two equal requests hears nothing from the wallet; the bet is accepted, so nothing is given back."""
    market = new_market(bet)
    wanted = new_slip(bet, (market, "1", "2.50"))
    real = bet.wallet_api.hold_stake

    def hold_stake(*arguments: Any) -> None:
        monkeypatch.setattr(bet.wallet_api, "hold_stake", real)
        assert bet.placing.place(user, wanted)["status"] == "ACCEPTED"
        raise Unavailable("no answer")

    monkeypatch.setattr(bet.wallet_api, "hold_stake", hold_stake)
    assert bet.placing.place(user, wanted)["status"] == "ACCEPTED"
    assert money(wallet, user) == (85_000, 10_000)
    assert exposure(bet, market, "1") == 25_000


@pytest.mark.parametrize(
    "other", [{"stake": "21.00"}, {"oddsPolicy": "ANY"}, {"pick": "X"}], ids=["stake", "policy", "selection"]
)
def test_an_unfinished_bet_is_not_finished_by_a_request_with_another_body(
    bet: SimpleNamespace, wallet: ModuleType, user: str, monkeypatch: pytest.MonkeyPatch, other: dict[str, str]
) -> None:
    market = new_market(bet)
    before = pending(bet, user, new_slip(bet, (market, "1", "2.50"), request="request-1"), monkeypatch)
    pick, options = other.get("pick", "1"), {name: value for name, value in other.items() if name != "pick"}
    changed = new_slip(bet, (market, pick, ODDS[pick]), request="request-1", **options)
    with pytest.raises(IdempotencyKeyReused):
        bet.placing.place(user, changed)
    bet.changing.change_market(market, {"status": "SUSPENDED"})
    with pytest.raises(IdempotencyKeyReused):
        bet.placing.place(user, changed)
    assert bet.bets.get_bet(user, before["bet_id"]) == before
    assert money(wallet, user) == (95_000, 0)
