"""The Cognito user-pools endpoint in front of the emulator, which never calls PostConfirmation.

Source of the event: Amazon Cognito developer guide, "Post confirmation Lambda trigger".
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

from tools.localcloud.appsync.emulator import Answer, Emulator, EmulatorError

_TARGET = "AWSCognitoIdentityProviderService."
_JSON = "application/x-amz-json-1.1"
_FORWARDED_BACK = ("content-type", "x-amzn-requestid", "x-amzn-errortype", "x-amz-request-id")
_NOT_FORWARDED = frozenset({"content-length", "connection", "transfer-encoding", "accept-encoding"})


def create_app(emulator_url: str, region: str = "eu-west-1") -> Starlette:
    """Return an endpoint that passes every user-pools call on and adds the PostConfirmation trigger.

    A trigger that fails answers UserLambdaValidationException; the user stays confirmed, as on AWS.
    """
    emulator = Emulator(emulator_url, region)

    async def call(request: Request) -> Response:
        target = request.headers.get("x-amz-target", "")
        if not target.startswith(_TARGET):
            return _error("UnknownOperationException", "Only Amazon Cognito user pools are served here.")
        body = await request.body()
        forwarded = await _forward(emulator, request, body)
        if forwarded.status == 200:
            failure = await _post_confirmation(emulator, target.removeprefix(_TARGET), json.loads(body))
            if failure is not None:
                return _error("UserLambdaValidationException", f"PostConfirmation failed with error {failure}.")
        return _returned(forwarded)

    async def published_keys(request: Request) -> Response:
        return _returned(await _forward(emulator, request, b""))

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await emulator.close()

    return Starlette(
        routes=[
            Route("/", call, methods=["POST"]),
            Route("/{pool_id}/.well-known/{document}", published_keys, methods=["GET"]),
        ],
        middleware=[Middleware(CORSMiddleware, allow_origins=["*"], allow_methods=["*"], allow_headers=["*"])],
        lifespan=lifespan,
    )


async def _forward(emulator: Emulator, request: Request, body: bytes) -> Answer:
    """Send the request as it came, its Host header included: a signature covers it."""
    headers = {name: value for name, value in request.headers.items() if name not in _NOT_FORWARDED}
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return await emulator.send(request.method, path, headers=headers, body=body)


def _returned(answer: Answer) -> Response:
    headers = {name: answer.headers[name] for name in _FORWARDED_BACK if name in answer.headers}
    return Response(answer.body, answer.status, headers)


def _error(code: str, message: str) -> Response:
    body = json.dumps({"__type": code, "message": message})
    return Response(body, 400, {"content-type": _JSON, "x-amzn-errortype": code})


async def _post_confirmation(emulator: Emulator, action: str, asked: Mapping[str, Any]) -> str | None:
    """Run the pool's trigger after a confirmation; return what it failed with, None if it did not."""
    if action == "ConfirmSignUp":
        pool_id, client_id = await _pool_of_client(emulator, asked["ClientId"]), asked["ClientId"]
    elif action == "AdminConfirmSignUp":
        pool_id, client_id = asked["UserPoolId"], "CLIENT_ID_NOT_APPLICABLE"
    else:
        return None
    pool = (await _ask(emulator, "DescribeUserPool", UserPoolId=pool_id))["UserPool"]
    function = (pool.get("LambdaConfig") or {}).get("PostConfirmation")
    if not function:
        return None
    user = await _ask(emulator, "AdminGetUser", UserPoolId=pool_id, Username=asked["Username"])
    event = _event(emulator.region, pool_id, client_id, user, asked.get("ClientMetadata") or {})
    try:
        outcome = await emulator.invoke(function, event)
    except EmulatorError as error:
        return str(error)
    if not outcome.failed:
        return None
    described = outcome.payload if isinstance(outcome.payload, dict) else {}
    return str(described.get("errorMessage"))


def _event(
    region: str, pool_id: str, client_id: str, user: Mapping[str, Any], metadata: Mapping[str, str]
) -> dict[str, Any]:
    attributes = {attribute["Name"]: attribute["Value"] for attribute in user["UserAttributes"]}
    return {
        "version": "1",
        "region": region,
        "userPoolId": pool_id,
        "userName": user["Username"],
        "callerContext": {"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": client_id},
        "triggerSource": "PostConfirmation_ConfirmSignUp",
        "request": {
            "userAttributes": {**attributes, "cognito:user_status": "CONFIRMED"},
            **({"clientMetadata": metadata} if metadata else {}),
        },
        "response": {},
    }


async def _pool_of_client(emulator: Emulator, client_id: str) -> str:
    """Return the pool that owns an app client, which ConfirmSignUp does not name."""
    token: dict[str, Any] = {}
    while True:
        page = await _ask(emulator, "ListUserPools", MaxResults=60, **token)
        for pool in page["UserPools"]:
            if await _owns(emulator, pool["Id"], client_id):
                return str(pool["Id"])
        if not page.get("NextToken"):
            raise EmulatorError(f"no user pool has the client {client_id}")
        token = {"NextToken": page["NextToken"]}


async def _owns(emulator: Emulator, pool_id: str, client_id: str) -> bool:
    answer = await _send(emulator, "DescribeUserPoolClient", UserPoolId=pool_id, ClientId=client_id)
    return answer.status == 200


async def _ask(emulator: Emulator, action: str, **parameters: Any) -> Any:
    answer = await _send(emulator, action, **parameters)
    if answer.status != 200:
        raise EmulatorError(f"{action} answered {answer.status}: {answer.body[:200]!r}")
    return answer.json()


async def _send(emulator: Emulator, action: str, **parameters: Any) -> Answer:
    return await emulator.call(
        "cognito-idp",
        "POST",
        "/",
        headers={"Content-Type": _JSON, "X-Amz-Target": _TARGET + action},
        body=json.dumps(parameters).encode(),
    )
