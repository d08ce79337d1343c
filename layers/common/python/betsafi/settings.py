"""Settings are read from the environment once, at import, into a typed frozen dataclass."""

import os
from dataclasses import MISSING, fields
from typing import Any, TypeVar

T = TypeVar("T")


def read_settings(model: type[T]) -> T:
    """Fill a dataclass from environment variables named like its fields in capitals (`table_name`: TABLE_NAME).

    Fields are `str`, `int`, `bool` ("true"/"false") or `list[str]` (comma-separated). Raises RuntimeError that names
    every missing or malformed variable, so that a bad deployment fails at once and says why.
    """
    values: dict[str, Any] = {}
    problems = []
    for field in fields(model):  # type: ignore[arg-type]
        text = os.environ.get(field.name.upper())
        if text is None or text == "":
            if field.default is MISSING and field.default_factory is MISSING:
                problems.append(f"{field.name.upper()} is missing")
            continue
        try:
            values[field.name] = _PARSERS[field.type](text)
        except (KeyError, ValueError):
            problems.append(f"{field.name.upper()} is not of type {field.type}")
    if problems:
        raise RuntimeError("Bad settings: " + "; ".join(problems))
    return model(**values)


_PARSERS: dict[Any, Any] = {
    str: str,
    int: int,
    bool: lambda text: {"true": True, "false": False}[text],
    list[str]: lambda text: [part.strip() for part in text.split(",") if part.strip()],
}
