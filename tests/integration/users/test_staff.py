"""What staff do with a player: stops with a reason, a deadline and an appeal; notes, tags, a masked view."""

import json
import re
import uuid
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from betsafi import clock
from betsafi.errors import Erased, NotFound, Unavailable
from tests.support.accounts import SETTINGS, new_phone
from tests.support.emulator import create_table
from tests.support.hours import from_noon
from tests.support.services import load, stores
from tests.support.stops import DEADLINE, WHY

ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.both_emulators
PLEA = "I did nothing wrong, please look again"


QUIET = {"rooms": {}, "session": {"minutes": 0, "stakedCents": 0, "netCents": 0, "checkDue": False}}


class Desk:
    """The staff's function and the players', on one table; what wallet and payment were told stays here."""

    def __init__(self, emulator: str) -> None:
        table = create_table(emulator, f"users-{uuid.uuid4()}", "users")
        self.staff: ModuleType = load("users.handlers.staff", "users.handlers.graphql", TABLE_NAME=table, **SETTINGS)
        from users import payment_api, rules, vault, wallet_api
        from users.flows import protecting
        from users.handlers import consumer, graphql

        vars(rules)["in_force"] = lambda: rules.Settings(["2026-11-01"], ["2026-10-01"], SETTINGS["IDENTITY_RULES"])
        vars(protecting)["look"] = lambda user_id: {"standing": self.store.find_protection(user_id), **QUIET}
        vars(vault)["unseal"] = lambda user_id, sealed: {"number": "12345678", "of": user_id}

        self.players: ModuleType = graphql
        self.consumer: ModuleType = consumer
        from users import pool

        self.told: list[tuple[str, str, int]] = []
        self.deleted: list[str] = []
        self.wallet, self.lost = "ACTIVE", 0
        vars(wallet_api)["lost_today"] = lambda user_id: self.lost
        vars(pool)["delete"] = lambda pool_id, sub: self.deleted.append(sub)
        vars(wallet_api)["status"] = lambda user_id: self.wallet
        vars(wallet_api)["set_status"] = lambda *given: self.told.append(given)
        self.payment_told: list[tuple[str, str, int]] = []
        vars(payment_api)["set_status"] = lambda *given: self.payment_told.append(given)
        self.wallet_api, self.payment_api = wallet_api, payment_api
        self.store = stores("users")

    def player(self) -> str:
        user_id = str(uuid.uuid4())
        self.store.register(new_phone(), user_id, "1990-01-01")
        return user_id

    def ask(self, name: str, /, who: str = "support-1", of: str = "Mutation", **arguments: Any) -> Any:
        """Ask as support; return the data, or the refusal's type."""
        identity = {"sub": who, "groups": ["admin" if who.startswith("admin") else "support"]}
        answer = self.staff.handler({"type": of, "field": name, "arguments": arguments, "identity": identity})
        return answer["error"]["type"] if "error" in answer else answer["data"]

    def say(self, user_id: str, field: str, kind: str = "Mutation", **arguments: Any) -> Any:
        """Ask as the player."""
        identity = {"sub": user_id, "claims": {"sub": user_id, "auth_time": str(int(clock.now().timestamp()))}}
        answer = self.players.handler({"type": kind, "field": field, "arguments": arguments, "identity": identity})
        return answer["error"]["type"] if "error" in answer else answer["data"]

    def waits(self, queue: str) -> list[str]:
        items = self.ask("staffQueue", of="Query", queue=queue, limit=100)["items"]
        return [item["userId"] for item in items]


@pytest.fixture(scope="module")
def desk(emulator: str) -> Desk:
    return Desk(emulator)


@pytest.mark.parametrize(
    "wrong",
    [
        {"deadline": "2020-01-01"},
        {"deadline": "2098-01-01"},
        {"deadline": "2026-02-30"},
        {"deadline": "soon"},
        {"reason": ""},
    ],
)
def test_a_stop_without_a_reason_or_a_deadline_to_come_is_refused(desk: Desk, wrong: dict[str, str]) -> None:
    user_id = desk.player()
    assert desk.ask("suspendUser", userId=user_id, **{**WHY, **wrong}) == "INVALID_INPUT"
    assert desk.say(user_id, "me", "Query")["status"] == "ACTIVE"


def test_a_stopped_player_reads_why_until_when_and_what_becomes_of_the_money(desk: Desk) -> None:
    user_id = desk.player()
    desk.say(user_id, "updateProfile", input={"language": "SW"})
    assert desk.ask("suspendUser", userId=user_id, **WHY)["status"] == "SUSPENDED"
    assert desk.told[-1] == (user_id, "SUSPENDED", 1)
    stop = desk.say(user_id, "me", "Query")["stop"]
    assert (stop["code"], stop["deadline"], stop["appeal"]) == ("REQUEST", DEADLINE, None)
    assert stop["sentence"] == "Ulituomba tusimamishe akaunti yako."
    assert "kutoa pesa" in stop["money"]
    assert user_id in desk.waits("STOPS")


