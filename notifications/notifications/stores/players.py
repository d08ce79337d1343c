"""What is kept of a player beside their notes: what they chose, their apps, and until when they may not play."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from betsafi import clock
from betsafi.dynamodb import ANY, ConditionFailed, Delete, Item, Put, Update, Write, assign
from betsafi.errors import Contention, Erased
from notifications import wording
from notifications.categories import Category, Channel
from notifications.models import Contact, TooManyDevices
from notifications.table import note_key, preferences_key, protection_key, table, token_key

MAX_DEVICES = 10
_TRIES = 5
_LAST = 10**12
"""A version that no other follows, of what must not come back."""


@dataclass(frozen=True)
class Preferences:
    """A player's choices; `endpoints` are SNS's, by what their apps' tokens are known by. Who was `erased` has none."""

    channels: Mapping[Category, Sequence[Channel]] = field(default_factory=dict)
    offers: bool = False
    offers_at: str | None = None
    endpoints: Mapping[str, str] = field(default_factory=dict)
    erased: bool = False

    @classmethod
    def of(cls, item: Item | None) -> "Preferences":
        """Read the item; who chose nothing has none."""
        item = item or {}
        if "erased" in item:
            return cls(erased=True)
        return cls(
            item.get("channels", {}), item.get("offers", False), item.get("offers_at"), item.get("endpoints", {})
        )


@dataclass(frozen=True)
class Standing:
    """What counts when a player is to be notified of a subject: the newest note about it, their choices, and whether
    they may play now."""

    note: Item | None
    preferences: Preferences
    stopped: bool

    def takes_offers(self, contact: Contact) -> bool:
        """Return whether the player may be sent offers now: asked for them, may play, and has an active account."""
        return self.preferences.offers and not self.stopped and contact.active


def standing(user_id: str, subject: str) -> Standing:
    """Return how a player stands, in one look. Raises Erased."""
    keys = [note_key(user_id, subject), preferences_key(user_id), protection_key(user_id)]
    found = {item["sk"]: item for item in table.get_many(keys)}
    note, choices, protection = (found.get(sk) for _, sk in keys)
    chosen = Preferences.of(choices)
    if chosen.erased:
        raise Erased(wording.ERASED)
    return Standing(note, chosen, bool(protection and protection["stopped"] > clock.stamp()))


def preferences(user_id: str) -> Preferences:
    """Return what a player chose."""
    return Preferences.of(table.get(preferences_key(user_id)))


def choose(user_id: str, channels: Mapping[Category, Sequence[Channel]], offers: bool | None) -> Preferences:
    """Keep a player's choices beside those that they do not name; return them all. Raises Erased."""
    if not channels and offers is None:
        return preferences(user_id)
    for _ in range(_TRIES):
        item = table.get(preferences_key(user_id))
        changed: dict[str, Any] = {"channels": {**Preferences.of(item).channels, **channels}}
        if offers is not None and offers != Preferences.of(item).offers:
            changed |= {"offers": offers, "offers_at": clock.stamp()}
        try:
            return Preferences.of(table.write(_update(user_id, item, changed)))
        except ConditionFailed:
            continue
    raise Contention(wording.CHOICES_BUSY)


def add_endpoint(user_id: str, hashed: str, endpoint: str) -> Preferences:
    """Give a player an app's endpoint, and take it from whoever had the token before. Raises TooManyDevices, Erased."""
    for _ in range(_TRIES):
        claim, item = table.get(token_key(hashed)), table.get(preferences_key(user_id))
        endpoints = {**Preferences.of(item).endpoints, hashed: endpoint}
        _check_few(endpoints)
        before = claim["user_id"] if claim else None
        writes: list[Write] = [_claim(hashed, user_id, before), _update(user_id, item, {"endpoints": endpoints})]
        if before not in (None, user_id):
            theirs = table.get(preferences_key(before))
            kept = {name: each for name, each in Preferences.of(theirs).endpoints.items() if name != hashed}
            writes.append(_update(before, theirs, {"endpoints": kept}))
        try:
            table.transact(*writes)
        except ConditionFailed:
            continue
        return preferences(user_id)
    raise Contention(wording.DEVICES_BUSY)


