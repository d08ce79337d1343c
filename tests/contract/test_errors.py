"""What the API refuses with is documented, in both languages, and every name of it that the documents use is one."""

import ast
import importlib
import re
from collections.abc import Iterator

import pytest

from betsafi.languages import Both
from tests.support.reached import Code, Place, code_of_service, declared, registered
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


FOUND_AND_NEVER_RAISED = {
    "grantBonus": {"ALREADY_BOOKED", "INSUFFICIENT_FUNDS"},  # of bookings and adjustments, posted under the same name
    "proposeAdjustment": {"ALREADY_BOOKED"},
    "bookFees": {"ALREADY_BOOKED", "INSUFFICIENT_FUNDS"},  # their entry has the command's own id
    "bookTransfer": {"INSUFFICIENT_FUNDS"},
    "bookTaxRemittance": {"INSUFFICIENT_FUNDS"},
    "changePhone": {"NO_EMAIL"},  # a code goes to a number or to an address by one function
    "requestPhoneReview": {"NO_EMAIL"},
    "requestFreshCode": {"NO_EMAIL"},
    "setEmail": {"NO_SMS"},
    "setMarketStatus": {"BELOW_MARGIN"},  # of odds, which change by the same function
    "cancelBets": {"CONTRADICTION"},  # of a record, which was checked before it was kept
    "rollbackCancel": {"CONTRADICTION"},
    "holdResults": {"SAME_PERSON"},  # of the release, by the same function
    "reverseDeposit": {  # what the wallet refuses is kept in the reversal, not raised
        "ACCOUNT_NOT_ACTIVE", "HOLD_VOIDED", "IDENTITY_LIMIT", "INSUFFICIENT_FUNDS", "LIMIT_REACHED", "PAYOUT_LIMIT",
        "PLAYER_STOPPED", "REALITY_CHECK_DUE", "REGISTER_UNANSWERED", "TERMS_NOT_ACCEPTED",
    },
    "withdraw": {  # the wallet holds stakes by the same operation
        "LIMIT_REACHED", "PAYOUT_LIMIT", "PLAYER_STOPPED", "REALITY_CHECK_DUE", "REGISTER_UNANSWERED",
        "TERMS_NOT_ACCEPTED",
    },
}  # fmt: skip
"""What the search finds because it takes more to run than does, by field."""
ANSWERED = {"quoteSlip": "reasons", "depositForm": "refusal", "withdrawalForm": "refusal"}
"""Fields whose answer has what another field would be refused with, and where."""
GENERAL = set(export_errors.EVERYWHERE)


def may_refuse(service: str) -> dict[str, set[str]]:
    """Return what each query and mutation of a service may be refused with, by its code and by whom that asks."""
    code = code_of_service(service)
    fields = {
        str(ast.literal_eval(mark.args[0])): place for place, mark in registered(code, "query", "mutation", "public")
    }
    return {field: code.codes(place) - FOUND_AND_NEVER_RAISED.get(field, set()) for field, place in fields.items()}


@pytest.mark.parametrize("service", packages())
def test_a_field_names_what_it_may_be_refused_with_and_nothing_else(service: str) -> None:
    """But for what any field may be, which `ErrorType` lists."""
    texts, wrong = dict(export_errors.described()), []
    for field, found in may_refuse(service).items():
        named = {word for word in re.findall(r"\w+", texts[field]) if word in ERRORS}
        silent = set() if field in ANSWERED else found - named - GENERAL
        wrong += [f"{field} does not say {code}" for code in sorted(silent)]
        wrong += [f"{field} is never refused with {code}" for code in sorted(named - found)]
    assert wrong == []


def test_what_is_answered_in_place_of_a_refusal_says_so() -> None:
    texts = dict(export_errors.described())
    assert [field for field, where in ANSWERED.items() if where not in texts[field]] == []


def test_the_general_list_is_in_the_schema_and_in_the_page() -> None:
    (said,) = {kind.description for name, kind in api_schema().type_map.items() if name == "ErrorType"}
    assert {word for word in re.findall(r"\w+", said or "") if word in ERRORS} == GENERAL


@pytest.mark.parametrize("service", packages())
def test_an_operation_between_services_is_registered_with_what_it_may_refuse(service: str) -> None:
    code = code_of_service(service)
    for place, mark in registered(code, "route"):
        operation = " ".join(str(ast.literal_eval(each)) for each in mark.args[:2])
        if operation not in ROOMS:
            assert code.codes(place) - GENERAL == declared(code, place, mark) - GENERAL, operation


ROOMS = {"GET /accounts/{userId}", "GET /room/{userId}/{payoutDay}/{same}"}
"""Operations that answer what a hold would be refused with."""


def test_the_search_for_refusals_finds_what_it_is_for() -> None:
    bet, payment = may_refuse("bet"), may_refuse("payment")
    assert {"INSUFFICIENT_FUNDS", "TERMS_NOT_ACCEPTED"} <= bet["placeBet"], "of the wallet, which is asked"
    assert "BET_TIMED_OUT" in bet["placeBet"], "caught, handed to a function, and raised by that"
    assert "INSUFFICIENT_FUNDS" not in bet["cancelBet"]
    assert "SIGNED_OUT" in payment["withdraw"], "raised under another service's name"
    assert "NO_SMS" not in may_refuse("users")["confirmPhoneChange"], "what only tells is not waited for"


STAFFS = staff_fields()
DOORS = {"query": STAFFS, "mutation": STAFFS, "public": set(), "route": set()}
"""How functions are registered that players reach, or services for them; and which of these names they do not."""


def roots(code: Code) -> Iterator[Place]:
    """Yield the functions of a service that answer players, or another service, and Cognito's triggers."""
    yield "betsafi.graphql", "Fields.__call__"
    for door, not_theirs in DOORS.items():
        for place, mark in registered(code, door):
            if not {ast.literal_eval(each) for each in mark.args[:1]} & not_theirs:
                yield place
    for name in code.modules:
        if name.endswith(".handlers.cognito"):
            yield name, "_TRIGGERS"


class Sentences:
    """Which expressions of a service's code are sentences in both languages."""

    def __init__(self, service: str) -> None:
        self.code = code_of_service(service)
        self.errors = self.code.errors
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
