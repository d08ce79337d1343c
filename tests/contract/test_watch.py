"""What people watch the platform by, held on every packaged template; and what a stage may choose of it."""

import copy
import json
import re
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from tests.contract import template_rules, watch_rules
from tests.contract.conftest import PACKAGES, SHARED
from tests.contract.template_rules import Rule, Template
from tests.contract.test_templates import Mutation, add, complains, drop, prop, without
from tests.support.cloudwatch import MISSING, rings
from tests.support.serverless import in_node, read_yaml
from tools.base.services import ROOT, services

PARAMS = yaml.safe_load((SHARED / "params.yml").read_text())
SETTINGS = {name: PARAMS["default"][name] for name in yaml.safe_load((SHARED / "watch.yml").read_text())}


@pytest.mark.parametrize("rule", watch_rules.WATCH_RULES, ids=lambda rule: rule.__name__)
def test_every_package_keeps(rule: Rule, templates: dict[str, Template]) -> None:
    complaints = [f"{service}: {text}" for service, template in templates.items() for text in rule(template)]
    assert not complaints, "\n".join([str(rule.__doc__), *complaints])


# --- every rule can fail


def reaching(name: str, *topics: str) -> Mutation:
    return prop(name, "AlarmActions", value=[{"Ref": topic} for topic in topics])


def alarm_rule(change: str) -> Mutation:
    return prop("DeploymentAlarm", "AlarmRule", "Fn::Sub", value=change)


