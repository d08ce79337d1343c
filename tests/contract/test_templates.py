"""What only AWS would show, held on every packaged template; and every rule shown to be able to fail."""

import copy
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cache
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]
from botocore.exceptions import ClientError
from cfnlint.config import ConfigMixIn  # type: ignore[import-untyped]
from cfnlint.decode.decode import decode_str  # type: ignore[import-untyped]
from cfnlint.runner import Runner  # type: ignore[import-untyped]
from graphql import parse

from betsafi import clock, dynamodb
from betsafi.consumer import Consumer
from betsafi.errors import Contention
from betsafi.events import Event
from betsafi.events.catalog import CATALOG
from tests.contract import template_rules as rules
from tests.contract.template_rules import Rule, Template
from tests.support.services import load
from tools.base import stages
from tools.base.services import ROOT, packages, services

SCHEMA = ROOT / "frontend-api" / "schema"
SHARED_FILES = {"common", "errors", "realtime"}
SOURCES = sorted({file.stem for file in SCHEMA.iterdir()} - SHARED_FILES)
Mutation = Callable[[dict[str, Any]], None]

LINT_IGNORES = {
    "W3005": "osls writes dependencies that follow from references anyway",
    "W8003": "a package is for one stage, so conditions on the stage are constant in it",
}


# --- every package keeps every rule


@pytest.mark.parametrize("rule", rules.TEMPLATE_RULES, ids=lambda rule: rule.__name__)
def test_every_package_keeps(rule: Rule, templates: dict[str, Template]) -> None:
    complaints = [f"{service}: {text}" for service, template in templates.items() for text in rule(template)]
    assert not complaints, "\n".join([str(rule.__doc__), *complaints])


@pytest.mark.parametrize("rule", rules.SCHEMA_RULES, ids=lambda rule: rule.__name__)
def test_the_schema_keeps(rule: Callable[[str], list[str]], schema: str) -> None:
    assert rule(schema) == [], rule.__doc__


@pytest.mark.parametrize("service", services())
def test_cfn_lint_finds_nothing(service: str, templates: dict[str, Template]) -> None:
    assert lint_complaints(templates[service]) == []


def lint_complaints(template: Template) -> list[str]:
    decoded, errors = decode_str(json.dumps(template))
    return [str(match) for match in [*errors, *linter().validate_template(decoded)]]


@cache
def linter() -> Runner:
    """Return cfn-lint with its rules, which take as long to load as a template to lint."""
    return Runner(ConfigMixIn(ignore_checks=list(LINT_IGNORES), regions=["eu-west-1"]))


@pytest.mark.full
def test_cfn_lint_can_find_something(templates: dict[str, Template]) -> None:
    template = copy.deepcopy(dict(templates["wallet"]))
    template["Resources"]["InboundQueue"]["Properties"]["VisibilityTimeot"] = 60
    assert any("VisibilityTimeot" in complaint for complaint in lint_complaints(template))


def test_services_take_the_layers_that_are_published(templates: dict[str, Template]) -> None:
    published = {
        resource["Properties"]["Name"]
        for resource in rules.resources(templates["layers"], "AWS::SSM::Parameter").values()
    }
    for service, template in templates.items():
        for name, function in rules.functions(template).items():
            assert rules.published(template, function["Layers"]) == published, f"{service} {name}"


def test_snapstart_is_on_for_aws_and_off_on_the_laptop() -> None:
    params = yaml.safe_load((ROOT / "shared" / "serverless" / "params.yml").read_text())
    assert params["default"]["snapStart"] is True
    assert params["local"]["snapStart"] is False


# --- players' accounts


def test_every_trigger_of_the_players_pool_is_ours_and_may_do_what_it_does(templates: dict[str, Template]) -> None:
    pool = rules.resources(templates["users"], "AWS::Cognito::UserPool")["UserPool"]["Properties"]
    triggers = {
        "PreSignUp", "DefineAuthChallenge", "CreateAuthChallenge", "VerifyAuthChallengeResponse", "PreTokenGeneration",
    }  # fmt: skip
    function = {"Fn::GetAtt": ["CognitoLambdaFunction", "Arn"]}
    assert {name for name, target in pool["LambdaConfig"].items() if target == function} == triggers
    assert rules.functions(templates["users"])["CognitoLambdaFunction"]["Timeout"] == 5, "Cognito waits no longer"
    ours = [
        policy
        for policy in rules.resources(templates["users"], "AWS::IAM::Policy").values()
        if policy["Properties"]["Roles"] == [{"Ref": "CognitoIamRoleLambdaExecution"}]
    ]
    (statement,) = [one for policy in ours for one in policy["Properties"]["PolicyDocument"]["Statement"]]
    assert statement["Resource"] == {"Fn::GetAtt": ["UserPool", "Arn"]}
    client = rules.resources(templates["users"], "AWS::Cognito::UserPoolClient")["AppClient"]["Properties"]
    assert "ALLOW_CUSTOM_AUTH" in client["ExplicitAuthFlows"]
    assert client["AuthSessionValidity"] == 5, "as long as a code lives"


def test_phone_numbers_do_not_leave_the_table_by_its_stream(templates: dict[str, Template]) -> None:
    (mapping,) = [
        properties for _, properties, _, table in rules.mappings(templates["users"], "AWS::DynamoDB::Table") if table
    ]
    patterns = [json.loads(entry["Pattern"]) for entry in mapping["FilterCriteria"]["Filters"]]
    kinds = ["PROFILE", "IDENTITY", "PROTECTION", {"prefix": "STOP#"}, {"prefix": "DEVICE#"}, "AUDIT", "HEARTBEAT"]
    assert patterns == [{"dynamodb": {"Keys": {"sk": {"S": kinds}}}}]


@pytest.mark.parametrize("service", sorted(services()))
def test_who_looks_at_items_in_a_transaction_may(templates: dict[str, Template], service: str) -> None:
    """The emulator does not ask for this permission, and AWS refuses the whole transaction without it."""
    folder = services()[service]
    code = "".join(path.read_text() for path in (*folder.rglob("*/stores/*.py"), *folder.rglob("table.py")))
    checks = re.search(r"\bCheck\(", code) is not None
    permitted = [
        name
        for name, statement in rules.allowing(templates[service])
        if "dynamodb:ConditionCheckItem" in rules.listed(statement.get("Action", []))
    ]
    assert not checks or permitted


def test_who_puts_items_below_a_player_s_key_may_look_whether_the_player_was_erased(
    templates: dict[str, Template],
) -> None:
    """The emulator does not ask for this permission."""

    def having(action: str) -> set[str]:
        allowed = [one for one in rules.allowing(templates["users"]) if "Condition" not in one[1]]
        return {name for name, statement in allowed if action in rules.listed(statement.get("Action", []))}

    assert having("dynamodb:PutItem") <= having("dynamodb:ConditionCheckItem")


def test_leaked_passwords_are_checked_where_somebody_pays_for_it(templates: dict[str, Template]) -> None:
    template = templates["users"]
    assert template["Conditions"]["ChecksPasswords"] == {"Fn::Equals": ["off", "on"]}
    pool = template["Resources"]["UserPool"]["Properties"]
    assert pool["UserPoolTier"] == {"Fn::If": ["ChecksPasswords", "PLUS", "LITE"]}
    assert pool["UserPoolAddOns"]["Fn::If"][:2] == ["ChecksPasswords", {"AdvancedSecurityMode": "ENFORCED"}]
    check = template["Resources"]["PasswordCheck"]
    assert check["Condition"] == "ChecksPasswords"
    assert check["Properties"]["CompromisedCredentialsRiskConfiguration"]["Actions"] == {"EventAction": "BLOCK"}


