"""The receipt of a bet: what was seen, word for word, and what of a bet is not as it says."""

import json
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bet import presenting
from bet.markets.market import Game
from bet.slips import receipt
from betsafi.dynamodb import marshal
from tests.bench.meter import item_bytes
from tests.unit.bet.test_checking import LADDER, checked, games, market
from tools.receipt import check, lines

LEAGUE, GOR, AFC = {"en": "Premier League", "sw": "Ligi Kuu"}, {"en": "Gor", "sw": "Gor"}, {"en": "AFC", "sw": "AFC"}
GAME = Game("STANDARD", LEAGUE, GOR, AFC)
AT = "2026-11-22T12:00:00.000000Z"
IDS = {"user_id": "4f7f7dd8-24d3-4f55-9b44-3f4a6a9d2c11", "bet_id": "0b0e7f0e-5d0b-5b43-9a55-7f2f1b6f6e10"}


def accepted(priced: Any, stake: int = 10_000) -> tuple[dict[str, Any], str]:
    """Return a bet as it stands once it is accepted at a price, and its receipt."""
    bet: dict[str, Any] = {
        **IDS, "at": AT, "accepted_at": AT, "starts_at": AT, "stake_cents": stake, "status": "ACCEPTED", "revision": 1,
        "potential_payout_cents": priced.payout_cents, "settlement_version": 0,
        "legs": [
            {"market_id": leg.market.market_id, "outcome_id": leg.outcome_id, "odds": leg.odds} for leg in priced.legs
        ],
        **({"system": {"ks": list(priced.system.ks), "bankers": list(priced.system.bankers)}} if priced.system else {}),
        **({"bonus": priced.ladder.since.isoformat()} if priced.ladder else {}),
    }  # fmt: skip
    text = receipt.receipt_text(bet, priced)
    return {**bet, "receipt": receipt.hash_of(text)}, text


def test_a_receipt_says_what_was_seen_in_both_languages() -> None:
    total = market("sr:match:1/18/total=2.5", definition_id="18", specifiers="total=2.5", odds={"1": "1.90"}, game=GAME)
    total.odds["12"] = "1.90"
    priced = checked(market("m/1", game=GAME)).accepted()
    leg = receipt.leg_seen(priced.legs[0])
    assert (leg["odds"], leg["home"], leg["away"]) == ("2.50", "Gor", "AFC")
    assert leg["competition"] == {"en": "Premier League", "sw": "Ligi Kuu"}
    over = receipt.leg_seen(priced.legs[0]._replace(market=total, outcome_id="12", odds="1.90"))
    assert over["name"] == {"en": "Total goals 2.5", "sw": "Jumla ya mabao 2.5"}
    assert over["selection"] == {"en": "Over 2.5", "sw": "Zaidi ya 2.5"}
    assert receipt.both("Gor") == {"en": "Gor", "sw": "Gor"}


def test_a_receipt_is_canonical_and_its_hash_has_128_bits() -> None:
    _, text = accepted(checked(market(game=GAME)).accepted())
    assert json.dumps(json.loads(text), ensure_ascii=False, sort_keys=True, separators=(",", ":")) == text
    assert len(receipt.hash_of(text)) == 22
    assert receipt.hash_of(text) != receipt.hash_of(text.replace("2.50", "2.51"))
    assert receipt.hash_of("") == "47DEQpj8HBSa-_TImW-5JA"  # the first half of a known SHA-256


@pytest.mark.parametrize(
    "options", [{}, {"system": {"k": 2}}, {"system": {"k": 1, "bankers": [2]}}, {"ladder": LADDER}]
)
def test_a_bet_agrees_with_its_own_receipt_and_with_no_other(options: dict[str, Any]) -> None:
    bet, text = accepted(checked(*games("1.90", "2.00", "2.50"), **options).accepted())
    assert check(bet, text, bet["receipt"]) == []
    assert check(bet, text, "another")
    assert check(bet, text.replace("1.90", "1.91"))
    for changed in (
        {"stake_cents": 9_999},
        {"potential_payout_cents": 1},
        {"legs": [{**leg, "odds": "9.00"} for leg in bet["legs"]]},
        {"legs": bet["legs"][:2]},
        {"system": {"ks": [3], "bankers": []}},
        {"bonus": "1999-01-01"},
        {"user_id": "somebody else"},
        {"receipt": "another"},
    ):
        assert receipt.differences({**bet, **changed}, text), changed


def test_people_read_a_receipt_in_both_languages() -> None:
    _, text = accepted(checked(market("a/1", game=GAME), market("b/1", game=GAME), system={"k": 1}).accepted())
    shown = list(lines(text))
    assert "system [1] of 2, bankers []" in shown
    assert "0 sw  Gor - AFC (Ligi Kuu, 2026-11-22T13:00:00.000000Z): Matokeo ya mechi (1X2): Gor @ 2.50" in shown


