"""The laws of the book: what stands of each market, by whom it was decided, and what each bet must have paid for that.

The reference is independent of the services' rules: results of a record are counted here, and lines are listed by
`brute_force`. A bet's odds and system are those of its receipt, and of what two people decided of it since.
"""

import base64
import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from typing import NamedTuple

from betsafi import clock
from betsafi.dynamodb import unmarshal
from tests.simulation import deployment
from tests.simulation.actors import SYSTEMS, People
from tests.simulation.bookmaking import OVER, score
from tests.simulation.dynamodb import Change
from tests.simulation.laws import PARTS, Item, Watch, demand
from tests.simulation.scheduler import SECOND
from tests.simulation.world import TABLES, World
from tests.support import brute_force
from tools.base.services import ROOT

_LADDERS: dict[str, Item] = {
    row["from"]: row
    for row in json.loads((ROOT / "bet" / "bet" / "payouts" / "bonus_ladders.json").read_text(encoding="utf-8"))
}
"""The ladders of the bonus, by the day that a bet keeps."""
_OUTCOMES = {"1": ("1", "2", "3"), "18/total=2.25": ("12", "13"), "16/hcp=-0.75": ("1714", "1715")}
_LIVE = ("ACCEPTED", "SETTLED")
_UNDER_WAY = deployment.read("bet").timeouts["settlement"] * SECOND
"""How long a page of bets may be under way that was read before a hold came."""


class ByHand(NamedTuple):
    """What traders said last of one market, and what of its game's decisions was known then."""

    game_version: int
    results: Mapping[str, str]
    dead_heats: Mapping[str, str]