def test_the_money_and_the_failures_of_sms_wake_somebody(templates: dict[str, Template]) -> None:
    alarms = rules.resources(templates["users"], "AWS::CloudWatch::Alarm").values()
    watched = {alarm["Properties"].get("MetricName"): alarm["Properties"] for alarm in alarms}
    for metric in ("SMSMonthToDateSpentUSD", "SMSSuccessRate", "CodeNotSent"):
        assert watched[metric]["AlarmActions"]
    assert watched["SMSMonthToDateSpentUSD"]["Threshold"] == 500
    assert "Dimensions" not in watched["SMSMonthToDateSpentUSD"], "it is the account's"


# --- the bus's rules, the handlers and the catalog


def handler_of(function: Mapping[str, Any]) -> tuple[ModuleType, Any]:
    """Import a function's handler under its own settings; whatever a deployment fills in is an address of nobody."""
    variables = function["Environment"]["Variables"]
    settings = {
        name: value if isinstance(value, str) else f"http://{name.lower()}.invalid" for name, value in variables.items()
    }
    path, _, attribute = function["Handler"].rpartition(".")
    module = load(path.replace("/", "."), AWS_DEFAULT_REGION="eu-west-1", **settings)
    return module, getattr(module, attribute)


def handled_events(function: Mapping[str, Any]) -> set[tuple[str, str]]:
    """Return the events of a door: its Consumer's, those of its table MODELS, or those that it imports to read."""
    module, handler = handler_of(function)
    if isinstance(handler, Consumer):
        return handler.subscriptions
    if hasattr(module, "MODELS"):
        return set(module.MODELS)
    imported = [value for value in vars(module).values() if isinstance(value, type) and issubclass(value, Event)]
    return {(model.source, model.__name__) for model in imported if model is not Event}


@pytest.mark.parametrize("service", services())
def test_rules_of_the_bus_and_handlers_agree(service: str, templates: dict[str, Template]) -> None:
    template = templates[service]
    readers = {function for _, _, function, _ in rules.mappings(template, "AWS::SQS::Queue")}
    handled = {name: handled_events(rules.functions(template)[name]) for name in readers}
    assert rules.subscriptions_and_handlers_agree(template, handled, set(CATALOG)) == []


@pytest.mark.parametrize("service", packages())
def test_messages_that_nobody_can_read_fail_each_by_its_own_name(service: str, templates: dict[str, Template]) -> None:
    """A function that raised would bring its whole batch back, and dead-letter the neighbours of what is poison."""
    records = [{"messageId": f"m{n}", "body": body} for n, body in enumerate(("{not JSON", "", "[]"))]
    context = SimpleNamespace(get_remaining_time_in_millis=lambda: 100_000)
    for name in {function for _, _, function, _ in rules.mappings(templates[service], "AWS::SQS::Queue")}:
        _, handler = handler_of(rules.functions(templates[service])[name])
        failed = [{"itemIdentifier": record["messageId"]} for record in records]
        assert handler({"Records": records}, context) == {"batchItemFailures": failed}, name
        assert handler({"Records": []}, context) == {"batchItemFailures": []}, name


def test_disagreements_between_rules_and_handlers_are_found(templates: dict[str, Template]) -> None:
    def complaints(change: Mutation, handled: set[tuple[str, str]] | None = None) -> str:
        template = copy.deepcopy(dict(templates["wallet"]))
        known, _ = rules.subscriptions(template)
        change(template)
        known = known if handled is None else {"ConsumerLambdaFunction": handled}
        return "\n".join(
            [*rules.subscriptions(template)[1], *rules.subscriptions_and_handlers_agree(template, known, set(CATALOG))]
        )

    pattern = ("Resources", "InboundUsersRule", "Properties", "EventPattern")
    assert complaints(lambda template: None) == ""
    unknown = put(*pattern, "detail-type", value=["UserRegistred"])
    assert "there is no event ('betsafi.users', 'UserRegistred')" in complaints(unknown)
    assert "is sent ('betsafi.users', 'UserRegistered') and has no handler" in complaints(lambda template: None, set())
    assert "and no rule sends it" in complaints(drop("Resources", "InboundUsersRule"))
    assert "one by one" in complaints(put(*pattern, "source", value=[{"prefix": "betsafi."}]))
    assert "no function reads" in complaints(drop("Resources", "ConsumerEventSourceMappingSQSInboundQueue"))


# --- the handlers for AppSync and the schema


OF_A_PLAYER = ("Player", "PlayerExport")
"""What staff see of one: each service extends it."""


def resolved(definition: Any) -> bool:
    name = definition.name.value if getattr(definition, "name", None) else ""
    extends = name in (*OF_A_PLAYER, "PlayerChanges") and definition.kind == "object_type_extension"
    return extends or name in ("Query", "Mutation", "PlayerUpdate")


def root_fields(sdl: str) -> set[tuple[str, str]]:
    """Return every (type, field) of a schema that a resolver answers; of Player and the like, what extends it."""
    return {
        (definition.name.value, field.name.value)  # type: ignore[attr-defined]
        for definition in parse(sdl).definitions
        if resolved(definition)
        for field in definition.fields  # type: ignore[attr-defined]
    }


def data_sources(templates: dict[str, Template]) -> dict[str, Mapping[str, Any]]:
    """Return the function that answers each of AppSync's data sources, found as a deployment finds it."""
    found, api = {}, templates["frontend-api"]
    for source in rules.resources(api, "AWS::AppSync::DataSource").values():
        if source["Properties"]["Type"] == "AWS_LAMBDA":
            (parameter,) = rules.published(api, source["Properties"]["LambdaConfig"]["LambdaFunctionArn"])
            *_, service, function, _ = parameter.split("/")
            named = rules.functions(templates[service]).values()
            (found[source["Properties"]["Name"]],) = [f for f in named if f["FunctionName"].endswith(f"-{function}")]
    return found


def test_a_handler_for_appsync_answers_exactly_the_fields_of_its_schema_file(templates: dict[str, Template]) -> None:
    folder = ROOT / "frontend-api" / "schema"
    sources = data_sources(templates)
    assert {file.stem for file in folder.iterdir()} == {*sources, *SHARED_FILES}
    for name, door in sources.items():
        _, handler = handler_of(door)
        lacking = handler.names ^ root_fields((folder / f"{name}.graphql").read_text())
        assert not lacking, f"in schema/{name}.graphql or in its handler, and not in the other: {lacking}"


# --- who may call whom


def test_each_role_may_call_the_operations_that_are_for_its_service_and_no_others(
    templates: dict[str, Template],
) -> None:
    admitted = {
        (caller, api, " ".join(route))
        for api in ("wallet", "users", "payment")
        for route, operation in handler_of(rules.functions(templates[api])["ApiLambdaFunction"])[1].operations.items()
        for caller in operation.callers
    }
    allowed = set()
    for service, template in templates.items():
        for role, statement in rules.allowing(template):
            for api, method, pattern in rules.called(template, statement):
                fitting = {
                    (known, route)
                    for _, known, route in admitted
                    if api in (known, "*") and route.split(" ")[0] == method
                    if fnmatchcase(re.sub(r"{\w+}", "x", route.split(" ")[1]), pattern)
                }
                assert len(fitting) == 1, f"{service} {role} may call {method} {pattern} of {api}: {fitting}"
                allowed |= {(service, known, route) for known, route in fitting}
    assert allowed == admitted


def test_the_handlers_know_every_caller_by_the_name_that_its_package_gives_the_role(
    templates: dict[str, Template],
) -> None:
    _, door = handler_of(rules.functions(templates["wallet"])["ApiLambdaFunction"])
    for service, template in templates.items():
        calling = {role for role, statement in rules.allowing(template) if list(rules.called(template, statement))}
        for role in calling:
            parts = template["Resources"][role]["Properties"]["RoleName"]["Fn::Join"][1]
            name = "-".join(part if isinstance(part, str) else "eu-west-1" for part in parts)
            arn = f"arn:aws:sts::123456789012:assumed-role/{name}/session"
            context = {"accountId": "123456789012", "authorizer": {"iam": {"userArn": arn}}}
            assert door._caller({"requestContext": context}) == service, role


