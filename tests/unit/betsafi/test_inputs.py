"""What comes from outside: one check of texts, one of times, one of numbers, and what no table keeps."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from betsafi import clock, ids, inputs, money
from betsafi.dynamodb import Table
from betsafi.errors import InvalidCursor, InvalidInput
from betsafi.graphql import Caller, Fields, page_limit
from betsafi.http import Api
from tests.support.signed import REGION, session_of, signed


@given(st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30)), st.integers(-14 * 60, 14 * 60))
def test_a_stamp_is_read_back_whatever_the_year_and_sorts_by_time(moment: datetime, minutes: int) -> None:
    here = moment.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    stamp = clock.stamp(here)
    assert clock.parse_stamp(stamp) == here
    assert len(stamp) == len("2026-12-01T16:00:00.000000Z")
    assert clock.stamp(here + timedelta(microseconds=1)) > stamp


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_what_is_outside_the_calendar_in_utc_is_no_stamp(text: str) -> None:
    with pytest.raises(ValueError, match="outside the years"):
        clock.parse_stamp(text)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-12-01T16:00:00Z", datetime(2026, 12, 1, 16, tzinfo=UTC)),
        ("2026-12-01T16:00+03:00", datetime(2026, 12, 1, 13, tzinfo=UTC)),
        ("2026-12-01T16:00:00.123456789-01:00:30", datetime(2026, 12, 1, 17, 0, 30, 123456, tzinfo=UTC)),
        ("1970-01-01T00:00:00Z", datetime(1970, 1, 1, tzinfo=UTC)),
        ("2099-12-31T23:59:59.999999Z", datetime(2099, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)),
    ],
)
def test_a_moment_is_as_appsync_lets_it_through(text: str, moment: datetime) -> None:
    assert inputs.moment(text, "from") == moment


@pytest.mark.parametrize("value", ["2100-01-01T00:00:00Z", "1970-01-01T00:00:00+00:01", "2026-12-01", "", None, 5])
def test_any_other_moment_is_refused_by_its_name(value: Any) -> None:
    with pytest.raises(InvalidInput, match=r"^from is a date and time with a zone"):
        inputs.moment(value, "from")


def test_a_day_may_be_a_birthday() -> None:
    assert inputs.day("1900-01-01", "birthdate") == date(1900, 1, 1)
    for bad in ("1899-12-31", "2100-01-01", "2026-2-1", "2026-02-30", "20260201", "2026-02-01Z", "", None):
        with pytest.raises(InvalidInput, match=r"^birthdate is a day"):
            inputs.day(bad, "birthdate")


@pytest.mark.parametrize(
    ("given_", "kept"),
    [
        ("  Amina   W ", "Amina W"),
        ("no\u00a0break and\u3000wide", "no break and wide"),
        ("Ng'ang'a – Wanjikũ", "Ng'ang'a – Wanjikũ"),
        ("أمينة", "أمينة"),
        ("王小明", "王小明"),
        ("Ole 😀", "Ole 😀"),
    ],
)
def test_a_text_keeps_what_is_seen(given_: str, kept: str) -> None:
    assert inputs.text(given_, "displayName", 1, 40) == kept


UNSEEN = [
    "\n", "\t", "\r", "\u2028", "\x1f", "\x85", "\u200b", "\u200d",
    "\u2060", "\ufeff", "\u202e", "\u2066", "\u200f", "\u061c", "\x00", "\x07", "\x1b", "\x7f",
    "\x9b", "\ud800", "\udfff", "\u3164", "\u2800", "\ufe0f", "\U000e0041",
]  # fmt: skip


@pytest.mark.parametrize("unseen", UNSEEN, ids=ascii)
def test_a_text_with_what_is_not_seen_is_refused(unseen: str) -> None:
    for text in (unseen, f"Amina{unseen}", f"A{unseen}mina"):
        with pytest.raises(InvalidInput, match=r"^displayName has 1 to 40 characters"):
            inputs.text(text, "displayName", 1, 40)


@given(
    st.text(st.characters(categories=["Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "L", "Zs"]), min_size=1, max_size=40)
)
def test_a_text_that_is_taken_can_be_kept_and_shows_no_control(text: str) -> None:
    try:
        kept = inputs.text(text, "reason", 1, 40)
    except InvalidInput:
        return
    assert kept.encode()
    assert kept.isprintable()


@pytest.mark.parametrize("value", [0, 6, -1, 2**63, 10**400, 1.0, float("nan"), True, "1", None, [1]])
def test_a_number_is_whole_and_within_its_bounds(value: Any) -> None:
    assert inputs.whole(5, "guards", 1, 5) == 5
    with pytest.raises(InvalidInput, match=r"^guards is a whole number from 1 to 5"):
        inputs.whole(value, "guards", 1, 5)


@pytest.mark.parametrize("value", [0, -1, 101, 2**40, "5", 1.5, True])
def test_a_page_has_a_length_from_one_to_the_largest(value: Any) -> None:
    assert [page_limit(given, 100) for given in ({}, {"limit": None}, {"limit": 1}, {"limit": 100})] == [20, 20, 1, 100]
    with pytest.raises(InvalidInput, match=r"^limit is a whole number from 1 to 100"):
        page_limit({"limit": value}, 100)


def nested(levels: int) -> Any:
    value: Any = "x"
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    "bad",
    [
        {"note": "a" * 4_001},
        {"note": "a\0"},
        {"note": "\ud83d"},
        {"note": ["fine", {"inner": "\udc00"}]},
        {"note": nested(11)},
        {"note": nested(100_000)},
        {"\ud800": 1},
        {"n" * 4_001: 1},
    ],
    ids=range(8),
)
def test_what_no_table_keeps_is_refused_at_both_handlers(bad: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAGE", "local")
    monkeypatch.setenv("AWS_REGION", REGION)
    inputs.check_storable({"note": "ä\n😀" * 1_000, "numbers": [1, None, True, 1.5, nested(8)]})
    fields, api = Fields(), Api()
    fields.query("any")(lambda caller, arguments: pytest.fail("asked"))
    event = {"type": "Query", "field": "any", "arguments": bad, "identity": {"sub": "u"}}
    refusal = fields(event)["error"]
    assert refusal["type"] == "INVALID_INPUT"
    assert len(refusal["message"]) < 200
    assert refusal["message"].encode()
    api.route("POST", "/any", callers=("payment",), gives={})(lambda caller, path, body: pytest.fail("asked"))
    for path, body in ((bad, None), ({}, '{"note": ' + "[" * 100_000 + "]" * 100_000 + "}")):
        event = signed(session_of("payment"), "POST", "/any", ["/any"]) or {}
        answer = api({**event, "pathParameters": path, "body": body})
        assert answer["statusCode"] == 400


@pytest.mark.parametrize("sort_key", ["", "\ud800", 5, ["x"]])
def test_a_cursor_that_we_did_not_make_is_refused_before_the_table_is_asked(sort_key: Any) -> None:
    import base64
    import json

    key = {"pk": {"S": "USER#u"}, "sk": {"S": sort_key}}
    deep = '{"pk": ' + "[" * 900 + "]" * 900 + "}"
    for text in (json.dumps(key), deep, "[]", "1" * 5_000):
        cursor = base64.urlsafe_b64encode(text.encode()).decode()
        with pytest.raises(InvalidCursor):
            Table("none").query("USER#u", cursor=cursor)


def test_a_caller_s_arguments_reach_the_field_unchanged() -> None:
    fields, seen = Fields(), []

    def answer(caller: Caller, arguments: dict[str, Any]) -> None:
        seen.append(arguments)

    fields.query("any")(answer)
    arguments = {"text": " two\nlines ", "list": [{"n": 1}], "nothing": None}
    fields({"type": "Query", "field": "any", "arguments": arguments, "identity": {"sub": "u"}})
    assert seen == [arguments]


@pytest.mark.parametrize(
    ("check", "info"),
    [
        (lambda: inputs.whole(0, "limit", 1, 100), {"field": "limit", "min": 1, "max": 100}),
        (lambda: inputs.text("", "reason", 3, 100), {"field": "reason", "min": 3, "max": 100}),
        (lambda: inputs.day("", "day"), {"field": "day"}),
        (lambda: inputs.moment("", "from"), {"field": "from"}),
        (lambda: inputs.check_storable({"a": {"b": "x" * 4_001}}), {"field": "a.b", "max": 4_000}),
        (lambda: ids.request_id("short"), {"field": "clientRequestId", "min": 8, "max": 64}),
        (lambda: ids.identifier("", name="userId"), {"field": "userId", "min": 1, "max": 128}),
        (lambda: ids.path_identifier("", "userId"), {"field": "userId", "min": 1, "max": 128}),
        (lambda: money.parse_amount("0"), {"min": "0.01", "max": "1000000000.00"}),
    ],
)
def test_a_refusal_has_its_field_and_its_numbers_for_programs_too(check: Callable[[], object], info: Any) -> None:
    with pytest.raises(InvalidInput) as refused:
        check()
    assert refused.value.info == info
