"""Questions side by side: none waits for another, each answer and each error is had, and the trace goes with them."""

import threading
from types import SimpleNamespace
from typing import Any

import pytest

from betsafi import aws, side_by_side, telemetry
from tests.support.waiting import PATIENCE_SECONDS


def test_questions_are_asked_at_the_same_time_under_the_caller_s_trace_and_answered_in_their_order() -> None:
    together = threading.Barrier(3)
    telemetry.begin("a-request")

    def ask(n: int) -> tuple[int, str]:
        together.wait(PATIENCE_SECONDS)
        return n, telemetry.trace()["correlation_id"]

    asked = side_by_side.ask(*(lambda n=n: ask(n) for n in range(3)))  # type: ignore[misc]
    assert [one.result() for one in asked] == [(n, "a-request") for n in range(3)]


def test_an_error_is_raised_where_its_answer_is_taken_and_nowhere_else() -> None:
    def fail() -> None:
        raise LookupError("nobody")

    failed, answered = side_by_side.ask(fail, lambda: "an answer")
    assert answered.result() == "an answer"
    with pytest.raises(LookupError, match="nobody"):
        failed.result()


def test_a_client_is_made_while_no_other_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """A botocore session finds its parts when they are first asked for, and not for two at once."""

    def make(name: str, **options: Any) -> str:
        assert not aws._making.acquire(blocking=False), "another may be made meanwhile"
        return name

    monkeypatch.setattr(aws, "session", lambda: SimpleNamespace(create_client=make))
    aws.client.cache_clear()
    try:
        made = side_by_side.ask(lambda: aws.client("one"), lambda: aws.client("other"))
        assert [one.result() for one in made] == ["one", "other"]
    finally:
        aws.client.cache_clear()
