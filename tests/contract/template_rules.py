"""Rules on packaged CloudFormation templates: what the local cloud would let pass and AWS would not.

A rule is a pure function from a template (or a GraphQL schema) to sentences that say what is wrong; none: all is well.
"""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldDefinitionNode,
    ListTypeNode,
    NonNullTypeNode,
    ObjectTypeDefinitionNode,
    ObjectTypeExtensionNode,
    TypeNode,
    parse,
)

from betsafi.outbox import HEARTBEAT
from betsafi.queue import wait_seconds
from tests.support.cloudwatch import MISSING, rings

Template = Mapping[str, Any]
Resource = dict[str, Any]
Rule = Callable[[Template], list[str]]
Subscriptions = Mapping[str, set[tuple[str, str]]]
"""(source, detail-type) by the logical name of the function that gets them."""

TOPICS = {"Fn::Sub": "arn:${AWS::Partition}:sns:*:*:*"}
"""What `sns:Publish` may leave out instead of naming something: an SMS to a phone number has no ARN."""
CONFIGURATION_SETS = {"Fn::Sub": "arn:${AWS::Partition}:ses:*:*:configuration-set/*"}
"""What `ses:SendEmail` may: the emulator asks for no identity."""

SNAPSTART_HANDLERS = ("graphql", "trading", "staff", "api", "consumer")
"""The handlers that a person waits for and that would import for longer than they may."""

TRUSTED = {
    "ApiGatewayLogRole": "API Gateway documents the role of an account's access logs without conditions",
    "CallbackApiRole": "API Gateway names no account when it takes an integration's role: every callback would be lost",
    "ReportApiRole": "the same: every report of a carrier would be lost",
    "GraphQlApiLogGroupRole": "AppSync documents the conditions for data sources alone; this role writes the API's log",
    "SmsRole": "Cognito documents the external id alone",
    "EventLogPolicy logs:CreateLogStream": "EventBridge names its rule only where it writes events",
}
"""Who lets an AWS service act without asking for whom it acts, and why."""

CONTENT_TYPES = tuple(
    kind + charset
    for kind in ("application/json", "text/plain", "application/x-www-form-urlencoded")
    for charset in ("", ";charset=UTF-8", "; charset=UTF-8", ";charset=utf-8", "; charset=utf-8")
)
"""What Daraja may say that a callback is: API Gateway compares the whole header."""

PACKAGES = {"frontend-api": "frontend"}
"""The Python package of a service, where it is not called like the service."""

_LAYER = re.compile(r"/betsafi/(?P<stage>[^/]+)/layers/(?P<layer>common|libraries)/[0-9a-f]{16}/arn")
_FUNCTION_NAME = re.compile(r"betsafi-(?P<service>[a-z-]+)-(?P<stage>[a-z0-9]+)-(?P<function>[A-Za-z0-9]+)")
_SECRET_NAME = re.compile(r"SECRET|PASSWORD|PASSKEY|PASSPHRASE|TOKEN|CREDENTIAL|PRIVATE|(API|CONSUMER|ACCESS)_?KEY")
_RANDOM_TEXT = re.compile(r"(?=[^\s]*[0-9])(?=[^\s]*[A-Za-z])[A-Za-z0-9+=_-]{32,}")


def resources(template: Template, kind: str) -> dict[str, Resource]:
    """Return the template's resources of one type by logical name, their missing Properties filled in."""
    found = template.get("Resources", {}).items()
    return {name: {"Properties": {}, **resource} for name, resource in found if resource["Type"] == kind}


def references(value: Any) -> set[str]:
    """Return every logical name that a value refers to: Ref, GetAtt, or `${…}` in a Sub."""
    if isinstance(value, list):
        return set().union(*(references(part) for part in value)) if value else set()
    if not isinstance(value, Mapping):
        return set()
    found: set[str] = set()
    for key, part in value.items():
        if key == "Ref":
            found.add(part)
        elif key == "Fn::GetAtt":
            found.add(part.split(".")[0] if isinstance(part, str) else part[0])
        elif key == "Fn::Sub":
            text = part if isinstance(part, str) else part[0]
            found |= {name.split(".")[0] for name in re.findall(r"\$\{([^!}][^}]*)\}", text)}
            found |= references(part)
        else:
            found |= references(part)
    return found


def published(template: Template, value: Any) -> set[str]:
    """Return the names of what is published in SSM that a value takes: by other stacks (parameters), or by this one."""
    parameters, own = template.get("Parameters", {}), resources(template, "AWS::SSM::Parameter")
    named = references(value)
    return {parameters[name]["Default"] for name in named & parameters.keys()} | {
        own[name]["Properties"]["Name"] for name in named & own.keys()
    }


def listed(value: Any) -> list[Any]:
    """Return a policy's value-or-list as a list."""
    return value if isinstance(value, list) else [value]


def statements(template: Template) -> Iterator[tuple[str, Resource]]:
    """Yield every statement of roles, policies and resource policies, with the logical name that it belongs to.

    Policies of KMS keys are left out: in them `*` is the key itself, and AWS asks for the account's `kms:*`.
    """
    for name, resource in template.get("Resources", {}).items():
        if resource["Type"] == "AWS::KMS::Key":
            continue
        properties = resource.get("Properties", {})
        documents = [
            policy["PolicyDocument"] for policy in properties.get("Policies", ()) if "PolicyDocument" in policy
        ]
        documents += [properties[key] for key in ("PolicyDocument", "AssumeRolePolicyDocument") if key in properties]
        for document in documents:
            if isinstance(document, Mapping) and "Statement" in document:
                for statement in listed(document["Statement"]):
                    yield name, statement


def allowing(template: Template) -> Iterator[tuple[str, Resource]]:
    """Yield every statement that allows something."""
    return ((name, statement) for name, statement in statements(template) if statement["Effect"] == "Allow")


def functions(template: Template) -> dict[str, Resource]:
    """Return every function's properties by logical name."""
    return {name: resource["Properties"] for name, resource in resources(template, "AWS::Lambda::Function").items()}


def role_of(template: Template, function: str) -> str:
    """Return the logical name of a function's role, or an empty string."""
    return next(iter(references(functions(template)[function].get("Role", {}))), "")


def may(template: Template, role: str, action: str, resource: str) -> bool:
    """Return whether the role's own policies allow the action on the resource with that logical name."""
    return any(
        name == role and action in listed(statement["Action"]) and resource in references(statement.get("Resource"))
        for name, statement in allowing(template)
    )


def mappings(template: Template, source: str) -> Iterator[tuple[str, Resource, str, str]]:
    """Yield (name, properties, function, source) of the event source mappings from a type of resource."""
    sources = resources(template, source)
    for name, resource in resources(template, "AWS::Lambda::EventSourceMapping").items():
        properties = resource["Properties"]
        for origin in references(properties["EventSourceArn"]) & sources.keys():
            yield name, properties, _function(template, properties["FunctionName"]), origin


def _function(template: Template, target: Any) -> str:
    """Return the logical name of the function that a value means, directly or by an alias of it."""
    aliases = resources(template, "AWS::Lambda::Alias")
    named = references(target)
    for alias in named & aliases.keys():
        named |= references(aliases[alias]["Properties"]["FunctionName"])
    return next(iter(named & functions(template).keys()), "")


def _handler_name(properties: Resource) -> str:
    match = _FUNCTION_NAME.fullmatch(str(properties.get("FunctionName", "")))
    return match["function"] if match else ""


def _service(template: Template) -> str:
    for properties in functions(template).values():
        if match := _FUNCTION_NAME.fullmatch(str(properties.get("FunctionName", ""))):
            return match["service"]
    return ""


def _alarmed(template: Template, metric: str, dimension: str, resource: str) -> bool:
    for alarm in resources(template, "AWS::CloudWatch::Alarm").values():
        properties = alarm["Properties"]
        watched = {entry["Name"]: references(entry["Value"]) for entry in properties.get("Dimensions", ())}
        right = properties.get("MetricName") == metric and resource in watched.get(dimension, ())
        if right and properties.get("AlarmActions"):
            return True
    return False


# --- SnapStart and layers


