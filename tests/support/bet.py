"""The bet service in a test's own process: a real table, and the real wallet behind its client."""

import uuid
from collections.abc import Mapping
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
from tests.support.services import load, stores

ODDS = {"1": "2.50", "X": "3.20", "2": "2.90"}
TRADERS = (Staff("trader-1"), Staff("trader-2"))


def open_guard(market_id: str, starts_at: datetime, odds: dict[str, str], **changes: Any) -> Item:
    """Return the visible guard of a new market as the service itself makes it, or as it is after some changes."""
    guards = load("bet.markets.guards", TABLE_NAME="bet")
    fixture_id = market_id.removesuffix("-1x2")
    return {**guards.new_guards(market_id, fixture_id, starts_at, odds, "STANDARD")[0].item, **changes}


def load_wallet(emulator: str) -> ModuleType:
    """Return all that the wallet's stores do, on a table of its own."""
    load("wallet.table", TABLE_NAME=create_table(emulator, f"wallet-{uuid.uuid4()}", "wallet"))
    return stores("wallet")


def load_bet(table: str, wallet: ModuleType, monkeypatch: pytest.MonkeyPatch, **settings: str) -> SimpleNamespace:
    """Return the bet service's modules on a table, with two guards a market unless said, and the real wallet."""
    environment = {"STANDARD_GUARDS": "2", "SETTLEMENT_QUEUE_URL": "", **settings}
    placing = load("bet.slips.placing", TABLE_NAME=table, WALLET_URL="http://127.0.0.1:1", **environment)
    from bet import presenting, refusals, wallet_api
    from bet.catalogue import competitions, fixture, fixtures
    from bet.handlers import graphql, trading
    from bet.markets import changing, definition, exposure, guards
    from bet.settlement import corrections, results, worker
    from bet.slips import acceptance, bets, cancelling, slip
    from bet.table import table as items
    from bet.trading import deciding

    def hold_stake(user_id: str, bet_id: str, stake_cents: int) -> None:
        try:
            wallet.place_hold(user_id, bet_id, "BET", stake_cents)
        except DomainError as error:
            raise Refused(error.status, error.code, error.message, error.info) from error

    monkeypatch.setattr(wallet_api, "hold_stake", hold_stake)
    monkeypatch.setattr(wallet_api, "release_stake", lambda user, bet_id, why: wallet.release(user, bet_id, why))
    return SimpleNamespace(
        table=items,
        placing=placing,
        slip=slip,
        bets=bets,
        competitions=competitions,
        fixture=fixture,
        fixtures=fixtures,
        definition=definition,
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
        wallet_api=wallet_api,
    )


def new_player(wallet: ModuleType, cents: int = 95_000) -> str:
    """Return a player with money, KES 950.00 unless said."""
    user_id = str(uuid.uuid4())
    wallet.deposit(user_id, f"deposit-{user_id}", cents + 5_000, cents, 5_000)
    return user_id


def money(wallet: ModuleType, user: str) -> tuple[int, int]:
    """Return what a player has available and held."""
    account = wallet.get_account(user)
    return account["available"], account["held"]


def new_market(
    bet: SimpleNamespace, name: str = "m1", hours: float = 2, odds: dict[str, str] = ODDS, **details: Any
) -> str:
    """Create a fixture and return its market."""
    start = clock.now() + timedelta(hours=hours)
    fixture = bet.fixture.NewFixture(name, "League", "Home", "Away", start, dict(odds), **details)
    return str(bet.fixtures.create_fixture(fixture)["markets"][0])


def new_slip(bet: SimpleNamespace, *picks: tuple[str, str, str], stake: str = "100.00", **options: Any) -> Any:
    """Return the slip of picks (market, selection, odds)."""
    return bet.slip.slip(
        {
            "clientRequestId": options.pop("request", uuid.uuid4().hex),
            "stake": {"currency": "KES", "amount": stake},
            "selections": [
                {"marketId": m, "selectionId": bet.definition.selection_id(m, s), "odds": o} for m, s, o in picks
            ],
            **options,
        }
    )


def exposure(bet: SimpleNamespace, market: str, selection: str) -> int:
    """Return what all guards of a market reserve for a selection."""
    return sum(bet.exposure.exposure_of(guard, selection) for guard in bet.guards.guards_of(market))


def decided(bet: SimpleNamespace, user: str, placed: Mapping[str, Any]) -> tuple[str, str | None, int | None, int]:
    """Return how a bet stands: its status, outcome, payout, and the version of its settlement."""
    item = bet.bets.get_bet(user, placed["bet_id"])
    return item["status"], item.get("outcome"), item.get("payout_cents"), item["settlement_version"]


def decide(bet: SimpleNamespace, market: str, outcome: dict[str, str]) -> int:
    """Have two traders settle a market; return its result's version."""
    for trader in TRADERS:
        decided = bet.deciding.settle(market, outcome, trader)
    return int(decided.result["result_version"])


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
