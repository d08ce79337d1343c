"""What the services say is what the schema promises: every field of every type that is pushed, in every state."""

import json
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest

from betsafi import clock
from tests.contract.template_rules import ADDRESS
from tests.support.bet import open_guard
from tests.support.schema import api_schema, flaws, object_type
from tests.support.services import load

SCHEMA = api_schema()
AT = "2026-11-26T08:00:00.000000Z"


def bets() -> list[dict[str, Any]]:
    presenting = load("bet.presenting")
    leg = {"market_id": "kpl/18/total=2.25", "outcome_id": "12", "odds": "3.20"}
    base = {
        "bet_id": "b",
        "user_id": "u",
        "stake_cents": 10_000,
        "at": AT,
        "revision": 0,
        "settlement_version": 0,
        "legs": [leg],
    }
    accepted = {**base, "status": "ACCEPTED", "revision": 1, "potential_payout_cents": 32_000}
    accepted |= {"accepted_at": AT, "starts_at": AT, "request_id": "request-0001"}
    decided = {**accepted, "status": "SETTLED", "settlement_version": 1, "settled_at": AT}
    items = [
        {**base, "status": "PENDING"},
        {**base, "status": "REJECTED", "reason": "ODDS_CHANGED", "refusal": {"en": "Odds.", "sw": "Odds."}},
        accepted,
        {**accepted, "status": "CANCELLED"},
        *(
            {**decided, "outcome": outcome, "payout_cents": 1, "legs": [{**leg, "result": result, **shared}]}
            for outcome, result, shared in (
                ("WON", "WON", {"dead_heat": "1/2"}),
                ("LOST", "LOST", {}),
                ("VOID", "VOID", {}),
                ("WON", "HALF_WON", {}),
                ("WON", "HALF_LOST", {}),
            )
        ),
    ]
    system = {"system": {"ks": [1], "bankers": []}, "bonus": "2026-11-01", "legs": [leg, leg, leg], "receipt": "x" * 22}
    return [presenting.bet(item) for item in items] + [presenting.bet({**accepted, **system}, RECEIPT)]


NAME = {"en": "League", "sw": "Ligi"}
SEEN = {"startsAt": AT, "competition": NAME, "home": "Gor Mahia", "away": "AFC", "name": NAME, "selection": "Over 2.25"}
RECEIPT = json.dumps({"legs": [SEEN, SEEN, SEEN]})


def open_market() -> Any:
    """Return an open market as a slip meets it."""
    guard = open_guard("kpl", datetime(2099, 1, 1, tzinfo=UTC), ODDS)
    return sys.modules["bet.markets.guards"]._market(guard)


def quotes() -> list[dict[str, Any]]:
    """A quote that says yes, one that says no, and one of what is unknown."""
    market = open_market()
    presenting = load("bet.presenting")
    from bet.payouts.bonus import LADDERS
    from bet.payouts.systems import multi
    from bet.refusals import SameEvent, UnknownMarket
    from bet.slips.price import Checked, Leg, Limits, PricedSlip, Quote, Reason
    from bet.slips.slip import Selection, Slip

    slip = Slip("request-1", 10_000, (Selection("kpl/1", "1", "2.10"),), "NONE")
    legs, limits = [Leg(market, "1", "2.10")], Limits(2_000, 10**6, 10**7)
    priced = PricedSlip(legs, 21_000, 0, None, None, 10**6, 10**7)
    checked = Checked([*legs], multi(1), limits, priced, [])
    reason = Reason(0, SameEvent("Two selections of one game."))
    found = [
        Quote(slip, checked, Fraction(21, 10), 0, 1_000_000, []),
        Quote(slip, checked, Fraction(21, 10), 0, None, [reason, reason._replace(leg=None)]),
        Quote(slip, Checked([None], None, limits, None, []), None, None, None, [Reason(0, UnknownMarket("None."))]),
    ]
    return [presenting.quote(quote, LADDERS[0]) for quote in found]


