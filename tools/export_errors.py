"""Publish what the API refuses with: `docs/errors.md` and the schema's `ErrorType`, made of the code's error classes.

A class with a `code` of its own says what it means and what it has as `info`; where it may occur is said by the
descriptions of the schema's fields, which name codes.

`python -m tools.export_errors` writes what is new; `--check` writes nothing and fails on a difference.
"""

import argparse
import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from graphql import DocumentNode, FieldDefinitionNode, ObjectTypeDefinitionNode, ObjectTypeExtensionNode, parse

from tools.base.services import ROOT, packages

SCHEMA = ROOT / "frontend-api" / "schema"
TYPES, DOCS = SCHEMA / "errors.graphql", ROOT / "docs" / "errors.md"
LAYER = ROOT / "layers" / "common" / "python" / "betsafi"
_NO_CODE = "ERROR"
"""The base class's, which nothing is refused with."""

EVERYWHERE = (
    "CONFIGURATION", "CONFLICT", "CONTENTION", "ERASED", "FORBIDDEN", "IDEMPOTENCY_KEY_REUSED", "INVALID_AMOUNT",
    "INVALID_CURSOR", "INVALID_INPUT", "INVALID_ODDS", "NOT_FOUND", "UNAVAILABLE",
)  # fmt: skip
"""What any field may be refused with that takes such a thing, or needs another service; the others a field names."""

_APPSYNC = {
    "INTERNAL_ERROR": "Something failed on our side, and the outcome is not known: ask again, with the same id.",
    "QueryDepthLimitReached": "The question has more than seven levels.",
    "ResolverExecutionLimitReached": "The question has more than thirty fields of services.",
    "Unauthorized": "The caller may not ask for this field, or has to sign in.",
    "ValidationError": "The question does not fit the schema.",
}


@dataclass(frozen=True)
class Error:
    """What a code means, as its classes say it, and where they are: services, and `betsafi` for what all share."""

    code: str
    says: str
    sw: str
    services: tuple[str, ...]


@cache
def errors() -> tuple[Error, ...]:
    """Return every code that the code refuses with, in order."""
    found: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    folders = {"betsafi": LAYER, **{service: ROOT / service / package for service, package in packages().items()}}
    for service, folder in folders.items():
        for file in sorted(folder.rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.ClassDef) and (code := _text(node, "code")) not in ("", _NO_CODE):
                    found[code].append((service, _plain(ast.get_docstring(node) or ""), _text(node, "sw")))
    return tuple(
        Error(
            code,
            " ".join(dict.fromkeys(says for _, says, _ in rows)),
            next((sw for _, _, sw in rows if sw), ""),
            tuple(dict.fromkeys(service for service, _, _ in rows)),
        )
        for code, rows in sorted(found.items())
    )


def _text(node: ast.ClassDef, name: str) -> str:
    for line in node.body:
        if (
            isinstance(line, ast.Assign)
            and ast.unparse(line.targets[0]) == name
            and isinstance(line.value, ast.Constant)
        ):
            return str(line.value.value)
    return ""


def _plain(docstring: str) -> str:
    return re.sub(r"`info(?=[`.])", "`errorInfo", " ".join(docstring.split()))


def fields_with(code: str) -> list[str]:
    """Return the fields whose descriptions name a code, or those of their arguments."""
    word = re.compile(rf"\b{code}\b")
    return [name for name, text in described() if word.search(text)]


@cache
def described() -> tuple[tuple[str, str], ...]:
    """Return every query and mutation, with what its description and those of its arguments say."""
    documents = [parse(file.read_text()) for file in sorted(SCHEMA.glob("*.graphql")) if file != TYPES]
    found = []
    for field in _root_fields(documents):
        texts = [field.description, *(argument.description for argument in field.arguments)]
        found.append((field.name.value, " ".join(text.value for text in texts if text)))
    return tuple(found)


def _root_fields(documents: list[DocumentNode]) -> Iterator[FieldDefinitionNode]:
    for document in documents:
        for kind in document.definitions:
            if isinstance(kind, ObjectTypeDefinitionNode | ObjectTypeExtensionNode):
                yield from kind.fields if kind.name.value in ("Query", "Mutation") else ()


def graphql_text() -> str:
    """Return the enum of all codes."""
    head = "# Made by `python -m tools.export_errors` from the error classes; edit those.\n"
    lines = [
        head + '"""',
        "What a request may be refused with, as `errorType`; docs/errors.md says where. A field's description names",
        "what belongs to it. Any field that takes or needs such a thing may also be refused with",
        f"{', '.join(EVERYWHERE[:6])},",
        f"{', '.join(EVERYWHERE[6:])}.",
        '"""',
        "enum ErrorType {",
    ]
    for error in errors():
        lines += [f'  """{error.says}"""', f"  {error.code}"]
    return "\n".join([*lines, "}", ""])


def docs_text() -> str:
    """Return the page about them: a heading for each, so that a search finds it first."""
    return "\n".join(
        [_HEAD, *map(_section, errors()), _THEIRS, *(f"### {name}\n{says}\n" for name, says in _APPSYNC.items())]
    )


def _section(error: Error) -> str:
    named = [f"`{name}`" for name in fields_with(error.code)]
    where = "any field that takes or needs such a thing" if error.code in EVERYWHERE else ", ".join(named)
    elsewhere = "signing in, or between services: " + ", ".join(error.services)
    return f"### {error.code}\n{error.says}\n\n- Where: {where or elsewhere}.\n- In Kiswahili, in general: {error.sw}\n"


_HEAD = """# What the API refuses with

Made by `python -m tools.export_errors` from the error classes in the code; edit those.

A refusal has an `errorType` for programs, which never changes its meaning; a `message` for people, in English or
Kiswahili; and often `errorInfo` with what belongs to it. The language is the one that the player's token says (it
follows the profile with the next token), else the one that the request's `Accept-Language` names first. Staff
are refused in English; in Kiswahili they hear in general what an `errorType` means. In the schema the enum `ErrorType`
has all of them; apps must expect others.

## From our code
"""
_THEIRS = """## From AppSync, and where our code failed
"""


def main() -> int:
    """Write or check the published files; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.export_errors", description="Publish the API's errors.")
    parser.add_argument("--check", action="store_true", help="write nothing, fail on a difference")
    check = parser.parse_args().check
    wanted: dict[Path, str] = {TYPES: graphql_text(), DOCS: docs_text()}
    different = [file for file, text in wanted.items() if not file.exists() or file.read_text() != text]
    for file in different:
        if check:
            print(f"{file} is not what the error classes say: run python -m tools.export_errors", file=sys.stderr)
        else:
            file.write_text(wanted[file])
            print(f"wrote {file}")
    return 1 if check and different else 0


if __name__ == "__main__":
    sys.exit(main())
