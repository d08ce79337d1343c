"""The daily returns to the authorities, checked: `python -m tools.returns verify --key key.pem FILE …`.

    python -m tools.returns key --stage dev > key.pem      the public key, which the authorities get once
    python -m tools.returns fetch --stage dev --from DAY --to DAY --into FOLDER
    python -m tools.returns verify --key key.pem FILE …    signatures, numbers, totals, and that no day is left out
    python -m tools.returns compare --stage dev FILE …     with the ledger, account by account

`verify` needs no stage and no credentials. The exit code is 1 where anything is wrong.
"""

import argparse
import base64
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

import boto3
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from betsafi.dynamodb import Item
from tools.base import asking
from tools.base.names import table_name
from tools.base.tables import scan
from wallet.rules import returns
from wallet.rules.audit import audit
from wallet.rules.returns import Return


def public_key(stage: str) -> bytes:
    """Return the public half of a stage's signing key, as PEM."""
    parameter = boto3.client("ssm").get_parameter(Name=f"/betsafi/{stage}/wallet/returns/key")
    key = boto3.client("kms").get_public_key(KeyId=parameter["Parameter"]["Value"])["PublicKey"]
    kind = serialization.PublicFormat.SubjectPublicKeyInfo
    return serialization.load_der_public_key(key).public_bytes(serialization.Encoding.PEM, kind)


def verify(files: Sequence[Return], pem: bytes) -> list[str]:
    """Return what is wrong with returns of consecutive days: who signed them, and what they say."""
    key = serialization.load_pem_public_key(pem)
    if not isinstance(key, ec.EllipticCurvePublicKey):
        return ["the key is none that signs returns"]
    found = []
    for one in files:
        try:
            key.verify(base64.b64decode(one.signature["signature"]), one.digest, ec.ECDSA(hashes.SHA256()))
        except (InvalidSignature, ValueError):
            found.append(f"{one.head['day']}: the signature is not this key's")
    return found + returns.problems(files)


def compare(files: Sequence[Return], items: Iterator[Item]) -> list[str]:
    """Return where returns say otherwise than the ledger."""
    return returns.against(files, audit(items).days)


def stored(stage: str, first: date, last: date) -> Iterator[tuple[str, bytes]]:
    """Yield the returns of some days, each with its file's name."""
    account, region = boto3.client("sts").get_caller_identity()["Account"], boto3.client("s3").meta.region_name
    bucket = f"betsafi-{account}-{region}-wallet-archive-{stage}"
    for n in range((last - first).days + 1):
        name = f"{(first + timedelta(days=n)).isoformat()}.jsonl"
        found = boto3.client("s3").list_objects_v2(Bucket=bucket, Prefix=f"returns/{name}")
        for one in found.get("Contents", []):
            yield name, boto3.client("s3").get_object(Bucket=bucket, Key=one["Key"])["Body"].read()


def fetch(stage: str, first: date, last: date, folder: Path) -> int:
    """Write the returns of some days into a folder; return how many there are."""
    written = [(folder / name).write_bytes(body) for name, body in stored(stage, first, last)]
    return len(written)


def _read(paths: Sequence[Path]) -> list[Return]:
    return sorted((returns.read(path.read_bytes()) for path in paths), key=lambda one: str(one.head["day"]))


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what was asked; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.returns", description="The daily returns, checked.")
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("key", "fetch", "verify", "compare"):
        command = commands.add_parser(name)
        if name == "verify":
            command.add_argument("--key", type=Path, required=True)
        else:
            command.add_argument("--stage", required=True)
        if name in ("verify", "compare"):
            command.add_argument("files", type=Path, nargs="+")
        if name == "fetch":
            command.add_argument("--from", dest="first", type=date.fromisoformat, required=True)
            command.add_argument("--to", dest="last", type=date.fromisoformat, required=True)
            command.add_argument("--into", type=Path, required=True)
    asked = parser.parse_args(arguments)
    if asked.command == "key":
        print(public_key(asked.stage).decode(), end="")
        return 0
    if asked.command == "fetch":
        print(f"{fetch(asked.stage, asked.first, asked.last, asked.into)} returns")
        return 0
    files = _read(asked.files)
    if asked.command == "verify":
        found = verify(files, asked.key.read_bytes())
    else:
        found = compare(files, scan(boto3.client("dynamodb"), table_name(asked.stage, "wallet")))
    print(*found, f"{len(files)} returns, {len(found)} problems", sep="\n")
    return bool(found)


if __name__ == "__main__":
    asking.run(main)
