"""Cognito's triggers: who may sign up, a code of ours as the proof of a phone, and tokens for who has proven it.

A sign-up is confirmed without a message and worth nothing: it gets no token, by password or otherwise, before a code
was answered (`users.flows.proving`). Every trigger may be called again with the same event.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from betsafi.errors import DomainError
from betsafi.settings import Url, read_settings
from betsafi.telemetry import begin, count, logger
from users import models
from users.flows import codes, protecting, proving

CHALLENGE = "CUSTOM_CHALLENGE"


@dataclass(frozen=True)
class Settings:
    """The queue through which a sign-up that came to nothing is deleted."""

    unproven_queue_url: Url


settings = read_settings(Settings)


class Refused(Exception):
    """Cognito shows this text to the app: `CODE: sentence`. Counted, so that the alarm on failures leaves it out,
    unless it is a failure: of the table, of Cognito or of the carrier.
    """


def handler(event: dict[str, Any], context: object = None) -> dict[str, Any]:
    """Answer a trigger. Raises Refused."""
    trigger = event["triggerSource"]
    begin(str(event["request"].get("userAttributes", {}).get("sub") or ""))
    try:
        _TRIGGERS[trigger.split("_")[0]](event)
    except DomainError as error:
        logger.info("cognito trigger refused", trigger=trigger, error=error.code)
        if error.status < 500:
            count("SignUpRefused")
        raise Refused(f"{error.code}: {error.message}") from error
    logger.info("cognito trigger answered", trigger=trigger)
    return event


def _sign_up(event: dict[str, Any]) -> None:
    models.phone_number(event["request"]["userAttributes"].get("phone_number") or event["userName"])
    proving.sign_up(event["userPoolId"], event["userName"], settings.unproven_queue_url)
    event["response"]["autoConfirmUser"] = True


def _next_challenge(event: dict[str, Any]) -> None:
    """Ask for the code until it was right, at most three times, whether or not there is such a user."""
    past = event["request"]["session"]
    right = bool(past) and past[-1]["challengeName"] == CHALLENGE and past[-1]["challengeResult"] is True
    failed = not right and (len(past) >= codes.TRIES or any(one["challengeName"] != CHALLENGE for one in past))
    event["response"] |= {"issueTokens": right, "failAuthentication": failed}
    if not right and not failed:
        event["response"]["challengeName"] = CHALLENGE


def _ask(event: dict[str, Any]) -> None:
    """Send a code, once a sign-in; whoever does not exist is asked for one in the same words."""
    request = event["request"]
    if not request["session"] and not request.get("userNotFound"):
        codes.send(models.phone_number(request["userAttributes"]["phone_number"]))
    event["response"] |= {
        "publicChallengeParameters": {"digits": str(codes.DIGITS)},
        "privateChallengeParameters": {"challenge": str(uuid4())},
    }


def _check(event: dict[str, Any]) -> None:
    event["response"]["answerCorrect"] = not event["request"].get("userNotFound") and _proves(event)


def _proves(event: dict[str, Any]) -> bool:
    request = event["request"]
    challenge, answer = request["privateChallengeParameters"]["challenge"], str(request["challengeAnswer"])
    birthdate = (request.get("clientMetadata") or {}).get("birthdate")
    return proving.proves(event["userPoolId"], request["userAttributes"], challenge, answer, birthdate)


def _admit(event: dict[str, Any]) -> None:
    """Let nobody have a token but who has proven the number; who came back gets it for the account they had.

    A token lasts half an hour, so who goes on playing is looked up in the exclusion register here, too.
    """
    attributes = event["request"]["userAttributes"]
    player = proving.player_of(attributes)
    protecting.admit(player, attributes["phone_number"])
    if player != attributes["sub"]:
        event["response"]["claimsOverrideDetails"] = {"claimsToAddOrOverride": {"player": player}}


def _send_nothing(event: dict[str, Any]) -> None:
    """What Cognito itself would send by SMS goes nowhere: every code is ours."""


_TRIGGERS: dict[str, Callable[[dict[str, Any]], None]] = {
    "PreSignUp": _sign_up,
    "DefineAuthChallenge": _next_challenge,
    "CreateAuthChallenge": _ask,
    "VerifyAuthChallengeResponse": _check,
    "TokenGeneration": _admit,
    "CustomSMSSender": _send_nothing,
}
