"""Marks of harm by betting: what they are, what each weighs, and when they ask for a person. No I/O.

They are counted from what is paid in, a few events a day of a player, and not from each bet: a deposit asks the wallet
what was lost on that day. A mark is kept for thirty days. What each weighs is the operator's to set; the numbers here
follow no regulator, for Kenya's has published none.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from betsafi import clock

WEIGHTS = {
    "DEPOSIT_AFTER_LOSS": 2,  # paid in on a day on which at least as much was lost
    "CHASING": 3,  # the third deposit, or a later one, within a day, after a loss
    "NIGHT_PLAY": 1,  # paid in from midnight to five in the morning
    "DECLINED_DEPOSIT": 1,  # M-Pesa had too little for a deposit
    "RAISED_LIMIT": 2,  # a looser limit was confirmed
}
"""What a mark adds to the score, by its name."""
THRESHOLD = 10
"""From this score on, a person looks at the player."""
WINDOW = timedelta(days=30)
CHASING_DEPOSITS, CHASING_WITHIN = 3, timedelta(days=1)
NIGHT_ENDS = 5
MOST_HITS = 100
"""Of the newest that are kept of a player; a score that needs more has passed the threshold long before."""
NO_MONEY = "MPESA_BALANCE_INSUFFICIENT"

Hit = Mapping[str, Any]
"""A mark with its `id` (the event's), its `mark` and when it was `at`; a deposit without a mark has none, for a day."""


def marks_of_deposit(at: datetime, cents: int, lost_today: int, hits: Sequence[Hit]) -> list[str]:
    """Return the marks of a deposit, after what was seen of the player before; `lost_today` in cents."""
    since = clock.stamp(at - CHASING_WITHIN)
    deposits = 1 + len({hit["id"] for hit in hits if hit["deposit"] and hit["at"] >= since})
    found = {
        "DEPOSIT_AFTER_LOSS": lost_today >= cents,
        "CHASING": lost_today > 0 and deposits >= CHASING_DEPOSITS,
        "NIGHT_PLAY": at.astimezone(clock.NAIROBI).hour < NIGHT_ENDS,
    }
    return [mark for mark, holds in found.items() if holds]


def recent(hits: Iterable[Hit], now: datetime) -> list[Hit]:
    """Return the hits that still count, the newest of them."""
    since = clock.stamp(now - WINDOW)
    return sorted((hit for hit in hits if hit["at"] >= since), key=lambda hit: str(hit["at"]))[-MOST_HITS:]


def reasons(hits: Iterable[Hit], after: str = "") -> dict[str, int]:
    """Return how often there is each mark, of those after a moment."""
    return dict(Counter(hit["mark"] for hit in hits if hit["mark"] and hit["at"] > after))


def score(counted: Mapping[str, int]) -> int:
    """Return what marks weigh together."""
    return sum(WEIGHTS[mark] * times for mark, times in counted.items())
