"""What every bet must have come to, by what was decided and nothing else: listed lines, told outcomes, exact fractions.

The judge is told what traders decide (`Standing`), and reads of the product only what is judged: bets and ledger.
"""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from betsafi.dynamodb import Item
from tests.season.betting import Bet
from tests.season.games import Game
from tests.season.outcomes import Facts, certain, result
from tests.season.stage import Stage, demand
from tests.support import brute_force
from tools.base.services import ROOT
from tools.reconcile import audit
from tools.reconcile.bets import Bets

PARTS = ("available", "held", "receivable")
_TOGETHER = ("35", "36", "37", "47")
"""Kinds of which the product may find later what is certain: it looks at each part of a condition by itself."""
_LADDERS: list[dict[str, Any]] = json.loads(
    (ROOT / "bet" / "bet" / "payouts" / "bonus_ladders.json").read_text(encoding="utf-8")
)


@dataclass
class Standing:
    """What is decided: of games and markets (a game at `half` time has ended its first half), and what waits."""

    games: dict[str, tuple[Game, bool]] = field(default_factory=dict)
    by_hand: dict[str, dict[str, str] | None] = field(default_factory=dict)
    windows: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)
    _known: dict[tuple[str, str], str | None] = field(default_factory=dict)

    def play(self, fixture_id: str, game: Game, *, half: bool = False) -> None:
        """Take a game's record, which replaces what stood of its markets."""
        self.games[fixture_id] = game, half
        self._known.clear()
        for market in [market for market in self.by_hand if market.split("/")[0] == fixture_id]:
            del self.by_hand[market]

    def leg(self, market: str, outcome: str, accepted_at: str, found: str | None) -> str | None:
        """Return the result of a leg. `found` is what the product has; it matters where that may come later."""
        fixture_id, kind, *specifiers = market.split("/")
        if {market, fixture_id} & self.held:
            return None
        for subject in (market, fixture_id):
            if any(begins <= accepted_at <= ends for begins, ends in self.windows.get(subject, ())):
                return "VOID"
        if market in self.by_hand:
            return (self.by_hand[market] or {}).get(outcome)
        if fixture_id not in self.games:
            return None
        game, half = self.games[fixture_id]
        if (market, outcome) not in self._known:
            spec = dict(pair.split("=") for pair in specifiers[0].split("|")) if specifiers else {}
            known = certain(kind, spec, outcome, game) if half else result(kind, spec, outcome, Facts(game))
            self._known[market, outcome] = known
        return None if half and kind in _TOGETHER and found is None else self._known[market, outcome]


