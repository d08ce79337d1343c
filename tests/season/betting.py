"""The slips that players fill in: singles, multis and systems with and without bankers, on games of one round."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import comb
from random import Random
from typing import Any

_KINDS = {"TRIXIE": (3, (2, 3)), "PATENT": (3, (1, 2, 3)), "YANKEE": (4, (2, 3, 4)), "LUCKY_15": (4, (1, 2, 3, 4))}
"""Named systems: their legs, and how many of these each line has."""
_STAKES = (2_000, 5_000, 10_000, 10_001, 13_700, 25_050)

Prices = Mapping[str, Mapping[str, str]]
"""Odds by outcome, by market."""


@dataclass
class Bet:
    """What a player asked for and was told, in the judge's terms. `odds` of its legs change if it is priced anew."""

    user_id: str
    request_id: str
    stake: int
    legs: list[tuple[str, str]]
    odds: list[str]
    ks: tuple[int, ...]
    bankers: tuple[int, ...]
    system: dict[str, Any] | None
    told: dict[str, Any] | None = None
    refused: str = ""
    accepted_at: str = ""
    voided: bool = False
    fixtures: set[str] = field(default_factory=set)

    @property
    def lines(self) -> int:
        """How many lines it has."""
        return sum(comb(len(self.legs) - len(self.bankers), k) for k in self.ks)

    def asked(self) -> dict[str, Any]:
        """Return the input of `placeBet`."""
        return {
            "clientRequestId": self.request_id,
            "stake": {"currency": "KES", "amount": f"{self.stake // 100}.{self.stake % 100:02d}"},
            "selections": [
                {"marketId": market, "selectionId": f"{market}/{outcome}", "odds": odds}
                for (market, outcome), odds in zip(self.legs, self.odds, strict=True)
            ],
            "oddsPolicy": "NONE",
            "system": self.system,
        }


def draw(number: int, user_id: str, games: Sequence[Prices], random: Random) -> Bet:
    """Return a slip on some of these games, one leg a game; three in ten are systems."""
    kind = random.choices(("single", "multi", "system"), (34, 36, 30))[0]
    wanted = 1 if kind == "single" else random.randint(2, 6) if kind == "multi" else random.randint(3, 6)
    if len(games) < 3:
        kind, wanted = "multi", min(wanted, len(games))
    chosen = random.sample(games, min(wanted, len(games)))
    ks: tuple[int, ...] = (len(chosen),)
    bankers: tuple[int, ...] = ()
    system = None
    if kind == "system":
        chosen, ks, bankers, system = _system(chosen, random)
    picks = [_pick(prices, random) for prices in chosen]
    legs, odds = [(market, outcome) for market, outcome, _ in picks], [odds for _, _, odds in picks]
    lines = sum(comb(len(legs) - len(bankers), k) for k in ks)
    stake = max(random.choice(_STAKES), lines * 100)
    return Bet(user_id, f"season-{number}", stake, legs, odds, ks, bankers, system)


def _system(chosen: list[Prices], random: Random) -> tuple[list[Prices], tuple[int, ...], tuple[int, ...], Any]:
    """Return the games, the system in the judge's terms, and as it is asked for."""
    if random.random() < 0.3:
        name = random.choice([name for name, (legs, _) in _KINDS.items() if legs <= len(chosen)])
        legs, ks = _KINDS[name]
        return chosen[:legs], ks, (), {"kind": name}
    bankers = tuple(sorted(random.sample(range(len(chosen)), random.choice((0, 0, 1, min(2, len(chosen) - 2))))))
    others = len(chosen) - len(bankers)
    if random.random() < 0.2:
        ks = (others - 1, others)
        return chosen, ks, bankers, {"ks": list(ks), "bankers": list(bankers) or None}
    k = random.randint(1, others - 1)
    return chosen, (k,), bankers, {"k": k, "bankers": list(bankers) or None}


def _pick(prices: Prices, random: Random) -> tuple[str, str, str]:
    market, odds = random.choice(list(prices.items()))
    outcome = random.choices(list(odds), [1 / float(each) for each in odds.values()])[0]
    return market, outcome, odds[outcome]
