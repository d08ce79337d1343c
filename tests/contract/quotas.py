"""What CloudFormation, Lambda, IAM and the others document as the most they take of a template, and whether one fits.

Names are measured as on the longest stage and in the longest region; what only a deployment knows is taken to be long.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from tests.contract.template_rules import Template

HEADROOM = 0.8
"""How much of a quota a template may use, so that a team hears of it before a deployment is refused."""

TEMPLATE = {"Resources": 500, "Outputs": 200, "Parameters": 200, "Mappings": 200}
TEMPLATE_BYTES = 1_000_000
REFERENCES = 60
ENVIRONMENT_BYTES = 4_096
LAYERS = 5
ROLE_POLICY_CHARACTERS = 10_240
PATTERN_CHARACTERS = 2_048

NAMES = {
    "AWS::CloudWatch::Alarm": ("AlarmName", 255),
    "AWS::Cognito::UserPool": ("UserPoolName", 128),
    "AWS::DynamoDB::Table": ("TableName", 255),
    "AWS::Events::EventBus": ("Name", 256),
    "AWS::Events::Archive": ("ArchiveName", 48),
    "AWS::Events::Rule": ("Name", 64),
    "AWS::IAM::Role": ("RoleName", 64),
    "AWS::Lambda::Function": ("FunctionName", 64),
    "AWS::Lambda::LayerVersion": ("LayerName", 140),
    "AWS::Logs::LogGroup": ("LogGroupName", 512),
    "AWS::S3::Bucket": ("BucketName", 63),
    "AWS::SNS::Topic": ("TopicName", 256),
    "AWS::SQS::Queue": ("QueueName", 80),
    "AWS::SSM::Parameter": ("Name", 1_011),
    "AWS::Scheduler::Schedule": ("Name", 64),
    "AWS::SecretsManager::Secret": ("Name", 512),
}
TEXTS = {"AWS::Lambda::Function": ("Description", 256), "AWS::CloudWatch::Alarm": ("AlarmDescription", 1_024)}
FINGERPRINT = " (0123abcd)"
"""What a deployment adds to a function's description (shared/serverless/published.js)."""

LONGEST = {"AWS::AccountId": "1" * 12, "AWS::Region": "ap-southeast-2", "AWS::Partition": "aws-us-gov"}
STAGE = "s" * 11
UNKNOWN = "u" * 128
"""As long as the ARNs, addresses and queue URLs that a deployment fills in."""


def measured(value: Any, stage: str) -> str:
    """Return a text of a template at its longest: on the longest stage, in the longest region."""
    if isinstance(value, str):
        return re.sub(rf"(?<![a-z0-9]){stage}(?![a-z0-9])", STAGE, value)
    if not isinstance(value, Mapping):
        return str(value)
    (function, argument), *_ = value.items()
    if function == "Fn::Join":
        return str(argument[0]).join(measured(part, stage) for part in argument[1])
    if function == "Fn::Sub" and isinstance(argument, str):
        return measured(re.sub(r"\$\{([^}]+)\}", lambda name: LONGEST.get(name[1], UNKNOWN), argument), stage)
    return LONGEST.get(argument, UNKNOWN) if function == "Ref" else UNKNOWN


def role_name(value: Any, stage: str) -> str:
    """Return a role's name; the plugin that makes them leaves the last word out of one that is too long."""
    name = measured(value, stage)
    return name if len(name) <= NAMES["AWS::IAM::Role"][1] else name.removesuffix("-lambdaRole")


def beyond(template: Template, stage: str) -> list[str]:
    """Return, in sentences, which quotas a template of that stage comes too near to."""
    return [f"{what}: {used} of {quota}" for what, used, quota, whole in _uses(template, stage) if used > quota * whole]


def _uses(template: Template, stage: str) -> Iterator[tuple[str, int, int, float]]:
    """Yield (what, how much is used, quota, share that may be used)."""
    text = json.dumps(template)
    yield "dynamic references", len(re.findall(r"\{\{resolve:", text)), REFERENCES, HEADROOM
    yield "bytes of the template", len(text.encode()), TEMPLATE_BYTES, HEADROOM
    for section, quota in TEMPLATE.items():
        yield section.lower(), len(template.get(section, {})), quota, HEADROOM
    for name, resource in template["Resources"].items():
        kind, properties = resource["Type"], resource.get("Properties", {})
        if kind in NAMES and (field := NAMES[kind][0]) in properties:
            of = role_name if kind == "AWS::IAM::Role" else measured
            # Names are as long as they can be already, so they may fill the quota.
            yield f"name of {name}", len(of(properties[field], stage)), NAMES[kind][1], 1
        if kind in TEXTS:
            field, quota = TEXTS[kind]
            yield f"description of {name}", len(measured(properties.get(field, ""), stage) + FINGERPRINT), quota, 1
        if kind == "AWS::Lambda::Function":
            variables = properties.get("Environment", {}).get("Variables", {})
            size = sum(len(key) + len(measured(value, stage)) for key, value in variables.items())
            yield f"environment of {name}", size, ENVIRONMENT_BYTES, HEADROOM
            yield f"layers of {name}", len(properties.get("Layers", ())), LAYERS, 1
        if kind == "AWS::IAM::Role":
            policies = json.dumps(properties.get("Policies", []), separators=(",", ":"))
            yield f"policies of {name}", len(policies), ROLE_POLICY_CHARACTERS, HEADROOM
        if kind == "AWS::Events::Rule":
            pattern = json.dumps(properties.get("EventPattern", {}), separators=(",", ":"))
            yield f"pattern of {name}", len(pattern), PATTERN_CHARACTERS, HEADROOM
