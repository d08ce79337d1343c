"""A season, round by round: games, prices, bets, half-times, results, and all that is decided otherwise later.

Whatever traders decide is told to the judge too, who looks at every bet that it touches: after each half-time and each
final whistle, after what is decided first and after what is decided then.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from tests.season import prices
from tests.season.betting import Bet, draw
from tests.season.games import Entry, Fixture, Game, on_the_calendar
from tests.season.judge import Judge, Standing
from tests.season.outcomes import OUTCOMES, Facts, result
from tests.season.stage import TRADERS, Stage, demand

_FOOTBALL = "sr:sport:1"
_BEFORE, _APART = timedelta(hours=8), timedelta(hours=60)
"""From the first prices to the first kick-off; and from there to the last, at most: a round takes four days here."""
_OPEN_SECONDS, _RUSH_SECONDS = 10_800, 240
"""Half of the bets come within the one, half within the other."""
_PAID_IN = 2_500_000
_AT_ONCE = 20
OTHERWISE = (
    "wrong record", "by hand twice", "window", "rollback", "void bet", "fixture window", "early window", "reprice",
    "hold", "by hand",
)  # fmt: skip
"""What happens to a game besides its result; each has two of these, in turn, but results that are held nothing else."""


@dataclass
class Report:
    """What a season came to; amounts in cents."""

    fixtures: int = 0
    markets: int = 0
    least_markets: int = 10**6
    bets: int = 0
    systems: int = 0
    banked: int = 0
    lines: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)
    verdicts: Counter[str] = field(default_factory=Counter)
    contradictory: list[str] = field(default_factory=list)
    staked: int = 0
    paid: int = 0

    @property
    def otherwise(self) -> int:
        """How many corrections, cancellations and rollbacks there were."""
        return sum(self.done[name] for name in ("correction", "cancellation", "rollback"))


def otherwise(number: int) -> frozenset[str]:
    """Return what happens to the game of that number besides its result."""
    many = len(OTHERWISE)
    first, turn = 2 * number % many, 2 * number // many
    both = frozenset((OTHERWISE[first], OTHERWISE[(first + 1 + 2 * turn) % many]))
    return frozenset({"hold"}) if "hold" in both else both


class Season:
    """Rounds of games that are offered, bet on, played and settled on a stage."""

    def __init__(self, stage: Stage, rounds: Sequence[list[Fixture]], players: int, bets: int, seed: int) -> None:
        self.stage, self.rounds, self.seed = stage, rounds, seed
        self.report, self.standing, self.bets = Report(), Standing(), list[Bet]()
        self.judge = Judge(stage, self.standing, self.report.verdicts)
        self._players = [f"player-{number}" for number in range(players)]
        self._wanted = bets
        fixtures = [fixture for each in rounds for fixture in each]
        self._numbers = {fixture.fixture_id: number for number, fixture in enumerate(fixtures)}
        self._strengths = {
            team: strength
            for cup in (True, False)
            if any(each.world_cup is cup for each in fixtures)
            for team, strength in prices.strengths([each for each in fixtures if each.world_cup is cup]).items()
        }

    def play(self, progress: Callable[[str], None] = lambda line: None) -> Report:
        """Play all rounds, and reconcile the money. Raises SeasonFailed."""
        self._begin()
        for number, fixtures in enumerate(self.rounds):
            wanted = self._wanted * (number + 1) // len(self.rounds) - self._wanted * number // len(self.rounds)
            _Round(self, on_the_calendar(fixtures, self.stage.now() + _BEFORE, _APART), wanted).play()
            bets, others = self.report.bets, self.report.otherwise
            progress(f"round {number + 1} of {len(self.rounds)}: {bets} bets, {others} decided otherwise")
        self.judge.judge(self.bets)
        self.report.staked, self.report.paid = self.judge.books(self.bets)
        return self.report

    def _begin(self) -> None:
        for number, user_id in enumerate(self._players):
            self.stage.pay_in(number, user_id, _PAID_IN)
            if number % 100 == 99:
                self.stage.settle_down()
        self.stage.settle_down()
        for cup, name in ((True, "World Cup"), (False, "League")):
            country = {"id": "INT" if cup else "EN", "name": {"en": "World" if cup else "England"}}
            about = {"id": _competition(cup), "sportId": _FOOTBALL, "name": {"en": name}, "tier": "SMALL"}
            self.stage.trade("putCompetition", {"input": {**about, "country": country}})
        for team in self._strengths:
            given = {"id": _team(team), "sportId": _FOOTBALL, "name": {"en": team}}
            self.stage.trade("putTeam", {"input": given})

    def random(self, *what: object) -> Random:
        """Return a source of choices for one purpose."""
        return Random("|".join(map(str, (self.seed, *what))))

    def player(self, random: Random) -> str:
        """Choose a player."""
        return random.choice(self._players)

    def offer(self, fixture: Fixture) -> dict[str, dict[str, str]]:
        """Create a game with its markets; return their odds."""
        given = {"id": fixture.fixture_id, "competitionId": _competition(fixture.world_cup)}
        teams = {"homeTeamId": _team(fixture.home), "awayTeamId": _team(fixture.away)}
        starts = {"startsAt": fixture.kick_off.isoformat()}
        self.stage.trade("createFixture", {"input": {**given, **teams, **starts}})
        rows, offered = [], dict[str, dict[str, str]]()
        for market in prices.markets(fixture, self.random("markets", fixture.fixture_id)):
            kind, specifiers = market
            odds = prices.odds(fixture, market, self._strengths)
            priced = [{"outcomeId": outcome, "odds": each} for outcome, each in odds.items()]
            market_id = f"{fixture.fixture_id}/{kind}" + (f"/{specifiers}" if specifiers else "")
            if market_id not in offered:
                rows.append(
                    {"definitionId": kind, "specifiers": specifiers or None, "main": kind == "1", "odds": priced}
                )
                offered[market_id] = odds
        for at in range(0, len(rows), _AT_ONCE):
            self.stage.trade("addMarkets", {"fixtureId": fixture.fixture_id, "markets": rows[at : at + _AT_ONCE]})
        self.report.fixtures += 1
        self.report.markets += len(offered)
        self.report.least_markets = min(self.report.least_markets, len(offered))
        return offered

    def otherwise(self, fixture: Fixture) -> frozenset[str]:
        """Return what happens to a game besides its result."""
        return otherwise(self._numbers[fixture.fixture_id])


class _Round:
    def __init__(self, season: Season, fixtures: list[Fixture], wanted: int) -> None:
        self.season, self.stage, self.fixtures, self.wanted = season, season.stage, fixtures, wanted
        self.standing, self.done = season.standing, season.report.done
        self.bets: list[Bet] = []
        self.on: dict[str, list[Bet]] = {fixture.fixture_id: [] for fixture in fixtures}
        self._taken: Counter[str] = Counter()
        self._then: dict[tuple[str, str], str | None] = {}

    def play(self) -> None:
        offered = {fixture.fixture_id: self.season.offer(fixture) for fixture in self.fixtures}
        self._take_bets(offered)
        self._each(self._early)
        self.season.judge.exposure(self.bets)
        for at, fixture, act in sorted(self._calendar(), key=lambda each: each[:2]):
            self._until(at)
            act(fixture)
            self.stage.settle_down()
            self.season.judge.judge(self.on[fixture.fixture_id])
        self._each(self._first)
        self._each(self._second)

    # -- bets

    def _take_bets(self, offered: dict[str, dict[str, dict[str, str]]]) -> None:
        random, begun = self.season.random("bets", self.fixtures[0].fixture_id), len(self.season.bets)
        games, asked = list(offered.values()), list[Bet]()
        for number in range(self.wanted):
            bet = draw(begun * 10 + number, self.season.player(random), games, random)
            seconds = _OPEN_SECONDS if number % 2 else _RUSH_SECONDS
            self.stage.scheduler.after(random.randrange(seconds * 1_000_000), lambda bet=bet: self._place(bet))  # type: ignore[misc]
            asked.append(bet)
        self.stage.scheduler.run(_OPEN_SECONDS)
        self.stage.settle_down()
        for bet in asked:
            if bet.told is not None:
                self._keep(bet)
        self.season.judge.judge(self.bets)

    def _place(self, bet: Bet) -> None:
        def answered(outcome: Any) -> None:
            demand(outcome.error is None and outcome.value, "no answer to a bet", bet, outcome.error)
            if "data" in outcome.value and outcome.value["data"]["status"] == "ACCEPTED":
                bet.told = outcome.value["data"]
            else:
                self.season.report.refused[outcome.value["error"]["type"]] += 1

        self.stage.ask("bet", bet.user_id, "placeBet", {"input": bet.asked()}, answered)

    def _keep(self, bet: Bet) -> None:
        assert bet.told is not None
        bet.accepted_at = self.stage.item("bet", f"USER#{bet.user_id}", f"BET#{bet.told['id']}")["accepted_at"]
        self.season.judge.judge_told(bet)
        report = self.season.report
        report.bets += 1
        report.systems += bet.system is not None
        report.banked += bool(bet.bankers)
        report.lines += bet.lines
        for fixture_id in {market.split("/")[0] for market, _ in bet.legs}:
            self.on[fixture_id].append(bet)
        self.bets.append(bet)
        self.season.bets.append(bet)

    # -- results

    def _calendar(self) -> Iterator[tuple[datetime, Fixture, Callable[[Fixture], None]]]:
        for number, fixture in enumerate(self.fixtures):
            kinds, minutes = self.season.otherwise(fixture), timedelta(minutes=1)
            if "hold" in kinds:
                yield fixture.kick_off + 30 * minutes, fixture, self._hold
            if number % 4 == 0:
                yield fixture.kick_off + 55 * minutes, fixture, self._half_time
            yield fixture.kick_off + 120 * minutes, fixture, self._final

    def _until(self, at: datetime) -> None:
        self.stage.scheduler.run(max(0.0, (at - self.stage.now()).total_seconds()))

    def _half_time(self, fixture: Fixture) -> None:
        self.stage.decide("settleFixture", fixtureId=fixture.fixture_id, record=fixture.game.record(1))
        self.standing.play(fixture.fixture_id, fixture.game, half=True)
        self.done["half-time"] += 1

    def _final(self, fixture: Fixture) -> None:
        if fixture.contradictory:
            given = {"fixtureId": fixture.fixture_id, "record": fixture.published}
            answer = self.stage.call(TRADERS[0], "settleFixture", given, "trader")
            error = answer.get("error", {}).get("type")
            demand(error == "CONTRADICTION", "a record that contradicts itself is taken", fixture, answer)
            self.season.report.contradictory.append(f"{fixture.home} - {fixture.away}")
        if "wrong record" in self.season.otherwise(fixture):
            self._play(fixture, fixture.game.but_for_one_goal())
        else:
            self.stage.decide("settleFixture", fixtureId=fixture.fixture_id, record=fixture.record)
            self.standing.play(fixture.fixture_id, fixture.game)

    def _play(self, fixture: Fixture, game: Game) -> None:
        self.stage.decide("settleFixture", fixtureId=fixture.fixture_id, record=game.record())
        self.standing.play(fixture.fixture_id, game)

    def _hold(self, fixture: Fixture) -> None:
        self.stage.trade("holdResults", {"fixtureId": fixture.fixture_id, "reason": "under review"})
        self.standing.held.add(fixture.fixture_id)
        self.done["hold"] += 1

    # -- what is decided otherwise

    def _each(self, act: Callable[[Fixture, frozenset[str]], None]) -> None:
        """Let something be decided of every game, then judge every bet of the round."""
        for fixture in self.fixtures:
            act(fixture, self.season.otherwise(fixture))
        self.stage.settle_down()
        self.season.judge.judge(self.bets)

    def _early(self, fixture: Fixture, kinds: frozenset[str]) -> None:
        if "early window" in kinds and (market := self._market(fixture)):
            self._cancel(market, [bet for bet in self.on[fixture.fixture_id] if market in dict(bet.legs)])

    def _first(self, fixture: Fixture, kinds: frozenset[str]) -> None:
        bets = self.on[fixture.fixture_id]
        for kind in sorted(kinds):
            market = self._market(fixture) if kind in ("by hand", "by hand twice", "rollback", "window") else None
            if kind in ("by hand", "by hand twice") and market:
                self._by_hand(market, _other(fixture, market))
                self.done["correction"] += 1
            elif kind == "rollback" and market:
                self.stage.decide("rollbackMarket", marketId=market, reason="settled by mistake")
                self.standing.by_hand[market] = None
                self.done["rollback"] += 1
            elif kind == "window" and market:
                self._cancel(market, [bet for bet in bets if market in dict(bet.legs)])
            elif kind == "fixture window" and bets:
                self._cancel(fixture.fixture_id, bets)
            elif kind == "void bet" and bets:
                bets[0].voided = True
                self._of_one("voidBet", bets[0])
            elif kind == "reprice" and bets:
                self._reprice(fixture, bets[-1])
            elif kind == "hold":
                given = {"fixtureId": fixture.fixture_id, "reason": "reviewed"}
                self.stage.trade("releaseResults", given, TRADERS[1])
                self.standing.held.discard(fixture.fixture_id)
            self._then[kind, fixture.fixture_id] = market

    def _second(self, fixture: Fixture, kinds: frozenset[str]) -> None:
        for kind in sorted(kinds):
            market = self._then[kind, fixture.fixture_id]
            if kind == "wrong record":
                self.stage.decide("settleFixture", fixtureId=fixture.fixture_id, record=fixture.record)
                self.standing.play(fixture.fixture_id, fixture.game)
                self.done["correction"] += 1
            elif kind in ("by hand twice", "rollback") and market:
                self._by_hand(market, _right(fixture, market))
                self.done["correction"] += kind == "by hand twice"
            elif kind == "fixture window" and self.standing.windows.get(fixture.fixture_id):
                begins, ends = self.standing.windows.pop(fixture.fixture_id)[0]
                window = {"from": begins, "to": ends, "reason": "no bets of these were wrong"}
                self.stage.decide("rollbackCancel", fixtureId=fixture.fixture_id, **window)
                self.done["rollback"] += 1

    def _market(self, fixture: Fixture) -> str | None:
        """Return a market of a game that nothing was decided of so far: the one with the most bets."""
        count = Counter(
            market
            for bet in self.on[fixture.fixture_id]
            for market, _ in bet.legs
            if market.split("/")[0] == fixture.fixture_id and not self._taken[market]
        )
        market = min(count, key=lambda each: (-count[each], each)) if count else None
        if market:
            self._taken[market] += 1
        return market

    def _by_hand(self, market: str, results: dict[str, str]) -> None:
        rows = [{"outcomeId": outcome, "result": each} for outcome, each in results.items()]
        self.stage.decide("settleMarket", marketId=market, results=rows)
        self.standing.by_hand[market] = results

    def _cancel(self, subject: str, bets: list[Bet]) -> None:
        """Cancel the bets that were placed between two of these, both included."""
        stamps = sorted(bet.accepted_at for bet in bets)
        begins, ends = stamps[len(stamps) // 3], stamps[2 * len(stamps) // 3]
        name = "marketId" if "/" in subject else "fixtureId"
        window = {"from": begins, "to": ends, "reason": "the price was a mistake"}
        self.stage.decide("cancelBets", **{name: subject}, **window)
        self.standing.windows.setdefault(subject, []).append((begins, ends))
        self.done["cancellation"] += 1

    def _reprice(self, fixture: Fixture, bet: Bet) -> None:
        at = next(n for n, (market, _) in enumerate(bet.legs) if market.split("/")[0] == fixture.fixture_id)
        bet.odds[at] = f"{max(1.01, float(bet.odds[at]) * 0.8):.2f}"
        self._of_one("repriceBet", bet, marketId=bet.legs[at][0], odds=bet.odds[at])

    def _of_one(self, field_name: str, bet: Bet, **about: str) -> None:
        assert bet.told is not None
        one = {"userId": bet.user_id, "betId": bet.told["id"], "reason": "asked by the player"}
        self.stage.decide(field_name, **one, **about)
        self.done["correction"] += 1


def _results(market: str, game: Game) -> dict[str, str]:
    _, kind, *specifiers = market.split("/")
    spec = dict(pair.split("=") for pair in specifiers[0].split("|")) if specifiers else {}
    return {outcome: result(kind, spec, outcome, Facts(game)) for outcome in OUTCOMES[kind]}


def _right(fixture: Fixture, market: str) -> dict[str, str]:
    return _results(market, fixture.game)


def _other(fixture: Fixture, market: str) -> dict[str, str]:
    """Return what a market would have come to in another game; else void."""
    many = tuple(Entry("AWAY", "FIRST_HALF", minute) for minute in range(1, 4))
    cards = tuple(Entry("HOME", "FIRST_HALF", minute, "RED") for minute in range(1, 9))
    right = _right(fixture, market)
    for goals in (many, ()):
        found = _results(market, replace(fixture.game, goals=goals, corners=many, cards=cards, penalties=None))
        if found != right:
            return found
    return dict.fromkeys(right, "VOID")


def _competition(world_cup: bool) -> str:
    return "world-cup" if world_cup else "league"


def _team(name: str) -> str:
    return "".join(letter.lower() if letter.isascii() and letter.isalnum() else "-" for letter in name)
