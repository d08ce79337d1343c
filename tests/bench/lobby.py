"""What the first page of the lobby reads of the table, however many fixtures its list has."""

from datetime import UTC, datetime, timedelta
from unittest.mock import patch

from betsafi import clock
from betsafi.aws import client
from betsafi.dynamodb import marshal
from tests.bench.bets import new_market
from tests.bench.house import House
from tests.bench.meter import Measurement
from tests.bench.rows import Row

SIZES = (100, 10_000)
PAGE = 20


def measure(house: House) -> list[Row]:
    """Return the reads of the first page of a day's fixtures, in a short list and in a long one."""
    pages, again = zip(*(_first_page(house, size, days) for days, size in enumerate(SIZES, start=2)), strict=True)
    rows = [
        Row(f"lobby.reads.{size}", f"first page of fixtures, {size:,} fixtures: reads", len(page.calls), "reads", 2, 2)
        for size, page in zip(SIZES, pages, strict=True)
    ]
    growth = pages[-1].read_units / pages[0].read_units
    rows.append(Row("lobby.units", "  growth of their read units", growth, "x", 1.0, 1.0))
    kept = len(again[-1].calls)
    return [*rows, Row("lobby.again", "  again within two seconds, by anybody: reads", kept, "reads", 0, 0)]


def _first_page(house: House, fixtures: int, days: int) -> tuple[Measurement, Measurement]:
    """Fill a day some days from now, and measure what its first page reads, and reads when it is looked at again.

    The page's markets are real ones.
    """
    day = (clock.now() + timedelta(days=days)).date()
    noon = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)  # in Nairobi
    names = [f"lobby-{fixtures:05d}-{n}" for n in range(PAGE)]  # as long in one list as in the other
    for n, name in enumerate(names):
        new_market(house, name, starts_at=noon + timedelta(seconds=n))
    _copy(house, names[-1], noon, range(PAGE, fixtures))
    house.forget_changes()
    asked = {"filter": {"day": day.isoformat()}, "limit": PAGE}
    player, moment = house.new_player(), clock.monotonic()
    with patch.object(clock, "monotonic", lambda: moment):
        with house.meter.measuring() as taken:
            page = house.ask("fixtures", player, asked, kind="Query")
        with house.meter.measuring() as again:
            house.ask("fixtures", player, asked, kind="Query")
    if [len(item["markets"]) for item in page["items"]] != [1] * PAGE:
        raise RuntimeError(f"the first page has {len(page['items'])} fixtures")
    return taken, again


def _copy(house: House, fixture_id: str, noon: datetime, numbers: range) -> None:
    """Write copies of a fixture, each a second later than the one before."""
    original = house.module("bet.catalogue.fixtures").get_fixture(fixture_id)
    puts = []
    for n in numbers:
        copied, starts_at = f"{fixture_id}-{n}", clock.stamp(noon + timedelta(seconds=n))
        changes = {"pk": f"FIXTURE#{copied}", "fixture_id": copied, "starts_at": starts_at, "at": starts_at}
        puts.append({"PutRequest": {"Item": marshal({**original, **changes})}})
    table = house.tables["bet"]
    for start in range(0, len(puts), 25):
        answer = client("dynamodb").batch_write_item(RequestItems={table: puts[start : start + 25]})
        if answer["UnprocessedItems"]:
            raise RuntimeError("the emulator left copies of fixtures unwritten")
