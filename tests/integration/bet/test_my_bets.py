"""What players find of their own bets: how each stands, what it comes to, and until when it can be taken back."""

import uuid
from collections import Counter
from datetime import timedelta
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from betsafi import aws, clock
from tests.support.bet import ODDS, ask, at, new_market, new_player, new_slip, settle, told

pytestmark = pytest.mark.both_emulators


def place(bet: SimpleNamespace, user: str, *markets: str, **options: Any) -> dict[str, Any]:
    """Place a bet on home wins over the API; return it."""
    picks = [{"marketId": each, "selectionId": f"{each}/1", "odds": ODDS["1"]} for each in markets]
    stake = {"currency": "KES", "amount": options.pop("stake", "20.00")}
    request = options.pop("request", uuid.uuid4().hex)
    given = {"clientRequestId": request, "stake": stake, "selections": picks, **options}
    return dict(told(bet, "Mutation", "placeBet", user, input=given))


def ids(bet: SimpleNamespace, user: str, **wanted: Any) -> list[str]:
    """Return the ids of a player's bets that are wanted, page after page."""
    found: list[str] = []
    cursor = None
    for _ in range(50):
        page = told(bet, "Query", "bets", user, cursor=cursor, **wanted)
        found += [each["id"] for each in page["items"]]
        if (cursor := page["cursor"]) is None:
            return found
    raise AssertionError("the list does not end")


@pytest.fixture
def some(bet: SimpleNamespace, user: str) -> dict[str, str]:
    """A player's bets by how they stand, oldest first, and one of somebody else."""
    first, other = new_market(bet, "a"), new_market(bet, "b")
    placed = {"won": place(bet, user, first), "open": place(bet, user, other)}
    placed["back"] = place(bet, user, other)
    assert told(bet, "Mutation", "cancelBet", user, id=placed["back"]["id"])["status"] == "CANCELLED"
    placed["both"] = place(bet, user, first, other)
    settle(bet, first, _1="WON")
    return {name: each["id"] for name, each in placed.items()}


@pytest.mark.parametrize(
    ("statuses", "found"),
    [
        (None, ["both", "back", "open", "won"]),
        ([], ["both", "back", "open", "won"]),
        (["ACCEPTED"], ["both", "open"]),
        (["SETTLED"], ["won"]),
        (["SETTLED", "CANCELLED"], ["back", "won"]),
        (["REJECTED"], []),
    ],
)
def test_bets_are_found_by_how_they_stand(
    bet: SimpleNamespace, user: str, some: dict[str, str], statuses: list[str] | None, found: list[str]
) -> None:
    for limit in (1, 2, 20):
        assert ids(bet, user, statuses=statuses, limit=limit) == [some[name] for name in found]


def test_bets_are_found_by_when_they_were_placed(bet: SimpleNamespace, user: str, some: dict[str, str]) -> None:
    when = {name: bet.bets.get_bet(user, bet_id)["at"] for name, bet_id in some.items()}
    asked = {"from": when["open"], "to": when["back"]}
    assert ids(bet, user, **asked) == [some["back"], some["open"]]
    assert ids(bet, user, **asked, statuses=["ACCEPTED"], limit=1) == [some["open"]]
    assert ids(bet, user, to=when["won"]) == [some["won"]]
    later = clock.stamp(clock.parse_stamp(when["both"]) + timedelta(microseconds=1))
    assert told(bet, "Query", "bets", user, **{"from": later}) == {"items": [], "cursor": None}
    refused = ask(bet, "Query", "bets", user, **{"from": when["back"], "to": when["open"]})["error"]
    assert (refused["type"], "from" in refused["message"]) == ("INVALID_INPUT", True)