def snapstart_doors_are_reached_by_their_alias(template: Template) -> list[str]:
    """SnapStart starts published versions only, so whoever waits must be sent to the alias of one."""
    problems = []
    aliases = resources(template, "AWS::Lambda::Alias")
    for name, properties in functions(template).items():
        if _handler_name(properties) not in SNAPSTART_HANDLERS:
            continue
        if properties.get("SnapStart", {}).get("ApplyOn") != "PublishedVersions":
            problems.append(f"{name} has no SnapStart")
        if not any(_function(template, {"Ref": alias}) == name for alias in aliases):
            problems.append(f"{name} has no alias")
        for integration, resource in resources(template, "AWS::ApiGatewayV2::Integration").items():
            uri = resource["Properties"]["IntegrationUri"]
            if name in references(uri) and '"snapstart"' not in _text(uri):
                problems.append(f"{integration} invokes {name} and not its alias")
        for mapping, resource in resources(template, "AWS::Lambda::EventSourceMapping").items():
            target = resource["Properties"]["FunctionName"]
            if name in references(target) and '"snapstart"' not in _text(target):
                problems.append(f"{mapping} invokes {name} and not its alias")
    for name, resource in resources(template, "AWS::SSM::Parameter").items():
        value = resource["Properties"]["Value"]
        asked = re.search(r"/(graphql|trading|staff)/arn$", str(resource["Properties"]["Name"]))
        if asked and not references(value) & aliases.keys():
            problems.append(f"{name} publishes a function's ARN and not its alias's")
    for name, resource in resources(template, "AWS::AppSync::DataSource").items():
        if resource["Properties"]["Type"] == "AWS_LAMBDA":
            taken = published(template, resource["Properties"]["LambdaConfig"]["LambdaFunctionArn"])
            if not any(re.fullmatch(r"/betsafi/[^/]+/[a-z-]+/(graphql|trading|staff)/arn", name) for name in taken):
                problems.append(f"{name} does not take the alias ARN that its service publishes")
    return problems


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def layers_are_found_under_their_content_hash(template: Template) -> list[str]:
    """A new layer must be a change of the function, and a layer that is in use must outlive its successor."""
    problems = []
    for name, properties in functions(template).items():
        taken = published(template, properties.get("Layers", []))
        found = {match["layer"] for name in taken if (match := _LAYER.fullmatch(name))}
        if found != {"common", "libraries"} or len(properties.get("Layers", ())) != len(found):
            problems.append(f"{name} does not take both layers by their content's hash")
    ours = resources(template, "AWS::SSM::Parameter")
    for name, resource in resources(template, "AWS::Lambda::LayerVersion").items():
        problems += _unless_retained(name, resource)
        parameters = {key: value for key, value in ours.items() if name in references(value["Properties"]["Value"])}
        for key, parameter in parameters.items():
            problems += _unless_retained(key, parameter)
        if not any(_LAYER.fullmatch(parameter["Properties"]["Name"]) for parameter in parameters.values()):
            problems.append(f"{name} is not published under its content's hash")
    return problems


def versions_are_kept_for_snapstart_alone(template: Template) -> list[str]:
    """Every published version is stored and paid for; only SnapStart needs them."""
    return [
        f"{name} publishes a version of {function}, which has no SnapStart"
        for name, resource in resources(template, "AWS::Lambda::Version").items()
        for function in references(resource["Properties"]["FunctionName"])
        if "SnapStart" not in functions(template).get(function, {})
    ]


def what_is_published_is_a_parameter(template: Template) -> list[str]:
    """CloudFormation takes 60 dynamic references a template, and reads them only where something else changed too."""
    found = re.findall(r"\{\{resolve:[^}]*\}\}", json.dumps(template))
    return [f"{reference} is resolved in its place" for reference in found]


def nothing_waits_for_itself(template: Template) -> list[str]:
    """A first deployment is refused while what it takes is not published; what it publishes itself never would be."""
    own = {str(parameter["Properties"]["Name"]) for parameter in resources(template, "AWS::SSM::Parameter").values()}
    taken = {name: about.get("Default") for name, about in template.get("Parameters", {}).items()}
    return [f"{name} is published by the stack that takes it" for name, from_ in taken.items() if from_ in own]


# --- queues, streams and what follows a failure


def workers_that_feed_themselves_may_loop(template: Template) -> list[str]:
    """Lambda stops a chain through a queue after 16 hops unless the function says that it means it."""
    feeding = {
        function
        for _, _, function, queue in mappings(template, "AWS::SQS::Queue")
        if may(template, role_of(template, function), "sqs:SendMessage", queue)
    }
    allowed = {name for name, properties in functions(template).items() if properties.get("RecursiveLoop") == "Allow"}
    return [f"{name} sends to its own queue and is stopped after 16 hops" for name in sorted(feeding - allowed)] + [
        f"{name} may loop but does not feed its own queue" for name in sorted(allowed - feeding)
    ]


def visibility_is_six_timeouts(template: Template) -> list[str]:
    """A message that becomes visible while its function still works is handled twice."""
    problems = []
    queues = resources(template, "AWS::SQS::Queue")
    for _, _, function, queue in mappings(template, "AWS::SQS::Queue"):
        visibility = queues[queue]["Properties"].get("VisibilityTimeout", 30)
        timeout = functions(template)[function].get("Timeout", 3)
        if visibility < 6 * timeout:
            problems.append(f"{queue} hides messages for {visibility} s; {function} may take {timeout} s")
    return problems


def queue_batches_report_their_failures(template: Template) -> list[str]:
    """Without it one failed message brings its whole batch back."""
    return [
        f"{name} does not report single failures"
        for name, properties, _, _ in mappings(template, "AWS::SQS::Queue")
        if "ReportBatchItemFailures" not in properties.get("FunctionResponseTypes", ())
    ]


def failed_messages_come_back_soon_and_for_hours(template: Template) -> list[str]:
    """A function that may not change a message's visibility leaves it hidden for six of its timeouts; and an outage of
    some hours must not use up the tries, while people hear of a message that goes on failing long before.
    """
    problems = []
    queues = resources(template, "AWS::SQS::Queue")
    for _, _, function, queue in mappings(template, "AWS::SQS::Queue"):
        if not may(template, role_of(template, function), "sqs:ChangeMessageVisibility", queue):
            problems.append(f"{function} may not say when messages of {queue} come back")
        tries = int(queues[queue]["Properties"].get("RedrivePolicy", {}).get("maxReceiveCount", 0))
        if sum(wait_seconds(received) for received in range(1, tries)) < 4 * 3600:
            problems.append(f"{queue} gives a message up after {tries} tries")
        if not _counted(template, "MessageStuck"):
            problems.append(f"nobody hears of messages of {queue} that go on failing")
    return problems


def _counted(template: Template, metric: str, **dimensions: str) -> list[Resource]:
    """Return the alarms of this service on a metric of ours with just these dimensions beside service and stage."""
    wanted = {"service": _service(template), **dimensions}
    return [
        alarm["Properties"]
        for alarm in resources(template, "AWS::CloudWatch::Alarm").values()
        if alarm["Properties"].get("Namespace") == "Betsafi" and alarm["Properties"].get("MetricName") == metric
        if {d["Name"]: d["Value"] for d in alarm["Properties"]["Dimensions"] if d["Name"] != "stage"} == wanted
        if alarm["Properties"].get("AlarmActions")
    ]


def _rings_when_absent(alarms: list[Resource], every_seconds: int) -> bool:
    """Return whether one of the alarms rings after at most three times without a sign that comes so often."""
    return any(
        alarm.get("TreatMissingData") == "breaching"
        and (alarm["Statistic"], alarm["ComparisonOperator"], alarm["Threshold"]) == ("Sum", "LessThanThreshold", 1)
        and every_seconds <= alarm["Period"]
        and alarm["Period"] * alarm["EvaluationPeriods"] <= 3 * every_seconds
        for alarm in alarms
    )


def _seconds(rate: str) -> int:
    """Return how many seconds a schedule's rate means, 0 for anything else."""
    match = re.fullmatch(r"rate\((\d+) (minute|hour|day)s?\)", rate)
    return int(match[1]) * {"minute": 60, "hour": 3_600, "day": 86_400}[match[2]] if match else 0


