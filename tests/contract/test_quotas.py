"""Every packaged template beside what AWS documents as the most that it takes, and every quota shown to be held.

The other kinds of stages are in `test_stages.py`.
"""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from tests.contract import quotas
from tests.contract.template_rules import Template


def test_every_template_of_a_stage_of_one_s_own_fits(templates: dict[str, Template]) -> None:
    complaints = [f"{name}: {text}" for name, made in templates.items() for text in quotas.beyond(made, "dev")]
    assert not complaints, "\n".join(complaints)


def many(kind: str) -> dict[str, Any]:
    return {f"N{number}": {"Type": kind, "Value": ""} for number in range(401)}


def set_in(name: str, **properties: Any) -> Callable[[Any], None]:
    """Return a change of a resource's properties."""
    return lambda template: template["Resources"][name]["Properties"].update(properties)


def with_variable(template: Any) -> None:
    template["Resources"]["ApiLambdaFunction"]["Properties"]["Environment"]["Variables"]["A"] = "x" * 4_000


BUCKET = {"Fn::Sub": "betsafi-${AWS::AccountId}-${AWS::Region}-payment-archive-x-dev"}


@pytest.mark.parametrize(
    ("service", "change", "complaint"),
    [
        ("wallet", lambda t: t["Resources"].update(many("AWS::SQS::Queue")), "resources: 5"),
        ("wallet", lambda t: t["Outputs"].update(many("")), "outputs: 4"),
        ("wallet", lambda t: t["Parameters"].update(many("")), "parameters: 4"),
        ("wallet", lambda t: t.update(Mappings=dict.fromkeys(range(49), "{{resolve:ssm:/a}}")), "dynamic references"),
        ("wallet", lambda t: t.update(Description="x" * 800_000), "bytes of the template"),
        ("payment", set_in("Archive", BucketName=BUCKET), "name of Archive: 65 of 63"),
        ("users", set_in("ApiLambdaFunction", FunctionName="betsafi-dev-" + "x" * 60), "name of ApiLambdaFunction"),
        ("users", set_in("ApiLambdaFunction", Description="x" * 250), "description of ApiLambdaFunction"),
        ("users", set_in("ApiLambdaFunction", Layers=["l"] * 6), "layers of ApiLambdaFunction"),
        ("users", with_variable, "environment of ApiLambdaFunction"),
        ("users", set_in("GraphqlIamRoleLambdaExecution", Policies=["x" * 9_000]), "policies of Graphql"),
        ("wallet", set_in("InboundBetRule", EventPattern={"source": ["x" * 2_000]}), "pattern of InboundBetRule"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_does_not_fit_is_found(service: str, change: Any, complaint: str, templates: dict[str, Template]) -> None:
    template = copy.deepcopy(dict(templates[service]))
    change(template)
    assert any(complaint in text for text in quotas.beyond(template, "dev")), quotas.beyond(template, "dev")
