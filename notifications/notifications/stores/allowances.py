"""How many messages of a category a player is sent on a day."""

from datetime import timedelta

from betsafi import clock
from betsafi.dynamodb import ConditionFailed, Update
from notifications.table import day_key, table

_KEPT_DAYS = 2


def take(user_id: str, category: str, note_id: str, limit: int) -> bool:
    """Return whether a note is among the first `limit` of its category that go out to a player on this day in Nairobi.

    A note that was counted once is not counted again, however often it is tried.
    """
    if limit == 0:
        return False
    now = clock.now()
    key = day_key(user_id, now.astimezone(clock.NAIROBI).date().isoformat())
    values = {
        "new": [note_id],
        "id": note_id,
        "none": [],
        "limit": limit,
        "end": int((now + timedelta(days=_KEPT_DAYS)).timestamp()),
    }
    sent = f"sent_{category}"
    update = Update(
        key,
        "SET #sent = list_append(if_not_exists(#sent, :none), :new), #forget_at = :end",
        "attribute_not_exists(#sent) OR (NOT contains(#sent, :id) AND size(#sent) < :limit)",
        values,
        {"sent": sent},
    )
    try:
        table.write(update)
    except ConditionFailed as failure:
        return failure.item is not None and note_id in failure.item.get(sent, [])
    return True
