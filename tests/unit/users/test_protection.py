"""What players choose to protect themselves: tighter at once, looser late, stops longer and never shorter."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from betsafi import clock
from betsafi.protection import FOREVER
from users import protection
from users.protection import NotAsked, NotYet, Standing, Stop

NOW = datetime(2026, 11, 27, 9, tzinfo=UTC)
DAY = timedelta(hours=24)


def later(**by: float) -> datetime:
    return NOW + timedelta(**by)


def at(moment: datetime) -> str:
    return clock.stamp(moment)


def limited(**limits: int) -> Standing:
    return protection.set_limits(Standing(), limits, NOW)


# -- limits


def test_a_tighter_limit_holds_at_once_and_a_first_one_is_tighter_than_none() -> None:
    first = protection.set_limits(Standing(), {"stake_day": 500, "deposit_week": 900}, NOW)
    assert (first.version, first.limits, first.looser) == (1, {"stake_day": 500, "deposit_week": 900}, {})
    assert first.changed == ("limit.stake_day", "limit.deposit_week")
    tighter = protection.set_limits(first, {"stake_day": 499}, NOW)
    assert (tighter.version, tighter.limits["stake_day"]) == (2, 499)
    assert tighter.sent.limits == {"stake_day": 499, "deposit_week": 900}


@pytest.mark.parametrize("looser", [501, None])
def test_a_looser_limit_waits_for_a_day_and_for_its_player(looser: int | None) -> None:
    asked = protection.set_limits(limited(stake_day=500), {"stake_day": looser}, NOW)
    assert (asked.version, asked.limits, asked.changed) == (2, {"stake_day": 500}, ("asked.stake_day",))
    with pytest.raises(NotYet) as refusal:
        protection.confirm(asked, "stake_day", NOW + DAY - timedelta(microseconds=1))
    assert refusal.value.info == {"from": at(NOW + DAY)}
    confirmed = protection.confirm(asked, "stake_day", NOW + DAY)
    assert confirmed.limits == ({} if looser is None else {"stake_day": 501})
    assert (confirmed.version, confirmed.looser, confirmed.changed) == (3, {}, ("loosened.stake_day",))
    assert protection.confirm(confirmed, "stake_day", NOW + DAY) == confirmed, "the answer was lost"


def test_what_is_not_confirmed_within_a_week_lapses_and_may_be_asked_for_again() -> None:
    asked = protection.set_limits(limited(stake_day=500), {"stake_day": 900}, NOW)
    lapses = NOW + DAY + timedelta(days=7)
    assert protection.confirm(asked, "stake_day", lapses - timedelta(microseconds=1)).limits == {"stake_day": 900}
    with pytest.raises(NotAsked):
        protection.confirm(asked, "stake_day", lapses)
    again = protection.set_limits(asked, {"stake_day": 900}, lapses)
    assert again.looser["stake_day"].ripe_at == at(lapses + DAY)


def test_asking_for_the_same_again_waits_no_longer_and_for_another_amount_anew() -> None:
    asked = protection.set_limits(limited(loss_week=500), {"loss_week": 900}, NOW)
    assert protection.set_limits(asked, {"loss_week": 900}, later(hours=20)) == asked
    other = protection.set_limits(asked, {"loss_week": 901}, later(hours=20))
    assert other.looser["loss_week"].ripe_at == at(later(hours=44))


@pytest.mark.parametrize("wanted", [500, 400])
def test_asking_for_the_present_limit_or_a_tighter_one_takes_the_looser_one_back(wanted: int) -> None:
    asked = protection.set_limits(limited(loss_week=500), {"loss_week": 900}, NOW)
    back = protection.set_limits(asked, {"loss_week": wanted}, NOW)
    assert (back.limits, back.looser, back.version) == ({"loss_week": wanted}, {}, 3)
    with pytest.raises(NotAsked):
        protection.confirm(back, "loss_week", NOW + DAY)


@pytest.mark.parametrize("wanted", [{"stake_day": 500}, {"stake_week": None}])
def test_what_changes_nothing_makes_no_version(wanted: dict[str, int | None]) -> None:
    now = limited(stake_day=500)
    assert protection.set_limits(now, wanted, NOW) is now


limits = st.dictionaries(st.sampled_from(["stake_day", "loss_week", "deposit_day"]), st.none() | st.integers(1, 9))


@given(st.lists(st.tuples(limits, st.integers(0, 40)), max_size=12))
def test_nothing_becomes_looser_but_by_a_confirmation_a_day_after_it_was_asked(
    wishes: list[tuple[dict[str, int | None], int]],
) -> None:
    standing, moment = Standing(), NOW
    for wanted, hours in wishes:
        before = standing
        standing = protection.set_limits(before, wanted, moment)
        assert all(standing.limits.get(name, 10**9) <= cents for name, cents in before.limits.items())
        moment += timedelta(hours=hours)
        for name, looser in list(standing.looser.items()):
            try:
                standing = protection.confirm(standing, name, moment)
            except (NotYet, NotAsked):
                continue
            assert clock.parse_stamp(looser.asked_at) + DAY <= moment


# -- stops


def test_a_time_out_ends_by_itself_and_is_prolonged_and_never_shortened() -> None:
    out = protection.take_time_out(Standing(), 48, NOW)
    assert out.sent.stopped_until == at(later(hours=48))
    assert out.sent.stop_kind == "TIME_OUT"
    assert protection.take_time_out(out, 24, NOW) is out
    longer = protection.take_time_out(out, 48, later(hours=1))
    assert (longer.sent.stopped_until, longer.stop and longer.stop.since) == (at(later(hours=49)), at(NOW))
    assert protection.stop_in_force(out, later(hours=48)) is None
    assert protection.stop_in_force(out, later(hours=48, microseconds=-1)) == out.stop
    again = protection.take_time_out(out, 24, later(hours=50))
    assert again.stop
    assert again.stop.since == at(later(hours=50))


def test_an_exclusion_does_not_end_before_its_player_asks_and_a_day_has_gone() -> None:
    out = protection.exclude(Standing(), 6, NOW)
    assert out.stop == Stop("EXCLUSION", at(NOW), "2027-05-27T09:00:00.000000Z")
    assert (out.sent.stopped_until, out.sent.stop_kind) == (FOREVER, "EXCLUSION")
    over = clock.parse_stamp("2027-05-27T09:00:00.000000Z")
    assert protection.stop_in_force(out, over + timedelta(days=900)) == out.stop
    with pytest.raises(NotYet) as refusal:
        protection.end_exclusion(out, over - timedelta(microseconds=1))
    assert refusal.value.info == {"from": at(over)}
    ending = protection.end_exclusion(out, over)
    assert ending.sent.stopped_until == at(over + DAY)
    assert protection.end_exclusion(ending, over + timedelta(hours=5)) is ending
    assert protection.stop_in_force(ending, over + DAY) is None
    with pytest.raises(NotAsked):
        protection.end_exclusion(ending, over + DAY)


def test_an_exclusion_for_good_never_ends() -> None:
    out = protection.exclude(Standing(), None, NOW)
    for months in (6, 60, None):
        assert protection.exclude(out, months, NOW) is out
    assert protection.take_time_out(out, 1_008, NOW) is out
    with pytest.raises(NotYet):
        protection.end_exclusion(out, later(days=20_000))


def test_an_exclusion_may_be_made_longer_and_for_good_and_not_shorter() -> None:
    year = protection.exclude(Standing(), 12, NOW)
    assert protection.exclude(year, 6, NOW) is year
    longer = protection.exclude(year, 60, NOW)
    assert longer.stop
    assert longer.stop.until
    assert longer.stop.until.startswith("2031-11-27")
    assert protection.exclude(longer, None, NOW).stop == Stop("EXCLUSION", at(NOW), None)


def test_a_time_out_within_an_exclusion_makes_it_last_at_least_as_long() -> None:
    out = protection.exclude(Standing(), 6, NOW)
    assert out.stop
    assert out.stop.until
    near = clock.parse_stamp(out.stop.until) - timedelta(hours=1)
    held = protection.take_time_out(out, 24, near)
    assert held.stop == out.stop._replace(until=at(near + timedelta(hours=24)))
    ending = protection.end_exclusion(out, near + timedelta(hours=2))
    resting = protection.take_time_out(ending, 1_000, near + timedelta(hours=3))
    assert resting.sent.stopped_until == at(near + timedelta(hours=1_003))


def test_an_exclusion_takes_the_place_of_a_time_out_and_of_an_exclusion_that_is_ending() -> None:
    out = protection.exclude(protection.take_time_out(Standing(), 1_008, NOW), 6, NOW)
    assert out.stop
    assert out.stop.kind == "EXCLUSION"
    over = clock.parse_stamp(str(out.stop.until))
    again = protection.exclude(protection.end_exclusion(out, over), 6, over)
    assert again.sent.stopped_until == FOREVER


moves = st.sampled_from(["time-out", "exclude", "for good", "end"])


@given(st.lists(st.tuples(moves, st.integers(1, 60), st.integers(0, 9_000)), max_size=14))
def test_no_stop_ever_becomes_shorter(steps: list[tuple[str, int, int]]) -> None:
    standing, moment = Standing(), NOW
    for move, much, hours in steps:
        before = protection.stop_in_force(standing, moment)
        try:
            match move:
                case "time-out":
                    standing = protection.take_time_out(standing, 24 + much * 16, moment)
                case "exclude":
                    standing = protection.exclude(standing, max(6, much), moment)
                case "for good":
                    standing = protection.exclude(standing, None, moment)
                case "end":
                    standing = protection.end_exclusion(standing, moment)
        except (NotYet, NotAsked):
            pass
        after = protection.stop_in_force(standing, moment)
        if before is not None:
            assert after is not None
            asked_end = move == "end" and before.until is not None and at(moment) >= before.until
            assert after.ends >= before.ends or (asked_end and after.ends == at(moment + DAY))
            assert (after.until or FOREVER) >= (before.until or FOREVER) or after.ends >= before.ends
        moment += timedelta(hours=hours)


@pytest.mark.parametrize(
    ("moment", "months", "until"),
    [
        ("2026-08-31T09:00:00+00:00", 6, "2027-03-01T09:00:00"),
        ("2026-11-30T22:30:00+00:00", 6, "2027-05-31T22:30:00"),
        ("2026-12-15T00:00:00+00:00", 13, "2028-01-15T00:00:00"),
    ],
)
def test_a_month_is_one_of_nairobi_s_calendar_and_never_shorter(moment: str, months: int, until: str) -> None:
    out = protection.exclude(Standing(), months, datetime.fromisoformat(moment))
    assert out.stop
    assert out.stop.until == f"{until}.000000Z"


# -- a register, and what is sent


def test_a_register_s_listing_stands_before_the_player_s_own_stop_and_leaves_it() -> None:
    own = protection.take_time_out(Standing(), 24, NOW)
    listed = protection.hear_register(own, listed=True, moment=NOW, cleared_for=None)
    assert (listed.sent.stop_kind, listed.sent.stopped_until, listed.changed) == ("REGISTER", FOREVER, ("register",))
    assert protection.hear_register(listed, listed=True, moment=later(hours=1), cleared_for=None) is listed
    clear = protection.hear_register(listed, listed=False, moment=NOW, cleared_for=None)
    assert clear.sent.stop_kind == "TIME_OUT"


def test_an_answer_of_the_register_is_good_for_a_while_and_renewed_in_time() -> None:
    heard = protection.hear_register(Standing(), listed=False, moment=NOW, cleared_for=timedelta(hours=24))
    assert (heard.sent.cleared_until, heard.changed) == (at(NOW + DAY), ("cleared",))
    soon = protection.hear_register(heard, listed=False, moment=later(hours=11), cleared_for=DAY)
    assert soon is heard, "there is more than half of it left"
    renewed = protection.hear_register(heard, listed=False, moment=later(hours=12), cleared_for=DAY)
    assert renewed.sent.cleared_until == at(later(hours=36))
    without = protection.hear_register(heard, listed=False, moment=NOW, cleared_for=None)
    assert without.sent.cleared_until is None


def test_what_is_kept_is_read_again_as_it_was() -> None:
    from dataclasses import fields

    standing = protection.set_limits(
        protection.exclude(limited(stake_day=5, loss_day=7), 6, NOW), {"stake_day": 9}, NOW
    )
    item = {one.name: getattr(standing, one.name) for one in fields(standing)}
    stored = {
        name: list(value) if isinstance(value, tuple) else value for name, value in item.items() if value is not None
    }
    stored["looser"] = {name: list(parts) for name, parts in standing.looser.items()}
    assert Standing.of(stored) == standing
    assert Standing.of(None) == Standing()


def test_what_is_known_of_a_player_is_a_version_only_where_it_changes() -> None:
    known = protection.know(Standing(), {"bet": 5}, "-")
    assert (known.version, known.changed) == (1, ("allowed", "terms"))
    assert protection.know(known, {"bet": 5}, "-") is known
    accepted = protection.know(known, {"bet": 5}, "2026-11-01 2026-10-01")
    assert accepted.changed == ("terms",)
    body = protection.body(accepted.sent)
    assert (body["allowed"], body["terms"]) == ({"bet": 5}, "2026-11-01 2026-10-01")


def test_the_body_names_what_there_is_alone() -> None:
    assert protection.body(Standing().sent) == {"version": 0, "limits": {}, "realityMinutes": 60}
    stopped = protection.body(protection.take_time_out(Standing(), 24, NOW).sent)
    assert stopped["stopKind"] == "TIME_OUT"
    assert stopped["stoppedUntil"] == at(NOW + DAY)
