"""Finds the shortest schedule that still breaks the same law: fewer steps, fewer kinds of fault, fewer faults.

Every try is a whole run of the same seed with something taken out; a try that breaks the law becomes the new best.
"""

from collections.abc import Callable
from dataclasses import replace

from tests.simulation.faults import KINDS, Plan
from tests.simulation.run import Result

Try = Callable[[Plan], Result]


def shrink(failed: Result, attempt: Try, tries: int = 120) -> Result:
    """Return a failing run with as little in it as `tries` runs could find; it breaks the same law."""
    search = _Search(failed, attempt, tries)
    search.fewer_steps()
    search.fewer_kinds()
    search.earlier_end_of_faults()
    search.leave_out_steps()
    search.leave_out_faults()
    search.fewer_steps()
    return search.best


class _Search:
    def __init__(self, failed: Result, attempt: Try, tries: int) -> None:
        self.best = failed
        self._attempt, self._left = attempt, tries

    def fewer_steps(self) -> None:
        """Halve the distance to the shortest prefix of steps that fails."""
        low, high = 0, self.best.plan.steps
        while low < high and self._left:
            middle = (low + high) // 2
            if self._fails(replace(self.best.plan, steps=middle)):
                high = middle
            else:
                low = middle + 1

    def fewer_kinds(self) -> None:
        """Switch off all faults, or one kind after the other."""
        if self._fails(replace(self.best.plan, kinds_off=frozenset(KINDS))):
            return
        for kind in [kind for kind in KINDS if self.best.faults[kind]]:
            self._fails(replace(self.best.plan, kinds_off=self.best.plan.kinds_off | {kind}))

    def earlier_end_of_faults(self) -> None:
        """Halve the distance to the first fault that is needed last."""
        low, high = 0, self.best.fault_count
        while low < high and self._left:
            middle = (low + high) // 2
            if self._fails(replace(self.best.plan, faults_until=middle)):
                high = middle
            else:
                low = middle + 1

    def leave_out_steps(self) -> None:
        """Leave out ever smaller pieces of what people do."""
        self._leave_out(
            [step for step in range(self.best.plan.steps) if step not in self.best.plan.skipped_steps],
            lambda gone: replace(self.best.plan, skipped_steps=self.best.plan.skipped_steps | gone),
        )

    def leave_out_faults(self) -> None:
        """Leave out ever smaller pieces of the faults that happened."""
        self._leave_out(
            list(self.best.fault_numbers),
            lambda gone: replace(self.best.plan, skipped_faults=self.best.plan.skipped_faults | gone),
        )

    def _leave_out(self, things: list[int], without: Callable[[frozenset[int]], Plan]) -> None:
        size = max(1, len(things) // 2)
        while things and self._left:
            for start in range(0, len(things), size):
                piece = things[start : start + size]
                if piece and self._fails(without(frozenset(piece))):
                    things = [thing for thing in things if thing not in piece]
                    break
            else:
                if size == 1:
                    return
                size = max(1, size // 2)

    def _fails(self, plan: Plan) -> bool:
        if not self._left:
            return False
        self._left -= 1
        result = self._attempt(plan)
        if result.law != self.best.law:
            return False
        self.best = result
        return True