def outboxes_have_a_heartbeat(template: Template) -> list[str]:
    """A stream whose function stands still emits nothing: a beat must go in, come out, and ring when it does not."""
    problems = []
    for name, properties, _, table in mappings(template, "AWS::DynamoDB::Table"):
        beats = [
            beat["Properties"]
            for beat in resources(template, "AWS::Scheduler::Schedule").values()
            if "dynamodb:putItem" in _text(beat["Properties"]["Target"]["Arn"])
            and table in references(beat["Properties"]["Target"]["Input"])
        ]
        if not any(HEARTBEAT in _text(beat["Target"]["Input"]) for beat in beats):
            problems.append(f"no heartbeat is written to {table}")
        for beat in beats:
            if not _rings_when_absent(_counted(template, "OutboxHeartbeat"), _seconds(beat["ScheduleExpression"])):
                problems.append(f"nobody hears when {name} stands still")
        patterns = [json.loads(f["Pattern"]) for f in properties.get("FilterCriteria", {}).get("Filters", ())]
        shown = [
            HEARTBEAT in pattern.get("dynamodb", {}).get("Keys", {}).get("sk", {}).get("S", ()) for pattern in patterns
        ]
        if patterns and not any(shown):
            problems.append(f"{name} filters its heartbeat out")
    return problems


def _missed(template: Template, schedule: str, every_seconds: int) -> bool:
    """Return whether an alarm rings when a schedule did not run while the outbox lived, not before it could."""
    full = every_seconds / 300
    for resource in resources(template, "AWS::CloudWatch::Alarm").values():
        alarm = resource["Properties"]
        names = {
            metric["MetricStat"]["Metric"]["MetricName"]: (metric["Id"], metric["MetricStat"])
            for metric in alarm.get("Metrics", ())
            if "MetricStat" in metric
        }
        if names.keys() != {"OutboxHeartbeat", "ScheduleRan"}:
            continue
        (beats, beating), (runs, stat) = names["OutboxHeartbeat"], names["ScheduleRan"]
        if {"Name": "schedule", "Value": schedule} not in stat["Metric"]["Dimensions"]:
            continue
        period = stat["Period"]
        return bool(
            alarm.get("AlarmActions")
            and every_seconds <= period == beating["Period"]
            and 2 * every_seconds <= period * alarm["EvaluationPeriods"] <= 3 * every_seconds
            and rings(alarm, **{beats: full, runs: MISSING})
            and not rings(alarm, **{beats: full, runs: 1})
            and not rings(alarm, **{beats: MISSING, runs: MISSING})
            and not rings(alarm, **{beats: full / 2, runs: MISSING})
        )
    return False


def schedules_are_missed(template: Template) -> list[str]:
    """What comes by the clock and does not come, or is not handled, says nothing by itself; what is new is not late."""
    problems = []
    for name, resource in resources(template, "AWS::Events::Rule").items():
        rate = resource["Properties"].get("ScheduleExpression")
        for target in resource["Properties"].get("Targets", ()) if rate else ():
            schedule = target["Id"]
            if json.loads(target.get("Input", "{}")).get("schedule") != schedule:
                problems.append(f"{name} does not say that it is the schedule {schedule}")
            if not _missed(template, schedule, _seconds(rate)):
                problems.append(f"nobody hears when {name} does not run")
    return problems


def queues_have_a_watched_dead_letter_queue(template: Template) -> list[str]:
    """Every queue is one or has one; a message in a dead-letter queue rings somebody."""
    queues = resources(template, "AWS::SQS::Queue")
    dead = {
        name
        for resource in queues.values()
        for name in references(resource["Properties"].get("RedrivePolicy", {}).get("deadLetterTargetArn"))
    }
    for resource in resources(template, "AWS::Lambda::EventSourceMapping").values():
        dead |= references(resource["Properties"].get("DestinationConfig", {}))
    for resource in resources(template, "AWS::Lambda::EventInvokeConfig").values():
        dead |= references(resource["Properties"].get("DestinationConfig", {}))
    dead &= queues.keys()
    problems = [f"{name} has no dead-letter queue" for name in queues.keys() - dead if not _redrives(queues[name])]
    problems += [
        f"nobody hears of messages in {name}"
        for name in dead
        if not _alarmed(template, "ApproximateNumberOfMessagesVisible", "QueueName", name)
    ]
    problems += [
        f"{queue} is read by {function} and has no dead-letter queue"
        for _, _, function, queue in mappings(template, "AWS::SQS::Queue")
        if queue in dead and not _redrives(queues[queue])
    ]
    return sorted(problems)


def _redrives(queue: Resource) -> bool:
    policy = queue["Properties"].get("RedrivePolicy", {})
    return bool(policy.get("deadLetterTargetArn")) and int(policy.get("maxReceiveCount", 0)) >= 1


def streams_park_what_they_cannot_tell(template: Template) -> list[str]:
    """A stream's failures go to a queue, within a day, and an outbox that falls behind rings somebody."""
    problems = []
    for name, properties, function, _ in mappings(template, "AWS::DynamoDB::Table"):
        if not references(properties.get("DestinationConfig", {}).get("OnFailure", {})):
            problems.append(f"{name} loses what fails")
        if not 0 < properties.get("MaximumRecordAgeInSeconds", -1) < 86_400:
            problems.append(f"{name} tries a record until the stream has forgotten it")
        if not properties.get("BisectBatchOnFunctionError"):
            problems.append(f"{name} gives up a batch for one bad record")
        if not _alarmed(template, "IteratorAge", "FunctionName", function):
            problems.append(f"nobody hears when {function} falls behind its stream")
    return problems


def failures_may_be_parked(template: Template) -> list[str]:
    """osls gives `sqs:SendMessage` for onFailure to the shared role, which no function uses."""
    parking = [
        *((function, properties) for _, properties, function, _ in mappings(template, "AWS::DynamoDB::Table")),
        *(
            (_function(template, resource["Properties"]["FunctionName"]), resource["Properties"])
            for resource in resources(template, "AWS::Lambda::EventInvokeConfig").values()
        ),
    ]
    return [
        f"{function} may not send to {queue}"
        for function, properties in parking
        for queue in references(properties.get("DestinationConfig", {}))
        if not may(template, role_of(template, function), "sqs:SendMessage", queue)
    ]


def rule_targets_have_a_dead_letter_queue(template: Template) -> list[str]:
    """What the bus cannot put into a queue within a day is gone, unless the target says where it goes."""
    return [
        f"{name} loses what its target {target['Id']} does not take"
        for name, resource in resources(template, "AWS::Events::Rule").items()
        for target in resource["Properties"].get("Targets", ())
        if references(target["Arn"]) & resources(template, "AWS::SQS::Queue").keys()
        and not references(target.get("DeadLetterConfig", {}))
    ]


def asynchronous_functions_have_an_on_failure_plan(template: Template) -> list[str]:
    """An event that a function was handed without waiting is dropped after two retries."""
    targets = [
        *(
            t["Arn"]
            for r in resources(template, "AWS::Events::Rule").values()
            for t in r["Properties"].get("Targets", ())
        ),
        *(r["Properties"]["Target"]["Arn"] for r in resources(template, "AWS::Scheduler::Schedule").values()),
        *(r["Properties"].get("Endpoint") for r in resources(template, "AWS::SNS::Subscription").values()),
    ]
    planned = {
        _function(template, resource["Properties"]["FunctionName"])
        for resource in resources(template, "AWS::Lambda::EventInvokeConfig").values()
        if references(resource["Properties"].get("DestinationConfig", {}).get("OnFailure", {}))
    }
    handed = {_function(template, target) for target in targets} - {""}
    return [
        f"{name} is invoked asynchronously and has no on-failure destination"
        for name in sorted(handed - planned)
        if "DeadLetterConfig" not in functions(template)[name]
    ]


# --- permissions


def functions_have_a_role_of_their_own(template: Template) -> list[str]:
    """A shared role gives every function what one of them needs."""
    roles: dict[str, str] = {}
    problems = []
    for name in functions(template):
        role = role_of(template, name)
        if role not in resources(template, "AWS::IAM::Role") or role == "IamRoleLambdaExecution":
            problems.append(f"{name} has no role of its own")
        elif role in roles:
            problems.append(f"{name} and {roles[role]} share {role}")
        roles.setdefault(role, name)
    return problems