def test_every_reason_has_a_sentence_in_both_languages(desk: Desk) -> None:
    from tests.support.schema import api_schema
    from users import wording

    assert list(api_schema().type_map["StopCode"].values) == list(wording.STOPS)  # type: ignore[attr-defined]
    texts = [text for both in wording.STOPS.values() for text in (str(both), both.sw)]
    assert len(set(texts)) == 2 * len(wording.STOPS)


def test_a_stop_for_the_player_s_safety_is_an_intervention(desk: Desk) -> None:
    user_id = desk.player()
    desk.ask("suspendUser", userId=user_id, **WHY)
    assert desk.ask("interventions", of="Player", userId=user_id)["items"] == []
    desk.ask("suspendUser", userId=user_id, **{**WHY, "reasonCode": "SAFETY"})
    (line,) = desk.ask("interventions", of="Player", userId=user_id)["items"]
    assert (line["kind"], line["by"], line["why"]) == ("STOP", "OPERATOR", WHY["reason"])


def test_an_appeal_is_answered_by_somebody_else_and_once(desk: Desk) -> None:
    user_id = desk.player()
    assert desk.say(user_id, "appeal", text=PLEA) == "NOT_STOPPED"
    desk.ask("suspendUser", userId=user_id, **WHY)
    answer = {"userId": user_id, "outcome": "UPHELD", "answer": "We still need your document.", "reason": "no document"}
    assert desk.ask("answerAppeal", "support-2", **answer) == "NO_APPEAL"
    for _ in range(2):
        assert desk.say(user_id, "appeal", text=PLEA)["appeal"]["text"] == PLEA
    assert desk.say(user_id, "appeal", text="another thing to say") == "ALREADY_APPEALED"
    assert (user_id in desk.waits("APPEALS"), user_id in desk.waits("STOPS")) == (True, False)
    assert desk.ask("answerAppeal", "support-1", **answer) == "FORBIDDEN"
    assert desk.ask("answerAppeal", "support-2", **answer)["status"] == "SUSPENDED"
    assert desk.ask("answerAppeal", "support-3", **answer) == "NO_APPEAL"
    appeal = desk.say(user_id, "me", "Query")["stop"]["appeal"]
    assert (appeal["outcome"], appeal["answer"]) == ("UPHELD", answer["answer"])
    assert (user_id in desk.waits("APPEALS"), user_id in desk.waits("STOPS")) == (False, True)


def test_an_appeal_that_is_granted_ends_the_stop(desk: Desk) -> None:
    user_id = desk.player()
    desk.ask("suspendUser", userId=user_id, **WHY)
    desk.say(user_id, "appeal", text=PLEA)
    answer = {"userId": user_id, "outcome": "LIFTED", "answer": "You are right.", "reason": "document seen"}
    assert desk.ask("answerAppeal", "support-2", **answer)["status"] == "ACTIVE"
    assert desk.told[-1] == (user_id, "ACTIVE", 2)
    me = desk.say(user_id, "me", "Query")
    assert (me["status"], me["stop"]) == ("ACTIVE", None)
    (case,) = desk.ask("stops", of="Player", userId=user_id)
    assert (case["appeal"]["outcome"], case["answeredBy"], bool(case["endedAt"])) == ("LIFTED", "support-2", True)
    assert user_id not in desk.waits("APPEALS") + desk.waits("STOPS")


def test_another_reason_is_another_stop_with_an_appeal_of_its_own(desk: Desk) -> None:
    user_id = desk.player()
    desk.ask("suspendUser", userId=user_id, **WHY)
    desk.say(user_id, "appeal", text=PLEA)
    assert desk.ask("suspendUser", userId=user_id, **{**WHY, "reasonCode": "IDENTITY"})["status"] == "SUSPENDED"
    stop = desk.say(user_id, "me", "Query")["stop"]
    assert (stop["code"], stop["appeal"]) == ("IDENTITY", None)
    assert desk.say(user_id, "appeal", text=PLEA)["appeal"]["outcome"] is None
    assert [bool(case["endedAt"]) for case in desk.ask("stops", of="Player", userId=user_id)] == [False, True]
    assert desk.ask("reinstateUser", userId=user_id, reason="all is well")["status"] == "ACTIVE"
    assert user_id not in desk.waits("APPEALS") + desk.waits("STOPS")


