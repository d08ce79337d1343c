"""A restored table takes the place of a service's first one: in the packaged templates, and in the serverless files."""

import json
import subprocess
from typing import Any

import pytest

from tests.contract.template_rules import Template, resources
from tests.support.serverless import services_with
from tools import restore
from tools.base.services import ROOT

ARN = "arn:aws:dynamodb:eu-west-1:000000000000:table/betsafi-restored"
RESTORED = {"TableName": "betsafi-restored", "TableArn": ARN, "LatestStreamArn": f"{ARN}/stream/2026"}
DEFAULTS = """
const names = require.resolve('./shared/serverless/tables.json');
require.cache[names] = {id: names, filename: names, loaded: true, exports: JSON.parse(process.argv[1])};
const given = {service: 'betsafi-wallet', functions: {}, defaults: {table: {}}};
require('./shared/serverless/defaults.js')({
  resolveConfigurationProperty: async (path) => given[path[path.length - 1]], resolveVariable: async () => 'dev',
}).then(({Resources}) => console.log(Resources.Table.Properties.TableName));
"""


def references(value: Any) -> list[str]:
    """Return what in a template still names the table of the stack."""
    text = json.dumps(value)
    return [
        part
        for part in ('{"Ref": "Table"}', '["Table", ', "${Table}", "${Table.", '"DependsOn": "Table"')
        if part in text
    ]


def test_a_template_without_its_table_names_the_restored_one_wherever_it_named_its_own(
    templates: dict[str, Template],
) -> None:
    with_table = {name: one for name, one in templates.items() if "Table" in one["Resources"]}
    assert set(with_table) == set(services_with("table"))
    for template in with_table.values():
        assert references(template)
        without = restore.pinned(template, RESTORED)
        assert references(without) == []
        assert set(kept(without)) == set(kept(template)) - {"Table"}
        assert ARN in json.dumps(without)


def kept(template: Template) -> dict[str, Any]:
    """Return the resources but for the versions of functions, which have other names with another table."""
    return {name: one for name, one in template["Resources"].items() if one["Type"] != "AWS::Lambda::Version"}


def aliased(template: Template) -> dict[str, tuple[str, Any]]:
    """Return the version that each function's alias points to, and the function's properties."""
    functions = {}
    for alias in resources(template, "AWS::Lambda::Alias").values():
        version, function = alias["Properties"]["FunctionVersion"]["Fn::GetAtt"][0], alias["Properties"]["FunctionName"]
        assert template["Resources"][version]["Properties"]["FunctionName"] == function
        functions[function["Ref"]] = (version, template["Resources"][function["Ref"]]["Properties"])
    return functions


def test_a_function_that_starts_from_a_snapshot_takes_the_restored_table_too(templates: dict[str, Template]) -> None:
    """An alias stays on a version, whose environment never changes; Lambda publishes none of what is the same."""
    for service in services_with("table"):
        before, after = aliased(templates[service]), aliased(restore.pinned(templates[service], RESTORED))
        assert before.keys() == after.keys() != set()
        for name, (version, properties) in after.items():
            assert properties["Environment"]["Variables"]["TABLE_NAME"] == "betsafi-restored"
            assert version != before[name][0]
            assert properties["Description"] != before[name][1]["Description"]


def test_what_is_pointed_at_a_restored_table_already_stays_as_it_is(templates: dict[str, Template]) -> None:
    once = restore.pinned(templates["wallet"], RESTORED)
    assert restore.pinned(once, RESTORED) == once


@pytest.mark.parametrize(
    ("renamed", "name"),
    [
        ({}, "betsafi-wallet-dev"),
        ({"dev": {"wallet": "betsafi-wallet-dev-2"}}, "betsafi-wallet-dev-2"),
        ({"dev": {"bet": "betsafi-bet-dev-2"}, "prod": {"wallet": "x"}}, "betsafi-wallet-dev"),
    ],
)
def test_a_deployment_names_the_table_that_was_restored(renamed: dict[str, Any], name: str) -> None:
    command = ["node", "-e", DEFAULTS, json.dumps(renamed)]
    assert subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip() == name
