"""What one bet may be: the rows of limits.json, each from a day in Nairobi on. No I/O but for that file. Cents.

What a bet may pay is also a matter of the guards that carry it (`markets/limits.py`), whose `max_payout_cents` no row
passes, and of the player's account, which counts what is promised for a day.
"""

import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from bet.markets import limits as markets
from bet.markets.tiers import TIERS, Tier
from bet.slips.price import Limits
from bet.slips.slip import MAX_LEGS
from betsafi.money import MAX_CENTS

_KEYS = {
    "from", "minStakeCents", "minLineStakeCents", "maxLegs", "maxLines", "maxTotalOdds", "maxPayoutOfDayCents",
    "anyFloorPercent", "tiers",
}  # fmt: skip


class FaultyLimits(ValueError):
    """limits.json cannot be used; the message names the row's day and what is wrong."""


class Row(NamedTuple):
    """Limits from a day on; `by_tier` for bets with a leg in a competition of that tier."""

    since: date
    by_tier: dict[Tier, Limits]


def read_rows(rows: Iterable[Any]) -> tuple[Row, ...]:
    """Return limits as configuration has them, oldest first as they must be given. Raises FaultyLimits."""
    found = tuple(map(_row, rows))
    days = [row.since for row in found]
    if not found or days != sorted(set(days)):
        raise FaultyLimits("rows stand oldest first, each with a day of its own")
    return found


def limits_for(day: date, tiers: Iterable[str]) -> Limits:
    """Return what a bet with legs of these tiers may be on a day: the strictest. The first row holds before it too."""
    row = next((row for row in reversed(ROWS) if row.since <= day), ROWS[0])
    of = [limits for tier, limits in row.by_tier.items() if tier in set(tiers)] or list(row.by_tier.values())[-1:]
    return of[0]._replace(
        max_stake_cents=min(each.max_stake_cents for each in of),
        max_payout_cents=min(markets.settings.max_payout_cents, *(each.max_payout_cents for each in of)),
    )


def _row(row: Any) -> Row:
    if not isinstance(row, dict) or row.keys() != _KEYS or row["tiers"].keys() != set(TIERS):
        raise FaultyLimits(f"a row has {', '.join(sorted(_KEYS))}, and tiers {', '.join(TIERS)}")
    by_tier = {tier: _limits(row, row["tiers"][tier]) for tier in TIERS}
    for limits in by_tier.values():
        counts = all(type(value) is int and 1 <= value <= MAX_CENTS for value in limits)
        ascend = counts and limits.min_stake_cents <= limits.max_stake_cents <= limits.max_payout_cents
        if not (ascend and limits.max_payout_cents <= limits.max_payout_of_day_cents):
            raise FaultyLimits(f"{row['from']}: stakes, the payout of a bet and that of a day are cents, and ascend")
        if limits.max_legs > MAX_LEGS or limits.any_floor_percent > 100:
            raise FaultyLimits(f"{row['from']}: maxLegs is at most {MAX_LEGS}, anyFloorPercent at most 100")
    return Row(date.fromisoformat(row["from"]), by_tier)


def _limits(row: dict[str, Any], of_tier: dict[str, Any]) -> Limits:
    return Limits(
        row["minStakeCents"],
        of_tier["maxStakeCents"],
        of_tier["maxPayoutCents"],
        row["maxPayoutOfDayCents"],
        row["maxLegs"],
        row["maxTotalOdds"],
        row["maxLines"],
        row["minLineStakeCents"],
        row["anyFloorPercent"],
    )


ROWS = read_rows(json.loads(Path(__file__).with_name("limits.json").read_text()))
"""Oldest first. A change is a new row, whose day has not come when it is deployed."""
