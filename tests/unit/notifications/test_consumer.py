"""Events become one note each, and one message each where it matters, whatever fails in between."""

import io
import itertools
import json
import logging
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest

from betsafi.errors import NotFound
from betsafi.events.catalog import CATALOG
from betsafi.telemetry import logger
from tests.support.notes import OF_PAYMENTS
from tests.support.services import load

PHONE = "+254712345678"
FACTS: dict[tuple[str, str], dict[str, Any]] = {
    ("users", "UserRegistered"): {"registeredAt": "2026-11-01T00:00:00Z"},
    ("users", "UserSuspended"): {"statusVersion": 1, "reason": "typed by support"},
    ("users", "UserReinstated"): {"statusVersion": 2},
    ("bet", "BetAccepted"): {"betId": "b", "stakeCents": 10_000, "potentialPayoutCents": 25_000},
    ("bet", "BetRejected"): {"betId": "b", "stakeCents": 10_000, "reason": "ODDS_CHANGED"},
    ("bet", "BetCancelled"): {"betId": "b", "stakeCents": 10_000},
    ("bet", "BetSettled"): {
        "betId": "b",
        "stakeCents": 10_000,
        "resultVersion": 1,
        "payoutCents": 25_000,
        "outcome": "WON",
    },
    ("bet", "BetReopened"): {"betId": "b", "stakeCents": 10_000, "resultVersion": 2},
    ("bet", "BetRepriced"): {
        "betId": "b",
        "stakeCents": 10_000,
        "potentialPayoutCents": 21_000,
        "correctionVersion": 1,
    },
    ("payment", "DepositCompleted"): {
        "depositId": "d",
        "amountCents": 100_000,
        "creditCents": 95_000,
        "exciseCents": 5_000,
    },
    ("payment", "DepositFailed"): {"depositId": "d", "amountCents": 100_000, "reason": "CANCELLED"},
    ("payment", "DepositReversed"): {
        "reversalId": "r",
        "depositId": "d",
        "amountCents": 100_000,
        "creditCents": 95_000,
        "exciseCents": 5_000,
    },
    ("payment", "PaymentProgressed"): {
        "paymentId": "w",
        "kind": "WITHDRAWAL",
        "status": "REVIEW",
        "amountCents": 50_000,
    },
    ("payment", "WithdrawalCompleted"): {
        "withdrawalId": "w",
        "amountCents": 50_000,
        "paidCents": 47_500,
        "withholdingCents": 2_500,
        "remainderCents": 0,
    },
    ("payment", "WithdrawalFailed"): {"withdrawalId": "w", "amountCents": 50_000, "reason": "LIMIT"},
    ("wallet", "DebtRepaid"): {
        "entryKind": "DEPOSIT",
        "reference": "d",
        "creditedCents": 237_500,
        "repaidCents": 200_000,
        "owedCents": 0,
    },
}
TEMPLATES = [
    "WELCOME",
    "ACCOUNT_SUSPENDED",
    "ACCOUNT_REINSTATED",
    "BET_ACCEPTED",
    "BET_REJECTED",
    "BET_CANCELLED",
    "BET_WON",
    "BET_REOPENED",
    "BET_REPRICED",
    "DEPOSIT_COMPLETED",
    "DEPOSIT_FAILED",
    "DEPOSIT_REVERSED",
    "WITHDRAWAL_IN_REVIEW",
    "WITHDRAWAL_COMPLETED",
    "WITHDRAWAL_FAILED",
    "DEBT_REPAID",
]


