"""Rules on what people watch the platform by: alarms, dashboards, access logs, firewalls."""

import json
import re
import time
from collections import defaultdict

from tests.contract.template_rules import Resource, Rule, Template, functions, mappings, references, resources
from tests.support.cloudwatch import MISSING, rings
from tools.base.services import ROOT

TOPICS = ("FromPlatformAlarmsArn", "FromPlatformTicketsArn")
"""Who is told of an alarm: whoever is on call, at any hour, or whoever works next."""
OWN_TOPICS = ("AlarmTopic", "TicketTopic")
"""The same in the stack that has them."""

ALWAYS_COUNTED = ("OutboxHeartbeat", "MatchedEvents", "UtilityShillings")
"""Metrics whose absence alone is an alarm."""

MANY = 1_000
"""So many requests of one address in five minutes may be those of people behind one carrier."""


def open_apis_keep_an_access_log(template: Template) -> list[str]:
    """What strangers called can be followed afterwards, without the part of the path that lets one call it."""
    problems = []
    for api in _open_apis(template):
        stages = resources(template, "AWS::ApiGateway::Stage").values()
        logs = [
            stage["Properties"].get("AccessLogSetting", {})
            for stage in stages
            if api in references(stage["Properties"]["RestApiId"])
        ]
        for log in logs:
            if not references(log.get("DestinationArn")) & resources(template, "AWS::Logs::LogGroup").keys():
                problems.append(f"{api} keeps no access log")
            line = log.get("Format", "")
            wanted = ("$context.status", "$context.identity.sourceIp", "$context.error.responseType")
            problems += [f"{api} does not log {name}" for name in wanted if name not in line]
            if "$context.path" in line or "hmac" in line:
                problems.append(f"{api} logs paths, and with them what lets one call it")
    return problems


def _open_apis(template: Template) -> set[str]:
    """Return the REST APIs that strangers may call."""
    methods = resources(template, "AWS::ApiGateway::Method").values()
    opened = [method["Properties"] for method in methods if method["Properties"].get("AuthorizationType") == "NONE"]
    return set().union(*(references(method["RestApiId"]) for method in opened)) if opened else set()


def alarms_reach_somebody_and_name_their_runbook(template: Template) -> list[str]:
    """An alarm wakes somebody or waits for a working day, and says where it is written what to do."""
    problems = []
    topics = OWN_TOPICS if resources(template, "AWS::SNS::Topic").keys() & set(OWN_TOPICS) else TOPICS
    for name, resource in resources(template, "AWS::CloudWatch::Alarm").items():
        alarm = resource["Properties"]
        told = references(alarm.get("AlarmActions", []))
        if len(told) != 1 or not told <= set(topics) or alarm.get("OKActions") != alarm.get("AlarmActions"):
            problems.append(f"{name} reaches {sorted(told) or 'nobody'}")
        runbook = re.search(r"See (docs/runbooks/[a-z_]+\.md)$", alarm.get("AlarmDescription", ""))
        if not runbook or not (ROOT / runbook[1]).exists():
            problems.append(f"{name} has no runbook")
    return problems


def alarms_are_no_longer_than_cloudwatch_takes(template: Template) -> list[str]:
    """CloudWatch takes ten metrics in an expression, and a thousand letters of description."""
    return [
        f"{name} is longer than CloudWatch takes"
        for name, alarm in resources(template, "AWS::CloudWatch::Alarm").items()
        if len([metric for metric in alarm["Properties"].get("Metrics", ()) if "MetricStat" in metric]) > 10
        or len(alarm["Properties"]["AlarmDescription"]) > 1_000
    ]


def alarms_wait_for_their_first_sign(template: Template) -> list[str]:
    """An alarm for what is missing rings from its first minute to the first run; only what always comes may."""
    return [
        f"{name} rings before there is anything to measure"
        for name, alarm in resources(template, "AWS::CloudWatch::Alarm").items()
        if alarm["Properties"].get("TreatMissingData") != "notBreaching"
        and alarm["Properties"].get("MetricName") not in ALWAYS_COUNTED
    ]


def queues_are_read_by_so_many_at_once(template: Template) -> list[str]:
    """Without a limit of its own a full queue takes the executions that people wait for."""
    return [
        f"{name} takes as many executions as the account has"
        for name, properties, _, _ in mappings(template, "AWS::SQS::Queue")
        if not 2 <= int(properties.get("ScalingConfig", {}).get("MaximumConcurrency", 0)) <= 1_000
    ]


