"""Whether what runs is what was released: `python -m tools.identity --stage dev`, in a checkout of the released commit.

Every file of every function's package, and of the layer that they share, is compared with the checkout by its SHA-256;
a file that is not in the checkout, one that is missing and one that differs are named. The libraries' layer is known by
the hash in its parameter's name, which each function's configuration must name. To be run at least once a day; the exit
code is 1 where anything differs.
"""

import argparse
import hashlib
import io
import sys
import urllib.request
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import boto3

from tools.base.names import is_of_stage
from tools.base.services import packages, services

COMMON = "common"
_SECONDS = 60


def released(folder: Path, package: str) -> dict[str, str]:
    """Return the hash of each file that belongs to a package, by its path in the zip."""
    wanted = (path for path in (folder / package).rglob("*") if path.suffix in (".py", ".json", ".typed"))
    return {path.relative_to(folder).as_posix(): _hash(path.read_bytes()) for path in wanted}


def differences(deployed: Mapping[str, str], released: Mapping[str, str]) -> list[str]:
    """Return what is deployed otherwise than it was released, in words; both are hashes by path."""
    added = [f"{path} was not released" for path in sorted(deployed.keys() - released.keys())]
    missing = [f"{path} is not deployed" for path in sorted(released.keys() - deployed.keys())]
    both = sorted(deployed.keys() & released.keys())
    return added + missing + [f"{path} differs" for path in both if deployed[path] != released[path]]


def unpacked(archive: bytes) -> dict[str, str]:
    """Return the hash of each file in a zip, by its path; what Python compiled is left out."""
    with zipfile.ZipFile(io.BytesIO(archive)) as found:
        names = [entry.filename for entry in found.infolist() if not entry.is_dir() and ".pyc" not in entry.filename]
        return {name: _hash(found.read(name)) for name in names}


def look(stage: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each function of a stage, and the layer that they share, with how it differs from this checkout."""
    folders, names, layers = services(), packages(), set[str]()
    for function in _functions(stage):
        service = function["FunctionName"].removeprefix("betsafi-").split(f"-{stage}-")[0]
        layers |= {layer["Arn"] for layer in function.get("Layers", []) if f"-{COMMON}:" in layer["Arn"]}
        if service not in names:
            continue
        location = boto3.client("lambda").get_function(FunctionName=function["FunctionName"])["Code"]["Location"]
        wanted = released(folders[service], names[service])
        yield function["FunctionName"], differences(unpacked(_download(location)), wanted)
    for arn in sorted(layers):
        location = boto3.client("lambda").get_layer_version_by_arn(Arn=arn)["Content"]["Location"]
        wanted = released(folders["layers"], "python")
        yield arn, differences(unpacked(_download(location)), wanted)


def _functions(stage: str) -> Iterator[dict[str, Any]]:
    for page in boto3.client("lambda").get_paginator("list_functions").paginate():
        yield from (one for one in page["Functions"] if is_of_stage(one["FunctionName"], stage))


def _download(location: str) -> bytes:
    with urllib.request.urlopen(location, timeout=_SECONDS) as answer:
        body: bytes = answer.read()
        return body


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def main(arguments: Sequence[str] | None = None) -> int:
    """Say what differs; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.identity", description="Whether what runs was released.")
    parser.add_argument("--stage", required=True)
    asked = parser.parse_args(arguments)
    looked = list(look(asked.stage))
    for name, found in looked:
        for difference in found:
            print(f"{name}: {difference}")
    different = sum(bool(found) for _, found in looked)
    print(f"{len(looked)} packages, {different} differ")
    return 1 if different or not looked else 0


if __name__ == "__main__":
    sys.exit(main())
