"""What a comparison finds: one difference, its code, and what to do about it. No I/O."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple


@dataclass(frozen=True)
class Code:
    """What a difference means, and what to do: a mutation, a command, a wait or a question."""

    meaning: str
    action: str


_REDRIVE = "python -m tools.redrive --stage {stage}; run this again"
_LEFT = "; if it stays: proposeAdjustment "
_STATEMENT = "look it up on M-Pesa's statement"

CODES: dict[str, Code] = {
    # -- the ledger against the payments
    "CREDIT_MISSING": Code(
        "the payment is COMPLETED and its player was not credited",
        _REDRIVE + _LEFT + "CREDIT {payment} to {user}",
    ),
    "CREDIT_NOT_DUE": Code(
        "credited, and the payment is not COMPLETED",
        'send {{"pull":true}} to the follow-up queue; not paid: proposeAdjustment DEBIT {ledger} from {user}',
    ),
    "CREDIT_TWICE": Code("one payment was credited twice", "proposeAdjustment DEBIT {ledger} from {user}"),
    "CREDIT_OTHER_AMOUNT": Code(
        "credited with another amount or excise", "proposeAdjustment {direction} {off} for {user}"
    ),
    "CREDIT_OTHER_PLAYER": Code(
        "credited to another player",
        "proposeAdjustment DEBIT {ledger} from {user}, and CREDIT {payment} to the payment's player",
    ),
    "CREDIT_WITHOUT_PAYMENT": Code(
        "credited, and there is no such payment",
        "look for it in the callbacks' archive; not paid: proposeAdjustment DEBIT {ledger} from {user}",
    ),
    "SUSPENSE_MISSING": Code("the payment is in suspense, the ledger's money is not", _REDRIVE),
    "SUSPENSE_NOT_DUE": Code(
        "the ledger has money in suspense that is no payment in suspense",
        "do not assignPayment it; a developer finds out how it came",
    ),
    "SUSPENSE_OTHER_AMOUNT": Code(
        "in suspense with another amount", "neither assignPayment nor reverseDeposit it; a developer corrects the entry"
    ),
    "SUSPENSE_OTHERWISE": Code(
        "assigned in one, returned or standing in the other",
        _REDRIVE + "; if it stays, what M-Pesa has decides: ask Safaricom",
    ),
    "SUSPENSE_WITHOUT_PAYMENT": Code(
        "money in suspense without a payment", 'send {{"pull":true}} to the follow-up queue; run this again'
    ),
    "RETURN_MISSING": Code("M-Pesa returned it, in the ledger it stands in suspense", _REDRIVE),
    "PAYOUT_MISSING": Code(
        "the withdrawal is COMPLETED and still held", _REDRIVE + "; if it stays, see the wallet's dead letters"
    ),
    "PAYOUT_AFTER_RELEASE": Code(
        "M-Pesa paid, and the wallet gave the money back or never held it",
        "proposeAdjustment DEBIT {payment} from {user}, who has it twice",
    ),
    "PAYOUT_OTHER_AMOUNT": Code(
        "paid out in other parts than the payment's", "proposeAdjustment {direction} {off} for {user}"
    ),
    "PAYOUT_NOT_DUE": Code(
        "the wallet booked a payout, and the withdrawal is not COMPLETED",
        _STATEMENT + "; not paid: proposeAdjustment CREDIT {ledger} to {user}",
    ),
    "REVERSAL_MISSING": Code(
        "the reversal is COMPLETED and its credit still held",
        _REDRIVE + "; if it stays, see the wallet's dead letters",
    ),
    "REVERSAL_AFTER_RELEASE": Code(
        "M-Pesa reversed, and the wallet gave the credit back or never held it",
        "proposeAdjustment DEBIT {payment} from {user}, who has it twice",
    ),
    "REVERSAL_OTHER_AMOUNT": Code(
        "reversed in other parts than the payment's", "proposeAdjustment {direction} {off} for {user}"
    ),
    "REVERSAL_NOT_DUE": Code(
        "the wallet booked a reversal that is not COMPLETED",
        _STATEMENT + "; not reversed: proposeAdjustment CREDIT {ledger} to {user}",
    ),
    "HOLD_MISSING": Code(
        "unfinished, and nothing is held for it",
        "in REVIEW: rejectWithdrawal {id}; else resolveWithdrawal {id} on M-Pesa's word, and if PAID"
        " proposeAdjustment DEBIT {payment} from {user}",
    ),
    "HOLD_NOT_RELEASED": Code("failed or refused, and still held", _REDRIVE),
    "HOLD_OTHER_AMOUNT": Code(
        "another amount is held than the payment's", "in REVIEW: rejectWithdrawal {id}; else a developer looks first"
    ),
    "HOLD_OTHER_PLAYER": Code(
        "another player's money is held", "in REVIEW: rejectWithdrawal {id}; else a developer looks first"
    ),
    "HOLD_WITHOUT_PAYMENT": Code(
        "held for a payment that does not exist", "a developer finds out who held it, and releases it in the wallet"
    ),
    "RECEIPT_UNCLAIMED": Code(
        "the payment has a receipt that is not claimed for it", _STATEMENT + ": whose receipt is it?"
    ),
    "RECEIPT_WITHOUT_PAYMENT": Code(
        "a receipt is claimed for a payment that does not have it", _STATEMENT + ": whose receipt is it?"
    ),
    "LEDGER_DISAGREES": Code("payment and ledger disagree in another way", "a developer looks at both"),
    # -- our payments against M-Pesa's records
    "MPESA_NOT_BOOKED": Code(
        "M-Pesa took it and we did not book it", 'send {{"pull":true}} to the follow-up queue; run this again'
    ),
    "MPESA_NOT_BOOKED_LATE": Code(
        "M-Pesa took it and we did not book it; it is too old for a pull",
        "a deposit or account number of {user}: proposeAdjustment CREDIT {mpesa} less excise; nobody's: reverse it in"
        " M-Pesa's portal",
    ),
    "MPESA_OTHER_AMOUNT": Code(
        "M-Pesa moved another amount than our payment's", "ask Safaricom; then proposeAdjustment {direction} {off}"
    ),
    "MPESA_OTHER_ACCOUNT": Code(
        "paid to another account number than we wrote down", "the wrong player was credited: reverseDeposit {id}"
    ),
    "MPESA_LACKS": Code(
        "we call it COMPLETED and M-Pesa's record does not have it",
        "look at the statement of the days around it; not there: ask Safaricom about {receipt}",
    ),
    "MPESA_NO_RECEIPT": Code(
        "a deposit was completed without a receipt, too long ago for a pull",
        "python -m tools.reconcile --stage {stage} --statement FILE --date its day",
    ),
    "MPESA_NOT_COMPLETED": Code("we call it COMPLETED and M-Pesa does not", "ask Safaricom about {receipt}"),
    "MPESA_PAID_OPEN": Code(
        "M-Pesa did it and we still wait",
        "resolveWithdrawal {id} PAID with receipt {receipt}, by two administrators",
    ),
    "MPESA_PAID_FAILED": Code(
        "M-Pesa did it and we gave the money back", "proposeAdjustment DEBIT {payment} from {user}, who has it twice"
    ),
    "MPESA_PAID_TWICE": Code("M-Pesa paid one withdrawal twice", "ask Safaricom to reverse {receipt}"),
    "MPESA_OUT_UNKNOWN": Code(
        "M-Pesa paid somebody and no withdrawal of ours fits",
        "setPaymentChannel WITHDRAWAL closed if it is not explained at once; ask Safaricom who ordered {receipt}",
    ),
    "MPESA_UNPAID": Code(
        "we wait for it and the day's statement does not have it",
        "resolveWithdrawal {id} UNPAID, by two administrators, when M-Pesa's portal does not have it either",
    ),
    "MPESA_REVERSED_OUTSIDE": Code(
        "M-Pesa gave a payment back and we did not ask", "proposeAdjustment DEBIT {payment} from {user}"
    ),
    "MPESA_PAYOUT_REVERSED": Code(
        "M-Pesa took a withdrawal back to us", "proposeAdjustment CREDIT {payment} to {user}"
    ),
    "BALANCE_DIFFERS": Code(
        "M-Pesa's account does not hold what the ledger says",
        "wait for the next balance (30 minutes); then --statement of the days since they last agreed",
    ),
    "BALANCE_UNKNOWN": Code(
        "M-Pesa never told what our accounts hold", 'send {{"balance":true}} to the follow-up queue; run this again'
    ),
    "FEES_NOT_BOOKED": Code(
        "M-Pesa's charges of the day and the ledger's fees differ", "post ledger.fees of {off} (see the runbook)"
    ),
    "TRANSFER_NOT_BOOKED": Code(
        "money moved between our M-Pesa accounts or a bank, and the ledger does not know",
        "paybill to utility: post ledger.float_transfer({receipt}) of {mpesa} (see the runbook); a bank: a developer",
    ),
    "CLOSING_BALANCE": Code(
        "M-Pesa's balance at the end of the day is not the ledger's",
        "deal with the other lines first; if it stays, with the day before",
    ),
    "STATEMENT_ROW_UNKNOWN": Code("a row of no kind that we know", "read the row in the file; ask Safaricom"),
    "STATEMENT_GAP": Code(
        "the balances do not follow each other: rows are missing", "export the statement again, whole and per account"
    ),
    # -- only told, no difference
    "RECEIPT_MATCHED": Code(
        "completed without a receipt; M-Pesa's record fits", 'within 48 hours send {{"pull":true}}; later nothing'
    ),
    "ADJUSTED": Code("it differs, and two administrators adjusted it", "nothing"),
    "SUSPENSE_WAITS": Code("money in suspense waits for support", "assignPayment {id} or reverseDeposit {id}"),
}


@dataclass(frozen=True)
class Difference:
    """One line: what differs, where, and the amounts in cents by who says so. Ids and codes only, never a person."""

    code: str
    id: str = ""
    receipt: str = ""
    user_id: str = ""
    amounts: tuple[tuple[str, int], ...] = ()
    detail: str = ""

    def action(self, stage: str) -> str:
        """Return what to do about it."""
        cents = [amount for _, amount in self.amounts]
        off = cents[0] - cents[1] if len(cents) > 1 else sum(cents)
        said = {name.replace("-", "").lower(): shillings(amount) for name, amount in self.amounts}
        return CODES[self.code].action.format_map(
            _Blank(
                said,
                stage=stage,
                id=self.id,
                receipt=self.receipt or "its receipt",
                user=self.user_id or "its player",
                off=shillings(abs(off)),
                direction="CREDIT" if off > 0 else "DEBIT",
            )
        )

    def line(self, stage: str) -> str:
        """Return it as text for people."""
        named = [self.id, self.receipt, *(f"{name} {shillings(cents)}" for name, cents in self.amounts), self.detail]
        return f"{self.code:<24}{'  '.join(part for part in named if part)}\n{'':<24}-> {self.action(stage)}"

    def told(self, stage: str) -> dict[str, Any]:
        """Return it for machines."""
        return {
            "code": self.code,
            "id": self.id,
            "receipt": self.receipt,
            "userId": self.user_id,
            "amountsCents": dict(self.amounts),
            "detail": self.detail,
            "meaning": CODES[self.code].meaning,
            "action": self.action(stage),
        }


class Adjustment(NamedTuple):
    """A correction that two administrators made: the cents that the player got, and the reason that they wrote down."""

    id: str
    cents: int
    reason: str

    def settles(self, difference: Difference) -> bool:
        """Return whether its reason names the difference's payment or receipt, and its amount is one of it."""
        cents = [amount for _, amount in difference.amounts]
        fitting = {*cents, abs(cents[0] - cents[1]) if len(cents) > 1 else 0}
        words = set(re.findall(r"[\w-]+", self.reason))
        return abs(self.cents) in fitting and bool({difference.id, difference.receipt} & words - {""})


