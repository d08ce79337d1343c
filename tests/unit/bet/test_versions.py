"""What stands of a market, whatever is decided about it and in whatever order it reaches a bet."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bet.markets import kinds, outcomes
from bet.settlement import arithmetic, versions
from betsafi.errors import Conflict, InvalidInput
from tests.support.matches import match

NOW = "2026-11-26T12:00:00.000000Z"
HOURS = [f"2026-11-26T{hour:02}:00:00.000000Z" for hour in range(24)]
OUTCOMES = ("1", "2", "3")
Item = dict[str, Any]


def bet(*legs: tuple[str, str, str], stake: int = 10_000, at: str = NOW) -> Item:
    """Return an open bet of legs (market, outcome, odds) that was accepted at a moment."""
    return {
        "status": "ACCEPTED",
        "stake_cents": stake,
        "potential_payout_cents": 99_999,
        "settlement_version": 0,
        "accepted_at": at,
        "legs": [{"market_id": m, "outcome_id": o, "odds": odds, "guard": 0} for m, o, odds in legs],
    }


def result(version: int, results: Mapping[str, str], market: str = "m", **more: Any) -> Item:
    """Return a version of a market's result."""
    return {"market_id": market, "result_version": version, **versions.standing({"results": results, **more})}


def take(taker: Item, *results: Item, counted: bool = False) -> Item:
    """Return the bet after it has met these versions, in this order."""
    for each in results:
        if step := arithmetic.next_step(taker, each, NOW, counted=counted):
            taker = {**taker, **step.changes}
    return taker


def paid(taker: Item) -> tuple[str, str | None, int | None]:
    """Return how a bet stands, its outcome, and what it pays."""
    settled = taker["status"] == "SETTLED"
    return taker["status"], taker["outcome"] if settled else None, taker["payout_cents"] if settled else None


# -- windows


@pytest.mark.parametrize(
    ("begins", "ends", "hit"),
    [
        (None, None, [8, 9, 10, 11]),
        (9, None, [9, 10, 11]),
        (None, 10, [8, 9, 10]),
        (9, 10, [9, 10]),
        (10, 10, [10]),
    ],
)
def test_a_window_has_both_its_ends_and_may_have_none(begins: int | None, ends: int | None, hit: list[int]) -> None:
    first, last = (None if hour is None else HOURS[hour] for hour in (begins, ends))
    window = versions.window(first, last, NOW)
    assert [hour for hour in (8, 9, 10, 11) if versions.cancels({"windows": [window]}, HOURS[hour])] == hit
    assert versions.cancels({"game_windows": [window]}, HOURS[10])
    assert versions.is_endless([window]) is (ends is None)


@pytest.mark.parametrize(("begins", "ends"), [(HOURS[10], HOURS[9]), (None, HOURS[13]), (HOURS[13], None)])
def test_a_window_that_cannot_be_is_refused(begins: str | None, ends: str | None) -> None:
    with pytest.raises(InvalidInput):
        versions.window(begins, ends, NOW)


def test_windows_stand_once_each_in_one_order_and_are_not_many() -> None:
    early, late = versions.window(None, HOURS[3], NOW), versions.window(HOURS[4], HOURS[5], NOW)
    assert versions.opened(versions.opened([], late), early) == versions.opened(versions.opened([], early), late)
    assert versions.opened([early], early) == [early]
    assert versions.closed([early, late], early) == [late]
    assert versions.closed([late], early) == [late]
    many = [versions.window(None, f"2026-11-25T00:00:{n:02}.000000Z", NOW) for n in range(versions.MOST_WINDOWS)]
    with pytest.raises(Conflict):
        versions.opened(many, early)


# -- any order

