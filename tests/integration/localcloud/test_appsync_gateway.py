"""The local AppSync data plane and the Cognito endpoint, over a real emulator and real clients."""

import asyncio
import base64
import contextlib
import io
import json
import ssl
import threading
import zipfile
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

import aiohttp
import jwt
import pytest
import requests
import uvicorn
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.asymmetric import rsa
from gql import Client, gql
from gql.transport.appsync_auth import AppSyncIAMAuthentication, AppSyncJWTAuthentication
from gql.transport.appsync_websockets import AppSyncWebsocketsTransport
from gql.transport.exceptions import TransportQueryError, TransportServerError

from localcloud import appsync, cognito
from localcloud.cloud import certificate
from localcloud.cloud.servers import run_together
from tests.support.emulator import CREDENTIALS, aws, running_emulator
from tests.support.serving import serve
from tests.support.waiting import PATIENCE_SECONDS, wait_for

ROOT = Credentials(CREDENTIALS["AWS_ACCESS_KEY_ID"], CREDENTIALS["AWS_SECRET_ACCESS_KEY"])

SCHEMA = """
type Query {
  bet(id: ID!): Bet @aws_cognito_user_pools
  bets: [Bet!] @aws_cognito_user_pools
  event(day: AWSDate, meta: AWSJSON): AWSJSON @aws_cognito_user_pools
  seen(day: AWSDate): AWSJSON @aws_cognito_user_pools
  broken: String @aws_cognito_user_pools
  described: String @aws_cognito_user_pools
  mapped: String @aws_cognito_user_pools
  appended: String @aws_cognito_user_pools
  whoami: String @aws_cognito_user_pools @aws_iam
  slowA: String @aws_cognito_user_pools
  slowB: String @aws_cognito_user_pools
  desk: String @aws_cognito_user_pools(cognito_groups: ["trader"])
  internal: String
  legacy: String @aws_auth(cognito_groups: ["trader"])
  keyed: String @aws_api_key
  ticket: Ticket @aws_cognito_user_pools
  vault: Vault @aws_cognito_user_pools
}
type Bet @aws_cognito_user_pools @aws_iam {
  id: ID!
  owner: String
  stakeCents: Int
  note: String @aws_iam
  legs: [Leg!]
  seen: AWSJSON
}
type Leg @aws_cognito_user_pools { market: String betId: ID }
type Vault { secret: String }
union Ticket = Bet | Leg
type Mutation @aws_iam {
  publishBet(id: ID!, owner: String!, stakeCents: Int): Bet
  publishDesk(id: ID!): Bet
}
type Subscription {
  onBet(owner: String, stakeCents: Int): Bet
    @aws_subscribe(mutations: ["publishBet"]) @aws_cognito_user_pools @aws_iam
  onDesk: Bet @aws_subscribe(mutations: ["publishDesk"]) @aws_cognito_user_pools(cognito_groups: ["trader"])
  onUnmarked: Bet @aws_subscribe(mutations: ["publishDesk"])
}
"""

LAMBDA = """
import json, time

class InsufficientFunds(Exception):
    pass

def relay(url):
    # Publish as the services do: signed with the role of the function.
    import urllib.request
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.session import Session
    body = json.dumps({"query": 'mutation { publishBet(id: "8", owner: "relay") { id owner } }'})
    request = AWSRequest("POST", url, data=body, headers={"Content-Type": "application/json"})
    SigV4Auth(Session().get_credentials(), "appsync", "eu-west-1").add_auth(request)
    with urllib.request.urlopen(urllib.request.Request(url, body.encode(), dict(request.headers))) as answer:
        return json.load(answer)

def handler(event, context):
    print(json.dumps({"log": "one line"}))
    if "triggerSource" in event:
        if event["userName"].startswith("refused"):
            raise ValueError("no account for you")
        import boto3
        boto3.client("ssm").put_parameter(Name="/confirmed/" + event["userName"], Value=json.dumps(event),
                                          Type="String", Overwrite=True)
        return event
    if "relay" in event:
        return relay(event["relay"])
    field = event["info"]["fieldName"] if "info" in event else event["field"]
    if field == "bet":
        if event["arguments"]["id"] == "none":
            return None
        return {"id": event["arguments"]["id"], "owner": event["identity"]["username"], "note": "for us"}
    if field == "bets":
        return [{"id": "1"}, {"id": "2", "stakeCents": 500}]
    if field == "legs":
        return [{"market": "1X2", "betId": event["source"]["id"]}]
    if field == "event":
        return event["arguments"]
    if field == "seen":
        return event
    if field in ("broken", "mapped"):
        raise InsufficientFunds("the balance is short")
    if field == "described":
        return {"failure": {"type": "INSUFFICIENT_FUNDS", "message": "Top up first.", "info": {"shortBy": 5},
                            "data": {"left": 2}}}
    if field.startswith("slow"):
        started = time.time()
        time.sleep(0.6)
        return json.dumps([started, time.time()])
    if field == "ticket":
        return {"__typename": "Leg", "market": "O/U"}
    if field == "vault":
        return {"secret": "gold"}
    return field
"""

ECHO = """
export function request(ctx) { return { payload: ctx.args }; }
export function response(ctx) { return ctx.result; }
"""
WHOAMI = """
import { util } from '@aws-appsync/utils';
export function request(ctx) { return { payload: ctx.identity.userArn ?? ctx.identity.username }; }
export function response(ctx) { return ctx.result; }
"""
INVOKE = """
import { util } from '@aws-appsync/utils';
export function request(ctx) {
  ctx.stash.field = ctx.info.fieldName;
  return { operation: 'Invoke', payload: { field: ctx.info.fieldName } };
}
export function response(ctx) {
  if (ctx.error) util.error(`${ctx.stash.field}: ${ctx.error.message}`, 'MAPPED', null, { from: ctx.error.type });
  const failure = ctx.result.failure;
  if (failure) util.error(failure.message, failure.type, failure.data, failure.info);
  return ctx.result;
}
"""
APPENDED = """
import { util } from '@aws-appsync/utils';
export function request(ctx) {
  util.appendError('half done', 'PARTIAL', { kept: 2 }, { done: 1 });
  return { payload: 'some' };
}
export function response(ctx) { return ctx.result; }
"""
OWN_BETS_ONLY = """
import { extensions, util } from '@aws-appsync/utils';
export function request(ctx) {
  if (ctx.args.owner === 'forbidden') util.unauthorized();
  if (ctx.args.owner?.startsWith('only ') && ctx.args.owner !== `only ${ctx.identity.username}`) util.unauthorized();
  if (ctx.args.owner === 'filtered') extensions.setSubscriptionFilter({ filterGroup: [] });
  return { payload: null };
}
export const response = (ctx) => null;
"""


@dataclass(frozen=True)
class Cloud:
    """What the fixture deployed."""

    url: str
    api_id: str
    pool_id: str
    client_id: str
    tokens: dict[str, str]
    publisher: Credentials


def make_role(url: str, name: str, actions: list[str], resources: list[str]) -> str:
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"},
            {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"},
        ],
    }
    arn: str = aws("iam", url).create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    allow(url, name, "first", actions, resources)
    return arn


def allow(url: str, role: str, policy_name: str, actions: list[str], resources: list[str]) -> None:
    statement = {"Effect": "Allow", "Action": actions, "Resource": resources}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    aws("iam", url).put_role_policy(RoleName=role, PolicyName=policy_name, PolicyDocument=document)


def assume(url: str, role_arn: str) -> Credentials:
    answer = aws("sts", url).assume_role(RoleArn=role_arn, RoleSessionName="publisher")["Credentials"]
    return Credentials(answer["AccessKeyId"], answer["SecretAccessKey"], answer["SessionToken"])


def make_function(url: str, name: str) -> str:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("handler.py", LAMBDA)
    role = make_role(url, f"{name}-role", ["ssm:PutParameter"], ["*"])
    function: str = aws("lambda", url).create_function(
        FunctionName=name,
        Runtime="python3.13",
        Role=role,
        Handler="handler.handler",
        Timeout=10,
        Code={"ZipFile": packed.getvalue()},
    )["FunctionArn"]
    return function


def make_pool(url: str, function_arn: str, name: str = "players") -> tuple[str, str]:
    idp = aws("cognito-idp", url)
    pool_id = idp.create_user_pool(PoolName=name, LambdaConfig={"PostConfirmation": function_arn})["UserPool"]["Id"]
    client = idp.create_user_pool_client(
        UserPoolId=pool_id,
        ClientName="web",
        ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    )
    return pool_id, client["UserPoolClient"]["ClientId"]


