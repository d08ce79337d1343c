"""Slips whose right payout is published, or was worked out in fractions: for the product and for the calculator.

Where a page rounds before the end, the exact value stands here and the comment says what the page has.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

JAMBO_BET = {
    "from": "2026-01-01",
    "base": "RETURN",
    "leastOdds": "1.50",
    "tiers": [
        {"legs": legs, "percent": percent} for legs, percent in ((3, 5), (5, 10), (7, 15), (8, 20), (9, 25), (10, 30))
    ],
    "mostCents": None,
}
"""https://www.jambo.bet/Promotion/draw/hy/multibonus.html: "on winnings", but computed on the return."""

EASY_WIN = {
    "from": "2026-01-01",
    "base": "WINNINGS",
    "leastOdds": "1.20",
    "tiers": [{"legs": 3, "percent": 5}, {"legs": 4, "percent": 10}, {"legs": 5, "percent": 20}],
    "mostCents": None,
}
"""https://easy.win/SportsBook/help"""

ODDS_BONUS = {
    "from": "2026-01-01",
    "base": "RETURN",
    "leastOdds": "1.01",
    "tiers": [{"legs": 2, "percent": 10}],
    "mostCents": 2_000_000,
}
"""https://www.sportsbettingoffers.net/sbo/?oid=8126: its tiers are by total odds, ours by legs; the sum is the same."""


@dataclass(frozen=True)
class Case:
    """A slip and what it pays, in shillings; legs are "odds result", with a dead heat "odds result 1/3"."""

    name: str
    stake: str
    legs: tuple[str, ...]
    payout: str
    outcome: str = "WON"
    k: int | None = None
    ladder: Mapping[str, Any] | None = None
    bonus: str = "0.00"

    def kept_legs(self) -> list[dict[str, Any]]:
        """Return the legs as bets keep them."""
        return [
            {"odds": odds, "result": result, **({"dead_heat": shared[0]} if shared else {})}
            for odds, result, *shared in map(str.split, self.legs)
        ]

    def asked(self) -> dict[str, Any]:
        """Return what the calculator is asked."""
        legs = [
            {"odds": leg["odds"], "result": leg["result"], "deadHeat": leg.get("dead_heat")} for leg in self.kept_legs()
        ]
        system = None if self.k is None else {"k": self.k, "bankers": []}
        return {"stake": self.stake, "system": system, "legs": legs, "bonus": self.ladder}


_DEAD_HEAT = "https://stoiximan.zendesk.com/hc/en-cy/articles/360018683298"
_QUARTERS = "https://cs.help.pinnaclesports.com/en/support/solutions/articles/1000116864"
_CANCELLED = "https://www.fixusjobs.com/what-will-happen-if-sportpesa-jackpot-game-is-cancelled-or-postponed/"
_JAMBO = "https://www.jambo.bet/Promotion/draw/hy/multibonus.html"
_EASY = "https://easy.win/SportsBook/help"
_ODDS = "https://www.sportsbettingoffers.net/sbo/?oid=8126"

_TAXES = (
    "https://www.yogonet.com/international/news/2025/10/15/"
    "115817-kenya-betting-taxes-set-to-more-than-double-despite-rate-cuts"
)

ELSEWHERE = {
    _QUARTERS: "tests/unit/bet/markets/test_outcomes.py",
    _TAXES: "tests/unit/payment/test_taxes.py",
}
"""Published examples that are not of a slip alone, with the file that has them."""

NOT_OFFERED = {
    "https://mozzartaffiliates.com/campaigns/current-campaigns/mozzart-refunds-3/": "a refund where one leg lost",
    "https://www.betika.com/help/support/jackpot-bets": "jackpots",
    "https://m.easywin.ke/Help/jackpot": "jackpots",
    "https://blog.coinsaga.com/sport-betting/guide/what-is-a-cash-out-in-betting": "cash-out",
    "https://blog.mid.bet/promo/hot-to-use-cashout": "cash-out",
    "https://canadatopslots.com/cashout-features-in-sportsbooks-when-to-use-them": "cash-out",
}
"""Published examples of what there is not: whoever builds it moves its row to the tests."""

