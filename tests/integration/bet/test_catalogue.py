"""The catalogue: competitions, teams and fixtures, on which lists a fixture is, and how people find it."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from betsafi import clock
from betsafi.cursors import cursor_to
from tests.support.bet import ask, at, new_fixture, new_market, told

pytestmark = pytest.mark.both_emulators

FOOTBALL, TENNIS = "sr:sport:1", "sr:sport:5"
NOON = datetime(2026, 11, 25, 9, tzinfo=UTC)
"""Noon in Nairobi."""


@pytest.fixture
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOON)


def team(bet: SimpleNamespace, team_id: str, english: str, kiswahili: str | None = None) -> str:
    """Keep a team; return its id."""
    name = {"en": english} | ({"sw": kiswahili} if kiswahili else {})
    told(bet, "Mutation", "putTeam", input={"id": team_id, "sportId": FOOTBALL, "name": name})
    return team_id


def competition(bet: SimpleNamespace, competition_id: str, **changes: Any) -> Any:
    """Keep a competition; return it, or why it is refused."""
    about = {"id": competition_id, "sportId": FOOTBALL, "name": {"en": competition_id}, "tier": "STANDARD"}
    country = {"country": {"id": "KE", "name": {"en": "Kenya"}}}
    answer = ask(bet, "Mutation", "putCompetition", input={**about, **country, **changes})
    return answer.get("data") or answer["error"]["type"]


def fixture(bet: SimpleNamespace, name: str, starts_at: datetime, **changes: Any) -> Any:
    """Create a fixture, of the home side and the away side in the league unless said; return it."""
    about = {"id": name, "competitionId": "league", "homeTeamId": "home", "awayTeamId": "away"}
    given = {**about, "startsAt": clock.stamp(starts_at), **changes}
    return told(bet, "Mutation", "createFixture", input=given)


@pytest.fixture
def league(bet: SimpleNamespace) -> None:
    competition(bet, "league")
    team(bet, "home", "Home"), team(bet, "away", "Away")


def names(page: Any) -> list[str]:
    return [item["id"] for item in page["items"]]


def page(bet: SimpleNamespace, field: str = "fixtures", **arguments: Any) -> Any:
    return told(bet, "Query", field, **arguments)


def all_pages(bet: SimpleNamespace, field: str = "fixtures", **arguments: Any) -> list[list[str]]:
    """Return the ids on every page of a list, to its end."""
    found, cursor = [], None
    for _ in range(100):
        got = page(bet, field, **arguments, cursor=cursor)
        found.append(names(got))
        if (cursor := got["cursor"]) is None:
            return found
    raise AssertionError("the list never ends")


# -- sports, competitions, teams


def test_sports_are_those_that_are_offered_in_both_languages(bet: SimpleNamespace) -> None:
    sports = told(bet, "Query", "sports")
    assert sports[0] == {"id": FOOTBALL, "name": {"en": "Football", "sw": "Kandanda"}}
    assert all(sport["name"]["en"] and sport["name"]["sw"] for sport in sports)


def test_competitions_are_listed_by_country_and_name_page_by_page(bet: SimpleNamespace) -> None:
    kenya, england = ({"id": short, "name": {"en": name}} for short, name in (("KE", "Kenya"), ("EN", "England")))
    for number, (country, name) in enumerate(
        [(kenya, "Super League"), (england, "Premier League"), (kenya, "Premier League"), (england, "Championship")]
    ):
        competition(bet, f"c{number}", country=country, name={"en": name, "sw": f"Ligi {number}"})
    competition(bet, "t1", sportId=TENNIS)
    assert all_pages(bet, "competitions", limit=3) == [["c3", "c1", "c2"], ["c0"]]
    assert names(page(bet, "competitions", sportId=TENNIS)) == ["t1"]
    (first,) = page(bet, "competitions", limit=1)["items"]
    assert first["name"] == {"en": "Championship", "sw": "Ligi 3"}
    assert first["country"] == {"id": "EN", "name": {"en": "England", "sw": "England"}}, (
        "the English one where no other is"
    )


def test_a_competition_that_is_kept_again_is_changed_and_its_games_stay_as_they_are(
    bet: SimpleNamespace, league: None
) -> None:
    fixture(bet, "f", clock.now() + timedelta(hours=2))
    before = bet.fixtures.get_fixture("f")
    changed = competition(bet, "league", tier="POPULAR", name={"en": "Other", "sw": "Nyingine"})
    assert changed["name"] == {"en": "Other", "sw": "Nyingine"}
    assert names(page(bet, "competitions")) == ["league"]
    assert bet.fixtures.get_fixture("f") == before
    fixture(bet, "g", clock.now() + timedelta(hours=2))
    assert bet.fixtures.get_fixture("g")["tier"] == "POPULAR"


RULE = {"from": "2026-01-01", "shortestPlayMinutes": 60, "waitHours": 24, "voidAfterHours": 48}


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "a/b"},
        {"id": ""},
        {"sportId": "chess"},
        {"tier": "HUGE"},
        {"name": {"en": ""}},
        {"name": {"en": "x" * 61}},
        {"name": {"en": "two\nlines"}},
        {"name": {"sw": "Ligi"}},
        {"name": {"en": "League", "sw": ""}},
        {"name": {"en": "League", "fr": "Ligue"}},
        {"country": {"id": "K E", "name": {"en": "Kenya"}}},
        {"country": {"id": "KE", "name": {"en": " "}}},
        *({"rules": [{**RULE, **wrong}]} for wrong in ({"from": "soon"}, {"from": "2026-02-30"}, {"waitHours": -1})),
        *({"rules": [{**RULE, **wrong}]} for wrong in ({"voidAfterHours": 0}, {"shortestPlayMinutes": 10**9})),
        {"rules": [RULE, RULE]},
        {"rules": [{**RULE, "from": f"2026-01-{day:02d}"} for day in range(1, 12)]},
    ],
)
@pytest.mark.one_emulator
def test_a_competition_that_cannot_be_is_refused_and_nothing_kept(bet: SimpleNamespace, changes: Any) -> None:
    assert competition(bet, "league", **changes) == "INVALID_INPUT"
    assert list(bet.table.scan()) == []


def test_a_fixture_keeps_the_rules_that_its_competition_had(bet: SimpleNamespace, league: None) -> None:
    newer = {**RULE, "from": "2026-06-01", "waitHours": 36, "voidAfterHours": None}
    competition(bet, "league", rules=[newer, RULE])
    fixture(bet, "f", clock.now() + timedelta(hours=2))
    competition(bet, "league", rules=[])
    assert bet.fixtures.get_fixture("f")["rules"] == [RULE, newer]


# -- fixtures by day


@pytest.fixture
def days(bet: SimpleNamespace, league: None, noon: None) -> dict[str, datetime]:
    """Fixtures of three days in Nairobi, whose midnight is 21:00 in UTC; return their starts."""
    starts = {
        "evening": NOON + timedelta(hours=7),
        "last": datetime(2026, 11, 25, 20, 59, 59, 999999, tzinfo=UTC),
        "midnight": datetime(2026, 11, 25, 21, tzinfo=UTC),
        "tomorrow": NOON + timedelta(days=1),
        "later": NOON + timedelta(days=9),
    }
    for name, starts_at in sorted(starts.items()):
        fixture(bet, name, starts_at)
    return starts


def test_a_day_is_one_in_nairobi(bet: SimpleNamespace, days: dict[str, datetime]) -> None:
    def of_day(day: str) -> list[str]:
        return names(page(bet, filter={"day": day}))

    assert of_day("2026-11-25") == ["evening", "last"]
    assert of_day("2026-11-26") == ["midnight", "tomorrow"]
    assert of_day("2026-11-27") == []
    assert of_day("2026-12-04") == ["later"]


@pytest.mark.one_emulator
def test_without_a_day_the_fixtures_to_come_are_listed_day_after_day(
    bet: SimpleNamespace, days: dict[str, datetime]
) -> None:
    whole = ["evening", "last", "midnight", "tomorrow", "later"]
    for limit in (1, 2, 3, 50):
        pages = all_pages(bet, limit=limit)
        assert [name for found in pages for name in found] == whole
        assert all(len(found) <= limit for found in pages)


def test_a_page_stops_after_seven_days_and_its_cursor_goes_on(
    bet: SimpleNamespace, league: None, noon: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    fixture(bet, "far", NOON + timedelta(days=30))
    asked = []
    real = bet.table.query
    monkeypatch.setattr(bet.table, "query", lambda *given, **more: asked.append(given) or real(*given, **more))
    first = page(bet)
    assert (names(first), len(asked)) == ([], 7)
    pages = all_pages(bet)
    assert [name for found in pages for name in found] == ["far"]
    assert len(pages) <= 10, "the list ends"


def test_a_cursor_is_good_long_after_its_page(
    bet: SimpleNamespace, days: dict[str, datetime], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It goes on where its page ended, also among games that have begun since; none is skipped, none comes twice."""
    first = page(bet, limit=1)
    at(monkeypatch, 60 * 24 * 9 - 60)
    rest, cursor = [], first["cursor"]
    while cursor:  # at most 60 days, seven a page
        got = page(bet, limit=2, cursor=cursor)
        rest += got["items"]
        cursor = got["cursor"]
    assert [item["id"] for item in rest] == ["last", "midnight", "tomorrow", "later"]
    assert all_pages(bet, limit=5)[0] == ["later"], "a list that begins now has only what is to come"