def make_user(url: str, pool_id: str, client_id: str, name: str, group: str | None = None) -> str:
    """Create a user and return an access token."""
    idp = aws("cognito-idp", url)
    idp.admin_create_user(UserPoolId=pool_id, Username=name, MessageAction="SUPPRESS")
    idp.admin_set_user_password(UserPoolId=pool_id, Username=name, Password="Passw0rd!x", Permanent=True)
    if group:
        idp.create_group(UserPoolId=pool_id, GroupName=group)
        idp.admin_add_user_to_group(UserPoolId=pool_id, Username=name, GroupName=group)
    signed_in = idp.admin_initiate_auth(
        UserPoolId=pool_id,
        ClientId=client_id,
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": name, "PASSWORD": "Passw0rd!x"},
    )
    token: str = signed_in["AuthenticationResult"]["AccessToken"]
    return token


def make_api(url: str, pool_id: str, function_arn: str, **limits: int) -> str:
    control = aws("appsync", url)
    api_id: str = control.create_graphql_api(
        name="betting",
        **limits,
        authenticationType="AWS_IAM",
        additionalAuthenticationProviders=[
            {
                "authenticationType": "AMAZON_COGNITO_USER_POOLS",
                "userPoolConfig": {"userPoolId": pool_id, "awsRegion": "eu-west-1"},
            }
        ],
    )["graphqlApi"]["apiId"]
    control.start_schema_creation(apiId=api_id, definition=SCHEMA.encode())
    control.create_data_source(apiId=api_id, name="NONE", type="NONE")
    control.create_data_source(
        apiId=api_id, name="FUNCTION", type="AWS_LAMBDA", lambdaConfig={"lambdaFunctionArn": function_arn}
    )
    direct = (
        "bet",
        "bets",
        "event",
        "seen",
        "broken",
        "slowA",
        "slowB",
        "desk",
        "internal",
        "legacy",
        "ticket",
        "vault",
    )
    for type_name, field in [*(("Query", field) for field in direct), ("Bet", "legs"), ("Bet", "seen")]:
        control.create_resolver(apiId=api_id, typeName=type_name, fieldName=field, dataSourceName="FUNCTION")
    for type_name, field, source, code in (
        ("Query", "mapped", "FUNCTION", INVOKE),
        ("Query", "described", "FUNCTION", INVOKE),
        ("Query", "appended", "NONE", APPENDED),
        ("Query", "whoami", "NONE", WHOAMI),
        ("Mutation", "publishBet", "NONE", ECHO),
        ("Mutation", "publishDesk", "NONE", ECHO),
        ("Subscription", "onBet", "NONE", OWN_BETS_ONLY),
    ):
        make_resolver(control, api_id, type_name, field, source, code)
    return api_id


def make_resolver(control: Any, api_id: str, type_name: str, field: str, source: str, code: str) -> None:
    control.create_resolver(
        apiId=api_id,
        typeName=type_name,
        fieldName=field,
        dataSourceName=source,
        runtime={"name": "APPSYNC_JS", "runtimeVersion": "1.0.0"},
        code=code,
    )


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    folder: Path = tmp_path_factory.mktemp("appsync")
    with running_emulator(folder) as url:
        function = make_function(url, "resolver")
        pool_id, client_id = make_pool(url, function)
        api_id = make_api(url, pool_id, function)
        allowed = f"arn:aws:appsync:eu-west-1:000000000000:apis/{api_id}/types/Mutation/fields/publishBet"
        allow(url, "resolver-role", "publish", ["appsync:GraphQL"], [allowed])
        yield Cloud(
            url=url,
            api_id=api_id,
            pool_id=pool_id,
            client_id=client_id,
            tokens={
                "amina": make_user(url, pool_id, client_id, "amina"),
                "tunde": make_user(url, pool_id, client_id, "tunde", group="trader"),
            },
            publisher=assume(url, make_role(url, "publisher", ["appsync:GraphQL"], [allowed])),
        )


@pytest.fixture(scope="module")
def gateway(cloud: Cloud) -> Iterator[str]:
    with serve(appsync.create_app(cloud.url, keep_alive_seconds=0.2)) as url:
        yield url.removeprefix("http://")


@dataclass(frozen=True)
class Caller:
    """A client of the gateway's HTTP endpoint."""

    host: str
    token: str = ""
    credentials: Credentials | None = None

    def post(self, query: str, variables: dict[str, Any] | None = None, path: str = "/graphql") -> requests.Response:
        body = json.dumps({"query": query, "variables": variables or {}}).encode()
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = self.token
        if self.credentials is not None:
            headers = signed_headers(self.credentials, f"http://{self.host}{path}", body, headers)
        return requests.post(f"http://{self.host}{path}", data=body, headers=headers, timeout=PATIENCE_SECONDS)

    def ask(self, query: str, variables: dict[str, Any] | None = None) -> dict[str, Any]:
        response = self.post(query, variables)
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer


def signed_headers(
    credentials: Credentials, url: str, body: bytes, headers: dict[str, str], service: str = "appsync"
) -> dict[str, str]:
    request = AWSRequest("POST", url, data=body, headers=headers)
    SigV4Auth(credentials, service, "eu-west-1").add_auth(request)
    return dict(request.headers.items())


@pytest.fixture
def amina(gateway: str, cloud: Cloud) -> Caller:
    return Caller(gateway, cloud.tokens["amina"])


@pytest.fixture
def trader(gateway: str, cloud: Cloud) -> Caller:
    return Caller(gateway, cloud.tokens["tunde"])


@pytest.fixture
def root(gateway: str) -> Caller:
    return Caller(gateway, credentials=ROOT)


@pytest.fixture
def publisher(gateway: str, cloud: Cloud) -> Caller:
    return Caller(gateway, credentials=cloud.publisher)


def only_error(answer: dict[str, Any]) -> dict[str, Any]:
    assert len(answer["errors"]) == 1, answer
    error: dict[str, Any] = answer["errors"][0]
    return error


def assert_unauthorized(response: requests.Response) -> None:
    assert response.status_code == 401, response.text
    assert response.json()["errors"][0]["errorType"] == "UnauthorizedException"
    assert "data" not in response.json()


# Authentication


def test_a_request_without_credentials_is_refused_with_401(gateway: str) -> None:
    assert_unauthorized(Caller(gateway).post("{ bets { id } }"))


def claims_of(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims


def test_a_token_signed_with_a_foreign_key_is_refused(gateway: str, cloud: Cloud) -> None:
    genuine = cloud.tokens["tunde"]
    forged = jwt.encode(
        claims_of(genuine),
        rsa.generate_private_key(public_exponent=65537, key_size=2048),
        algorithm="RS256",
        headers={"kid": jwt.get_unverified_header(genuine)["kid"]},
    )
    assert_unauthorized(Caller(gateway, forged).post("{ bets { id } }"))


def test_a_token_with_altered_claims_is_refused(gateway: str, cloud: Cloud) -> None:
    header, _, signature = cloud.tokens["amina"].split(".")
    promoted = json.dumps({**claims_of(cloud.tokens["amina"]), "cognito:groups": ["trader"]}).encode()
    payload = base64.urlsafe_b64encode(promoted).rstrip(b"=").decode()
    assert_unauthorized(Caller(gateway, f"{header}.{payload}.{signature}").post("{ desk }"))


def test_an_unsigned_token_is_refused(gateway: str, cloud: Cloud) -> None:
    unsigned = jwt.encode(claims_of(cloud.tokens["amina"]), "", algorithm="none")
    assert_unauthorized(Caller(gateway, unsigned).post("{ bets { id } }"))


def test_a_token_of_another_pool_is_refused(gateway: str, cloud: Cloud) -> None:
    idp = aws("cognito-idp", cloud.url)
    pool_id = idp.create_user_pool(PoolName="strangers")["UserPool"]["Id"]
    client_id = idp.create_user_pool_client(
        UserPoolId=pool_id, ClientName="web", ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH"]
    )["UserPoolClient"]["ClientId"]
    assert_unauthorized(Caller(gateway, make_user(cloud.url, pool_id, client_id, "mallory")).post("{ bets { id } }"))


def test_a_refresh_token_does_not_authenticate(gateway: str, cloud: Cloud) -> None:
    result = aws("cognito-idp", cloud.url).admin_initiate_auth(
        UserPoolId=cloud.pool_id,
        ClientId=cloud.client_id,
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "amina", "PASSWORD": "Passw0rd!x"},
    )["AuthenticationResult"]
    assert Caller(gateway, result["IdToken"]).ask("{ whoami }") == {"data": {"whoami": "amina"}}
    assert_unauthorized(Caller(gateway, result["RefreshToken"]).post("{ whoami }"))


