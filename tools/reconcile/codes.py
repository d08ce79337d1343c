"""What a difference may be: its code, what it means and what to do about it. No I/O."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Code:
    """What a difference means, and what to do: a mutation, a command, a wait or a question.

    `settled_by` names the adjustments that settle it, by sign and amount ("off": the first amount less the second): of
    the difference's player, then of its owner.
    """

    meaning: str
    action: str
    settled_by: tuple[str, ...] = ()


_REDRIVE = "python -m tools.redrive --stage {stage}; run this again"
_REPUBLISH = "python -m tools.republish --stage {stage} --service bet --id {id}; run this again"
_STATEMENT = "look it up on M-Pesa's statement"

CODES: dict[str, Code] = {
    # -- the ledger against the payments
    "CREDIT_MISSING": Code(
        "the payment is COMPLETED and its player was not credited",
        # The redrive leaves that queue alone, and what waits in it may still become the credit.
        _REDRIVE + "; if it stays, and payment's StreamFailure queue is empty: proposeAdjustment CREDIT {payment} to"
        " {user}",
        ("+payment",),
    ),
    "CREDIT_NOT_DUE": Code(
        "credited, and the payment is not COMPLETED",
        'send {{"pull":true}} to the follow-up queue; not paid: proposeAdjustment DEBIT {ledger} from {user}',
        ("-ledger",),
    ),
    "CREDIT_TWICE": Code(
        "one payment was credited twice", "proposeAdjustment DEBIT {ledger} from {user}", ("-ledger",)
    ),
    "CREDIT_AND_ADJUSTMENT": Code(
        "credited, and credited once more by two administrators",
        "proposeAdjustment DEBIT {adjusted} from {user}, who has it twice",
    ),
    "CREDIT_OTHER_AMOUNT": Code(
        "credited with another amount or excise", "proposeAdjustment {direction} {off} for {user}", ("+off",)
    ),
    "CREDIT_OTHER_PLAYER": Code(
        "credited to another player",
        "proposeAdjustment DEBIT {ledger} from {user}, and CREDIT {payment} to {owner}",
        ("-ledger", "+payment"),
    ),
    "CREDIT_WITHOUT_PAYMENT": Code(
        "credited, and there is no such payment",
        "look for it in the callbacks' archive; not paid: proposeAdjustment DEBIT {ledger} from {user}",
        ("-ledger",),
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
        ("-payment",),
    ),
    "PAYOUT_OTHER_AMOUNT": Code(
        "paid out in other parts than the payment's", "proposeAdjustment {direction} {off} for {user}", ("+off",)
    ),
    "PAYOUT_NOT_DUE": Code(
        "the wallet booked a payout, and the withdrawal is not COMPLETED",
        _STATEMENT + "; not paid: proposeAdjustment CREDIT {ledger} to {user}",
        ("+ledger",),
    ),
    "REVERSAL_MISSING": Code(
        "the reversal is COMPLETED and its credit still held",
        _REDRIVE + "; if it stays, see the wallet's dead letters",
    ),
    "REVERSAL_AFTER_RELEASE": Code(
        "M-Pesa reversed, and the wallet gave the credit back or never held it",
        "proposeAdjustment DEBIT {payment} from {user}, who has it twice",
        ("-payment",),
    ),
    "REVERSAL_OTHER_AMOUNT": Code(
        "reversed in other parts than the payment's", "proposeAdjustment {direction} {off} for {user}", ("+off",)
    ),
    "REVERSAL_NOT_DUE": Code(
        "the wallet booked a reversal that is not COMPLETED",
        _STATEMENT + "; not reversed: proposeAdjustment CREDIT {ledger} to {user}",
        ("+ledger",),
    ),
    "HOLD_MISSING": Code(
        "unfinished, and nothing is held for it",
        "in REVIEW: rejectWithdrawal {id}; else resolveWithdrawal {id} on M-Pesa's word, and if PAID"
        " proposeAdjustment DEBIT {payment} from {user}",
        ("-payment",),
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
    # -- the bets against the wallet's holds
    "BET_STAKE_MISSING": Code(
        "the bet is open and its stake is not held",
        "a developer finds out who gave it back, before the bet is settled: its result cannot be posted",
    ),
    "BET_STAKE_OTHER_AMOUNT": Code(
        "the hold is not of the bet's stake, or a part of it was given back",
        "a developer looks, before the bet is settled",
    ),
    "BET_STAKE_NOT_RELEASED": Code("the bet was rejected or cancelled, and its stake is held", _REPUBLISH),
    "BET_NOT_DECIDED": Code("the bet is still PENDING after its time", _REPUBLISH),
    "BET_SETTLEMENT_MISSING": Code(
        "the bet is settled, and its newest result is not posted",
        _REPUBLISH + "; if it stays, see the wallet's dead letters",
    ),
    "BET_REOPENING_MISSING": Code(
        "the bet's result was taken back, and the ledger still has it",
        _REPUBLISH + "; if it stays, see the wallet's dead letters",
    ),
    "BET_SETTLED_AFTER_RELEASE": Code(
        "the bet is settled, and its stake was given back or never held",
        "proposeAdjustment {direction} {off} for {user}, who has the stake",
        ("+off",),
    ),
    "BET_PAYOUT_OTHER_AMOUNT": Code(
        "another payout is posted than the bet's", "proposeAdjustment {direction} {off} for {user}", ("+off",)
    ),
    "BET_RESULT_NOT_DUE": Code(
        "the ledger has a result that the bet does not have", "a developer looks at both; settle nothing by hand"
    ),
    "STAKE_WITHOUT_BET": Code(
        "a stake was held for a bet that does not exist", "a developer finds out who held it, and releases it"
    ),
    "MARKET_NOT_SETTLED": Code(
        "a market's newest result did not reach all of its bets",
        "python -m tools.republish --stage {stage} --service bet --market {id}; run this again",
    ),
    # -- our payments against M-Pesa's records
    "MPESA_NOT_BOOKED": Code(
        "M-Pesa took it and we did not book it", 'send {{"pull":true}} to the follow-up queue; run this again'
    ),
    "MPESA_NOT_BOOKED_LATE": Code(
        "M-Pesa took it and we did not book it; it is too old for a pull",
        "a deposit or account number of {user}: proposeAdjustment CREDIT {credit}, which is {mpesa} less excise;"
        " nobody's: reverse it in M-Pesa's portal",
        ("+credit",),
    ),
    "MPESA_OTHER_AMOUNT": Code(
        "M-Pesa moved another amount than our payment's",
        "ask Safaricom; then proposeAdjustment {direction} {off}",
        ("+off",),
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
        "M-Pesa did it and we gave the money back",
        "proposeAdjustment DEBIT {payment} from {user}, who has it twice",
        ("-payment",),
    ),
    "MPESA_PAID_TWICE": Code("M-Pesa paid one withdrawal twice", "ask Safaricom to reverse {receipt}"),
    "MPESA_OUT_UNKNOWN": Code(
        "M-Pesa paid somebody and no withdrawal of ours fits",
        "setPaymentChannel WITHDRAWAL closed if it is not explained at once; ask Safaricom who ordered {receipt}",
    ),
    "MPESA_UNPAID": Code(
        "we wait for it and the statement does not have it, from when it was asked for until now",
        "resolveWithdrawal {id} UNPAID, by two administrators, when M-Pesa's portal does not have it either",
    ),
    "MPESA_UNPAID_RESENT": Code(
        "the statement does not have it, and M-Pesa is asked for it again and again",
        "resolveWithdrawal {id} STOP, by two administrators; then run this again with a new export",
    ),
    "MPESA_REVERSED_OUTSIDE": Code(
        "M-Pesa gave a payment back and we did not ask", "proposeAdjustment DEBIT {payment} from {user}", ("-payment",)
    ),
    "MPESA_PAYOUT_REVERSED": Code(
        "M-Pesa took a withdrawal back to us", "proposeAdjustment CREDIT {payment} to {user}", ("+payment",)
    ),
    "BALANCE_DIFFERS": Code(
        "M-Pesa's account does not hold what the ledger says",
        "wait for the next balance (30 minutes); then --statement of the days since they last agreed",
    ),
    "BALANCE_UNKNOWN": Code(
        "M-Pesa never reported what our accounts hold", 'send {{"balance":true}} to the follow-up queue; run this again'
    ),
    "BALANCE_OLD": Code(
        "M-Pesa last reported what our accounts hold more than two hours ago",
        'send {{"balance":true}} to the follow-up queue; run this again',
    ),
    "FEES_NOT_BOOKED": Code(
        "M-Pesa's charges of the day are more than the ledger's fees",
        "bookFees DEBIT {off} of that day, by two administrators",
    ),
    "FEES_TOO_MANY": Code(
        "the ledger's fees of the day are more than M-Pesa's charges",
        "post nothing more: compare the day's fees with the charges in the file; bookFees CREDIT what is too much",
    ),
    "TRANSFER_NOT_BOOKED": Code(
        "money moved between our M-Pesa accounts, to or from a bank, or as a tax, and the ledger does not know",
        "bookTransfer {receipt} of {mpesa}, by two administrators; for a tax that was paid bookTaxRemittance",
    ),
    "TRANSFER_NOT_SEEN": Code(
        "the ledger booked a transfer or a tax on the day, and no row has its receipt",
        "find it on the statement of the days before; not there: book it back (see the runbook)",
    ),
    "CLOSING_BALANCE": Code(
        "M-Pesa's balance at the end of the day is not the ledger's",
        "deal with the other lines first; if it stays, with the day before",
    ),
    "STATEMENT_ROW_UNKNOWN": Code(
        "a row of no kind that we know",
        "read the row in the file; a tax or a transfer of ours: book it under {receipt}; else ask Safaricom",
    ),
    "STATEMENT_GAP": Code(
        "the balances do not follow each other: rows are missing", "export the statement again, whole and per account"
    ),
    # -- only reported, no difference
    "MPESA_NOT_SEEN": Code(
        "not found on the day, and not proven to be missing",
        "decide nothing yet: look at the row that it names, or run this again with files about all days that it names",
    ),
    "CLOSING_UNKNOWN": Code(
        "a file has no balance before the end of the day",
        "to compare it, export that account with enough days before to have a row",
    ),
    "RECEIPT_MATCHED": Code(
        "completed without a receipt; M-Pesa's record fits", 'within 48 hours send {{"pull":true}}; later nothing'
    ),
    "ADJUSTED": Code("it differs, and two administrators adjusted it", "nothing"),
    "ADJUSTMENT_ALONE": Code(
        "an adjustment names a payment and settles no difference that was found",
        "was it for a line of a statement? Else it is of a wrong amount, direction or player, or no longer due",
    ),
    "SUSPENSE_WAITS": Code("money in suspense waits for support", "assignPayment {id} or reverseDeposit {id}"),
}
