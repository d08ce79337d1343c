"""Every mutation of staff, as the schema has it, is in the trail: written with what it does, published, and read."""

import csv
import io
import json
import uuid
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from graphql import is_non_null_type

from betsafi import audit
from betsafi.dynamodb import ConditionFailed, Item
from tests.integration.services import test_request_ids as request_ids
from tests.integration.services.test_request_ids import STAFF, Case, House
from tests.support.emulator import create_table
from tests.support.schema import api_schema, flaws, object_type
from tests.support.services import load
from tools import trail as trail_tool

house = request_ids.house

CATALOGUE = {"putCompetition", "putTeam", "createFixture", "addMarkets", "setPopular"}
WITHOUT_REASON = {
    "setOdds", "setMarketStatus", "setMarketGuards", "settleMarket", "settleFixture", "setPaymentChannel",
    "registerPaybill", "addPlayerNote", *CATALOGUE,
}  # fmt: skip
"""What makes a market or opens what the API offers, and a note, says itself what it is for; closing a channel has its
banner."""


def acts(house: House, about: str = "") -> list[Item]:
    """What the services' tables have of acts, in their order."""
    found = [item for item in house.image() if item["sk"] == audit.SK and about in json.dumps(item)]
    return sorted(found, key=lambda item: str(item["acted_at"]))


def publish(house: House, items: list[Item]) -> None:
    """Let each act go the way from its service's outbox to the trail, twice."""
    for _ in range(2):
        for item in items:
            (event,) = house.told(item)
            detail = {"id": "e", "time": item["acted_at"], "version": event.version, "data": event.data()}
            message = {"source": event.source, "detail-type": type(event).__name__, "detail": detail}
            records = [{"messageId": "1", "body": json.dumps(message)}]
            assert house.trail({"Records": records}) == {"batchItemFailures": []}


def read(house: House, limit: int = 100, cursor: str | None = None, **wanted: Any) -> dict[str, Any]:
    event = {"type": "Query", "field": "auditTrail", "identity": {"sub": "admin-9", "groups": ["admin"]}}
    answer: dict[str, Any] = house.users.handler(
        {**event, "arguments": {"filter": wanted, "limit": limit, "cursor": cursor}}
    )
    return answer


@pytest.mark.parametrize("field", STAFF)
def test_what_staff_do_is_written_published_and_found(house: House, field: str) -> None:
    case, person = house.case(field), f"staff-{uuid.uuid4()}"
    answer = house.ask(case, field, {**case.given, "clientRequestId": uuid.uuid4().hex}, person)
    assert "data" in answer, answer
    written = [item for item in acts(house) if item["staff_id"] == person]
    publish(house, written)
    found = read(house, staffId=person)["data"]["items"]
    assert found
    assert [act["id"] for act in found] == [item["act_id"] for item in reversed(written)]
    for act in found:
        assert (act["action"], act["staffId"], act["decidedBy"]) == (field, person, [person])
        assert flaws(act, object_type(api_schema(), "StaffAct")) == []
        assert act["reason"] or field in WITHOUT_REASON - {"setPaymentChannel"}
        assert act["outcome"] in ("DONE", "PROPOSED", "REFUSED")
    last = found[0]
    assert json.loads(last["after"]) != json.loads(last["before"])


def test_every_act_on_people_and_their_money_must_say_why() -> None:
    mutations = object_type(api_schema(), "Mutation").fields
    must = {
        name: {given for given, one in mutations[name].args.items() if is_non_null_type(one.type)} for name in STAFF
    }
    assert {name for name in STAFF if not must[name] & {"reason", "campaign", "evidence"}} == WITHOUT_REASON


@pytest.mark.parametrize("field", STAFF)
def test_nothing_is_done_that_cannot_be_written_down(house: House, field: str, monkeypatch: pytest.MonkeyPatch) -> None:
    case = house.case(field)
    before = house.image()
    real = audit.put
    monkeypatch.setattr(audit, "put", lambda *given: replace(real(*given), condition="attribute_exists(pk)"))
    with suppress(ConditionFailed):
        house.ask(case, field, {**case.given, "clientRequestId": uuid.uuid4().hex}, f"staff-{uuid.uuid4()}")
    assert house.image() == before


