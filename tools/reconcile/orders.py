"""Our payments against M-Pesa's record of them, whether a pull or a statement tells it. No I/O.

Money in is found by receipt; a deposit that was completed without one, by its prompt's reference and the amount. Money
out is found by receipt, by the id that we gave the order, or by amount and time where only one fits.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from betsafi import clock
from betsafi.ids import derive_id
from payment.states import DEPOSIT, PAYBILL, UNCERTAIN, WITHDRAWAL
from tools.reconcile.findings import Difference, Findings
from wallet.audit import Item

PAID_IN = ("COMPLETED", "SUSPENSE", "RETURNING", "RETURNED")
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
        since=item.get("submitted_at") or item["at"],
        until=item["updated_at"],
        given_back="reversed_at" in item or item["status"] in ("RETURNING", "RETURNED"),
    )


def originators(payment_id: str, retries: int) -> list[str]:
    """Return the ids under which M-Pesa was asked to pay a withdrawal, as `payment.withdrawals` derives them."""
    return [derive_id("originator", payment_id, *([str(time)] if time else [])) for time in range(retries + 1)]


def named_orders(text: str) -> tuple[str, ...]:
    """Return the ids of orders that a text names."""
    return tuple(_UUID.findall(text.lower()))


def plain(account: str) -> str:
    """Return an account number as it is compared: people type blanks and small letters."""
    return re.sub(r"[\s.\-]", "", account).upper()


class Kept:
    """Picks from the payment table what a record of M-Pesa's from `since` to `until` may be about."""

    def __init__(self, since: str, until: str, receipts: Collection[str], accounts: Collection[str] = ()) -> None:
        self.since, self.until = since, until
        self._receipts, self._accounts = frozenset(receipts), frozenset(map(plain, accounts))
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
        if plain(item.get("reference") or "") in self._accounts:
            return True
        return bool(item["at"] <= self.until and item["updated_at"] >= self.since)

    def of(self, *kinds: str) -> list[Payment]:
        """Return those of some kinds."""
        return [payment for payment in self.payments if payment.kind in kinds]


class Period(NamedTuple):
    """The time that a record covers (stamps), and how its differences are told.

    Payments that began or ended within `grace` of its ends may be on the record before or after. `late`: too long ago
    for a pull. `settled_before`: what changed later than this is on its way.
    """

    since: str
    until: str
    grace: timedelta
    late: bool
    settled_before: str

    def covers(self, payment: Payment) -> bool:
        """Return whether M-Pesa must have moved a finished payment's money inside this time."""
        since = payment.since
        if payment.kind == PAYBILL:
            # We hear of it after it was paid.
            since = clock.stamp(clock.parse_stamp(since) - self.grace)
        return self.since <= since and payment.until <= self.until


def period(since: datetime, until: datetime, grace: timedelta, now: datetime, pull: timedelta) -> Period:
    """Return the period of a record; `pull` is for how long M-Pesa still tells of a payment by itself."""
    late = since < now - pull
    return Period(clock.stamp(since), clock.stamp(until), grace, late, clock.stamp(now - grace))


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
    elsewhere: Collection[str] = (),
) -> Result:
    """Compare customers' payments on M-Pesa's record with ours, both ways.

    `returned_too`: the record keeps what was given back (a statement does). `elsewhere`: receipts that M-Pesa has on
    another day.
    """
    findings = Findings()
    by_receipt = {payment.receipt: payment for payment in payments if payment.receipt}
    by_told = {payment.told: payment for payment in payments if payment.told}
    bare = {payment.account: payment for payment in payments if payment.kind == DEPOSIT and not payment.receipt}
    matched: set[str] = set()
    for row in rows:
        payment = by_receipt.get(row.receipt)
        if payment is not None:
            matched.add(payment.id)
            findings.differences += _other(row, payment)
            continue
        payment = bare.get(plain(row.account)) if row.account else None
        if payment is not None and payment.status == "COMPLETED" and payment.id not in matched:
            matched.add(payment.id)
            found = _other(row, payment)
            findings.differences += found
            if not found:
                findings.notes.append(_about("RECEIPT_MATCHED", payment, row))
            continue
        _file(findings, when, _not_booked(row, payment or by_told.get(row.receipt), when), payment)
    on_record = {*elsewhere, *(row.receipt for row in rows)}
    for payment in payments:
        if payment.status not in PAID_IN or payment.id in matched or payment.receipt in on_record:
            continue
        if payment.given_back and not returned_too:
            continue
        if when.covers(payment):
            _file(findings, when, Difference(
                "MPESA_LACKS", payment.id, payment.receipt, payment.user_id, (("payment", payment.cents),),
                payment.status,
            ), payment)  # fmt: skip
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
    if row.account and payment.account and plain(row.account) != payment.account:
        return [_about("MPESA_OTHER_ACCOUNT", payment, row)]
    return []


