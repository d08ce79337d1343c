"""DynamoDB in this process: the emulator's own module, without HTTP and without botocore's work around it.

Semantics are the emulator's (conditions, transactions, indexes, errors); this file only turns its answers into what
botocore would give. `test_dynamodb.py` proves on random operations that the two agree. What is patched into the module
are memories of pure functions (an expression is parsed once), answers that are not written as JSON and read again,
where changes go, and copies: an item that stands is never changed, so it is shared by all who read it; an update makes
a new item, of which only the attribute is copied that it changes in its depth.
"""

import json
import marshal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from botocore.exceptions import ClientError
from ministack.services import dynamodb as emulated  # type: ignore[import-untyped]

from tests.support.serverless import Shape, table_request

Wire = dict[str, Any]


@dataclass(frozen=True)
class Change:
    """One item before and after a write, in wire form; None where there was or is none."""

    table: str
    old: Wire | None
    new: Wire | None

    @property
    def pk(self) -> str:
        """The partition key."""
        return str((self.new or self.old or {})["pk"]["S"])

    @property
    def sk(self) -> str:
        """The sort key."""
        return str((self.new or self.old or {})["sk"]["S"])


class DynamoDB:
    """All tables of one run. `execute` does one request, as the server would, and returns its changes."""

    def __init__(self) -> None:
        emulated.reset()
        _changes.clear()

    def create_table(self, name: str, of: str | Shape) -> None:
        """Create a table like a service's, or with these indexes."""
        request = {key: value for key, value in table_request(of).items() if key != "StreamSpecification"}
        self.execute("create_table", {"TableName": name, **request})

    def execute(self, operation: str, request: Wire) -> tuple[Wire, list[Change]]:
        """Return the answer and the changes made. Raises ClientError as botocore does."""
        status, _, body = _OPERATIONS[operation](request)
        changes = _changes.copy()
        _changes.clear()
        _updated.clear()
        answer = json.loads(body) if type(body) is bytes else body
        if status >= 400:
            raise _client_error(operation, answer)
        return answer, changes

    def items(self, table: str) -> Iterator[Wire]:
        """Yield every item of a table in wire form, partition by partition."""
        for partition in emulated._tables[table]["items"].values():
            yield from partition.values()

    def item(self, table: str, pk: str, sk: str) -> Wire | None:
        """Return the item under a key."""
        found: Wire | None = emulated._tables[table]["items"].get(pk, {}).get(sk)
        return found


_changes: list[Change] = []
"""What the present request has changed so far."""


def _changed(table: str, event_name: str, old: Wire | None, new: Wire | None, replicate: bool = True) -> None:
    """Stand where the emulator writes its stream; a write that changes nothing is no change there either."""
    if old != new:
        _changes.append(Change(table, old, new))


_updated: dict[int, tuple[Wire, str, Wire, Wire, Wire, set[Any]]] = {}
"""The updates of the present request, by the identity of their values: a transaction asks three times for each."""


def _updating(update: Callable[..., tuple[Wire, set[Any]]]) -> Callable[..., tuple[Wire, set[Any]]]:
    def remembered(item: Wire, text: str, values: Wire, names: Wire, *targets: Any) -> tuple[Wire, set[Any]]:
        known = _updated.get(id(values))
        if targets or known is None or known[:2] != (item, text) or known[3] != names:
            known = _updated[id(values)] = (item, text, values, names, *update(item, text, values, names, *targets))
        return known[4].copy(), known[5]

    return remembered


_OPERATIONS: dict[str, Callable[[Wire], tuple[int, Any, Any]]] = {
    "create_table": emulated._create_table,
    "get_item": emulated._get_item,
    "put_item": emulated._put_item,
    "update_item": emulated._update_item,
    "delete_item": emulated._delete_item,
    "query": emulated._query,
    "scan": emulated._scan,
    "batch_get_item": emulated._batch_get_item,
    "batch_write_item": emulated._batch_write_item,
    "transact_write_items": emulated._transact_write_items,
    "transact_get_items": emulated._transact_get_items,
}


def _client_error(operation: str, body: Wire) -> ClientError:
    code = str(body.pop("__type")).split("#")[-1]
    message = body.pop("message", body.pop("Message", ""))
    name = "".join(part.capitalize() for part in operation.split("_"))
    return ClientError({"Error": {"Code": code, "Message": message}, **body}, name)


