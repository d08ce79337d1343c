"""The callback API exactly as payment/callbacks.js declares it: from an HTTP request to the message in the queue."""

import json
import subprocess
import urllib.error
import urllib.request
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from payment import callbacks
from tests.support.emulator import aws
from tests.support.waiting import PATIENCE_SECONDS, wait_for

FOLDER = Path(__file__).parents[3] / "payment"
PRINT = """
const here = {callbackDomain: 'pay.example.co.ke', callbackCertificateArn: 'arn', ...JSON.parse(process.argv[1])};
require('./callbacks.js')({
  resolveConfigurationProperty: async () => here,
  resolveVariable: async () => 'test',
}).then(({Resources}) => console.log(JSON.stringify(Resources)))
"""


def resources_of(**here: Any) -> dict[str, Any]:
    command = ["node", "-e", PRINT, json.dumps(here)]
    output = subprocess.run(command, cwd=FOLDER, check=True, capture_output=True, timeout=PATIENCE_SECONDS).stdout
    resources: dict[str, Any] = json.loads(output)
    return resources


@pytest.fixture(scope="module")
def declared() -> dict[str, Any]:
    return resources_of()


@pytest.fixture(scope="module")
def api(emulator: str, declared: dict[str, Any]) -> SimpleNamespace:
    sqs, gateway = aws("sqs", emulator), aws("apigateway", emulator)
    queue_url = sqs.create_queue(QueueName="payment-callbacks")["QueueUrl"]
    rest_id = gateway.create_rest_api(name="callbacks")["id"]
    parent = gateway.get_resources(restApiId=rest_id)["items"][0]["id"]
    for name in ("CallbackRoot", "CallbackDoor", "CallbackPayment", "CallbackPath"):
        part = declared[name]["Properties"]["PathPart"]
        parent = gateway.create_resource(restApiId=rest_id, parentId=parent, pathPart=part)["id"]
    where = {"restApiId": rest_id, "resourceId": parent, "httpMethod": "POST"}
    integration = declared["CallbackPost"]["Properties"]["Integration"]
    gateway.put_method(**where, authorizationType="NONE")
    gateway.put_integration(
        **where,
        type="AWS",
        integrationHttpMethod="POST",
        uri="arn:aws:apigateway:eu-west-1:sqs:path/000000000000/payment-callbacks",
        requestTemplates=integration["RequestTemplates"],
        passthroughBehavior=integration["PassthroughBehavior"],
    )
    for response in integration["IntegrationResponses"]:
        pattern = {"selectionPattern": response["SelectionPattern"]} if "SelectionPattern" in response else {}
        gateway.put_method_response(**where, statusCode=response["StatusCode"])
        gateway.put_integration_response(
            **where, statusCode=response["StatusCode"], responseTemplates=response["ResponseTemplates"], **pattern
        )
    gateway.create_deployment(restApiId=rest_id, stageName="test")
    url = f"{emulator}/_aws/execute-api/{rest_id}/test"
    return SimpleNamespace(url=url, sqs=sqs, queue_url=queue_url)


def post(api: SimpleNamespace, body: bytes, content_type: str, path: str = "/cb/s/an-id/0f0f") -> tuple[int, bytes]:
    request = urllib.request.Request(api.url + path, body, {"Content-Type": content_type}, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def received(api: SimpleNamespace) -> dict[str, str]:
    (message,) = wait_for(lambda: api.sqs.receive_message(QueueUrl=api.queue_url).get("Messages"), "message")
    api.sqs.delete_message(QueueUrl=api.queue_url, ReceiptHandle=message["ReceiptHandle"])
    body: dict[str, str] = json.loads(message["Body"])
    return body


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
    api: SimpleNamespace, body: str, content_type: str
) -> None:
    status, answer = post(api, body.encode(), content_type)
    assert (status, json.loads(answer)) == (200, {"ResultCode": 0, "ResultDesc": "Accepted"})
    delivery = callbacks.delivery(received(api))
    assert (delivery.kind, delivery.payment_id, delivery.signature, delivery.body) == ("s", "an-id", "0f0f", body)


def test_rule_11_odd_path_parameters_cannot_break_out_of_their_field(api: SimpleNamespace) -> None:
    post(api, b"{}", "application/json", "/cb/q/%22%2C%22hmac%22%3A%22x/%26Action%3DDeleteQueue")
    delivery = callbacks.delivery(received(api))
    assert (delivery.kind, delivery.body) == ("q", "{}")


@pytest.mark.parametrize("path", ["/cb", "/cb/s", "/cb/s/an-id", "/other/s/an-id/0f"])
def test_other_paths_are_not_there(api: SimpleNamespace, path: str) -> None:
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
