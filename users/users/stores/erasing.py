"""What goes of a player who is erased, and what stays."""

from betsafi import clock
from betsafi.cursors import BAD_CURSOR
from betsafi.dynamodb import ConditionFailed, Delete, Item, Page, Update, Write
from betsafi.errors import Conflict, InvalidCursor
from betsafi.telemetry import trace
from users import wording
from users.stores.people import find_claim
from users.table import claim_key, code_key, player_pk, profile_key, table

STAYS = ("PROFILE", "STOP#", "INTERVENTION#", "PROPOSAL")
"""What stays below a player's key, without the words of it: everything else goes."""
PERSONAL = ("phone_number", "birthdate", "display_name")
"""What goes of the profile."""


def claims_of(profile: Item) -> list[Delete]:
    """Return the ends of what a player has for themselves alone, and that is elsewhere than below their key."""
    return [Delete(claim_key(profile["phone_number"])), Delete(code_key(profile["phone_number"]))]


def erase(profile: Item, *also: Write) -> None:
    """Take what is personal out of a profile, free its claims, and write `also`, or nothing. Raises Conflict."""
    claim = find_claim(profile["phone_number"]) or {"sub": profile["user_id"]}
    update = Update(
        profile_key(profile["user_id"]),
        f"SET #erased_at = :now, #sign_in = :sub, #trace = :trace REMOVE {', '.join(f'#{name}' for name in PERSONAL)}",
        "attribute_not_exists(#erased_at) AND #phone_number = :phone",
        {"now": clock.stamp(), "sub": claim["sub"], "phone": profile["phone_number"], "trace": trace()},
    )
    try:
        table.transact(update, *claims_of(profile), *also)
    except ConditionFailed as failure:
        raise Conflict(wording.CHANGED_MEANWHILE) from failure


def forget(user_id: str) -> None:
    """Delete what goes below a player's key, and the words of what stays. May be done again."""
    below = list(table.query_all(player_pk(user_id)))
    table.delete_all((item["pk"], item["sk"]) for item in below if not item["sk"].startswith(STAYS))
    for item in below:
        if item["sk"].startswith("STOP#") and item.get("appeal"):
            words = "SET #appeal.#text = :gone" + (", #answer.#text = :gone" if item.get("answer") else "")
            table.write(Update((item["pk"], item["sk"]), words, values={"gone": ""}))


def kept(user_id: str, cursor: str | None) -> Page:
    """Return a page of everything about a player: below their key, then their claim, then what staff did about them.

    The code that was sent last is left out: it is a hash that lives for minutes. Raises InvalidCursor.
    """
    part, _, rest = (cursor or "own ").partition(" ")
    if part not in ("own", "acts"):
        raise InvalidCursor(BAD_CURSOR)
    if part != "acts":
        page = table.query(player_pk(user_id), cursor=rest or None)
        if page.cursor:
            return Page(page.items, f"own {page.cursor}")
        profile = next((item for item in page.items if item["sk"] == "PROFILE"), {})
        claim = find_claim(profile["phone_number"]) if "phone_number" in profile else None
        return Page([*page.items, *([claim] if claim else [])], "acts ")
    page = table.query(f"TRAIL#USER#{user_id}", cursor=rest or None)
    return Page(page.items, f"acts {page.cursor}" if page.cursor else None)
