"""Carriers' reports of how messages ended, from the queue that API Gateway wrote them to."""

from typing import Any

from betsafi.queue import handle_tries
from betsafi.telemetry import count, logger
from notifications import reports
from notifications.carriers.credentials import credentials
from notifications.stores import inbox

_TRIES = 5
"""A report may come before it is written down whose it is: it is tried again for a minute."""


class Early(Exception):
    """No note is known by the report's id yet."""


def handler(event: dict[str, Any], context: object = None) -> dict[str, Any]:
    """Take a batch of reports; the failed ones come again."""
    return handle_tries(event, take)


def take(message: dict[str, str], tries: int) -> None:
    """Take one report, any number of times with one effect."""
    if not reports.is_signed(message, credentials().report_key):
        # Anybody can post here, so a forgery costs us no write.
        count("ReportForged")
        return
    try:
        report = reports.read(message)
    except ValueError:
        count("ReportUnreadable")
        return
    if report is None or inbox.reported(report.carrier_id, report.arrived, report.failure):
        return
    if tries < _TRIES:
        raise Early
    # The codes of sign-ins go by SMS too, and have no note.
    logger.info("a report of no note of ours", error=report.failure)
