"""What two people decide: on a real table, because two of them may act at the same moment."""

import uuid
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from betsafi import approval, clock, people
from betsafi.approval import Agreement
from betsafi.audit import Act
from betsafi.dynamodb import ConditionFailed, Item, Table
from betsafi.errors import Conflict, Forbidden, NotFound
from betsafi.people import Staff
from tests.support.emulator import create_table

PAY, KEEP = {"outcome": "PAY"}, {"outcome": "KEEP"}
NOW, LATER = {"version": 1}, {"version": 2}


@pytest.fixture(scope="module")
def table(emulator: str) -> Table:
    return Table(create_table(emulator, f"approval-{uuid.uuid4()}", "wallet"))


@pytest.fixture
def pk() -> str:
    return f"THING#{uuid.uuid4()}"


def act(pk: str, person: str, decision: Item = PAY, plays: str = "", groups: Collection[str] = (), **more: Any) -> Act:
    staff = Staff(person, plays, frozenset(groups))
    return Act("pay", pk, staff, f"{person} saw it", decision, **{"user_id": "player", **more})


def decide(table: Table, pk: str, person: str, decision: Item = PAY, seen: Item = NOW, **more: Any) -> Agreement | None:
    return approval.decide(table, act(pk, person, decision, **more), seen)


def acts(table: Table, pk: str) -> list[tuple[str, str, list[str]]]:
    """What the trail has about something, in order."""
    items = [item for item in table.scan() if item["sk"] == "AUDIT" and item["subject"] == pk]
    items.sort(key=lambda item: str(item["acted_at"]))
    return [(item["staff_id"], item["outcome"], item["decided_by"]) for item in items]


@pytest.mark.both_emulators
def test_a_second_person_who_says_the_same_decides_with_the_first(table: Table, pk: str) -> None:
    assert decide(table, pk, "ann") is None
    agreed = decide(table, pk, "ben")
    assert agreed is not None
    assert agreed.named == {"decided_by": ["ann", "ben"], "decided_because": ["ann saw it", "ben saw it"]}
    table.transact(*agreed.writes({"paid": False}, {"paid": True}))
    assert acts(table, pk) == [("ann", "PROPOSED", ["ann"]), ("ben", "DONE", ["ann", "ben"])]


def test_a_proposal_counts_while_who_made_it_may_do_what_they_could_then(
    table: Table, pk: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    approval.decide(table, act(pk, "ann", groups={"support", "admin"}), NOW)
    for left in ((), ("admin",), ("support", "trader")):
        monkeypatch.setattr(people, "find_staff", lambda who, left=left: Staff(who, groups=frozenset(left)))
        with pytest.raises(Conflict, match="may not any more"):
            decide(table, pk, "ben")
    approval.refuse(table, act(pk, "ben"))
    assert decide(table, pk, "ben") is None
    monkeypatch.setattr(people, "find_staff", lambda who: Staff(who, "plays-now"))
    agreed = decide(table, pk, "eve")
    assert agreed is not None
    assert agreed.staff == (Staff("ben", "plays-now"), Staff("eve"))


def test_a_proposal_is_carried_out_once_whoever_approves_it(table: Table, pk: str) -> None:
    decide(table, pk, "ann")
    first, second = decide(table, pk, "ben"), decide(table, pk, "eve")
    assert first is not None
    assert second is not None
    table.transact(*first.writes({}, {}))
    with pytest.raises(ConditionFailed):
        table.transact(*second.writes({}, {}))
    assert [outcome for _, outcome, _ in acts(table, pk)] == ["PROPOSED", "DONE"]


def test_nobody_agrees_with_themselves(table: Table, pk: str) -> None:
    for _ in range(3):
        assert decide(table, pk, "ann") is None
    assert acts(table, pk) == [("ann", "PROPOSED", ["ann"])]


@pytest.mark.parametrize(
    ("first", "second"),
    [(("ann", "p-1"), ("other-ann", "p-1")), (("ann", ""), ("eve", "ann")), (("ann", "eve"), ("eve", ""))],
)
def test_one_person_under_two_names_is_one_person(
    table: Table, pk: str, first: tuple[str, str], second: tuple[str, str]
) -> None:
    assert decide(table, pk, first[0], plays=first[1]) is None
    assert decide(table, pk, second[0], plays=second[1]) is None


@pytest.mark.parametrize(("person", "plays"), [("player", ""), ("ann", "player")])
def test_nobody_decides_about_what_is_their_own(table: Table, pk: str, person: str, plays: str) -> None:
    decide(table, pk, "ben")
    before = list(table.scan())
    for amount in (0, 1):
        with pytest.raises(Forbidden):
            approval.decide(table, act(pk, person, plays=plays, cents=amount), NOW, alone_below=100)
    with pytest.raises(Forbidden):
        approval.alone(act(pk, person, plays=plays))
    assert list(table.scan()) == before


@pytest.mark.both_emulators
def test_one_person_is_enough_below_the_sum_and_once_for_each_player(table: Table) -> None:
    player, other = str(uuid.uuid4()), str(uuid.uuid4())

    def give(person: str, cents: int, user_id: str = player) -> Agreement | None:
        given = act(f"THING#{uuid.uuid4()}", person, user_id=user_id, cents=cents)
        agreed = approval.decide(table, given, NOW, alone_below=100)
        if agreed:
            table.transact(*agreed.writes({}, {}))
        return agreed

    assert give("ann", 100) is None
    first = give("ann", 99)
    assert first is not None
    assert (first.people, first.approved_by) == (("ann",), None)
    assert give("ann", 1) is None
    assert give("ann", 1, other) is not None
    assert give("ben", 1) is not None


@pytest.mark.concurrent
def test_many_small_ones_at_once_are_one(table: Table) -> None:
    player = str(uuid.uuid4())

    def give(number: int) -> bool:
        agreed = approval.decide(table, act(f"THING#{player}-{number}", "ann", user_id=player, cents=1), NOW, 100)
        if agreed is None:
            return False
        try:
            table.transact(*agreed.writes({}, {}))
        except ConditionFailed:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(give, range(6)))
    done = [item for item in table.scan() if item["sk"] == "AUDIT" and item["user_id"] == player]
    assert [act["outcome"] for act in done].count("DONE") == 1


