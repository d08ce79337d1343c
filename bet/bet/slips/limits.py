"""What one bet may be. Cents."""

from dataclasses import dataclass

from bet.markets import limits
from bet.slips.price import Limits
from betsafi.settings import read_settings


@dataclass(frozen=True)
class Settings:
    """What a stake may be; what a bet may pay is a matter of the guards that carry it (`markets/limits.py`)."""

    min_stake_cents: int = 2_000
    max_stake_cents: int = 50_000_000

    def __post_init__(self) -> None:
        """Raise ValueError for limits that no bet could keep."""
        if not self.min_stake_cents <= self.max_stake_cents <= limits.settings.max_payout_cents:
            raise ValueError("MIN_STAKE_CENTS, MAX_STAKE_CENTS and MAX_PAYOUT_CENTS must ascend")


def bet_limits() -> Limits:
    """Return what one bet may be."""
    return Limits(settings.min_stake_cents, settings.max_stake_cents, limits.settings.max_payout_cents)


settings = read_settings(Settings)
