"""What Cognito refuses and the emulator would do."""

from collections.abc import Mapping
from typing import Any

from localcloud.cognito import codes
from localcloud.cognito.pools import UserPools, claims_of
from localcloud.cognito.refused import Refused

_NEVER_WRITTEN = frozenset({"sub", "email_verified", "phone_number_verified"})
"""Attributes that no client may write, whatever its list says."""


async def check(pools: UserPools, action: str, asked: Mapping[str, Any]) -> None:
    """Raise Refused for a call that is not to be carried out."""
    if action == "SignUp":
        await _check_sign_up(pools, asked)
    elif action == "UpdateUserAttributes":
        pool, _ = await pools.signed_in(asked)
        client_id = claims_of(asked["AccessToken"])["client_id"]
        await _check_attributes(pools, pool["Id"], client_id, asked.get("UserAttributes") or [])
    elif action in ("ForgotPassword", "ResendConfirmationCode"):
        await _check_code(pools, action, asked)


async def _check_sign_up(pools: UserPools, asked: Mapping[str, Any]) -> None:
    pool_id = await pools.of_client(asked.get("ClientId", ""))
    pool = (await pools.ask("DescribeUserPool", UserPoolId=pool_id))["UserPool"]
    if (pool.get("AdminCreateUserConfig") or {}).get("AllowAdminCreateUserOnly"):
        raise Refused("NotAuthorizedException", "SignUp is not permitted for this user pool")
    await _check_attributes(pools, pool_id, asked["ClientId"], asked.get("UserAttributes") or [])


async def _check_attributes(pools: UserPools, pool_id: str, client_id: str, given: list[dict[str, str]]) -> None:
    """Raise Refused unless the client may write every attribute."""
    pool = (await pools.ask("DescribeUserPool", UserPoolId=pool_id))["UserPool"]
    asked = await pools.ask("DescribeUserPoolClient", UserPoolId=pool_id, ClientId=client_id)
    known = {attribute["Name"] for attribute in pool["SchemaAttributes"]}
    # An empty list is none, and without one every standard attribute may be written.
    writable = set(asked["UserPoolClient"].get("WriteAttributes") or known) - _NEVER_WRITTEN
    for name in codes.by_name(given):
        if name not in known:
            text = f"Attributes did not conform to the schema: {name}: Attribute does not exist in the schema."
            raise Refused("InvalidParameterException", text)
        if name not in writable:
            raise Refused("NotAuthorizedException", "A client attempted to write unauthorized attribute")


async def _check_code(pools: UserPools, action: str, asked: Mapping[str, Any]) -> None:
    if not (found := await pools.named(asked)):
        return
    pool, user = found
    if action == "ResendConfirmationCode" and user["UserStatus"] == "CONFIRMED":
        raise Refused("InvalidParameterException", "User is already confirmed.")
    if action == "ForgotPassword" and codes.at_recovery(pool, codes.by_name(user["UserAttributes"])) is None:
        raise Refused(
            "InvalidParameterException",
            "Cannot reset password for the user as there is no registered/verified email or phone_number",
        )
