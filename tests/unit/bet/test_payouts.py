"""What a slip pays: published examples, and an independent calculation that lists the lines."""

import re
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bet import refusals
from bet.payouts import multipliers, systems
from bet.payouts.bonus import read_ladder, read_ladders
from bet.payouts.payout import Decision, decide, potential
from bet.payouts.systems import System
from bet.settlement import arithmetic
from betsafi.errors import InvalidInput
from betsafi.money import parse_amount
from tests.support import brute_force
from tests.support.published import CASES, EASY_WIN, ELSEWHERE, JAMBO_BET, NOT_OFFERED, Case

NOW = "2026-11-26T12:00:00.000Z"
ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_published_slip_pays_what_is_published(case: Case) -> None:
    legs, stake = case.kept_legs(), parse_amount(case.stake)
    system = None if case.k is None else System((case.k,))
    payout, bonus = (int(amount.replace(".", "")) for amount in (case.payout, case.bonus))
    ladder = read_ladder(case.ladder) if case.ladder else None
    assert decide(stake, legs, system, ladder) == Decision(case.outcome, payout, bonus)
    judged = brute_force.settle(stake, legs, system and system.ks, ladder=case.ladder)
    assert (judged.outcome, judged.payout_cents) == (case.outcome, payout)


def test_every_published_example_is_a_test_or_of_what_is_not_offered() -> None:
    text = (ROOT / "docs/reference/domain.md").read_text()
    section = text[text.index("## 11.") : text.index("## 12.")]
    published = set(re.findall(r"https?://[^\s|>)]+", section))
    assert len(published) >= 13
    tested = {url for url in published if any(url in case.name for case in CASES)}
    assert published == tested | ELSEWHERE.keys() | NOT_OFFERED.keys()
    assert all(url in (ROOT / file).read_text() for url, file in ELSEWHERE.items())


@pytest.mark.parametrize(
    ("result", "dead_heat", "wanted"),
    [
        ("WON", 1, Fraction("2.5")),
        ("LOST", 1, Fraction(0)),
        ("VOID", 1, Fraction(1)),
        ("HALF_WON", 1, Fraction(7, 4)),
        ("HALF_LOST", 1, Fraction(1, 2)),
        ("WON", Fraction(1, 3), Fraction(5, 6)),
        ("HALF_WON", Fraction(1, 3), Fraction(11, 12)),
        ("LOST", Fraction(1, 3), Fraction(0)),
        ("VOID", Fraction(1, 3), Fraction(1)),
        ("HALF_LOST", Fraction(1, 3), Fraction(1, 2)),
    ],
)
def test_one_formula_settles_every_leg(result: str, dead_heat: Any, wanted: Fraction) -> None:
    assert multipliers.multiplier("2.50", result, Fraction(dead_heat)) == wanted


@pytest.mark.parametrize("result", ["", "OPEN", "won", "-1"])
def test_no_other_result_has_a_multiplier(result: str) -> None:
    with pytest.raises(ValueError, match="no result"):
        multipliers.multiplier("2.50", result)


@pytest.mark.parametrize(
    "text", ["0/1", "1/0", "2/1", "1", "1/1000", "-1/2", "01/2", "1/2 ", " 1/2", "1 / 2", "٣/٤", 0.5, None]
)
def test_what_is_no_dead_heat_is_refused(text: Any) -> None:
    with pytest.raises(InvalidInput):
        multipliers.parse_dead_heat(text)


def test_a_dead_heat_is_a_part_of_the_stake_up_to_all_of_it() -> None:
    assert [multipliers.parse_dead_heat(text) for text in ("1/3", "2/4", "999/999")] == [
        Fraction(1, 3),
        Fraction(1, 2),
        1,
    ]


# -- slips as they may be

odds = st.one_of(st.integers(1_010, 6_000), st.integers(1_010, 1_000_000)).map(
    lambda thousandths: f"{thousandths // 1000}.{thousandths % 1000:03d}"
)
dead_heats = st.tuples(st.integers(1, 9), st.integers(1, 9)).map(lambda pair: f"{min(pair)}/{max(pair)}")
KNOWN = st.sampled_from(multipliers.RESULTS)
ANY = st.sampled_from([*multipliers.RESULTS, None])
stakes = st.integers(2_000, 10**8)
LADDERS = (
    None,
    EASY_WIN,
    JAMBO_BET,
    {**EASY_WIN, "tiers": [{"legs": 2, "percent": 3}], "mostCents": 1_000},
)
ladders = st.sampled_from(LADDERS)