def test_a_stop_goes_on_after_wallet_or_payment_was_away(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    user_id, request = desk.player(), {**WHY, "clientRequestId": uuid.uuid4().hex}

    def away(*_: Any) -> None:
        raise Unavailable("Please try again.")

    for service in (desk.wallet_api, desk.payment_api):
        with monkeypatch.context() as patch:
            patch.setattr(service, "set_status", away)
            assert desk.ask("suspendUser", userId=user_id, **request) == "UNAVAILABLE"
    told = (user_id, "SUSPENDED", 1)
    assert desk.told[-1] == desk.payment_told[-1] == told, "one that does not answer keeps the other from nothing"
    assert desk.ask("suspendUser", userId=user_id, **request)["status"] == "SUSPENDED"
    assert desk.told[-1] == (user_id, "SUSPENDED", 1)
    assert len(desk.ask("stops", of="Player", userId=user_id)) == 1


HELD = {**WHY, "holdMoney": True}


def test_money_is_held_with_a_stop_that_has_its_reason_deadline_and_appeal(desk: Desk) -> None:
    user_id = desk.player()
    for lacking in ({"deadline": "2020-01-01"}, {"reason": ""}):
        assert desk.ask("suspendUser", userId=user_id, **{**HELD, **lacking}) == "INVALID_INPUT"
    assert desk.ask("suspendUser", userId=user_id, **HELD)["status"] == "FROZEN"
    assert desk.told[-1] == (user_id, "FROZEN", 1)
    assert user_id in desk.waits("STOPS")
    sentences = set()
    for language in ("EN", "SW"):
        desk.say(user_id, "updateProfile", input={"language": language})
        me = desk.say(user_id, "me", "Query")
        assert (me["status"], me["stop"]["moneyHeld"], me["stop"]["deadline"]) == ("FROZEN", True, DEADLINE)
        sentences.add(me["stop"]["money"])
    assert sorted(sentences) == [
        "Tunashikilia pesa zako hadi tuamue: huwezi kuzitoa. Mikeka iliyo wazi inaendelea na inalipwa ikishinda.",
        "We hold your money until we have decided: you cannot withdraw. Open bets stay and are paid if they win.",
    ]
    assert desk.say(user_id, "appeal", text=PLEA)["moneyHeld"] is True
    answer = {"userId": user_id, "outcome": "UPHELD", "answer": "An authority asked.", "reason": "their letter"}
    assert desk.ask("answerAppeal", "support-1", **answer) == "FORBIDDEN"
    assert desk.ask("answerAppeal", "support-2", **answer)["status"] == "FROZEN"
    assert [stop["moneyHeld"] for stop in desk.ask("stops", of="Player", userId=user_id)] == [True]


def test_money_that_is_held_is_let_go_by_an_administrator(desk: Desk) -> None:
    user_id = desk.player()
    desk.ask("suspendUser", userId=user_id, **HELD)
    desk.say(user_id, "appeal", text=PLEA)
    lifted = {"userId": user_id, "outcome": "LIFTED", "answer": "All is well.", "reason": "document seen"}
    for name, given in (
        ("suspendUser", {"userId": user_id, **WHY}),
        ("reinstateUser", {"userId": user_id, "reason": "all is well"}),
        ("answerAppeal", lifted),
    ):
        assert desk.ask(name, "support-2", **given) == "FORBIDDEN"
    assert desk.say(user_id, "me", "Query")["status"] == "FROZEN"
    assert desk.ask("suspendUser", "admin-1", userId=user_id, **WHY)["status"] == "SUSPENDED"
    assert desk.ask("suspendUser", userId=user_id, **HELD)["status"] == "FROZEN"
    desk.say(user_id, "appeal", text=PLEA)
    assert desk.ask("answerAppeal", "admin-1", **lifted)["status"] == "ACTIVE"
    versions = enumerate(("FROZEN", "SUSPENDED", "FROZEN", "ACTIVE"), 1)
    assert desk.told[-4:] == desk.payment_told[-4:] == [(user_id, status, version) for version, status in versions]
    desk.ask("suspendUser", userId=user_id, **HELD)
    assert desk.ask("reinstateUser", "admin-1", userId=user_id, reason="all is well")["status"] == "ACTIVE"


def test_a_player_who_was_stopped_before_reasons_were_kept_is_still_shown(desk: Desk) -> None:
    user_id = desk.player()
    old = {"status": "SUSPENDED", "status_version": 1, "status_reason": "asked for it"}
    desk.store.change_profile(user_id, old)
    assert desk.say(user_id, "me", "Query")["stop"] is None
    assert desk.say(user_id, "appeal", text=PLEA) == "NOT_STOPPED"
    assert desk.ask("reinstateUser", userId=user_id, reason="all is well")["status"] == "ACTIVE"


def test_what_staff_see_is_masked_and_a_look_behind_is_written_down(desk: Desk) -> None:
    user_id = desk.player()
    phone = desk.store.get_profile(user_id)["phone_number"]
    seen = desk.ask("player", of="Query", userId=user_id)
    assert seen["phoneNumber"] == phone[:4] + "******" + phone[-3:]
    assert seen["birthdate"] == "1990***-01"
    assert phone not in json.dumps(seen)
    assert desk.ask("unmask", userId=user_id, field="PHONE_NUMBER", reason="") == "INVALID_INPUT"
    assert desk.ask("unmask", userId=user_id, field="PHONE_NUMBER", reason="called back") == phone
    acts = [item for item in desk.store.table.scan() if item.get("action") == "unmask"]
    assert [(act["user_id"], act["reason"], act["decision"]) for act in acts] == [
        (user_id, "called back", {"field": "phone_number"})
    ]
    assert phone not in json.dumps(acts)


def test_support_finds_a_player_by_number_and_the_trail_says_who_looked_but_not_for_which(desk: Desk) -> None:
    user_id = desk.player()
    phone = desk.store.get_profile(user_id)["phone_number"]

    def find(number: str, who: str = "support-1") -> Any:
        return desk.ask("findPlayer", who, phoneNumber=number, reason="they call")

    assert find(phone)["id"] == user_id
    assert phone not in json.dumps(find(phone))
    assert (find(phone[1:]), find("+254799999999")) == ("INVALID_PHONE_NUMBER", "NOT_FOUND")
    assert find(phone, user_id) == "FORBIDDEN", "their own, for somebody who works here"
    acts = [item for item in desk.store.table.scan() if item.get("action") == "findPlayer"]
    assert [(act["user_id"], act["reason"], act["staff_id"]) for act in acts] == [
        (user_id, "they call", "support-1")
    ] * 2
    assert phone not in json.dumps(acts)


def test_who_works_here_is_listed_for_everybody_who_does(desk: Desk) -> None:
    seen = {"id": "support-1", "email": "support1@example.com", "status": "ACTIVE"}
    (member,) = desk.ask("staffMembers", of="Query")
    assert {name: member[name] for name in seen} == seen
    assert desk.ask("suspendStaff", "admin-1", staffId="support-9", reason="left us")["groups"] == []


def test_notes_tags_and_interventions_are_kept_newest_first(desk: Desk) -> None:
    user_id = desk.player()
    for text in ("called at noon", "called again"):
        desk.ask("addPlayerNote", userId=user_id, text=text)
    assert desk.ask("setPlayerTags", userId=user_id, tags=["vip", "call-back", "vip"], reason="asked")["tags"] == [
        "call-back",
        "vip",
    ]
    assert desk.ask("setPlayerTags", userId=user_id, tags=[], reason="done")["tags"] == []
    done = {"kind": "CALL", "by": "OPERATOR", "reason": "many deposits", "outcome": "will set a limit"}
    desk.ask("recordIntervention", userId=user_id, **done)
    notes = desk.ask("notes", of="Player", userId=user_id, limit=1)
    assert [note["text"] for note in notes["items"]] == ["called again"]
    more = desk.ask("notes", of="Player", userId=user_id, cursor=notes["cursor"])
    assert [note["text"] for note in more["items"]] == ["called at noon"]
    (kept,) = desk.ask("interventions", of="Player", userId=user_id)["items"]
    assert {name: kept[name] for name in ("kind", "by", "why", "outcome", "staffId")} == {
        "kind": "CALL", "by": "OPERATOR", "why": "many deposits", "outcome": "will set a limit", "staffId": "support-1",
    }  # fmt: skip


def test_what_support_notes_is_in_no_event(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    user_id = desk.player()
    desk.ask("suspendUser", userId=user_id, **WHY)
    desk.say(user_id, "appeal", text="secret plea of mine")
    desk.ask("addPlayerNote", userId=user_id, text="secret note of ours")
    done = {"kind": "CALL", "by": "OPERATOR", "reason": "many deposits", "outcome": "secret outcome"}
    desk.ask("recordIntervention", userId=user_id, **done)
    answer = {"userId": user_id, "outcome": "UPHELD", "answer": "secret answer", "reason": "no document"}
    desk.ask("answerAppeal", "support-2", **answer)
    monkeypatch.setenv("BUS_NAME", "bus")
    monkeypatch.setenv("PARKING_URL", "http://parking")
    from users.handlers import stream

    events = [event for item in desk.store.table.scan() for event in stream.to_events(None, item)]
    assert "UserAppealAnswered" in {type(event).__name__ for event in events}
    assert "secret" not in json.dumps([event.data() for event in events])


@pytest.mark.parametrize(
    "field", ["stops", "notes", "interventions", "acts", "harm", "devices", "identity", "protection"]
)
def test_a_part_of_a_player_is_for_support_and_administrators(desk: Desk, field: str) -> None:
    event = {"type": "Player", "field": field, "arguments": {"userId": desk.player()}}
    for identity in ({"sub": "p", "claims": {}}, {"sub": "t", "groups": ["trader"]}):
        assert desk.staff.handler({**event, "identity": identity})["error"]["type"] == "FORBIDDEN"
    for groups in (["support"], ["admin"]):
        assert "data" in desk.staff.handler({**event, "identity": {"sub": "s", "groups": groups}})


# -- everything of a player, and its end


def life(desk: Desk) -> tuple[str, str]:
    """A player with every kind of record; the id and the number."""
    user_id = desk.player()
    phone = moved(desk, user_id, desk.store.get_profile(user_id)["phone_number"])
    address = f"amina-{user_id}@secret.example"
    desk.say(user_id, "updateProfile", input={"displayName": "Amina Secret"})
    for purpose in desk.store.Purpose:
        code = {"hash": "h", "salt": "s", "tries": 0, "sent_at": "x", "expires_at": "x"}
        assert desk.store.keep_code(phone if purpose != "CODE#EMAIL" else address, purpose, None, code)
    desk.store.ask_email(user_id, address, "2026-11-27", 5)
    desk.store.set_email(user_id, address, clock.stamp())
    desk.store.keep_device(user_id, "ab12", "Amina Secret's phone", True, clock.stamp())
    desk.store.forget_second_tries(user_id)
    seen = desk.store.find_identity(user_id)
    shown = desk.store.submit_identity(seen, f"mac-{user_id}", f"sealed for {user_id}", "print", "2026-11-27", 1)
    desk.store.verify_identity(shown, "1990-01-01")
    desk.store.accept_terms(user_id, "2026-11-01", "2026-10-01")
    nothing = desk.store.find_protection(user_id)
    assert desk.store.replace_protection(user_id, nothing, replace(nothing, version=1, limits={"stake_day": 500}))
    desk.store.put_markers(user_id, None, {"hits": [], "score": 0})
    desk.ask("suspendUser", userId=user_id, **WHY)
    desk.say(user_id, "appeal", text="the words of Amina Secret")
    answer = {"userId": user_id, "outcome": "LIFTED", "answer": "Dear Amina Secret, sorry.", "reason": "document seen"}
    desk.ask("answerAppeal", "support-2", **answer)
    desk.ask("addPlayerNote", userId=user_id, text="Amina Secret called")
    desk.ask("setPlayerTags", userId=user_id, tags=["vip"], reason="asked")
    done = {"kind": "CALL", "by": "OPERATOR", "reason": "many deposits", "outcome": "will set a limit"}
    desk.ask("recordIntervention", userId=user_id, **done)
    return user_id, phone


def moved(desk: Desk, user_id: str, old: str) -> str:
    """Give a player another number, and return it."""
    new = new_phone()
    desk.store.ask_change(user_id, new, "2026-11-27", 5)
    change, claim = desk.store.find_change(user_id), desk.store.find_claim(old)
    desk.store.move_number(change, claim, clock.stamp(clock.now() + timedelta(days=90)))
    return new


KIND = re.compile(r"""player_pk\(user_id\), f?"([A-Z_]+#?)""")


def test_every_kind_of_item_of_a_player_is_known_to_export_and_erasure(desk: Desk) -> None:
    """What the code keeps below a player's key is decided, and is in the life that is exported and erased below."""
    code = "".join(path.read_text() for path in (ROOT / "users/users").rglob("*.py"))
    records = {f"{desk.store.NOTE}#", f"{desk.store.INTERVENTION}#"}
    named = {*KIND.findall(code), *records, "PROPOSAL"}
    assert named == {*desk.store.STAYS, *desk.store.GOES}
    user_id, _ = life(desk)
    desk.wallet = "CLOSED"
    desk.ask("erasePlayer", "admin-1", userId=user_id, reason="the player asked")
    lived = [item["sk"] for item in desk.store.table.query_all(desk.store.player_pk(user_id))]
    assert {sk.partition("#")[0] for sk in lived} == {kind.rstrip("#") for kind in named}


def everything(desk: Desk, user_id: str) -> list[dict[str, Any]]:
    found, cursor = [], None
    for _ in range(20):  # more pages than there are
        page = desk.ask("people", "admin-1", of="PlayerExport", userId=user_id, cursor=cursor)
        found += [json.loads(item) for item in page["items"]]
        if (cursor := page["cursor"]) is None:
            return found
    raise AssertionError("the export does not end")


@pytest.mark.parametrize("cursor", ["nonsense", " ", "own nonsense", "acts nonsense"])
def test_an_export_takes_no_cursor_that_it_did_not_give(desk: Desk, cursor: str) -> None:
    assert desk.ask("people", "admin-1", of="PlayerExport", userId=desk.player(), cursor=cursor) == "INVALID_CURSOR"


def test_an_export_has_everything_of_a_player_and_is_written_down(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    user_id, phone = life(desk)
    desk.store.keep("users", {"actId": "a", "actedAt": "2026-11-26T08:00:00Z", "staffId": "s", "userId": user_id})
    assert desk.ask("exportPlayer", "support-1", userId=user_id, reason="asked") == "FORBIDDEN"
    request = {"userId": user_id, "reason": "the player asked", "clientRequestId": uuid.uuid4().hex}
    for _ in range(2):
        assert desk.ask("exportPlayer", "admin-1", **request) == {"id": user_id}
    acts = [item for item in desk.store.table.scan() if item.get("action") == "exportPlayer"]
    assert [act["user_id"] for act in acts if act["user_id"] == user_id] == [user_id]
    whole = list(desk.store.table.scan())
    claims = {(f"PHONE#{phone}", "CLAIM"), (f"DOCUMENT#mac-{user_id}", "CLAIM")}
    about = [item for item in whole if item["pk"].endswith(user_id) or (item["pk"], item["sk"]) in claims]
    about = [item for item in about if item["sk"] != "AUDIT"]
    key = lambda item: (item["pk"], item["sk"])  # noqa: E731
    got = sorted(everything(desk, user_id), key=key)
    opened = {
        **next(item for item in about if item["sk"] == "IDENTITY"),
        "sealed": {"number": "12345678", "of": user_id},
    }
    assert got == sorted([opened if item["sk"] == "IDENTITY" else item for item in about], key=key)
    assert claims <= {key(item) for item in got}


def test_an_erased_player_is_nobody_and_what_the_law_keeps_stays(desk: Desk) -> None:
    user_id, phone = life(desk)
    request = {"userId": user_id, "reason": "the player asked"}
    assert desk.ask("erasePlayer", "support-1", **request) == "FORBIDDEN"
    numbers = [item["number"] for item in desk.store.table.query_all(f"USER#{user_id}") if item["sk"][:4] == "LEFT"]
    desk.wallet = "ACTIVE"
    assert desk.ask("erasePlayer", "admin-1", **request) == "WALLET_NOT_CLOSED"
    desk.wallet = "CLOSED"
    desk.ask("suspendUser", userId=user_id, **WHY)
    assert desk.ask("erasePlayer", "admin-1", **request) == "STILL_STOPPED"
    desk.ask("reinstateUser", userId=user_id, reason="all is well")
    for _ in range(2):
        assert desk.ask("erasePlayer", "admin-1", **request)["status"] == "PROPOSED"
        assert phone in json.dumps(everything(desk, user_id))
    for _ in range(2):
        done = desk.ask("erasePlayer", "admin-2", **request)
        assert (done["status"], done["proposedBy"]) == ("DONE", "admin-1")
    assert user_id in desk.deleted, "the sign-in"
    whole = list(desk.store.table.scan())
    left = [item for item in whole if user_id in json.dumps(item) and not item["pk"].startswith(("TRAIL", "AUDIT"))]
    for word in (phone, numbers[0], "Amina", "amina", "1990-01-01", "sealed"):
        assert word not in json.dumps(left), word
    assert {item["sk"].split("#")[0] for item in left} == {kind.rstrip("#") for kind in desk.store.STAYS}
    gone = (phone, f"amina-{user_id}", f"mac-{user_id}")
    assert not [item for item in whole if any(word in item["pk"] for word in gone)]
    (rests,) = [item for item in whole if item["pk"] == f"PHONE#{numbers[0]}"]
    assert rests["kept_until"] > clock.stamp(), "its next owner is kept from it all the same"
    seen = desk.ask("player", of="Query", userId=user_id)
    assert (seen["phoneNumber"], seen["birthdate"], seen["displayName"], seen["tags"]) == (None, None, None, [])
    assert desk.store.register(phone, str(uuid.uuid4()), "1990-01-01")["user_id"] != user_id, "the number is free"


def test_an_erasure_goes_on_after_cognito_was_away(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    user_id, _ = life(desk)
    desk.wallet = "CLOSED"
    request = {"userId": user_id, "reason": "the player asked"}
    desk.ask("erasePlayer", "admin-1", **request)
    from users import pool

    def away(*_: Any) -> None:
        raise Unavailable("Please try again.")

    with monkeypatch.context() as patch:
        patch.setattr(pool, "delete", away)
        assert desk.ask("erasePlayer", "admin-2", **request) == "UNAVAILABLE"
    assert user_id not in desk.deleted
    assert desk.ask("erasePlayer", "admin-2", **request)["status"] == "DONE"
    assert user_id in desk.deleted


def test_an_erased_player_has_no_contact_and_is_forgotten_elsewhere(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    user_id, _ = life(desk)
    desk.wallet = "CLOSED"
    for admin in ("admin-1", "admin-2"):
        desk.ask("erasePlayer", admin, userId=user_id, reason="the player asked")
    for name in ("BUS_NAME", "PARKING_URL"):
        monkeypatch.setenv(name, name)
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    from users.handlers import api, stream

    with pytest.raises(Erased):
        api.contact("payment", {"userId": user_id}, None)
    with pytest.raises(Erased):
        api.confirm("payment", {"userId": user_id}, api.Confirmation(code="123456", used_for="a-payment"))
    with pytest.raises(NotFound) as unknown:
        api.contact("payment", {"userId": "nobody"}, None)
    assert unknown.value.code == "NOT_FOUND"
    profile = desk.store.find_profile(user_id)
    before = {name: value for name, value in profile.items() if name != "erased_at"}
    assert [type(event).__name__ for event in stream.to_events(before, profile)] == ["UserErased"]


# -- marks of harm


def events(desk: Desk, user_id: str, count: int, name: str = "DepositCompleted", **facts: Any) -> None:
    """Let so many events of payment come, each twice."""
    data = {"userId": user_id, "depositId": "d", "amountCents": 100, "creditCents": 95, "exciseCents": 5, **facts}
    for event_id in (uuid.uuid4().hex for _ in range(count)):
        detail = {"id": event_id, "time": clock.stamp(), "version": 2, "data": data}
        body = json.dumps({"source": "betsafi.payment", "detail-type": name, "detail": detail})
        for _ in range(2):
            assert desk.consumer.handler({"Records": [{"messageId": "1", "body": body}]}) == {"batchItemFailures": []}


def harm_of(desk: Desk, user_id: str) -> dict[str, int]:
    marks = desk.ask("harm", of="Player", userId=user_id)
    assert marks["score"] == sum(one["times"] * one["weight"] for one in marks["marks"])
    return {one["mark"]: one["times"] for one in marks["marks"]}


@pytest.fixture
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """By day, as a deposit of the night is a mark by itself."""
    from_noon(monkeypatch)


@pytest.mark.usefixtures("noon")
def test_marks_of_harm_are_counted_once_and_ask_for_a_person(desk: Desk) -> None:
    user_id = desk.player()
    desk.lost = 0
    events(desk, user_id, 5)
    assert harm_of(desk, user_id) == {}
    desk.lost = 5_000
    events(desk, user_id, 2)
    assert harm_of(desk, user_id) == {"DEPOSIT_AFTER_LOSS": 2, "CHASING": 2}
    assert user_id in desk.waits("HARM")
    (line,) = desk.ask("interventions", of="Player", userId=user_id)["items"]
    assert (line["kind"], line["by"], line["staffId"], line["outcome"]) == ("MARKED", "SYSTEM", None, None)
    assert "CHASING 2, DEPOSIT_AFTER_LOSS 2" in line["why"]
    events(desk, user_id, 1)
    assert len(desk.ask("interventions", of="Player", userId=user_id)["items"]) == 1, "a person is asked once"


@pytest.mark.usefixtures("noon")
def test_who_was_called_is_asked_about_again_for_later_marks_alone(desk: Desk) -> None:
    user_id = desk.player()
    desk.lost = 5_000
    events(desk, user_id, 4)
    assert user_id in desk.waits("HARM")
    done = {"kind": "CALL", "by": "OPERATOR", "reason": "marks of harm", "outcome": "will set a limit"}
    desk.ask("recordIntervention", userId=user_id, **done)
    assert user_id not in desk.waits("HARM")
    events(desk, user_id, 1)
    assert user_id not in desk.waits("HARM"), "earlier marks were looked at"
    events(desk, user_id, 2)
    assert user_id in desk.waits("HARM")


def protect(desk: Desk, user_id: str, changed: str, stop_kind: str | None = None) -> None:
    """Let a change of what protects a player come, twice."""
    stop = {"stoppedUntil": clock.stamp(), "stopKind": stop_kind} if stop_kind else {}
    data = {"userId": user_id, "protectionVersion": 2, "limits": {}, "changed": [changed], **stop}
    detail = {"id": uuid.uuid4().hex, "time": clock.stamp(), "version": 1, "data": data}
    body = json.dumps({"source": "betsafi.users", "detail-type": "UserProtectionChanged", "detail": detail})
    for _ in range(2):
        assert desk.consumer.handler({"Records": [{"messageId": "1", "body": body}]}) == {"batchItemFailures": []}


def test_a_looser_limit_that_is_in_force_is_a_mark_of_harm(desk: Desk) -> None:
    user_id = desk.player()
    for changed in ("limit.stake_day", "asked.stake_day", "reality"):
        protect(desk, user_id, changed)
    assert harm_of(desk, user_id) == {}
    protect(desk, user_id, "loosened.stake_day")
    assert harm_of(desk, user_id) == {"RAISED_LIMIT": 1}


def test_a_stop_of_the_player_s_own_or_a_register_s_is_an_intervention(desk: Desk) -> None:
    user_id = desk.player()
    for changed, kind in (
        ("stop", "TIME_OUT"),
        ("stop", "EXCLUSION"),
        ("register", "REGISTER"),
        ("reality", "EXCLUSION"),
    ):
        protect(desk, user_id, changed, kind)
    lines = desk.ask("interventions", of="Player", userId=user_id)["items"]
    assert [(line["kind"], line["by"], line["staffId"]) for line in lines] == [
        ("EXCLUSION", "REGULATOR", None),
        ("EXCLUSION", "PLAYER", None),
        ("TIME_OUT", "PLAYER", None),
    ]


def test_who_excluded_themselves_is_not_erased_meanwhile(desk: Desk) -> None:
    user_id = desk.player()
    desk.wallet = "CLOSED"
    nothing = desk.store.find_protection(user_id)
    stop = ("EXCLUSION", clock.stamp(), None, None)
    desk.store.replace_protection(user_id, nothing, replace(nothing, version=1, stop=stop))
    assert desk.ask("erasePlayer", "admin-1", userId=user_id, reason="the player asked") == "STILL_STOPPED"


def test_staff_see_devices_and_identity_but_nothing_of_a_document(desk: Desk) -> None:
    user_id, _ = life(desk)
    (device,) = desk.ask("devices", of="Player", userId=user_id)
    assert (device["id"], device["current"]) == ("ab12", False)
    identity = desk.ask("identity", of="Player", userId=user_id)
    assert identity["state"] == "VERIFIED"
    assert "sealed" not in json.dumps(identity)
    assert "mac-" not in json.dumps(identity)


SAYS: dict[str, dict[str, Any]] = {
    "setPassword": {"password": "correct horse battery"},
    "updateProfile": {"input": {"displayName": "Amina"}},
    "appeal": {"text": PLEA},
    "submitIdentity": {
        "input": {
            "documentKind": "NATIONAL_ID",
            "number": "12345678",
            "firstName": "Amina",
            "lastName": "Secret",
            "birthdate": "1990-01-01",
        }
    },
    "acceptTerms": {"terms": "2026-11-01", "privacy": "2026-10-01"},
    "setLimits": {"input": [{"name": "STAKE_DAY", "amount": {"amount": "3.00", "currency": "KES"}}]},
    "confirmLimit": {"name": "STAKE_DAY"},
    "takeTimeOut": {"hours": 24},
    "excludeMyself": {"months": 6},
    "endExclusion": {},
    "setRealityCheck": {"minutes": 30},
    "acknowledgeRealityCheck": {},
    "changePhone": {"newNumber": "+254712345678"},
    "confirmPhoneChange": {"oldCode": "123456", "newCode": "123456"},
    "requestPhoneReview": {"newNumber": "+254712345678", "reason": "the old one is lost"},
    "setEmail": {"email": "amina@secret.example"},
    "confirmEmail": {"code": "123456"},
    "removeEmail": {},
    "requestFreshCode": {},
    "signOutDevice": {"id": "ab12"},
    "signOutEverywhere": {},
}
"""How a player asks for each thing."""


def erased(desk: Desk, user_id: str) -> None:
    desk.wallet = "CLOSED"
    for admin in ("admin-1", "admin-2"):
        desk.ask("erasePlayer", admin, userId=user_id, reason="the player asked")
    assert "erased_at" in desk.store.find_profile(user_id)


def below(desk: Desk, user_id: str) -> list[dict[str, Any]]:
    return list(desk.store.table.query_all(desk.store.player_pk(user_id)))


def let_through(monkeypatch: pytest.MonkeyPatch, profile: dict[str, Any]) -> None:
    """Let each look at a profile show it as it was; others than the table answer yes."""
    from users import pool, vault
    from users.flows import codes, protecting
    from users.flows import identity as flow
    from users.registers import identity as register
    from users.stores import people

    monkeypatch.setattr(people, "find_profile", lambda user_id: profile)
    for module, name in (
        (pool, "set_password"),
        (pool, "sign_out_everywhere"),
        (codes, "send"),
        (protecting, "reach"),
        (flow, "_tell"),
    ):
        monkeypatch.setattr(module, name, lambda *_: True)
    monkeypatch.setattr(register, "is_there", lambda: True)
    monkeypatch.setattr(vault, "mac", lambda text: f"mac of {text}")
    monkeypatch.setattr(vault, "seal", lambda user_id, named: "sealed anew")


def test_an_erased_player_does_nothing_more_with_a_token_that_lives_on(desk: Desk) -> None:
    user_id, _ = life(desk)
    erased(desk, user_id)
    before = below(desk, user_id)
    mutations = {name for kind, name in desk.players.handler.names if kind == "Mutation"}
    assert mutations == set(SAYS), "say how a new one is asked"
    assert desk.say(user_id, "me", "Query") == "ERASED"
    for field, arguments in SAYS.items():
        answer = "NOT_FOUND" if field in ("confirmEmail", "signOutDevice") else "ERASED"
        assert (field, desk.say(user_id, field, **arguments)) == (field, answer)
    for name in ("unlockSignIn", "reinstateUser"):
        assert desk.ask(name, userId=user_id, reason="asked") == "ERASED"
    assert desk.ask("addPlayerNote", userId=user_id, text="Amina called") == "ERASED"
    assert below(desk, user_id) == before


@pytest.mark.parametrize("field", sorted(SAYS))
def test_what_was_let_through_before_an_erasure_brings_nothing_back(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, field: str
) -> None:
    """The player's profile was read before; the write comes after."""
    user_id, _ = life(desk)
    profile = desk.store.find_profile(user_id)
    erased(desk, user_id)
    before = below(desk, user_id)
    let_through(monkeypatch, profile)
    desk.say(user_id, field, **SAYS[field])
    assert below(desk, user_id) == before


def test_what_others_keep_of_a_player_does_not_come_back_after_an_erasure(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    user_id, _ = life(desk)
    profile, identity = desk.store.find_profile(user_id), desk.store.find_identity(user_id)
    erased(desk, user_id)
    before = below(desk, user_id)
    let_through(monkeypatch, profile)
    desk.ask("addPlayerNote", userId=user_id, text="Amina called")
    desk.ask("setPlayerTags", userId=user_id, tags=["vip"], reason="asked")
    desk.ask("unlockSignIn", userId=user_id, reason="asked")
    desk.ask("suspendUser", userId=user_id, **WHY)
    desk.lost = 5_000
    events(desk, user_id, 3)
    protect(desk, user_id, "stop", "TIME_OUT")
    for at_a_sign_in in (
        lambda: desk.store.keep_device(user_id, "ab12", "Amina's phone", True, clock.stamp()),
        lambda: desk.store.count_second_try(user_id, 3, clock.stamp()),
        lambda: desk.store.forget_second_tries(user_id),
    ):
        with pytest.raises(Erased):
            at_a_sign_in()
    # A register's answer comes after the profile is empty, and before what is below it is gone.
    desk.store.table.write(desk.store.Put({**identity, "state": "PENDING"}))
    with pytest.raises(desk.store.ConditionFailed):
        desk.store.verify_identity({**identity, "state": "PENDING"}, "1990-01-01")
    desk.store.forget(user_id)
    assert below(desk, user_id) == before


@pytest.mark.usefixtures("noon")
def test_a_deposit_that_the_player_cancelled_is_no_mark(desk: Desk) -> None:
    user_id = desk.player()
    events(desk, user_id, 2, "DepositFailed", reason="CANCELLED")
    assert harm_of(desk, user_id) == {}
    events(desk, user_id, 2, "DepositFailed", reason="MPESA_BALANCE_INSUFFICIENT")
    assert harm_of(desk, user_id) == {"DECLINED_DEPOSIT": 2}
    events(desk, "nobody", 1, "DepositFailed", reason="MPESA_BALANCE_INSUFFICIENT")
    assert desk.store.find_markers("nobody") is None
