"""Every example in the documents is run: here what needs no cloud, and what AWS's own command would take; the rest in
the tests that are named.
"""

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import botocore.session
import pytest
import yaml
from botocore import xform_name

from payment.providers.mpesa.bodies import parse_stk
from tests.contract.template_rules import Template
from tests.contract.test_docs import DOCUMENTS
from tests.unit.serverless.test_defaults import resources
from tools.base.services import ROOT

_FENCE = re.compile(r"^( *)```(\w+)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
RUN = {
    "README.md sh": ".ci/run",
    "docs/app.md js": "e2e/test_amplify.py",
    "docs/app.md python": "e2e/test_amplify.py",
    "docs/benchmarks.md text": "what `make bench` printed",
    "docs/getting_started.md sh": "here, and e2e/test_examples.py",
    "docs/players.md graphql": "integration/bet/test_guides.py",
    "docs/traders.md graphql": "integration/bet/test_guides.py",
    "docs/reference/daraja.md json": "here",
    "localcloud/daraja/README.md python": "here",
    "platform/README.md sh": "here",
    "shared/README.md yaml": "here",
    "tests/simulation/README.md text": "test_docs.py: targets and modules",
    "tools/README.md sh": "here",
    "tools/README.md json": "here",
}
"""Every kind of example by its document, and what runs it. Pictures are compared with the code by test_pictures.py."""
RUNBOOKS = "docs/runbooks/"
"""Their examples are run by integration/tools/test_runbooks.py."""
OF_EVERY_COMMAND = {"query", "output", "region"}
RENAMED = {"endpoint": "notification-endpoint"}
"""What AWS's command line calls otherwise than its API."""
ELSEWHERE = {"betsafi/dev/payment/daraja"}


def examples(*documents: Path) -> Iterator[tuple[Path, str, str]]:
    """Yield the documents' examples: where, of which language, and the text without its indentation."""
    for document in documents or DOCUMENTS:
        for indent, language, text in _FENCE.findall((ROOT / document).read_text()):
            yield document, language, re.sub(f"^{indent}", "", text, flags=re.MULTILINE)


def of(document: str, language: str) -> list[str]:
    return [text for _, found, text in examples(Path(document)) if found == language]


def test_every_example_is_known_to_a_test() -> None:
    found = {f"{where} {language}" for where, language, _ in examples() if language != "mermaid"}
    assert {name for name in found if not name.startswith(RUNBOOKS)} == RUN.keys()
    assert {name.rsplit(" ", 1)[1] for name in found if name.startswith(RUNBOOKS)} == {"sh", "graphql"}
    tests = {file for how in RUN.values() for file in re.findall(r"[\w/]+\.py", how)}
    assert {
        file for file in tests if not any((ROOT / "tests" / place / file).exists() for place in ("", "contract"))
    } == set()


def test_nothing_is_shown_in_a_fence_without_a_language() -> None:
    """Which no test would look for."""
    strange = [
        str(document)
        for document in DOCUMENTS
        if re.search(r"^ *(```|~~~)", _FENCE.sub("", (ROOT / document).read_text()), re.MULTILINE)
    ]
    assert strange == []


@cache
def _operations(service: str) -> dict[str, Any]:
    model = botocore.session.get_session().get_service_model(service)
    return {xform_name(name, "-"): model.operation_model(name) for name in model.operation_names}


def flaws(command: str) -> list[str]:
    """Return what AWS's command line would not take of a command: a service, an operation, or options of it."""
    words = shlex.split(command)
    service, operation = words[1], _operations(words[1]).get(words[2])
    if operation is None:
        return [f"{service} has no {words[2]}"]
    options = {name: xform_name(name, "-") for name in operation.input_shape.members}
    taken = {RENAMED.get(option, option) for option in options.values()} | OF_EVERY_COMMAND
    given = [word.removeprefix("--") for word in words[3:] if word.startswith("--")]
    needed = {options[name] for name in operation.input_shape.required_members}
    return [f"{words[2]} takes no {name}" for name in given if name not in taken] + [
        f"{words[2]} needs {name}" for name in sorted(needed - set(given))
    ]


def commands() -> list[str]:
    """Return each command of AWS in the documents, in their sentences too."""
    text = "\n".join(text.replace("\\\n", " ") for _, language, text in examples() if language == "sh")
    lines = [re.split(r"\s#\s|\s>\s|&&", line)[0].strip(" )") for line in text.splitlines()]
    shown = [line[line.index("aws ") :] for line in lines if re.match(r"(\w+=\$\()?aws ", line)]
    said = "\n".join(_FENCE.sub("", (ROOT / document).read_text()) for document in DOCUMENTS)
    return shown + [re.sub(r"<[^>]*>", "X", command) for command in re.findall(r"`(aws [a-z][^`]*)`", said)]


@pytest.mark.parametrize("command", commands())
def test_aws_would_take_the_command(command: str) -> None:
    assert flaws(command) == []


def test_a_command_that_aws_would_not_take_is_found() -> None:
    assert flaws("aws sns get-sms-sandbox") == ["sns has no get-sms-sandbox"]
    assert flaws("aws sns subscribe --topic x --protocol email") == [
        "subscribe takes no topic",
        "subscribe needs topic-arn",
    ]


def test_the_names_in_the_commands_are_those_that_the_stacks_give(templates: dict[str, Template]) -> None:
    published = {
        str(resource["Properties"]["Name"]).lstrip("/")
        for template in templates.values()
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::SSM::Parameter"
    }
    named = {
        name
        for _, language, text in examples()
        if language == "sh"
        for name in re.findall(r"betsafi/dev/[\w/-]+", text)
    }
    assert named - published == ELSEWHERE
    secrets = [
        resource["Properties"].get("Name")
        for resource in templates["payment"]["Resources"].values()
        if resource["Type"] == "AWS::SecretsManager::Secret"
    ]
    assert set(secrets) >= ELSEWHERE


def test_the_calculators_example_answers_what_stands_below_it() -> None:
    (command,), (answer, _) = of("tools/README.md", "sh"), of("tools/README.md", "json")
    slip = command.split("<<'SLIP'\n")[1].split("SLIP")[0]
    told = subprocess.run(
        [sys.executable, "-m", "tools.calculator"], input=slip, cwd=ROOT, capture_output=True, text=True
    )
    assert json.loads(told.stdout) == json.loads(answer)


def test_the_calculators_second_example_is_answered() -> None:
    slip = of("tools/README.md", "json")[1]
    told = subprocess.run(
        [sys.executable, "-m", "tools.calculator"], input=slip, cwd=ROOT, capture_output=True, text=True
    )
    assert (told.returncode, json.loads(told.stdout)["outcome"]) == (0, "WON")


def test_the_fake_m_pesa_is_made_as_its_document_says(tmp_path: Path) -> None:
    (text,) = of("localcloud/daraja/README.md", "python")
    served: list[Any] = []
    run = type("uvicorn", (), {"run": staticmethod(lambda app, **options: served.append((app, options)))})
    exec(text.replace('".localcloud', f'"{tmp_path}/.localcloud'), {"Path": Path, "uvicorn": run})
    assert served[0][1]["host"] == "127.0.0.1"


def test_a_callback_of_m_pesa_is_read_as_written() -> None:
    (text,) = of("docs/reference/daraja.md", "json")
    found = parse_stk(text)
    assert (found.code, found.receipt, found.amount_cents) == ("0", "NLJ7RT61SV", 100)


def test_the_words_of_the_defaults_are_those_that_are_taken() -> None:
    (text,) = of("shared/README.md", "yaml")
    defaults = yaml.safe_load(text)["custom"]["defaults"]
    functions = {name: {"timeout": 30} for name in ("consumer", "api", "graphql", "stream")}
    named = {"Table", "StreamFailureQueue", "InboundQueue", "InboundDeadLetterQueue", "LedgerAlarm"}
    assert named <= resources(functions, **defaults).keys()
