"""The rules: each reads one node of a file's syntax tree and returns a sentence about what is wrong with it, or None.

They look at names and at the form of the code, never at types; what each cannot see stands in its docstring. Places are
known by their own names (`table.py`, `stores/`), not by the path to them.
"""

import ast
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import NamedTuple


class Place(NamedTuple):
    """A node, the one around it, and the lines of its file."""

    node: ast.AST
    parent: ast.AST
    lines: Sequence[str]


@dataclass(frozen=True)
class Rule:
    """What must not be written, where that holds, and which nodes show it.

    One of `hints` is in every file that breaks the rule; a file without any is not even parsed.
    """

    wrong: Callable[[Place], str | None]
    holds_in: Callable[[PurePosixPath], bool]
    hints: tuple[str, ...]
    nodes: tuple[type[ast.AST], ...]

    @property
    def name(self) -> str:
        """The name by which findings and exceptions call it."""
        return self.wrong.__name__.replace("_", "-")


# -- where


def in_product(path: PurePosixPath) -> bool:
    """Return whether a file runs on Lambda: what is in no other folder is a service or the layer."""
    return path.parts[0] not in ("tests", "tools", "localcloud")


def in_tests(path: PurePosixPath) -> bool:
    """Return whether a file is the tests'."""
    return path.parts[0] == "tests"


def _outside_tests(path: PurePosixPath) -> bool:
    return not in_tests(path)


def _everywhere(path: PurePosixPath) -> bool:
    return True


def _outside_stores(path: PurePosixPath) -> bool:
    known = path.name == "table.py" or "stores" in path.parts or path.parts[-2:] == ("betsafi", "dynamodb.py")
    return in_product(path) and not known


def _outside_outbox(path: PurePosixPath) -> bool:
    return not in_tests(path) and path.parts[-2:] != ("betsafi", "outbox.py")


# -- tables

TABLE_METHODS = frozenset(
    {"get", "get_many", "put_new", "write", "transact", "query", "query_all", "query_wanted", "scan", "delete_all"}
)
"""What `betsafi.dynamodb.Table` can do."""


def table_access(place: Place) -> str | None:
    """A client of DynamoDB, a `Table` of one's own, or a method called on something named `table`.

    Not seen: a table that goes by another name. To hand a table on (`was_done(table, act)`) is no access.
    """
    match place.node:
        case ast.Call(func=func, args=[ast.Constant(value="dynamodb" | "dynamodbstreams"), *_]) if _word(func) in (
            "client",
            "resource",
        ):
            return "only table.py and the stores ask DynamoDB"
        case ast.Call(func=func) if _word(func) == "Table":
            return "only table.py and the stores open a table"
        case ast.Call(func=ast.Attribute(value=value, attr=attr)) if _is_table(value) and attr in TABLE_METHODS:
            return f"table.{attr} belongs in a store, in a function that says what it promises"
    return None


def _is_table(node: ast.expr) -> bool:
    return isinstance(node, ast.Name | ast.Attribute) and _word(node) == "table"


# -- players' items

_PLAYERS = re.compile(r"\b(USER|PLAYER)#")
_PLAYER_IDS = frozenset({"user_id", "userId", "player_id"})
_READS_A_KEY = frozenset({"startswith", "removeprefix"})


