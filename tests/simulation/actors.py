"""The people: players with phones, traders, support, administrators, an operator, a forger. One step is one thing that
somebody does.

Each step draws from a source of its own, so that leaving one out does not change what the others want. What people
asked for and were told is kept for the laws. Administrators are truthful: they look at M-Pesa's books, and wait while
M-Pesa may still act.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from random import Random

from betsafi import clock
from betsafi.dynamodb import Item, unmarshal
from betsafi.protection import PlayerStatus
from tests.simulation.bookmaking import TRADERS, Bookmakers, draw_odds, request_id, told
from tests.simulation.dynamodb import Wire
from tests.simulation.protecting import Protectors, reach
from tests.simulation.scheduler import SECOND, Outcome
from tests.simulation.world import TABLES, Player, World
from tests.support.books import shortened

PLAYERS = 6
FIXTURES = 7
_RESULT = "1"
_TOTAL = "18/total=2.25"
_HANDICAP = "16/hcp=-0.75"
_OUTCOMES = {_RESULT: ("1", "2", "3"), _TOTAL: ("12", "13"), _HANDICAP: ("1714", "1715")}
"""The kinds of markets that a game has, and their outcomes: 1X2, and lines by which bets win or lose by halves."""
_BOOK = "1.05"
"""The book of the prices that traders give: enough for every tier."""
_FOOTBALL = "sr:sport:1"
_RULES = {"league": (2, None), "cup": (1, 1)}
"""The competitions: how many hours a game is waited for, and after how many one without a result is void."""
SYSTEMS: dict[str, tuple[int, ...]] = {"DOUBLE": (2,), "TRIXIE": (2, 3), "YANKEE": (2, 3, 4), "LUCKY_15": (1, 2, 3, 4)}
"""Of how many legs the lines of a named system are."""
_NAMED = {2: ("DOUBLE",), 3: ("TRIXIE",), 4: ("YANKEE", "LUCKY_15")}
_ADMINS = ("admin-1", "admin-2", "admin-3")
_QUIET_SECONDS = 180
"""How long a payment has stood still before people decide about it: longer than any function runs."""

_SOON_SECONDS = 200

_MOODS = (0.3, 1.0, 1.0, 1.0, 4.0)
"""In some runs people bet most of the time, in others they mostly withdraw, or correct results."""


@dataclass
class Asked:
    """A request of a player's and every answer to it: GraphQL's body, or None when none came."""

    service: str
    name: str
    user_id: str
    arguments: Wire
    answers: list[Wire | None] = field(default_factory=list)


@dataclass
class People:
    """Everything that people did and were told in a run."""

    world: World
    asked: list[Asked] = field(default_factory=list)
    asked_otherwise: list[Asked] = field(default_factory=list)
    fixtures: list[str] = field(default_factory=list)
    odds: dict[str, dict[str, str]] = field(default_factory=dict)
    results: dict[str, list[Wire]] = field(default_factory=dict)
    errands: dict[tuple[str, str], tuple[str, Wire]] = field(default_factory=dict)
    """What traders insist on until they are told that it is so: a field and its arguments, by subject and name."""
    numbers: dict[str, str] = field(default_factory=dict)
    assigned: dict[str, set[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._doing: list[tuple[float, Callable[[Random], None]]] = [
            (8, self.deposit),
            (28, self.bet_single),
            (18, self.bet_multi),
            (5, self.bet_twice_at_once),
            (9, self.ask_again),
            (3, self.ask_another_body),
            (5, self.cancel),
            (6, self.withdraw),
            (2, self.look),
            (9, self.move_price),
            (4, self.suspend_or_open),
            (2, self.add_guards),
            (7, self.settle),
            (4, self.correct),
            (3, self.take_back),
            (7, self.new_fixture),
            (2, self.move_fixture),
            (3, self.stop_or_schedule),
            (2, self.suspend_or_reinstate),
            (1, self.redrive),
            (2, self.by_the_clock),
            (7, self.pay_by_hand),
            (2, self.forge_a_confirmation),
            (4, self.review),
            (3, self.decide),
            (2, self.assign),
            (2, self.give_back),
            (1, self.close_a_direction),
        ]
        self.whole_book = self.world.plan.random("book").random() < 0.6
        """Whether there are systems, whole games, windows, holds and bets that are corrected: some runs are without."""
        self.desk = Bookmakers(self)
        if self.whole_book:
            self._doing += self.desk.doing
        if self.world.plan.random("protection").random() < 0.4:
            self._doing += Protectors(self.world).doing
        mood = self.world.plan.random("mood")
        self._weights = [weight * mood.choice(_MOODS) for weight, _ in self._doing]

    def begin(self) -> None:
        """Register the players and our paybill's addresses, and make the first games."""
        random = self.world.plan.random("beginning")
        for number in range(PLAYERS):
            player = Player(f"player-{number}", f"2547{10_000_000 + number:08d}", ("en", "sw")[number % 2])
            self.world.players[player.user_id] = player
            self.world.tell("UserRegistered", {"userId": player.user_id, "registeredAt": "2026-11-22T09:00:00Z"})
            self._learn_number(player)
        self.world.ask("payment", _ADMINS[0], "registerPaybill", {}, _ignore, "admin")
        self._make_the_league(lambda outcome: [self.new_fixture(random) for _ in range(FIXTURES)])

    def _make_the_league(self, then: Callable[[Outcome], object]) -> None:
        """Have a trader keep the competitions and their two teams, one after the other."""
        calls: list[tuple[str, Wire]] = [("putCompetition", _competition(name)) for name in _RULES]
        calls += [("putTeam", {"id": team, "sportId": _FOOTBALL, "name": {"en": team}}) for team in ("home", "away")]

        def next_call(outcome: Outcome) -> None:
            if not calls:
                then(outcome)
                return
            name, given = calls.pop(0)
            self.trade(name, {"input": given}, next_call)

        next_call(Outcome())

    def pay_in(self) -> None:
        """Let every player begin with some money, which came through M-Pesa like all of it."""
        random = self.world.plan.random("first deposits")
        for player in self.world.players.values():
            self._ask("payment", "deposit", player, {"amount": _money(random.choice((200_000, 500_000)))}, random)

    def step(self, number: int) -> int:
        """Do the step of that number; return after how long the next one comes."""
        random = self.world.plan.random("step", number)
        (_, action) = random.choices(self._doing, self._weights)[0]
        pause = int(random.expovariate(1 / 0.6) * SECOND) if random.random() < 0.93 else random.randrange(90 * SECOND)
        if number not in self.world.plan.skipped_steps:
            self.world.note(f"step {number}: {action.__name__.replace('_', ' ')}")
            action(random)
        return pause

    # -- players

    def deposit(self, random: Random) -> None:
        """A player asks to pay in."""
        shillings = random.choice((20, 50, 101, 500, 500, 1_000, 2_000, 5_000))
        self._ask("payment", "deposit", self._player(random), {"amount": _money(shillings * 100)}, random)

    def withdraw(self, random: Random) -> None:
        """A player asks to be paid."""
        player = self._player(random)
        cents = random.choice((5_000, 10_000, 10_100, 33_333, 50_000, 100_000))
        if random.random() < 0.35:
            account = self.world.database.item(TABLES["wallet"], f"USER#{player.user_id}", "ACCOUNT")
            available = int(account["available"]["N"]) if account else 0
            cents = max(2_000, available + random.choice((0, -1, 1, 100, 4_750)))
        self._ask("payment", "withdraw", player, {"amount": _money(cents)}, random)

    def pay_by_hand(self, random: Random) -> None:
        """Somebody pays our paybill by hand: the number is right, with blanks, nobody's, or copied from a prompt."""
        player, whose = self._player(random), self._player(random)
        number = self.numbers[whose.user_id]
        shillings = random.choice((20, 50, 500, 500, 1_000, 2_000))
        meant: str | None = whose.user_id
        way = random.choice(("right", "right", "right", "blanks", "wrong", "prompt", "prompt"))
        prompts = [push for push in self.world.mpesa.mpesa.state.pushes.values() if push.phone == player.phone]
        if way == "prompt" and prompts:
            push = random.choice(prompts[-3:])
            number, meant = push.account_reference, player.user_id
            number = number.lower() if random.random() < 0.3 else number
            shillings = push.amount if random.random() < 0.8 else shillings
        elif way == "blanks":
            number = f"{number[:4]} {number[4:6]}-{number[6:]} "
        elif way == "wrong":
            place = random.randrange(8)
            digit = str((int(number[place]) + random.randint(1, 9)) % 10)
            number = random.choice((f"{number[:place]}{digit}{number[place + 1 :]}", "FOOTBALL", number[:-1]))
            meant = None
        self.world.mpesa.pay_bill(player.phone, shillings, number, meant)

    def bet_single(self, random: Random) -> None:
        """A player bets on one game."""
        self._bet(random, 1)

    def bet_multi(self, random: Random) -> None:
        """A player bets on several games at once."""
        self._bet(random, random.randint(2, 4))

    def bet_twice_at_once(self, random: Random) -> None:
        """A player's app sends the same slip twice in the same moment."""
        before = len(self.asked)
        self._bet(random, random.randint(1, 2))
        for asked in self.asked[before:]:
            self._send(asked)

    def ask_again(self, random: Random) -> None:
        """A player's app repeats a request, as it does when no answer came."""
        if self.asked:
            self._send(random.choice(self.asked[-12:]))

    def ask_another_body(self, random: Random) -> None:
        """A player's app uses a request id again for something else."""
        if not self.asked:
            return
        first = random.choice(self.asked[-12:])
        arguments = dict(first.arguments)
        changed = {"currency": "KES", "amount": random.choice(("21.00", "63.00", "777.00"))}
        if first.name == "placeBet":
            arguments["input"] = {**arguments["input"], "stake": changed}
        else:
            arguments["amount"] = changed
        other = Asked(first.service, first.name, first.user_id, arguments)
        self.asked_otherwise.append(other)
        self._send(other)

    def cancel(self, random: Random) -> None:
        """A player takes a bet back."""
        bets = [asked for asked in self.asked if asked.name == "placeBet" and (asked.answers and asked.answers[-1])]
        if bets:
            asked = random.choice(bets[-8:])
            data = (asked.answers[-1] or {}).get("data")
            if data:
                self.world.ask("bet", asked.user_id, "cancelBet", {"id": data["id"]}, _ignore)

    def look(self, random: Random) -> None:
        """A player looks at the wallet, the bets, the payments and the inbox, and has read what is there."""
        player = self._player(random)
        self.world.ask("wallet", player.user_id, "wallet", {}, _ignore)
        self.world.ask("wallet", player.user_id, "walletEntries", {"limit": 5}, _ignore)
        self.world.ask("bet", player.user_id, "bets", {"limit": 5}, _ignore)
        self.world.ask("payment", player.user_id, "payments", {"limit": 5}, _ignore)

        def read(outcome: Outcome) -> None:
            items = ((outcome.value or {}).get("data") or {}).get("items", [])
            if items:
                ids = {"ids": [item["id"] for item in items]}
                self.world.ask("notifications", player.user_id, "markNotificationsRead", ids, _ignore)

        self.world.ask("notifications", player.user_id, "notifications", {"limit": 5}, read)

    def _player(self, random: Random) -> Player:
        return random.choice(list(self.world.players.values()))

    def _bet(self, random: Random, legs: int) -> None:
        games = [game for game in self.fixtures if self._open_markets(game) or random.random() < 0.05]
        games = random.sample(games, min(legs, len(games)))
        if games:
            self._place(random, games)

    def _bet_at_the_last_moment(self, game: str, starts: datetime) -> None:
        """Let players bet on a game that begins soon when it is about to: what is tried again then comes too late."""
        random = self.world.plan.random("last moment", game, self.world.scheduler.now)
        left = int((starts - self.world.now()).total_seconds() * SECOND)
        if left < _SOON_SECONDS * SECOND:
            for _ in range(3):
                before = random.randrange(100_000, 900_000)
                self.world.scheduler.after(max(0, left - before), lambda: self._place(random, [game]))

    def _place(self, random: Random, games: list[str]) -> None:
        picks = []
        for game in games:
            market = random.choice(self._open_markets(game) or self.markets_of(game))
            outcome, odds = random.choice(list(self.odds[market].items()))
            if random.random() < 0.1:
                odds = draw_odds(random)
            picks.append({"marketId": market, "selectionId": f"{market}/{outcome}", "odds": odds})
        slip = {
            "stake": _money(random.choice((2_000, 5_000, 10_000, 10_001, 33_333, 100_000))),
            "selections": picks,
            "oddsPolicy": random.choice(("NONE", "HIGHER", "ANY", "ANY")),
        }
        if self.whole_book and len(picks) > 1 and random.random() < 0.6:
            slip["system"] = _system(random, len(picks))
        player = self._player(random)
        slip["clientRequestId"] = request_id(random)
        self._first(Asked("bet", "placeBet", player.user_id, {"input": slip}))

    def _ask(self, service: str, name: str, player: Player, arguments: Wire, random: Random) -> None:
        arguments = {**arguments, "clientRequestId": request_id(random)}
        self._first(Asked(service, name, player.user_id, arguments))

    def _first(self, asked: Asked) -> None:
        self.asked.append(asked)
        self._send(asked)

    def _send(self, asked: Asked) -> None:
        def answered(outcome: Outcome) -> None:
            asked.answers.append(outcome.value)

        self.world.ask(asked.service, asked.user_id, asked.name, asked.arguments, answered)

    # -- traders

    def new_fixture(self, random: Random) -> None:
        """A trader creates a game with some markets; it starts soon, or much later."""
        name = f"game-{random.getrandbits(40):010x}"
        starts = self.world.now() + timedelta(seconds=random.choice((150, 1_800, 7_200, 86_400)))
        kinds: tuple[str, ...] = random.choice(((_RESULT,), (_RESULT, _TOTAL)))
        competition = "league"
        if self.whole_book:
            kinds = random.choice(((_RESULT,), (_RESULT, _TOTAL), (_RESULT, _HANDICAP), (_TOTAL, _HANDICAP)))
            competition = random.choice(list(_RULES))
        drawn = {kind: {outcome: draw_odds(random) for outcome in _OUTCOMES[kind]} for kind in kinds}
        prices = {kind: shortened(odds, _BOOK) for kind, odds in drawn.items()}

        def added(outcome: Outcome) -> None:
            if told(outcome) is not None:
                for kind, odds in prices.items():
                    self.odds.setdefault(f"{name}/{kind}", odds)
                if name not in self.fixtures:
                    self.fixtures.append(name)
                    self._bet_at_the_last_moment(name, starts)

        def created(outcome: Outcome) -> None:
            if told(outcome) is not None:
                markets = [_market_input(kind, odds) for kind, odds in prices.items()]
                self.trade("addMarkets", {"fixtureId": name, "markets": markets}, added, tries=4)

        teams = {"homeTeamId": "home", "awayTeamId": "away"}
        given = {"id": name, "competitionId": competition, **teams, "startsAt": starts.isoformat()}
        self.trade("createFixture", {"input": given}, created, tries=4)

    def move_fixture(self, random: Random) -> None:
        """A trader moves a game: to soon, where some players know it, or to later."""
        if self.fixtures:
            game = random.choice(self.fixtures)
            starts = self.world.now() + timedelta(seconds=random.choice((40, 120, 3_600, 90_000)))
            arguments = {"fixtureId": game, "startsAt": starts.isoformat(), "reason": "the pitch is wet"}

            def moved(outcome: Outcome) -> None:
                if self.knows_fixture(game, outcome):
                    self._bet_at_the_last_moment(game, starts)

            request = {"clientRequestId": request_id(random)}
            self.trade("moveFixture", {**request, **arguments}, moved, tries=3)

    def stop_or_schedule(self, random: Random) -> None:
        """A trader postpones a game or schedules it again; now and then one begins before its time."""
        if self.fixtures:
            game = random.choice(self.fixtures)
            status = random.choice(("POSTPONED", "POSTPONED", "SCHEDULED", "SCHEDULED", "SCHEDULED", "LIVE"))
            if self.whole_book and random.random() < 0.4:
                status = random.choice(("INTERRUPTED", "ABANDONED", "CANCELLED", "ENDED"))
            arguments = {"fixtureId": game, "status": status, "reason": "seen on television"}

            def stopped(outcome: Outcome) -> None:
                self.knows_fixture(game, outcome)

            request = {"clientRequestId": request_id(random)}
            self.trade("setFixtureStatus", {**request, **arguments}, stopped, tries=3)

    def knows_fixture(self, game: str, outcome: Outcome) -> bool:
        """Note under which version a trader was told that a game stands, on every market; return whether one was."""
        if (answer := told(outcome)) is None:
            return False
        known = self.world.fixtures_told
        known[game] = max(known.get(game, 0), answer["version"])
        return True

    def move_price(self, random: Random) -> None:
        """A trader moves a market's prices, if need be to shorter ones than they thought of at first."""
        if market := self._market(random):
            prices = {outcome: draw_odds(random) for outcome in self.odds[market]}

            def answered(outcome: Outcome) -> None:
                if (answer := told(outcome)) is not None:
                    self.odds[market] = {row["outcomeId"]: row["odds"] for row in answer["selections"]}
                elif (outcome.value or {}).get("error", {}).get("type") == "BELOW_MARGIN":
                    self.trade("setOdds", {"marketId": market, "odds": _priced(shortened(prices, _BOOK))}, answered)

            self.trade("setOdds", {"marketId": market, "odds": _priced(prices)}, answered)

    def suspend_or_open(self, random: Random) -> None:
        """A trader suspends a market or opens it again."""
        if market := self._market(random):
            self.trade("setMarketStatus", {"marketId": market, "status": random.choice(("SUSPENDED", "OPEN", "OPEN"))})

    def add_guards(self, random: Random) -> None:
        """A trader splits a market over more guards."""
        if market := self._market(random):
            self.trade("setMarketGuards", {"marketId": market, "guards": random.choice((2, 3, 4))})

    def settle(self, random: Random) -> None:
        """A trader settles a market, perhaps one that is settled already."""
        if market := self._market(random):
            self.settle_market(market, self.draw_results(random, market))

    def correct(self, random: Random) -> None:
        """A trader settles a settled market again, otherwise; or the worse of two traders does so at once."""
        if self.results:
            market = random.choice(list(self.results))
            self.settle_market(market, self.draw_results(random, market))

    def take_back(self, random: Random) -> None:
        """A trader takes a market's result back; in half of the cases it takes bets again, and so may be bet on."""
        if self.results:
            market = random.choice(list(self.results))
            arguments = {"marketId": market, "reopen": random.choice((None, "OPEN")), "reason": "settled by mistake"}
            self.results[market].append({})
            self.by_traders("rollbackMarket", arguments, random, lambda outcome: None)

    def settle_market(self, market: str, results: Wire) -> None:
        """Ask for a market to be settled, and insist until it is. `results` by outcome, "WON 1/2" for a dead heat."""
        self.results.setdefault(market, []).append(results)
        rows = []
        for outcome, said in results.items():
            result, _, shared = said.partition(" ")
            rows.append({"outcomeId": outcome, "result": result, "deadHeat": shared or None})
        random = self.world.plan.random("traders", market, self.world.scheduler.now)
        self.insist_on(market, "result", "settleMarket", {"marketId": market, "results": rows}, random)

    def draw_results(self, random: Random, market: str) -> Wire:
        """Draw results that a game can have."""
        outcomes = list(self.odds[market])
        if self.whole_book and len(outcomes) > 2 and random.random() < 0.15:
            lost = random.choice(outcomes)
            return {outcome: "LOST" if outcome == lost else "WON 1/2" for outcome in outcomes}
        return _results(random, outcomes)

    def insist_on(
        self,
        subject: str,
        what: str,
        name: str,
        arguments: Wire,
        random: Random,
        then: Callable[[], object] = lambda: None,
    ) -> None:
        """Ask for something about a market or a game now, and again in the end unless somebody is told that it is so.

        `then` is done when they are. What was asked for before under the same name is given up.
        """
        errand = self.errands[subject, what] = (name, arguments)

        def answered(outcome: Outcome) -> None:
            if _done(outcome) and self.errands.get((subject, what)) is errand:
                del self.errands[subject, what]
                then()

        self.by_traders(name, arguments, random, answered)

    def insist(self) -> bool:
        """Ask again for what nobody was told to be so: of each subject one thing after the other. Return whether."""
        subjects = dict.fromkeys(subject for subject, _ in self.errands)
        for subject in subjects:
            self._insist_about(subject)
        return bool(subjects)

    def _insist_about(self, subject: str) -> None:
        waiting = [(what, errand) for (about, what), errand in self.errands.items() if about == subject]
        if waiting:
            what, (name, arguments) = waiting[0]
            random = self.world.plan.random("traders", subject, self.world.scheduler.now)
            self.insist_on(subject, what, name, arguments, random, lambda: self._told_in_the_end(subject, what))

    def _told_in_the_end(self, subject: str, what: str) -> None:
        self.desk.told(subject, what)
        self._insist_about(subject)

    def by_traders(self, name: str, arguments: Wire, random: Random, answered: Callable[[Outcome], None]) -> None:
        """Let one trader decide, and another one agree unless that was enough; who proposed before begins."""
        standing = self.world.database.item(TABLES["bet"], _proposed_about(arguments), "PROPOSAL")
        first = unmarshal(standing)["proposed_by"] if standing else random.choice(TRADERS)
        (second,) = (trader for trader in TRADERS if trader != first)
        agree = random.randrange(1, 20) * SECOND

        def proposed(outcome: Outcome) -> None:
            answered(outcome)
            if outcome.value and "data" in outcome.value and not _done(outcome):
                self.world.scheduler.after(agree, lambda: self.trade(name, arguments, answered, tries=3, trader=second))

        self.trade(name, arguments, proposed, tries=3, trader=first)

    def _has_result(self, market: str) -> bool:
        """Whether traders gave a result, and did not take it back since."""
        return bool(self.results.get(market, [{}])[-1])

    def markets_of(self, game: str) -> list[str]:
        return [market for kind in _OUTCOMES if (market := f"{game}/{kind}") in self.odds]

    def _open_markets(self, game: str) -> list[str]:
        return [market for market in self.markets_of(game) if not self._has_result(market)]

    def _market(self, random: Random) -> str | None:
        markets = [market for game in self.fixtures for market in self.markets_of(game)]
        open_ones = [market for market in markets if market not in self.results]
        return random.choice(open_ones if open_ones and random.random() < 0.9 else markets) if markets else None

    def trade(
        self,
        name: str,
        arguments: Wire,
        answered: Callable[[Outcome], None] = lambda outcome: None,
        tries: int = 1,
        trader: str = TRADERS[0],
    ) -> None:
        def ended(outcome: Outcome) -> None:
            answered(outcome)
            failed = outcome.value is None or outcome.value.get("error", {}).get("type") == "CONTENTION"
            if failed and tries > 1:
                self.world.scheduler.after(5 * SECOND, lambda: self.trade(name, arguments, answered, tries - 1, trader))

        self.world.ask("bet", trader, name, arguments, ended, "trader")

    # -- support and operators

    def suspend_or_reinstate(self, random: Random) -> None:
        """Staff stop a player, perhaps with the money, or end a stop: wallet and payment are told at once, and again by
        event; some players ask to deposit at that very moment."""
        player = self._player(random)
        user_id, shield = player.user_id, self.world.shields[player.user_id]
        stopped: PlayerStatus = random.choice(("SUSPENDED", "FROZEN"))
        status: PlayerStatus = stopped if shield.statuses[-1] == "ACTIVE" else "ACTIVE"
        shield.statuses.append(status)
        version = len(shield.statuses) - 1

        def told() -> None:
            shield.status_told = max(shield.status_told, version)

        reach(self.world, user_id, "status", {"status": status, "statusVersion": version}, told)
        fact: Wire = {"userId": user_id, "statusVersion": version}
        if status == "ACTIVE":
            self.world.tell("UserReinstated", fact)
        else:
            why = {"reasonCode": "REQUEST", "deadline": "2026-12-24", "moneyHeld": status == "FROZEN"}
            self.world.tell("UserSuspended", {**fact, **why})
            for _ in range(random.choice((0, 0, 4))):
                asked = Asked(
                    "payment", "deposit", user_id, {"amount": _money(2_000), "clientRequestId": request_id(random)}
                )
                self.world.scheduler.after(random.randrange(SECOND), partial(self._first, asked))

    def redrive(self, random: Random) -> None:
        """An operator brings dead letters back."""
        random.choice(list(self.world.queues.values())).redrive()

    def by_the_clock(self, random: Random) -> None:
        """Something comes by the clock: the scan for forgotten payments, the pull, the question about balances."""
        queue, message = random.choice(self.world.schedules)
        self.world.queues[queue].send(message)

    # -- payments: support, administrators, a forger

    def review(self, random: Random) -> None:
        """An administrator looks at the withdrawals that wait for a review."""

        def answered(items: list[Wire]) -> None:
            for item in items:
                self._review(item["id"], random)

        self._look_into("REVIEW", answered)

    def decide(self, random: Random) -> None:
        """Administrators say how uncertain payments ended, as M-Pesa's books have it."""

        def answered(items: list[Wire]) -> None:
            for item in items:
                self._decide(item["id"], random)

        self._look_into("DECISION", answered)

    def assign(self, random: Random) -> None:
        """Support gives money in suspense to the player who asked for it, or administrators to its sender."""

        def answered(items: list[Wire]) -> None:
            if not items:
                return
            item = random.choice(items)
            if random.random() < 0.4:
                self._together("reverseDeposit", {"id": item["id"], "reason": "paid to nobody's number"}, random)
                return
            player = self._player(random)
            self.assigned.setdefault(item["id"], set()).add(player.user_id)
            arguments = {
                "id": item["id"],
                "accountNumber": self.numbers[player.user_id],
                "reason": "named by the payer",
            }
            self._together("assignPayment", arguments, random)

        self._look_into("SUSPENSE", answered)

    def give_back(self, random: Random) -> None:
        """Administrators give a mistaken deposit back."""
        paid = [item for item in self._payments() if item["kind"] in ("DEPOSIT", "PAYBILL") and "receipt" in item]
        if paid:
            deposit = random.choice(paid[-12:])
            arguments = {"id": deposit["payment_id"], "reason": "paid by mistake, says the payer"}
            self._together("reverseDeposit", arguments, random)

    def close_a_direction(self, random: Random) -> None:
        """An administrator closes deposits or withdrawals, and opens them again."""
        kind = random.choice(("DEPOSIT", "WITHDRAWAL"))
        closed = {"kind": kind, "open": False, "banner": "M-Pesa has told us of a fault."}
        self.world.ask("payment", _ADMINS[0], "setPaymentChannel", closed, _ignore, "admin")
        self.world.scheduler.after(random.randrange(20, 120) * SECOND, lambda: self._open(kind))

    def forge_a_confirmation(self, random: Random) -> None:
        """Somebody who knows the address tells us of a payment that never was, or with another amount or number."""
        forger = self._player(random)
        receipt, shillings = "S" + "".join(random.choices("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789", k=9)), 70_000
        rows = [row for row in self.world.mpesa.mpesa.state.books.journal if row.kind in ("stk", "c2b")]
        if rows and random.random() < 0.8:
            row = random.choice(rows[-3:])
            receipt, shillings = row.receipt, random.choice((70_000, int(row.amount)))
        self.world.mpesa.forge(receipt, shillings, self.numbers[forger.user_id])

    def finish(self) -> bool:
        """Open what is closed and decide whatever waits for a person; return whether anything did."""
        random = self.world.plan.random("office", self.world.scheduler.now)
        for kind in ("DEPOSIT", "WITHDRAWAL"):
            self._open(kind)
        asked = self.desk.release_all()
        for item in self._payments():
            if item["status"] == "REVIEW":
                self._review(item["payment_id"], random)
                asked = True
            elif item["kind"] in ("WITHDRAWAL", "REVERSAL") and item["status"] in _UNCERTAIN:
                asked = self._decide(item["payment_id"], random) or asked
        return asked

    def _learn_number(self, player: Player) -> None:
        def answered(outcome: Outcome) -> None:
            self.numbers[player.user_id] = outcome.value["data"]["accountNumber"]

        self.world.ask("payment", player.user_id, "paybill", {}, answered)

    def _look_into(self, queue: str, answered: Callable[[list[Wire]], None]) -> None:
        def told(outcome: Outcome) -> None:
            answered(((outcome.value or {}).get("data") or {}).get("items", []))

        self.world.ask("payment", _ADMINS[0], "paymentQueue", {"queue": queue}, told, "admin")

    def _open(self, kind: str) -> None:
        opened = {"kind": kind, "open": True}
        self.world.ask("payment", _ADMINS[0], "setPaymentChannel", opened, _ignore, "admin")

    def _review(self, payment_id: str, random: Random) -> None:
        if random.random() < 0.7:
            self._together("approveWithdrawal", {"id": payment_id, "reason": "the papers are right"}, random)
        else:
            arguments = {"id": payment_id, "reason": "the player is under age"}
            self.world.ask("payment", _ADMINS[0], "rejectWithdrawal", arguments, _ignore, "admin")

    def _decide(self, payment_id: str, random: Random) -> bool:
        """Decide about a payment of which M-Pesa's books say how it ended; return whether they do."""
        payment = self._payment(payment_id)
        quiet = (self.world.now() - clock.parse_stamp(payment["updated_at"])).total_seconds()
        if payment["kind"] == "WITHDRAWAL":
            done = self.world.mpesa.was_paid(payment_id)
        else:
            done = self.world.mpesa.was_given_back(payment["original_receipt"])
        if done is None or quiet < _QUIET_SECONDS:
            return False
        outcome = "PAID" if done else "UNPAID"
        if not done and payment["status"] in _ASKED_AGAIN[payment["kind"]]:
            outcome = "STOP"
        elif not done and payment.get("reason") in _RETRIED and payment["status"] == "DELAYED":
            outcome = random.choice(("UNPAID", "RETRY"))
        arguments = {"id": payment_id, "outcome": outcome, "evidence": "seen in the portal of M-Pesa"}
        self._together("resolveWithdrawal", arguments, random)
        return True

    def _together(self, name: str, arguments: Wire, random: Random) -> None:
        """Let one administrator propose and another agree; who proposed before begins."""
        standing = self.world.database.item(TABLES["payment"], f"PAYMENT#{arguments['id']}", "PROPOSAL")
        proposer = unmarshal(standing)["proposed_by"] if standing else ""
        first = proposer or random.choice(_ADMINS)
        second = random.choice(
            [admin for admin in _ADMINS if admin != first] + ([first] if self.world.faults.active else [])
        )
        self.world.ask("payment", first, name, arguments, _ignore, "admin")
        agree = random.randrange(1, 20) * SECOND
        self.world.scheduler.after(agree, lambda: self.world.ask("payment", second, name, arguments, _ignore, "admin"))

    def _payment(self, payment_id: str) -> Item:
        return unmarshal(self.world.database.item(TABLES["payment"], f"PAYMENT#{payment_id}", "PAYMENT") or {})

    def _payments(self) -> list[Item]:
        return [
            unmarshal(wire) for wire in self.world.database.items(TABLES["payment"]) if wire["sk"]["S"] == "PAYMENT"
        ]


