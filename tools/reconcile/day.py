"""A day of M-Pesa's statement against our payments and the ledger. No I/O.

Three steps, because each table is read once: `Day` picks payments from the payment table; `match` compares them and
says which ledger entries belong to the day; `Balances` adds the ledger up; `close` compares charges, transfers between
accounts and the closing balance.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from betsafi import clock
from payment.states import DEPOSIT, PAYBILL, REVERSAL, WITHDRAWAL
from tools.reconcile import statement
from tools.reconcile.findings import Difference, Findings, shillings
from tools.reconcile.orders import PAID_IN, Kept, Payment, Period, Row, compare_in, compare_out, period
from tools.reconcile.statement import Line, Statement
from wallet import ledger
from wallet.audit import Item

ACCOUNTS = {
    "paybill": (ledger.PAYBILL,),
    "utility": (ledger.UTILITY,),
    "both": (ledger.PAYBILL, ledger.UTILITY),
}
"""What a statement is of: the account that customers pay to, the one that payouts come from, or both."""


@dataclass
class Balances:
    """Adds up the ledger's `mpesa:*` accounts as they were at a moment.

    An entry follows M-Pesa's move, so one that is `carried` counts though it was booked later. What was booked within
    `moving` after the moment is kept apart, in and out: part of it M-Pesa had done before.
    """

    until: str
    moving: str = ""
    carried: frozenset[str] = frozenset()
    returned: frozenset[str] = frozenset()
    fees_id: str = ""
    totals: Counter[str] = field(default_factory=Counter)
    came: Counter[str] = field(default_factory=Counter)
    went: Counter[str] = field(default_factory=Counter)
    fees: int = 0
    transfers: dict[str, int] = field(default_factory=dict)

    def ledger(self, item: Item) -> None:
        """Take an item of the wallet's table."""
        moved = [(account, -cents) for account, cents in item.get("postings", []) if account.startswith("mpesa:")]
        if not moved:
            return
        kind, reference = item["entry_kind"], item["reference"]
        if kind == "FLOAT_TRANSFER":
            self.transfers[reference] = max(cents for _, cents in moved)
        of_the_day = bool(self.fees_id) and kind == "FEES" and reference.startswith(self.fees_id)
        if of_the_day:
            self.fees += max(cents for _, cents in moved)
        carried = self.returned if kind == "SUSPENSE_RETURN" else self.carried
        for account, cents in moved:
            if item["at"] < self.until or of_the_day or reference in carried:
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
        self.day, self.account, self.statements = day, account, statements
        self.since, self.until = statement.day_of(day)
        self.period: Period = period(self.since, self.until, grace, now, pull)
        self.lines = [line for each in statements for line in each.lines]
        self.today = [line for line in self.lines if self.since <= line.at < self.until]
        receipts = {name for line in self.lines for name in (line.receipt, line.linked) if name}
        accounts = {line.account for line in self.lines if line.account}
        self.kept = Kept(self.period.since, self.period.until, receipts, accounts)
        self.findings = Findings(seen={"rows of the day": len(self.today)})
        self.carried: frozenset[str] = frozenset()
        self.returned: frozenset[str] = frozenset()

    def payment(self, item: Item) -> None:
        """Take an item of the payment table."""
        self.kept.payment(item)

    def match(self) -> None:
        """Compare the day's rows with the payments that were picked, both ways."""
        kinds = self._kinds()
        ins, outs = self.kept.of(DEPOSIT, PAYBILL), self.kept.of(WITHDRAWAL, REVERSAL)
        if self.account == "utility":
            ins, outs = [], [payment for payment in outs if payment.kind == WITHDRAWAL]
        elif self.account == "paybill":
            outs = [payment for payment in outs if payment.kind == REVERSAL]
        declined = self._declined()
        # What is anywhere in the files, and on another day, is no difference of this one.
        elsewhere = {line.receipt for line in self.lines} | set(declined)
        came, went = (
            [_row(line) for line in self.today if kinds[line] == kind] for kind in (statement.IN, statement.OUT)
        )
        results = (
            compare_in(came, ins, self.period, returned_too=True, elsewhere=elsewhere),
            compare_out(went, outs, self.period, taken=self.kept.of(DEPOSIT, PAYBILL), elsewhere=elsewhere),
        )
        for result in results:
            self.findings.add(result.findings)
        self._not_completed(declined)
        self.findings.differences += [
            Difference("STATEMENT_ROW_UNKNOWN", "", line.receipt, "", _moved(line), f"{line.where} {line.reason}")
            for line in self.today
            if kinds[line] == statement.UNKNOWN
        ]
        receipts = frozenset(line.receipt for line in self.today)
        self.carried = receipts.union(*(result.matched for result in results))
        self.returned = frozenset(row.linked for row in went if row.linked)

    def _kinds(self) -> dict[Line, str]:
        """Return what each row of the day is. A payment of ours says more than the row's words."""
        ours = {payment.receipt: payment for payment in self.kept.payments if payment.receipt}
        ours |= {payment.told: payment for payment in self.kept.payments if payment.told}
        return {line: self._kind(line, ours) for line in self.today}

    def _kind(self, line: Line, ours: dict[str, Payment]) -> str:
        if line.kind == statement.UNKNOWN and (payment := ours.get(line.receipt)) is not None:
            return statement.IN if payment.kind in (DEPOSIT, PAYBILL) else statement.OUT
        if line.kind != statement.REVERSAL:
            return line.kind
        if line.withdrawn:
            return statement.OUT
        payment = ours.get(line.linked)
        if payment is None or payment.kind != WITHDRAWAL:
            return statement.UNKNOWN
        amounts = (("M-Pesa", line.paid_in), ("payment", payment.due))
        self.findings.differences.append(
            Difference("MPESA_PAYOUT_REVERSED", payment.id, line.receipt, payment.user_id, amounts, line.where)
        )
        return statement.REVERSAL

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
        fees_id = f"fees-{self.day}"
        carried = self.carried | {line.receipt for line in self.today if line.kind == statement.TRANSFER}
        return Balances(self.period.until, carried=carried, returned=self.returned, fees_id=fees_id)

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
        closing = [each.closing(self.until) for each in self.statements]
        mpesa = sum(cents for cents in closing if cents is not None)
        ours = sum(books.totals[account] for account in ACCOUNTS[self.account])
        if any(cents is not None for cents in closing) and mpesa != ours:
            amounts = (("M-Pesa", mpesa), ("ledger", ours))
            self.findings.differences.append(Difference("CLOSING_BALANCE", amounts=amounts, detail=str(self.day)))
        return self.findings

    def _charges(self, books: Balances) -> None:
        rows = [line for line in self.today if line.kind == statement.CHARGE]
        charged = sum(line.withdrawn - line.paid_in for line in rows)
        if charged != books.fees:
            amounts = (("M-Pesa", charged), ("ledger", books.fees))
            detail = f"{len(rows)} charges; entry id fees-{self.day}"
            self.findings.differences.append(Difference("FEES_NOT_BOOKED", amounts=amounts, detail=detail))

    def _transfers(self, books: Balances) -> None:
        rows = {line.receipt: line for line in self.today if line.kind == statement.TRANSFER}
        for receipt, line in rows.items():
            if books.transfers.get(receipt) != line.paid_in + line.withdrawn:
                detail = f"{line.where} {line.reason}"
                self.findings.differences.append(
                    Difference("TRANSFER_NOT_BOOKED", "", receipt, "", _moved(line), detail)
                )


