"""The wallet fields of the AppSync API: a player's own, and what support and administrators may do."""

from typing import Any

from betsafi import approval, inputs
from betsafi.audit import call_id
from betsafi.dynamodb import Item, Page
from betsafi.graphql import Caller, Fields, page_limit
from betsafi.ids import derive_id, request_id
from betsafi.money import money_in, money_out
from wallet import by_hand, models
from wallet.by_hand import Booking, Command
from wallet.rules import activity, promises, statement, stops
from wallet.rules.ledger import Entry
from wallet.stores import accounts, reading

handler = Fields()


@handler.query("wallet")
def wallet(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return the caller's balances. Raises NotFound until the account is opened, a moment after sign-up."""
    return present(accounts.get_account(caller.user_id))


@handler.update("wallet")
def wallet_update(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return a player's balances as they now are, for their subscribers. Raises NotFound."""
    return present(accounts.get_account(models.identifier(arguments, "userId")))


@handler.changes("wallet")
def changed_wallet(caller: Caller, asked: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a player's balances, which changed. Raises NotFound."""
    return present(accounts.get_account(caller.user_id))


@handler.query("walletEntries")
def wallet_entries(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return a page of the caller's statement, newest first. Raises InvalidInput, InvalidCursor."""
    limit = page_limit(arguments)
    since, until = inputs.between(arguments)
    kinds = frozenset(arguments.get("kinds") or ())
    page = reading.entries(caller.user_id, limit, arguments.get("cursor"), kinds, since, until)
    return {"items": [statement.present(caller.user_id, item) for item in page.items], "cursor": page.cursor}


@handler.player("wallet")
def player_wallet(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any] | None:
    """Return a player's balances, for staff."""
    account = accounts.find_account(models.identifier(arguments, "userId"))
    return account and present(account)


@handler.player("walletEntries")
def player_entries(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return a page of a player's statement, newest first, for staff. Raises InvalidInput, InvalidCursor."""
    user_id = models.identifier(arguments, "userId")
    page = reading.entries(user_id, page_limit(arguments), arguments.get("cursor"))
    return {"items": [statement.present(user_id, item) for item in page.items], "cursor": page.cursor}


@handler.export("wallet")
def exported(user_id: str, cursor: str | None) -> Page:
    """Return a page of all that the wallet keeps of a player."""
    return reading.kept(user_id, cursor)


@handler.query("walletStatement")
def wallet_statement(caller: Caller, arguments: dict[str, Any]) -> str:
    """Return the caller's entries of some days as CSV. Raises InvalidInput, StatementTooLong."""
    return _statement(caller.user_id, arguments)


@handler.query("activitySummary")
def activity_summary(caller: Caller, arguments: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what the caller did in each period of some days. Raises InvalidInput, StatementTooLong."""
    since, until = statement.period(arguments["from"], arguments["to"])
    return activity.summary(reading.statement(caller.user_id, since, until), arguments.get("by") or "DAY")


@handler.query("playerStatement")
def player_statement(caller: Caller, arguments: dict[str, Any]) -> str:
    """Return a player's entries of some days as CSV. Support and administrators only."""
    caller.require("support", "admin")
    return _statement(models.identifier(arguments, "userId"), arguments)


@handler.mutation("closeWallet")
def close_wallet(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Close an empty account for good. Administrators only. Raises NotFound, Conflict."""
    caller.require("admin")
    user_id, reason = models.identifier(arguments, "userId"), models.text(arguments, "reason")
    return present(by_hand.close(user_id, reason, caller.staff, call_id(arguments)))


@handler.mutation("setPayoutFactor")
def set_payout_factor(caller: Caller, arguments: dict[str, Any]) -> int:
    """Let what is paid to a player at most shrink to some per cent. Traders only. Raises NotFound, Forbidden."""
    caller.require("trader")
    user_id, reason = models.identifier(arguments, "userId"), models.text(arguments, "reason")
    percent = inputs.whole(arguments["percent"], "percent", 1, promises.WHOLE)
    by_hand.set_factor(user_id, percent, reason, caller.staff, call_id(arguments))
    return percent


@handler.mutation("grantBonus")
def grant_bonus(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Give a player house money, once per request id: see `by_hand.ask`. Administrators only."""
    caller.require("admin")
    command = _command(by_hand.BONUS, arguments, models.text(arguments, "campaign"))
    return present_bonus(command, by_hand.ask(command, caller.staff))


@handler.mutation("proposeAdjustment")
def propose_adjustment(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Ask for a correction by hand; a second administrator who asks for the same has it posted: see `by_hand.ask`."""
    caller.require("admin")
    command = _command(by_hand.ADJUSTMENT, arguments, models.text(arguments, "reason"))
    return present_adjustment(command, by_hand.ask(command, caller.staff))


@handler.mutation("bookFees")
def book_fees(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Book what a payment provider charged us on a day, or gave back: see `by_hand.ask`. Administrators only."""
    caller.require("admin")
    command_id = derive_id(by_hand.FEES, request_id(arguments["clientRequestId"]))
    return _book(by_hand.FEES, caller, arguments, models.fees_entry(arguments, command_id))


@handler.mutation("bookTransfer")
def book_transfer(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Book our own money that went from one of our accounts to another: see `by_hand.ask`. Administrators only."""
    caller.require("admin")
    return _book(by_hand.TRANSFER, caller, arguments, models.transfer_entry(arguments))


@handler.mutation("bookTaxRemittance")
def book_tax_remittance(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Book a tax that was paid to the authority: see `by_hand.ask`. Administrators only."""
    caller.require("admin")
    return _book(by_hand.TAX, caller, arguments, models.tax_entry(arguments))


@handler.mutation("refuseProposal")
def refuse_proposal(caller: Caller, arguments: dict[str, Any]) -> bool:
    """End what waits for a second administrator. Administrators only. Raises NotFound."""
    caller.require("admin")
    command_id, reason = models.identifier(arguments, "id"), models.text(arguments, "reason")
    by_hand.refuse(command_id, caller.staff, reason, call_id(arguments))
    return True


def present(account: Item) -> dict[str, Any]:
    """Return an account as GraphQL's `Wallet`."""
    return {
        "id": account["user_id"],
        "userId": account["user_id"],
        "available": money_out(account["available"]),
        "held": money_out(account["held"]),
        "owed": money_out(-account["receivable"]),
        "status": stops.status_of(account),
        "version": account["version"],
    }


def _statement(user_id: str, arguments: dict[str, Any]) -> str:
    since, until = statement.period(arguments["from"], arguments["to"])
    return statement.to_csv(user_id, reading.with_balances(user_id, since, until))


def present_bonus(command: Command, standing: Item) -> dict[str, Any]:
    """Return a bonus as GraphQL's `Bonus`."""
    return {**_by_hand(command, standing), "userId": command.user_id, "campaign": command.reason}


def present_adjustment(command: Command, standing: Item) -> dict[str, Any]:
    """Return an adjustment as GraphQL's `Adjustment`."""
    direction = "CREDIT" if command.cents > 0 else "DEBIT"
    about = {"userId": command.user_id, "direction": direction, "reason": command.reason}
    return {**_by_hand(command, standing), **about}


def present_booking(booking: Booking, standing: Item) -> dict[str, Any]:
    """Return a booking as GraphQL's `Booking`."""
    left, went = booking.moved
    about = {"kind": booking.entry.kind, "entryId": booking.entry.id, "reason": booking.entry.note}
    return {**_by_hand(booking, standing), **about, "from": left, "to": went}


def _by_hand(command: Command | Booking, standing: Item) -> dict[str, Any]:
    status, alone = approval.status(standing), standing.get("ended_by") is None
    return {
        "id": command.id,
        "clientRequestId": command.request_id,
        "amount": money_out(abs(command.cents)),
        "status": status,
        "proposedBy": standing["proposed_by"],
        "approvedBy": None if alone or status != "DONE" else standing["ended_by"],
    }


def _command(action: str, arguments: dict[str, Any], reason: str) -> Command:
    amount = money_in(arguments["amount"])
    change = -amount if arguments.get("direction") == "DEBIT" else amount
    user_id = models.identifier(arguments, "userId")
    return Command(action, request_id(arguments["clientRequestId"]), user_id, change, reason)


def _book(action: str, caller: Caller, arguments: dict[str, Any], entry: Entry) -> dict[str, Any]:
    booking = Booking(action, request_id(arguments["clientRequestId"]), entry)
    return present_booking(booking, by_hand.ask(booking, caller.staff))