def test_a_permission_is_read_as_iam_reads_it() -> None:
    arn = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:%s/$default/POST/holds/*/release"
    inline, parameter = arn % "{{resolve:ssm:/betsafi/dev/wallet/api/id}}", arn % "${WalletApiId}"
    template = {"Parameters": {"WalletApiId": {"Default": "/betsafi/dev/wallet/api/id"}}}
    for text in (inline, parameter):
        (read,) = rules.called(template, {"Resource": {"Fn::Sub": text}})
        assert read == ("wallet", "POST", "/holds/*/release")
    wide = "arn:aws:execute-api:eu-west-1:1:abc/*"
    assert list(rules.called({}, {"Resource": [wide, "arn:aws:sqs:eu-west-1:1:q"]})) == [("", "", wide)]


def test_every_trust_without_a_condition_that_is_accepted_is_there(
    templates: dict[str, Template], monkeypatch: pytest.MonkeyPatch
) -> None:
    accepted = dict(rules.TRUSTED)
    # The gate of a carrier that reports is in production's package alone (test_stages.py).
    for name in accepted.keys() - {"ReportApiRole"}:
        monkeypatch.setattr(rules, "TRUSTED", {other: why for other, why in accepted.items() if other != name})
        found = [text for template in templates.values() for text in rules.aws_acts_for_this_account_alone(template)]
        assert found, f"{name} is accepted and nowhere found"
    assert all(len(why) > 20 for why in accepted.values())


def fields_of(sdl: str) -> Iterator[tuple[str, str, set[str], bool]]:
    """Yield (type, field, its marks, whether they name groups) of every field that a resolver answers."""
    for definition in parse(sdl).definitions:
        if resolved(definition):
            for field in definition.fields:  # type: ignore[attr-defined]
                groups = (
                    any(
                        argument.name.value == "cognito_groups"
                        for mark in field.directives
                        for argument in mark.arguments
                    )
                    or definition.name.value in OF_A_PLAYER
                )  # type: ignore[attr-defined]
                marks = {mark.name.value for mark in field.directives}
                yield definition.name.value, field.name.value, marks, groups  # type: ignore[attr-defined]


FOR_PLAYERS_AND_STAFF = {("Query", "paymentChannels")}


@pytest.mark.parametrize("source", SOURCES)
def test_a_field_s_resolver_knows_whose_token_it_takes(source: str, templates: dict[str, Template]) -> None:
    """AppSync looks for groups in any token, so the resolver must refuse a player's; staff have no player's fields."""
    code = {
        (resolver["Properties"]["TypeName"], resolver["Properties"]["FieldName"]): resolver["Properties"]["Code"]
        for resolver in rules.resources(templates["frontend-api"], "AWS::AppSync::Resolver").values()
    }
    for type_name, field, marks, groups in fields_of((SCHEMA / f"{source}.graphql").read_text()):
        both = (type_name, field) in FOR_PLAYERS_AND_STAFF or type_name == "PlayerUpdate"
        both = both or bool(marks & {"aws_iam", "aws_api_key"})
        wanted = "staff" if groups else "invoke" if both else "player"
        wanted = "changed" if type_name == "PlayerChanges" else wanted
        assert f"// resolvers/{wanted}.js" in code[type_name, field], (type_name, field)


def test_no_resolver_s_bundle_renames_what_it_exports(templates: dict[str, Template]) -> None:
    """An `export { request2 as request }` may be read otherwise by AppSync and by the local gateway."""
    for name, resolver in rules.resources(templates["frontend-api"], "AWS::AppSync::Resolver").items():
        assert re.search(r"^export {\s*request,\s*response\s*};", resolver["Properties"]["Code"], re.MULTILINE), name


@pytest.mark.parametrize("source", SOURCES)
def test_a_function_with_fields_for_staff_may_ask_how_they_stand_and_no_other(
    source: str, templates: dict[str, Template]
) -> None:
    wanted = any(groups for _, _, _, groups in fields_of((SCHEMA / f"{source}.graphql").read_text()))
    function = data_sources(templates)[source]
    (template,) = [template for template in templates.values() if function in rules.functions(template).values()]
    (role,) = rules.references(function["Role"])
    pool = "arn:${AWS::Partition}:cognito-idp:${AWS::Region}:${AWS::AccountId}:userpool/${FromPlatformStaffPoolId}"
    may = {
        action
        for name, statement in rules.allowing(template)
        if name == role and statement.get("Resource") == {"Fn::Sub": pool}
        for action in statement["Action"]
    }
    of_staff = ("AdminDisableUser", "AdminEnableUser", "ListUsers", "ListUsersInGroup")
    more = {f"cognito-idp:{action}" for action in of_staff} if source == "staff" else set()
    assert may == ({"cognito-idp:AdminGetUser", "cognito-idp:AdminListGroupsForUser"} | more if wanted else set())
    asked = rules.published(template, function["Environment"]["Variables"].get("STAFF_POOL"))
    assert asked == ({"/betsafi/dev/platform/staff/pool/id"} if wanted else set())


def test_the_depth_limit_admits_the_deepest_question(templates: dict[str, Template], schema: str) -> None:
    (api,) = rules.resources(templates["frontend-api"], "AWS::AppSync::GraphQLApi").values()
    assert rules.deepest(schema) <= api["Properties"]["QueryDepthLimit"]
    assert rules.deepest("type Query { bet: Bet } type Bet { legs: [Leg!] } extend type Bet { id: ID }") == 2
    with pytest.raises(ValueError, match="Bet > Leg > Bet has no end"):
        rules.deepest("type Query { bet: Bet } type Bet { legs: [Leg!] } type Leg { bet: Bet }")


# --- conflicts, which the emulator never has


def conflict(*codes: str) -> ClientError:
    reasons = [{"Code": code} for code in codes]
    response: Any = {"Error": {"Code": "TransactionCanceledException", "Message": ""}, "CancellationReasons": reasons}
    return ClientError(response, "TransactWriteItems")


