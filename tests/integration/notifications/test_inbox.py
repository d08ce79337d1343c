"""Inboxes in a real table, through the AppSync door."""

import contextlib
import importlib
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any

import pytest

from betsafi import clock
from tests.support.emulator import create_table
from tests.support.services import load, stores


class Inbox:
    """One player's inbox as the app sees it, and the store behind it."""

    def __init__(self, door: ModuleType) -> None:
        self.door = door
        self.store = door.stores
        self.user_id = str(uuid.uuid4())

    def keep(self, subject: str, *channels: str, version: int = 1) -> dict[str, Any]:
        """Keep a note in place of whatever stands; return the one that stands then."""
        fact = self.store.Fact(self.user_id, subject, version, "BET_LOST")
        earlier = self.store.find(self.user_id, subject)
        if earlier is None or earlier["version"] < version:
            assert self.store.keep_note(earlier, fact, self.outgoing(f"Text of {subject}", *channels))
        return dict(self.store.find(self.user_id, subject))

    def outgoing(self, text: str, *channels: str) -> Any:
        return self.store.Outgoing("BET_LOST", "v1", self.store.Words("Title", text), channels)

    def claimed(self, subject: str, *channels: str) -> dict[str, Any]:
        """Keep a note and take it for sending."""
        note = self.keep(subject, *channels)
        return dict(self.store.claim(self.user_id, note["note_id"], note["channel"]))

    def ask(self, kind: str, field: str, **arguments: Any) -> dict[str, Any]:
        event = {"type": kind, "field": field, "arguments": arguments, "identity": {"sub": self.user_id}}
        return dict(self.door.handler(event))

    def page(self, **arguments: Any) -> dict[str, Any]:
        return dict(self.ask("Query", "notifications", **arguments)["data"])

    def read(self, ids: Any) -> Any:
        return self.ask("Mutation", "markNotificationsRead", ids=ids)


pytestmark = pytest.mark.both_emulators


@pytest.fixture(scope="module")
def door(emulator: str) -> ModuleType:
    door = load(
        "notifications.handlers.graphql",
        TABLE_NAME=create_table(emulator, f"notifications-{uuid.uuid4()}", "notifications"),
    )
    vars(door)["stores"] = stores("notifications")
    return door


@pytest.fixture
def inbox(door: ModuleType) -> Inbox:
    return Inbox(door)


def test_a_note_kept_twice_is_the_first_one(inbox: Inbox) -> None:
    first = inbox.keep("e1")
    assert inbox.keep("e1") == first
    assert len(inbox.page()["items"]) == 1


def test_the_app_sees_what_a_notification_is(inbox: Inbox) -> None:
    note = inbox.keep("e1")
    assert inbox.page() == {
        "items": [
            {
                "id": "e1.1",
                "version": 1,
                "kind": "BET_LOST",
                "title": "Title",
                "text": "Text of e1",
                "status": "UNREAD",
                "betId": None,
                "paymentId": None,
                "createdAt": note["at"],
            }
        ],
        "cursor": None,
    }


def test_pages_go_from_the_newest_to_the_oldest_and_miss_nothing(inbox: Inbox) -> None:
    kept = [inbox.keep(f"e{n}")["note_id"] for n in range(7)]
    seen: list[str] = []
    cursor = None
    for _ in range(10):  # more pages than there are
        page = inbox.page(limit=3, cursor=cursor)
        assert len(page["items"]) <= 3
        seen += [note["id"] for note in page["items"]]
        if (cursor := page["cursor"]) is None:
            break
    assert seen == kept[::-1]


def test_unread_notes_are_found_behind_read_ones(inbox: Inbox) -> None:
    for n in range(9):
        inbox.keep(f"e{n}")
    assert inbox.read([f"e{n}.1" for n in range(2, 9)])["data"] == 7
    assert [note["id"] for note in inbox.page(limit=2, unreadOnly=True)["items"]] == ["e1.1", "e0.1"]


def test_a_long_read_past_costs_a_bounded_page_and_its_cursor_leads_on(inbox: Inbox) -> None:
    for n in range(15):
        inbox.keep(f"e{n:02}")
    inbox.read([f"e{n:02}.1" for n in range(1, 15)])
    first = inbox.page(limit=1, unreadOnly=True)
    assert first["items"] == []
    assert first["cursor"] is not None
    assert [note["id"] for note in inbox.page(limit=1, unreadOnly=True, cursor=first["cursor"])["items"]] == ["e00.1"]


