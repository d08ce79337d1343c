"""The hour of a test, where the answer depends on it."""

import pytest

from betsafi import clock


def from_noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let time run on from noon of this day in Nairobi, whatever hour it is."""
    real, begun = clock.now, clock.now()
    noon = begun.astimezone(clock.NAIROBI).replace(hour=12, minute=0, second=0).astimezone(begun.tzinfo)
    monkeypatch.setattr(clock, "now", lambda: noon + (real() - begun))
