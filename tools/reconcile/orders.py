"""Our payments against M-Pesa's record of them, whether a pull or a statement tells it. No I/O.

Money in is found by receipt; a deposit that was completed without one, by its prompt's reference and the amount. Money
out is found by receipt, by the id that we gave the order, or by amount and time where only one fits.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import NamedTuple

from betsafi import clock
from betsafi.ids import derive_id
from payment.states import DEPOSIT, PAYBILL, RESENT, UNCERTAIN, WITHDRAWAL
from payment.taxes import split_deposit, tariff_on
from tools.reconcile.findings import Difference, Findings
from wallet.rules.audit import Item

PAID_IN = ("COMPLETED", "SUSPENSE", "RETURNING", "RETURNED")
ROUNDING = timedelta(minutes=1)
"""M-Pesa's times may have lost as much, and then seem to be before ours."""

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Row(NamedTuple):
    """A movement as M-Pesa tells it. `where` is how a person finds it; `at` (a stamp) only where M-Pesa tells it."""

    receipt: str
    cents: int
    account: str = ""
    where: str = ""
    at: str = ""
    linked: str = ""
    orders: tuple[str, ...] = ()


class Payment(NamedTuple):
    """What is kept of a payment: `cents` is what M-Pesa moves, `due` what leaves or reaches the player."""

    id: str
    kind: str
    status: str
    user_id: str
    cents: int
    due: int
    receipt: str
    told: str
    account: str
    original: str
    orders: tuple[str, ...]
    since: str
    until: str
    given_back: bool


def kept(item: Item) -> Payment:
    """Return what is kept of a payment's item."""
    kind = item["kind"]
    cents = item["paid_cents"] if kind == WITHDRAWAL else item["amount_cents"]
    due = item["withholding_cents"] + cents if kind == WITHDRAWAL else item.get("credit_cents") or cents
    orders = tuple(originators(item["payment_id"], item.get("retries", 0))) if kind == WITHDRAWAL else ()
    return Payment(
        item["payment_id"],
        kind,
        item["status"],
        item.get("user_id") or "",
        cents,
        due,
        item.get("receipt", ""),
        item.get("told_receipt", ""),
        plain(item.get("reference") or item.get("account") or ""),
        item.get("original_receipt", ""),
        orders,
        # When it was submitted says nothing: that is when an answer was stored, perhaps not the first one.
        since=item["at"],
        until=item["updated_at"],
        given_back="reversed_at" in item or item["status"] in ("RETURNING", "RETURNED"),
    )


def originators(payment_id: str, retries: int) -> list[str]:
    """Return the ids under which M-Pesa was asked to pay a withdrawal, as `payment.flows.withdrawals` derives them."""
    return [derive_id("originator", payment_id, *([str(time)] if time else [])) for time in range(retries + 1)]


def named_orders(text: str) -> tuple[str, ...]:
    """Return the ids of orders that a text names."""
    return tuple(_UUID.findall(text.lower()))


def plain(account: str) -> str:
    """Return an account number as it is compared: people type blanks and small letters."""
    return re.sub(r"[\s.\-]", "", account).upper()


class Kept:
    """Picks from the payment table what a record of M-Pesa's from `since` to `until` may be about."""

    def __init__(
        self, since: str, until: str, receipts: Collection[str], accounts: Collection[str] = (),
        orders: Collection[str] = (),
    ) -> None:  # fmt: skip
        self.since, self.until = since, until
        # No account number is nobody's: it would be that of every payment without one.
        self._receipts, self._accounts = frozenset(receipts), frozenset(map(plain, accounts)) - {""}
        self._orders = frozenset(orders)
        self.payments: list[Payment] = []

    def payment(self, item: Item) -> None:
        """Take an item of the payment table."""
        if item["sk"] == "PAYMENT" and self._concerns(item):
            self.payments.append(kept(item))

    def _concerns(self, item: Item) -> bool:
        named = (item.get("receipt"), item.get("told_receipt"), item.get("original_receipt"))
        if any(name in self._receipts for name in named if name):
            return True
        if item["status"] in UNCERTAIN or (item["status"] == "COMPLETED" and "receipt" not in item):
            return bool(item["at"] <= self.until)
        if plain(item.get("reference") or "") in self._accounts or self._ordered(item):
            return True
        return bool(item["at"] <= self.until and item["updated_at"] >= self.since)

    def _ordered(self, item: Item) -> bool:
        if not self._orders or item["kind"] != WITHDRAWAL:
            return False
        return not self._orders.isdisjoint(originators(item["payment_id"], item.get("retries", 0)))

    def of(self, *kinds: str) -> list[Payment]:
        """Return those of some kinds."""
        return [payment for payment in self.payments if payment.kind in kinds]


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


# -- money in