def shared() -> list[dict[str, Any]]:
    """A slip under a code, and a bet to repeat of whose markets one is gone."""
    market = open_market()
    presenting = load("bet.presenting")
    from bet.slips.price import Shared

    picks, system = [("kpl/1", "1"), ("gor/1", "3")], {"ks": [1], "bankers": []}
    found = [Shared(picks[:1], system, {"kpl/1": market}, "23456789", AT), Shared(picks, None, {"kpl/1": market})]
    return [presenting.shared(each, clock.now()) for each in found]


FIXTURE = {
    "fixture_id": "kpl",
    "sport_id": "sr:sport:1",
    "competition_id": "league",
    "competition": {"en": "League", "sw": "Ligi"},
    "country": {"id": "KE", "name": {"en": "Kenya", "sw": "Kenya"}},
    "home": {"id": "gor", "name": {"en": "Gor Mahia", "sw": "Gor Mahia"}},
    "away": {"id": "afc", "name": {"en": "AFC Leopards", "sw": "AFC Leopards"}},
    "starts_at": AT,
    "version": 1,
    "markets": ["kpl/1"],
}
ODDS = {"1": "2.10", "X": "3.00", "2": "2.80"}
LINE = {"market_id": "kpl/18/total=2.5", "definition_id": "18", "specifiers": "total=2.5"}


def markets() -> list[dict[str, Any]]:
    presenting = load("bet.presenting")
    guard = open_guard("kpl", datetime(2099, 1, 1, tzinfo=UTC), ODDS)
    guards = [{**guard, "status": status} for status in ("OPEN", "SUSPENDED", "CLOSED")]
    guards.append({**guard, **LINE, "odds": {"12": "1.95", "13": "1.85"}})
    shown = [presenting.market(found, FIXTURE, clock.now(), None) for found in guards]
    results = {"1": "WON", "2": "LOST", "3": "WON"}
    result = {"result_version": 1, "results": results, "dead_heats": {"1": "1/2", "3": "1/2"}}
    return [*shown, presenting.market({**guard, "status": "CLOSED"}, FIXTURE, clock.now(), result)]


def fixtures() -> list[dict[str, Any]]:
    presenting, statuses = load("bet.presenting"), load("bet.catalogue.fixture").STATUSES
    guard = open_guard("kpl", clock.parse_stamp(AT), ODDS)
    markets, now = {"kpl/1": guard}, clock.now()
    shown = [presenting.fixture({**FIXTURE, "status": status}, markets, now, {}) for status in statuses]
    begun = {"REGULAR": [1, 0], "FIRST_HALF": [1, 0]}
    over = {"REGULAR": [2, 2], "FIRST_HALF": [1, 2], "SECOND_HALF": [1, 0], "EXTRA_TIME": [1, 1], "PENALTIES": [4, 2]}
    for version, goals in enumerate((begun, over), 1):
        item = {**FIXTURE, "status": "LIVE", "score": {"version": version, "goals": goals, "minute": 45}}
        shown.append(presenting.fixture(item, {"kpl/1": guard}, clock.now(), {}))
    return shown


def market_results() -> list[dict[str, Any]]:
    presenting = load("bet.presenting")
    results = {"1": "WON", "2": "LOST", "3": "WON"}
    shared = {"1": "1/2", "3": "1/2"}
    return [
        presenting.market_result("m/1", results, shared, {"result_version": 2}, "It is decided.", ["t1", "t2"]),
        presenting.market_result("m/1", {"2": "LOST"}, {}, {"result_version": 3}, "It is decided.", ["t1", "t2"]),
        presenting.market_result("m/1", {}, {}, {"result_version": 4}, "It is taken back.", ["t1"]),
        presenting.market_result("m/1", results, {}, None, "A second trader must say the same.", ["t1"]),
    ]


def exposures() -> list[dict[str, Any]]:
    presenting = load("bet.presenting")
    market = {"market_id": "m/1", "guards": 2, "limit_cents": 10, "exposure": {"1": 3, "2": 0, "3": 0}}
    return [presenting.exposure({**market, "status": status}) for status in ("OPEN", "CLOSED")]


def wallets() -> list[dict[str, Any]]:
    door = load("wallet.handlers.graphql", TABLE_NAME="wallet")
    account = {"user_id": "u", "available": 1, "held": 2, "receivable": -3, "version": 4}
    return [
        door.present({**account, "status": status, **closed})
        for status in ("ACTIVE", "SUSPENDED", "FROZEN")
        for closed in ({}, {"closed": True})
    ]