def roles_are_used(template: Template) -> list[str]:
    """A role that nothing in the template takes is permissions that nobody watches."""
    rest = {
        name: {key: value for key, value in resource.items() if key != "DependsOn"}
        for name, resource in template.get("Resources", {}).items()
    }
    return [
        f"{name} is used by nothing"
        for name in resources(template, "AWS::IAM::Role")
        if name not in references([resource for other, resource in rest.items() if other != name])
    ]


def log_groups_are_made_by_the_stack(template: Template) -> list[str]:
    """A group that a function makes itself, once the stack's is deleted, keeps its lines for ever."""
    return [
        f"{name} may create log groups"
        for name, statement in allowing(template)
        if "logs:CreateLogGroup" in listed(statement.get("Action", []))
    ]


def resources_are_named(template: Template) -> list[str]:
    """`Resource: "*"` is for nobody; of an SMS and an e-mail, what is not meant is left out."""
    left_out = {"sns:Publish": TOPICS, "ses:SendEmail": CONFIGURATION_SETS}
    problems = []
    for name, statement in allowing(template):
        anything = any(resource in ("*", {"Fn::Sub": "*"}) for resource in listed(statement.get("Resource", [])))
        for action in listed(statement.get("Action", [])):
            if anything or ("NotResource" in statement and statement["NotResource"] != left_out.get(action)):
                problems.append(f"{name} may {action} on anything")
    return problems


def actions_are_named(template: Template) -> list[str]:
    """A wildcard grants what nobody meant, and what AWS adds tomorrow."""
    return [
        f"{name} allows {action}"
        for name, statement in allowing(template)
        for action in [*listed(statement.get("Action", [])), *listed(statement.get("NotAction", []))]
        if "*" in action or "NotAction" in statement
    ]


def put_events_names_its_own_source(template: Template) -> list[str]:
    """`events:source` has many values: only ForAllValues compares them, and only Null makes them be there."""
    own = {
        "ForAllValues:StringEquals": {"events:source": [f"betsafi.{_service(template)}"]},
        "Null": {"events:source": "false"},
    }
    return [
        f"{name} may put events of others: {_text(statement.get('Condition'))}"
        for name, statement in allowing(template)
        if "events:PutEvents" in listed(statement["Action"])
        if {
            operator: {key: listed(value) if operator != "Null" else value for key, value in condition.items()}
            for operator, condition in statement.get("Condition", {}).items()
        }
        != own
    ]


def attribute_conditions_are_whole(template: Template) -> list[str]:
    """Conditions on keys and attributes hold nothing back unless all values are compared and all are asked for."""
    problems = []
    for name, statement in allowing(template):
        conditions = statement.get("Condition", {})
        keys = {key for condition in conditions.values() for key in condition}
        for key in keys & {"dynamodb:LeadingKeys", "dynamodb:Attributes"}:
            operators = [operator for operator, condition in conditions.items() if key in condition]
            if not all(operator.startswith("ForAllValues:String") for operator in operators):
                problems.append(f"{name} compares one value of {key}")
        selects = {"dynamodb:Query", "dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Scan"}
        returns = {"dynamodb:UpdateItem", "dynamodb:PutItem", "dynamodb:DeleteItem"}
        if "dynamodb:Attributes" in keys:
            for actions, needed in ((selects, "dynamodb:Select"), (returns, "dynamodb:ReturnValues")):
                if actions & set(listed(statement["Action"])) and needed not in keys:
                    problems.append(f"{name} names attributes but not {needed}: a request that names none gets all")
    return problems


def tables_are_their_service_s_own(template: Template) -> list[str]:
    """A service reads and writes its own table only."""
    tables = resources(template, "AWS::DynamoDB::Table").keys()
    return [
        f"{name} reaches a table of another service: {_text(resource)}"
        for name, statement in allowing(template)
        if any(action.startswith("dynamodb:") for action in listed(statement["Action"]))
        for resource in listed(statement.get("Resource", "*"))
        if not references(resource) & tables
    ]


def internal_apis_ask_for_iam(template: Template) -> list[str]:
    """The handler `api` answers other services, signed; nobody else. Only an HTTP API hands it the caller."""
    problems = [
        f"{name} is open to everybody"
        for name, route in resources(template, "AWS::ApiGatewayV2::Route").items()
        if route["Properties"].get("AuthorizationType") != "AWS_IAM"
    ]
    problems += [
        f"{name} hands requests over as {integration['Properties'].get('PayloadFormatVersion')}"
        for name, integration in resources(template, "AWS::ApiGatewayV2::Integration").items()
        if integration["Properties"].get("PayloadFormatVersion") != "2.0"
    ]
    for name, method in resources(template, "AWS::ApiGateway::Method").items():
        for function in references(method["Properties"].get("Integration", {})) & functions(template).keys():
            if _handler_name(functions(template)[function]) == "api":
                problems.append(f"{name} reaches {function} past its HTTP API")
    return problems


def called(template: Template, statement: Resource) -> Iterator[tuple[str, str, str]]:
    """Yield (service, method, path pattern) of every operation of an HTTP API of ours that a statement is about.

    The service is "*" where it is deployed later, so that the id of its API is not known.
    """
    given = {name: str(parameter.get("Default")) for name, parameter in template.get("Parameters", {}).items()}
    for resource in listed(statement.get("Resource", [])):
        text = re.sub(r"\$\{(\w+)\}", lambda found: given.get(found[1], found[0]), _text(resource))
        if ":execute-api:" in text:
            match = re.search(r"(?:/([a-z-]+)/api/id(?:\}\})?|:\*)/\$default/([A-Z]+)(/[^\"]+)", text)
            yield (match[1] or "*", match[2], match[3]) if match else ("", "", text)


def aws_acts_for_this_account_alone(template: Template) -> list[str]:
    """A service of AWS acts for every customer: whoever lets it in asks for whom it acts, or stands in `TRUSTED`."""
    return [
        f"{name} lets {', '.join(listed(statement['Principal']['Service']))} {action} for anybody"
        for name, statement in _trusting(template)
        for action in listed(statement["Action"])
        if not _asks_for_whom(statement) and not {name, f"{name} {action}"} & TRUSTED.keys()
    ] + [
        f"{name} lets {permission['Properties']['Principal']} in for anybody"
        for name, permission in resources(template, "AWS::Lambda::Permission").items()
        if not permission["Properties"].get("SourceArn") and not permission["Properties"].get("SourceAccount")
    ]


def _asks_for_whom(statement: Resource) -> bool:
    keys = {"aws:SourceArn", "aws:SourceAccount"}
    narrow = ("StringEquals", "StringLike", "ArnEquals", "ArnLike")
    return any(keys & values.keys() for name, values in statement.get("Condition", {}).items() if name in narrow)


def _trusting(template: Template) -> Iterator[tuple[str, Resource]]:
    """Yield every statement of a role, a key or a resource that lets a service of AWS act."""
    for name, resource in template.get("Resources", {}).items():
        properties = resource.get("Properties", {})
        for kind in ("AssumeRolePolicyDocument", "KeyPolicy", "PolicyDocument"):
            document = properties.get(kind, {})
            if "Fn::Sub" in document:
                document = document["Fn::Sub"]
            document = json.loads(document) if isinstance(document, str) else document
            for statement in listed(document.get("Statement", [])):
                principal = statement.get("Principal", {})
                if statement["Effect"] == "Allow" and isinstance(principal, Mapping) and "Service" in principal:
                    yield name, statement


CATALOGUE = {"COMPETITION#*", "TEAM#*", "FIXTURE#*", "LINES#*", "POPULAR#*", "SEARCH#*", "BETTING#*"}


