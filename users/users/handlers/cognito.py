"""Cognito's triggers: who may sign up, a code of ours as the proof of a phone, and tokens for who has proven it.

A sign-up is confirmed without a message and worth nothing: it gets no token, by password or otherwise, before a code
was answered. The first code that is answered replaces the password that was chosen before, claims the number and makes
the profile. Every trigger may be called again with the same event.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from betsafi import clock, queue
from betsafi.dynamodb import Item
from betsafi.errors import Conflict, DomainError
from betsafi.settings import Url, read_settings
from betsafi.telemetry import begin, count, logger
from users import codes, models, pool, store

CHALLENGE = "CUSTOM_CHALLENGE"
UNPROVEN_SECONDS = 900
"""After this time a sign-up goes whose phone was not proven; the longest that a queue keeps a message back."""


@dataclass(frozen=True)
class Settings:
    """The queue through which a sign-up that came to nothing is deleted."""

    unproven_queue_url: Url


settings = read_settings(Settings)


class Refused(Exception):
    """Cognito shows this text to the app: `CODE: sentence`. Counted, so that the alarm on failures leaves it out,
    unless it is a failure: of the table, of Cognito or of the carrier.
    """


class CodeNeeded(Conflict):
    """Nobody has proven yet that the phone is theirs."""

    code = "CODE_NEEDED"


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
    """Confirm a sign-up at once, with nothing sent, and look after a while whether anything came of it."""
    models.phone_number(event["request"]["userAttributes"].get("phone_number") or event["userName"])
    message = json.dumps({"poolId": event["userPoolId"], "sub": event["userName"]})
    queue.send_all(settings.unproven_queue_url, [message], UNPROVEN_SECONDS)
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
    """Return whether the answer is the code; the first time, make the number's owner its player."""
    request = event["request"]
    phone, sub = request["userAttributes"]["phone_number"], request["userAttributes"]["sub"]
    challenge = request["privateChallengeParameters"]["challenge"]
    code = codes.find_right(phone, str(request["challengeAnswer"]), challenge)
    if code is None:
        return False
    claim = store.find_claim(phone)
    # Before the code is used up, so that a slip of the pen can be mended.
    born = "" if claim else models.birthdate((request.get("clientMetadata") or {}).get("birthdate"), _today())
    if not codes.spend(code, challenge):
        return False
    if claim is None or claim["sub"] != sub:
        _take_account(event["userPoolId"], sub, claim or {}, phone, born)
    if request["userAttributes"].get("phone_number_verified") != "true":
        pool.mark_verified(event["userPoolId"], sub)
    return True


def _take_account(pool_id: str, sub: str, claim: Item, phone: str, born: str) -> None:
    """Make somebody the player of their number: a new one, or the one that it was before their sign-in was deleted."""
    pool.replace_password(pool_id, sub)
    claim = claim or store.register(phone, sub, born)
    if claim["sub"] != sub:
        if pool.exists(pool_id, claim["sub"]):
            raise store.NumberChanged("This number belongs to another account. Please contact support.")
        store.hand_over(claim, sub)


def _today() -> Any:
    return clock.now().astimezone(clock.NAIROBI).date()


def _admit(event: dict[str, Any]) -> None:
    """Let nobody have a token but who has proven the number; who came back gets it for the account they had."""
    attributes = event["request"]["userAttributes"]
    claim = store.find_claim(attributes.get("phone_number", ""))
    if claim is None or claim["sub"] != attributes["sub"]:
        raise CodeNeeded("Prove your phone number with a code first.")
    if claim["user_id"] != claim["sub"]:
        event["response"]["claimsOverrideDetails"] = {"claimsToAddOrOverride": {"player": claim["user_id"]}}


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