def test_a_singles_receipt_fits_into_a_kilobyte() -> None:
    """Of names as long as real ones are: its leg is two write units in its transaction, and no more."""
    game = Game(
        "POPULAR",
        {"en": "England - Premier League", "sw": "Uingereza - Ligi Kuu"},
        {"en": "Wolverhampton Wanderers", "sw": "Wolverhampton Wanderers"},
        {"en": "Brighton & Hove Albion", "sw": "Brighton & Hove Albion"},
    )
    name = "sr:match:41234567/18/total=2.5"
    total = market(name, definition_id="18", specifiers="total=2.5", odds={"1": "1.95", "12": "1.95"}, game=game)
    priced = checked(total).accepted()
    priced = priced._replace(legs=[priced.legs[0]._replace(outcome_id="12")])
    bet, text = accepted(priced)
    ids = {"user_id": bet["user_id"], "bet_id": bet["bet_id"], "outcome_id": "12"}
    kept = {"pk": f"LEGS#{name}#15", "sk": bet["bet_id"], **ids, "receipt": text}
    assert item_bytes(marshal(kept)) <= 1_024, item_bytes(marshal(kept))


def test_a_single_that_was_paid_fits_into_a_kilobyte() -> None:
    """With a trace, a result and a market's id as UOF has them: every write of it is one unit."""
    leg = {
        "market_id": "sr:match:41234567/18/total=2.5", "fixture_id": "sr:match:41234567", "outcome_id": "12",
        "odds": "1.95", "guard": 3, "result": "WON", "result_version": 1,
    }  # fmt: skip
    ids = {"correlation_id": IDS["bet_id"], "causation_id": IDS["bet_id"]}
    item = {
        "pk": f"USER#{IDS['user_id']}", "sk": f"BET#{IDS['bet_id']}", "at": AT, **IDS, "request_id": IDS["bet_id"],
        "status": "SETTLED",
        "stake_cents": 10_000, "policy": "HIGHER", "legs": [leg], "accept_before": AT, "fingerprint": "f" * 32,
        "revision": 2, "settlement_version": 1, "trace": ids, "potential_payout_cents": 19_500, "starts_at": AT,
        "accepted_at": AT, "updated_at": AT, "outcome": "WON", "payout_cents": 19_500, "settled_at": AT,
        "receipt": "x" * 22, "bonus": "2026-11-01", "bonus_cents": 0,
    }  # fmt: skip
    assert item_bytes(marshal(item)) < 1_024, item_bytes(marshal(item))


# -- how a bet is shown


def test_a_bet_shows_what_its_receipt_says() -> None:
    two = market("m/1", game=GAME), market("n/1", game=GAME)
    bet, text = accepted(checked(*two, stake=10_001, system={"k": 1}).accepted(), 10_001)
    shown = presenting.bet(bet, text)
    assert shown["system"] == {"ks": [1], "bankers": []}
    assert (shown["lines"], shown["stakePerLine"]["amount"]) == (2, "50.00")
    assert shown["legs"][0]["seen"]["competition"] == {"en": "Premier League", "sw": "Ligi Kuu"}
    assert shown["legs"][0]["seen"]["startsAt"] == "2026-11-22T13:00:00.000000Z"
    assert shown["receipt"] == receipt.hash_of(text)
    assert [leg["seen"] for leg in presenting.bet(bet)["legs"]] == [None, None]


def test_a_bet_shows_its_bonus_and_how_it_falls() -> None:
    bet, text = accepted(checked(*games("2.00", "2.00", "2.00", "2.00"), ladder=LADDER).accepted())
    bonus = presenting.bet(bet, text)["bonus"]
    assert bonus == {
        "percent": 5, "amount": {"currency": "KES", "amount": "75.00"}, "leastOdds": "1.20", "legsToNext": 1,
        "nextPercent": 8,
    }  # fmt: skip
    void = [{**leg, "result": "VOID"} if n == 0 else leg for n, leg in enumerate(bet["legs"])]
    fallen = presenting.bet({**bet, "legs": void}, text)["bonus"]
    assert (fallen["percent"], fallen["amount"]["amount"]) == (3, "21.00")
    settled = {"status": "SETTLED", "bonus_cents": 7_500, "outcome": "WON", "payout_cents": 167_500, "settled_at": AT}
    assert presenting.bet({**bet, **settled})["bonus"]["amount"]["amount"] == "75.00"


@given(st.integers(1, 10**9))
def test_odds_are_shown_rounded_down(thousandths: int) -> None:
    shown = presenting.odds_text(Fraction(thousandths, 999))
    assert 0 <= Fraction(thousandths, 999) - Fraction(shown) < Fraction(1, 1000)
    assert len(shown.partition(".")[2]) in (2, 3)