@dataclass
class Judge:
    """Compares bets with what they must have come to; `verdicts` counts by outcome what was judged."""

    stage: Stage
    standing: Standing
    verdicts: Counter[str] = field(default_factory=Counter)

    def judge(self, bets: Iterable[Bet]) -> None:
        """Judge each of these bets, and its money. Raises SeasonFailed."""
        for bet in bets:
            self._judge(bet)

    def _judge(self, bet: Bet) -> None:
        assert bet.told is not None
        bet_id = bet.told["id"]
        item = self.stage.item("bet", f"USER#{bet.user_id}", f"BET#{bet_id}")
        verdict = self._verdict(bet, item)
        self.verdicts[verdict.outcome] += 1
        wanted: tuple[str, str | None, int | None] = ("ACCEPTED", None, None)
        if verdict.outcome != "OPEN":
            wanted = ("SETTLED", verdict.outcome, verdict.payout_cents)
        found = item["status"], item.get("outcome"), item.get("payout_cents") if item["status"] == "SETTLED" else None
        demand(found == wanted, "a bet does not come to what it must", bet, found, wanted, item)
        moved = self.stage.moved[bet_id]
        money = sum(moved[part] for part in PARTS), moved["held"]
        due = (0, bet.stake) if verdict.outcome == "OPEN" else (verdict.payout_cents - bet.stake, 0)
        demand(money == due, "a bet's money is not what it must be", bet, money, due)

    def _verdict(self, bet: Bet, item: Item) -> brute_force.Verdict:
        legs = [
            {"odds": odds, "result": self.standing.leg(*pick, bet.accepted_at, leg.get("result"))}
            for pick, odds, leg in zip(bet.legs, bet.odds, item["legs"], strict=True)
        ]
        if bet.voided:
            legs = [{"odds": leg["odds"], "result": "VOID"} for leg in legs]
        return brute_force.settle(bet.stake, legs, bet.ks, bet.bankers, _ladder(bet.accepted_at))

    def judge_told(self, bet: Bet) -> None:
        """Judge what a player was told when the bet was accepted: the most that it can pay."""
        assert bet.told is not None
        won = [{"odds": odds, "result": "WON"} for odds in bet.odds]
        most = brute_force.settle(bet.stake, won, bet.ks, bet.bankers, _ladder(bet.accepted_at)).payout_cents
        told = bet.told["potentialPayout"]["amount"]
        demand(told == f"{most // 100}.{most % 100:02d}", "the most that a bet pays is told wrongly", bet, told, most)

    def exposure(self, bets: Iterable[Bet]) -> None:
        """Demand that each market that takes bets counts just what its open bets could pay."""
        reserved = Counter[tuple[str, str]]()
        for bet in bets:
            assert bet.told is not None
            item = self.stage.item("bet", f"USER#{bet.user_id}", f"BET#{bet.told['id']}")
            for leg in item["legs"]:
                if item["status"] == "ACCEPTED" and not leg.get("result"):
                    reserved[leg["market_id"], leg["outcome_id"]] += item["potential_payout_cents"]
        counted = Counter[tuple[str, str]]()
        for market in {market for bet in bets for market, _ in bet.legs}:
            number = 0
            while guard := self.stage.item("bet", f"GUARD#{market}#{number}", "GUARD"):
                number += 1
                for outcome, cents in guard["exposure"].items():
                    if guard["status"] != "CLOSED":
                        counted[market, outcome] += cents
                    else:
                        reserved.pop((market, outcome), None)
        demand(+counted == +reserved, "exposure is not what open bets could pay", (+counted) - reserved)

    def books(self, bets: list[Bet]) -> tuple[int, int]:
        """Reconcile all money at the end, when every bet is decided; return what was staked and what was paid."""
        now = datetime.fromisoformat(self.stage.now().isoformat())
        report = audit(self.stage.items("wallet"))
        demand(report.balanced, "the ledger does not balance", report.problems[:3])
        compared = Bets(now, timedelta(minutes=5))
        for item in self.stage.items("bet"):
            compared.bet(item)
            if item["sk"].startswith("BET#"):
                demand(
                    item["status"] in ("SETTLED", "REJECTED"), "a bet is not decided", item["bet_id"], item["status"]
                )
            if item["sk"] == "GUARD":
                demand(item["status"] == "CLOSED", "a market is left open", item["market_id"])
        for item in self.stage.items("wallet"):
            compared.ledger(item)
            if item["sk"] == "ACCOUNT" and item["pk"].startswith("USER#"):
                demand(item["held"] == 0, "a stake is held that no bet has", item["pk"], item["held"])
        findings = compared.result(_Items(self.stage))
        demand(not findings.differences, "bets and ledger differ", findings.differences[:3])
        staked = sum(bet.stake for bet in bets)
        paid = staked + sum(self.stage.moved[_id(bet)][part] for bet in bets for part in PARTS)
        house = -sum(self.stage.moved[_id(bet)][account] for bet in bets for account in _own(self.stage, bet))
        demand(paid - staked == house, "what players won is not what the house lost", paid - staked, house)
        return staked, paid


class _Items:
    """Reads single things again, for `tools.reconcile`."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def bets(self, user_id: str) -> list[Item]:
        return [i for i in self._stage.items("bet") if i["pk"] == f"USER#{user_id}" and i["sk"].startswith("BET#")]

    def holds(self, user_id: str) -> list[Item]:
        return [i for i in self._stage.items("wallet") if i["pk"] == f"USER#{user_id}" and i["sk"].startswith("HOLD#")]

    def result(self, market_id: str) -> Item | None:
        return self._stage.item("bet", f"RESULT#{market_id}", "RESULT") or None


def _id(bet: Bet) -> str:
    assert bet.told is not None
    return str(bet.told["id"])


def _own(stage: Stage, bet: Bet) -> list[str]:
    return [account for account in stage.moved[_id(bet)] if account not in PARTS]


def _ladder(accepted_at: str) -> dict[str, Any] | None:
    day = date.fromisoformat(accepted_at[:10]).isoformat()
    rows = [row for row in _LADDERS if row["from"] <= day]
    return rows[-1] if rows else None