def test_one_may_think_again_and_another_may_not_contradict(table: Table, pk: str) -> None:
    decide(table, pk, "ann")
    with pytest.raises(Conflict):
        decide(table, pk, "ben", KEEP)
    assert decide(table, pk, "ann", KEEP) is None
    assert decide(table, pk, "ben", KEEP) is not None


@pytest.mark.both_emulators
def test_what_is_refused_is_not_carried_out_and_may_be_proposed_anew(table: Table, pk: str) -> None:
    with pytest.raises(NotFound):
        approval.refuse(table, act(pk, "eve"))
    decide(table, pk, "ann")
    late = decide(table, pk, "ben")
    approval.refuse(table, act(pk, "eve"))
    assert late is not None
    with pytest.raises(ConditionFailed):
        table.transact(*late.writes({}, {}))
    with pytest.raises(NotFound):
        approval.refuse(table, act(pk, "eve"))
    standing = approval.find(table, pk)
    assert standing is not None
    assert approval.status(standing) == "REFUSED"
    assert [outcome for _, outcome, _ in acts(table, pk)] == ["PROPOSED", "REFUSED"]
    assert decide(table, pk, "ben", KEEP) is None
    approval.refuse(table, act(pk, "ben"))  # one's own


def test_a_proposal_about_what_stands_no_more_is_replaced(table: Table, pk: str) -> None:
    decide(table, pk, "ann")
    assert decide(table, pk, "ben", PAY, LATER) is None
    agreed = decide(table, pk, "ann", PAY, LATER)
    assert agreed is not None
    assert agreed.people == ("ben", "ann")


@pytest.mark.parametrize(("hours", "stands"), [(23.9, True), (24.1, False)])
def test_a_proposal_stands_for_a_day(
    table: Table, pk: str, monkeypatch: pytest.MonkeyPatch, hours: float, stands: bool
) -> None:
    decide(table, pk, "ann")
    moment = clock.now() + timedelta(hours=hours)
    monkeypatch.setattr(clock, "now", lambda: moment)
    standing = approval.find(table, pk)
    assert standing is not None
    assert approval.status(standing) == ("PROPOSED" if stands else "EXPIRED")
    assert (decide(table, pk, "ben") is not None) is stands


def test_of_people_who_propose_otherwise_at_once_one_is_heard(table: Table, pk: str) -> None:
    def propose(number: int) -> str:
        try:
            return "kept" if decide(table, pk, f"person-{number}", {"choice": number}) is None else "agreed"
        except Conflict:
            return "conflict"

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(propose, range(6))) == ["conflict"] * 5 + ["kept"]
    assert [outcome for _, outcome, _ in acts(table, pk)] == ["PROPOSED"]


@pytest.mark.both_emulators
def test_what_waits_for_a_second_person_is_listed_newest_first_until_it_ends_or_a_day_is_over(
    emulator: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = Table(create_table(emulator, f"approval-{uuid.uuid4()}", "bet"))
    real = clock.now

    def listed() -> list[str]:
        first = approval.waiting(table, 1, None)
        rest = approval.waiting(table, 10, first.cursor).items if first.cursor else []
        return [item["pk"] for item in [*first.items, *rest]]

    for n, pk in enumerate(("THING#old", "THING#done", "THING#refused", "THING#stands")):
        monkeypatch.setattr(clock, "now", lambda n=n: real() - timedelta(days=1, minutes=30) + timedelta(hours=n))
        assert decide(table, pk, "ann") is None
    monkeypatch.setattr(clock, "now", real)
    assert listed() == ["THING#stands", "THING#refused", "THING#done"]
    agreed = decide(table, "THING#done", "ben")
    assert agreed is not None
    table.transact(*agreed.writes({}, {}))
    approval.refuse(table, act("THING#refused", "ben"))
    assert listed() == ["THING#stands"]
    assert approval.decide(table, act("THING#alone", "ann"), NOW, alone_below=1) is not None
    assert decide(table, "THING#old", "ben") is None
    assert listed() == ["THING#old", "THING#stands"]
