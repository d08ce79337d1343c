"""What two people decide: on a real table, because two of them may act at the same moment."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from betsafi import approval, clock
from betsafi.dynamodb import Table
from betsafi.errors import Conflict
from tests.support.emulator import create_table

PAY, KEEP = {"action": "PAY"}, {"action": "KEEP"}
NOW, LATER = {"version": 1}, {"version": 2}


@pytest.fixture(scope="module")
def table(emulator: str) -> Table:
    return Table(create_table(emulator, f"approval-{uuid.uuid4()}", by_time=True))


@pytest.fixture
def pk() -> str:
    return f"THING#{uuid.uuid4()}"


def test_a_second_person_who_says_the_same_gets_the_proposal(table: Table, pk: str) -> None:
    assert approval.propose(table, pk, PAY, NOW, "ann", "seen in the portal") is None
    first = approval.propose(table, pk, PAY, NOW, "ben")
    assert first is not None
    assert (first["proposed_by"], first["note"]) == ("ann", "seen in the portal")


def test_nobody_agrees_with_themselves(table: Table, pk: str) -> None:
    for _ in range(3):
        assert approval.propose(table, pk, PAY, NOW, "ann") is None


def test_one_may_think_again_and_another_may_not_contradict(table: Table, pk: str) -> None:
    approval.propose(table, pk, PAY, NOW, "ann")
    with pytest.raises(Conflict):
        approval.propose(table, pk, KEEP, NOW, "ben")
    assert approval.propose(table, pk, KEEP, NOW, "ann") is None
    assert approval.propose(table, pk, KEEP, NOW, "ben") is not None


def test_a_proposal_about_what_stands_no_more_is_replaced(table: Table, pk: str) -> None:
    approval.propose(table, pk, PAY, NOW, "ann")
    assert approval.propose(table, pk, PAY, LATER, "ben") is None
    first = approval.propose(table, pk, PAY, LATER, "ann")
    assert first is not None
    assert first["proposed_by"] == "ben"


@pytest.mark.parametrize(("hours", "stands"), [(23.9, True), (24.1, False)])
def test_a_proposal_stands_for_a_day(
    table: Table, pk: str, monkeypatch: pytest.MonkeyPatch, hours: float, stands: bool
) -> None:
    approval.propose(table, pk, PAY, NOW, "ann")
    moment = clock.now() + timedelta(hours=hours)
    monkeypatch.setattr(clock, "now", lambda: moment)
    assert (approval.propose(table, pk, PAY, NOW, "ben") is not None) is stands


def test_of_people_who_propose_otherwise_at_once_one_is_heard(table: Table, pk: str) -> None:
    def propose(number: int) -> str:
        try:
            return (
                "kept" if approval.propose(table, pk, {"choice": number}, NOW, f"person-{number}") is None else "agreed"
            )
        except Conflict:
            return "conflict"

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(propose, range(6))) == ["conflict"] * 5 + ["kept"]
