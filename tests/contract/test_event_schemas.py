"""The published schemas say what the events say, and a published version never breaks a reader."""

import copy
import json
from pathlib import Path
from typing import Any, Literal

import pytest

from betsafi.events.bet import BetSettled, MarketSettled
from betsafi.events.catalog import CATALOG
from betsafi.events.model import Cents, Event, Id
from betsafi.events.payment import DepositFailed
from tools import export_schemas
from tools.export_schemas import FOLDER, breaking_changes, schema_of


def test_every_event_is_published_as_it_is() -> None:
    assert sorted(map(str, export_schemas.outdated(FOLDER, CATALOG))) == []


def test_no_published_version_has_been_broken() -> None:
    assert export_schemas.problems(FOLDER, CATALOG) == []


def data(schema: dict[str, Any]) -> Any:
    return schema["properties"]["data"]


BREAKS: list[tuple[str, Any]] = [
    ("data.betId is gone", lambda new: data(new)["properties"].pop("betId")),
    ("data.betId is no longer always there", lambda new: data(new)["required"].remove("betId")),
    (
        "data.placedAt has become required",
        lambda new: (
            data(new)["properties"].update(placedAt={"type": "string"}),
            data(new)["required"].append("placedAt"),
        ),
    ),
    ("data.stakeCents has another type", lambda new: data(new)["properties"]["stakeCents"].update(type="string")),
    ("data.outcome has another type", lambda new: data(new)["properties"]["outcome"]["enum"].append("HALF_WON")),
    ("correlationId is gone", lambda new: new["properties"].pop("correlationId")),
    ("version has another type", lambda new: new["properties"].update(version={"const": 2})),
]


@pytest.mark.parametrize(("complaint", "change"), BREAKS, ids=[complaint for complaint, _ in BREAKS])
def test_what_breaks_a_reader_is_found(complaint: str, change: Any) -> None:
    old = schema_of(BetSettled)
    new = copy.deepcopy(old)
    change(new)
    assert any(text.startswith(complaint) for text in breaking_changes(old, new)), breaking_changes(old, new)


def test_what_no_reader_notices_is_fine() -> None:
    old = schema_of(BetSettled)
    new = copy.deepcopy(old)
    data(new)["properties"]["placedAt"] = {"type": "string", "default": None}
    data(new)["properties"]["stakeCents"]["description"] = "cents of a shilling"
    data(new)["description"] = "Told once a reckoning."
    assert breaking_changes(old, new) == []


class Told(Event):
    """Something was told."""

    source = "betsafi.test"
    thing_id: Id
    title: str | None = None
    amount_cents: Cents = 0
    outcome: Literal["A", "B"] = "A"


def test_a_schema_has_the_envelope_its_version_and_the_names_on_the_wire(tmp_path: Path) -> None:
    schema = schema_of(Told)
    assert schema["required"] == ["id", "time", "version", "data"]
    assert schema["properties"]["version"] == {"const": 1}
    assert set(data(schema)["properties"]) == {"thingId", "title", "amountCents", "outcome"}
    assert data(schema)["required"] == ["thingId"]
    assert export_schemas.file_of(tmp_path, Told) == tmp_path / "betsafi.test" / "Told.v1.json"


def test_a_missing_or_changed_file_is_found_and_a_lost_event_too(tmp_path: Path) -> None:
    catalog: dict[tuple[str, str], type[Event]] = {("betsafi.test", "Told"): Told}
    file = export_schemas.file_of(tmp_path, Told)
    (wanted,) = export_schemas.outdated(tmp_path, catalog).items()
    assert wanted[0] == file
    file.parent.mkdir()
    file.write_text(wanted[1])
    assert export_schemas.outdated(tmp_path, catalog) == {}
    assert export_schemas.problems(tmp_path, catalog) == []

    changed = json.loads(wanted[1])
    del changed["properties"]["data"]["properties"]["title"]
    file.write_text(json.dumps(changed))
    assert list(export_schemas.outdated(tmp_path, catalog)) == [file]
    assert export_schemas.problems(tmp_path, catalog) == []

    (complaint,) = export_schemas.problems(tmp_path, {})
    assert "there is no such event any more" in complaint


def _third(name: str, **more: Any) -> type[Event]:
    """Return DepositFailed as another version of it would be."""
    return type(name, (DepositFailed,), {"__module__": __name__, "version": 3, "reads": frozenset({1, 2, 3}), **more})


def test_an_older_version_is_read_by_whoever_says_so() -> None:
    """A newer one may also give a value more choice, as results by halves do; less choice leaves some unread."""
    assert export_schemas.unread(FOLDER, DepositFailed) == []
    assert export_schemas.unread(FOLDER, MarketSettled) == []
    fewer = {"__annotations__": {"results": dict[str, Literal["WON", "LOST"]]}, "version": 3}
    narrow = type("MarketSettled", (MarketSettled,), {"__module__": __name__, "reads": frozenset({2, 3}), **fewer})
    assert any("version 2: results has another type" in found for found in export_schemas.unread(FOLDER, narrow))
    assert export_schemas.unread(FOLDER, _third("DepositFailed")) == []


class _Fewer(Event):
    source = "betsafi.payment"
    kind: Literal["A", "B"]


class _More(Event):
    source = "betsafi.payment"
    version = 2
    reads = frozenset({1, 2})
    kind: Literal["A", "B", "C"]


def test_a_version_with_more_choices_reads_the_one_with_fewer_and_not_the_other_way_round(tmp_path: Path) -> None:
    for first, second, problems in ((_Fewer, _More, 0), (_More, _Fewer, 1)):
        old = type("Chosen", (first,), {"__module__": __name__, "version": 1})
        new = type("Chosen", (second,), {"__module__": __name__, "version": 2, "reads": frozenset({1, 2})})
        file = export_schemas.file_of(tmp_path, old)
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps(schema_of(old)))
        assert len(export_schemas.unread(tmp_path, new)) == problems


@pytest.mark.parametrize(
    ("complaint", "changes"),
    [
        ("does not read its own version 3", {"reads": frozenset({1, 2})}),
        ("reads version 4, which was never published", {"reads": frozenset({3, 4})}),
        ("does not read version 1: moment has become required", {"__annotations__": {"moment": str}}),
        ("does not read version 2: reason has another type", {"__annotations__": {"reason": int}}),
    ],
)
def test_an_older_version_that_would_not_be_read_is_found(complaint: str, changes: dict[str, Any]) -> None:
    assert any(complaint in found for found in export_schemas.unread(FOLDER, _third("DepositFailed", **changes)))
