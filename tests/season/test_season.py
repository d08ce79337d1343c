"""A sample of the season, by the code of `make proof`; and that the proof fails where it should.

The judge of markets is compared with the product on every kind of market by itself, which is quick.
"""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import pytest

from bet.markets import kinds
from bet.markets import outcomes as product
from bet.markets.record import match_record
from bet.refusals import Contradiction
from tests.season import games, outcomes, prices
from tests.season.__main__ import main, table
from tests.season.games import Fixture
from tests.season.season import OTHERWISE, Report, Season, otherwise
from tests.season.stage import SeasonFailed, staged
from tests.simulation.services import Services

FOOTBALL = Path(__file__).parents[1] / "data" / "football"
EXCERPTS = FOOTBALL / "worldcup-2022-excerpt.json", FOOTBALL / "2023-24-en.1-excerpt.json"
CUP, LEAGUE = games.read(*EXCERPTS, 1)
GAMES = [*CUP, *LEAGUE]
STRENGTHS = prices.strengths(CUP) | prices.strengths(LEAGUE)


def play(services: Services, rounds: list[list[Fixture]], bets: int) -> Report:
    with staged(services, 1) as stage:
        return Season(stage, rounds, 20, bets, 1).play()


def test_a_sample_of_the_season_is_settled_to_the_cent(services: Services) -> None:
    report = play(services, [CUP[-3:], LEAGUE[2:]], 200)
    assert report.fixtures == 6
    assert report.least_markets >= 20
    assert report.bets >= 190
    assert report.systems > 30
    assert report.banked > 10
    assert report.contradictory == ["Netherlands - Argentina"]
    assert min(report.done[name] for name in ("correction", "cancellation", "rollback", "hold", "half-time")) > 0
    assert set(report.verdicts) == {"WON", "LOST", "VOID", "OPEN"}
    assert "Netherlands - Argentina" in table(report, 20, 1.0)


def halves_are_lost(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is half lost comes back as if it were lost."""
    multipliers: Any = services.modules["bet.payouts.multipliers"]
    monkeypatch.setitem(multipliers._PARTS, "HALF_LOST", (Fraction(0), Fraction(0)))


def windows_are_open(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    """A window leaves out the bet that was placed at its end."""
    versions: Any = services.modules["bet.settlement.versions"]
    monkeypatch.setattr(versions, "_holds", lambda window, at: window["from"] <= at < window["to"])


def the_draw_is_away(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    """UOF's outcome 2 of 1X2 is taken for the away side."""
    results: Any = services.modules["bet.markets.outcomes"]
    right = results.results

    def wrong(definition: Any, specifiers: str, record: Any) -> Any:
        found = right(definition, specifiers, record)
        return {**found, "2": found["3"], "3": found["2"]} if definition.definition_id == "1" else found

    monkeypatch.setattr(results, "results", wrong)


@pytest.mark.parametrize("plant", [halves_are_lost, windows_are_open, the_draw_is_away])
def test_a_planted_fault_is_seen(
    services: Services, monkeypatch: pytest.MonkeyPatch, plant: Callable[[Services, pytest.MonkeyPatch], None]
) -> None:
    plant(services, monkeypatch)
    with pytest.raises(SeasonFailed, match="does not come to what it must"):
        play(services, [LEAGUE[:3]], 60)


def markets_of(fixture: Fixture) -> list[prices.Market]:
    return [market for seed in range(5) for market in prices.markets(fixture, Random(seed))]


def spec_of(market: prices.Market) -> dict[str, str]:
    return dict(pair.split("=") for pair in market[1].split("|")) if market[1] else {}


@pytest.mark.parametrize("fixture", GAMES, ids=lambda fixture: f"{fixture.home} {fixture.away}")
def test_product_and_judge_agree_on_every_kind_of_market(fixture: Fixture) -> None:
    facts, record = outcomes.Facts(fixture.game), match_record(fixture.record)
    found = set()
    for market in markets_of(fixture):
        definition = kinds.find(market[0])
        specifiers = kinds.canonical_specifiers(definition, market[1])
        judged = {
            each: outcomes.result(market[0], spec_of(market), each, facts) for each in outcomes.OUTCOMES[market[0]]
        }
        assert product.results(definition, specifiers, record) == judged, market
        found.add(market[0])
    assert found == set(outcomes.OUTCOMES) - (set() if fixture.game.corners else {"166", "139"})


@pytest.mark.parametrize("fixture", [CUP[-1], LEAGUE[1]], ids=lambda fixture: fixture.home)
def test_at_half_time_nothing_is_settled_that_is_not_certain(fixture: Fixture) -> None:
    record = match_record(fixture.game.record(1))
    for market in set(markets_of(fixture)):
        definition = kinds.find(market[0])
        specifiers = kinds.canonical_specifiers(definition, market[1])
        for outcome, result in product.results(definition, specifiers, record).items():
            known = outcomes.certain(market[0], spec_of(market), outcome, fixture.game)
            assert result == known or (result is None and market[0] in ("36", "37")), (market, outcome)


@pytest.mark.parametrize("fixture", GAMES, ids=lambda fixture: f"{fixture.home} {fixture.away}")
def test_a_record_agrees_with_the_real_scores_or_is_named(fixture: Fixture) -> None:
    if fixture.contradictory:
        with pytest.raises(Contradiction):
            match_record(fixture.published)
    else:
        assert match_record(fixture.published) == match_record(fixture.record)


def test_a_game_is_the_same_for_the_same_seed_and_another_for_another() -> None:
    again, other = games.read(*EXCERPTS, 1), games.read(*EXCERPTS, 2)
    assert again == [CUP, LEAGUE]
    assert other[0] == CUP
    assert other[1] != LEAGUE
    assert [each.score for each in other[1]] == [each.score for each in LEAGUE]


def test_a_price_leaves_a_margin() -> None:
    for fixture in GAMES:
        for market in (("1", ""), ("18", "total=2.5"), ("29", "")):
            odds = prices.odds(fixture, market, STRENGTHS)
            assert sum(1 / float(each) for each in odds.values()) > 1.05, (fixture, odds)


def test_everything_that_can_be_decided_otherwise_is_and_in_changing_company() -> None:
    games_of_a_season = [otherwise(number) for number in range(444)]
    for kind in OTHERWISE:
        assert sum(kind in each for each in games_of_a_season) > 60, kind
    assert len(set(games_of_a_season)) == 21


def test_a_folder_without_games_is_said_to_lack_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--data", str(tmp_path)]) == 2
    told = capsys.readouterr().out
    assert told.startswith(f"{tmp_path} lacks {games.WORLD_CUP} and {games.LEAGUE}")
    assert "make proof FOOTBALL=FOLDER" in told
