"""The kinds of markets: what is shipped, the ids and names made of it, and every fault that a file can have."""

import copy
import itertools
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bet.markets import kinds, outcomes
from bet.markets.kinds import Definition, FaultyDefinition
from bet.markets.specifiers import canonical
from betsafi.errors import InvalidInput, NotFound
from betsafi.ids import LONGEST, identifier
from tests.support.matches import match

ROOT = Path(__file__).parents[4]
SHIPPED = kinds.definitions()
ROW: dict[str, Any] = {
    "id": "18",
    "name": {"en": "Total goals {total}", "sw": "Jumla ya mabao {total}"},
    "group": "GOALS",
    "main": True,
    "of": "goals",
    "period": "REGULAR",
    "specifiers": {"total": "quarter"},
    "outcomes": [
        {"id": "12", "key": "OVER", "name": {"en": "Over", "sw": "Zaidi"}, "graded": "home + away - total"},
        {"id": "13", "key": "UNDER", "name": {"en": "Under", "sw": "Chini"}, "graded": "total - home - away"},
    ],
}


def written(tmp_path: Path, rows: Any) -> Path:
    path = tmp_path / "definitions.json"
    path.write_text(json.dumps(rows) if not isinstance(rows, str) else rows, encoding="utf-8")
    return path


# -- what is shipped


def test_the_shipped_file_has_no_fault() -> None:
    assert outcomes.load(kinds.DEFINITIONS) == SHIPPED


def test_every_kind_that_is_offered_is_there_under_the_id_of_the_feed() -> None:
    assert {each.definition_id: {outcome.outcome_id for outcome in each.outcomes} for each in SHIPPED.values()} == {
        "1": {"1", "2", "3"},
        "60200": {"1", "2", "3"},
        "10": {"9", "10", "11"},
        "11": {"4", "5"},
        "186": {"4", "5"},
        "8": {"6", "7", "8"},
        **{kind: {"12", "13"} for kind in ("18", "19", "20", "68", "90", "166", "139")},
        "26": {"70", "72"},
        **{kind: {"74", "76"} for kind in ("29", "75")},
        "14": {"1711", "1712", "1713"},
        **{kind: {"1714", "1715"} for kind in ("16", "66")},
        "60": {"1", "2", "3"},
        "47": {str(number) for number in range(418, 436, 2)},
        "35": {str(number) for number in range(78, 90, 2)},
        "36": {"90", "92", "94", "96"},
        "37": {str(number) for number in range(794, 806, 2)},
        "45": {str(number) for number in range(274, 326, 2)},
    }


def test_the_feeds_2_is_the_draw_and_the_key_2_is_the_away_side() -> None:
    for definition_id in ("1", "60", "60200"):
        shown = {outcome.outcome_id: (outcome.key, outcome.name["en"]) for outcome in SHIPPED[definition_id].outcomes}
        assert shown == {"1": ("1", "{home}"), "2": ("X", "Draw"), "3": ("2", "{away}")}


def fixture_ids() -> st.SearchStrategy[str]:
    return st.from_regex(r"[A-Za-z0-9:._/=|+-]{1,64}", fullmatch=True)


@given(fixture_ids(), fixture_ids(), st.sampled_from([*SHIPPED.values()]), st.sampled_from(["1", "X", "2"]))
def test_an_id_of_the_former_form_is_never_one_of_these(old: str, new: str, kind: Definition, key: str) -> None:
    """So a former `2`, the away side, never means the draw, whose outcome is 2 now."""
    values = {name: EXAMPLES[form][0] for name, form in kind.specifiers.items()}
    market, former = kinds.market_id(new, kind, kinds.canonical_specifiers(kind, values)), f"{old}-1x2"
    assert former != market
    selections = {kinds.selection_id(market, outcome.outcome_id) for outcome in kind.outcomes}
    assert f"{former}/{key}" not in selections
    chosen = kinds.outcome_of(market, f"{former}/{key}")
    assert chosen not in {outcome.outcome_id for outcome in kind.outcomes}
    if "/" not in old:
        assert chosen == ""
        with pytest.raises(NotFound):
            kinds.definition_of(former)


