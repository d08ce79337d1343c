"""How traders decide a whole game, by a record of what happened in it, and in which windows bets on it are cancelled.

The markets of the game follow from the stream, however many they are.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bet import wording
from bet.catalogue import rules
from bet.catalogue.fixtures import get_fixture
from bet.markets import kinds
from bet.markets.record import Record, match_record
from bet.settlement import versions
from bet.settlement.games import find_game, markets_with_results, next_state, put_game
from bet.settlement.versions import Window
from bet.table import fixture_key, result_key, table
from bet.trading import deciding
from bet.trading.deciding import Change
from betsafi import approval, clock
from betsafi.audit import Act, was_done
from betsafi.dynamodb import ConditionFailed, Item
from betsafi.errors import Conflict, Contention
from betsafi.people import Staff
from betsafi.telemetry import logger

_TRIES = 10
_PLAYED = ("LIVE", "INTERRUPTED", "ABANDONED", "ENDED")


@dataclass(frozen=True)
class Decision:
    """What came of a trader's call about a market or a fixture: the version that it has now, 0 before the first.

    `version` is None while a second trader has to agree; `message` is for people.
    """

    subject_id: str
    version: int | None
    traders: list[str]
    message: str


def settle_fixture(fixture_id: str, given: Item, trader: Staff, request_id: str = "") -> Decision:
    """Keep a record of a game, and settle all its markets by what follows from it, as far as it is certain by now.

    A later record replaces it, the same one changes nothing. What it leaves open stays open.

    Raises InvalidInput and Contradiction for no record, NotFound, ConflictOfInterest, Conflict before the game has
    begun and where another trader proposed otherwise, Contention.
    """
    record = match_record(given)
    given = {name: value for name, value in given.items() if value is not None}

    def becomes(game: Item) -> Item:
        return {"record": given, "record_version": game["game_version"] + 1, "rest_version": 0}

    def why_two(fixture: Item, game: Item) -> str:
        if not _has_begun(fixture):
            raise Conflict(wording.NOT_BEGUN)
        if _is_early(fixture, record):
            return wording.TOO_EARLY
        after = {**game, **becomes(game), "game_version": game["game_version"] + 1}

        def is_corrected(market_id: str, before: Item) -> bool:
            return versions.corrects(before, next_state(market_id, kinds.specifiers_of(market_id), before, after))

        return _much(fixture_id, is_corrected)

    act = _act("settleFixture", fixture_id, trader, {"record": given}, request_id=request_id)
    return _decide(fixture_id, act, becomes, lambda game: game["record"] == given, why_two)


def cancel_bets(subject_id: str, wanted: Window, trader: Staff, reason: str, request_id: str = "") -> Decision:
    """Void the legs, on a market or on all markets of a fixture, of bets that were placed in a window.

    Without an end it closes the markets. The same window again changes nothing. Raises what `deciding.decide` raises.
    """
    return _change_windows("cancelBets", subject_id, wanted, versions.opened, trader, reason, request_id)


def rollback_cancel(subject_id: str, wanted: Window, trader: Staff, reason: str, request_id: str = "") -> Decision:
    """Take a window back: the legs that it voided have again what they would have without it.

    A window that is not there changes nothing. Raises what `deciding.decide` raises.
    """
    return _change_windows("rollbackCancel", subject_id, wanted, versions.closed, trader, reason, request_id)


def refuse(fixture_id: str, trader: Staff, reason: str, request_id: str = "") -> None:
    """End what another trader proposed for a fixture; one's own too. Raises NotFound, Conflict."""
    act = _act("refuseFixtureDecision", fixture_id, trader, {}, reason, request_id)
    if not was_done(table, act):
        approval.refuse(table, act)


def _change_windows(
    action: str,
    subject_id: str,
    wanted: Window,
    change: Callable[[list[Window], Window], list[Window]],
    trader: Staff,
    reason: str,
    request_id: str,
) -> Decision:
    if kinds.fixture_of(subject_id) != subject_id:
        return _change_windows_of_market(action, subject_id, wanted, change, trader, reason, request_id)

    def becomes(game: Item) -> Item:
        return {"windows": change(game["windows"], wanted)}

    def why_two(fixture: Item, game: Item) -> str:
        return _much(subject_id, lambda market_id, before: True)

    act = _act(action, subject_id, trader, {"window": wanted}, reason, request_id)
    return _decide(subject_id, act, becomes, lambda game: becomes(game)["windows"] == game["windows"], why_two)


