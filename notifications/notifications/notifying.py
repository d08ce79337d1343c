"""What happened to a player becomes a note in the inbox and, where it matters, goes out by one channel.

Of two facts about one bet, payment or status the player is notified only of the newer one, in whatever order they come.
Here the note alone is written, with the channels that it is for; the table's stream puts it on its channel's queue.
"""

from betsafi import mail
from betsafi.errors import Contention, Erased
from betsafi.settings import read_settings
from betsafi.telemetry import logger
from notifications import categories, templates, users_api
from notifications.categories import RULES
from notifications.messages import Fact, Message, message
from notifications.models import Contact
from notifications.stores import inbox, players
from notifications.stores.inbox import Outgoing
from notifications.stores.players import Standing

_TRIES = 5


_E_MAILS = bool(read_settings(mail.Settings).email_from)


def notify(fact: Fact) -> None:
    """Keep the fact's note, unless a newer fact about the same thing, or an earlier delivery, did, or its player was
    erased.

    Raises what the users service raises, for the queue to try again; for an unknown player too; Contention.
    """
    try:
        _notify(fact)
    except Erased:
        logger.info("nobody is there to be told", subject=fact.subject, template=fact.name)


def _notify(fact: Fact) -> None:
    for _ in range(_TRIES):
        standing = players.standing(fact.user_id, fact.subject)
        earlier = standing.note
        if earlier is not None and earlier["version"] > fact.version:
            logger.info("older fact passed over", subject=fact.subject, version=fact.version)
            return
        if earlier is not None and fact.is_in(earlier):
            return
        contact = users_api.contact(fact.user_id)
        outgoing = _outgoing(message(fact, earlier), standing, contact)
        if outgoing is None or inbox.keep_note(earlier, fact, outgoing):
            return
    raise Contention("Another process is notifying the player of this.")


def _outgoing(said: Message, standing: Standing, contact: Contact) -> Outgoing | None:
    """Return the note to keep; None for an offer to somebody who must not get one."""
    template = templates.TEMPLATES[said.template]
    if RULES[template.category].consent and not standing.takes_offers(contact):
        return None
    has: dict[categories.Channel, bool] = {
        "PUSH": bool(standing.preferences.endpoints),
        "SMS": True,
        "EMAIL": _E_MAILS and bool(contact.email),
    }
    channels = categories.route(template.category, standing.preferences.channels, has)
    words = templates.render(said.template, contact.language, said.values)
    return Outgoing(said.template, template.version, words, channels)