def players_items(place: Place) -> str | None:
    """A player's partition without the player's id, a query that does not show its partition, or a scan.

    `USER#` and `PLAYER#` are followed by `{…user_id}` at once. The first argument of a query is text, a CONSTANT, or a
    call that takes something; the index by_queue holds what waits for staff. Not seen: whether that id is the caller's,
    and what is read under a key of another kind (`PAYMENT#<id>`), whose owner the code around it compares.
    """
    match place.node:
        case ast.JoinedStr(values=parts):
            after = [*parts[1:], None]
            if any(_names_nobody(part, follows) for part, follows in zip(parts, after, strict=True)):
                return "a player's partition is written with the player's id: f\"USER#{user_id}\""
        case ast.Constant(value=str(text)) if _PLAYERS.search(text) and not _is_prose_or_prefix(place.parent):
            return f'"{text}" without a player\'s id is everybody\'s: f"USER#{{user_id}}"'
        case ast.Call(func=ast.Attribute(value=value, attr="scan")) if _word(value) in ("table", "client"):
            return "a scan reads every player's items"
        case ast.Call(func=ast.Attribute(value=table, attr="query" | "query_all" | "query_wanted")) as call if (
            _is_table(table)
        ):
            if not _shows_its_partition(call):
                return "show whose items are read: the partition as text, or from a function that is given the id"
    return None


def _names_nobody(part: ast.expr, follows: ast.expr | None) -> bool:
    if not (isinstance(part, ast.Constant) and (found := _PLAYERS.search(str(part.value)))):
        return False
    at_once = found.end() == len(str(part.value))
    return not (at_once and isinstance(follows, ast.FormattedValue) and _word(follows.value) in _PLAYER_IDS)


def _is_prose_or_prefix(parent: ast.AST) -> bool:
    """A docstring, a part of an f-string (looked at as a whole), or a test of a key that is there already."""
    return isinstance(parent, ast.Expr | ast.JoinedStr) or (
        isinstance(parent, ast.Call) and _word(parent.func) in _READS_A_KEY
    )


def _shows_its_partition(call: ast.Call) -> bool:
    for option in call.keywords:
        if option.arg == "index" and isinstance(option.value, ast.Constant) and option.value.value == "by_queue":
            return True
    match call.args[0] if call.args else None:
        case ast.Constant() | ast.JoinedStr():
            return True
        case ast.Call(args=given) | ast.Subscript(value=ast.Call(args=given)):
            return bool(given)
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name.isupper()
    return False


# -- money

_MONEY = frozenset({"cents", "amount", "stake", "payout", "balance"})
_WHOLE = frozenset({"abs", "float", "int", "max", "min", "round", "sum"})


def money(place: Place) -> str | None:
    """Money as a float: `/` or `float()` on it, a number with a point beside it or in it, `float` as its type.

    Money is what goes by a name that ends in cents, amount, stake, payout or balance, also in sums and in calls of abs,
    int, max, min, round and sum; not what is in a Fraction or a Decimal, which are exact. Not seen: money that goes by
    another name, and a float that goes by one.
    """
    match place.node:
        case ast.BinOp(op=op, left=left, right=right) | ast.AugAssign(op=op, target=left, value=right):
            by_float = isinstance(op, ast.Div) or _is_float(left) or _is_float(right)
            if by_float and (name := _money_in(left) or _money_in(right)):
                return f"{name} is whole cents: divide with // or exactly with Fraction, multiply by basis points"
        case ast.Call(func=ast.Name(id="float"), args=[value, *_]) if name := _money_in(value):
            return f"{name} is whole cents and never a float"
        case ast.Assign(targets=[target], value=value) if _is_float(value) and (name := _money_in(target)):
            return f"{name} is whole cents and never a float"
    for declared, annotation, given in _declared(place.node):
        if _is_money(declared) and (_mentions_float(annotation) or _is_float(given)):
            return f"{declared} is whole cents: its type is int"
    return None


def _declared(node: ast.AST) -> Iterator[tuple[str, ast.expr | None, ast.expr | None]]:
    """Yield a name that a node declares or gives, with its type and its value where they stand there."""
    match node:
        case ast.AnnAssign(target=target, annotation=annotation, value=value):
            yield _word(target), annotation, value
        case ast.arg(arg=name, annotation=annotation):
            yield name, annotation, None
        case ast.keyword(arg=str(name), value=value):
            yield name, None, value
        case ast.FunctionDef(name=name, returns=returns) | ast.AsyncFunctionDef(name=name, returns=returns):
            yield name, returns, None