LOG = ("CallbackStage", "AccessLogSetting")
KEY = ("GraphQlApiLobbyKey",)
BODY = ("DashboardBody", "Fn::Sub")
FAULTS: list[tuple[Rule, str, Mutation, str]] = [
    (watch_rules.open_apis_keep_an_access_log, "payment", without(*LOG), "keeps no access log"),
    (watch_rules.open_apis_keep_an_access_log, "payment", prop(*LOG, "Format", value="{}"), "does not log $context.st"),
    (
        watch_rules.open_apis_keep_an_access_log,
        "payment",
        prop(*LOG, "Format", value="$context.path"),
        "what lets one call it",
    ),
    (
        watch_rules.alarms_reach_somebody_and_name_their_runbook,
        "wallet",
        without("LedgerAlarm", "AlarmActions"),
        "reaches nobody",
    ),
    (
        watch_rules.alarms_reach_somebody_and_name_their_runbook,
        "wallet",
        reaching("LedgerAlarm", *watch_rules.TOPICS),
        "reaches ['FromPlatformAlarmsArn', 'FromPlatformTicketsArn']",
    ),
    (
        watch_rules.alarms_reach_somebody_and_name_their_runbook,
        "wallet",
        prop("LedgerAlarm", "AlarmDescription", value="See docs/runbooks/nothing.md"),
        "LedgerAlarm has no runbook",
    ),
    (
        watch_rules.alarms_are_no_longer_than_cloudwatch_takes,
        "payment",
        prop("TableThrottlesAlarm", "Metrics", value=[{"Id": "m", "MetricStat": {}}] * 11),
        "TableThrottlesAlarm is longer",
    ),
    (
        watch_rules.alarms_wait_for_their_first_sign,
        "wallet",
        prop("LedgerAlarm", "TreatMissingData", value="breaching"),
        "LedgerAlarm rings before",
    ),
    (
        watch_rules.queues_are_read_by_so_many_at_once,
        "wallet",
        without("ConsumerEventSourceMappingSQSInboundQueue", "ScalingConfig"),
        "as the account has",
    ),
    (watch_rules.functions_are_watched, "wallet", drop("Resources", "ApiThrottlesAlarm"), "of Throttles of Api"),
    (watch_rules.functions_are_watched, "wallet", drop("Resources", "ConsumerErrorsAlarm"), "of Errors of Consumer"),
    (watch_rules.functions_are_watched, "wallet", prop("ApiDurationAlarm", "Threshold", value=10_000), "unheard"),
    (
        watch_rules.refusals_are_no_failures,
        "users",
        prop("CognitoErrorsAlarm", "Metrics", 0, "Expression", value="errors"),
        "six refused sign-ups",
    ),
    (
        watch_rules.refusals_are_no_failures,
        "users",
        prop("CognitoErrorsAlarm", "Metrics", 0, "Expression", value="errors - refused"),
        "crashes",
    ),
    (watch_rules.tables_are_watched_for_throttles, "users", drop("Resources", "TableThrottlesAlarm"), "WriteThrottle"),
    (
        watch_rules.tables_are_watched_for_throttles,
        "payment",
        without("TableThrottlesAlarm", "Metrics", -1),
        "of Table by_queue",
    ),
    (watch_rules.apis_are_watched, "frontend-api", drop("Resources", "GraphQlApiLatencyAlarm"), "Latency of GraphQl"),
    (watch_rules.apis_are_watched, "payment", drop("Resources", "CallbackApiRefusalsAlarm"), "4XXError of CallbackApi"),
    (watch_rules.apis_are_watched, "payment", drop("Resources", "CallbackApiFailuresAlarm"), "5XXError of CallbackApi"),
    (watch_rules.apis_are_watched, "bet", add("Api", "AWS::ApiGatewayV2::Api"), "of 5xx of Api"),
    (watch_rules.deployments_have_one_alarm, "wallet", drop("Resources", "DeploymentAlarm"), "no one alarm"),
    (watch_rules.deployments_have_one_alarm, "wallet", alarm_rule("${ApiErrorsAlarm}"), "GraphqlErrorsAlarm is not"),
    (watch_rules.deployments_have_one_alarm, "wallet", alarm_rule("${OutboxSilentAlarm}"), "OutboxSilentAlarm would"),
    (watch_rules.deployments_have_one_alarm, "wallet", alarm_rule("${LedgerAlarm}"), "LedgerAlarm would hold"),
    (watch_rules.deployments_have_one_alarm, "bet", alarm_rule("${SettlementDeadLetterAlarm}"), "has redriven"),
    (watch_rules.dashboards_show_everything, "bet", drop("Resources", "Dashboard"), "SettlementQueue is not"),
    (watch_rules.dashboards_show_everything, "payment", prop("Dashboard", *BODY, value="{}"), "CallbackApi is not"),
    (
        watch_rules.dashboards_show_everything,
        "bet",
        add("Log", "AWS::Logs::LogGroup", LogGroupName="x"),
        "no saved query reads Log",
    ),
    (
        watch_rules.doors_for_everybody_have_a_firewall,
        "users",
        drop("Resources", "UserPoolFirewall"),
        "UserPool has no firewall",
    ),
    (
        watch_rules.doors_for_everybody_have_a_firewall,
        "frontend-api",
        prop("Firewall", "Rules", 0, "Statement", "RateBasedStatement", "Limit", value=100),
        "a carrier's customers",
    ),
    (watch_rules.doors_for_everybody_have_a_firewall, "frontend-api", prop("Firewall", "Rules", value=[]), "no addr"),
    (
        watch_rules.doors_for_everybody_have_a_firewall,
        "frontend-api",
        without("Firewall", "Rules", 2),
        "nobody who comes with a key",
    ),
    (watch_rules.api_keys_do_not_end_unseen, "frontend-api", prop(*KEY, "Expires", value=1), "AppSync refuses"),
    (watch_rules.api_keys_do_not_end_unseen, "frontend-api", drop("Resources", f"{KEY[0]}EndsAlarm"), "a month before"),
    (
        watch_rules.api_keys_do_not_end_unseen,
        "frontend-api",
        prop(f"{KEY[0]}LastWeekAlarm", "ComparisonOperator", value="GreaterThanThreshold"),
        "is woken",
    ),
    (watch_rules.firewalls_tell_what_they_refuse, "users", drop("Resources", "FirewallLogging"), "nobody can see"),
    (watch_rules.firewalls_tell_what_they_refuse, "users", drop("Resources", "FirewallAlarm"), "nobody hears when"),
    (watch_rules.firewalls_tell_what_they_refuse, "payment", drop("Resources", "CallbackFloodAlarm"), "nobody hears"),
    (watch_rules.firewalls_tell_what_they_refuse, "users", without("FirewallLogging", "RedactedFields"), "lets one in"),
    (
        watch_rules.firewalls_tell_what_they_refuse,
        "payment",
        without("CallbackFirewallLogging", "RedactedFields"),
        "CallbackFirewall logs what lets one in",
    ),
    (
        watch_rules.buckets_are_private,
        "wallet",
        without("ServerlessDeploymentBucket", "PublicAccessBlockConfiguration"),
        "made public",
    ),
]


