"""A stage is removed in the order in which nobody loses what they still need, as far as it stands."""

from typing import Any

import pytest

from tools import remove
from tools.base.services import needs, services


class Account:
    """An account with some stacks, of which a removed one is still listed, and what was removed there in its order.

    It is CloudFormation's client. The framework is stood in for; tests/e2e/test_remove.py runs it.
    """

    def __init__(self, *stacks: str) -> None:
        self.stacks = dict.fromkeys(stacks, "CREATE_COMPLETE")
        self.removed: list[str] = []

    def remove(self, name: str, stage: str) -> int:
        assert self.stacks[f"betsafi-{name}-{stage}"] == "CREATE_COMPLETE"
        self.stacks[f"betsafi-{name}-{stage}"] = "DELETE_COMPLETE"
        self.removed.append(name)
        return 0

    def get_paginator(self, operation: str) -> "Account":
        assert operation == "list_stacks"
        return self

    def paginate(self) -> list[dict[str, Any]]:
        """Return one stack a page."""
        return [{"StackSummaries": [{"StackName": name, "StackStatus": is_}]} for name, is_ in self.stacks.items()]


def account(monkeypatch: pytest.MonkeyPatch, *stacks: str) -> Account:
    made = Account(*stacks)
    monkeypatch.setattr(remove.boto3, "client", lambda service: {"cloudformation": made}[service])
    monkeypatch.setattr(remove, "_remove", made.remove)
    return made


def test_nothing_is_removed_before_what_needs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    dev = account(monkeypatch, *(f"betsafi-{name}-dev" for name in services()))
    assert remove.main(["--stage", "dev"]) == 0
    assert sorted(dev.removed) == sorted(services())
    place = {name: number for number, name in enumerate(dev.removed)}
    assert [(name, need) for name in place for need in needs(name) if place[need] < place[name]] == []


def test_what_does_not_stand_on_the_stage_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    dev = account(monkeypatch, "betsafi-platform-dev", "betsafi-wallet-dev", "betsafi-users-dev", "betsafi-docs-other")
    dev.stacks["betsafi-users-dev"] = "DELETE_COMPLETE"
    assert remove.main(["--stage", "dev"]) == 0
    assert dev.removed == ["wallet", "platform"]
    assert remove.main(["--stage", "dev"]) == 0
    assert dev.removed == ["wallet", "platform"]
    assert dev.stacks["betsafi-docs-other"] == "CREATE_COMPLETE"


def test_what_others_still_need_stays_when_a_removal_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    dev = account(monkeypatch, "betsafi-platform-dev", "betsafi-wallet-dev")
    monkeypatch.setattr(remove, "_remove", lambda name, stage: dev.removed.append(name) or 1)
    assert remove.main(["--stage", "dev"]) == 1
    assert capsys.readouterr().err == "Not removed: wallet. Mend it, then: make remove STAGE=dev\n"
    assert dev.removed == ["wallet"]


def test_production_is_never_removed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    prod = account(monkeypatch, "betsafi-wallet-prod")
    assert remove.main(["--stage", "prod"]) == 1
    assert "prod is production" in capsys.readouterr().err
    assert prod.removed == []
