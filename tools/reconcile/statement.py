"""The statement that M-Pesa's portal exports for an organisation's account, as CSV. No I/O.

Some lines about the organisation, then a table whose columns are known by name, in any order. Amounts look like
"1,000.00" (withdrawn ones may be negative), times are Nairobi's. It names people: of details and other parties nothing
is kept but ids of ours, and nothing is ever said of them.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from betsafi import clock
from tools.reconcile.orders import named_orders

IN, OUT, REVERSAL, CHARGE, TRANSFER, UNKNOWN = "IN", "OUT", "REVERSAL", "CHARGE", "TRANSFER", "UNKNOWN"
COMPLETED = "completed"

_COLUMNS = {
    "receiptno": "Receipt No.",
    "completiontime": "Completion Time",
    "transactionstatus": "Transaction Status",
    "paidin": "Paid In",
    "withdrawn": "Withdrawn",
    "balance": "Balance",
    "details": "Details",
    "reasontype": "Reason Type",
    "linkedtransactionid": "Linked Transaction ID",
    "acno": "A/C No.",
}
_REQUIRED = ("receiptno", "completiontime", "transactionstatus", "paidin", "withdrawn", "balance", "reasontype")
_TIMES = tuple(f"{day} {time}" for day in ("%d-%m-%Y", "%Y-%m-%d") for time in ("%H:%M:%S", "%H:%M"))
_RECEIPT = re.compile(r"[A-Z0-9]{6,20}")
_WORDS = re.compile(
    r"\b(?:account|api|bank|bill|business|buy|charges?|customer|deposit|fees?|from|funds|goods|merchant|mmf|online"
    r"|organi[sz]ation|pay|payment|reversal|revenue|salary|settle|settlement|to|top|transfer|up|utility|via"
    r"|withdraw|withdrawal|working)\b",
    re.IGNORECASE,
)
"""The words of a reason type that are repeated to people; any other may be somebody's name."""

_KINDS = (
    (CHARGE, re.compile(r"\bcharges?\b|\bfees?\b|\btariff\b", re.IGNORECASE)),
    (REVERSAL, re.compile(r"revers", re.IGNORECASE)),
    (TRANSFER, re.compile(r"settle|\btransfer\b|top.?up|to bank|from bank|\bMMF\b", re.IGNORECASE)),
    (IN, re.compile(r"pay ?bill|pay utility|customer.*(?:payment|merchant)|pay merchant", re.IGNORECASE)),
    (OUT, re.compile(r"(?:business|salary|promotion) payment|\bB2C\b", re.IGNORECASE)),
)


class BadStatement(ValueError):
    """The file is not such a statement; the message says why, and repeats nothing of its rows."""


class Line(NamedTuple):
    """A row of the table. `where` is file and line; amounts are cents; `reason` has the reason type's known words."""

    where: str
    receipt: str
    at: datetime
    status: str
    paid_in: int
    withdrawn: int
    balance: int | None
    kind: str
    reason: str
    linked: str
    account: str
    orders: tuple[str, ...]


class Statement(NamedTuple):
    """One exported file: its completed and other rows in the order of time, and what could not be read as a row."""

    name: str
    lines: list[Line]
    others: list[Line]
    unreadable: list[str]

    def closing(self, until: datetime) -> int | None:
        """Return the balance after the last completed row before a moment."""
        return next(
            (line.balance for line in reversed(self.lines) if line.at < until and line.balance is not None), None
        )

    def gap(self) -> Line | None:
        """Return the first completed row whose balance does not follow from the one before it."""
        before: int | None = None
        for line in self.lines:
            if line.balance is None:
                continue
            if before is not None and line.balance != before + line.paid_in - line.withdrawn:
                return line
            before = line.balance
        return None


