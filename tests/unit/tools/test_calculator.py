"""The calculator: published slips, every line, and a JSON error for whatever is wrong."""

import io
import json
import subprocess
import sys
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bet.payouts import multipliers
from betsafi.money import parse_amount
from tests.support import brute_force
from tests.support.published import CASES, EASY_WIN, Case
from tools.calculator.__main__ import run
from tools.calculator.answering import exact

GOOD: dict[str, Any] = {
    "stake": "600.00",
    "system": {"k": 2, "bankers": []},
    "legs": [{"odds": odds, "result": "WON"} for odds in ("1.90", "2.00", "2.50")],
    "bonus": None,
}


def ask(asked: Any) -> tuple[int, Any]:
    text = asked if isinstance(asked, bytes) else json.dumps(asked).encode()
    code, answered = run(io.BytesIO(text))
    return code, json.loads(answered)


def answer(**changes: Any) -> Any:
    code, answered = ask({**GOOD, **changes})
    assert code == 0, answered
    return answered


def shillings(text: str) -> Fraction:
    return Fraction(text)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_published_slip_pays_what_is_published(case: Case) -> None:
    code, answered = ask(case.asked())
    assert code == 0
    assert {name: answered[name] for name in ("outcome", "payout", "bonus", "tax")} == {
        "outcome": case.outcome, "payout": case.payout, "bonus": case.bonus, "tax": "0.00",
    }  # fmt: skip


def test_a_system_is_answered_line_by_line() -> None:
    assert answer() == {
        "outcome": "WON",
        "payout": "2710.00",
        "lines": [
            {"legs": [0, 1], "stake": "200.00", "return": "760.00"},
            {"legs": [0, 2], "stake": "200.00", "return": "950.00"},
            {"legs": [1, 2], "stake": "200.00", "return": "1000.00"},
        ],
        "bonus": "0.00",
        "tax": "0.00",
    }
    banked = answer(system={"k": 1, "bankers": [2]}, stake="137")
    assert banked["lines"] == [
        {"legs": [0, 2], "stake": "68.50", "return": "325.375"},
        {"legs": [1, 2], "stake": "68.50", "return": "342.50"},
    ]
    assert banked["payout"] == "667.87"


def test_a_stake_that_does_not_divide_is_split_exactly() -> None:
    answered = answer(stake="100")
    assert [line["stake"] for line in answered["lines"]] == ["100/3"] * 3
    assert [line["return"] for line in answered["lines"]] == ["380/3", "475/3", "500/3"]
    assert answered["payout"] == "451.66"


@pytest.mark.parametrize(
    ("cents", "text"),
    [
        (0, "0.00"), (1, "0.01"), (100, "1.00"), (Fraction(1, 10), "0.001"), (Fraction(46_865, 2), "234.325"),
        (Fraction(100, 3), "1/3"), (Fraction(1, 8), "0.00125"), (Fraction(100, 7 * 5), "1/35"),
    ],
)  # fmt: skip
def test_an_amount_is_a_decimal_where_it_ends_and_else_a_fraction(cents: Any, text: str) -> None:
    assert exact(Fraction(cents) / 100) == text


@pytest.mark.parametrize(
    ("system", "lines"),
    [({"kind": "PATENT"}, 7), ({"ks": [1, 2, 3]}, 7), ({"k": 3}, 1), (None, 1), ({"kind": "TRIXIE"}, 4)],
)
def test_a_system_has_a_k_or_several_or_a_name(system: Any, lines: int) -> None:
    assert len(answer(system=system)["lines"]) == lines


def test_what_is_open_counts_as_won_and_is_called_open() -> None:
    legs = [{"odds": "2.00", "result": "WON"}, {"odds": "3.00", "result": "OPEN"}, {"odds": "1.50", "result": "OPEN"}]
    answered = answer(stake="100", system=None, legs=legs, bonus=EASY_WIN)
    assert answered == {
        "outcome": "OPEN",
        "payout": "940.00",
        "lines": [{"legs": [0, 1, 2], "stake": "100.00", "return": "900.00"}],
        "bonus": "40.00",
        "tax": "0.00",
    }
    lost = [{"odds": "2.00", "result": "LOST"}, *legs[1:]]
    assert answer(system=None, legs=lost)["outcome"] == "LOST"
    assert answer(system={"k": 2}, legs=lost)["outcome"] == "OPEN"
    assert answer(system={"k": 2, "bankers": [0]}, legs=lost, stake="1")["payout"] == "0.00"