class World:
    """The consumer with a users service, a table of notes and carriers that live in the test."""

    def __init__(self, consumer: ModuleType, patch: pytest.MonkeyPatch) -> None:
        self.consumer = consumer
        self.contact: dict[str, Any] = {"userId": "u", "phoneNumber": PHONE, "language": "en", "status": "ACTIVE"}
        self.asked: list[tuple[str, str]] = []
        self.notes: dict[str, dict[str, Any]] = {}
        self.sms: list[tuple[str, str]] = []
        self.before_send: Callable[[], None] = lambda: None
        self.before_mark: Callable[[], None] = lambda: None
        from notifications import carriers, users_api
        from notifications.stores import inbox

        self.carriers = carriers
        patch.setattr(users_api._client, "call", self._call)
        patch.setattr(inbox, "table", self)
        patch.setattr(carriers, "send_sms", self._send_sms)

    def _call(self, method: str, path: str) -> dict[str, Any]:
        self.asked.append((method, path))
        if not self.contact:
            raise NotFound("There is no such player.")
        return self.contact

    def _send_sms(self, phone_number: str, text: str) -> None:
        self.before_send()
        self.sms.append((phone_number, text))

    def get(self, key: tuple[str, str]) -> dict[str, Any] | None:
        found = self.notes.get(key[1])
        return dict(found) if found else None

    def put_new(self, note: dict[str, Any]) -> dict[str, Any] | None:
        found = self.notes.get(note["sk"])
        self.notes.setdefault(note["sk"], dict(note))
        return dict(found) if found else None

    def write(self, update: Any) -> Any:
        if hasattr(update, "item"):
            assert update.condition == "#version = :seen"
            assert self.notes[update.item["sk"]]["version"] == update.values["seen"] < update.item["version"]
            self.notes[update.item["sk"]] = dict(update.item)
            return update.item
        self.before_mark()
        note = self.notes[update.key[1]]
        assert update.condition == "#delivery = :pending AND #version = :version"
        assert (note["delivery"], note["version"]) == ("PENDING", update.values["version"])
        note |= {name: update.values[name] for name in ("delivery", "channel")}
        note |= {name: update.values[name] for name in ("failure",) if name in update.values}
        return note

    def deliver(self, source: str, name: str, event_id: str = "event-1", **facts: Any) -> int:
        """Hand the consumer one event; return how many messages it wants again."""
        bus_event = {
            "source": f"betsafi.{source}",
            "detail-type": name,
            "detail": {
                "id": event_id,
                "time": "2026-11-01T00:00:00Z",
                "version": 1,
                "data": {"userId": "u", **FACTS.get((source, name), {}), **facts},
            },
        }
        batch = {"Records": [{"messageId": "m", "body": json.dumps(bus_event)}]}
        return len(self.consumer.handler(batch)["batchItemFailures"])

    @property
    def note(self) -> dict[str, Any]:
        (note,) = self.notes.values()
        return note


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    consumer = load("notifications.handlers.consumer", TABLE_NAME="notes", USERS_URL="http://users")
    return World(consumer, monkeypatch)


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """All that the service logs, exceptions with their causes included."""
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    logger.addHandler(handler)
    yield text
    logger.removeHandler(handler)


def refuse(world: World) -> Callable[[], None]:
    def raise_it() -> None:
        raise world.carriers.Undeliverable("OptedOut")

    return raise_it


def throttle(world: World) -> Callable[[], None]:
    def raise_it() -> None:
        raise world.carriers.CarrierUnavailable("Throttling")

    return raise_it


@pytest.mark.parametrize(("event", "template"), list(zip(FACTS, TEMPLATES, strict=True)))
def test_each_event_becomes_its_note_and_an_sms_unless_of_a_bet(
    world: World, event: tuple[str, str], template: str
) -> None:
    assert world.deliver(*event) == 0
    assert world.note["template"] == template
    assert (world.note["pk"], world.note["sk"]) == ("USER#u", "NOTE#" + world.note["note_id"].rpartition(".")[0])
    by_sms = event[0] != "bet"
    assert (world.note["status"], world.note["delivery"]) == ("UNREAD", "SENT")
    assert world.note["channel"] == ("SMS" if by_sms else "INBOX")
    assert world.sms == ([(PHONE, "BETSAFI: " + world.note["text"])] if by_sms else [])
    assert world.asked == [("GET", "/users/u/contact")]


@pytest.mark.parametrize("kind", ["DEPOSIT", "WITHDRAWAL"])
@pytest.mark.parametrize("status", ["SUBMITTED", "SUBMIT_UNKNOWN", "UNKNOWN", "REVIEW", "HELD", "DELAYED"])
def test_a_state_in_which_no_money_moves_becomes_a_note_where_its_player_should_know(
    world: World, kind: str, status: str
) -> None:
    assert world.deliver("payment", "PaymentProgressed", kind=kind, status=status) == 0
    wanted = OF_PAYMENTS.get((kind, status))
    assert [note["template"] for note in world.notes.values()] == ([wanted] if wanted else [])


def test_every_subscribed_event_is_tried_above_and_is_in_the_catalog(world: World) -> None:
    noted = {(f"betsafi.{source}", name) for source, name in FACTS}
    assert world.consumer.handler.subscriptions == noted | {("betsafi.users", "UserErased")}
    assert world.consumer.handler.subscriptions <= set(CATALOG)


