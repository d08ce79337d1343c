"""What who a player is lets them do, and which terms are in force: as configured."""

import json
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any

from betsafi import clock
from betsafi.protection import NO_TERMS, USES, Use, terms_of, terms_on
from betsafi.settings import Must, read_settings

STATES = UNVERIFIED, PENDING, VERIFIED, REJECTED = ("UNVERIFIED", "PENDING", "VERIFIED", "REJECTED")
"""How an identity stands."""
_VERSION = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"


@dataclass(frozen=True)
class Settings:
    """Versions of terms and privacy notice, each the day from which it holds; and by state the most cents a day of each
    use, as JSON: null for no limit."""

    terms_versions: Annotated[list[str], Must(like=_VERSION)]
    privacy_versions: Annotated[list[str], Must(like=_VERSION)]
    identity_rules: str

    @property
    def offered(self) -> tuple[str, str]:
        """The newest versions of terms and privacy notice, which players may accept before their day."""
        return max(self.terms_versions), max(self.privacy_versions)

    def __post_init__(self) -> None:
        try:
            rules = json.loads(self.identity_rules)
            fit = set(rules) == set(STATES) and all(
                set(rule) == set(USES) and all(_is_sum(cents) for cents in rule.values()) for rule in rules.values()
            )
        except (ValueError, TypeError, AttributeError):
            fit = False
        if not fit:
            raise ValueError("IDENTITY_RULES says for each state how many cents a day of each use, or null")


@cache
def in_force() -> Settings:
    """Return what is configured, read when it is first needed."""
    return read_settings(Settings)


def _is_sum(cents: Any) -> bool:
    return cents is None or (isinstance(cents, int) and not isinstance(cents, bool) and cents >= 0)


def allowed(state: str, settings: Settings) -> dict[Use, int | None]:
    """Return how many cents a day somebody in a state of identity may deposit, bet and withdraw; None: no limit."""
    rule: dict[Use, int | None] = json.loads(settings.identity_rules)[state]
    return rule


def terms_due(profile: dict[str, Any], settings: Settings) -> bool:
    """Return whether a player has to accept what is offered before the next bet: what they accepted holds no more."""
    in_force = terms_on(settings.terms_versions, settings.privacy_versions, clock.now())
    return accepted_by(profile) < in_force


def accepted_by(profile: dict[str, Any]) -> str:
    """Return the versions that a player accepted last, as `terms_of`."""
    return terms_of(profile.get("terms", ""), profile.get("privacy", "")) or NO_TERMS
