"""Cognito's triggers: who may sign up, a code of ours as the proof of a phone, and tokens for who has proven it.

A sign-up is confirmed without a message and worth nothing: it gets no token, by password or otherwise, before a code
was answered (`users.flows.proving`). Every trigger may be called again with the same event.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from betsafi.errors import DomainError
from betsafi.languages import preferred
from betsafi.settings import Url, read_settings
from betsafi.telemetry import begin, count, logger
from users import models
from users.flows import codes, devices, protecting, proving, reaching, second
from users.stores import people

CHALLENGE = "CUSTOM_CHALLENGE"
CODE, SECOND = "CODE", "SECOND"
"""What a challenge asks for; it comes back to DefineAuthChallenge as the challenge's metadata."""


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
        raise Refused(f"{error.code}: {_said(error, event)}") from error
    logger.info("cognito trigger answered", trigger=trigger)
    return event


def _said(error: DomainError, event: dict[str, Any]) -> str:
    """Return the sentence in the language that the app says in ClientMetadata; where it does not reach us, in both."""
    wanted = (event["request"].get("clientMetadata") or {}).get("language")
    return error.said(preferred(wanted)) if wanted else f"{error.said('en')} {error.said('sw')}"


def _sign_up(event: dict[str, Any]) -> None:
    models.phone_number(event["request"]["userAttributes"].get("phone_number") or event["userName"])
    proving.sign_up(event["userPoolId"], event["userName"], settings.unproven_queue_url)
    event["response"]["autoConfirmUser"] = True


def _next_challenge(event: dict[str, Any]) -> None:
    """Ask for the code until it was right, then perhaps for the second factor, at most three times each, whether or not
    there is such a user."""
    past = event["request"]["session"]
    right = bool(past) and past[-1]["challengeName"] == CHALLENGE and past[-1]["challengeResult"] is True
    done = right and (_asked_last(past) == SECOND or _is_known_here(event))
    wrong = sum(one["challengeResult"] is not True for one in past if _step(one) == _next_step(past))
    failed = not done and (wrong >= codes.TRIES or any(one["challengeName"] != CHALLENGE for one in past))
    event["response"] |= {"issueTokens": done, "failAuthentication": failed}
    if not done and not failed:
        event["response"]["challengeName"] = CHALLENGE


def _step(one: dict[str, Any]) -> str:
    return str(one.get("challengeMetadata") or CODE)


def _asked_last(past: list[dict[str, Any]]) -> str:
    return _step(past[-1])


def _next_step(past: list[dict[str, Any]]) -> str:
    """Return what is asked next: the code, and once it was right the second factor."""
    return SECOND if any(one["challengeResult"] is True for one in past) else CODE


def _is_known_here(event: dict[str, Any]) -> bool:
    player = proving.player_of(event["request"]["userAttributes"])
    return devices.is_admitted(devices.list_devices(player), devices.told(event["request"].get("clientMetadata")))


def _ask(event: dict[str, Any]) -> None:
    """Send a code, once a sign-in; whoever does not exist is asked for one in the same words."""
    request = event["request"]
    past = request["session"]
    step = _next_step(past)
    if not past and not request.get("userNotFound"):
        codes.send(models.phone_number(request["userAttributes"]["phone_number"]))
    left = codes.TRIES - sum(_step(one) == step and one["challengeResult"] is not True for one in past)
    shown = {"step": step, "tries": str(left)}
    if step == CODE:
        shown["digits"] = str(codes.DIGITS)
    else:
        shown["accepts"] = ",".join(second.kinds(proving.player_of(request["userAttributes"])))
    event["response"] |= {
        "publicChallengeParameters": shown,
        "privateChallengeParameters": {"challenge": str(uuid4()), "step": step},
        "challengeMetadata": step,
    }


def _check(event: dict[str, Any]) -> None:
    event["response"]["answerCorrect"] = not event["request"].get("userNotFound") and _proves(event)


def _proves(event: dict[str, Any]) -> bool:
    request = event["request"]
    asked, answer, metadata = (
        request["privateChallengeParameters"],
        str(request["challengeAnswer"]),
        request.get("clientMetadata") or {},
    )
    device = devices.told(metadata)
    if asked.get("step") != SECOND:
        pool_id, attributes = event["userPoolId"], request["userAttributes"]
        return proving.proves(pool_id, attributes, asked["challenge"], answer, metadata.get("birthdate"), device)
    phone, client_id = request["userAttributes"]["phone_number"], event["callerContext"]["clientId"]
    player = proving.player_of(request["userAttributes"])
    known = devices.list_devices(player)
    devices.check_named(known, device)
    right = second.is_right(player, phone, client_id, str(metadata.get("kind") or ""), answer)
    if right:
        devices.add(player, known, device)
    return right


def _admit(event: dict[str, Any]) -> None:
    """Let nobody have a token but who has proven the number, on a device that they know; who came back gets it for the
    account they had. The token says in which language they chose to be written to.

    A token lasts half an hour, so who goes on playing is looked up in the exclusion register here, too.
    """
    attributes, metadata = event["request"]["userAttributes"], event["request"].get("clientMetadata")
    player = proving.player_of(attributes)
    refreshed = event["triggerSource"] == "TokenGeneration_RefreshTokens"
    device = devices.admit(player, devices.told(metadata), refreshed)
    reaching.renew(player)
    protecting.admit(player, attributes["phone_number"])
    chosen = (people.find_profile(player) or {}).get("language", "")
    claims = {"player": player if player != attributes["sub"] else "", "device": device, "language": chosen}
    if any(claims.values()):
        added = {name: value for name, value in claims.items() if value}
        event["response"]["claimsOverrideDetails"] = {"claimsToAddOrOverride": added}


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
