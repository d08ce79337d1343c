"""The daily returns, where they are kept: a locked bucket, each day signed once and never written again."""

import base64
from dataclasses import dataclass
from datetime import date, timedelta

from botocore.exceptions import ClientError

from betsafi.aws import client
from betsafi.settings import read_settings
from wallet.rules.returns import Chain, digest_of, signed

PREFIX = "returns/"
MOST_DAYS = 60
"""A return that is further behind is caught up by so many days a run."""


@dataclass(frozen=True)
class Settings:
    """The bucket, the key that signs, and whose returns they are."""

    archive_bucket: str
    signing_key: str
    stage: str


settings = read_settings(Settings)


class Behind(Exception):
    """The newest return is older than is looked for: a person must look."""


def newest(yesterday: date) -> Chain | None:
    """Return where the returns stand; None where there are none at all. Raises Behind."""
    since = yesterday - timedelta(days=MOST_DAYS)
    keys = _keys(StartAfter=_key(since), MaxKeys=1000)
    if keys:
        content = client("s3").get_object(Bucket=settings.archive_bucket, Key=keys[-1])["Body"].read()
        return Chain.after(content)
    if _keys(MaxKeys=1):
        raise Behind(f"no return is newer than {since}")
    return None


def keep(day: date, unsigned: bytes) -> Chain:
    """Sign a day's return and keep it; return where the returns stand after it, or after the one that stands there."""
    key, message = settings.signing_key, digest_of(unsigned)
    answer = client("kms").sign(KeyId=key, Message=message, MessageType="RAW", SigningAlgorithm="ECDSA_SHA_256")
    content = signed(unsigned, base64.b64encode(answer["Signature"]).decode(), answer["KeyId"])
    where = {"Bucket": settings.archive_bucket, "Key": _key(day)}
    try:
        client("s3").put_object(**where, Body=content, ContentType="application/x-ndjson", IfNoneMatch="*")
    except ClientError as error:
        if error.response["Error"]["Code"] != "PreconditionFailed":
            raise
        content = client("s3").get_object(**where)["Body"].read()
    return Chain.after(content)


def _key(day: date) -> str:
    return f"{PREFIX}{day.isoformat()}.jsonl"


def _keys(**options: object) -> list[str]:
    found = client("s3").list_objects_v2(Bucket=settings.archive_bucket, Prefix=PREFIX, **options)
    return [item["Key"] for item in found.get("Contents", [])]
