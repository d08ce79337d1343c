"""Custom sign-ins of nobody: the emulator refuses unknown names, where Cognito runs the triggers with `userNotFound`.

Source: Amazon Cognito developer guide, "Managing user existence error responses" and "Custom authentication challenge
Lambda triggers".
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from localcloud.base.emulator import Emulator
from localcloud.cognito.refused import WRONG_PASSWORD, Refused, trigger_failed

CHALLENGE = "CUSTOM_CHALLENGE"


@dataclass
class _SignIn:
    pool: Mapping[str, Any]
    client_id: str
    name: str
    session: list[dict[str, Any]] = field(default_factory=list)
    private: dict[str, str] = field(default_factory=dict)


class Strangers:
    """The sign-ins of nobody that are going on, by their session."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self._sign_ins: dict[str, _SignIn] = {}

    def __contains__(self, session: object) -> bool:
        return session in self._sign_ins

    async def begin(self, pool: Mapping[str, Any], client_id: str, name: str) -> dict[str, Any]:
        """Return the first challenge. Raises Refused where the sign-in or a trigger fails."""
        return await self._next(_SignIn(pool, client_id, name), {})

    async def answer(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Return the next challenge after an answer. Raises Refused where the sign-in or a trigger fails."""
        sign_in = self._sign_ins.pop(asked["Session"])
        metadata = asked.get("ClientMetadata") or {}
        given = {
            "challengeAnswer": (asked.get("ChallengeResponses") or {}).get("ANSWER", ""),
            "privateChallengeParameters": sign_in.private,
        }
        checked = await self._run(sign_in, "VerifyAuthChallengeResponse", metadata, given)
        sign_in.session[-1]["challengeResult"] = bool(checked.get("answerCorrect"))
        return await self._next(sign_in, metadata)

    async def _next(self, sign_in: _SignIn, metadata: Mapping[str, str]) -> dict[str, Any]:
        decided = await self._run(sign_in, "DefineAuthChallenge", metadata, {"session": sign_in.session})
        if decided.get("failAuthentication") or decided.get("issueTokens"):
            raise Refused("NotAuthorizedException", f"{WRONG_PASSWORD}.")
        asked = {"challengeName": CHALLENGE, "session": sign_in.session}
        challenge = await self._run(sign_in, "CreateAuthChallenge", metadata, asked)
        sign_in.private = challenge.get("privateChallengeParameters") or {}
        made = {"challengeName": CHALLENGE, "challengeMetadata": challenge.get("challengeMetadata")}
        sign_in.session.append({**made, "challengeResult": None})
        session = secrets.token_urlsafe(32)
        self._sign_ins[session] = sign_in
        public = challenge.get("publicChallengeParameters") or {}
        return {"ChallengeName": CHALLENGE, "Session": session, "ChallengeParameters": public}

    async def _run(
        self, sign_in: _SignIn, trigger: str, metadata: Mapping[str, str], request: dict[str, Any]
    ) -> dict[str, Any]:
        event = {
            "version": "1",
            "triggerSource": f"{trigger}_Authentication",
            "region": self._emulator.region,
            "userPoolId": sign_in.pool["Id"],
            "userName": sign_in.name,
            "callerContext": {"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": sign_in.client_id},
            "request": {"userAttributes": {}, "userNotFound": True, "clientMetadata": dict(metadata), **request},
            "response": {},
        }
        outcome = await self._emulator.invoke(sign_in.pool["LambdaConfig"][trigger], event)
        if outcome.failed:
            raise trigger_failed(trigger, str(outcome.payload.get("errorMessage")))
        answer: dict[str, Any] = outcome.payload["response"]
        return answer