_UNCERTAIN = ("SUBMITTED", "SUBMIT_UNKNOWN", "UNKNOWN", "DELAYED")
_ASKED_AGAIN = {"WITHDRAWAL": {"SUBMIT_UNKNOWN"}, "REVERSAL": {"SUBMITTED", "SUBMIT_UNKNOWN", "UNKNOWN"}}
_RETRIED = ("FLOAT_LOW", "CONFIGURATION", "STOPPED")


def _done(outcome: Outcome) -> bool:
    """Whether what a trader decided was written, or stood already."""
    return bool((told(outcome) or {"status": "PROPOSED"})["status"] != "PROPOSED")


def _proposed_about(arguments: Wire) -> str:
    """Return under what a proposal for a trader's call is kept."""
    if "betId" in arguments:
        return f"CORRECTION#{arguments['betId']}"
    return f"FIXTURE#{arguments['fixtureId']}" if "fixtureId" in arguments else f"RESULT#{arguments['marketId']}"


def _competition(name: str) -> Wire:
    wait, void_after = _RULES[name]
    rule = {"from": "2026-01-01", "shortestPlayMinutes": 90, "waitHours": wait, "voidAfterHours": void_after}
    return {
        "id": name,
        "sportId": _FOOTBALL,
        "name": {"en": name.title()},
        "country": {"id": "KE", "name": {"en": "Kenya"}},
        "tier": "STANDARD",
        "rules": [rule],
    }