@st.composite
def legs_of(draw: Any, results: Any = ANY, least: int = 1, most: int = 7) -> list[dict[str, Any]]:
    """Return legs as bets keep them, some of which shared places."""
    legs = []
    for _ in range(draw(st.integers(least, most))):
        leg = {"odds": draw(odds), "result": draw(results)}
        if leg["result"] and draw(st.integers(0, 4)) == 0:
            leg["dead_heat"] = draw(dead_heats)
        legs.append(leg)
    return legs


@st.composite
def slips(draw: Any, results: Any = ANY, most: int = 7) -> tuple[list[dict[str, Any]], System | None]:
    """Return legs, and a system of them or none."""
    legs = draw(legs_of(results, most=most))
    if draw(st.booleans()):
        return legs, None
    bankers = draw(st.lists(st.integers(0, len(legs) - 1), unique=True, max_size=len(legs) - 1))
    ks = draw(st.lists(st.integers(1, len(legs) - len(bankers)), unique=True, min_size=1))
    system = System(tuple(sorted(ks)), tuple(bankers))
    systems.check_system(system, len(legs), 10**6)
    return legs, system


def ladder_of(row: Any) -> Any:
    return row and read_ladder(row)


def judge(stake: int, legs: Any, system: System | None, row: Any = None) -> brute_force.Verdict:
    return brute_force.settle(stake, legs, *(system or (None, ())), ladder=row)


@pytest.mark.parametrize(
    ("system", "bonus"),
    [
        (None, True),
        (System((3,)), True),
        (System((2,), (0,)), True),
        (System((1,), (0,)), False),
        (System((2, 3)), False),
    ],
    ids=["multi", "all three", "a banker and both others", "a banker and one other", "doubles and a treble"],
)
def test_a_bonus_is_for_a_bet_whose_legs_are_all_in_one_line(system: System | None, bonus: bool) -> None:
    legs = [{"odds": "2.00", "result": "WON"} for _ in range(3)]
    decision = decide(10_000, legs, system, read_ladder(JAMBO_BET))
    assert decision is not None
    assert (decision.bonus_cents > 0) is bonus
    assert decision == potential(10_000, legs, system, read_ladder(JAMBO_BET))


@given(stakes, slips(), ladders)
def test_every_slip_comes_to_what_listing_its_lines_does(stake: int, slip: Any, row: Any) -> None:
    legs, system = slip
    judged = judge(stake, legs, system, row)
    decision = decide(stake, legs, system, ladder_of(row))
    if judged.outcome == "OPEN":
        assert decision is None
    else:
        assert decision == Decision(judged.outcome, judged.payout_cents, judged.bonus.__floor__())


NOT_LOST = st.sampled_from(["WON", "WON", "WON", "VOID", "HALF_WON", "HALF_LOST"])


@given(stakes, legs_of(NOT_LOST, least=2), st.sampled_from(LADDERS[1:]))
def test_a_bonus_is_exact_and_rounded_with_the_return(stake: int, legs: Any, row: Any) -> None:
    judged = judge(stake, legs, None, row)
    decision = decide(stake, legs, None, read_ladder(row))
    assert decision == Decision(judged.outcome, judged.payout_cents, judged.bonus.__floor__())


@given(stakes, slips(KNOWN))
def test_lines_are_counted_and_added_up_exactly_without_listing_them(stake: int, slip: Any) -> None:
    legs, system = slip
    system = system or systems.multi(len(legs))
    lines = brute_force.list_lines(stake, legs, *system)
    assert system.lines(len(legs)) == len(lines)
    assert sum(line.stake for line in lines) == stake
    returned = systems.returned(stake, [multipliers.of_leg(leg) for leg in legs], system)
    assert returned == sum(line.returned for line in lines if line.returned is not None)


@given(stakes, slips(), ladders, st.randoms(use_true_random=False))
def test_the_order_of_legs_means_nothing(stake: int, slip: Any, row: Any, random: Any) -> None:
    legs, system = slip
    order = list(range(len(legs)))
    random.shuffle(order)
    moved = system and System(system.ks, tuple(order.index(banker) for banker in system.bankers))
    ladder = ladder_of(row)
    assert decide(stake, [legs[n] for n in order], moved, ladder) == decide(stake, legs, system, ladder)


