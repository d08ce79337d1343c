"""The local cloud is ready when the services answer each other."""

import io
import json
import subprocess
import sys
from typing import Any

import pytest

from localcloud import redeploy
from localcloud.base.addresses import Addresses
from localcloud.cloud import deploying
from localcloud.cloud.starting import CannotStart
from tests.support.emulator import free_addresses

NAMES = ("betsafi-wallet-local-api", "betsafi-wallet-local-graphql", "betsafi-users-local-api")


class Functions:
    """The emulator's functions, as boto3 gives them; `answers` by name instead of a refusal of an unknown operation."""

    def __init__(self, answers: dict[str, dict[str, Any]] | None = None) -> None:
        self.answers = answers or {}
        self.invoked: list[str] = []

    def get_paginator(self, operation: str) -> Any:
        assert operation == "list_functions"
        return self

    def paginate(self) -> list[dict[str, Any]]:
        return [{"Functions": [{"FunctionName": name}]} for name in NAMES]

    def invoke(self, *, FunctionName: str, Payload: str) -> dict[str, Any]:
        assert json.loads(Payload) == {"routeKey": "GET /"}
        self.invoked.append(FunctionName)
        answer = self.answers.get(FunctionName, {"statusCode": 404})
        error = {"FunctionError": "Unhandled"} if "errorType" in answer else {}
        return {"Payload": io.BytesIO(json.dumps(answer).encode()), **error}


def woken(functions: Functions, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setattr(deploying, "aws", lambda service, addresses: functions)
    deploying.wake(Addresses(4566))
    return functions.invoked


def test_what_services_call_of_each_other_has_started(monkeypatch: pytest.MonkeyPatch) -> None:
    assert woken(Functions(), monkeypatch) == ["betsafi-users-local-api", "betsafi-wallet-local-api"]


@pytest.mark.parametrize("answer", [{"errorType": "ImportError"}, {"statusCode": 500}])
def test_a_function_that_does_not_start_ends_the_start(answer: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CannotStart, match=r"betsafi-wallet-local-api does not start: .*(ImportError|500)"):
        woken(Functions({"betsafi-wallet-local-api": answer}), monkeypatch)


@pytest.mark.parametrize(
    ("answers", "deploying_ends", "ends", "calls"),
    [
        ({}, 0, 0, ["betsafi-users-local-api", "betsafi-wallet-local-api"]),
        ({"betsafi-users-local-api": {"statusCode": 500}}, 0, 1, ["betsafi-users-local-api"]),
        ({}, 3, 3, []),
    ],
    ids=["deployed", "does not start", "not deployed"],
)
def test_what_is_deployed_anew_into_a_running_cloud_has_started_when_that_ends(
    answers: dict[str, dict[str, Any]],
    deploying_ends: int,
    ends: int,
    calls: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    functions, addresses = Functions(answers), free_addresses()
    monkeypatch.setattr(deploying, "aws", lambda service, addresses: functions)
    monkeypatch.setattr(Addresses, "busy", lambda self: self.ports)

    def deploy(command: list[str], **_: Any) -> "subprocess.CompletedProcess[str]":
        assert command[:2] == ["sls", "deploy"]
        assert functions.invoked == []
        return subprocess.CompletedProcess(command, deploying_ends)

    monkeypatch.setattr(subprocess, "run", deploy)
    monkeypatch.setattr(sys, "argv", ["redeploy", "wallet", "--port", str(addresses.port)])
    assert (redeploy.main(), functions.invoked) == (ends, calls)
    assert ("does not start" in capsys.readouterr().out) is bool(answers)
