"""A refused sign-up is an answer: it is counted apart, so that the alarm on failures leaves it out."""

import json
from typing import Any

import pytest

from tests.support.services import load


def sign_up(birthdate: str) -> dict[str, Any]:
    attributes = {"phone_number": "+254700000099", "birthdate": birthdate}
    return {
        "triggerSource": "PreSignUp_SignUp", "userName": "+254700000099",
        "request": {"userAttributes": attributes}, "response": {},
    }  # fmt: skip


def test_a_refused_sign_up_is_counted_as_refused_and_nothing_else_is(capsys: pytest.CaptureFixture[str]) -> None:
    module = load("users.handlers.cognito", TABLE_NAME="t", SERVICE="users", AWS_DEFAULT_REGION="eu-west-1")

    def refusals() -> int:
        lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith('{"_aws"')]
        return sum("SignUpRefused" in json.loads(line) for line in lines)

    with pytest.raises(module.SignUpRefused):
        module.handler(sign_up("2020-01-01"))
    assert refusals() == 1
    module.handler(sign_up("1990-01-01"))
    with pytest.raises(KeyError):
        module.handler({"triggerSource": "PreSignUp_SignUp"})
    assert refusals() == 0
