"""The run against Safaricom's sandbox, here against the fake: by environment variables and nothing else."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from localcloud.daraja import create_app
from tests.support import daraja as fakes
from tests.support.daraja import Merchant
from tests.support.serving import serve
from tools.daraja_sandbox import run

KEYS = {"DARAJA_CONSUMER_KEY": "local-consumer-key", "DARAJA_CONSUMER_SECRET": "local-consumer-secret"}
Sandbox = Callable[..., tuple[int, list[str]]]

merchant_server, merchant = fakes.merchant_server, fakes.merchant


@pytest.fixture(autouse=True)
def product_of_its_own() -> Iterator[None]:
    """The payment package is imported anew under the run's settings, and what was there before is put back."""

    def ours(name: str) -> bool:
        return name == "payment" or name.startswith("payment.")

    environ, modules = dict(os.environ), {name: module for name, module in sys.modules.items() if ours(name)}
    for name in modules:
        del sys.modules[name]
    yield
    for name in [name for name in sys.modules if ours(name)]:
        del sys.modules[name]
    sys.modules.update(modules)
    os.environ.clear()
    os.environ.update(environ)


@pytest.fixture
def fake() -> Iterator[str]:
    with serve(
        create_app(auto_approve=True, approve_delay_s=0.3, b2c_delay_s=0, check_security_credential=True)
    ) as url:
        yield url


@pytest.fixture
def sandbox(fake: str, merchant: Merchant) -> Sandbox:
    def go(**more: str) -> tuple[int, list[str]]:
        said: list[str] = []
        phone = {"DARAJA_PHONE": "254712345678", "DARAJA_URL": fake, "DARAJA_CALLBACK_URL": merchant.url}
        return run({**KEYS, **phone, **more}, said.append, pause_s=0.1, patience_s=10), said

    return go


def books(fake: str) -> Any:
    return requests.get(f"{fake}/_fake/books", timeout=60).json()


def test_without_its_variables_it_says_so_and_sends_nothing() -> None:
    said: list[str] = []
    assert run({}, said.append) == 0
    assert len(said) == 1
    assert "set DARAJA_CONSUMER_KEY and DARAJA_CONSUMER_SECRET" in said[0]
    assert "payment" not in sys.modules


def test_push_and_query_with_the_product_s_client(sandbox: Sandbox, fake: str) -> None:
    code, said = sandbox()
    assert code == 0
    assert said[0] == "push   HTTP 200 ResponseCode 0: ACCEPTED"
    assert "query  HTTP 200 ResultCode 4999: PENDING PENDING" in said
    assert said[-2] == "query  HTTP 200 ResultCode 0: PAID PAID"
    assert said[-1] == "B2C    not sent: it needs DARAJA_INITIATOR_PASSWORD and DARAJA_CERTIFICATE"
    assert books(fake)["totals"]["stkReceived"] == "1.00"
    asked = requests.get(f"{fake}/_fake/requests?path=/oauth/v1/generate", timeout=60).json()["requests"]
    assert len(asked) == 1  # one token for all of it


def test_a_payout_with_a_sealed_password(sandbox: Sandbox, fake: str, merchant: Merchant, tmp_path: Path) -> None:
    certificate = tmp_path / "SandBoxCertificate.cer"
    certificate.write_bytes(requests.get(f"{fake}/_fake/certificate", timeout=60).content)
    code, said = sandbox(DARAJA_INITIATOR_PASSWORD="Local#Initiator1", DARAJA_CERTIFICATE=str(certificate))
    assert code == 0
    assert said[-1] == f"B2C    HTTP 200 ResponseCode 0: ACCEPTED; the result goes to {merchant.url}"
    assert books(fake)["totals"]["b2cPaid"] == "10.00"


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"DARAJA_PASSKEY": "wrong"}, "push   HTTP 500 errorCode 500.001.1001: REFUSED"),
        ({"DARAJA_CONSUMER_SECRET": "wrong"}, "push   HTTP 400 (no JSON): REFUSED CONFIGURATION"),
        ({"DARAJA_URL": "http://127.0.0.1:9"}, "push   no answer: BUSY"),
    ],
)
def test_what_goes_wrong_is_a_line_and_an_exit_code(sandbox: Sandbox, change: dict[str, str], line: str) -> None:
    code, said = sandbox(**change)
    assert code == 1
    assert said[0].startswith(line)


def test_a_prompt_nobody_answers_is_understood(sandbox: Sandbox, fake: str) -> None:
    rule = {"match": {"kind": "stk"}, "script": {"result_code": 1037, "delay_s": 0}}
    requests.post(f"{fake}/_fake/scripts", json=rule, timeout=60)
    code, said = sandbox()
    assert code == 0
    assert said[-2] == "query  HTTP 200 ResultCode 1037: FAILED NO_ANSWER"


def test_a_certificate_that_is_none_stops_it_before_anything_is_sent(
    sandbox: Sandbox, fake: str, tmp_path: Path
) -> None:
    (tmp_path / "x.cer").write_text("<html>")
    code, said = sandbox(DARAJA_INITIATOR_PASSWORD="a", DARAJA_CERTIFICATE=str(tmp_path / "x.cer"))
    assert (code, said) == (1, ["This file is no X.509 certificate, neither PEM nor DER."])
    assert requests.get(f"{fake}/_fake/requests", timeout=60).json()["requests"] == []