@pytest.mark.parametrize(
    ("rule", "service", "change", "complaint"), FAULTS, ids=lambda value: getattr(value, "__name__", None)
)
def test_a_fault_is_found(
    rule: Rule, service: str, change: Mutation, complaint: str, templates: dict[str, Template]
) -> None:
    assert complains(rule, templates[service], change, complaint)


def test_every_rule_is_shown_to_be_able_to_fail() -> None:
    assert {fault[0] for fault in FAULTS} == set(watch_rules.WATCH_RULES)


# --- what no single template says


def test_queues_together_leave_half_of_the_account_to_those_who_wait(templates: dict[str, Template]) -> None:
    taken = [
        properties["ScalingConfig"]["MaximumConcurrency"]
        for template in templates.values()
        for _, properties, _, _ in template_rules.mappings(template, "AWS::SQS::Queue")
    ]
    assert sum(taken) <= PARAMS["default"]["accountConcurrency"] / 2


OF_A_SETTING = {"notifications": {"*Refusals", "*Failures", "*Latency", "ReportFlood"}}
"""Lines about what a setting brings: the API for a carrier's reports, which the tests' package of production has."""


def test_every_line_about_alarms_is_about_one(templates: dict[str, Template]) -> None:
    everybodys = in_node("console.log(JSON.stringify(require('./alarms').EVERYBODYS))")
    lines = {"": everybodys, **{service: own_lines(service) for service in services()}}
    alarms = {
        service: list(template_rules.resources(template, "AWS::CloudWatch::Alarm"))
        for service, template in templates.items()
    }
    for service, group in lines.items():
        named = alarms[service] if service else [name for names in alarms.values() for name in names]
        for line in group.keys() - OF_A_SETTING.get(service, set()):
            alarm = f"{line}Alarm"
            fitting = [name for name in named if (name.endswith(alarm[1:]) if line[0] == "*" else name == alarm)]
            assert fitting, f"{service}: {line} is no alarm's name"


def test_every_alarm_is_found_in_its_runbook(templates: dict[str, Template]) -> None:
    for service, template in templates.items():
        for name, alarm in template_rules.resources(template, "AWS::CloudWatch::Alarm").items():
            assert in_its_runbook(name, alarm), f"{service}: {name}'s runbook leaves it out"


def in_its_runbook(name: str, alarm: Any) -> bool:
    """Return whether the runbook that an alarm ends with says its name."""
    runbook = ROOT / alarm["Properties"]["AlarmDescription"].rpartition(" ")[2]
    return named(runbook.read_text(), name.removesuffix("Alarm"))


def named(runbook: str, alarm: str) -> bool:
    """Return whether a runbook has the alarm's name as code: in full, or behind … for every alarm that ends so."""
    found = re.findall(r"`(…?)([A-Z][A-Za-z]+)…?`", runbook)
    return any(alarm.endswith(name) if before else alarm == name for before, name in found)


def test_what_stops_money_wakes_somebody_and_what_waits_for_people_does_not(templates: dict[str, Template]) -> None:
    def topic(service: str, alarm: str) -> str:
        (action,) = templates[service]["Resources"][alarm]["Properties"]["AlarmActions"]
        return str(action["Ref"])

    for service, alarm in [
        ("wallet", "InboundDeadLetterAlarm"), ("wallet", "LedgerAlarm"), ("wallet", "ApiErrorsAlarm"),
        ("bet", "GraphqlThrottlesAlarm"), ("bet", "OutboxSilentAlarm"), ("payment", "CallbackApiFailuresAlarm"),
        ("frontend-api", "GraphQlApiFailuresAlarm"), ("users", "CognitoErrorsAlarm"), ("users", "CodeNotSentAlarm"),
        ("bet", "TradingErrorsAlarm"), ("wallet", "BusSilentAlarm"), ("wallet", "HttpApiFailuresAlarm"),
    ]:  # fmt: skip
        assert topic(service, alarm) == watch_rules.TOPICS[0], f"{service} {alarm}"
    for service, alarm in [
        ("payment", "ReviewWaitsAlarm"), ("payment", "PasswordAgeAlarm"), ("payment", "CallbackForgedAlarm"),
        ("notifications", "InboundDeadLetterAlarm"), ("frontend-api", "FirewallAlarm"),
        ("bet", "ExposureNearLimitAlarm"), ("payment", "CallbackFloodAlarm"), ("users", "UnprovenDeadLetterAlarm"),
    ]:  # fmt: skip
        assert topic(service, alarm) == watch_rules.TOPICS[1], f"{service} {alarm}"