PAYMENT = {"payment_id": "p", "user_id": "u", "amount_cents": 1_000, "version": 3, "at": AT, "updated_at": AT}


def payments() -> list[dict[str, Any]]:
    presenting, wording = load("payment.presenting"), sys.modules["payment.wording"]
    base = PAYMENT
    more = {"excise_cents": 50, "credit_cents": 950, "withholding_cents": 50, "paid_cents": 900, "remainder_cents": 50}
    told = {"reason": "TIMED_OUT", "receipt": "R", "account": "A1", "phone": "+2547•••••678"}
    shown = []
    for kind, status in wording._STATES:
        reversed_ = {"reversed_at": AT} if status == "REVERSED" else {}
        item = {**base, "kind": kind, "status": "COMPLETED" if reversed_ else status, **reversed_}
        if status != "MERGED":  # nobody asks for what is credited as another payment
            shown += [
                presenting.present(item, "en"),
                presenting.present({**item, **more, **told, "expires_at": AT}, "sw"),
            ]
    return [*shown, presenting.present({**base, "kind": "DEPOSIT", "status": "FAILED", "reason": "MPESA_BUSY"}, "en")]


def deposit_forms() -> list[dict[str, Any]]:
    presenting = load("payment.presenting")
    from payment.errors import IdentityLimit
    from payment.limits import DepositForm
    from payment.taxes import DepositSplit

    rooms, waiting = [("deposit_day", 500, 200, AT)], {**PAYMENT, "kind": "DEPOSIT", "status": "SUBMITTED"}
    found = [
        DepositForm(100, 900, None, waiting, "254712345678", rooms, AT, DepositSplit(950, 50)),
        DepositForm(100, None, IdentityLimit("No."), None, "254712345678", [], None, None),
    ]
    return [presenting.deposit_form(form, "en") for form in found]


def withdrawal_forms() -> list[dict[str, Any]]:
    presenting = load("payment.presenting")
    from payment.errors import IdentityLimit
    from payment.limits import WithdrawalForm
    from payment.taxes import WithdrawalSplit

    waiting = {**PAYMENT, "kind": "WITHDRAWAL", "status": "HELD"}
    found = [
        WithdrawalForm(100, 900, None, waiting, "254712345678", 1_000, 900, WithdrawalSplit(900, 50, 50)),
        WithdrawalForm(100, None, IdentityLimit("No."), None, "254712345678", 1_000, 900, None),
    ]
    return [presenting.withdrawal_form(form, "en", code_needed=True) for form in found]


def notifications() -> list[dict[str, Any]]:
    door = load("notifications.handlers.graphql", TABLE_NAME="notes")
    note = {"note_id": "bet:b.1", "template": "BET_WON", "title": "t", "text": "t", "at": AT}
    shown = [door.present({**note, "status": status}) for status in ("UNREAD", "READ")]
    return [*shown, door.present({**note, "note_id": "payment:p.1", "status": "UNREAD"})]


def preferences() -> list[dict[str, Any]]:
    door = load("notifications.handlers.graphql", TABLE_NAME="notes")
    chosen = door.Preferences({"BETS": ["SMS"], "MONEY": ["EMAIL", "PUSH"]}, True, AT, {"hash": "endpoint"})
    return [door.present_preferences(found) for found in (door.Preferences(), chosen)]


def users() -> list[dict[str, Any]]:
    presenting = load("users.presenting")
    profile = {"user_id": "u", "phone_number": "+254712345678", "registered_at": AT}
    named = {"display_name": "Wanjiku", "email": "wanjiku@example.com"}
    return [
        presenting.user({**profile, "language": language, "status": status, **more}, stop)
        for language in ("en", "sw")
        for status in ("ACTIVE", "SUSPENDED", "FROZEN")
        for more, stop in ((named, None), ({}, STOPPED))
    ]


