"""A statement says what there was after each entry: what the ledger says, on every page, whoever writes meanwhile."""

import csv
import importlib
import io
import uuid
from datetime import timedelta
from random import Random
from types import ModuleType
from typing import Any

import pytest

from betsafi import clock
from betsafi.cursors import cursor_to, place_of
from betsafi.money import money_out
from tests.support.bet import load_wallet
from tests.support.hours import from_noon

pytestmark = pytest.mark.both_emulators


@pytest.fixture(scope="module")
def store(emulator: str) -> ModuleType:
    return load_wallet(emulator)


@pytest.fixture
def user(store: ModuleType, monkeypatch: pytest.MonkeyPatch) -> str:
    """A player with KES 950.00, at an hour at which no day ends."""
    from_noon(monkeypatch)
    user_id = str(uuid.uuid4())
    store.deposit(user_id, f"deposit-{user_id}", 100_000, 95_000, 5_000)
    return user_id


def page(user: str, **arguments: Any) -> dict[str, Any]:
    """Return a page of a player's statement, as the app gets it."""
    door = importlib.import_module("wallet.handlers.graphql")
    asked = {"type": "Query", "field": "walletEntries", "identity": {"sub": user}, "arguments": arguments}
    return dict(door.handler(asked)["data"])


def after(entry: dict[str, Any]) -> tuple[str, ...] | None:
    """Return what an entry says was available, held and owed after it; None where it does not."""
    shown = [entry[name] for name in ("availableAfter", "heldAfter", "owedAfter")]
    return None if None in shown else tuple(each["amount"] for each in shown)


def by_the_ledger(store: ModuleType, user: str) -> dict[str, tuple[str, ...]]:
    """Return the sums of all entries up to each, in the statement's order."""
    from wallet.rules import ledger

    sums, found = {"available": 0, "held": 0, "receivable": 0}, {}
    for item in store.table.query_all(f"USER#{user}", index="by_time"):
        for part, cents in ledger.balance_changes(user, item["postings"]).items():
            sums[part] += cents
        cents = (sums["available"], sums["held"], -sums["receivable"])
        found[item["entry_id"]] = tuple(money_out(each)["amount"] for each in cents)
    return found


def play(store: ModuleType, user: str, chance: Random, times: int) -> None:
    """Let things happen on an account, some of which leave a debt or a hold that was cancelled before it came."""
    for _ in range(times):
        bet = str(uuid.uuid4())
        what = chance.randrange(6)
        if what == 0:
            store.deposit(user, bet, 2_000, 1_900, 100)
        elif what == 1:
            store.release(user, bet, "cancelled before it came")
        elif store.get_account(user)["receivable"] or store.get_account(user)["available"] < 100:
            store.deposit(user, bet, 100_000, 95_000, 5_000)
        else:
            store.place_hold(user, bet, "BET", chance.randrange(1, 100))
            if what > 2:
                store.settle(user, bet, 1, chance.randrange(0, 5_000))
            if what > 4:
                store.place_hold(user, f"{bet}-all", "WITHDRAWAL", store.get_account(user)["available"])
                store.reopen(user, bet, 2)


def pages(user: str, limit: int, **arguments: Any) -> list[dict[str, Any]]:
    found, cursor = [], None
    for _ in range(100):  # more pages than there are
        part = page(user, limit=limit, cursor=cursor, **arguments)
        found += part["items"]
        if (cursor := part["cursor"]) is None:
            break
    return found


@pytest.mark.parametrize("minutes", [0, 20])
@pytest.mark.parametrize("limit", [1, 3, 100])
def test_each_entry_says_what_there_was_after_it(
    store: ModuleType, user: str, monkeypatch: pytest.MonkeyPatch, limit: int, minutes: int
) -> None:
    """Whether it is young, so that the next page looks anew, or the cursor carries what there was."""
    play(store, user, Random(limit), 12)
    truth, now = by_the_ledger(store, user), clock.now
    monkeypatch.setattr(clock, "now", lambda: now() + timedelta(minutes=minutes))
    shown = pages(user, limit)
    assert {entry["id"]: after(entry) for entry in shown} == {entry["id"]: truth[entry["id"]] for entry in shown}
    assert len(shown) > 12
    account = store.get_account(user)
    assert shown[0]["availableAfter"] == money_out(account["available"])
    assert shown[-1]["kind"] == "DEPOSIT"


