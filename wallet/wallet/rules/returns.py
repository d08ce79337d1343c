"""A day's return to the regulator and the tax authority, as lines of JSON. No I/O.

A head; a line for each entry of the ledger that is of a figure, with a number that goes on from the last day's; the
day's totals. Each line of an entry says what that entry changed: a correction is a new line with a difference, under
the reference of what it corrects, and no line of an earlier day is ever changed. The head names the hash of the day
before, so that none can be left out. What signs it all is the file's last line (`wallet.archive`).
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from wallet.rules import figures
from wallet.rules.figures import Figures
from wallet.rules.ledger import BONUS, EXCISE, HOUSE, WITHHOLDING

FORMAT = "betsafi-return/1"

Row = tuple[Mapping[str, Any], Figures]
"""An entry of the ledger, and what it is of each figure."""


@dataclass(frozen=True)
class Chain:
    """Where the returns stand after a day: its number, how many entries were reported, and the hash of its file."""

    day: date
    number: int
    records: int
    sha256: str

    @classmethod
    def after(cls, content: bytes) -> "Chain":
        """Return where the returns stand after this file."""
        head = json.loads(content.partition(b"\n")[0])
        last = head["firstRecord"] + head["records"] - 1
        return cls(date.fromisoformat(head["day"]), head["number"], last, hashlib.sha256(content).hexdigest())


def rows(items: Iterable[Mapping[str, Any]], days: Sequence[date]) -> dict[date, list[Row]]:
    """Return the entries of each day that are of a figure, in their order."""
    found: dict[date, list[Row]] = {day: [] for day in days}
    for item in items:
        if "postings" in item and (day := figures.day_of(item["at"])) in found and (of := figures.figures(item)):
            found[day].append((item, of))
    for entries in found.values():
        entries.sort(key=lambda row: (row[0]["at"], row[0]["pk"], row[0]["sk"]))
    return found


def content(day: date, stage: str, entries: Sequence[Row], before: Chain | None) -> bytes:
    """Return a day's return without its signature, after that of the day before (None: it is the first)."""
    first = before.records + 1 if before else 1
    head = {
        "format": FORMAT,
        "stage": stage,
        "day": day.isoformat(),
        "number": before.number + 1 if before else 1,
        "firstRecord": first,
        "records": len(entries),
        "previous": before.sha256 if before else None,
    }
    lines = [head, *_records(entries, first), _totals(of for _, of in entries)]
    return b"".join(_line(line) for line in lines)


def digest_of(unsigned: bytes) -> bytes:
    """Return what is signed of a return: the SHA-256 of all lines before the signature, in hexadecimal digits."""
    return hashlib.sha256(unsigned).hexdigest().encode()


def signed(unsigned: bytes, signature: str, key: str) -> bytes:
    """Return a return with its signature as the last line."""
    return unsigned + _line({"signature": signature, "key": key, "algorithm": "ECDSA_SHA_256"})


@dataclass(frozen=True)
class Return:
    """A return as it was read: its parts, the digest that was signed, and the hash of the whole file."""

    head: dict[str, Any]
    records: list[dict[str, Any]]
    totals: dict[str, int]
    signature: dict[str, str]
    digest: bytes
    sha256: str


def read(content: bytes) -> Return:
    """Return a file's parts. Raises ValueError for what is no return."""
    lines = content.splitlines(keepends=True)
    if len(lines) < 3:
        raise ValueError("a return has a head, totals and a signature")
    head, *records, totals, signature = (json.loads(line) for line in lines)
    if head.get("format") != FORMAT or "totals" not in totals or "signature" not in signature:
        raise ValueError(f"this is no {FORMAT}")
    digest = hashlib.sha256(content).hexdigest()
    return Return(head, records, totals["totals"], signature, digest_of(b"".join(lines[:-1])), digest)


def problems(files: Sequence[Return]) -> list[str]:
    """Return what is wrong with returns of consecutive days by themselves; who signed them is asked elsewhere."""
    found = []
    for before, one in zip([None, *files], files, strict=False):
        day, head = one.head["day"], one.head
        if before and (head["previous"], head["number"]) != (before.sha256, before.head["number"] + 1):
            found.append(f"{day} does not follow {before.head['day']}")
        if before and head["firstRecord"] != before.head["firstRecord"] + before.head["records"]:
            found.append(f"{day}: its first record does not follow {before.head['day']}'s last")
        if [record["record"] for record in one.records] != list(
            range(head["firstRecord"], head["firstRecord"] + head["records"])
        ):
            found.append(f"{day}: its records are not numbered one after the other")
        if _totals(map(_figures, one.records))["totals"] != one.totals:
            found.append(f"{day}: its totals are not the sums of its records")
    return found


def against(files: Iterable[Return], ledger: Mapping[tuple[str, str], int]) -> list[str]:
    """Return where a day's totals are not what the ledger's accounts changed by: cents by (day, account)."""
    found = []
    for one in files:
        day, of = one.head["day"], _figures(one.totals)
        wanted = {HOUSE: of.gross_revenue, BONUS: -of.bonus, "tax": of.excise + of.withholding - of.remitted}
        changed = {name: ledger.get((day, name), 0) for name in (HOUSE, BONUS)}
        changed["tax"] = sum(ledger.get((day, tax), 0) for tax in (EXCISE, WITHHOLDING))
        found += [
            f"{day}: {name} is {cents} in the return and {changed[name]} in the ledger"
            for name, cents in wanted.items()
            if cents != changed[name]
        ]
    return found


def _figures(record: Mapping[str, Any]) -> Figures:
    return Figures(**{one.name: record.get(f"{one.name}Cents", 0) for one in fields(Figures)})


def _records(entries: Iterable[Row], first: int) -> Iterator[dict[str, Any]]:
    for number, (item, of) in enumerate(entries, first):
        hold = item.get("hold") or {}
        yield {
            "record": number,
            "at": item["at"],
            "id": item["entry_id"],
            "kind": item["entry_kind"],
            "reference": item["reference"],
            **({"player": item["user_id"]} if "user_id" in item else {}),
            **({"step": hold["step"]} if "step" in hold else {}),
            **_cents(of),
        }


def _totals(entries: Iterable[Figures]) -> dict[str, Any]:
    of = figures.total(entries)
    return {"totals": {**_cents(of), "grossRevenueCents": of.gross_revenue}}


def _cents(of: Figures) -> dict[str, int]:
    return {f"{name}Cents": cents for name, cents in of.named().items()}


def _line(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=True).encode() + b"\n"
