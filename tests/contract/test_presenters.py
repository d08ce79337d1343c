"""What the services say is what the schema promises: every field of every type that is pushed, in every state."""

import sys
from datetime import UTC, datetime
from typing import Any

import pytest

from betsafi import clock
from tests.support.bet import open_guard
from tests.support.schema import api_schema, flaws, object_type
from tests.support.services import load

SCHEMA = api_schema()
AT = "2026-11-26T08:00:00.000000Z"


def bets() -> list[dict[str, Any]]:
    presenting = load("bet.presenting")
    leg = {"market_id": "kpl-1x2", "selection_id": "X", "odds": "3.20"}
    base = {
        "bet_id": "b",
        "user_id": "u",
        "stake_cents": 10_000,
        "at": AT,
        "revision": 0,
        "settlement_version": 0,
        "legs": [leg],
    }
    accepted = {**base, "status": "ACCEPTED", "revision": 1, "potential_payout_cents": 32_000, "accepted_at": AT}
    decided = {**accepted, "status": "SETTLED", "settlement_version": 1, "settled_at": AT}
    items = [
        {**base, "status": "PENDING"},
        {**base, "status": "REJECTED", "reason": "ODDS_CHANGED"},
        accepted,
        {**accepted, "status": "CANCELLED"},
        *(
            {**decided, "outcome": outcome, "payout_cents": 1, "legs": [{**leg, "result": outcome}]}
            for outcome in ("WON", "LOST", "VOID")
        ),
    ]
    return [presenting.bet(item) for item in items]


def markets() -> list[dict[str, Any]]:
    presenting = load("bet.presenting")
    guard = open_guard("kpl-1x2", datetime(2099, 1, 1, tzinfo=UTC), {"1": "2.10"})
    return [presenting.market({**guard, "status": status}, clock.now()) for status in ("OPEN", "SUSPENDED", "CLOSED")]


def events() -> list[dict[str, Any]]:
    presenting = load("bet.presenting")
    names = {name: "x" for name in ("fixture_id", "competition", "home", "away", "status")}
    guard = open_guard("m", clock.parse_stamp(AT), {"1": "2"})
    item = {**names, "starts_at": AT, "markets": ["m"]}
    return [presenting.fixture(item, {"m": guard}, clock.now())]


def market_results() -> list[dict[str, Any]]:
    presenting = load("bet.presenting")
    results = {"1": "WON", "X": "LOST", "2": "VOID"}
    return [
        presenting.market_result("m", results, {"result_version": 2}, "It is decided.", ["t1", "t2"]),
        presenting.market_result("m", {}, {"result_version": 3}, "It is taken back.", ["t1"]),
        presenting.market_result("m", results, None, "A second trader must say the same.", ["t1"]),
    ]


def exposures() -> list[dict[str, Any]]:
    presenting = load("bet.presenting")
    market = {"market_id": "m", "guards": 2, "limit_cents": 10, "exposure": {"1": 3, "X": 0, "2": 0}}
    return [presenting.exposure({**market, "status": status}) for status in ("OPEN", "CLOSED")]


def wallets() -> list[dict[str, Any]]:
    door = load("wallet.handlers.graphql", TABLE_NAME="wallet")
    account = {"user_id": "u", "available": 1, "held": 2, "receivable": -3, "version": 4}
    return [
        door.present({**account, "status": status, "frozen": frozen})
        for status in ("ACTIVE", "SUSPENDED", "CLOSED")
        for frozen in (False, True)
    ]


def payments() -> list[dict[str, Any]]:
    presenting, wording = load("payment.presenting"), sys.modules["payment.wording"]
    base = {"payment_id": "p", "user_id": "u", "amount_cents": 1_000, "version": 3, "at": AT, "updated_at": AT}
    more = {"excise_cents": 50, "credit_cents": 950, "withholding_cents": 50, "paid_cents": 900, "remainder_cents": 50}
    told = {"reason": "TIMED_OUT", "receipt": "R", "account": "A1"}
    shown = []
    for kind, status in wording._STATES:
        reversed_ = {"reversed_at": AT} if status == "REVERSED" else {}
        item = {**base, "kind": kind, "status": "COMPLETED" if reversed_ else status, **reversed_}
        if status != "MERGED":  # nobody asks for what is credited as another payment
            shown += [presenting.present(item), presenting.present({**item, **more, **told})]
    return shown


def notifications() -> list[dict[str, Any]]:
    door = load("notifications.handlers.graphql", TABLE_NAME="notes")
    note = {"note_id": "bet:b.1", "template": "BET_WON", "title": "t", "text": "t", "at": AT}
    return [door.present({**note, "status": status}) for status in ("UNREAD", "READ")]


def users() -> list[dict[str, Any]]:
    door = load("users.handlers.graphql", TABLE_NAME="users", WALLET_URL="http://wallet", PLAYER_POOL="players")
    profile = {"user_id": "u", "phone_number": "+254712345678", "registered_at": AT}
    return [
        door.present({**profile, "language": language, "status": status, "display_name": name})
        for language in ("en", "sw")
        for status in ("ACTIVE", "SUSPENDED")
        for name in ("Wanjiku", None)
    ]


PRESENTED = {
    "Bet": bets,
    "Market": markets,
    "Event": events,
    "MarketResult": market_results,
    "MarketExposure": exposures,
    "Wallet": wallets,
    "Payment": payments,
    "Notification": notifications,
    "User": users,
}


@pytest.mark.parametrize("name", PRESENTED)
def test_every_field_is_served_in_every_state(name: str) -> None:
    kind = object_type(SCHEMA, name)
    assert [flaw for thing in PRESENTED[name]() for flaw in flaws(thing, kind, name)] == []


@pytest.mark.parametrize("name", PRESENTED)
def test_no_field_is_null_in_every_state(name: str) -> None:
    things = PRESENTED[name]()
    assert [field for field in things[0] if all(thing[field] is None for thing in things)] == []


def test_everything_that_is_pushed_is_tried_above() -> None:
    pushed = {field.type for name, field in object_type(SCHEMA, "PlayerUpdate").fields.items() if name != "userId"}
    assert {str(kind) for kind in pushed} | {"Market"} <= set(PRESENTED)


def test_every_status_of_the_schema_is_tried_above() -> None:
    for name, enum in {"Bet": "BetStatus", "Market": "MarketStatus", "Payment": "PaymentStatus"}.items():
        assert {thing["status"] for thing in PRESENTED[name]()} == set(SCHEMA.type_map[enum].values), name  # type: ignore


def test_a_field_that_is_never_served_is_found() -> None:
    kind = object_type(SCHEMA, "Wallet")
    (wallet, *_) = wallets()
    assert flaws({**wallet, "held": None, "status": "ODD", "more": 1}, kind, "Wallet") == [
        "Wallet.more is not in the schema",
        "Wallet.held is null",
        "Wallet.status is 'ODD', which is no WalletStatus",
    ]
    del wallet["version"]
    assert flaws(wallet, kind, "Wallet") == ["Wallet.version is not served"]
