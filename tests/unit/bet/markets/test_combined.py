"""Two selections of one game that are one selection of a kind which combines theirs."""

import pytest

from bet.markets.combined import Combination, combinations

TOTAL, BOTH, RESULT = ("f/18/total=2.5", "12"), ("f/29", "74"), ("f/1", "3")


@pytest.mark.parametrize(
    ("picks", "found"),
    [
        ([TOTAL, BOTH], [("f/36/total=2.5", "90")]),
        ([BOTH, TOTAL], [("f/36/total=2.5", "90")]),
        ([RESULT, BOTH], [("f/35", "86")]),
        ([RESULT, ("f/18/total=0.5", "13")], [("f/37/total=0.5", "802")]),
        ([("f/60", "2"), RESULT], [("f/47", "428")]),
        ([("f/1", "2"), ("f/60", "3")], [("f/47", "432")]),
        ([("f/18/total=2.25", "12"), BOTH], []),
        ([("f/18/total=3", "12"), BOTH], []),
        ([("f/18", "12"), BOTH], []),
        ([("f/18/total=2.5|total=2.5", "12"), BOTH], []),
        ([("f/19/total=2.5", "12"), BOTH], []),
        ([TOTAL, ("f/18/total=3.5", "13")], []),
        ([TOTAL, ("g/29", "74")], []),
        ([TOTAL, BOTH, RESULT], []),
        ([TOTAL], []),
        ([("f", "12"), ("f/", "74")], []),
        ([("f/18/total=2.5", "74"), ("f/29", "12")], []),
        ([], []),
    ],
)
def test_what_says_two_selections_together(picks: list[tuple[str, str]], found: list[tuple[str, str]]) -> None:
    assert [(each.market_id, each.outcome_id) for each in combinations(picks)] == found


def test_each_game_with_two_legs_has_one_of_its_own() -> None:
    picks = [TOTAL, ("g/1", "1"), BOTH, ("h/1", "1"), ("g/29", "76")]
    assert combinations(picks) == [Combination((0, 2), "f/36/total=2.5", "90"), Combination((1, 4), "g/35", "80")]