CASES = (
    # 10 * 3/2 * 2.2 * 1.91 * 2.5 = 157.575
    Case("multi, one half won", "10", ("2.0 HALF_WON", "2.2 WON", "1.91 WON", "2.5 WON"), "157.57"),
    # 10 * 3/2 * 8/5 * 4.775 = 114.6; 10 * 1/4 * 4.775 = 11.9375 (one page rounds it up)
    Case("multi, two half won", "10", ("2.0 HALF_WON", "2.2 HALF_WON", "1.91 WON", "2.5 WON"), "114.60"),
    Case("multi, two half lost", "10", ("2.0 HALF_LOST", "2.2 HALF_LOST", "1.91 WON", "2.5 WON"), "11.93"),
    # 100 * 9.373 * 1/4 = 234.325
    Case("multi, floored once", "100", ("2.060 WON", "4.550 WON", "1.80 HALF_LOST", "3.10 HALF_LOST"), "234.32"),
    # -0.75 at 1-0, when the goals before do not count: then 2-0 (d = 1.25), 1-0 (d = 0.25), 0-0 (d = -0.75)
    Case("live handicap, final 3-0", "100", ("1.80 WON",), "180.00"),
    Case("live handicap, final 2-0", "100", ("1.80 HALF_WON",), "140.00"),
    Case("live handicap, final 1-0", "100", ("1.80 LOST",), "0.00", "LOST"),
    # places over those who share them: 1/3, 2/4, 3/6
    Case("dead heat, three for one place", "60", ("6 WON 1/3",), "120.00"),
    Case("dead heat, four for two places", "60", ("6 WON 2/4",), "180.00"),
    Case("dead heat, six for three places", "50", ("3 WON 3/6",), "75.00"),
    Case("dead heat, 10 on three for one", "10", ("6 WON 1/3",), "20.00"),
    # A third of the stake at full odds, the rest lost: 30 * 1/3 * 4 = 40
    Case(f"dead heat, {_DEAD_HEAT}", "30", ("4 WON 1/3",), "40.00"),
    # 200 a line: 3.8 + 4.75 + 5
    Case("system 2/3", "600", ("1.90 WON", "2.00 WON", "2.50 WON"), "2710.00", k=2),
    Case("system 2/3, first lost", "600", ("1.90 LOST", "2.00 WON", "2.50 WON"), "1000.00", k=2),
    Case("system 2/3, second lost", "600", ("1.90 WON", "2.00 LOST", "2.50 WON"), "950.00", k=2),
    Case("system 2/3, third lost", "600", ("1.90 WON", "2.00 WON", "2.50 LOST"), "760.00", k=2),
    # 200 * (1.9 + 4.75 + 2.5)
    Case("system 2/3, one void", "600", ("1.90 WON", "2.00 VOID", "2.50 WON"), "1830.00", k=2),
    Case("ruled won, 500 at 1.90", "500", ("1.90 WON",), "950.00"),
    Case("ruled void, 500 at 1.90", "500", ("1.90 VOID",), "500.00", "VOID"),
    Case("a won leg that was voided", "3562", ("2.18 WON", "1.75 VOID"), "7765.16"),
    # +0.75, losing 0-1: half lost, half push; under 5.25 with five goals: half push, half won
    Case(f"quarter handicap, {_QUARTERS}", "100", ("1.95 HALF_LOST",), "50.00"),
    Case(f"quarter total, {_QUARTERS}", "100", ("1.95 HALF_WON",), "147.50"),
    Case(f"cancelled single, {_CANCELLED}", "100", ("2.40 VOID",), "100.00", "VOID"),
    Case(f"cancelled leg, {_CANCELLED}", "100", ("2.40 VOID", "1.50 WON"), "150.00"),
    # 500 * 18.6048 = 9302.40, and 930.24; the page rounds the odds to 18.6 first and has 9,300 + 930 = 10,230
    Case(
        f"five legs, {_JAMBO}", "500", tuple(f"{odds} WON" for odds in ("1.6", "1.7", "1.8", "1.9", "2")),
        "10232.64", ladder=JAMBO_BET, bonus="930.24",
    ),
    # (100 * 16 - 100) * 10 %; with one void a 3-fold, (100 * 8 - 100) * 5 %
    Case(f"four legs, {_EASY}", "100", ("2 WON",) * 4, "1750.00", ladder=EASY_WIN, bonus="150.00"),
    Case(f"one of them void, {_EASY}", "100", ("2 WON",) * 3 + ("2 VOID",), "835.00", ladder=EASY_WIN, bonus="35.00"),
    # 1,000 * 10 = 10,000, and 10 % of it; the cap is 20,000
    Case(f"total odds 10, {_ODDS}", "1000", ("4 WON", "2.5 WON"), "11000.00", ladder=ODDS_BONUS, bonus="1000.00"),
    Case(f"at the cap, {_ODDS}", "30000", ("4 WON", "2.5 WON"), "320000.00", ladder=ODDS_BONUS, bonus="20000.00"),
)  # fmt: skip
"""Every case; the sources' own words are in their addresses."""