@pytest.mark.parametrize(
    "credentials",
    [
        Credentials("test", "wrong"),
        Credentials("AKIAUNKNOWNUNKNOWN00", "secret"),
        Credentials("000000000000", "anything"),
        Credentials("test", "test", "a-token-nobody-issued"),
    ],
    ids=["root key, wrong secret", "unknown key", "account number as key", "root with a token"],
)
def test_a_forged_signature_is_refused(gateway: str, credentials: Credentials) -> None:
    assert_unauthorized(Caller(gateway, credentials=credentials).post("{ internal }"))


def test_a_role_session_with_a_wrong_secret_or_token_is_refused(gateway: str, cloud: Cloud) -> None:
    good = cloud.publisher
    for secret, token in (("wrong", good.token), (good.secret_key, "wrong"), (good.secret_key, None)):
        forged = Credentials(good.access_key, secret, token)
        assert_unauthorized(Caller(gateway, credentials=forged).post("{ internal }"))


@pytest.mark.parametrize("who", ["root", "publisher"])
def test_a_signature_of_one_body_does_not_cover_another(gateway: str, cloud: Cloud, who: str) -> None:
    credentials = ROOT if who == "root" else cloud.publisher
    url, body = f"http://{gateway}/graphql", b'{"query":"{ internal }"}'
    headers = signed_headers(credentials, url, body, {"Content-Type": "application/json"})
    assert requests.post(url, data=body, headers=headers, timeout=PATIENCE_SECONDS).status_code == 200
    assert_unauthorized(requests.post(url, data=b'{"query":"{ whoami }"}', headers=headers, timeout=PATIENCE_SECONDS))


def test_a_signature_for_another_service_is_refused(gateway: str, cloud: Cloud) -> None:
    url, body = f"http://{gateway}/graphql", b'{"query":"{ internal }"}'
    for credentials in (ROOT, cloud.publisher):
        headers = signed_headers(credentials, url, body, {"Content-Type": "application/json"}, service="lambda")
        assert_unauthorized(requests.post(url, data=body, headers=headers, timeout=PATIENCE_SECONDS))


def test_an_api_key_is_nothing_to_an_api_without_that_mode(gateway: str, cloud: Cloud) -> None:
    key = aws("appsync", cloud.url).create_api_key(apiId=cloud.api_id)["apiKey"]["id"]
    requests.post(f"http://{gateway}/_reload", timeout=PATIENCE_SECONDS).raise_for_status()
    assert_unauthorized(
        requests.post(
            f"http://{gateway}/graphql",
            json={"query": "{ keyed }"},
            headers={"x-api-key": key},
            timeout=PATIENCE_SECONDS,
        )
    )


def test_a_role_is_known_by_its_session_and_held_to_its_policy(publisher: Caller) -> None:
    answer = publisher.ask("{ whoami }")
    assert only_error(answer)["errorType"] == "Unauthorized"
    allowed = publisher.ask('mutation { publishBet(id: "1", owner: "x") { id } }')
    assert allowed == {"data": {"publishBet": {"id": "1"}}}
    denied = publisher.ask('mutation { publishDesk(id: "1") { id } }')
    assert denied["data"] == {"publishDesk": None}
    assert only_error(denied)["message"] == "Not Authorized to access publishDesk on type Mutation"


def test_root_is_seen_by_resolvers_as_the_account(root: Caller) -> None:
    assert root.ask("{ whoami }") == {"data": {"whoami": "arn:aws:iam::000000000000:root"}}


# Directives


@pytest.mark.parametrize("field", ["internal", "legacy"])
def test_a_field_without_an_effective_directive_is_closed_to_cognito(trader: Caller, root: Caller, field: str) -> None:
    answer = trader.ask(f"{{ {field} }}")
    assert answer["data"] == {field: None}
    assert only_error(answer) == {
        "path": [field],
        "data": None,
        "errorType": "Unauthorized",
        "errorInfo": None,
        "locations": [{"line": 1, "column": 3, "sourceName": None}],
        "message": f"Not Authorized to access {field} on type Query",
    }
    assert root.ask(f"{{ {field} }}") == {"data": {field: field}}


def test_a_type_without_a_directive_is_closed_to_cognito(amina: Caller) -> None:
    answer = amina.ask("{ vault { secret } }")
    assert answer["data"] == {"vault": {"secret": None}}
    assert only_error(answer)["path"] == ["vault", "secret"]
    assert only_error(answer)["errorType"] == "Unauthorized"


def test_a_field_directive_overrides_its_types(amina: Caller) -> None:
    answer = amina.ask('{ bet(id: "7") { id note } }')
    assert answer["data"] == {"bet": {"id": "7", "note": None}}
    assert only_error(answer)["message"] == "Not Authorized to access note on type Bet"


def test_a_cognito_field_is_closed_to_iam(root: Caller) -> None:
    assert only_error(root.ask("{ bets { id } }"))["errorType"] == "Unauthorized"


def test_groups_decide_who_reaches_a_field(amina: Caller, trader: Caller) -> None:
    assert only_error(amina.ask("{ desk }"))["errorType"] == "Unauthorized"
    assert trader.ask("{ desk }") == {"data": {"desk": "desk"}}


# Execution


def test_a_direct_lambda_receives_the_documented_event(amina: Caller, cloud: Cloud) -> None:
    answer = amina.ask('query Read($day: AWSDate) { event(day: $day, meta: "{\\"a\\": 1}") }', {"day": "2026-11-22"})
    assert json.loads(answer["data"]["event"]) == {"day": "2026-11-22", "meta": {"a": 1}}


def test_a_direct_lambda_gets_the_whole_context(cloud: Cloud, gateway: str) -> None:
    tunde = Caller(gateway, cloud.tokens["tunde"])
    seen = json.loads(tunde.ask('{ seen(day: "2026-11-22") }')["data"]["seen"])
    assert seen.keys() == {"arguments", "identity", "source", "request", "info", "prev", "stash"}
    assert (seen["arguments"], seen["source"], seen["prev"], seen["stash"]) == ({"day": "2026-11-22"}, None, None, {})
    assert (seen["identity"]["username"], seen["identity"]["groups"]) == ("tunde", ["trader"])
    assert seen["identity"]["sub"] == claims_of(cloud.tokens["tunde"])["sub"]
    assert seen["identity"]["sourceIp"] == ["127.0.0.1"]
    assert seen["request"]["headers"]["content-type"] == "application/json"
    assert (seen["info"]["fieldName"], seen["info"]["parentTypeName"]) == ("seen", "Query")
    below = tunde.ask('{ bet(id: "7") { seen } }')["data"]["bet"]["seen"]
    assert json.loads(below)["source"] == {"id": "7", "owner": "tunde", "note": "for us"}


def test_a_lambda_may_return_a_list_and_nested_fields_have_resolvers_of_their_own(amina: Caller) -> None:
    assert amina.ask("{ bets { id stakeCents owner legs { market betId } } }") == {
        "data": {
            "bets": [
                {"id": "1", "stakeCents": None, "owner": None, "legs": [{"market": "1X2", "betId": "1"}]},
                {"id": "2", "stakeCents": 500, "owner": None, "legs": [{"market": "1X2", "betId": "2"}]},
            ]
        }
    }


def test_a_lambda_may_return_null(amina: Caller) -> None:
    assert amina.ask('{ bet(id: "none") { id } }') == {"data": {"bet": None}}


def test_unions_resolve_by_typename(amina: Caller) -> None:
    assert amina.ask("{ ticket { __typename ... on Leg { market } } }") == {
        "data": {"ticket": {"__typename": "Leg", "market": "O/U"}}
    }


def test_siblings_run_concurrently(amina: Caller) -> None:
    def overlap() -> bool:
        answer = amina.ask("{ slowA slowB }")["data"]
        (a_started, a_ended), (b_started, b_ended) = json.loads(answer["slowA"]), json.loads(answer["slowB"])
        return bool(max(a_started, b_started) < min(a_ended, b_ended))

    # One after the other they never overlap; a busy machine may start the second worker late, but not every time.
    wait_for(overlap, "two resolvers at the same time")