def decode(content: bytes) -> str:
    """Return the text of an exported file: UTF-8, with or without a mark, else what old spreadsheets write."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def parse(name: str, text: str) -> Statement:
    """Read an exported file. Raises BadStatement, which names the column or the line."""
    delimiter = max(",;\t", key=_header_line(text).count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    columns: dict[str, int] = {}
    lines: list[Line] = []
    unreadable: list[str] = []
    try:
        for fields in reader:
            where = f"{name}:{reader.line_num}"
            if not columns:
                columns = _header(fields)
            elif any(field.strip() for field in fields):
                line = _line(where, columns, fields)
                if line is not None:
                    lines.append(line)
                elif not fields[0].strip().lower().startswith("total") and "total" not in _details(columns, fields):
                    unreadable.append(where)
    except csv.Error as error:
        raise BadStatement(f"{name} line {reader.line_num} is not CSV: {error}.") from error
    if not columns:
        raise BadStatement(_no_table(name, text))
    ordered = _oldest_first(list(dict.fromkeys(lines)))
    done = [line for line in ordered if line.status == COMPLETED]
    return Statement(name, done, [line for line in ordered if line.status != COMPLETED], unreadable)


def day_of(day: date) -> tuple[datetime, datetime]:
    """Return when a day in Nairobi begins and when the next one does."""
    start = datetime(day.year, day.month, day.day, tzinfo=clock.NAIROBI)
    return start, start + timedelta(days=1)


def check_covers(statements: Iterable[Statement], day: date) -> None:
    """Raise BadStatement for a file that has rows, but none on or around a day."""
    for statement in statements:
        days = [line.at.astimezone(clock.NAIROBI).date() for line in (*statement.lines, *statement.others)]
        if not days:
            raise BadStatement(f"{statement.name} has no rows.")
        if not min(days) <= day <= max(days):
            raise BadStatement(f"{statement.name} is about {min(days)} to {max(days)}, not about {day}.")


def _norm(text: str) -> str:
    return re.sub(r"[^a-z]", "", text.lower())


def _header_line(text: str) -> str:
    return next((line for line in text.splitlines() if "receiptno" in _norm(line)), "")


def _header(fields: Sequence[str]) -> dict[str, int]:
    """Return where each column is if this is the table's head, else nothing. Raises BadStatement for a missing one."""
    found = {_norm(field): index for index, field in enumerate(fields) if _norm(field) in _COLUMNS}
    if "receiptno" not in found:
        return {}
    missing = [_COLUMNS[column] for column in _REQUIRED if column not in found]
    if missing:
        raise BadStatement(f"The statement has no column {' and no column '.join(missing)}.")
    return found


def _no_table(name: str, text: str) -> str:
    known = [_COLUMNS[column] for column in _COLUMNS if any(column in _norm(line) for line in text.splitlines())]
    if len(known) > 3:
        return f"The statement {name} has no column Receipt No."
    return f"{name} is no statement of M-Pesa's portal: no line has the column Receipt No."


def _field(columns: dict[str, int], fields: Sequence[str], column: str) -> str:
    index = columns.get(column, len(fields))
    return fields[index].strip() if index < len(fields) else ""


def _details(columns: dict[str, int], fields: Sequence[str]) -> str:
    return _field(columns, fields, "details").lower()


def _line(where: str, columns: dict[str, int], fields: Sequence[str]) -> Line | None:
    """Return a row, None for one without a receipt or a time. Raises BadStatement for an amount or a time like none."""
    receipt = _field(columns, fields, "receiptno").upper()
    when = _field(columns, fields, "completiontime")
    if not _RECEIPT.fullmatch(receipt) or not when:
        return None
    paid_in, withdrawn = (_cents(where, _field(columns, fields, name)) or 0 for name in ("paidin", "withdrawn"))
    reason, details = _field(columns, fields, "reasontype"), _field(columns, fields, "details")
    linked = _field(columns, fields, "linkedtransactionid").upper()
    linked = linked if _RECEIPT.fullmatch(linked) else ""
    return Line(
        where,
        receipt,
        _time(where, when),
        _field(columns, fields, "transactionstatus").lower(),
        abs(paid_in),
        abs(withdrawn),
        _cents(where, _field(columns, fields, "balance")),
        _kind(reason, details, linked, abs(paid_in), abs(withdrawn)),
        " ".join(_WORDS.findall(reason)),
        linked,
        _field(columns, fields, "acno"),
        named_orders(details),
    )


def _kind(reason: str, details: str, linked: str, paid_in: int, withdrawn: int) -> str:
    """Return what a row is: by its reason type, where that says nothing by its details, and by which way money went."""
    if bool(paid_in) == bool(withdrawn):
        return UNKNOWN
    for text in (reason, details):
        for kind, pattern in _KINDS:
            if pattern.search(text) and (kind != IN or paid_in) and (kind != OUT or withdrawn):
                return kind
    return REVERSAL if linked else UNKNOWN


def _cents(where: str, text: str) -> int | None:
    plain = text.replace(",", "").replace("KES", "").strip()
    if plain in ("", "-"):
        return None
    try:
        cents = Decimal(plain) * 100
        if not cents.is_finite() or cents != cents.to_integral_value():
            raise InvalidOperation
    except InvalidOperation:
        raise BadStatement(f"{where} has an amount that is none.") from None
    return int(cents)


def _time(where: str, text: str) -> datetime:
    plain = text.replace("/", "-").replace("T", " ")
    for form in _TIMES:
        try:
            return datetime.strptime(plain, form).replace(tzinfo=clock.NAIROBI)
        except ValueError:
            continue
    raise BadStatement(f"{where} has a completion time that is neither dd-mm-yyyy nor yyyy-mm-dd HH:MM:SS.")


def _oldest_first(lines: list[Line]) -> list[Line]:
    """Return rows in the order of time. The portal writes the newest first, also within one second."""
    if len(lines) > 1 and (lines[0].at > lines[-1].at or (lines[0].at == lines[-1].at and not _follow(lines))):
        lines = lines[::-1]
    return sorted(lines, key=lambda line: line.at)


def _follow(lines: Sequence[Line]) -> bool:
    first, second = lines[0], lines[1]
    if first.balance is None or second.balance is None:
        return True
    return second.balance == first.balance + second.paid_in - second.withdrawn
