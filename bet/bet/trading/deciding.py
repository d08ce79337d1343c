"""How traders decide a market: settle it, correct it, take its result back. What is early or large takes two of them.

Two traders are one call each, of the same field with the same arguments: the first call is the proposal and changes
nothing. The result is written in one transaction that demands a closed market, so no bet is accepted beside a result.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from bet import wording
from bet.catalogue import rules
from bet.catalogue.fixtures import get_fixture
from bet.markets import guards, kinds
from bet.markets.given import Results
from bet.settlement import games, versions
from bet.settlement.results import find_result
from bet.slips.bets import has_bet_on
from bet.table import result_key, table
from betsafi import approval, clock
from betsafi.audit import Act, was_done
from betsafi.dynamodb import ConditionFailed, Item, Page, Write
from betsafi.errors import Conflict, Contention, Forbidden, NotFound
from betsafi.people import Staff
from betsafi.settings import read_settings
from betsafi.telemetry import logger

_TRIES = 10


class ConflictOfInterest(Forbidden):
    """A trader would decide what they stand to win from."""

    code = "CONFLICT_OF_INTEREST"
    sw = "Una mkeka kwenye soko hili. Mtu mwingine ndiye anayepaswa kuamua."


@dataclass(frozen=True)
class Settings:
    """From what a market could have cost (cents) a correction takes two traders."""

    correction_review_cents: int = 10_000_000


settings = read_settings(Settings)


@dataclass(frozen=True)
class Decided:
    """What came of a trader's call. `result` is None while a second trader has to agree; `message` is for people."""

    results: Mapping[str, str]
    dead_heats: Mapping[str, str]
    result: Item | None
    traders: list[str]
    message: str


def settle(market_id: str, given: Results, trader: Staff, request_id: str = "") -> Decided:
    """Close a market and settle its bets by these results, or by these instead; the same results change nothing.

    Outcomes without a result stay open. Windows in which bets are cancelled stay.

    Raises NotFound, ConflictOfInterest, Conflict where another trader proposed otherwise, Contention.
    """

    decided: Item = {"results": dict(given.results), "dead_heats": given.dead_heats}

    def why_two(guard: Item, before: Item | None) -> str:
        if set(given.results.values()) != {"VOID"} and _is_early(guard):
            return wording.TOO_EARLY
        return why_two_correct(market_id, before)

    def stands(guard: Item, before: Item | None) -> bool:
        return before is not None and all(before[name] == decided[name] for name in decided)

    pk, _ = result_key(market_id)
    act = Act("settleMarket", pk, trader, decision=decided, request_id=request_id)

    def also(after: Item) -> tuple[Write]:
        return (games.is_newest(kinds.fixture_of(market_id), after["game_version"]),)

    return decide(market_id, Change(act, _by_hand(market_id, decided), stands, why_two, also=also))


def roll_back(market_id: str, reopen: str | None, trader: Staff, reason: str, request_id: str = "") -> Decided:
    """Take a market's result back: the bets that it decided are open again, and with `reopen` (OPEN or SUSPENDED) the
    market, once they are. Where nothing is left to take back or to open, nothing changes.

    Raises NotFound without a market or a result, ConflictOfInterest, Conflict for reopening a game that has begun or
    a market all of whose later bets are cancelled, or where another trader proposed otherwise, Contention.
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
        if reopen and versions.is_endless(versions.all_windows(before)):
            raise Conflict(wording.CANCELLED_ON)
        return False

    def why_two(guard: Item, before: Item | None) -> str:
        return wording.BETS_AGAIN if reopen else why_two_correct(market_id, before)

    given: Item = {"results": {}, "dead_heats": {}, "reason": reason, "reopen": reopen}
    pk, _ = result_key(market_id)
    decision: Item = {"results": {}, "reopen": reopen}
    act = Act("rollbackMarket", pk, trader, reason, decision, request_id=request_id)

    def also(after: Item) -> tuple[Write]:
        return (games.waits(get_fixture(kinds.fixture_of(market_id)), after["game_version"]),)

    return decide(market_id, Change(act, _by_hand(market_id, given), stands, why_two, also=also))


def _by_hand(market_id: str, given: Item) -> Callable[[Item | None], Item]:
    """Return what makes a trader's results of what stands: they come after whatever is decided of the game by then."""

    def becomes(before: Item | None) -> Item:
        game = games.find_game(kinds.fixture_of(market_id))
        known = {"game_windows": game["windows"], "game_version": game["game_version"]}
        return {**versions.standing(before), **known, **given}

    return becomes


