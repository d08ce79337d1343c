"""Settings are read from the environment once, at import, into a typed frozen dataclass, and checked as they are read.

What a person fills in can be wrong, and is refused before anything is done with it: by name, never by its value, which
may be a secret.
"""

import os
import re
from dataclasses import MISSING, dataclass, fields
from typing import Annotated, Any, TypeVar
from urllib.parse import urlsplit

T = TypeVar("T")

_PLACEHOLDERS = re.compile(
    r"<.*>|\$\{.*|\{\{.*|\[object .*|x{3,}|\.{3,}|(your|my|insert|enter)[ _-].*|(change|replace)[ _-]?(me|this)?"
    r"|to ?do|tb[ad]|none|null|nil|undefined|unset|dummy|placeholder",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Must:
    """What `read_settings` holds a field to beyond its type: a number's `least`; of a text, or each part of a list, the
    whole of `like`, or an http(s) address.
    """

    least: int = 1
    like: str = ""
    url: bool = False


Url = Annotated[str, Must(url=True)]
FromZero = Annotated[int, Must(least=0)]


@dataclass(frozen=True)
class TableSettings:
    """Which table is the service's own."""

    table_name: str


def is_fit(text: str) -> bool:
    """Return whether a text can be what a person meant: no placeholder, no blanks around it, all of it to be seen."""
    return bool(text) and text == text.strip() and text.isprintable() and not _PLACEHOLDERS.fullmatch(text)


def read_settings(model: type[T]) -> T:
    """Fill a dataclass from environment variables named like its fields in capitals (`table_name`: TABLE_NAME).

    Fields are `str`, `int` (from 1), `bool` ("true"/"false"), `list[str]` or `list[int]` (comma-separated), or one of
    these `Annotated` with what it `Must` be. Raises RuntimeError that names every variable that is missing or cannot be
    right, and what the model's own `__post_init__` (ValueError) finds between them, so that a bad deployment fails at
    once and says why.
    """
    values: dict[str, Any] = {}
    problems = []
    for field in fields(model):  # type: ignore[arg-type]
        name, text = field.name.upper(), os.environ.get(field.name.upper())
        if text is None or text == "":
            if field.default is MISSING and field.default_factory is MISSING:
                problems.append(f"{name} is missing")
            continue
        kind, must = _kind(field.type)
        try:
            values[field.name] = _PARSERS[kind](text)
        except (KeyError, ValueError):
            problems.append(f"{name} is not of type {kind}")
            continue
        if problem := _problem(values[field.name], must):
            problems.append(f"{name} {problem}")
    if not problems:
        try:
            return model(**values)
        except ValueError as error:
            problems.append(str(error))
    raise RuntimeError("Bad settings: " + "; ".join(problems))


def _kind(declared: Any) -> tuple[Any, Must]:
    must = next((part for part in getattr(declared, "__metadata__", ()) if isinstance(part, Must)), Must())
    return (declared.__origin__ if hasattr(declared, "__metadata__") else declared), must


def _problem(value: Any, must: Must) -> str:
    """Return what is wrong with a setting, without its value, or nothing."""
    for part in value if isinstance(value, list) else [value]:
        if isinstance(part, int):
            if not isinstance(part, bool) and part < must.least:
                return f"must be {must.least} or more"
        elif not is_fit(part):
            return "is blank, a placeholder, or has blanks around it"
        elif must.url and not _is_url(part):
            return "is no http(s) address"
        elif must.like and not re.fullmatch(must.like, part):
            return f"must look like {must.like}"
    return ""


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        well_formed = parts.port is None or parts.port > 0
    except ValueError:
        return False
    return well_formed and parts.scheme in ("http", "https") and bool(parts.hostname) and " " not in text


_PARSERS: dict[Any, Any] = {
    str: str,
    int: int,
    bool: lambda text: {"true": True, "false": False}[text],
    list[str]: lambda text: [part.strip() for part in text.split(",")],
    list[int]: lambda text: [int(part) for part in text.split(",")],
}
