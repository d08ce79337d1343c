"""Who a player is: what they say of themselves, asked of a register, and what each state lets them do.

What they say is sealed before it is written, and its document is claimed under an HMAC, once in all accounts, when the
register knows them by it: whoever tries numbers hears what the register says of them, and not who plays here. A queue
does the asking, so that a slow register keeps nobody waiting; a message is sent before and after the write.
"""

import json
from typing import Any

from betsafi import clock, ids, queue
from betsafi.dynamodb import Item
from betsafi.errors import Unavailable
from users import models, rules, vault, wording
from users.flows import reaching
from users.models import Document
from users.registers import identity as register
from users.stores import identity, people
from users.stores.asks import too_often

A_DAY = 5
"""So many documents a player may show in a day: each is a question that costs."""
LATER_SECONDS = 60
_REASONS = {"MISMATCH": "DETAILS_DIFFER", "UNKNOWN": "DOCUMENT_UNKNOWN"}


def submit(queue_url: str, user_id: str, document: Document) -> Item:
    """Take what a player says of themselves, and have the register asked; return how it stands.

    Each counts, whatever comes of it; the same again, while it is looked at or once it is verified, does not. Raises
    NotFound, UnderAge, Conflict and its kinds (a verified identity does not change), Unavailable (no register, or KMS
    does not answer).
    """
    people.get_profile(user_id)
    models.birthdate(document.birthdate, clock.now().astimezone(clock.NAIROBI).date())
    seen, print_ = identity.find_identity(user_id), vault.mac(json.dumps(document.named, sort_keys=True))
    if seen["state"] in (rules.PENDING, rules.VERIFIED):
        if seen["fingerprint"] != print_:
            raise identity.Meanwhile(wording.IDENTITY_DECIDED)
        if seen["state"] == rules.PENDING:
            _tell(queue_url, user_id, seen["version"], 0)
        return seen
    if not register.is_there():
        raise Unavailable(wording.NOT_NOW)
    day = clock.now().astimezone(clock.NAIROBI).date().isoformat()
    asks = 1 + (seen["asks"] if seen.get("day") == day else 0)
    if asks > A_DAY:
        raise too_often(wording.TOO_MANY_DOCUMENTS, A_DAY)
    known_by, sealed = vault.mac(document.claimed), vault.seal(user_id, document.named)
    _tell(queue_url, user_id, seen["version"] + 1, LATER_SECONDS)
    submitted = identity.submit_identity(seen, known_by, sealed, print_, day, asks)
    _tell(queue_url, user_id, submitted["version"], 0)
    return submitted


def verify(message: dict[str, Any]) -> None:
    """Ask the register about an identity that waits, and keep what it says; raises while it does not answer."""
    user_id = message["userId"]
    seen = identity.find_identity(user_id)
    if seen["version"] == message["version"] and seen["state"] == rules.PENDING:
        reaching.reach(user_id)
        document = Document(**vault.unseal(user_id, seen["sealed"]))
        answer = register.ask(document)
        if answer == "MATCH":
            _verify(seen, document.birthdate)
        else:
            identity.reject_identity(seen, _REASONS[answer])
    if seen["version"]:
        reaching.reach(user_id)


def _verify(seen: Item, birthdate: str) -> None:
    try:
        identity.verify_identity(seen, birthdate)
    except identity.DocumentTaken:
        identity.reject_identity(seen, reason="DOCUMENT_TAKEN")


def _tell(queue_url: str, user_id: str, version: int, seconds: int) -> None:
    message = json.dumps({"userId": user_id, "version": version, "id": ids.derive_id("identity", user_id, version)})
    queue.send_all(queue_url, [message], seconds)
