"""The expressions by which outcomes are decided, over what a match record leaves open. No I/O.

Every name is an interval, in quarters. A quantity becomes one; a condition is yes (True), no (False) or open (None).
Both are sound: whatever becomes of the match lies in the interval, and a yes or a no stays one. An interval forgets
what two of its names have in common, so something certain may look open, never the other way round.
"""

import ast
from collections.abc import Callable, Mapping, Set
from functools import lru_cache

from bet.markets.specifiers import quarters

Interval = tuple[int | None, int | None]
"""The least and the most, both included; None: without a bound."""
Names = Mapping[str, Interval]
Quantity = Callable[[Names], Interval]
Condition = Callable[[Names], bool | None]

LONGEST_EXPRESSION = 200
"""Characters; it also keeps the tree shallow."""


class FaultyExpression(ValueError):
    """An expression has something in it that expressions do not have."""


def quantity(text: str, known: Set[str]) -> Quantity:
    """Return what evaluates a quantity of `known` names. Raises FaultyExpression."""
    return _quantity(_tree(text), known)


def condition(text: str, known: Set[str]) -> Condition:
    """Return what evaluates a condition of `known` names. Raises FaultyExpression."""
    return _condition(_tree(text), known)


@lru_cache(maxsize=256)
def _tree(text: str) -> ast.expr:
    if len(text) > LONGEST_EXPRESSION:
        raise FaultyExpression(f"has more than {LONGEST_EXPRESSION} characters")
    try:
        return ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError) as error:
        raise FaultyExpression(f"cannot be read: {text}") from error


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return f"{node.value.id}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def _constant(node: ast.expr) -> int | None:
    return quarters(ast.unparse(node)) if isinstance(node, ast.Constant) else None


def _whole(node: ast.expr) -> int | None:
    value = _constant(node)
    return None if value is None or value % 4 else value // 4


def _quantity(node: ast.expr, known: Set[str]) -> Quantity:
    if (value := _constant(node)) is not None:
        fixed = (value, value)
        return lambda names: fixed
    if name := _dotted(node):
        if name not in known:
            raise FaultyExpression(f"does not know {name}")
        return lambda names: names[name]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = _quantity(node.operand, known)
        return lambda names: _times(inner(names), -1)
    if isinstance(node, ast.BinOp):
        return _arithmetic(node, known)
    raise FaultyExpression(f"takes {ast.unparse(node)} for a quantity")


def _arithmetic(node: ast.BinOp, known: Set[str]) -> Quantity:
    factor = _whole(node.left)
    if isinstance(node.op, ast.Mult) and factor is not None:
        right = _quantity(node.right, known)
        return lambda names: _times(right(names), factor)
    left, modulus = _quantity(node.left, known), _whole(node.right)
    if isinstance(node.op, ast.Mod) and modulus:
        return lambda names: _modulo(left(names), modulus * 4)
    if isinstance(node.op, ast.Add | ast.Sub):
        right, sign = _quantity(node.right, known), 1 if isinstance(node.op, ast.Add) else -1
        return lambda names: _plus(left(names), _times(right(names), sign))
    raise FaultyExpression(f"has + and -, a whole number times, and modulo one above 0; not {ast.unparse(node)}")


def _plus(one: Interval, other: Interval) -> Interval:
    least = None if one[0] is None or other[0] is None else one[0] + other[0]
    return least, None if one[1] is None or other[1] is None else one[1] + other[1]


def _times(one: Interval, factor: int) -> Interval:
    if factor == 0:
        return 0, 0
    least, most = (None if end is None else end * factor for end in one)
    return (least, most) if factor > 0 else (most, least)


def _modulo(one: Interval, modulus: int) -> Interval:
    if one[0] is None or one[0] != one[1]:
        return 0, modulus - 1
    return one[0] % modulus, one[0] % modulus


def _condition(node: ast.expr, known: Set[str]) -> Condition:
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        left, right = _quantity(node.left, known), _quantity(node.comparators[0], known)
        if compare := _COMPARISONS.get(type(node.ops[0])):
            return lambda names: compare(left(names), right(names))
    if isinstance(node, ast.BoolOp):
        parts = [_condition(value, known) for value in node.values]
        settles = isinstance(node.op, ast.Or)
        return lambda names: _joined([part(names) for part in parts], settles)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        inner = _condition(node.operand, known)
        return lambda names: _not(inner(names))
    raise FaultyExpression(f"takes {ast.unparse(node)} for a condition")


def _joined(found: list[bool | None], settles: bool) -> bool | None:
    """One yes settles an `or`, one no an `and`; else all must be known."""
    return settles if settles in found else None if None in found else not settles


def _not(found: bool | None) -> bool | None:
    return None if found is None else not found


def _below(one: Interval, other: Interval) -> bool | None:
    if one[1] is not None and other[0] is not None and one[1] < other[0]:
        return True
    return False if one[0] is not None and other[1] is not None and one[0] >= other[1] else None


def _equal(one: Interval, other: Interval) -> bool | None:
    if _below(one, other) or _below(other, one):
        return False
    return True if None not in one and one == other and one[0] == one[1] else None


_COMPARISONS: dict[type[ast.cmpop], Callable[[Interval, Interval], bool | None]] = {
    ast.Lt: _below,
    ast.Gt: lambda one, other: _below(other, one),
    ast.LtE: lambda one, other: _not(_below(other, one)),
    ast.GtE: lambda one, other: _not(_below(one, other)),
    ast.Eq: _equal,
    ast.NotEq: lambda one, other: _not(_equal(one, other)),
}