def test_a_fixture_that_is_moved_between_two_pages_is_where_it_is_now(
    bet: SimpleNamespace, days: dict[str, datetime]
) -> None:
    first = page(bet, limit=2)
    told(bet, "Mutation", "moveFixture", fixtureId="last", startsAt="2026-11-27T12:00:00Z", reason="no light")
    assert names(page(bet, limit=5, cursor=first["cursor"])) == ["midnight", "tomorrow", "last"]


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        ".",
        "2026-11-25",
        "2026-11-25.x",
        "9999-12-31.",
        "0001-01-01.",
        "2026-02-30.",
        "20261125.",
        "2026-W48-3.",
        "..",
        "2026-11-25.e30",
        "é.",
        "9" * 4_000,
    ],
)
@pytest.mark.parametrize("asked", [{}, {"filter": {"day": "2026-11-25"}}, {"filter": {"competitionId": "league"}}])
@pytest.mark.one_emulator
def test_a_cursor_that_nobody_gave_out_is_refused(
    bet: SimpleNamespace, days: dict[str, datetime], cursor: str, asked: dict[str, Any]
) -> None:
    assert ask(bet, "Query", "fixtures", cursor=cursor, **asked)["error"]["type"] == "INVALID_CURSOR"


@pytest.mark.parametrize("place", [["9999-12-31", ""], ["0001-01-01", ""], ["", "e30"], ["2026-11-25"], ["", "", ""]])
@pytest.mark.one_emulator
def test_a_cursor_that_somebody_made_of_the_list_s_name_leads_to_no_place_that_is_none(
    bet: SimpleNamespace, days: dict[str, datetime], place: list[str]
) -> None:
    made = cursor_to(place, f"coming {FOOTBALL}")
    assert ask(bet, "Query", "fixtures", cursor=made)["error"]["type"] == "INVALID_CURSOR"