def test_who_was_erased_has_no_inbox_any_more(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from notifications.stores import inbox

    forgotten: list[str] = []
    monkeypatch.setattr(inbox, "forget", forgotten.append)
    assert world.deliver("users", "UserErased") == 0
    assert (forgotten, world.notes, world.sms) == (["u"], {}, [])


@pytest.mark.parametrize(("outcome", "payout"), [("WON", 25_000), ("LOST", 0), ("VOID", 10_000)])
def test_a_settled_bet_waits_in_the_inbox(world: World, outcome: str, payout: int) -> None:
    assert world.deliver("bet", "BetSettled", outcome=outcome, payoutCents=payout) == 0
    note = world.note
    assert (note["template"], note["channel"], note["delivery"]) == (f"BET_{outcome}", "INBOX", "SENT")
    assert not world.sms


@pytest.mark.parametrize(
    ("kind", "status"), [("DEPOSIT", "SUBMITTED"), ("DEPOSIT", "REVIEW"), ("WITHDRAWAL", "SUBMITTED")]
)
def test_other_progress_of_a_payment_says_nothing(world: World, kind: str, status: str) -> None:
    assert world.deliver("payment", "PaymentProgressed", kind=kind, status=status) == 0
    assert not world.notes
    assert not world.asked


def test_a_reversed_deposit_names_what_went_back_and_what_leaves_the_wallet(world: World) -> None:
    world.deliver("payment", "DepositReversed")
    assert "KES 1000.00" in world.note["text"]
    assert "KES 950.00" in world.note["text"]


def test_a_repaid_debt_names_what_came_in_and_what_of_it_is_gone(world: World) -> None:
    world.deliver("wallet", "DebtRepaid")
    assert "KES 2375.00 came to your wallet. KES 2000.00 of it repaid what you owed." in world.note["text"]


def test_a_player_reads_in_their_own_language(world: World) -> None:
    world.contact["language"] = "sw"
    world.deliver("bet", "BetAccepted")
    assert world.note["text"].startswith("Dau lako la KES 100.00 limekubaliwa.")


def test_an_event_delivered_twice_makes_one_note_and_one_sms(world: World) -> None:
    assert world.deliver("payment", "DepositCompleted") == world.deliver("payment", "DepositCompleted") == 0
    assert len(world.sms) == len(world.notes) == 1


def test_a_throttled_sms_is_sent_when_the_event_comes_again(world: World) -> None:
    world.before_send = throttle(world)
    assert world.deliver("payment", "DepositCompleted") == 1
    assert world.note["delivery"] == "PENDING"
    world.before_send = lambda: None
    assert world.deliver("payment", "DepositCompleted") == 0
    assert len(world.sms) == 1
    assert world.note["delivery"] == "SENT"


def test_a_crash_between_sending_and_marking_repeats_the_sms_and_does_not_lose_it(world: World) -> None:
    def crash() -> None:
        raise ConnectionError("the process died here")

    world.before_mark = crash
    assert world.deliver("payment", "DepositCompleted") == 1
    world.before_mark = lambda: None
    assert world.deliver("payment", "DepositCompleted") == 0
    assert len(world.sms) == 2
    assert len(world.notes) == 1


def test_a_number_refused_for_good_is_not_tried_again(world: World) -> None:
    world.before_send = refuse(world)
    assert world.deliver("payment", "DepositCompleted") == 0
    assert (world.note["delivery"], world.note["failure"]) == ("FAILED", "OptedOut")
    world.before_send = lambda: None
    assert world.deliver("payment", "DepositCompleted") == 0
    assert not world.sms


SETTLED_WON = ("bet", "BetSettled", {"betVersion": 3, "resultVersion": 1})
REOPENED = ("bet", "BetReopened", {"betVersion": 4, "resultVersion": 2})
SETTLED_LOST = ("bet", "BetSettled", {"betVersion": 5, "resultVersion": 3, "outcome": "LOST", "payoutCents": 0})


def test_a_corrected_result_is_told_with_what_it_takes_back(world: World) -> None:
    for source, name, facts in [("bet", "BetAccepted", {"betVersion": 2}), SETTLED_WON]:
        assert world.deliver(source, name, **facts) == 0
    assert world.note["template"] == "BET_WON"
    assert world.deliver(REOPENED[0], REOPENED[1], **REOPENED[2]) == 0
    assert world.note["text"].startswith(
        "The result was corrected: your bet of KES 100.00 is open again. KES 250.00 is "
    )
    assert world.deliver(SETTLED_LOST[0], SETTLED_LOST[1], **SETTLED_LOST[2]) == 0
    assert world.note["text"].startswith("The result was corrected: your bet of KES 100.00 did not win. KES 250.00 is ")
    assert "owed" in world.note["text"]


def test_a_better_result_takes_nothing_back(world: World) -> None:
    world.deliver("bet", "BetSettled", betVersion=3, outcome="LOST", payoutCents=0)
    world.deliver("bet", "BetSettled", betVersion=4, resultVersion=2)
    said = "The result was corrected: your bet of KES 100.00 has won. It pays KES 250.00 in all."
    assert world.note["text"] == said


def test_a_bet_that_pays_less_than_its_stake_is_not_called_won(world: World) -> None:
    world.deliver("bet", "BetSettled", betVersion=3, payoutCents=9_999)
    assert (world.note["template"], world.note["text"]) == (
        "BET_PART_BACK",
        "Of your bet of KES 100.00 a part comes back: KES 99.99 to your wallet.",
    )
    world.deliver("bet", "BetSettled", betVersion=4, resultVersion=2, payoutCents=10_000)
    assert world.note["template"] == "BET_CORRECTED_WON"
    world.deliver("bet", "BetSettled", betVersion=5, resultVersion=3, payoutCents=5_000)
    assert world.note["template"] == "BET_CORRECTED_PART_BACK"


@pytest.mark.parametrize("order", list(itertools.permutations((SETTLED_WON, REOPENED, SETTLED_LOST))))
def test_the_newest_fact_is_the_last_that_is_told_in_any_order(world: World, order: Any) -> None:
    for source, name, facts in [*order, *order]:
        assert world.deliver(source, name, **facts) == 0
    assert world.note["version"] == 5
    assert "did not win" in world.note["text"]


@pytest.mark.parametrize(
    ("source", "name", "version"),
    [("bet", "BetAccepted", "bet"), ("bet", "BetSettled", "bet"), ("payment", "DepositCompleted", "payment")],
)
def test_a_fact_that_is_published_anew_under_a_later_version_is_told_once(
    world: World, source: str, name: str, version: str
) -> None:
    """An operator publishes what stands, and since the fact its item may have changed without news."""
    world.deliver(source, name, **{f"{version}Version": 3})
    (note,), sms = list(world.notes.values()), list(world.sms)
    assert world.deliver(source, name, **{f"{version}Version": 5}) == 0
    assert (list(world.notes.values()), world.sms) == ([note], sms)


def test_the_same_status_again_is_news_and_what_was_between_is_not(world: World) -> None:
    for name, version in [("UserSuspended", 1), ("UserSuspended", 3), ("UserReinstated", 2)]:
        assert world.deliver("users", name, statusVersion=version) == 0
    assert (world.note["template"], world.note["version"]) == ("ACCOUNT_SUSPENDED", 3)


def test_an_older_fact_about_a_payment_is_passed_over(world: World) -> None:
    assert world.deliver("payment", "WithdrawalCompleted", paymentVersion=5) == 0
    assert world.deliver("payment", "PaymentProgressed", paymentVersion=3) == 0
    assert world.deliver("payment", "DepositReversed") == 0
    assert world.deliver("payment", "DepositCompleted", paymentVersion=4) == 0
    assert {note["template"] for note in world.notes.values()} == {"WITHDRAWAL_COMPLETED", "DEPOSIT_REVERSED"}
    assert len(world.sms) == 2


def test_an_older_status_is_passed_over(world: World) -> None:
    for name, facts in [("UserReinstated", {}), ("UserSuspended", {}), ("UserRegistered", {})]:
        assert world.deliver("users", name, **facts) == 0
    assert world.note["template"] == "ACCOUNT_REINSTATED"
    assert len(world.sms) == 1


def test_a_message_that_was_overtaken_is_not_sent(world: World) -> None:
    world.before_send = throttle(world)
    assert world.deliver("payment", "DepositFailed", paymentVersion=3) == 1
    world.before_send = lambda: None
    assert world.deliver("payment", "DepositCompleted", paymentVersion=4) == 0
    assert world.deliver("payment", "DepositFailed", paymentVersion=3) == 0
    ((_, text),) = world.sms
    assert "received" in text


def test_an_unknown_player_is_tried_again_and_nothing_is_kept(world: World) -> None:
    world.contact = {}
    assert world.deliver("users", "UserRegistered") == 1
    assert not world.notes


def test_an_event_of_an_unknown_version_goes_back_to_the_queue(world: World) -> None:
    event = {
        "source": "betsafi.bet",
        "detail-type": "BetCancelled",
        "detail": {"id": "e", "time": "2026-11-01T00:00:00Z", "version": 2, "data": {}},
    }
    answer = world.consumer.handler({"Records": [{"messageId": "m", "body": json.dumps(event)}]})
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m"}]}
    assert not world.notes


@pytest.mark.parametrize("trouble", [None, refuse, throttle])
def test_no_phone_number_is_kept_or_logged(world: World, trouble: Any, logged: io.StringIO) -> None:
    if trouble:
        world.before_send = trouble(world)
    world.deliver("payment", "WithdrawalCompleted")
    assert "messages handled" in logged.getvalue()
    assert PHONE not in json.dumps(world.notes) + logged.getvalue()