def compare_in(
    rows: Sequence[Row],
    payments: Sequence[Payment],
    when: Period,
    *,
    returned_too: bool,
    elsewhere: Sequence[Row] = (),
) -> Result:
    """Compare customers' payments on M-Pesa's record with ours, both ways.

    `returned_too`: the record keeps what was given back (a statement does). `elsewhere`: rows that are no customers'
    payments of this time, as those of another day.
    """
    findings = Findings()
    by_receipt = {payment.receipt: payment for payment in payments if payment.receipt}
    by_told = {payment.told: payment for payment in payments if payment.told}
    bare = {
        payment.account: payment
        for payment in payments
        if payment.kind == DEPOSIT and payment.account and not payment.receipt
    }
    matched: set[str] = set()
    for row in rows:
        payment = by_receipt.get(row.receipt)
        if payment is not None:
            matched.add(payment.id)
            findings.differences += _other(row, payment)
            continue
        payment = bare.get(plain(row.account))
        if payment is not None and payment.status == "COMPLETED" and payment.id not in matched:
            matched.add(payment.id)
            found = _other(row, payment)
            findings.differences += found
            if not found:
                findings.notes.append(_about("RECEIPT_MATCHED", payment, row))
            continue
        _file(findings, when, _not_booked(row, payment or by_told.get(row.receipt), when), payment)
    on_record = {row.receipt for row in (*rows, *elsewhere)}
    accounts = {plain(row.account) for row in elsewhere} - {""}
    for payment in payments:
        if payment.status not in PAID_IN or payment.id in matched or payment.receipt in on_record:
            continue
        if (payment.given_back and not returned_too) or (not payment.receipt and payment.account in accounts):
            continue
        _lacking(findings, when, payment)
    return Result(findings, frozenset(matched))


def without_receipt(payments: Iterable[Payment], before: str) -> list[Difference]:
    """Return the deposits that were completed without a receipt before a moment."""
    return [
        Difference("MPESA_NO_RECEIPT", payment.id, "", payment.user_id, (("payment", payment.cents),))
        for payment in payments
        if payment.kind == DEPOSIT and payment.status == "COMPLETED" and not payment.receipt and payment.until < before
    ]


def _other(row: Row, payment: Payment) -> list[Difference]:
    if row.cents != payment.cents:
        return [_about("MPESA_OTHER_AMOUNT", payment, row)]
    account = plain(row.account)
    if account and payment.account and account != payment.account:
        return [_about("MPESA_OTHER_ACCOUNT", payment, row)]
    return []


def _not_booked(row: Row, payment: Payment | None, when: Period) -> Difference:
    code, amounts = "MPESA_NOT_BOOKED", [("M-Pesa", row.cents)]
    if when.late:
        day = clock.parse_stamp(row.at or when.since).astimezone(clock.NAIROBI).date()
        code = "MPESA_NOT_BOOKED_LATE"
        amounts.append(("credit", split_deposit(row.cents, tariff_on(day)).credit_cents))
    if payment is None:
        return Difference(code, "", row.receipt, "", tuple(amounts), row.where)
    detail = f"{row.where} {payment.kind} {payment.status}".strip()
    return Difference(code, payment.id, row.receipt, payment.user_id, tuple(amounts), detail)


def _about(code: str, payment: Payment, row: Row, cents: int | None = None) -> Difference:
    amounts = (("M-Pesa", row.cents), ("payment", payment.cents if cents is None else cents))
    detail = f"{row.where} {payment.kind} {payment.status}".strip()
    return Difference(code, payment.id, row.receipt or payment.receipt, payment.user_id, amounts, detail)


def _file(findings: Findings, when: Period, found: Difference, payment: Payment | None = None) -> None:
    young = payment is not None and payment.until > when.settled_before
    (findings.pending if young else findings.differences).append(found)


def _lacking(findings: Findings, when: Period, payment: Payment, maybe: str = "") -> None:
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
        _file(findings, when, Difference(code, *about, payment.status), payment)


# -- money out


class _Ours:
    """Our payments by what a row may name: their receipt, the order, the receipt that they give back."""

    def __init__(self, payments: Sequence[Payment]) -> None:
        self.by_receipt = {payment.receipt: payment for payment in payments if payment.receipt}
        self._by_order = {order: payment for payment in payments for order in payment.orders}
        self._by_original: dict[str, Payment] = {}
        for payment in payments:
            if payment.original and self._by_original.get(payment.original, payment).status != "COMPLETED":
                self._by_original[payment.original] = payment

    def named(self, row: Row) -> Payment | None:
        """Return the payment that a row names."""
        found = self.by_receipt.get(row.receipt)
        found = found or next((self._by_order[name] for name in row.orders if name in self._by_order), None)
        return found or (self._by_original.get(row.linked) if row.linked else None)


