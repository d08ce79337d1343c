"""The wallet outbox."""

from betsafi import outbox
from betsafi.dynamodb import Item
from betsafi.events import Event
from betsafi.events.wallet import AccountOpened, BalanceChanged


def to_events(old: Item | None, new: Item) -> list[Event]:
    """A new account was opened; a new version of one has another balance. Entries tell nothing of their own."""
    if new["sk"] != "ACCOUNT":
        return []
    events: list[Event] = [AccountOpened(user_id=new["user_id"])] if old is None else []
    if new["version"] != (old["version"] if old else 0):
        balance = BalanceChanged(
            user_id=new["user_id"],
            available_cents=new["available"],
            held_cents=new["held"],
            account_version=new["version"],
        )
        events.append(balance)
    return events


handler = outbox.publisher(to_events)
