"""The daily return to the regulator and the tax authority: every whole day in Nairobi that has none yet."""

from datetime import timedelta
from typing import Any

from betsafi import clock
from betsafi.telemetry import count, logger
from wallet import archive
from wallet.rules import returns
from wallet.stores import reading

SETTLED = timedelta(hours=1)
"""So long after midnight no entry of the day before is still being written."""


def handler(event: dict[str, Any], context: object = None) -> dict[str, int]:
    """Make the returns that are due, one after the other; the first one ever is yesterday's."""
    yesterday = (clock.now().astimezone(clock.NAIROBI) - SETTLED).date() - timedelta(days=1)
    chain = archive.newest(yesterday)
    first = chain.day + timedelta(days=1) if chain else yesterday
    days = [first + timedelta(days=n) for n in range((yesterday - first).days + 1)]
    entries = returns.rows(reading.every_item(), days) if days else {}
    for day in days:
        chain = archive.keep(day, returns.content(day, archive.settings.stage, entries[day], chain))
        logger.info("return made", day=day.isoformat(), number=chain.number, records=len(entries[day]))
    if schedule := event.get("schedule"):
        count("ScheduleRan", schedule=schedule)
    return {"days": len(days), "records": sum(len(rows) for rows in entries.values())}