_PLAIN, _TEXT = frozenset({"S", "N", "BOOL", "NULL"}), frozenset({"S"})


class _Tokens(list[Any]):
    """An expression's tokens that know the expression."""

    text: str


@contextmanager
def installed() -> Iterator[None]:
    """Make the emulator's module quick enough for a simulation, until the block ends."""
    with ExitStack() as stack:
        for name, replacement in {
            "_emit_stream_event": _changed,
            "json_response": lambda answer: (200, {}, answer),
            "copy": SimpleNamespace(deepcopy=_copied),
            "_set_at_path": _in_a_copy(emulated._set_at_path),
            "_remove_at_path": _in_a_copy(emulated._remove_at_path),
            "_apply_update_expression": _updating(emulated._apply_update_expression),
            "_validate_expression_attrs": _remembered_names(emulated._validate_expression_attrs),
            "_nesting_level": _of_plain(emulated._nesting_level, _PLAIN, lambda depth=1: depth),
            "_attribute_value_error": _of_plain(emulated._attribute_value_error, _TEXT, lambda: None),
            "_number_error": _remembered(emulated._number_error),
            "_ddb_canonicalize_number": _remembered(emulated._ddb_canonicalize_number),
            "_number_size_bytes": _remembered(emulated._number_size_bytes),
            "_tokenize": _remembered_tokens(emulated._tokenize),
            "_check_redundant_parens": _remembered_check(emulated._check_redundant_parens),
            "_check_reserved_keyword_usage": _remembered_check(emulated._check_reserved_keyword_usage),
            "_condition_syntax_error": _remembered(emulated._condition_syntax_error),
        }.items():
            stack.enter_context(patch.object(emulated, name, replacement))
        yield


def _copied(value: Any) -> Any:
    """Copy an item, whose values nobody changes, or anything else of JSON types altogether."""
    return value.copy() if type(value) is dict else marshal.loads(marshal.dumps(value))


def _in_a_copy(change: Callable[..., None]) -> Callable[..., None]:
    """Let a change below an attribute be one of the attribute's copy, that other items do not share."""

    def changing(item: Any, path: Any, *value: Any) -> None:
        if len(path) > 1 and path[0] in item:
            item[path[0]] = marshal.loads(marshal.dumps(item[path[0]]))
        change(item, path, *value)

    return changing


def _of_plain(check: Callable[..., Any], kinds: frozenset[str], answer: Callable[..., Any]) -> Callable[..., Any]:
    """Let a check of a value and of those in it answer at once for kinds of values in which there are none."""

    def checking(value: Any, *depth: int) -> Any:
        plain = type(value) is dict and len(value) == 1 and next(iter(value)) in kinds
        return answer(*depth) if plain else check(value, *depth)

    return checking


def _remembered_names(validate: Callable[..., Any]) -> Callable[..., Any]:
    """Remember a check of which names and values are used and given: it reads no value."""
    known: dict[Any, Any] = {}

    def remembered(data: Wire, fields: tuple[str, ...], *wording: Any) -> Any:
        given = (tuple(data.get(f"ExpressionAttribute{what}") or ()) for what in ("Values", "Names"))
        key = (fields, str(wording), *map(data.get, fields), *given)
        if key not in known:
            known[key] = validate(data, fields, *wording)
        return known[key]

    return remembered


def _remembered_tokens(tokenize: Callable[[str], list[Any]]) -> Callable[[str], list[Any]]:
    known: dict[str, _Tokens] = {}

    def remembered(text: str) -> list[Any]:
        found = known.get(text)
        if found is None:
            found = known[text] = _Tokens(tokenize(text))
            found.text = text
        return found

    return remembered


def _remembered_check(check: Callable[..., Any]) -> Callable[..., Any]:
    known: dict[Any, Any] = {}

    def remembered(tokens: list[Any], *options: Any) -> Any:
        if not isinstance(tokens, _Tokens):
            return check(tokens, *options)
        key = (tokens.text, options)
        if key not in known:
            known[key] = check(tokens, *options)
        return known[key]

    return remembered


def _remembered(function: Callable[..., Any]) -> Callable[..., Any]:
    known: dict[Any, Any] = {}

    def remembered(*arguments: Any) -> Any:
        if arguments not in known:
            known[arguments] = function(*arguments)
        return known[arguments]

    return remembered