@pytest.mark.parametrize("market", ["", "f", "f/999", "f-1x2", "f/", "/"])
def test_what_is_no_market_has_no_kind(market: str) -> None:
    with pytest.raises(NotFound):
        kinds.definition_of(market)


def test_a_market_tells_its_fixture_and_its_kind() -> None:
    market = kinds.market_id("sr:match:1", SHIPPED["18"], "total=2.5")
    assert (kinds.fixture_of(market), kinds.definition_of(market).definition_id) == ("sr:match:1", "18")
    assert kinds.key_of(market, "12") == "OVER"
    assert kinds.outcome_of(market, f"{market}/12") == "12"
    assert kinds.outcome_of(market, "sr:match:1/18/total=3.5/12") == ""


def test_the_placing_path_reads_no_expression() -> None:
    """Ids and names need the definitions, and nothing of what decides them."""
    program = (
        "import json, sys; from bet.markets import kinds; kinds.definitions(); print(json.dumps(list(sys.modules)))"
    )
    paths = os.pathsep.join([str(ROOT / "bet"), str(ROOT / "layers" / "common" / "python")])
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": paths}
    ran = subprocess.run([sys.executable, "-c", program], env=environment, check=True, capture_output=True, timeout=180)
    found = {name for name in json.loads(ran.stdout) if name.startswith("bet.markets.")}
    assert found == {"bet.markets.kinds", "bet.markets.specifiers"}


# -- ids

EXAMPLES = {
    "quarter": ["2.5", "0.25", "3", "99.75"],
    "half": ["2.5", "0.5", "99.5"],
    "handicap": ["-0.75", "0", "0.5", "-99.75"],
    "count": ["1", "12"],
    "score": ["0:1", "2:2", "10:99"],
}


def test_ids_are_made_of_fixture_kind_specifiers_and_outcome() -> None:
    total, handicap, result = SHIPPED["18"], SHIPPED["16"], SHIPPED["1"]
    assert kinds.market_id("sr:match:123", total, "total=2.5") == "sr:match:123/18/total=2.5"
    assert kinds.market_id("sr:match:123", result, "") == "sr:match:123/1"
    live = kinds.canonical_specifiers(handicap, "score=1:0|hcp=-0.75")
    assert kinds.market_id("sr:match:123", handicap, live) == "sr:match:123/16/hcp=-0.75|score=1:0"
    assert kinds.selection_id("sr:match:123/18/total=2.5", "12") == "sr:match:123/18/total=2.5/12"


@pytest.mark.parametrize(
    ("kind", "given", "text"),
    [
        ("18", "total=2.50", "total=2.5"),
        ("18", "total=+02.5", "total=2.5"),
        ("18", {"total": "3.0"}, "total=3"),
        ("16", "hcp=-0", "hcp=0"),
        ("16", "hcp=0.5|score=0:0", "hcp=0.5"),
        ("16", "score=01:00|hcp=0.5", "hcp=0.5|score=1:0"),
        ("8", "goalnr=01", "goalnr=1"),
        ("1", "", ""),
        ("1", {}, ""),
    ],
)
def test_one_market_has_one_text(kind: str, given: str | dict[str, str], text: str) -> None:
    assert kinds.canonical_specifiers(SHIPPED[kind], given) == text
    assert kinds.canonical_specifiers(SHIPPED[kind], text) == text


def test_specifiers_stand_by_name_however_they_are_declared_or_given() -> None:
    for names in itertools.permutations(("b", "a", "c")):
        forms = dict.fromkeys(names, "count")
        assert canonical(forms, {}, "|".join(f"{name}=1" for name in names)) == "a=1|b=1|c=1"