def test_reading_counts_only_what_was_unread(inbox: Inbox) -> None:
    inbox.keep("e1")
    inbox.keep("e2")
    assert inbox.read(["e1.1", "e1.1", "e2.2", "no-such-note"])["data"] == 1
    assert inbox.read(["e1.1", "e2.1"])["data"] == 1
    assert inbox.page(unreadOnly=True)["items"] == []


def test_another_player_s_notes_are_neither_seen_nor_marked(inbox: Inbox, door: ModuleType) -> None:
    inbox.keep("e1")
    other = Inbox(door)
    assert other.page()["items"] == []
    assert other.read(["e1.1"])["data"] == 0
    assert len(inbox.page(unreadOnly=True)["items"]) == 1


@pytest.mark.parametrize("ids", [[], [f"e{n}" for n in range(51)]])
def test_none_or_too_many_ids_are_refused(inbox: Inbox, ids: list[str]) -> None:
    assert inbox.read(ids)["error"]["type"] == "INVALID_INPUT"


@pytest.mark.parametrize(("arguments", "code"), [({"limit": 0}, "INVALID_INPUT"), ({"cursor": "x"}, "INVALID_CURSOR")])
def test_bad_pages_are_refused(inbox: Inbox, arguments: dict[str, Any], code: str) -> None:
    assert inbox.ask("Query", "notifications", **arguments)["error"]["type"] == code


def test_another_player_s_cursor_is_refused(inbox: Inbox, door: ModuleType) -> None:
    inbox.keep("e1")
    inbox.keep("e2")
    cursor = inbox.page(limit=1)["cursor"]
    assert Inbox(door).ask("Query", "notifications", cursor=cursor)["error"]["type"] == "INVALID_CURSOR"


def test_a_newer_note_takes_the_place_of_an_older_one_unread(inbox: Inbox) -> None:
    inbox.keep("e1")
    inbox.keep("e2")
    inbox.read(["e1.1"])
    inbox.keep("e1", version=2)
    assert [(note["id"], note["status"]) for note in inbox.page()["items"]] == [("e1.2", "UNREAD"), ("e2.1", "UNREAD")]
    assert inbox.read(["e1.1"])["data"] == 0
    assert inbox.read(["e1.2"])["data"] == 1
    assert inbox.page()["items"][0]["version"] == 2


def test_a_note_is_kept_only_in_place_of_the_one_that_was_seen(inbox: Inbox) -> None:
    seen = inbox.keep("e1")
    inbox.keep("e1", version=3)
    for earlier in (None, seen):
        fact = inbox.store.Fact(inbox.user_id, "e1", 2, "BET_LOST")
        assert inbox.store.keep_note(earlier, fact, inbox.outgoing("Late")) is None
    assert inbox.keep("e1")["version"] == 3


def test_a_message_about_an_older_note_marks_no_newer_one(inbox: Inbox) -> None:
    older = inbox.claimed("e1", "SMS")
    inbox.keep("e1", "SMS", version=2)
    inbox.store.mark_sent(older)
    assert inbox.keep("e1")["delivery"] == "PENDING"
    assert inbox.store.claim(inbox.user_id, "e1.1", "SMS") is None


def test_how_a_delivery_ended_is_recorded_once(inbox: Inbox) -> None:
    note = inbox.claimed("e1", "SMS")
    inbox.store.mark_untaken(note, "OptedOut")
    inbox.store.mark_sent(note)
    kept = inbox.keep("e1")
    assert (kept["delivery"], kept["failure"]) == ("FAILED", "OptedOut")


def test_reading_a_note_does_not_stop_its_delivery(inbox: Inbox) -> None:
    note = inbox.claimed("e1", "SMS")
    inbox.read(["e1.1"])
    inbox.store.mark_sent(note)
    kept = inbox.keep("e1")
    assert (kept["delivery"], kept["status"]) == ("SENT", "READ")


def test_marking_a_note_that_is_gone_is_an_error(inbox: Inbox) -> None:
    ghost = {"pk": f"USER#{inbox.user_id}", "sk": "NOTE#gone", "note_id": "gone.1", "claimed_until": "now"}
    with pytest.raises(inbox.store.ConditionFailed):
        inbox.store.mark_sent(ghost)


