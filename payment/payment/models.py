"""What is passed between rooms, operators' inputs, and when a request is another one. Rules only: no I/O."""

import re
from dataclasses import dataclass
from typing import Any

from betsafi import inputs
from betsafi.errors import IdempotencyKeyReused, InvalidInput
from betsafi.languages import Language
from payment import wording


@dataclass(frozen=True)
class PaybillPayment:
    """A customer's payment to our paybill, as C2B, Pull and statements report it. `account`: what the payer typed;
    `phone`: the number that paid, masked, "" where it is not said."""

    receipt: str
    amount_cents: int
    account: str
    shortcode: str = ""
    phone: str = ""


def text(arguments: dict[str, Any], name: str, shortest: int = 5, longest: int = 500) -> str:
    """Return a sentence that an operator gives for the record. Raises InvalidInput."""
    return inputs.text(arguments.get(name), name, shortest, longest)


def code(arguments: dict[str, Any]) -> str:
    """Return the code that a player confirms with, "" where there is none. Raises InvalidInput for no 6 digits."""
    given = arguments.get("code")
    if given is not None and (not isinstance(given, str) or not re.fullmatch(r"[0-9]{6}", given)):
        raise InvalidInput(wording.CODE_DIGITS)
    return given or ""


def told_in(language: Language) -> dict[str, Language]:
    """Return what a payment keeps of the language to tell of it in: English is what is told where nothing is kept."""
    return {} if language == "en" else {"language": language}


def same_request(payment: dict[str, Any], fingerprint: str) -> dict[str, Any]:
    """Return the payment that this request made before. Raises IdempotencyKeyReused if the request was another."""
    if payment["fingerprint"] != fingerprint:
        raise IdempotencyKeyReused(wording.REQUEST_REUSED)
    return payment