def _not_booked(row: Row, payment: Payment | None, when: Period) -> Difference:
    code = "MPESA_NOT_BOOKED_LATE" if when.late else "MPESA_NOT_BOOKED"
    if payment is None:
        return Difference(code, "", row.receipt, "", (("M-Pesa", row.cents),), row.where)
    detail = f"{row.where} {payment.kind} {payment.status}".strip()
    return Difference(code, payment.id, row.receipt, payment.user_id, (("M-Pesa", row.cents),), detail)


def _about(code: str, payment: Payment, row: Row, cents: int | None = None) -> Difference:
    amounts = (("M-Pesa", row.cents), ("payment", payment.cents if cents is None else cents))
    detail = f"{row.where} {payment.kind} {payment.status}".strip()
    return Difference(code, payment.id, row.receipt or payment.receipt, payment.user_id, amounts, detail)


def _file(findings: Findings, when: Period, found: Difference, payment: Payment | None = None) -> None:
    young = payment is not None and payment.until > when.settled_before
    (findings.pending if young else findings.differences).append(found)


# -- money out


def compare_out(
    rows: Sequence[Row],
    payments: Sequence[Payment],
    when: Period,
    *,
    taken: Sequence[Payment] = (),
    elsewhere: Collection[str] = (),
) -> Result:
    """Compare payouts and reversals (rows with a `linked` receipt) on M-Pesa's record with ours, both ways.

    `taken`: the payments that may have been reversed. `elsewhere`: receipts that M-Pesa has on another day.
    """
    findings = Findings()
    by_receipt = {payment.receipt: payment for payment in payments if payment.receipt}
    by_order = {order: payment for payment in payments for order in payment.orders}
    by_original: dict[str, Payment] = {}
    for payment in payments:
        if payment.original and by_original.get(payment.original, payment).status != "COMPLETED":
            by_original[payment.original] = payment
    matched: set[str] = set()
    open_rows: list[Row] = []
    for row in rows:
        found = by_receipt.get(row.receipt) or next((by_order[name] for name in row.orders if name in by_order), None)
        found = found or (by_original.get(row.linked) if row.linked else None)
        if found is None:
            open_rows.append(row)
        elif found.id in matched or (found.receipt and found.receipt != row.receipt and not row.linked):
            findings.differences.append(_about("MPESA_PAID_TWICE", found, row))
            matched.add(found.id)
        else:
            matched.add(found.id)
            _match_out(findings, when, row, found)
    for row, fits in _by_amount_and_time(open_rows, payments, matched, when):
        if fits is None:
            findings.differences.append(_nobodys(row, taken))
        else:
            matched.add(fits.id)
            _match_out(findings, when, row, fits)
    on_record = {*elsewhere, *(row.receipt for row in rows)}
    for payment in payments:
        if payment.id not in matched and payment.receipt not in on_record:
            _lacking(findings, when, payment)
    return Result(findings, frozenset(matched))


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


def _lacking(findings: Findings, when: Period, payment: Payment) -> None:
    about = (payment.id, payment.receipt, payment.user_id, (("payment", payment.cents),), payment.status)
    if payment.status == "COMPLETED" and when.covers(payment):
        _file(findings, when, Difference("MPESA_LACKS", *about), payment)
    elif payment.status in UNCERTAIN and when.since <= payment.since <= when.until:
        # M-Pesa may still pay what was asked for at the very end.
        at_the_end = clock.parse_stamp(payment.since) > clock.parse_stamp(when.until) - when.grace
        lists = findings.pending if at_the_end else findings.differences
        lists.append(Difference("MPESA_UNPAID", *about))


def _by_amount_and_time(
    rows: Sequence[Row], payments: Sequence[Payment], matched: Collection[str], when: Period
) -> list[tuple[Row, Payment | None]]:
    """Pair rows with payments that have no receipt, where amount and time fit only one another."""
    fitting: dict[Row, list[Payment]] = {}
    for row in rows:
        fitting[row] = [
            payment
            for payment in payments
            if not row.linked and row.at and payment.kind == WITHDRAWAL and not payment.receipt
            and payment.id not in matched and payment.cents == row.cents and _in_time(row, payment, when)
        ]  # fmt: skip
    wanted = Counter(payment.id for found in fitting.values() for payment in found)
    return [(row, found[0] if len(found) == 1 and wanted[found[0].id] == 1 else None) for row, found in fitting.items()]


def _in_time(row: Row, payment: Payment, when: Period) -> bool:
    if payment.status in ("REQUESTED", "REVIEW", "REFUSED"):
        return False
    until = clock.stamp(clock.parse_stamp(payment.until) + when.grace)
    return payment.since <= row.at and (payment.status in UNCERTAIN or row.at <= until)