STOPPED = {
    "code": "REQUEST",
    "deadline": "2026-12-24",
    "money_held": False,
    "stopped_at": AT,
    "version": 1,
    "stopped_by": "support-1",
}
APPEALED = {**STOPPED, "money_held": True, "appeal": {"text": "why?", "at": AT}}
ANSWERED = {
    **APPEALED,
    "answer": {"outcome": "LIFTED", "text": "sorry", "by": "support-2", "at": AT},
    "ended_at": AT,
}


def account_stops() -> list[dict[str, Any]]:
    presenting = load("users.presenting")
    return [presenting.stopped(stop, language) for stop in (ANSWERED, APPEALED, STOPPED) for language in ("en", "sw")]


def appeals() -> list[dict[str, Any]]:
    return [stop["appeal"] for stop in account_stops() if stop["appeal"]]


def stop_cases() -> list[dict[str, Any]]:
    return [load("users.presenting").stop_case(stop) for stop in (ANSWERED, APPEALED, STOPPED)]


def records() -> list[dict[str, Any]]:
    presenting = load("users.presenting")
    record = {"id": "1", "kind": "CALL", "by": "OPERATOR", "why": "w", "noted_at": AT}
    return [presenting.intervention({**record, "outcome": "o", "staff_id": "s"}), presenting.intervention(record)]


def harm_marks() -> list[dict[str, Any]]:
    presenting = load("users.presenting")
    hit = {"id": "e", "mark": "CHASING", "at": AT, "deposit": True}
    return [presenting.harm_marks({"hits": [hit], "score": 3, "looked_at": AT}), presenting.harm_marks(None)]


def player_notes() -> list[dict[str, Any]]:
    return [load("users.presenting").note({"id": "1", "text": "called", "by": "support-1", "noted_at": AT})]


def protections() -> list[dict[str, Any]]:
    urls = dict.fromkeys(("WALLET_URL", "UNPROVEN_QUEUE_URL", "IDENTITY_QUEUE_URL"), "http://somewhere")
    load("users.handlers.graphql", TABLE_NAME="users", PLAYER_POOL="players", **urls)
    from users import protection
    from users.presenting import protection as present

    rooms = {"stake_day": {"name": "stake_day", "limitCents": 500, "leftCents": 200, "ends": AT}}
    session = {"minutes": 5, "stakedCents": 900, "netCents": -300, "checkDue": False}
    moment = clock.now()
    none = protection.Standing()
    chosen = protection.set_limits(none, {"stake_day": 500, "loss_week": 700}, moment)
    asked = protection.set_limits(chosen, {"stake_day": None, "loss_week": 900}, moment)
    years = protection.exclude(asked, 60, moment)
    ending = replace(years, stop=protection.Stop("EXCLUSION", AT, AT, clock.stamp(moment + timedelta(hours=1))))
    good = protection.exclude(none, None, moment)
    out = protection.take_time_out(none, 24, moment)
    listed = protection.hear_register(none, listed=True, moment=moment, cleared_for=None)
    standings = (ending, none, chosen, asked, years, good, out, listed)
    return [present({"standing": standing, "rooms": rooms, "session": session}) for standing in standings]


PRESENTED = {
    "Bet": bets,
    "SlipQuote": quotes,
    "SharedSlip": shared,
    "Market": markets,
    "Fixture": fixtures,
    "MarketResult": market_results,
    "MarketExposure": exposures,
    "Wallet": wallets,
    "Payment": payments,
    "DepositForm": deposit_forms,
    "WithdrawalForm": withdrawal_forms,
    "Notification": notifications,
    "MessagePreferences": preferences,
    "User": users,
    "AccountStop": account_stops,
    "Appeal": appeals,
    "StopCase": stop_cases,
    "Intervention": records,
    "PlayerNote": player_notes,
    "HarmMarks": harm_marks,
    "Protection": protections,
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
    pushed = {field.type for name, field in object_type(SCHEMA, "PlayerUpdate").fields.items() if name not in ADDRESS}
    assert {str(kind) for kind in pushed} | {"Market"} <= set(PRESENTED)


def test_every_status_of_the_schema_is_tried_above() -> None:
    for name, enum in {
        "Bet": "BetStatus",
        "Fixture": "FixtureStatus",
        "Market": "MarketStatus",
        "Payment": "PaymentStatus",
    }.items():
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
