"""What markets may cost. Cents.

A market has one limit for each selection: what all open bets with that selection would pay together never exceeds
it. The limit is split over the market's guards, and no part is below the largest payout of one bet.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from bet.markets.tiers import TIERS, Tier
from betsafi.settings import read_settings

MAX_GUARDS = 16


@dataclass(frozen=True)
class Split:
    """A selection's limit and over how many guards it is split."""

    limit_cents: int
    guards: int

    @property
    def part_cents(self) -> int:
        """One guard's part of the limit."""
        return self.limit_cents // self.guards


@dataclass(frozen=True)
class Settings:
    """What one bet may pay; for each tier of competition a selection's limit and over how many guards it is split."""

    max_payout_cents: int = 100_000_000
    small_limit_cents: int = 1_000_000_000
    small_guards: int = 2
    standard_limit_cents: int = 5_000_000_000
    standard_guards: int = 4
    popular_limit_cents: int = 20_000_000_000
    popular_guards: int = 8

    def __post_init__(self) -> None:
        """Raise ValueError for a guard that could not carry the largest payout."""
        for tier in TIERS:
            split = self.split(tier)
            if not 1 <= split.guards <= MAX_GUARDS:
                raise ValueError(f"{tier}_GUARDS is 1 to {MAX_GUARDS}")
            if split.part_cents < self.max_payout_cents:
                raise ValueError(f"{tier}_LIMIT_CENTS by {tier}_GUARDS is below MAX_PAYOUT_CENTS")

    def split(self, tier: Tier) -> Split:
        """Return how a new market of this tier is limited."""
        name = tier.lower()
        return Split(getattr(self, f"{name}_limit_cents"), getattr(self, f"{name}_guards"))


def split(tier: Tier) -> Split:
    """Return how a new market of this tier is limited."""
    return settings.split(tier)


def resplit(parts: Sequence[tuple[int, int]], wanted: int) -> list[int]:
    """Return the parts (cents) of a market's limit when it has up to `wanted` guards, those it has first.

    `parts`: (limit, reserved) of each guard that it has. The sum stays the same; no part is below what its guard has
    reserved, and none of the new ones below the largest payout of one bet.
    """
    whole = sum(limit for limit, _ in parts)
    for guards in range(min(wanted, MAX_GUARDS), len(parts), -1):
        kept = [max(whole // guards, reserved) for _, reserved in parts]
        part = (whole - sum(kept)) // (guards - len(parts))
        if min(part, whole // guards) >= settings.max_payout_cents:
            return kept + [part] * (guards - len(parts))
    return [limit for limit, _ in parts]


settings = read_settings(Settings)