def traders_and_players_are_served_apart(template: Template) -> list[str]:
    """What trades holds nobody's money and writes no bet; what places bets writes no catalogue and no result."""
    problems = []
    for function, may_write, may_call in (
        ("TradingLambdaFunction", {*CATALOGUE, "GUARD#*", "RESULT#*", "HOLD#*", "CORRECTION#*", "AUDIT#*"}, False),
        ("GraphqlLambdaFunction", {"USER#*", "LEGS#*", "GUARD#*", "SHARED#*"}, True),
    ):
        if "TradingLambdaFunction" not in functions(template):
            continue
        mine = [statement for name, statement in allowing(template) if name == role_of(template, function)]
        for statement in mine:
            actions = set(listed(statement["Action"]))
            keys = statement.get("Condition", {}).get("ForAllValues:StringLike", {}).get("dynamodb:LeadingKeys")
            writes = actions & {"dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"}
            if writes and not set(keys or ["*"]) <= may_write:
                problems.append(f"{function} may write {keys or 'every item'}")
            if "execute-api:Invoke" in actions and not may_call:
                problems.append(f"{function} may call another service")
    return problems


def environments_hold_no_secrets(template: Template) -> list[str]:
    """A secret in the environment is in the console, in every stack file and in SnapStart's snapshot."""
    problems = []
    for name, properties in functions(template).items():
        for variable, value in properties.get("Environment", {}).get("Variables", {}).items():
            text = _text(value)
            a_place = isinstance(value, Mapping) or text.startswith(("/", "arn:")) or not text
            if "{{resolve:secretsmanager" in text or "{{resolve:ssm-secure" in text:
                problems.append(f"{name} gets the secret {variable} in clear")
            elif _SECRET_NAME.search(variable) and not a_place:
                problems.append(f"{name} has what looks like a secret in {variable}")
            elif isinstance(value, str) and _RANDOM_TEXT.fullmatch(value):
                problems.append(f"{name} has what looks like a key in {variable}")
    return problems


HARMLESS_ATTRIBUTES = frozenset({"locale", "name", "zoneinfo"})
"""What people may write about themselves with Cognito; all else goes through us."""


def pools_let_nobody_change_who_they_are(template: Template) -> list[str]:
    """A number, a birth date or an e-mail that a client writes is another person; and a pool's schema stays for ever.

    Without `WriteAttributes`, and with an empty list, every standard attribute may be written.
    """
    problems = []
    for name, pool in resources(template, "AWS::Cognito::UserPool").items():
        properties = pool["Properties"]
        required = {entry["Name"] for entry in properties.get("Schema", ()) if entry.get("Required")}
        if personal := required - {"email"}:
            problems.append(f"{name} asks for {', '.join(sorted(personal))} for ever")
        recovery = properties.get("AccountRecoverySetting", {}).get("RecoveryMechanisms", [])
        if [mechanism["Name"] for mechanism in recovery] != ["admin_only"]:
            problems.append(f"{name} sends codes of its own for a forgotten password")
        if properties.get("Policies", {}).get("PasswordPolicy", {}).get("MinimumLength", 0) < 10:
            problems.append(f"{name} takes short passwords")
        phone = "phone_number" in properties.get("UsernameAttributes", ())
        asked = properties.get("UserAttributeUpdateSettings", {}).get("AttributesRequireVerificationBeforeUpdate")
        if phone and asked != ["phone_number"]:
            problems.append(f"{name} changes a phone number before its code is answered")
        triggers = properties.get("LambdaConfig", {})
        if phone and not references(triggers.get("CustomSMSSender", {})) & functions(template).keys():
            problems.append(f"{name} sends SMS itself")
        if phone and not references(triggers.get("PreTokenGeneration", {})) & functions(template).keys():
            problems.append(f"{name} gives tokens to who has proven nothing")
    for name, client in resources(template, "AWS::Cognito::UserPoolClient").items():
        written = client["Properties"].get("WriteAttributes")
        if not written:
            problems.append(f"{name} may write every attribute")
        elif dangerous := set(written) - HARMLESS_ATTRIBUTES:
            problems.append(f"{name} may write {', '.join(sorted(dangerous))}")
        if client["Properties"].get("PreventUserExistenceErrors") != "ENABLED":
            problems.append(f"{name} says who has an account")
    return problems


# --- data, logs, encryption


def _unless_retained(name: str, resource: Resource) -> list[str]:
    policies = [resource.get("DeletionPolicy"), resource.get("UpdateReplacePolicy")]
    if policies == ["Retain", "Retain"]:
        return [f"{name} stays where its first deployment failed, and every later attempt meets its name"]
    return [] if policies == ["RetainExceptOnCreate", "Retain"] else [f"{name} goes with its stack"]


def data_outlives_its_stack(template: Template) -> list[str]:
    """Tables, the user pool, archives, secrets, keys and the bus survive a removed stack, a slip of the hand and a bad
    deployment; what a first deployment made goes when that deployment fails.
    """
    problems = []
    for kind in ("AWS::Events::EventBus", "AWS::SecretsManager::Secret"):
        for name, resource in resources(template, kind).items():
            problems += _unless_retained(name, resource)
    for name, table in resources(template, "AWS::DynamoDB::Table").items():
        problems += _unless_retained(name, table)
        properties = table["Properties"]
        if properties.get("DeletionProtectionEnabled") is not True:
            problems.append(f"{name} may be deleted")
        if properties.get("PointInTimeRecoverySpecification", {}).get("PointInTimeRecoveryEnabled") is not True:
            problems.append(f"{name} cannot be recovered to a point in time")
        if properties.get("SSESpecification", {}).get("SSEEnabled") is not True:
            problems.append(f"{name} is not encrypted under a key of ours")
    for name, pool in resources(template, "AWS::Cognito::UserPool").items():
        problems += _unless_retained(name, pool)
        if pool["Properties"].get("DeletionProtection") != "ACTIVE":
            problems.append(f"{name} may be deleted")
    for name, bucket in resources(template, "AWS::S3::Bucket").items():
        if name in ("ServerlessDeploymentBucket", "SiteFiles"):
            continue  # packages, and a website's files, which are made anew
        problems += _unless_retained(name, bucket)
        properties = bucket["Properties"]
        lock = properties.get("ObjectLockConfiguration", {}).get("Rule", {}).get("DefaultRetention", {})
        if not properties.get("ObjectLockEnabled") or lock.get("Years", 0) < 7:
            problems.append(f"{name} may be changed")
        encryption = properties.get("BucketEncryption", {}).get("ServerSideEncryptionConfiguration", [{}])[0]
        if "KMSMasterKeyID" not in encryption.get("ServerSideEncryptionByDefault", {}):
            problems.append(f"{name} is not encrypted under a key of ours")
        if not all(properties.get("PublicAccessBlockConfiguration", {"": False}).values()):
            problems.append(f"{name} may be made public")
    for name, key in resources(template, "AWS::KMS::Key").items():
        problems += _unless_retained(name, key)
        rotates = key["Properties"].get("KeyUsage", "ENCRYPT_DECRYPT") == "ENCRYPT_DECRYPT"  # KMS rotates no others
        if rotates and key["Properties"].get("EnableKeyRotation") is not True:
            problems.append(f"{name} is never rotated")
    return problems


def websites_are_safe_to_look_at(template: Template) -> list[str]:
    """A website's files are CloudFront's alone to read; browsers come by TLS, and run nothing that we did not build."""
    problems = []
    for name, site in resources(template, "AWS::CloudFront::Distribution").items():
        config = site["Properties"]["DistributionConfig"]
        behaviors = [config["DefaultCacheBehavior"], *config.get("CacheBehaviors", ())]
        problems += [f"{name} reads {one['Id']} as anybody" for one in config["Origins"] if not _signs(template, one)]
        if any(one["ViewerProtocolPolicy"] not in ("redirect-to-https", "https-only") for one in behaviors):
            problems.append(f"{name} answers without TLS")
        for headers in [references(one.get("ResponseHeadersPolicyId", {})) for one in behaviors]:
            of = resources(template, "AWS::CloudFront::ResponseHeadersPolicy")
            problems += [f"{name}: {text}" for text in _loose(*(of[one] for one in headers & of.keys()))]
    return problems


def _signs(template: Template, origin: Resource) -> bool:
    controls = resources(template, "AWS::CloudFront::OriginAccessControl")
    used = references(origin.get("OriginAccessControlId", {})) & controls.keys()
    configs = [controls[one]["Properties"]["OriginAccessControlConfig"] for one in used]
    return [one["SigningBehavior"] for one in configs] == ["always"]


