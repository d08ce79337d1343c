"""What a comparison finds: differences, what settles them, and how they are shown. No I/O."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from tools.reconcile.codes import CODES


@dataclass(frozen=True)
class Difference:
    """One line: what differs, where, and the amounts in cents by who says so. Ids and codes only, never a person.

    `owner` is the payment's player where `user_id` is another one.
    """

    code: str
    id: str = ""
    receipt: str = ""
    user_id: str = ""
    amounts: tuple[tuple[str, int], ...] = ()
    detail: str = ""
    owner: str = ""

    @property
    def off(self) -> int:
        """By how many cents the first amount is more than the second."""
        cents = [amount for _, amount in self.amounts]
        return cents[0] - cents[1] if len(cents) > 1 else sum(cents)

    def changes(self) -> list[tuple[str, int]]:
        """Return the adjustments that settle it, player ("" is any) and signed cents; none where none can."""
        said = {**dict(self.amounts), "off": self.off}
        names = zip((self.user_id, self.owner), CODES[self.code].settled_by, strict=False)
        found = [(user, said.get(name[1:], 0) * (-1 if name[0] == "-" else 1)) for user, name in names]
        return found if all(cents for _, cents in found) else []

    def action(self, stage: str) -> str:
        """Return what to do about it."""
        said = {name.replace("-", "").lower(): shillings(amount) for name, amount in self.amounts}
        return CODES[self.code].action.format_map(
            _Blank(
                said,
                stage=stage,
                id=self.id,
                receipt=self.receipt or "its receipt",
                user=self.user_id or "its player",
                owner=self.owner or "its player",
                off=shillings(abs(self.off)),
                direction="CREDIT" if self.off > 0 else "DEBIT",
            )
        )

    def line(self, stage: str) -> str:
        """Return it as text for people."""
        named = [self.id, self.receipt, *(f"{name} {shillings(cents)}" for name, cents in self.amounts), self.detail]
        return f"{self.code:<24}{'  '.join(part for part in named if part)}\n{'':<24}-> {self.action(stage)}"

    def told(self, stage: str) -> dict[str, Any]:
        """Return it for machines."""
        return {
            "code": self.code,
            "id": self.id,
            "receipt": self.receipt,
            "userId": self.user_id,
            "amountsCents": dict(self.amounts),
            "detail": self.detail,
            "meaning": CODES[self.code].meaning,
            "action": self.action(stage),
        }


class Adjustment(NamedTuple):
    """A correction that two administrators made: the cents that the player got, and the reason that they wrote down.

    `payment_id` is the payment that the reason names, and `credited` what the player has to have for it.
    """

    id: str
    user_id: str
    cents: int
    reason: str
    payment_id: str = ""
    credited: int = 0

    def words(self) -> set[str]:
        """Return the words of its reason, of which one may be a payment's id or receipt."""
        return set(re.findall(r"[\w-]+", self.reason))

    def names(self, difference: Difference) -> bool:
        """Return whether its reason names the difference's payment or receipt."""
        return bool({difference.id, difference.receipt} & self.words() - {""})


def _settling(found: Difference, adjustments: Iterable[Adjustment]) -> list[Adjustment]:
    """Return the adjustments that are exactly what a difference asks for; none if one of them is not there."""
    naming = [each for each in adjustments if each.names(found)]
    used: list[Adjustment] = []
    for user, cents in found.changes():
        fit = next((each for each in naming if each.cents == cents and user in ("", each.user_id)), None)
        if fit is None:
            return []
        naming.remove(fit)
        used.append(fit)
    return used


class _Blank(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "the amount"


@dataclass
class Findings:
    """Differences; what is on its way and may yet agree; what is only worth knowing; how much was seen."""

    differences: list[Difference] = field(default_factory=list)
    pending: list[Difference] = field(default_factory=list)
    notes: list[Difference] = field(default_factory=list)
    seen: dict[str, int] = field(default_factory=dict)

    def add(self, other: "Findings") -> None:
        """Take another comparison's findings in."""
        self.differences += other.differences
        self.pending += other.pending
        self.notes += other.notes
        self.seen.update(other.seen)

    def adjusted(self, adjustments: Iterable[Adjustment]) -> None:
        """Move to the notes what was adjusted, one difference an adjustment; report those that settle none."""
        left = list(adjustments)
        for found in list(self.differences):
            used = _settling(found, left)
            if used:
                left = [each for each in left if each not in used]
                self.differences.remove(found)
                detail = f"{found.code}, adjustment {' and '.join(each.id for each in used)}"
                amounts = (*found.amounts, *(("adjusted", each.cents) for each in used))
                self.notes.append(replace(found, code="ADJUSTED", amounts=amounts, detail=detail))
        self._alone(left)

    def _alone(self, adjustments: Iterable[Adjustment]) -> None:
        """Report adjustments that name a payment and settle nothing; those that undo one another are none."""
        differing = {found.id for found in (*self.differences, *self.pending)}
        groups: dict[tuple[str, str], list[Adjustment]] = {}
        for each in adjustments:
            if each.payment_id:
                groups.setdefault((each.payment_id, each.user_id), []).append(each)
        for (payment_id, user_id), group in groups.items():
            cents = sum(each.cents for each in group)
            about = (payment_id, "", user_id, (("adjusted", cents),), ", ".join(each.id for each in group))
            if cents and cents == group[0].credited and payment_id not in differing:
                self.differences.append(Difference("CREDIT_AND_ADJUSTMENT", *about))
            elif cents:
                self.notes.append(Difference("ADJUSTMENT_ALONE", *about))

    def told(self, stage: str) -> dict[str, Any]:
        """Return everything for machines."""
        names = ("differences", "pending", "notes")
        lists = {name: [item.told(stage) for item in getattr(self, name)] for name in names}
        return {**lists, "seen": self.seen}

    def render(self, stage: str) -> str:
        """Return everything as text for people."""
        rows = [item.line(stage) for item in self.differences]
        rows += [f"on its way: {item.line(stage)}" for item in self.pending]
        rows += [f"to know: {item.line(stage)}" for item in self.notes]
        counts = [f"{count:,} {name}" for name, count in self.seen.items()]
        counts += [f"{len(self.differences)} differences", f"{len(self.pending)} on their way"]
        return "\n".join([*rows, ", ".join(counts)])


def shillings(cents: int) -> str:
    """Return cents as shillings for people: -123456 -> "-1,234.56"."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100:,}.{abs(cents) % 100:02}"
