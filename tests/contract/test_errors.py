"""What the API refuses with is documented, in both languages, and every name of it that the documents use is one."""

import ast
import importlib
import re
from collections.abc import Iterator

import pytest

from betsafi.languages import Both
from tests.support.reached import Code, Place
from tests.support.schema import api_schema, staff_fields
from tools import export_errors
from tools.base.services import ROOT, packages

ERRORS = {error.code: error for error in export_errors.errors()}
CODE = re.compile(r"\b[A-Z]+(?:_[A-Z]+)+\b")


def test_every_code_says_what_it_means_in_english_and_in_kiswahili() -> None:
    assert len(ERRORS) > 60
    assert [error.code for error in ERRORS.values() if not error.says or not error.sw] == []


def test_every_class_with_a_code_has_its_sentence_in_kiswahili() -> None:
    missing = []
    for folder in (export_errors.LAYER, *(ROOT / service / package for service, package in packages().items())):
        for file in folder.rglob("*.py"):
            for node in (node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.ClassDef)):
                if export_errors._text(node, "code") and not export_errors._text(node, "sw"):
                    missing.append(f"{file.relative_to(ROOT)}: {node.name}")
    assert not missing


def test_every_code_that_a_description_names_is_one() -> None:
    known = {*ERRORS, *(value for kind in api_schema().type_map.values() for value in getattr(kind, "values", ()))}
    named = {word for _, text in export_errors.described() for word in CODE.findall(text)}
    assert named - known == set()


def test_the_documents_are_as_the_classes_say() -> None:
    assert export_errors.TYPES.read_text() == export_errors.graphql_text()
    assert export_errors.DOCS.read_text() == export_errors.docs_text()


@pytest.mark.parametrize("module", [f"{package}.wording" for package in packages().values() if package != "frontend"])
def test_what_is_in_both_languages_says_the_same_numbers_in_both(module: str) -> None:
    found = [(name, each) for name, each in vars(importlib.import_module(module)).items() if isinstance(each, Both)]
    assert found
    for name, both in found:
        assert both.sw, name
        assert re.findall(r"\d+|{\w+", both) == re.findall(r"\d+|{\w+", both.sw), name


STAFFS = staff_fields()
DOORS = {"query": STAFFS, "mutation": STAFFS, "public": set(), "route": set()}
"""How functions are registered that players reach, or services for them; and which of these names they do not."""


def roots(code: Code) -> Iterator[Place]:
    """Yield the functions of a service that answer players, or another service, and Cognito's triggers."""
    yield "betsafi.graphql", "Fields.__call__"
    for module in code.modules.values():
        for name, node in module.defined.items():
            for mark in node.decorator_list if isinstance(node, ast.FunctionDef) else ():
                door = mark.func.attr if isinstance(mark, ast.Call) and isinstance(mark.func, ast.Attribute) else ""
                if door in DOORS and not {ast.literal_eval(each) for each in mark.args[:1]} & DOORS[door]:
                    yield module.name, name
        if module.name.endswith(".handlers.cognito"):
            yield module.name, "_TRIGGERS"