def _loose(*policies: Resource) -> list[str]:
    """Return what is lacking of the headers that a page comes with."""
    if len(policies) != 1:
        return ["pages come without headers of ours"]
    headers = policies[0]["Properties"]["ResponseHeadersPolicyConfig"].get("SecurityHeadersConfig", {})
    wanted = ("ContentSecurityPolicy", "StrictTransportSecurity", "ContentTypeOptions", "FrameOptions")
    lacking = [f"{one} is not sent" for one in wanted if not headers.get(one, {}).get("Override")]
    policy = _text(headers.get("ContentSecurityPolicy", {}).get("ContentSecurityPolicy", ""))
    parts = ("default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'")
    lacking += [f"the policy lacks {part}" for part in parts if part not in policy]
    return lacking + [f"the policy has {part}" for part in ("*", "'unsafe-eval'", "http:", "ws:") if part in policy]


def staff_have_a_pool_of_their_own(template: Template) -> list[str]:
    """A pool that people sign up to has no groups; one with groups is filled by hand and asks for an authenticator."""
    problems = []
    with_groups = {
        group["Properties"]["UserPoolId"]["Ref"]
        for group in resources(template, "AWS::Cognito::UserPoolGroup").values()
    }
    for name, pool in resources(template, "AWS::Cognito::UserPool").items():
        given = pool["Properties"]
        by_hand = given.get("AdminCreateUserConfig", {}).get("AllowAdminCreateUserOnly") is True
        if not by_hand:
            problems += [f"{name} has groups and anybody may sign up"] if name in with_groups else []
            continue
        factors = given.get("MfaConfiguration"), given.get("EnabledMfas")
        if factors != ("ON", ["SOFTWARE_TOKEN_MFA"]):
            problems.append(f"{name} lets staff in without an authenticator")
        if given.get("AccountRecoverySetting", {}).get("RecoveryMechanisms") != [{"Name": "admin_only", "Priority": 1}]:
            problems.append(f"{name} gives staff a new password without an administrator")
        clients = resources(template, "AWS::Cognito::UserPoolClient").items()
        for client, made in clients:
            if made["Properties"]["UserPoolId"] == {"Ref": name}:
                problems += [f"{client} {what}" for what in _loose_ends(made["Properties"])]
    return problems


def _loose_ends(client: Mapping[str, Any]) -> list[str]:
    """Return what a staff pool's app client allows that it should not."""
    problems = []
    if set(client.get("ExplicitAuthFlows", [])) != {"ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"}:
        problems.append("takes a password in clear")
    units = client.get("TokenValidityUnits", {})
    for token, most in (("AccessToken", (5, "minutes")), ("IdToken", (5, "minutes")), ("RefreshToken", (12, "hours"))):
        if (client.get(f"{token}Validity"), units.get(token)) != most:
            problems.append(f"gives an {token} for longer than {most[0]} {most[1]}")
    if set(client.get("WriteAttributes", ["everything"])) - {"name"} or not client.get("WriteAttributes"):
        problems.append("lets staff write about themselves")
    return problems


def appsync_takes_tokens_of_our_apps_alone(template: Template) -> list[str]:
    """A pool's every app client can sign people in; of each pool only one is ours. Resolvers know the staff's pool."""
    problems = []
    for name, api in resources(template, "AWS::AppSync::GraphQLApi").items():
        providers = [
            provider.get("UserPoolConfig") for provider in api["Properties"]["AdditionalAuthenticationProviders"]
        ]
        pools = [_published(template, provider["UserPoolId"]) for provider in providers if provider]
        wanted = [f"/betsafi/dev/{pool}/id" for pool in ("users/pool", "platform/staff/pool")]
        if pools != wanted:
            problems.append(f"{name} takes the tokens of {pools}")
        for provider in filter(None, providers):
            pool, client = _published(template, provider["UserPoolId"]), provider.get("AppIdClientRegex", {})
            ours = pool.replace("/pool/id", "/client/id")
            whole = re.fullmatch(r"\^\$\{\w+\}\$", client.get("Fn::Sub", ""))
            if not whole or _published(template, client) != ours:
                problems.append(f"{name} takes the tokens of any app client of {pool}")
        if _published(template, api["Properties"].get("EnvironmentVariables", {}).get("STAFF_POOL")) != wanted[-1]:
            problems.append(f"{name} does not tell its resolvers which pool is the staff's")
    return problems


def _published(template: Template, value: Any) -> str:
    """Return the one name in SSM that a value is taken from, or an empty string."""
    return "".join(published(template, value)) if len(published(template, value)) == 1 else ""


def logs_are_forgotten(template: Template) -> list[str]:
    """A log group that nobody declared keeps its lines for ever."""
    groups = resources(template, "AWS::Logs::LogGroup")
    problems = [f"{name} keeps its lines for ever" for name, group in groups.items() if not _retention(group)]
    named = {str(group["Properties"].get("LogGroupName")) for group in groups.values()}
    problems += [
        f"{name} has no log group of its own"
        for name, properties in functions(template).items()
        if f"/aws/lambda/{properties.get('FunctionName')}" not in named
    ]
    return problems


def _retention(group: Resource) -> int:
    return int(group["Properties"].get("RetentionInDays", 0))


def queues_and_topics_are_encrypted(template: Template) -> list[str]:
    """Messages carry what players did."""
    problems = []
    for name, queue in resources(template, "AWS::SQS::Queue").items():
        if not queue["Properties"].get("SqsManagedSseEnabled") and not queue["Properties"].get("KmsMasterKeyId"):
            problems.append(f"{name} is not encrypted")
    for name, topic in resources(template, "AWS::SNS::Topic").items():
        if not topic["Properties"].get("KmsMasterKeyId"):
            problems.append(f"{name} is not encrypted")
    return problems


# --- APIs


def rest_stages_are_throttled(template: Template) -> list[str]:
    """Without a limit of its own one API uses up the account's."""
    problems = []
    stages = resources(template, "AWS::ApiGateway::Stage")
    for api in resources(template, "AWS::ApiGateway::RestApi"):
        of_api = [stage for stage in stages.values() if api in references(stage["Properties"]["RestApiId"])]
        if not any(_limits_everything(stage) for stage in of_api):
            problems.append(f"{api} has no stage with a rate limit for all methods")
    for name, deployment in resources(template, "AWS::ApiGateway::Deployment").items():
        if "StageName" in deployment["Properties"]:
            problems.append(f"{name} creates a stage that no resource limits")
    return problems


def http_apis_are_limited_and_logged(template: Template) -> list[str]:
    """osls has no setting for the limits of an HTTP API; without them one uses up the account's."""
    problems = []
    for api in resources(template, "AWS::ApiGatewayV2::Api"):
        stages = [
            stage["Properties"]
            for stage in resources(template, "AWS::ApiGatewayV2::Stage").values()
            if api in references(stage["Properties"]["ApiId"])
        ]
        for stage in stages:
            limits = stage.get("DefaultRouteSettings", {})
            if not limits.get("ThrottlingRateLimit", 0) > 0 or not limits.get("ThrottlingBurstLimit", 0) > 0:
                problems.append(f"{api} has no rate limit")
            log = stage.get("AccessLogSettings", {})
            if not references(log.get("DestinationArn")) & resources(template, "AWS::Logs::LogGroup").keys():
                problems.append(f"{api} keeps no log of who called what")
            elif "$context.identity.userArn" not in log.get("Format", ""):
                problems.append(f"the log of {api} does not say who called")
        if not stages:
            problems.append(f"{api} has no stage of its own")
    return problems


