"""A day of M-Pesa's statement against our payments and the ledger. No I/O.

Three steps, because each table is read once: `Day` picks payments from the payment table; `match` compares them and
says which ledger entries belong to the day; `Balances` adds the ledger up; `close` compares charges, transfers between
accounts and the closing balance.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from betsafi import clock
from payment.states import DEPOSIT, PAYBILL, REVERSAL, WITHDRAWAL
from tools.reconcile import statement
from tools.reconcile.findings import Difference, Findings, shillings
from tools.reconcile.money_in import compare_in
from tools.reconcile.money_out import compare_out
from tools.reconcile.payments import Kept, Payment
from tools.reconcile.record import PAID_IN, Row, period
from tools.reconcile.statement import Line, Statement
from wallet.rules.audit import Item
from wallet.rules.providers import PROVIDERS

MPESA = PROVIDERS["MPESA"]

ACCOUNTS = {
    "paybill": (MPESA.collection,),
    "utility": (MPESA.payout,),
    "both": (MPESA.collection, MPESA.payout),
}
"""What a statement is of: the account that customers pay to, the one that payouts come from, or both."""

_OURS = ("FLOAT_TRANSFER", "TAX_REMITTANCE")
"""The entries of what moved money of ours, each under the receipt of the row that tells of it."""

_FEES_ID = re.compile(r"fees-(\d{4}-\d\d-\d\d)")


@dataclass
class Balances:
    """Adds up M-Pesa's accounts in the ledger as they were at a moment.

    An entry follows M-Pesa's move, so one that is `carried` counts though it was booked later, as do the fees of the
    `day` and of those before. What was booked within `moving` after the moment is kept apart, in and out: part of it
    M-Pesa had done before. `fees` are the day's own, of some `accounts`; `booked` is what people booked of them under a
    receipt: transfers between our accounts, and taxes.
    """

    until: str
    moving: str = ""
    carried: frozenset[str] = frozenset()
    returned: frozenset[str] = frozenset()
    day: str = ""
    accounts: tuple[str, ...] = ()
    totals: Counter[str] = field(default_factory=Counter)
    came: Counter[str] = field(default_factory=Counter)
    went: Counter[str] = field(default_factory=Counter)
    fees: int = 0
    booked: dict[str, tuple[int, str]] = field(default_factory=dict)

    def ledger(self, item: Item) -> None:
        """Take an item of the wallet's table."""
        moved = [(account, -cents) for account, cents in item.get("postings", []) if account in ACCOUNTS["both"]]
        if not moved:
            return
        kind, reference = item["entry_kind"], item["reference"]
        if kind in _OURS and any(account in self.accounts for account, _ in moved):
            self.booked[reference] = max(abs(cents) for _, cents in moved), item["at"]
        charged = _FEES_ID.match(reference) if kind == "FEES" else None
        due = charged is not None and charged[1] <= self.day
        if charged is not None and charged[1] == self.day:
            self.fees -= sum(cents for account, cents in moved if account in self.accounts)
        carried = self.returned if kind == "SUSPENSE_RETURN" else self.carried
        for account, cents in moved:
            if item["at"] < self.until or due or reference in carried:
                self.totals[account] += cents
            elif item["at"] <= self.moving:
                (self.came if cents > 0 else self.went)[account] += abs(cents)


