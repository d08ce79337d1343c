"""Every list of the API, by the schema: its limits, where it ends, and whose its cursors are."""

import base64
import re
import sys
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from graphql import GraphQLNonNull, get_named_type

from betsafi import approval, clock, dynamodb
from betsafi.audit import Act
from betsafi.dynamodb import Table, Update, assign
from betsafi.people import Staff
from tests.integration.services.test_hostile_input import FOOTBALL, GOOD, PRICES, READ_LATE, SCHEMA, TOTAL, Platform
from tests.support.schema import object_type
from tests.support.services import stores

ONE, OTHER = "6f1c2b9e-8c39-4e0b-9d0e-0f7f0b9a4c11", "0d8a6f57-52d1-4b7c-a3a4-94a0f0f7e2c5"
NUMBERS = {ONE: "+254712000001", OTHER: "+254712000002"}
LISTS = sorted(
    (kind, name)
    for kind in ("Query", "Player", "PlayerExport")
    for name, field in object_type(SCHEMA, kind).fields.items()
    if "cursor" in field.args and get_named_type(field.type).name.endswith("Page") and name != "updates"  # one item
)
PAGED = [asked for asked in LISTS if asked[0] != "PlayerExport"]
ANYBODYS = {
    ("Query", name)
    for name in (
        "competitions", "fixtures", "searchFixtures", "markets", "overdueFixtures", "paymentQueue", "staffQueue",
        "auditTrail", "phoneReviews", "tradingProposals", "searchTeams",
    )
}  # fmt: skip
"""Lists that are the same for all who may see them; every other is somebody's."""


class House(Platform):
    """The platform with two players, and at least two of everything that is listed."""

    def __init__(self, emulator: str) -> None:
        super().__init__(emulator)
        for user_id, number in NUMBERS.items():
            stores("users").register(number, user_id, "1990-01-01")
            for n in range(2):
                self._give(user_id, f"{n}")
        self._offer_more()

    def _give(self, user_id: str, n: str) -> None:
        """Let a player have one more of all that is theirs."""
        stores("wallet").deposit(user_id, f"deposit-{user_id}-{n}", 100_00, 95_00, 5_00)
        slips = sys.modules["bet.slips.slip"], sys.modules["bet.slips.acceptance"]
        slip = slips[0].slip({**GOOD["placeBet.input"], "clientRequestId": f"{user_id}-{n}", "system": None})
        slips[1].put_pending(user_id, uuid.uuid4().hex, slip, 10)
        payment, amounts = f"{user_id}-payment-{n}", {"amount_cents": 100_00}
        creation = self.handlers["payment"].withdrawals.creation
        creation.new_withdrawal(payment, user_id, "f", amounts, "2026-11-26", 1_000_00)
        self._change("payment", (f"PAYMENT#{payment}", "PAYMENT"), {"queue": "REVIEW"})
        inbox = stores("notifications")
        fact = inbox.Fact(user_id, f"bet:{n}", 1, "BET_LOST")
        assert inbox.keep_note(None, fact, inbox.Outgoing("BET_LOST", "v1", inbox.Words("Title", "Text"), ()))
        records = stores("users")
        for kind, facts in (
            ("NOTE", {"text": "t", "by": "staff-1"}),
            ("INTERVENTION", {"kind": "CALL", "by": "OPERATOR", "why": "w"}),
        ):
            self.tables["users"].put_new(records.put_record(kind, user_id, n, facts).item)
        for put in records.done_by_system("signInLocked", user_id, f"{user_id}-{n}"):
            self.tables["users"].put_new(put.item)
        asked = {"number": "+254712345670", "asked_at": clock.stamp()}
        for queue in ("APPEALS", "PHONE_REVIEW"):
            waits = {"user_id": user_id, "queue": queue, "at": clock.stamp(), **asked}
            self.tables["users"].put_new({"pk": f"USER#{user_id}", "sk": f"{queue}#{n}", **waits})

    def _offer_more(self) -> None:
        """Keep another league, a game before it and one after it, each without a result, and another market."""
        rooms = ("competition", "competitions", "fixture", "fixtures", "lines")
        competition, competitions, fixture, fixtures, lines = (sys.modules[f"bet.catalogue.{name}"] for name in rooms)
        competitions.keep_competition(competition.competition({**GOOD["putCompetition.input"], "id": "cup"}))
        given = sys.modules["bet.markets.given"]
        new = [given.new_market({"definitionId": "1", "odds": PRICES, "main": False}), given.new_market(TOTAL)]
        for n in range(2):
            starts = (clock.now() + timedelta(days=1, hours=n)).isoformat()
            for name in ("coming", "late"):
                wanted = {**GOOD["createFixture.input"], "id": f"{name}-{n}", "startsAt": starts}
                made = fixtures.create_fixture(fixture.new_fixture(wanted))
                assert all(lines.add_market(made, market) for market in new)
            began = clock.stamp(clock.now() - timedelta(days=1, hours=n))
            self._change("bet", (f"FIXTURE#late-{n}", "GAME"), {"at": began})
            act = Act("voidBet", f"CORRECTION#bet-{n}", Staff("trader-1"), "why", {"voided": True}, ONE)
            assert approval.decide(self.tables["bet"], act, {"version": 0}) is None
            self._change("bet", (f"FIXTURE#late-{n}", "FIXTURE"), {"at": began, "starts_at": began})

    def _change(self, service: str, key: tuple[str, str], changes: dict[str, Any]) -> None:
        self.tables[service].write(Update(key, assign(changes), values=changes))

    def page(self, asked: tuple[str, str], user_id: str, **arguments: Any) -> dict[str, Any]:
        """Return the answer to a list: a player's own by themselves, about a player by staff."""
        kind, name = asked
        own = {
            "markets": {"fixtureId": "coming-1"}, "searchFixtures": {"text": "home"},
            "searchTeams": {"sportId": FOOTBALL, "text": "home"},
            "paymentQueue": {"queue": "REVIEW"}, "staffQueue": {"queue": "APPEALS"},
        }  # fmt: skip
        about = own.get(name, {}) if kind == "Query" else {"userId": user_id}
        for part in ("browse", "bets"):
            sys.modules[f"bet.handlers.{part}"].handler._kept.clear()
        return self.asked_by(user_id, asked, {**about, **arguments})

    def asked_by(self, user_id: str, asked: tuple[str, str], arguments: dict[str, Any]) -> dict[str, Any]:
        """Return the answer to a field: somebody of the staff asks what is not every player's own."""
        staff = asked[0] != "Query" or asked in ANYBODYS
        identity = {"sub": user_id, "groups": ["trader", "support", "admin"] if staff else []}
        doors = (self.trading, self.staff, *self.handlers.values())
        door = next(own for own in doors if asked in own.handler.names)
        event = {"type": asked[0], "field": asked[1], "arguments": arguments, "identity": identity, "requestId": "r"}
        return dict(door.handler(event))


