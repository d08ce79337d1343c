"""Everything about a player, for them; and its end, as the law lets us: money, bets and payments stay under the id.

What is erased is what says who the id is: number, date of birth, name, sign-in, notes, tags, words of appeals, and all
below the player's key that is not named as kept. The number is free for somebody else afterwards.
"""

from contextlib import suppress

from betsafi import approval, clock
from betsafi.approval import alone
from betsafi.audit import Act
from betsafi.dynamodb import Item, Page
from betsafi.errors import Conflict, NotFound
from betsafi.people import Staff
from users import pool, vault, wallet_api, wording
from users.protection import stop_in_force
from users.stores import erasing as store
from users.stores import people, staff, stops
from users.stores.protection import find_protection
from users.table import player_pk


class WalletNotClosed(Conflict):
    """The player has, or may get, money."""

    code = "WALLET_NOT_CLOSED"
    sw = "Pochi ya mchezaji haijafungwa: lipa kilichomo na uifunge kwanza."


class StillStopped(Conflict):
    """The account is stopped, by us, its player or a register, which a new account would undo."""

    code = "STILL_STOPPED"
    sw = "Akaunti imesimamishwa, na akaunti mpya ingeondoa hilo. Amua kwanza kuhusu kusimamishwa."


def _check(profile: Item) -> None:
    """Raise what keeps a player from being erased. The one place for it."""
    if stops.is_stopped(profile) or stop_in_force(find_protection(profile["user_id"]), clock.now()):
        raise StillStopped(wording.STILL_STOPPED)
    if wallet_api.status(profile["user_id"]) != "CLOSED":
        raise WalletNotClosed(wording.WALLET_NOT_CLOSED)


def export(user_id: str, reason: str, by: Staff, request_id: str) -> None:
    """Keep that somebody gets all that is kept of a player. Raises NotFound, Forbidden for one's own."""
    people.get_even_erased(user_id)
    act = Act("exportPlayer", player_pk(user_id), by, reason, {}, user_id, request_id=request_id)
    if not staff.was_done(act):
        staff.write(*alone(act).writes({}, {"exported": True}))


def exported(user_id: str, cursor: str | None) -> Page:
    """Return a page of all that this service keeps of a player, with what they said of themselves unsealed.

    Raises InvalidCursor, Unavailable.
    """
    page = store.kept(user_id, cursor)
    return Page([_unsealed(item) for item in page.items], page.cursor)


def _unsealed(item: Item) -> Item:
    if "sealed" not in item:
        return item
    return {**item, "sealed": vault.unseal(item["user_id"], item["sealed"])}


def erase(pool_id: str, user_id: str, reason: str, by: Staff, request_id: str) -> Item:
    """Erase a player when a second administrator says the same; return the proposal as it stands.

    Raises NotFound, StillStopped, WalletNotClosed, Forbidden for one's own, Conflict, Unavailable: then the same call
    again goes on.
    """
    profile = people.get_even_erased(user_id)
    act = Act("erasePlayer", player_pk(user_id), by, reason, {"erase": True}, user_id, request_id=request_id)
    if "erased_at" not in profile and not staff.was_done(act):
        _check(profile)
        if agreed := staff.decide(act):
            store.erase(profile, *agreed.writes({"erased": False}, {"erased": True}))
    standing = staff.proposal(act) or {}
    if "erased_at" in people.get_even_erased(user_id):
        store.forget(user_id)
        with suppress(NotFound):  # deleted by an earlier call, or by the player
            pool.delete(pool_id, people.get_even_erased(user_id)["sign_in"])
    return {**standing, "status": approval.status(standing)}