def test_the_inbox_of_who_was_erased_is_empty_and_others_stay(inbox: Inbox, door: ModuleType) -> None:
    other = Inbox(door)
    other.keep("e1")
    for n in range(101):
        inbox.keep(f"e{n}")
    assert inbox.store.forget(inbox.user_id) == 101
    assert inbox.store.forget(inbox.user_id) == 0
    assert (inbox.page()["items"], len(other.page()["items"])) == ([], 1)


def test_a_note_is_sent_by_one_function_at_a_time(inbox: Inbox) -> None:
    note = inbox.claimed("e1", "PUSH", "SMS")
    with pytest.raises(inbox.store.Busy):
        inbox.store.claim(inbox.user_id, "e1.1", "PUSH")
    assert inbox.store.claim(inbox.user_id, "e1.1", "SMS") is None, "it is not that channel's turn"
    inbox.store.give_back(note)
    again = inbox.store.claim(inbox.user_id, "e1.1", "PUSH")
    inbox.store.mark_untaken(again, "EndpointDisabled")
    kept = inbox.keep("e1")
    assert (kept["channel"], kept["left"], kept["delivery"]) == ("SMS", [], "PENDING")


def test_who_took_a_note_and_died_loses_it(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    first = inbox.claimed("e1", "SMS")
    monkeypatch.setattr("notifications.stores.inbox.clock.now", lambda: datetime.now(UTC) + timedelta(seconds=61))
    second = inbox.store.claim(inbox.user_id, "e1.1", "SMS")
    inbox.store.mark_untaken(first, "late")
    assert inbox.keep("e1")["delivery"] == "SENDING"
    inbox.store.mark_sent(second)
    assert inbox.keep("e1")["delivery"] == "SENT"


def test_a_report_finds_its_note_and_counts_once(inbox: Inbox) -> None:
    carrier_id = f"ATXid_{uuid.uuid4()}"
    assert not inbox.store.reported(carrier_id, True, "")
    inbox.store.mark_sent(inbox.claimed("e1", "SMS"), carrier_id)
    assert inbox.keep("e1")["delivery"] == "SENT"
    assert inbox.store.reported(carrier_id, True, "")
    assert inbox.keep("e1")["delivery"] == "DELIVERED"
    assert inbox.store.reported(carrier_id, False, "Failed")
    assert inbox.keep("e1")["delivery"] == "DELIVERED"


def test_a_message_that_did_not_arrive_is_the_next_channel_s(inbox: Inbox) -> None:
    carrier_id = f"ATXid_{uuid.uuid4()}"
    inbox.store.mark_sent(inbox.claimed("e1", "SMS", "EMAIL"), carrier_id)
    assert inbox.store.reported(carrier_id, False, "UserIsInactive")
    kept = inbox.keep("e1")
    assert (kept["channel"], kept["delivery"], kept["failure"]) == ("EMAIL", "PENDING", "UserIsInactive")
    assert inbox.store.reported(carrier_id, False, "UserIsInactive")
    assert inbox.keep("e1")["channel"] == "EMAIL"


def test_a_report_of_a_note_that_another_replaced_changes_nothing(inbox: Inbox) -> None:
    carrier_id = f"ATXid_{uuid.uuid4()}"
    inbox.store.mark_sent(inbox.claimed("e1", "SMS"), carrier_id)
    newer = inbox.keep("e1", "SMS", version=2)
    assert inbox.store.reported(carrier_id, False, "Failed")
    assert inbox.keep("e1") == newer


def test_a_day_has_room_for_so_many_and_a_repeat_takes_none(inbox: Inbox) -> None:
    taken = [inbox.store.take(inbox.user_id, "BETS", note, 2) for note in ("a.1", "a.1", "b.1", "c.1", "a.1", "b.1")]
    assert taken == [True, True, True, False, True, True]
    assert inbox.store.take(inbox.user_id, "REMINDERS", "c.1", 1)


def test_choices_devices_and_protection_are_beside_the_inbox_and_not_in_it(inbox: Inbox) -> None:
    note = inbox.keep("e1")
    inbox.store.choose(inbox.user_id, {"BETS": ["SMS"]}, True)
    inbox.store.add_endpoint(inbox.user_id, "hash", "arn:endpoint")
    assert inbox.store.keep_protection(inbox.user_id, 2, "9999-12-31T00:00:00.000000Z")
    assert not inbox.store.keep_protection(inbox.user_id, 1, "")
    standing = inbox.store.standing(inbox.user_id, "e1")
    assert (standing.note, standing.stopped) == (note, True)
    assert (standing.preferences.channels, standing.preferences.offers) == ({"BETS": ["SMS"]}, True)
    assert standing.preferences.endpoints == {"hash": "arn:endpoint"}
    assert len(inbox.page()["items"]) == 1


@pytest.mark.concurrent
def test_one_token_that_many_players_register_at_once_is_one_player_s(inbox: Inbox) -> None:
    players, hashed = [str(uuid.uuid4()) for _ in range(6)], uuid.uuid4().hex

    def register(user_id: str) -> None:
        for _ in range(50):
            with contextlib.suppress(inbox.store.Contention):
                inbox.store.add_endpoint(user_id, hashed, "arn:endpoint")
                return
        raise AssertionError("never registered")

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(register, players))
    having = [user_id for user_id in players if inbox.store.preferences(user_id).endpoints]
    assert len(having) == 1


