"""A refusal is an answer: it is counted apart, so that the alarm on failures of Cognito's triggers leaves it out."""

import json
from typing import Any

import pytest

from betsafi.errors import Contention, DomainError, Misconfigured, Unavailable
from tests.support.services import load

SETTINGS = {
    **{"TABLE_NAME": "t", "SERVICE": "users", "AWS_DEFAULT_REGION": "eu-west-1"},
    **{"UNPROVEN_QUEUE_URL": "http://q", "WALLET_URL": "http://w"},
}


def trigger(name: str, **request: Any) -> dict[str, Any]:
    return {"triggerSource": name, "userName": "u", "request": request, "response": {}}


def refusals(capsys: pytest.CaptureFixture[str]) -> int:
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith('{"_aws"')]
    return sum("SignUpRefused" in json.loads(line) for line in lines)


def test_a_refusal_is_counted_as_refused_and_nothing_else_is(capsys: pytest.CaptureFixture[str]) -> None:
    module = load("users.handlers.cognito", **SETTINGS)
    with pytest.raises(module.Refused):
        module.handler(trigger("PreSignUp_SignUp", userAttributes={"phone_number": "+1"}))
    assert refusals(capsys) == 1
    module.handler(trigger("DefineAuthChallenge_Authentication", userAttributes={}, session=[]))
    with pytest.raises(KeyError):
        module.handler({"triggerSource": "PreSignUp_SignUp"})
    assert refusals(capsys) == 0


@pytest.mark.parametrize("failure", [Unavailable("x"), Misconfigured(), Contention("x")], ids=lambda one: one.code)
def test_what_fails_behind_a_trigger_is_a_failure_though_cognito_is_answered_a_sentence(
    failure: DomainError, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    module = load("users.handlers.cognito", **SETTINGS)

    def fails(event: dict[str, Any]) -> None:
        raise failure

    monkeypatch.setitem(module._TRIGGERS, "TokenGeneration", fails)
    with pytest.raises(module.Refused, match=failure.code):
        module.handler(trigger("TokenGeneration_Authentication", userAttributes={}))
    assert refusals(capsys) == 0


@pytest.mark.parametrize(
    ("metadata", "said"),
    [
        ({"language": "sw"}, "Andika namba yako ya simu kama +254712345678."),
        ({"language": "en"}, "Write your phone number like +254712345678."),
        (None, "Write your phone number like +254712345678. Andika namba yako ya simu kama +254712345678."),
    ],
    ids=["Kiswahili", "English", "nobody says"],
)
def test_who_signs_in_is_refused_in_the_language_that_the_app_says(metadata: dict[str, str] | None, said: str) -> None:
    module = load("users.handlers.cognito", **SETTINGS)
    with pytest.raises(module.Refused) as refused:
        module.handler(trigger("PreSignUp_SignUp", userAttributes={"phone_number": "+1"}, clientMetadata=metadata))
    assert str(refused.value) == f"INVALID_PHONE_NUMBER: {said}"