def test_both_topics_are_published_and_may_be_written_to_by_who_alarms(templates: dict[str, Template]) -> None:
    platform = templates["platform"]["Resources"]
    published = {
        resource["Properties"]["Name"]: resource["Properties"]["Value"]["Ref"]
        for resource in template_rules.resources(templates["platform"], "AWS::SSM::Parameter").values()
        if "Ref" in resource["Properties"]["Value"]
    }
    for service, template in templates.items():
        for topic in set(watch_rules.TOPICS) & template.get("Parameters", {}).keys():
            assert published[template["Parameters"][topic]["Default"]].endswith("Topic"), service
    (statement,) = platform["TopicPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    key_users = platform["AlarmKey"]["Properties"]["KeyPolicy"]["Statement"][1]["Principal"]["Service"]
    assert statement["Principal"]["Service"] == key_users == ["cloudwatch.amazonaws.com", "budgets.amazonaws.com"]
    told = platform["Budget"]["Properties"]["NotificationsWithSubscribers"]
    assert {subscriber["Address"]["Ref"] for each in told for subscriber in each["Subscribers"]} == {"TicketTopic"}


def test_everything_is_tagged_for_the_bill() -> None:
    provider = yaml.safe_load((SHARED / "provider.yml").read_text())
    assert provider["stackTags"].keys() == {"project", "service", "stage"}


def test_the_operator_sees_money_bets_exposure_and_every_queue(templates: dict[str, Template]) -> None:
    body = templates["platform"]["Resources"]["OperatorDashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    shown = json.dumps(json.loads(body))
    counted = "".join(path.read_text() for folder in services().values() for path in folder.rglob("*.py"))
    for metric in (
        "MoneyInCents",
        "MoneyOutCents",
        "StakesCents",
        "PayoutsCents",
        "RefusedCents",
        "ExposureUsedPercent",
    ):
        assert metric in shown
        assert f'"{metric}"' in counted
    # CloudFormation names a queue after its stack, betsafi-<service>-<stage>, so these two words find every one.
    searched = [line[0].get("expression", "") for widget in json.loads(body)["widgets"] for line in _lines(widget)]
    wanted = f'{{AWS/SQS,QueueName}} MetricName="ApproximateAgeOfOldestMessage" betsafi {PACKAGES.name}'
    assert f"SEARCH('{wanted}', 'Maximum', 300)" in searched
    for template in templates.values():
        for name, queue in template_rules.resources(template, "AWS::SQS::Queue").items():
            assert "QueueName" not in queue["Properties"], name


def _lines(widget: dict[str, Any]) -> list[Any]:
    """Return what a widget of a dashboard draws that is an expression."""
    return [line for line in widget["properties"].get("metrics", ()) if isinstance(line[0], dict)]


def test_an_alarm_is_evaluated_as_cloudwatch_does() -> None:
    plain = {"ComparisonOperator": "GreaterThanThreshold", "Threshold": 5, "TreatMissingData": "notBreaching"}
    assert rings(plain, value=6)
    assert not rings(plain, value=5)
    assert not rings(plain, value=MISSING)
    assert rings({**plain, "TreatMissingData": "breaching"}, value=MISSING)
    math = {**plain, "Metrics": [{"Id": "e", "Expression": "SUM(FILL(METRICS(), 0))", "ReturnData": True}]}
    assert rings(math, a=4, b=2, c=MISSING)
    assert not rings(math, a=MISSING, b=5)


# --- what a stage chooses


def own_lines(service: str) -> dict[str, Any]:
    """Return what a service says of its alarms."""
    lines: dict[str, Any] = (
        read_yaml(services()[service] / "serverless.yml")["custom"].get("defaults", {}).get("alarms", {})
    )
    return lines


def watched(service: str, template: Template, stage: str = "dev", **settings: Any) -> dict[str, Any]:
    """Return what the plugin makes of a template under other settings, or `{"refused": its sentence}`."""
    script = """
      try {
        require('./watch').watch(given.template, given.about);
        console.log(JSON.stringify(given.template));
      } catch (error) { console.log(JSON.stringify({refused: error.message})); }
    """
    chosen = {**SETTINGS, **settings}
    about = {"service": service, "stage": stage, "settings": chosen, "alarms": own_lines(service)}
    found: dict[str, Any] = in_node(script, {"template": template, "about": about})
    return found


def test_an_alarm_whose_runbook_is_not_there_is_not_packaged(templates: dict[str, Template]) -> None:
    script = """
      try {
        require('./watch').watch(given.template, given.about);
      } catch (error) { console.log(JSON.stringify(error.message)); }
    """
    alarms = own_lines("wallet") | {"Ledger": {"page": "nothing"}}
    about = {"service": "wallet", "stage": "dev", "settings": SETTINGS, "alarms": alarms}
    said = in_node(script, {"template": templates["wallet"], "about": about})
    assert said == "wallet: LedgerAlarm names docs/runbooks/nothing.md, which is not there."


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (
            {"reservedConcurrency": {"wallet": {"api": 100}}, "accountConcurrency": 199},
            "leaves 99 of the account's 199",
        ),
        ({"reservedConcurrency": {"wallet": {"api": 1}}, "accountConcurrency": 10}, "leaves 9 of the account's 10"),
        ({"reservedConcurrency": {"bet": {"graphql": 950}}}, "leaves 50 of the account's 1000"),
        ({"reservedConcurrency": {"wallet": {"api": 1}}, "accountConcurrency": "many"}, "leaves NaN"),
        ({"reservedConcurrency": {"wallet": {"api": 0}}}, "whole numbers from 1"),
        ({"reservedConcurrency": {"wallet": {"api": 1.5}}}, "whole numbers from 1"),
        ({"reservedConcurrency": {"walet": {"api": 10}}}, "the service walet, which there is not"),
        ({"reservedConcurrency": {"wallet": {"apis": 10}}}, "wallet.apis, which is no function"),
        ({"reservedConcurrency": {"wallet": {"consumer": 10}}}, "nobody waits for wallet.consumer"),
        ({"reservedConcurrency": {"wallet": {"stream": 10}}}, "nobody waits for wallet.stream"),
        ({"reservedConcurrency": {"wallet": {"reconcile": 10}}}, "nobody waits for wallet.reconcile"),
    ],
)
def test_a_reservation_that_cannot_be_is_refused(
    settings: dict[str, Any], sentence: str, templates: dict[str, Template]
) -> None:
    assert sentence in watched("wallet", templates["wallet"], **settings)["refused"]


