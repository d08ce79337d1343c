"""Where payment providers' money stands in the ledger: a row each. No I/O.

Entries keep account names for ever, so a row is added and never changed.
"""

from dataclasses import dataclass

from betsafi.errors import InvalidInput


@dataclass(frozen=True)
class Provider:
    """Names of accounts: what customers pay into, what payouts come from, and what the provider charged us."""

    collection: str
    payout: str
    fees: str


PROVIDERS = {
    "MPESA": Provider(collection="mpesa:paybill", payout="mpesa:utility", fees="mpesa:fees"),
}
STANDARD = PROVIDERS["MPESA"]
"""Whose accounts are meant where no provider is named: there was no other when those payments were made."""


def provider(name: str | None) -> Provider:
    """Return a provider's accounts. Raises InvalidInput for a name without a row."""
    if name is None:
        return STANDARD
    if name not in PROVIDERS:
        raise InvalidInput(f"provider is one of {', '.join(PROVIDERS)}.")
    return PROVIDERS[name]
