"""The wallet outbox."""

from betsafi import outbox
from betsafi.dynamodb import Item
from betsafi.events import Event
from betsafi.events.wallet import AccountOpened, BalanceChanged


def to_events(old: Item | None, new: Item) -> list[Event]:
    """A new account was opened; a new version of one has another balance. Entries tell nothing of their own."""
    if new["sk"] != "ACCOUNT":
        return []
    if old is None:
        return [AccountOpened(user_id=new["user_id"])]
    if old["version"] == new["version"]:
        return []
    return [
        BalanceChanged(
            user_id=new["user_id"],
            available_cents=new["available"],
            held_cents=new["held"],
            account_version=new["version"],
            **{f"cause_{name}": value for name, value in (new.get("cause") or {}).items()},
        )
    ]


handler = outbox.publisher(to_events)
