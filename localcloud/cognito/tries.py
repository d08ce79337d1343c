"""Which calls are attempts at a password or a code, and how each ended."""

from collections.abc import Awaitable, Mapping
from typing import Any

from localcloud.cognito.attempts import Attempts, code_lock_seconds, password_lock_seconds
from localcloud.cognito.pools import UserPools
from localcloud.cognito.refused import WRONG_PASSWORD, Refused


class Tries:
    """One attempt at a password or a code, of which a wrong one is counted; with no `attempts` it is neither."""

    def __init__(self, attempts: Attempts | None = None, who: tuple[str, str] = ("", "")) -> None:
        self._attempts, self._who = attempts, who

    async def watched(self, answer: Awaitable[dict[str, Any]]) -> dict[str, Any]:
        """Return an answer, and count it as an end of the attempt. Raises Refused as it does."""
        try:
            given = await answer
        except Refused as refused:
            self.ended(refused.code, str(refused))
            raise
        self.ended()
        return given

    def ended(self, code: str = "", message: str = "") -> None:
        """Count how the attempt ended: with a refusal, or without one."""
        if self._attempts is None:
            return
        if not code:
            self._attempts.right(self._who)
        elif code == "CodeMismatchException" or message.startswith(WRONG_PASSWORD):
            self._attempts.wrong(self._who)


class Limits:
    """The wrong passwords and codes of everybody."""

    def __init__(self, pools: UserPools) -> None:
        self._pools = pools
        self._passwords, self._guesses = Attempts(password_lock_seconds), Attempts(code_lock_seconds)

    async def of(self, action: str, asked: Mapping[str, Any]) -> Tries:
        """Return the attempt that a call is, which learns how it ended. Raises Refused where there were too many."""
        responses = asked.get("ChallengeResponses") or {}
        if action == "InitiateAuth" and asked.get("AuthFlow") == "USER_PASSWORD_AUTH":
            name = str((asked.get("AuthParameters") or {}).get("USERNAME"))
        elif action == "RespondToAuthChallenge" and asked.get("ChallengeName") == "PASSWORD_VERIFIER":
            name = str(responses.get("USERNAME"))
        elif action in ("ConfirmSignUp", "ConfirmForgotPassword"):
            return self._attempt(self._guesses, await self._person(asked, str(asked.get("Username"))))
        elif action in ("ChangePassword", "VerifyUserAttribute"):
            pool, user = await self._pools.signed_in(asked)
            return self._attempt(self._guesses, (pool["Id"], user["Username"]))
        else:
            return Tries()
        return self._attempt(self._passwords, await self._person(asked, name))

    def _attempt(self, attempts: Attempts, who: tuple[str, str]) -> Tries:
        if not attempts.are_over(who):
            return Tries(attempts, who)
        if attempts is self._passwords:
            raise Refused("NotAuthorizedException", "Password attempts exceeded")
        raise Refused("LimitExceededException", "Attempt limit exceeded, please try after some time.")

    async def _person(self, asked: Mapping[str, Any], name: str) -> tuple[str, str]:
        """Return under what the attempts of a name are counted, whether or not it is somebody's."""
        found = await self._pools.named({**asked, "Username": name})
        return (found[0]["Id"], found[1]["Username"]) if found else (str(asked.get("ClientId")), name)
