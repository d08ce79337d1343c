"""Accounts: opened, found, and changed by anything but an entry (status, protection, closing)."""

from dataclasses import dataclass, field

from betsafi import clock
from betsafi.dynamodb import ConditionFailed, Item, Update, Write
from betsafi.errors import Conflict, Contention, NotFound
from betsafi.protection import Protection, terms_on
from betsafi.settings import read_settings
from betsafi.telemetry import trace
from wallet import wording
from wallet.rules import limits, promises
from wallet.stores import changes
from wallet.stores.changes import Change
from wallet.table import account_key, table


@dataclass(frozen=True)
class Settings:
    """Versions of terms and privacy notice, each the day from which it holds: as users has them; none without."""

    terms_versions: list[str] = field(default_factory=list)
    privacy_versions: list[str] = field(default_factory=list)


_settings = read_settings(Settings)

TRIES = 20
"""How often a change looks again where another writer was quicker."""


def terms_in_force() -> str:
    """Return the versions of terms and privacy notice without which no bet is taken now: see `terms_on`."""
    return terms_on(_settings.terms_versions, _settings.privacy_versions, clock.now())


def open_account(user_id: str) -> None:
    """Open an account with nothing in it and no limits; an open one stays as it is."""
    now = clock.now()
    pk, sk = account_key(user_id)
    table.put_new(
        {
            "pk": pk,
            "sk": sk,
            "user_id": user_id,
            "available": 0,
            "held": 0,
            "receivable": 0,
            "status": "ACTIVE",
            "status_version": 0,
            "version": 0,
            "opened_at": clock.stamp(now),
            "trace": trace(),
            **limits.unlimited(now),
        }
    )


def find_account(user_id: str) -> Item | None:
    """Return the account, read consistently, or None."""
    return table.get(account_key(user_id))


def get_account(user_id: str) -> Item:
    """Return the account. Raises NotFound."""
    if (account := find_account(user_id)) is None:
        raise NotFound(wording.NO_WALLET)
    return account


def set_status(user_id: str, status: str, status_version: int) -> Item:
    """Give the account a status unless it has that version or a newer one; return it. Opens a missing account.

    A closed one takes it too, and stays closed: money that still arrives there is held as any other.
    """
    change = Change(
        ["#status = :status", "#status_version = :version"],
        ["#status_version < :version"],
        {"status": status, "version": status_version},
    )
    if (account := _change_account(user_id, change)) is not None:
        return account
    open_account(user_id)
    return _change_account(user_id, change) or get_account(user_id)


def protect(user_id: str, given: Protection) -> Item:
    """Set what protects a player unless the account has that version or a newer one; return it. Opens a missing one."""
    for _ in range(TRIES):
        account = find_account(user_id)
        if account is None:
            open_account(user_id)
            continue
        if account.get("protection_version", 0) >= given.version:
            return account
        _change_account(user_id, changes.protected(account, given))
    raise Contention(wording.BUSY)


def acknowledge(user_id: str) -> Item:
    """Acknowledge the reality check that is due, and return the account; without one it stays. Raises NotFound."""
    return _change_account(user_id, changes.acknowledged()) or get_account(user_id)


def set_factor(user_id: str, percent: int, *also: Write) -> None:
    """Let a player's payout limits shrink to so many per cent (100: not at all), and write `also`. Raises NotFound.

    Bets that are held already stay.
    """
    factor = promises.FACTOR
    change = Change(
        [f"#{factor} = :factor"], [f"(attribute_not_exists(#{factor}) OR #{factor} <> :factor)"], {"factor": percent}
    )
    if percent == promises.WHOLE:
        change = Change(removed=[factor], guards=[f"attribute_exists(#{factor})"])
    _change_account(user_id, change, *also) or get_account(user_id)


def close(user_id: str, *also: Write) -> Item:
    """Close an account for good, and write `also`, or neither. Raises NotFound, Conflict unless it is empty."""
    empty = [f"#{part} = :zero" for part in ("available", "held", "receivable")]
    change = Change(["#closed = :yes"], ["attribute_not_exists(#closed)", *empty], {"yes": True, "zero": 0})
    after = _change_account(user_id, change, *also)
    if after is None or "closed" not in after:
        get_account(user_id)
        raise Conflict("Only an empty account can be closed: withdraw what is left, and wait for open bets.")
    return after


def changed(user_id: str, change: Change, cause: Item | None = None) -> Update:
    """Return the update that makes a change of an account that exists, under its next version; `cause` led to it."""
    assignments = [*change.assignments, "#version = #version + :one", "#cause = :cause", "#trace = :trace"]
    removed = " REMOVE " + ", ".join(f"#{name}" for name in change.removed) if change.removed else ""
    return Update(
        account_key(user_id),
        "SET " + ", ".join(assignments) + removed,
        condition=" AND ".join(["attribute_exists(pk)", *change.guards]),
        values={**change.values, "one": 1, "cause": cause, "trace": trace()},
    )


def _change_account(user_id: str, change: Change, *also: Write) -> Item | None:
    """Change an account; return it as it then is, changed or (guards did not hold) not, or None if there is none.

    `also` is written with the change, or neither.
    """
    update = changed(user_id, change)
    try:
        if not also:
            return table.write(update)
        table.transact(update, *also)
    except ConditionFailed as failure:
        return failure.found.get(0) or find_account(user_id)
    return find_account(user_id)