def test_an_exception_in_a_direct_lambda_is_the_fields_error(amina: Caller) -> None:
    answer = amina.ask("{ broken desk: whoami }")
    assert answer["data"] == {"broken": None, "desk": "amina"}
    assert only_error(answer) == {
        "path": ["broken"],
        "data": None,
        "errorType": "Lambda:Unhandled",
        "errorInfo": None,
        "locations": [{"line": 1, "column": 3, "sourceName": None}],
        "message": "the balance is short",
    }


def test_a_response_handler_words_the_lambdas_exception(amina: Caller) -> None:
    error = only_error(amina.ask("{ mapped }"))
    assert error["message"] == "mapped: the balance is short"
    assert error["errorType"] == "MAPPED"
    assert error["errorInfo"] == {"from": "Lambda:Unhandled"}


def test_a_response_handler_raises_what_the_lambda_described(amina: Caller) -> None:
    answer = amina.ask("{ described }")
    assert answer["data"] == {"described": None}
    error = only_error(answer)
    assert (error["errorType"], error["message"]) == ("INSUFFICIENT_FUNDS", "Top up first.")
    assert (error["errorInfo"], error["data"]) == ({"shortBy": 5}, {"left": 2})


def test_appended_errors_come_beside_the_value(amina: Caller) -> None:
    answer = amina.ask("{ appended }")
    assert answer["data"] == {"appended": "some"}
    error = only_error(answer)
    assert (error["errorType"], error["message"], error["path"]) == ("PARTIAL", "half done", ["appended"])
    assert (error["errorInfo"], error["data"]) == ({"done": 1}, {"kept": 2})


def test_an_emulator_that_went_away_is_told_apart_from_an_empty_answer(cloud: Cloud) -> None:
    with serve(appsync.create_app("http://127.0.0.1:9")) as url:
        response = Caller(url.removeprefix("http://"), cloud.tokens["amina"]).post("{ whoami }")
    assert response.status_code == 503
    assert response.json()["errors"][0]["errorType"] == "ServiceUnavailableException"


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ("{ nothing }", {}),
        ('{ event(day: "22/11/2026") }', {}),
        ('{ event(meta: "{a: 1}") }', {}),
        ("query ($day: AWSDate) { event(day: $day) }", {"day": "2026-02-30"}),
        ("query ($id: ID!) { bet(id: $id) { id } }", {}),
    ],
    ids=["unknown field", "bad literal", "no JSON", "bad variable", "missing variable"],
)
def test_what_does_not_fit_the_schema_is_a_validation_error(
    amina: Caller, query: str, variables: dict[str, Any]
) -> None:
    response = amina.post(query, variables)
    assert (response.status_code, response.json()["data"]) == (200, None)
    assert only_error(response.json())["errorType"] == "ValidationError"


@pytest.mark.parametrize(
    "body",
    [b"", b"no JSON", b'"{ whoami }"', b"[]", b"{}", b'{"query": 5}', b'{"query": "{ bets {"}', b'{"query": ""}'],
)
def test_what_is_no_json_with_a_query_or_no_graphql_is_a_bad_request(amina: Caller, body: bytes) -> None:
    headers = {"Content-Type": "application/json", "Authorization": amina.token}
    response = requests.post(f"http://{amina.host}/graphql", data=body, headers=headers, timeout=PATIENCE_SECONDS)
    assert response.status_code == 400
    assert response.json()["errors"][0]["errorType"] == "MalformedHttpRequestException"


def deep(levels: int) -> dict[str, bytes]:
    """Return bodies that are nested so deeply, by what is nested in them."""
    lists = "[" * levels + "]" * levels
    objects = '{"a":' * levels + "1" + "}" * levels

    def asking(query: str) -> bytes:
        return json.dumps({"query": query}).encode()

    variables = f'"query": "query ($id: ID!) {{ bet(id: $id) {{ id }} }}", "variables": {{"id": {lists}}}'
    return {
        "list": lists.encode(),
        "object": objects.encode(),
        "variables": f"{{{variables}}}".encode(),
        "json": f'{{"query": "query ($m: AWSJSON) {{ event(meta: $m) }}", "variables": {{"m": {objects}}}}}'.encode(),
        "selections": asking("{ bets " + "{ legs " * levels + "}" * levels + "}"),
        "fragments": asking("{ bets " + "{ ... " * levels + "{ id }" + "}" * levels + "}"),
        "values": asking(f"{{ bet(id: {lists}) {{ id }} }}"),
        "objects": asking("{ bet(id: " + "{a:" * levels + "1" + "}" * levels + ") { id } }"),
        "types": asking(f"query ($id: {'[' * levels}ID{']' * levels}) {{ bet(id: $id) {{ id }} }}"),
    }


@pytest.mark.parametrize("kind", deep(1))
def test_what_is_nested_too_deeply_is_a_bad_request_and_never_a_failure(amina: Caller, kind: str) -> None:
    def post(levels: int) -> requests.Response:
        headers = {"Content-Type": "application/json", "Authorization": amina.token}
        body = deep(levels)[kind]
        return requests.post(f"http://{amina.host}/graphql", data=body, headers=headers, timeout=PATIENCE_SECONDS)

    for levels in (3_000, 50_000):
        response = post(levels)
        assert response.status_code == 400, response.text
        assert response.json()["errors"][0]["errorType"] == "MalformedHttpRequestException"
    answered = 400 if kind in ("list", "object") else 200  # no request at all, however deep
    assert [post(levels).status_code for levels in (1, 10, 50, 97)] == [answered] * 4
    assert max(post(levels).status_code for levels in (99, 120, 160, 200, 250, 400, 900)) < 500


def test_a_token_that_is_nested_too_deeply_is_refused(gateway: str, cloud: Cloud) -> None:
    head, _, signature = cloud.tokens["amina"].split(".")
    for claims in ("[" * 9_000 + "]" * 9_000, '{"a":' * 3_000 + "1" + "}" * 3_000):
        token = f"{head}.{base64.urlsafe_b64encode(claims.encode()).decode().rstrip('=')}.{signature}"
        assert_unauthorized(Caller(gateway, token).post("{ bets { id } }"))


@pytest.mark.parametrize(
    "body",
    [
        r'{"query": "query ($id: ID!) { bet(id: $id) { id } }", "variables": {"id": "\ud800"}}',
        r'{"query": "{ whoami }", "variables": {"\udfff": 1}}',
        r'{"query": "{ bet(id: \"\ud800\") { id } }"}',
        r'{"query": "{ bet(id: \"\\ud800\") { id } }"}',
    ],
)
def test_half_of_a_surrogate_pair_is_a_bad_request(amina: Caller, body: str) -> None:
    headers = {"Content-Type": "application/json", "Authorization": amina.token}
    response = requests.post(f"http://{amina.host}/graphql", data=body, headers=headers, timeout=PATIENCE_SECONDS)
    assert response.status_code == 400, response.text


def test_the_api_may_be_named_in_the_path(amina: Caller, cloud: Cloud) -> None:
    assert amina.post("{ whoami }", path=f"/v1/apis/{cloud.api_id}/graphql").json() == {"data": {"whoami": "amina"}}
    assert amina.post("{ whoami }", path="/v1/apis/none/graphql").status_code == 404


def test_a_redeploy_shows_without_a_restart(amina: Caller, cloud: Cloud) -> None:
    control = aws("appsync", cloud.url)
    control.start_schema_creation(
        apiId=cloud.api_id, definition=SCHEMA.replace("keyed:", "fresh: String @aws_cognito_user_pools keyed:").encode()
    )
    make_resolver(
        control,
        cloud.api_id,
        "Query",
        "fresh",
        "NONE",
        "export const request = (c) => ({ payload: 'new' });\nexport const response = (c) => c.result;",
    )
    wait_for(
        lambda: amina.ask("{ fresh }") == {"data": {"fresh": "new"}}, "fresh field", lambda: amina.ask("{ fresh }")
    )


# Subscriptions


