"""Push through SNS's platform endpoints, one for each app of a player: they are made, sent to, and forgotten here."""

import json
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from betsafi import aws
from betsafi.dynamodb import Item
from betsafi.errors import InvalidInput, Misconfigured, Unavailable
from betsafi.settings import read_settings
from betsafi.telemetry import logger, misconfigured
from notifications import wording
from notifications.carriers.base import CarrierMisconfigured, CarrierUnavailable, Undeliverable
from notifications.models import Platform
from notifications.stores import players

_DEAD = {"EndpointDisabled", "EndpointDisabledException", "NotFound", "NotFoundException"}
"""What SNS says of an endpoint whose app is gone from its phone."""


@dataclass(frozen=True)
class Settings:
    """SNS's platform applications, made by hand with what Google and Apple gave; empty: no push to such phones."""

    push_android_arn: str = ""
    push_ios_arn: str = ""


settings = read_settings(Settings)


def endpoint(token: str, platform: Platform) -> str:
    """Return SNS's endpoint for an app's token, made or made live again. Raises InvalidInput, Misconfigured,
    Unavailable."""
    application = settings.push_android_arn if platform == "ANDROID" else settings.push_ios_arn
    if not application:
        raise Misconfigured
    sns = aws.client("sns")
    try:
        arn: str = sns.create_platform_endpoint(PlatformApplicationArn=application, Token=token)["EndpointArn"]
        sns.set_endpoint_attributes(EndpointArn=arn, Attributes={"Token": token, "Enabled": "true"})
    except (ClientError, BotoCoreError) as error:
        code = aws.error_code(error)
        if code in ("InvalidParameter", "InvalidParameterException"):
            raise InvalidInput(wording.TOKEN) from None
        if aws.is_misconfigured(error) or code in _DEAD:
            misconfigured("SNS push", error=code)
            raise Misconfigured from None
        raise Unavailable(wording.NOT_NOW) from None
    return arn


def forget(arn: str) -> None:
    """Delete an endpoint; one that is not there is as good. A refusal is logged: nobody sends to it any more."""
    try:
        aws.client("sns").delete_endpoint(EndpointArn=arn)
    except (ClientError, BotoCoreError) as error:
        logger.warning("an endpoint is left behind", error=aws.error_code(error))


def forget_all(user_id: str) -> None:
    """Forget every app of a player who was erased, and take none any more. May be done again."""
    for gone in players.close(user_id):
        forget(gone)
    players.forget_endpoints(user_id)


def send(note: Item) -> str:
    """Hand a note over to every app of its player, of which one is enough; return "".

    An endpoint whose app is gone is forgotten. Raises Undeliverable where no app is left, CarrierUnavailable,
    CarrierMisconfigured.
    """
    endpoints = players.preferences(note["user_id"]).endpoints
    failures = {hashed: _sent(arn, note) for hashed, arn in endpoints.items()}
    for hashed, failure in failures.items():
        if isinstance(failure, Undeliverable) and (gone := players.remove_endpoint(note["user_id"], hashed)):
            forget(gone)
    if None in failures.values():
        return ""
    raise next((failure for failure in failures.values() if isinstance(failure, CarrierUnavailable)), _NO_APP)


_NO_APP = Undeliverable("NO_APP")


def _sent(arn: str, note: Item) -> Exception | None:
    """Return why an endpoint did not take a note; None: it did."""
    try:
        aws.client("sns").publish(TargetArn=arn, MessageStructure="json", Message=json.dumps(_message(note)))
    except (ClientError, BotoCoreError) as error:
        code = aws.error_code(error)
        if code in _DEAD:
            return Undeliverable(code)
        if aws.is_misconfigured(error):
            misconfigured("SNS push", error=code)
            return CarrierMisconfigured(code)
        return CarrierUnavailable(code)
    return None


def _message(note: Item) -> dict[str, Any]:
    """Return what SNS hands to Google's FCM (v1) and to Apple's APNs: the words, and the note's id."""
    shown = {"title": note["title"], "body": note["text"]}
    about = {"notificationId": note["note_id"], "kind": note["template"]}
    android = {"fcmV1Message": {"message": {"notification": shown, "data": about}}}
    apple = json.dumps({"aps": {"alert": shown}, **about})
    return {"default": note["text"], "GCM": json.dumps(android), "APNS": apple, "APNS_SANDBOX": apple}
