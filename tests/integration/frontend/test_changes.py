"""changesSince on a real table: what was missed, in order, once; and cursors of others, of nobody and of long ago."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest

from betsafi import clock
from tests.support.emulator import create_table
from tests.support.services import load, stores

pytestmark = pytest.mark.both_emulators


@pytest.fixture(scope="module")
def door(emulator: str) -> ModuleType:
    found = load("frontend.handlers.graphql", TABLE_NAME=create_table(emulator, f"log-{uuid.uuid4()}", "frontend-api"))
    vars(found)["stores"] = stores("frontend")
    return found


class Player:
    """Somebody whose things change, and what they ask."""

    def __init__(self, door: ModuleType) -> None:
        self.door, self.store, self.id = door, door.stores, str(uuid.uuid4())

    def changes(self, *updates: list[str]) -> int:
        """Note updates about things like "BET b"; return the newest number."""
        things = [[self.store.Thing(*each.split(" ")) for each in update] for update in updates]
        return int(self.store.append(self.id, things).last)

    def answer(self, **arguments: Any) -> dict[str, Any]:
        event = {"type": "Query", "field": "changesSince", "arguments": arguments, "identity": {"sub": self.id}}
        return dict(self.door.handler(event))

    def ask(self, cursor: str | None = None, **arguments: Any) -> dict[str, Any]:
        return dict(self.answer(cursor=cursor, **arguments)["data"])

    def refusal(self, cursor: Any) -> str:
        return str(self.answer(cursor=cursor)["error"]["type"])

    def kept(self) -> list[dict[str, Any]]:
        return list(self.store.kept(self.id, None).items)


@pytest.fixture
def player(door: ModuleType) -> Player:
    return Player(door)


def shown(answer: dict[str, Any]) -> list[tuple[int, str, str]]:
    return [(each["sequence"], each["kind"], each["id"]) for each in answer["changes"]]


def test_what_was_missed_comes_in_order_each_thing_once_across_all_services(player: Player) -> None:
    begin = player.ask()["cursor"]
    player.changes(["BET b1", "WALLET"], ["PAYMENT p1"], ["NOTIFICATION b1.2", "BET b1", "WALLET"], ["BET b2"])
    answer = player.ask(begin)
    assert shown(answer) == [
        (2, "PAYMENT", "p1"),
        (3, "NOTIFICATION", "b1.2"),
        (3, "BET", "b1"),
        (3, "WALLET", player.id),
        (4, "BET", "b2"),
    ]
    assert [each["id"] for each in answer["bets"]] == ["b1", "b2"]
    assert [[each["id"] for each in answer[field]] for field in ("payments", "notifications")] == [["p1"], ["b1.2"]]
    assert answer["wallet"]
    assert (answer["more"], answer["sequence"]) == (False, 4)
    nothing = player.ask(answer["cursor"])
    assert (nothing["changes"], nothing["bets"], nothing["wallet"]) == ([], [], None)
    assert nothing["cursor"] == answer["cursor"]


def test_pages_neither_miss_nor_repeat_anything_while_more_happens(player: Player) -> None:
    cursor = player.ask()["cursor"]
    player.changes(*([f"BET b{n}", "WALLET"] for n in range(12)))
    seen: list[str] = []
    for turn in range(20):
        answer = player.ask(cursor, limit=3)
        assert len({each["sequence"] for each in answer["changes"]}) <= 3
        assert all(each["sequence"] <= answer["sequence"] for each in answer["changes"])
        seen += [each["id"] for each in answer["bets"]]
        cursor = answer["cursor"]
        if turn == 1:
            player.changes(["BET b0"], ["BET later"])
        if not answer["more"]:
            break
    assert seen == [*(f"b{n}" for n in range(12)), "b0", "later"]


def test_an_update_carries_the_cursor_to_what_follows_it(player: Player) -> None:
    second = player.door.cursor_at(2, player.id, player.door.logs.LOG_ID)
    player.changes(["BET b1"], ["BET b2"], ["BET b3"])
    assert [each["id"] for each in player.ask(second)["bets"]] == ["b3"]


def test_without_a_cursor_there_is_nothing_but_where_to_begin_and_nothing_is_written(player: Player) -> None:
    answer = player.ask()
    assert (answer["changes"], answer["more"]) == ([], False)
    assert player.kept() == []
    player.changes(["BET b"])
    assert [each["id"] for each in player.ask(answer["cursor"])["bets"]] == ["b"]


def test_a_cursor_that_is_too_old_says_so_and_where_to_go_on(player: Player, monkeypatch: pytest.MonkeyPatch) -> None:
    old = player.ask()["cursor"]
    player.changes(*([f"BET b{n}"] for n in range(40)))
    later = clock.now() + timedelta(hours=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    player.changes(["WALLET"])
    error = player.answer(cursor=old)["error"]
    assert error["type"] == "CURSOR_EXPIRED"
    assert player.ask(error["info"]["cursor"])["changes"] == []
    player.changes(["BET new"])
    assert [each["id"] for each in player.ask(error["info"]["cursor"])["bets"]] == ["new"]


def test_a_cursor_of_another_of_the_future_of_another_log_and_a_broken_one_are_refused_and_write_nothing(
    player: Player, door: ModuleType
) -> None:
    other = Player(door)
    other.changes(["BET b"])
    player.changes(["BET b"])
    before = player.kept()
    future = door.cursor_at(2, player.id, door.logs.LOG_ID)
    restored = door.cursor_at(1, player.id, "betsafi-frontend-api-dev-restored")
    bets = "eyJwayI6eyJTIjoiVVNFUiN4In19"
    for cursor in (other.ask()["cursor"], future, restored, bets, "", "x" * 500, 7, ["a"]):
        assert player.refusal(cursor) == "INVALID_CURSOR", cursor
    for limit in (0, 21 * 5, -1, "many"):
        assert player.answer(limit=limit)["error"]["type"] == "INVALID_INPUT"
    assert player.kept() == before


def test_nobody_but_a_player_asks(door: ModuleType) -> None:
    for identity in ({}, {"role": "arn:aws:sts::000000000000:assumed-role/consumer/session"}):
        event = {"type": "Query", "field": "changesSince", "arguments": {}, "identity": identity}
        assert door.handler(event)["error"]["type"] == "FORBIDDEN"


def test_what_is_kept_of_a_player_is_exported(player: Player) -> None:
    player.changes(["BET b"])
    (item,) = player.door.exported(player.id, None).items
    assert (item["pk"], item["last"]) == (f"USER#{player.id}", 1)


@pytest.mark.concurrent
def test_racing_writers_take_no_number_twice_and_leave_no_hole(player: Player) -> None:
    """Whoever loses has seen another's write, of which there are fewer than tries."""
    writers, times = 4, 6
    assert (writers - 1) * times < player.store.TRIES

    def note(writer: int) -> list[int]:
        taken = []
        for n in range(times):
            last = player.changes([f"BET {writer}-{n}"], ["WALLET"])
            taken += [last - 1, last]
        return taken

    with ThreadPoolExecutor(writers) as pool:
        taken = [number for numbers in pool.map(note, range(writers)) for number in numbers]
    assert sorted(taken) == list(range(1, 2 * writers * times + 1))
    begin = player.door.cursor_at(0, player.id, player.door.logs.LOG_ID)
    seen: list[tuple[int, str, str]] = []
    for _ in range(20):
        answer = player.ask(begin)
        seen += shown(answer)
        begin = answer["cursor"]
        if not answer["more"]:
            break
    assert len(seen) == writers * times + 1
    assert len({(kind, thing) for _, kind, thing in seen}) == writers * times + 1