VOID = {"odds": "3.000", "result": "VOID"}


@given(stakes, legs_of(KNOWN), st.data())
def test_a_void_leg_of_a_multi_is_as_if_it_had_been_left_out(stake: int, legs: Any, data: Any) -> None:
    at = data.draw(st.integers(0, len(legs)))
    assert decide(stake, [*legs[:at], VOID, *legs[at:]]) == decide(stake, legs)


@given(stakes, slips(KNOWN))
def test_a_void_leg_of_a_system_makes_its_lines_shorter_by_one(stake: int, slip: Any) -> None:
    """Of the choices of k legs, those with it are the choices of k - 1 others, at the same stake per line."""
    legs, system = slip
    assume(system is not None)
    by_leg = [multipliers.of_leg(leg) for leg in legs]
    unit = Fraction(stake, system.lines(len(legs) + 1))
    bankers = Fraction(1)
    for banker in system.bankers:
        bankers *= by_leg[banker]
    wanted = Fraction(0)
    for size in (size for k in system.ks for size in (k, k - 1)):
        part = System((size,), system.bankers)
        if size == 0:
            wanted += unit * bankers
        elif lines := part.lines(len(legs)):
            wanted += unit * lines * systems.returned(1, by_leg, part)
    assert systems.returned(stake, [*by_leg, Fraction(1)], system) == wanted


@given(stakes, slips(KNOWN))
def test_a_void_banker_is_as_if_it_had_been_left_out(stake: int, slip: Any) -> None:
    legs, system = slip
    assume(system is not None)
    with_banker = System(system.ks, (*system.bankers, len(legs)))
    assert decide(stake, [*legs, VOID], with_banker) == decide(stake, legs, system)


@given(stakes, slips(KNOWN), ladders, st.data())
def test_better_odds_never_pay_less(stake: int, slip: Any, row: Any, data: Any) -> None:
    legs, system = slip
    at = data.draw(st.integers(0, len(legs) - 1))
    better = data.draw(odds)
    assume(Fraction(better) >= Fraction(legs[at]["odds"]))
    changed = [*legs[:at], {**legs[at], "odds": better}, *legs[at + 1 :]]
    before, after = (decide(stake, each, system, ladder_of(row)) for each in (legs, changed))
    assert before is not None
    assert after is not None
    assert after.payout_cents >= before.payout_cents


@given(stakes, legs_of(KNOWN), st.sampled_from(LADDERS[1:]), st.data())
def test_a_bonus_never_rises_by_a_void(stake: int, legs: Any, row: Any, data: Any) -> None:
    """Nor does its percentage, whatever the leg came to; a leg that took something away gives it back, and no more."""
    at = data.draw(st.integers(0, len(legs) - 1))
    voided = [*legs[:at], {**legs[at], "result": "VOID"}, *legs[at + 1 :]]
    ladder = read_ladder(row)
    before, after = (tier.percent if (tier := ladder.tier(each)) else 0 for each in (legs, voided))
    assert after <= before
    if multipliers.of_leg(legs[at]) >= 1:
        decided = [decide(stake, each, None, ladder) for each in (legs, voided)]
        assert decided[0] is not None
        assert decided[1] is not None
        assert decided[1].bonus_cents <= decided[0].bonus_cents
        assert decided[1].payout_cents <= decided[0].payout_cents


@given(stakes, slips(most=4), ladders)
def test_what_is_decided_early_is_what_every_end_decides(stake: int, slip: Any, row: Any) -> None:
    legs, system = slip
    ladder = ladder_of(row)
    early, most = decide(stake, legs, system, ladder), potential(stake, legs, system, ladder)
    choices = [[leg["result"]] if leg["result"] else multipliers.RESULTS for leg in legs]
    assume(any(len(choice) > 1 for choice in choices))
    ends = []
    for results in product(*choices):
        end = decide(stake, [{**leg, "result": each} for leg, each in zip(legs, results, strict=True)], system, ladder)
        assert end is not None
        assert end.payout_cents <= most.payout_cents
        ends.append(end)
    assert most.payout_cents == max(end.payout_cents for end in ends)
    if early is not None:
        assert set(ends) == {early} == {Decision("LOST", 0)}
    elif stake == 10**8:
        assert len({end.payout_cents for end in ends}) > 1


