"""An app whose connection is cut misses nothing and is told nothing twice; what it should not ask is refused."""

import os

import pytest

from localcloud.cloud.running import Cloud
from localcloud.demo.app import App
from tests.browser.conftest import executable
from tests.e2e.conftest import new_player
from tests.e2e.cuts import Plan, play, spread

SINCE = "query($cursor: String) { changesSince(cursor: $cursor) { sequence cursor more changes { id } } }"


def test_cuts_while_bets_are_placed_and_settled_miss_nothing_and_double_nothing(cloud: Cloud, app: str) -> None:
    amplify = spread(0.1, 2, 4) if executable() or os.environ.get("CI") else []  # as all that needs a browser
    plan = Plan(players=1, devices=4, cuts=spread(0.1, 5, 5), amplify=amplify, between=0.5)
    verdict = play(cloud, plan, app, "e2e")
    assert (verdict.missed, verdict.doubled) == ([], [])
    assert verdict.cuts == 20 + len(amplify)
    assert verdict.final_states > 20
    assert verdict.filled > 20  # there was something to fill


@pytest.fixture(scope="module")
def others(cloud: Cloud) -> tuple[App, App]:
    return new_player(cloud), new_player(cloud)


def test_another_s_cursor_a_broken_one_and_one_of_nobody_are_refused_over_the_api(others: tuple[App, App]) -> None:
    one, other = others
    mine = one.ask(SINCE)["cursor"]
    assert one.ask(SINCE, cursor=mine)["changes"] == []
    for app, cursor in ((other, mine), (one, mine[:-1]), (one, "eyJwayI6eyJTIjoiVVNFUiMxIn19"), (one, "")):
        assert app.refusal(SINCE, cursor=cursor).type == "INVALID_CURSOR"