def test_a_stage_reserves_executions_for_those_who_wait_and_none_by_default(templates: dict[str, Template]) -> None:
    for template in templates.values():
        assert not any("ReservedConcurrentExecutions" in f for f in template_rules.functions(template).values())
    chosen = {"reservedConcurrency": {"wallet": {"api": 100, "graphql": 50}, "bet": {"graphql": 100}}}
    functions = template_rules.functions(watched("wallet", templates["wallet"], accountConcurrency=350, **chosen))
    found = {name: f.get("ReservedConcurrentExecutions") for name, f in functions.items()}
    assert found["ApiLambdaFunction"] == 100
    assert found["GraphqlLambdaFunction"] == 50
    assert found["ConsumerLambdaFunction"] is None


def test_a_stage_without_a_runbook_for_an_alarm_is_refused(templates: dict[str, Template]) -> None:
    template = copy.deepcopy(dict(templates["wallet"]))
    template["Resources"]["TiredAlarm"] = template["Resources"]["LedgerAlarm"]
    assert "TiredAlarm reaches nobody and has no runbook" in watched("wallet", template)["refused"]


def test_x_ray_is_a_choice_that_costs_no_import(templates: dict[str, Template]) -> None:
    for service, kind, path in [
        ("wallet", "AWS::Lambda::Function", ("TracingConfig", "Mode")),
        ("payment", "AWS::ApiGateway::Stage", ("TracingEnabled",)),
        ("frontend-api", "AWS::AppSync::GraphQLApi", ("XrayEnabled",)),
    ]:
        plain = templates[service]
        traced = watched(service, plain, xray=True)
        for before in template_rules.resources(plain, kind).values():
            assert path[0] not in before["Properties"] or not before["Properties"][path[0]]
        for name, after in template_rules.resources(traced, kind).items():
            value = after["Properties"]
            for step in path:
                value = value[step]
            assert value in (True, "Active"), name
        for name, function in template_rules.functions(traced).items():
            before = template_rules.functions(plain)[name]
            assert function["Layers"] == before["Layers"]
            assert function["Environment"] == before["Environment"]
            role = traced["Resources"][template_rules.role_of(traced, name)]["Properties"]
            assert "xray:PutTraceSegments" in json.dumps(role["Policies"])
    requirements = (ROOT / "layers" / "common" / "requirements.txt").read_text()
    assert "aws-xray-sdk" not in requirements