@given(stakes, slips(), ladders)
def test_no_payout_is_above_what_was_possible_when_it_was_placed(stake: int, slip: Any, row: Any) -> None:
    legs, system = slip
    ladder = ladder_of(row)
    placed = potential(stake, [{"odds": leg["odds"]} for leg in legs], system, ladder)
    possible = potential(stake, legs, system, ladder)
    assert possible.payout_cents <= placed.payout_cents
    if (decision := decide(stake, legs, system, ladder)) is not None:
        assert decision.payout_cents == possible.payout_cents


@given(stakes, st.integers(1, 7), st.data())
def test_all_void_gives_exactly_the_stake_and_no_bonus(stake: int, count: int, data: Any) -> None:
    legs = [{"odds": data.draw(odds), "result": "VOID"} for _ in range(count)]
    k = data.draw(st.integers(1, count))
    ladder = read_ladder({**JAMBO_BET, "leastOdds": "1.01"})
    for system in (None, System((k,))):
        assert decide(stake, legs, system, ladder) == Decision("VOID", stake)


def test_a_payout_is_rounded_once_down_at_the_end() -> None:
    # 1.6 · 1.7 · 1.8 · 1.9 · 2 = 18.6048 on 5.00: rounding each step would pay another cent.
    legs = [{"odds": text, "result": "WON"} for text in ("1.60", "1.70", "1.80", "1.90", "2.00")]
    assert decide(50_000, legs) == Decision("WON", 930_240)
    assert decide(500, legs) == Decision("WON", 9_302)
    # Three lines of 3,333 1/3 cents: flooring each line would pay 9,999.
    assert decide(10_000, [{"odds": "2.00", "result": "HALF_LOST"}, *[VOID] * 2], System((1,))) == Decision(
        "WON", 8_333
    )
    assert decide(10_000, [{"odds": "1.01", "result": "WON"}, *[VOID] * 2], System((1,))) == Decision("WON", 10_033)
    # A return of 10,015.665 cents and a bonus of 300.46995 are floored together.
    legs = [{"odds": "1.50", "result": "WON"}, {"odds": "2.222", "result": "WON"}]
    row = {**JAMBO_BET, "tiers": [{"legs": 2, "percent": 3}]}
    assert decide(3_005, legs, None, read_ladder(row)) == Decision("WON", 10_316, 300)


def test_a_bet_that_returns_its_stake_is_void_only_if_all_of_it_is() -> None:
    legs = [{"odds": "2.00", "result": "WON"}, {"odds": "1.70", "result": "HALF_LOST"}]
    assert decide(10_000, legs) == Decision("WON", 10_000)


def test_a_bet_that_returns_less_than_a_cent_is_lost() -> None:
    legs = [{"odds": "2.00", "result": "HALF_LOST"}] * 11
    assert decide(2_000, legs) == Decision("LOST", 0)
    assert decide(2_048, legs) == Decision("WON", 1)
    assert decide(2_000, [*legs, {"odds": "2.00", "result": None}]) is None


# -- a bet that takes results


def bet(legs: list[dict[str, Any]], **terms: Any) -> dict[str, Any]:
    facts = [{"market_id": f"m{n}", "outcome_id": "1", "guard": 0, **leg} for n, leg in enumerate(legs)]
    return {"status": "ACCEPTED", "settlement_version": 0, "legs": facts, **terms}


def take(placed: dict[str, Any], market: int, version: int, result: str, **more: Any) -> dict[str, Any] | None:
    given_result = {"market_id": f"m{market}", "results": {"1": result}, "result_version": version, **more}
    step = arithmetic.next_step(placed, given_result, NOW)
    return step and {**placed, **step.changes}


def test_a_refund_that_is_paid_and_refunded_again_is_exact_at_every_step() -> None:
    stands = bet([{"odds": "1.90"}], stake_cents=50_000, potential_payout_cents=95_000)
    seen = []
    for version, result in enumerate(["VOID", "WON", "WON", "VOID"], 1):
        after = take(stands, 0, version, result)
        assert after is not None
        stands = after
        assert take(stands, 0, version, result) is None
        seen.append((stands["outcome"], stands["payout_cents"], stands["settlement_version"]))
    assert seen == [("VOID", 50_000, 1), ("WON", 95_000, 2), ("WON", 95_000, 2), ("VOID", 50_000, 3)]


