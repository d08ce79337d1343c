"""The sentences of this service: how a payment stands, and why something was refused. Rules only: no I/O.

Refusals to players are in both languages; how a payment stands is in English.
"""

from collections.abc import Mapping
from typing import Any

from betsafi.languages import Both
from betsafi.money import format_amount
from payment.states import DEPOSIT, PAYBILL, REVERSAL, WITHDRAWAL, shown_status

SIGNED_OUT = "You were signed out. Please sign in again, then withdraw."
CODE_DIGITS = "code is the 6 digits that were sent to you."


def message(payment: Mapping[str, Any]) -> str:
    """Return a sentence that says how the payment stands and what to do next."""
    kind, status = payment["kind"], shown_status(payment)
    if status in ("REFUSED", "FAILED") and "refusal" in payment:
        return str(payment["refusal"])
    text = FAILURES.get(payment.get("reason", "")) if status == "FAILED" else None
    return (text or _STATES[kind, status]).format(
        amount=format_amount(payment["amount_cents"]),
        credited=format_amount(payment.get("credit_cents", 0)),
        paid=format_amount(payment.get("paid_cents", 0)),
        account=payment.get("account", ""),
    )


_IN_DOUBT = "M-Pesa has not said how it ended. It is asked again by itself; two administrators may decide."
_STATES = {
    (PAYBILL, "RECEIVED"): "We are confirming your payment of KES {amount} with M-Pesa. There is nothing to do.",
    (PAYBILL, "COMPLETED"): "Paid. KES {credited} is credited to your wallet, after excise duty.",
    (PAYBILL, "REVERSED"): "Your deposit of KES {amount} was given back to the M-Pesa account that paid it.",
    (PAYBILL, "MERGED"): "This is the payment of a prompt and is credited there.",
    (PAYBILL, "FAILED"): "M-Pesa knows nothing of this payment.",
    (
        PAYBILL,
        "SUSPENSE",
    ): "Paid to the account number {account!r}, which is nobody's. Assign it to a player or return it.",
    (PAYBILL, "RETURNING"): "M-Pesa is asked to give the payer KES {amount} back.",
    (PAYBILL, "RETURNED"): "The payer has KES {amount} back.",
    (REVERSAL, "REQUESTED"): "The reversal is being prepared.",
    (REVERSAL, "HELD"): "The money is set aside and M-Pesa is being asked to reverse the payment.",
    (REVERSAL, "SUBMITTED"): "M-Pesa is reversing the payment.",
    (REVERSAL, "SUBMIT_UNKNOWN"): _IN_DOUBT,
    (REVERSAL, "UNKNOWN"): _IN_DOUBT,
    (REVERSAL, "DELAYED"): "M-Pesa refuses for a reason that only an operator can mend. Mend it, then decide.",
    (REVERSAL, "COMPLETED"): "Reversed. The payer has KES {amount} back.",
    (REVERSAL, "FAILED"): "M-Pesa did not reverse the payment; everything is as it was.",
    (REVERSAL, "REFUSED"): "The wallet does not have the money any more; nothing was changed.",
    (DEPOSIT, "REVERSED"): "Your deposit of KES {amount} was given back to the M-Pesa account that paid it.",
    (WITHDRAWAL, "REVIEW"): "KES {amount} is set aside. Our team looks at your withdrawal first, usually within hours.",
    (DEPOSIT, "REQUESTED"): "We are asking M-Pesa to send a prompt to your phone. Keep it at hand.",
    (DEPOSIT, "SUBMITTED"): "Check your phone and enter your M-Pesa PIN to pay KES {amount}.",
    (DEPOSIT, "SUBMIT_UNKNOWN"): (
        "M-Pesa did not confirm that a prompt was sent. If one appears you may pay it; "
        "wait a few minutes before you try again."
    ),
    (DEPOSIT, "UNKNOWN"): "M-Pesa has not said clearly whether you paid. We keep asking; please do not pay again yet.",
    (DEPOSIT, "COMPLETED"): "Paid. KES {credited} is credited to your wallet, after excise duty.",
    (DEPOSIT, "FAILED"): "The deposit was not paid. Nothing was taken from your M-Pesa account; you may try again.",
    (WITHDRAWAL, "REQUESTED"): "We are preparing your withdrawal. There is nothing more to do.",
    (WITHDRAWAL, "HELD"): "KES {amount} is set aside and M-Pesa is being asked to pay you KES {paid}.",
    (WITHDRAWAL, "SUBMITTED"): "M-Pesa is paying you KES {paid}. You will get an SMS.",
    (
        WITHDRAWAL,
        "SUBMIT_UNKNOWN",
    ): "M-Pesa is slow to answer. Your money is set aside and safe; there is nothing to do.",
    (
        WITHDRAWAL,
        "UNKNOWN",
    ): "M-Pesa has not confirmed the payment yet. Your money is set aside and safe; we keep asking.",
    (
        WITHDRAWAL,
        "DELAYED",
    ): "Your withdrawal is delayed and our team is looking at it. Your money is set aside and safe.",
    (WITHDRAWAL, "COMPLETED"): "Paid. M-Pesa sent you KES {paid}, after withholding tax.",
    (WITHDRAWAL, "FAILED"): "The withdrawal was not paid. KES {amount} is back in your wallet; you may try again.",
    (WITHDRAWAL, "REFUSED"): "The withdrawal was refused. Nothing was taken from your wallet.",
}