@dataclass
class Book:
    """Sees every write of the bet service as it is made; knows in the end what must stand."""

    world: World
    by_hand: dict[str, ByHand] = field(default_factory=dict)
    written: dict[tuple[str, int], int] = field(default_factory=dict)
    """When each version of a market's result was written."""
    held: dict[str, int] = field(default_factory=dict)
    """Since when the results of markets and games wait, of those that do."""
    fixtures: dict[str, list[tuple[int, Item]]] = field(default_factory=lambda: defaultdict(list))
    """Each game as it stood since when, the newest last."""

    def __call__(self, changes: list[Change]) -> None:
        """Take in one write or one transaction. Raises LawBroken."""
        ours = [change for change in changes if change.table == TABLES["bet"] and change.sk != "GUARD"]
        acts = [unmarshal(change.new) for change in ours if change.sk == "AUDIT" and change.new]
        names = {act["action"] for act in acts if act["outcome"] == "DONE"}
        for change in ours:
            old, new = unmarshal(change.old or {}), unmarshal(change.new or {})
            if change.sk == "FIXTURE":
                self.fixtures[new["fixture_id"]].append((self.world.scheduler.now, new))
            elif change.sk == "RESULT" and new["result_version"] != old.get("result_version"):
                self._result(new, names)
            elif change.sk == "GAME" and new.get("game_version") != old.get("game_version"):
                self._game(old, new, names)
            elif change.sk == "HOLD" and new["turn"] != old.get("turn"):
                self._hold(old, new, acts)
            elif change.sk == "CORRECTION":
                demand(len(set(new["decided_by"])) == 2, "two people decide about one bet", change.pk, new)
            elif change.pk.startswith("LEGS#"):
                demand(change.old is None, "a receipt stays as it was written", change.pk, change.sk)
            elif change.sk.startswith("BET#"):
                self._bet(old, new, ours)

    def _result(self, new: Item, acts: set[str]) -> None:
        market, version = new["market_id"], new["result_version"]
        self.written[market, version] = self.world.scheduler.now
        guard = unmarshal(self.world.database.item(TABLES["bet"], f"GUARD#{market}#0", "GUARD") or {})
        endless = any(window["to"] is None for window in (*new["windows"], *new["game_windows"]))
        law = "no market is open beside its result"
        demand(guard["status"] == "CLOSED" or not (new["results"] or endless), law, market, guard["status"])
        if not acts & {"settleMarket", "rollbackMarket"}:
            return
        self.by_hand[market] = ByHand(new["game_version"], new["results"], new["dead_heats"])
        early = self._plays(new["fixture_id"]) < timedelta(minutes=90) and set(new["results"].values()) - {"VOID"}
        needed = 2 if early or new.get("reopen") else 1
        demand(len(set(new["decided_by"])) >= needed, "what is early or opens a market takes two traders", market, new)

    def _plays(self, game: str) -> timedelta:
        """Return how long a game may be on: it may be moved while traders decide, so its earliest start counts."""
        return self.world.now() - min(_starts(fixture) for _, fixture in self.fixtures[game])

    def _game(self, old: Item, new: Item, acts: set[str]) -> None:
        game = new["fixture_id"]
        if "settleFixture" in acts:
            halves = len(set(OVER) & set(new["record"]["ended"]))
            early = self._plays(game) < timedelta(minutes=45 * halves)
            law = "a half that cannot have ended takes two traders"
            demand(len(set(new["decided_by"])) == 2 or not early, law, game, new)
        if new["rest_version"] > old.get("rest_version", 0):
            now, since = self.world.now(), self.world.scheduler.now - 60 * SECOND
            stood = self.fixtures[game]
            lately = [each for n, (_, each) in enumerate(stood) if n + 1 == len(stood) or stood[n + 1][0] > since]
            demand(any(_is_due(each, now) for each in lately), "what its rules call void is due", game, lately)

    def _hold(self, old: Item, new: Item, acts: list[Item]) -> None:
        subject, people = new["subject_id"], {act["staff_id"] for act in acts}
        demand(people, "a hold names who did it", subject)
        if new["status"] == "HELD":
            self.held[subject] = self.world.scheduler.now
        elif self.held.pop(subject, None) is not None:
            demand(old["held_by"] not in people, "another person releases results", subject, people)

    def _bet(self, old: Item, new: Item, changes: list[Change]) -> None:
        bet_id = new["bet_id"]
        if old.get("status") == "PENDING":
            kept = any(change.sk == bet_id and "receipt" in (change.new or {}) for change in changes)
            demand(kept or new["status"] != "ACCEPTED", "a bet is accepted with its receipt", bet_id)
            return
        for before, leg in zip(old.get("legs", ()), new["legs"], strict=bool(old)):
            if before.get("result_version", 0) != leg.get("result_version", 0):
                self._takes(bet_id, leg["market_id"], leg["result_version"])

    def _takes(self, bet_id: str, market: str, version: int) -> None:
        """Demand that nobody holds what a bet takes, but for what was under way when the hold came."""
        for subject in (market, _game_of(market)):
            since = self.held.get(subject)
            if since is not None:
                under_way = self.world.scheduler.now - since <= _UNDER_WAY and self.written[market, version] <= since
                demand(under_way, "no bet takes a result that is held", bet_id, market, version, since)

    # -- when the dust has settled

    def in_the_end(self, people: People, watch: Watch) -> None:
        """Demand that markets stand as they were decided, and bets as their markets. Raises LawBroken."""
        demand(not people.errands, "traders get their answers", people.errands)
        demand(not self.held, "what was held is released", self.held)
        items = [unmarshal(wire) for wire in self.world.database.items(TABLES["bet"])]
        games = {item["fixture_id"]: item for item in items if item["sk"] == "GAME" and "game_version" in item}
        results = {item["market_id"]: item for item in items if item["sk"] == "RESULT"}
        for subject in self.fixtures:
            self._game_stands(people, subject, games.get(subject, {"windows": [], "record": None}))
        for guard in items:
            if guard["sk"] == "GUARD" and guard["guard"] == 0:
                self._market_stands(people, guard, results.get(guard["market_id"]), games.get(guard["fixture_id"]))
        corrections = {item["bet_id"]: item for item in items if item["sk"] == "CORRECTION"}
        for bet_id in people.desk.voided:
            demand(corrections.get(bet_id, {}).get("voided"), "a bet that two people voided is void", bet_id)
        receipts = {item["bet_id"]: item for item in items if item["pk"].startswith("LEGS#") and "receipt" in item}
        bets = [item for item in items if item["sk"].startswith("BET#")]
        asked = {
            (answer.get("data") or {}).get("id"): each.arguments["input"]
            for each in people.asked
            if each.name == "placeBet"
            for answer in each.answers
            if answer
        }
        for bet in bets:
            if "accepted_at" in bet:
                seen = _receipt(bet, receipts.get(bet["bet_id"]))
                _asked_for(bet, seen, asked.get(bet["bet_id"]))
                if bet["status"] in _LIVE:
                    correction = corrections.get(bet["bet_id"], {"voided": False, "odds": {}, "correction_version": 0})
                    _corrected(people, bet, correction)
                    _pays(bet, seen, correction, results, watch)
        _payout_counters(self.world, watch, bets)

    def _game_stands(self, people: People, subject: str, game: Item) -> None:
        wanted = {window for window, stands in people.desk.windows.items() if stands and window[0] == subject}
        stood = [_moved_too_far(fixture) for _, fixture in self.fixtures[subject]]
        by_rule = {(subject, None, until) for untils in stood for until in untils}
        opened = _windows(subject, game["windows"])
        demand(
            wanted <= opened <= wanted | by_rule, "windows are as traders were told", subject, opened, wanted, by_rule
        )
        missing = stood[-1] and (subject, None, max(stood[-1])) not in opened
        demand(not missing, "bets on a game that is moved too far are void", subject, opened, stood[-1])
        said = people.desk.records.get(subject, [])
        demand(game["record"] is None or game["record"] in said, "a record is one that a trader gave", subject, said)
        kept = self.fixtures[subject][-1][1].get("score")
        shown = dict(zip(("home", "away"), kept["goals"]["REGULAR"], strict=True)) if kept else None
        scored = score(game["record"], OVER) if game["record"] else None
        demand(shown == scored, "a game shows the score of its newest record", subject, kept, game["record"])

    def _market_stands(self, people: People, guard: Item, result: Item | None, game: Item | None) -> None:
        market = guard["market_id"]
        own, of_game = (result or {}).get("windows", []), (result or {}).get("game_windows", [])
        wanted = {window for window, stands in people.desk.windows.items() if stands and window[0] == market}
        demand(_windows(market, own) == wanted, "windows are as traders were told", market, own, wanted)
        wanted_of_game = (game or {}).get("windows", [])
        demand(of_game == wanted_of_game, "a market has its game's windows", market, of_game, wanted_of_game)
        results, shared = self._expected(market, game)
        stands = (result or {}).get("results", {}), (result or {}).get("dead_heats", {})
        demand(stands == (results, shared), "a market has the results that were decided", market, stands, results)
        by_hand = self.by_hand.get(market)
        if by_hand and by_hand.results:
            given = [{key: said.split(" ")[0] for key, said in each.items()} for each in people.results.get(market, ())]
            demand(by_hand.results in given, "a result is one that a trader gave", market, by_hand)

    def _expected(self, market: str, game: Item | None) -> tuple[Mapping[str, str], Mapping[str, str]]:
        """Return results and dead heats: what came last, by hand or by the game's record; then the rest may be void."""
        seen, results, shared = self.by_hand.get(market, ByHand(0, {}, {}))
        if game and game["record_version"] > seen:
            results, shared = results_of(game["record"], market), {}
        if game and game["rest_version"] > seen:
            results = dict.fromkeys(_OUTCOMES[_kind_of(market)], "VOID") | dict(results)
        return results, shared


