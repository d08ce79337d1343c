"""What the table says: pages and days of a player's entries, and the whole of it for the trial balance."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain, islice

from betsafi import clock
from betsafi.cursors import BAD_CURSOR, cursor_to, place_of
from betsafi.dynamodb import Item, Page
from betsafi.errors import Contention, InvalidCursor
from betsafi.ids import fingerprint
from wallet import wording
from wallet.rules import ledger
from wallet.rules.ledger import Balances
from wallet.rules.statement import MOST_ENTRIES, StatementTooLong
from wallet.stores.accounts import TRIES, find_account, get_account
from wallet.table import player_pk, table

_COMPLETE = timedelta(minutes=15)
"""No function of Lambda runs longer: after it no entry is written any more that was made at a moment before."""
_LOOKS = 5
"""How often a whole statement looks for a moment at which nobody writes, before it adds up all entries instead."""
_MOST_BETWEEN = 1_000
"""How many entries are read to know a balance in the past."""


def entries(
    user_id: str,
    limit: int,
    cursor: str | None,
    kinds: frozenset[str] = frozenset(),
    since: str | None = None,
    until: str | None = None,
) -> Page:
    """Return a page of the account's entries, newest first, of some kinds (none: all) and between two stamps.

    As `Table.query_wanted`. Each has the balances `after` it; None where more than a thousand newer ones were to read
    for them. Raises InvalidCursor, Contention (the account changed at each of many looks).
    """
    place = _place(user_id, cursor)
    for attempt in range(TRIES):
        account = None if place.after else find_account(user_id)
        if account is None and not place.after:
            return Page([], None)  # nothing is posted to an account that is not open yet
        begins = place.at or until
        after = _balances_at(user_id, _balances(account), begins, place.key) if account else place.after
        walk = _Walk(user_id, kinds, after)
        between = {"index": "by_time", "newest_first": True, "starting_at": since, "ending_at": until}
        page = table.query_wanted(player_pk(user_id), walk.shows, limit, place.cursor, **between)
        if account is None or get_account(user_id)["version"] == account["version"]:
            shown = [{**item, "after": after} for item, after in zip(page.items, walk.shown, strict=True)]
            return Page(shown, page.cursor and walk.cursor(page.cursor))
        clock.sleep_with_jitter(attempt)
    raise Contention(wording.BUSY)


@dataclass(frozen=True)
class _Place:
    """Where a page begins: behind the entry made `at` a moment under a key of this hash, with the balances `after` the
    next one if they are known for good. An entry that is written late takes its place by when it was made, so they are
    known once no other can."""

    cursor: str | None = None
    at: str = ""
    key: str = ""
    after: Balances | None = None


class _Walk:
    """A walk from newer to older entries that keeps count of the balances; the shown ones' are in `shown`."""

    def __init__(self, user_id: str, kinds: frozenset[str], after: Balances | None) -> None:
        self._user_id, self._kinds, self._after = user_id, kinds, after
        self._last: Item = {}
        self.shown: list[Balances | None] = []

    def shows(self, item: Item) -> bool:
        """Return whether an entry is among those that are asked for, and go past it."""
        after, self._last = self._after, item
        self._after = after and after.before(self._user_id, item["postings"])
        wanted = bool(item["postings"]) and (not self._kinds or item["entry_kind"] in self._kinds)
        if wanted:
            self.shown.append(after)
        return wanted

    def cursor(self, to_next: str) -> str:
        """Return the table's cursor with what the next page has to know."""
        at, known = self._last["at"], ""
        if self._after and clock.parse_stamp(at) < clock.now() - _COMPLETE:
            known = " ".join(map(str, self._after))
        return cursor_to([to_next, at, _hash(self._last), known], _name(self._user_id))


_KNOWN = re.compile(r"(-?[0-9]{1,15}) (-?[0-9]{1,15}) (-?[0-9]{1,15})")


def _place(user_id: str, cursor: str | None) -> _Place:
    """Return where a cursor leads. Raises InvalidCursor for one that this list did not give out."""
    if cursor is None:
        return _Place()
    to_next, at, key, known = place_of(cursor, _name(user_id), 4)
    found = _KNOWN.fullmatch(known)
    if known and not found:
        raise InvalidCursor(BAD_CURSOR)
    return _Place(to_next, at, key, Balances(*map(int, found.groups())) if found else None)