def test_a_cursor_belongs_to_its_list(bet: SimpleNamespace, days: dict[str, datetime]) -> None:
    cursors = {
        name: page(bet, limit=1, **asked)["cursor"]
        for name, asked in (
            ("coming", {}),
            ("day", {"filter": {"day": "2026-11-25"}}),
            ("competition", {"filter": {"competitionId": "league"}}),
        )
    }
    for name, cursor in cursors.items():
        for other, asked in (
            ("coming", {}),
            ("day", {"filter": {"day": "2026-11-26"}}),
            ("competition", {"filter": {"competitionId": "other"}}),
        ):
            answer = ask(bet, "Query", "fixtures", cursor=cursor, **asked)
            assert ("data" in answer) is (name == other == "coming"), (name, other)


# -- by status, sport and competition


def test_a_fixture_is_on_the_list_of_its_status_and_no_other(bet: SimpleNamespace, days: dict[str, datetime]) -> None:
    def change(name: str, status: str) -> None:
        asked = {"fixtureId": name, "status": status, "clientRequestId": uuid.uuid4().hex}
        told(bet, "Mutation", "setFixtureStatus", reason="seen on television", **asked)

    def listed(status: str, **asked: str) -> list[str]:
        return names(page(bet, filter={"status": status, **asked}))

    change("evening", "LIVE")
    change("midnight", "POSTPONED")
    assert listed("LIVE") == ["evening"]
    assert listed("SCHEDULED") == ["last", "tomorrow"]
    assert listed("SCHEDULED", day="2026-11-25") == ["last"]
    assert (listed("POSTPONED"), listed("POSTPONED", day="2026-11-26")) == ([], ["midnight"])
    change("evening", "ENDED")
    assert (listed("LIVE"), listed("ENDED")) == ([], ["evening"])