class Socket:
    """A bare client of the real-time protocol."""

    def __init__(self, raw: aiohttp.ClientWebSocketResponse, host: str) -> None:
        self.raw = raw
        self.host = host

    async def frame(self, *, keep_alive: bool = False) -> dict[str, Any]:
        """Return the next frame, passing over keep-alives unless asked for them."""
        while True:
            frame: dict[str, Any] = await self.raw.receive_json(timeout=PATIENCE_SECONDS)
            if keep_alive or frame["type"] != "ka":
                return frame

    async def init(self) -> dict[str, Any]:
        await self.raw.send_json({"type": "connection_init"})
        return await self.frame()

    async def start(
        self, identifier: str, token: str, query: str, variables: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        data = json.dumps({"query": query, "variables": variables or {}})
        authorization = {"host": self.host, "Authorization": token}
        payload = {"data": data, "extensions": {"authorization": authorization}}
        await self.raw.send_json({"id": identifier, "type": "start", "payload": payload})
        return await self.frame()


def header_of(host: str, token: str) -> bytes:
    return json.dumps({"host": host, "Authorization": token}).encode()


@contextlib.asynccontextmanager
async def connected(
    session: aiohttp.ClientSession, host: str, token: str, path: str = "/graphql"
) -> AsyncIterator[Socket]:
    header = base64.b64encode(header_of(host, token)).decode()
    async with session.ws_connect(f"ws://{host}{path}?header={header}&payload=e30=", protocols=["graphql-ws"]) as raw:
        yield Socket(raw, host)


async def publish(
    who: Caller, identifier: str, owner: str, stake_cents: int | None = None, selection: str = "id owner stakeCents"
) -> None:
    """Publish a bet the way a Lambda does: an IAM-signed mutation."""
    answer = await asyncio.to_thread(
        who.ask,
        f"mutation ($id: ID!, $owner: String!, $stake: Int) {{"
        f" publishBet(id: $id, owner: $owner, stakeCents: $stake) {{ {selection} }} }}",
        {"id": identifier, "owner": owner, "stake": stake_cents},
    )
    assert "errors" not in answer, answer


def run(scenario: Any) -> None:
    asyncio.run(asyncio.wait_for(scenario, 2 * PATIENCE_SECONDS))


def test_the_protocol_runs_from_init_to_complete(gateway: str, cloud: Cloud, publisher: Caller) -> None:
    async def scenario() -> None:
        token = cloud.tokens["amina"]
        async with aiohttp.ClientSession() as session, connected(session, gateway, token) as socket:
            assert await socket.init() == {"type": "connection_ack", "payload": {"connectionTimeoutMs": 300_000}}
            assert await socket.frame(keep_alive=True) == {"type": "ka"}
            ack = await socket.start("s1", token, 'subscription { onBet(owner: "amina") { id owner } }')
            assert ack == {"id": "s1", "type": "start_ack"}
            await publish(publisher, "1", "amina")
            payload = {"data": {"onBet": {"id": "1", "owner": "amina"}}}
            assert await socket.frame() == {"id": "s1", "type": "data", "payload": payload}
            await socket.raw.send_json({"id": "s1", "type": "stop"})
            assert await socket.frame() == {"id": "s1", "type": "complete"}
            await publish(publisher, "2", "amina")
            ack = await socket.start("s2", token, "subscription { onBet { id } }")
            assert ack == {"id": "s2", "type": "start_ack"}
            await publish(publisher, "3", "amina")
            assert (await socket.frame())["payload"] == {"data": {"onBet": {"id": "3"}}}

    run(scenario())


def test_a_lambda_publishes_with_the_credentials_of_its_role(gateway: str, cloud: Cloud) -> None:
    async def scenario() -> None:
        token = cloud.tokens["amina"]
        async with aiohttp.ClientSession() as session, connected(session, gateway, token) as socket:
            await socket.init()
            await socket.start("s", token, 'subscription { onBet(owner: "relay") { id } }')
            answer = await asyncio.to_thread(
                aws("lambda", cloud.url).invoke,
                FunctionName="resolver",
                Payload=json.dumps({"relay": f"http://{gateway}/graphql"}),
            )
            assert json.load(answer["Payload"]) == {"data": {"publishBet": {"id": "8", "owner": "relay"}}}
            assert (await socket.frame())["payload"] == {"data": {"onBet": {"id": "8"}}}

    run(scenario())


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ('subscription { onBet(owner: "amina") { id } }', {}),
        ("subscription ($who: String) { onBet(owner: $who) { id } }", {"who": "amina"}),
        ('subscription ($who: String = "amina") { mine: onBet(owner: $who) { id } }', {}),
    ],
    ids=["inline", "variable", "default"],
)
def test_an_argument_lets_only_its_own_events_through(
    gateway: str, cloud: Cloud, publisher: Caller, query: str, variables: dict[str, Any]
) -> None:
    async def scenario() -> None:
        token = cloud.tokens["amina"]
        async with aiohttp.ClientSession() as session, connected(session, gateway, token) as socket:
            await socket.init()
            assert (await socket.start("s", token, query, variables))["type"] == "start_ack"
            await publish(publisher, "other", "tunde")
            await publish(publisher, "own", "amina")
            (event,) = (await socket.frame())["payload"]["data"].values()
            assert event == {"id": "own"}

    run(scenario())


@pytest.mark.parametrize(
    "query",
    ["subscription { onBet { id } }", "subscription ($who: String) { onBet(owner: $who) { id } }"],
    ids=["omitted", "omitted variable"],
)
def test_an_omitted_argument_filters_nothing(gateway: str, cloud: Cloud, publisher: Caller, query: str) -> None:
    async def scenario() -> None:
        token = cloud.tokens["amina"]
        async with aiohttp.ClientSession() as session, connected(session, gateway, token) as socket:
            await socket.init()
            assert (await socket.start("s", token, query))["type"] == "start_ack"
            for identifier, owner in (("1", "tunde"), ("2", "amina")):
                await publish(publisher, identifier, owner)
                assert (await socket.frame())["payload"] == {"data": {"onBet": {"id": identifier}}}

    run(scenario())


@pytest.mark.parametrize(
    "query",
    [
        "subscription { onBet(stakeCents: null) { id } }",
        "subscription ($stake: Int) { onBet(stakeCents: $stake) { id } }",
    ],
    ids=["literal", "variable"],
)
def test_a_null_argument_lets_only_null_through(gateway: str, cloud: Cloud, publisher: Caller, query: str) -> None:
    async def scenario() -> None:
        token = cloud.tokens["amina"]
        async with aiohttp.ClientSession() as session, connected(session, gateway, token) as socket:
            await socket.init()
            assert (await socket.start("s", token, query, {"stake": None}))["type"] == "start_ack"
            await publish(publisher, "staked", "amina", 500)
            await publish(publisher, "free", "amina")
            assert (await socket.frame())["payload"] == {"data": {"onBet": {"id": "free"}}}

    run(scenario())


def test_every_argument_must_match(gateway: str, cloud: Cloud, publisher: Caller) -> None:
    async def scenario() -> None:
        token = cloud.tokens["amina"]
        async with aiohttp.ClientSession() as session, connected(session, gateway, token) as socket:
            await socket.init()
            await socket.start("s", token, 'subscription { onBet(owner: "amina", stakeCents: 500) { id } }')
            await publish(publisher, "1", "amina", 100)
            await publish(publisher, "2", "tunde", 500)
            await publish(publisher, "3", "amina", 500)
            assert (await socket.frame())["payload"] == {"data": {"onBet": {"id": "3"}}}

    run(scenario())


def test_what_the_mutation_did_not_select_is_null_and_matches_no_filter(
    gateway: str, cloud: Cloud, publisher: Caller
) -> None:
    async def scenario() -> None:
        token = cloud.tokens["amina"]
        async with aiohttp.ClientSession() as session, connected(session, gateway, token) as socket:
            await socket.init()
            await socket.start("all", token, "subscription { onBet { id owner stakeCents } }")
            await socket.start("own", token, 'subscription { onBet(owner: "amina") { id } }')
            await publish(publisher, "1", "amina", 500, selection="number: id stakeCents")
            frame = await socket.frame()
            assert frame["id"] == "all"
            assert frame["payload"] == {"data": {"onBet": {"id": "1", "owner": None, "stakeCents": 500}}}
            await publish(publisher, "2", "amina", selection="id owner")
            assert [(await socket.frame())["id"] for _ in range(2)] == ["all", "own"]

    run(scenario())


def test_a_missing_non_null_field_is_an_error_in_the_data_frame(gateway: str, cloud: Cloud, publisher: Caller) -> None:
    async def scenario() -> None:
        token = cloud.tokens["amina"]
        async with aiohttp.ClientSession() as session, connected(session, gateway, token) as socket:
            await socket.init()
            await socket.start("s", token, "subscription { onBet { id } }")
            await publish(publisher, "1", "amina", selection="owner")
            payload = (await socket.frame())["payload"]
            assert payload["data"] == {"onBet": None}
            assert payload["errors"][0]["path"] == ["onBet", "id"]

    run(scenario())


