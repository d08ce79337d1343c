"""What the plugin of every serverless.yml does to a template, shown on the packaged ones and on small ones."""

import copy
from typing import Any

import pytest

from tests.contract import template_rules as rules
from tests.contract.template_rules import Template
from tests.support.serverless import in_node

pytestmark = pytest.mark.full


def marked(template: Template, values: dict[str, str]) -> Any:
    """Return the template as a deployment would write it that reads these values."""
    script = """
      const { mark } = require('./published.js');
      mark(given.template, given.values);
      console.log(JSON.stringify(given.template));
    """
    return in_node(script, {"template": template, "values": values})


@pytest.fixture(scope="module")
def values(templates: dict[str, Template]) -> dict[str, str]:
    return {name: f"value of {name}" for name in templates["users"]["Parameters"]}


def versions(template: Template) -> dict[str, str]:
    """Return the version that each function's alias points to, by the function."""
    return {
        alias["Properties"]["FunctionName"]["Ref"]: alias["Properties"]["FunctionVersion"]["Fn::GetAtt"][0]
        for alias in rules.resources(template, "AWS::Lambda::Alias").values()
    }


def descriptions(template: Template) -> dict[str, str]:
    return {name: function["Description"] for name, function in rules.functions(template).items()}


def test_a_changed_value_is_a_new_version_of_every_function_that_uses_it(
    templates: dict[str, Template], values: dict[str, str]
) -> None:
    before, same = marked(templates["users"], values), marked(templates["users"], values)
    after = marked(templates["users"], {**values, "FromWalletApiUrl": "another"})
    assert before == same
    with_snapshots = ("Graphql", "Staff", "Api", "Consumer")
    assert set(versions(before)) == {f"{name}LambdaFunction" for name in with_snapshots}
    assert all(versions(before)[name] != versions(after)[name] for name in versions(before))
    assert all(descriptions(before)[name] != descriptions(after)[name] for name in descriptions(before))
    for template in (before, after):
        for version in versions(template).values():
            assert template["Resources"][version]["Type"] == "AWS::Lambda::Version"
        outputs = {
            output["Value"].get("Ref") for output in template["Outputs"].values() if isinstance(output["Value"], dict)
        }
        assert set(versions(template).values()) <= outputs


def test_only_functions_that_use_a_value_change_with_it(templates: dict[str, Template], values: dict[str, str]) -> None:
    before = marked(templates["users"], values)
    after = marked(templates["users"], {**values, "FromPlatformBusName": "another"})
    changed = {name for name in descriptions(before) if descriptions(before)[name] != descriptions(after)[name]}
    assert changed == {"StreamLambdaFunction"}
    assert versions(before) == versions(after)


def test_a_value_that_no_function_uses_is_a_change_of_the_template(templates: dict[str, Template]) -> None:
    api = templates["frontend-api"]
    values = dict.fromkeys(api["Parameters"], "value")
    before, after = marked(api, values), marked(api, {**values, "FromUsersPoolId": "another"})
    assert before["Resources"] == after["Resources"]
    assert before != after, "the framework would say that there is nothing to deploy"


def test_a_reference_becomes_a_parameter_wherever_it_stands() -> None:
    one, other = "{{resolve:ssm:/betsafi/dev/wallet/api/id}}", "{{resolve:ssm:/betsafi/dev/wallet/api/url}}"
    resources = {
        "Role": {"Type": "T", "Properties": {"On": [{"Fn::Sub": f"arn:${{AWS::Region}}:{one}/POST"}]}},
        "Function": {"Type": "T", "Properties": {"Url": {"Fn::Sub": other}, "Same": {"Fn::Sub": other}}},
        "Listed": {"Type": "T", "Properties": {"Uri": {"Fn::Sub": [f"{one}/${{Name}}", {"Name": {"Fn::Sub": one}}]}}},
        "Untouched": {"Type": "T", "Properties": {"Name": {"Fn::Sub": "${AWS::StackName}"}}},
    }
    script = "console.log(JSON.stringify(require('./published.js').asParameters(given)));"
    made = in_node(script, {"Resources": resources, "Outputs": {}})
    assert made["Parameters"] == {
        "FromWalletApiId": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/betsafi/dev/wallet/api/id"},
        "FromWalletApiUrl": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/betsafi/dev/wallet/api/url"},
    }
    assert {name: resource["Properties"] for name, resource in made["Resources"].items()} == {
        "Role": {"On": [{"Fn::Sub": "arn:${AWS::Region}:${FromWalletApiId}/POST"}]},
        "Function": {"Url": {"Ref": "FromWalletApiUrl"}, "Same": {"Ref": "FromWalletApiUrl"}},
        "Listed": {"Uri": {"Fn::Sub": ["${FromWalletApiId}/${Name}", {"Name": {"Ref": "FromWalletApiId"}}]}},
        "Untouched": {"Name": {"Fn::Sub": "${AWS::StackName}"}},
    }


