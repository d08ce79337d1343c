"""A finding that nobody accepted fails, and so does an acceptance of nothing."""

import sys
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from tools import audit
from tools.audit import Finding

FOUND = [Finding("CKV_1", "wallet:Table", "a table"), Finding("CKV_2", "bet:ApiStage", "a stage")]
ACCEPTED: dict[str, dict[str, Any]] = {
    "CKV_1": {"reason": "because", "where": ["wallet:Table"]},
    "CKV_2": {"reason": "because", "where": ["*:*Stage"]},
}


def test_what_is_on_the_list_passes() -> None:
    assert audit.compare(FOUND, ACCEPTED) == []


@pytest.mark.parametrize(
    ("found", "accepted", "problem"),
    [
        ([*FOUND, Finding("CKV_3", "bet:Queue", "a queue")], ACCEPTED, "CKV_3 at bet:Queue: a queue"),
        ([*FOUND, Finding("CKV_1", "bet:Table", "a table")], ACCEPTED, "CKV_1 at bet:Table: a table"),
        (FOUND[:1], ACCEPTED, "CKV_2 is accepted at *:*Stage, where nothing is found any more: take it off the list"),
        (FOUND, {**ACCEPTED, "CKV_1": {"where": ["wallet:Table"]}}, "CKV_1 is accepted without a reason"),
        (
            FOUND,
            {**ACCEPTED, "CKV_1": {"where": ["wallet:Table"], "reason": " "}},
            "CKV_1 is accepted without a reason",
        ),
    ],
)
def test_what_is_new_or_stale_or_unexplained_fails(found: Any, accepted: Any, problem: str) -> None:
    assert audit.compare(found, accepted) == [problem]


def test_a_report_is_read_by_service_and_logical_name() -> None:
    failed = {"check_id": "CKV_1", "file_path": "/dev/wallet.json", "resource": "AWS::DynamoDB::Table.Table"}
    failed["check_name"] = "a table"
    part = {"results": {"failed_checks": [failed, failed]}, "summary": {"parsing_errors": 0}}
    assert audit.findings(part) == audit.findings([part]) == FOUND[:1]


@pytest.mark.parametrize("report", [[], {"passed": 0}, {"results": {}, "summary": {"parsing_errors": 1}}])
def test_a_report_of_what_could_not_be_read_is_no_clean_one(report: Any) -> None:
    with pytest.raises(ValueError, match="could not read"):
        audit.findings(report)


def test_where_the_project_lies_is_nothing_to_audit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """checkov keeps a template's path beside its values, and takes forty letters and slashes for a secret."""
    checkov, folder = tmp_path / "checkov", tmp_path / "dev"
    folder.mkdir()
    (folder / "wallet.json").write_text("{}")
    checkov.write_text(
        f"""#!{sys.executable}
import json, pathlib, sys
named = [argument for argument in sys.argv if argument.endswith(".json")]
failed = [
    {{"check_id": "CKV_1", "file_path": "/wallet.json", "resource": "Table", "check_name": name}}
    for name in named
    if pathlib.Path(name).exists()
]
print(json.dumps({{"results": {{"failed_checks": failed}}, "summary": {{"parsing_errors": 0}}}}))
"""
    )
    checkov.chmod(0o755)
    monkeypatch.setattr(audit, "CHECKOV", checkov)
    assert audit.audit([folder / "wallet.json"]) == [Finding("CKV_1", "wallet:Table", "wallet.json")]


def test_the_list_has_a_reason_for_everything() -> None:
    accepted = yaml.safe_load(audit.ACCEPTED.read_text())
    assert [check for check, line in accepted.items() if len(line["reason"]) < 30 or not line["where"]] == []
