"""Who calls, proven; and which fields they may reach."""

import hashlib
import hmac
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

import jwt
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from graphql import DirectiveNode, GraphQLField, GraphQLObjectType

from localcloud.appsync.deployment import API_KEY, COGNITO, IAM, Deployment, UserPool, string_list
from localcloud.appsync.errors import Unauthorized
from localcloud.base.emulator import Emulator

_SIGV4 = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[^/,\s]+)/(?P<date>\d{8})/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request"
    r",\s*SignedHeaders=(?P<headers>[^,\s]+),\s*Signature=(?P<signature>[0-9a-f]{64})"
)
_CLOCK_SKEW_SECONDS = 300
_JWKS_RETRY_SECONDS = 1.0
_POLICY_SECONDS = 1.0
_NO_CREDENTIALS = "Valid authorization header not provided."


@dataclass(frozen=True)
class Caller:
    """An authenticated caller: the mode that accepted it and what resolvers see as ctx.identity."""

    mode: str
    identity: Mapping[str, Any] | None = None
    groups: frozenset[str] = frozenset()
    principal_arn: str = ""

    @property
    def is_root(self) -> bool:
        """Whether this is the account's root, to whom no policy applies."""
        return self.principal_arn.endswith(":root")

    @property
    def account(self) -> str:
        """The account of an IAM principal."""
        return self.principal_arn.split(":")[4]


@dataclass(frozen=True)
class SignedMessage:
    """What a SigV4 signature covers; header names are lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


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
        raise Unauthorized(_NO_CREDENTIALS)


def _api_key_caller(deployment: Deployment, key: str) -> Caller:
    expires = deployment.api_keys.get(key)
    if expires is None or expires <= time.time():
        raise Unauthorized("You are not authorized to make this call.")
    return Caller(API_KEY)


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
            raise Unauthorized(_NO_CREDENTIALS) from error
        pool = next((pool for pool in pools if pool.issuer == claimed.get("iss")), None)
        key = await self._key(pool, key_id) if pool else None
        if pool is None or key is None:
            raise Unauthorized(_NO_CREDENTIALS)
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
        raise Unauthorized(_NO_CREDENTIALS) from error
    if claims["token_use"] not in ("id", "access"):
        raise Unauthorized(_NO_CREDENTIALS)
    client = str(claims.get("aud") or claims.get("client_id") or "")
    if pool.client_pattern and not re.search(pool.client_pattern, client):
        raise Unauthorized(_NO_CREDENTIALS)
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


class SignatureVerifier:
    """Verifies SigV4 signatures for the service `appsync`.

    The root key's signature is recomputed here, since the emulator trusts that key unsigned. Any other key
    (an IAM user's, a role session's, a Lambda function's) is put before the emulator, which alone knows its
    secret: the signed headers go to STS GetCallerIdentity as they came, under the hash of the body that the
    caller sent, so a good signature names its principal and a bad one is refused.
    """

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self._emulator_enforces = False

    async def verify(self, deployment: Deployment, message: SignedMessage, source_ip: str) -> Caller:
        """Return the signing principal, which must be of the API's account.

        Raises Unauthorized for anything but a good, recent signature.
        """
        account = deployment.arn.split(":")[4]
        match = _SIGV4.fullmatch(message.headers.get("authorization", ""))
        if match is None or match["service"] != "appsync" or match["region"] != self._emulator.region:
            raise Unauthorized("Credential should be scoped to a valid region and the service appsync.")
        body_hash = hashlib.sha256(message.body).hexdigest()
        if message.headers.get("x-amz-content-sha256", body_hash) != body_hash:
            raise Unauthorized("The body does not match x-amz-content-sha256.")
        if "host" not in match["headers"].split(";"):
            raise Unauthorized("'Host' must be a 'SignedHeader' in the AWS Authorization.")
        if match["key"] == self._emulator.root.access_key:
            _verify_here(message, match, self._emulator.root)
            return _iam_caller(f"arn:aws:iam::{account}:root", account, source_ip)
        caller = await self._ask(message, body_hash, source_ip)
        if caller.is_root or caller.account != account:
            # The emulator takes its root's keys (and any account number) for root without a look at the signature.
            raise Unauthorized("The security token included in the request is invalid.")
        return caller

    async def _ask(self, message: SignedMessage, body_hash: str, source_ip: str) -> Caller:
        if not self._emulator_enforces:
            self._emulator_enforces = await self._emulator.enforces_signatures()
        if not self._emulator_enforces:
            raise Unauthorized("The emulator checks no signatures: start it with AUTH=true.")
        answer = await self._emulator.send(
            message.method,
            message.path + (f"?{message.query}" if message.query else ""),
            headers={
                **{name: value for name, value in message.headers.items() if name not in _HOP_HEADERS},
                "x-amz-content-sha256": body_hash,
                "x-amz-target": "AWSSecurityTokenServiceV20110615.GetCallerIdentity",
            },
            body=urlencode({"Action": "GetCallerIdentity", "Version": "2011-06-15"}).encode(),
        )
        if answer.status != 200:
            raise Unauthorized(_refusal(answer.body))
        principal = _elements(answer.body)
        return _iam_caller(principal["Arn"], principal["UserId"], source_ip)


_HOP_HEADERS = frozenset({"content-length", "connection", "transfer-encoding", "accept-encoding"})


def _elements(xml: bytes) -> dict[str, str]:
    """Return the text of each element of an STS answer by its local name."""
    return {node.tag.rpartition("}")[2]: node.text or "" for node in ElementTree.fromstring(xml).iter()}


def _refusal(body: bytes) -> str:
    try:
        return _elements(body)["Message"]
    except (ElementTree.ParseError, KeyError):
        return "The security token included in the request is invalid."


def _verify_here(message: SignedMessage, match: re.Match[str], credentials: Credentials) -> None:
    signed_at = message.headers.get("x-amz-date", "")
    if not _recent(signed_at) or not signed_at.startswith(match["date"]):
        raise Unauthorized("Signature expired or not yet current.")
    if message.headers.get("x-amz-security-token"):
        raise Unauthorized("The security token included in the request is invalid.")
    request = AWSRequest(
        method=message.method,
        url=f"http://{message.headers.get('host', '')}{message.path}" + (f"?{message.query}" if message.query else ""),
        data=message.body,
        headers={name: message.headers.get(name, "") for name in match["headers"].split(";")},
    )
    request.context["timestamp"] = signed_at
    signer = SigV4Auth(credentials, "appsync", match["region"])
    computed = signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)
    if not hmac.compare_digest(computed, match["signature"]):
        raise Unauthorized("The request signature we calculated does not match the signature you provided.")


def _recent(amz_date: str) -> bool:
    try:
        signed_at = datetime.strptime(amz_date, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return False
    return abs(time.time() - signed_at.timestamp()) <= _CLOCK_SKEW_SECONDS


def _iam_caller(arn: str, user_id: str, source_ip: str) -> Caller:
    identity = {
        "accountId": arn.split(":")[4],
        "cognitoIdentityPoolId": None,
        "cognitoIdentityId": None,
        "cognitoIdentityAuthType": None,
        "cognitoIdentityAuthProvider": None,
        "sourceIp": [source_ip],
        "username": user_id,
        "userArn": arn,
    }
    return Caller(IAM, identity, principal_arn=arn)


@dataclass
class PolicyCheck:
    """Asks the emulator's IAM whether a principal may reach a root field; answers stand for a second."""

    emulator: Emulator
    _decisions: dict[tuple[str, str], tuple[float, bool]] = field(default_factory=dict)

    async def allows(self, caller: Caller, deployment: Deployment, type_name: str, field_name: str) -> bool:
        """Return whether the caller's policies allow appsync:GraphQL on the field; root always may."""
        if caller.is_root:
            return True
        key = (caller.principal_arn, f"{deployment.arn}/types/{type_name}/fields/{field_name}")
        decided = self._decisions.get(key)
        if decided is None or time.monotonic() - decided[0] > _POLICY_SECONDS:
            decided = (time.monotonic(), await self._simulate(*key))
            self._decisions[key] = decided
        return decided[1]

    async def _simulate(self, principal_arn: str, resource_arn: str) -> bool:
        answer = await self.emulator.call(
            "iam",
            "POST",
            "/",
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            body=urlencode(
                {
                    "Action": "SimulatePrincipalPolicy",
                    "Version": "2010-05-08",
                    "PolicySourceArn": _policy_source(principal_arn),
                    "ActionNames.member.1": "appsync:GraphQL",
                    "ResourceArns.member.1": resource_arn,
                }
            ).encode(),
        )
        return answer.status == 200 and _elements(answer.body).get("EvalDecision") == "allowed"


def _policy_source(principal_arn: str) -> str:
    """Return the role behind a session's ARN; a user's ARN stands for itself."""
    session = re.fullmatch(r"arn:aws:sts::(\d+):assumed-role/([^/]+)/.+", principal_arn)
    return f"arn:aws:iam::{session[1]}:role/{session[2]}" if session else principal_arn


_MODE_OF_DIRECTIVE = {"aws_iam": IAM, "aws_cognito_user_pools": COGNITO, "aws_api_key": API_KEY}


def field_is_open(deployment: Deployment, caller: Caller, parent: GraphQLObjectType, definition: GraphQLField) -> bool:
    """Return whether the schema's directives open the field to the caller.

    The field's own directives override its type's; without any, only the primary mode may pass.
    `@aws_auth` counts only where Cognito is the API's single mode, as on AWS.
    """
    rules = _rules(deployment, definition.ast_node.directives if definition.ast_node else ())
    if not rules:
        nodes = [parent.ast_node, *parent.extension_ast_nodes]
        rules = _rules(deployment, [d for node in nodes if node for d in node.directives])
    if not rules:
        return caller.mode == deployment.primary_mode
    return any(
        caller.mode == mode and (groups is None or not caller.groups.isdisjoint(groups)) for mode, groups in rules
    )


def _rules(deployment: Deployment, directives: Sequence[DirectiveNode]) -> list[tuple[str, frozenset[str] | None]]:
    """Return the modes that the directives open, each with the groups it is limited to."""
    modes = dict(_MODE_OF_DIRECTIVE)
    if deployment.modes == {COGNITO}:
        modes["aws_auth"] = COGNITO
    return [
        (modes[directive.name.value], None if groups is None else frozenset(groups))
        for directive in directives
        if directive.name.value in modes
        for groups in [string_list(directive, "cognito_groups")]
    ]