def results_of(record: Item, market: str) -> dict[str, str]:
    """Return what a record decides of a market: nothing that a goal which may still come would change."""
    kind, over = _kind_of(market), set(OVER) <= set(record["ended"])
    goals = score(record, OVER)
    home, away = goals["home"], goals["away"]
    if kind == "1":
        won = "1" if home > away else "3" if home < away else "2"
        return {outcome: "WON" if outcome == won else "LOST" for outcome in _OUTCOMES[kind]} if over else {}
    if kind == "18/total=2.25":
        ahead, certain = Fraction(home + away) - Fraction("2.25"), over or home + away >= 3
    else:
        ahead, certain = Fraction(home - away) - Fraction("0.75"), over
    return (
        {outcome: _graded(by) for outcome, by in zip(_OUTCOMES[kind], (ahead, -ahead), strict=True)} if certain else {}
    )


def _graded(ahead: Fraction) -> str:
    quarters = max(-2, min(2, int(ahead * 4)))
    return {2: "WON", 1: "HALF_WON", 0: "VOID", -1: "HALF_LOST", -2: "LOST"}[quarters]


def _game_of(market: str) -> str:
    return market.partition("/")[0]


def _kind_of(market: str) -> str:
    return market.partition("/")[2]


def _starts(fixture: Item) -> datetime:
    return clock.parse_stamp(fixture["starts_at"])


