"""The switch of all betting: one item, which traders turn, and which is read with the markets of every slip.

So it costs a bet no call, and is no older than the prices that the bet is taken at.
"""

from bet.table import BETTING, table
from betsafi import clock
from betsafi.dynamodb import ANY, Item, Put, Write
from betsafi.telemetry import trace


def is_open(switch: Item | None) -> bool:
    """Return whether bets are taken, as the switch has it: they are where nobody ever turned it."""
    return switch is None or bool(switch["open"])


def now_open() -> bool:
    """Return whether bets are taken at this moment, read consistently."""
    return is_open(table.get(BETTING))


def turn(wanted: bool, *also: Write) -> None:
    """Let bets be taken, or none any more, and write `also`."""
    pk, sk = BETTING
    table.transact(Put({"pk": pk, "sk": sk, "open": wanted, "changed_at": clock.stamp(), "trace": trace()}, ANY), *also)