def compare_out(
    rows: Sequence[Row],
    payments: Sequence[Payment],
    when: Period,
    *,
    taken: Sequence[Payment] = (),
    elsewhere: Sequence[Row] = (),
) -> Result:
    """Compare payouts and reversals (rows with a `linked` receipt) on M-Pesa's record with ours, both ways.

    `taken`: the payments that may have been reversed. `elsewhere`: rows that are no payouts of this time, as those of
    another day, and that may yet be about one.
    """
    findings = Findings()
    ours = _Ours(payments)
    paid: dict[str, str] = {}  # the receipts under which payments are on the record
    open_rows: list[Row] = []
    # Payments' own receipts first, so that of two rows it is the other one that is too many.
    for row in sorted(rows, key=lambda row: row.receipt not in ours.by_receipt):
        found = ours.named(row)
        if found is None:
            open_rows.append(row)
        elif row.receipt != paid.get(found.id, row.receipt if row.linked else found.receipt or row.receipt):
            findings.differences.append(_about("MPESA_PAID_TWICE", found, row))
            paid.setdefault(found.id, row.receipt)
        else:
            paid[found.id] = row.receipt
            _match_out(findings, when, row, found)
    nobodys: list[Row] = []
    for row, fits in _by_amount_and_time(open_rows, payments, paid, when):
        if fits is None:
            nobodys.append(row)
            findings.differences.append(_nobodys(row, taken))
        else:
            paid[fits.id] = row.receipt
            _match_out(findings, when, row, fits)
    on_record = {row.receipt for row in (*rows, *elsewhere)}
    maybe = _maybe([*nobodys, *elsewhere], ours, [payment for payment in payments if not payment.receipt], when)
    for payment in payments:
        if payment.id not in paid and payment.receipt not in on_record:
            _lacking(findings, when, payment, maybe.get(payment.id, ""))
    return Result(findings, frozenset(paid))


def _maybe(rows: Iterable[Row], ours: _Ours, bare: Sequence[Payment], when: Period) -> dict[str, str]:
    """Return the payments without a receipt that one of some rows names, or fits by amount and time; and which row."""
    found: dict[str, str] = {}
    for row in rows:
        named = ours.named(row)
        fitting = [payment for payment in bare if _fits(row, payment, when)] if named is None else [named]
        found |= {payment.id: row.where for payment in fitting}
    return found


def _nobodys(row: Row, taken: Sequence[Payment]) -> Difference:
    """M-Pesa moved money out that we did not order: a reversal of a payment that we took, or a payout."""
    reversed_ = next((payment for payment in taken if row.linked and payment.receipt == row.linked), None)
    if reversed_ is not None:
        return _about("MPESA_REVERSED_OUTSIDE", reversed_, row, reversed_.due)
    code = "MPESA_REVERSED_OUTSIDE" if row.linked else "MPESA_OUT_UNKNOWN"
    return Difference(code, "", row.receipt, "", (("M-Pesa", row.cents),), row.where)


def _match_out(findings: Findings, when: Period, row: Row, payment: Payment) -> None:
    if payment.status == "COMPLETED":
        if row.cents != payment.cents:
            # Paid too much is the player's to give back, so ours comes first.
            other = _about("MPESA_OTHER_AMOUNT", payment, row)
            findings.differences.append(replace(other, amounts=other.amounts[::-1]))
        elif not payment.receipt and payment.kind == WITHDRAWAL:
            findings.notes.append(_about("RECEIPT_MATCHED", payment, row))
    elif payment.status in ("FAILED", "REFUSED"):
        _file(findings, when, _about("MPESA_PAID_FAILED", payment, row, payment.due), payment)
    else:
        _file(findings, when, _about("MPESA_PAID_OPEN", payment, row), payment)


def _by_amount_and_time(
    rows: Sequence[Row], payments: Sequence[Payment], matched: Collection[str], when: Period
) -> list[tuple[Row, Payment | None]]:
    """Pair rows with payments that have no receipt, where amount and time fit only one another."""
    fitting: dict[Row, list[Payment]] = {}
    for row in rows:
        fitting[row] = [
            payment
            for payment in payments
            if not row.linked and payment.kind == WITHDRAWAL and not payment.receipt
            and payment.id not in matched and _fits(row, payment, when)
        ]  # fmt: skip
    wanted = Counter(payment.id for found in fitting.values() for payment in found)
    return [(row, found[0] if len(found) == 1 and wanted[found[0].id] == 1 else None) for row, found in fitting.items()]


def _fits(row: Row, payment: Payment, when: Period) -> bool:
    """Return whether a row has a payment's amount, at a time at which M-Pesa may have done it."""
    if not row.at or row.cents != payment.cents or payment.status in ("REQUESTED", "REVIEW", "REFUSED"):
        return False
    since = clock.stamp(clock.parse_stamp(payment.since) - ROUNDING)
    until = clock.stamp(clock.parse_stamp(payment.until) + when.grace)
    return since <= row.at and (payment.status in UNCERTAIN or row.at <= until)