# -- how many are unread, and all at once


def unread(inbox: Inbox) -> int:
    return int(inbox.ask("Query", "unreadNotifications")["data"])


def read_all(inbox: Inbox) -> int:
    return int(inbox.ask("Mutation", "markAllNotificationsRead")["data"])


def test_a_note_leads_to_the_bet_or_the_payment_that_it_is_about(inbox: Inbox) -> None:
    for subject in ("bet:b-1", "payment:p-1", "limit:stake_day", "status"):
        inbox.keep(subject)
    assert [(note["betId"], note["paymentId"]) for note in inbox.page()["items"]] == [
        (None, None), (None, None), (None, "p-1"), ("b-1", None),
    ]  # fmt: skip


def test_unread_notes_are_counted_and_all_marked_and_new_ones_counted_again(inbox: Inbox, door: ModuleType) -> None:
    assert (unread(inbox), read_all(inbox), unread(inbox)) == (0, 0, 0)
    for n in range(5):
        inbox.keep(f"e{n}")
    inbox.read(["e1.1"])
    assert unread(inbox) == 4
    assert (read_all(inbox), unread(inbox)) == (0, 0)
    assert {note["status"] for note in inbox.page()["items"]} == {"READ"}
    inbox.keep("e1", version=2)
    inbox.keep("new")
    assert unread(inbox) == 2
    assert unread(Inbox(door)) == 0


def test_notes_that_were_read_long_ago_are_not_looked_at_again(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    now = clock.now
    for n in range(6):
        inbox.keep(f"old{n}")
    monkeypatch.setattr(clock, "now", lambda: now() + timedelta(hours=1))
    assert read_all(inbox) == 0
    inbox.keep("new")
    read, get_many = [], inbox.store.table.get_many
    monkeypatch.setattr(inbox.store.table, "get_many", lambda keys: read.extend(keys) or get_many(keys))
    assert unread(inbox) == 1
    assert {key[1] for key in read} == {"NOTE#old5", "NOTE#new"}


def test_a_note_that_is_written_late_is_unread(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was made before those that were marked meanwhile."""
    moment = clock.now()
    inbox.keep("e1")
    assert read_all(inbox) == 0
    monkeypatch.setattr(clock, "now", lambda: moment)
    inbox.keep("late")
    monkeypatch.undo()
    assert unread(inbox) == 1
    assert (read_all(inbox), unread(inbox)) == (0, 0)


def test_more_notes_than_one_call_marks_are_marked_by_the_next(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    now, stores = clock.now, importlib.import_module("notifications.stores.inbox")
    for n in range(7):
        inbox.keep(f"e{n}")
    monkeypatch.setattr(clock, "now", lambda: now() + timedelta(hours=1))
    monkeypatch.setattr(stores, "_PAGES", 2)
    query = inbox.store.table.query
    monkeypatch.setattr(inbox.store.table, "query", lambda *args, **options: query(*args, **{**options, "limit": 3}))
    read_all(inbox)
    monkeypatch.undo()
    assert unread(inbox) == 1
    assert (read_all(inbox), unread(inbox)) == (0, 0)
