"""People: whose number it is, until they are erased, and the profile of who has it."""

from contextlib import suppress

from betsafi import clock
from betsafi.dynamodb import ConditionFailed, Item, Put, Update, Write, assign
from betsafi.errors import Conflict, Erased
from betsafi.telemetry import trace
from users import wording
from users.stores.asks import keep_ask
from users.table import KNOWN, claim_key, email_key, gone, profile_key, table


class NumberChanged(Conflict):
    """Somebody signs in under another number than the one that their profile has."""

    code = "NUMBER_CHANGED"
    sw = "Akaunti yako ina namba nyingine ya simu. Tafadhali wasiliana nasi."


class NumberRests(Conflict):
    """Somebody left the number a while ago, and it opens no account yet."""

    code = "NUMBER_RESTS"
    sw = "Namba hii ilikuwa ya mchezaji mwingine hadi hivi karibuni. Tumia nyingine, au wasiliana nasi."


def register(phone_number: str, sub: str, birthdate: str, *also: Write) -> Item:
    """Claim a phone number for a new player, make their profile and write `also`; return the claim that then stands.

    A claim says which player has the number (`user_id`) and who signs in as them (`sub`, of Cognito); it moves when the
    player changes their number, and goes when they are erased. Safe to call any number of times. Raises NumberChanged,
    NumberRests.
    """
    claim = claim_of(phone_number, sub, sub)
    try:
        table.transact(free_for(claim), Put(_profile(sub, phone_number, birthdate)), *also)
    except ConditionFailed as failure:
        if (standing := failure.found.get(0)) is None:
            raise NumberChanged(wording.NUMBER_CHANGED) from failure
        if "user_id" not in standing:
            raise NumberRests(wording.NUMBER_RESTS) from failure
        return standing
    return claim


def claim_of(phone_number: str, user_id: str, sub: str) -> Item:
    """Return the claim by which a player has a number."""
    pk, sk = claim_key(phone_number)
    return {"pk": pk, "sk": sk, "user_id": user_id, "sub": sub, "claimed_at": clock.stamp()}


def free_for(claim: Item) -> Put:
    """Return the write that claims a number which nobody has; who left it comes back to it, others after a while."""
    condition = "attribute_not_exists(pk) OR #kept_until <= :now OR #last_user = :user"
    return Put(claim, condition, {"now": clock.stamp(), "user": claim["user_id"]})


def _profile(user_id: str, phone_number: str, birthdate: str) -> Item:
    pk, sk = profile_key(user_id)
    return {
        "pk": pk,
        "sk": sk,
        "user_id": user_id,
        "phone_number": phone_number,
        "birthdate": birthdate,
        "language": "en",
        "status": "ACTIVE",
        "status_version": 0,
        "registered_at": clock.stamp(),
        "trace": trace(),
    }


def find_claim(phone_number: str) -> Item | None:
    """Return whose number it is, or None; also where somebody left it."""
    claim = table.get(claim_key(phone_number))
    return claim if claim and "user_id" in claim else None


def hand_over(claim: Item, sub: str) -> Item:
    """Let another sign-in have the account of a claimed number, whose SIM it has proven; return the claim.

    The account stays what it is: so who deleted their sign-in comes back to it, suspended if it is.
    """
    owner = {"sub": sub, "claimed_at": clock.stamp()}
    return table.write(Update((claim["pk"], claim["sk"]), assign(owner), values=owner))


def find_profile(user_id: str) -> Item | None:
    """Return the profile or None."""
    return table.get(profile_key(user_id))


def get_profile(user_id: str) -> Item:
    """Return the profile of somebody who is known. Raises NotFound, Erased."""
    profile = get_even_erased(user_id)
    if "erased_at" in profile:
        raise Erased(wording.ERASED)
    return profile


def get_even_erased(user_id: str) -> Item:
    """Return the profile, or what is left of it. Raises NotFound."""
    if (profile := find_profile(user_id)) is None:
        raise gone(None)
    return profile


def change_profile(user_id: str, changes: Item) -> Item:
    """Set attributes of an existing profile and return it. Raises NotFound, Erased."""
    changed = {**changes, "trace": trace()}
    try:
        return table.write(Update(profile_key(user_id), assign(changed), KNOWN, changed))
    except ConditionFailed as error:
        raise gone(error.item) from error


def ask_email(user_id: str, address: str, day: str, most: int) -> bool:
    """Note which e-mail address a player wants; return whether it is not too often."""
    return keep_ask(email_key(user_id), {"address": address, "asked_at": clock.stamp()}, day, most)


def find_email_asked(user_id: str) -> Item | None:
    """Return the address that a player asked for last, and when, or None."""
    return table.get(email_key(user_id))


def set_email(user_id: str, address: str, asked_at: str) -> Item:
    """Give a player the address that they asked for then and proved; the same again changes nothing."""
    values = {"email": address, "email_asked_at": asked_at, "email_changed_at": clock.stamp(), "trace": trace()}
    condition = f"{KNOWN} AND (attribute_not_exists(#email) OR #email_asked_at <> :email_asked_at)"
    with suppress(ConditionFailed):
        table.write(Update(profile_key(user_id), assign(values), condition, values))
    return get_profile(user_id)


def remove_email(user_id: str) -> Item:
    """Forget a player's address; return the profile. Raises NotFound."""
    values = {"email_changed_at": clock.stamp(), "trace": trace()}
    with suppress(ConditionFailed):  # nobody is there, or there is none
        change = f"{assign(values)} REMOVE #email, #email_asked_at"
        table.write(Update(profile_key(user_id), change, "attribute_exists(#email)", values))
    return get_profile(user_id)


def sign_out(user_id: str, *also: Write) -> None:
    """Note that the player signed out everywhere, and write `also`, or neither. Raises NotFound, Erased."""
    now = {"signed_out_at": clock.stamp()}
    try:
        table.transact(Update(profile_key(user_id), assign(now), KNOWN, now), *also)
    except ConditionFailed as error:
        raise gone(error.found.get(0)) from error