def _money_in(node: ast.AST) -> str:
    """Return the name of money that an expression computes with, or ""."""
    if _is_money(name := _word(node)):
        return name
    parts: Sequence[ast.AST] = ()
    match node:
        case ast.BinOp(left=left, right=right) | ast.IfExp(body=left, orelse=right):
            parts = (left, right)
        case ast.UnaryOp(operand=operand):
            parts = (operand,)
        case ast.GeneratorExp(elt=each) | ast.ListComp(elt=each):
            parts = (each,)
        case ast.Call(func=ast.Name(id=name), args=arguments) if name in _WHOLE:
            parts = arguments
    return next(filter(None, map(_money_in, parts)), "")


def _is_money(name: str) -> bool:
    return name.rpartition("_")[2] in _MONEY


def _is_float(node: ast.AST | None) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, float)


def _mentions_float(annotation: ast.expr | None) -> bool:
    return annotation is not None and any(_word(part) == "float" for part in ast.walk(annotation))


# -- the bus, the output, the clock


def bus(place: Place) -> str | None:
    """PutEvents: what an outbox did not publish has no change behind it. Not seen: a client called by another name."""
    if isinstance(place.node, ast.Call) and _word(place.node.func) == "put_events":
        return "only the outbox puts events on the bus: write the change, and name its event in to_events"
    return None


def printing(place: Place) -> str | None:
    """`print` in what runs on Lambda, where it is a line of the log without a request's id."""
    if isinstance(place.node, ast.Call) and isinstance(place.node.func, ast.Name) and place.node.func.id == "print":
        return "log with betsafi.telemetry.logger, or count"
    return None


def sleeping(place: Place) -> str | None:
    """`time.sleep` and `asyncio.sleep` in tests, also imported by name; a simulated clock's `sleep` costs no time."""
    match place.node:
        case ast.Attribute(value=ast.Name(id="time" | "asyncio"), attr="sleep"):
            return "wait for a condition: tests.support.waiting"
        case ast.ImportFrom(module="time" | "asyncio", names=names) if any(name.name == "sleep" for name in names):
            return "wait for a condition: tests.support.waiting"
    return None


# -- loops and failures

_CURSORS = ("cursor", "next_token", "nextToken", "NextToken", "NextMarker", "EvaluatedKey", "evaluated_key", "StartKey")
_ENDLESS = frozenset({"count", "cycle", "iter", "repeat"})


def cursor_loop(place: Place) -> str | None:
    """A loop that follows a cursor with no bound in sight: `while`, or `for` over what has no end.

    `for _ in range(…)` is bounded; a comment on the loop's line says what else ends it. Not seen: recursion.
    """
    loop = place.node
    if not (isinstance(loop, ast.While | ast.For | ast.AsyncFor) and _has_no_end(loop)):
        return None
    follows = any(word in name for part in ast.walk(loop) for name in _names_of(part) for word in _CURSORS)
    if follows and not any("  # " in line for line in place.lines[loop.lineno - 1 : loop.body[0].lineno - 1]):
        return "bound the loop over this cursor (for … in range), or say what ends it in a comment on this line"
    return None


def _has_no_end(loop: ast.While | ast.For | ast.AsyncFor) -> bool:
    return isinstance(loop, ast.While) or (isinstance(loop.iter, ast.Call) and _word(loop.iter.func) in _ENDLESS)


