"""A note goes out by a channel: once, outside of quiet hours, if it still is the newest about its subject.

A carrier that does not take it now is tried again after seconds, then less and less; after some tries, and at once
where it refuses for good, it is the next channel's turn. The last channel is tried until its queue gives up.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from betsafi.dynamodb import Item
from betsafi.errors import Erased
from betsafi.queue import handle_tries
from betsafi.settings import FromZero, read_settings
from betsafi.telemetry import count, logger
from notifications import queues, users_api
from notifications.carriers.base import CarrierUnavailable, Undeliverable
from notifications.categories import RULES, Category, Channel
from notifications.queues import Queued
from notifications.stores import allowances, inbox, players

Send = Callable[[Item], str]
"""Hand a note over, at least once; return under which id the carrier will report of it, or "".

Raises Undeliverable, CarrierUnavailable.
"""

_TRIES = 6
"""Of a channel before the next one's turn: two minutes."""


@dataclass(frozen=True)
class Settings:
    """How many messages of a category go out to a player on a day; the others stay in the inbox."""

    daily_bets: FromZero = 50
    daily_offers: FromZero = 1
    daily_reminders: FromZero = 3


settings = read_settings(Settings)
_LIMITS: dict[Category, int] = {
    "BETS": settings.daily_bets,
    "OFFERS": settings.daily_offers,
    "REMINDERS": settings.daily_reminders,
}


def sender(send: Send) -> Callable[..., dict[str, Any]]:
    """Return the handler of a channel's function."""

    def handler(event: Mapping[str, Any], context: object = None) -> dict[str, Any]:
        return handle_tries(event, lambda body, tries: deliver(Queued.of(body), send, tries))

    return handler


def deliver(queued: Queued, send: Send, tries: int) -> None:
    """Send one note, which came for the how manieth time. Raises what did not work and is to be tried again."""
    if queued.waits():
        queues.put([queued])
        return
    note = inbox.claim(queued.user_id, queued.note_id, queued.channel)
    if note is None:
        return
    try:
        if why := _kept_back(note, queued.category):
            inbox.mark_kept(note, why)
            return
        carrier_id = send(note)
    except Erased:
        inbox.mark_kept(note, Erased.code)
    except Undeliverable as refusal:
        _untaken(note, queued.channel, refusal.code)
    except Exception as error:
        if not isinstance(error, CarrierUnavailable) or tries < _TRIES or not note.get("left"):
            inbox.give_back(note)
            raise
        _untaken(note, queued.channel, str(error))
    else:
        inbox.mark_sent(note, carrier_id)
        count("MessageSent", channel=queued.channel)


def _untaken(note: Item, channel: Channel, code: str) -> None:
    inbox.mark_untaken(note, code)
    count("MessageUntaken", channel=channel)
    logger.info("message not taken", note_id=note["note_id"], template=note["template"], channel=channel, error=code)


def _kept_back(note: Item, category: Category) -> str:
    """Return why a note stays in the inbox alone, though it has a channel; "" where it goes out."""
    user_id = note["user_id"]
    if RULES[category].consent:
        standing = players.standing(user_id, "")
        if not standing.takes_offers(users_api.contact(user_id)):
            return "NOT_WANTED"
    limit = _LIMITS.get(category)
    if limit is not None and not allowances.take(user_id, category, note["note_id"], limit):
        return "LIMIT"
    return ""
