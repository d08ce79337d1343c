"""The payment fields of the AppSync API: a player's own, and what support and administrators may do."""

from typing import Any

from betsafi.dynamodb import Item, Page
from betsafi.errors import NotFound
from betsafi.fresh import fresh, is_fresh, signed_in_at
from betsafi.graphql import Caller, Fields, page_limit
from betsafi.ids import identifier
from betsafi.languages import Language
from payment import models, presenting, users_api, wording
from payment.flows import channels, decisions, deposits, forms, paybill, withdrawals
from payment.flows.decisions import Decision
from payment.states import PAYBILL
from payment.stores import channel
from payment.stores.payments import find_own, find_own_many, kept_of, list_own, list_queue

handler = Fields()


@handler.mutation("deposit")
def deposit(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Ask the caller's phone to pay into the wallet. Accepted is not paid: the payment says how it stands."""
    asked = deposits.request(caller.user_id, arguments, caller.sign_in_id, caller.language)
    return presenting.present(asked, caller.language)


@handler.mutation("withdraw")
def withdraw(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Pay from the caller's wallet to their phone; what is not clear at once stays held and is followed up.

    Raises SignInAgain, WrongCode, and what the flow raises.
    """
    code = models.code(arguments)

    def is_there(payment_id: str) -> None:
        fresh(caller, code, lambda given: users_api.confirm(caller.user_id, given, payment_id))

    asked = withdrawals.request(
        caller.user_id, arguments, caller.sign_in_id, signed_in_at(caller), is_there, caller.language
    )
    return presenting.present(asked, caller.language)


@handler.query("payment")
def payment(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return one of the caller's payments. Raises NotFound, also for another player's."""
    return presenting.present(_own(caller.user_id, identifier(arguments["id"], name="id")), caller.language)


@handler.query("payments")
def payments(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return the caller's payments, newest first, by pages."""
    page = list_own(caller.user_id, arguments.get("kind"), page_limit(arguments, 100), arguments.get("cursor"))
    return {"items": [presenting.present(item, caller.language) for item in page.items], "cursor": page.cursor}


@handler.player("payments")
def player_payments(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return a page of a player's payments, newest first, for staff. Raises InvalidInput, InvalidCursor."""
    user_id = identifier(arguments["userId"], name="userId")
    page = list_own(user_id, None, page_limit(arguments), arguments.get("cursor"))
    return {"items": [presenting.present(item, caller.language) for item in page.items], "cursor": page.cursor}


@handler.export("payment")
def exported(user_id: str, cursor: str | None) -> Page:
    """Return a page of all that is kept of a player's payments."""
    return kept_of(user_id, cursor)


@handler.update("payment")
def payment_update(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any] | None:
    """Return a player's payment as it now stands, for their subscribers: see `presenting.present_for_subscribers`.

    Who listens is not known, so it is in the language in which it was asked for; what nobody asked us for, because it
    was paid by hand, in that of the profile. Raises NotFound, Unavailable.
    """
    user_id, payment_id = (identifier(arguments[name], name=name) for name in ("userId", "payment"))
    found = _own(user_id, payment_id)
    language = users_api.language_of(user_id) if found["kind"] == PAYBILL else found.get("language", "en")
    return presenting.present_for_subscribers(found, language, posted=bool(arguments.get("paymentPosted")))


@handler.changes("payments")
def changed_payments(caller: Caller, asked: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return a player's payments among what changed, as they now stand: see `presenting.present_for_subscribers`."""
    posted = {each["id"]: bool(each["posted"]) for each in asked}
    found = find_own_many(caller.user_id, list(posted))
    shown = (
        presenting.present_for_subscribers(each, caller.language, posted=posted[each["payment_id"]]) for each in found
    )
    return [payment for payment in shown if payment]


@handler.query("paybill")
def paybill_instructions(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return how the caller pays in by hand: the business number and their account number."""
    return paybill.instructions(caller.user_id, caller.language)


@handler.query("depositForm")
def deposit_form(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return what the caller may pay in now, and what of an amount would be credited. Raises InvalidAmount."""
    form = forms.deposit(caller.user_id, arguments)
    return presenting.deposit_form(form, caller.language)


@handler.query("withdrawalForm")
def withdrawal_form(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return what the caller may take out now, and what of an amount M-Pesa would pay. Raises InvalidAmount."""
    form = forms.withdrawal(caller.user_id, arguments)
    return presenting.withdrawal_form(form, caller.language, code_needed=not is_fresh(caller))


@handler.query("paymentChannels")
def payment_channels(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return whether deposits and withdrawals are open, and the banner to show where they are not."""
    return _channels(caller.language)


# -- support and administrators


@handler.query("paymentQueue")
def payment_queue(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return what waits for a person, oldest first. Support and administrators only."""
    caller.require("support", "admin")
    page = list_queue(arguments["queue"], page_limit(arguments, 100), arguments.get("cursor"))
    return {"items": [presenting.present(item, caller.language) for item in page.items], "cursor": page.cursor}


@handler.mutation("approveWithdrawal")
def approve_withdrawal(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Let a reviewed withdrawal go; a large one takes two. Administrators only. Raises NotFound, NotAllowedNow."""
    caller.require("admin")
    return present(decisions.approve(identifier(arguments["id"], name="id"), caller.staff, arguments), caller.language)


@handler.mutation("rejectWithdrawal")
def reject_withdrawal(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Refuse a reviewed withdrawal; the player gets the money back. Administrators only. Raises as `approve`."""
    caller.require("admin")
    return presenting.present(
        decisions.reject(identifier(arguments["id"], name="id"), caller.staff, arguments), caller.language
    )


@handler.mutation("resolveWithdrawal")
def resolve_withdrawal(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Say how an uncertain withdrawal or reversal ended; takes two administrators."""
    caller.require("admin")
    return present(decisions.resolve(identifier(arguments["id"], name="id"), caller.staff, arguments), caller.language)


@handler.mutation("reverseDeposit")
def reverse_deposit(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Give a mistaken deposit, or money in suspense, back to who paid it; takes two administrators."""
    caller.require("admin")
    return present(decisions.reverse(identifier(arguments["id"], name="id"), caller.staff, arguments), caller.language)


@handler.mutation("assignPayment")
def assign_payment(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Give money in suspense to the player with an account number; much of it takes two. Support and administrators."""
    caller.require("support", "admin")
    return present(decisions.assign(identifier(arguments["id"], name="id"), caller.staff, arguments), caller.language)


@handler.mutation("refuseDecision")
def refuse_decision(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """End what was proposed about a payment, without its being done. Support and administrators. Raises NotFound."""
    caller.require("support", "admin")
    return presenting.present(
        decisions.refuse(identifier(arguments["id"], name="id"), caller.staff, arguments), caller.language
    )


@handler.mutation("setPaymentChannel")
def set_payment_channel(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Open or close deposits or withdrawals at once, with a banner for players. Administrators only."""
    caller.require("admin")
    channels.switch(caller.staff, arguments)
    return _channels(caller.language)


@handler.mutation("registerPaybill")
def register_paybill(caller: Caller, arguments: dict[str, Any]) -> bool:
    """Tell M-Pesa our addresses for paybill payments; return whether it knows them now. Administrators only.

    That somebody asks for it is kept before M-Pesa is asked.
    """
    caller.require("admin")
    return channels.register_paybill(caller.staff, arguments)


def present(decision: Decision, language: Language) -> dict[str, Any]:
    """Return a decision as GraphQL's `Decision`."""
    return {
        "payment": presenting.present(decision.payment, language),
        "status": decision.status,
        "proposedBy": decision.proposed_by,
        "approvedBy": decision.approved_by,
    }


def _own(user_id: str, payment_id: str) -> Item:
    found = find_own(user_id, payment_id)
    if found is None:
        raise NotFound(wording.NO_SUCH_PAYMENT)
    return found


def _channels(language: Language) -> dict[str, Any]:
    return {
        f"{kind.lower()}s": {"open": found.open, "banner": found.banner and found.banner.said(language)}
        for kind, found in channel.directions().items()
    }
