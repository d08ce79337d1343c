"""The functions behind the proxy of the fault tests, as its users find them."""

from pathlib import Path
from typing import Any

import pytest

from localcloud.base.addresses import Addresses
from localcloud.cloud.running import Cloud
from tests.e2e import faults
from tests.e2e.faults import Proxy, routed

WALLET = "betsafi-wallet-local-api"


class Functions:
    """The emulator's functions; `done` is what was done to them, in order."""

    def __init__(self) -> None:
        self.variables = {"AWS_ENDPOINT_URL": "plain"}
        self.done: list[str] = []

    def get_function_configuration(self, *, FunctionName: str) -> dict[str, Any]:
        assert FunctionName == WALLET
        return {"Environment": {"Variables": self.variables}}

    def update_function_configuration(self, *, FunctionName: str, Environment: dict[str, dict[str, str]]) -> None:
        assert FunctionName == WALLET
        self.done.append(Environment["Variables"]["AWS_ENDPOINT_URL"])


def test_what_services_call_of_each_other_has_started_before_anybody_asks_and_again_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Users waits for the wallet for 2 s, thrice; on a busy machine that is less than three starts of it."""
    functions = Functions()
    monkeypatch.setattr(faults, "aws", lambda service, addresses: functions)
    monkeypatch.setattr(faults, "wake", lambda addresses: functions.done.append("woken"))
    monkeypatch.setattr(faults, "kill_workers", lambda function, owner: functions.done.append("killed"))
    with routed(Cloud(Addresses(4566), tmp_path), Proxy("proxied"), ["wallet-api"], {}):
        assert functions.done == ["proxied", "woken"]
    assert functions.done == ["proxied", "woken", "killed", "plain", "woken"]