def _change_windows_of_market(
    action: str,
    market_id: str,
    wanted: Window,
    change: Callable[[list[Window], Window], list[Window]],
    trader: Staff,
    reason: str,
    request_id: str,
) -> Decision:
    def becomes(before: Item | None) -> Item:
        state = versions.standing(before)
        return {**state, "windows": change(state["windows"], wanted)}

    def stands(guard: Item, before: Item | None) -> bool:
        return bool(becomes(before)["windows"] == versions.standing(before)["windows"])

    def why_two(guard: Item, before: Item | None) -> str:
        return deciding.why_two_correct(market_id, before)

    act = Act(action, result_key(market_id)[0], trader, reason, {"window": wanted}, request_id=request_id)
    closes = action == "cancelBets" and wanted["to"] is None
    decided = deciding.decide(market_id, Change(act, becomes, stands, why_two, closes))
    version = decided.result["result_version"] if decided.result else None
    return Decision(market_id, version, decided.traders, decided.message)


def _decide(
    fixture_id: str,
    act: Act,
    becomes: Callable[[Item], Item],
    stands: Callable[[Item], bool],
    why_two: Callable[[Item, Item], str],
) -> Decision:
    """Write what a trader decides as the game's next version, unless it `stands` already or takes a second trader."""
    if was_done(table, act):
        return _standing(fixture_id, act)
    for _ in range(_TRIES):
        fixture, game = get_fixture(fixture_id), find_game(fixture_id)
        if stands(game):
            return _decided(game, wording.STANDS)
        deciding.check_disinterested([act.by], fixture_id)
        why = why_two(fixture, game)
        agreed = approval.decide(table, act, {"version": game["game_version"]}) if why else approval.alone(act)
        if agreed is None:
            return Decision(fixture_id, None, [act.by.id], wording.proposed(why))
        deciding.check_disinterested(agreed.staff, fixture_id)
        trail = agreed.writes({"version": game["game_version"]}, act.decision)
        try:
            game = put_game(fixture, game, {**becomes(game), **agreed.named, "reason": act.reason}, *trail)
        except ConditionFailed:
            continue
        logger.info("game decided", fixture_id=fixture_id, game_version=game["game_version"], traders=agreed.people)
        return _decided(game, wording.MARKETS_FOLLOW)
    raise Contention(wording.FIXTURE_BUSY)


def _standing(fixture_id: str, act: Act) -> Decision:
    """Return how a fixture stands after a call that was made before."""
    proposal, game = approval.find(table, act.pk), find_game(fixture_id)
    if proposal and approval.status(proposal, {"version": game["game_version"]}) == "PROPOSED":
        return Decision(fixture_id, None, [act.by.id], wording.PROPOSED_BEFORE)
    return _decided(game, wording.STANDS)


def _decided(game: Item, message: str) -> Decision:
    return Decision(game["fixture_id"], game["game_version"], game.get("decided_by") or [], message)


def _act(action: str, fixture_id: str, trader: Staff, decision: Item, reason: str = "", request_id: str = "") -> Act:
    return Act(action, fixture_key(fixture_id)[0], trader, reason, decision, request_id=request_id)


def _much(fixture_id: str, is_changed: Callable[[str, Item], bool]) -> str:
    """Return why changing what stands of a fixture's markets takes a second trader, or nothing."""
    cents = sum(
        before.get("liability_cents", 0)
        for market_id, before in markets_with_results(fixture_id)
        if before and before["results"] and is_changed(market_id, before)
    )
    return wording.MUCH_WAS_PAID if deciding.is_much(cents) else ""


def _has_begun(fixture: Item) -> bool:
    return fixture["status"] in _PLAYED or clock.now() >= clock.parse_stamp(fixture["starts_at"])


def _is_early(fixture: Item, record: Record) -> bool:
    """Return whether a record says that more has ended than can have: half of the shortest play for the first half."""
    starts_at = clock.parse_stamp(fixture["starts_at"])
    play = rules.rules_of(rules.rules(fixture["rules"]), starts_at).shortest_play
    parts = {"FIRST_HALF": play / 2, "SECOND_HALF": play}
    over_at: datetime = max([starts_at, *(starts_at + part for name, part in parts.items() if name in record.ended)])
    return clock.now() < over_at