class Sentences:
    """Which expressions of a service's code are sentences in both languages."""

    def __init__(self, service: str) -> None:
        self.code = Code(service)
        self.errors = self.code.errors()
        classes = (each for module in self.code.modules.values() for each in module.defined.values())
        lines = [line for each in classes if isinstance(each, ast.ClassDef) for line in each.body]
        self.fields: dict[str, list[ast.expr]] = {}
        for line in lines:
            if isinstance(line, ast.AnnAssign):
                self.fields.setdefault(ast.unparse(line.target), []).append(line.annotation)

    def lacking(self) -> Iterator[str]:
        """Yield each error of a player's whose sentence is in one language, or nobody knows."""
        for module, name in sorted(self.code.reached(roots(self.code))):
            node = self.code.node((module, name))
            assert node is not None
            inside = () if isinstance(node, ast.ClassDef) else ast.walk(node)  # its methods are reached by themselves
            for call in (each for each in inside if isinstance(each, ast.Call)):
                if self.code.resolve(module, call.func) in self.errors and not self.is_told(module, node, call):
                    yield f"{module}.{name}: {ast.unparse(call)}"

    def is_told(self, module: str, function: ast.AST, call: ast.Call) -> bool:
        """Return whether an error is made with a sentence in both, or as its class says it by itself."""
        name = ast.unparse(call.func).rpartition(".")[2]
        if name == "Misconfigured":
            return True
        if name == "Refused":  # another service's own words, which come in both
            return len(call.args) == 5 or self.is_both(module, function, call.args[2])
        return bool(call.args) and self.is_both(module, function, call.args[0])

    def is_both(self, module: str, function: ast.AST, node: ast.expr) -> bool:
        if isinstance(node, ast.IfExp):
            return self.is_both(module, function, node.body) and self.is_both(module, function, node.orelse)
        if isinstance(node, ast.BoolOp):
            return all(self.is_both(module, function, each) for each in node.values)
        if isinstance(node, ast.Dict):
            return all(self.is_both(module, function, each) for each in node.values)
        if isinstance(node, ast.Subscript):
            return self.is_both(module, function, node.value)
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute) and node.func.attr == "format":
                return self.is_both(module, function, node.func.value)
            typed = annotations(function).get(ast.unparse(node.func))
            if typed is not None:
                return ast.unparse(typed).endswith(", Both]")  # a Callable's
            made = self.code.resolve(module, node.func)
            known = self.code.node(made) if made else None
            return made == BOTH or (isinstance(known, ast.FunctionDef) and says_both(known.returns))
        if isinstance(node, ast.Name) and (typed := annotations(function).get(node.id)):
            return says_both(typed)
        if isinstance(node, ast.Name) and (given := [each for each in assigned(function) if node.id in each]):
            return all(self.is_both(module, function, each[node.id]) for each in given)
        if isinstance(node, ast.Attribute) and node.attr in self.fields:
            return all(ast.unparse(typed) in ("Both", "Both | None") for typed in self.fields[node.attr])
        place = self.code.resolve(module, node)
        found = self.code.node(place) if place else None
        return isinstance(found, ast.expr) and self.is_both(place[0], found, found) if place else False


BOTH = ("betsafi.languages", "Both")


def says_both(annotation: ast.expr | None) -> bool:
    return annotation is not None and ast.unparse(annotation) == "Both"


def annotations(function: ast.AST) -> dict[str, ast.expr]:
    """Return what the parameters of a function, and of those within, are said to be; mypy holds callers to it."""
    given = (each for node in ast.walk(function) if isinstance(node, ast.arguments) for each in node.args)
    return {each.arg: each.annotation for each in given if each.annotation}


def assigned(function: ast.AST) -> Iterator[dict[str, ast.expr]]:
    """Yield what each line of a function gives a name."""
    for line in (each for each in ast.walk(function) if isinstance(each, ast.Assign)):
        yield {target.id: line.value for target in line.targets if isinstance(target, ast.Name)}


@pytest.mark.parametrize("service", packages())
def test_nothing_that_a_player_is_refused_with_lacks_a_language(service: str) -> None:
    """Read from the code: what the fields of players may run, and what other services ask of it for them."""
    assert list(Sentences(service).lacking()) == []


def test_the_search_for_sentences_finds_what_it_is_for() -> None:
    payment = Sentences("payment")
    reached = payment.code.reached(roots(payment.code))
    assert {("payment.limits", "daily_limit_reached"), ("betsafi.money", "parse_amount")} <= reached
    assert ("payment.flows.channels", "switch") not in reached, "administrators switch"
    refused = ast.parse("NotFound('Nothing.'), NotFound(wording.NO_SUCH_PAYMENT), NotFound(wording.MOVED)").body[0]
    calls = [each for each in ast.walk(refused) if isinstance(each, ast.Call)]
    told = [payment.is_told("payment.handlers.graphql", refused, call) for call in calls]
    assert told == [False, True, False]
