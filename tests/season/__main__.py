"""The proof: `python -m tests.season --data FOLDER` (`make proof`) plays a whole season, and prints what it came to."""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tests.season import games
from tests.season.season import Report, Season
from tests.season.stage import SeasonFailed, staged
from tests.simulation.services import installed

LEAST = {"bets": 20_000, "systems": 3_000, "otherwise": 500, "least_markets": 20}
"""What a whole season must have had, at least."""


def main(argv: Sequence[str] | None = None) -> int:
    """Play the season; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.season", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder with the games, as openfootball has them")
    parser.add_argument("--players", type=int, default=2_000)
    parser.add_argument("--bets", type=int, default=22_000, help="how many are asked for")
    parser.add_argument("--rounds", type=int, default=0, help="only so many rounds (0: all)")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(argv)
    lacking = [name for name in (games.WORLD_CUP, games.LEAGUE) if not (given.data / name).is_file()]
    if lacking:
        print(f"{given.data} lacks {' and '.join(lacking)}: name the folder that has them, make proof FOOTBALL=FOLDER.")
        return 2
    rounds = games.read(given.data / games.WORLD_CUP, given.data / games.LEAGUE, given.seed)
    begun = time.monotonic()
    with installed() as services, staged(services, given.seed) as stage:
        season = Season(stage, rounds[: given.rounds or None], given.players, given.bets, given.seed)
        try:
            report = season.play(lambda line: print(f"{time.monotonic() - begun:7.0f} s  {line}", flush=True))
        except SeasonFailed as failed:
            print(f"The season is not proven: {failed}")
            return 1
    print(table(report, given.players, time.monotonic() - begun))
    few = [name for name, least in LEAST.items() if getattr(report, name) < least]
    if few and not given.rounds:
        print(f"Too few for a proof: {', '.join(few)}")
        return 1
    return 0


def table(report: Report, players: int, seconds: float) -> str:
    """Return what a season came to, as a table."""
    held = (report.staked - report.paid) / max(report.staked, 1)
    rows = {
        "fixtures": f"{report.fixtures}",
        "markets": f"{report.markets:,}, at least {report.least_markets} a fixture",
        "players": f"{players:,}",
        "bets": f"{report.bets:,} in {report.lines:,} lines",
        "systems": f"{report.systems:,}, {report.banked:,} with bankers",
        "refused": ", ".join(f"{name} {number}" for name, number in report.refused.most_common()) or "none",
        "decided otherwise": ", ".join(f"{name} {report.done[name]}" for name in sorted(report.done)),
        "corrections, cancellations, rollbacks": f"{report.otherwise:,}",
        "verdicts": ", ".join(f"{name} {number:,}" for name, number in report.verdicts.most_common()),
        "records that contradict themselves": ", ".join(report.contradictory) or "none",
        "invented": games.INVENTED,
        "turnover": f"KES {report.staked / 100:,.2f}",
        "paid": f"KES {report.paid / 100:,.2f}",
        "hold": f"{held:.2%}",
        "seconds": f"{seconds:,.0f}",
        "bets a second": f"{report.bets / seconds:.1f}",
    }
    return "\n".join(f"{name:<38}{value}" for name, value in rows.items())


if __name__ == "__main__":
    sys.exit(main())