class Day:
    """A day of one or more statements: one export per M-Pesa account, or one of a single account for everything."""

    def __init__(
        self, statements: Sequence[Statement], day: date, now: datetime, grace: timedelta, pull: timedelta,
        account: str = "both",
    ) -> None:  # fmt: skip
        statement.check_covers(statements, day)
        self.day, self.account, self.statements = day, account, statement.merged(statements)
        self.since, self.until = statement.day_of(day)
        # A file without rows does not say for how long there were none.
        spans = [each.days() or (day, day) for each in self.statements]
        days = max(first for first, _ in spans), min(last for _, last in spans)
        self.period = period(self.since, self.until, grace, now, pull)._replace(days=days)
        self.lines = [line for each in self.statements for line in each.lines]
        self.today = [line for line in self.lines if self.since <= line.at < self.until]
        receipts = {name for line in self.lines for name in (line.receipt, line.linked) if name}
        accounts = {line.account for line in self.lines if line.account}
        orders = {name for line in self.lines for name in line.orders}
        self.kept = Kept(self.period.since, self.period.until, receipts, accounts, orders)
        self.kinds: dict[Line, str] = {}
        self.findings = Findings(seen={"rows of the day": len(self.today)})
        self.carried: frozenset[str] = frozenset()
        self.returned: frozenset[str] = frozenset()

    def payment(self, item: Item) -> None:
        """Take an item of the payment table."""
        self.kept.payment(item)

    def match(self) -> None:
        """Compare the day's rows with the payments that were picked, both ways."""
        ours = {payment.receipt: payment for payment in self.kept.payments if payment.receipt}
        ours |= {payment.told: payment for payment in self.kept.payments if payment.told}
        self.kinds = {line: _kind(line, ours) for line in self.lines}
        ins, outs = self.kept.of(DEPOSIT, PAYBILL), self.kept.of(WITHDRAWAL, REVERSAL)
        if self.account == "utility":
            ins, outs = [], [payment for payment in outs if payment.kind == WITHDRAWAL]
        elif self.account == "paybill":
            outs = [payment for payment in outs if payment.kind == REVERSAL]
        declined = self._declined()
        when, taken = self.period, self.kept.of(DEPOSIT, PAYBILL)
        came, went = self._rows(self.today, statement.IN), self._rows(self.today, statement.OUT)
        # What is anywhere in the files, and on another day or of another kind, is no difference of this day.
        away = [Row(receipt, 0) for receipt in (*declined, *(line.receipt for line in self.lines))]
        in_elsewhere = away + [_row(line) for line in self._not_today(statement.IN) if line.paid_in]
        out_elsewhere = away + [_row(line) for line in self._not_today(statement.OUT) if line.withdrawn]
        self.findings.add(compare_in(came, ins, when, returned_too=True, elsewhere=in_elsewhere).findings)
        self.findings.add(compare_out(went, outs, when, taken=taken, elsewhere=out_elsewhere).findings)
        self._not_completed(declined)
        self._payouts_reversed(ours)
        self.findings.differences += [
            Difference("STATEMENT_ROW_UNKNOWN", "", line.receipt, "", _moved(line), f"{line.where} {line.reason}")
            for line in self.today
            if self.kinds[line] == statement.UNKNOWN
        ]
        # What M-Pesa did on a day before, too, may have been booked after this one.
        past = [line for line in self.lines if line.at < self.until]
        came, went = self._rows(past, statement.IN), self._rows(past, statement.OUT)
        self.carried = frozenset(line.receipt for line in past).union(
            compare_in(came, ins, when, returned_too=True).matched, compare_out(went, outs, when).matched
        )
        self.returned = frozenset(row.linked for row in went if row.linked)

    def _rows(self, lines: Iterable[Line], kind: str) -> list[Row]:
        return [_row(line) for line in lines if self.kinds[line] == kind]

    def _not_today(self, kind: str) -> list[Line]:
        """Return the rows of all files that are not of a kind and of the day."""
        today = set(self.today)
        return [line for line in self.lines if line not in today or self.kinds[line] != kind]

    def _payouts_reversed(self, ours: dict[str, Payment]) -> None:
        for line in self.today:
            if self.kinds[line] == statement.REVERSAL:
                payment = ours[line.linked]
                amounts = (("M-Pesa", line.paid_in), ("payment", payment.due))
                about = (payment.id, line.receipt, payment.user_id, amounts, line.where)
                self.findings.differences.append(Difference("MPESA_PAYOUT_REVERSED", *about))

    def _declined(self) -> dict[str, Line]:
        """Return the day's rows that M-Pesa did not complete, by receipt, where no other row completed it."""
        done = {line.receipt for line in self.lines}
        others = [line for each in self.statements for line in each.others if self.since <= line.at < self.until]
        return {line.receipt: line for line in others if line.receipt not in done}

    def _not_completed(self, declined: dict[str, Line]) -> None:
        for payment in self.kept.payments:
            line = declined.get(payment.receipt)
            if line is None or payment.status not in PAID_IN:
                continue
            amounts = (("M-Pesa", line.paid_in or line.withdrawn), ("payment", payment.cents))
            about = (payment.id, line.receipt, payment.user_id, amounts, f"{line.where} {line.status[:20]}")
            self.findings.differences.append(Difference("MPESA_NOT_COMPLETED", *about))

    def balances(self) -> Balances:
        """Return what adds the ledger up to the end of the day."""
        day, accounts = str(self.day), ACCOUNTS[self.account]
        return Balances(self.period.until, carried=self.carried, returned=self.returned, day=day, accounts=accounts)

    def close(self, books: Balances) -> Findings:
        """Compare charges, transfers and the closing balance with the ledger; return everything that was found."""
        self._charges(books)
        self._transfers(books)
        for each in self.statements:
            if (line := each.gap()) is not None:
                self.findings.differences.append(Difference("STATEMENT_GAP", detail=line.where))
            self.findings.differences += [
                Difference("STATEMENT_ROW_UNKNOWN", detail=where) for where in each.unreadable
            ]
        self._closing(books)
        return self.findings

    def _closing(self, books: Balances) -> None:
        told = {each.name: each.closing(self.until) for each in self.statements}
        known = [cents for cents in told.values() if cents is not None]
        ours = sum(books.totals[account] for account in ACCOUNTS[self.account])
        if known and len(known) < len(told):
            names = ", ".join(name for name, cents in told.items() if cents is None)
            self.findings.notes.append(Difference("CLOSING_UNKNOWN", detail=names))
        elif known and sum(known) != ours:
            amounts = (("M-Pesa", sum(known)), ("ledger", ours))
            self.findings.differences.append(Difference("CLOSING_BALANCE", amounts=amounts, detail=str(self.day)))

    def _charges(self, books: Balances) -> None:
        rows = [line for line in self.today if self.kinds[line] == statement.CHARGE]
        charged = sum(line.withdrawn - line.paid_in for line in rows)
        if charged != books.fees:
            amounts = (("M-Pesa", charged), ("ledger", books.fees))
            detail = f"{len(rows)} charges; entry id fees-{self.day}"
            code = "FEES_NOT_BOOKED" if charged > books.fees else "FEES_TOO_MANY"
            self.findings.differences.append(Difference(code, amounts=amounts, detail=detail))

    def _transfers(self, books: Balances) -> None:
        def is_booked(line: Line) -> bool:
            return books.booked.get(line.receipt, (None, ""))[0] == line.paid_in + line.withdrawn

        # A row whose words say nothing, such as a tax that was paid, is known by its receipt once it is booked.
        known = {line.receipt for line in self.today if self.kinds[line] == statement.UNKNOWN and is_booked(line)}
        self.findings.differences = [
            found
            for found in self.findings.differences
            if found.code != "STATEMENT_ROW_UNKNOWN" or found.receipt not in known
        ]
        rows = {line.receipt: line for line in self.today if self.kinds[line] == statement.TRANSFER}
        for receipt, line in rows.items():
            if not is_booked(line):
                detail = f"{line.where} {line.reason}"
                self.findings.differences.append(
                    Difference("TRANSFER_NOT_BOOKED", "", receipt, "", _moved(line), detail)
                )
        # Only a note: it is booked by hand, mostly on a day after M-Pesa's.
        seen = {line.receipt for line in self.lines}
        self.findings.notes += [
            Difference("TRANSFER_NOT_SEEN", "", receipt, "", (("ledger", cents),), f"booked {at}")
            for receipt, (cents, at) in books.booked.items()
            if self.period.has(at) and receipt not in seen
        ]