def test_an_http_api_is_watched_like_a_rest_api(templates: dict[str, Template]) -> None:
    template = copy.deepcopy(dict(templates["bet"]))
    add("HttpApi", "AWS::ApiGatewayV2::Api", Name="betsafi-bet-dev", ProtocolType="HTTP")(template)
    found = watched("bet", template)
    assert watch_rules.apis_are_watched(found) == []
    assert found["Resources"]["HttpApiLatencyAlarm"]["Properties"]["Dimensions"] == [
        {"Name": "ApiId", "Value": {"Ref": "HttpApi"}}
    ]


@pytest.mark.parametrize("service", [name for name in services() if name != "layers"])
def test_the_laptop_is_spared_what_its_emulator_refuses(service: str, templates: dict[str, Template]) -> None:
    refused = ("WAFv2::", "CompositeAlarm", "QueryDefinition", "Budgets::")
    template: Any = copy.deepcopy(dict(templates[service]))
    for name, resource in list(template["Resources"].items()):
        if any(kind in resource["Type"] for kind in refused[:3]) or name == "Dashboard":
            del template["Resources"][name]
    local = watched(service, template, stage="local")
    kinds = {
        resource["Type"]
        for resource in local["Resources"].values()
        if resource.get("Condition") != "OnAws"  # false on the laptop
    }
    assert not [kind for kind in kinds if any(part in kind for part in refused)]
    assert not [
        name
        for name, a in template_rules.resources(local, "AWS::CloudWatch::Alarm").items()
        if "Metrics" in a["Properties"]
    ]


STACK = "arn:aws:cloudformation:eu-west-1:123456789012:stack/betsafi-wallet-prod/1"


@pytest.mark.parametrize(
    ("minutes", "stack", "expected"),
    [
        (0, STACK, {"RollbackTriggers": []}),
        (15, None, {"RollbackTriggers": []}),
        (
            "15",
            STACK,
            {
                "MonitoringTimeInMinutes": 15,
                "RollbackTriggers": [
                    {
                        "Arn": "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:betsafi-wallet-prod",
                        "Type": "AWS::CloudWatch::CompositeAlarm",
                    }
                ],
            },
        ),
    ],
    ids=["switched off", "the first deployment", "later ones"],
)
def test_a_deployment_is_rolled_back_by_its_alarm_from_the_second_on(minutes: Any, stack: Any, expected: Any) -> None:
    script = """
      const about = {service: 'wallet', stage: 'prod', settings: {rollbackMinutes: given.minutes}};
      require('./watch').rollbackConfiguration(about, async () => given.stack)
        .then((found) => console.log(JSON.stringify(found)));
    """
    assert in_node(script, {"minutes": minutes, "stack": stack}) == expected


def test_the_alarm_that_a_deployment_is_watched_by_is_the_one_that_exists(templates: dict[str, Template]) -> None:
    composite = templates["wallet"]["Resources"]["DeploymentAlarm"]["Properties"]
    assert composite["AlarmName"] == f"betsafi-wallet-{PACKAGES.name}"
