"""What may go wrong, how often, and the plan that says which of it does: everything follows from the seed."""

import json
from collections import Counter
from dataclasses import asdict, dataclass, field
from random import Random
from typing import Any

CALL_FAULTS = (
    "refused",
    "refused to the end",
    "answer lost",
    "answers lost to the end",
    "transaction conflict",
    "slow",
    "killed before",
    "killed after",
)
HTTP_FAULTS = ("request lost", "answer lost on the way", "gateway refuses")
MESSAGE_FAULTS = (
    "entry refused",
    "message duplicated",
    "message late",
    "message lost until redrive",
    "batch repeated",
    "callback lost at the gateway",
    "stream record lost",
)
MPESA_FAULTS = (
    "m-pesa cannot be reached",
    "m-pesa refuses",
    "m-pesa's answer is late or cut",
    "m-pesa's callback is lost",
    "m-pesa's callback is repeated",
    "m-pesa's callback is late",
    "m-pesa's query is wrong",
    "m-pesa fails to pay",
    "m-pesa is unclear",
    "m-pesa forgets",
    "m-pesa's queue is slow",
    "m-pesa kills its tokens",
    "m-pesa repeats a receipt",
    "m-pesa contradicts itself",
    "m-pesa calls from another address",
)
CARRIER_FAULTS = ("carrier refuses", "carrier refuses us", "carrier's answer is lost")
KINDS = (*CALL_FAULTS, *HTTP_FAULTS, *MESSAGE_FAULTS, *MPESA_FAULTS, *CARRIER_FAULTS)

_RATES = {
    "refused": 0.02,
    "refused to the end": 0.004,
    "answer lost": 0.02,
    "answers lost to the end": 0.004,
    "transaction conflict": 0.03,
    "slow": 0.03,
    "killed before": 0.006,
    "killed after": 0.006,
    "request lost": 0.03,
    "answer lost on the way": 0.03,
    "gateway refuses": 0.02,
    "entry refused": 0.02,
    "message duplicated": 0.05,
    "message late": 0.08,
    "message lost until redrive": 0.02,
    "batch repeated": 0.05,
    "callback lost at the gateway": 0.05,
    "m-pesa cannot be reached": 0.03,
    "m-pesa refuses": 0.08,
    "m-pesa's answer is late or cut": 0.08,
    "m-pesa's callback is lost": 0.10,
    "m-pesa's callback is repeated": 0.10,
    "m-pesa's callback is late": 0.08,
    "m-pesa's query is wrong": 0.10,
    "m-pesa fails to pay": 0.08,
    "m-pesa is unclear": 0.06,
    "m-pesa forgets": 0.03,
    "m-pesa's queue is slow": 0.05,
    "m-pesa kills its tokens": 0.02,
    "m-pesa repeats a receipt": 0.05,
    "m-pesa contradicts itself": 0.04,
    "m-pesa calls from another address": 0.10,
    "stream record lost": 0.01,
    "carrier refuses": 0.03,
    "carrier refuses us": 0.05,
    "carrier's answer is lost": 0.05,
}
_WEATHER = (0.0, 0.0, 0.5, 1.0, 1.0, 2.0, 5.0)
"""A run has each kind of fault never, seldom or often, so that some runs show a rare kind undisturbed by others."""


@dataclass(frozen=True)
class Plan:
    """One run: a seed, how many things people do, and what the shrinker took out."""

    seed: int
    steps: int = 300
    skipped_steps: frozenset[int] = frozenset()
    kinds_off: frozenset[str] = frozenset()
    skipped_faults: frozenset[int] = frozenset()
    faults_until: int = 1_000_000_000

    def text(self) -> str:
        """Return the plan as one line of JSON."""
        fields = asdict(self)
        return json.dumps({k: sorted(v) if isinstance(v, frozenset) else v for k, v in fields.items()})

    @classmethod
    def parse(cls, text: str) -> "Plan":
        """Read `text()` back."""
        given: dict[str, Any] = json.loads(text)
        fields: dict[str, Any] = {k: frozenset(v) if isinstance(v, list) else v for k, v in given.items()}
        return cls(**fields)

    def random(self, *what: object) -> Random:
        """Return a source of choices for one purpose, the same for the same seed and purpose."""
        return Random("|".join(map(str, (self.seed, *what))))


@dataclass
class Faults:
    """Draws faults until the dust settles; each that happens has a number, by which a plan can take it out."""

    plan: Plan
    active: bool = True
    happened: list[tuple[int, str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._draw = self.plan.random("faults").random
        weather = self.plan.random("weather")
        self.rates = {kind: rate * weather.choice(_WEATHER) for kind, rate in _RATES.items()}
        self._number = 0

    def hits(self, kind: str, where: str) -> bool:
        """Return whether this kind of fault happens here and now."""
        return self.active and self._draw() < self.rates[kind] and self._happens(kind, where)

    def one_of(self, kinds: tuple[str, ...], where: str) -> str | None:
        """Return which of some kinds of fault happens here and now, if any: one draw for all."""
        if not self.active:
            return None
        drawn = self._draw()
        for kind in kinds:
            drawn -= self.rates[kind]
            if drawn < 0:
                return kind if self._happens(kind, where) else None
        return None

    def _happens(self, kind: str, where: str) -> bool:
        number = self._number
        self._number += 1
        plan = self.plan
        if kind in plan.kinds_off or number in plan.skipped_faults or number >= plan.faults_until:
            return False
        self.happened.append((number, kind, where))
        return True

    @property
    def drawn(self) -> int:
        """How many faults there were to happen, also those that the plan took out."""
        return self._number

    @property
    def counts(self) -> Counter[str]:
        """How many of each kind happened."""
        return Counter(kind for _, kind, _ in self.happened)
