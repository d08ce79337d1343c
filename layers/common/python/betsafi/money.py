"""Kenyan shillings as integer cents: read once at the border, written once at the border, never a float between."""

import re
from typing import Any

from betsafi.errors import InvalidAmount
from betsafi.languages import Both

CURRENCY = "KES"
MAX_CENTS = 100_000_000_000
"""One thousand million shillings: above any real amount, below any number that a client could misread."""

_FORM = Both(
    'Write the amount in shillings with at most two decimals, for example "1250.50".',
    'Andika kiasi kwa shilingi kikiwa na desimali mbili kwa wingi, kwa mfano "1250.50".',
)
_RANGE = Both(
    "The amount must be above zero and at most 1,000,000,000.00 shillings.",
    "Kiasi lazima kizidi sifuri na kisizidi shilingi 1,000,000,000.00.",
)
_SHILLINGS_ALONE = Both(
    "Only Kenyan shillings (KES) are accepted.",
    "Shilingi za Kenya (KES) tu ndizo zinazokubaliwa.",
)
_AMOUNT = re.compile(r"(0|[1-9]\d{0,9})(?:\.(\d{1,2}))?")


def parse_amount(text: Any) -> int:
    """Return the cents of a positive decimal string such as "1250.50".

    Raises InvalidAmount for anything else: numbers, signs, exponents, a third decimal, zero or more than MAX_CENTS.
    """
    match = _AMOUNT.fullmatch(text) if isinstance(text, str) and text.isascii() else None
    if match is None:
        raise InvalidAmount(_FORM)
    cents = int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))
    if not 0 < cents <= MAX_CENTS:
        raise InvalidAmount(_RANGE, min="0.01", max=format_amount(MAX_CENTS))
    return cents


def format_amount(cents: int) -> str:
    """Return cents as a decimal string with two decimals: 125050 -> "1250.50", -5 -> "-0.05"."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def money_in(value: dict[str, Any]) -> int:
    """Return the cents of a GraphQL `MoneyInput`. Raises InvalidAmount for another currency or a bad amount."""
    if value.get("currency", CURRENCY) != CURRENCY:
        raise InvalidAmount(_SHILLINGS_ALONE)
    return parse_amount(value.get("amount"))


def money_out(cents: int) -> dict[str, str]:
    """Return a GraphQL `Money`."""
    return {"currency": CURRENCY, "amount": format_amount(cents)}


def share(cents: int, basis_points: int) -> int:
    """Return `basis_points` / 10,000 of `cents`, floored to the cent (5 % = 500)."""
    return cents * basis_points // 10_000