def test_a_sport_has_lists_of_its_own(bet: SimpleNamespace, days: dict[str, datetime]) -> None:
    competition(bet, "cup", sportId=TENNIS)
    for player in ("a", "b"):
        given = {"id": player, "sportId": TENNIS, "name": {"en": player}}
        told(bet, "Mutation", "putTeam", input=given)
    fixture(bet, "match", NOON + timedelta(hours=1), competitionId="cup", homeTeamId="a", awayTeamId="b")
    assert names(page(bet, filter={"sportId": TENNIS})) == ["match"]
    assert "match" not in names(page(bet))
    assert names(page(bet, filter={"sportId": TENNIS, "day": "2026-11-25"})) == ["match"]


def test_a_competitions_fixtures_are_listed_from_now_on_whatever_their_status(
    bet: SimpleNamespace, days: dict[str, datetime], monkeypatch: pytest.MonkeyPatch
) -> None:
    competition(bet, "other")
    fixture(bet, "elsewhere", NOON + timedelta(hours=1), competitionId="other")
    told(bet, "Mutation", "setFixtureStatus", fixtureId="midnight", status="POSTPONED", reason="rain and wind")
    mine = {"filter": {"competitionId": "league"}}
    assert all_pages(bet, limit=2, **mine) == [["evening", "last"], ["midnight", "tomorrow"], ["later"]]
    first = page(bet, limit=1, **mine)
    at(monkeypatch, 60 * 12)
    assert names(page(bet, **mine)) == ["midnight", "tomorrow", "later"]
    assert names(page(bet, cursor=first["cursor"], **mine)) == ["last", "midnight", "tomorrow", "later"]


@pytest.mark.parametrize(
    "asked",
    [
        {"sportId": "chess"},
        {"status": "OVER"},
        {"status": ""},
        {"day": "today"},
        {"day": "2026-02-30"},
        {"day": "0001-01-01"},
        {"day": "9999-12-31"},
        {"competitionId": "a/b"},
        {"competitionId": ""},
        {"competitionId": "league", "day": "2026-11-25"},
        {"competitionId": "league", "status": "LIVE"},
    ],
)
@pytest.mark.one_emulator
def test_a_list_that_there_is_not_is_refused(bet: SimpleNamespace, asked: dict[str, Any]) -> None:
    answer = ask(bet, "Query", "fixtures", filter=asked)
    assert answer.get("error", {}).get("type") == "INVALID_INPUT", answer


@pytest.mark.parametrize("limit", [0, -1, 51, 10**9])
def test_a_page_has_a_most(bet: SimpleNamespace, limit: int) -> None:
    assert ask(bet, "Query", "fixtures", limit=limit)["error"]["type"] == "INVALID_INPUT"


# -- search