_WINDOWS = st.lists(
    st.builds(
        lambda begins, length: {"from": begins and HOURS[begins], "to": begins and HOURS[min(begins + length, 12)]},
        st.one_of(st.none(), st.integers(1, 12)),
        st.integers(0, 6),
    ),
    max_size=2,
)
_RESULTS = st.dictionaries(
    st.sampled_from(OUTCOMES), st.sampled_from(["WON", "LOST", "VOID", "HALF_WON", "HALF_LOST"]), max_size=3
)
_HISTORIES = st.lists(st.tuples(_RESULTS, _WINDOWS, _WINDOWS), min_size=1, max_size=5)


def numbered(history: Sequence[Any], market: str) -> list[Item]:
    return [
        result(n, results, market, windows=own, game_windows=game) for n, (results, own, game) in enumerate(history, 1)
    ]


@given(_HISTORIES, _HISTORIES, st.integers(0, 12), st.data())
def test_results_corrections_rollbacks_and_windows_in_any_order_come_to_the_newest_of_each(
    first: Sequence[Any], second: Sequence[Any], hour: int, data: st.DataObject
) -> None:
    """The newest of each market is among those that come; others come late, twice, or never."""
    new = bet(("m", "1", "2.10"), ("n", "2", "3.40"), at=HOURS[hour])
    ours, theirs = numbered(first, "m"), numbered(second, "n")
    newest = [ours[-1], theirs[-1]]
    others = data.draw(st.lists(st.sampled_from([*ours, *theirs]), max_size=8))
    came = data.draw(st.permutations([*others, *newest]))
    ends, wanted = take(new, *came), take(new, *newest)
    assert paid(ends) == paid(wanted)
    assert [leg.get("result") for leg in ends["legs"]] == [leg.get("result") for leg in wanted["legs"]]
    assert take(ends, *came) == ends, "what comes again changes nothing"


@given(_HISTORIES, st.integers(0, 12), st.lists(st.integers(0, 4), max_size=8), st.booleans())
def test_what_a_bet_reserves_follows_from_what_stands(
    history: Sequence[Any], hour: int, order: list[int], elsewhere_first: bool
) -> None:
    """On an open market, where windows alone are decided, a guard has the sum of what is open, after every step."""
    came = [each for n in order if n < len(history) for each in [numbered([({}, *it[1:]) for it in history], "m")[n]]]
    taker = bet(("m", "1", "2.10"), ("n", "2", "3.40"), at=HOURS[hour])
    if elsewhere_first:
        taker = take(taker, result(1, {"2": "WON"}, "n"))
    on_guard = sum(cents for place, cents in arithmetic.reserved(taker).items() if place.market_id == "m")
    for each in came:
        if step := arithmetic.next_step(taker, each, NOW, counted=True):
            on_guard += sum(cents for place, cents in step.moved.items() if place.market_id == "m")
            assert len([place for place in step.moved if place.market_id == "m"]) <= 1
            taker = {**taker, **step.changes}
        now = sum(cents for place, cents in arithmetic.reserved(taker).items() if place.market_id == "m")
        assert on_guard == now


# -- published and told cases


def test_a_market_that_is_void_ordered_paid_and_void_again_is_exact_at_every_step() -> None:
    """500 @ 1.90: refund, 950, refund (DOMAIN, learned since: a regulator's case)."""
    taker, seen = bet(("m", "1", "1.90"), stake=50_000), []
    for version, what in enumerate(("VOID", "WON", "VOID", "WON"), 1):
        taker = take(taker, result(version, {"1": what}))
        seen.append((taker["outcome"], taker["payout_cents"], taker["settlement_version"]))
    assert seen == [("VOID", 50_000, 1), ("WON", 95_000, 2), ("VOID", 50_000, 3), ("WON", 95_000, 4)]


