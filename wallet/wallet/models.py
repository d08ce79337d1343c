"""What the wallet takes in by GraphQL, checked. The bodies of its API: `bodies.py`."""

import re
from typing import Any

from betsafi import clock, ids, inputs
from betsafi.errors import InvalidInput
from betsafi.money import money_in
from wallet.rules import ledger
from wallet.rules.ledger import Entry
from wallet.rules.providers import Provider, provider

_RECEIPT = re.compile(r"[A-Z0-9][A-Z0-9-]{5,39}")
TAXES = {"EXCISE": ledger.EXCISE, "WITHHOLDING": ledger.WITHHOLDING}


def identifier(body: dict[str, Any], name: str) -> str:
    """Return an id. Raises InvalidInput unless it is 1 to 128 letters, digits or : . _ -"""
    return ids.path_identifier(body.get(name), name)


def text(body: dict[str, Any], name: str) -> str:
    """Return a text of 3 to 100 characters for the record. Raises InvalidInput."""
    return inputs.text(body.get(name), name, 3, 100)


def fees_entry(arguments: dict[str, Any], command_id: str) -> Entry:
    """Return the entry of what a provider charged on a day (DEBIT), or gave back. Raises InvalidInput, InvalidAmount.

    Its id names the day, by which reconciliation finds it, and the command: a day may need a second booking.
    """
    theirs = _provider(arguments)
    day, account = inputs.day(arguments["day"], "day"), _account(theirs, arguments["account"])
    if day > clock.now().astimezone(clock.NAIROBI).date():
        raise InvalidInput("day is today in Nairobi, or before.")
    if account == ledger.BANK:
        raise InvalidInput("account is COLLECTION or PAYOUT: a provider charges what stands with it.")
    return ledger.fees(f"fees-{day}-{command_id}", _paid(arguments), account, theirs, text(arguments, "reason"))


def transfer_entry(arguments: dict[str, Any]) -> Entry:
    """Return the entry of our own money that went from one account to another. Raises InvalidInput, InvalidAmount."""
    theirs = _provider(arguments)
    source, target = (_account(theirs, arguments[name]) for name in ("from", "to"))
    cents, reason = money_in(arguments["amount"]), text(arguments, "reason")
    return ledger.float_transfer(_receipt(arguments), cents, source, target, reason)


def tax_entry(arguments: dict[str, Any]) -> Entry:
    """Return the entry of a tax that was paid to the authority (DEBIT), or given back. Raises as `transfer_entry`."""
    account = _account(_provider(arguments), arguments["account"])
    cents, reason = _paid(arguments), text(arguments, "reason")
    return ledger.tax_remittance(_receipt(arguments), TAXES[arguments["tax"]], cents, account, reason)


def _paid(arguments: dict[str, Any]) -> int:
    cents = money_in(arguments["amount"])
    return cents if arguments["direction"] == "DEBIT" else -cents


def _provider(arguments: dict[str, Any]) -> Provider:
    return provider(arguments.get("provider"))


def _account(theirs: Provider, name: str) -> str:
    return {"COLLECTION": theirs.collection, "PAYOUT": theirs.payout, "BANK": ledger.BANK}[name]


def _receipt(arguments: dict[str, Any]) -> str:
    receipt = arguments["receipt"]
    if not isinstance(receipt, str) or not _RECEIPT.fullmatch(receipt):
        raise InvalidInput("receipt has 6 to 40 capital letters, digits or hyphens, as it was given out.")
    return receipt
