"""The tiers of competitions: they decide what a market may cost, and over how many guards it is split. No I/O."""

from typing import Literal, get_args

Tier = Literal["SMALL", "STANDARD", "POPULAR"]
TIERS: tuple[Tier, ...] = get_args(Tier)