def strangers_cannot_use_up_the_limits_of_callbacks(template: Template) -> list[str]:
    """M-Pesa tells once, and a stage's limits are for everybody: who is not listed has a small part of them."""
    problems = []
    for name, stage in resources(template, "AWS::ApiGateway::Stage").items():
        acls = [
            _webacl(template, link)
            for link in resources(template, "AWS::WAFv2::WebACLAssociation").values()
            if name in references(link["Properties"]["ResourceArn"])
        ]
        if len(acls) != 1:
            problems.append(f"{name} has no firewall")
            continue
        first, *others = sorted(acls[0].get("Rules", []), key=lambda rule: int(rule["Priority"]))
        listed_ones = first["Statement"].get("IPSetReferenceStatement")
        if not listed_ones or "Allow" not in first.get("Action", {}):
            problems.append(f"{name} does not let the listed addresses pass before it counts")
        limits = {rule["Statement"].get("RateBasedStatement", {}).get("AggregateKeyType"): rule for rule in others}
        if not {"IP", "CONSTANT"} <= limits.keys():
            problems.append(f"{name} does not limit each stranger and all of them together")
            continue
        together = limits["CONSTANT"]["Statement"]["RateBasedStatement"]
        but = together.get("ScopeDownStatement", {}).get("NotStatement", {}).get("Statement", {})
        if "Block" not in limits["CONSTANT"]["Action"] or but.get("IPSetReferenceStatement") != listed_ones:
            problems.append(f"{name} does not block just those who are not listed")
        a_second = together["Limit"] / together["EvaluationWindowSec"]
        if not any(a_second <= s["ThrottlingRateLimit"] / 10 for s in stage["Properties"].get("MethodSettings", ())):
            problems.append(f"strangers may use {a_second:.0f} requests a second of the limits of {name}")
    return problems


def _webacl(template: Template, link: Resource) -> Resource:
    acls = resources(template, "AWS::WAFv2::WebACL")
    (name,) = references(link["Properties"]["WebACLArn"]) & acls.keys()
    return acls[name]["Properties"]


def graphql_requests_are_limited(template: Template) -> list[str]:
    """Without limits one request may ask for everything, at any depth."""
    limits = {"QueryDepthLimit": range(1, 76), "ResolverCountLimit": range(1, 10_001)}
    return [
        f"{name} has no {limit} within AppSync's bounds"
        for name, api in resources(template, "AWS::AppSync::GraphQLApi").items()
        for limit, bounds in limits.items()
        if api["Properties"].get(limit) not in bounds
    ]


def _limits_everything(stage: Resource) -> bool:
    return any(
        (setting.get("ResourcePath"), setting.get("HttpMethod")) == ("/*", "*")
        and setting.get("ThrottlingRateLimit", 0) > 0
        and setting.get("ThrottlingBurstLimit", 0) > 0
        for setting in stage["Properties"].get("MethodSettings", ())
    )


def queue_integrations_take_every_content_type(template: Template) -> list[str]:
    """A callback of a content type without a template is answered 415 and never comes again."""
    problems = []
    for name, resource in resources(template, "AWS::ApiGateway::Method").items():
        integration = resource["Properties"].get("Integration", {})
        if ":sqs:" not in _text(integration.get("Uri", "")):
            continue
        templates = integration.get("RequestTemplates", {})
        for kind in CONTENT_TYPES:
            if kind not in templates:
                problems.append(f"{name} refuses {kind}")
            elif "$context.identity.sourceIp" not in _text(templates[kind]):
                problems.append(f"{name} forgets who sent {kind}")
        if integration.get("PassthroughBehavior") != "NEVER":
            problems.append(f"{name} passes on what no template has formed")
    return problems


def callback_addresses_are_our_own(template: Template) -> list[str]:
    """API Gateway's host contains "exec", which Daraja refuses in a callback address."""
    return [
        f"{name} gives Daraja the address {_text(value)} in {variable}"
        for name, properties in functions(template).items()
        for variable, value in properties.get("Environment", {}).get("Variables", {}).items()
        if "CALLBACK" in variable
        if "execute-api" in _text(value) or references(value) & resources(template, "AWS::ApiGateway::RestApi").keys()
    ]


# --- functions and events


def functions_are_what_the_house_runs(template: Template) -> list[str]:
    """Named `betsafi-<service>-<stage>-<handler>`, Python 3.13 on arm64, with a handler of their own service."""
    problems = []
    for name, properties in functions(template).items():
        match = _FUNCTION_NAME.fullmatch(str(properties.get("FunctionName", "")))
        if not match:
            problems.append(f"{name} is not named betsafi-<service>-<stage>-<handler>")
        elif str(properties.get("Handler", "")).split("/")[0] != PACKAGES.get(match["service"], match["service"]):
            problems.append(f"{name} runs {properties.get('Handler')}, which is not in its service's package")
        if properties.get("Runtime") != "python3.13":
            problems.append(f"{name} runs on {properties.get('Runtime')}")
        if properties.get("Architectures") != ["arm64"]:
            problems.append(f"{name} is not built for arm64")
    return problems


def nothing_is_imported_from_another_stack(template: Template) -> list[str]:
    """An export that is imported can be neither changed nor removed: it locks two teams together. SSM does not."""
    text = json.dumps(template)
    return [f"{name} is imported" for name in re.findall(r'"Fn::ImportValue": ("[^"]*"|\{)', text)]


def subscribers_hear_the_bus(template: Template) -> list[str]:
    """On a bus that was made anew there is no rule: events are published, and none matches anything."""
    buses = {
        rule["Properties"]["EventBusName"]
        for rule in resources(template, "AWS::Events::Rule").values()
        if isinstance(rule["Properties"].get("EventBusName"), str)
    }
    beats = {
        str(rule["Properties"].get("Name")): rule["Properties"]["EventBusName"]
        for rule in resources(template, "AWS::Events::Rule").values()
        if rule["Properties"].get("EventPattern", {}).get("detail-type") == ["OutboxHeartbeat"]
    }
    heard = {
        dimensions.get("EventBusName")
        for alarm in resources(template, "AWS::CloudWatch::Alarm").values()
        if alarm["Properties"].get("MetricName") == "MatchedEvents" and alarm["Properties"].get("AlarmActions")
        if _rings_when_absent([alarm["Properties"]], 300)
        if (dimensions := {d["Name"]: d["Value"] for d in alarm["Properties"]["Dimensions"]})
        if beats.get(dimensions.get("RuleName", "")) == dimensions.get("EventBusName")
    }
    return [f"nobody hears when no rule on {bus} matches any more" for bus in sorted(buses - heard)]


def subscriptions(template: Template) -> tuple[dict[str, set[tuple[str, str]]], list[str]]:
    """Return which events each function gets from the bus through a queue, and patterns that are not plain names."""
    readers = {queue: function for _, _, function, queue in mappings(template, "AWS::SQS::Queue")}
    found: dict[str, set[tuple[str, str]]] = {}
    problems = []
    for name, resource in resources(template, "AWS::Events::Rule").items():
        if "ScheduleExpression" in resource["Properties"]:
            continue
        pattern = resource["Properties"].get("EventPattern")
        for target in resource["Properties"].get("Targets", ()):
            for queue in references(target["Arn"]) & resources(template, "AWS::SQS::Queue").keys():
                if queue not in readers:
                    problems.append(f"{name} fills {queue}, which no function reads")
                    continue
                pairs = [(s, t) for s in (pattern or {}).get("source", ()) for t in pattern.get("detail-type", ())]
                if not pairs or not all(isinstance(word, str) for pair in pairs for word in pair):
                    problems.append(f"{name} does not name its events one by one")
                    continue
                found.setdefault(readers[queue], set()).update(pairs)
    return found, problems


def subscriptions_and_handlers_agree(
    template: Template, handled: Subscriptions, catalog: set[tuple[str, str]]
) -> list[str]:
    """Every rule names events that exist and that its function handles; every handler gets its events."""
    asked, problems = subscriptions(template)
    for function in sorted(asked.keys() | handled.keys()):
        wanted, known = asked.get(function, set()), handled.get(function, set())
        problems += [f"{function}: there is no event {event}" for event in sorted(wanted - catalog)]
        problems += [f"{function} is sent {event} and has no handler" for event in sorted(wanted - known)]
        problems += [f"{function} handles {event} and no rule sends it" for event in sorted(known - wanted)]
    return problems