def remove_endpoint(user_id: str, hashed: str) -> str | None:
    """Take an app's endpoint from a player, with their claim of its token; return it, or None where they had none by
    this name."""
    for _ in range(_TRIES):
        item = table.get(preferences_key(user_id))
        endpoints = dict(Preferences.of(item).endpoints)
        if (endpoint := endpoints.pop(hashed, None)) is None:
            return None
        try:
            table.transact(_update(user_id, item, {"endpoints": endpoints}), Delete(token_key(hashed)))
        except ConditionFailed:
            continue
        return endpoint
    raise Contention(wording.DEVICES_BUSY)


def check_room(user_id: str, hashed: str) -> None:
    """Raise what `add_endpoint` would, before SNS makes an endpoint of an app's token."""
    found = preferences(user_id)
    if found.erased:
        raise Erased(wording.ERASED)
    _check_few({*found.endpoints, hashed})


def _check_few(devices: Collection[str]) -> None:
    if len(devices) > MAX_DEVICES:
        raise TooManyDevices(wording.DEVICES.format(most=MAX_DEVICES))


def close(user_id: str) -> list[str]:
    """Forget what a player who was erased chose, for good: nothing that comes later is kept. Return the endpoints that
    their apps had, each time until `forget_endpoints`.

    One item says so, under the version that every choice and every app is written under: what was let through before
    is either here already, or refused.
    """
    for _ in range(_TRIES):
        item = table.get(preferences_key(user_id)) or {"version": 0}
        endpoints: dict[str, str] = item.get("endpoints", {})
        if "erased" in item:
            return list(endpoints.values())
        pk, sk = preferences_key(user_id)
        closed = {"pk": pk, "sk": sk, "version": item["version"] + 1, "erased": True, "endpoints": endpoints}
        pk, sk = protection_key(user_id)
        unstopped = Put({"pk": pk, "sk": sk, "version": _LAST, "stopped": ""}, ANY)
        try:
            table.transact(
                Put(closed, "attribute_not_exists(pk) OR #version = :seen", {"seen": item["version"]}),
                unstopped,
                *(Delete(token_key(hashed)) for hashed in endpoints),
            )
        except ConditionFailed:
            continue
        return list(endpoints.values())
    raise Contention(wording.DEVICES_BUSY)


def forget_endpoints(user_id: str) -> None:
    """Forget the endpoints of a player's apps, once SNS has."""
    table.write(Update(preferences_key(user_id), "REMOVE #endpoints"))


def keep_protection(user_id: str, version: int, stopped: str) -> bool:
    """Keep until when a player may not play; return whether that is new. A lower version is discarded."""
    pk, sk = protection_key(user_id)
    item = {"pk": pk, "sk": sk, "version": version, "stopped": stopped}
    try:
        table.write(Put(item, "attribute_not_exists(pk) OR #version < :new", {"new": version}))
    except ConditionFailed:
        return False
    return True


def _claim(hashed: str, user_id: str, before: str | None) -> Write:
    pk, sk = token_key(hashed)
    item = {"pk": pk, "sk": sk, "user_id": user_id}
    return Put(item) if before is None else Put(item, "#user_id = :before", {"before": before})


def _update(user_id: str, seen: Item | None, changed: dict[str, Any]) -> Update:
    """Return the change of a player's choices, if they still are what was seen. Each has the next `version`.

    Raises Erased.
    """
    if Preferences.of(seen).erased:
        raise Erased(wording.ERASED)
    version = seen["version"] if seen else 0
    guard = "#version = :seen" if seen else "attribute_not_exists(pk)"
    values = {**changed, "version": version + 1, **({"seen": version} if seen else {})}
    return Update(preferences_key(user_id), assign([*changed, "version"]), guard, values)