def test_fields_closed_to_the_subscriber_are_not_delivered(gateway: str, cloud: Cloud, root: Caller) -> None:
    async def scenario() -> None:
        token = cloud.tokens["amina"]
        async with aiohttp.ClientSession() as session, connected(session, gateway, token) as socket:
            await socket.init()
            await socket.start("s", token, "subscription { onBet { id note } }")
            await publish(root, "1", "amina", selection="id note")
            payload = (await socket.frame())["payload"]
            assert payload["data"] == {"onBet": {"id": "1", "note": None}}
            assert payload["errors"][0]["errorType"] == "Unauthorized"

    run(scenario())


def test_a_failed_mutation_is_not_published(gateway: str, cloud: Cloud, amina: Caller, publisher: Caller) -> None:
    async def scenario() -> None:
        token = cloud.tokens["amina"]
        async with aiohttp.ClientSession() as session, connected(session, gateway, token) as socket:
            await socket.init()
            await socket.start("s", token, "subscription { onBet { id } }")
            refused = await asyncio.to_thread(amina.ask, 'mutation { publishBet(id: "evil", owner: "x") { id } }')
            assert only_error(refused)["errorType"] == "Unauthorized"
            await publish(publisher, "good", "x")
            assert (await socket.frame())["payload"] == {"data": {"onBet": {"id": "good"}}}

    run(scenario())


@pytest.mark.parametrize(
    ("query", "error_type"),
    [
        ('subscription { onBet(owner: "forbidden") { id } }', "Unauthorized"),
        ('subscription { onBet(owner: "only tunde") { id } }', "Unauthorized"),
        ('subscription { onBet(owner: "filtered") { id } }', "Code"),
        ("subscription { onDesk { id } }", "Unauthorized"),
        ("subscription { onUnmarked { id } }", "Unauthorized"),
        ("subscription { onNothing { id } }", "ValidationError"),
        ("subscription { onBet(owner: 5) { id } }", "ValidationError"),
        ("query { whoami }", "UnsupportedOperation"),
    ],
    ids=[
        "its resolver refuses",
        "its resolver refuses this caller",
        "enhanced filter",
        "group missing",
        "mark missing",
        "unknown field",
        "bad argument",
        "not a subscription",
    ],
)
def test_a_refused_subscription_gets_an_error_frame_and_the_socket_lives(
    gateway: str, cloud: Cloud, publisher: Caller, query: str, error_type: str
) -> None:
    async def scenario() -> None:
        token = cloud.tokens["amina"]
        async with aiohttp.ClientSession() as session, connected(session, gateway, token) as socket:
            await socket.init()
            mine = 'subscription { onBet(owner: "only amina") { id } }'
            assert (await socket.start("before", token, mine))["type"] == "start_ack"
            frame = await socket.start("bad", token, query)
            assert (frame["id"], frame["type"]) == ("bad", "error")
            assert frame["payload"]["errors"][0]["errorType"] == error_type
            assert (await socket.start("after", token, "subscription { onBet { id } }"))["type"] == "start_ack"
            await publish(publisher, "1", "forbidden")
            assert (await socket.frame())["id"] == "after"
            await publish(publisher, "2", "only amina")
            assert [(await socket.frame())["id"] for _ in range(2)] == ["before", "after"]

    run(scenario())


def test_a_group_opens_a_subscription(gateway: str, cloud: Cloud, root: Caller) -> None:
    async def scenario() -> None:
        token = cloud.tokens["tunde"]
        async with aiohttp.ClientSession() as session, connected(session, gateway, token) as socket:
            await socket.init()
            assert (await socket.start("s", token, "subscription { onDesk { id } }"))["type"] == "start_ack"
            await asyncio.to_thread(root.ask, 'mutation { publishDesk(id: "9") { id } }')
            assert (await socket.frame())["payload"] == {"data": {"onDesk": {"id": "9"}}}

    run(scenario())


def test_the_token_is_checked_at_the_connection_and_at_every_start(gateway: str, cloud: Cloud) -> None:
    async def scenario() -> None:
        good = cloud.tokens["amina"]
        bad = good[:-6] + "AAAAAA"
        async with aiohttp.ClientSession() as session:
            async with connected(session, gateway, bad) as socket:
                frame = await socket.init()
                assert frame["type"] == "connection_error"
                assert frame["payload"]["errors"][0]["errorType"] == "UnauthorizedException"
                assert (await socket.raw.receive(timeout=PATIENCE_SECONDS)).type is aiohttp.WSMsgType.CLOSE
            async with connected(session, gateway, good) as socket:
                await socket.init()
                frame = await socket.start("s", bad, "subscription { onBet { id } }")
                assert (frame["type"], frame["id"]) == ("error", "s")
                assert frame["payload"]["errors"][0]["errorType"] == "UnauthorizedException"
                assert (await socket.start("s", good, "subscription { onBet { id } }"))["type"] == "start_ack"

    run(scenario())


def test_connection_init_may_be_left_out_but_not_the_connections_token(
    gateway: str, cloud: Cloud, publisher: Caller
) -> None:
    async def scenario() -> None:
        good = cloud.tokens["amina"]
        async with aiohttp.ClientSession() as session:
            async with connected(session, gateway, good) as socket:
                assert (await socket.start("s", good, "subscription { onBet { id } }"))["type"] == "start_ack"
                await publish(publisher, "1", "amina")
                assert (await socket.frame())["payload"] == {"data": {"onBet": {"id": "1"}}}
                while (await socket.frame(keep_alive=True))["type"] != "ka":
                    pass
            async with connected(session, gateway, good[:-6] + "AAAAAA") as socket:
                assert (await socket.start("s", good, "subscription { onBet { id } }"))["type"] == "connection_error"

    run(scenario())


def test_authorization_may_come_in_the_handshakes_own_headers(gateway: str, cloud: Cloud) -> None:
    async def scenario() -> None:
        async with aiohttp.ClientSession() as session:
            for token, answered in ((cloud.tokens["amina"], "connection_ack"), ("forged", "connection_error")):
                headers = {"Authorization": token}
                async with session.ws_connect(
                    f"ws://{gateway}/graphql", protocols=["graphql-ws"], headers=headers
                ) as raw:
                    assert (await Socket(raw, gateway).init())["type"] == answered

    run(scenario())


def test_an_id_is_one_subscriptions_until_it_is_stopped(gateway: str, cloud: Cloud) -> None:
    async def scenario() -> None:
        token, query = cloud.tokens["amina"], "subscription { onBet { id } }"
        async with aiohttp.ClientSession() as session, connected(session, gateway, token) as socket:
            await socket.init()
            assert (await socket.start("s", token, query))["type"] == "start_ack"
            again = await socket.start("s", token, query)
            assert (again["id"], again["type"]) == ("s", "error")
            assert again["payload"]["errors"][0]["errorType"] == "DuplicatedOperationError"
            for answered, error_type in (("complete", None), ("error", "UnknownOperationError")):
                await socket.raw.send_json({"id": "s", "type": "stop"})
                frame = await socket.frame()
                assert (frame["id"], frame["type"]) == ("s", answered)
                assert error_type is None or frame["payload"]["errors"][0]["errorType"] == error_type
            assert (await socket.start("s", token, query))["type"] == "start_ack"

    run(scenario())


def test_a_socket_carries_a_hundred_subscriptions_at_most(gateway: str, cloud: Cloud) -> None:
    async def scenario() -> None:
        token, query = cloud.tokens["tunde"], "subscription { onDesk { id } }"
        async with aiohttp.ClientSession() as session, connected(session, gateway, token) as socket:
            await socket.init()
            assert {(await socket.start(str(n), token, query))["type"] for n in range(100)} == {"start_ack"}
            refused = await socket.start("one more", token, query)
            assert refused["payload"]["errors"][0]["errorType"] == "MaxSubscriptionsReachedError"
            await socket.raw.send_json({"id": "7", "type": "stop"})
            assert (await socket.frame())["type"] == "complete"
            assert (await socket.start("one more", token, query))["type"] == "start_ack"

    run(scenario())


def test_subscriptions_of_one_socket_may_come_with_other_modes_than_its_own(
    gateway: str, cloud: Cloud, publisher: Caller
) -> None:
    async def scenario() -> None:
        token = cloud.tokens["amina"]
        body = json.dumps({"query": "subscription { onBet { id } }", "variables": {}})
        signed = signed_headers(ROOT, f"http://{gateway}/graphql", body.encode(), {"host": gateway})
        async with aiohttp.ClientSession() as session, connected(session, gateway, token) as socket:
            await socket.init()
            payload = {"data": body, "extensions": {"authorization": signed}}
            await socket.raw.send_json({"id": "signed", "type": "start", "payload": payload})
            assert await socket.frame() == {"id": "signed", "type": "start_ack"}
            frame = await socket.start("own", token, "subscription { onBet { id } }")
            assert frame == {"id": "own", "type": "start_ack"}
            await publish(publisher, "1", "amina")
            assert [(await socket.frame())["id"] for _ in range(2)] == ["signed", "own"]

    run(scenario())


