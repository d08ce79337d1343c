"""Results of real games (CC0, see tests/data/football) against what their published scores say."""

import json
from pathlib import Path
from typing import Any

import pytest

from bet.markets import kinds, outcomes
from bet.markets.record import match_record
from bet.refusals import Contradiction
from tests.support.openfootball import match_record_of

GAMES = json.loads((Path(__file__).parents[3] / "data" / "football" / "worldcup-2022-excerpt.json").read_text("utf-8"))


def winner(home: int, away: int) -> str:
    return "1" if home > away else "2" if home < away else "X"


CONTRADICTORY = "Netherlands", "Argentina"
"""Published with a half-time score of 1-0, though the away team's first goal fell before the home team's."""
SOUND = [game for game in GAMES if (game["team1"], game["team2"]) != CONTRADICTORY]


@pytest.mark.parametrize("game", SOUND, ids=[f"{game['team1']} {game['team2']}" for game in SOUND])
def test_a_real_game_settles_as_its_score_says(game: dict[str, Any]) -> None:
    record, score = match_record(match_record_of(game)), game["score"]
    (home, away), half = score["ft"], score["ht"]
    last = score.get("p") or score.get("et") or score["ft"]

    def won(kind: str, specifiers: str = "") -> set[str]:
        definition = kinds.find(kind)
        found = outcomes.results(definition, kinds.canonical_specifiers(definition, specifiers), record)
        assert None not in found.values() or definition.of != "goals"
        return {outcome.key for outcome in definition.outcomes if found[outcome.outcome_id] == "WON"}

    assert won("1") == {winner(home, away)}
    assert won("60") == {winner(*half)}
    assert won("47") == {f"{winner(*half)}/{winner(home, away)}"}
    assert won("186") == {winner(*last)} - {"X"}
    assert won("45") == {f"{home}:{away}"}
    assert won("18", "total=2.5") == {"OVER" if home + away > 2 else "UNDER"}
    assert won("90", "total=1.5") == {"OVER" if home + away - sum(half) > 1 else "UNDER"}
    assert won("29") == {"GG" if home and away else "NG"}
    assert won("8", f"goalnr={home + away + 1}") == {"NONE"}
    assert won("166", "total=9.5") == set()


def test_a_real_game_whose_goals_contradict_its_score_is_refused() -> None:
    (game,) = [game for game in GAMES if (game["team1"], game["team2"]) == CONTRADICTORY]
    with pytest.raises(Contradiction, match="score is 1:0 for FIRST_HALF, the goals are 0:1"):
        match_record(match_record_of(game))
