"""What `custom.defaults` of a serverless.yml becomes: the JavaScript beside the serverless files, on small services.

What the packaged templates of the real services must hold is in tests/contract.
"""

import json
from typing import Any

import pytest

from tests.support.serverless import in_node, outbox_of, services_with, table_request
from tools.base.services import services

CONFIGURATION = """
  const variables = {'sls:stage': given.stage, 'param:eventsSourceIsNull': 'false', 'param:apiUrl': 'the url'};
  const configuration = {
    resolveConfigurationProperty: async (path) => path.reduce((part, key) => (part || {})[key], given.template),
    resolveVariable: async (name) => variables[name],
  };
  const told = (error) => ({refused: error.message});
"""
READER = {"timeout": 30}
QUEUE = {"queues": {"inbound": {"function": "consumer"}}}
OUTBOX = {"outbox": {"handler": "shop/handlers/stream.handler"}, "table": {}}


def made_by(file: str, functions: Any = None, stage: str = "dev", **defaults: Any) -> Any:
    """Return what a file makes of a service `shop` with these defaults, or the sentence that refuses it."""
    script = f"require('./{file}')(configuration).catch(told).then((made) => console.log(JSON.stringify(made)));"
    template = {"service": "betsafi-shop", "functions": functions or {}, "custom": {"defaults": defaults}}
    made = in_node(CONFIGURATION + script, {"template": template, "stage": stage})
    return made.get("refused", made) if isinstance(made, dict) else made


def resources(functions: Any = None, stage: str = "dev", **defaults: Any) -> Any:
    """Return the resources of a service with these defaults, or the sentence that refuses it."""
    made = made_by("defaults", functions, stage, **defaults)
    return made["Resources"] if isinstance(made, dict) else made


def alarm(resource: Any) -> tuple[Any, ...]:
    """Return what an alarm measures, and from when it rings."""
    properties = resource["Properties"]
    words = ("Namespace", "MetricName", "Statistic", "Period", "EvaluationPeriods", "ComparisonOperator", "Threshold")
    return tuple(properties[word] for word in words)


def test_a_service_with_no_defaults_has_the_alarms_of_its_functions_and_roles_for_our_lambda_alone() -> None:
    made = resources({"graphql": {}})
    assert made.keys() == {"GraphqlIamRoleLambdaExecution", "ConfigurationAlarm", "GraphqlErrorsAlarm"}
    (statement,) = made["GraphqlIamRoleLambdaExecution"]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
    assert made["GraphqlErrorsAlarm"]["Properties"]["AlarmDescription"] == "shop (dev): the graphql function fails"


MADE = ("AWS::CloudWatch::Alarm", "AWS::DynamoDB::Table", "AWS::SQS::Queue", "AWS::ApiGatewayV2", "StreamViewType")


@pytest.mark.parametrize("service", services())
def test_what_the_defaults_make_is_written_by_hand_nowhere(service: str) -> None:
    own = (services()[service] / "serverless.yml", *services()[service].glob("*.js"))
    assert [(file.name, kind) for file in own for kind in MADE if kind in file.read_text()] == []


def test_a_table_has_the_indexes_that_are_asked_for_and_no_others() -> None:
    assert table_request({}).keys() == {"AttributeDefinitions", "KeySchema", "BillingMode", "StreamSpecification"}
    full = table_request({"byTime": True, "byOwner": True, "byQueue": True})
    assert [index["IndexName"] for index in full["LocalSecondaryIndexes"]] == ["by_time"]
    assert [index["IndexName"] for index in full["GlobalSecondaryIndexes"]] == ["by_owner", "by_queue"]
    named = {entry["AttributeName"] for entry in full["AttributeDefinitions"]}
    assert named == {"pk", "sk", "at", "owner", "queue"}


def test_items_of_a_table_end_by_themselves_only_where_it_is_asked_for() -> None:
    plain, forgetful = (resources(table=table)["Table"]["Properties"] for table in ({}, {"forgets": True}))
    assert "TimeToLiveSpecification" not in plain
    assert forgetful["TimeToLiveSpecification"] == {"AttributeName": "forget_at", "Enabled": True}


def test_a_table_is_kept_except_on_the_laptop_and_has_a_stream_if_somebody_reads_it() -> None:
    plain, read = resources(table={})["Table"], resources({"stream": {}}, **OUTBOX)["Table"]
    assert (plain["DeletionPolicy"], plain["Properties"]["DeletionProtectionEnabled"]) == ("RetainExceptOnCreate", True)
    assert "StreamSpecification" not in plain["Properties"]
    assert read["Properties"]["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}
    local = resources(stage="local", table={})["Table"]
    assert (local["DeletionPolicy"], local["Properties"]["DeletionProtectionEnabled"]) == ("Delete", False)


def test_an_outbox_may_publish_in_its_service_s_name_and_park_what_it_cannot_publish() -> None:
    extra = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "elsewhere"}
    filters = [{"Keys": {"sk": {"S": ["HEARTBEAT"]}}}]
    outbox = {**OUTBOX["outbox"], "filters": filters, "environment": {"MORE": "1"}, "iamRoleStatements": [extra]}
    function = made_by("outbox", outbox=outbox, table={})
    assert function["handler"] == "shop/handlers/stream.handler"
    assert function["environment"]["MORE"] == "1"
    assert function["environment"]["PARKING_URL"] == {"Ref": "StreamFailureQueue"}
    first, park, publish = function["iamRoleStatements"]
    assert (first, park["Resource"]) == (extra, {"Fn::GetAtt": ["StreamFailureQueue", "Arn"]})
    assert publish["Condition"]["ForAllValues:StringEquals"] == {"events:source": ["betsafi.shop"]}
    (event,) = function["events"]
    assert event["stream"]["filterPatterns"] == [{"dynamodb": filters[0]}]
    assert event["stream"]["destinations"]["onFailure"]["arn"] == {"Fn::GetAtt": ["StreamFailureQueue", "Arn"]}


def test_every_change_starts_an_outbox_without_filters() -> None:
    (event,) = made_by("outbox", **OUTBOX)["events"]
    assert "filterPatterns" not in event["stream"]


def test_an_outbox_that_is_behind_may_have_more_time_and_smaller_batches() -> None:
    usual, slow = (
        made_by("outbox", outbox={**OUTBOX["outbox"], **more}) for more in ({}, {"timeout": 60, "batchSize": 10})
    )
    assert [(made["timeout"], made["events"][0]["stream"]["batchSize"]) for made in (usual, slow)] == [
        (30, 100),
        (60, 10),
    ]


@pytest.mark.parametrize("service", services_with("outbox"))
def test_the_heartbeat_passes_every_outbox_s_filters(service: str) -> None:
    (event,) = outbox_of(service)["events"]
    patterns = event["stream"].get("filterPatterns")
    assert patterns is None or any("HEARTBEAT" in json.dumps(pattern) for pattern in patterns)


def test_an_outbox_has_a_heartbeat_that_rings_when_it_is_missing_and_none_on_the_laptop() -> None:
    made = resources({"stream": {}}, **OUTBOX)
    assert {"StreamFailureQueue", "StreamFailureAlarm", "StreamAgeAlarm", "Heartbeat", "HeartbeatRole"} <= made.keys()
    assert made["OutboxSilentAlarm"]["Properties"]["TreatMissingData"] == "breaching"
    assert "Heartbeat" not in resources({"stream": {}}, stage="local", **OUTBOX)


def test_a_message_stays_hidden_for_six_times_what_its_reader_may_take() -> None:
    made = resources({"consumer": READER}, **QUEUE)
    queue = made["InboundQueue"]["Properties"]
    assert (queue["VisibilityTimeout"], queue["RedrivePolicy"]["maxReceiveCount"]) == (180, 60)
    assert {"InboundDeadLetterQueue", "InboundDeadLetterAlarm", "InboundAgeAlarm", "MessageStuckAlarm"} <= made.keys()
    local = resources({"consumer": READER}, stage="local", **QUEUE)["InboundQueue"]["Properties"]
    assert (local["VisibilityTimeout"], local["RedrivePolicy"]["maxReceiveCount"]) == (6, 6)


def test_only_the_rules_of_a_queue_send_to_it() -> None:
    events = {"betsafi.bet": ["BetSettled"], "betsafi.users": ["UserRegistered"]}
    made = resources({"consumer": READER}, **QUEUE, subscriptions={"queue": "inbound", "events": events})
    assert made["InboundBetRule"]["Properties"]["EventPattern"] == {
        "source": ["betsafi.bet"],
        "detail-type": ["BetSettled"],
    }
    (statement,) = made["InboundQueuePolicy"]["Properties"]["PolicyDocument"]["Statement"]
    rules = [{"Fn::GetAtt": [name, "Arn"]} for name in ("InboundBetRule", "InboundUsersRule")]
    assert statement["Condition"]["ArnEquals"]["aws:SourceArn"] == rules
    assert made["BusRule"]["Properties"]["EventPattern"]["source"] == list(events)


def test_a_schedule_sends_a_message_or_runs_a_function_whose_failures_are_kept() -> None:
    schedules = {
        "scan": {"every": "30 minutes", "queue": "inbound", "message": {"scan": True}},
        "audit": {"every": "1 day", "function": "audit", "failed": "the audit could not be run"},
    }
    functions = {"consumer": READER, "audit": {}, "stream": {}}
    made = resources(functions, **QUEUE, **OUTBOX, schedules=schedules)
    (message,), (run,) = (made[name]["Properties"]["Targets"] for name in ("ScanRule", "AuditRule"))
    assert json.loads(message["Input"]) == {"scan": True, "schedule": "scan"}
    assert run["Arn"] == {"Fn::GetAtt": ["AuditLambdaFunction", "Arn"]}
    assert made["AuditFailureAlarm"]["Properties"]["AlarmDescription"] == "shop (dev): the audit could not be run"
    assert "AuditFailureQueue" in made
    assert "AuditRulePermission" in made
    assert made["ScanAbsentAlarm"]["Properties"]["Metrics"][0]["Expression"].startswith("IF(beats > 3 ")


def test_a_schedule_without_an_outbox_beside_it_is_refused() -> None:
    refused = resources({"consumer": READER}, **QUEUE, schedules={"scan": {"every": "1 day", "queue": "inbound"}})
    assert refused == "shop: the schedule scan is watched beside an outbox, and there is none"


def test_every_operation_of_an_api_asks_for_the_caller_s_role() -> None:
    events = made_by("api", api=["POST /holds", "GET /accounts/{userId}"])
    assert [(event["httpApi"]["method"], event["httpApi"]["path"]) for event in events] == [
        ("POST", "/holds"),
        ("GET", "/accounts/{userId}"),
    ]
    assert all(event["httpApi"]["authorizer"] == {"type": "aws_iam"} for event in events)
    made = resources({"api": {}}, api=["POST /holds"])
    assert made["ApiUrlParameter"]["Properties"] == {
        "Name": "/betsafi/dev/shop/api/url",
        "Type": "String",
        "Value": "the url",
    }
    assert made["HttpApiStage"]["Properties"]["DefaultRouteSettings"]["ThrottlingRateLimit"] == 500
    assert "CallerRefusedAlarm" in made
    assert "HttpApiStage" not in resources({"graphql": {}})


def test_a_call_is_allowed_for_the_method_and_the_path_and_no_other() -> None:
    made = made_by(
        "calls", calls={"hold": {"wallet": ["POST /holds", "POST /holds/*/release"]}, "ask": {"users": ["GET /x"]}}
    )
    api = "{{resolve:ssm:/betsafi/dev/%s/api/id}}"
    arn = f"arn:${{AWS::Partition}}:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:{api}/$default/%s"
    allowed = {"Effect": "Allow", "Action": "execute-api:Invoke"}
    assert made == {
        "hold": {
            **allowed,
            "Resource": [{"Fn::Sub": arn % ("wallet", path)} for path in ("POST/holds", "POST/holds/*/release")],
        },
        "ask": {**allowed, "Resource": {"Fn::Sub": arn % ("users", "GET/x")}},
    }


def test_a_service_that_is_deployed_later_is_called_by_method_and_path_and_its_address_may_be_looked_up() -> None:
    made = made_by("calls", calls={"tell": {"wallet": ["PUT /x"], "payment": ["PUT /y/*"]}}, later=["payment"])
    here = "${AWS::Partition}:%s:${AWS::Region}:${AWS::AccountId}"
    api, ssm = here % "execute-api", here % "ssm"
    assert [resource["Fn::Sub"] for resource in made["tell"]["Resource"]] == [
        f"arn:{api}:{{{{resolve:ssm:/betsafi/dev/wallet/api/id}}}}/$default/PUT/x",
        f"arn:{api}:*/$default/PUT/y/*",
    ]
    address = {"Fn::Sub": f"arn:{ssm}:parameter/betsafi/dev/payment/api/url"}
    assert made["later"] == {"Effect": "Allow", "Action": "ssm:GetParameter", "Resource": address}


def test_what_appsync_calls_is_published_as_the_alias_where_there_is_one() -> None:
    functions = {"graphql": {"snapStart": True}, "trading": {"snapStart": False}}
    made = resources(functions, appsync=["graphql", "trading"])
    assert made["GraphqlArnParameter"]["Properties"]["Value"] == {"Ref": "GraphqlSnapStartLambdaAlias"}
    assert made["TradingArnParameter"]["Properties"]["Value"] == {"Fn::GetAtt": ["TradingLambdaFunction", "Arn"]}
    assert made["TradingArnParameter"]["Properties"]["Name"] == "/betsafi/dev/shop/trading/arn"


def test_an_alarm_is_a_line() -> None:
    lines = {
        "Counted": {"says": "something is wrong", "ticket": "market_alarms"},
        "Password": {"says": "s", "metric": "AgeDays", "stat": "Maximum", "minutes": 1440, "above": 80, "page": "x"},
        "Delivery": {
            "says": "s", "namespace": "AWS/SNS", "metric": "Rate", "dimensions": {"Country": "KE"}, "stat": "Average",
            "periods": 2, "below": 0.8, "missing": "breaching", "page": "x",
        },
        "Spend": {"says": "s", "namespace": "AWS/SNS", "metric": "Spent", "page": "x"},
    }  # fmt: skip
    made = resources(alarms=lines)
    above, below = "GreaterThanThreshold", "LessThanThreshold"
    assert alarm(made["CountedAlarm"]) == ("Betsafi", "Counted", "Sum", 300, 1, above, 0)
    assert alarm(made["PasswordAlarm"]) == ("Betsafi", "AgeDays", "Maximum", 86400, 1, above, 80)
    assert alarm(made["DeliveryAlarm"]) == ("AWS/SNS", "Rate", "Average", 300, 2, below, 0.8)
    ours = [{"Name": "service", "Value": "shop"}, {"Name": "stage", "Value": "dev"}]
    assert made["CountedAlarm"]["Properties"]["Dimensions"] == ours
    assert made["DeliveryAlarm"]["Properties"]["Dimensions"] == [{"Name": "Country", "Value": "KE"}]
    assert "Dimensions" not in made["SpendAlarm"]["Properties"]
    silent = [made[name]["Properties"]["TreatMissingData"] for name in ("CountedAlarm", "DeliveryAlarm")]
    assert silent == ["notBreaching", "breaching"]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ({"says": "s"}, "needs either page or ticket"),
        ({"says": "s", "page": "x", "ticket": "x"}, "needs either page or ticket"),
        ({"says": "s", "page": "x", "over": 3}, "has over, which mean nothing there"),
        ({"says": "s", "page": "x", "above": 3, "below": 4}, "is either above or below"),
    ],
)
def test_a_line_that_means_nothing_is_refused(line: dict[str, Any], sentence: str) -> None:
    assert sentence in resources(alarms={"Odd": line})


@pytest.mark.parametrize(
    ("alarm_name", "own", "expected"),
    [
        ("InboundDeadLetterAlarm", {}, {"severity": "page", "runbook": "dead_letters"}),
        ("ConsumerErrorsAlarm", {}, {"severity": "ticket", "runbook": "function_fails"}),
        ("ApiErrorsAlarm", {}, {"severity": "page", "runbook": "function_fails"}),
        ("ApiErrorsAlarm", {"*Errors": {"ticket": "a"}}, {"severity": "ticket", "runbook": "a"}),
        (
            "InboundAgeAlarm",
            {"*Age": {"ticket": "a"}, "InboundAge": {"page": "b"}},
            {"severity": "page", "runbook": "b"},
        ),
        (
            "TiredAlarm",
            {},
            "shop: TiredAlarm reaches nobody and has no runbook; give it a line in custom.defaults.alarms.",
        ),
    ],
)
def test_an_alarm_reaches_whom_its_nearest_line_says(alarm_name: str, own: Any, expected: Any) -> None:
    script = """
      const said = (found) => console.log(JSON.stringify(found));
      try { said(require('./alarms').lineOf('shop', given.own, given.name)); } catch (error) { said(error.message); }
    """
    assert in_node(script, {"own": own, "name": alarm_name}) == expected


def test_a_function_that_refuses_by_raising_fails_only_beyond_its_refusals() -> None:
    made = resources({"cognito": {}}, refusals={"cognito": "SignUpRefused"})["CognitoErrorsAlarm"]["Properties"]
    assert made["Metrics"][0]["Expression"] == "errors - FILL(refused, 0)"
    assert made["EvaluationPeriods"] == 2
