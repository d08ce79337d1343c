"""The bet service in a test's own process: a real table, and the real wallet behind its client."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from betsafi import clock
from betsafi.dynamodb import Item
from betsafi.errors import DomainError
from betsafi.people import Staff
from betsafi.service_client import Refused
from tests.support.emulator import create_table
from tests.support.services import Loaded, load, stores

ODDS = {"1": "2.50", "X": "3.20", "2": "2.90"}
OUTCOMES = {"1": "1", "X": "2", "2": "3"}
"""Of 1X2, by the key that people are shown."""
TRADERS = (Staff("trader-1"), Staff("trader-2"))


def open_guard(fixture_id: str, starts_at: datetime, odds: dict[str, str], **changes: Any) -> Item:
    """Return the visible guard of a new 1X2 market as the service itself makes it, or as it is after some changes."""
    guards = load("bet.markets.guards", TABLE_NAME="bet")
    from bet.markets import given, kinds

    about = {"fixture_id": fixture_id, "starts_at": clock.stamp(starts_at), "status": "SCHEDULED", "version": 1}
    market = given.NewMarket(kinds.find("1"), "", by_outcome(odds), True)
    return {**guards.new_guards({**about, "tier": "STANDARD"}, market)[0].item, **changes}


def by_outcome(by_key: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is given by 1X2's keys by outcome; other names are outcomes already."""
    return {OUTCOMES.get(key, key): value for key, value in by_key.items()}


def market_id(fixture_id: str) -> str:
    """Return the id of a fixture's 1X2 market."""
    return f"{fixture_id}/1"


def load_wallet(emulator: str, **settings: str) -> ModuleType:
    """Return all that the wallet's stores do, and its `api`, on a table of its own."""
    table = create_table(emulator, f"wallet-{uuid.uuid4()}", "wallet")
    api = load("wallet.handlers.api", TABLE_NAME=table, **settings)
    wallet = stores("wallet")
    vars(wallet)["api"] = api
    return wallet


def load_bet(table: str, wallet: ModuleType, monkeypatch: pytest.MonkeyPatch, **settings: str) -> SimpleNamespace:
    """Return the bet service's modules on a table, with two guards a market unless said, and the real wallet."""
    bet = _load_bet(table, settings)
    _reach(wallet, bet.wallet_api, monkeypatch)
    return bet


_loaded: dict[str, tuple[SimpleNamespace, Loaded]] = {}


def bet_of_a_test(
    emulator: str, wallet: ModuleType, monkeypatch: pytest.MonkeyPatch, **settings: str
) -> SimpleNamespace:
    """Return what `load_bet` does, on a new table; until the next one, which has the same modules on its own table."""
    table, which = create_table(emulator, f"bet-{uuid.uuid4()}", "bet"), str(settings)
    if which not in _loaded:
        _loaded[which] = _load_bet(table, settings), Loaded("bet")
    bet, loaded = _loaded[which]
    loaded.again(table)
    _reach(wallet, bet.wallet_api, monkeypatch)
    return bet


def _load_bet(table: str, settings: Mapping[str, str]) -> SimpleNamespace:
    environment = {"STANDARD_GUARDS": "2", "SETTLEMENT_QUEUE_URL": "", **settings}
    placing = load("bet.slips.placing", TABLE_NAME=table, WALLET_URL="http://127.0.0.1:1", **environment)
    from bet import presenting, refusals, wallet_api
    from bet.catalogue import browsing, competition, competitions, fixture, fixtures, lines
    from bet.handlers import graphql, trading
    from bet.markets import betting, changing, exposure, given, guards, kinds, margins
    from bet.settlement import corrections, results, worker
    from bet.slips import acceptance, bets, cancelling, grace, limits, quoting, receipt, receipts, sharing, slip
    from bet.table import table as items
    from bet.trading import deciding

    return SimpleNamespace(
        table=items,
        placing=placing,
        slip=slip,
        bets=bets,
        browsing=browsing,
        competition=competition,
        competitions=competitions,
        fixture=fixture,
        fixtures=fixtures,
        lines=lines,
        given=given,
        kinds=kinds,
        margins=margins,
        betting=betting,
        guards=guards,
        exposure=exposure,
        changing=changing,
        refusals=refusals,
        acceptance=acceptance,
        results=results,
        corrections=corrections,
        worker=worker,
        deciding=deciding,
        presenting=presenting,
        graphql=graphql,
        trading=trading,
        cancelling=cancelling,
        grace=grace,
        limits=limits,
        quoting=quoting,
        receipt=receipt,
        receipts=receipts,
        sharing=sharing,
        wallet_api=wallet_api,
    )