legs = st.fixed_dictionaries(
    {
        "odds": st.integers(1_010, 9_999).map(lambda n: f"{n // 1000}.{n % 1000:03d}"),
        "result": st.sampled_from([*multipliers.RESULTS, "OPEN"]),
    }
)


@given(st.integers(2_000, 10**7), st.lists(legs, min_size=2, max_size=7), st.data())
def test_the_lines_are_those_of_an_independent_calculation(cents: int, slip: list[Any], data: Any) -> None:
    bankers = data.draw(st.lists(st.integers(0, len(slip) - 1), unique=True, max_size=len(slip) - 1))
    k = data.draw(st.integers(1, len(slip) - len(bankers)))
    stake = f"{cents // 100}.{cents % 100:02d}"
    code, answered = ask({"stake": stake, "system": {"k": k, "bankers": bankers}, "legs": slip})
    assert code == 0
    kept = [{**leg, "result": None if leg["result"] == "OPEN" else leg["result"]} for leg in slip]
    judged = brute_force.settle(parse_amount(stake), kept, [k], bankers)
    assert answered["outcome"] == judged.outcome
    assert {tuple(line["legs"]) for line in answered["lines"]} == {line.legs for line in judged.lines}
    assert sum(shillings(line["stake"]) for line in answered["lines"]) == shillings(stake)
    if judged.outcome != "OPEN":
        assert sum(shillings(line["return"]) for line in answered["lines"]) * 100 == judged.exact
        assert answered["payout"] == f"{judged.payout_cents // 100}.{judged.payout_cents % 100:02d}"


HOME_LED: dict[str, Any] = {
    "ended": ["FIRST_HALF"],
    "goals": [{"side": "HOME", "period": "FIRST_HALF"}, {"side": "AWAY", "period": "SECOND_HALF"}],
}
GOALLESS: dict[str, Any] = {"ended": ["FIRST_HALF", "SECOND_HALF"], "goals": []}


def picked(market: str, outcome: str, odds: str = "2.00") -> dict[str, Any]:
    return {"odds": odds, "market": market, "outcome": outcome}


@pytest.mark.parametrize(
    ("market", "outcome", "result"),
    [
        ("sr:match:1/60", "1", "WON"),
        ("sr:match:1/60", "2", "LOST"),
        ("sr:match:1/1", "1", "OPEN"),
        ("sr:match:1/18/total=1.75", "12", "HALF_WON"),
        ("sr:match:1/18/total=2", "13", "VOID"),
        ("sr:match:1/18/total=2.25", "12", "HALF_LOST"),
        ("sr:match:1/166/total=9.5", "12", "OPEN"),
        ("sr:match:1/16/hcp=-1|score=1:0", "1714", "LOST"),
    ],
)
@pytest.mark.parametrize("system", [None, {"k": 1}])
def test_a_leg_has_the_result_that_its_match_gives_it(market: str, outcome: str, result: str, system: Any) -> None:
    match = {**HOME_LED, "ended": ["FIRST_HALF"] if result == "OPEN" else ["FIRST_HALF", "SECOND_HALF"]}
    given = {"odds": "3.00", "result": "WON"}
    computed = answer(system=system, match=match, legs=[picked(market, outcome), given])
    assert computed == answer(system=system, legs=[{"odds": "2.00", "result": result}, given])


def test_what_is_certain_during_a_match_has_its_result_already() -> None:
    legs = [picked("sr:match:1/18/total=0.5", "12"), picked("sr:match:1/29", "76", "3.00")]
    assert answer(system=None, match=HOME_LED, legs=legs)["outcome"] == "LOST"
    legs = [legs[0], picked("sr:match:1/29", "74", "3.00")]
    assert answer(system=None, match=HOME_LED, legs=legs, stake="20")["payout"] == "120.00"


def test_each_leg_has_the_match_of_its_fixture() -> None:
    legs = [picked("sr:match:1/29", "74"), picked("sr:match:2/45", "274", "9.50"), {"odds": "1.50", "result": "VOID"}]
    answered = answer(system=None, match={"sr:match:1": HOME_LED, "sr:match:2": GOALLESS}, legs=legs, stake="20")
    assert (answered["outcome"], answered["payout"]) == ("WON", "380.00")


