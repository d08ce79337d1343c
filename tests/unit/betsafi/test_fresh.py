"""What asks for the person themselves: a sign-in of at most half an hour ago, or a code."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from betsafi import clock
from betsafi.errors import Forbidden
from betsafi.fresh import SignInAgain, fresh
from betsafi.graphql import Caller

NOW = datetime(2026, 11, 27, 8, 0, tzinfo=UTC)


def caller(**claims: Any) -> Caller:
    return Caller("player-1", claims=claims)


def signed_in(seconds_ago: float) -> Caller:
    return caller(auth_time=int((NOW - timedelta(seconds=seconds_ago)).timestamp()))


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.mark.parametrize("seconds", [0, 1, 1800])
def test_a_sign_in_of_half_an_hour_needs_no_code(seconds: int) -> None:
    fresh(signed_in(seconds))
    fresh(signed_in(seconds), "123456", lambda code: pytest.fail("nobody is asked"))


@pytest.mark.parametrize("who", [signed_in(1801), caller(), caller(auth_time=None)])
def test_an_older_one_or_none_is_to_sign_in_again(who: Caller) -> None:
    with pytest.raises(SignInAgain) as refused:
        fresh(who)
    assert (refused.value.code, refused.value.status) == ("SIGN_IN_AGAIN", 403)
    with pytest.raises(SignInAgain):
        fresh(who, "123456")


def test_a_code_takes_its_place_where_it_is_right() -> None:
    given: list[str] = []
    fresh(signed_in(9_999), "123456", given.append)
    assert given == ["123456"]

    def wrong(code: str) -> None:
        raise Forbidden("wrong")

    with pytest.raises(Forbidden, match="wrong"):
        fresh(signed_in(9_999), "123456", wrong)
