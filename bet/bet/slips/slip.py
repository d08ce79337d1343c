"""A bet as the player asks for it, checked. No I/O."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple, cast

from bet import wording
from bet.markets.kinds import outcome_of
from betsafi.errors import InvalidInput
from betsafi.ids import fingerprint, identifier, request_id
from betsafi.inputs import whole
from betsafi.money import money_in
from betsafi.odds import canonical_odds

Policy = Literal["NONE", "HIGHER", "ANY"]
POLICIES = ("NONE", "HIGHER", "ANY")
MAX_LEGS = 40
"""So that a bet, its guards and its legs fit into one transaction."""
_LARGEST = 1_000


class Selection(NamedTuple):
    """One wish on a slip: this outcome of this market at these odds (canonical decimal string).

    `outcome_id` is the outcome's id in its market, empty for what is no selection of it.
    """

    market_id: str
    outcome_id: str
    odds: str


class WantedSystem(NamedTuple):
    """A system as it is asked for, by its name (`kind`) or its `ks`; whether a slip can be it is not said yet."""

    kind: str
    ks: tuple[int, ...]
    bankers: tuple[int, ...]


class Slip(NamedTuple):
    """A bet as the player asks for it; without a system it is a multi of all its selections, or a single."""

    request_id: str
    stake_cents: int
    selections: tuple[Selection, ...]
    policy: Policy
    system: WantedSystem | None = None

    @property
    def fingerprint(self) -> str:
        """Two slips with the same fingerprint ask for the same bet."""
        picks = [[pick.market_id, pick.outcome_id, pick.odds] for pick in self.selections]
        asked: dict[str, Any] = {"stake": self.stake_cents, "picks": picks, "policy": self.policy}
        return fingerprint({**asked, "system": self.system} if self.system else asked)


def slip(arguments: dict[str, Any]) -> Slip:
    """Return the checked slip of `placeBet` and `quoteSlip`. Raises InvalidInput, InvalidAmount, InvalidOdds."""
    picks = selections(arguments["selections"])
    policy = arguments.get("oddsPolicy") or "NONE"
    if policy not in POLICIES:
        raise InvalidInput(wording.UNKNOWN_POLICY)
    return Slip(
        request_id(arguments["clientRequestId"]),
        money_in(arguments["stake"]),
        picks,
        cast(Policy, policy),
        wanted_system(arguments.get("system")),
    )


def selections(given: Sequence[Mapping[str, Any]]) -> tuple[Selection, ...]:
    """Return the checked selections of a slip, each of another market. Raises InvalidInput, InvalidOdds."""
    if not 1 <= len(given) <= MAX_LEGS:
        raise InvalidInput(wording.legs(MAX_LEGS))
    picks = tuple(
        Selection(
            identifier(pick["marketId"], name="marketId"),
            outcome_of(pick["marketId"], pick["selectionId"]),
            canonical_odds(pick["odds"]),
        )
        for pick in given
    )
    if len({pick.market_id for pick in picks}) < len(picks):
        raise InvalidInput(wording.MARKET_TWICE)
    return picks


def wanted_system(given: Mapping[str, Any] | None) -> WantedSystem | None:
    """Return the system of a slip as it is asked for: one of `k`, `ks` and `kind`, and its bankers.

    Raises InvalidInput for what is no number or no name; what no slip can be is refused when the slip is checked.
    """
    if given is None:
        return None
    if sum(given.get(name) is not None for name in ("k", "ks", "kind")) != 1:
        raise InvalidInput(wording.ONE_SYSTEM)
    ks = [whole(given["k"], "system.k", 1, _LARGEST)] if given.get("k") is not None else given.get("ks")
    return WantedSystem(given.get("kind") or "", _wholes(ks, "ks", 1), _wholes(given.get("bankers"), "bankers", 0))


def _wholes(given: Sequence[Any] | None, name: str, least: int) -> tuple[int, ...]:
    if given is None:
        return ()
    if not 1 <= len(given) <= MAX_LEGS:
        raise InvalidInput(wording.numbers(f"system.{name}", MAX_LEGS))
    return tuple(whole(each, f"system.{name}", least, _LARGEST) for each in given)