def functions_are_watched(template: Template) -> list[str]:
    """Somebody hears when a function fails, is refused by Lambda, or nears its timeout."""
    problems = []
    for name, properties in functions(template).items():
        for metric in ("Errors", "Throttles", "Duration"):
            found = _alarms_on(template, "AWS/Lambda", metric, FunctionName=name)
            if not found:
                problems.append(f"nobody hears of {metric} of {name}")
            limit = 1_000 * properties.get("Timeout", 3)
            if metric == "Duration" and not all(limit / 2 <= alarm["Threshold"] < limit for alarm in found):
                problems.append(f"{name} nears its timeout unheard")
    return problems


def _alarms_on(template: Template, namespace: str, metric: str, **dimensions: str) -> list[Resource]:
    """Return the alarms on a metric of the resources with these logical names, alone or in an expression."""
    found = []
    for resource in resources(template, "AWS::CloudWatch::Alarm").values():
        alarm = resource["Properties"]
        measured = [m["MetricStat"]["Metric"] for m in alarm.get("Metrics", ()) if "MetricStat" in m] or [alarm]
        for one in measured:
            about = {entry["Name"]: entry["Value"] for entry in one.get("Dimensions", ())}
            if (one.get("Namespace"), one.get("MetricName")) != (namespace, metric):
                continue
            if about.keys() == dimensions.keys() and all(
                value == about[key] or value in references(about[key]) for key, value in dimensions.items()
            ):
                found.append(alarm)
    return found


def refusals_are_no_failures(template: Template) -> list[str]:
    """Cognito takes a refusal only as an exception: six refused sign-ups wake nobody, six crashes do."""
    problems = []
    for name, properties in functions(template).items():
        if not str(properties.get("FunctionName")).endswith("-cognito"):
            continue
        for alarm in _alarms_on(template, "AWS/Lambda", "Errors", FunctionName=name):
            ids = {
                m["MetricStat"]["Metric"]["MetricName"]: m["Id"] for m in alarm.get("Metrics", ()) if "MetricStat" in m
            }
            errors, refused = ids.get("Errors", "value"), ids.get("SignUpRefused", "refused")
            if rings(alarm, **{errors: 6, refused: 6}):
                problems.append(f"{name} wakes somebody for six refused sign-ups")
            if not rings(alarm, **{errors: 6, refused: MISSING}):
                problems.append(f"nobody hears when {name} crashes")
    return problems


def tables_are_watched_for_throttles(template: Template) -> list[str]:
    """A hot table or index refuses for seconds at a time, which retries hide."""
    problems = []
    for name, table in resources(template, "AWS::DynamoDB::Table").items():
        indexes = [index["IndexName"] for index in table["Properties"].get("GlobalSecondaryIndexes", ())]
        places = [{"TableName": name}, *({"TableName": name, "GlobalSecondaryIndexName": index} for index in indexes)]
        problems += [
            f"nobody hears of {metric} of {' '.join(place.values())}"
            for place in places
            for metric in ("ReadThrottleEvents", "WriteThrottleEvents")
            if not _alarms_on(template, "AWS/DynamoDB", metric, **place)
        ]
    return problems


def apis_are_watched(template: Template) -> list[str]:
    """Somebody hears when an API fails or is slow, and when one that strangers may call refuses: was it M-Pesa?"""
    apis: list[tuple[str, str, dict[str, str], str]] = [
        *((n, "AWS/AppSync", {"GraphQLAPIId": n}, "5XXError") for n in resources(template, "AWS::AppSync::GraphQLApi")),
        *((n, "AWS/ApiGateway", {"ApiId": n}, "5xx") for n in resources(template, "AWS::ApiGatewayV2::Api")),
        *(
            (n, "AWS/ApiGateway", {"ApiName": api["Properties"]["Name"]}, "5XXError")
            for n, api in resources(template, "AWS::ApiGateway::RestApi").items()
        ),
    ]
    problems = []
    for name, namespace, dimensions, failures in apis:
        wanted = [failures, "Latency", *(["4XXError"] if name in _open_apis(template) else [])]
        problems += [
            f"nobody hears of {metric} of {name}"
            for metric in wanted
            if not _alarms_on(template, namespace, metric, **dimensions)
        ]
    return problems


