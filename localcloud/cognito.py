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

import ast
import json
import re
import secrets
from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import jwt
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from localcloud import codes
from localcloud.attempts import Attempts, code_lock_seconds, password_lock_seconds
from localcloud.base.emulator import Answer, Emulator, EmulatorError
from localcloud.refused import Refused
from localcloud.second_factor import SecondFactor
from localcloud.strangers import Strangers, TriggerFailed

_TARGET = "AWSCognitoIdentityProviderService."
_JSON = "application/x-amz-json-1.1"
_FORWARDED_BACK = ("content-type", "x-amzn-requestid", "x-amz-request-id")
_NOT_FORWARDED = frozenset({"content-length", "connection", "transfer-encoding", "accept-encoding"})
_NEVER_WRITTEN = frozenset({"sub", "email_verified", "phone_number_verified"})
"""Attributes that no client may write, whatever its list says."""
_WRONG_PASSWORD = "Incorrect username or password"
_FAILED_TRIGGER = re.compile(r"(\w+) (?:returned )?error: (.*)", re.DOTALL)
_EXPOSED = ["x-amzn-RequestId", "x-amzn-ErrorType", "x-amzn-ErrorMessage", "Date"]


def create_app(
    emulator_url: str, region: str = "eu-west-1", *, inbox_url: str | None = None, seconds: float = 30.0
) -> Starlette:
    """Return an endpoint that passes every user-pools call on and adds what the emulator leaves out.

    Codes that are sent are POSTed to the inbox, if there is one. A PostConfirmation that fails answers
    UserLambdaValidationException; the user stays confirmed, as on AWS.
    """
    emulator = Emulator(emulator_url, region, seconds)
    cognito = _Cognito(emulator, inbox_url)

    async def call(request: Request) -> Response:
        target = request.headers.get("x-amz-target", "")
        if not target.startswith(_TARGET):
            return _error("UnknownOperationException", "Only Amazon Cognito user pools are served here.")
        action, body = target.removeprefix(_TARGET), await request.body()
        try:
            asked = json.loads(body)
        except ValueError:
            return _error("SerializationException", "The body is not JSON.")
        try:
            if asked.get("Session") in cognito.strangers:
                return _json(await cognito.answer_of_nobody(asked))
            tries = await cognito.tries_of(action, asked)
            if action in cognito.answered_here:
                return _json(await tries.watched(cognito.answered_here[action](asked)))
            await cognito.before(action, asked)
            if (answered := await cognito.second_factor.before(action, asked)) is not None:
                return _json(answered)
            forwarded = await _forward(emulator, request, body)
            if forwarded.status != 200:
                code, message = _described(forwarded)
                tries.ended(code, message)
                return await cognito.refusal(action, asked, forwarded)
            tries.ended()
            added = await cognito.after(action, asked, forwarded.json() or {})
            return _json(added) if added is not None else _returned(forwarded)
        except Refused as refused:
            return _error(refused.code, str(refused))
        except TriggerFailed as failed:
            failure = _lambda_failure(failed.trigger, str(failed))
            return _error(failure.code, str(failure))

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
        middleware=[
            Middleware(
                CORSMiddleware, allow_origins=["*"], allow_methods=["*"], allow_headers=["*"], expose_headers=_EXPOSED
            )
        ],
        lifespan=lifespan,
    )


class _Tries:
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
        elif code == "CodeMismatchException" or message.startswith(_WRONG_PASSWORD):
            self._attempts.wrong(self._who)