def test_what_is_left_out_of_a_page_counts_in_its_balances(store: ModuleType, user: str) -> None:
    play(store, user, Random(7), 10)
    truth = by_the_ledger(store, user)
    middle = pages(user, 100)[5]["at"]
    for asked in ({"kinds": ["DEPOSIT"]}, {"to": middle}, {"to": middle, "kinds": ["DEPOSIT"]}, {"from": middle}):
        found = pages(user, 2, **asked)
        assert found
        assert [after(entry) for entry in found] == [truth[entry["id"]] for entry in found]


def test_an_entry_that_is_written_late_changes_every_page_after_it_was_written(
    store: ModuleType, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its moment lies before entries that a page showed already, and behind where that page ended."""
    moment = clock.now()
    for n in range(3):
        store.place_hold(user, f"{user}-{n}", "BET", 100)
    cursor = page(user, limit=1)["cursor"]
    monkeypatch.setattr(clock, "now", lambda: moment)
    store.deposit(user, f"late-{user}", 2_000, 1_900, 100)
    monkeypatch.undo()
    store.place_hold(user, f"{user}-new", "BET", 100)
    truth = by_the_ledger(store, user)
    rest = page(user, limit=10, cursor=cursor)["items"]
    assert [entry["id"] for entry in rest][2] == f"late-{user}"
    assert [after(entry) for entry in rest] == [truth[entry["id"]] for entry in rest]


def test_an_entry_that_comes_while_a_page_is_read_is_on_it_or_not_in_its_balances(
    store: ModuleType, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, came = store.table.query_wanted, []

    def meanwhile(*args: Any, **options: Any) -> Any:
        if not came:
            came.append(store.place_hold(user, f"{user}-new", "BET", 100))
        return read(*args, **options)

    monkeypatch.setattr(store.table, "query_wanted", meanwhile)
    found = page(user)["items"]
    assert [(entry["kind"], after(entry)) for entry in found] == [
        ("HOLD", ("949.00", "1.00", "0.00")),
        ("DEPOSIT", ("950.00", "0.00", "0.00")),
    ]


def test_what_is_too_far_back_says_no_balance(store: ModuleType, user: str, monkeypatch: pytest.MonkeyPatch) -> None:
    reading = importlib.import_module("wallet.stores.reading")
    until = clock.stamp()
    for n in range(3):
        store.place_hold(user, f"{user}-{n}", "BET", 100)
    monkeypatch.setattr(reading, "_MOST_BETWEEN", 3)
    assert [after(entry) for entry in page(user, to=until)["items"]] == [("950.00", "0.00", "0.00")]
    monkeypatch.setattr(reading, "_MOST_BETWEEN", 2)
    assert [after(entry) for entry in page(user, to=until)["items"]] == [None]
    assert None not in [after(entry) for entry in page(user)["items"]]


def test_the_csv_says_what_there_was_after_each_entry_too(
    store: ModuleType, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    play(store, user, Random(3), 12)
    today = f"{clock.now().astimezone(clock.NAIROBI):%Y-%m-%d}"
    by_page = {entry["id"]: after(entry) for entry in pages(user, 100)}

    def rows() -> list[dict[str, str]]:
        arguments = {"from": today, "to": today}
        asked = {"type": "Query", "field": "walletStatement", "identity": {"sub": user}, "arguments": arguments}
        door = importlib.import_module("wallet.handlers.graphql")
        return list(csv.DictReader(io.StringIO(door.handler(asked)["data"])))

    def balances() -> dict[str, tuple[str, ...]]:
        return {row["id"]: (row["availableAfter"], row["heldAfter"], row["owedAfter"]) for row in rows()}

    assert balances() == by_page
    read, came = store.table.query_all, []

    def meanwhile(*args: Any, **options: Any) -> Any:
        if not came:
            came.append(store.deposit(user, f"{user}-meanwhile", 2_000, 1_900, 100))
        return read(*args, **options)

    monkeypatch.setattr(store.table, "query_all", meanwhile)
    seen = balances()
    assert f"{user}-meanwhile" in seen
    assert seen == {entry["id"]: after(entry) for entry in pages(user, 100)}
    assert [row["time"] for row in rows()] == sorted(row["time"] for row in rows())


@pytest.mark.parametrize("written", ["between its pages", "at each look"])
def test_the_csv_of_an_account_that_is_written_all_the_while_agrees_to_the_cent(
    store: ModuleType, monkeypatch: pytest.MonkeyPatch, written: str
) -> None:
    from wallet.rules import ledger, statement
    from wallet.stores import reading

    user, now = str(uuid.uuid4()), clock.now
    monkeypatch.setattr(clock, "now", lambda: now() - timedelta(hours=1))
    store.deposit(user, f"deposit-{user}", 100_000, 95_000, 5_000)
    for n in range(105):  # more than a page
        store.place_hold(user, f"{user}-{n}", "BET", 100 + n)
    monkeypatch.setattr(clock, "now", now)
    store.place_hold(user, f"{user}-young", "BET", 1)
    read, came = store.table.query, []

    def meanwhile(*args: Any, **options: Any) -> Any:
        found = read(*args, **options)
        if options.get("index") and (written == "at each look" or options.get("ending_at")):
            came.append(store.settle(user, f"{user}-{len(came)}", 1, 77))
        return found

    today = f"{clock.now().astimezone(clock.NAIROBI):%Y-%m-%d}"
    _, until = statement.period(today, today)
    with monkeypatch.context() as patched:
        patched.setattr(store.table, "query", meanwhile)
        found = reading.with_balances(user, clock.stamp(now() - timedelta(hours=2)), until)
    sums = ledger.Balances(0, 0, 0)
    for item in found:
        changes = ledger.balance_changes(user, item["postings"])
        sums = ledger.Balances(*(cents + changes[part] for part, cents in sums._asdict().items()))
        assert item["after"] == sums
    assert (len(came) > 1, len(found) >= 107) == (True, True)


def test_a_statement_has_an_end(store: ModuleType, user: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from wallet.stores import reading

    store.deposit(user, f"another-{user}", 100_000, 95_000, 5_000)
    today = f"{clock.now().astimezone(clock.NAIROBI):%Y-%m-%d}"
    asked = {"type": "Query", "field": "walletStatement", "identity": {"sub": user}}
    asked["arguments"] = {"from": today, "to": today}
    door = importlib.import_module("wallet.handlers.graphql")
    monkeypatch.setattr(reading, "MOST_ENTRIES", 2)
    assert len(door.handler(asked)["data"].splitlines()) == 3
    monkeypatch.setattr(reading, "MOST_ENTRIES", 1)
    refused = door.handler(asked)["error"]
    assert (refused["type"], refused["info"]) == ("STATEMENT_TOO_LONG", {"most": 1})


def test_a_cursor_that_was_altered_is_refused_and_tells_no_id(store: ModuleType, user: str) -> None:
    store.place_hold(user, f"{user}-new", "BET", 100)
    cursor = page(user, limit=1)["cursor"]
    assert user not in cursor
    door = importlib.import_module("wallet.handlers.graphql")
    place = place_of(cursor, f"entries {user}", 4)
    forged = [cursor_to([*place[:3], balances], f"entries {user}") for balances in ("1", "1 2 x", "1 2 3 4")]
    for altered in (cursor[:-1], f"{cursor}0", f"{'B' if cursor[0] == 'A' else 'A'}{cursor[1:]}", *forged):
        asked = {"type": "Query", "field": "walletEntries", "identity": {"sub": user}, "arguments": {"cursor": altered}}
        assert door.handler(asked)["error"]["type"] == "INVALID_CURSOR"


def test_a_page_of_nobody_s_wallet_is_empty(store: ModuleType) -> None:
    assert page(str(uuid.uuid4())) == {"items": [], "cursor": None}


def test_an_entry_leads_to_the_bet_or_the_payment_that_it_belongs_to(store: ModuleType, user: str) -> None:
    store.place_hold(user, f"bet-{user}", "BET", 100)
    store.settle(user, f"bet-{user}", 1, 200)
    store.place_hold(user, f"withdrawal-{user}", "WITHDRAWAL", 100)
    store.place_hold(user, f"reversal-{user}", "REVERSAL", 100)
    store.grant_bonus(user, f"bonus-{user}", 100, "welcome")
    receipt = f"R{uuid.uuid4().hex[:9]}"
    store.post_system(importlib.import_module("wallet.rules.ledger").suspense_in(receipt, 1_000))
    store.assign_suspense(receipt, user, 950, 50, f"payment-{user}")
    assert [(entry["kind"], entry["betId"], entry["paymentId"]) for entry in page(user)["items"]] == [
        ("ASSIGNMENT", None, f"payment-{user}"),
        ("BONUS", None, None),
        ("HOLD", None, None),
        ("HOLD", None, f"withdrawal-{user}"),
        ("SETTLEMENT", f"bet-{user}", None),
        ("HOLD", f"bet-{user}", None),
        ("DEPOSIT", None, f"deposit-{user}"),
    ]
