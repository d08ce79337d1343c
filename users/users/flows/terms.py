"""Terms and privacy notice: which are in force, and which a player accepted, with the time."""

from betsafi.dynamodb import Item
from betsafi.errors import Conflict
from users import rules, wording
from users.flows import reaching
from users.stores import identity, people


class TermsOutdated(Conflict):
    """Other versions are in force than those that were accepted."""

    code = "TERMS_OUTDATED"


def accept(user_id: str, terms: str, privacy: str) -> Item:
    """Keep that a player accepts what is in force; return the profile once it is known where bets are taken.

    Raises NotFound, TermsOutdated, Unavailable: then the same again goes on.
    """
    profile, settings = people.get_profile(user_id), rules.in_force()
    if (terms, privacy) != (settings.terms_version, settings.privacy_version):
        raise TermsOutdated(wording.TERMS_OUTDATED, terms=settings.terms_version, privacy=settings.privacy_version)
    if rules.terms_due(profile, settings):
        profile = identity.accept_terms(user_id, terms, privacy)
    reaching.reach(user_id)
    return profile
