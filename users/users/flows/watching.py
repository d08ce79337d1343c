"""Marks of harm, from what happens to a player: counted once an event; a person is asked where they weigh enough."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from betsafi import clock
from betsafi.dynamodb import ConditionFailed, Item
from betsafi.errors import Contention, NotFound
from betsafi.ids import derive_id
from users import harm, wallet_api, wording
from users.harm import Hit
from users.stores import markers, records

_TRIES = 5
_STOPS: Mapping[str, Item] = {
    "TIME_OUT": {"kind": "TIME_OUT", "by": "PLAYER"},
    "EXCLUSION": {"kind": "EXCLUSION", "by": "PLAYER"},
    "REGISTER": {"kind": "EXCLUSION", "by": "REGULATOR"},
}
"""What a stop is as an intervention, by its kind."""


def deposited(event_id: str, at: str, user_id: str, cents: int) -> None:
    """Count a deposit that was paid. Raises Contention, Unavailable: then the same event again goes on."""
    lost = wallet_api.lost_today(user_id)
    moment = clock.parse_stamp(at)
    _count(event_id, at, user_id, lambda hits: harm.marks_of_deposit(moment, cents, lost, hits), deposit=True)


def declined(event_id: str, at: str, user_id: str) -> None:
    """Count a deposit for which the player's M-Pesa had too little. Raises Contention."""
    _count(event_id, at, user_id, lambda _: ["DECLINED_DEPOSIT"])


def limit_raised(event_id: str, at: str, user_id: str) -> None:
    """Count a looser limit that came into force. Raises Contention."""
    _count(event_id, at, user_id, lambda _: ["RAISED_LIMIT"])


def protected(event_id: str, at: str, user_id: str, stop_kind: str) -> None:
    """Keep in the intervention log that a player stopped themselves, or that a register has them."""
    facts = {**_STOPS[stop_kind], "why": stop_kind}
    with suppress(ConditionFailed, NotFound):  # it is kept, by an earlier delivery; or the player was erased
        line = records.put_record(records.INTERVENTION, user_id, derive_id("stop", user_id, event_id), facts, at)
        records.keep(user_id, line)


def _count(
    event_id: str, at: str, user_id: str, find: Callable[[Sequence[Hit]], list[str]], *, deposit: bool = False
) -> None:
    """Count what happened to a player, once; of who is not there nothing is counted. Raises Contention."""
    for _ in range(_TRIES):
        seen = markers.find_markers(user_id)
        before = harm.recent((seen or {"hits": []})["hits"], clock.now())
        if any(hit["id"] == event_id for hit in before):
            return
        found = find(before)
        if not found and not deposit:
            return
        new = [{"id": event_id, "mark": mark, "at": at, "deposit": deposit} for mark in found or [""]]
        hits = harm.recent([*before, *new], clock.now())
        try:
            if _kept(user_id, seen, hits, event_id):
                return
        except NotFound:
            return
    raise Contention(wording.BUSY)


def _kept(user_id: str, seen: Item | None, hits: list[Hit], event_id: str) -> bool:
    """Keep the hits, and ask for a person where those that nobody has looked at weigh enough, once."""
    changes: Item = {"hits": hits, "score": harm.score(harm.reasons(hits))}
    new = harm.reasons(hits, (seen or {}).get("looked_at", ""))
    if harm.score(new) < harm.THRESHOLD or (seen and "queue" in seen):
        return markers.put_markers(user_id, seen, changes)
    why = ", ".join(f"{mark} {times}" for mark, times in sorted(new.items()))
    facts = {"kind": "MARKED", "by": "SYSTEM", "why": why}
    line = records.put_record(records.INTERVENTION, user_id, derive_id("marked", user_id, event_id), facts)
    return markers.put_markers(user_id, seen, {**changes, "queue": markers.HARM, "at": clock.stamp()}, line)