FAILURES = {
    "MPESA_BALANCE_INSUFFICIENT": "Your M-Pesa balance is too low. Top it up, or try a smaller amount.",
    "AMOUNT_TOO_SMALL": "The amount is below M-Pesa's minimum. Try a larger amount.",
    "AMOUNT_TOO_LARGE": "The amount is above M-Pesa's maximum. Try a smaller amount.",
    "DAILY_LIMIT": "You have reached M-Pesa's daily limit. Try again tomorrow, or a smaller amount.",
    "PAYBILL_FULL": "We cannot receive money at the moment. Please try again later.",
    "REPEATED_TOO_SOON": "M-Pesa refuses the same amount twice within two minutes. Wait two minutes and try again.",
    "MPESA_BUSY": "M-Pesa is busy. Wait a minute and try again.",
    "PHONE_BUSY": "Your phone is in the middle of another M-Pesa payment. Wait a minute and try again.",
    "EXPIRED": "The prompt expired before it was answered. Please try again.",
    "PROMPT_NOT_SENT": "M-Pesa could not send the prompt to your phone. Please try again.",
    "TIMED_OUT": "The prompt was not answered in time. Please try again and enter your PIN within a minute.",
    "CANCELLED": "You cancelled the prompt. Nothing was paid; you may try again.",
    "NOT_PAID": "M-Pesa has no payment of this prompt. Nothing was taken from your account; you may try again.",
    "NO_ANSWER": "Your phone could not be reached. Switch it on, or dial *234# to update your SIM, and try again.",
    "WRONG_PIN": "The PIN was wrong. Try again with care: M-Pesa locks it after three wrong attempts.",
    "PIN_LOCKED": "Your M-Pesa PIN is locked. Call Safaricom on 100, then try again.",
    "CONFIGURATION": "We cannot reach M-Pesa properly at the moment. We are on it; please try again later.",
    "MPESA_UNREACHABLE": "M-Pesa cannot be reached at the moment. Nothing was sent; please try again later.",
    "MPESA_ACCOUNT_FULL": "Your M-Pesa account cannot hold that much. KES {amount} is back in your wallet.",
    "REJECTED": "Our team did not approve the withdrawal. KES {amount} is back in your wallet; contact support.",
    "RESOLVED_UNPAID": "M-Pesa did not pay. KES {amount} is back in your wallet; you may try again.",
    "NOT_REGISTERED": "Register your phone number for M-Pesa first. KES {amount} is back in your wallet.",
    "BAD_NUMBER": "M-Pesa does not know your phone number. Contact support; KES {amount} is back in your wallet.",
}
"""Sentences for the reasons of FAILED; any other reason has the plain sentence of its state."""

WHOLE_SHILLINGS = "M-Pesa moves whole shillings. Leave out the cents."
DEPOSITS_CLOSED = "Deposits are not available at the moment. Please try again later."
PAYBILL_CLOSED = "Deposits by paybill are not available at the moment. Please try again later."
WITHDRAWALS_CLOSED = (
    "Withdrawals are not available at the moment. Your money is in your wallet; please try again later."
)
OUT_OF_ORDER = "Withdrawals are out of order for the moment and we are on it. Your money is in your wallet."
ACCOUNT_CLOSED = "This account was closed. Contact support about what is in its wallet."
KEYS_UNREADABLE = "Our own keys cannot be read at the moment. Please try again in a moment."
REQUEST_REUSED = "This clientRequestId was used for another request. Use a new one."
NO_SUCH_PAYMENT = "There is no such payment."
BUSY = "Your account is busy. Nothing was sent; please try again."
NO_NUMBER_FREE = "No account number is free."


