"""The payment fields of the AppSync API: a player's own, and what support and administrators may do."""

from typing import Any

from betsafi.errors import InvalidInput
from betsafi.graphql import Caller, Fields, page_limit
from betsafi.ids import identifier
from payment import channel, decisions, deposits, models, paybill, store, withdrawals
from payment.states import DEPOSIT, WITHDRAWAL

handler = Fields()


@handler.mutation("deposit")
def deposit(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Ask the caller's phone to pay into the wallet. Accepted is not paid: the payment says how it stands."""
    return models.present(deposits.request(caller.user_id, arguments, caller.sign_in_id))


@handler.mutation("withdraw")
def withdraw(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Pay from the caller's wallet to their phone; what is not clear at once stays held and is followed up."""
    return models.present(withdrawals.request(caller.user_id, arguments, caller.sign_in_id))


@handler.query("payment")
def payment(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return one of the caller's payments. Raises NotFound, also for another player's."""
    return models.present(store.find_own(caller.user_id, identifier(arguments["id"], name="id")))


@handler.query("payments")
def payments(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return the caller's payments, newest first, by pages."""
    page = store.list_own(caller.user_id, arguments.get("kind"), page_limit(arguments, 100), arguments.get("cursor"))
    return {"items": [models.present(item) for item in page.items], "cursor": page.cursor}


@handler.update("payment")
def payment_update(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any] | None:
    """Return a player's payment as it now stands, for their subscribers: see `models.present_for_subscribers`."""
    user_id, payment_id = (identifier(arguments[name], name=name) for name in ("userId", "payment"))
    found = store.find_own(user_id, payment_id)
    return models.present_for_subscribers(found, posted=bool(arguments.get("paymentPosted")))


@handler.query("paybill")
def paybill_instructions(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return how the caller pays in by hand: the business number and their account number."""
    return paybill.instructions(caller.user_id)


@handler.query("paymentChannels")
def payment_channels(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return whether deposits and withdrawals are open, and the banner to show where they are not."""
    return _channels()


# -- support and administrators


@handler.query("paymentQueue")
def payment_queue(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return what waits for a person, oldest first. Support and administrators only."""
    caller.require("support", "admin")
    page = store.list_queue(arguments["queue"], page_limit(arguments, 100), arguments.get("cursor"))
    return {"items": [models.present(item) for item in page.items], "cursor": page.cursor}


@handler.mutation("approveWithdrawal")
def approve_withdrawal(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Let a reviewed withdrawal go. Administrators only. Raises NotFound, NotAllowedNow."""
    caller.require("admin")
    return models.present(withdrawals.approve(identifier(arguments["id"], name="id"), caller.user_id))


@handler.mutation("rejectWithdrawal")
def reject_withdrawal(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Refuse a reviewed withdrawal; the player gets the money back. Administrators only. Raises as `approve`."""
    caller.require("admin")
    return models.present(
        withdrawals.reject(identifier(arguments["id"], name="id"), models.text(arguments, "reason"), caller.user_id)
    )


@handler.mutation("resolveWithdrawal")
def resolve_withdrawal(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Say how an uncertain withdrawal or reversal ended; takes two administrators."""
    caller.require("admin")
    return decisions.resolve(identifier(arguments["id"], name="id"), caller.user_id, arguments)


@handler.mutation("reverseDeposit")
def reverse_deposit(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Give a mistaken deposit, or money in suspense, back to who paid it; takes two administrators."""
    caller.require("admin")
    return decisions.reverse(identifier(arguments["id"], name="id"), caller.user_id, arguments)


@handler.mutation("assignPayment")
def assign_payment(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Give money in suspense to the player with an account number. Support and administrators only."""
    caller.require("support", "admin")
    return models.present(
        paybill.assign(identifier(arguments["id"], name="id"), arguments["accountNumber"], caller.user_id)
    )


@handler.mutation("setPaymentChannel")
def set_payment_channel(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Open or close deposits or withdrawals at once, with a banner for players. Administrators only."""
    caller.require("admin")
    if not arguments["open"] and not arguments.get("banner"):
        raise InvalidInput("Closing needs a banner: the sentence that players see.")
    banner = "" if arguments["open"] else models.text(arguments, "banner", 10, 200)
    channel.switch(arguments["kind"], arguments["open"], banner, caller.user_id)
    return _channels()


@handler.mutation("registerPaybill")
def register_paybill(caller: Caller, arguments: dict[str, Any]) -> bool:
    """Tell M-Pesa our addresses for paybill payments; return whether it knows them now. Administrators only."""
    caller.require("admin")
    return paybill.register()


def _channels() -> dict[str, Any]:
    found = channel.directions()
    return {
        f"{kind.lower()}s": {"open": found[kind].open, "banner": found[kind].banner or None}
        for kind in (DEPOSIT, WITHDRAWAL)
    }
