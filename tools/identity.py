"""Whether what runs is what was released: `python -m tools.identity --stage dev`, in a checkout of main.

Every file of every function's package, and of the layer that they share, is compared by its SHA-256 with the checkout
and, where it differs from that, with each of the last commits that changed its service: what waits for approval is not
deployed yet. What is none of them is named, by the files that are not in the checkout, are missing or differ. The
libraries' layer is known by the hash in its parameter's name, which each function's configuration must name.

`docs/pipeline/identity.yml` runs it twice a day with `--publish`, for the alarms SoftwareDiffers and SoftwareUnchecked;
the exit code is 1 where anything differs.
"""

import argparse
import hashlib
import io
import subprocess
import tarfile
import urllib.request
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import boto3

from tools.base import asking
from tools.base.names import is_of_stage
from tools.base.services import packages, services

COMMON = "common"
METRIC = "SoftwareDifferences"
_SECONDS = 60
_COMMITS = 50
_KINDS = (".py", ".json", ".typed")


def released(folder: Path, package: str) -> dict[str, str]:
    """Return the hash of each file that belongs to a package, by its path in the zip."""
    wanted = (path for path in (folder / package).rglob("*") if path.suffix in _KINDS)
    return {path.relative_to(folder).as_posix(): _hash(path.read_bytes()) for path in wanted}


def released_before(folder: Path, package: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the last commits that changed a package, newest first, each with the hashes of its files."""
    log = ["log", f"--max-count={_COMMITS}", "--first-parent", "--format=%H", "--", package]
    for commit in _git(folder, *log).decode().split():
        if not _git(folder, "ls-tree", commit, "--", package):
            continue
        with tarfile.open(fileobj=io.BytesIO(_git(folder, "archive", commit, "--", package))) as archive:
            files = {one.name: archive.extractfile(one) for one in archive if Path(one.name).suffix in _KINDS}
        yield commit, {name: _hash(file.read()) for name, file in files.items() if file}


def _git(folder: Path, *words: str) -> bytes:
    return subprocess.run(["git", *words], cwd=folder, stdout=subprocess.PIPE, check=True, timeout=_SECONDS).stdout


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


def unknown(deployed: Mapping[str, str], folder: Path, package: str) -> list[str]:
    """Return how what is deployed differs from this checkout, in words; nothing where it is that, or was once."""
    differs = differences(deployed, released(folder, package))
    if differs and any(deployed == before for _, before in released_before(folder, package)):
        return []
    return differs


def look(stage: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each function of a stage, and the layer that they share, with how it differs from what was released."""
    folders, names, layers = services(), packages(), set[str]()
    for function in _functions(stage):
        service = function["FunctionName"].removeprefix("betsafi-").split(f"-{stage}-")[0]
        layers |= {layer["Arn"] for layer in function.get("Layers", []) if f"-{COMMON}:" in layer["Arn"]}
        if service not in names:
            continue
        location = boto3.client("lambda").get_function(FunctionName=function["FunctionName"])["Code"]["Location"]
        yield function["FunctionName"], unknown(unpacked(_download(location)), folders[service], names[service])
    for arn in sorted(layers):
        location = boto3.client("lambda").get_layer_version_by_arn(Arn=arn)["Content"]["Location"]
        yield arn, unknown(unpacked(_download(location)), folders["layers"], "python")


def _functions(stage: str) -> Iterator[dict[str, Any]]:
    for page in boto3.client("lambda").get_paginator("list_functions").paginate():
        yield from (one for one in page["Functions"] if is_of_stage(one["FunctionName"], stage))


def _download(location: str) -> bytes:
    with urllib.request.urlopen(location, timeout=_SECONDS) as answer:
        body: bytes = answer.read()
        return body


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _publish(stage: str, different: int) -> None:
    """Count a check, and how many packages differed, for the alarms of platform/identity.js."""
    dimensions = [{"Name": "service", "Value": "platform"}, {"Name": "stage", "Value": stage}]
    datum = {"MetricName": METRIC, "Dimensions": dimensions, "Value": different, "Unit": "Count"}
    boto3.client("cloudwatch").put_metric_data(Namespace="Betsafi", MetricData=[datum])


def main(arguments: Sequence[str] | None = None) -> int:
    """Say what differs; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.identity", description="Whether what runs was released.")
    parser.add_argument("--stage", required=True)
    parser.add_argument("--publish", action="store_true", help="count it, for the alarms")
    asked = parser.parse_args(arguments)
    looked = list(look(asked.stage))
    for name, found in looked:
        for difference in found:
            print(f"{name}: {difference}")
    different = sum(bool(found) for _, found in looked)
    print(f"{len(looked)} packages, {different} differ")
    if asked.publish and looked:
        _publish(asked.stage, different)
    return 1 if different or not looked else 0


if __name__ == "__main__":
    asking.run(main)