def test_what_two_people_decide_names_both_with_their_reasons(house: House) -> None:
    case = house.proposeAdjustment()
    given = {**case.given, "clientRequestId": uuid.uuid4().hex}
    first, second = (f"staff-{uuid.uuid4()}" for _ in range(2))
    for person in (first, second):
        house.ask(case, "proposeAdjustment", given, person)
    publish(house, acts(house, given["userId"]))
    about = read(house, userId=given["userId"])["data"]["items"]
    assert [(act["staffId"], act["outcome"], act["decidedBy"]) for act in about] == [
        (second, "DONE", [first, second]),
        (first, "PROPOSED", [first]),
    ]
    assert {act["amount"]["amount"] for act in about} == {"50.00"}
    assert {act["reason"] for act in about} == {given["reason"]}


def test_the_trail_is_read_by_person_player_kind_and_time_page_by_page(house: House) -> None:
    person, other = f"staff-{uuid.uuid4()}", f"staff-{uuid.uuid4()}"
    players = []
    for n in range(5):
        case = house.suspendUser()
        players.append(case.given["userId"])
        house.ask(case, "suspendUser", case.given, person)
        house.ask(case, "reinstateUser", case.given, other if n else person)
    written = [item for item in acts(house) if item["staff_id"] in (person, other)]
    publish(house, written)
    pages, cursor = [], None
    for _ in range(10):  # more pages than there are
        page = read(house, 2, cursor, staffId=person, action="suspendUser")["data"]
        pages.append(page["items"])
        if (cursor := page["cursor"]) is None:
            break
    assert [act["userId"] for page in pages for act in page] == players[::-1]
    assert [act["action"] for act in read(house, userId=players[1])["data"]["items"]] == [
        "reinstateUser", "suspendUser",
    ]  # fmt: skip
    assert [act["staffId"] for act in read(house, userId=players[1], staffId=other)["data"]["items"]] == [other]
    start, end = written[2]["acted_at"], written[4]["acted_at"]
    between = read(house, **{"from": start, "to": end})["data"]["items"]
    assert [act["id"] for act in between] == [item["act_id"] for item in written[4:1:-1]]


def test_only_administrators_read_the_trail(house: House) -> None:
    for groups in ([], ["support"], ["trader"]):
        event = {"type": "Query", "field": "auditTrail", "arguments": {}, "identity": {"sub": "s", "groups": groups}}
        assert house.users.handler(event)["error"]["type"] == "FORBIDDEN"
    assert read(house, 0)["error"]["type"] == "INVALID_INPUT"
    assert read(house, 101)["error"]["type"] == "INVALID_INPUT"
    assert read(house, cursor="nonsense")["error"]["type"] == "INVALID_CURSOR"
    assert read(house, **{"from": "yesterday"})["error"]["type"] == "INVALID_INPUT"


def test_a_refused_command_leaves_nothing_in_the_trail(house: House) -> None:
    before = house.image()
    case = Case(house.wallet, {}, {})
    given = {"clientRequestId": uuid.uuid4().hex, "userId": "nobody", "amount": {"amount": "5"}, "campaign": "welcome"}
    assert house.ask(case, "grantBonus", given)["error"]["type"] == "NOT_FOUND"
    assert house.ask(case, "closeWallet", {"userId": "nobody", "reason": "police"})["error"]["type"] == "NOT_FOUND"
    assert house.image() == before


def test_the_trail_of_some_days_is_exported_as_csv(
    emulator: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stage = f"s{uuid.uuid4().hex[:8]}"
    trail = load("users.stores.trail", TABLE_NAME=create_table(emulator, f"betsafi-users-{stage}", "users"))
    act = {"staffId": "admin-1", "action": "grantBonus", "outcome": "DONE", "subject": "COMMAND#1", "decision": {}}
    act |= {"decidedBy": ["admin-1", "admin-2"], "before": {}, "after": {"cents": 5}, "amountCents": 5}
    for n, at in enumerate(("2026-11-01T20:59:59.9Z", "2026-11-01T21:00:00Z", "2026-11-02T20:59:59.9Z")):
        trail.keep("wallet", {**act, "actId": str(n), "actedAt": at, "reason": '=HYPERLINK("x")'})
    trail.keep("wallet", {**act, "actId": "3", "actedAt": "2026-11-02T21:00:00.1Z", "reason": "late"})
    assert trail_tool.main(["--stage", stage, "--from", "2026-11-02", "--to", "2026-11-02"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["actId"] for row in rows] == ["1", "2"]
    assert rows[0]["reason"] == '\'=HYPERLINK("x")'
    assert json.loads(rows[0]["decidedBy"]) == ["admin-1", "admin-2"]
    assert json.loads(rows[0]["after"]) == {"cents": 5}
