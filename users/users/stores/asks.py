"""What a player asks for that sends a message to an address which may be another's: the last one, so many a day."""

from betsafi import clock
from betsafi.dynamodb import ANY, ConditionFailed, Item, Key, Put, Update, assign
from betsafi.errors import Conflict
from betsafi.languages import Both
from betsafi.protection import window_ends
from users.table import write_below


class TooOften(Conflict):
    """The player asked for something as often as they may on a day: `info.most` times, and again when it `ends`."""

    code = "TOO_OFTEN"
    sw = "Umejaribu mara nyingi mno leo. Tafadhali jaribu tena kesho."


def too_often(said: Both, most: int) -> TooOften:
    """Return how somebody is refused who asked for something so often today, in Nairobi."""
    return TooOften(said, most=most, ends=window_ends("day", clock.now()))


def keep_ask(key: Key, values: Item, day: str, most: int, forgets: tuple[str, ...] = ()) -> bool:
    """Keep what is asked for in place of what was before, without its attributes `forgets`; return whether it is not
    more than `most` on this day. Raises NotFound, Erased."""
    kept = {**values, "day": day}
    remove = "REMOVE " + ", ".join(f"#{name}" for name in forgets) if forgets else ""
    again = Update(
        key,
        f"{assign(kept)} {remove} ADD #asks :one",
        "#day = :day AND #asks < :most",
        {**kept, "one": 1, "most": most},
    )
    try:
        write_below(key[0], again)
    except ConditionFailed as failed:
        if failed.item is not None and failed.item["day"] == day:
            return False
        write_below(key[0], Put({"pk": key[0], "sk": key[1], **kept, "asks": 1}, ANY))
    return True