@pytest.mark.one_emulator
def test_twenty_bets_with_their_names_are_three_reads_and_by_time_no_more(
    bet: SimpleNamespace, wallet: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    user, market = new_player(wallet, 100_000), new_market(bet, "a")
    placed = [place(bet, user, market)["id"] for _ in range(22)]
    bet.receipts._known.clear()
    calls: Counter[str] = Counter()
    real = aws.client("dynamodb")._make_api_call

    def counted(operation: str, given: Any) -> Any:
        calls[operation] += 1
        return real(operation, given)

    monkeypatch.setattr(aws.client("dynamodb"), "_make_api_call", counted)
    page = told(bet, "Query", "bets", user, limit=20)
    assert [each["id"] for each in page["items"]] == placed[:1:-1]
    assert all(
        leg["seen"]["home"]["sw"] and leg["seen"]["selection"]["sw"] for each in page["items"] for leg in each["legs"]
    )
    assert calls == {"Query": 1, "BatchGetItem": 2}
    calls.clear()
    assert ids(bet, user, **{"from": page["items"][4]["placedAt"]}) == placed[:-6:-1]
    assert calls == {"Query": 1, "BatchGetItem": 1}, "the receipts are known here"


def test_a_bet_says_what_it_comes_to_and_under_which_request_it_was_placed(bet: SimpleNamespace, user: str) -> None:
    first, other = new_market(bet, "a"), new_market(bet, "b")
    shown = place(bet, user, first, other, request="my-request-1")
    assert shown["clientRequestId"] == "my-request-1"
    assert (shown["totalOdds"], shown["potentialPayout"]["amount"]) == ("6.25", "125.00")
    assert shown["taxes"] == {"currency": "KES", "amount": "0.00"}
    assert len(shown["receipt"]) == 22
    settle(bet, first, _1="WON")
    settle(bet, other, _1="WON")
    after = told(bet, "Query", "bet", user, id=shown["id"])
    assert (after["status"], after["totalOdds"], after["receipt"]) == ("SETTLED", "6.25", shown["receipt"])
    assert after["taxes"] == {"currency": "KES", "amount": "0.00"}


def test_a_bet_is_taxed_by_the_tariff_of_its_day(
    bet: SimpleNamespace, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bet.payouts import taxes

    tariff = taxes.Tariff(taxes.TARIFFS[-1].since, stake_bp=500, winnings_bp=2_000)
    monkeypatch.setattr(taxes, "TARIFFS", (tariff,))
    won, lost, market = (new_market(bet, name) for name in "abc")
    shown = place(bet, user, won, stake="100.00")
    assert shown["taxes"]["amount"] == "35.00", "5 % of 100, 20 % of 150"
    other = place(bet, user, lost, stake="100.00")
    settle(bet, won, _1="WON")
    settle(bet, lost, _X="WON")
    assert told(bet, "Query", "bet", user, id=shown["id"])["taxes"]["amount"] == "35.00"
    assert told(bet, "Query", "bet", user, id=other["id"])["taxes"]["amount"] == "5.00"
    back = place(bet, user, market, stake="100.00")
    assert told(bet, "Mutation", "cancelBet", user, id=back["id"])["taxes"] is None


def test_what_a_system_s_shilling_pays_is_as_its_quote_said(bet: SimpleNamespace, user: str) -> None:
    markets = [new_market(bet, name) for name in "abc"]
    picks = [{"marketId": each, "selectionId": f"{each}/1", "odds": ODDS["1"]} for each in markets]
    slip = {"clientRequestId": "my-request-1", "stake": {"currency": "KES", "amount": "60.00"}, "selections": picks}
    slip["system"] = {"k": 2}
    quoted = told(bet, "Query", "quoteSlip", user, input=slip)
    placed = told(bet, "Mutation", "placeBet", user, input=slip)
    assert placed["totalOdds"] == quoted["totalOdds"] == "6.25"
    assert placed["taxes"] == quoted["taxes"]


# -- until when it may be taken back


def test_a_bet_says_until_when_it_may_be_taken_back_and_that_is_when_it_ends(
    bet: SimpleNamespace, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    market = new_market(bet, "a", hours=2)
    first, second = place(bet, user, market), place(bet, user, market)
    accepted = clock.parse_stamp(bet.bets.get_bet(user, second["id"])["accepted_at"])
    ends = clock.parse_stamp(second["cancellableUntil"])
    assert ends == accepted + timedelta(minutes=5)
    monkeypatch.setattr(clock, "now", lambda: ends - timedelta(microseconds=1))
    assert told(bet, "Mutation", "cancelBet", user, id=second["id"])["cancellableUntil"] is None
    monkeypatch.setattr(clock, "now", lambda: ends)
    assert ask(bet, "Mutation", "cancelBet", user, id=first["id"])["error"]["type"] == "TOO_LATE_TO_CANCEL"


def test_it_ends_when_the_first_game_begins(bet: SimpleNamespace, user: str, monkeypatch: pytest.MonkeyPatch) -> None:
    soon, late = new_market(bet, "a", hours=0.05), new_market(bet, "b")
    shown = place(bet, user, late, soon)
    assert shown["cancellableUntil"] == bet.fixtures.find_fixture("a")["starts_at"]
    at(monkeypatch, 3)
    assert ask(bet, "Mutation", "cancelBet", user, id=shown["id"])["error"]["type"] == "TOO_LATE_TO_CANCEL"


def test_a_bet_that_had_a_result_or_does_not_stand_has_no_such_moment(bet: SimpleNamespace, user: str) -> None:
    first, other = new_market(bet, "a"), new_market(bet, "b")
    placed = [place(bet, user, first), place(bet, user, first, other)]
    assert all(each["cancellableUntil"] for each in placed)
    settle(bet, first, _1="WON")
    for each in placed:
        assert told(bet, "Query", "bet", user, id=each["id"])["cancellableUntil"] is None
        assert ask(bet, "Mutation", "cancelBet", user, id=each["id"])["error"]["type"] == "TOO_LATE_TO_CANCEL"
    pending = bet.acceptance.put_pending(user, "pending", new_slip(bet, (other, "1", "2.50")), 10)
    shown = bet.presenting.bet(pending)
    assert (shown["cancellableUntil"], shown["totalOdds"], shown["taxes"]) == (None, None, None)