GOAL = {"side": "HOME", "period": "EXTRA_TIME"}
ONE: dict[str, Any] = {"stake": "100.00", "legs": [picked("sr:match:1/1", "1")], "match": GOALLESS}


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"legs": [picked("sr:match:1/999", "1")]}, "UNKNOWN_MARKET", "legs[0].market"),
        ({"legs": [picked("sr:match:1", "1")]}, "UNKNOWN_MARKET", "legs[0].market"),
        ({"legs": [picked("", "1")]}, "UNKNOWN_MARKET", "legs[0].market"),
        ({"legs": [picked("/1", "1")]}, "INVALID_INPUT", "legs[0].market"),
        ({"legs": [picked("sr:match:1/18", "12")]}, "INVALID_INPUT", "legs[0].market"),
        ({"legs": [picked("sr:match:1/18/total=2.1", "12")]}, "INVALID_INPUT", "legs[0].market"),
        ({"legs": [picked("sr:match:1/18/total=2.50", "12")]}, "INVALID_INPUT", "legs[0].market"),
        ({"legs": [picked("sr:match:1/18/goals=2.5", "12")]}, "INVALID_INPUT", "legs[0].market"),
        ({"legs": [picked("sr:match:1/1/total=2.5", "1")]}, "INVALID_INPUT", "legs[0].market"),
        ({"legs": [picked("sr:match:1/1", "X")]}, "INVALID_INPUT", "legs[0].outcome"),
        ({"legs": [{"odds": "2.00", "market": "sr:match:1/1"}]}, "INVALID_INPUT", "legs[0].outcome"),
        ({"legs": [{"odds": "2.00", "outcome": "1"}]}, "INVALID_INPUT", "legs[0].market"),
        ({"legs": [{**picked("sr:match:1/1", "1"), "result": "WON"}]}, "INVALID_INPUT", "legs[0].result"),
        ({"legs": [{**picked("sr:match:1/1", "1"), "deadHeat": "1/2"}]}, "INVALID_INPUT", "legs[0].deadHeat"),
        ({"match": None}, "INVALID_INPUT", "match"),
        ({"match": []}, "INVALID_INPUT", "match"),
        ({"match": {"ended": []}}, "INVALID_INPUT", "match"),
        ({"match": {**GOALLESS, "winner": "HOME"}}, "INVALID_INPUT", "match"),
        ({"match": {**GOALLESS, "ended": ["SECOND_HALF"]}}, "INVALID_INPUT", "match"),
        ({"match": {"sr:match:2": GOALLESS}}, "INVALID_INPUT", "match"),
        ({"match": {"sr:match:1": []}}, "INVALID_INPUT", "match.sr:match:1"),
        ({"match": {**HOME_LED, "goals": [GOAL]}}, "CONTRADICTION", "match"),
        ({"match": {**GOALLESS, "score": {"REGULAR": {"home": 1, "away": 0}}}}, "CONTRADICTION", "match"),
        ({"legs": [picked("sr:match:1/1", "1"), picked("sr:match:2/1", "1")]}, "INVALID_INPUT", "match"),
        ({"legs": [{"odds": "2.00", "result": "WON"}]}, "INVALID_INPUT", "match"),
    ],
)
def test_what_is_wrong_with_a_match_or_a_market_is_said(changes: Any, code: str, field: str) -> None:
    assert answer(system=None, **{key: ONE[key] for key in ("legs", "match")})["outcome"] == "LOST"
    exit_code, answered = ask({**ONE, **changes})
    assert exit_code == 2
    assert {**answered["error"], "message": ""} == {"code": code, "message": "", "field": field}
    assert answered["error"]["message"]


def leg(**changes: Any) -> dict[str, Any]:
    return {"legs": [GOOD["legs"][0], {**GOOD["legs"][1], **changes}, GOOD["legs"][2]]}


def without(given_object: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in given_object.items() if name != key}


