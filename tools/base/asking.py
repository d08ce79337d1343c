"""How a command that asks a stage begins and ends: it says where it asks, and in a sentence why it could not."""

import os
import sys
from collections.abc import Callable
from typing import NoReturn

import boto3
from botocore.exceptions import BotoCoreError, ClientError

_COULD_NOT = 2
_NOT_SIGNED_IN = {
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidClientTokenId",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
}


def region() -> str:
    """Return the region of our stages: where deployments go, which look at AWS_REGION alone (provider.yml)."""
    return os.environ.get("AWS_REGION") or "eu-west-1"


def run(command: Callable[[], int]) -> NoReturn:
    """Run a command and exit with its code; with 2 and one sentence where AWS cannot be asked.

    Where it has a stage, account and region are said first, on stderr: elsewhere nothing rings, and nothing is found.
    """
    os.environ["AWS_DEFAULT_REGION"] = region()  # boto3 knows no AWS_REGION, and would take another from a profile
    try:
        if stages := [stage for word, stage in zip(sys.argv, [*sys.argv[1:], ""], strict=True) if word == "--stage"]:
            if not stages[-1] or stages[-1].startswith("-"):
                sys.exit(_ended("Which stage? Nothing stands behind --stage. For a runbook's commands: stage=prod."))
            account = boto3.client("sts").get_caller_identity()["Account"]
            print(f"Stage {stages[-1]} in account {account}, region {region()}.", file=sys.stderr)
        sys.exit(command())
    except (BotoCoreError, ClientError) as problem:
        sys.exit(_ended(_sentence(problem)))


def _ended(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return _COULD_NOT


def _sentence(problem: BotoCoreError | ClientError) -> str:
    """Return what AWS, or the library before it, said, and what to do about it."""
    code = problem.response["Error"]["Code"] if isinstance(problem, ClientError) else type(problem).__name__
    if code in _NOT_SIGNED_IN or any(part in code for part in ("Credential", "Profile", "SSO", "Token")):
        return f"AWS does not know who asks ({problem}). Sign in, export AWS_PROFILE, and give the command again."
    if "AccessDenied" in code or "Unauthorized" in code:
        return f"AWS does not let you ({problem}). Use a role that may, and give the command again."
    if code in ("EndpointConnectionError", "ConnectTimeoutError"):
        return f"AWS cannot be reached ({problem}). Is the network up, and {region()} a region?"
    return f"AWS did not answer as it should: {problem}"
