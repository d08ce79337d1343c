"""What an app asks first: small, as the stage says it, and with the switch of all betting."""

import importlib
import json
import uuid
from types import ModuleType
from typing import Any

import pytest

from betsafi import clock
from tests.support.emulator import create_table
from tests.support.schema import api_schema, flaws, object_type
from tests.support.services import load

pytestmark = pytest.mark.both_emulators
SAID = {
    "OLDEST_ANDROID": "2.4.0",
    "OLDEST_IOS": "3",
    "MAINTENANCE_EN": "We are back at noon.",
    "MAINTENANCE_SW": "Tutarudi saa sita mchana.",
    "SUPPORT_NUMBER": "+254700000000",
    "SUPPORT_EMAIL": "help@example.com",
    "TERMS_VERSIONS": "2026-11-01,2027-02-01",
    "TERMS_URL": "https://example.com/terms?of=betsafi",
    "PRIVACY_VERSIONS": "2026-11-01",
    "PRIVACY_URL": "https://example.com/privacy/",
}


def started(emulator: str, **settings: str) -> ModuleType:
    """Return the handler of a stage that says so."""
    table = create_table(emulator, f"bet-{uuid.uuid4()}", "bet")
    return load("bet.handlers.graphql", TABLE_NAME=table, WALLET_URL="http://127.0.0.1:1", **settings)


def ask(door: ModuleType, identity: dict[str, Any]) -> dict[str, Any]:
    asked = {"type": "Query", "field": "start", "arguments": {}, "identity": identity}
    return dict(door.handler(asked)["data"])


def test_an_app_hears_what_the_stage_says_whether_somebody_is_signed_in_or_not(emulator: str) -> None:
    door = started(emulator, **SAID)
    before = clock.stamp()
    seen = ask(door, {})
    assert before <= seen.pop("time") <= clock.stamp()
    assert seen == {
        "betting": {"open": True, "message": None},
        "maintenance": {"en": "We are back at noon.", "sw": "Tutarudi saa sita mchana."},
        "oldestAndroid": "2.4.0",
        "oldestIos": "3",
        "oldestWeb": None,
        "terms": "2027-02-01",
        "termsUrl": "https://example.com/terms?of=betsafi",
        "privacy": "2026-11-01",
        "privacyUrl": "https://example.com/privacy/",
        "supportNumber": "+254700000000",
        "supportEmail": "help@example.com",
    }
    ours = {**ask(door, {"sub": str(uuid.uuid4())})}
    assert ours.pop("time") >= before
    assert ours == seen


def test_a_stage_that_says_nothing_is_answered_with_nulls_and_the_terms(emulator: str) -> None:
    seen = ask(started(emulator, OLDEST_WEB="", TERMS_VERSIONS="2026-11-01"), {})
    assert flaws(seen, object_type(api_schema(), "Start"), "Start") == []
    assert {name for name, value in seen.items() if value is not None} == {"time", "betting", "terms"}


def test_it_says_when_no_bets_are_taken(emulator: str, monkeypatch: pytest.MonkeyPatch) -> None:
    door = started(emulator)
    assert ask(door, {})["betting"]["open"] is True
    importlib.import_module("bet.markets.betting").turn(False)
    later = clock.monotonic() + 3
    monkeypatch.setattr(clock, "monotonic", lambda: later)
    shut = ask(door, {})["betting"]
    assert shut["open"] is False
    assert set(shut["message"]) == {"en", "sw"}


def test_apps_that_ask_together_cost_one_read(emulator: str, monkeypatch: pytest.MonkeyPatch) -> None:
    door, reads = started(emulator), []
    betting, now = importlib.import_module("bet.markets.betting"), clock.monotonic()
    monkeypatch.setattr(betting, "now_open", lambda: bool(reads.append(1)) or True)
    monkeypatch.setattr(clock, "monotonic", lambda: now)
    for identity in ({}, {"sub": "one"}, {"sub": "another"}):
        ask(door, identity)
    assert len(reads) == 1


def test_the_longest_answer_is_at_most_10_kb(emulator: str) -> None:
    """By the longest settings that are taken, in letters of four bytes."""
    letter = "\U0001d504"
    longest = {
        **{f"OLDEST_{platform}": "1234.1234.1234" for platform in ("ANDROID", "IOS", "WEB")},
        **{f"MAINTENANCE_{language}": letter * 300 for language in ("EN", "SW")},
        "SUPPORT_NUMBER": f"+{'2' * 15}",
        "SUPPORT_EMAIL": f"{'a' * 64}@{'b' * 190}",
        **{f"{text}_URL": f"https://example.com/{letter * 480}" for text in ("TERMS", "PRIVACY")},
    }
    door = started(emulator, **{**SAID, **longest})
    importlib.import_module("bet.markets.betting").turn(False)
    answer = json.dumps({"data": {"start": ask(door, {})}}, ensure_ascii=False).encode()
    assert 6_000 < len(answer) <= 10_000


@pytest.mark.parametrize(
    "wrong",
    [
        {"MAINTENANCE_EN": "x" * 301, "MAINTENANCE_SW": "x"},
        {"MAINTENANCE_EN": "Only in English."},
        {"OLDEST_ANDROID": "v2"},
        {"SUPPORT_EMAIL": "nobody"},
        {"TERMS_VERSIONS": "soon"},
        {"TERMS_URL": "javascript:alert(1)"},
        {"PRIVACY_URL": "https://example.com//privacy"},
        {"PRIVACY_URL": f"https://example.com/{'a' * 481}"},
    ],
)
def test_a_stage_that_says_what_an_app_cannot_read_does_not_start(emulator: str, wrong: dict[str, str]) -> None:
    with pytest.raises(RuntimeError, match=next(iter(wrong))):
        started(emulator, **wrong)