def _is_due(fixture: Item, now: datetime) -> bool:
    (rule,) = fixture["rules"]
    since, late = now - _starts(fixture), rule["voidAfterHours"]
    if fixture["status"] == "CANCELLED":
        return since >= timedelta(0)
    if fixture["status"] in ("POSTPONED", "INTERRUPTED", "ABANDONED"):
        return since >= timedelta(hours=rule["waitHours"])
    return late is not None and since >= timedelta(hours=late)


def _moved_too_far(fixture: Item) -> set[str]:
    """Return until when bets saw a start from which the postponed fixture has been moved further than it is waited."""
    (rule,) = fixture["rules"]
    wait, begins = timedelta(hours=rule["waitHours"]), _starts(fixture)
    return {past["until"] for past in fixture.get("postponed", ()) if begins - _starts(past) >= wait}


def _windows(subject: str, windows: list[Item]) -> set[tuple[str, str | None, str | None]]:
    return {(subject, window["from"], window["to"]) for window in windows}


def _is_cancelled(result: Item, accepted_at: str) -> bool:
    windows = result["windows"] + result["game_windows"]
    return any((window["from"] or "") <= accepted_at <= (window["to"] or "9") for window in windows)


def _receipt(bet: Item, item: Item | None) -> Item:
    """Demand that what the player saw is kept as it was; return it."""
    demand(item is not None, "an accepted bet has its receipt", bet["bet_id"])
    assert item is not None
    digest = hashlib.sha256(item["receipt"].encode()).digest()[:16]
    printed = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    demand(printed == bet["receipt"], "a bet has its receipt's hash", bet["bet_id"], printed, bet["receipt"])
    seen: Item = json.loads(item["receipt"])
    about = seen["bet"], seen["player"], seen["acceptedAt"], _cents(seen["stake"])
    stands = bet["bet_id"], bet["user_id"], bet["accepted_at"], bet["stake_cents"]
    demand(about == stands, "a receipt is about its bet", about, stands)
    taken = [[leg["market_id"], leg["outcome_id"], leg.get("odds_taken", leg["odds"])] for leg in bet["legs"]]
    legs = [[leg["market"], leg["outcome"], leg["odds"]] for leg in seen["legs"]]
    demand(legs == taken, "a receipt has the legs that were taken", bet["bet_id"], legs, taken)
    return seen


def _cents(amount: str) -> int:
    return int(Fraction(amount.replace(",", "")) * 100)


def _asked_for(bet: Item, seen: Item, slip: Item | None) -> None:
    """Demand that a bet has the lines that the player asked for."""
    if slip is None:
        return
    system = slip.get("system") or {"ks": [len(bet["legs"])]}
    ks = SYSTEMS[system["kind"]] if "kind" in system else system.get("ks") or [system["k"]]
    bankers = system.get("bankers") or []
    lines = len(brute_force.list_lines(1, [{"odds": "2"}] * len(bet["legs"]), ks, bankers))
    kept = seen.get("system")
    wanted = {"ks": list(ks), "bankers": list(bankers)} if lines > 1 else None
    demand(kept == wanted, "a bet has the lines that were asked for", bet["bet_id"], kept, wanted)