@pytest.fixture(scope="module")
def house(emulator: str) -> Iterator[House]:
    with pytest.MonkeyPatch.context() as environment:
        for name, value in READ_LATE.items():
            environment.setenv(name, value)
        yield House(emulator)


@pytest.fixture(autouse=True)
def short_exports(monkeypatch: pytest.MonkeyPatch) -> None:
    """An export has pages of one item, so that it has a second."""
    monkeypatch.setitem(Table.query.__kwdefaults__, "limit", 1)
    if "bet.handlers.bets" in sys.modules:
        monkeypatch.setattr(sys.modules["bet.handlers.bets"], "_MOST_EXPORTED", 1)


def of_one(asked: tuple[str, str]) -> dict[str, int]:
    """Return the argument by which a list has one item a page; an export takes none."""
    return {} if asked[0] == "PlayerExport" else {"limit": 1}


def first(house: House, asked: tuple[str, str], user_id: str = ONE) -> dict[str, Any]:
    answer = house.page(asked, user_id, **of_one(asked))
    assert "data" in answer, answer
    page: dict[str, Any] = answer["data"]
    assert page["items"]
    assert page["cursor"], "there is a second item"
    return page


def named(asked: tuple[str, str]) -> str:
    return ".".join(asked)


def readings(text: bytes, depth: int = 3) -> Iterator[bytes]:
    """Yield what a text says as it stands, and by hex and base64 of either alphabet, and those read again."""
    yield text
    if not depth or len(text) < 8:
        return
    plain = re.sub(rb"[^A-Za-z0-9+/]", b"", text.replace(b"-", b"+").replace(b"_", b"/"))
    for skipped in range(4):
        whole = plain[skipped:]
        whole = whole[: len(whole) - len(whole) % 4]
        yield from readings(base64.b64decode(whole + b"AAAA"), depth - 1 if whole.isascii() else 0)
    digits = re.sub(rb"[^0-9A-Fa-f]", b"", text)
    yield from readings(bytes.fromhex(digits[: len(digits) // 2 * 2].decode()), 0)


def tells(cursor: str, user_id: str) -> bool:
    """Return whether somebody's id can be read of a cursor: as text, without its hyphens, or as its bytes."""
    ids = (user_id.encode(), user_id.replace("-", "").encode(), uuid.UUID(user_id).bytes)
    return any(each in reading for reading in readings(cursor.encode()) for each in ids)


def test_an_id_that_can_be_read_is_found() -> None:
    key = f'{{"pk":{{"S":"USER#{ONE}"}}}}'.encode()
    once = base64.urlsafe_b64encode(key).decode().rstrip("=")
    for cursor in (ONE, key.hex(), once, base64.b64encode(once.encode()).decode(), f"2026-11-27.{once}", f"own {once}"):
        assert tells(cursor, ONE), cursor
    assert not tells(once, OTHER)


@pytest.mark.parametrize("asked", LISTS, ids=named)
def test_a_cursor_tells_nobodys_id(house: House, asked: tuple[str, str]) -> None:
    for user_id in (ONE, OTHER):
        cursor = first(house, asked, user_id)["cursor"]
        assert not any(tells(cursor, each) for each in (ONE, OTHER)), cursor


@pytest.mark.parametrize("asked", [asked for asked in LISTS if asked not in ANYBODYS], ids=named)
def test_another_persons_cursor_is_refused(house: House, asked: tuple[str, str]) -> None:
    mine = first(house, asked)
    answer = house.page(asked, OTHER, cursor=mine["cursor"], **of_one(asked))
    assert answer["error"]["type"] == "INVALID_CURSOR"
    assert house.page(asked, ONE, cursor=mine["cursor"], **of_one(asked))["data"]["items"] != mine["items"]


SAME = ({"bets", "bet"}, {"payments", "payment"}, {"walletEntries"}, {"notifications"})
"""What a player, support and administrators see of one list: a cursor of theirs goes on in it for all of them."""


def test_a_cursor_goes_on_in_its_own_list_alone(house: House) -> None:
    cursors = {asked: first(house, asked)["cursor"] for asked in LISTS}
    for asked in LISTS:
        for of, cursor in cursors.items():
            if of != asked and not any({of[1], asked[1]} <= each for each in SAME):
                answer = house.page(asked, ONE, cursor=cursor, **of_one(asked))
                assert answer.get("error", {}).get("type") == "INVALID_CURSOR", (of, asked)


def old_form(key: str) -> str:
    return base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")


@pytest.mark.parametrize("asked", LISTS, ids=named)
def test_nonsense_and_a_cursor_of_an_older_form_are_refused(house: House, asked: tuple[str, str]) -> None:
    own = old_form(f'{{"pk":{{"S":"USER#{ONE}"}},"sk":{{"S":"A"}},"at":{{"S":"2026"}}}}')
    good = first(house, asked)["cursor"]
    for cursor in ("nonsense", "e30", own, f"2026-11-27.{own}", "2026-11-27.", f"own {own}", "acts ", good[:-1]):
        answer = house.page(asked, ONE, cursor=cursor)
        assert answer["error"]["type"] == "INVALID_CURSOR", cursor


@pytest.mark.parametrize("asked", PAGED, ids=named)
def test_a_list_takes_the_limits_that_its_description_says(
    house: House, asked: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = object_type(SCHEMA, asked[0]).fields[asked[1]].args["limit"]
    (most,) = map(int, re.findall(r"^How many items a page has at most, 1 to (\d+)\.$", limit.description or ""))
    read: list[int] = []
    query = Table.query

    def reading(*arguments: Any, **options: Any) -> Any:
        read.append(options.get("limit", 0))
        return query(*arguments, **options)

    monkeypatch.setattr(dynamodb.Table, "query", reading)
    for given, asks in (({}, limit.default_value), ({"limit": None}, limit.default_value), ({"limit": most}, most)):
        read.clear()
        assert "data" in house.page(asked, ONE, **given)
        assert read[0] == asks
    for wrong in (0, most + 1):
        assert house.page(asked, ONE, limit=wrong)["error"]["type"] == "INVALID_INPUT"


MAY_BE_SHORT = {("Query", name) for name in ("fixtures", "overdueFixtures", "searchFixtures", "searchTeams")}
"""These say that a page may be empty and not the last; without a filter all others know where they end."""


@pytest.mark.parametrize("asked", [asked for asked in PAGED if asked not in MAY_BE_SHORT], ids=named)
def test_a_cursor_comes_exactly_where_more_follows(house: House, asked: tuple[str, str]) -> None:
    whole = house.page(asked, ONE)["data"]
    assert whole["cursor"] is None
    count = len(whole["items"])
    full = house.page(asked, ONE, limit=count)["data"]
    assert (len(full["items"]), full["cursor"]) == (count, None)
    short = house.page(asked, ONE, limit=count - 1)["data"]
    assert short["cursor"]
    last = house.page(asked, ONE, limit=count - 1, cursor=short["cursor"])["data"]
    assert (short["items"] + last["items"], last["cursor"]) == (whole["items"], None)


@pytest.mark.parametrize("asked", LISTS, ids=named)
def test_every_list_has_the_same_shape(asked: tuple[str, str]) -> None:
    field = object_type(SCHEMA, asked[0]).fields[asked[1]]
    assert isinstance(field.type, GraphQLNonNull)
    page = object_type(SCHEMA, get_named_type(field.type).name)
    assert {name: re.sub(r"\w+!\]!", "", str(of.type)) for name, of in page.fields.items()} == {
        "items": "[",
        "cursor": "String",
    }
    assert str(field.args["cursor"].type) == "String"
    assert page.fields["cursor"].description == "Opaque, and of use in this list alone; null where nothing follows."
    if asked in PAGED:
        limit = field.args["limit"]
        assert str(limit.type) == "Int"
        assert isinstance(limit.default_value, int)