def _row(line: Line) -> Row:
    linked = line.linked if line.kind == statement.REVERSAL else ""
    return Row(
        line.receipt, line.paid_in + line.withdrawn, line.account, line.where, clock.stamp(line.at), linked, line.orders
    )


def _moved(line: Line) -> tuple[tuple[str, int], ...]:
    cents = line.paid_in - line.withdrawn if line.kind == statement.UNKNOWN else line.paid_in + line.withdrawn
    return (("M-Pesa", cents),)


# -- what M-Pesa's accounts hold now


def compare_balance(
    told: Item | None, books: Balances, in_doubt: Iterable[Item], *, one_organisation: bool
) -> Findings:
    """Compare the balances that M-Pesa last told (cents by account name) with the ledger of that moment.

    What was just moving, and payments whose end is not known (`in_doubt`), may be on either side. M-Pesa takes its
    charges from an account of their own, which is part of the utility account to us. The paybill's account is told only
    where payouts come from the same organisation account (`one_organisation`).
    """
    findings = Findings()
    if told is None:
        findings.differences.append(Difference("BALANCE_UNKNOWN"))
        return findings
    accounts = told["accounts"]
    low, high = Counter(books.went), Counter(books.came)
    for item in in_doubt:
        if item["kind"] == WITHDRAWAL:
            low[ledger.UTILITY] += item["paid_cents"]
        else:
            (low if item["kind"] == REVERSAL else high)[ledger.PAYBILL] += item["amount_cents"]
    holds = {ledger.UTILITY: accounts.get("Utility Account", 0) + min(0, accounts.get("Charges Paid Account", 0))}
    if one_organisation:
        holds[ledger.PAYBILL] = accounts.get("Working Account", 0)
    for account, cents in holds.items():
        ours = books.totals[account]
        if not ours - low[account] <= cents <= ours + high[account]:
            amounts = (("M-Pesa", cents), ("ledger", ours))
            moving = low[account] + high[account]
            detail = f"{told['at']}{f', {shillings(moving)} was moving' if moving else ''}"
            findings.differences.append(Difference("BALANCE_DIFFERS", account, "", "", amounts, detail))
    return findings