def test_what_a_stack_publishes_itself_it_takes_from_its_own_resource() -> None:
    topic, pool = "{{resolve:ssm:/betsafi/dev/platform/alarms/arn}}", "{{resolve:ssm:/betsafi/dev/platform/pool/arn}}"
    resources = {
        "Topic": {"Type": "AWS::SSM::Parameter", "Properties": {"Name": topic[14:-2], "Value": {"Ref": "AlarmTopic"}}},
        "Pool": {
            "Type": "AWS::SSM::Parameter",
            "Properties": {"Name": pool[14:-2], "Value": {"Fn::GetAtt": ["P", "Arn"]}},
        },
        "Alarm": {"Type": "T", "Properties": {"To": [{"Fn::Sub": topic}], "Of": {"Fn::Sub": f"{pool}/x"}}},
    }
    script = "console.log(JSON.stringify(require('./published.js').asParameters(given)));"
    made = in_node(script, {"Resources": resources, "Outputs": {}})
    assert "Parameters" not in made
    assert made["Resources"]["Alarm"]["Properties"] == {"To": [{"Ref": "AlarmTopic"}], "Of": {"Fn::Sub": "${P.Arn}/x"}}


def test_what_is_new_is_protected_only_after_it_stands(templates: dict[str, Template]) -> None:
    script = """
      const { unprotected } = require('./protection.js');
      const protect = unprotected(given.template, new Map(given.owned));
      const before = JSON.stringify(given.template);
      if (protect) protect();
      console.log(JSON.stringify([JSON.parse(before), given.template, Boolean(protect)]));
    """

    def protection(template: Template) -> list[Any]:
        found = template["Resources"]
        return [
            found["Table"]["Properties"]["DeletionProtectionEnabled"],
            found["UserPool"]["Properties"]["DeletionProtection"],
        ]

    users = copy.deepcopy(dict(templates["users"]))
    first, then, again = in_node(script, {"template": users, "owned": []})
    assert (protection(first), protection(then), again) == ([False, "INACTIVE"], [True, "ACTIVE"], True)
    pools = [[name, name] for name in rules.resources(users, "AWS::Cognito::UserPool")]
    later, _, again = in_node(script, {"template": users, "owned": [["Table", "t"], *pools]})
    assert (protection(later), again) == ([True, "ACTIVE"], False)
    assert then == users


@pytest.mark.parametrize("service", ["users", "wallet", "bet", "payment", "platform"])
def test_an_update_may_not_remove_what_holds_data(service: str, templates: dict[str, Template]) -> None:
    script = "console.log(JSON.stringify(require('./protection.js').stackPolicy));"
    allowed, denied = in_node(script, None)
    assert (allowed["Effect"], denied["Effect"]) == ("Allow", "Deny")
    assert set(denied["Action"]) == {"Update:Delete", "Update:Replace"}
    kept = set(denied["Condition"]["StringEquals"]["ResourceType"])
    retained = {
        resource["Type"]
        for name, resource in templates[service]["Resources"].items()
        if resource.get("DeletionPolicy", "Delete") != "Delete"
    }
    assert retained
    # A version is published anew; the role that writes API Gateway's logs is kept for other stages, and holds nothing.
    assert retained - {"AWS::Lambda::Version", "AWS::IAM::Role"} <= kept
