"""How traders decide a market: settle it, correct it, take its result back. What is early or large takes two of them.

Two traders are one call each, of the same field with the same arguments: the first call is the proposal and changes
nothing. The result is written in one transaction that demands a closed market, so no bet is accepted beside a result.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bet import wording
from bet.catalogue.competitions import shortest_play
from bet.catalogue.fixtures import find_fixture
from bet.markets import changing, exposure, guards
from bet.settlement.results import find_result, put_result
from bet.slips.bets import has_bet_on
from bet.table import result_key, table
from betsafi import approval, clock
from betsafi.audit import Act, was_done
from betsafi.dynamodb import ConditionFailed, Item
from betsafi.errors import Conflict, Contention, Forbidden, NotFound
from betsafi.people import Staff
from betsafi.settings import read_settings
from betsafi.telemetry import logger

_TRIES = 10


class ConflictOfInterest(Forbidden):
    """A trader would decide what they stand to win from."""

    code = "CONFLICT_OF_INTEREST"


@dataclass(frozen=True)
class Settings:
    """From what a market could have cost (cents) a correction takes two traders."""

    correction_review_cents: int = 10_000_000


settings = read_settings(Settings)


@dataclass(frozen=True)
class Decided:
    """What came of a trader's call. `result` is None while a second trader has to agree; `message` is for people."""

    results: dict[str, str]
    result: Item | None
    traders: list[str]
    message: str


def settle(market_id: str, results: dict[str, str], trader: Staff, request_id: str = "") -> Decided:
    """Close a market and settle its bets by these results, or by these instead; the same results change nothing.

    Raises NotFound, ConflictOfInterest, Conflict where another trader proposed otherwise, Contention.
    """

    def why_two(guard: Item, before: Item | None) -> str:
        if set(results.values()) != {"VOID"} and _is_early(guard):
            return wording.TOO_EARLY
        return _why_two_correct(market_id, before)

    def stands(guard: Item, before: Item | None) -> bool:
        return before is not None and before["results"] == results

    pk, _ = result_key(market_id)
    act = Act("settleMarket", pk, trader, decision={"results": results}, request_id=request_id)
    return _decide(market_id, {"results": results}, act, stands, why_two)


def roll_back(market_id: str, reopen: str | None, trader: Staff, reason: str, request_id: str = "") -> Decided:
    """Take a market's result back: the bets that it decided are open again, and with `reopen` (OPEN or SUSPENDED) the
    market, once they are. Where nothing is left to take back or to open, nothing changes.

    Raises NotFound without a market or a result, ConflictOfInterest, Conflict for reopening a game that has begun or
    where another trader proposed otherwise, Contention.
    """

    def stands(guard: Item, before: Item | None) -> bool:
        if before is None:
            raise NotFound(wording.NO_RESULT)
        if not before["results"]:
            coming = before.get("reopen") if guard["version"] == before["market_version"] else None
            if guard["status"] != "CLOSED" or coming == reopen:
                return True
        if reopen and _has_begun(guard):
            raise Conflict(wording.STAYS_CLOSED)
        return False

    def why_two(guard: Item, before: Item | None) -> str:
        return wording.BETS_AGAIN if reopen else _why_two_correct(market_id, before)

    given: Item = {"results": {}, "reopen": reopen, "reason": reason} if reopen else {"results": {}, "reason": reason}
    pk, _ = result_key(market_id)
    decision: Item = {"results": {}, "reopen": reopen}
    act = Act("rollbackMarket", pk, trader, reason, decision, request_id=request_id)
    return _decide(market_id, given, act, stands, why_two)


def refuse(market_id: str, trader: Staff, reason: str, request_id: str = "") -> None:
    """End what another trader proposed for a market; one's own too. Raises NotFound, Conflict."""
    pk, _ = result_key(market_id)
    act = Act("refuseMarketDecision", pk, trader, reason, request_id=request_id)
    if not was_done(table, act):
        approval.refuse(table, act)


def _decide(
    market_id: str,
    given: Item,
    act: Act,
    stands: Callable[[Item, Item | None], bool],
    why_two: Callable[[Item, Item | None], str],
) -> Decided:
    """Write what a trader decides as the market's next result, unless it `stands` already or takes a second trader."""
    if was_done(table, act):
        return _standing(market_id, given, act)
    for _ in range(_TRIES):
        guard, before = guards.get_market(market_id), find_result(market_id)
        if stands(guard, before) and before is not None:
            return _decided(before, wording.STANDS)
        _check_disinterested([act.by], market_id)
        version = before["result_version"] if before else 0
        why = why_two(guard, before)
        agreed = approval.decide(table, act, {"version": version}) if why else approval.alone(act)
        if agreed is None:
            return _proposed(given, act, wording.proposed(why))
        _check_disinterested(agreed.staff, market_id)
        closing = approval.alone(replace(act, pk=guard["pk"], request_id=""))
        closed = changing.change_market(market_id, {"status": "CLOSED"}, closing)
        _check_disinterested(agreed.staff, market_id)  # again: only now is no bet of theirs on its way any more
        liability = _liability(market_id, before)
        also = agreed.writes({"results": before["results"] if before else {}}, act.decision)
        try:
            result = put_result(closed, version, {**given, **agreed.named, "liability_cents": liability}, *also)
        except ConditionFailed:
            continue
        logger.info("market decided", market_id=market_id, result_version=version + 1, traders=agreed.people)
        return _decided(result, wording.DECIDED)
    raise Contention(wording.MARKET_BUSY)


def _check_disinterested(deciders: Sequence[Staff], market_id: str) -> None:
    """Raise ConflictOfInterest where the player that one of them is known to be as well has, or had, a stake in it."""
    if any(trader.player_id and has_bet_on(trader.player_id, market_id) for trader in deciders):
        raise ConflictOfInterest(wording.HAS_A_BET)


def _standing(market_id: str, given: Item, act: Act) -> Decided:
    """Return how a market stands after a call that was made before."""
    proposal, result = approval.find(table, act.pk), find_result(market_id)
    if result is None or (proposal and approval.status(proposal, {"version": result["result_version"]}) == "PROPOSED"):
        return _proposed(given, act, wording.PROPOSED_BEFORE)
    return _decided(result, wording.STANDS)


def _decided(result: Item, message: str) -> Decided:
    return Decided(result["results"], result, result.get("decided_by", []), message)


def _proposed(given: Item, act: Act, message: str) -> Decided:
    return Decided(given["results"], None, [act.by.id], message)


def _why_two_correct(market_id: str, before: Item | None) -> str:
    large = before and before["results"] and _liability(market_id, before) >= settings.correction_review_cents
    return wording.MUCH_WAS_PAID if large else ""


def _liability(market_id: str, before: Item | None) -> int:
    """Return what the market could have cost: never less than an earlier result has, for guards that are being counted
    anew know only some of the bets."""
    return max(exposure.liability(guards.guards_of(market_id)), before.get("liability_cents", 0) if before else 0)


def _is_early(guard: Item) -> bool:
    fixture = find_fixture(guard["fixture_id"]) or {}
    earliest_end = clock.parse_stamp(guard["starts_at"]) + shortest_play(fixture.get("competition", ""))
    return clock.now() < earliest_end


def _has_begun(guard: Item) -> bool:
    return clock.now() >= clock.parse_stamp(guard["starts_at"])
