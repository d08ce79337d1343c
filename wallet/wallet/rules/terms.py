"""Terms and privacy notice, which a player has to have accepted before a bet. No I/O.

The account carries the versions that its player accepted last (`terms`); one without is not asked. A bet's hold has
them in the condition that guards its money. Newer ones than those in force are good: users offers them early.
"""

from collections.abc import Mapping
from typing import Any

from betsafi.errors import DomainError
from wallet import wording


class TermsNotAccepted(DomainError):
    """There are terms, or a privacy notice, that the player has not accepted yet."""

    code = "TERMS_NOT_ACCEPTED"
    sw = "Masharti yetu au taarifa ya faragha imebadilika. Isome na uikubali kabla ya mkeka unaofuata."
    status = 409


def refusal(account: Mapping[str, Any], in_force: str) -> TermsNotAccepted | None:
    """Return how the next bet is refused until the terms in force (as `betsafi.protection.terms_of`) are accepted."""
    return TermsNotAccepted(wording.TERMS_NOT_ACCEPTED) if account.get("terms", in_force) < in_force else None