def deployments_have_one_alarm(template: Template) -> list[str]:
    """What a deployment can break is in one alarm; what is silent or old in it would refuse every deployment."""
    if not functions(template):
        return []
    composites = resources(template, "AWS::CloudWatch::CompositeAlarm")
    if len(composites) != 1:
        return ["there is no one alarm that a deployment can be watched by"]
    (composite,) = composites.values()
    rule = composite["Properties"]["AlarmRule"]
    alarms = {name: alarm["Properties"] for name, alarm in resources(template, "AWS::CloudWatch::Alarm").items()}
    children = references(rule)
    longest = len(" OR ".join(f'ALARM("{child:*<90}")' for child in children))
    problems = [
        f"{name} is not in the deployment's alarm"
        for name in alarms
        if name.endswith(("ErrorsAlarm", "FailuresAlarm")) and name not in children
    ]
    for child in sorted(children):
        periods = [
            alarms[child].get("Period"),
            *(m["MetricStat"]["Period"] for m in alarms[child].get("Metrics", ()) if "MetricStat" in m),
        ]
        if alarms[child]["TreatMissingData"] != "notBreaching" or max(filter(None, periods)) > 300:
            problems.append(f"{child} would hold deployments up for what is older than they are")
        if alarms[child].get("Namespace") == "AWS/SQS":
            problems.append(f"{child} rings until somebody has redriven, and the fix would be rolled back")
    if len(children) > 100 or longest > 10_240:
        problems.append("the deployment's alarm is longer than CloudWatch takes")
    return problems


def dashboards_show_everything(template: Template) -> list[str]:
    """What has a metric is on its service's dashboard, and a saved query reads every log."""
    if not functions(template):
        return []
    bodies = [
        d["Properties"]["DashboardBody"]["Fn::Sub"] for d in resources(template, "AWS::CloudWatch::Dashboard").values()
    ]
    for body in bodies:
        json.loads(body)
    shown = references({"Fn::Sub": "".join(bodies)})
    shown_kinds = (
        "AWS::Lambda::Function",
        "AWS::SQS::Queue",
        "AWS::DynamoDB::Table",
        "AWS::AppSync::GraphQLApi",
        "AWS::ApiGatewayV2::Api",
        "AWS::Logs::LogGroup",
        "AWS::CloudWatch::Alarm",
    )
    problems = [
        f"{name} is not on the dashboard"
        for kind in shown_kinds
        for name in resources(template, kind)
        if name not in shown
    ]
    problems += [
        f"{name} is not on the dashboard"
        for name, api in resources(template, "AWS::ApiGateway::RestApi").items()
        if api["Properties"]["Name"] not in "".join(bodies)
    ]
    queries = resources(template, "AWS::Logs::QueryDefinition")
    read = [references(query["Properties"]["LogGroupNames"]) for query in queries.values()]
    problems += [
        f"no saved query reads {name}"
        for name in resources(template, "AWS::Logs::LogGroup")
        if not any(name in names for names in read)
    ]
    return problems


def doors_for_everybody_have_a_firewall(template: Template) -> list[str]:
    """Floods are refused before they cost anything; many people behind one carrier's address are no flood."""
    acls = resources(template, "AWS::WAFv2::WebACL")
    guarded: dict[str, set[str]] = defaultdict(set)
    for association in resources(template, "AWS::WAFv2::WebACLAssociation").values():
        for door in references(association["Properties"]["ResourceArn"]):
            guarded[door] |= references(association["Properties"]["WebACLArn"]) & acls.keys()
    doors = {**resources(template, "AWS::AppSync::GraphQLApi"), **resources(template, "AWS::Cognito::UserPool")}
    problems = [f"{door} has no firewall" for door in doors if not guarded[door]]
    for name, acl in ((name, acls[name]) for name in sorted(set().union(*(guarded[door] for door in doors)))):
        rates = [rule["Statement"].get("RateBasedStatement") for rule in acl["Properties"]["Rules"]]
        if not any(rate and rate["AggregateKeyType"] == "IP" for rate in rates):
            problems.append(f"{name} limits no address")
        by_key = [rate for rate in rates if rate and "x-api-key" in json.dumps(rate.get("ScopeDownStatement"))]
        if resources(template, "AWS::AppSync::ApiKey") and not any(rate["AggregateKeyType"] == "IP" for rate in by_key):
            problems.append(f"{name} limits nobody who comes with a key and no token")
        problems += [
            f"{name} takes a carrier's customers for a flood"
            for rate in rates
            if rate and rate["AggregateKeyType"] == "IP" and rate["Limit"] < MANY
        ]
    return problems


