"""How Daraja writes: East Africa Time, decimals as JSON numbers, error envelopes. No I/O."""

import json
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

EAT = timezone(timedelta(hours=3), "EAT")
JSON = dict[str, Any]
MSISDN = re.compile(r"254[17]\d{8}")
"""A Kenyan mobile number."""
JSON_HEADERS = {"Content-Type": "application/json"}


def dumps(value: object) -> str:
    """Return ``value`` as JSON, with every Decimal as an exact number (``1.00``), never through a float."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(str(key))}:{dumps(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(dumps(item) for item in value) + "]"
    return json.dumps(value)


def loads(text: str | bytes) -> Any:
    """Parse JSON with decimals kept exact. Raises ValueError."""
    return json.loads(text, parse_float=Decimal)


def compact_time(moment: datetime) -> str:
    """``YYYYMMDDHHmmss`` in East Africa Time (DARAJA §1.16, §4.1)."""
    return moment.astimezone(EAT).strftime("%Y%m%d%H%M%S")


def dotted_time(moment: datetime) -> str:
    """``dd.mm.yyyy HH:MM:SS`` in East Africa Time, as in B2C results (DARAJA §5.4)."""
    return moment.astimezone(EAT).strftime("%d.%m.%Y %H:%M:%S")


def shillings(amount: Decimal | int) -> Decimal:
    """Return the amount with two decimals, as Daraja prints it. Raises ValueError below a cent."""
    exact = Decimal(amount)
    rounded = exact.quantize(Decimal("0.01"))
    if rounded != exact:
        raise ValueError(f"{amount} is finer than a cent")
    return rounded


@dataclass(frozen=True)
class Answer:
    """An HTTP answer to be sent after ``delay_s``; ``close`` cuts the connection instead of answering."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=lambda: dict(JSON_HEADERS))
    delay_s: float = 0.0
    close: bool = False


def answer(content: JSON, status: int = 200) -> Answer:
    """Return ``content`` as a JSON answer."""
    return Answer(status, dumps(content).encode())


class DarajaError(Exception):
    """Daraja refuses synchronously with ``{"requestId","errorCode","errorMessage"}`` (DARAJA §3.3)."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{code} {message}")
        self.status = status
        self.code = code
        self.message = message

    def envelope(self, request_id: str) -> JSON:
        """Return the documented error body."""
        return {"requestId": request_id, "errorCode": self.code, "errorMessage": self.message}


def invalid(field_name: str) -> DarajaError:
    """Return the refusal of one bad field."""
    return DarajaError(400, "400.002.02", f"Bad Request - Invalid {field_name}")
