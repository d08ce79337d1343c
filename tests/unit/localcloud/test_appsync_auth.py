"""Who is let in: tokens against a pool's keys, signatures where the emulator cannot vouch, and directives."""

import asyncio
import json
import time
from collections.abc import Mapping
from typing import Any

import jwt
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from cryptography.hazmat.primitives.asymmetric import rsa
from graphql import GraphQLObjectType
from jwt.algorithms import RSAAlgorithm

from localcloud.appsync.auth import Authenticator
from localcloud.appsync.callers import Caller, SignedMessage
from localcloud.appsync.deployment import API_KEY, COGNITO, IAM, Deployment
from localcloud.appsync.errors import Unauthorized
from localcloud.appsync.permissions import field_is_open
from localcloud.base.emulator import Answer, Emulator

POOL = "eu-west-1_players"
ISSUER = f"https://cognito-idp.eu-west-1.amazonaws.com/{POOL}"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


class FakeEmulator(Emulator):
    """Answers with prepared documents and remembers the paths that were asked."""

    def __init__(self, documents: Mapping[str, tuple[int, bytes]]) -> None:
        super().__init__("http://emulator.invalid", "eu-west-1")
        self.documents = dict(documents)
        self.asked: list[str] = []

    async def send(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        timeout_seconds: float | None = None,
    ) -> Answer:
        self.asked.append(path)
        status, document = self.documents.get(path, (404, b"{}"))
        return Answer(status, {}, document)


