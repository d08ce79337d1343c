"""Who moves the money of which payment. A second provider is its folder and its line here."""

from collections.abc import Mapping
from typing import Any

from payment.providers.base import Provider
from payment.providers.mpesa import provider as mpesa

STANDARD: Provider = mpesa
"""The one of new payments, whose balances are asked for and whose list of payments is pulled."""

PROVIDERS: dict[str, Provider] = {mpesa.NAME: mpesa}


def provider_of(payment: Mapping[str, Any]) -> Provider:
    """Return the provider of a payment; one that names none is M-Pesa's."""
    return PROVIDERS[payment.get("provider", mpesa.NAME)]


def provider_at(kind: str) -> Provider:
    """Return the provider that sends a kind of callback."""
    return next(provider for provider in PROVIDERS.values() if kind in provider.CALLBACK_KINDS)