def test_a_token_that_ends_starts_nothing_more_and_stops_no_delivery(
    gateway: str, cloud: Cloud, publisher: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario() -> None:
        token, query = cloud.tokens["amina"], "subscription { onBet { id } }"
        async with aiohttp.ClientSession() as session, connected(session, gateway, token) as socket:
            await socket.init()
            assert (await socket.start("before", token, query))["type"] == "start_ack"
            monkeypatch.setattr("jwt.api_jwt.datetime", Tomorrow)
            refused = await socket.start("after", token, query)
            assert refused["payload"]["errors"][0]["message"] == "Token has expired."
            await publish(publisher, "1", "amina")
            assert (await socket.frame())["id"] == "before"

    run(scenario())


class Tomorrow(datetime):
    """The clock by which tokens are judged, a day ahead."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> "Tomorrow":
        return super().now(tz) + timedelta(days=1)


def test_a_frame_that_cannot_be_read_is_an_error_and_the_socket_lives(gateway: str, cloud: Cloud) -> None:
    token, lists = cloud.tokens["amina"], "[" * 3_000 + "]" * 3_000
    unreadable = [
        "",
        "{",
        "[]",
        lists,
        f'{{"type": {lists}}}',
        f'{{"type": "start", "id": {lists}}}',
        '{"type": "\\ud800"}',
    ]
    queries = ["subscription { onBet " + "{ ... " * 3_000 + "{ id }" + "}" * 3_000 + "}", "subscription { onBet { id "]

    async def scenario() -> None:
        async with aiohttp.ClientSession() as session, connected(session, gateway, token) as socket:
            for begun in (False, True):
                if begun:
                    assert (await socket.init())["type"] == "connection_ack"
                for content in (b"", b"\x00\xff", b'{"type": "connection_init"}', "{}".encode("utf-16")):
                    await socket.raw.send_bytes(content)
                    assert (await socket.frame())["type"] == "error"
                for text in unreadable:
                    await socket.raw.send_str(text)
                    assert (await socket.frame())["type"] == "error"
                for query in queries:
                    assert (await socket.start("s", token, query))["type"] == "error"
                for nameless in ({}, {"id": None}, {"id": ""}, {"id": 7}, {"id": ["s"]}):
                    for kind in ("start", "stop"):
                        await socket.raw.send_json({"type": kind, **nameless})
                        frame = await socket.frame()
                        error_type = frame["payload"]["errors"][0]["errorType"]
                        assert (frame["type"], error_type, "id" in frame) == ("error", "BadRequestException", False)
            assert (await socket.start("s", token, "subscription { onBet { id } }"))["type"] == "start_ack"

    run(scenario())


@pytest.mark.parametrize(
    "header", [b"\xff\xfe", b"[" * 3_000 + b"]" * 3_000, b'{"host": 1}', b"7", b'{"Authorization": []}']
)
def test_a_connection_header_that_cannot_be_read_is_refused(gateway: str, cloud: Cloud, header: bytes) -> None:
    async def scenario() -> None:
        encoded = base64.urlsafe_b64encode(header).rstrip(b"=").decode()
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(f"ws://{gateway}/graphql", protocols=["graphql-ws", f"header-{encoded}"]) as raw,
        ):
            assert (await Socket(raw, gateway).init())["type"] == "connection_error"

    run(scenario())


def test_authorization_may_come_as_a_sub_protocol(gateway: str, cloud: Cloud) -> None:
    async def scenario() -> None:
        encoded = base64.urlsafe_b64encode(header_of(gateway, cloud.tokens["amina"])).rstrip(b"=").decode()
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(
                f"ws://{gateway}/graphql/realtime", protocols=["graphql-ws", f"header-{encoded}"]
            ) as raw,
        ):
            assert raw.protocol == "graphql-ws"
            assert (await Socket(raw, gateway).init())["type"] == "connection_ack"

    run(scenario())


def test_fifty_subscribers_receive_every_message_in_order(gateway: str, cloud: Cloud, publisher: Caller) -> None:
    async def scenario() -> None:
        token, messages = cloud.tokens["amina"], [str(number) for number in range(10)]
        async with contextlib.AsyncExitStack() as stack:
            session = await stack.enter_async_context(aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)))
            sockets = [await stack.enter_async_context(connected(session, gateway, token)) for _ in range(50)]
            for socket in sockets:
                await socket.init()
                ack = await socket.start("s", token, 'subscription { onBet(owner: "crowd") { id } }')
                assert ack["type"] == "start_ack"
            for message in messages:
                await publish(publisher, message, "crowd")
            for socket in sockets:
                received = [(await socket.frame())["payload"]["data"]["onBet"]["id"] for _ in messages]
                assert received == messages

    run(scenario())


async def first_event(client: Client, query: str, trigger: Any) -> dict[str, Any]:
    """Subscribe with gql, publish until an event comes (gql hides start_ack), and return it."""
    async with client as session:
        events = session.subscribe(gql(query))
        arriving = asyncio.ensure_future(anext(events))
        while not arriving.done():
            await trigger()
            await asyncio.wait([arriving], timeout=0.1)
        event: dict[str, Any] = arriving.result()
        await events.aclose()
        return event


def test_the_gql_client_subscribes_with_a_token(gateway: str, cloud: Cloud, publisher: Caller) -> None:
    auth = AppSyncJWTAuthentication(host=gateway, jwt=cloud.tokens["amina"])
    client = Client(transport=AppSyncWebsocketsTransport(url=f"ws://{gateway}/graphql", auth=auth))
    query = 'subscription { onBet(owner: "gql") { id owner } }'
    event = asyncio.run(first_event(client, query, lambda: publish(publisher, "5", "gql")))
    assert event == {"onBet": {"id": "5", "owner": "gql"}}


def test_the_gql_client_subscribes_with_a_signature(gateway: str, cloud: Cloud, publisher: Caller) -> None:
    allowed = f"arn:aws:appsync:eu-west-1:000000000000:apis/{cloud.api_id}/types/Subscription/fields/onBet"
    listener = assume(cloud.url, make_role(cloud.url, "listener", ["appsync:GraphQL"], [allowed]))
    auth = AppSyncIAMAuthentication(host=gateway, region_name="eu-west-1", credentials=listener)
    client = Client(transport=AppSyncWebsocketsTransport(url=f"ws://{gateway}/graphql", auth=auth))
    query = 'subscription { onBet(owner: "iam") { id } }'
    event = asyncio.run(first_event(client, query, lambda: publish(publisher, "6", "iam")))
    assert event == {"onBet": {"id": "6"}}


def test_the_gql_client_is_refused_with_a_forged_token_or_signature(gateway: str, cloud: Cloud) -> None:
    async def connect(auth: Any) -> None:
        transport = AppSyncWebsocketsTransport(url=f"ws://{gateway}/graphql", auth=auth)
        async with Client(transport=transport):
            pass

    wrong = Credentials(cloud.publisher.access_key, "wrong", cloud.publisher.token)
    for auth in (
        AppSyncJWTAuthentication(host=gateway, jwt=cloud.tokens["amina"][:-6] + "AAAAAA"),
        AppSyncIAMAuthentication(host=gateway, region_name="eu-west-1", credentials=wrong),
    ):
        with pytest.raises(TransportServerError, match="UnauthorizedException"):
            asyncio.run(connect(auth))


def test_the_gql_client_hears_of_a_refused_subscription(gateway: str, cloud: Cloud) -> None:
    async def scenario() -> None:
        auth = AppSyncJWTAuthentication(host=gateway, jwt=cloud.tokens["amina"])
        transport = AppSyncWebsocketsTransport(url=f"ws://{gateway}/graphql", auth=auth)
        async with Client(transport=transport) as session:
            with pytest.raises(TransportQueryError, match="Not Authorized to access onDesk"):
                await anext(session.subscribe(gql("subscription { onDesk { id } }")))

    asyncio.run(scenario())


# Limits, compression and TLS


def test_the_apis_own_limits_are_kept(amina: Caller, cloud: Cloud) -> None:
    control = aws("appsync", cloud.url)
    function = control.get_data_source(apiId=cloud.api_id, name="FUNCTION")["dataSource"]["lambdaConfig"]
    limited = make_api(cloud.url, cloud.pool_id, function["lambdaFunctionArn"], queryDepthLimit=2, resolverCountLimit=2)
    path = f"/v1/apis/{limited}/graphql"
    try:
        wait_for(lambda: amina.post("{ whoami }", path=path).status_code == 200)
        error = only_error(amina.post('{ bet(id: "1") { id legs { market } } }', path=path).json())
        assert (error["errorType"], error["path"]) == ("QueryDepthLimitReached", ["bet", "legs", 0, "market"])
        many = '{ a: bet(id: "1") { id } b: bet(id: "2") { id } c: bet(id: "3") { id } }'
        answer = amina.post(many, path=path).json()
        assert only_error(answer)["errorType"] == "ResolverExecutionLimitReached"
        assert answer["data"] == {"a": {"id": "1"}, "b": {"id": "2"}, "c": None}
    finally:
        control.delete_graphql_api(apiId=limited)


def test_an_answer_of_1000_bytes_is_compressed_for_who_accepts_it(gateway: str, cloud: Cloud) -> None:
    def ask(encoding: str, length: int) -> requests.Response:
        """Have the whole answer be so long."""
        name = "a" * (length - len('{"data":{"":"amina"}}'))
        headers = {"Authorization": cloud.tokens["amina"], "Accept-Encoding": encoding}
        body = {"query": f"{{ {name}: whoami }}"}
        return requests.post(f"http://{gateway}/graphql", json=body, headers=headers, timeout=30)

    packed, plain, short = ask("gzip, deflate, br", 1000), ask("identity", 1000), ask("gzip", 999)
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.json() == plain.json()
    assert int(packed.headers["content-length"]) < 500
    for answer, length in ((plain, "1000"), (short, "999")):
        assert (answer.headers.get("content-encoding"), answer.headers["content-length"]) == (None, length)


def test_tls_and_plain_clients_share_one_gateway(cloud: Cloud, tmp_path: Path) -> None:
    files = certificate.ensure(tmp_path)
    app = appsync.create_app(cloud.url)
    common: dict[str, Any] = {
        "log_level": "warning",
        "host": "127.0.0.1",
        "port": 0,
        "ws": "wsproto",
        "timeout_graceful_shutdown": 1,
    }
    tls = {"ssl_certfile": files.certificate, "ssl_keyfile": files.key, "lifespan": "off"}
    servers = [uvicorn.Server(uvicorn.Config(app, **common)), uvicorn.Server(uvicorn.Config(app, **common, **tls))]
    thread = threading.Thread(target=run_together, args=servers, daemon=True)
    thread.start()
    try:
        wait_for(lambda: all(server.started for server in servers))
        plain, secure = (f"127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}" for server in servers)
        asked = requests.post(
            f"https://{secure}/graphql",
            json={"query": "{ whoami }"},
            headers={"Authorization": cloud.tokens["amina"]},
            verify=str(files.authority),
            timeout=30,
        )
        assert asked.json() == {"data": {"whoami": "amina"}}
        trusted = ssl.create_default_context(cafile=str(files.authority))
        auth = AppSyncJWTAuthentication(host=secure, jwt=cloud.tokens["amina"])
        publisher = Caller(plain, credentials=cloud.publisher)
        for path in ("/graphql", "/graphql/realtime"):
            client = Client(transport=AppSyncWebsocketsTransport(f"wss://{secure}{path}", auth=auth, ssl=trusted))
            query = 'subscription { onBet(owner: "tls") { id owner } }'
            event = asyncio.run(first_event(client, query, lambda: publish(publisher, "9", "tls")))
            assert event == {"onBet": {"id": "9", "owner": "tls"}}
        with pytest.raises(requests.exceptions.SSLError):
            requests.get(f"https://{secure}/graphql", timeout=30)
    finally:
        for server in servers:
            server.should_exit = True
        thread.join(30)
    assert not thread.is_alive()


# The Cognito endpoint


@pytest.fixture(scope="module")
def idp(cloud: Cloud) -> Iterator[Any]:
    """A user-pools client that talks to the local endpoint."""
    with serve(cognito.create_app(cloud.url)) as endpoint:
        yield aws("cognito-idp", endpoint)


def sign_up(idp: Any, cloud: Cloud, name: str) -> None:
    idp.sign_up(
        ClientId=cloud.client_id,
        Username=name,
        Password="Passw0rd!x",
        UserAttributes=[{"Name": "email", "Value": f"{name}@example.com"}],
    )


def status_of(cloud: Cloud, name: str) -> str:
    user = aws("cognito-idp", cloud.url).admin_get_user(UserPoolId=cloud.pool_id, Username=name)
    status: str = user["UserStatus"]
    return status


def trigger_event(cloud: Cloud, name: str) -> dict[str, Any]:
    """Return the event that the trigger recorded for a user."""
    stored = aws("ssm", cloud.url).get_parameter(Name=f"/confirmed/{name}")["Parameter"]["Value"]
    event: dict[str, Any] = json.loads(stored)
    return event


def test_confirming_a_sign_up_runs_the_pools_post_confirmation_trigger(idp: Any, cloud: Cloud) -> None:
    sign_up(idp, cloud, "wanjiru")
    idp.confirm_sign_up(
        ClientId=cloud.client_id, Username="wanjiru", ConfirmationCode="123456", ClientMetadata={"ref": "x"}
    )
    assert status_of(cloud, "wanjiru") == "CONFIRMED"
    event = trigger_event(cloud, "wanjiru")
    assert event["triggerSource"] == "PostConfirmation_ConfirmSignUp"
    assert (event["version"], event["region"], event["userPoolId"]) == ("1", "eu-west-1", cloud.pool_id)
    assert event["userName"] == "wanjiru"
    assert event["callerContext"]["clientId"] == cloud.client_id
    assert event["request"]["userAttributes"]["email"] == "wanjiru@example.com"
    assert event["request"]["userAttributes"]["cognito:user_status"] == "CONFIRMED"
    assert event["request"]["userAttributes"]["sub"]
    assert event["request"]["clientMetadata"] == {"ref": "x"}


def test_an_admins_confirmation_runs_the_trigger_too(idp: Any, cloud: Cloud) -> None:
    sign_up(idp, cloud, "otieno")
    idp.admin_confirm_sign_up(UserPoolId=cloud.pool_id, Username="otieno")
    assert trigger_event(cloud, "otieno")["userName"] == "otieno"


def test_a_wrong_code_confirms_nobody_and_runs_nothing(idp: Any, cloud: Cloud) -> None:
    sign_up(idp, cloud, "chebet")
    with pytest.raises(ClientError, match="CodeMismatchException"):
        idp.confirm_sign_up(ClientId=cloud.client_id, Username="chebet", ConfirmationCode="999999")
    assert status_of(cloud, "chebet") == "UNCONFIRMED"
    with pytest.raises(ClientError, match="ParameterNotFound"):
        trigger_event(cloud, "chebet")


def test_a_failing_trigger_answers_as_cognito_and_leaves_the_user_confirmed(idp: Any, cloud: Cloud) -> None:
    sign_up(idp, cloud, "refused-one")
    with pytest.raises(ClientError) as failure:
        idp.confirm_sign_up(ClientId=cloud.client_id, Username="refused-one", ConfirmationCode="123456")
    assert failure.value.response["Error"]["Code"] == "UserLambdaValidationException"
    assert failure.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert "no account for you" in failure.value.response["Error"]["Message"]
    assert status_of(cloud, "refused-one") == "CONFIRMED"


def test_the_endpoint_serves_sign_in_and_the_pools_keys(idp: Any, cloud: Cloud) -> None:
    result = idp.initiate_auth(
        ClientId=cloud.client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "amina", "PASSWORD": "Passw0rd!x"},
    )["AuthenticationResult"]
    keys = requests.get(
        f"{idp.meta.endpoint_url}/{cloud.pool_id}/.well-known/jwks.json", timeout=PATIENCE_SECONDS
    ).json()["keys"]
    key_id = jwt.get_unverified_header(result["AccessToken"])["kid"]
    key = jwt.PyJWK(next(key for key in keys if key["kid"] == key_id))
    assert jwt.decode(result["AccessToken"], key, algorithms=["RS256"])["username"] == "amina"


def test_many_callers_at_once_are_each_served_as_themselves(gateway: str, cloud: Cloud) -> None:
    callers = [Caller(gateway, cloud.tokens[name]) for name in ("amina", "tunde")] * 10
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda caller: caller.ask("{ whoami }"), callers))
    assert answers == [{"data": {"whoami": "amina"}}, {"data": {"whoami": "tunde"}}] * 10
