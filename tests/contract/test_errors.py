"""What the API refuses with is documented, in both languages, and every name of it that the documents use is one."""

import ast
import importlib
import re

import pytest

from betsafi.languages import Both
from tests.support.schema import api_schema
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


@pytest.mark.parametrize("module", ["wallet.wording", "bet.wording"])
def test_what_is_in_both_languages_says_the_same_numbers_in_both(module: str) -> None:
    found = [(name, each) for name, each in vars(importlib.import_module(module)).items() if isinstance(each, Both)]
    assert found
    for name, both in found:
        assert both.sw, name
        assert re.findall(r"\d+", both) == re.findall(r"\d+", both.sw), name


def test_every_sentence_of_the_wallet_is_in_both_languages() -> None:
    sentences = vars(importlib.import_module("wallet.wording"))
    alone = [name for name, each in sentences.items() if name.isupper() and name[0] != "_" and type(each) is str]
    assert not alone
