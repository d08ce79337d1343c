"""A client that keeps things by type and id, as Apollo's does by default, shows what it was told."""

import json
import subprocess
from pathlib import Path
from typing import Any

from graphql import parse

from betsafi import clock
from tests.support.bet import open_guard
from tests.support.schema import api_schema
from tests.support.services import load

ROOT = Path(__file__).parents[2]
SCHEMA = api_schema()
AT = "2026-11-26T08:00:00.000000Z"
NOW = clock.parse_stamp("2026-11-26T07:00:00Z")
FIXTURES = "query { fixtures { items { id markets { id version selections { id key odds } } } } }"
MONEY = "{ currency amount }"


def answer(document: str, root: dict[str, Any]) -> dict[str, Any]:
    """Return what the API answers when its fields are these, with the types' names, for which the cache asks."""
    (operation,) = parse(document).definitions
    kind = getattr(SCHEMA, f"{operation.operation.value}_type")  # type: ignore[attr-defined]
    return _named(operation.selection_set.selections, kind, root)  # type: ignore[attr-defined, no-any-return]


def _named(selections: Any, kind: Any, value: Any) -> Any:
    while hasattr(kind, "of_type"):
        kind = kind.of_type
    if isinstance(value, list):
        return [_named(selections, kind, item) for item in value]
    if value is None or not hasattr(kind, "fields"):
        return value
    told = {"__typename": kind.name}
    for node in selections:
        inner = node.selection_set.selections if node.selection_set else ()
        told[node.name.value] = _named(inner, kind.fields[node.name.value].type, value[node.name.value])
    return told


def shown(written: list[tuple[str, dict[str, Any]]], read: str) -> Any:
    """Return what an app shows for a query after it was told all this, in this order."""
    told = {"written": [{"query": query, "data": answer(query, data)} for query, data in written], "read": read}
    run = subprocess.run(
        ["node", "tests/contract/normalising_cache.mjs"],
        input=json.dumps(told),
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def odds_of(n: int, version: int) -> dict[str, str]:
    return {"1": f"{n + version}.10", "X": f"{n + version}.20", "2": f"{n + version}.30"}


def guard(n: int, version: int = 1) -> dict[str, Any]:
    odds = odds_of(n, version)
    return open_guard(f"game-{n}", clock.parse_stamp(AT), odds, version=version)


def fixture(n: int) -> dict[str, Any]:
    named = {"id": "x", "name": {"en": "x", "sw": "x"}}
    league = {"sport_id": "sr:sport:1", "competition_id": "kpl", "competition": named["name"], "country": named}
    about = {"home": named, "away": named, "status": "SCHEDULED", "starts_at": AT, "version": 1}
    return {"fixture_id": f"game-{n}", "markets": [f"game-{n}/1"], **league, **about}


def test_every_game_shows_its_own_odds_and_a_pushed_price_changes_one_alone() -> None:
    presenting = load("bet.presenting")
    items = [presenting.fixture(fixture(n), {f"game-{n}/1": guard(n)}, NOW, {}) for n in range(7)]
    pushed = 'subscription { onMarketUpdated(fixtureId: "game-3") { id version selections { id key odds } } }'
    written = [
        (FIXTURES, {"fixtures": {"items": items}}),
        (pushed, {"onMarketUpdated": presenting.market(guard(3, 2), fixture(3), NOW, None)}),
    ]
    for told, moved in ((written[:1], ()), (written, (3,))):
        seen = shown(told, FIXTURES)["fixtures"]["items"]
        odds = [{pick["key"]: pick["odds"] for pick in game["markets"][0]["selections"]} for game in seen]
        assert odds == [odds_of(n, 2 if n in moved else 1) for n in range(7)]


def test_a_pushed_bet_and_wallet_are_what_the_app_shows_and_wipe_nothing() -> None:
    presenting = load("bet.presenting")
    door = load("wallet.handlers.graphql", TABLE_NAME="wallet")
    legs = [{"market_id": "m/1", "outcome_id": "1", "odds": "2.50"}]
    accepted = {"bet_id": "b", "status": "ACCEPTED", "stake_cents": 10_000, "at": AT, "legs": legs, "revision": 1}
    accepted |= {"settlement_version": 0, "potential_payout_cents": 25_000, "accepted_at": AT, "starts_at": AT}
    settled = {**accepted, "status": "SETTLED", "revision": 2, "outcome": "WON", "payout_cents": 25_000}
    account = {"user_id": "u", "available": 85_000, "held": 10_000, "status": "ACTIVE", "version": 3}
    account["receivable"] = 0
    paid = {**account, "available": 110_000, "held": 0, "version": 4}
    parts = (
        f"bet {{ id version status potentialPayout {MONEY} payout {MONEY} }}",
        f"wallet {{ id version available {MONEY} held {MONEY} }}",
    )
    query = (
        'query { bet(id: "b") { id version status potentialPayout { amount } payout { amount } } '
        "wallet { id available { amount } } }"
    )
    asked = f'query {{ bet(id: "b") {parts[0].removeprefix("bet")} {parts[1]} }}'
    pushed = f'subscription {{ onPlayerUpdate(userId: "u") {{ userId {" ".join(parts)} }} }}'
    update = {"userId": "u", "bet": presenting.bet(settled), "wallet": door.present(paid)}
    written = [
        (asked, {"bet": presenting.bet(accepted), "wallet": door.present(account)}),
        (pushed, {"onPlayerUpdate": update}),
    ]
    seen = shown(written, query)
    assert (seen["bet"]["status"], seen["bet"]["version"]) == ("SETTLED", 3)
    assert seen["bet"]["payout"]["amount"] == seen["bet"]["potentialPayout"]["amount"] == "250.00"
    assert seen["wallet"]["available"]["amount"] == "1100.00"
