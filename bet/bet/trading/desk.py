"""What traders do beside deciding markets: the catalogue, prices and statuses, and how a market's limit is split.

Each is written into the trail with what it changes; the same call again changes nothing and returns how things stand.
"""

import contextlib
from collections.abc import Callable, Sequence
from datetime import datetime

from bet import wording
from bet.catalogue import competitions, fixture, fixtures, lines
from bet.catalogue.competition import Competition, Team
from bet.catalogue.fixture import NewFixture, Status
from bet.catalogue.rules import as_rows
from bet.markets import betting, changing, guards, kinds, margins
from bet.markets.given import NewMarket
from bet.refusals import BelowMargin
from bet.table import BETTING, competition_key, fixture_key, guard_key, table, team_key
from betsafi import clock
from betsafi.approval import alone
from betsafi.audit import Act, was_done
from betsafi.dynamodb import ConditionFailed, Item, Write
from betsafi.errors import Conflict, Contention
from betsafi.people import Staff
from betsafi.telemetry import count

_TRIES = 10
_MOST_POPULAR = 50
"""Of a sport: with their main markets a few batches, for everybody who opens the lobby."""
_KEPT_AS = {"startsAt": "starts_at", "status": "status"}


def put_competition(wanted: Competition, trader: Staff, request_id: str) -> Item:
    """Write a competition, new or changed, and return it; games that are kept already stay as they are.

    Raises IdempotencyKeyReused.
    """
    shown = {**wanted._asdict(), "rules": as_rows(wanted.rules)}
    act = Act("putCompetition", competition_key(wanted.id)[0], trader, decision=shown, request_id=request_id)
    _once(act, lambda *also: competitions.keep_competition(wanted, *also))
    return competitions.get_competition(wanted.id)


def put_team(wanted: Team, trader: Staff, request_id: str) -> Team:
    """Write a team, new or changed, and return it; games that are kept already stay as they are.

    Raises IdempotencyKeyReused.
    """
    act = Act("putTeam", team_key(wanted.id)[0], trader, decision=wanted._asdict(), request_id=request_id)
    _once(act, lambda *also: competitions.keep_team(wanted, *also))
    return wanted


def create_fixture(wanted: NewFixture, trader: Staff) -> Item:
    """Create a fixture, once for each id, and return it. Raises NotFound, Conflict for a taken id."""
    act = Act("createFixture", fixture_key(wanted.id)[0], trader)
    return fixtures.create_fixture(wanted, *alone(act).writes({}, {"startsAt": clock.stamp(wanted.starts_at)}))


def add_markets(fixture_id: str, wanted: Sequence[NewMarket], trader: Staff) -> tuple[Item, dict[str, Item]]:
    """Add priced markets to a fixture, each once; return the fixture and these markets by id.

    Each is added by itself, so a refusal leaves those before it; but none is added where BelowMargin is raised, for all
    together that are not there yet. Raises NotFound, Conflict, Contention.
    """
    _check_new(fixtures.get_fixture(fixture_id), wanted)
    for given in wanted:
        market_id = given.id_for(fixture_id)
        act = Act("addMarkets", guard_key(market_id, 0)[0], trader)
        also = alone(act).writes({}, {"odds": given.odds})
        if all(lines.add_market(fixtures.get_fixture(fixture_id), given, *also) is None for _ in range(_TRIES)):
            raise Contention(wording.FIXTURE_BUSY)
    return fixtures.get_fixture(fixture_id), guards.visible([given.id_for(fixture_id) for given in wanted])


def change_fixture(
    action: str,
    fixture_id: str,
    trader: Staff,
    request_id: str,
    *,
    starts_at: datetime | None = None,
    status: Status | None = None,
    reason: str = "",
) -> Item:
    """Move a fixture or give it a status, as the API's field `action` asks; return it once its markets know.

    Raises NotFound, Conflict, Contention (counted, with an alarm; the markets then follow from the stream),
    IdempotencyKeyReused.
    """
    decision = {"startsAt": clock.stamp(starts_at)} if starts_at else {"status": status}
    act = Act(action, fixture_key(fixture_id)[0], trader, reason, decision, request_id=request_id)
    if was_done(table, act):
        changed = fixtures.get_fixture(fixture_id)
    else:
        agreed = alone(act)

        def trail(before: Item) -> Sequence[Write]:
            return agreed.writes({name: before[_KEPT_AS[name]] for name in decision}, decision)

        changed = fixtures.change_fixture(fixture_id, trail, starts_at=starts_at, status=status)
    try:
        # also where nothing changed: an earlier call may have come no further than the fixture
        lines.follow(changed, clock.monotonic() + changing.settings.change_seconds)
    except Contention:
        count("MarketChangeFailed")
        raise
    return changed


