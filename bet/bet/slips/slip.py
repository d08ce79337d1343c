"""A bet as the player asks for it, checked. No I/O."""

from dataclasses import dataclass
from typing import Any, Literal, cast

from bet import wording
from bet.markets.definition import key_of
from betsafi.errors import InvalidInput
from betsafi.ids import fingerprint, identifier, request_id
from betsafi.money import money_in
from betsafi.odds import canonical_odds

Policy = Literal["NONE", "HIGHER", "ANY"]
POLICIES = ("NONE", "HIGHER", "ANY")
MAX_LEGS = 40


@dataclass(frozen=True)
class Selection:
    """One wish on a slip: this outcome of this market at these odds (canonical decimal string).

    `selection_id` is the outcome's key in its market, empty for what is no selection of it.
    """

    market_id: str
    selection_id: str
    odds: str


@dataclass(frozen=True)
class Slip:
    """A bet as the player asks for it."""

    request_id: str
    stake_cents: int
    selections: tuple[Selection, ...]
    policy: Policy

    @property
    def fingerprint(self) -> str:
        """Two slips with the same fingerprint ask for the same bet."""
        picks = [[pick.market_id, pick.selection_id, pick.odds] for pick in self.selections]
        return fingerprint({"stake": self.stake_cents, "picks": picks, "policy": self.policy})


def slip(arguments: dict[str, Any]) -> Slip:
    """Return the checked slip of `placeBet`. Raises InvalidInput, InvalidAmount, InvalidOdds."""
    given = arguments["selections"]
    if not 1 <= len(given) <= MAX_LEGS:
        raise InvalidInput(wording.legs(MAX_LEGS))
    picks = tuple(
        Selection(
            identifier(pick["marketId"], name="marketId"),
            key_of(pick["marketId"], pick["selectionId"]),
            canonical_odds(pick["odds"]),
        )
        for pick in given
    )
    if len({pick.market_id for pick in picks}) < len(picks):
        raise InvalidInput(wording.MARKET_TWICE)
    policy = arguments.get("oddsPolicy") or "NONE"
    if policy not in POLICIES:
        raise InvalidInput(wording.UNKNOWN_POLICY)
    return Slip(request_id(arguments["clientRequestId"]), money_in(arguments["stake"]), picks, cast(Policy, policy))