def may_not_deposit(status: str) -> str:
    """Say why a player, or a wallet, takes no money."""
    if status == "CLOSED":
        return "Your wallet is closed, so you cannot deposit. Contact support."
    return "Your account is stopped, so you cannot deposit. Your profile says why. You can appeal there."


def out_of_range(what: str, minimum: str, maximum: str) -> str:
    """Say between which amounts, in shillings, a payment must be."""
    return f"{what} must be from {minimum} to {maximum} shillings."


def daily_limit(limit: str, left: str) -> str:
    """Say what of a day's limit, in shillings, is left."""
    return f"You may withdraw {limit} shillings a day, and {left} are left today. Try a smaller amount, or tomorrow."


def deposit_limit(window: str, limit: str, left: str) -> str:
    """Say what is left of a player's own limit on deposits for a window, in shillings."""
    return f"Your limit on deposits is {limit} shillings a {window}, and {left} are left. Choose a smaller amount."


def identity_limit(use: str, limit: str, left: str) -> str:
    """Say what is left today of what a player's identity lets them deposit or withdraw, in shillings."""
    return (
        f"Until we have verified who you are you may {use} {limit} shillings a day, and {left} are left today. "
        "Show us your document, or choose a smaller amount."
    )


def prompt_too_soon(seconds: int) -> str:
    """Say when the next prompt may be asked for."""
    return f"You were sent a prompt a moment ago. Answer it, or try again in {seconds} seconds."


def pay_by_hand(business: str, number: str) -> str:
    """Say how a player pays in by hand."""
    return (
        f"In M-PESA choose Lipa na M-PESA, then Pay Bill. Business number {business}, "
        f"account number {number}, then the amount and your PIN."
    )


# -- to support and administrators

MOVED = "The payment has moved meanwhile. Look again."
NO_SUCH_WITHDRAWAL = "There is no such withdrawal."
NO_SUCH_DEPOSIT = "There is no such deposit."
NOTHING_DECIDED = "Nothing was decided about this payment."
NOT_IN_REVIEW = "This withdrawal does not wait for a review."
NOT_IN_SUSPENSE = "This payment is not in suspense any more."
NO_DEPOSITS = Both("you cannot deposit", "huwezi kuweka pesa")
"""What follows for a player who is stopped."""

PLAYER_IS_STOPPED = "This player is stopped, so nothing is credited to them. Give the money back to who paid it."
NOBODYS_NUMBER = "This accountNumber is nobody's. A player sees theirs where they deposit by paybill."
BAD_RECEIPT = "receipt has 6 to 20 capital letters and digits, for example SG632NMUAB."
BANNER_NEEDED = "Closing needs a banner: the sentence that players see."
ONLY_ORDERS = "Only an uncertain withdrawal or reversal can be resolved by hand."
ONLY_UNCERTAIN = "Only a payment whose outcome is uncertain can be resolved by hand."
NOTHING_TO_STOP = "M-Pesa is not being asked again, so there is nothing to stop."
STOP_FIRST = "M-Pesa is asked again by itself, so it may yet be done. Decide STOP first."
NOT_ASKED_AGAIN = "Only what was stopped, or what M-Pesa said that it did not do, is asked again."
ONLY_PAID_DEPOSITS = "Only a paid deposit that was not given back can be reversed."
RECEIPT_UNKNOWN = "M-Pesa's receipt of this deposit is not known yet. The daily pull finds it."
OTHER_REVERSAL = "This payment is being dealt with by somebody else."
REVERSAL_ENDED = "The reversal has ended otherwise meanwhile."
OTHER_ADDRESSES = "M-Pesa has other addresses of ours. Delete them on its portal, then register again."


def contradicted(reason: str) -> str:
    """Say that what somebody decided is not what the table says."""
    return f"The receipt or the payment contradicts this: {reason}."


def no_domain(problem: str) -> str:
    """Say that M-Pesa cannot be given our addresses."""
    return f"Set a callback domain first: {problem}."
