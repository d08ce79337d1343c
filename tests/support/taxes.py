"""What of a payment that is asked for now is tax: by the rates of the product's table, in a calculation of its own.

Tests that are about something else expect what these return, so that a new rate fails none of them. What the law says
is written out in `tests/unit/payment/test_taxes.py`.
"""

from betsafi import clock
from payment.taxes import Tariff, tariff_on


def excise(amount_cents: int) -> int:
    """Return the excise on a deposit."""
    return amount_cents * _today().excise_bp // 10_000


def credited(amount_cents: int) -> int:
    """Return what the player gets of a deposit."""
    return amount_cents - excise(amount_cents)


def withheld(amount_cents: int) -> int:
    """Return the withholding tax on a withdrawal."""
    return amount_cents * _today().withholding_bp // 10_000


def returned(amount_cents: int) -> int:
    """Return what goes back to the wallet: M-Pesa pays no cents."""
    return (amount_cents - withheld(amount_cents)) % 100


def paid_out(amount_cents: int) -> int:
    """Return what M-Pesa pays of a withdrawal."""
    return amount_cents - withheld(amount_cents) - returned(amount_cents)


def _today() -> Tariff:
    return tariff_on(clock.now().astimezone(clock.NAIROBI).date())
