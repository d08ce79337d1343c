"""The user pools of the emulator, as this endpoint asks about them."""

import json
from collections.abc import Mapping
from typing import Any

import jwt

from localcloud.base.emulator import Answer, Emulator
from localcloud.cognito.refused import Refused

TARGET = "AWSCognitoIdentityProviderService."
JSON = "application/x-amz-json-1.1"


class UserPools:
    """Pools, their clients and users; whatever the emulator refuses is raised as Refused."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    async def mark(self, pool: Mapping[str, Any], user: Mapping[str, Any], name: str, verified: str) -> None:
        """Note whether an attribute of a user is verified: "true" or "false". Raises Refused."""
        attributes = [{"Name": f"{name}_verified", "Value": verified}]
        await self.ask(
            "AdminUpdateUserAttributes", UserPoolId=pool["Id"], Username=user["Username"], UserAttributes=attributes
        )

    async def named(self, asked: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """Return the pool and the user of a call by an app client; None where there is no such user or client."""
        try:
            return await self.user(await self.of_client(asked["ClientId"]), asked["Username"])
        except Refused:
            return None

    async def signed_in(self, asked: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the pool and the user of an access token. Raises Refused with Cognito's answer."""
        token = asked.get("AccessToken", "")
        await self.ask("GetUser", AccessToken=token)
        claims = claims_of(token)
        return await self.user(claims["iss"].rsplit("/", 1)[-1], claims["username"])

    async def user(self, pool_id: str, name: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return a pool and one of its users. Raises Refused."""
        pool = (await self.ask("DescribeUserPool", UserPoolId=pool_id))["UserPool"]
        return pool, await self.ask("AdminGetUser", UserPoolId=pool_id, Username=name)

    async def of_client(self, client_id: str) -> str:
        """Return the pool that owns an app client, which calls by clients do not name. Raises Refused."""
        token: dict[str, Any] = {}
        while True:  # until the last page: a laptop has a handful of pools
            page = await self.ask("ListUserPools", MaxResults=60, **token)
            for pool in page["UserPools"]:
                try:
                    await self.ask("DescribeUserPoolClient", UserPoolId=pool["Id"], ClientId=client_id)
                except Refused:
                    continue
                return str(pool["Id"])
            if not page.get("NextToken"):
                raise Refused("ResourceNotFoundException", f"User pool client {client_id} does not exist.")
            token = {"NextToken": page["NextToken"]}

    async def ask(self, action: str, **parameters: Any) -> Any:
        """Return the emulator's answer to a call. Raises Refused."""
        answer = await call(self._emulator, action, **parameters)
        if answer.status != 200:
            raise Refused(*described(answer))
        return answer.json()


async def call(emulator: Emulator, action: str, **parameters: Any) -> Answer:
    """Call the emulator's Cognito; return whatever comes back."""
    headers = {"Content-Type": JSON, "X-Amz-Target": TARGET + action}
    return await emulator.call("cognito-idp", "POST", "/", headers=headers, body=json.dumps(parameters).encode())


def described(answer: Answer) -> tuple[str, str]:
    """Return the code and the message of a refusal."""
    try:
        body = answer.json()
        return str(body["__type"]).rpartition("#")[2], str(body.get("message") or body.get("Message") or "")
    except (ValueError, KeyError, TypeError):
        return "InternalErrorException", f"The emulator answered {answer.status}: {answer.body[:200]!r}"


def claims_of(token: str) -> dict[str, Any]:
    """Return the claims of a token that the emulator has verified."""
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims
