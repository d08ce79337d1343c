"""SigV4 signatures, verified."""

import hashlib
import hmac
import re
import time
from datetime import UTC, datetime
from urllib.parse import urlencode
from xml.etree import ElementTree

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from localcloud.appsync.callers import Caller, SignedMessage
from localcloud.appsync.deployment import IAM, Deployment
from localcloud.appsync.errors import Unauthorized
from localcloud.base.emulator import Emulator, elements

_SIGV4 = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[^/,\s]+)/(?P<date>\d{8})/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request"
    r",\s*SignedHeaders=(?P<headers>[^,\s]+),\s*Signature=(?P<signature>[0-9a-f]{64})"
)
_CLOCK_SKEW_SECONDS = 300


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
        principal = elements(answer.body)
        return _iam_caller(principal["Arn"], principal["UserId"], source_ip)


_HOP_HEADERS = frozenset({"content-length", "connection", "transfer-encoding", "accept-encoding"})


def _refusal(body: bytes) -> str:
    try:
        return elements(body)["Message"]
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