class _Blank(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "the amount"


@dataclass
class Findings:
    """Differences; what is on its way and may yet agree; what is only worth knowing; how much was seen."""

    differences: list[Difference] = field(default_factory=list)
    pending: list[Difference] = field(default_factory=list)
    notes: list[Difference] = field(default_factory=list)
    seen: dict[str, int] = field(default_factory=dict)

    def add(self, other: "Findings") -> None:
        """Take another comparison's findings in."""
        self.differences += other.differences
        self.pending += other.pending
        self.notes += other.notes
        self.seen.update(other.seen)

    def adjusted(self, adjustments: Iterable[Adjustment]) -> None:
        """Move to the notes what was adjusted. Each adjustment settles one difference that asks for one."""
        for adjustment in adjustments:
            for found in self.differences:
                if "proposeAdjustment" in CODES[found.code].action and adjustment.settles(found):
                    self.differences.remove(found)
                    detail = f"{found.code}, adjustment {adjustment.id}"
                    amounts = (*found.amounts, ("adjusted", adjustment.cents))
                    self.notes.append(replace(found, code="ADJUSTED", amounts=amounts, detail=detail))
                    break

    def told(self, stage: str) -> dict[str, Any]:
        """Return everything for machines."""
        names = ("differences", "pending", "notes")
        lists = {name: [item.told(stage) for item in getattr(self, name)] for name in names}
        return {**lists, "seen": self.seen}

    def render(self, stage: str) -> str:
        """Return everything as text for people."""
        rows = [item.line(stage) for item in self.differences]
        rows += [f"on its way: {item.line(stage)}" for item in self.pending]
        rows += [f"to know: {item.line(stage)}" for item in self.notes]
        counts = [f"{count:,} {name}" for name, count in self.seen.items()]
        counts += [f"{len(self.differences)} differences", f"{len(self.pending)} on their way"]
        return "\n".join([*rows, ", ".join(counts)])


def shillings(cents: int) -> str:
    """Return cents as shillings for people: -123456 -> "-1,234.56"."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100:,}.{abs(cents) % 100:02}"
