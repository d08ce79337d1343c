"""Expressions: what is not on the list is refused, and what is said of intervals holds for all that is in them."""

import itertools
import re
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bet.markets.expressions import FaultyExpression, Interval, condition, quantity

KNOWN = frozenset({"home", "away", "first.home", "total"})


@pytest.mark.parametrize(
    ("text", "known", "value"),
    [
        ("home + away - total", {"home": (8, 8), "away": (4, None), "total": (10, 10)}, (2, None)),
        ("total - home - away", {"home": (8, 8), "away": (4, None), "total": (10, 10)}, (None, -2)),
        ("2 * home", {"home": (4, 8)}, (8, 16)),
        ("0 * home", {"home": (0, None)}, (0, 0)),
        ("-home + 0.25", {"home": (4, 8)}, (-7, -3)),
        ("home % 2", {"home": (12, 12)}, (4, 4)),
        ("home % 2", {"home": (12, None)}, (0, 7)),
        ("first.home - away", {"first.home": (4, 4), "away": (0, 0)}, (4, 4)),
    ],
)
def test_quantities_are_intervals_in_quarters(text: str, known: dict[str, Interval], value: Interval) -> None:
    assert quantity(text, KNOWN)(known) == value


@pytest.mark.parametrize(
    ("text", "known", "value"),
    [
        ("home > away", {"home": (4, 4), "away": (0, 0)}, True),
        ("home > away", {"home": (4, None), "away": (0, 0)}, True),
        ("home > away", {"home": (4, 4), "away": (0, None)}, None),
        ("home > away", {"home": (4, 4), "away": (4, None)}, False),
        ("home >= away", {"home": (4, None), "away": (4, 4)}, True),
        ("home <= away", {"home": (8, None), "away": (4, 4)}, False),
        ("home == away", {"home": (4, 4), "away": (4, 4)}, True),
        ("home == away", {"home": (4, None), "away": (4, 4)}, None),
        ("home == away", {"home": (4, 8), "away": (4, 8)}, None),
        ("home == away", {"home": (4, None), "away": (4, None)}, None),
        ("home != away", {"home": (4, 8), "away": (4, 8)}, None),
        ("home == away", {"home": (8, None), "away": (4, 4)}, False),
        ("home != away", {"home": (8, None), "away": (4, 4)}, True),
        ("home == 0 or away == 0", {"home": (4, None), "away": (0, 0)}, True),
        ("home > 0 and away > 0", {"home": (4, None), "away": (0, None)}, None),
        ("home > 0 and away > 0", {"home": (0, None), "away": (0, 0)}, False),
        ("not home > 0", {"home": (4, None)}, False),
        ("not home > 0", {"home": (0, None)}, None),
    ],
)
def test_conditions_have_three_values(text: str, known: dict[str, Interval], value: bool | None) -> None:
    assert condition(text, KNOWN)(known) is value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "home +",
        "goals",
        "second.home",
        "home.away.first",
        "home * away",
        "home * 2",
        "0.5 * home",
        "home / 2",
        "home // 2",
        "home ** 2",
        "home % away",
        "home % 0",
        "home % 0.5",
        "home + 0.1",
        "home + 1e3",
        "home + True",
        "home + 'x'",
        "home > 0",
        "abs(home)",
        "[home][0]",
        "home if home else away",
        "(lambda: home)()",
        "home := 1",
        "__import__('os')",
        "home.__class__",
        "home" + " + home" * 40,
        "(" * 150 + "home" + ")" * 150,
    ],
)
def test_a_quantity_is_made_of_what_is_on_the_list(text: str) -> None:
    with pytest.raises(FaultyExpression):
        quantity(text, KNOWN)


@pytest.mark.parametrize(
    "text",
    ["home", "True", "0 < home < 2", "home is away", "home in away", "home > 0 & away > 0", "home > 0 if away else 1"],
)
def test_a_condition_is_made_of_what_is_on_the_list(text: str) -> None:
    with pytest.raises(FaultyExpression):
        condition(text, KNOWN)


def quantities() -> st.SearchStrategy[str]:
    leaves = st.sampled_from(["home", "away", "first.home", "1", "2.5", "0.25"])
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.tuples(inner, st.sampled_from("+-"), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
            inner.map(lambda text: f"(-{text})"),
            st.tuples(st.integers(0, 3), inner).map(lambda t: f"({t[0]} * {t[1]})"),
            st.tuples(inner, st.integers(1, 3)).map(lambda t: f"({t[0]} % {t[1]})"),
        ),
        max_leaves=4,
    )


def conditions() -> st.SearchStrategy[str]:
    compared = st.tuples(quantities(), st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), quantities())
    return st.recursive(
        compared.map(" ".join),
        lambda inner: st.one_of(
            st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
            inner.map(lambda text: f"(not {text})"),
        ),
        max_leaves=3,
    )


intervals = st.tuples(st.integers(-8, 8), st.integers(0, 3)).map(lambda t: (t[0], t[0] + t[1]))
WORLDS = st.fixed_dictionaries({"home": intervals, "away": intervals, "first.home": intervals})


def everything_in(world: dict[str, tuple[int, int]], text: str) -> list[Any]:
    """Python's own value of a text, in fractions, at every point of the intervals."""
    exact = re.sub(r"[0-9]+(\.[0-9]+)?", r"Fraction('\g<0>')", text)
    names = ("home", "away", "first.home")
    found = []
    for home, away, first in itertools.product(*(range(world[name][0], world[name][1] + 1) for name in names)):
        values = {
            "home": Fraction(home, 4),
            "away": Fraction(away, 4),
            "first": SimpleNamespace(home=Fraction(first, 4)),
        }
        found.append(eval(exact, {"Fraction": Fraction, **values}))
    return found


def shortened(text: str) -> bool:
    return len(text) <= 200


@given(quantities().filter(shortened), WORLDS)
def test_a_quantity_lies_in_its_interval_at_every_point(text: str, world: dict[str, tuple[int, int]]) -> None:
    least, most = quantity(text, KNOWN)(world)
    assert least is not None
    assert most is not None
    values = [4 * value for value in everything_in(world, text)]
    assert all(least <= value <= most for value in values)


@given(conditions().filter(shortened), WORLDS)
def test_a_yes_or_a_no_holds_at_every_point(text: str, world: dict[str, tuple[int, int]]) -> None:
    found = condition(text, KNOWN)(world)
    if found is not None:
        assert set(everything_in(world, text)) == {found}
    if all(least == most for least, most in world.values()):
        assert found is not None
