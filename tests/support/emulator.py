"""An AWS emulator of a test session's own, on a free loopback port, and tables as the services' templates make them."""

import json
import os
import random
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

from betsafi.dynamodb import Item, unmarshal
from localcloud.base.addresses import Addresses
from localcloud.cloud import emulator_process
from tests.support.serverless import Shape, table_request
from tests.support.waiting import PATIENCE_SECONDS, eventually

MOTO = "https://dynamodb.eu-west-1.amazonaws.com"
"""What moto answers in this process, for DynamoDB; nothing leaves it."""

CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "eu-west-1"}


PORTS = (15_000, 32_000)
"""Below the ports that systems give to outgoing connections, which come and go between our look and our use."""


_reserved: list[socket.socket] = []


def reserve(ports: Iterable[int]) -> bool:
    """Return whether these ports are this process's until it ends. Other workers and other runs of the suite look for
    some at the same time, and what listens there begins later: so their numbers are taken of UDP, which nothing uses.
    """
    for port in ports:
        _reserved.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        try:
            _reserved[-1].bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """Return a loopback port that nothing listens on, and that nobody else is given. Raises RuntimeError."""
    for _ in range(100):
        port = random.randrange(*PORTS)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            if reserve([port]):
                return port
    raise RuntimeError("no free port was found")


def free_addresses() -> Addresses:
    """Return eight free ports in a row."""
    for _ in range(100):
        addresses = Addresses(random.randrange(*PORTS, 10))
        if not addresses.busy() and reserve(addresses.ports.values()):
            return addresses
    raise RuntimeError("no eight free ports in a row")


@contextmanager
def running_emulator(folder: Path) -> Iterator[str]:
    """Run MiniStack until the block ends; yield its address. Its log is in `folder`."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {
        **os.environ,
        **CREDENTIALS,
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "MINISTACK_REGION": "eu-west-1",
        "AUTH": "true",
        "MINISTACK_COGNITO_PRETOKEN_STRICT": "1",
        "IOT_MTLS_ENABLED": "false",
    }
    with (
        (folder / "emulator.log").open("wb") as log,
        subprocess.Popen(
            [sys.executable, "-P", emulator_process.__file__],
            env=environment,
            stdin=subprocess.PIPE,  # which ends with us
            stdout=log,
            stderr=log,
        ) as process,
    ):
        try:
            _wait_until_healthy(process, url)
            yield url
        finally:
            process.terminate()
            process.wait(PATIENCE_SECONDS)


def _wait_until_healthy(process: "subprocess.Popen[bytes]", url: str) -> None:
    def healthy() -> bool:
        if process.poll() is not None:
            raise RuntimeError("the emulator ended before it was ready")
        with urllib.request.urlopen(f"{url}/_ministack/health", timeout=PATIENCE_SECONDS):
            return True

    eventually(healthy, "healthy emulator", OSError)


@cache
def aws(service: str, url: str, *, tries: int | None = None) -> Any:
    """Return a client with root credentials; it asks at most `tries` times, or as often as botocore does by itself."""
    return boto3.client(
        service,
        endpoint_url=url,
        region_name="eu-west-1",
        aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        config=Config(retries={"total_max_attempts": tries}) if tries else None,
    )


def create_table(url: str, name: str, of: str | Shape, *, stream: bool = False) -> str:
    """Create a table like a service's, or with these indexes, and return its name."""
    request = table_request(of)
    if not stream:
        request = {key: value for key, value in request.items() if key != "StreamSpecification"}
    aws("dynamodb", url).create_table(TableName=name, **request)
    return name


def items_of(url: str, table: str) -> list[Item]:
    """Return every item of a table, from the emulator's own JSON: botocore takes longer to read it than all else."""
    found: list[Item] = []
    start: dict[str, Any] = {}
    while True:  # until the last page
        asked = json.dumps({"TableName": table, "ConsistentRead": True, **start})
        headers = {"X-Amz-Target": "DynamoDB_20120810.Scan", "Content-Type": "application/x-amz-json-1.0"}
        request = AWSRequest("POST", url, headers, asked)
        SigV4Auth(Credentials("test", "test"), "dynamodb", "eu-west-1").add_auth(request)
        ready = urllib.request.Request(url, asked.encode(), dict(request.headers.items()))
        with urllib.request.urlopen(ready, timeout=PATIENCE_SECONDS) as response:
            answer = json.load(response)
        found += map(unmarshal, answer["Items"])
        if "LastEvaluatedKey" not in answer:
            return found
        start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}
