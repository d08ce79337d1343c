"""Customers' payments against M-Pesa's record of them. No I/O.

A payment is found by receipt; a deposit that was completed without one, by its prompt's reference and the amount.
"""

from collections.abc import Iterable, Sequence

from betsafi import clock
from payment.states import DEPOSIT
from payment.taxes import split_deposit, tariff_on
from tools.reconcile.findings import Difference, Findings
from tools.reconcile.payments import Payment, plain
from tools.reconcile.record import PAID_IN, Period, Result, Row, differing, report, report_lacking


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
                findings.notes.append(differing("RECEIPT_MATCHED", payment, row))
            continue
        report(findings, when, _not_booked(row, payment or by_told.get(row.receipt), when), payment)
    on_record = {row.receipt for row in (*rows, *elsewhere)}
    accounts = {plain(row.account) for row in elsewhere} - {""}
    for payment in payments:
        if payment.status not in PAID_IN or payment.id in matched or payment.receipt in on_record:
            continue
        if (payment.given_back and not returned_too) or (not payment.receipt and payment.account in accounts):
            continue
        report_lacking(findings, when, payment)
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
        return [differing("MPESA_OTHER_AMOUNT", payment, row)]
    account = plain(row.account)
    if account and payment.account and account != payment.account:
        return [differing("MPESA_OTHER_ACCOUNT", payment, row)]
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