def refuse(market_id: str, trader: Staff, reason: str, request_id: str = "") -> None:
    """End what another trader proposed for a market; one's own too. Raises NotFound, Conflict."""
    pk, _ = result_key(market_id)
    act = Act("refuseMarketDecision", pk, trader, reason, request_id=request_id)
    if not was_done(table, act):
        approval.refuse(table, act)


def proposals(limit: int, cursor: str | None) -> Page:
    """Return a page of what waits for a second trader, newest first: see `approval.waiting`."""
    return approval.waiting(table, limit, cursor)


@dataclass(frozen=True)
class Change:
    """What a trader wants to become of a market.

    `becomes` makes of what stands what then will; `stands`: it does already; `why_two`: why it takes a second trader,
    or nothing. `closes`: the market takes no more bets. `also` is written with what it becomes.
    """

    act: Act
    becomes: Callable[[Item | None], Item]
    stands: Callable[[Item, Item | None], bool]
    why_two: Callable[[Item, Item | None], str]
    closes: bool = True
    also: Callable[[Item], tuple[Write, ...]] = lambda after: ()


def decide(market_id: str, change: Change) -> Decided:
    """Write what a trader decides as the market's next version, unless it stands already or takes a second trader.

    Raises NotFound, ConflictOfInterest, Conflict where another trader proposed otherwise, Contention.
    """
    act = change.act
    if was_done(table, act):
        return _standing(market_id, change)
    for _ in range(_TRIES):
        guard, before = guards.get_market(market_id), find_result(market_id)
        if change.stands(guard, before):
            return _decided(before, wording.STANDS)
        check_disinterested([act.by], market_id)
        version = before["result_version"] if before else 0
        why = change.why_two(guard, before)
        agreed = approval.decide(table, act, {"version": version}) if why else approval.alone(act)
        after = change.becomes(before)
        if agreed is None:
            return _proposed(after, act, wording.proposed(why))
        check_disinterested(agreed.staff, market_id)
        moving = approval.alone(replace(act, pk=guard["pk"], request_id=""))
        guard = games.make_way(guard, after, moving, closes=change.closes)
        check_disinterested(agreed.staff, market_id)  # again: only now is no bet of theirs on its way any more
        trail = agreed.writes({"results": before["results"] if before else {}}, act.decision)
        try:
            result = games.put_state(guard, before, {**after, **agreed.named}, *change.also(after), *trail)
        except ConditionFailed:
            continue
        logger.info("market decided", market_id=market_id, result_version=version + 1, traders=agreed.people)
        return _decided(result, wording.DECIDED)
    raise Contention(wording.MARKET_BUSY)


def check_disinterested(deciders: Sequence[Staff], subject_id: str) -> None:
    """Raise ConflictOfInterest where the player that one of them is known to be as well has, or had, a stake in it.

    It is a market or a fixture.
    """
    if any(trader.player_id and has_bet_on(trader.player_id, subject_id) for trader in deciders):
        raise ConflictOfInterest(wording.HAS_A_BET)


def why_two_correct(market_id: str, before: Item | None) -> str:
    """Return why changing what stands of a market takes a second trader: much may have been paid by it."""
    much = before and before["results"] and is_much(games.liability_of(market_id, before))
    return wording.MUCH_WAS_PAID if much else ""


def is_much(cents: int) -> bool:
    """Return whether two traders correct what may have cost so much."""
    return cents >= settings.correction_review_cents


def _standing(market_id: str, change: Change) -> Decided:
    """Return how a market stands after a call that was made before."""
    proposal, result = approval.find(table, change.act.pk), find_result(market_id)
    about = {"version": result["result_version"] if result else 0}
    if result is None or (proposal and approval.status(proposal, about) == "PROPOSED"):
        return _proposed(change.becomes(result), change.act, wording.PROPOSED_BEFORE)
    return _decided(result, wording.STANDS)


def _decided(result: Item | None, message: str) -> Decided:
    found = result or {"results": {}, "dead_heats": {}, "result_version": 0}
    return Decided(found["results"], found["dead_heats"], found, found.get("decided_by") or [], message)


def _proposed(given: Item, act: Act, message: str) -> Decided:
    return Decided(given["results"], given["dead_heats"], None, [act.by.id], message)


def _is_early(guard: Item) -> bool:
    fixture = get_fixture(guard["fixture_id"])
    starts_at = clock.parse_stamp(fixture["starts_at"])
    return clock.now() < starts_at + rules.rules_of(rules.rules(fixture["rules"]), starts_at).shortest_play


def _has_begun(guard: Item) -> bool:
    return clock.now() >= clock.parse_stamp(guard["starts_at"])
