"""The daily trial balance: the whole table, as a metric with an alarm for when it is not zero, or is missing."""

from typing import Any

from betsafi.telemetry import count, logger
from wallet.rules.audit import audit
from wallet.stores import reading


def handler(event: dict[str, Any], context: object = None) -> dict[str, int]:
    """Check the books; every problem is logged (ids only) and counted as `LedgerProblems`."""
    report = audit(reading.every_item(), reading.partition_at_one_moment)
    off = sum(report.totals.values())
    for problem in report.problems:
        logger.error("the books do not balance", problem=problem)
    count("LedgerProblems", len(report.problems) + (off != 0))
    if schedule := event.get("schedule"):
        count("ScheduleRan", schedule=schedule)
    logger.info("books checked", accounts=report.accounts, entries=report.entries, problems=len(report.problems))
    return {"accounts": report.accounts, "entries": report.entries, "problems": len(report.problems)}