@pytest.mark.parametrize(
    ("kind", "given", "says"),
    [
        ("1", "total=2.5", "This market has no specifiers."),
        ("18", "total=2.5|hcp=1", "This market's specifiers are total."),
        ("16", "hcp=1|total=2", "This market's specifiers are hcp, score."),
        ("18", "", "total is a line from 0.25"),
        ("16", "score=1:0", "hcp is a handicap"),
        ("18", "total=2.5|total=3.5", "The specifiers are given once each"),
        ("18", "total", "total is a line"),
        ("18", {"total": 2.5}, "total is a line"),
        ("18", "total=2,5", "total is a line"),
        ("18", "total=2.1", "total is a line"),
        ("18", "total=2.125", "total is a line"),
        ("18", "total=-1", "total is a line"),
        ("18", "total=0", "total is a line"),
        ("18", "total=100", "total is a line"),
        ("18", "total=1e1", "total is a line"),
        ("18", "total=٢", "total is a line"),
        ("36", "total=2", "total is a line from 0.5 to 99.5 between"),
        ("36", "total=2.25", "total is a line from 0.5 to 99.5 between"),
        ("8", "goalnr=0", "goalnr is a whole number"),
        ("8", "goalnr=1.5", "goalnr is a whole number"),
        ("14", "hcp=1", "hcp is a score"),
        ("14", "hcp=1:100", "hcp is a score"),
        ("16", "hcp=0.3", "hcp is a handicap"),
    ],
)
def test_other_specifiers_are_refused_in_a_sentence(kind: str, given: Any, says: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        kinds.canonical_specifiers(SHIPPED[kind], given)
    assert refused.value.message.startswith(says)


@pytest.mark.parametrize("unknown", ["2", "", "1X2", None, 1])
def test_there_is_no_other_kind(unknown: Any) -> None:
    with pytest.raises(InvalidInput):
        kinds.find(unknown)
    with pytest.raises(InvalidInput):
        kinds.outcome(kinds.find("1"), unknown if unknown != "2" else "12")


def test_the_longest_parts_make_the_longest_id() -> None:
    assert kinds.LONGEST_SELECTION_ID == LONGEST
    longest = {name: max(EXAMPLES[form], key=len) for name, form in SHIPPED["16"].specifiers.items()}
    specifiers = kinds.canonical_specifiers(SHIPPED["16"], longest)
    assert len(specifiers) <= kinds.LONGEST_SPECIFIERS
    market = kinds.market_id("f" * kinds.LONGEST_FIXTURE_ID, SHIPPED["16"], specifiers)
    assert len(market) <= kinds.LONGEST_MARKET_ID
    assert identifier(kinds.selection_id(market, "sr:player:123456789"))


MARKETS = st.tuples(fixture_ids(), st.sampled_from([*SHIPPED.values()]), st.integers(0, 3), st.integers(0, 2))


@given(MARKETS, MARKETS)
def test_two_markets_never_share_an_id(one: Any, other: Any) -> None:
    ids = []
    for fixture, kind, which, position in (one, other):
        values = {name: EXAMPLES[form][which % len(EXAMPLES[form])] for name, form in kind.specifiers.items()}
        specifiers = kinds.canonical_specifiers(kind, values)
        outcome = kind.outcomes[position % len(kind.outcomes)].outcome_id
        market = kinds.market_id(fixture, kind, specifiers)
        parts = (fixture, kind.definition_id, specifiers)
        ids.append((parts, market, (*parts, outcome), kinds.selection_id(market, outcome)))
    (one_market, market, one_selection, selection), (other_market, others, other_selection, others_selection) = ids
    assert (one_market == other_market) == (market == others)
    assert (one_selection == other_selection) == (selection == others_selection)


# -- names


@pytest.mark.parametrize(
    ("kind", "specifiers", "outcome", "english", "kiswahili"),
    [
        ("1", "", "2", ("Match result (1X2)", "Draw"), ("Matokeo ya mechi (1X2)", "Sare")),
        ("10", "", "11", ("Double chance", "Draw or Leopards"), ("Nafasi mbili", "Sare au Leopards")),
        ("18", "total=2.5", "12", ("Total goals 2.5", "Over 2.5"), ("Jumla ya mabao 2.5", "Zaidi ya 2.5")),
        ("19", "total=1", "13", ("Gor: total goals 1", "Under 1"), ("Gor: jumla ya mabao 1", "Chini ya 1")),
        (
            "16",
            "hcp=-0.75",
            "1715",
            ("Asian handicap (0:0)", "Leopards (+0.75)"),
            ("Handicap ya Asia (0:0)", "Leopards (+0.75)"),
        ),
        (
            "16",
            "hcp=0|score=1:0",
            "1714",
            ("Asian handicap (1:0)", "Gor (0)"),
            ("Handicap ya Asia (1:0)", "Gor (0)"),
        ),
        (
            "14",
            "hcp=0:1",
            "1713",
            ("3-way handicap 0:1", "Leopards (0:1)"),
            ("Handicap ya njia tatu 0:1", "Leopards (0:1)"),
        ),
        ("8", "goalnr=3", "7", ("Goal 3", "No such goal"), ("Bao la 3", "Bao halipo")),
        ("47", "", "420", ("Half-time/full-time", "Gor/Draw"), ("Mapumziko/mwisho wa mechi", "Gor/Sare")),
    ],
)
def test_names_are_filled_in_both_languages(
    kind: str, specifiers: str, outcome: str, english: tuple[str, str], kiswahili: tuple[str, str]
) -> None:
    for language, (market, chosen) in (("en", english), ("sw", kiswahili)):
        shown = (SHIPPED[kind], specifiers, language, "Gor", "Leopards")
        assert kinds.market_name(*shown) == market  # type: ignore[arg-type]
        assert kinds.outcome_name(shown[0], outcome, *shown[1:]) == chosen  # type: ignore[arg-type]


def test_a_teams_name_is_shown_as_it_is() -> None:
    assert kinds.market_name(SHIPPED["19"], "total=1", "en", "{away} {total}", "B") == "{away} {total}: total goals 1"


def test_within_a_market_no_two_outcomes_look_alike() -> None:
    for kind in SHIPPED.values():
        values = {name: EXAMPLES[form][0] for name, form in kind.specifiers.items()}
        shown = (kinds.canonical_specifiers(kind, values), "en", "A", "B")
        names = {kinds.outcome_name(kind, outcome.outcome_id, *shown) for outcome in kind.outcomes}  # type: ignore[arg-type]
        assert len(names) == len(kind.outcomes)


# -- a kind more, and files with a fault


def test_a_row_more_is_a_kind_more(tmp_path: Path) -> None:
    row = {
        "id": "162",
        "name": {"en": "Corners 1X2, {home} given {start}", "sw": "Kona 1X2, {home} yapewa {start}"},
        "group": "CORNERS",
        "main": False,
        "of": "corners",
        "period": "REGULAR",
        "specifiers": {"start": "count"},
        "outcomes": [
            {"id": "1", "key": "1", "name": {"en": "{home}", "sw": "{home}"}, "wins": "home + start > away"},
            {"id": "2", "key": "X", "name": {"en": "Draw", "sw": "Sare"}, "wins": "home + start == away"},
            {"id": "3", "key": "2", "name": {"en": "{away}", "sw": "{away}"}, "wins": "home + start < away"},
        ],
    }
    shipped = json.loads(kinds.DEFINITIONS.read_text(encoding="utf-8"))
    found = outcomes.load(written(tmp_path, [*shipped, row]))
    kind = found["162"]
    assert len(found) == len(SHIPPED) + 1
    specifiers = kinds.canonical_specifiers(kind, "start=2")
    assert kinds.market_id("f", kind, specifiers) == "f/162/start=2"
    assert kinds.market_name(kind, specifiers, "sw", "Gor", "Leopards") == "Kona 1X2, Gor yapewa 2"
    record = match(corners="HA/AAA")
    assert outcomes.results(kind, specifiers, record) == {"1": "LOST", "2": "LOST", "3": "WON"}
    assert set(outcomes.results(kind, specifiers, match()).values()) == {None}


def put(*path: Any, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(row: dict[str, Any]) -> None:
        place: Any = row
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value

    return change


def without(*path: Any) -> Callable[[dict[str, Any]], None]:
    def change(row: dict[str, Any]) -> None:
        place: Any = row
        for step in path[:-1]:
            place = place[step]
        del place[path[-1]]

    return change


FIRST = ("outcomes", 0)
FAULTS: list[tuple[Callable[[dict[str, Any]], None], str]] = [
    (without("name", "sw"), "has no name in Kiswahili"),
    (put("name", "sw", value=""), "has no name in Kiswahili"),
    (without("name", "en"), "has no name in English"),
    (without(*FIRST, "name", "sw"), "outcome '12': has no name in Kiswahili"),
    (without(*FIRST, "name"), "outcome '12': has no name in English"),
    (put("name", "fr", value="Total {total}"), "has names in other languages"),
    (put("name", "en", value="Total {goals}"), "an unknown placeholder"),
    (put("name", "en", value="Total {+total}"), "an unknown placeholder"),
    (put("name", "en", value="Total {total"), "a brace alone"),
    (put("name", "en", value="Total {total} " + "x" * 80), "a name has at most 80 characters"),
    (put("name", "en", value="Total\n{total}"), "a name has at most 80 characters"),
    (put("name", "en", value=18), "a name has at most 80 characters"),
    (put("name", "en", value="Total"), "no name shows total (en)"),
    (put("name", "sw", value="Jumla"), "no name shows total (sw)"),
    (without("group"), "lacks group"),
    (put("margin", value=1), "has margin, which is nothing here"),
    (put("id", value="1-8"), "its id has"),
    (put("id", value=18), "its id has"),
    (put("id", value="1" * 11), "its id has"),
    (put("group", value="OTHER"), "group is one of"),
    (put("of", value="throws"), "of is one of"),
    (put("period", value="PENALTIES"), "period is one of"),
    (put("main", value="yes"), "main is true or false"),
    (put("note", value="n" * 301), "note has at most 300 characters"),
    *((put("winners", value=value), "winners are numbers of outcomes") for value in ([], 1, "1", [0], [True], ["2"])),
    (put("specifiers", value=["total"]), "specifiers and defaults are objects"),
    (put("specifiers", "home", value="count"), "home is no name for a specifier"),
    (put("specifiers", "Total-1", value="count"), "Total-1 is no name for a specifier"),
    (put("specifiers", "total", value="decimal"), "total is one of quarter, half"),
    (put("specifiers", value={name: "score" for name in ("a", "b", "c", "d", "e")}), "its specifiers can have"),
    (put("defaults", value={"total": "2.50"}), "the default of total is no canonical value"),
    (put("defaults", value={"hcp": "0"}), "the default of hcp is no canonical value"),
    (put("outcomes", value=[]), "outcomes are a list of 2 to 60"),
    (put("outcomes", 1, value="under"), "an outcome is an object"),
    (put(*FIRST, "id", value="13"), "two outcomes have the same id"),
    (put(*FIRST, "key", value="UNDER"), "two outcomes have the same key"),
    (put(*FIRST, "id", value="a/b"), "its id has 1 to 19"),
    (put(*FIRST, "key", value="over"), "its key has 1 to 12"),
    (put(*FIRST, "wins", value="home > away"), "one of wins and graded"),
    (without(*FIRST, "graded"), "one of wins and graded"),
    (put(*FIRST, "graded", value=1), "one of wins and graded"),
    (put(*FIRST, "graded", value="home +"), "outcome '12': cannot be read"),
    (put(*FIRST, "graded", value="home > total"), "outcome '12': takes home > total for a quantity"),
    (put(*FIRST, "graded", value="goals - total"), "outcome '12': does not know goals"),
    (put(*FIRST, "graded", value="scorer - total"), "outcome '12': does not know scorer"),
    (put(*FIRST, "graded", value="total.home"), "outcome '12': does not know total.home"),
    (put(*FIRST, "graded", value="open('x')"), "outcome '12': takes open('x') for a quantity"),
]


@pytest.mark.parametrize(("change", "says"), FAULTS, ids=[says for _, says in FAULTS])
def test_a_faulty_definition_is_refused_by_its_id(
    tmp_path: Path, change: Callable[[dict[str, Any]], None], says: str
) -> None:
    row = copy.deepcopy(ROW)
    outcomes.load(written(tmp_path, [row]))
    change(row)
    with pytest.raises(FaultyDefinition) as refused:
        outcomes.load(written(tmp_path, [row]))
    assert str(refused.value).startswith(f"definition {row['id']!r}")
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ("[", "is no JSON"),
        ({"18": ROW}, "is no list"),
        (["18"], "definition number 1"),
        ([ROW, ROW], "definition '18': is there twice"),
    ],
)
def test_a_faulty_file_is_refused(tmp_path: Path, rows: Any, says: str) -> None:
    with pytest.raises(FaultyDefinition, match=says):
        outcomes.load(written(tmp_path, rows))


