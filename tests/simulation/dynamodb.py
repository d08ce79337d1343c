"""DynamoDB in this process: the emulator's own module, without HTTP and without botocore's work around it.

Semantics are the emulator's (conditions, transactions, indexes, errors); this file only turns its answers into what
botocore would give. `test_dynamodb.py` proves on random operations that the two agree. What is patched into the module
are memories of pure functions (an expression is parsed once), a faster copy of plain values, answers that are not
written as JSON and read again, and where changes go.
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
        answer = json.loads(body) if type(body) is bytes else _copied(body)
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
    """Copy a wire value: JSON types only."""
    return marshal.loads(marshal.dumps(value))


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