@pytest.mark.parametrize("how", ["result", "window"])
def test_a_leg_that_is_void_after_it_had_won_leaves_the_other(how: str) -> None:
    """3,562 on 2.18 and a leg that had won: 7,765.16 (DOMAIN, learned since), by a correction or by a window."""
    taker = bet(("m", "1", "2.18"), ("n", "1", "1.70"), stake=356_200)
    taker = take(taker, result(1, {"1": "WON"}), result(1, {"1": "WON"}, "n"))
    assert paid(taker) == ("SETTLED", "WON", 1_320_077)
    everything: dict[str, Any] = {"windows": [versions.window(None, None, NOW)]}
    void = result(2, {"1": "VOID"}, "n") if how == "result" else result(2, {"1": "WON"}, "n", **everything)
    taker = take(taker, void)
    assert paid(taker) == ("SETTLED", "WON", 776_516)
    assert paid(take(taker, result(3, {"1": "WON"}, "n"))) == ("SETTLED", "WON", 1_320_077)


def test_a_window_hits_bets_by_when_they_were_placed_before_and_after_the_result() -> None:
    window = [versions.window(HOURS[9], HOURS[10], NOW)]
    inside, outside = bet(("m", "1", "2.00"), at=HOURS[9]), bet(("m", "1", "2.00"), at=HOURS[11])
    for taker, wanted in ((inside, "VOID"), (outside, "WON")):
        before = take(taker, result(1, {}, windows=window), result(2, {"1": "WON"}, windows=window))
        after = take(taker, result(1, {"1": "WON"}), result(2, {"1": "WON"}, windows=window))
        assert before["outcome"] == after["outcome"] == wanted
    given_back = take(inside, result(1, {"1": "WON"}), result(2, {"1": "WON"}, windows=window), result(3, {"1": "WON"}))
    assert paid(given_back) == ("SETTLED", "WON", 20_000)


def test_a_bet_that_a_window_voids_reopens_with_it() -> None:
    window = [versions.window(None, HOURS[23], HOURS[23])]
    taker = take(bet(("m", "1", "2.00")), result(1, {}, windows=window))
    assert paid(taker) == ("SETTLED", "VOID", 10_000)
    assert paid(take(taker, result(2, {}))) == ("ACCEPTED", None, None)


def test_a_dead_heat_in_a_window_is_void_and_none_any_more() -> None:
    shared: dict[str, Any] = {"dead_heats": {"1": "1/3"}}
    taker = take(bet(("m", "1", "6.00"), stake=6_000), result(1, {"1": "WON"}, **shared))
    assert paid(taker) == ("SETTLED", "WON", 12_000)
    void = take(taker, result(2, {"1": "WON"}, windows=[versions.window(None, None, NOW)], **shared))
    assert paid(void) == ("SETTLED", "VOID", 6_000)
    assert "dead_heat" not in void["legs"][0]


def test_on_an_open_market_a_cancelled_bet_gives_back_what_it_reserved_and_takes_it_again() -> None:
    window = [versions.window(None, HOURS[12], NOW)]
    taker = bet(("m", "1", "2.00"), ("n", "2", "2.00"))
    step = arithmetic.next_step(taker, result(1, {}, windows=window), NOW, counted=True)
    assert step is not None
    assert {(place.market_id, place.result_version): cents for place, cents in step.moved.items()} == {
        ("m", 0): -99_999
    }
    back = arithmetic.next_step({**taker, **step.changes}, result(2, {}), NOW, counted=True)
    assert back is not None
    assert {(place.market_id, place.result_version): cents for place, cents in back.moved.items()} == {("m", 2): 99_999}
    later = arithmetic.next_step(
        bet(("m", "1", "2.00"), at=HOURS[13]), result(1, {}, windows=window), NOW, counted=True
    )
    assert later is not None
    assert later.moved == {}


# -- whole games


def game(version: int, record: int = 0, rest: int = 0, windows: Sequence[versions.Window] = ()) -> Item:
    return {"game_version": version, "record_version": record, "rest_version": rest, "windows": list(windows)}


_DECISIONS = st.lists(
    st.one_of(
        st.tuples(st.just("record"), _RESULTS),
        st.tuples(st.just("rest"), st.none()),
        st.tuples(st.just("windows"), _WINDOWS),
    ),
    min_size=1,
    max_size=6,
)


