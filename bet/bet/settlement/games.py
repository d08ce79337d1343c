"""What is decided of a game as a whole: a record of it, windows in which bets are cancelled, the rest of it void.

It is kept beside the fixture under a version of its own, which every market of the fixture takes: at once where its
message reaches them, and in any order, for each market remembers the newest that it has taken.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from bet import wording
from bet.catalogue import lines
from bet.catalogue.fixture import waits as waiting
from bet.markets import changing, exposure, guards, kinds, outcomes
from bet.markets.record import match_record, newest_minute, score
from bet.settlement import versions
from bet.settlement.results import find_result, find_results, put_result
from bet.table import fixture_key, game_key, table
from betsafi import clock
from betsafi.dynamodb import ANY, Check, ConditionFailed, Item, Update, Write, assign
from betsafi.errors import Contention
from betsafi.telemetry import count, logger, trace

if TYPE_CHECKING:
    from betsafi.approval import Agreement

_TRIES = 10
_NEWEST = "attribute_not_exists(#game_version) OR #game_version = :seen"
_NOTHING: Item = {
    "game_version": 0, "record": None, "record_version": 0, "rest_version": 0, "windows": [], "moved_until": "",
}  # fmt: skip
"""`moved_until`: until when bets were cancelled because the postponed game was moved too far for them."""


def find_game(fixture_id: str) -> Item:
    """Return what is decided of a fixture as a whole, in version 0 where nothing is."""
    return {"fixture_id": fixture_id, **_NOTHING, **(table.get(game_key(fixture_id)) or {})}


def put_game(fixture: Item, before: Item, given: Item, *also: Write) -> Item:
    """Write the next version of what is decided of a fixture, with `also`, and return it; of a record its score too.

    Raises ConditionFailed where there is a newer one than `before`; so a score is never older than the newest record.
    """
    changes = {
        **{name: before[name] for name in _NOTHING},
        **given,
        "game_version": before["game_version"] + 1,
        "decided_at": clock.stamp(),
        "trace": trace(),
        **waiting(fixture),
    }
    seen = before["game_version"]
    newest = "#game_version = :seen" if seen else "attribute_not_exists(#game_version) OR #game_version = :seen"
    update = Update(game_key(fixture["fixture_id"]), assign(changes), newest, {**changes, "seen": seen})
    table.transact(update, *_score(fixture, before, changes), *also)
    return {**before, **changes}


def _score(fixture: Item, before: Item, after: Item) -> list[Update]:
    """Return the write that shows a new record's score with its fixture, whose version is about start and status."""
    if after["record_version"] == before["record_version"]:
        return []
    record = match_record(after["record"])
    shown = {"version": after["record_version"], "goals": score(record), "minute": newest_minute(record)}
    changes = {"score": shown, "trace": trace()}
    return [Update(fixture_key(fixture["fixture_id"]), assign(changes), ANY, changes)]


def waits(fixture: Item, seen: int) -> Update:
    """Return the write that lists a fixture among those of which something may be open, while `seen` is the newest
    version of what is decided of it."""
    return Update(
        game_key(fixture["fixture_id"]), assign(waiting(fixture)), _NEWEST, {**waiting(fixture), "seen": seen}
    )


def is_newest(fixture_id: str, seen: int) -> Check:
    """Return the condition that nothing newer is decided of a fixture than that version.

    A market alone does not know what it must not take: a newer version that changed nothing left no trace there.
    """
    return Check(game_key(fixture_id), _NEWEST, {"seen": seen})


def waits_no_more(game: Item) -> None:
    """Take a fixture off that list, unless something was decided of it since it was looked at."""
    update = Update(game_key(game["fixture_id"]), "REMOVE #queue, #at", _NEWEST, {"seen": game["game_version"]})
    try:
        table.write(update)
    except ConditionFailed:
        logger.info("fixture decided again", fixture_id=game["fixture_id"])


# -- what follows for a market


def next_state(market_id: str, specifiers: str, before: Item | None, game: Item) -> dict[str, Any]:
    """Return what stands of a market once it has taken what is decided of its game: see `versions.after_game`."""
    definition = kinds.definition_of(market_id)
    computed = {}
    if game["record"]:
        found = outcomes.results(definition, specifiers, match_record(game["record"]))
        computed = {outcome: result for outcome, result in found.items() if result}
    return versions.after_game(before, game, computed, [outcome.outcome_id for outcome in definition.outcomes])


