"""The switch of all betting: no bets are taken, open ones stay and are settled, and looking at it costs no call."""

from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from betsafi.errors import DomainError
from tests.support.bet import ODDS, ask, decided, money, new_market, new_slip, settle, told

pytestmark = pytest.mark.both_emulators


@pytest.fixture
def picks(bet: SimpleNamespace) -> list[tuple[str, str, str]]:
    return [(new_market(bet, name), "1", ODDS["1"]) for name in ("a", "b")]


def turn(bet: SimpleNamespace, wanted: bool, reason: str = "the feed of prices is wrong", **more: Any) -> Any:
    return told(bet, "Mutation", "setBetting", open=wanted, reason=reason, **more)


def as_player(bet: SimpleNamespace, user: str, kind: str, field: str, **arguments: Any) -> Any:
    answer = bet.graphql.handler({"type": kind, "field": field, "arguments": arguments, "identity": {"sub": user}})
    return answer.get("data") or answer["error"]


def slip_input(picks: list[tuple[str, str, str]], request: str) -> dict[str, Any]:
    rows = [{"marketId": market, "selectionId": f"{market}/1", "odds": odds} for market, _, odds in picks]
    return {"clientRequestId": request, "stake": {"currency": "KES", "amount": "100.00"}, "selections": rows}


def test_no_bet_is_taken_while_betting_is_suspended_and_the_next_one_is_once_it_is_not(
    bet: SimpleNamespace, wallet: ModuleType, user: str, picks: Any
) -> None:
    turn(bet, False)
    had = money(wallet, user)
    refused = as_player(bet, user, "Mutation", "placeBet", input=slip_input(picks, "request-0001"))
    assert refused["type"] == "BETTING_SUSPENDED"
    assert refused["message"].startswith("No bets are taken at the moment.")
    assert (money(wallet, user), as_player(bet, user, "Query", "bets")["items"]) == (had, [])
    turn(bet, True, "the feed is right again")
    taken = as_player(bet, user, "Mutation", "placeBet", input=slip_input(picks, "request-0001"))
    assert taken["status"] == "ACCEPTED"


def test_quotes_and_the_lobby_say_that_betting_is_suspended(bet: SimpleNamespace, user: str, picks: Any) -> None:
    assert told(bet, "Query", "betting") == {"open": True, "message": None}
    stopped = turn(bet, False)
    assert told(bet, "Query", "betting") == stopped
    assert (stopped["open"], set(stopped["message"])) == (False, {"en", "sw"})
    quote = as_player(bet, user, "Query", "quoteSlip", input=slip_input(picks, "request-0001"))
    assert [(each["leg"], each["code"]) for each in quote["reasons"]] == [(None, "BETTING_SUSPENDED")]
    assert (quote["accepted"], quote["largestStake"]) == (False, None)
    assert told(bet, "Query", "fixture", id="a")["markets"][0]["status"] == "OPEN", "no market changes"


def test_open_bets_stay_and_are_settled_but_are_not_given_back_meanwhile(
    bet: SimpleNamespace, user: str, picks: Any
) -> None:
    placed = bet.placing.place(user, new_slip(bet, picks[0]))
    turn(bet, False)
    with pytest.raises(DomainError) as refused:
        bet.cancelling.cancel(user, placed["bet_id"])
    assert refused.value.code == "BETTING_SUSPENDED"
    assert decided(bet, user, placed)[0] == "ACCEPTED"
    settle(bet, picks[0][0], _1="WON")
    assert decided(bet, user, placed)[:2] == ("SETTLED", "WON")
    turn(bet, True)
    again = bet.placing.place(user, new_slip(bet, picks[1]))
    assert bet.cancelling.cancel(user, again["bet_id"])["status"] == "CANCELLED"


def test_who_looked_at_prices_before_knows_of_it_when_these_are_two_seconds_old(
    bet: SimpleNamespace, user: str, picks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    stands = [1_000.0]
    monkeypatch.setattr("betsafi.clock.monotonic", lambda: stands[0])
    bet.placing.place(user, new_slip(bet, *picks))
    turn(bet, False)
    stands[0] += 2.1
    with pytest.raises(DomainError) as refused:
        bet.placing.place(user, new_slip(bet, *picks))
    assert refused.value.code == "BETTING_SUSPENDED"


@pytest.mark.one_emulator
def test_a_bet_asks_for_it_with_its_markets_and_with_no_call_of_its_own(
    bet: SimpleNamespace, user: str, picks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[list[str]] = []
    for name in ("get", "get_many"):
        real = getattr(bet.table, name)
        monkeypatch.setattr(
            bet.table, name, lambda asked, real=real, name=name: reads.append([name, *map(str, asked)]) or real(asked)
        )
    slip = new_slip(bet, *picks)
    bet.quoting.quote(user, slip)
    assert ["BETTING" in " ".join(asked) for asked in reads] == [True] * len(reads)
    assert {asked[0] for asked in reads} == {"get_many"}
    reads.clear()
    bet.quoting.quote(user, slip)
    assert reads == [], "with prices that are known, nothing is asked"


def test_the_same_call_again_changes_nothing_and_only_traders_turn_it(bet: SimpleNamespace) -> None:
    given = {"open": False, "reason": "the feed of prices is wrong", "clientRequestId": "request-0001"}
    told(bet, "Mutation", "setBetting", **given)
    turn(bet, True)
    assert told(bet, "Mutation", "setBetting", **given)["open"] is True, "how it stands"
    refused = ask(bet, "Mutation", "setBetting", **{**given, "open": True})
    assert refused["error"]["type"] == "IDEMPOTENCY_KEY_REUSED"
    assert ask(bet, "Mutation", "setBetting", open=False, reason="no")["error"]["type"] == "INVALID_INPUT"
    support = {"sub": "support-1", "groups": ["support"]}
    event = {"type": "Mutation", "field": "setBetting", "arguments": {"open": False, "reason": "I want it so"}}
    assert bet.trading.handler({**event, "identity": support})["error"]["type"] == "FORBIDDEN"
    assert told(bet, "Query", "betting")["open"] is True