@pytest.mark.parametrize(
    ("asked", "code", "field"),
    [
        (b"", "INVALID_JSON", None),
        (b"stake 100", "INVALID_JSON", None),
        (b"{} {}", "INVALID_JSON", None),
        (b"\xff\xfe", "INVALID_JSON", None),
        (b'{"stake": NaN}', "INVALID_JSON", None),
        (b'{"stake": "1", "stake": "2"}', "INVALID_JSON", None),
        (b"[" * 90_000, "INVALID_JSON", None),
        (b"1" * 5_000, "INVALID_JSON", None),
        (b" " * 100_001, "INVALID_INPUT", None),
        (b"[]", "INVALID_INPUT", None),
        (b"null", "INVALID_INPUT", None),
        (without(GOOD, "stake"), "INVALID_INPUT", "stake"),
        (without(GOOD, "legs"), "INVALID_INPUT", "legs"),
        ({**GOOD, "match": {}}, "INVALID_INPUT", "match"),
        ({**GOOD, "stake": 600}, "INVALID_AMOUNT", "stake"),
        ({**GOOD, "stake": "600.001"}, "INVALID_AMOUNT", "stake"),
        ({**GOOD, "stake": "0.00"}, "INVALID_AMOUNT", "stake"),
        ({**GOOD, "stake": "-5"}, "INVALID_AMOUNT", "stake"),
        ({**GOOD, "stake": "KES 5"}, "INVALID_AMOUNT", "stake"),
        ({**GOOD, "legs": []}, "INVALID_INPUT", "legs"),
        ({**GOOD, "legs": {}}, "INVALID_INPUT", "legs"),
        ({**GOOD, "legs": GOOD["legs"][:1] * 41}, "INVALID_INPUT", "legs"),
        ({**GOOD, "legs": GOOD["legs"][:1] * 1_000}, "INVALID_INPUT", "legs"),
        ({**GOOD, "legs": [5]}, "INVALID_INPUT", "legs[0]"),
        ({**GOOD, **leg(odds="1.00")}, "INVALID_ODDS", "legs[1].odds"),
        ({**GOOD, **leg(odds="1.009")}, "INVALID_ODDS", "legs[1].odds"),
        ({**GOOD, **leg(odds=1.87)}, "INVALID_ODDS", "legs[1].odds"),
        ({**GOOD, **leg(odds=None)}, "INVALID_ODDS", "legs[1].odds"),
        ({**GOOD, "legs": [{"result": "WON"}]}, "INVALID_INPUT", "legs[0].odds"),
        ({**GOOD, "legs": [{"odds": "2.00"}]}, "INVALID_INPUT", "legs[0].result"),
        ({**GOOD, **leg(result="won")}, "INVALID_INPUT", "legs[1].result"),
        ({**GOOD, **leg(result=None)}, "INVALID_INPUT", "legs[1].result"),
        ({**GOOD, **leg(result=["WON"])}, "INVALID_INPUT", "legs[1].result"),
        ({**GOOD, **leg(deadHeat="0/1")}, "INVALID_INPUT", "legs[1].deadHeat"),
        ({**GOOD, **leg(deadHeat="2/1")}, "INVALID_INPUT", "legs[1].deadHeat"),
        ({**GOOD, **leg(deadHeat=0.5)}, "INVALID_INPUT", "legs[1].deadHeat"),
        ({**GOOD, **leg(deadHeat="1/2", result="OPEN")}, "INVALID_INPUT", "legs[1].deadHeat"),
        ({**GOOD, **leg(dead_heat="1/2")}, "INVALID_INPUT", "legs[1].dead_heat"),
        ({**GOOD, "system": {"k": 4}}, "INVALID_SYSTEM", "system.k"),
        ({**GOOD, "system": {"k": 3, "bankers": [0]}}, "INVALID_SYSTEM", "system.k"),
        ({**GOOD, "system": {"k": 0}}, "INVALID_SYSTEM", "system.k"),
        ({**GOOD, "system": {"k": True}}, "INVALID_INPUT", "system.k"),
        ({**GOOD, "system": {"k": 2.0}}, "INVALID_INPUT", "system.k"),
        ({**GOOD, "system": {"k": "2"}}, "INVALID_INPUT", "system.k"),
        ({**GOOD, "system": {"ks": 2}}, "INVALID_INPUT", "system.ks"),
        ({**GOOD, "system": {"ks": [3, 2]}}, "INVALID_SYSTEM", "system.ks"),
        ({**GOOD, "system": {"ks": []}}, "INVALID_SYSTEM", "system.ks"),
        ({**GOOD, "system": {"k": 2, "ks": [2]}}, "INVALID_INPUT", "system"),
        ({**GOOD, "system": {}}, "INVALID_INPUT", "system"),
        ({**GOOD, "system": {"bankers": [0]}}, "INVALID_INPUT", "system"),
        ({**GOOD, "system": "2/3"}, "INVALID_INPUT", "system"),
        ({**GOOD, "system": {"k": 2, "n": 3}}, "INVALID_INPUT", "system.n"),
        ({**GOOD, "system": {"k": 1, "bankers": [0, 0]}}, "INVALID_BANKER", "system.bankers"),
        ({**GOOD, "system": {"k": 1, "bankers": [3]}}, "INVALID_BANKER", "system.bankers"),
        ({**GOOD, "system": {"k": 1, "bankers": [-1]}}, "INVALID_BANKER", "system.bankers"),
        ({**GOOD, "system": {"k": 1, "bankers": 0}}, "INVALID_INPUT", "system.bankers"),
        ({**GOOD, "system": {"k": 1, "bankers": ["0"]}}, "INVALID_INPUT", "system.bankers"),
        ({**GOOD, "system": {"kind": "TRIPLE"}}, "UNKNOWN_SYSTEM", "system.kind"),
        ({**GOOD, "system": {"kind": ["TRIXIE"]}}, "UNKNOWN_SYSTEM", "system.kind"),
        ({**GOOD, "system": {"kind": "YANKEE"}}, "INVALID_SYSTEM", "system.kind"),
        ({**GOOD, "legs": GOOD["legs"][:1] * 13, "system": {"k": 5}}, "TOO_MANY_LINES", "system.k"),
        ({**GOOD, "bonus": 10}, "INVALID_INPUT", "bonus"),
        ({**GOOD, "bonus": {**EASY_WIN, "base": "STAKE"}}, "INVALID_INPUT", "bonus.base"),
        ({**GOOD, "bonus": {**EASY_WIN, "tiers": [{"legs": 1, "percent": 1}]}}, "INVALID_INPUT", "bonus.tiers[0].legs"),
        ({**GOOD, "placedAt": "2026-12-01"}, "INVALID_INPUT", "placedAt"),
        ({**GOOD, "placedAt": "yesterday"}, "INVALID_INPUT", "placedAt"),
        ({**GOOD, "placedAt": 1}, "INVALID_INPUT", "placedAt"),
        ({**GOOD, "placedAt": "2025-06-30T20:59:59Z"}, "INVALID_INPUT", "placedAt"),
        ({**GOOD, "placedAt": "9999-12-31T23:59:59Z"}, "INVALID_INPUT", "placedAt"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_field(asked: Any, code: str, field: str | None) -> None:
    exit_code, answered = ask(asked)
    assert exit_code == 2
    assert {**answered["error"], "message": ""} == {"code": code, "message": "", "field": field}
    assert answered["error"]["message"]


def test_a_slip_of_before_is_taxed_by_its_own_day() -> None:
    assert answer(placedAt="2025-06-30T21:00:00Z")["tax"] == "0.00"  # midnight of 1 July in Nairobi


hostile = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["1/2", "2.00", "WON", "OPEN"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@settings(max_examples=300)
@given(
    hostile,
    st.sampled_from(
        [
            "",
            "stake",
            "system",
            "legs",
            "bonus",
            "placedAt",
            "k",
            "ks",
            "kind",
            "bankers",
            "match",
            "market",
            "outcome",
            "leg",
            "odds",
            "result",
            "deadHeat",
            "tiers",
            "most",
        ]
    ),
)
def test_nothing_that_is_asked_makes_a_traceback(value: Any, where: str) -> None:
    match where:
        case "":
            asked = value
        case "k" | "ks" | "kind" | "bankers":
            asked = {**GOOD, "system": {"k": 2, where: value}}
        case "leg":
            asked = {**GOOD, "legs": [value]}
        case "odds" | "result" | "deadHeat":
            asked = {**GOOD, **leg(**{where: value})}
        case "match":
            asked = {**ONE, "match": value}
        case "market" | "outcome":
            asked = {**ONE, "legs": [{**ONE["legs"][0], where: value}]}
        case "tiers":
            asked = {**GOOD, "bonus": {**EASY_WIN, "tiers": value}}
        case "most":
            asked = {**GOOD, "bonus": {**EASY_WIN, "mostCents": value}}
        case _:
            asked = {**GOOD, where: value}
    code, answered = ask(asked)
    assert set(answered) == ({"error"} if code == 2 else {"outcome", "payout", "lines", "bonus", "tax"})
    assert code in (0, 2)


@given(st.binary(max_size=200))
def test_no_bytes_make_a_traceback(text: bytes) -> None:
    assert ask(text)[0] == 2


@pytest.mark.parametrize(("asked", "code"), [(json.dumps(GOOD), 0), ("{", 2)])
def test_it_runs_from_the_command_line(asked: str, code: int) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "tools.calculator"],
        input=asked,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (code, "")
    assert set(json.loads(ran.stdout)) == ({"error"} if code else {"outcome", "payout", "lines", "bonus", "tax"})
