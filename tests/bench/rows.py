"""The rows of the table: what was measured, what it should be, and whether it is. Lower is better in every row."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


class Unmeasurable(Exception):
    """A figure that cannot be taken here; the message is the reason that the table gives instead."""


@dataclass(frozen=True)
class Row:
    """One figure. `value` None: not measured, and `reason` says why. `aim` None: a reference that nothing is held to.

    `limit` is what the machine, the price list or a peer reaches.
    """

    metric: str
    what: str
    value: float | None
    unit: str
    aim: float | None = None
    limit: float | None = None
    reason: str = ""

    @property
    def verdict(self) -> str:
        """Whether the aim is met, in one word; empty for a reference."""
        if self.value is None:
            return "missing"
        if self.aim is None:
            return ""
        return "yes" if round(self.value, 4) <= self.aim else "NO"


def missing(metric: str, what: str, unit: str, reason: str, aim: float | None = None) -> Row:
    """Return the row of a figure that could not be taken."""
    return Row(metric, what, None, unit, aim, reason=reason)


def render(rows: Sequence[Row]) -> str:
    """Return the rows as a Markdown table that also reads well on a terminal, with the reasons of what is missing."""
    header = ("what", "value", "unit", "aim", "limit / peer", "met")
    cells = [header] + [
        (row.what, _number(row.value), row.unit, _number(row.aim), _number(row.limit), row.verdict) for row in rows
    ]
    widths = [max(len(line[column]) for line in cells) for column in range(len(header))]
    right = (False, True, False, True, True, False)

    def line(texts: Sequence[str]) -> str:
        padded = (
            text.rjust(width) if is_right else text.ljust(width)
            for text, width, is_right in zip(texts, widths, right, strict=True)
        )
        return "| " + " | ".join(padded) + " |"

    rule = [
        ("-" * (width - 1) + ":") if is_right else "-" * width for width, is_right in zip(widths, right, strict=True)
    ]
    lines = [line(cells[0]), line(rule), *map(line, cells[1:])]
    lines += [f"\n{row.what}: not measured: {row.reason}" for row in rows if row.value is None]
    return "\n".join(lines)


def write(rows: Sequence[Row], file: Path) -> None:
    """Write `{metric: {value, unit, aim, limit}}`; a missing figure is null and has its reason beside it."""
    report: dict[str, dict[str, object]] = {}
    for row in rows:
        if row.metric in report:
            raise ValueError(f"two rows are called {row.metric}")
        figures: dict[str, object] = {"value": row.value, "unit": row.unit, "aim": row.aim, "limit": row.limit}
        report[row.metric] = {**figures, "reason": row.reason} if row.value is None else figures
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(report, indent=2) + "\n")


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    if float(value).is_integer():
        return f"{value:,.0f}"
    return f"{value:,.2f}" if abs(value) < 1000 else f"{value:,.0f}"
