"""Asked by M-Pesa, before a customer's paybill payment is made, whether we take it. Answers within its 8 seconds.

The only callback that code answers at once. It writes nothing, so a forged question changes nothing.
"""

import base64
import json
from typing import Any

from betsafi.errors import Unavailable
from betsafi.telemetry import begin, count, logger
from payment import callbacks
from payment.callbacks import Delivery
from payment.flows import paybill
from payment.providers.mpesa.credentials import credentials


def handler(event: dict[str, Any], context: object = None) -> dict[str, Any]:
    """Answer one question, as API Gateway's proxy integration asks it."""
    path, body = event["pathParameters"], event.get("body") or ""
    if event.get("isBase64Encoded"):
        body = base64.b64decode(body).decode(errors="replace")
    source = event["requestContext"]["identity"]["sourceIp"]
    asked = Delivery(callbacks.VALIDATION, path["id"], path["hmac"], source, body)
    begin(event["requestContext"].get("requestId") or "validation")
    answer = _answer(asked)
    return {"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": json.dumps(answer)}


def _answer(asked: Delivery) -> paybill.Validated:
    try:
        if callbacks.is_signed(asked, credentials().callback_keys):
            answer = paybill.validate(asked)
            logger.info("paybill payment validated", code=answer["ResultCode"])
            return answer
    except Unavailable as error:
        logger.warning("a paybill payment could not be checked", error=error.code)
    else:
        count("CallbackForged")
        logger.warning("validation not signed by us", source=asked.source[:45])
    return paybill.reject("C2B00016")
