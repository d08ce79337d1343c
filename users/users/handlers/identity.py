"""Who a player is, and what they agreed to."""

from dataclasses import dataclass
from typing import Any

from betsafi.dynamodb import Item
from betsafi.graphql import Caller, Fields
from betsafi.settings import Url, read_settings
from users import models, presenting, rules
from users.flows import identity, terms
from users.stores import people
from users.stores.identity import find_identity


@dataclass(frozen=True)
class Settings:
    """The queue through which the register is asked."""

    identity_queue_url: Url


settings = read_settings(Settings)
handler = Fields()


@handler.query("identity")
def show_identity(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return how the caller's identity stands, and what that lets them do; nothing of the document."""
    return _present(find_identity(caller.user_id))


@handler.mutation("submitIdentity")
def submit_identity(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Have the register asked who the caller is. Raises UnderAge, Conflict, TooOften, Unavailable."""
    document = models.document(arguments["input"])
    return _present(identity.submit(settings.identity_queue_url, caller.user_id, document))


@handler.query("terms")
def show_terms(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return which terms are offered, and which the caller accepted."""
    return _present_terms(people.get_profile(caller.user_id))


@handler.mutation("acceptTerms")
def accept_terms(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Accept the terms and the privacy notice that are offered. Raises TermsOutdated, Unavailable."""
    new_terms, privacy = (models.version(arguments[name], name) for name in ("terms", "privacy"))
    return _present_terms(terms.accept(caller.user_id, new_terms, privacy))


def _present(stands: Item) -> dict[str, Any]:
    return presenting.identity(stands, rules.allowed(stands["state"], rules.in_force()))


def _present_terms(profile: Item) -> dict[str, Any]:
    settings = rules.in_force()
    return presenting.terms(profile, settings.offered, rules.terms_due(profile, settings))