@pytest.mark.parametrize("codes", [("TransactionConflict", "None"), ("ConditionalCheckFailed", "TransactionConflict")])
def test_a_transaction_in_conflict_is_tried_again_before_a_guard_is_believed(
    codes: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    answers: Iterator[Exception | None] = iter([conflict(*codes), conflict(*codes), None])
    monkeypatch.setattr(dynamodb, "client", lambda service: Transactions(answers))
    monkeypatch.setattr(clock, "sleep_with_jitter", lambda *arguments, **options: None)
    dynamodb.Table("any").transact(dynamodb.Put({"pk": "a", "sk": "b"}))
    assert next(answers, "all were asked") == "all were asked"


def test_a_transaction_that_stays_in_conflict_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    answers: Iterator[Exception | None] = iter([conflict("TransactionConflict")] * 100)
    monkeypatch.setattr(dynamodb, "client", lambda service: Transactions(answers))
    monkeypatch.setattr(clock, "sleep_with_jitter", lambda *arguments, **options: None)
    with pytest.raises(Contention):
        dynamodb.Table("any").transact(dynamodb.Put({"pk": "a", "sk": "b"}))


class Transactions:
    """A DynamoDB client that answers each transaction with the next of its answers."""

    def __init__(self, answers: Iterator[Exception | None]) -> None:
        self.answers = answers

    def transact_write_items(self, **request: Any) -> None:
        answer = next(self.answers)
        if answer:
            raise answer


# --- every rule can fail


def put(*path: str | int, value: Any) -> Mutation:
    """Return a change that sets one place of a template."""

    def change(template: Any) -> None:
        for step in path[:-1]:
            template = template[step]
        template[path[-1]] = value

    return change


def drop(*path: str | int) -> Mutation:
    """Return a change that removes one place of a template."""

    def change(template: Any) -> None:
        for step in path[:-1]:
            template = template[step]
        del template[path[-1]]

    return change


def prop(name: str, *path: str | int, value: Any) -> Mutation:
    return put("Resources", name, "Properties", *path, value=value)


def without(name: str, *path: str | int) -> Mutation:
    return drop("Resources", name, "Properties", *path)


def add(name: str, kind: str, **properties: Any) -> Mutation:
    return put("Resources", name, value={"Type": kind, "Properties": properties})


def allow(role: str, action: str, resource: Any, **condition: Any) -> Mutation:
    """Return a change that gives a role one more permission."""
    statement = {"Effect": "Allow", "Action": [action], "Resource": resource, "Condition": condition}

    def change(template: dict[str, Any]) -> None:
        document = template["Resources"][role]["Properties"]["Policies"][0]["PolicyDocument"]
        document["Statement"].append(statement)

    return change


def change_statement(role: str, action: str, **fields: Any) -> Mutation:
    """Return a change of the statements of a role that allow an action."""

    def change(template: dict[str, Any]) -> None:
        for name, statement in rules.allowing(template):
            if name == role and action in rules.listed(statement["Action"]):
                statement.update(fields)

    return change


def unalias(template: dict[str, Any]) -> None:
    uri = template["Resources"]["HttpApiIntegrationApi"]["Properties"]["IntegrationUri"]
    uri["Fn::Join"][1].remove("snapstart")


def distrust(name: str) -> Mutation:
    """Return a change that lets a service of AWS take a role for anybody."""
    return drop("Resources", name, "Properties", "AssumeRolePolicyDocument", "Statement", 0, "Condition")


def log_for_anybody(template: dict[str, Any]) -> None:
    document = template["Resources"]["EventLogPolicy"]["Properties"]["PolicyDocument"]
    document["Fn::Sub"] = document["Fn::Sub"].replace("aws:SourceArn", "aws:PrincipalArn")


TABLE = {"Fn::GetAtt": ["Table", "Arn"]}
OWN = {"ForAllValues:StringEquals": {"events:source": ["betsafi.users"]}}
THERE = {"Null": {"events:source": "false"}}
USERS_STREAM = "StreamEventSourceMappingDynamodbTable"
PUT = ("StreamIamRoleLambdaExecution", "events:PutEvents")
CONSUMER_ROLE = "ConsumerIamRoleLambdaExecution"
SMS_ROLE = "SmsIamRoleLambdaExecution"
QUEUE_MAPPING = "ConsumerEventSourceMappingSQSInboundQueue"
GRAPHQL_ROLE = "GraphqlIamRoleLambdaExecution"
POOLS = rules.pools_let_nobody_change_who_they_are
ENVIRONMENT = ("GraphqlLambdaFunction", "Environment", "Variables")
TEMPLATES = ("CallbackPost", "Integration", "RequestTemplates")
TOGETHER = ("Statement", "RateBasedStatement")
PROVIDERS = ("GraphQlApi", "AdditionalAuthenticationProviders")
COMMON = {"Fn::Sub": "{{resolve:ssm:/betsafi/dev/layers/common/0123456789abcdef/arn}}"}

# (rule, service, what somebody might do, what the rule says to it)
SITE = ("Site", "DistributionConfig")
SENT = ("SiteHeaders", "ResponseHeadersPolicyConfig", "SecurityHeadersConfig")
POLICY = (*SENT, "ContentSecurityPolicy", "ContentSecurityPolicy")
FAULTS: list[tuple[Rule, str, Mutation, str]] = [
    (rules.websites_are_safe_to_look_at, "web", without(*SITE, "Origins", 0, "OriginAccessControlId"), "as anybody"),
    (
        rules.websites_are_safe_to_look_at,
        "web",
        prop("SiteAccess", "OriginAccessControlConfig", "SigningBehavior", value="never"),
        "as anybody",
    ),
    (
        rules.websites_are_safe_to_look_at,
        "docs",
        prop(*SITE, "DefaultCacheBehavior", "ViewerProtocolPolicy", value="allow-all"),
        "without TLS",
    ),
    (
        rules.websites_are_safe_to_look_at,
        "docs",
        without(*SITE, "DefaultCacheBehavior", "ResponseHeadersPolicyId"),
        "without headers of ours",
    ),
    (
        rules.websites_are_safe_to_look_at,
        "web",
        without(*SENT, "StrictTransportSecurity"),
        "StrictTransportSecurity is",
    ),
    (rules.websites_are_safe_to_look_at, "docs", prop(*POLICY, value="frame-ancestors 'none'"), "default-src 'none'"),
    (rules.websites_are_safe_to_look_at, "web", prop(*POLICY, "Fn::Sub", 0, value="connect-src *"), "policy has *"),
    (
        rules.snapstart_doors_are_reached_by_their_alias,
        "users",
        without("GraphqlLambdaFunction", "SnapStart"),
        "no SnapStart",
    ),
    (
        rules.snapstart_doors_are_reached_by_their_alias,
        "users",
        drop("Resources", "ApiSnapStartLambdaAlias"),
        "no alias",
    ),
    (rules.snapstart_doors_are_reached_by_their_alias, "users", unalias, "and not its alias"),
    (
        rules.snapstart_doors_are_reached_by_their_alias,
        "wallet",
        prop(QUEUE_MAPPING, "FunctionName", value={"Fn::GetAtt": ["ConsumerLambdaFunction", "Arn"]}),
        f"{QUEUE_MAPPING} invokes ConsumerLambdaFunction and not its alias",
    ),
    (
        rules.snapstart_doors_are_reached_by_their_alias,
        "users",
        prop("GraphqlArnParameter", "Value", value={"Fn::GetAtt": ["GraphqlLambdaFunction", "Arn"]}),
        "a function's ARN",
    ),
    (
        rules.snapstart_doors_are_reached_by_their_alias,
        "frontend-api",
        prop("GraphQlDsbet", "LambdaConfig", "LambdaFunctionArn", value="arn:aws:lambda:eu-west-1:1:function:f"),
        "does not take the alias ARN",
    ),
    (
        rules.layers_are_found_under_their_content_hash,
        "users",
        prop("ApiLambdaFunction", "Layers", 0, value={"Ref": "FromPlatformAlarmsArn"}),
        "ApiLambdaFunction does not take both layers",
    ),
    (
        rules.layers_are_found_under_their_content_hash,
        "layers",
        prop("CommonLayerArn", "Name", value="/betsafi/dev/layers/common/latest/arn"),
        "not published under its content's hash",
    ),
    (
        rules.layers_are_found_under_their_content_hash,
        "layers",
        drop("Resources", "CommonLambdaLayer", "DeletionPolicy"),
        "goes with its stack",
    ),
    (
        rules.versions_are_kept_for_snapstart_alone,
        "users",
        without("GraphqlLambdaFunction", "SnapStart"),
        "no SnapStart",
    ),
    (
        rules.what_is_published_is_a_parameter,
        "users",
        prop("ApiLambdaFunction", "Layers", 0, value=COMMON),
        "is resolved in its place",
    ),
    (
        rules.nothing_waits_for_itself,
        "wallet",
        prop("ApiIdParameter", "Name", value="/betsafi/dev/platform/alarms/arn"),
        "FromPlatformAlarmsArn is published by the stack that takes it",
    ),
    (rules.roles_are_used, "users", add("Idle", "AWS::IAM::Role"), "Idle is used by nothing"),
    (
        rules.log_groups_are_made_by_the_stack,
        "users",
        change_statement(GRAPHQL_ROLE, "logs:PutLogEvents", Action=["logs:CreateLogGroup", "logs:PutLogEvents"]),
        "may create log groups",
    ),
    (rules.subscribers_hear_the_bus, "wallet", drop("Resources", "BusSilentAlarm"), "no rule on betsafi-dev matches"),
    (rules.subscribers_hear_the_bus, "bet", drop("Resources", "BusRule"), "no rule on betsafi-dev matches"),
    (
        rules.workers_that_feed_themselves_may_loop,
        "bet",
        without("SettlementLambdaFunction", "RecursiveLoop"),
        "after 16 hops",
    ),
    (
        rules.workers_that_feed_themselves_may_loop,
        "wallet",
        prop("ConsumerLambdaFunction", "RecursiveLoop", value="Allow"),
        "does not feed its own queue",
    ),
    (rules.visibility_is_six_timeouts, "wallet", prop("InboundQueue", "VisibilityTimeout", value=179), "for 179 s"),
    (rules.visibility_is_six_timeouts, "wallet", without("InboundQueue", "VisibilityTimeout"), "for 30 s"),
    (
        rules.queue_batches_report_their_failures,
        "wallet",
        without("ConsumerEventSourceMappingSQSInboundQueue", "FunctionResponseTypes"),
        "single failures",
    ),
    (
        rules.failed_messages_come_back_soon_and_for_hours,
        "wallet",
        change_statement(CONSUMER_ROLE, "sqs:ChangeMessageVisibility", Action="sqs:GetQueueUrl"),
        "may not say when messages of InboundQueue come back",
    ),
    (
        rules.failed_messages_come_back_soon_and_for_hours,
        "wallet",
        prop("InboundQueue", "RedrivePolicy", "maxReceiveCount", value=5),
        "after 5 tries",
    ),
    (
        rules.failed_messages_come_back_soon_and_for_hours,
        "wallet",
        drop("Resources", "MessageStuckAlarm"),
        "go on failing",
    ),
    (rules.outboxes_have_a_heartbeat, "wallet", drop("Resources", "Heartbeat"), "no heartbeat is written"),
    (rules.outboxes_have_a_heartbeat, "users", drop("Resources", "OutboxSilentAlarm"), "stands still"),
    (
        rules.outboxes_have_a_heartbeat,
        "bet",
        prop("OutboxSilentAlarm", "TreatMissingData", value="notBreaching"),
        "stands still",
    ),
    (
        rules.outboxes_have_a_heartbeat,
        "notifications",
        without("StreamEventSourceMappingDynamodbTable", "FilterCriteria", "Filters", 2),
        "filters its heartbeat out",
    ),
    (rules.schedules_are_missed, "payment", drop("Resources", "PullAbsentAlarm"), "PullRule does not run"),
    (
        rules.schedules_are_missed,
        "payment",
        prop("ScanAbsentAlarm", "Metrics", 2, "MetricStat", "Period", value=60),
        "ScanRule does not run",
    ),
    (
        rules.schedules_are_missed,
        "wallet",
        prop("ReconcileAbsentAlarm", "Metrics", 0, "Expression", value="IF(FILL(runs, 0) < 1, 1, 0)"),
        "ReconcileRule does not run",
    ),
    (
        rules.schedules_are_missed,
        "wallet",
        prop("ReconcileAbsentAlarm", "Metrics", 0, "Expression", value="IF(beats > 500 AND runs < 1, 1, 0)"),
        "ReconcileRule does not run",
    ),
    (rules.schedules_are_missed, "wallet", drop("Resources", "ReconcileAbsentAlarm"), "ReconcileRule does not run"),
    (
        rules.schedules_are_missed,
        "wallet",
        prop("ReconcileRule", "Targets", 0, "Input", value="{}"),
        "does not say that it is the schedule reconcile",
    ),
    (
        rules.queues_have_a_watched_dead_letter_queue,
        "wallet",
        without("InboundQueue", "RedrivePolicy"),
        "no dead-letter queue",
    ),
    (
        rules.queues_have_a_watched_dead_letter_queue,
        "wallet",
        drop("Resources", "InboundDeadLetterAlarm"),
        "nobody hears",
    ),
    (
        rules.queues_have_a_watched_dead_letter_queue,
        "wallet",
        without("StreamFailureAlarm", "AlarmActions"),
        "nobody hears",
    ),
    (rules.streams_park_what_they_cannot_tell, "users", without(USERS_STREAM, "DestinationConfig"), "loses what fails"),
    (
        rules.streams_park_what_they_cannot_tell,
        "users",
        prop(USERS_STREAM, "MaximumRecordAgeInSeconds", value=-1),
        "forgotten",
    ),
    (
        rules.streams_park_what_they_cannot_tell,
        "users",
        without(USERS_STREAM, "BisectBatchOnFunctionError"),
        "one bad record",
    ),
    (rules.streams_park_what_they_cannot_tell, "users", drop("Resources", "StreamAgeAlarm"), "falls behind"),
    (
        rules.failures_may_be_parked,
        "users",
        change_statement(PUT[0], "sqs:SendMessage", Action="sqs:GetQueueUrl"),
        "may not send",
    ),
    (
        rules.failures_may_be_parked,
        "wallet",
        add(
            "Plan",
            "AWS::Lambda::EventInvokeConfig",
            FunctionName={"Ref": "ConsumerLambdaFunction"},
            DestinationConfig={"OnFailure": {"Destination": {"Fn::GetAtt": ["InboundDeadLetterQueue", "Arn"]}}},
        ),
        "ConsumerLambdaFunction may not send",
    ),
    (
        rules.rule_targets_have_a_dead_letter_queue,
        "wallet",
        without("InboundUsersRule", "Targets", 0, "DeadLetterConfig"),
        "InboundUsersRule loses",
    ),
    (
        rules.asynchronous_functions_have_an_on_failure_plan,
        "wallet",
        add("Daily", "AWS::Scheduler::Schedule", Target={"Arn": {"Fn::GetAtt": ["ConsumerLambdaFunction", "Arn"]}}),
        "ConsumerLambdaFunction is invoked asynchronously",
    ),
    (
        rules.functions_have_a_role_of_their_own,
        "users",
        prop("ApiLambdaFunction", "Role", value={"Fn::GetAtt": [GRAPHQL_ROLE, "Arn"]}),
        "share",
    ),
    (
        rules.functions_have_a_role_of_their_own,
        "users",
        prop("ApiLambdaFunction", "Role", value={"Fn::GetAtt": ["IamRoleLambdaExecution", "Arn"]}),
        "no role of its own",
    ),
    (
        rules.nothing_is_imported_from_another_stack,
        "users",
        prop(*ENVIRONMENT, "BUS_NAME", value={"Fn::ImportValue": "betsafi-platform-dev-BusName"}),
        "betsafi-platform-dev-BusName",
    ),
    (rules.resources_are_named, "users", allow(GRAPHQL_ROLE, "sqs:SendMessage", "*"), "sqs:SendMessage on anything"),
    (
        rules.resources_are_named,
        "users",
        allow(GRAPHQL_ROLE, "sqs:SendMessage", [TABLE, {"Fn::Sub": "*"}]),
        "on anything",
    ),
    (
        rules.resources_are_named,
        "notifications",
        change_statement(SMS_ROLE, "sns:Publish", NotResource="arn:aws:sns:eu-west-1:1:one-topic"),
        "sns:Publish on anything",
    ),
    (
        rules.resources_are_named,
        "notifications",
        change_statement(SMS_ROLE, "sns:Publish", Action="sqs:SendMessage"),
        "sqs:SendMessage on anything",
    ),
    (rules.actions_are_named, "users", allow(GRAPHQL_ROLE, "dynamodb:*", TABLE), "dynamodb:*"),
    (rules.actions_are_named, "users", allow(GRAPHQL_ROLE, "dynamodb:Get*", TABLE), "dynamodb:Get*"),
    (rules.put_events_names_its_own_source, "users", change_statement(*PUT, Condition={}), "events of others"),
    (rules.put_events_names_its_own_source, "users", change_statement(*PUT, Condition=OWN), "events of others"),
    (
        rules.put_events_names_its_own_source,
        "users",
        change_statement(*PUT, Condition={"StringEquals": OWN["ForAllValues:StringEquals"], **THERE}),
        "events of others",
    ),
    (
        rules.put_events_names_its_own_source,
        "users",
        change_statement(*PUT, Condition={"ForAllValues:StringEquals": {"events:source": ["betsafi.bet"]}, **THERE}),
        "events of others",
    ),
    (
        rules.attribute_conditions_are_whole,
        "users",
        allow(GRAPHQL_ROLE, "dynamodb:GetItem", TABLE, StringEquals={"dynamodb:LeadingKeys": ["x"]}),
        "one value of dynamodb:LeadingKeys",
    ),
    (
        rules.attribute_conditions_are_whole,
        "users",
        allow(
            GRAPHQL_ROLE, "dynamodb:GetItem", TABLE, **{"ForAllValues:StringEquals": {"dynamodb:Attributes": ["pk"]}}
        ),
        "not dynamodb:Select",
    ),
    (
        rules.attribute_conditions_are_whole,
        "users",
        allow(
            GRAPHQL_ROLE, "dynamodb:PutItem", TABLE, **{"ForAllValues:StringEquals": {"dynamodb:Attributes": ["pk"]}}
        ),
        "not dynamodb:ReturnValues",
    ),
    (
        rules.tables_are_their_service_s_own,
        "users",
        allow(
            GRAPHQL_ROLE, "dynamodb:GetItem", {"Fn::Sub": "arn:aws:dynamodb:${AWS::Region}:1:table/betsafi-wallet-dev"}
        ),
        "a table of another service",
    ),
    (
        rules.internal_apis_ask_for_iam,
        "users",
        prop("HttpApiRouteGetUsersUseridVarContact", "AuthorizationType", value="NONE"),
        "open to everybody",
    ),
    (
        rules.internal_apis_ask_for_iam,
        "wallet",
        prop("HttpApiIntegrationApi", "PayloadFormatVersion", value="1.0"),
        "over as 1.0",
    ),
    (
        rules.internal_apis_ask_for_iam,
        "wallet",
        add("M", "AWS::ApiGateway::Method", Integration={"Uri": {"Fn::Sub": "${ApiLambdaFunction.Arn}"}}),
        "past its HTTP API",
    ),
    (
        rules.aws_acts_for_this_account_alone,
        "users",
        distrust("ApiIamRoleLambdaExecution"),
        "ApiIamRoleLambdaExecution lets lambda.amazonaws.com sts:AssumeRole for anybody",
    ),
    (rules.aws_acts_for_this_account_alone, "bet", distrust("HeartbeatRole"), "lets scheduler.amazonaws.com"),
    (rules.aws_acts_for_this_account_alone, "frontend-api", distrust("GraphQlDsbetRole"), "lets appsync.amazonaws.com"),
    (
        rules.aws_acts_for_this_account_alone,
        "wallet",
        drop("Resources", "InboundQueuePolicy", "Properties", "PolicyDocument", "Statement", 0, "Condition"),
        "lets events.amazonaws.com sqs:SendMessage",
    ),
    (
        rules.aws_acts_for_this_account_alone,
        "platform",
        drop("Resources", "AlarmKey", "Properties", "KeyPolicy", "Statement", 1, "Condition"),
        "lets cloudwatch.amazonaws.com, budgets.amazonaws.com kms:Decrypt",
    ),
    (rules.aws_acts_for_this_account_alone, "platform", log_for_anybody, "logs:PutLogEvents for anybody"),
    (
        rules.aws_acts_for_this_account_alone,
        "users",
        without("CognitoMayInvoke", "SourceArn"),
        "CognitoMayInvoke lets cognito-idp.amazonaws.com in",
    ),
    (
        rules.traders_and_players_are_served_apart,
        "bet",
        allow("TradingIamRoleLambdaExecution", "execute-api:Invoke", "arn:aws:execute-api:eu-west-1:1:a/b"),
        "TradingLambdaFunction may call another service",
    ),
    (
        rules.traders_and_players_are_served_apart,
        "bet",
        allow("TradingIamRoleLambdaExecution", "dynamodb:PutItem", TABLE),
        "TradingLambdaFunction may write every item",
    ),
    (
        rules.traders_and_players_are_served_apart,
        "bet",
        allow(
            GRAPHQL_ROLE,
            "dynamodb:UpdateItem",
            TABLE,
            **{"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["USER#*", "RESULT#*"]}},
        ),
        "GraphqlLambdaFunction may write ['USER#*', 'RESULT#*']",
    ),
    (rules.environments_hold_no_secrets, "users", prop(*ENVIRONMENT, "DARAJA_PASSKEY", value="bfb2"), "DARAJA_PASSKEY"),
    (
        rules.environments_hold_no_secrets,
        "users",
        prop(*ENVIRONMENT, "DARAJA", value={"Fn::Sub": "{{resolve:secretsmanager:daraja}}"}),
        "in clear",
    ),
    (
        rules.environments_hold_no_secrets,
        "users",
        prop(*ENVIRONMENT, "SEED", value="9f86d081884c7d659a2feaa0c55ad015"),
        "a key",
    ),
    (POOLS, "users", without("AppClient", "WriteAttributes"), "AppClient may write every attribute"),
    (POOLS, "users", prop("AppClient", "WriteAttributes", value=[]), "AppClient may write every attribute"),
    (POOLS, "users", prop("AppClient", "WriteAttributes", value=["phone_number", "locale"]), "write phone_number"),
    (POOLS, "users", prop("AppClient", "WriteAttributes", value=["birthdate"]), "may write birthdate"),
    (POOLS, "users", prop("AppClient", "PreventUserExistenceErrors", value="LEGACY"), "who has an account"),
    (
        POOLS,
        "users",
        prop("UserPool", "Schema", value=[{"Name": "birthdate", "AttributeDataType": "String", "Required": True}]),
        "birthdate for ever",
    ),
    (POOLS, "users", without("UserPool", "UserAttributeUpdateSettings"), "before its code is answered"),
    (POOLS, "users", without("UserPool", "AccountRecoverySetting"), "codes of its own"),
    (POOLS, "users", prop("UserPool", "Policies", "PasswordPolicy", "MinimumLength", value=8), "short passwords"),
    (POOLS, "users", without("UserPool", "LambdaConfig", "CustomSMSSender"), "sends SMS itself"),
    (POOLS, "users", without("UserPool", "LambdaConfig", "PreTokenGeneration"), "proven nothing"),
    (rules.data_outlives_its_stack, "users", put("Resources", "Table", "DeletionPolicy", value="Delete"), "Table goes"),
    (
        rules.data_outlives_its_stack,
        "users",
        put("Resources", "Table", "DeletionPolicy", value="Retain"),
        "Table stays where its first deployment failed",
    ),
    (rules.data_outlives_its_stack, "platform", drop("Resources", "Bus", "DeletionPolicy"), "Bus goes"),
    (
        rules.data_outlives_its_stack,
        "payment",
        drop("Resources", "DarajaSecret", "DeletionPolicy"),
        "DarajaSecret goes",
    ),
    (rules.data_outlives_its_stack, "users", drop("Resources", "Table", "UpdateReplacePolicy"), "Table goes"),
    (rules.data_outlives_its_stack, "users", prop("Table", "DeletionProtectionEnabled", value=False), "Table may be"),
    (rules.data_outlives_its_stack, "users", without("Table", "PointInTimeRecoverySpecification"), "point in time"),
    (rules.data_outlives_its_stack, "users", without("Table", "SSESpecification"), "Table is not encrypted"),
    (rules.data_outlives_its_stack, "users", drop("Resources", "UserPool", "DeletionPolicy"), "UserPool goes"),
    (rules.data_outlives_its_stack, "users", without("UserPool", "DeletionProtection"), "UserPool may be"),
    (rules.data_outlives_its_stack, "payment", drop("Resources", "Archive", "DeletionPolicy"), "Archive goes"),
    (rules.data_outlives_its_stack, "payment", without("Archive", "ObjectLockConfiguration"), "Archive may be changed"),
    (rules.data_outlives_its_stack, "payment", without("Archive", "BucketEncryption"), "Archive is not encrypted"),
    (rules.data_outlives_its_stack, "payment", without("Archive", "PublicAccessBlockConfiguration"), "made public"),
    (rules.data_outlives_its_stack, "users", drop("Resources", "Key", "DeletionPolicy"), "Key goes"),
    (rules.data_outlives_its_stack, "platform", without("AlarmKey", "EnableKeyRotation"), "never rotated"),
    (rules.data_outlives_its_stack, "platform", drop("Resources", "StaffPool", "DeletionPolicy"), "StaffPool goes"),
    (
        rules.staff_have_a_pool_of_their_own,
        "users",
        add("Traders", "AWS::Cognito::UserPoolGroup", GroupName="trader", UserPoolId={"Ref": "UserPool"}),
        "UserPool has groups",
    ),
    (rules.staff_have_a_pool_of_their_own, "platform", without("StaffPool", "AdminCreateUserConfig"), "may sign up"),
    (rules.staff_have_a_pool_of_their_own, "platform", without("StaffPool", "MfaConfiguration"), "an authenticator"),
    (
        rules.staff_have_a_pool_of_their_own,
        "platform",
        prop("StaffPool", "EnabledMfas", value=["SOFTWARE_TOKEN_MFA", "SMS_MFA"]),
        "an authenticator",
    ),
    (rules.staff_have_a_pool_of_their_own, "platform", without("StaffPool", "AccountRecoverySetting"), "new password"),
    (
        rules.staff_have_a_pool_of_their_own,
        "platform",
        prop("StaffClient", "ExplicitAuthFlows", value=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]),
        "StaffClient takes a password in clear",
    ),
    (
        rules.staff_have_a_pool_of_their_own,
        "platform",
        prop("StaffClient", "AccessTokenValidity", value=60),
        "an AccessToken for longer",
    ),
    (rules.staff_have_a_pool_of_their_own, "platform", without("StaffClient", "WriteAttributes"), "about themselves"),
    (
        rules.staff_have_a_pool_of_their_own,
        "platform",
        prop("StaffClient", "WriteAttributes", value=["name", "custom:player_id"]),
        "about themselves",
    ),
    (
        rules.appsync_takes_tokens_of_our_apps_alone,
        "frontend-api",
        without(*PROVIDERS, 0, "UserPoolConfig", "AppIdClientRegex"),
        "any app client of /betsafi/dev/users/pool/id",
    ),
    (
        rules.appsync_takes_tokens_of_our_apps_alone,
        "frontend-api",
        prop(
            *PROVIDERS,
            1,
            "UserPoolConfig",
            "AppIdClientRegex",
            value={"Ref": "FromPlatformStaffClientId"},
        ),
        "any app client of /betsafi/dev/platform/staff/pool/id",
    ),
    (rules.appsync_takes_tokens_of_our_apps_alone, "frontend-api", without(*PROVIDERS, 1), "takes the tokens of"),
    (
        rules.appsync_takes_tokens_of_our_apps_alone,
        "frontend-api",
        without("GraphQlApi", "EnvironmentVariables"),
        "does not tell its resolvers",
    ),
    (rules.logs_are_forgotten, "users", without("ApiLogGroup", "RetentionInDays"), "ApiLogGroup keeps"),
    (rules.logs_are_forgotten, "users", drop("Resources", "ApiLogGroup"), "no log group"),
    (rules.queues_and_topics_are_encrypted, "wallet", without("InboundQueue", "SqsManagedSseEnabled"), "InboundQueue"),
    (rules.queues_and_topics_are_encrypted, "platform", without("AlarmTopic", "KmsMasterKeyId"), "AlarmTopic"),
    (
        rules.rest_stages_are_throttled,
        "payment",
        without("CallbackStage", "MethodSettings"),
        "no stage with a rate limit",
    ),
    (
        rules.rest_stages_are_throttled,
        "payment",
        prop("CallbackStage", "MethodSettings", 0, "HttpMethod", value="POST"),
        "no stage with a rate limit",
    ),
    (
        rules.rest_stages_are_throttled,
        "payment",
        add("Another", "AWS::ApiGateway::Deployment", RestApiId={"Ref": "CallbackApi"}, StageName="dev"),
        "Another creates a stage",
    ),
    (
        rules.http_apis_are_limited_and_logged,
        "wallet",
        without("HttpApiStage", "DefaultRouteSettings", "ThrottlingRateLimit"),
        "HttpApi has no rate limit",
    ),
    (rules.http_apis_are_limited_and_logged, "users", without("HttpApiStage", "AccessLogSettings"), "keeps no log"),
    (
        rules.http_apis_are_limited_and_logged,
        "users",
        prop("HttpApiStage", "AccessLogSettings", "Format", value="$context.requestId"),
        "does not say who called",
    ),
    (rules.http_apis_are_limited_and_logged, "users", drop("Resources", "HttpApiStage"), "no stage of its own"),
    (rules.logs_are_forgotten, "users", without("HttpApiLogGroup", "RetentionInDays"), "HttpApiLogGroup keeps"),
    *(
        (rules.strangers_cannot_use_up_the_limits_of_callbacks, "payment", change, complaint)
        for change, complaint in [
            (drop("Resources", "CallbackFirewallInPlace"), "CallbackStage has no firewall"),
            (prop("CallbackFirewall", "Rules", 0, "Action", value={"Count": {}}), "pass before it counts"),
            (prop("CallbackFirewall", "Rules", 0, "Priority", value=9), "pass before it counts"),
            (without("CallbackFirewall", "Rules", 1), "each stranger and all of them together"),
            (prop("CallbackFirewall", "Rules", 2, "Action", value={"Count": {}}), "block just those"),
            (without("CallbackFirewall", "Rules", 2, *TOGETHER, "ScopeDownStatement"), "block just those"),
            (prop("CallbackFirewall", "Rules", 2, *TOGETHER, "Limit", value=60_000), "strangers may use 1000 requests"),
            (prop("CallbackStage", "MethodSettings", 0, "ThrottlingRateLimit", value=200), "strangers may use 50 req"),
        ]
    ),
    (rules.graphql_requests_are_limited, "frontend-api", without("GraphQlApi", "QueryDepthLimit"), "QueryDepthLimit"),
    (
        rules.graphql_requests_are_limited,
        "frontend-api",
        prop("GraphQlApi", "ResolverCountLimit", value=0),
        "ResolverCountLimit",
    ),
    (
        rules.queue_integrations_take_every_content_type,
        "payment",
        without(*TEMPLATES, "text/plain"),
        "refuses text/plain",
    ),
    (
        rules.queue_integrations_take_every_content_type,
        "payment",
        without(*TEMPLATES, "application/json;charset=UTF-8"),
        "refuses application/json;charset=UTF-8",
    ),
    (
        rules.queue_integrations_take_every_content_type,
        "payment",
        prop(*TEMPLATES, "application/json", value="Action=SendMessage&MessageBody=$input.body"),
        "forgets who sent",
    ),
    (
        rules.queue_integrations_take_every_content_type,
        "payment",
        prop("CallbackPost", "Integration", "PassthroughBehavior", value="WHEN_NO_MATCH"),
        "passes on",
    ),
    (
        rules.callback_addresses_are_our_own,
        "payment",
        prop(
            *ENVIRONMENT, "CALLBACK_BASE_URL", value={"Fn::Sub": "https://${CallbackApi}.execute-api.aws.example/dev"}
        ),
        "gives Daraja the address",
    ),
    (rules.functions_are_what_the_house_runs, "users", without("ApiLambdaFunction", "FunctionName"), "is not named"),
    (
        rules.functions_are_what_the_house_runs,
        "users",
        prop("ApiLambdaFunction", "Handler", value="wallet/handlers/api.handler"),
        "not in its service's package",
    ),
    (
        rules.functions_are_what_the_house_runs,
        "users",
        prop("ApiLambdaFunction", "Runtime", value="python3.12"),
        "python3.12",
    ),
    (rules.functions_are_what_the_house_runs, "users", without("ApiLambdaFunction", "Architectures"), "arm64"),
]


def complains(rule: Rule, template: Template, change: Mutation, complaint: str) -> bool:
    """Return whether a rule says so to a template that somebody changed, and did not say it before."""
    changed = copy.deepcopy(dict(template))
    change(changed)
    return any(complaint in text for text in set(rule(changed)) - set(rule(template)))


@pytest.mark.parametrize(
    ("rule", "service", "change", "complaint"), FAULTS, ids=lambda value: getattr(value, "__name__", None)
)
def test_a_fault_is_found(
    rule: Rule, service: str, change: Mutation, complaint: str, templates: dict[str, Template]
) -> None:
    assert complains(rule, templates[service], change, complaint)


def test_every_rule_is_shown_to_be_able_to_fail() -> None:
    assert {fault[0] for fault in FAULTS} == set(rules.TEMPLATE_RULES)


USER = "type User @aws_cognito_user_pools { id: ID! friend: Friend }"
FRIEND = "type Friend { id: ID! }"
HEARS = '@aws_subscribe(mutations: ["publishBet"])'
SCHEMA_FAULTS: list[tuple[Callable[[str], list[str]], str, str]] = [
    (rules.aws_auth_is_nowhere, 'type Query { a: Int @aws_auth(cognito_groups: ["admin"]) }', "Query.a relies"),
    (rules.aws_auth_is_nowhere, "type User @aws_auth { id: ID }", "User relies"),
    (rules.root_fields_say_who_may_call_them, "extend type Mutation { a: Int @deprecated }", "Mutation.a does not say"),
    (
        rules.types_are_open_to_those_who_reach_them,
        f"{USER} {FRIEND} extend type Query {{ me: User! @aws_cognito_user_pools }}",
        "Query.me is @aws_cognito_user_pools but Friend is not",
    ),
    (
        rules.types_are_open_to_those_who_reach_them,
        f"{USER} {FRIEND} type Mutation {{ publish: [User!]! @aws_iam }}",
        "Mutation.publish is @aws_iam but User is not",
    ),
    (
        rules.subscriptions_ask_for_their_filter,
        "type Subscription { onBet(userId: ID): Int @aws_cognito_user_pools }",
        "Subscription.onBet can be",
    ),
    (rules.subscriptions_ask_for_their_filter, "type Subscription { onBet: Int }", "Subscription.onBet can be"),
    *(
        (
            rules.subscriptions_hear_what_is_published,
            f"type Subscription {{ onBet: Bet {hears} }} {mutation}",
            complaint,
        )
        for hears, mutation, complaint in [
            ("", "", "Subscription.onBet hears no mutation"),
            (HEARS, "", "onBet hears Mutation.publishBet, which there is not"),
            (HEARS, "type Mutation { publishBet: Wallet @aws_iam }", "onBet is of another type than"),
            (HEARS, "type Mutation { publishBet: Bet @aws_cognito_user_pools }", "may be called by others"),
            (HEARS, "type Mutation { publishBet: Bet @aws_iam publishMore: Bet @aws_iam }", "publishMore is heard by"),
        ]
    ),
    (
        rules.what_is_pushed_can_be_told_from_older,
        "type PlayerUpdate { userId: ID! bet: Bet } type Bet { id: ID! version: Int }",
        "Bet has no version",
    ),
    (
        rules.what_is_pushed_can_be_told_from_older,
        "type Subscription { onMarket: Market } type Market { version: Int! }",
        "Market has no id",
    ),
]


@pytest.mark.parametrize(("rule", "sdl", "complaint"), SCHEMA_FAULTS)
def test_a_fault_of_the_schema_is_found(rule: Callable[[str], list[str]], sdl: str, complaint: str) -> None:
    assert any(complaint in text for text in rule(sdl)), rule(sdl)


def test_every_schema_rule_is_shown_to_be_able_to_fail() -> None:
    assert {fault[0] for fault in SCHEMA_FAULTS} == set(rules.SCHEMA_RULES)


@pytest.mark.parametrize(("stage", "mode"), [("prod", "COMPLIANCE"), ("staging", "GOVERNANCE"), ("dev", "GOVERNANCE")])
def test_in_production_nobody_can_lift_the_lock_of_the_archive(stage: str, mode: str) -> None:
    script = """
      require('./archive.js')({resolveVariable: async () => process.argv[1]})
        .then((archive) => console.log(JSON.stringify(archive)));
    """
    command = ["node", "-e", script, stage]
    printed = subprocess.run(command, cwd=ROOT / "payment", check=True, capture_output=True, timeout=180).stdout
    lock = json.loads(printed)["Resources"]["Archive"]["Properties"]["ObjectLockConfiguration"]["Rule"]
    assert lock["DefaultRetention"] == {"Mode": mode, "Years": 7}
    assert (stages.kind(stage) == "production") == (mode == "COMPLIANCE")


def test_the_generated_secret_is_never_generated_anew(templates: dict[str, Template]) -> None:
    """CloudFormation writes a new secret when this changes: blanks and another key over what people filled in."""
    secret = templates["payment"]["Resources"]["DarajaSecret"]["Properties"]
    assert secret["Name"] == "betsafi/dev/payment/daraja"
    assert secret["GenerateSecretString"] == {
        "SecretStringTemplate": (
            '{"consumerKey":"","consumerSecret":"","shortcode":"","passkey":"","payoutShortcode":"",'
            '"initiatorName":"","securityCredential":"","initiatorPasswordSetAt":"","nominatedNumber":""}'
        ),
        "GenerateStringKey": "callbackKey",
        "PasswordLength": 64,
        "ExcludePunctuation": True,
    }


def test_a_field_that_the_generated_secret_has_not_gets_its_default_in_code(templates: dict[str, Template]) -> None:
    """A new field cannot be added to what is generated, so stages that are older than it have a secret without it."""
    handler_of(rules.functions(templates["payment"])["GraphqlLambdaFunction"])
    credentials = sys.modules["payment.providers.mpesa.credentials"]
    generated = templates["payment"]["Resources"]["DarajaSecret"]["Properties"]["GenerateSecretString"]
    secret = json.loads(generated["SecretStringTemplate"]) | {generated["GenerateStringKey"]: "k" * 64}
    assert credentials.parse(json.dumps(secret)).callback_keys == ("k" * 64,)
    assert credentials.FIELDS.keys() - secret.keys() == {"previousCallbackKey"}
    for name in credentials.FIELDS:
        older = {field: value for field, value in secret.items() if field != name}
        assert credentials.parse(json.dumps(older)), name
