"""Inputs of operators' commands. Rules only: no I/O."""

from typing import Any

from betsafi import inputs


def text(arguments: dict[str, Any], name: str, shortest: int = 5, longest: int = 500) -> str:
    """Return a sentence that an operator gives for the record. Raises InvalidInput."""
    return inputs.text(arguments.get(name), name, shortest, longest)


def why(arguments: dict[str, Any]) -> str:
    """Return the reason of a decision that needs none, "" where none was given. Raises InvalidInput."""
    return "" if arguments.get("reason") is None else text(arguments, "reason")
