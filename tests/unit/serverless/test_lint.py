"""The JavaScript's linter holds what it is there for; `make lint` runs it over everything."""

from functools import cache

import pytest

from tests.support.serverless import in_node

TEMPLATE, RESOLVER = "shared/serverless/queues.js", "frontend-api/resolvers/own.js"

RIGHT = (TEMPLATE, "'use strict';\nmodule.exports = process.env;\n")
WRONG = [
    (TEMPLATE, "'use strict';\nconst unused = 1;\n", "no-unused-vars"),
    (TEMPLATE, "'use strict';\nmodule.exports = stage;\n", "no-undef"),
    (TEMPLATE, "'use strict';\nconst name = 1;\nmodule.exports = (name) => name;\n", "no-shadow"),
    (TEMPLATE, "module.exports = 1;\n", "strict"),
    (TEMPLATE, "'use strict';\nmodule.exports = () => {\n" + "  void 0;\n" * 60 + "};\n", "max-lines-per-function"),
    (RESOLVER, "export function request() {\n  return process.env;\n}\n", "no-undef"),
]
_LINT = """
  const {ESLint} = require('eslint');
  const linter = new ESLint({cwd: require('path').resolve('../..')});
  const rules = async ([filePath, code]) => (await linter.lintText(code, {filePath}))[0].messages;
  Promise.all(given.map(rules)).then((found) => console.log(JSON.stringify(found)));
"""


@cache
def linted() -> dict[tuple[str, str], list[str | None]]:
    """Return the rules that each piece of code breaks, as if it stood in a file of its name: eslint starts once."""
    asked = [RIGHT, *((name, code) for name, code, _ in WRONG)]
    found = in_node(_LINT, asked)
    return {one: [said["ruleId"] for said in messages] for one, messages in zip(asked, found, strict=True)}


@pytest.mark.parametrize(("name", "code", "rule"), WRONG)
def test_the_linter_finds_what_would_be_wrong(name: str, code: str, rule: str) -> None:
    assert rule in linted()[name, code]


def test_the_linter_takes_what_is_right() -> None:
    assert linted()[RIGHT] == []
