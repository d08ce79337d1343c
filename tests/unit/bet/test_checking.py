"""What speaks against a slip: all of it at once, by the rules that place bets."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from math import comb
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bet import refusals
from bet.markets.market import Game, Market
from bet.payouts import bonus
from bet.payouts.payout import largest_stake, potential
from bet.payouts.systems import KINDS, System
from bet.slips import price, slip
from bet.slips.price import Checked, Limits
from betsafi.errors import InvalidInput

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LIMITS = Limits(2_000, 1_000_000, 5_000_000, min_line_stake_cents=100, max_total_odds=5_000)
LADDER = bonus.LADDERS[0]
ODDS = st.integers(101, 400).map(lambda hundredths: f"{hundredths // 100}.{hundredths % 100:02d}")


def market(name: str = "m/1", **changes: Any) -> Market:
    facts: dict[str, Any] = {
        "market_id": name,
        "fixture_id": name.partition("/")[0],
        "definition_id": "1",
        "specifiers": "",
        "version": 1,
        "status": "OPEN",
        "fixture_status": "SCHEDULED",
        "starts_at": NOW + timedelta(hours=1),
        "odds": {"1": "2.50", "2": "3.20", "3": "2.90"},
        "exposure": {},
        "limit_cents": 10**9,
        "guard": 0,
    }
    return Market(**{**facts, **changes})


def games(*odds: str, **changes: Any) -> list[Market]:
    return [market(f"m{n}/1", odds={"1": each, "2": "3.20", "3": "2.90"}, **changes) for n, each in enumerate(odds)]


def slip_of(*markets: Market, stake: int = 10_000, odds: Iterable[str] = (), **options: Any) -> slip.Slip:
    asked = list(odds) or [each.odds["1"] for each in markets]
    picks = tuple(slip.Selection(each.market_id, "1", text) for each, text in zip(markets, asked, strict=True))
    system = slip.wanted_system(options.get("system"))
    return slip.Slip("request-1", stake, picks, options.get("policy", "NONE"), system)


def checked(
    *markets: Market, limits: Limits = LIMITS, ladder: Any = None, now: datetime = NOW, **asked: Any
) -> Checked:
    known = {each.market_id: each for each in markets}
    return price.check(slip_of(*markets, **asked), known, lambda tiers: limits, ladder, now)


def codes(found: Checked) -> list[tuple[int | None, str]]:
    return [(refusal.leg, refusal.error.code) for refusal in found.refusals]


def test_nothing_speaks_against_a_good_slip() -> None:
    found = checked(*games("2.00", "3.00"))
    assert found.refusals == []
    assert found.accepted().payout_cents == 60_000
    assert found.accepted().system is None


def test_everything_is_found_at_once_in_the_order_of_refusals() -> None:
    one, other, gone = market("a/1", status="SUSPENDED"), market("b/1", starts_at=NOW), market("b/60")
    asked = slip_of(one, other, gone, stake=1_999, odds=("2.40", "2.50", "2.60"), system={"k": 3, "bankers": [0, 0]})
    found = price.check(asked, {"a/1": one, "b/1": other, "b/60": gone}, lambda tiers: LIMITS, None, NOW)
    assert codes(found) == [
        (None, "STAKE_LIMIT"),
        (0, "MARKET_SUSPENDED"),
        (1, "MARKET_CLOSED"),
        (None, "SAME_EVENT"),
        (0, "ODDS_CHANGED"),
        (2, "ODDS_CHANGED"),
        (None, "INVALID_BANKER"),
    ]
    with pytest.raises(refusals.StakeLimit):
        found.accepted()


def test_an_unknown_selection_is_its_legs_and_leaves_no_price() -> None:
    known = market("a/1")
    found = price.check(slip_of(known, market("x/1")), {"a/1": known}, lambda tiers: LIMITS, None, NOW)
    assert codes(found) == [(1, "UNKNOWN_MARKET")]
    assert found.priced is None
    assert [leg.odds if leg else None for leg in found.legs] == ["2.50", None]


@pytest.mark.parametrize(
    ("together", "named"),
    [
        ({}, True),
        ({"odds": {"80": "3.10"}}, False),
        ({"status": "SUSPENDED"}, False),
        ({"fixture_status": "POSTPONED"}, False),
        ({"starts_at": NOW}, False),
        ({"market_id": "other"}, False),
    ],
)
def test_two_legs_of_one_game_are_refused_with_what_says_both(together: dict[str, Any], named: bool) -> None:
    legs = [market("a/1"), market("b/1"), market("a/29", odds={"74": "1.80"})]
    combined = market("a/35", **{"odds": {"78": "4.20"}, **together})
    picks = tuple(slip.Selection(each.market_id, *next(iter(each.odds.items()))) for each in legs)
    asked = slip.Slip("request-1", 10_000, picks, "NONE", None)
    known = {each.market_id: each for each in [*legs, combined]}
    found = price.check(asked, known, lambda tiers: LIMITS, None, NOW)
    assert codes(found) == [(None, "SAME_EVENT")]
    selection = {"marketId": "a/35", "selectionId": "a/35/78", "key": "1&GG", "odds": "4.20"}
    assert found.refusals[0].error.info == {"combined": [{"legs": [0, 2], **selection}] if named else []}
    assert ("a price of its own" in found.refusals[0].error.message) is named


def test_each_leg_that_moved_is_named_and_each_names_all() -> None:
    found = checked(*games("2.00", "3.00", "1.50"), odds=("2.10", "3.00", "1.40"))
    assert codes(found) == [(0, "ODDS_CHANGED"), (2, "ODDS_CHANGED")]
    with pytest.raises(refusals.OddsChanged) as refusal:
        found.accepted()
    assert [row["odds"] for row in refusal.value.info["selections"]] == ["2.00", "1.50"]


@pytest.mark.parametrize(
    ("policy", "asked", "offered", "taken"),
    [
        ("NONE", "2.50", "2.50", True),
        ("NONE", "2.50", "2.51", False),
        ("HIGHER", "2.50", "2.51", True),
        ("HIGHER", "2.50", "2.49", False),
        ("ANY", "2.50", "9.00", True),
        ("ANY", "2.50", "2.25", True),
        ("ANY", "2.50", "2.249", False),
        ("ANY", "2.00", "1.80", True),
        ("ANY", "2.00", "1.79", False),
    ],
)
def test_any_has_a_floor(policy: slip.Policy, asked: str, offered: str, taken: bool) -> None:
    assert price.takes(policy, asked=asked, offered=offered) is taken
    assert (codes(checked(*games(offered), odds=(asked,), policy=policy)) == []) is taken


def test_the_floor_of_any_is_configured() -> None:
    assert price.takes("ANY", asked="2.00", offered="1.60", floor_percent=80)
    assert not price.takes("ANY", asked="2.00", offered="1.59", floor_percent=80)


@pytest.mark.parametrize(
    ("system", "refused"),
    [
        ({"k": 2}, None),
        ({"k": 4}, "INVALID_SYSTEM"),
        ({"ks": [3, 2]}, "INVALID_SYSTEM"),
        ({"ks": [2, 2]}, "INVALID_SYSTEM"),
        ({"k": 2, "bankers": [0, 0]}, "INVALID_BANKER"),
        ({"k": 2, "bankers": [3]}, "INVALID_BANKER"),
        ({"k": 2, "bankers": [0]}, None),
        ({"k": 3, "bankers": [0]}, "INVALID_SYSTEM"),
        ({"kind": "TRIXIE"}, None),
        ({"kind": "YANKEE"}, "INVALID_SYSTEM"),
        ({"kind": "HUGE"}, "UNKNOWN_SYSTEM"),
        ({"kind": "DOUBLE", "bankers": [1]}, None),
    ],
)
def test_a_system_that_cannot_be_is_refused(system: dict[str, Any], refused: str | None) -> None:
    found = checked(*games("2.00", "3.00", "1.50"), system=system)
    assert codes(found) == ([(None, refused)] if refused else [])
    assert (found.priced is None) is (refused is not None)


def test_too_many_lines_and_too_little_a_line_are_refused() -> None:
    many = games(*["1.10"] * 14)
    assert codes(checked(*many, system={"k": 4})) == [(None, "TOO_MANY_LINES")]
    assert comb(14, 4) == 1_001
    found = checked(*games("1.10", "1.10", "1.10", "1.10", "1.10", "1.10", "1.10"), system={"k": 3}, stake=3_499)
    assert codes(found) == [(None, "LINE_STAKE_LIMIT")]
    assert codes(checked(*games(*["1.10"] * 7), system={"k": 3}, stake=3_500)) == []


def test_a_system_pays_at_most_all_its_lines() -> None:
    found = checked(*games("1.90", "2.00", "2.50"), stake=60_000, system={"k": 2}).accepted()
    assert (found.payout_cents, found.system) == (271_000, System((2,)))
    assert checked(*games("1.90", "2.00", "2.50"), system={"k": 3}).accepted().system is None


def test_legs_odds_and_payouts_have_limits() -> None:
    assert codes(checked(*games("2.00", "2.00"), limits=LIMITS._replace(max_legs=1))) == [(None, "TOO_MANY_LEGS")]
    assert codes(checked(*games("100", "50"), stake=2_000, limits=LIMITS._replace(max_payout_cents=10**9))) == []
    found = checked(*games("100", "50.01"), stake=2_000, limits=LIMITS._replace(max_payout_cents=10**9))
    assert codes(found) == [(None, "ODDS_LIMIT")]
    # A system's line is as long as its longest: 100 x 50, not all three.
    three = games("100", "50", "2.00")
    assert (
        codes(checked(*three, stake=2_000, system={"ks": [1, 2]}, limits=LIMITS._replace(max_payout_cents=10**9))) == []
    )
    wide = LIMITS._replace(max_payout_cents=10**9)
    for odds, system in (
        (("100", "50.01", "2.00"), {"ks": [1, 2]}),  # the longest of its lines, whichever come first
        (("2.00", "50.01", "100"), {"k": 1, "bankers": [1]}),  # a banker is in it, whatever it has
    ):
        assert codes(checked(*games(*odds), stake=2_000, system=system, limits=wide)) == [(None, "ODDS_LIMIT")]
    assert codes(checked(*games("5.00"), stake=1_000_000)) == []
    assert codes(checked(*games("5.01"), stake=1_000_000)) == [(None, "STAKE_LIMIT")]


def test_a_selection_without_room_is_its_legs_refusal() -> None:
    full = market("b/1", limit_cents=59_999)
    found = checked(market("a/1", odds={"1": "2.00", "2": "3", "3": "3"}), full, limits=LIMITS, odds=("2.00", "2.50"))
    assert codes(found) == []
    found = checked(market("a/1"), full)
    assert codes(found) == [(1, "STAKE_LIMIT")]
    assert isinstance(found.refusals[0].error, refusals.ExposureLimit)


def test_the_strictest_tier_of_the_legs_decides() -> None:
    seen: list[set[str]] = []

    def limits_for(tiers: Iterable[str]) -> Limits:
        seen.append(set(tiers))
        return LIMITS

    markets = [market("a/1", game=Game("SMALL")), market("b/1", game=Game("POPULAR"))]
    price.check(slip_of(*markets), {each.market_id: each for each in markets}, limits_for, None, NOW)
    assert seen == [{"SMALL", "POPULAR"}]


def test_a_bonus_is_part_of_what_is_paid_and_reserved() -> None:
    found = checked(*games("2.00", "2.00", "2.00"), ladder=LADDER).accepted()
    assert (found.payout_cents, found.bonus_cents, found.ladder) == (82_100, 2_100, LADDER)
    assert checked(*games("2.00", "2.00"), ladder=LADDER).accepted().ladder is None
    assert checked(*games("2.00", "2.00", "2.00"), ladder=LADDER, system={"k": 2}).accepted().ladder is None
    tight = games("2.00", "2.00", "2.00", limit_cents=82_099)
    assert {code for _, code in codes(checked(*tight, ladder=LADDER))} == {"STAKE_LIMIT"}


def test_the_next_step_of_a_ladder_counts_only_legs_with_the_odds() -> None:
    legs = [{"odds": "2.00"}, {"odds": "1.19"}]
    assert LADDER.next_step(legs) == bonus.Tier(2, 3)
    assert LADDER.next_step([*legs, {"odds": "1.20"}, {"odds": "1.20"}]) == bonus.Tier(1, 5)
    assert LADDER.next_step([{"odds": "2.00", "result": "VOID"}] * 3) == bonus.Tier(3, 3)
    assert LADDER.next_step([{"odds": "1.50"}] * 20) is None


@pytest.mark.parametrize("kind", KINDS)
def test_a_system_with_a_name_is_asked_for_by_it(kind: str) -> None:
    legs = KINDS[kind][0]
    found = checked(*games(*["1.50"] * legs), system={"kind": kind}, stake=100_000)
    assert codes(found) == []
    if found.accepted().system:
        assert found.accepted().system == System(KINDS[kind][1])


@pytest.mark.parametrize(
    "given_system",
    [
        {},
        {"k": 0},
        {"ks": []},
        {"k": 2, "bankers": []},
        {"k": 2, "ks": [2]},
        {"k": "2"},
        {"k": -1},
        {"ks": [2.5]},
        {"ks": [1] * 41},
        {"k": 2, "bankers": ["0"]},
    ],
)
def test_a_system_that_says_nothing_is_bad_input(given_system: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        slip.wanted_system(given_system)


def test_a_system_makes_another_bet() -> None:
    two = games("2.00", "2.00")
    assert slip_of(*two).fingerprint == slip_of(*two, system=None).fingerprint
    prints = {slip_of(*two, system=each).fingerprint for each in (None, {"k": 1}, {"k": 2}, {"ks": [1, 2]})}
    assert len(prints) == 4


def test_equal_picks_have_one_hash_in_any_order() -> None:
    one, other = games("2.00", "3.00")
    assert checked(one, other).accepted().same == checked(other, one, stake=9_999).accepted().same
    assert checked(one).accepted().same != checked(other).accepted().same
    assert checked(one, other, system={"k": 1}).accepted().same != checked(one, other).accepted().same


def test_the_day_of_a_bet_is_that_of_its_last_game_in_nairobi() -> None:
    late = market("b/1", starts_at=datetime(2026, 11, 23, 21, 30, tzinfo=UTC))
    assert checked(market("a/1"), late).accepted().payout_day == date(2026, 11, 24)


@given(st.lists(ODDS, min_size=1, max_size=8), st.integers(2_000, 100_000), st.integers(1, 5_000_000), st.booleans())
def test_the_largest_stake_is_the_largest(odds: list[str], most: int, payout: int, with_bonus: bool) -> None:
    legs, ladder = [{"odds": each} for each in odds], LADDER if with_bonus else None
    stake = largest_stake(payout, most, legs, None, ladder)
    assert 0 <= stake <= most
    assert potential(stake, legs, None, ladder).payout_cents <= payout
    assert stake == most or potential(stake + 1, legs, None, ladder).payout_cents > payout


@given(st.lists(ODDS, min_size=2, max_size=7), st.data())
def test_total_odds_are_what_a_shilling_pays(odds: list[str], data: st.DataObject) -> None:
    k = data.draw(st.integers(1, len(odds)))
    found = checked(*games(*odds), stake=500_000, system={"k": k}, limits=LIMITS._replace(max_payout_cents=10**12))
    if found.priced is None:
        return
    total = price.total_odds(found.priced.legs, System((k,)))
    assert int(total * 500_000) == found.priced.payout_cents
    if k == len(odds):
        product = Fraction(1)
        for each in odds:
            product *= Fraction(each)
        assert total == product
