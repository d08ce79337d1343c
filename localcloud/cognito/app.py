"""The Cognito user-pools endpoint in front of the emulator, with what the emulator leaves out.

- It never calls PostConfirmation, and confirming does not verify the phone number.
- It sends no SMS and describes deliveries as e-mails; the codes go to the inbox from here.
- It knows no verification of attributes.
- It lets a client write any attribute, `sub` and groups among them.
- It takes any number of wrong passwords and codes.
- It refuses a custom sign-in of an unknown name, which Cognito plays along with (`strangers.py`).
- It words what a trigger raised as a Python dictionary.
- It knows no pool without sign-up, and sessions and second factors only half: `second_factor`.

No second factor is by SMS: MiniStack never asks for one, and neither do our pools.
Source: Amazon Cognito developer guide, "Customizing user pool workflows with Lambda triggers" and "Attribute
permissions and scopes".
"""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from localcloud.base.addresses import REGION
from localcloud.base.emulator import Answer, Emulator
from localcloud.cognito import permissions
from localcloud.cognito.answers import as_error, as_json, refusal, returned
from localcloud.cognito.confirmation import confirmed
from localcloud.cognito.pools import TARGET, UserPools, described
from localcloud.cognito.refused import Refused
from localcloud.cognito.second_factor import SecondFactor
from localcloud.cognito.strangers import Strangers
from localcloud.cognito.tries import Limits
from localcloud.cognito.verification import Verification

_NOT_FORWARDED = frozenset({"content-length", "connection", "transfer-encoding", "accept-encoding"})
_EXPOSED = ["x-amzn-RequestId", "x-amzn-ErrorType", "x-amzn-ErrorMessage", "Date"]


def create_app(
    emulator_url: str, region: str = REGION, *, inbox_url: str | None = None, seconds: float = 30.0
) -> Starlette:
    """Return an endpoint that passes every user-pools call on and adds what the emulator leaves out.

    Codes that are sent are POSTed to the inbox, if there is one. A PostConfirmation that fails answers
    UserLambdaValidationException; the user stays confirmed, as on AWS.
    """
    emulator = Emulator(emulator_url, region, seconds)
    cognito = _Cognito(emulator, inbox_url)

    async def published_keys(request: Request) -> Response:
        return returned(await _forward(emulator, request, b""))

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await emulator.close()

    return Starlette(
        routes=[
            Route("/", cognito.call, methods=["POST"]),
            Route("/{pool_id}/.well-known/{document}", published_keys, methods=["GET"]),
        ],
        middleware=[
            Middleware(
                CORSMiddleware, allow_origins=["*"], allow_methods=["*"], allow_headers=["*"], expose_headers=_EXPOSED
            )
        ],
        lifespan=lifespan,
    )


class _Cognito:
    """The order in which a call passes the emulator and what is added to it."""

    def __init__(self, emulator: Emulator, inbox_url: str | None) -> None:
        self._emulator = emulator
        self._pools = UserPools(emulator)
        self._limits = Limits(self._pools)
        self._verification = Verification(emulator, self._pools, inbox_url)
        self._second_factor = SecondFactor(self._pools.ask)
        self._strangers = Strangers(emulator)
        self._answered_here = {
            "GetUserAttributeVerificationCode": self._verification.send,
            "VerifyUserAttribute": self._verification.verify,
        }

    async def call(self, request: Request) -> Response:
        """Answer one call; the one place where refusals become HTTP answers."""
        target = request.headers.get("x-amz-target", "")
        if not target.startswith(TARGET):
            return as_error(Refused("UnknownOperationException", "Only Amazon Cognito user pools are served here."))
        action, body = target.removeprefix(TARGET), await request.body()
        try:
            asked = json.loads(body)
        except ValueError:
            return as_error(Refused("SerializationException", "The body is not JSON."))
        try:
            return await self._answer(request, action, asked, body)
        except Refused as refused:
            return as_error(refused)

    async def _answer(self, request: Request, action: str, asked: Mapping[str, Any], body: bytes) -> Response:
        if asked.get("Session") in self._strangers:
            return as_json(await self._strangers.answer(asked))
        tries = await self._limits.of(action, asked)
        if action in self._answered_here:
            return as_json(await tries.watched(self._answered_here[action](asked)))
        await permissions.check(self._pools, action, asked)
        if (answered := await self._second_factor.before(action, asked)) is not None:
            return as_json(answered)
        forwarded = await _forward(self._emulator, request, body)
        if forwarded.status != 200:
            code, message = described(forwarded)
            tries.ended(code, message)
            challenge = await self._challenge_of_nobody(action, asked) if code == "UserNotFoundException" else None
            return as_json(challenge) if challenge is not None else refusal(action, forwarded)
        tries.ended()
        added = await self._after(action, asked, forwarded.json() or {})
        return as_json(added) if added is not None else returned(forwarded)

    async def _challenge_of_nobody(self, action: str, asked: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the challenge that AWS shows under a name that nobody has; None where it refuses. Raises Refused."""
        if action != "InitiateAuth" or asked.get("AuthFlow") != "CUSTOM_AUTH":
            return None
        client_id = asked["ClientId"]
        pool_id = await self._pools.of_client(client_id)
        client = await self._pools.ask("DescribeUserPoolClient", UserPoolId=pool_id, ClientId=client_id)
        if client["UserPoolClient"].get("PreventUserExistenceErrors") != "ENABLED":
            return None
        pool = (await self._pools.ask("DescribeUserPool", UserPoolId=pool_id))["UserPool"]
        return await self._strangers.begin(pool, client_id, asked["AuthParameters"]["USERNAME"])

    async def _after(self, action: str, asked: Mapping[str, Any], answer: dict[str, Any]) -> dict[str, Any] | None:
        """Do what AWS does once a call was carried out; return the answer as AWS words it, None for as it is."""
        if action in ("ConfirmSignUp", "AdminConfirmSignUp"):
            await confirmed(self._emulator, self._pools, action, asked)
        if action == "SignUp":
            return await self._verification.signed_up(asked, answer)
        if action in ("ResendConfirmationCode", "ForgotPassword"):
            return await self._verification.sent_again(action, asked)
        if action == "UpdateUserAttributes":
            return await self._verification.attributes_changed(asked)
        if answer.keys() & {"AuthenticationResult", "ChallengeName"}:
            pool_id = asked.get("UserPoolId") or await self._pools.of_client(asked["ClientId"])
            return await self._second_factor.after(action, asked, answer, pool_id)
        return None


async def _forward(emulator: Emulator, request: Request, body: bytes) -> Answer:
    """Send the request as it came, its Host header included: a signature covers it."""
    headers = {name: value for name, value in request.headers.items() if name not in _NOT_FORWARDED}
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return await emulator.send(request.method, path, headers=headers, body=body)
