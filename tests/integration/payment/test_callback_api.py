"""The callback API exactly as payment/callbacks.js declares it: from an HTTP request to the message in the queue."""

import json
from typing import Any

import pytest

from payment import callbacks
from tests.support import gate
from tests.support.gate import Gate

HERE = {"callbackDomain": "pay.example.co.ke", "callbackCertificateArn": "arn", "sourceAddresses": ""}


def resources_of(**here: Any) -> dict[str, Any]:
    return gate.declared("payment/callbacks.js", **{**HERE, **here})


@pytest.fixture(scope="module")
def declared() -> dict[str, Any]:
    return resources_of()


@pytest.fixture(scope="module")
def api(emulator: str, declared: dict[str, Any]) -> Gate:
    paths = ("CallbackRoot", "CallbackDoor", "CallbackPayment", "CallbackPath")
    return gate.run(emulator, declared, paths, "CallbackPost", "payment-callbacks")


def post(api: Gate, body: bytes, content_type: str, path: str = "/cb/s/an-id/0f0f") -> tuple[int, bytes]:
    return api.post(path, body, content_type)


BODIES = [
    '{"Body":{"stkCallback":{"ResultDesc":"it\'s \\"done\\" & paid = 100% + más ₭ 😀"}}}',
    "<html>Incapsula</html>",
    "a=b&c=d%20e",
    "\x00\x01\x0b",
    "",
    "$input.body #set($x = 1) ${x} \\u0041",
    "x" * 50_000,
]


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
@pytest.mark.parametrize(
    "content_type", ["application/json;charset=UTF-8", "text/plain", "application/x-www-form-urlencoded"]
)
def test_rule_11_any_body_is_acknowledged_and_queued_before_code_of_ours_runs(
    api: Gate, body: str, content_type: str
) -> None:
    status, answer = post(api, body.encode(), content_type)
    assert (status, json.loads(answer)) == (200, {"ResultCode": 0, "ResultDesc": "Accepted"})
    delivery = callbacks.delivery(api.received())
    assert (delivery.kind, delivery.payment_id, delivery.signature, delivery.body) == ("s", "an-id", "0f0f", body)


def test_rule_11_odd_path_parameters_cannot_break_out_of_their_field(api: Gate) -> None:
    post(api, b"{}", "application/json", "/cb/q/%22%2C%22hmac%22%3A%22x/%26Action%3DDeleteQueue")
    delivery = callbacks.delivery(api.received())
    assert (delivery.kind, delivery.body) == ("q", "{}")


@pytest.mark.parametrize("path", ["/cb", "/cb/s", "/cb/s/an-id", "/other/s/an-id/0f"])
def test_other_paths_are_not_there(api: Gate, path: str) -> None:
    assert post(api, b"{}", "application/json", path)[0] in (403, 404)


def test_rule_11_nothing_stands_between_the_request_and_the_queue(declared: dict[str, Any]) -> None:
    method = declared["CallbackPost"]["Properties"]
    assert method["AuthorizationType"] == "NONE"
    assert "sqs:path" in method["Integration"]["Uri"]["Fn::Sub"]
    assert {"application/json", "text/plain", "application/x-www-form-urlencoded"} <= set(
        method["Integration"]["RequestTemplates"]
    )
    assert method["Integration"]["PassthroughBehavior"] == "NEVER"
    assert "$context.identity.sourceIp" in method["Integration"]["RequestTemplates"]["text/plain"]
    assert declared["CallbackApi"]["Properties"]["DisableExecuteApiEndpoint"] is True
    assert declared["CallbackDomain"]["Properties"]["DomainName"] == "pay.example.co.ke"


def test_rule_24_where_strangers_are_refused_they_do_not_use_up_m_pesa_s_share_of_requests() -> None:
    there = resources_of(refuseUnknownSources=True, sourceAddresses="196.201.214.200,196.201.214.206")
    (allowed,) = there["CallbackApi"]["Properties"]["Policy"]["Statement"]
    assert allowed["Effect"] == "Allow"
    assert allowed["Condition"] == {"IpAddress": {"aws:SourceIp": ["196.201.214.200", "196.201.214.206"]}}
    assert "Policy" not in resources_of(refuseUnknownSources=False, sourceAddresses="")["CallbackApi"]["Properties"]