def _name(user_id: str) -> str:
    return f"entries {user_id}"


def _hash(item: Item) -> str:
    return fingerprint({"sk": item["sk"]})[:16]


def _balances(account: Item) -> Balances:
    return Balances(account["available"], account["held"], account["receivable"])


def _balances_at(
    user_id: str, after: Balances, begins: str | None, key: str = "", ending_at: str | None = None
) -> Balances | None:
    """Return the balances after the last entry of a moment (None: the newest entry), or before the entry of that hash
    there; `after` are those after what was made until `ending_at`. None if it is too far back.
    """
    if not begins:
        return after
    between: Item = {"index": "by_time", "newest_first": True, "starting_at": begins, "ending_at": ending_at}
    for n, item in enumerate(table.query_all(player_pk(user_id), **between)):
        if not key and item["at"] <= begins:
            return after
        if n == _MOST_BETWEEN:
            return None
        after = after.before(user_id, item["postings"])
        if key == _hash(item):
            return after
    return after


def statement(user_id: str, since: str, until: str) -> Iterator[Item]:
    """Yield the account's entries between two stamps, oldest first."""
    for item in table.query_all(player_pk(user_id), index="by_time", starting_at=since, ending_at=until):
        if item["postings"]:
            yield item


def with_balances(user_id: str, since: str, until: str) -> list[Item]:
    """Return the account's entries between two stamps, oldest first, each with the balances `after` it, as `entries`
    has them; of an account that is written all the while, as of some moment meanwhile. Raises StatementTooLong.
    """
    rests = clock.stamp(clock.now() - _COMPLETE)
    young, after = _young(user_id, rests)
    if until < rests:
        for item in young:
            after = after and after.before(user_id, item["postings"])
        young, after = [], after and _balances_at(user_id, after, until, ending_at=rests)
    ends = min(until, rests)
    between: Item = {"index": "by_time", "newest_first": True, "starting_at": since, "ending_at": ends}
    found: list[Item] = []
    for item in chain(young, table.query_all(player_pk(user_id), **between) if since <= ends else ()):
        if item["postings"] and since <= item["at"] <= until:
            found.append({**item, "after": after})
        if len(found) > MOST_ENTRIES:
            raise StatementTooLong(wording.too_many_entries(MOST_ENTRIES), most=MOST_ENTRIES)
        after = after and after.before(user_id, item["postings"])
    return found[::-1]


def _young(user_id: str, rests: str) -> tuple[list[Item], Balances | None]:
    """Return the entries that were made after a moment, before which all is complete, newest first, and the account's
    balances after them; None if that is too much to add up.

    Where the account is written at each look, the balances are the sum of all its entries.
    """
    for attempt in range(_LOOKS):
        account = find_account(user_id)
        newest = table.query_all(player_pk(user_id), index="by_time", newest_first=True, starting_at=rests)
        young = [item for item in newest if item["at"] > rests]
        if account is None:
            return young, None  # nothing is posted to an account that is not open yet
        if get_account(user_id)["version"] == account["version"]:
            return young, _balances(account)
        clock.sleep_with_jitter(attempt)
    older = list(islice(statement(user_id, "", rests), MOST_ENTRIES + 1))
    if len(older) > MOST_ENTRIES:
        return young, None
    postings = [(account, cents) for item in (*older, *young) for account, cents in item["postings"]]
    return young, Balances(**ledger.balance_changes(user_id, postings))


def kept(user_id: str, cursor: str | None) -> Page:
    """Return a page of everything below a player's id. Raises InvalidCursor."""
    return table.query(player_pk(user_id), cursor=cursor)


def every_item() -> Iterator[Item]:
    """Yield the whole table, partition by partition."""
    yield from table.scan()


def partition_at_one_moment(pk: str) -> list[Item]:
    """Return a partition's items such that the account did not change while they were read. Raises Contention."""
    key = (pk, "ACCOUNT")
    for attempt in range(TRIES):
        before = table.get(key)
        items = list(table.query_all(pk))
        if (before or {}).get("version") == (table.get(key) or {}).get("version"):
            return items
        clock.sleep_with_jitter(attempt)
    raise Contention("The account is busy.")
