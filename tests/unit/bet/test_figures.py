"""What the operator's dashboard is told of bets and exposure."""

from typing import Any

import pytest

from tests.support.services import load

BET = {
    "pk": "USER#u", "sk": "BET#b", "bet_id": "b", "user_id": "u", "stake_cents": 1_000, "settlement_version": 0,
    "revision": 1, "potential_payout_cents": 2_500, "payout_cents": 2_500, "outcome": "WON", "reason": "STAKE_LIMIT",
    "legs": [{}],
}  # fmt: skip
GUARD = {"sk": "GUARD", "status": "OPEN", "odds": {"1": "2.00", "2": "3.00"}, "limit_cents": 10_000}


@pytest.fixture
def figures() -> Any:
    address = "http://queue.invalid"
    settings = {"TABLE_NAME": "t", "BUS_NAME": "b", "PARKING_URL": address, "FOLLOWUP_QUEUE_URL": address}
    settings["SETTLEMENT_QUEUE_URL"] = address
    return load("bet.handlers.stream", FOLLOWUP_SECONDS="1", SERVICE="bet", AWS_DEFAULT_REGION="eu-west-1", **settings)


def guard(figures: Any, fullest_cents: int, **changes: Any) -> dict[str, Any]:
    used = {"1": 0, "2": fullest_cents}
    return {**GUARD, "exposure": used, **changes}


@pytest.mark.parametrize(
    ("before", "after", "version", "measured"),
    [
        ("PENDING", "ACCEPTED", 0, {"StakesCents": 1_000}),
        ("PENDING", "REJECTED", 0, {"RefusedCents": 1_000}),
        ("ACCEPTED", "SETTLED", 1, {"PayoutsCents": 2_500}),
        ("SETTLED", "ACCEPTED", 2, {}),
        ("ACCEPTED", "ACCEPTED", 0, {}),
    ],
)
def test_a_bet_is_measured_when_it_is_decided(
    figures: Any, before: str, after: str, version: int, measured: dict[str, int]
) -> None:
    old, new = {**BET, "status": before}, {**BET, "status": after, "settlement_version": version}
    assert figures.figures(new, figures.to_events(old, new)) == measured


def test_exposure_is_measured_from_half_of_the_limit_on_while_a_market_is_open(figures: Any) -> None:
    assert figures.figures(guard(figures, 4_999), []) == {}
    assert figures.figures(guard(figures, 8_000), []) == {"ExposureUsedPercent": 80}
    assert figures.figures(guard(figures, 8_000, status="CLOSED"), []) == {}
