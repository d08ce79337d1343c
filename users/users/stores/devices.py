"""Devices that a player signed in on, under a hash of the id that the app made; and tries at their second factor."""

from betsafi import clock
from betsafi.dynamodb import ANY, ConditionFailed, Item, Put, Update, assign
from betsafi.telemetry import trace
from users.table import device_key, player_pk, second_key, table, write_below


def list_devices(user_id: str) -> list[Item]:
    """Return every device that a player ever signed in on; one that was signed out has `out_at`."""
    return table.query(player_pk(user_id), "DEVICE#").items


def keep_device(user_id: str, device_id: str, name: str, later: bool, added_at: str) -> None:
    """Note a sign-in on a device. `later`: the account had another before, so that its owner is told; `added_at`: since
    when it is signed in. Raises Erased."""
    values = {
        "user_id": user_id,
        "device_id": device_id,
        "name": name,
        "last": clock.stamp(),
        "later": later,
        "added_at": added_at,
        "trace": trace(),
    }
    change = f"{assign(values)}, #first = if_not_exists(#first, :last) REMOVE #out_at"
    write_below(player_pk(user_id), Update(device_key(user_id, device_id), change, ANY, values))


def signed_out(user_id: str, device_id: str) -> Update:
    """Return the write that signs a device out; the same again changes nothing."""
    change = "SET #out_at = if_not_exists(#out_at, :now), #trace = :trace"
    return Update(device_key(user_id, device_id), change, values={"now": clock.stamp(), "trace": trace()})


def sign_out(user_id: str, device_id: str) -> bool:
    """Sign a device out; return whether the player has it."""
    try:
        table.write(signed_out(user_id, device_id))
    except ConditionFailed:
        return False
    return True


def count_second_try(user_id: str, most: int, since: str) -> bool:
    """Count a try at a player's second factor; return whether one was left. Tries before `since` are forgotten."""
    key, now = second_key(user_id), clock.stamp()
    try:
        again = {"one": 1, "since": since, "most": most}
        write_below(key[0], Update(key, "ADD #tries :one", "#began > :since AND #tries < :most", again))
    except ConditionFailed as failed:
        if (found := failed.item) is not None and found["began"] > since:
            return False
        first = {"pk": key[0], "sk": key[1], "tries": 1, "began": now}
        try:
            write_below(key[0], Put(first, "attribute_not_exists(pk) OR #began <= :since", {"since": since}))
        except ConditionFailed:
            return False  # another try began at this moment
    return True


def second_tries_forgotten(user_id: str) -> Update:
    """Return the write that forgets the tries at a player's second factor."""
    return Update(second_key(user_id), "SET #tries = :none, #began = :now", ANY, {"none": 0, "now": clock.stamp()})


def forget_second_tries(user_id: str) -> None:
    """Forget the tries at a player's second factor: it was right."""
    write_below(player_pk(user_id), second_tries_forgotten(user_id))
