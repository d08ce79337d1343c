"""The wallet outbox."""

from betsafi import audit, outbox
from betsafi.dynamodb import Item
from betsafi.events import Event
from betsafi.events.wallet import AccountOpened, BalanceChanged, DebtIncurred, DebtRepaid, WalletStaffActed
from wallet.rules import ledger


def to_events(old: Item | None, new: Item) -> list[Event]:
    """A new account was opened; a new version of one has another balance; an entry made a debt or repaid some of it;
    staff did something.

    That a stake or a withdrawal is held is no event: bet and payment publish what it is for.
    """
    if new["sk"] == audit.SK:
        return [WalletStaffActed.of(new)]
    if "owed" in new:
        return [_debt(new)]
    if new["sk"] != "ACCOUNT":
        return []
    events: list[Event] = [AccountOpened(user_id=new["user_id"])] if old is None else []
    cause = new.get("cause") or {}
    held = cause.get("kind") == ledger.HOLDING
    if new["version"] != (old["version"] if old else 0) and not (held and old):
        balance = BalanceChanged(
            user_id=new["user_id"],
            available_cents=new["available"],
            held_cents=new["held"],
            owed_cents=-new["receivable"],
            account_version=new["version"],
            **({} if held else {f"cause_{name}": value for name, value in cause.items()}),
        )
        events.append(balance)
    return events


def _debt(entry: Item) -> Event:
    moved = ledger.balance_changes(entry["user_id"], entry["postings"])
    about = {
        "user_id": entry["user_id"],
        "entry_kind": entry["entry_kind"],
        "reference": entry["hold"]["id"] if "hold" in entry else entry["entry_id"],
        "owed_cents": entry["owed"],
        **audit.named(entry),
    }
    if moved["receivable"] < 0:
        return DebtIncurred(**about, incurred_cents=-moved["receivable"])
    credited = moved["available"] + moved["receivable"]
    return DebtRepaid(**about, credited_cents=credited, repaid_cents=moved["receivable"])


handler = outbox.publisher(to_events)
