"""What traders see of a market, and do to one that takes bets."""

from bet.markets import exposure
from bet.markets.guards import guards_of
from betsafi.dynamodb import Item


def market_exposure(market_id: str) -> Item:
    """Return what a market could cost: by selection over all guards, with the limit of each. Raises NotFound."""
    guards = guards_of(market_id)
    return {
        **{name: guards[0][name] for name in ("market_id", "status", "guards")},
        "limit_cents": sum(guard["limit_cents"] for guard in guards),
        "exposure": {key: sum(exposure.exposure_of(guard, key) for guard in guards) for key in guards[0]["odds"]},
    }
