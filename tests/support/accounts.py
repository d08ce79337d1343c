"""The users service with a real table, a pool of players as Cognito keeps it, and phones that get its codes."""

import importlib
import json
import re
import secrets
import uuid
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import pytest
from botocore.exceptions import ClientError

from betsafi import queue
from betsafi.bodies import ProtectionRequest
from betsafi.errors import Unavailable
from betsafi.protection import LIMITS
from tests.support.emulator import create_table
from tests.support.services import load, stores

POOL, CLIENT = "eu-west-1_players", "app-client"
RULES = {
    "UNVERIFIED": {"deposit": 100_00, "bet": 50_00, "withdraw": 0},
    "PENDING": {"deposit": 100_00, "bet": 50_00, "withdraw": 0},
    "VERIFIED": {"deposit": None, "bet": None, "withdraw": None},
    "REJECTED": {"deposit": 0, "bet": 0, "withdraw": None},
}
SETTINGS = {
    "STAGE": "local",
    "AWS_REGION": "eu-west-1",
    "UNPROVEN_QUEUE_URL": "http://unproven",
    "IDENTITY_QUEUE_URL": "http://identity",
    "WALLET_URL": "http://wallet",
    "PLAYER_POOL": POOL,
    "TERMS_VERSIONS": "2026-11-01",
    "PRIVACY_VERSIONS": "2026-10-01",
    "IDENTITY_RULES": json.dumps(RULES),
}
QUERIES = ("me", "devices", "phoneReviews", "identity", "terms")


class Refusal(Exception):
    """Cognito refused a sign-up or a sign-in."""


@dataclass
class User:
    """Somebody in the pool."""

    password: str
    attributes: dict[str, str]


@dataclass
class SignIn:
    """A custom sign-in that is going on: what Cognito keeps of it."""

    name: str
    session: list[dict[str, Any]] = field(default_factory=list)
    private: dict[str, str] = field(default_factory=dict)
    public: dict[str, str] = field(default_factory=dict)
    ended: bool = False
    claims: dict[str, str] | None = None


class Service:
    """The wallet or payment as users calls it: keeps the newest version; may be silent, before or after it was done."""

    def __init__(self) -> None:
        self.kept: dict[str, Any] = {"version": 0, "limits": {}}
        self.calls: list[tuple[str, str]] = []
        self.silent = ""

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        self.calls.append((method, path))
        if self.silent == "before":
            raise Unavailable("not answering")
        if method == "PUT" and body and body["version"] > self.kept["version"]:
            self.kept = body
        if self.silent == "after":
            raise Unavailable("not answering")
        holds = ProtectionRequest.read({**self.kept, "version": 1}).protection.limit
        rooms = [
            {"name": name, "limitCents": cents, "leftCents": cents - 100, "ends": None}
            for name in LIMITS
            if (cents := holds(name)) is not None
        ]
        return {"limits": rooms, "session": {"minutes": 5, "stakedCents": 900, "netCents": -300, "checkDue": False}}


