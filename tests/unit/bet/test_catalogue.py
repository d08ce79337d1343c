"""The catalogue's rules: names and how they are found, a competition's rules by date, where a fixture is listed."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bet.catalogue import fixture, names, rules
from bet.catalogue.fixture import STATUSES
from betsafi import clock
from betsafi.errors import InvalidInput

# -- names


@pytest.mark.parametrize(
    ("name", "looked_for"),
    [
        ("Gor Mahia", "gor mahia"),
        ("  AFC   Leopards ", "afc leopards"),
        ("Côte d’Ivoire", "cote divoire"),
        ("Cote d'Ivoire", "cote divoire"),
        ("Bodø/Glimt", "bodo glimt"),
        ("Łódź", "lodz"),
        ("Straße", "strasse"),
        ("ÆØÅ", "aeoa"),
        ("İstanbul", "istanbul"),
        ("1. FC Köln", "1 fc koln"),
        ("Al-Ahly", "al ahly"),
        ("ＦＵＬＬ", "full"),
        ("الأهلي", "الاهلي"),
        ("!?", ""),
    ],
)
def test_a_name_is_looked_for_by_small_letters_and_digits_without_accents(name: str, looked_for: str) -> None:
    assert names.folded(name) == looked_for


@given(st.text(max_size=30))
def test_folding_again_changes_nothing(text: str) -> None:
    once = names.folded(text)
    assert names.folded(once) == once
    assert once == " ".join(once.split())


@given(st.text(max_size=20), st.text(max_size=20))
def test_whoever_types_the_beginning_of_a_word_of_a_name_finds_it(english: str, kiswahili: str) -> None:
    found = names.tokens({"en": english, "sw": kiswahili})
    for name in (english, kiswahili):
        for word in names.folded(name).split():
            assert any(token.startswith(word) for token in found)
    assert len(found) == len(set(found))


def test_a_name_without_kiswahili_is_the_english_one() -> None:
    assert names.names({"en": "Gor Mahia"}, "name") == {"en": "Gor Mahia", "sw": "Gor Mahia"}
    assert names.names({"en": "Egypt", "sw": "Misri"}, "name") == {"en": "Egypt", "sw": "Misri"}


@pytest.mark.parametrize(
    "given_name", [None, "Gor", [], {}, {"en": None}, {"en": "Gor", "sw": " "}, {"en": "a", "de": "b"}]
)
def test_what_is_no_name_is_refused(given_name: Any) -> None:
    with pytest.raises(InvalidInput, match="name"):
        names.names(given_name, "name")


# -- rules by date


def rule(begins: str, minutes: int = 90, void_after: int | None = 72) -> dict[str, Any]:
    return {"from": begins, "shortestPlayMinutes": minutes, "waitHours": 48, "voidAfterHours": void_after}


def shortest(own: list[dict[str, Any]], starts_at: datetime) -> int:
    return rules.rules_of(rules.rules(own), starts_at).shortest_play_minutes


def test_the_rule_of_the_day_of_the_start_in_nairobi_holds() -> None:
    own = [rule("2027-03-01", 40), rule("2027-01-01", 60)]
    midnight = datetime(2027, 2, 28, 21, tzinfo=UTC)
    assert shortest(own, midnight) == 40
    assert shortest(own, midnight - timedelta(microseconds=1)) == 60
    assert shortest(own, datetime(2026, 12, 31, 20, tzinfo=UTC)) == 90, "before its own first rule the operator's hold"
    assert shortest([], midnight) == 90


def test_the_operators_first_rule_holds_for_all_days_before_it() -> None:
    assert shortest([], datetime(1999, 1, 1, tzinfo=UTC)) == rules.OPERATORS[0].shortest_play_minutes


def test_rules_are_kept_as_they_are_given_in_the_order_of_their_days() -> None:
    given_rules = [rule("2027-03-01", void_after=None), rule("2027-01-01")]
    kept = rules.as_rows(rules.rules(given_rules))
    assert kept == given_rules[::-1]
    assert rules.rules(kept) == rules.rules(given_rules)
    first, second = rules.rules(given_rules)
    assert (first.wait, first.void_after, second.void_after) == (timedelta(hours=48), timedelta(hours=72), None)


@pytest.mark.parametrize(
    "given_rules",
    [
        None,
        {},
        [rule("2027-01-01"), rule("2027-01-01", 40)],
        [rule(f"2027-01-{day:02d}") for day in range(1, 12)],
        [{**rule("2027-01-01"), "shortestPlayMinutes": 0}],
        [{**rule("2027-01-01"), "shortestPlayMinutes": True}],
        [{**rule("2027-01-01"), "waitHours": 0}],
        [{**rule("2027-01-01"), "waitHours": 10**6}],
        [{**rule("2027-01-01"), "voidAfterHours": 0}],
        [{**rule("2027-01-01"), "from": "20270101"}],
    ],
)
def test_rules_that_cannot_be_are_refused_by_their_place(given_rules: Any) -> None:
    with pytest.raises(InvalidInput, match="rules"):
        rules.rules(given_rules)


def test_a_postponed_game_is_waited_for_by_the_rule_of_the_start_that_bets_saw() -> None:
    first = datetime(2027, 1, 31, 12, tzinfo=UTC)
    starts = [first, first + timedelta(hours=20), first + timedelta(hours=40)]
    past = [{"starts_at": clock.stamp(start), "until": f"t{n}"} for n, start in enumerate(starts)]

    def until(hours: float, *own: dict[str, Any]) -> str | None:
        begins = clock.stamp(first + timedelta(hours=hours))
        return rules.waited_until({"rules": list(own), "starts_at": begins, "postponed": past})

    assert [until(hours) for hours in (47.9, 48, 68, 87.9, 88)] == [None, "t0", "t1", "t1", "t2"]
    longer = {**rule("2027-02-01"), "waitHours": 100}
    assert until(100, longer) == "t0", "the others' start was on the longer rule's day"
    assert rules.waited_until({"rules": [], "starts_at": clock.stamp(first)}) is None


# -- fixtures


GOOD = {
    "id": "sr:match:1",
    "competitionId": "league",
    "homeTeamId": "home",
    "awayTeamId": "away",
    "startsAt": "2026-12-01T16:00:00Z",
}


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "a#b"},
        {"id": "a/b"},
        {"id": "x" * 65},
        {"competitionId": "a b"},
        {"homeTeamId": ""},
        {"awayTeamId": None},
        {"awayTeamId": "home"},
        {"startsAt": "2026-12-01T16:00:00"},
        {"startsAt": "soon"},
    ],
)
def test_a_fixture_needs_ids_two_teams_and_a_zone(changes: dict[str, Any]) -> None:
    assert fixture.new_fixture(GOOD).starts_at == datetime(2026, 12, 1, 16, tzinfo=UTC)
    with pytest.raises(InvalidInput):
        fixture.new_fixture({**GOOD, **changes})


def kept(starts_at: datetime, status: str = "SCHEDULED") -> dict[str, Any]:
    named = {"name": {"en": "A B", "sw": "A B"}}
    about = {"fixture_id": "f", "sport_id": "sr:sport:1", "competition_id": "c", "home": named, "away": named}
    return {**about, "status": status, "starts_at": clock.stamp(starts_at)}


@pytest.mark.parametrize(
    ("starts_at", "day"),
    [
        (datetime(2026, 11, 25, 20, 59, 59, 999999, tzinfo=UTC), "2026-11-25"),
        (datetime(2026, 11, 25, 21, tzinfo=UTC), "2026-11-26"),
        (datetime(2026, 12, 31, 21, tzinfo=UTC), "2027-01-01"),
    ],
)
def test_a_fixture_is_listed_by_its_day_in_nairobi_and_in_the_order_of_the_start(starts_at: datetime, day: str) -> None:
    places = fixture.places(kept(starts_at, "LIVE"))
    assert places == {
        "owner": f"FIXTURES#LIVE#sr:sport:1#{day}",
        "queue": "COMPETITION#c",
        "at": clock.stamp(starts_at),
    }
    assert fixture.day_of(starts_at) == date.fromisoformat(day)


def test_what_is_too_short_to_be_searched_for_is_not_kept() -> None:
    assert fixture.search_keys(kept(datetime(2026, 11, 25, tzinfo=UTC))) == [("SEARCH#a ", "a b#f")]


@given(st.text(max_size=60), st.text(max_size=60))
@example("\ufdfa" * 60, "\ufdfa" * 59)
@example(" ".join("ab" for _ in range(20)), " ".join(f"w{n}" for n in range(20)))
def test_whatever_a_team_is_called_its_keys_fit_and_are_written_once(home: str, away: str) -> None:
    """DynamoDB takes 1,024 bytes of a sort key, and no key twice in a transaction."""
    game = kept(datetime(2026, 11, 25, tzinfo=UTC)) | {"fixture_id": "f" * 64}
    game |= {side: {"name": {"en": name, "sw": name}} for side, name in (("home", home), ("away", away))}
    keys = fixture.search_keys(game)
    assert len(set(keys)) == len(keys) <= 16
    assert all(len(sk.encode()) <= 1_024 and len(pk) == len("SEARCH#") + 2 for pk, sk in keys)
    for pk, sk in keys:
        assert sk.startswith(pk.removeprefix("SEARCH#"))


def test_a_search_for_more_than_a_key_holds_finds_what_it_holds() -> None:
    called = {"name": {"en": "\ufdfa" * 60, "sw": "\ufdfa" * 60}}
    keys = fixture.search_keys(kept(datetime(2026, 11, 25, tzinfo=UTC)) | {"home": called})
    whole = names.folded("\ufdfa" * 40)
    assert len(names.search_text(whole).encode()) <= 1_024 < len(whole.encode())
    assert any(pk == names.searched("", whole) and key.startswith(names.search_text(whole)) for pk, key in keys)


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize(("minutes", "ahead"), [(1, True), (0, False), (-1, False)])
def test_only_what_has_not_begun_is_moved_unless_it_is_postponed(status: str, minutes: int, ahead: bool) -> None:
    now = datetime(2026, 11, 25, 12, tzinfo=UTC)
    may = fixture.may_move(kept(now + timedelta(minutes=minutes), status), now)
    assert may is (status == "POSTPONED" or (status == "SCHEDULED" and ahead))


def test_every_status_is_known_and_nothing_else() -> None:
    assert [fixture.status(status) for status in STATUSES] == list(STATUSES)
    for other in ("", "live", "OVER", None, ["LIVE"]):
        with pytest.raises(InvalidInput, match="status"):
            fixture.status(other)