TEMPLATE_RULES: tuple[Rule, ...] = (
    snapstart_doors_are_reached_by_their_alias,
    layers_are_found_under_their_content_hash,
    versions_are_kept_for_snapstart_alone,
    what_is_published_is_a_parameter,
    nothing_waits_for_itself,
    workers_that_feed_themselves_may_loop,
    visibility_is_six_timeouts,
    queue_batches_report_their_failures,
    failed_messages_come_back_soon_and_for_hours,
    outboxes_have_a_heartbeat,
    schedules_are_missed,
    queues_have_a_watched_dead_letter_queue,
    streams_park_what_they_cannot_tell,
    failures_may_be_parked,
    rule_targets_have_a_dead_letter_queue,
    asynchronous_functions_have_an_on_failure_plan,
    functions_have_a_role_of_their_own,
    roles_are_used,
    log_groups_are_made_by_the_stack,
    resources_are_named,
    actions_are_named,
    put_events_names_its_own_source,
    attribute_conditions_are_whole,
    tables_are_their_service_s_own,
    internal_apis_ask_for_iam,
    aws_acts_for_this_account_alone,
    traders_and_players_are_served_apart,
    environments_hold_no_secrets,
    pools_let_nobody_change_who_they_are,
    data_outlives_its_stack,
    websites_are_safe_to_look_at,
    staff_have_a_pool_of_their_own,
    appsync_takes_tokens_of_our_apps_alone,
    logs_are_forgotten,
    queues_and_topics_are_encrypted,
    rest_stages_are_throttled,
    http_apis_are_limited_and_logged,
    strangers_cannot_use_up_the_limits_of_callbacks,
    graphql_requests_are_limited,
    queue_integrations_take_every_content_type,
    callback_addresses_are_our_own,
    subscribers_hear_the_bus,
    functions_are_what_the_house_runs,
    nothing_is_imported_from_another_stack,
)
"""Every rule that a template alone decides."""


# --- GraphQL

_MARKS = ("aws_iam", "aws_cognito_user_pools", "aws_api_key", "aws_oidc", "aws_lambda")


def _objects(document: DocumentNode) -> Iterator[ObjectTypeDefinitionNode | ObjectTypeExtensionNode]:
    for definition in document.definitions:
        if isinstance(definition, ObjectTypeDefinitionNode | ObjectTypeExtensionNode):
            yield definition


def _marks(directives: tuple[DirectiveNode, ...]) -> set[str]:
    return {directive.name.value for directive in directives} & set(_MARKS)


def _named(node: TypeNode) -> str:
    while isinstance(node, ListTypeNode | NonNullTypeNode):
        node = node.type
    return str(node.name.value)  # type: ignore[attr-defined]


def _root_fields(document: DocumentNode) -> Iterator[tuple[str, FieldDefinitionNode]]:
    for definition in _objects(document):
        if definition.name.value in ("Query", "Mutation", "Subscription"):
            for field in definition.fields:
                yield f"{definition.name.value}.{field.name.value}", field


def aws_auth_is_nowhere(schema: str) -> list[str]:
    """AppSync ignores `@aws_auth` where an API has more than one way to sign in, and lets everybody through."""
    document = parse(schema, no_location=True)
    places = [(d.name.value, d.directives) for d in _objects(document)]
    places += [
        (f"{d.name.value}.{field.name.value}", field.directives) for d in _objects(document) for field in d.fields
    ]
    return [
        f"{place} relies on @aws_auth"
        for place, directives in places
        if any(directive.name.value == "aws_auth" for directive in directives)
    ]


def root_fields_say_who_may_call_them(schema: str) -> list[str]:
    """A field without a mark is open to IAM alone, which is seldom what its author meant."""
    return [
        f"{place} does not say who may call it"
        for place, field in _root_fields(parse(schema, no_location=True))
        if not _marks(field.directives)
    ]


def types_are_open_to_those_who_reach_them(schema: str) -> list[str]:
    """A field's mark opens nothing if the type that it returns, or one inside it, is closed to the same caller."""
    document = parse(schema, no_location=True)
    types: dict[str, list[ObjectTypeDefinitionNode | ObjectTypeExtensionNode]] = defaultdict(list)
    for definition in _objects(document):
        if definition.name.value not in ("Query", "Mutation", "Subscription"):
            types[definition.name.value].append(definition)
    problems = set()
    for place, field in _root_fields(document):
        marks = _marks(field.directives)
        seen: set[str] = set()
        waiting = [_named(field.type)]
        while waiting:
            name = waiting.pop()
            if name in seen or name not in types:
                continue
            seen.add(name)
            # The API's first way to sign in is IAM: a type without a mark is open to it.
            open_to = set().union(*(_marks(part.directives) for part in types[name])) or {"aws_iam"}
            problems |= {f"{place} is @{mark} but {name} is not" for mark in marks - open_to}
            waiting += [_named(inner.type) for part in types[name] for inner in part.fields]
    return sorted(problems)


def subscriptions_ask_for_their_filter(schema: str) -> list[str]:
    """A subscription's missing argument delivers everybody's."""
    return [
        f"{place} can be asked for without a filter"
        for place, field in _root_fields(parse(schema, no_location=True))
        if place.startswith("Subscription.")
        and not (field.arguments and all(isinstance(argument.type, NonNullTypeNode) for argument in field.arguments))
    ]


def deepest(schema: str) -> int:
    """Return how many levels the deepest question of a schema has. Raises ValueError where it has no end."""
    document = parse(schema, no_location=True)
    fields: dict[str, list[FieldDefinitionNode]] = {}
    for definition in _objects(document):
        fields.setdefault(definition.name.value, []).extend(definition.fields)

    def levels(name: str, above: tuple[str, ...]) -> int:
        if name in above:
            raise ValueError(f"{' > '.join(above)} > {name} has no end")
        return max((1 + levels(_named(field.type), (*above, name)) for field in fields.get(name, ())), default=0)

    return max(levels(root, ()) for root in ("Query", "Mutation", "Subscription"))


def subscriptions_hear_what_is_published(schema: str) -> list[str]:
    """A subscription hears nothing unless it names a mutation of its own type, which only our functions may call."""
    document = parse(schema, no_location=True)
    fields = dict(_root_fields(document))
    heard = [
        (f"Mutation.{mutation.value}", place)
        for place, field in fields.items()
        for directive in field.directives
        if directive.name.value == "aws_subscribe"
        for argument in directive.arguments
        for mutation in argument.value.values  # type: ignore[attr-defined]
    ]
    published = {place for place in fields if place.startswith("Mutation.publish")}
    problems = [f"{place} is heard by nobody" for place in published - {mutation for mutation, _ in heard}]
    for mutation, place in heard:
        if mutation not in fields:
            problems.append(f"{place} hears {mutation}, which there is not")
        elif _named(fields[mutation].type) != _named(fields[place].type):
            problems.append(f"{place} is of another type than {mutation}")
        elif _marks(fields[mutation].directives) != {"aws_iam"}:
            problems.append(f"{mutation} may be called by others than our functions")
    problems += [
        f"{place} hears no mutation"
        for place in fields.keys() - {place for _, place in heard}
        if "Subscription." in place
    ]
    return sorted(problems)


ADDRESS = ("userId", "sequence", "cursor")
"""Of a PlayerUpdate: whose it is and where it stands among theirs. All else is what it brings."""


def what_is_pushed_can_be_told_from_older(schema: str) -> list[str]:
    """An app that keeps things by id needs it, and a version, to know an update from an older one."""
    document = parse(schema, no_location=True)
    fields: dict[str, dict[str, TypeNode]] = defaultdict(dict)
    for definition in _objects(document):
        fields[definition.name.value] |= {field.name.value: field.type for field in definition.fields}
    pushed = {_named(kind) for kind in fields["Subscription"].values()} - {"PlayerUpdate"}
    pushed |= {_named(kind) for name, kind in fields["PlayerUpdate"].items() if name not in ADDRESS}
    return [
        f"{name} has no {field}, or a nullable one"
        for name in sorted(pushed)
        for field in ("id", "version")
        if not isinstance(fields[name].get(field), NonNullTypeNode)
    ]


SCHEMA_RULES: tuple[Callable[[str], list[str]], ...] = (
    aws_auth_is_nowhere,
    root_fields_say_who_may_call_them,
    types_are_open_to_those_who_reach_them,
    subscriptions_ask_for_their_filter,
    subscriptions_hear_what_is_published,
    what_is_pushed_can_be_told_from_older,
)
"""Every rule on the GraphQL schema."""