@pytest.fixture
def teams(bet: SimpleNamespace, noon: None) -> None:
    competition(bet, "league")
    for team_id, english, kiswahili in (
        ("gor", "Gor Mahia", None),
        ("afc", "AFC Leopards", None),
        ("ken", "Kenya", None),
        ("egy", "Egypt", "Misri"),
        ("cote", "Côte d’Ivoire", "Kodivaa"),
        ("ode", "Odense Boldklub Ørsted", None),
    ):
        team(bet, team_id, english, kiswahili)
    for name, home, away, hours in (
        ("derby", "gor", "afc", 4),
        ("return", "afc", "gor", 30),
        ("nations", "ken", "egy", 5),
        ("africa", "cote", "ken", 6),
        ("north", "ode", "gor", 7),
    ):
        fixture(bet, name, NOON + timedelta(hours=hours), homeTeamId=home, awayTeamId=away)


def found(bet: SimpleNamespace, text: str, **asked: Any) -> list[str]:
    return names(page(bet, "searchFixtures", text=text, **asked))


@pytest.mark.parametrize(
    ("text", "fixtures"),
    [
        ("go", {"derby", "return", "north"}),
        ("GOR", {"derby", "return", "north"}),
        ("gór", {"derby", "return", "north"}),
        ("mahia", {"derby", "return", "north"}),
        ("gor  mahia", {"derby", "return", "north"}),
        ("gor m", {"derby", "return", "north"}),
        ("leo", {"derby", "return"}),
        ("Misri", {"nations"}),
        ("egypt", {"nations"}),
        ("cote", {"africa"}),
        ("CÔTE D'IV", {"africa"}),
        ("divoire", {"africa"}),
        ("kodivaa", {"africa"}),
        ("ors", {"north"}),
        ("Ørs", {"north"}),
        ("ken", {"nations", "africa"}),
        ("ahia", set()),
        ("gor leopards", set()),
        ("zz", set()),
    ],
)
@pytest.mark.one_emulator
def test_a_fixture_is_found_by_how_a_word_of_its_teams_begins(
    bet: SimpleNamespace, teams: None, text: str, fixtures: set[str]
) -> None:
    assert set(found(bet, text)) == fixtures


@pytest.mark.parametrize("text", ["", "g", " ", "--", "é", "x" * 41, "a\nb", "#", "’’"])
@pytest.mark.one_emulator
def test_a_search_needs_two_letters(bet: SimpleNamespace, text: str) -> None:
    assert ask(bet, "Query", "searchFixtures", text=text)["error"]["type"] == "INVALID_INPUT"


def test_what_is_searched_for_comes_in_pages(bet: SimpleNamespace, teams: None) -> None:
    pages = all_pages(bet, "searchFixtures", text="gor", limit=1)
    assert {name for found in pages for name in found} == {"derby", "return", "north"}
    assert all(len(found) <= 1 for found in pages)