def apply(market_id: str, game: Item) -> None:
    """Let a market take what is decided of its game, unless it has done so, or a trader has decided it since.

    What makes a difference closes the market, but for windows that have ended. A game that was decided anew since is
    left to the message of that. Raises Contention.
    """
    for _ in range(_TRIES):
        guard, before = guards.get_market(market_id), find_result(market_id)
        after = next_state(market_id, guard["specifiers"], before, game)
        if not versions.differs(before, after):
            return
        named: Item = {name: game[name] for name in ("decided_by", "decided_because", "reason") if game.get(name)}
        try:
            newest = is_newest(game["fixture_id"], game["game_version"])
            put_state(make_way(guard, after), before, {**after, **named}, newest)
        except ConditionFailed:
            if find_game(game["fixture_id"])["game_version"] != game["game_version"]:
                return
            continue
        logger.info("market decided with its game", market_id=market_id, game_version=game["game_version"])
        return
    raise Contention(wording.MARKET_BUSY)


def make_way(guard: Item, after: Item, agreed: "Agreement | None" = None, *, closes: bool = False) -> Item:
    """Prepare a market for its next version, and return its visible guard: no bet is accepted beside that.

    Results, and windows without an end, close it. Before a window that has ended an open market's guards move to the
    next version, so that whatever is accepted later is also stamped later than the window ends.
    Raises Contention.
    """
    if closes or after["results"] or versions.is_endless(versions.all_windows(after)):
        return changing.change_market(guard["market_id"], {"status": "CLOSED"}, agreed)
    return changing.renew(guard["market_id"], agreed)


def put_state(guard: Item, before: Item | None, after: Item, *also: Write) -> Item:
    """Write the next version of what stands of a market that made way for it, with `also`, and return it.

    A reopening that was under way goes on, unless this says something about it, or closes the market for good.
    Raises ConditionFailed where the market moved meanwhile.
    """
    is_under_way = before is not None and guard["status"] == "CLOSED" and before["market_version"] == guard["version"]
    stays_closed = after["results"] or versions.is_endless(versions.all_windows(after))
    if before and is_under_way and not stays_closed:
        after = {"reopen": before.get("reopen"), **after}
    liability = {"liability_cents": liability_of(guard["market_id"], before)}
    return put_result(guard, before["result_version"] if before else 0, {**after, **liability}, *also)


def liability_of(market_id: str, before: Item | None) -> int:
    """Return what a market could have cost: never less than an earlier result has, for guards that are being counted
    anew know only some of the bets."""
    return max(exposure.liability(guards.guards_of(market_id)), before.get("liability_cents", 0) if before else 0)


# -- all markets of a fixture


def settle_game(
    fixture_id: str,
    game_version: int,
    cursor: str | None,
    has_time: Callable[[], bool],
    set_aside: Callable[[str], None],
) -> str | None:
    """Let the markets of a fixture, from `cursor` on, take a version of what is decided of it, while there is time.

    Return where to go on, or None. A market that cannot take it now is handed to `set_aside`, and the others go on. A
    version that is superseded goes no further: the newer one has a message of its own.
    """
    while True:  # until the last page of the fixture's markets, or until the time is up
        game = find_game(fixture_id)
        if game["game_version"] != game_version:
            logger.info("game decided anew", fixture_id=fixture_id, game_version=game_version)
            return None
        page = lines.markets_of(fixture_id, _PAGE, cursor)
        for line in page.items:
            try:
                apply(line["market_id"], game)
            except Exception:  # noqa: BLE001  the market is set aside and tried again alone, at last dead-lettered
                logger.exception("market set aside", market_id=line["market_id"])
                count("MarketSetAside")
                set_aside(line["market_id"])
        cursor = page.cursor
        if cursor is None or not has_time():
            return cursor


_PAGE = 10


def markets_with_results(fixture_id: str) -> Iterator[tuple[str, Item | None]]:
    """Yield the markets of a fixture, each with its newest result or None."""
    for some in _hundreds(list(lines.market_ids(fixture_id))):
        found = find_results(some)
        yield from ((market_id, found.get(market_id)) for market_id in some)


def _hundreds(market_ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (market_ids[start : start + 100] for start in range(0, len(market_ids), 100))