def _corrected(people: People, bet: Item, correction: Item) -> None:
    wished = people.desk.repriced.get(bet["bet_id"], [])
    for market, odds in correction["odds"].items():
        demand((market, odds) in wished, "a bet is priced anew as two people said", bet["bet_id"], market, odds)
    took = bet.get("correction_version", 0)
    demand(took == correction["correction_version"], "a bet takes what two people decide", bet["bet_id"], correction)


def _pays(bet: Item, seen: Item, correction: Item, results: dict[str, Item], watch: Watch) -> None:
    """Demand of an accepted bet that it, and the wallet, stand as its markets do."""
    bet_id, stake, status = bet["bet_id"], bet["stake_cents"], bet["status"]
    legs: list[Item] = []
    for taken, leg in zip(seen["legs"], bet["legs"], strict=True):
        result = results.get(taken["market"])
        known: Item = {"odds": correction["odds"].get(taken["market"], taken["odds"])}
        if result and _is_cancelled(result, bet["accepted_at"]):
            known["result"] = "VOID"
        elif result and (said := result["results"].get(taken["outcome"])):
            known["result"] = said
            if shared := result["dead_heats"].get(taken["outcome"]):
                known["dead_heat"] = shared
        stands = {name: leg[name] for name in ("odds", "result", "dead_heat") if leg.get(name)}
        demand(stands == known, "every leg is as its market stands", bet_id, taken["market"], stands, known)
        legs.append(known)
    system = seen.get("system") or {"ks": None, "bankers": []}
    ladder = _LADDERS.get(bet.get("bonus", ""))
    verdict = brute_force.settle(stake, legs, system["ks"], system["bankers"], ladder)
    outcome, payout = ("VOID", stake) if correction["voided"] else (verdict.outcome, verdict.payout_cents)
    net = sum(watch.by_reference[bet_id][part] for part in PARTS)
    held = watch.by_reference[bet_id]["held"]
    if outcome == "OPEN":
        demand(status == "ACCEPTED", "an undecided bet is open", bet_id, status, legs)
        demand((net, held) == (0, stake), "an open bet has its stake held", bet_id, net, held)
        return
    demand(status == "SETTLED", "a decided bet is settled", bet_id, status, legs)
    paid = bet["outcome"], bet["payout_cents"]
    demand(paid == (outcome, payout), "a bet pays what its legs say", bet_id, paid, outcome, payout, legs)
    said = f"net {net}, held {held}, payout {payout}, stake {stake}"
    demand((net, held) == (payout - stake, 0), "the wallet pays what the bet says", bet_id, said)


def _payout_counters(world: World, watch: Watch, bets: list[Item]) -> None:
    """Demand that accounts count what open bets could pay, as it was when their stakes were held, and others did pay.

    A bet counts among those on the same picks while it is open.
    """
    days: Counter[tuple[str, str]] = Counter()
    same: Counter[tuple[str, str]] = Counter()
    for bet in bets:
        hold = watch.holds.get(bet["bet_id"])
        if not hold or not hold["day"]:
            continue
        day = hold["day"].replace("-", "")
        of_day, of_same = (bet["user_id"], f"payout_{day}"), (bet["user_id"], f"same_{day}_{hold['same']}")
        if bet["status"] in _LIVE:
            days[of_day] += hold["potential"] if bet["status"] == "ACCEPTED" else bet["payout_cents"]
            same[of_same] += hold["potential"] if bet["status"] == "ACCEPTED" else 0
        days[of_day] += 0
        same[of_same] += 0
    for (user_id, name), wanted in (*days.items(), *same.items()):
        account = unmarshal(world.database.item(TABLES["wallet"], f"USER#{user_id}", "ACCOUNT") or {})
        counts = account.get(name, 0)
        demand(counts == wanted, "an account counts what its bets could pay", user_id, name, counts, wanted)