@given(_DECISIONS, st.data())
def test_a_market_that_misses_versions_of_its_game_ends_as_one_that_took_all(
    decisions: Sequence[Any], data: st.DataObject
) -> None:
    states: list[tuple[Item, Mapping[str, str]]] = []
    now, computed = game(0), {}
    for version, (what, value) in enumerate(decisions, 1):
        now = {**now, "game_version": version}
        if what == "record":
            now, computed = {**now, "record_version": version, "rest_version": 0}, value
        elif what == "rest":
            now = {**now, "rest_version": version}
        else:
            now = {**now, "windows": value}
        states.append((now, computed))
    missed = data.draw(st.lists(st.booleans(), min_size=len(states), max_size=len(states)))

    def ends(taken: Sequence[tuple[Item, Mapping[str, str]]]) -> Item | None:
        stands: Item | None = None
        for state, results in taken:
            stands = versions.after_game(stands, state, results, OUTCOMES)
        return stands

    some = [state for state, skip in zip(states[:-1], missed, strict=False) if not skip]
    for taken in ([*some, states[-1]], [states[-1]], [*states, states[-1]]):
        assert ends(taken) == ends(states)


def test_a_window_that_stands_for_a_market_and_for_its_game_is_kept_as_both() -> None:
    window = versions.window(None, NOW, NOW)
    own = versions.standing({"windows": [window]})
    both = versions.after_game(own, game(1, windows=[window]), {}, OUTCOMES)
    assert versions.differs(own, both)
    assert versions.all_windows(both) == [window]
    assert versions.cancels({**both, "windows": versions.closed(both["windows"], window)}, NOW)


def test_what_a_trader_decides_stands_until_the_game_is_decided_anew() -> None:
    first = versions.after_game(None, game(1, record=1), {"1": "WON", "2": "LOST"}, OUTCOMES)
    by_hand = {**first, "results": {"1": "LOST", "2": "WON"}, "game_version": 1}
    again = versions.after_game(by_hand, game(1, record=1), {"1": "WON", "2": "LOST"}, OUTCOMES)
    assert not versions.differs(by_hand, again)
    window = versions.after_game(
        by_hand, game(2, record=1, windows=[{"from": None, "to": NOW}]), {"1": "WON"}, OUTCOMES
    )
    assert (window["results"], len(window["game_windows"])) == ({"1": "LOST", "2": "WON"}, 1)
    anew = versions.after_game(by_hand, game(3, record=3), {"1": "WON"}, OUTCOMES)
    assert anew["results"] == {"1": "WON"}


def test_the_rest_of_a_game_is_void_and_what_is_decided_stands() -> None:
    after = versions.after_game({"results": {"1": "LOST"}}, game(4, rest=4), {}, OUTCOMES)
    assert after["results"] == {"1": "LOST", "2": "VOID", "3": "VOID"}
    assert versions.is_decided(after, OUTCOMES)
    assert not versions.is_decided({"results": {"1": "LOST"}}, OUTCOMES)
    assert not versions.is_decided(None, OUTCOMES)
    assert versions.is_decided({"results": {}, "windows": [versions.window(None, None, NOW)]}, OUTCOMES)


@pytest.mark.parametrize(
    ("market", "goals", "ended", "wanted"),
    [
        ("f/18/total=0.5", "H", 0, {"12": "WON", "13": "LOST"}),
        ("f/18/total=1.5", "H", 0, {}),
        ("f/18/total=1.5", "H", 2, {"12": "LOST", "13": "WON"}),
        ("f/29", "H/A", 1, {"74": "WON", "76": "LOST"}),
        ("f/60", "H", 1, {"1": "WON", "2": "LOST", "3": "LOST"}),
        ("f/1", "H/", 1, {}),
    ],
)
def test_a_record_decides_what_is_certain_by_it_and_no_more(
    market: str, goals: str, ended: int, wanted: dict[str, str]
) -> None:
    definition = kinds.definition_of(market)
    found = outcomes.results(definition, kinds.specifiers_of(market), match(goals, ended=ended))
    computed = {outcome: what for outcome, what in found.items() if what}
    after = versions.after_game(None, game(1, record=1), computed, [each.outcome_id for each in definition.outcomes])
    assert after["results"] == wanted


