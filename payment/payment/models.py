"""What players ask for, checked, and how a payment is told to them."""

from datetime import date
from typing import Any

from betsafi import inputs
from betsafi.dynamodb import Item
from betsafi.errors import Conflict, DomainError, Forbidden, InvalidAmount
from betsafi.money import format_amount, money_in, money_out
from payment.states import DEPOSIT, PAYBILL, REVERSAL, WITHDRAWAL
from payment.tariffs import DepositSplit, WithdrawalSplit, split_deposit, split_withdrawal, tariff_on


class AmountOutOfRange(InvalidAmount):
    """The amount is outside what M-Pesa moves at once; `info` has the limits in shillings."""

    code = "AMOUNT_OUT_OF_RANGE"


class DepositsUnavailable(DomainError):
    """Deposits are switched off or not configured; nothing was sent."""

    code = "DEPOSITS_UNAVAILABLE"
    status = 503


class WithdrawalsUnavailable(DomainError):
    """Withdrawals are switched off or not configured; nothing was held."""

    code = "WITHDRAWALS_UNAVAILABLE"
    status = 503


class DailyLimitReached(DomainError):
    """The player's withdrawals of the day would exceed the limit; `info` has it and what is left, in shillings."""

    code = "DAILY_LIMIT_REACHED"
    status = 409


class PromptTooSoon(DomainError):
    """The player was sent a prompt a moment ago; `info` says in how many seconds the next one may be asked for."""

    code = "PROMPT_TOO_SOON"
    status = 429


class NotAllowedNow(Conflict):
    """The payment's present status does not allow this."""

    code = "NOT_ALLOWED_NOW"


class AccountNotActive(Forbidden):
    """The player's account is suspended, or their wallet frozen or closed."""

    code = "ACCOUNT_NOT_ACTIVE"


def deposit_amount(arguments: dict[str, Any], day: date) -> tuple[int, DepositSplit]:
    """Return a deposit's cents, whole shillings, and their split. Raises InvalidAmount, AmountOutOfRange."""
    amount = money_in(arguments["amount"])
    if amount % 100:
        raise InvalidAmount("M-Pesa moves whole shillings. Leave out the cents.")
    tariff = tariff_on(day)
    _check_range("A deposit", amount, tariff.deposit_min_cents, tariff.deposit_max_cents)
    return amount, split_deposit(amount, tariff)


def check_may_deposit(status: str | None) -> None:
    """Raise AccountNotActive for a player or a wallet that takes no money; one that is not opened yet (None) does."""
    if status not in ("ACTIVE", None):
        why = {"SUSPENDED": "Your account is suspended", "CLOSED": "Your wallet is closed"}
        raise AccountNotActive(f"{why.get(status, 'Your wallet is stopped')}, so you cannot deposit. Contact support.")


def withdrawal_amount(arguments: dict[str, Any], day: date) -> tuple[int, WithdrawalSplit]:
    """Return a withdrawal's cents, as taken from the wallet, and their split. Raises as `deposit_amount`."""
    amount = money_in(arguments["amount"])
    tariff = tariff_on(day)
    split = split_withdrawal(amount, tariff)
    _check_range("What M-Pesa pays, after tax,", split.paid_cents, tariff.payout_min_cents, tariff.payout_max_cents)
    return amount, split


def daily_limit_reached(most: int, withdrawn: int) -> DailyLimitReached:
    """Return the refusal of a withdrawal that does not fit into the day."""
    limit, left = format_amount(most), format_amount(max(0, most - withdrawn))
    sentence = (
        f"You may withdraw {limit} shillings a day, and {left} are left today. Try a smaller amount, or tomorrow."
    )
    return DailyLimitReached(sentence, limit=limit, left=left)


def prompt_too_soon(seconds: int) -> PromptTooSoon:
    """Return the refusal of a prompt right after another one."""
    sentence = f"You were sent a prompt a moment ago. Answer it, or try again in {seconds} seconds."
    return PromptTooSoon(sentence, seconds=seconds)


def text(arguments: dict[str, Any], name: str, shortest: int = 5, longest: int = 500) -> str:
    """Return a sentence that an operator gives for the record. Raises InvalidInput."""
    return inputs.text(arguments.get(name), name, shortest, longest)


def why(arguments: dict[str, Any]) -> str:
    """Return the reason of a decision that needs none, "" where none was given. Raises InvalidInput."""
    return "" if arguments.get("reason") is None else text(arguments, "reason")


def msisdn(phone_number: str) -> str:
    """Return a phone number as M-Pesa writes it: +254712345678 -> 254712345678."""
    return phone_number.removeprefix("+")


def _check_range(what: str, cents: int, lowest: int, highest: int) -> None:
    if not lowest <= cents <= highest:
        minimum, maximum = format_amount(lowest), format_amount(highest)
        raise AmountOutOfRange(f"{what} must be from {minimum} to {maximum} shillings.", min=minimum, max=maximum)


def present(payment: Item) -> dict[str, Any]:
    """Return a payment as GraphQL's `Payment`. No personal data is in it."""
    money_came_in = payment["kind"] in (DEPOSIT, PAYBILL)
    tax = payment.get("excise_cents" if payment["kind"] != WITHDRAWAL else "withholding_cents")
    return {
        "id": payment["payment_id"],
        "userId": payment.get("user_id") or None,
        "kind": DEPOSIT if money_came_in else payment["kind"],
        "channel": "PAYBILL" if payment["kind"] == PAYBILL else "PROMPT" if money_came_in else None,
        "status": status_for_people(payment),
        "amount": money_out(payment["amount_cents"]),
        "tax": None if tax is None else money_out(tax),
        "credited": money_out(payment["credit_cents"]) if "credit_cents" in payment and money_came_in else None,
        "paid": money_out(payment["paid_cents"]) if "paid_cents" in payment else None,
        "returned": money_out(payment["remainder_cents"]) if "remainder_cents" in payment else None,
        "reason": payment.get("reason") if payment["status"] in _REASONED else None,
        "message": message(payment),
        "receipt": payment.get("receipt") or payment.get("told_receipt"),
        "account": payment.get("account"),
        "version": payment["version"],
        "createdAt": payment["at"],
        "updatedAt": payment["updated_at"],
    }


def present_for_subscribers(payment: Item, *, posted: bool) -> dict[str, Any] | None:
    """Return a payment as GraphQL's `Payment`; None while its end has yet to reach the wallet (`posted` says that it
    has): then it is told by what the wallet says next, together with the balance."""
    status = status_for_people(payment)
    moves_money = status == "COMPLETED" or (status == "FAILED" and payment["kind"] == WITHDRAWAL)
    return None if moves_money and not posted else present(payment)


def status_for_people(payment: Item) -> str:
    """Return the status as people see it: a deposit that was given back is REVERSED."""
    return "REVERSED" if "reversed_at" in payment else str(payment["status"])


def message(payment: Item) -> str:
    """Return a sentence that says how the payment stands and what to do next."""
    kind, status = payment["kind"], status_for_people(payment)
    if status in ("REFUSED", "FAILED") and "refusal" in payment:
        return str(payment["refusal"])
    text = FAILURES.get(payment.get("reason", "")) if status == "FAILED" else None
    return (text or _STATES[kind, status]).format(
        amount=format_amount(payment["amount_cents"]),
        credited=format_amount(payment.get("credit_cents", 0)),
        paid=format_amount(payment.get("paid_cents", 0)),
        account=payment.get("account", ""),
    )


_REASONED = ("SUBMIT_UNKNOWN", "UNKNOWN", "DELAYED", "REVIEW", "FAILED", "REFUSED")
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