def _kind(line: Line, ours: dict[str, Payment]) -> str:
    """Return what a row is. A payment of ours says more than the row's words, which may be a customer's own."""
    payment = ours.get(line.receipt)
    if payment is not None and line.kind in (statement.UNKNOWN, statement.CHARGE, statement.TRANSFER):
        comes = payment.kind in (DEPOSIT, PAYBILL)
        # The charge for a payout has its receipt and direction, but another amount.
        if line.kind == statement.UNKNOWN or (line.paid_in if comes else line.withdrawn == payment.cents):
            return statement.IN if comes else statement.OUT
    if line.kind != statement.REVERSAL:
        return line.kind
    if line.withdrawn:
        return statement.OUT
    payment = ours.get(line.linked)
    return statement.UNKNOWN if payment is None or payment.kind != WITHDRAWAL else statement.REVERSAL


def _row(line: Line) -> Row:
    linked = line.linked if line.kind == statement.REVERSAL else ""
    return Row(
        line.receipt, line.paid_in + line.withdrawn, line.account, line.where, clock.stamp(line.at), linked, line.orders
    )


def _moved(line: Line) -> tuple[tuple[str, int], ...]:
    cents = line.paid_in - line.withdrawn if line.kind == statement.UNKNOWN else line.paid_in + line.withdrawn
    return (("M-Pesa", cents),)


# -- what M-Pesa's accounts hold now

_FRESH = timedelta(hours=2)
"""M-Pesa is asked every half hour."""


def compare_balance(
    told: Item | None, books: Balances, in_doubt: Iterable[Item], now: datetime, *, one_organisation: bool
) -> Findings:
    """Compare the balances that M-Pesa last reported (cents by account name) with the ledger of that moment.

    What was just moving, and payments whose end is not known (`in_doubt`), may be on either side. M-Pesa takes its
    charges from an account of their own, which is part of the utility account to us. The paybill's account counts only
    where payouts come from the same organisation account (`one_organisation`).
    """
    findings = Findings()
    if told is None:
        findings.differences.append(Difference("BALANCE_UNKNOWN"))
        return findings
    if told["at"] < clock.stamp(now - _FRESH):
        findings.differences.append(Difference("BALANCE_OLD", detail=told["at"]))
    accounts = told["accounts"]
    low, high = Counter(books.went), Counter(books.came)
    for item in in_doubt:
        if item["kind"] == WITHDRAWAL:
            low[MPESA.payout] += item["paid_cents"]
        else:
            (low if item["kind"] == REVERSAL else high)[MPESA.collection] += item["amount_cents"]
    holds = {MPESA.payout: accounts.get("Utility Account", 0) + min(0, accounts.get("Charges Paid Account", 0))}
    if one_organisation:
        holds[MPESA.collection] = accounts.get("Working Account", 0)
    for account, cents in holds.items():
        ours = books.totals[account]
        if not ours - low[account] <= cents <= ours + high[account]:
            amounts = (("M-Pesa", cents), ("ledger", ours))
            moving = low[account] + high[account]
            detail = f"{told['at']}{f', {shillings(moving)} was moving' if moving else ''}"
            findings.differences.append(Difference("BALANCE_DIFFERS", account, "", "", amounts, detail))
    return findings