def _system(random: Random, legs: int) -> Wire:
    """Draw a system: by name, or some of the legs, perhaps with a banker."""
    bankers = [random.randrange(legs)] if legs > 2 and random.random() < 0.3 else []
    others = legs - len(bankers)
    way = random.choice(("name", "k", "ks"))
    if way == "name" and others in _NAMED:
        return {"kind": random.choice(_NAMED[others]), "bankers": bankers or None}
    if way == "ks":
        return {
            "ks": sorted(random.sample(range(1, others + 1), random.randint(1, others))),
            "bankers": bankers or None,
        }
    return {"k": random.randint(1, others), "bankers": bankers or None}


def _ignore(outcome: Outcome) -> None:
    """An answer that changes nothing for anybody."""


def _money(cents: int) -> Wire:
    return {"currency": "KES", "amount": f"{cents // 100}.{cents % 100:02d}"}


def _priced(prices: dict[str, str]) -> list[Wire]:
    return [{"outcomeId": outcome, "odds": odds} for outcome, odds in prices.items()]


def _market_input(kind: str, prices: dict[str, str]) -> Wire:
    definition, _, specifiers = kind.partition("/")
    return {"definitionId": definition, "specifiers": specifiers or None, "odds": _priced(prices)}


def _results(random: Random, outcomes: list[str]) -> Wire:
    """Draw results that a game can have; now and then only one outcome is decided, and the others stay open."""
    if random.random() < 0.15:
        return dict.fromkeys(outcomes, "VOID")
    if len(outcomes) == 2:
        sides = random.choice((("WON", "LOST"), ("HALF_WON", "HALF_LOST")))
        return dict(zip(random.sample(outcomes, 2), sides, strict=True))
    won = random.choice(outcomes)
    if random.random() < 0.1:
        return {won: "LOST"}
    return {outcome: "WON" if outcome == won else "LOST" for outcome in outcomes}
