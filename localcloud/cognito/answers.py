"""HTTP answers as AWS words them."""

import ast
import json
import re
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from localcloud.base.emulator import Answer
from localcloud.cognito.pools import JSON, described
from localcloud.cognito.refused import Refused, trigger_failed

_FORWARDED_BACK = ("content-type", "x-amzn-requestid", "x-amz-request-id")
_FAILED_TRIGGER = re.compile(r"(\w+) (?:returned )?error: (.*)", re.DOTALL)


def as_json(body: Mapping[str, Any]) -> Response:
    """Return an answer of a call that was carried out."""
    return Response(json.dumps(body), 200, {"content-type": JSON})


def as_error(refused: Refused, status: int = 400) -> Response:
    """Return the answer of a call that was refused."""
    message = str(refused)
    body = json.dumps({"__type": refused.code, "message": message})
    shown = " ".join(message.split()).encode("ascii", "replace").decode()
    headers = {"content-type": JSON, "x-amzn-errortype": refused.code, "x-amzn-errormessage": shown}
    return Response(body, status, headers)


def returned(answer: Answer) -> Response:
    """Return an answer of the emulator as it came."""
    headers = {name: answer.headers[name] for name in _FORWARDED_BACK if name in answer.headers}
    return Response(answer.body, answer.status, headers)


def refusal(action: str, answer: Answer) -> Response:
    """Return a refusal of the emulator in AWS's words and with AWS's headers."""
    code, message = described(answer)
    if action == "SignUp" and code == "UserLambdaValidationException":
        return as_error(trigger_failed("PreSignUp", _raised(message)))
    if code in ("InvalidLambdaResponseException", "InternalError") and (found := _FAILED_TRIGGER.fullmatch(message)):
        return as_error(trigger_failed(found[1], _raised(found[2])))
    return as_error(Refused(code, message), answer.status)


def _raised(message: str) -> str:
    """Return what a trigger raised, of which the emulator prints the dictionary."""
    try:
        described = ast.literal_eval(message)
    except (ValueError, SyntaxError):
        return message
    return str(described["errorMessage"]) if isinstance(described, dict) and "errorMessage" in described else message
