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
from tools.reconcile.payments import named_orders

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
    (TRANSFER, re.compile(r"settle|\btransfer\b|top.?up|to bank|from bank|\bMMF\b|\bpay tax\b|\bKRA\b", re.IGNORECASE)),
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

    def days(self) -> tuple[date, date] | None:
        """Return the days in Nairobi of the first and the last row; None without rows."""
        days = [line.at.astimezone(clock.NAIROBI).date() for line in (*self.lines, *self.others)]
        return (min(days), max(days)) if days else None

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
    """Return the text of an exported file: UTF-16 by its mark, UTF-8, else what old spreadsheets write."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
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
                elif not _is_total(columns, fields):
                    unreadable.append(where)
    except csv.Error as error:
        raise BadStatement(f"{name} line {reader.line_num} is not CSV: {error}.") from error
    if not columns:
        raise BadStatement(_no_table(name, text))
    ordered = _oldest_first(_unique(lines))
    done = [line for line in ordered if line.status == COMPLETED]
    return Statement(name, done, [line for line in ordered if line.status != COMPLETED], unreadable)


def merged(statements: Iterable[Statement]) -> list[Statement]:
    """Return statements with every row once: files that have a completed row in common are of one account."""
    found: list[Statement] = []
    for each in statements:
        rows = {_said(line) for line in each.lines}
        same = [other for other in found if not rows.isdisjoint(map(_said, other.lines))]
        found = [other for other in found if other not in same]
        found.append(_joined([*same, each]))
    return found


def _joined(parts: Sequence[Statement]) -> Statement:
    lines, others = (
        sorted(_unique(rows), key=lambda line: line.at)
        for rows in ((line for part in parts for line in part.lines), (line for part in parts for line in part.others))
    )
    return Statement(parts[0].name, lines, others, [where for part in parts for where in part.unreadable])


def _unique(lines: Iterable[Line]) -> list[Line]:
    """Return rows without those that repeat one before, wherever they stand."""
    found: dict[Line, Line] = {}
    for line in lines:
        found.setdefault(_said(line), line)
    return list(found.values())


def _said(line: Line) -> Line:
    return line._replace(where="")


def day_of(day: date) -> tuple[datetime, datetime]:
    """Return when a day in Nairobi begins and when the next one does."""
    start = datetime(day.year, day.month, day.day, tzinfo=clock.NAIROBI)
    return start, start + timedelta(days=1)


def check_covers(statements: Iterable[Statement], day: date) -> None:
    """Raise BadStatement for a file that has rows, but none on or around a day."""
    for statement in statements:
        days = statement.days()
        if days is not None and not days[0] <= day <= days[1]:
            raise BadStatement(f"{statement.name} is about {days[0]} to {days[1]}, not about {day}.")


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


def _is_total(columns: dict[str, int], fields: Sequence[str]) -> bool:
    """Return whether a row begins with "total" and nothing else says that money moved: somebody may be called so."""
    begins = (fields[0].strip() or _field(columns, fields, "details")).lower()
    moved = any(_field(columns, fields, name) for name in ("completiontime", "transactionstatus", "reasontype"))
    return begins.startswith("total") and not moved


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
    plain = text.replace("KES", "").strip()
    if plain in ("", "-"):
        return None
    try:
        # A comma before the last digits is a decimal one: without it they would be a hundred times as much.
        if re.search(r",\d{1,2}$", plain):
            raise InvalidOperation
        cents = Decimal(plain.replace(",", "")) * 100
        if not cents.is_finite() or cents != cents.to_integral_value():
            raise InvalidOperation
    except ArithmeticError:
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
