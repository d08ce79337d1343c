"""The JavaScript's linter holds what it is there for; `make lint` runs it over everything."""

import subprocess

import pytest

from tests.support.serverless import ROOT


def lint(code: str, name: str) -> str:
    """Return what eslint says of code as if it stood in a file of this name."""
    command = [str(ROOT / "node_modules" / ".bin" / "eslint"), "--stdin", "--stdin-filename", name, "--format", "json"]
    ran = subprocess.run(command, cwd=ROOT, input=code, capture_output=True, text=True, timeout=180)
    assert ran.returncode in (0, 1), ran.stderr
    return ran.stdout


TEMPLATE, RESOLVER = "shared/serverless/queues.js", "frontend-api/resolvers/own.js"


@pytest.mark.parametrize(
    ("name", "code", "rule"),
    [
        (TEMPLATE, "'use strict';\nconst unused = 1;\n", "no-unused-vars"),
        (TEMPLATE, "'use strict';\nmodule.exports = stage;\n", "no-undef"),
        (TEMPLATE, "'use strict';\nconst name = 1;\nmodule.exports = (name) => name;\n", "no-shadow"),
        (TEMPLATE, "module.exports = 1;\n", "strict"),
        (TEMPLATE, "'use strict';\nmodule.exports = () => {\n" + "  void 0;\n" * 60 + "};\n", "max-lines-per-function"),
        (RESOLVER, "export function request() {\n  return process.env;\n}\n", "no-undef"),
    ],
)
def test_the_linter_finds_what_would_be_wrong(name: str, code: str, rule: str) -> None:
    assert f'"ruleId":"{rule}"' in lint(code, name)


def test_the_linter_takes_what_is_right() -> None:
    assert '"messages":[]' in lint("'use strict';\nmodule.exports = process.env;\n", TEMPLATE)