def test_a_leg_that_had_won_and_is_voided_later_takes_its_odds_back() -> None:
    stands = bet([{"odds": "2.18"}, {"odds": "1.75"}], stake_cents=356_200, potential_payout_cents=1_358_903)
    for market, version, result, payout in ((0, 1, "WON", None), (1, 1, "WON", 1_358_903), (1, 2, "VOID", 776_516)):
        after = take(stands, market, version, result)
        assert after is not None
        stands = after
        assert stands.get("payout_cents") == payout


def test_a_system_is_settled_by_what_the_bet_keeps() -> None:
    legs = [{"odds": text} for text in ("1.90", "2.00", "2.50", "3.00")]
    system = {"ks": [2], "bankers": [3]}
    stands: Any = bet(legs, stake_cents=60_000, potential_payout_cents=10**6, system=system)
    for market, result in ((3, "HALF_WON"), (0, "WON"), (1, "WON")):
        stands = take(stands, market, 1, result)
        assert stands["status"] == "ACCEPTED"
    stands = take(stands, 2, 1, "WON")
    assert (stands["outcome"], stands["payout_cents"]) == ("WON", 542_000)
    assert take(stands, 3, 2, "LOST")["payout_cents"] == 0
    # Two of three lost: no line is left, and the open banker's reservation goes back at once.
    lost: Any = bet(legs, stake_cents=60_000, potential_payout_cents=10**6, system=system)
    lost = take(lost, 0, 1, "LOST")
    assert lost["status"] == "ACCEPTED"
    step = arithmetic.next_step(lost, {"market_id": "m1", "results": {"1": "LOST"}, "result_version": 1}, NOW)
    assert step is not None
    assert (step.changes["status"], step.changes["outcome"]) == ("SETTLED", "LOST")
    assert {(place.market_id, cents) for place, cents in step.moved.items()} == {("m2", -(10**6)), ("m3", -(10**6))}


def test_a_dead_heat_comes_with_the_result_and_goes_with_its_correction() -> None:
    stands: Any = bet([{"odds": "6.00"}], stake_cents=6_000, potential_payout_cents=36_000)
    stands = take(stands, 0, 1, "WON", dead_heats={"1": "1/3", "2": "1/3"})
    assert (stands["payout_cents"], stands["legs"][0]["dead_heat"]) == (12_000, "1/3")
    stands = take(stands, 0, 2, "WON")
    assert (stands["payout_cents"], "dead_heat" in stands["legs"][0]) == (36_000, False)


def test_a_bet_is_settled_by_the_ladder_that_it_was_accepted_under(monkeypatch: pytest.MonkeyPatch) -> None:
    new = {**EASY_WIN, "from": "2026-06-01", "tiers": [{"legs": 2, "percent": 50}]}
    monkeypatch.setattr(arithmetic.bonus, "LADDERS", read_ladders([EASY_WIN, new]))
    terms = {"stake_cents": 10_000, "potential_payout_cents": 83_500}
    stands: Any = bet([{"odds": "2.00", "result": "WON"}] * 2 + [{"odds": "2.00"}], **terms, bonus="2026-01-01")
    won = take(stands, 2, 1, "WON")
    assert (won["payout_cents"], won["bonus_cents"]) == (83_500, 3_500)
    voided = take(won, 2, 2, "VOID")
    assert (voided["payout_cents"], voided["bonus_cents"]) == (40_000, 0)
    plain = take({**stands, "bonus": None}, 2, 1, "WON")
    assert (plain["payout_cents"], "bonus_cents" in plain) == (80_000, False)
    with pytest.raises(LookupError):
        take({**stands, "bonus": "2025-01-01"}, 2, 1, "WON")


# -- which systems there are


