"""What goes of a player who is erased, and what stays."""

from betsafi import clock
from betsafi.cursors import cursor_to, place_of
from betsafi.dynamodb import ConditionFailed, Delete, Item, Page, Update, Write
from betsafi.errors import Conflict
from betsafi.telemetry import trace
from users import wording
from users.stores.people import find_claim
from users.table import Purpose, claim_key, code_key, document_key, identity_key, player_pk, profile_key, table

STAYS = ("PROFILE", "STOP#", "INTERVENTION#", "PROPOSAL", "PROTECTION", "TERMS#")
"""What stays below a player's key, without the words of it: everything else goes."""
GOES = ("NOTE#", "TAGS", "MARKERS", "DEVICE#", "SECOND", "PHONE_CHANGE", "LEFT#", "IDENTITY", "EMAIL")
"""What there is else below a player's key. A test holds that both are all."""
PERSONAL = ("phone_number", "birthdate", "display_name", "email")
"""What goes of the profile."""


def claims_of(profile: Item) -> list[Write]:
    """Return the ends of what a player has for themselves alone, and that is elsewhere than below their key."""
    number, address = profile["phone_number"], profile.get("email")
    codes = [code_key(number, purpose) for purpose in Purpose if purpose is not Purpose.EMAIL]
    codes += [code_key(address, Purpose.EMAIL)] if address else []
    return [Delete(key) for key in (claim_key(number), *codes)]


def _elsewhere(item: Item) -> list[Write]:
    """Return the ends of what is elsewhere in the table because of an item below a player's key.

    Codes of a number that was left stay: they name nobody, and may be its next owner's.
    """
    match item["sk"].partition("#")[0]:
        case "IDENTITY":  # the document of a rejected one may have become another's since
            document = document_key(item["document"])
            owned = (table.get(document) or {}).get("user_id") == item["user_id"]
            return [Delete(document, "#user_id = :user", {"user": item["user_id"]})] if owned else []
        case "PHONE_CHANGE":
            return [Delete(code_key(item["number"], Purpose.TAKE_PHONE))]
        case "EMAIL":
            return [Delete(code_key(item["address"], Purpose.EMAIL))]
        case "LEFT":  # the number rests for its time all the same
            claim = claim_key(item["number"])
            rests = (table.get(claim) or {}).get("last_user") == item["user_id"]
            unnamed = Update(claim, "REMOVE #last_user", "#last_user = :user", {"user": item["user_id"]})
            return [unnamed] if rests else []
    return []


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
    for item in below:
        if writes := _elsewhere(item):
            table.transact(*writes)
    table.delete_all((item["pk"], item["sk"]) for item in below if not item["sk"].startswith(STAYS))
    for item in below:
        if item["sk"].startswith("STOP#") and item.get("appeal"):
            words = "SET #appeal.#text = :gone" + (", #answer.#text = :gone" if item.get("answer") else "")
            table.write(Update((item["pk"], item["sk"]), words, values={"gone": ""}))


def kept(user_id: str, cursor: str | None) -> Page:
    """Return a page of everything about a player: below their key, then their claim, then what staff did about them.

    Codes that were sent are left out: they are hashes that live for minutes. Raises InvalidCursor.
    """
    name = f"kept {user_id}"
    part, rest = place_of(cursor, name, 2) if cursor else ("own", "")
    if part == "own":
        page = table.query(player_pk(user_id), cursor=rest or None)
        if page.cursor:
            return Page(page.items, cursor_to(["own", page.cursor], name))
        return Page([*page.items, *_claimed(user_id)], cursor_to(["acts", ""], name))
    page = table.query(f"TRAIL#USER#{user_id}", cursor=rest or None)
    return Page(page.items, cursor_to(["acts", page.cursor], name) if page.cursor else None)


def _claimed(user_id: str) -> list[Item]:
    """Return the claims of a player's number and document."""
    profile, identity = table.get(profile_key(user_id)) or {}, table.get(identity_key(user_id)) or {}
    number = find_claim(profile["phone_number"]) if "phone_number" in profile else None
    document = table.get(document_key(identity["document"])) if "document" in identity else None
    return [claim for claim in (number, document) if claim and claim.get("user_id") == user_id]
