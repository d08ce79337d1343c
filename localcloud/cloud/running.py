"""A local cloud that runs: where it is, and how to ask its parts."""

import json
import urllib.request
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from localcloud.base.addresses import CREDENTIALS, REGION, STAGE, Addresses
from localcloud.cloud import certificate
from tools.base.waiting import PATIENCE_SECONDS


@dataclass(frozen=True)
class Cloud:
    """A running local cloud."""

    addresses: Addresses
    folder: Path

    @property
    def tls(self) -> certificate.Files:
        """The certificate that it serves https and wss with."""
        return certificate.ensure(self.folder / "tls")


def parameter(addresses: Addresses, name: str) -> str:
    """Return a deployed SSM parameter, e.g. "users/client/id"."""
    return str(aws("ssm", addresses).get_parameter(Name=f"/betsafi/{STAGE}/{name}")["Parameter"]["Value"])


@cache
def aws(service: str, addresses: Addresses) -> Any:
    """Return a client of the emulator with the account's own credentials, the same for all threads."""
    import boto3

    return boto3.client(
        service,
        endpoint_url=addresses.emulator,
        region_name=REGION,
        aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
    )


def get_json(url: str) -> Any:
    """Return the JSON that one of our own parts answers."""
    with urllib.request.urlopen(url, timeout=PATIENCE_SECONDS) as answer:
        return json.load(answer)


def post_json(url: str, body: Any) -> Any:
    """Post JSON to one of our own parts and return the JSON that it answers."""
    request = urllib.request.Request(
        url, json.dumps(body).encode(), {"Content-Type": "application/json"}, method="POST"
    )
    with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:
        return json.load(answer)
