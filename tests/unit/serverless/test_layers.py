"""Layers are known by what they are built of and how, and what is built otherwise is not taken from a cache."""

import json
import os
import subprocess
from typing import Any

import pytest

from tests.support.serverless import SHARED, read_yaml
from tools.base.services import ROOT

SCRIPT = """
  const Module = require('module');
  const [was, becomes] = process.argv.slice(1);
  const file = require('path').resolve('layers.js');
  const source = require('fs').readFileSync(file, 'utf8');
  if (!source.includes(was)) throw new Error(`${was} is not there`);
  const layers = new Module(file);
  layers._compile(source.replace(was, becomes), file);
  layers.exports({resolveVariable: async () => 'dev'}).then((made) => console.log(JSON.stringify(made)));
"""


def layers(was: str = "", becomes: str = "", **environment: str) -> dict[str, Any]:
    """Return what layers.js makes of the stage dev, with another text in it or another environment."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LAYER_")}
    command = ["node", "-e", SCRIPT, "--", was, becomes]
    ran = subprocess.run(command, cwd=SHARED, env={**kept, **environment}, capture_output=True, check=True, timeout=180)
    made: dict[str, Any] = json.loads(ran.stdout)
    return made


@pytest.mark.parametrize(
    "otherwise",
    [
        {"LAYER_PYTHON": "3.12"},
        {"LAYER_PLATFORM": "manylinux2014_x86_64"},
        {"was": "slim: true", "becomes": "slim: false"},
        {"was": "'ssm']", "becomes": "'ssm', 'polly']"},
    ],
    ids=["Python", "platform", "option", "AWS service"],
)
def test_what_is_built_otherwise_is_another_layer_and_has_a_cache_of_its_own(otherwise: dict[str, str]) -> None:
    ours, other = layers(), layers(**otherwise)
    assert ours == layers()
    assert ours["build"] != other["build"]
    assert ours["names"]["libraries"] != other["names"]["libraries"]
    assert ours["names"]["common"] == other["names"]["common"], "source is the same for every Python"


def test_the_cache_is_under_the_build_and_every_option_is_in_its_hash() -> None:
    given = read_yaml(ROOT / "layers" / "common" / "serverless.yml")["custom"]["pythonRequirements"]
    assert given["cacheLocation"] == ".cache/${self:custom.layers.build}"
    changing_nothing = {"dockerizePip", "pythonBin", "cacheLocation", "layer", "useDownloadCache", "useStaticCache"}
    options = {name: value for name, value in given.items() if name not in changing_nothing}
    assert options == {name: f"${{self:custom.layers.options.{name}}}" for name in layers()["options"]}
