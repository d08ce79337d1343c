"""Cognito's triggers: refuse who may not sign up, and keep a profile of who did."""

from typing import Any

from betsafi import clock
from betsafi.errors import DomainError
from betsafi.telemetry import begin, count, logger
from users import models, store


class SignUpRefused(Exception):
    """Cognito shows this text to the app: `CODE: sentence`. Counted, so that the alarm on failures leaves it out."""


def handler(event: dict[str, Any], context: object = None) -> dict[str, Any]:
    """Answer PreSignUp and PostConfirmation; other triggers pass unchanged."""
    attributes = event["request"]["userAttributes"]
    trigger = event["triggerSource"]
    if trigger.startswith("PreSignUp"):
        today = clock.now().astimezone(clock.NAIROBI).date()
        try:
            models.sign_up({"phone_number": event["userName"], **attributes}, today)
        except DomainError as error:
            logger.info("sign-up refused", error=error.code)
            count("SignUpRefused")
            raise SignUpRefused(f"{error.code}: {error.message}") from error
    if trigger == "PostConfirmation_ConfirmSignUp":
        user_id = attributes["sub"]
        begin(user_id)
        store.ensure_profile(user_id, attributes["phone_number"], attributes["birthdate"])
    logger.info("cognito trigger answered", trigger=trigger)
    return event