class Accounts:
    """A pool that calls the service's triggers in Cognito's order, and its administrator's client."""

    def __init__(self, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TABLE_NAME", create_table(url, f"accounts-{uuid.uuid4()}", "users"))
        for name, value in SETTINGS.items():
            monkeypatch.setenv(name, value)
        self.triggers = load("users.handlers.cognito")
        self.unproven, self.graphql, self.back_office, self.api, self.verification = (
            _loaded(f"handlers.{name}") for name in ("unproven", "graphql", "staff", "api", "verification")
        )
        self.people, self.codes, self.pool = (_loaded(name) for name in ("stores.people", "flows.codes", "pool"))
        self.store = stores("users")
        self.users: dict[str, User] = {}
        self.sms: list[tuple[str, str]] = []
        self.signed_up: list[dict[str, str]] = []
        self.to_verify: list[dict[str, Any]] = []
        self.to_follow: list[dict[str, str]] = []
        self.signed_out: set[str] = set()
        self.wallet, self.payment = Service(), Service()
        wallet_api, payment_api = (_loaded(name) for name in ("wallet_api", "payment_api"))
        monkeypatch.setattr(wallet_api, "_quick", self.wallet)
        monkeypatch.setattr(payment_api, "_client", lambda: self.payment)
        monkeypatch.setattr(payment_api._client, "cache_clear", lambda: None, raising=False)
        monkeypatch.setattr(self.codes, "COST", 2)  # the whole day's codes in a moment
        monkeypatch.setattr(self.codes, "send_sms", lambda to, text: self.sms.append((to, text)))
        monkeypatch.setattr(self.codes, "send_mail", lambda to, subject, text: self.sms.append((to, text)))
        monkeypatch.setattr(self.pool, "client", lambda service: self)
        monkeypatch.setattr(queue, "send_all", self._delayed)

    def _delayed(self, url: str, bodies: list[str], delay_seconds: int) -> None:
        messages = [json.loads(body) for body in bodies]
        if url == SETTINGS["IDENTITY_QUEUE_URL"]:
            self.to_verify += messages
            return
        assert url == SETTINGS["UNPROVEN_QUEUE_URL"]
        assert all(delay_seconds == 900 or "number" in message for message in messages)
        (self.signed_up if delay_seconds == 900 else self.to_follow).extend(messages)

    def verify(self, times: int = 1) -> None:
        """Let the register be asked about everybody who waits."""
        messages, self.to_verify = self.to_verify * times, []
        for message in messages:
            assert self.verification.handler(self.batch(message)) == {"batchItemFailures": []}

    @staticmethod
    def batch(message: dict[str, Any]) -> dict[str, Any]:
        """Return a message as a queue hands it to a function."""
        return {"Records": [{"messageId": "1", "body": json.dumps(message)}]}

    def follow(self) -> None:
        """Let the pool follow what changed, from the last message back to the first."""
        while self.to_follow:
            record = {"messageId": "1", "body": json.dumps(self.to_follow.pop())}
            assert self.unproven.handler({"Records": [record]}) == {"batchItemFailures": []}

    # -- what an app asks of Cognito

    def sign_up(self, phone: str, password: str = "a password", **metadata: str) -> str:
        """Sign up under a number; return the sub. Raises Refusal."""
        if any(user.attributes["phone_number"] == phone for user in self.users.values()):
            raise Refusal("UsernameExistsException")
        sub = str(uuid.uuid4())
        attributes = {"sub": sub, "phone_number": phone}
        answer = self.call("PreSignUp_SignUp", sub, {"userAttributes": attributes, "clientMetadata": metadata})
        assert answer == {"autoConfirmUser": True}
        self.users[sub] = User(password, attributes)
        return sub

    def ask_code(self, phone: str) -> SignIn:
        """Begin to sign in with a code. Raises Refusal."""
        sign_in = SignIn(phone)
        self._next(sign_in, {})
        return sign_in

    def answer(self, sign_in: SignIn, answer: str, **metadata: str) -> dict[str, str] | None:
        """Answer with a code; return the token's claims, or None where it was wrong. Raises Refusal."""
        assert not sign_in.ended
        given = {"challengeAnswer": answer, "privateChallengeParameters": sign_in.private}
        checked = self._trigger("VerifyAuthChallengeResponse", sign_in, given, metadata)
        sign_in.session[-1]["challengeResult"] = checked["answerCorrect"]
        self._next(sign_in, metadata)
        return sign_in.claims

    def sign_in(self, phone: str, **metadata: str) -> dict[str, str]:
        """Sign up if need be, and sign in with the code that comes."""
        if not any(user.attributes["phone_number"] == phone for user in self.users.values()):
            self.sign_up(phone)
        sign_in = self.ask_code(phone)
        claims = self.answer(sign_in, self.code(phone), **{"birthdate": "1990-06-15", **metadata})
        assert claims is not None
        return claims

    def sign_in_by_password(self, phone: str, password: str, **metadata: str) -> dict[str, str]:
        """Return the token's claims; with metadata as by SRP, without as by USER_PASSWORD_AUTH. Raises Refusal."""
        user = self._named(phone)
        if user is None or user.password != password:
            raise Refusal("NotAuthorizedException")
        return self._token(user, metadata)

    def refresh(self, claims: dict[str, str], **metadata: str) -> dict[str, str]:
        """Return the claims of a refreshed token; with metadata as by GetTokensFromRefreshToken. Raises Refusal."""
        if claims["sub"] in self.signed_out:
            raise Refusal("NotAuthorizedException")
        return self._token(self.users[claims["sub"]], metadata, "RefreshTokens")

    def delete_user(self, sub: str) -> None:
        """What anybody may do with their own access token."""
        del self.users[sub]

    def code(self, phone: str) -> str:
        """Return the code that a phone got last."""
        text = [text for to, text in self.sms if to == phone][-1]
        return re.findall(r"\b[0-9]{6}\b", text)[0]

    def wrong(self, phone: str) -> str:
        """Return another code than the phone got."""
        return f"{(int(self.code(phone)) + 1) % 10**6:06d}"

    def staff(self, field_name: str, by: str, **arguments: Any) -> Any:
        """Call a mutation or query of the API as somebody of support, whom their pool knows."""
        kind = "Query" if field_name in QUERIES else "Mutation"
        identity = {"sub": by, "groups": ["support"], "claims": {}}
        event = {"type": kind, "field": field_name, "arguments": arguments, "identity": identity}
        return self.back_office.handler(event)

    def ask(self, field_name: str, claims: dict[str, Any], **arguments: Any) -> Any:
        """Call a mutation or query of the API with a token."""
        kind = "Query" if field_name in QUERIES else "Mutation"
        identity = {"sub": claims.get("player") or claims["sub"], "groups": claims.get("groups"), "claims": claims}
        return self.graphql.handler({"type": kind, "field": field_name, "arguments": arguments, "identity": identity})

    # -- Cognito's own part

    def call(self, trigger: str, name: str, request: dict[str, Any]) -> dict[str, Any]:
        """Run a trigger and return its response. Raises Refusal."""
        event = {"triggerSource": trigger, "userPoolId": POOL, "userName": name, "request": request, "response": {}}
        event["callerContext"] = {"clientId": CLIENT}
        try:
            answer: dict[str, Any] = self.triggers.handler(event)["response"]
        except self.triggers.Refused as refused:
            raise Refusal(str(refused)) from refused
        return answer

    def _named(self, name: str) -> User | None:
        return next((u for u in self.users.values() if name in u.attributes.values()), None)

    def _trigger(
        self, trigger: str, sign_in: SignIn, request: dict[str, Any], metadata: dict[str, str]
    ) -> dict[str, Any]:
        user = self._named(sign_in.name)
        known = {"userAttributes": dict(user.attributes)} if user else {"userAttributes": {}, "userNotFound": True}
        given = {**known, "clientMetadata": metadata, "session": sign_in.session, **request}
        return self.call(f"{trigger}_Authentication", sign_in.name, given)

    def _next(self, sign_in: SignIn, metadata: dict[str, str]) -> None:
        decided = self._trigger("DefineAuthChallenge", sign_in, {}, metadata)
        user = self._named(sign_in.name)
        sign_in.ended = decided["issueTokens"] or decided["failAuthentication"]
        if decided["issueTokens"]:
            assert user is not None, "Cognito has no tokens for nobody"
            sign_in.claims = self._token(user, metadata)
            self.signed_out.discard(user.attributes["sub"])
        if not sign_in.ended:
            assert decided["challengeName"] == "CUSTOM_CHALLENGE"
            challenge = self._trigger("CreateAuthChallenge", sign_in, {}, metadata)
            sign_in.private, sign_in.public = (
                challenge[f"{kind}ChallengeParameters"] for kind in ("private", "public")
            )
            asked = {"challengeName": "CUSTOM_CHALLENGE", "challengeMetadata": challenge["challengeMetadata"]}
            sign_in.session.append({**asked, "challengeResult": None})

    def _token(self, user: User, metadata: dict[str, str], how: str = "Authentication") -> dict[str, str]:
        request = {"userAttributes": dict(user.attributes), **({"clientMetadata": metadata} if metadata else {})}
        answer = self.call(f"TokenGeneration_{how}", user.attributes["sub"], request)
        more = answer.get("claimsOverrideDetails", {}).get("claimsToAddOrOverride", {})
        return {"sub": user.attributes["sub"], **more}

    # -- the administrator's client

    def _user(self, sub: str) -> User:
        if sub not in self.users:
            raise ClientError({"Error": {"Code": "UserNotFoundException", "Message": sub}}, "Admin")
        return self.users[sub]

    def admin_get_user(self, UserPoolId: str, Username: str) -> dict[str, Any]:
        attributes = self._user(Username).attributes
        return {"UserAttributes": [{"Name": name, "Value": value} for name, value in attributes.items()]}

    def admin_set_user_password(self, UserPoolId: str, Username: str, Password: str, Permanent: bool) -> None:
        assert (UserPoolId, Permanent) == (POOL, True)
        self._user(Username).password = Password

    def admin_update_user_attributes(
        self, UserPoolId: str, Username: str, UserAttributes: list[dict[str, str]]
    ) -> None:
        changed = {one["Name"]: one["Value"] for one in UserAttributes}
        other = self._named(changed.get("phone_number", ""))
        if other is not None and other.attributes["sub"] != Username:
            raise ClientError({"Error": {"Code": "AliasExistsException", "Message": ""}}, "AdminUpdateUserAttributes")
        self._user(Username).attributes |= changed

    def admin_user_global_sign_out(self, UserPoolId: str, Username: str) -> None:
        self._user(Username)
        self.signed_out.add(Username)

    def initiate_auth(self, ClientId: str, AuthFlow: str, AuthParameters: dict[str, str]) -> None:
        assert (ClientId, AuthFlow) == (CLIENT, "USER_PASSWORD_AUTH")
        try:
            self.sign_in_by_password(AuthParameters["USERNAME"], AuthParameters["PASSWORD"])
        except Refusal as refusal:
            said = str(refusal)
            code = said if said == "NotAuthorizedException" else "UserLambdaValidationException"
            raise ClientError({"Error": {"Code": code, "Message": said}}, "InitiateAuth") from refusal

    def admin_delete_user(self, UserPoolId: str, Username: str) -> None:
        """By sub or, as Cognito does, by phone number."""
        user = self._named(Username)
        del self.users[self._user(user.attributes["sub"] if user else Username).attributes["sub"]]


def _loaded(name: str) -> ModuleType:
    """Import a module of the service beside what `load` loaded."""
    return importlib.import_module(f"users.{name}")


def new_phone() -> str:
    """Return a Kenyan number."""
    return f"+2547{secrets.randbelow(10**8):08d}"