def key_document(**keys: Any) -> bytes:
    entries = [
        {**RSAAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": kid, "alg": "RS256", "use": "sig"}
        for kid, key in keys.items()
    ]
    return json.dumps({"keys": entries}).encode()


def token(key: Any = KEY, kid: str = "one", claims: Mapping[str, Any] | None = None, **more: Any) -> str:
    now = int(time.time())
    body = {
        "sub": "s-1",
        "iss": ISSUER,
        "token_use": "access",
        "client_id": "web",
        "username": "amina",
        "iat": now,
        "exp": now + 60,
        **(claims or {}),
        **more,
    }
    return jwt.encode({k: v for k, v in body.items() if v is not None}, key, algorithm="RS256", headers={"kid": kid})


def deployment(
    primary: str = IAM, additional: tuple[str, ...] = (COGNITO,), sdl: str = "type Query { a: Int }", **pool: Any
) -> Deployment:
    config = {"userPoolId": POOL, "awsRegion": "eu-west-1", **pool}
    return Deployment(
        api={
            "apiId": "api",
            "arn": "arn:aws:appsync:eu-west-1:000000000000:apis/api",
            "authenticationType": primary,
            "additionalAuthenticationProviders": [
                {"authenticationType": mode, "userPoolConfig": config if mode == COGNITO else None}
                for mode in additional
            ],
        },
        sdl=sdl,
        data_sources={},
        resolvers={},
        api_keys={"da2-live": time.time() + 60, "da2-old": time.time() - 60},
    )


def emulator(**documents: tuple[int, bytes]) -> FakeEmulator:
    return FakeEmulator({f"/{POOL}/.well-known/jwks.json": (200, key_document(one=KEY))})


def message(**headers: str) -> SignedMessage:
    return SignedMessage("POST", "/graphql", "", headers, b"{}")


def authenticate(headers: dict[str, str], api: Deployment | None = None, source: FakeEmulator | None = None) -> Caller:
    verifier = Authenticator(source or emulator())
    return asyncio.run(verifier.authenticate(api or deployment(), message(**headers), "10.0.0.1"))


def test_an_access_token_becomes_the_identity_that_resolvers_see() -> None:
    given = token(claims={"cognito:groups": ["trader"]})
    caller = authenticate({"authorization": given})
    assert (caller.mode, caller.groups) == (COGNITO, {"trader"})
    assert caller.identity == {
        "sub": "s-1",
        "issuer": ISSUER,
        "username": "amina",
        "claims": jwt.decode(given, options={"verify_signature": False}),
        "groups": ["trader"],
        "sourceIp": ["10.0.0.1"],
        "defaultAuthStrategy": "ALLOW",
    }


def test_an_id_token_passes_and_a_bearer_prefix_is_allowed() -> None:
    id_token = token(claims={"token_use": "id", "cognito:username": "asha", "username": None})
    caller = authenticate({"authorization": f"Bearer {id_token}"})
    assert caller.identity is not None
    assert caller.identity["username"] == "asha"


@pytest.mark.parametrize(
    "presented",
    [
        token(exp=int(time.time()) - 1),
        token(exp=None),
        token(iss=ISSUER.replace("players", "strangers")),
        token(token_use="refresh"),
        token(token_use=None),
        token(key=OTHER_KEY),
        token(kid="unknown"),
        jwt.encode(
            {"iss": ISSUER, "sub": "s-1", "token_use": "id"}, "k" * 32, algorithm="HS256", headers={"kid": "one"}
        ),
        "not.a.token",
        "",
    ],
    ids=["expired", "endless", "foreign", "refresh", "no use", "forged", "unknown key", "hmac", "garbage", "none"],
)
def test_any_other_token_is_refused(presented: str) -> None:
    with pytest.raises(Unauthorized):
        authenticate({"authorization": presented})


def test_an_expired_token_is_named_as_such() -> None:
    with pytest.raises(Unauthorized, match="Token has expired"):
        authenticate({"authorization": token(exp=int(time.time()) - 1)})


def test_the_pools_client_pattern_is_honoured() -> None:
    api = deployment(appIdClientRegex="^mobile")
    with pytest.raises(Unauthorized):
        authenticate({"authorization": token()}, api)
    assert authenticate({"authorization": token(client_id="mobile-1")}, api).mode == COGNITO


STAFF = "eu-west-1_staff"


def both_pools() -> Deployment:
    """Return an API that takes the tokens of one app client of each of two pools."""
    api = deployment(additional=(COGNITO, COGNITO))
    ours = ((POOL, "^web$"), (STAFF, "^back-office$"))
    for provider, (pool, client) in zip(api.api["additionalAuthenticationProviders"], ours, strict=True):
        provider["userPoolConfig"] = {"userPoolId": pool, "awsRegion": "eu-west-1", "appIdClientRegex": client}
    return api


@pytest.mark.parametrize("accepted", [True, False])
@pytest.mark.parametrize(
    ("pool", "client", "key"),
    [(POOL, "web", KEY), (STAFF, "back-office", OTHER_KEY)],
    ids=["a player", "staff"],
)
def test_each_of_two_pools_has_its_own_keys_and_its_own_app_client(
    pool: str, client: str, key: Any, accepted: bool
) -> None:
    source = FakeEmulator(
        {
            f"/{POOL}/.well-known/jwks.json": (200, key_document(one=KEY)),
            f"/{STAFF}/.well-known/jwks.json": (200, key_document(one=OTHER_KEY)),
        }
    )
    issuer = f"https://cognito-idp.eu-west-1.amazonaws.com/{pool}"
    if accepted:
        caller = authenticate({"authorization": token(key, iss=issuer, client_id=client)}, both_pools(), source)
        assert caller.identity is not None
        assert caller.identity["issuer"] == issuer
        return
    other_key, other_client = (OTHER_KEY, "back-office") if key is KEY else (KEY, "web")
    for foreign in (
        token(other_key, iss=issuer, client_id=client),
        token(key, iss=issuer, client_id=other_client),
        token(key, iss=issuer, client_id=f"{client}-2"),
        token(key, iss=issuer, client_id=None, token_use="id", aud=other_client),
    ):
        with pytest.raises(Unauthorized):
            authenticate({"authorization": foreign}, both_pools(), source)


def test_a_rotated_key_is_fetched_but_unknown_keys_cause_no_storm(monkeypatch: pytest.MonkeyPatch) -> None:
    source, clock = emulator(), [100.0]
    monkeypatch.setattr("localcloud.appsync.tokens.time.monotonic", lambda: clock[0])

    async def scenario() -> None:
        verifier = Authenticator(source)
        rotated = message(authorization=token(key=OTHER_KEY, kid="two"))
        for _ in range(5):
            with pytest.raises(Unauthorized):
                await verifier.authenticate(deployment(), rotated, "")
        assert len(source.asked) == 1
        source.documents[source.asked[0]] = (200, key_document(one=KEY, two=OTHER_KEY))
        clock[0] += 1.0
        assert (await verifier.authenticate(deployment(), rotated, "")).mode == COGNITO

    asyncio.run(scenario())


def test_an_api_key_must_be_the_apis_and_alive() -> None:
    api = deployment(additional=(COGNITO, API_KEY))
    assert authenticate({"x-api-key": "da2-live"}, api).mode == API_KEY
    for key in ("da2-old", "da2-unknown"):
        with pytest.raises(Unauthorized):
            authenticate({"x-api-key": key}, api)
    with pytest.raises(Unauthorized):
        authenticate({"x-api-key": "da2-live"})


# Signatures


def signed(credentials: Credentials, region: str = "eu-west-1", service: str = "appsync") -> dict[str, str]:
    request = AWSRequest("POST", "http://gateway/graphql", data=b"{}", headers={"host": "gateway"})
    SigV4Auth(credentials, service, region).add_auth(request)
    return {name.lower(): value for name, value in request.headers.items()}


ROOT = Credentials("test", "test")
SESSION = Credentials("ASIASESSION", "secret", "session-token")


def test_roots_signature_is_recomputed_without_asking_anyone() -> None:
    source = emulator()
    caller = authenticate(signed(ROOT), source=source)
    assert (caller.mode, caller.is_root, source.asked) == (IAM, True, [])


@pytest.mark.parametrize(
    "headers",
    [
        signed(Credentials("test", "guess")),
        signed(ROOT, region="us-east-1"),
        signed(ROOT, service="execute-api"),
        {**signed(ROOT), "x-amz-date": "20200101T000000Z"},
        {**signed(ROOT), "host": "elsewhere"},
        {**signed(ROOT), "x-amz-content-sha256": "0" * 64},
        {**signed(ROOT), "authorization": signed(ROOT)["authorization"].replace("host;", "")},
        {"authorization": "AWS4-HMAC-SHA256 Credential=test/20261122/eu-west-1/appsync/aws4_request"},
    ],
    ids=["secret", "region", "service", "stale", "other host", "other body", "host unsigned", "no signature"],
)
def test_a_signature_that_does_not_fit_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(Unauthorized):
        authenticate(headers)


def sts(arn: str) -> bytes:
    return (
        f'<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
        f"<Arn>{arn}</Arn><UserId>AROA:x</UserId><Account>0</Account></GetCallerIdentityResult>"
        f"</GetCallerIdentityResponse>"
    ).encode()


def asked_of_emulator(arn: str, *, status: int = 200, auth: str = "enabled") -> FakeEmulator:
    return FakeEmulator(
        {"/graphql": (status, sts(arn)), "/_ministack/health": (200, json.dumps({"auth": auth}).encode())}
    )


ROLE = "arn:aws:sts::000000000000:assumed-role/publisher/x"


def test_a_session_is_who_the_emulator_says_it_is() -> None:
    caller = authenticate(signed(SESSION), source=asked_of_emulator(ROLE))
    assert caller.principal_arn == ROLE
    assert caller.identity is not None
    said = {name: value for name, value in caller.identity.items() if value is not None}
    assert said == {"accountId": "000000000000", "userArn": ROLE, "username": "AROA:x", "sourceIp": ["10.0.0.1"]}


@pytest.mark.parametrize(
    "source",
    [
        asked_of_emulator(ROLE, status=403),
        asked_of_emulator(ROLE, auth="disabled"),
        asked_of_emulator("arn:aws:iam::000000000000:root"),
        asked_of_emulator(ROLE.replace("000000000000", "111111111111")),
    ],
    ids=["refused", "emulator checks nothing", "root by another key", "another account"],
)
def test_a_session_that_the_emulator_cannot_vouch_for_is_refused(source: FakeEmulator) -> None:
    with pytest.raises(Unauthorized):
        authenticate(signed(SESSION), source=source)


# Directives

SDL = """
type Query @aws_cognito_user_pools {
  inherited: Int
  iam: Int @aws_iam
  both: Int @aws_iam @aws_cognito_user_pools(cognito_groups: ["trader", "risk"])
  one: Int @aws_cognito_user_pools(cognito_groups: "trader")
  nobody: Int @aws_cognito_user_pools(cognito_groups: [])
}
type Bare { open: Int old: Int @aws_auth(cognito_groups: ["trader"]) keyed: Int @aws_api_key }
"""
PLAYER = Caller(COGNITO)
TRADER = Caller(COGNITO, groups=frozenset({"trader"}))
SERVICE = Caller(IAM)


@pytest.mark.parametrize(
    ("path", "player", "trader", "service"),
    [
        ("Query.inherited", True, True, False),
        ("Query.iam", False, False, True),
        ("Query.both", False, True, True),
        ("Query.one", False, True, False),
        ("Query.nobody", False, False, False),
        ("Bare.open", False, False, True),
        ("Bare.old", False, False, True),
        ("Bare.keyed", False, False, False),
    ],
)
def test_directives_open_a_field_to_exactly_whom_they_name(
    path: str, player: bool, trader: bool, service: bool
) -> None:
    api = deployment(sdl=SDL)
    assert [is_open(api, caller, path) for caller in (PLAYER, TRADER, SERVICE)] == [player, trader, service]


def test_aws_auth_counts_where_cognito_is_the_only_mode() -> None:
    alone = deployment(primary=COGNITO, additional=(), sdl=SDL)
    assert not is_open(alone, PLAYER, "Bare.old")
    assert is_open(alone, TRADER, "Bare.old")
    assert is_open(alone, PLAYER, "Bare.open")


def is_open(api: Deployment, caller: Caller, path: str) -> bool:
    type_name, field_name = path.split(".")
    parent = api.schema.type_map[type_name]
    assert isinstance(parent, GraphQLObjectType)
    return field_is_open(api, caller, parent, parent.fields[field_name])