@pytest.mark.parametrize(
    ("kind", "legs", "lines"),
    [
        ("DOUBLE", 2, 1), ("TRIXIE", 3, 4), ("PATENT", 3, 7), ("YANKEE", 4, 11), ("LUCKY_15", 4, 15),
        ("CANADIAN", 5, 26), ("SUPER_YANKEE", 5, 26), ("LUCKY_31", 5, 31), ("HEINZ", 6, 57), ("LUCKY_63", 6, 63),
        ("SUPER_HEINZ", 7, 120), ("LUCKY_127", 7, 127), ("GOLIATH", 8, 247), ("LUCKY_255", 8, 255),
    ],
)  # fmt: skip
def test_a_named_system_has_its_lines(kind: str, legs: int, lines: int) -> None:
    assert systems.named(kind, legs).lines(legs) == lines
    assert systems.named(kind, legs + 1, [0]).lines(legs + 1) == lines
    with pytest.raises(refusals.SystemRefused) as refusal:
        systems.named(kind, legs + 1)
    assert (refusal.value.code, refusal.value.info) == ("INVALID_SYSTEM", {"legs": legs + 1, "wanted": legs})


def test_every_named_system_is_tested_above() -> None:
    marks = [mark for mark in test_a_named_system_has_its_lines.pytestmark if mark.name == "parametrize"]  # type: ignore[attr-defined]
    assert {row[0] for row in marks[0].args[1]} == set(systems.KINDS)


@pytest.mark.parametrize(("k", "legs", "lines"), [(2, 3, 3), (3, 4, 4), (2, 4, 6), (3, 5, 10), (4, 6, 15), (5, 8, 56)])
def test_k_of_n_has_its_lines(k: int, legs: int, lines: int) -> None:
    assert System((k,)).lines(legs) == lines
    assert System((k,), (0, 3)).lines(legs + 2) == lines


@pytest.mark.parametrize(
    ("system", "legs", "code", "info"),
    [
        (System((4,)), 3, "INVALID_SYSTEM", {"k": 4, "legs": 3}),
        (System((2, 4)), 3, "INVALID_SYSTEM", {"k": 4, "legs": 3}),
        (System((3,), (1,)), 3, "INVALID_SYSTEM", {"k": 3, "legs": 2}),
        (System((0,)), 3, "INVALID_SYSTEM", {"k": 0, "legs": 3}),
        (System((-1,)), 3, "INVALID_SYSTEM", {"k": -1, "legs": 3}),
        (System((1,), (0, 1, 2)), 3, "INVALID_SYSTEM", {"k": 1, "legs": 0}),
        (System(()), 3, "INVALID_SYSTEM", {"ks": [], "legs": 3}),
        (System((2, 2)), 3, "INVALID_SYSTEM", {"ks": [2, 2], "legs": 3}),
        (System((3, 2)), 3, "INVALID_SYSTEM", {"ks": [3, 2], "legs": 3}),
        (System((1,), (0, 0)), 3, "INVALID_BANKER", {"banker": 0, "legs": 3}),
        (System((1,), (3,)), 3, "INVALID_BANKER", {"banker": 3, "legs": 3}),
        (System((1,), (-1,)), 3, "INVALID_BANKER", {"banker": -1, "legs": 3}),
        (System((5,)), 13, "TOO_MANY_LINES", {"lines": 1_287, "most": 1_000}),
        (System((20,)), 40, "TOO_MANY_LINES", {"lines": 137_846_528_820, "most": 1_000}),
        (System((1, 2, 3)), 18, None, None),
        (System((40,)), 40, None, None),
    ],
)
def test_a_system_that_cannot_be_is_refused(system: System, legs: int, code: str | None, info: Any) -> None:
    if code is None:
        systems.check_system(system, legs, 1_000)
        return
    with pytest.raises(refusals.BetRefused) as refusal:
        systems.check_system(system, legs, 1_000)
    assert (refusal.value.code, refusal.value.info) == (code, info)
    assert refusal.value.message


@pytest.mark.parametrize("kind", ["", "DOUBLE ", "double", "NONSENSE", None, 3, ["TRIXIE"]])
def test_an_unknown_name_is_refused(kind: Any) -> None:
    with pytest.raises(refusals.UnknownSystem) as refusal:
        systems.named(kind, 3)
    assert refusal.value.code == "UNKNOWN_SYSTEM"


def test_every_line_needs_its_part_of_the_stake() -> None:
    systems.check_line_stake(2_600, 26, 100)
    with pytest.raises(refusals.LineStakeLimit) as refusal:
        systems.check_line_stake(2_599, 26, 100)
    assert refusal.value.code == "LINE_STAKE_LIMIT"
    assert refusal.value.info == {"lines": 26, "stake": {"currency": "KES", "amount": "26.00"}}
    assert refusal.value.message == "The smallest stake per line is KES 1.00: 26 lines need KES 26.00."