def _names_of(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.keyword(arg=str(name)) | ast.Constant(value=str(name)):
            yield name


_BROAD = frozenset({"Exception", "BaseException"})
_LOGS = frozenset({"exception", "error", "warning", "critical"})


def swallowed(place: Place) -> str | None:
    """`except Exception` that does not raise, return something, log or use the exception, and `suppress(Exception)`.

    ruff's BLE001 asks why so much is caught; this asks what becomes of it. Not seen: whether what is returned says that
    something failed.
    """
    match place.node:
        case ast.ExceptHandler(type=caught, name=name, body=body) if caught is None or _is_broad(caught):
            parts = [part for statement in body for part in ast.walk(statement)]
            if not any(_answers(part, name) for part in parts):
                return "nobody learns of what is caught here: raise, return a failure or log"
        case ast.Call(func=func, args=arguments) if _word(func) == "suppress" and any(map(_is_broad, arguments)):
            return "nobody learns of what is suppressed here: name the exceptions"
    return None


def _is_broad(caught: ast.expr) -> bool:
    return any(_word(part) in _BROAD for part in (caught.elts if isinstance(caught, ast.Tuple) else [caught]))


def _answers(part: ast.AST, name: str | None) -> bool:
    match part:
        case ast.Raise():
            return True
        case ast.Return(value=value):
            return value is not None and not (isinstance(value, ast.Constant) and value.value is None)
        case ast.Call(func=ast.Attribute(attr=attr)):
            return attr in _LOGS
        case ast.Name(id=used):
            return used == name
    return False


# -- lengths

_LINES_OF_A_FUNCTION, _LINES_OF_A_FILE = 60, 400
_WHY_LONG = re.compile(r"# long: \S+ \S+ \S")


def long_function(place: Place) -> str | None:
    """A function of more lines than fit a screen, from `def` to its end.

    `# long: why` between `def` and its first statement lets it be; a reason that is not needed any more fails.
    """
    if isinstance(place.node, ast.FunctionDef | ast.AsyncFunctionDef):
        first, last = place.node.lineno, place.node.end_lineno or 0
        top = place.lines[first - 1 : place.node.body[0].lineno - 1]
        return _too_long(last - first + 1, _LINES_OF_A_FUNCTION, top, "under its `def`")
    return None


def long_file(place: Place) -> str | None:
    """A file of more lines than a reader keeps in mind; `# long: why` as its first line lets it be."""
    return _too_long(len(place.lines), _LINES_OF_A_FILE, place.lines[:1], "as its first line")


def _too_long(length: int, limit: int, top: Sequence[str], where: str) -> str | None:
    reason = any(map(_WHY_LONG.search, top))
    if length > limit and not reason:
        return f"{length} lines, of at most {limit}: split it by sense, or write `# long: why` {where}"
    return f"{length} lines are not too long: take the reason off" if reason and length <= limit else None


# -- names


def _word(node: ast.AST) -> str:
    """Return the last word by which an expression goes: `a.b`, `a["b"]`, `b()` and `b` are all "b". Or ""."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Subscript(slice=ast.Constant(value=str(name))):
            return name
        case ast.Call(func=func):
            return _word(func)
    return ""


_DECLARES = (ast.AnnAssign, ast.arg, ast.keyword, ast.FunctionDef, ast.AsyncFunctionDef)

RULES = (
    Rule(table_access, _outside_stores, ("dynamodb", "table", "Table"), (ast.Call,)),
    Rule(players_items, in_product, ("USER#", "PLAYER#", "scan", "query"), (ast.JoinedStr, ast.Constant, ast.Call)),
    Rule(money, _outside_tests, tuple(_MONEY), (ast.BinOp, ast.AugAssign, ast.Call, ast.Assign, *_DECLARES)),
    Rule(bus, _outside_outbox, ("put_events",), (ast.Call,)),
    Rule(printing, in_product, ("print",), (ast.Call,)),
    Rule(sleeping, in_tests, ("sleep",), (ast.Attribute, ast.ImportFrom)),
    Rule(cursor_loop, _everywhere, _CURSORS, (ast.While, ast.For, ast.AsyncFor)),
    Rule(swallowed, _everywhere, ("except", "suppress"), (ast.ExceptHandler, ast.Call)),
    Rule(long_function, _outside_tests, ("def ",), (ast.FunctionDef, ast.AsyncFunctionDef)),
    Rule(long_file, _outside_tests, ("\n",), (ast.Module,)),
)
