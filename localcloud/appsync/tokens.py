"""Cognito's tokens, verified."""

import re
import time
from collections.abc import Sequence
from typing import Any

import jwt

from localcloud.appsync.callers import NO_CREDENTIALS, Caller
from localcloud.appsync.deployment import COGNITO, UserPool
from localcloud.appsync.errors import Unauthorized
from localcloud.base.emulator import Emulator

_JWKS_RETRY_SECONDS = 1.0


class TokenVerifier:
    """Verifies Cognito ID and access tokens against their pool's published keys."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self._keys: dict[str, dict[str, jwt.PyJWK]] = {}
        self._asked_at: dict[str, float] = {}

    async def verify(self, pools: Sequence[UserPool], authorization: str, source_ip: str) -> Caller:
        """Return the token's user. Raises Unauthorized for a forged, expired or foreign token."""
        token = authorization.removeprefix("Bearer ")
        try:
            claimed = jwt.decode(token, options={"verify_signature": False})
            key_id = jwt.get_unverified_header(token).get("kid", "")
        except (jwt.PyJWTError, RecursionError) as error:
            raise Unauthorized(NO_CREDENTIALS) from error
        pool = next((pool for pool in pools if pool.issuer == claimed.get("iss")), None)
        key = await self._key(pool, key_id) if pool else None
        if pool is None or key is None:
            raise Unauthorized(NO_CREDENTIALS)
        return _cognito_caller(_verified_claims(token, key, pool), source_ip)

    async def _key(self, pool: UserPool, key_id: str) -> jwt.PyJWK | None:
        """Return the pool's key, asking again (at most once a second) for one not seen before."""
        known = self._keys.get(pool.pool_id, {})
        asked_at = self._asked_at.get(pool.pool_id, -_JWKS_RETRY_SECONDS)
        if key_id not in known and time.monotonic() - asked_at >= _JWKS_RETRY_SECONDS:
            answer = await self._emulator.send("GET", f"/{pool.pool_id}/.well-known/jwks.json")
            published = answer.json()["keys"] if answer.status == 200 else []
            known = {key["kid"]: jwt.PyJWK(key) for key in published}
            self._keys[pool.pool_id] = known
            self._asked_at[pool.pool_id] = time.monotonic()
        return known.get(key_id)


def _verified_claims(token: str, key: jwt.PyJWK, pool: UserPool) -> dict[str, Any]:
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=["RS256"],
            issuer=pool.issuer,
            options={"require": ["exp", "iat", "iss", "sub", "token_use"], "verify_aud": False},
        )
    except jwt.ExpiredSignatureError as error:
        raise Unauthorized("Token has expired.") from error
    except jwt.PyJWTError as error:
        raise Unauthorized(NO_CREDENTIALS) from error
    if claims["token_use"] not in ("id", "access"):
        raise Unauthorized(NO_CREDENTIALS)
    client = str(claims.get("aud") or claims.get("client_id") or "")
    if pool.client_pattern and not re.search(pool.client_pattern, client):
        raise Unauthorized(NO_CREDENTIALS)
    return claims


def _cognito_caller(claims: dict[str, Any], source_ip: str) -> Caller:
    groups = claims.get("cognito:groups")
    identity = {
        "sub": claims["sub"],
        "issuer": claims["iss"],
        "username": claims.get("cognito:username") or claims.get("username"),
        "claims": claims,
        "sourceIp": [source_ip],
        "defaultAuthStrategy": "ALLOW",
        "groups": groups,
    }
    return Caller(COGNITO, identity, frozenset(groups or ()))
