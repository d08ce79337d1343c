"""The net below confirmations: M-Pesa's own list of customers' payments, of which we book what we have not."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from betsafi import clock
from betsafi.errors import Unavailable
from betsafi.telemetry import count, logger
from payment import queue
from payment.flows import paybill
from payment.providers.chosen import STANDARD
from payment.providers.mpesa.credentials import credentials
from payment.stores import channel

PULL_HOURS = 48
"""M-Pesa lists no payment that is older."""

OVERLAP = timedelta(hours=1)


class NotBooked(Exception):
    """Payments that M-Pesa has could not be booked; their page is read again."""


def pull(page: Any) -> None:
    """Book a page of what M-Pesa has, and send for the next one.

    `page` is True for the first one of all that M-Pesa lists, "new" for the first one of what was not read yet. A page
    with a payment that cannot be booked is read again `alone`, by a message of its own that raises NotBooked until it
    can; the list then does not count as read.
    """
    if not credentials().can_take:  # a new stage, whose secret is not filled in yet
        return
    if page is True or page == "new":
        since, until = window(only_new=page == "new")
        page = {"since": clock.stamp(since), "until": clock.stamp(until), "offset": 0, "first": "", "whole": True}
    since, until = clock.parse_stamp(page["since"]), clock.parse_stamp(page["until"])
    try:
        pulled = book_page(since, until, page["offset"], page["first"])
    except Unavailable:
        # The next pull begins where the last whole one ended; the alarm is for when none gets through.
        count("PullFailed")
        logger.warning("M-Pesa did not answer a pull", offset=page["offset"])
        return
    if page.get("alone"):
        if pulled.failed:
            raise NotBooked(", ".join(pulled.failed))
        return
    if pulled.failed:
        queue.send_message({"pull": {**page, "alone": True}})
    whole = page.get("whole", True) and not pulled.failed
    if pulled.more:
        more = {"offset": pulled.more.offset, "first": pulled.more.first}
        queue.send_message({"pull": {**page, **more, "whole": whole}})
    elif whole:
        channel.save_pulled(page["since"], page["until"])


@dataclass(frozen=True)
class Next:
    """Where a pull goes on, and the first receipt of the page before."""

    offset: int
    first: str


@dataclass(frozen=True)
class Pulled:
    """A page of M-Pesa's list: where the list goes on (None: nowhere), and whose booking failed."""

    more: Next | None
    failed: tuple[str, ...] = ()


def book_page(since: datetime, until: datetime, offset: int = 0, first: str = "") -> Pulled:
    """Book what M-Pesa has of a time and we have not, a page. A payment that cannot be booked costs the others nothing.

    The same page again means that M-Pesa does not turn pages. Raises Unavailable, also for that, and for a page of
    which nothing can be read: it could be the same one for ever.
    """
    found = STANDARD.orders().pull(since, until, offset)
    if found.payments and found.payments[0].receipt == first:
        raise Unavailable("M-Pesa returns the same page again.")
    if found.unreadable:
        count("PullUnreadable", found.unreadable)
        logger.warning("a pull has rows that cannot be read", found=found.unreadable)
    if not found.payments:
        if found.unreadable:
            raise Unavailable("Nothing of M-Pesa's list can be read.")
        return Pulled(None)
    new, failed = 0, []
    for paid in found.payments:
        try:
            new += paybill.book(paid)
        except Exception:  # noqa: BLE001  logged, and the page is read for it again by a message of its own
            logger.exception("a pulled payment was not booked", receipt=paid.receipt)
            failed.append(paid.receipt)
    if new:
        count("PulledPayments", new)
        logger.warning("M-Pesa had payments that we did not know", found=new)
    more = Next(offset + len(found.payments) + found.unreadable, found.payments[0].receipt)
    return Pulled(more, tuple(failed))


def window(only_new: bool = False) -> tuple[datetime, datetime]:
    """Return the time that M-Pesa still lists, or what of it was not read yet, up to the next minute."""
    now = clock.now()
    since, (_, read_until) = now - timedelta(hours=PULL_HOURS), channel.pulled()
    if only_new and read_until:
        since = max(since, clock.parse_stamp(read_until) - OVERLAP)
    return since, now + timedelta(minutes=1)  # M-Pesa takes whole seconds
