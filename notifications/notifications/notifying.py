"""What happened to a player becomes a note in the inbox and, where it matters, one message.

Of two facts about one bet, payment or status the player is notified only of the newer one, in whatever order they come.
The note is written before the message is sent and marked after: a crash between sending and marking may repeat the
message when the event comes again, but never lose it.
"""

from betsafi.dynamodb import Item
from betsafi.errors import Contention
from betsafi.telemetry import logger
from notifications import carriers, templates, users_api
from notifications.messages import Fact, message
from notifications.models import Channel, Contact
from notifications.stores import inbox

_TRIES = 5


def notify(fact: Fact) -> None:
    """Keep the fact's note and send its message, unless a newer fact about the same thing, or an earlier delivery, did.

    Raises what the users service and the carriers raise, for the queue to try again; an unknown player too; Contention.
    """
    for _ in range(_TRIES):
        earlier = inbox.find(fact.user_id, fact.subject)
        if earlier is not None and earlier["version"] > fact.version:
            logger.info("older fact passed over", subject=fact.subject, version=fact.version)
            return
        if earlier is not None and fact.is_in(earlier) and earlier["delivery"] != "PENDING":
            return
        contact = users_api.contact(fact.user_id)
        if (note := _kept(earlier, fact, contact)) is None:
            continue
        if note["delivery"] == "PENDING":
            _deliver(note, contact)
        return
    raise Contention("Another process is notifying the player of this.")


def _kept(earlier: Item | None, fact: Fact, contact: Contact) -> Item | None:
    """Return the fact's own note, kept now or by an earlier delivery; None if another came in between."""
    if earlier is not None and fact.is_in(earlier):
        return earlier
    template, cents = message(fact, earlier)
    words = templates.render(template, contact.language, cents)
    return inbox.keep_note(earlier, fact, template, words, _channel(template, contact))


def _channel(template: str, contact: Contact) -> Channel:
    if template not in templates.TO_THE_PHONE:
        return "INBOX"
    return carriers.carrier_for(contact).channel


def _deliver(note: Item, contact: Contact) -> None:
    carrier = carriers.carrier_for(contact)
    try:
        carrier.send(contact, note["title"], note["text"])
    except carriers.Undeliverable as refusal:
        inbox.mark_failed(note, carrier.channel, refusal.code)
        logger.info("message refused", note_id=note["note_id"], template=note["template"], error=refusal.code)
    else:
        inbox.mark_sent(note, carrier.channel)
