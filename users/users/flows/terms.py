"""Terms and privacy notice: which are offered, and which a player accepted, with the time."""

from betsafi.dynamodb import Item
from betsafi.errors import Conflict
from users import rules, wording
from users.flows import reaching
from users.stores import identity, people


class TermsOutdated(Conflict):
    """Newer versions are offered than those that were accepted."""

    code = "TERMS_OUTDATED"
    sw = "Kuna masharti mapya. Tafadhali yasome na uyakubali."


def accept(user_id: str, terms: str, privacy: str) -> Item:
    """Keep that a player accepts what is offered; return the profile once it is known where bets are taken.

    Raises NotFound, TermsOutdated, Unavailable: then the same again goes on.
    """
    profile, offered = people.get_profile(user_id), rules.in_force().offered
    if (terms, privacy) != offered:
        raise TermsOutdated(wording.TERMS_OUTDATED, terms=offered[0], privacy=offered[1])
    if (profile.get("terms"), profile.get("privacy")) != offered:
        profile = identity.accept_terms(user_id, terms, privacy)
    reaching.reach(user_id)
    return profile