def api_keys_do_not_end_unseen(template: Template) -> list[str]:
    """A key lives for 365 days at most, and a deployment moves its end on. Who does not deploy is told in time."""
    problems = []
    for name, key in resources(template, "AWS::AppSync::ApiKey").items():
        ends = key["Properties"]["Expires"]
        if not 300 < (ends - time.time()) / 86_400 < 365:
            problems.append(f"{name} ends on a day that AppSync refuses, or soon after the deployment")
        heard = {
            alarm["Properties"]["AlarmActions"][0]["Ref"]: [
                days for days in (31, 29, 8, 6, -1) if rings(alarm["Properties"], requests=ends - days * 86_400)
            ]
            for alarm in resources(template, "AWS::CloudWatch::Alarm").values()
            if "EPOCH" in alarm["Properties"].get("Metrics", [{}])[0].get("Expression", "")
        }
        if heard != {TOPICS[0]: [6, -1], TOPICS[1]: [29, 8, 6, -1]}:
            problems.append(f"nobody hears a month before, or is woken in the last week, that {name} ends")
    return problems


def firewalls_tell_what_they_refuse(template: Template) -> list[str]:
    """What was refused can be seen, and somebody hears of it: it may have been a carrier's customers, or M-Pesa. What
    lets one in, a token or a callback's path, is not in the log.
    """
    problems = []
    for name, acl in resources(template, "AWS::WAFv2::WebACL").items():
        logs = [
            log["Properties"]
            for log in resources(template, "AWS::WAFv2::LoggingConfiguration").values()
            if name in references(log["Properties"]["ResourceArn"])
        ]
        doors = [
            references(link["Properties"]["ResourceArn"])
            for link in resources(template, "AWS::WAFv2::WebACLAssociation").values()
            if name in references(link["Properties"]["WebACLArn"])
        ]
        secret: Resource = {"SingleHeader": {"Name": "authorization"}}
        if set().union(*doors) & resources(template, "AWS::ApiGateway::Stage").keys():
            secret = {"UriPath": {}}
        if not logs:
            problems.append(f"nobody can see what {name} refused")
        if not all(secret in log.get("RedactedFields", ()) for log in logs):
            problems.append(f"{name} logs what lets one in")
        if not _alarmed_on_blocks(template, acl["Properties"]["VisibilityConfig"]["MetricName"]):
            problems.append(f"nobody hears when {name} refuses")
    return problems


def _alarmed_on_blocks(template: Template, metric: str) -> bool:
    return any(
        {"Name": "WebACL", "Value": metric} in alarm["Properties"].get("Dimensions", ())
        for alarm in resources(template, "AWS::CloudWatch::Alarm").values()
        if alarm["Properties"].get("MetricName") == "BlockedRequests"
    )


def buckets_are_private(template: Template) -> list[str]:
    """A bucket that may be made public will be, the framework's included."""
    closed = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
    return [
        f"{name} may be made public"
        for name, bucket in resources(template, "AWS::S3::Bucket").items()
        if not all(bucket["Properties"].get("PublicAccessBlockConfiguration", {}).get(key) is True for key in closed)
    ]


WATCH_RULES: tuple[Rule, ...] = (
    open_apis_keep_an_access_log,
    alarms_reach_somebody_and_name_their_runbook,
    alarms_are_no_longer_than_cloudwatch_takes,
    alarms_wait_for_their_first_sign,
    queues_are_read_by_so_many_at_once,
    functions_are_watched,
    refusals_are_no_failures,
    tables_are_watched_for_throttles,
    apis_are_watched,
    deployments_have_one_alarm,
    dashboards_show_everything,
    doors_for_everybody_have_a_firewall,
    api_keys_do_not_end_unseen,
    firewalls_tell_what_they_refuse,
    buckets_are_private,
)
"""Every rule of this module."""
