"""What a pool like the staff's demands and the emulator does not: that nobody signs up, and a second factor.

MiniStack 1.5.33 lets anybody sign up; gives tokens to who has no second factor yet, or has just chosen a password; and
takes any `Session` for these challenges, so that a code alone, or nothing at all, would sign somebody in.

Here tokens that the emulator gives too early are kept until the second factor was shown. A code is checked by the
emulator, which keeps the secrets. Unlike AWS it takes a code twice.
Source: Amazon Cognito developer guide, "TOTP software token MFA"; API reference, RespondToAuthChallenge.
"""

import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import jwt

from localcloud.cognito.refused import Refused

_CHALLENGES = ("NEW_PASSWORD_REQUIRED", "MFA_SETUP", "SOFTWARE_TOKEN_MFA")
_RESPONSES = ("RespondToAuthChallenge", "AdminRespondToAuthChallenge")
_SIGN_INS = ("InitiateAuth", "AdminInitiateAuth", *_RESPONSES)
_SECONDS = 180.0
_TRIES = 5
_NO_SESSION = "Invalid session for the user, session is expired."


@dataclass
class _Waiting:
    """Who was asked what; `tokens` are the emulator's, kept back until the second factor is set up."""

    challenge: str
    pool_id: str
    username: str
    until: float
    tokens: Mapping[str, Any] | None = None
    tries: int = 0
    verified: bool = False


class SecondFactor:
    """The challenges that are open. `ask` puts a call before the emulator and raises Refused."""

    def __init__(self, ask: Callable[..., Awaitable[Any]]) -> None:
        self._ask = ask
        self._open: dict[str, _Waiting] = {}

    async def before(self, action: str, asked: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the answer to a call that the emulator is not asked, None for all others. Raises Refused."""
        session = str(asked.get("Session") or "")
        if action in _RESPONSES and asked.get("ChallengeName") in _CHALLENGES:
            return await self._respond(session, asked)
        if action in ("AssociateSoftwareToken", "VerifySoftwareToken") and session:
            return await self._set_up(action, session, asked)
        return None

    async def after(
        self, action: str, asked: Mapping[str, Any], answer: dict[str, Any], pool_id: str
    ) -> dict[str, Any] | None:
        """Return what AWS answers in place of the emulator's answer, None for the same. `pool_id` is the client's."""
        if action not in _SIGN_INS:
            return None
        done = asked.get("ChallengeName")
        if answer.get("ChallengeName") in _CHALLENGES:
            name = answer["ChallengeParameters"]["USER_ID_FOR_SRP"]
            user = await self._ask("AdminGetUser", UserPoolId=pool_id, Username=name)
            self._wait(answer["ChallengeName"], pool_id, user["Username"], session=answer["Session"])
        tokens = answer.get("AuthenticationResult")
        if done in _CHALLENGES:
            self._open.pop(str(asked.get("Session")), None)
        refreshed = str(asked.get("AuthFlow", "")).startswith("REFRESH")
        if tokens is None or done == "SOFTWARE_TOKEN_MFA" or refreshed:
            return None
        return await self._challenge(pool_id, tokens)

    async def _challenge(self, pool_id: str, tokens: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the challenge for who has shown a password, None where the pool asks for no second factor."""
        pool = (await self._ask("DescribeUserPool", UserPoolId=pool_id))["UserPool"]
        if pool.get("MfaConfiguration") != "ON":
            return None
        name = jwt.decode(tokens["AccessToken"], options={"verify_signature": False})["username"]
        user = await self._ask("AdminGetUser", UserPoolId=pool_id, Username=name)
        has_one = "SOFTWARE_TOKEN_MFA" in user.get("UserMFASettingList", [])
        challenge = "SOFTWARE_TOKEN_MFA" if has_one else "MFA_SETUP"
        more = {} if has_one else {"MFAS_CAN_SETUP": '["SOFTWARE_TOKEN_MFA"]'}
        session = self._wait(challenge, pool_id, user["Username"], tokens)
        parameters = {"USER_ID_FOR_SRP": user["Username"], **more}
        return {"ChallengeName": challenge, "Session": session, "ChallengeParameters": parameters}

    def _wait(
        self, challenge: str, pool_id: str, username: str, tokens: Mapping[str, Any] | None = None, session: str = ""
    ) -> str:
        now = time.monotonic()
        self._open = {kept: waiting for kept, waiting in self._open.items() if waiting.until > now}
        session = session or secrets.token_urlsafe(48)
        self._open[session] = _Waiting(challenge, pool_id, username, now + _SECONDS, tokens)
        return session

    def _find(self, session: str, challenge: str) -> _Waiting:
        waiting = self._open.get(session)
        if waiting is None or waiting.challenge != challenge or waiting.until <= time.monotonic():
            raise Refused("NotAuthorizedException", _NO_SESSION)
        waiting.tries += 1
        if waiting.tries > _TRIES:
            del self._open[session]
            raise Refused("NotAuthorizedException", _NO_SESSION)
        return waiting

    async def _respond(self, session: str, asked: Mapping[str, Any]) -> dict[str, Any] | None:
        waiting = self._find(session, asked["ChallengeName"])
        name = (asked.get("ChallengeResponses") or {}).get("USERNAME", "")
        user = await self._ask("AdminGetUser", UserPoolId=waiting.pool_id, Username=name)
        if user["Username"] != waiting.username:
            raise Refused("NotAuthorizedException", _NO_SESSION)
        if waiting.challenge != "MFA_SETUP":
            return None
        if not waiting.verified:
            raise Refused("InvalidParameterException", "The software token was not verified.")
        del self._open[session]
        return {"AuthenticationResult": dict(waiting.tokens or {}), "ChallengeParameters": {}}

    async def _set_up(self, action: str, session: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Give somebody their secret, or take its first code; a wrong one may be tried again."""
        waiting = self._find(session, "MFA_SETUP")
        token = (waiting.tokens or {})["AccessToken"]
        if action == "AssociateSoftwareToken":
            given = await self._ask(action, AccessToken=token)
            return {"SecretCode": given["SecretCode"], "Session": session}
        await self._ask(action, AccessToken=token, UserCode=asked.get("UserCode", ""))
        waiting.verified = True
        return {"Status": "SUCCESS", "Session": session}
