"""M-Pesa's record of payments, as a pull or a statement tells it, and how what differs from it is reported. No I/O."""

from datetime import date, datetime, timedelta
from typing import NamedTuple

from betsafi import clock
from payment.states import PAYBILL, RESENT, UNCERTAIN
from tools.reconcile.findings import Difference, Findings
from tools.reconcile.payments import Payment

PAID_IN = ("COMPLETED", "SUSPENSE", "RETURNING", "RETURNED")


class Row(NamedTuple):
    """A movement as M-Pesa tells it. `where` is how a person finds it; `at` (a stamp) only where M-Pesa tells it."""

    receipt: str
    cents: int
    account: str = ""
    where: str = ""
    at: str = ""
    linked: str = ""
    orders: tuple[str, ...] = ()


class Period(NamedTuple):
    """The time that a record covers (stamps), and how its differences are told.

    We may hear of a payment as much as `grace` after it. `late`: too long ago for a pull. `settled_before`: what
    changed later than this is on its way. `days`: the first and last that all the files are about; None for a pull.
    """

    since: str
    until: str
    grace: timedelta
    late: bool
    settled_before: str
    now: str
    days: tuple[date, date] | None = None

    def span(self, payment: Payment) -> tuple[str, str]:
        """Return from when to when M-Pesa must have moved a finished payment's money."""
        if payment.kind == PAYBILL:
            # We hear of it after it was paid.
            return clock.stamp(clock.parse_stamp(payment.since) - self.grace), payment.since
        return payment.since, payment.until

    def has(self, moment: str) -> bool:
        """Return whether a moment is inside this time."""
        return self.since <= moment <= self.until

    def wanting(self, since: str, until: str) -> str:
        """Return the days that files have to be about to tell of that time; "" if they are."""
        if self.days is None:
            return ""
        first, last = (clock.parse_stamp(at).astimezone(clock.NAIROBI).date() for at in (since, until))
        return "" if self.days[0] <= first and last <= self.days[1] else f"{first} to {last}"


def period(since: datetime, until: datetime, grace: timedelta, now: datetime, pull: timedelta) -> Period:
    """Return the period of a record; `pull` is for how long M-Pesa still tells of a payment by itself."""
    late = since < now - pull
    return Period(clock.stamp(since), clock.stamp(until), grace, late, clock.stamp(now - grace), clock.stamp(now))


class Result(NamedTuple):
    """The findings, and the ids of the payments that are on the record."""

    findings: Findings
    matched: frozenset[str]


def differing(code: str, payment: Payment, row: Row, cents: int | None = None) -> Difference:
    """Return a difference between a row and a payment, whose amount is `cents` where that is not what M-Pesa moves."""
    amounts = (("M-Pesa", row.cents), ("payment", payment.cents if cents is None else cents))
    detail = f"{row.where} {payment.kind} {payment.status}".strip()
    return Difference(code, payment.id, row.receipt or payment.receipt, payment.user_id, amounts, detail)


def report(findings: Findings, when: Period, found: Difference, payment: Payment | None = None) -> None:
    """Add a difference: as pending where its payment has changed so lately that it may yet agree."""
    young = payment is not None and payment.until > when.settled_before
    (findings.pending if young else findings.differences).append(found)


def report_lacking(findings: Findings, when: Period, payment: Payment, maybe: str = "") -> None:
    """Report a payment that must be on the record and is not; only note it where that is not sure.

    It is not where a row (`maybe`) may be the payment, or where the files are not about all of the time in which M-Pesa
    may have done it: for one that has not ended, until now.
    """
    code, (since, until) = "MPESA_LACKS", when.span(payment)
    if payment.status in PAID_IN:
        concerns = when.has(until) and (when.days is not None or when.has(since))
    else:
        code = "MPESA_UNPAID_RESENT" if payment.status in RESENT.get(payment.kind, ()) else "MPESA_UNPAID"
        concerns, until = payment.status in UNCERTAIN and when.has(since), when.now
    if not concerns:
        return
    about = (payment.id, payment.receipt, payment.user_id, (("payment", payment.cents),))
    if days := when.wanting(since, until):
        findings.notes.append(Difference("MPESA_NOT_SEEN", *about, f"{payment.status}, needs the days {days}"))
    elif maybe:
        findings.notes.append(Difference("MPESA_NOT_SEEN", *about, f"{payment.status}, may be {maybe}"))
    else:
        report(findings, when, Difference(code, *about, payment.status), payment)
