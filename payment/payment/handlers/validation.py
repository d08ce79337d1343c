"""Asked by M-Pesa, before a customer's paybill payment is made, whether we take it. Answers within its 8 seconds.

The only callback that code answers at once. It writes nothing, so a forged question changes nothing.
"""

import base64
import json
from typing import Any

from betsafi.telemetry import begin, count, logger
from payment import callbacks, paybill
from payment.callbacks import Delivery
from payment.credentials import credentials


def handler(event: dict[str, Any], context: object = None) -> dict[str, Any]:
    """Answer one question, as API Gateway's proxy integration asks it."""
    path, body = event["pathParameters"], event.get("body") or ""
    if event.get("isBase64Encoded"):
        body = base64.b64decode(body).decode(errors="replace")
    source = event["requestContext"]["identity"]["sourceIp"]
    asked = Delivery(callbacks.VALIDATION, path["id"], path["hmac"], source, body)
    begin(event["requestContext"].get("requestId") or "validation")
    if callbacks.is_signed(asked, credentials().callback_keys):
        answer = paybill.validate(asked)
        logger.info("paybill payment validated", code=answer["ResultCode"])
    else:
        count("CallbackForged")
        logger.warning("validation not signed by us", source=source[:45])
        answer = paybill.reject("C2B00016")
    return {"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": json.dumps(answer)}
