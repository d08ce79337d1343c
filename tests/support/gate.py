"""A provider's gate as its file declares it (`shared/serverless/gate.js`), on the emulator: from a post to a queue."""

import json
import subprocess
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.support.emulator import aws
from tests.support.serverless import ROOT
from tests.support.waiting import PATIENCE_SECONDS, wait_for

_PRINT = """
require(process.argv[1])({
  resolveConfigurationProperty: async () => JSON.parse(process.argv[2]),
  resolveVariable: async () => 'test',
}).then(({Resources}) => console.log(JSON.stringify(Resources)))
"""


def declared(file: str, **here: Any) -> dict[str, Any]:
    """Return the resources of a gate's file, under these settings of a stage."""
    command = ["node", "-e", _PRINT, str(ROOT / file), json.dumps(here)]
    output = subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE_SECONDS).stdout
    resources: dict[str, Any] = json.loads(output)
    return resources


@dataclass(frozen=True)
class Gate:
    """A gate that runs."""

    url: str
    queue_url: str
    sqs: Any

    def post(self, path: str, body: bytes, content_type: str) -> tuple[int, bytes]:
        """Post as the provider does; return the status and the body of the answer."""
        request = urllib.request.Request(self.url + path, body, {"Content-Type": content_type}, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def received(self) -> dict[str, str]:
        """Take the one message out of the queue."""
        (message,) = wait_for(lambda: self.sqs.receive_message(QueueUrl=self.queue_url).get("Messages"), "message")
        self.sqs.delete_message(QueueUrl=self.queue_url, ReceiptHandle=message["ReceiptHandle"])
        body: dict[str, str] = json.loads(message["Body"])
        return body


def run(emulator: str, resources: dict[str, Any], paths: Sequence[str], method: str, queue: str) -> Gate:
    """Build a gate on the emulator: the declared `paths` below each other, and the declared method on the last."""
    sqs, gateway = aws("sqs", emulator), aws("apigateway", emulator)
    queue_url = sqs.create_queue(QueueName=queue)["QueueUrl"]
    rest_id = gateway.create_rest_api(name=queue)["id"]
    parent = gateway.get_resources(restApiId=rest_id)["items"][0]["id"]
    for name in paths:
        part = resources[name]["Properties"]["PathPart"]
        parent = gateway.create_resource(restApiId=rest_id, parentId=parent, pathPart=part)["id"]
    where = {"restApiId": rest_id, "resourceId": parent, "httpMethod": "POST"}
    integration = resources[method]["Properties"]["Integration"]
    gateway.put_method(**where, authorizationType="NONE")
    gateway.put_integration(
        **where,
        type="AWS",
        integrationHttpMethod="POST",
        uri=f"arn:aws:apigateway:eu-west-1:sqs:path/000000000000/{queue}",
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
    return Gate(f"{emulator}/_aws/execute-api/{rest_id}/test", queue_url, sqs)
