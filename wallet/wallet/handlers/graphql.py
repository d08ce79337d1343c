"""The wallet fields of the AppSync API: a player's own, and what support and administrators may do."""

from typing import Any

from betsafi import clock, inputs
from betsafi.dynamodb import Item
from betsafi.errors import InvalidInput
from betsafi.graphql import Caller, Fields, page_limit
from betsafi.ids import derive_id, request_id
from betsafi.money import money_in, money_out
from wallet import models, statement, store

handler = Fields()


@handler.query("wallet")
def wallet(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return the caller's balances. Raises NotFound until the account is opened, a moment after sign-up."""
    return present(store.get_account(caller.user_id))


@handler.update("wallet")
def wallet_update(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return a player's balances as they now are, for their subscribers. Raises NotFound."""
    return present(store.get_account(models.identifier(arguments, "userId")))


@handler.query("walletEntries")
def wallet_entries(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return a page of the caller's statement, newest first. Raises InvalidInput, InvalidCursor."""
    limit = page_limit(arguments, 100)
    since, until = (_moment(arguments, name) for name in ("from", "to"))
    if since and until and since > until:
        raise InvalidInput("from is after to. Give the earlier moment first.")
    kinds = frozenset(arguments.get("kinds") or ())
    page = store.entries(caller.user_id, limit, arguments.get("cursor"), kinds, since, until)
    return {"items": [statement.present(caller.user_id, item) for item in page.items], "cursor": page.cursor}


@handler.query("walletStatement")
def wallet_statement(caller: Caller, arguments: dict[str, Any]) -> str:
    """Return the caller's entries of some days as CSV. Raises InvalidInput, StatementTooLong."""
    return _statement(caller.user_id, arguments)


@handler.query("playerStatement")
def player_statement(caller: Caller, arguments: dict[str, Any]) -> str:
    """Return a player's entries of some days as CSV. Support and administrators only."""
    caller.require("support", "admin")
    return _statement(models.identifier(arguments, "userId"), arguments)


@handler.mutation("freezeWallet")
def freeze_wallet(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Stop an account at once: no bets, no withdrawals. Support and administrators only. Raises NotFound."""
    caller.require("support", "admin")
    return _freeze(caller, arguments, True)


@handler.mutation("unfreezeWallet")
def unfreeze_wallet(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Let a stopped account go again. Administrators only. Raises NotFound."""
    caller.require("admin")
    return _freeze(caller, arguments, False)


@handler.mutation("closeWallet")
def close_wallet(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Close an empty account for good. Administrators only. Raises NotFound, Conflict."""
    caller.require("admin")
    user_id = models.identifier(arguments, "userId")
    caller.staff.keep_away_from(user_id)
    return present(store.close(user_id))


@handler.mutation("grantBonus")
def grant_bonus(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Give a player house money, once per request id. Administrators only. Raises IdempotencyKeyReused."""
    caller.require("admin")
    user_id = models.identifier(arguments, "userId")
    bonus_id = derive_id("bonus", request_id(arguments["clientRequestId"]))
    store.grant_bonus(user_id, bonus_id, money_in(arguments["amount"]), models.text(arguments, "campaign"))
    return present(store.get_account(user_id))


@handler.mutation("proposeAdjustment")
def propose_adjustment(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Ask for a correction by hand; nothing moves until another administrator approves it."""
    caller.require("admin")
    amount = money_in(arguments["amount"])
    change = amount if arguments["direction"] == "CREDIT" else -amount
    user_id, reason = models.identifier(arguments, "userId"), models.text(arguments, "reason")
    adjustment_id = derive_id("adjustment", request_id(arguments["clientRequestId"]))
    return _adjustment(store.propose_adjustment(adjustment_id, user_id, change, reason, caller.user_id), None)


@handler.mutation("approveAdjustment")
def approve_adjustment(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Post a correction that another administrator proposed. Raises NotFound, InvalidInput for one's own."""
    caller.require("admin")
    proposal = store.get_proposal(models.identifier(arguments, "id"))
    operators = (proposal["proposed_by"], caller.user_id)
    store.adjust(proposal["user_id"], proposal["adjustment_id"], proposal["change"], proposal["reason"], operators)
    return _adjustment(proposal, caller.user_id)


def present(account: Item) -> dict[str, Any]:
    """Return an account as GraphQL's `Wallet`."""
    return {
        "id": account["user_id"],
        "userId": account["user_id"],
        "available": money_out(account["available"]),
        "held": money_out(account["held"]),
        "owed": money_out(-account["receivable"]),
        "status": store.status_of(account),
        "version": account["version"],
    }


def _statement(user_id: str, arguments: dict[str, Any]) -> str:
    since, until = statement.period(arguments["from"], arguments["to"])
    return statement.to_csv(user_id, store.statement(user_id, since, until))


def _freeze(caller: Caller, arguments: dict[str, Any], frozen: bool) -> dict[str, Any]:
    user_id, reason = models.identifier(arguments, "userId"), models.text(arguments, "reason")
    caller.staff.keep_away_from(user_id)
    return present(store.freeze(user_id, frozen, reason, caller.user_id))


def _adjustment(proposal: Item, approved_by: str | None) -> dict[str, Any]:
    return {
        "id": proposal["adjustment_id"],
        "userId": proposal["user_id"],
        "amount": money_out(abs(proposal["change"])),
        "direction": "CREDIT" if proposal["change"] > 0 else "DEBIT",
        "reason": proposal["reason"],
        "proposedBy": proposal["proposed_by"],
        "approvedBy": approved_by,
    }


def _moment(arguments: dict[str, Any], name: str) -> str | None:
    given = arguments.get(name)
    return None if given is None else clock.stamp(inputs.moment(given, name))
