"""The bench finds in the packaged templates which events reach which queue."""

import pytest

from tests.bench import packaged


@pytest.mark.parametrize(
    ("service", "source", "detail_type"),
    [
        ("wallet", "betsafi.payment", "DepositCompleted"),
        ("notifications", "betsafi.bet", "BetSettled"),
        ("frontend-api", "betsafi.wallet", "BalanceChanged"),
    ],
)
def test_an_event_reaches_the_consumer_s_queue(service: str, source: str, detail_type: str) -> None:
    readers = [queue.door for queue in packaged.queues(service) if queue.takes(source, detail_type)]
    assert readers == ["consumer"]