def test_a_fixture_is_found_until_a_day_after_its_start_also_one_that_was_moved(
    bet: SimpleNamespace, teams: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(bet, "Mutation", "moveFixture", fixtureId="derby", startsAt="2026-11-27T12:00:00Z", reason="no light")
    ends = {item["fixture_id"]: item["forget_at"] for item in bet.table.query_all("SEARCH#le")}
    assert ends["derby"] == int(datetime(2026, 11, 28, 12, tzinfo=UTC).timestamp())
    assert ends["return"] == int((NOON + timedelta(hours=54)).timestamp())
    at(monkeypatch, 60 * 53.9)
    assert set(found(bet, "leo")) == {"derby", "return"}
    at(monkeypatch, 60 * 0.2)
    assert set(found(bet, "leo")) == {"derby"}


def test_a_teams_name_may_have_many_words(bet: SimpleNamespace, noon: None) -> None:
    """Words beyond the most that are kept are not found; the fixture is, by the others."""
    competition(bet, "league")
    long = " ".join(f"w{letter}" for letter in "abcdefghijklmnopqrst")
    team(bet, "long", long), team(bet, "away", "Away")
    fixture(bet, "f", NOON + timedelta(hours=1), homeTeamId="long")
    assert found(bet, "wa wb") == found(bet, "wb") == ["f"]


@pytest.fixture
def sides(bet: SimpleNamespace) -> None:
    for team_id, english, kiswahili in (
        ("gor", "Gor Mahia", None),
        ("gorilla", "Gorilla Town", None),
        ("cote", "Côte d’Ivoire", "Kodivaa"),
    ):
        team(bet, team_id, english, kiswahili)
    told(bet, "Mutation", "putTeam", input={"id": "goran", "sportId": TENNIS, "name": {"en": "Goran"}})


def test_teams_of_a_sport_are_found_by_how_a_word_of_their_names_begins(bet: SimpleNamespace, sides: None) -> None:
    def teams_called(text: str, sport: str = FOOTBALL) -> list[str]:
        return names(page(bet, "searchTeams", sportId=sport, text=text))

    assert (teams_called("GÓR"), teams_called("go", TENNIS)) == (["gor", "gorilla"], ["goran"])
    assert (teams_called("mahia"), teams_called("divo"), teams_called("kodi")) == (["gor"], ["cote"], ["cote"])
    assert (teams_called("ahia"), teams_called("gor town")) == ([], [])
    (found,) = page(bet, "searchTeams", sportId=FOOTBALL, text="cote")["items"]
    assert found == {"id": "cote", "name": {"en": "Côte d’Ivoire", "sw": "Kodivaa"}}
    assert all_pages(bet, "searchTeams", sportId=FOOTBALL, text="gor", limit=1) == [["gor"], ["gorilla"]]


def test_a_team_is_found_by_what_it_is_called_now(bet: SimpleNamespace, sides: None) -> None:
    team(bet, "gor", "K’Ogalo")
    told(bet, "Mutation", "putTeam", input={"id": "gorilla", "sportId": TENNIS, "name": {"en": "Gorilla Town"}})
    assert all_pages(bet, "searchTeams", sportId=FOOTBALL, text="gor", limit=1) == [[], []]
    assert names(page(bet, "searchTeams", sportId=FOOTBALL, text="kog")) == ["gor"]
    assert names(page(bet, "searchTeams", sportId=TENNIS, text="gor")) == ["goran", "gorilla"]


@pytest.mark.parametrize("asked", [{"text": "g"}, {"text": "--"}, {"text": "x" * 41}, {"sportId": "chess"}])
@pytest.mark.one_emulator
def test_a_search_for_a_team_needs_a_sport_and_two_letters(bet: SimpleNamespace, asked: dict[str, str]) -> None:
    answer = ask(bet, "Query", "searchTeams", **{"sportId": FOOTBALL, "text": "gor", **asked})
    assert answer["error"]["type"] == "INVALID_INPUT"


# -- popular


def set_popular(bet: SimpleNamespace, name: str, popular: bool = True) -> Any:
    """Make a fixture popular, or not; return whether it is, or why that is refused."""
    answer = ask(bet, "Mutation", "setPopular", fixtureId=name, popular=popular)
    return answer["data"] if "data" in answer else answer["error"]["type"]


def popular(bet: SimpleNamespace, sport: str = FOOTBALL) -> list[str]:
    return [item["id"] for item in told(bet, "Query", "popularFixtures", sportId=sport)]


def test_popular_fixtures_are_those_that_were_chosen_and_have_not_begun(
    bet: SimpleNamespace, days: dict[str, datetime], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert popular(bet) == []
    assert [set_popular(bet, name) for name in ("tomorrow", "evening", "evening")] == [True] * 3
    assert (popular(bet), popular(bet, TENNIS)) == (["evening", "tomorrow"], [])
    at(monkeypatch, 60 * 8)
    assert popular(bet) == ["tomorrow"]
    assert [set_popular(bet, "tomorrow", popular=False) for _ in range(2)] == [False] * 2
    assert popular(bet) == []


def test_what_has_begun_is_not_made_popular_and_leaves_the_list_as_another_is_added(
    bet: SimpleNamespace, days: dict[str, datetime], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("evening", "last"):
        set_popular(bet, name)
    told(bet, "Mutation", "setFixtureStatus", fixtureId="last", status="POSTPONED", reason="no light")
    at(monkeypatch, 60 * 13)
    assert (set_popular(bet, "evening", popular=False), set_popular(bet, "evening")) == (False, "CONFLICT")
    at(monkeypatch, -60 * 12)
    set_popular(bet, "evening")
    at(monkeypatch, 60 * 12)
    set_popular(bet, "tomorrow")
    told(bet, "Mutation", "moveFixture", fixtureId="last", startsAt="2026-11-27T12:00:00Z", reason="now there is")
    at(monkeypatch, -60 * 12)
    assert popular(bet) == ["tomorrow", "last"], "a postponed one waits for its start, one that has begun does not"


def test_fifty_fixtures_of_a_sport_are_popular_at_most(
    bet: SimpleNamespace, league: None, noon: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(51):
        fixture(bet, f"f{n}", NOON + timedelta(hours=1 + n))
    assert [set_popular(bet, f"f{n}") for n in range(51)] == [True] * 50 + ["CONFLICT"]
    assert len(popular(bet)) == 50
    at(monkeypatch, 61)
    assert set_popular(bet, "f50") is True
    assert popular(bet) == [f"f{n}" for n in range(1, 51)]


def test_an_unknown_fixture_is_not_made_popular(bet: SimpleNamespace) -> None:
    assert (set_popular(bet, "nothing"), set_popular(bet, "a b")) == ("NOT_FOUND", "INVALID_INPUT")
    assert list(bet.table.scan()) == []


@pytest.mark.concurrent
def test_traders_who_change_the_popular_fixtures_at_once_lose_nothing(bet: SimpleNamespace, league: None) -> None:
    games = [f"f{n}" for n in range(8)]
    for n, name in enumerate(games):
        fixture(bet, name, clock.now() + timedelta(hours=1 + n))
    for name in games[:4]:
        set_popular(bet, name)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda name: set_popular(bet, name, popular=name in games[4:]), games))
    assert answers == [False] * 4 + [True] * 4
    assert popular(bet) == games[4:]


# -- what a page reads


@pytest.mark.parametrize("asked", [{}, {"filter": {"day": None}}, {"filter": {"competitionId": "league-STANDARD"}}])
@pytest.mark.one_emulator
@pytest.mark.usefixtures("noon")
def test_a_page_reads_its_markets_in_one_batch_and_no_more_of_a_longer_list(
    bet: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, asked: dict[str, Any]
) -> None:
    reads: list[str] = []
    for name in ("get", "get_many", "query"):
        real = getattr(bet.table, name)
        monkeypatch.setattr(
            bet.table, name, lambda *given, name=name, real=real, **more: reads.append(name) or real(*given, **more)
        )
    counts = []
    for more in (3, 12):
        for _ in range(more):
            new_market(bet, f"f{uuid.uuid4().hex}", hours=1)
        reads.clear()
        assert len(page(bet, limit=3, **asked)["items"]) == 3
        counts.append(list(reads))
    assert counts[0] == counts[1] == ["query", "get_many"]


def test_a_fixture_without_markets_is_listed_all_the_same(bet: SimpleNamespace) -> None:
    new_fixture(bet, "f", hours=1)
    assert [item["markets"] for item in page(bet)["items"]] == [[]]
    assert told(bet, "Query", "markets", fixtureId="f") == {"items": [], "cursor": None}


def test_what_there_is_not_is_not_found(bet: SimpleNamespace) -> None:
    assert ask(bet, "Query", "fixture", id="nothing")["error"]["type"] == "NOT_FOUND"
    assert ask(bet, "Query", "markets", fixtureId="nothing")["error"]["type"] == "NOT_FOUND"
    for field, given in (
        ("moveFixture", {"startsAt": "2099-01-01T12:00:00Z"}),
        ("setFixtureStatus", {"status": "LIVE"}),
    ):
        answer = ask(bet, "Mutation", field, fixtureId="nothing", reason="no reason", **given)
        assert answer["error"]["type"] == "NOT_FOUND"
    one = {"definitionId": "29", "odds": [{"outcomeId": outcome, "odds": "1.90"} for outcome in ("74", "76")]}
    assert ask(bet, "Mutation", "addMarkets", fixtureId="nothing", markets=[one])["error"]["type"] == "NOT_FOUND"
    assert list(bet.table.scan()) == []
