"""How a payment is shown to people and programs. Rules only: no I/O."""

import json
from typing import Any

from betsafi.languages import Language
from betsafi.money import money_out
from payment.limits import DepositForm, Form, WithdrawalForm
from payment.next_steps import next_step, retry_at
from payment.numbers import masked
from payment.states import DEPOSIT, PAYBILL, WITHDRAWAL, shown_status
from payment.wording import message

_REASONED = ("SUBMIT_UNKNOWN", "UNKNOWN", "DELAYED", "REVIEW", "FAILED", "REFUSED", "SUSPENSE", "RETURNING", "RETURNED")


def present(payment: dict[str, Any], language: Language) -> dict[str, Any]:
    """Return a payment as GraphQL's `Payment`, with its sentence in a language. Its number is masked as it is kept."""
    money_came_in = payment["kind"] in (DEPOSIT, PAYBILL)
    tax = payment.get("excise_cents" if payment["kind"] != WITHDRAWAL else "withholding_cents")
    return {
        "id": payment["payment_id"],
        "userId": payment.get("user_id") or None,
        "kind": DEPOSIT if money_came_in else payment["kind"],
        "channel": "PAYBILL" if payment["kind"] == PAYBILL else "PROMPT" if money_came_in else None,
        "status": shown_status(payment),
        "amount": money_out(payment["amount_cents"]),
        "tax": None if tax is None else money_out(tax),
        "credited": money_out(payment["credit_cents"]) if "credit_cents" in payment and money_came_in else None,
        "paid": money_out(payment["paid_cents"]) if "paid_cents" in payment else None,
        "returned": money_out(payment["remainder_cents"]) if "remainder_cents" in payment else None,
        "reason": payment.get("reason") if payment["status"] in _REASONED else None,
        "message": message(payment).said(language),
        "isFinal": next_step(payment) not in ("WAIT", "PAY_ON_PHONE"),
        "nextStep": next_step(payment),
        "expiresAt": payment.get("expires_at") if next_step(payment) == "PAY_ON_PHONE" else None,
        "retryAt": retry_at(payment),
        "receipt": payment.get("receipt") or payment.get("told_receipt"),
        "account": payment.get("account"),
        "phone": payment.get("phone") or None,
        "version": payment["version"],
        "createdAt": payment["at"],
        "updatedAt": payment["updated_at"],
    }


def present_for_subscribers(payment: dict[str, Any], language: Language, *, posted: bool) -> dict[str, Any] | None:
    """Return a payment as GraphQL's `Payment`; None while its end has yet to reach the wallet (`posted`: it has).
    The wallet's next event then brings it, together with the balance."""
    status = shown_status(payment)
    moves_money = status == "COMPLETED" or (status == "FAILED" and payment["kind"] == WITHDRAWAL)
    return None if moves_money and not posted else present(payment, language)


def deposit_form(form: DepositForm, language: Language) -> dict[str, Any]:
    """Return what may be paid in as GraphQL's `DepositForm`."""
    return {
        **_form(form, language),
        "limits": [
            {
                "name": name.upper(),
                "amount": money_out(limit),
                "used": money_out(limit - left),
                "left": money_out(max(0, left)),
                "ends": ends,
            }
            for name, limit, left, ends in form.limits
        ],
        "promptAt": form.prompt_at,
        "tax": form.split and money_out(form.split.excise_cents),
        "credited": form.split and money_out(form.split.credit_cents),
    }


def withdrawal_form(form: WithdrawalForm, language: Language, *, code_needed: bool) -> dict[str, Any]:
    """Return what may be taken out as GraphQL's `WithdrawalForm`."""
    return {
        **_form(form, language),
        "dayLimit": money_out(form.day_cents),
        "leftToday": money_out(form.left_cents),
        "codeNeeded": code_needed,
        "tax": form.split and money_out(form.split.withholding_cents),
        "paid": form.split and money_out(form.split.paid_cents),
        "returned": form.split and money_out(form.split.remainder_cents),
    }


def _form(form: Form, language: Language) -> dict[str, Any]:
    refusal = form.refusal
    return {
        "smallest": money_out(form.least),
        "largest": None if form.most is None else money_out(form.most),
        "refusal": refusal
        and {"code": refusal.code, "message": refusal.said(language), "arguments": json.dumps(refusal.info)},
        "phone": masked(form.phone),
        "waiting": form.waiting and present(form.waiting, language),
    }
