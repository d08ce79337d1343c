"""What the table says: pages and days of a player's entries, and the whole of it for the trial balance."""

from collections.abc import Iterator

from betsafi import clock
from betsafi.dynamodb import Item, Page
from betsafi.errors import Contention
from wallet.stores.accounts import TRIES
from wallet.table import player_pk, table


def entries(
    user_id: str,
    limit: int,
    cursor: str | None,
    kinds: frozenset[str] = frozenset(),
    since: str | None = None,
    until: str | None = None,
) -> Page:
    """Return a page of the account's entries, newest first, of some kinds (none: all) and between two stamps.

    As `Table.query_wanted`.
    """

    def wanted(item: Item) -> bool:
        return bool(item["postings"]) and (not kinds or item["entry_kind"] in kinds)

    between = {"index": "by_time", "newest_first": True, "starting_at": since, "ending_at": until}
    return table.query_wanted(player_pk(user_id), wanted, limit, cursor, **between)


def statement(user_id: str, since: str, until: str) -> Iterator[Item]:
    """Yield the account's entries between two stamps, oldest first."""
    for item in table.query_all(player_pk(user_id), index="by_time", starting_at=since, ending_at=until):
        if item["postings"]:
            yield item


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
