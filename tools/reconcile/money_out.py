"""Our payouts and reversals against M-Pesa's record of them. No I/O.

A payment is found by receipt, by the id that we gave the order, or by amount and time where only one fits.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from betsafi import clock
from payment.states import UNCERTAIN, WITHDRAWAL
from tools.reconcile.findings import Difference, Findings
from tools.reconcile.payments import Payment
from tools.reconcile.record import Period, Result, Row, differing, report, report_lacking

ROUNDING = timedelta(minutes=1)
"""M-Pesa's times may have lost as much, and then seem to be before ours."""


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
            findings.differences.append(differing("MPESA_PAID_TWICE", found, row))
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
            report_lacking(findings, when, payment, maybe.get(payment.id, ""))
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
        return differing("MPESA_REVERSED_OUTSIDE", reversed_, row, reversed_.due)
    code = "MPESA_REVERSED_OUTSIDE" if row.linked else "MPESA_OUT_UNKNOWN"
    return Difference(code, "", row.receipt, "", (("M-Pesa", row.cents),), row.where)


def _match_out(findings: Findings, when: Period, row: Row, payment: Payment) -> None:
    if payment.status == "COMPLETED":
        if row.cents != payment.cents:
            # Paid too much is the player's to give back, so ours comes first.
            other = differing("MPESA_OTHER_AMOUNT", payment, row)
            findings.differences.append(replace(other, amounts=other.amounts[::-1]))
        elif not payment.receipt and payment.kind == WITHDRAWAL:
            findings.notes.append(differing("RECEIPT_MATCHED", payment, row))
    elif payment.status in ("FAILED", "REFUSED"):
        report(findings, when, differing("MPESA_PAID_FAILED", payment, row, payment.due), payment)
    else:
        report(findings, when, differing("MPESA_PAID_OPEN", payment, row), payment)


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