def set_popular(fixture_id: str, wanted: bool, trader: Staff, request_id: str) -> bool:
    """Let a fixture be one of its sport's popular ones, or not, and return whether it is; so already nothing changes.

    Each that is added takes those off the list that have begun. Raises NotFound, Conflict for one that has begun or
    where most are popular already, Contention, IdempotencyKeyReused.
    """
    about = fixtures.get_fixture(fixture_id)
    act = Act("setPopular", fixture_key(fixture_id)[0], trader, decision={"popular": wanted}, request_id=request_id)
    for _ in range(_TRIES):
        before = fixtures.popular_ids(about["sport_id"])
        is_popular = fixture_id in before
        if was_done(table, act) or is_popular == wanted:
            return is_popular
        after = _one_more(about, before) if wanted else [each for each in before if each != fixture_id]
        trail = alone(act).writes({"popular": is_popular}, act.decision)
        with contextlib.suppress(ConditionFailed):  # somebody else changed the list, or this very call's twin did
            fixtures.put_popular(about["sport_id"], before, after, *trail)
            return wanted
    raise Contention(wording.FIXTURE_BUSY)


def _one_more(about: Item, before: Sequence[str]) -> list[str]:
    """Return the popular fixtures with one more, and without those that have begun. Raises Conflict."""
    now = clock.now()
    if not fixture.may_be_popular(about, now):
        raise Conflict(wording.NOT_POPULAR)
    stay = [each["fixture_id"] for each in fixtures.fixtures(before) if fixture.may_be_popular(each, now)]
    if len(stay) >= _MOST_POPULAR:
        raise Conflict(wording.most_popular(_MOST_POPULAR))
    return [*stay, about["fixture_id"]]


def set_betting(is_open: bool, trader: Staff, reason: str, request_id: str) -> bool:
    """Take no bets at all, or take them again; return whether they are taken now. No market changes, and no bet.

    Raises IdempotencyKeyReused.
    """
    act = Act("setBetting", BETTING[0], trader, reason, {"open": is_open}, request_id=request_id)
    _once(act, lambda *also: betting.turn(is_open, *also), {"open": betting.now_open()})
    return betting.now_open()


def change(action: str, market_id: str, changes: Item, trader: Staff, request_id: str, seen: int | None = None) -> Item:
    """Give a market new `odds` or a new `status`, as the API's field `action` asks; return its visible guard.

    `seen`: the version of the market that this is for, if only that one is to change.

    Raises what `changing.change_market` raises, BelowMargin, IdempotencyKeyReused.
    """
    act = _act(action, market_id, changes, trader, request_id)
    if was_done(table, act):
        return guards.get_market(market_id)
    if "odds" in changes:
        fixture = fixtures.get_fixture(kinds.fixture_of(market_id))
        _refuse(margins.below(fixture["tier"], [(market_id, changes["odds"])]))
    return changing.change_market(market_id, changes, alone(act), seen)


def set_guards(market_id: str, wanted: int, trader: Staff, request_id: str) -> Item:
    """Split a market's limit over more guards, so that more bets a second fit; return its exposure.

    Raises what `changing.add_guards` raises, IdempotencyKeyReused.
    """
    act = _act("setMarketGuards", market_id, {"guards": wanted}, trader, request_id)
    if not was_done(table, act):
        changing.add_guards(market_id, wanted, alone(act))
    return market_exposure(market_id)


def market_exposure(market_id: str) -> Item:
    """Return what a market could cost: by outcome over all guards, with the limit of each. Raises NotFound."""
    parts = guards.guards_of(market_id)
    return {
        **{name: parts[0][name] for name in ("market_id", "status", "guards")},
        "limit_cents": sum(guard["limit_cents"] for guard in parts),
        "exposure": {outcome: sum(guard["exposure"][outcome] for guard in parts) for outcome in parts[0]["odds"]},
    }


def _check_new(fixture: Item, wanted: Sequence[NewMarket]) -> None:
    """Raise BelowMargin for those that are not there yet: what is, was taken by the margin of its time."""
    thin = margins.below(fixture["tier"], [(given.id_for(fixture["fixture_id"]), given.odds) for given in wanted])
    there = guards.visible([market["marketId"] for market in thin])
    _refuse([market for market in thin if market["marketId"] not in there])


def _refuse(thin: Sequence[Item]) -> None:
    if thin:
        raise BelowMargin(wording.below_margin(thin), markets=[*thin])


def _once(act: Act, write: Callable[..., None], before: Item | None = None) -> None:
    """Let `write` write what is decided, with the trail, unless the same call did so before."""
    if not was_done(table, act):
        with contextlib.suppress(ConditionFailed):  # the same call at the same moment was first
            write(*alone(act).writes(before or {}, act.decision))


def _act(action: str, market_id: str, decision: Item, trader: Staff, request_id: str) -> Act:
    return Act(action, guard_key(market_id, 0)[0], trader, decision=decision, request_id=request_id)
