"""Everything that M-Pesa sent us, word for word, for an audit: encrypted under a key of its own, and never changed."""

import hashlib
import json

from botocore.exceptions import ClientError

from betsafi import clock
from betsafi.aws import client
from payment.callbacks import Delivery
from payment.settings import settings


def keep(delivery: Delivery) -> None:
    """Keep a signed callback before anything is done about it; the same one again is kept already."""
    now = clock.stamp()
    digest = hashlib.sha256(delivery.body.encode()).hexdigest()
    content = {
        "at": now,
        "source": delivery.source,
        "door": delivery.kind,
        "id": delivery.payment_id,
        "body": delivery.body,
    }
    try:
        client("s3").put_object(
            Bucket=settings.archive_bucket,
            Key=f"callbacks/{delivery.kind}/{delivery.payment_id}/{digest}.json",
            Body=json.dumps(content).encode(),
            ContentType="application/json",
            IfNoneMatch="*",
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "PreconditionFailed":
            raise
