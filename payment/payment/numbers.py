"""The numbers that people and M-Pesa know us by: a player's BETSAFI account number, and an attempt's reference; and how
a phone number is shown.

An account number is eight digits, the last a check digit, so that one wrong key is nobody's account. A prompt carries
the account number and four letters of the attempt (12 characters, all that M-Pesa takes), so that a paybill
confirmation of the same payment is known for what it is and never credited again. Rules only: no I/O.
"""

import hashlib
import re

LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
"""No vowels: no words come of it."""

_PHONE = re.compile(r"(254[17]) ?[0-9*]{5} ?([0-9]{3})")
_REFERENCE = re.compile(r"([1-9][0-9]{7})([A-Z]{4})?")


def account_number(user_id: str, attempt: int = 0) -> str:
    """Return a player's account number; the next `attempt` is for one that somebody else has already."""
    seven = str(1_000_000 + _number("account", user_id, attempt) % 9_000_000)
    return seven + _check_digit(seven)


def reference(number: str, payment_id: str, attempt: int = 0) -> str:
    """Return what M-Pesa shows as the account of one prompt; the next `attempt` is for one that is taken."""
    left = _number("reference", payment_id, attempt)
    letters = ""
    for _ in range(4):
        left, index = divmod(left, len(LETTERS))
        letters += LETTERS[index]
    return number + letters


def parse(text: str) -> tuple[str | None, str | None]:
    """Return the account number and, if it is a prompt's, the whole reference in what a person typed, else None."""
    found = _REFERENCE.fullmatch(re.sub(r"[\s.\-]", "", text).upper())
    if found is None or _check_digit(found[1][:7]) != found[1][7]:
        return None, None
    return found[1], found[0] if found[2] else None


def masked(phone: str) -> str:
    """Return a phone number, whole or as M-Pesa masks it (`2547 ***** 126`), with its middle hidden; "" for none."""
    found = _PHONE.fullmatch(phone)
    return f"+{found[1]}\u2022\u2022\u2022\u2022\u2022{found[2]}" if found else ""


def _number(*parts: object) -> int:
    return int.from_bytes(hashlib.sha256("/".join(map(str, parts)).encode()).digest()[:8], "big")


def _check_digit(digits: str) -> str:
    """Luhn: catches every single wrong digit and nearly every swap of neighbours."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 - place % 2)
        total += value // 10 + value % 10
    return str(-total % 10)
