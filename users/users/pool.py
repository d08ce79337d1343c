"""Cognito's user pool of players, as its administrator. People are named by their `sub`."""

import secrets
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from betsafi.aws import client, error_code, is_misconfigured
from betsafi.errors import InvalidInput, Misconfigured, NotFound, Unavailable
from betsafi.telemetry import misconfigured
from users import wording

_WRONG_PASSWORD = ("NotAuthorizedException", "UserNotFoundException", "InvalidParameterException")


def replace_password(pool_id: str, sub: str) -> None:
    """Put a random password in place of whatever was chosen; nobody knows it. Raises as `set_password`."""
    set_password(pool_id, sub, secrets.token_urlsafe(64))


def set_password(pool_id: str, sub: str, password: str) -> None:
    """Give somebody a password to sign in with. Raises InvalidInput, NotFound, Unavailable, Misconfigured."""
    _ask("admin_set_user_password", pool_id, sub, Password=password, Permanent=True)


def mark_verified(pool_id: str, sub: str) -> None:
    """Say that somebody's phone number is theirs. Raises NotFound, Unavailable, Misconfigured."""
    verified = [{"Name": "phone_number_verified", "Value": "true"}]
    _ask("admin_update_user_attributes", pool_id, sub, UserAttributes=verified)


def move(pool_id: str, sub: str, number: str) -> None:
    """Let somebody sign in with another number, which they have proven: who began to sign up with it has not, and goes.

    Raises NotFound, Unavailable, Misconfigured.
    """
    attributes = [
        {"Name": "phone_number", "Value": number},
        {"Name": "phone_number_verified", "Value": "true"},
    ]
    try:
        _ask("admin_update_user_attributes", pool_id, sub, UserAttributes=attributes)
    except AliasTaken:
        delete(pool_id, number)
        _ask("admin_update_user_attributes", pool_id, sub, UserAttributes=attributes)


def phone_number(pool_id: str, sub: str) -> str:
    """Return the number that somebody signs in with. Raises NotFound, Unavailable, Misconfigured."""
    attributes = _ask("admin_get_user", pool_id, sub)["UserAttributes"]
    return next((str(one["Value"]) for one in attributes if one["Name"] == "phone_number"), "")


def exists(pool_id: str, sub: str) -> bool:
    """Return whether the pool has somebody. Raises Unavailable, Misconfigured."""
    try:
        _ask("admin_get_user", pool_id, sub)
    except NotFound:
        return False
    return True


def delete(pool_id: str, sub: str) -> None:
    """Take somebody out of the pool. Raises NotFound, Unavailable, Misconfigured."""
    _ask("admin_delete_user", pool_id, sub)


def sign_out_everywhere(pool_id: str, sub: str) -> None:
    """Have Cognito take no refresh token any more that somebody has. Raises NotFound, Unavailable, Misconfigured."""
    _ask("admin_user_global_sign_out", pool_id, sub)


def is_password(client_id: str, phone_number: str, password: str) -> bool:
    """Return whether somebody's password is this one, by asking for tokens, which Cognito then does not give.

    An account with devices has no token for a sign-in that names none (`flows.devices`): Cognito refuses a wrong
    password before it asks, and a right one with what our own trigger raised. Raises Unavailable, Misconfigured.
    """
    try:
        client("cognito-idp").initiate_auth(
            ClientId=client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": phone_number, "PASSWORD": password},
        )
    except (ClientError, BotoCoreError) as error:
        if "DEVICE_NEEDED" in str(error):
            return True
        if error_code(error) in _WRONG_PASSWORD:
            return False
        raise _translated(error) from None
    return True


def _ask(operation: str, pool_id: str, sub: str, **parameters: Any) -> Any:
    try:
        return getattr(client("cognito-idp"), operation)(UserPoolId=pool_id, Username=sub, **parameters)
    except (ClientError, BotoCoreError) as error:
        raise _translated(error) from None


class AliasTaken(Unavailable):
    """Another sign-in has this number."""


def _translated(error: Exception) -> Exception:
    """Return what a refusal means, without Cognito's own text, which may repeat what was sent."""
    code = error_code(error)
    if code == "UserNotFoundException":
        return NotFound(wording.NO_SIGN_IN)
    if code == "AliasExistsException":
        return AliasTaken(wording.NO_SIGNING_IN_NOW)
    if code == "InvalidPasswordException":
        return InvalidInput(wording.PASSWORD_GUESSED)
    if is_misconfigured(error):
        misconfigured("Cognito", error=code)
        return Misconfigured()
    return Unavailable(wording.NO_SIGNING_IN_NOW)
