"""The soak's plan and ledger."""

import os
import subprocess
import threading
from pathlib import Path

import pytest

from tests import soak
from tests.soak import Ledger, Part, code_hash, next_part, parts, report

FAST, SLOW = Part("fast, quiet", ("true",), 2), Part("slow, busy", ("false",), 1, burners=2)


def test_the_whole_proof_is_planned() -> None:
    planned = {(part.name.split(",")[0], part.burners): part.wanted for part in parts(2)}
    for burners in (0, 2):
        assert {planned[name, burners] for name in ("integration", "browser", "e2e")} == {5}
        assert {planned[name, burners] for name in ("held callback", "storm")} == {40}
    assert planned["journey at a load above 10", 12] == 10
    assert planned["journey at a load above 25", 27] == 2
    assert len({part.name for part in parts(2)}) == len(parts(2))


def test_counts_add_up_from_slice_to_slice_and_belong_to_one_state_of_the_code(tmp_path: Path) -> None:
    file = tmp_path / "kept" / "ledger.json"
    Ledger(file, "a").add(FAST, None)
    Ledger(file, "a").add(SLOW, "its.log")
    assert (Ledger(file, "a").counts(FAST), Ledger(file, "a").counts(SLOW)) == ((1, []), (0, ["its.log"]))
    assert Ledger(file, "b").left(FAST) == 2


def test_the_next_is_what_is_left_of_the_kind_that_is_asked_for(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.json", "a")
    assert next_part([FAST, SLOW], ledger, None) == FAST
    assert next_part([FAST, SLOW], ledger, "busy") == SLOW
    ledger.add(SLOW, "its.log")
    assert next_part([FAST, SLOW], ledger, "busy") is None
    assert "slow, busy                     0 passed   1 failed    0 left\n    its.log" in report([FAST, SLOW], ledger)


def test_what_documents_say_does_not_change_the_hash_and_code_does_there_too(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    (tmp_path / "code.py").write_text("1")
    (tmp_path / "README.md").write_text("One:\n\n```python\n1\n```\n")
    subprocess.run(["git", "add", "."], cwd=tmp_path, check=True)
    before = code_hash(tmp_path)
    (tmp_path / "README.md").write_text("Two:\n\n```python\n1\n```\n\nSee below.\n")
    (tmp_path / "notes.txt").write_text("not tracked")
    assert code_hash(tmp_path) == before
    (tmp_path / "README.md").write_text("Two:\n\n```python\n2\n```\n\nSee below.\n")
    in_a_document = code_hash(tmp_path)
    assert in_a_document != before
    (tmp_path / "code.py").write_text("2")
    assert code_hash(tmp_path) not in (before, in_a_document)


def test_a_quiet_run_does_not_begin_beside_others(monkeypatch, tmp_path: Path, capsys) -> None:
    monkeypatch.setattr(soak, "LEDGER", tmp_path / "ledger.json")
    monkeypatch.setattr(soak, "SETTLE_SECONDS", 0)
    monkeypatch.setattr(soak, "parts", lambda cores: [FAST])
    monkeypatch.setattr(soak, "used_share", lambda: 0.99)
    assert soak.slice_(1, None) == 0
    assert "Something else is running (99% of the cores)" in capsys.readouterr().out
    assert Ledger(tmp_path / "ledger.json", code_hash()).left(FAST) == 2


def test_busy_runs_are_side_by_side_and_never_a_part_beside_itself(monkeypatch, tmp_path: Path) -> None:
    """Each of the two waits until the other runs too."""
    running: list[str] = []
    beside: set[tuple[str, ...]] = set()
    met = threading.Barrier(2)

    def run(part: Part, log: Path) -> bool:
        running.append(part.name)
        met.wait(60)
        beside.add(tuple(sorted(running)))
        met.wait(60)
        running.remove(part.name)
        log.touch()
        return True

    busy = [Part(name, ("true",), 3, burners=1) for name in ("a", "b")]
    monkeypatch.setattr(soak, "LEDGER", tmp_path / "ledger.json")
    monkeypatch.setattr(soak, "code_hash", lambda: "a")
    monkeypatch.setattr(soak, "parts", lambda cores: busy)
    monkeypatch.setattr(soak.os, "cpu_count", lambda: 1)
    monkeypatch.setattr(soak, "run", run)
    assert soak.slice_(1, None) == 0
    assert beside == {("a", "b")}
    assert [Ledger(tmp_path / "ledger.json", "a").left(part) for part in busy] == [0, 0]


def test_a_failure_keeps_its_log_and_fails_the_slice(monkeypatch, tmp_path: Path, capsys) -> None:
    monkeypatch.setattr(soak, "ROOT", tmp_path)
    monkeypatch.setattr(soak, "LEDGER", tmp_path / "soak" / "ledger.json")
    monkeypatch.setattr(soak, "code_hash", lambda: "a")
    monkeypatch.setattr(soak, "parts", lambda cores: [Part("says, busy", ("ls", "/nowhere"), 1, burners=1)])
    assert soak.slice_(1, None) == 1
    (log,) = (tmp_path / "soak").glob("*.log")
    assert "/nowhere" in log.read_text()
    assert "1 failed    0 left" in capsys.readouterr().out


def test_the_share_that_is_used_is_neither_idle_nor_waiting() -> None:
    before = "cpu  100 0 50 1000 20 0 5 0 7 0\ncpu0 1 1 1 1\n"
    assert soak.share_between(before, "cpu  130 0 60 1050 30 0 5 0 7 0\n") == pytest.approx(0.4)
    assert soak.share_between(before, "cpu  100 0 50 1100 20 0 5 0 7 0\n") == 0


def test_what_others_use_of_the_cores_is_seen_at_once() -> None:
    with soak.Burners() as burners:
        burners.keep(os.cpu_count() or 1)
        assert soak.wait_until(lambda: soak.used_share(0.5) > soak.QUIET_SHARE, 60)
