"""The hour of a test, where the answer depends on it."""

from datetime import timedelta

import pytest

from betsafi import clock
from tests.support.waiting import PATIENCE_SECONDS
from tools.base import waiting

_LASTS_SECONDS = 2 * PATIENCE_SECONDS
"""So long a test of the whole platform takes on the busiest machine."""


def from_noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let time run on from noon of this day in Nairobi, whatever hour it is."""
    real, begun = clock.now, clock.now()
    noon = begun.astimezone(clock.NAIROBI).replace(hour=12, minute=0, second=0).astimezone(begun.tzinfo)
    monkeypatch.setattr(clock, "now", lambda: noon + (real() - begun))


def wait_for_a_day_that_lasts() -> None:
    """Return at once, but shortly before Nairobi's midnight once it is over: what a test does and what it then looks
    at are of one day.
    """

    def lasts() -> bool:
        now = clock.now().astimezone(clock.NAIROBI)
        return (now + timedelta(seconds=_LASTS_SECONDS)).date() == now.date()

    waiting.eventually(lasts, "midnight in Nairobi", seconds=_LASTS_SECONDS + PATIENCE_SECONDS)