COMBINED = {
    "id": "36",
    "name": {"en": "Total {total} & both score", "sw": "Jumla {total} na zote kufunga"},
    "group": "COMBINED",
    "main": False,
    "of": "goals",
    "period": "REGULAR",
    "specifiers": {"total": "half"},
    "combines": ["18", "29"],
    "outcomes": [
        {
            "id": str(90 + n),
            "key": f"{total}&{score}",
            "combines": [total, score],
            "name": {"en": "Both", "sw": "Zote"},
            "wins": "home + away > total and home > 0",
        }
        for n, (total, score) in enumerate(itertools.product(("12", "13"), ("74", "76")))
    ],
}
LAST = ("outcomes", 3)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (put("combines", value=["18"]), "combines are two ids"),
        (put("combines", value=["18", "18"]), "combines a kind with itself"),
        (put("combines", value=[]), "combines are two ids"),
        (put("combines", value=["18", 29]), "combines are two ids"),
        (put("combines", value="18"), "combines are two ids"),
        (put("combines", value=["18", "30"]), "combines kinds that are not there"),
        (put("combines", value=["29", "18"]), "its outcomes are not all pairs, once each"),
        (without("combines"), "its outcomes combine others, and it says of which kinds not"),
        (put(*LAST, "combines", value=["13"]), "outcome '93': combines are two ids"),
        (put(*LAST, "combines", value=["13", "74"]), "its outcomes are not all pairs, once each"),
        (without(*LAST, "combines"), "its outcomes are not all pairs, once each"),
        (without(*LAST), "its outcomes are not all pairs, once each"),
        (put("combines", value=["18b", "29"]), "its specifiers are not those of both kinds"),
        (put("id", value="36b"), "another definition combines these two"),
    ],
)
def test_what_combines_two_kinds_has_an_outcome_for_each_pair_of_theirs(
    tmp_path: Path, change: Callable[[dict[str, Any]], None], says: str
) -> None:
    both = next(row for row in json.loads(kinds.DEFINITIONS.read_text(encoding="utf-8")) if row["id"] == "29")
    plain = json.loads(json.dumps({**ROW, "id": "18b", "specifiers": {}}).replace(" {total}", "").replace("total", "2"))
    rows = [ROW, both, plain, *([COMBINED] if says.startswith("another") else [])]
    row = copy.deepcopy(COMBINED)
    outcomes.load(written(tmp_path, [ROW, both, plain, row]))
    change(row)
    with pytest.raises(FaultyDefinition) as refused:
        outcomes.load(written(tmp_path, [*rows, row]))
    assert str(refused.value).startswith(f"definition {row['id']!r}")
    assert says in str(refused.value)


def test_a_specifier_that_decides_nothing_is_refused(tmp_path: Path) -> None:
    row = copy.deepcopy(ROW)
    for outcome in row["outcomes"]:
        outcome["graded"] = "home - away"
    with pytest.raises(FaultyDefinition, match="total decides nothing"):
        outcomes.load(written(tmp_path, [row]))


def test_goalnr_is_a_count(tmp_path: Path) -> None:
    row = json.loads(json.dumps(ROW).replace("total", "goalnr"))
    with pytest.raises(FaultyDefinition, match="goalnr is a count"):
        outcomes.load(written(tmp_path, [row]))