def _reach(wallet: ModuleType, wallet_api: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let bet ask this wallet, without the network."""

    def hold_stake(user_id: str, bet_id: str, stake_cents: int, promise: Any) -> None:
        try:
            wallet.place_hold(user_id, bet_id, "BET", stake_cents, promise)
        except DomainError as error:
            raise Refused(error.status, error.code, error.said("en"), error.info, error.said("sw")) from error

    def room(user_id: str, day: str, same: str) -> dict[str, Any]:
        path = {"userId": user_id, "payoutDay": day, "same": same}
        try:
            return dict(wallet.api.room("bet", path, None).model_dump(by_alias=True))
        except DomainError as error:
            raise Refused(error.status, error.code, error.said("en"), error.info, error.said("sw")) from error

    monkeypatch.setattr(wallet_api, "hold_stake", hold_stake)
    monkeypatch.setattr(wallet_api, "room", room)
    monkeypatch.setattr(wallet_api, "release_stake", lambda user, bet_id, why: wallet.release(user, bet_id, why))


def new_player(wallet: ModuleType, cents: int = 95_000) -> str:
    """Return a player with money, KES 950.00 unless said."""
    user_id = str(uuid.uuid4())
    wallet.deposit(user_id, f"deposit-{user_id}", cents + 5_000, cents, 5_000)
    return user_id


def money(wallet: ModuleType, user: str) -> tuple[int, int]:
    """Return what a player has available and held."""
    account = wallet.get_account(user)
    return account["available"], account["held"]


def new_fixture(
    bet: SimpleNamespace,
    name: str = "m1",
    hours: float = 2,
    tier: str = "STANDARD",
    starts_at: datetime | None = None,
    rules: Sequence[Item] = (),
    country: str = "Kenya",
) -> Item:
    """Create a fixture of two teams in a league of that tier and country with these rules, and return it."""
    league = {
        "id": f"league-{tier}" if country == "Kenya" else f"league-{tier}-{country}",
        "sportId": "sr:sport:1",
        "name": {"en": "League"},
        "tier": tier,
        "rules": [*rules],
    }
    where = {"country": {"id": country[:2].upper(), "name": {"en": country}}}
    bet.competitions.keep_competition(bet.competition.competition({**league, **where}))
    for team in ("Home", "Away"):
        given = {"id": team.lower(), "sportId": "sr:sport:1", "name": {"en": team}}
        bet.competitions.keep_team(bet.competition.team(given))
    start = starts_at or clock.now() + timedelta(hours=hours)
    wanted = bet.fixture.NewFixture(name, str(league["id"]), "home", "away", start)
    return dict(bet.fixtures.create_fixture(wanted))


def new_market(
    bet: SimpleNamespace, name: str = "m1", hours: float = 2, odds: Mapping[str, str] = ODDS, **details: Any
) -> str:
    """Create a fixture with a 1X2 market, whose odds are given by key, and return the market."""
    given = bet.given.NewMarket(bet.kinds.find("1"), "", by_outcome(odds), True)
    return str(bet.lines.add_market(new_fixture(bet, name, hours, **details), given)["market_id"])


def new_slip(bet: SimpleNamespace, *picks: tuple[str, str, str], stake: str = "100.00", **options: Any) -> Any:
    """Return the slip of picks (market, key or outcome, odds)."""
    return bet.slip.slip(
        {
            "clientRequestId": options.pop("request", uuid.uuid4().hex),
            "stake": {"currency": "KES", "amount": stake},
            "selections": [{"marketId": m, "selectionId": f"{m}/{OUTCOMES.get(s, s)}", "odds": o} for m, s, o in picks],
            **options,
        }
    )


def exposure(bet: SimpleNamespace, market: str, key: str) -> int:
    """Return what all guards of a market reserve for a selection, by its key or outcome."""
    return sum(guard["exposure"][OUTCOMES.get(key, key)] for guard in bet.guards.guards_of(market))


def decided(bet: SimpleNamespace, user: str, placed: Mapping[str, Any]) -> tuple[str, str | None, int | None, int]:
    """Return how a bet stands: its status, outcome, payout, and the version of its settlement."""
    item = bet.bets.get_bet(user, placed["bet_id"])
    return item["status"], item.get("outcome"), item.get("payout_cents"), item["settlement_version"]


def decide(bet: SimpleNamespace, market: str, outcome: dict[str, str]) -> int:
    """Have two traders settle a market by results by key; return the result's version."""
    for trader in TRADERS:
        decided = bet.deciding.settle(market, bet.given.Results(by_outcome(outcome), {}), trader)
    return int(decided.result["result_version"])


def ask(bet: SimpleNamespace, kind: str, field: str, person: str = "trader-1", /, **arguments: Any) -> Any:
    """Ask the handlers for AppSync, as a trader, and none that answered the same just now; return the answer."""
    for part in (bet.graphql.browse, bet.graphql.bets):
        part.handler._kept.clear()
    identity = {"sub": person, "groups": ["trader"]}
    door = bet.trading if (kind, field) in bet.trading.handler.names else bet.graphql
    return door.handler({"type": kind, "field": field, "arguments": arguments, "identity": identity})


def told(bet: SimpleNamespace, kind: str, field: str, person: str = "trader-1", /, **arguments: Any) -> Any:
    """Ask for what is not refused; return it."""
    answer = ask(bet, kind, field, person, **arguments)
    assert "data" in answer, answer
    return answer["data"]


def odds_rows(by_key: Mapping[str, str] = ODDS) -> list[dict[str, str]]:
    """Return odds as traders give them, of odds by key or outcome."""
    return [{"outcomeId": outcome, "odds": odds} for outcome, odds in by_outcome(by_key).items()]


def results_rows(**by_key: str) -> list[dict[str, str]]:
    """Return results as traders give them, of results by key, each behind a `_`."""
    results = by_outcome({key.removeprefix("_"): result for key, result in by_key.items()})
    return [{"outcomeId": outcome, "result": result} for outcome, result in results.items()]


def settle(bet: SimpleNamespace, market: str, **results: str) -> None:
    """Have two traders settle a market, then settle its bets as the worker does; what is not said is LOST."""
    outcome = {"1": "LOST", "X": "LOST", "2": "LOST", **{key.strip("_"): value for key, value in results.items()}}
    work(bet, market, decide(bet, market, outcome))


def work(bet: SimpleNamespace, market: str, version: int) -> None:
    """Let the worker give a market's result to its bets, one page of time at a time."""
    place = bet.worker.Place(market, version)
    while place:
        place = bet.worker.settle_bets(place, lambda: False, fail)


def fail(bet: Item) -> None:
    """Stand where a bet is set aside that could not be settled."""
    raise AssertionError(f"bet {bet['bet_id']} was set aside")


def at(monkeypatch: pytest.MonkeyPatch, minutes: float) -> None:
    """Let it be so many minutes later."""
    moment = clock.now() + timedelta(minutes=minutes)
    monkeypatch.setattr(clock, "now", lambda: moment)
