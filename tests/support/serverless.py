"""What the serverless files say, and what the JavaScript beside them makes of it: read, not repeated."""

import json
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

from tools.base.services import ROOT, packages

SHARED = ROOT / "shared" / "serverless"

Shape = Mapping[str, Any]
"""A table's indexes, as `custom.defaults.table` names them: byTime, byOwner, byQueue."""


def in_node(script: str, given: Any = None) -> Any:
    """Run a script beside the common serverless files with `given` at hand; return what it prints, as JSON."""
    prepared = f"const given = JSON.parse(require('fs').readFileSync(0)); {script}"
    ran = subprocess.run(
        ["node", "-e", prepared], cwd=SHARED, input=json.dumps(given), capture_output=True, text=True, timeout=180
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


class _Loader(yaml.SafeLoader):  # type: ignore[misc]
    """Reads CloudFormation's tags as their plain values."""


def _plain(loader: _Loader, suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return node.value


_Loader.add_multi_constructor("!", _plain)


@cache
def template_of(service: str) -> dict[str, Any]:
    """Return a service's serverless.yml, which nobody may change."""
    return read_yaml(ROOT / service / "serverless.yml")


def services_with(default: str) -> list[str]:
    """Return the services that name this under `custom.defaults`."""
    return [name for name in packages() if default in template_of(name)["custom"].get("defaults", {})]


def read_yaml(path: Path) -> dict[str, Any]:
    """Return one of the serverless files."""
    read: dict[str, Any] = yaml.load(path.read_text(), Loader=_Loader)
    return read


@cache
def outbox_of(service: str) -> dict[str, Any]:
    """Return a service's function `stream`, as outbox.js makes it."""
    script = """
      const configuration = {
        resolveConfigurationProperty: async (path) => path.reduce((part, key) => part[key], given),
        resolveVariable: async () => 'local',
      };
      require('./outbox')(configuration).then((made) => console.log(JSON.stringify(made)));
    """
    made: dict[str, Any] = in_node(script, template_of(service))
    return made


def table_request(of: str | Shape) -> dict[str, Any]:
    """Return the CreateTable request of a service's table, or of one with these indexes, without its name."""
    shape = template_of(of)["custom"]["defaults"]["table"] if isinstance(of, str) else of
    return _table_request(json.dumps(shape))


@cache
def _table_request(shape: str) -> dict[str, Any]:
    script = "console.log(JSON.stringify(require('./table')(given, {service: 'any', stage: 'local', stream: true})));"
    return request_of(in_node(script, json.loads(shape))["Properties"])


def request_of(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a table's properties in a template are in CreateTable, without its name."""
    wanted = ("AttributeDefinitions", "KeySchema", "LocalSecondaryIndexes", "GlobalSecondaryIndexes", "BillingMode")
    request = {name: properties[name] for name in wanted if name in properties}
    if "StreamSpecification" in properties:
        request["StreamSpecification"] = {"StreamEnabled": True, **properties["StreamSpecification"]}
    return request