def test_a_correction_changes_what_was_decided_and_an_addition_does_not() -> None:
    before = versions.standing({"results": {"1": "WON"}})
    assert not versions.corrects(before, versions.standing({"results": {"1": "WON", "2": "LOST"}}))
    assert versions.corrects(before, versions.standing({"results": {"2": "LOST"}}))
    assert versions.corrects(before, versions.standing({"results": {"1": "WON"}, "dead_heats": {"1": "1/2"}}))


def test_an_older_version_of_a_game_changes_nothing() -> None:
    newer = versions.after_game(None, game(3, record=3), {"1": "WON"}, OUTCOMES)
    window: versions.Window = {"from": None, "to": NOW}
    assert versions.after_game(newer, game(2, record=1, windows=[window]), {"1": "LOST"}, OUTCOMES) == newer


# -- one bet


def correction(version: int, *, voided: bool = False, **odds: str) -> Item:
    return {"correction_version": version, "voided": voided, "odds": odds}


def correct(taker: Item, given: Item) -> Item:
    step = arithmetic.corrected(taker, given, NOW)
    return {**taker, **step.changes} if step else taker


def test_a_bet_that_people_void_stays_void_whatever_its_legs_come_to() -> None:
    taker = correct(bet(("m", "1", "2.00"), ("n", "1", "3.00")), correction(1, voided=True))
    assert paid(taker) == ("SETTLED", "VOID", 10_000)
    taker = take(taker, result(1, {"1": "WON"}), result(1, {"1": "LOST"}, "n"), result(2, {}, "n"))
    assert (paid(taker), taker["settlement_version"]) == (("SETTLED", "VOID", 10_000), 1)
    assert correct(taker, correction(1, voided=True)) == taker
    won = take(bet(("m", "1", "2.00")), result(1, {"1": "WON"}))
    assert paid(correct(won, correction(1, voided=True))) == ("SETTLED", "VOID", 10_000)
    assert arithmetic.corrected({**won, "status": "CANCELLED"}, correction(1, voided=True), NOW) is None


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2), (1, 2, 0), (0, 2, 1), (2, 1, 0), (2, 0, 1)])
def test_other_odds_count_whenever_they_come(order: tuple[int, ...]) -> None:
    """21.00 for 2.10: the leg keeps what it was taken at, and pays what it should."""
    taker = {**bet(("m", "1", "21.00"), ("n", "1", "3.00")), "potential_payout_cents": 630_000}
    steps = [
        lambda it: correct(it, correction(1, m="2.10")),
        lambda it: take(it, result(1, {"1": "WON"})),
        lambda it: take(it, result(1, {"1": "HALF_WON"}, "n")),
    ]
    for n in order:
        taker = steps[n](taker)
    assert paid(taker) == ("SETTLED", "WON", 42_000)
    assert taker["potential_payout_cents"] == 63_000
    assert [(leg["odds"], leg.get("odds_taken")) for leg in taker["legs"]] == [("2.10", "21.00"), ("3.00", None)]
    again = correct(taker, correction(2, m="2.20"))
    assert (again["payout_cents"], again["legs"][0]["odds_taken"]) == (44_000, "21.00")


def test_what_a_repriced_bet_reserves_follows() -> None:
    taker = {**bet(("m", "1", "21.00"), ("n", "1", "3.00")), "potential_payout_cents": 630_000}
    taker = take(taker, result(1, {"1": "WON"}, "n"))
    step = arithmetic.corrected(taker, correction(1, m="2.10"), NOW)
    assert step is not None
    assert {place.market_id: cents for place, cents in step.moved.items()} == {"m": 63_000 - 630_000}
    void = arithmetic.corrected(taker, correction(1, voided=True), NOW)
    assert void is not None
    assert {place.market_id: cents for place, cents in void.moved.items()} == {"m": -630_000}
