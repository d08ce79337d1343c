"""What keeps a player from paying in: a stop, and limits on deposits by day, week and month. Rules only: no I/O.

A stop of ours is the item's `status`; the player's own, or a register's, is as `betsafi.protection.stop_of` reads it.

A player's item counts what they were prompted for, unless it failed, and what they paid by hand, in a counter of each
window (Nairobi). A deposit must fit into each limit and meet no stop under the condition of the transaction that makes
it; one that fails takes itself out of the windows that it was counted in, whatever windows there are by then.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from betsafi.errors import DomainError
from betsafi.money import format_amount
from betsafi.protection import DEPOSIT_LIMITS, DepositLimitName, Use, stopped, window_ends, windows_at
from payment import wording
from payment.errors import AccountNotActive, DepositLimitReached, IdentityLimit

_KEPT = timedelta(days=3)


def counters_at(moment: datetime) -> list[str]:
    """Return the names of the counters of a moment, by day, week and month."""
    return [f"{window}_{name.replace('-', '')}" for window, name in windows_at(moment).items()]


def forgotten(item: Mapping[str, Any], moment: datetime) -> list[str]:
    """Return the counters of a player whose windows are over since days."""
    first = dict(name.split("_") for name in counters_at(moment - _KEPT))
    found = (name.split("_") for name in item if name.partition("_")[0] in first and name.count("_") == 1)
    return sorted(f"{window}_{name}" for window, name in found if name < first[window])


def rooms(item: Mapping[str, Any], moment: datetime) -> Iterator[tuple[DepositLimitName, int, int]]:
    """Yield, for each limit that is set: its name, the limit and what is left of it, in cents."""
    for name, counter in zip(DEPOSIT_LIMITS, counters_at(moment), strict=True):
        if (limit := item.get("limits", {}).get(name)) is not None:
            yield name, limit, limit - item.get(counter, 0)


def allowed(item: Mapping[str, Any], use: Use) -> int | None:
    """Return how many cents a day a player's identity lets them deposit or withdraw; None: it sets no limit."""
    cents: int | None = item.get("allowed", {}).get(use)
    return cents


def identity_limit(use: Use, limit: int, left: int, ends: str) -> IdentityLimit:
    """Return how what is above that is refused, by what of it is left until the day ends."""
    shown = {"limit": format_amount(limit), "left": format_amount(max(0, left))}
    return IdentityLimit(wording.identity_limit(use, **shown), use=use, **shown, ends=ends)


def why_not(item: Mapping[str, Any], amount_cents: int, moment: datetime) -> DomainError | None:
    """Return why a player may not pay an amount in, or None."""
    return next((refusal for most, refusal in caps(item, moment) if amount_cents > most), None)


def caps(item: Mapping[str, Any], moment: datetime) -> Iterator[tuple[int, DomainError]]:
    """Yield all that bounds a deposit of a player: the most cents that may be paid in, and how more is refused."""
    if (status := item.get("status", "ACTIVE")) != "ACTIVE":
        yield 0, AccountNotActive(wording.may_not_deposit(status))
    if refusal := stopped(item, moment, wording.NO_DEPOSITS):
        yield 0, refusal
    for name, limit, left in rooms(item, moment):
        window = name.partition("_")[2]
        ends = window_ends(window, moment)
        if name == "deposit_day" and limit == allowed(item, "deposit"):
            yield left, identity_limit("deposit", limit, left, ends)
            continue
        shown = {"limit": format_amount(limit), "left": format_amount(max(0, left))}
        yield left, DepositLimitReached(wording.deposit_limit(window, **shown), name=name, **shown, ends=ends)