class _Cognito:
    """What is added to the emulator's answers, and the calls that it does not know."""

    def __init__(self, emulator: Emulator, inbox_url: str | None) -> None:
        self._emulator = emulator
        self._inbox_url = inbox_url
        self.second_factor = SecondFactor(self._ask)
        self._codes: dict[tuple[str, str, str], tuple[str, str]] = {}
        """(code, address) by pool, user and attribute."""
        self._passwords, self._guesses = Attempts(password_lock_seconds), Attempts(code_lock_seconds)
        self.strangers = Strangers(emulator)
        self.answered_here = {
            "GetUserAttributeVerificationCode": self._send_verification,
            "VerifyUserAttribute": self._verify,
        }

    async def tries_of(self, action: str, asked: Mapping[str, Any]) -> _Tries:
        """Return the attempt that a call is, to be told how it ended. Raises Refused where there were too many."""
        responses = asked.get("ChallengeResponses") or {}
        if action == "InitiateAuth" and asked.get("AuthFlow") == "USER_PASSWORD_AUTH":
            name = str((asked.get("AuthParameters") or {}).get("USERNAME"))
        elif action == "RespondToAuthChallenge" and asked.get("ChallengeName") == "PASSWORD_VERIFIER":
            name = str(responses.get("USERNAME"))
        elif action in ("ConfirmSignUp", "ConfirmForgotPassword"):
            return self._attempt(self._guesses, await self._person(asked, str(asked.get("Username"))))
        elif action in ("ChangePassword", "VerifyUserAttribute"):
            pool, user = await self._signed_in(asked)
            return self._attempt(self._guesses, (pool["Id"], user["Username"]))
        else:
            return _Tries()
        return self._attempt(self._passwords, await self._person(asked, name))

    def _attempt(self, attempts: Attempts, who: tuple[str, str]) -> _Tries:
        if not attempts.are_over(who):
            return _Tries(attempts, who)
        if attempts is self._passwords:
            raise Refused("NotAuthorizedException", "Password attempts exceeded")
        raise Refused("LimitExceededException", "Attempt limit exceeded, please try after some time.")

    async def _person(self, asked: Mapping[str, Any], name: str) -> tuple[str, str]:
        """Return under what the attempts of a name are counted, whether or not it is somebody's."""
        found = await self._named({**asked, "Username": name})
        return (found[0]["Id"], found[1]["Username"]) if found else (str(asked.get("ClientId")), name)

    async def answer_of_nobody(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Return the next challenge of a sign-in under an unknown name. Raises Refused, TriggerFailed."""
        return _unless_failed(await self.strangers.answer(asked))

    async def refusal(self, action: str, asked: Mapping[str, Any], forwarded: Answer) -> Response:
        """Return a refusal of the emulator as AWS words it, or the challenge that AWS would answer instead."""
        unknown = _described(forwarded)[0] == "UserNotFoundException"
        if unknown and action == "InitiateAuth" and asked.get("AuthFlow") == "CUSTOM_AUTH":
            pool_id, client_id = await self._pool_of_client(asked["ClientId"]), asked["ClientId"]
            client = await self._ask("DescribeUserPoolClient", UserPoolId=pool_id, ClientId=client_id)
            if client["UserPoolClient"].get("PreventUserExistenceErrors") == "ENABLED":
                pool = (await self._ask("DescribeUserPool", UserPoolId=pool_id))["UserPool"]
                name = asked["AuthParameters"]["USERNAME"]
                return _json(_unless_failed(await self.strangers.begin(pool, client_id, name)))
        return _refusal(action, forwarded)

    async def _check_attributes(self, pool_id: str, client_id: str, given: list[dict[str, str]]) -> None:
        """Raise Refused unless the client may write every attribute."""
        pool = (await self._ask("DescribeUserPool", UserPoolId=pool_id))["UserPool"]
        asked = await self._ask("DescribeUserPoolClient", UserPoolId=pool_id, ClientId=client_id)
        known = {attribute["Name"] for attribute in pool["SchemaAttributes"]}
        # An empty list is none, and without one every standard attribute may be written.
        writable = set(asked["UserPoolClient"].get("WriteAttributes") or known) - _NEVER_WRITTEN
        for name in codes.by_name(given):
            if name not in known:
                text = f"Attributes did not conform to the schema: {name}: Attribute does not exist in the schema."
                raise Refused("InvalidParameterException", text)
            if name not in writable:
                raise Refused("NotAuthorizedException", "A client attempted to write unauthorized attribute")

    async def before(self, action: str, asked: Mapping[str, Any]) -> None:
        """Raise Refused for what AWS refuses and the emulator would do."""
        if action == "SignUp":
            pool_id = await self._pool_of_client(asked.get("ClientId", ""))
            pool = (await self._ask("DescribeUserPool", UserPoolId=pool_id))["UserPool"]
            if (pool.get("AdminCreateUserConfig") or {}).get("AllowAdminCreateUserOnly"):
                raise Refused("NotAuthorizedException", "SignUp is not permitted for this user pool")
            await self._check_attributes(pool_id, asked["ClientId"], asked.get("UserAttributes") or [])
        if action == "UpdateUserAttributes":
            pool, _ = await self._signed_in(asked)
            client_id = _claims(asked["AccessToken"])["client_id"]
            await self._check_attributes(pool["Id"], client_id, asked.get("UserAttributes") or [])
        if action not in ("ForgotPassword", "ResendConfirmationCode") or not (found := await self._named(asked)):
            return
        pool, user = found
        if action == "ResendConfirmationCode" and user["UserStatus"] == "CONFIRMED":
            raise Refused("InvalidParameterException", "User is already confirmed.")
        if action == "ForgotPassword" and codes.at_recovery(pool, codes.by_name(user["UserAttributes"])) is None:
            raise Refused(
                "InvalidParameterException",
                "Cannot reset password for the user as there is no registered/verified email or phone_number",
            )

    async def after(self, action: str, asked: Mapping[str, Any], answer: dict[str, Any]) -> dict[str, Any] | None:
        """Do what AWS does once a call was carried out; return the answer as AWS words it, None for as it is."""
        if action in ("ConfirmSignUp", "AdminConfirmSignUp"):
            await self._confirmed(action, asked)
        if action == "SignUp":
            return await self._signed_up(asked, answer)
        if action in ("ResendConfirmationCode", "ForgotPassword"):
            return await self._sent_again(action, asked)
        if action == "UpdateUserAttributes":
            return await self._attributes_changed(asked)
        if answer.keys() & {"AuthenticationResult", "ChallengeName"}:
            pool_id = asked.get("UserPoolId") or await self._pool_of_client(asked["ClientId"])
            return await self.second_factor.after(action, asked, answer, pool_id)
        return None

    async def _signed_up(self, asked: Mapping[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
        answer.pop("CodeDeliveryDetails", None)
        pool, user = await self._user(await self._pool_of_client(asked["ClientId"]), answer["UserSub"])
        delivery = codes.at_sign_up(pool, codes.by_name(user["UserAttributes"]))
        if answer["UserConfirmed"] or delivery is None:
            return answer
        # The id under which the inbox, too, finds it: it is one message.
        await self._send(pool, delivery, codes.SIGN_UP_CODE, f"cognito:{user['Username']}:sign-up")
        return {**answer, "CodeDeliveryDetails": delivery.details()}

    async def _sent_again(self, action: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        found = await self._named(asked)
        if found is None:
            # Nobody has this name and nobody is to notice: the answer is what a user of this name would see.
            name = asked["Username"]
            attribute = "email" if "@" in name else "phone_number"
            return {"CodeDeliveryDetails": codes.Delivery(attribute, name).details()}
        pool, user = found
        attributes = codes.by_name(user["UserAttributes"])
        forgot = action == "ForgotPassword"
        delivery = codes.at_recovery(pool, attributes) if forgot else codes.at_sign_up(pool, attributes)
        if delivery is None:
            raise Refused("InvalidParameterException", "The user pool verifies nothing that this user has.")
        await self._send(pool, delivery, codes.RESET_CODE if forgot else codes.SIGN_UP_CODE)
        return {"CodeDeliveryDetails": delivery.details()}

    async def _attributes_changed(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """A verified attribute that changes is no longer verified, and its new value gets a code."""
        changed = codes.by_name(asked["UserAttributes"])
        pool, user = await self._signed_in(asked)
        names = [name for name in pool.get("AutoVerifiedAttributes") or () if name in changed]
        for name in names:
            await self._mark(pool, user, name, "false")
        details = [await self._send_code(pool, user, codes.Delivery(name, changed[name])) for name in names]
        return {"CodeDeliveryDetailsList": details}

    async def _send_verification(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        pool, user = await self._signed_in(asked)
        name = asked.get("AttributeName", "")
        address = codes.by_name(user["UserAttributes"]).get(name)
        if name not in codes.MEDIA or not address:
            raise Refused("InvalidParameterException", f"The user has no {name or 'attribute'} that can be verified.")
        return {"CodeDeliveryDetails": await self._send_code(pool, user, codes.Delivery(name, address))}

    async def _verify(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        pool, user = await self._signed_in(asked)
        name = asked.get("AttributeName", "")
        code, address = self._codes.get((pool["Id"], user["Username"], name), ("", ""))
        if not code or codes.by_name(user["UserAttributes"]).get(name) != address:
            raise Refused("ExpiredCodeException", "Invalid code provided, please request a code again.")
        if asked.get("Code") != code:
            raise Refused("CodeMismatchException", "Invalid verification code provided, please try again.")
        del self._codes[pool["Id"], user["Username"], name]
        await self._mark(pool, user, name, "true")
        return {}

    async def _send_code(
        self, pool: Mapping[str, Any], user: Mapping[str, Any], delivery: codes.Delivery
    ) -> dict[str, str]:
        code = f"{secrets.randbelow(10**6):06d}"
        self._codes[pool["Id"], user["Username"], delivery.attribute] = code, delivery.to
        await self._send(pool, delivery, code, recorded=False)
        return delivery.details()

    async def _send(
        self,
        pool: Mapping[str, Any],
        delivery: codes.Delivery,
        code: str,
        message_id: str = "",
        *,
        recorded: bool = True,
    ) -> None:
        """Put a code's message into the inbox, but for e-mails that the emulator recorded. Raises Refused."""
        if self._inbox_url is None or (recorded and delivery.medium == "EMAIL"):
            return
        if delivery.medium == "SMS" and (pool.get("LambdaConfig") or {}).get("CustomSMSSender"):
            return  # Cognito hands these to the trigger; the house's throws them away, and sends codes of its own
        message = {
            "id": message_id or f"cognito:{secrets.token_hex(8)}",
            "to": delivery.to,
            "channel": delivery.medium.lower(),
            "text": codes.sms(pool, code),
            "source": "Cognito",
        }
        try:
            await self._emulator.post_json(f"{self._inbox_url}/messages", message)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Refused("CodeDeliveryFailureException", f"The inbox did not take the message: {error}") from error

    async def _confirmed(self, action: str, asked: Mapping[str, Any]) -> None:
        """Mark as verified what the code went to, and run the pool's trigger. Raises Refused with its failure."""
        if action == "ConfirmSignUp":
            pool_id, client_id = await self._pool_of_client(asked["ClientId"]), asked["ClientId"]
        else:
            pool_id, client_id = asked["UserPoolId"], "CLIENT_ID_NOT_APPLICABLE"
        pool, user = await self._user(pool_id, asked["Username"])
        delivery = codes.at_sign_up(pool, codes.by_name(user["UserAttributes"]))
        if action == "ConfirmSignUp" and delivery is not None:
            await self._mark(pool, user, delivery.attribute, "true")
            _, user = await self._user(pool_id, asked["Username"])
        function = (pool.get("LambdaConfig") or {}).get("PostConfirmation")
        if not function:
            return
        event = _event(self._emulator.region, pool_id, client_id, user, asked.get("ClientMetadata") or {})
        try:
            outcome = await self._emulator.invoke(function, event)
        except EmulatorError as error:
            raise _lambda_failure("PostConfirmation", str(error)) from error
        if outcome.failed:
            described = outcome.payload if isinstance(outcome.payload, dict) else {}
            raise _lambda_failure("PostConfirmation", str(described.get("errorMessage")))

    async def _mark(self, pool: Mapping[str, Any], user: Mapping[str, Any], name: str, verified: str) -> None:
        attributes = [{"Name": f"{name}_verified", "Value": verified}]
        await self._ask(
            "AdminUpdateUserAttributes", UserPoolId=pool["Id"], Username=user["Username"], UserAttributes=attributes
        )

    async def _named(self, asked: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """Return the pool and the user of a call by an app client; None where there is no such user or client."""
        try:
            return await self._user(await self._pool_of_client(asked["ClientId"]), asked["Username"])
        except Refused:
            return None

    async def _signed_in(self, asked: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the pool and the user of an access token. Raises Refused with Cognito's answer."""
        token = asked.get("AccessToken", "")
        await self._ask("GetUser", AccessToken=token)
        claims = _claims(token)
        return await self._user(claims["iss"].rsplit("/", 1)[-1], claims["username"])

    async def _user(self, pool_id: str, name: str) -> tuple[dict[str, Any], dict[str, Any]]:
        pool = (await self._ask("DescribeUserPool", UserPoolId=pool_id))["UserPool"]
        return pool, await self._ask("AdminGetUser", UserPoolId=pool_id, Username=name)

    async def _pool_of_client(self, client_id: str) -> str:
        """Return the pool that owns an app client, which calls by clients do not name. Raises Refused."""
        token: dict[str, Any] = {}
        while True:
            page = await self._ask("ListUserPools", MaxResults=60, **token)
            for pool in page["UserPools"]:
                try:
                    await self._ask("DescribeUserPoolClient", UserPoolId=pool["Id"], ClientId=client_id)
                except Refused:
                    continue
                return str(pool["Id"])
            if not page.get("NextToken"):
                raise Refused("ResourceNotFoundException", f"User pool client {client_id} does not exist.")
            token = {"NextToken": page["NextToken"]}

    async def _ask(self, action: str, **parameters: Any) -> Any:
        answer = await self._emulator.call(
            "cognito-idp",
            "POST",
            "/",
            headers={"Content-Type": _JSON, "X-Amz-Target": _TARGET + action},
            body=json.dumps(parameters).encode(),
        )
        if answer.status != 200:
            raise Refused(*_described(answer))
        return answer.json()


async def _forward(emulator: Emulator, request: Request, body: bytes) -> Answer:
    """Send the request as it came, its Host header included: a signature covers it."""
    headers = {name: value for name, value in request.headers.items() if name not in _NOT_FORWARDED}
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return await emulator.send(request.method, path, headers=headers, body=body)


def _returned(answer: Answer) -> Response:
    headers = {name: answer.headers[name] for name in _FORWARDED_BACK if name in answer.headers}
    return Response(answer.body, answer.status, headers)


def _refusal(action: str, answer: Answer) -> Response:
    """Return a refusal of the emulator in AWS's words and with AWS's headers."""
    code, message = _described(answer)
    trigger, raised = "", message
    if action == "SignUp" and code == "UserLambdaValidationException":
        trigger = "PreSignUp"
    elif code in ("InvalidLambdaResponseException", "InternalError") and (found := _FAILED_TRIGGER.fullmatch(message)):
        trigger, raised = found[1], found[2]
    if not trigger:
        return _error(code, message, answer.status)
    failure = _lambda_failure(trigger, _raised(raised))
    return _error(failure.code, str(failure))


def _described(answer: Answer) -> tuple[str, str]:
    """Return the code and the message of a refusal."""
    try:
        body = answer.json()
        return str(body["__type"]).rpartition("#")[2], str(body.get("message") or body.get("Message") or "")
    except (ValueError, KeyError, TypeError):
        return "InternalErrorException", f"The emulator answered {answer.status}: {answer.body[:200]!r}"


def _raised(message: str) -> str:
    """Return what a trigger raised, of which the emulator prints the dictionary."""
    try:
        described = ast.literal_eval(message)
    except (ValueError, SyntaxError):
        return message
    return str(described["errorMessage"]) if isinstance(described, dict) and "errorMessage" in described else message


def _unless_failed(challenge: dict[str, Any] | None) -> dict[str, Any]:
    if challenge is None:
        raise Refused("NotAuthorizedException", f"{_WRONG_PASSWORD}.")
    return challenge


def _claims(token: str) -> dict[str, Any]:
    """Return the claims of a token that the emulator has verified."""
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims


def _lambda_failure(trigger: str, message: str) -> Refused:
    return Refused("UserLambdaValidationException", f"{trigger} failed with error {message}.")


def _json(body: Mapping[str, Any]) -> Response:
    return Response(json.dumps(body), 200, {"content-type": _JSON})


def _error(code: str, message: str, status: int = 400) -> Response:
    body = json.dumps({"__type": code, "message": message})
    shown = " ".join(message.split()).encode("ascii", "replace").decode()
    return Response(body, status, {"content-type": _JSON, "x-amzn-errortype": code, "x-amzn-errormessage": shown})


def _event(
    region: str, pool_id: str, client_id: str, user: Mapping[str, Any], metadata: Mapping[str, str]
) -> dict[str, Any]:
    attributes = codes.by_name(user["UserAttributes"])
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
