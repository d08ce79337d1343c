"""One request to Daraja, and its line in the request log."""

from dataclasses import dataclass, field
from datetime import datetime

from localcloud.daraja.base.wire import EAT, JSON, loads

SECRETS = ("Password", "SecurityCredential")


@dataclass(frozen=True)
class Call:
    """One HTTP request to Daraja. Header names are lower case."""

    method: str
    path: str
    headers: dict[str, str]
    query: dict[str, str]
    body: bytes


@dataclass
class Seen:
    """One line of the request log: credentials blanked, ``warnings`` name what Daraja would silently ignore."""

    at: datetime
    method: str
    path: str
    body: object
    status: int = 0
    answer: str = ""
    warnings: list[str] = field(default_factory=list)

    def as_json(self) -> JSON:
        """Return the line for people and tests."""
        return {"at": self.at.astimezone(EAT).isoformat(), "method": self.method, "path": self.path,
                "body": self.body, "status": self.status, "answer": self.answer, "warnings": self.warnings}  # fmt: skip


def parsed(call: Call) -> JSON | None:
    """Return the JSON object of a call, or None: form encoding and other types are refused (DARAJA §3.3, §8.14)."""
    if not call.headers.get("content-type", "").lower().startswith("application/json"):
        return dict(call.query) if call.method == "GET" and call.query else None
    try:
        parsed = loads(call.body)
    except ValueError:
        return None
    return parsed if isinstance(parsed, dict) else None


def blanked(body: JSON) -> JSON:
    """Return a body as the log shows it, its credentials blanked."""
    return {name: "***" if name in SECRETS else _plain(value) for name, value in body.items()}


def _plain(value: object) -> object:
    return value if isinstance(value, str | int | bool) or value is None else str(value)
