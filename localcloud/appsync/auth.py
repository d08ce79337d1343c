"""Callers, proven by whichever of the API's modes their credentials are for."""

import time

from localcloud.appsync.callers import NO_CREDENTIALS, Caller, SignedMessage
from localcloud.appsync.deployment import API_KEY, COGNITO, IAM, Deployment
from localcloud.appsync.errors import Unauthorized
from localcloud.appsync.signatures import SignatureVerifier
from localcloud.appsync.tokens import TokenVerifier
from localcloud.base.emulator import Emulator


class Authenticator:
    """Proves callers against the emulator: its pools' keys, its access keys, its API keys."""

    def __init__(self, emulator: Emulator) -> None:
        self._tokens = TokenVerifier(emulator)
        self._signatures = SignatureVerifier(emulator)

    async def authenticate(self, deployment: Deployment, message: SignedMessage, source_ip: str) -> Caller:
        """Return the caller. Raises Unauthorized unless one of the API's modes accepts the credentials."""
        authorization = message.headers.get("authorization", "")
        if authorization.startswith("AWS4-HMAC-SHA256") and IAM in deployment.modes:
            return await self._signatures.verify(deployment, message, source_ip)
        if API_KEY in deployment.modes and (key := message.headers.get("x-api-key")):
            return _api_key_caller(deployment, key)
        if COGNITO in deployment.modes and authorization:
            return await self._tokens.verify(deployment.pools, authorization, source_ip)
        raise Unauthorized(NO_CREDENTIALS)


def _api_key_caller(deployment: Deployment, key: str) -> Caller:
    expires = deployment.api_keys.get(key)
    if expires is None or expires <= time.time():
        raise Unauthorized("You are not authorized to make this call.")
    return Caller(API_KEY)
