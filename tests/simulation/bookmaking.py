"""What traders decide beside single markets: whole games by their records, windows, holds of results, single bets."""

from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any, Protocol

from betsafi import clock
from betsafi.dynamodb import Item, unmarshal
from tests.simulation.dynamodb import Wire
from tests.simulation.scheduler import SECOND, Outcome
from tests.simulation.world import TABLES, World

TRADERS = ("trader-1", "trader-2")
OVER = ["FIRST_HALF", "SECOND_HALF"]
_REASON = "seen on television"
Window = tuple[str, str | None, str | None]
"""The market or the game whose bets are cancelled, and between which moments they were placed."""


Answered = Callable[[Outcome], None]


class Office(Protocol):
    """What these traders share with all others: see `actors.People`."""

    world: World
    asked: list[Any]
    fixtures: list[str]

    def markets_of(self, game: str) -> list[str]:
        """Return a game's markets."""

    def draw_results(self, random: Random, market: str) -> Wire:
        """Draw results that a game can have."""

    def settle_market(self, market: str, results: Wire) -> None:
        """Ask for a market to be settled, and insist until it is."""

    def knows_fixture(self, game: str, outcome: Outcome) -> bool:
        """Note what a trader was told of a game."""

    def trade(self, name: str, arguments: Wire, answered: Answered = ..., tries: int = ..., trader: str = ...) -> None:
        """Ask a trader's field."""

    def by_traders(self, name: str, arguments: Wire, random: Random, answered: Answered) -> None:
        """Let one trader decide, and another agree."""

    def insist_on(
        self, subject: str, what: str, name: str, arguments: Wire, random: Random, then: Callable[[], object] = ...
    ) -> None:
        """Ask for something until somebody is told that it is so."""


class Bookmakers:
    """Traders at work on the book. What they asked for, and were told, is kept for the laws."""

    def __init__(self, people: Office) -> None:
        self.people = people
        self.world = people.world
        self.records: dict[str, list[Wire]] = {}
        """All that was ever said of a game, the newest last."""
        self.windows: dict[Window, bool] = {}
        """Whether bets of a window are cancelled, as traders were told last; they rest only when they were told."""
        self.repriced: dict[str, list[tuple[str, str]]] = {}
        """By bet, the market and the odds of each wish to price it anew."""
        self.voided: set[str] = set()
        """The bets of which traders were told that they are void."""
        self.doing: list[tuple[int, Callable[[Random], None]]] = [
            (9, self.keep_a_record),
            (7, self.cancel_a_window),
            (5, self.hold_results),
            (7, self.correct_a_bet),
            (3, self.look_for_late_games),
        ]

    def keep_a_record(self, random: Random) -> None:
        """A trader says what happened in a game so far, which begins now if it has not; or that it was otherwise."""
        if not (game := self._game(random)):
            return
        live = {"fixtureId": game, "status": "LIVE", "reason": _REASON, "clientRequestId": request_id(random)}

        def begun(outcome: Outcome) -> None:
            self.people.knows_fixture(game, outcome)
            self._record(random, game)

        if random.random() < 0.8:
            self.people.trade("setFixtureStatus", live, begun, tries=2)
        else:
            self._record(random, game)

    def _record(self, random: Random, game: str) -> None:
        said = self.records.setdefault(game, [])
        record = _record(random, said[-1] if said else None)
        said.append(record)
        self.people.insist_on(game, "record", "settleFixture", {"fixtureId": game, "record": record}, random)

    def cancel_a_window(self, random: Random) -> None:
        """A trader cancels the bets of some time, on a market or on a game; often that is taken back later."""
        if not (subject := self._subject(random)):
            return
        now = self.world.now() - timedelta(microseconds=1)
        ends = (
            None if random.random() < 0.25 else now - timedelta(seconds=random.random() * random.choice((1, 20, 120)))
        )
        begins = (ends or now) - timedelta(seconds=random.random() * random.choice((5, 60, 600)))
        first = None if ends and random.random() < 0.25 else clock.stamp(begins)
        window = (subject, first, clock.stamp(ends) if ends else None)
        back = random.randrange(1, 120) * SECOND if random.random() < 0.6 else None

        def cancelled() -> None:
            self.told(subject, self._errand("cancelBets", window))
            if back is not None and self.world.faults.active:
                self.world.scheduler.after(back, lambda: self._take_back(random, window))

        self._about_window("cancelBets", window, random, cancelled)

    def _take_back(self, random: Random, window: Window) -> None:
        name = "rollbackCancel"
        self._about_window(name, window, random, lambda: self.told(window[0], self._errand(name, window)))

    def _about_window(self, name: str, window: Window, random: Random, then: Callable[[], None]) -> None:
        subject, begins, ends = window
        arguments = {**_about(subject), "from": begins, "to": ends, "reason": "the price was wrong"}
        self.people.insist_on(subject, self._errand(name, window), name, arguments, random, then)

    def _errand(self, name: str, window: Window) -> str:
        return f"{name} {window[1]} {window[2]}"

    def told(self, subject: str, what: str) -> None:
        """Take notice that somebody was told that an errand is done."""
        name, *between = what.split(" ")
        if name in ("cancelBets", "rollbackCancel"):
            begins, ends = (None if each == "None" else each for each in between)
            self.windows[subject, begins, ends] = name == "cancelBets"

    def hold_results(self, random: Random) -> None:
        """A trader lets results wait while others decide them; another releases them, or the same one tries to."""
        if not (subject := self._subject(random)):
            return
        first, second = random.sample(TRADERS, 2)
        if random.random() < 0.15:
            second = first
        release = random.randrange(5, 90) * SECOND
        self._hold("holdResults", subject, first, random)
        market = subject if "/" in subject else random.choice(self.people.markets_of(subject))
        if random.random() < 0.7:
            meanwhile = self.people.draw_results(random, market)
            self.world.scheduler.after(3 * SECOND, lambda: self.people.settle_market(market, meanwhile))
        self.world.scheduler.after(release, lambda: self._hold("releaseResults", subject, second, random))

    def _hold(self, name: str, subject: str, trader: str, random: Random) -> None:
        request = {"clientRequestId": request_id(random), "reason": "the referee looks at it"}
        self.people.trade(name, {**_about(subject), **request}, tries=3, trader=trader)

    def release_all(self) -> bool:
        """Release whatever is held, by somebody who did not hold it; return whether anything is."""
        held = [item for item in map(unmarshal, self.world.database.items(TABLES["bet"])) if item["sk"] == "HOLD"]
        held = [item for item in held if item["status"] == "HELD"]
        for item in held:
            (other,) = (trader for trader in TRADERS if trader != item["held_by"])
            about = {**_about(item["subject_id"]), "reason": "the referee has looked at it"}
            self.people.trade("releaseResults", about, trader=other)
        return bool(held)

    def correct_a_bet(self, random: Random) -> None:
        """Two traders void a bet, or let one of its legs count at other odds."""
        placed = (asked for asked in self.people.asked if asked.name == "placeBet")
        bets = [(asked.user_id, bet) for asked in placed if (bet := _accepted(asked.answers))]
        if not bets:
            return
        user_id, bet = random.choice(bets[-15:])
        about = {"userId": user_id, "betId": bet["id"], "reason": "a price of yesterday"}
        if random.random() < 0.4:

            def voided(outcome: Outcome) -> None:
                if (told(outcome) or {}).get("status") == "DONE":
                    self.voided.add(bet["id"])

            self.people.by_traders("voidBet", about, random, voided)
            return
        leg = random.choice(bet["legs"])
        odds = draw_odds(random)
        self.repriced.setdefault(bet["id"], []).append((leg["marketId"], odds))
        arguments = {**about, "marketId": leg["marketId"], "odds": odds}
        self.people.by_traders("repriceBet", arguments, random, lambda outcome: None)

    def look_for_late_games(self, random: Random) -> None:
        """The hour is over, in which somebody looks at games that are late."""
        self.world.queues["bet/settlement"].send('{"overdue": true}')

    def _game(self, random: Random) -> str | None:
        return random.choice(self.people.fixtures[-12:]) if self.people.fixtures else None

    def _subject(self, random: Random) -> str | None:
        """Choose a market that is bet on, or a game."""
        game = self._game(random)
        if game is None or random.random() < 0.3:
            return game
        return random.choice(self.people.markets_of(game))


def draw_odds(random: Random) -> str:
    """Draw odds, some with three digits behind the point."""
    thousandths = random.choice((random.randrange(1_010, 4_000), random.randrange(101, 900) * 10))
    whole, rest = divmod(thousandths, 1000)
    return f"{whole}.{rest:03d}" if rest % 10 else f"{whole}.{rest // 10:02d}"


def told(outcome: Outcome) -> Any:
    """Return what a field answered; None where it refused, or no answer came."""
    return (outcome.value or {}).get("data")


def request_id(random: Random) -> str:
    """Return a new id for a request."""
    return f"request-{random.getrandbits(64):016x}"


def _about(subject: str) -> Wire:
    return {"marketId" if "/" in subject else "fixtureId": subject}


def _accepted(answers: list[Wire | None]) -> Item | None:
    """Return the bet of the last answer, if it was accepted."""
    bet = ((answers[-1] if answers else None) or {}).get("data")
    return bet if bet and bet["status"] in ("ACCEPTED", "SETTLED") else None


def _record(random: Random, before: Wire | None) -> Wire:
    """Draw a record of a game that goes on from the one before, or says otherwise."""
    ended = OVER[: random.choice((0, 0, 1, 2, 2, 2))]
    goals: list[Wire] = []
    if before and random.random() < 0.7:
        ended = max(ended, before["ended"], key=len)
        goals = list(before["goals"])
    order = [*OVER, "EXTRA_TIME"]
    last = order.index(goals[-1]["period"]) if goals else 0
    for n, period in enumerate(order[: len(ended) + 1]):
        grows = n >= last and (n < 2 or random.random() < 0.3)
        if grows and not (before and period in before["ended"]):
            sides = random.choices(("HOME", "AWAY"), k=random.choice((0, 0, 1, 1, 2)))
            goals += [{"side": side, "period": period} for side in sides]
    record: Wire = {"ended": ended, "goals": goals}
    if random.random() < 0.4:
        record["score"] = {"FIRST_HALF": score(record, OVER[:1]), "REGULAR": score(record, OVER)}
    return record


def score(record: Wire, periods: list[str]) -> Wire:
    """Return the goals of both sides in some periods of a record."""
    goals = [goal["side"] for goal in record["goals"] if goal["period"] in periods]
    return {"home": goals.count("HOME"), "away": goals.count("AWAY")}
