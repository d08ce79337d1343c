"""Money by hand takes two people above a sum, never for oneself, and names them where it is posted and published."""

import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest

from betsafi import clock, people
from betsafi.people import Staff
from tests.integration.payment import test_paybill as paybill
from tests.integration.services import test_request_ids as request_ids
from tests.integration.services.test_request_ids import Case, House, shillings
from tests.support.bet import new_player
from tests.support.schema import api_schema, flaws, object_type

house = request_ids.house
LARGE, SMALL = shillings("10000"), shillings("9999.99")


def ask(house: House, field: str, by: str, plays: str = "", **given: Any) -> dict[str, Any]:
    """Ask as an administrator, who may be known to be a player as well."""
    door = house.payments.graphql if field in PAYMENT_FIELDS else house.wallet
    identity = {"sub": by, "groups": ["admin"]}
    known = people.find_staff

    def linked(who: str) -> Staff:
        return replace(known(who), player_id=plays) if who == by else known(who)

    with patch.object(people, "find_staff", linked) if plays else nullcontext():
        answer: dict[str, Any] = door.handler(
            {"type": "Mutation", "field": field, "arguments": given, "identity": identity}
        )
    return answer


PAYMENT_FIELDS = (
    "approveWithdrawal", "rejectWithdrawal", "assignPayment", "resolveWithdrawal", "refuseDecision", "reverseDeposit",
)  # fmt: skip


def bonus(player: str, amount: dict[str, str], **more: Any) -> dict[str, Any]:
    return {"clientRequestId": uuid.uuid4().hex, "userId": player, "amount": amount, "campaign": "welcome", **more}


def entries(house: House, player: str, kind: str) -> list[dict[str, Any]]:
    found = house.store.table.query_all(f"USER#{player}")
    return [item for item in found if item.get("entry_kind") == kind]


# --- bonuses and adjustments


def test_a_large_bonus_takes_two_administrators_and_its_entry_names_both(house: House) -> None:
    player = new_player(house.store)
    given = bonus(player, shillings("1000000000"))
    for _ in range(2):
        first = ask(house, "grantBonus", "admin-1", **given)["data"]
        assert (first["status"], first["proposedBy"], first["approvedBy"]) == ("PROPOSED", "admin-1", None)
    assert house.store.get_account(player)["available"] == 95_000
    for _ in range(2):
        second = ask(house, "grantBonus", "admin-2", **given)["data"]
        assert (second["status"], second["proposedBy"], second["approvedBy"]) == ("DONE", "admin-1", "admin-2")
    (entry,) = entries(house, player, "BONUS")
    assert entry["decided_by"] == ["admin-1", "admin-2"]
    assert entry["decided_because"] == ["welcome", "welcome"]
    assert house.store.get_account(player)["available"] == 95_000 + 100_000_000_000


def test_a_small_bonus_takes_one_who_is_named_and_a_second_for_the_same_player_takes_two(house: House) -> None:
    player, other = new_player(house.store), new_player(house.store)
    first = ask(house, "grantBonus", "admin-1", **bonus(player, SMALL))["data"]
    assert (first["status"], first["approvedBy"]) == ("DONE", None)
    (entry,) = entries(house, player, "BONUS")
    assert entry["decided_by"] == ["admin-1"]
    again = bonus(player, shillings("1"))
    assert ask(house, "grantBonus", "admin-1", **again)["data"]["status"] == "PROPOSED"
    assert ask(house, "grantBonus", "admin-1", **bonus(other, shillings("1")))["data"]["status"] == "DONE"
    assert ask(house, "grantBonus", "admin-2", **again)["data"]["status"] == "DONE"
    assert len(entries(house, player, "BONUS")) == 2


@pytest.mark.parametrize("amount", [SMALL, LARGE])
def test_nobody_gives_money_to_themselves_as_staff_or_as_a_player(house: House, amount: dict[str, str]) -> None:
    player = new_player(house.store)
    given = bonus(player, amount)
    adjustment = {**given, "direction": "CREDIT", "reason": "mistake"}
    before = house.image()
    for field, body in (("grantBonus", given), ("proposeAdjustment", adjustment)):
        assert ask(house, field, player, **body)["error"]["type"] == "FORBIDDEN"
        assert ask(house, field, "admin-1", player, **body)["error"]["type"] == "FORBIDDEN"
    assert house.image() == before


def test_who_benefits_does_not_approve(house: House) -> None:
    player = new_player(house.store)
    given = bonus(player, LARGE)
    ask(house, "grantBonus", "admin-1", **given)
    before = house.image()
    for by, plays in ((player, ""), ("admin-2", player)):
        assert ask(house, "grantBonus", by, plays, **given)["error"]["type"] == "FORBIDDEN"
    assert house.image() == before


def test_an_adjustment_always_takes_two_and_moves_once(house: House) -> None:
    player = new_player(house.store)
    given = {**bonus(player, shillings("0.01")), "direction": "DEBIT", "reason": "twice credited"}
    for admin, status in (("admin-1", "PROPOSED"), ("admin-2", "DONE"), ("admin-3", "DONE"), ("admin-1", "DONE")):
        answer = ask(house, "proposeAdjustment", admin, **given)["data"]
        assert (answer["status"], answer["direction"], answer["reason"]) == (status, "DEBIT", "twice credited")
    (entry,) = entries(house, player, "ADJUSTMENT")
    assert entry["decided_by"] == ["admin-1", "admin-2"]
    assert house.store.get_account(player)["available"] == 94_999


def test_an_adjustment_above_the_balance_is_refused_and_still_waits(house: House) -> None:
    player = new_player(house.store)
    given = {**bonus(player, shillings("950.01")), "direction": "DEBIT", "reason": "twice credited"}
    ask(house, "proposeAdjustment", "admin-1", **given)
    before = house.image()
    assert ask(house, "proposeAdjustment", "admin-2", **given)["error"]["type"] == "INSUFFICIENT_FUNDS"
    assert house.image() == before


def test_what_is_refused_or_expired_is_never_posted(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    player = new_player(house.store)
    refused, late = bonus(player, LARGE), bonus(player, LARGE)
    proposal = ask(house, "grantBonus", "admin-1", **refused)["data"]
    ask(house, "grantBonus", "admin-1", **late)
    assert ask(house, "refuseProposal", "admin-2", id=proposal["id"], reason="not agreed")["data"] is True
    again = ask(house, "refuseProposal", "admin-2", id=proposal["id"], reason="not agreed")
    assert again["error"]["type"] == "NOT_FOUND"
    moment = clock.now() + timedelta(days=1, seconds=1)
    monkeypatch.setattr(clock, "now", lambda: moment)
    for given, status in ((refused, "REFUSED"), (late, "EXPIRED")):
        for admin in ("admin-1", "admin-3"):
            assert ask(house, "grantBonus", admin, **given)["data"]["status"] == status
    assert entries(house, player, "BONUS") == []


# --- bookings


def transfer(receipt: str, **more: Any) -> dict[str, Any]:
    given = {"clientRequestId": uuid.uuid4().hex, "receipt": receipt, "amount": shillings("50000")}
    return {**given, "from": "COLLECTION", "to": "PAYOUT", "reason": "float", **more}


def new_receipt() -> str:
    return uuid.uuid4().hex[:12].upper()


def booked(house: House, entry_id: str) -> list[dict[str, Any]]:
    return list(house.store.table.query_all(f"SYSTEM#{entry_id}"))


@pytest.mark.parametrize("field", ["bookFees", "bookTransfer", "bookTaxRemittance"])
def test_a_booking_always_takes_two_and_is_posted_once(house: House, field: str) -> None:
    given = {**house.case(field).given, "clientRequestId": uuid.uuid4().hex, "amount": shillings("0.01")}
    for admin, status in (("admin-1", "PROPOSED"), ("admin-1", "PROPOSED"), ("admin-2", "DONE"), ("admin-3", "DONE")):
        answer = ask(house, field, admin, **given)["data"]
        assert flaws(answer, object_type(api_schema(), "Booking")) == []
        assert (answer["status"], answer["amount"]["amount"], answer["proposedBy"]) == (status, "0.01", "admin-1")
        assert (answer["approvedBy"], len(booked(house, answer["entryId"]))) == (
            (None, 0) if status == "PROPOSED" else ("admin-2", 1)
        )
    (entry,) = booked(house, answer["entryId"])
    assert (entry["entry_kind"], entry["note"]) == (answer["kind"], given["reason"])
    assert dict(entry["postings"]) == {answer["from"]: 1, answer["to"]: -1}
    assert (entry["decided_by"], entry["decided_because"]) == (["admin-1", "admin-2"], [given["reason"]] * 2)
    acts = [item for item in house.image() if item["sk"] == "AUDIT" and item["subject"] == f"COMMAND#{answer['id']}"]
    assert sorted(act["outcome"] for act in acts) == ["DONE", "PROPOSED"]


def test_a_receipt_is_booked_once_whoever_asks_and_under_whatever_id(house: House) -> None:
    receipt = new_receipt()
    first, second = transfer(receipt), transfer(receipt)
    tax = {**transfer(receipt), "direction": "DEBIT", "tax": "EXCISE", "account": "PAYOUT"}
    for given in (first, second):
        assert ask(house, "bookTransfer", "admin-1", **given)["data"]["status"] == "PROPOSED"
    assert ask(house, "bookTransfer", "admin-2", **first)["data"]["status"] == "DONE"
    before = house.image()
    for field, admin, given in (
        ("bookTransfer", "admin-2", second),
        ("bookTransfer", "admin-1", transfer(receipt)),
        ("bookTaxRemittance", "admin-1", tax),
    ):
        assert ask(house, field, admin, **given)["error"]["type"] == "ALREADY_BOOKED"
    assert house.image() == before


def test_a_customer_s_receipt_is_no_transfer_of_ours(house: House) -> None:
    receipt = new_receipt()
    from wallet.rules import ledger

    house.store.post_system(ledger.suspense_in(receipt, 100))
    assert ask(house, "bookTransfer", "admin-1", **transfer(receipt))["error"]["type"] == "ALREADY_BOOKED"


def test_a_booking_that_is_too_large_refused_or_expired_is_never_posted(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = transfer(new_receipt(), amount=shillings("100000000.01"))
    assert ask(house, "bookTransfer", "admin-1", **large)["error"]["type"] == "INVALID_AMOUNT"
    refused, late = transfer(new_receipt(), amount=shillings("100000000")), transfer(new_receipt())
    proposal = ask(house, "bookTransfer", "admin-1", **refused)["data"]
    ask(house, "bookTransfer", "admin-1", **late)
    assert ask(house, "refuseProposal", "admin-2", id=proposal["id"], reason="not agreed")["data"] is True
    moment = clock.now() + timedelta(days=1, seconds=1)
    monkeypatch.setattr(clock, "now", lambda: moment)
    for given, status in ((refused, "REFUSED"), (late, "EXPIRED")):
        for admin in ("admin-1", "admin-3"):
            assert ask(house, "bookTransfer", admin, **given)["data"]["status"] == status
        assert booked(house, given["receipt"]) == []


@pytest.mark.parametrize("group", ["support", "trader"])
def test_only_administrators_book(house: House, group: str) -> None:
    before = house.image()
    for field in ("bookFees", "bookTransfer", "bookTaxRemittance"):
        case = house.case(field)
        case.groups = (group,)
        refused = house.ask(case, field, {**case.given, "clientRequestId": uuid.uuid4().hex})
        assert refused["error"]["type"] == "FORBIDDEN"
    assert house.image() == before


@pytest.mark.concurrent
def test_of_those_who_book_at_the_same_moment_one_is_named(house: House) -> None:
    given = transfer(new_receipt())
    ask(house, "bookTransfer", "admin-0", **given)
    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(lambda n: ask(house, "bookTransfer", f"admin-{n}", **given), range(1, 6)))
    (entry,) = booked(house, given["receipt"])
    assert entry["decided_by"][0] == "admin-0"
    assert {answer["data"]["approvedBy"] for answer in answers} == {entry["decided_by"][1]}


# --- payments


def tell(house: House, payment_id: str, since: str) -> dict[str, Any]:
    """Let the wallet hear what payment publishes of a payment's last move; return the entry that it posts last."""
    from wallet.handlers import consumer

    event = house.payments.events(payment_id, since)[-1]
    detail = {"id": "e", "time": "2026-11-01T00:00:00Z", "version": 1, "data": event.data()}
    message = {"source": event.source, "detail-type": type(event).__name__, "detail": detail}
    records = [{"messageId": "m", "body": json.dumps(message)}]
    assert consumer.handler({"Records": records}) == {"batchItemFailures": []}
    whose = f"USER#{event.user_id}" if hasattr(event, "user_id") else f"SYSTEM#{event.receipt}"
    found = [item for item in house.store.table.query_all(whose) if "postings" in item]
    return max(found, key=lambda item: str(item["at"]))


def held(house: House, payment_id: str) -> str:
    """Hold in the real wallet too what payment has asked a stand-in for."""
    item = house.payments.item(payment_id)
    cents = item["credit_cents"] if item["kind"] == "REVERSAL" else item["amount_cents"]
    house.store.open_account(item["user_id"])
    house.store.deposit(item["user_id"], f"d-{payment_id}", cents, cents, 0)
    house.store.place_hold(item["user_id"], payment_id, item["kind"], cents)
    return payment_id


def in_review(house: House) -> str:
    """A large withdrawal, held in the real wallet too."""
    return held(house, house.review())


def test_a_large_withdrawal_is_let_go_by_two_and_the_payout_names_them(house: House) -> None:
    payment_id = in_review(house)
    for _ in range(2):
        first = ask(house, "approveWithdrawal", "admin-1", id=payment_id, reason="papers are right")["data"]
        assert (first["status"], first["payment"]["status"], first["approvedBy"]) == ("PROPOSED", "REVIEW", None)
    second = ask(house, "approveWithdrawal", "admin-2", id=payment_id, reason="called the player")["data"]
    assert (second["status"], second["payment"]["status"]) == ("DONE", "HELD")
    assert (second["proposedBy"], second["approvedBy"]) == ("admin-1", "admin-2")
    house.payments.follow_up(payment_id)
    house.payments.deliver(house.payments.callback_for(payment_id, "b"))
    entry = tell(house, payment_id, "SUBMITTED")
    assert (entry["entry_kind"], entry["decided_by"]) == ("PAYOUT", ["admin-1", "admin-2"])
    assert entry["decided_because"] == ["papers are right", "called the player"]


def test_who_rejects_is_named_where_the_money_goes_back(house: House) -> None:
    payment_id = in_review(house)
    ask(house, "rejectWithdrawal", "admin-3", id=payment_id, reason="papers do not match")
    entry = tell(house, payment_id, "REVIEW")
    assert (entry["entry_kind"], entry["decided_by"]) == ("RELEASE", ["admin-3"])
    assert entry["decided_because"] == ["papers do not match"]


@pytest.mark.parametrize(("outcome", "kind"), [("PAID", "PAYOUT"), ("UNPAID", "RELEASE")])
def test_who_resolves_an_uncertain_withdrawal_is_named_in_its_entry(house: House, outcome: str, kind: str) -> None:
    payment_id = held(house, house.delayed())
    given = {"outcome": outcome, "evidence": "Seen on the portal"}
    for admin in ("admin-1", "admin-2"):
        done = ask(house, "resolveWithdrawal", admin, id=payment_id, **given)["data"]
    assert (done["status"], done["proposedBy"], done["approvedBy"]) == ("DONE", "admin-1", "admin-2")
    entry = tell(house, payment_id, "DELAYED")
    assert (entry["entry_kind"], entry["decided_by"]) == (kind, ["admin-1", "admin-2"])
    assert entry["decided_because"] == ["Seen on the portal"] * 2


def given_back(house: House, payment_id: str, *, from_a_player: bool) -> str:
    """Two administrators have a payment sent back, and M-Pesa does; return the reversal's id."""
    for admin in ("admin-1", "admin-2"):
        done = ask(house, "reverseDeposit", admin, id=payment_id, reason="paid by mistake")["data"]
    reversal = str(done["payment"]["id"])
    if from_a_player:
        held(house, reversal)
    house.payments.deliver(house.payments.callback_for(reversal, "r"))
    return reversal


def test_who_gives_a_deposit_back_is_named_in_its_entry(house: House) -> None:
    assert house.payments.admin("registerPaybill")["data"] is True
    _, _, payment = paybill.paid_by_hand(house.payments, 500)
    entry = tell(house, given_back(house, payment["payment_id"], from_a_player=True), "SUBMITTED")
    assert (entry["entry_kind"], entry["decided_by"]) == ("REVERSAL", ["admin-1", "admin-2"])
    assert entry["decided_because"] == ["paid by mistake"] * 2


def test_who_gives_money_in_suspense_back_is_named_in_its_entry(house: House) -> None:
    _, payment_id = paybill.paid_for_nobody(house.payments)
    house.store.post_system(_suspense(house, payment_id))
    given_back(house, payment_id, from_a_player=False)
    assert house.payments.item(payment_id)["status"] == "RETURNED"
    entry = tell(house, payment_id, "RETURNING")
    assert (entry["entry_kind"], entry["decided_by"]) == ("SUSPENSE_RETURN", ["admin-1", "admin-2"])
    assert entry["decided_because"] == ["paid by mistake"] * 2


def test_a_player_on_the_staff_decides_nothing_about_their_own_withdrawal(house: House) -> None:
    payment_id = house.review()
    mine = house.payments.item(payment_id)["user_id"]
    ask(house, "approveWithdrawal", "admin-1", id=payment_id, reason="papers are right")
    before = house.image()
    for by, plays in ((mine, ""), ("admin-2", mine)):
        for field in ("approveWithdrawal", "rejectWithdrawal"):
            refused = ask(house, field, by, plays, id=payment_id, reason="changed my mind")
            assert refused["error"]["type"] == "FORBIDDEN"
    assert house.image() == before


def test_support_gives_suspense_money_to_a_player_once_alone_and_then_with_another(house: House) -> None:
    player = house.payments.player()
    number = paybill.number_of(house.payments, player.id)

    def assign(payment_id: str, by: str, plays: str = "") -> dict[str, Any]:
        return ask(house, "assignPayment", by, plays, id=payment_id, accountNumber=number, reason="named by payer")

    first, second, large = house.suspended(), house.suspended(), paybill.in_suspense(house.payments, 10_000)[1]
    assert assign(first, "support-1")["data"]["status"] == "DONE"
    for payment_id, by in ((second, "support-1"), (large, "support-2")):
        assert assign(payment_id, by)["data"]["status"] == "PROPOSED"
        assert house.payments.item(payment_id)["status"] == "SUSPENSE"
        assert assign(payment_id, "support-3", player.id)["error"]["type"] == "FORBIDDEN"
        done = assign(payment_id, "support-3")["data"]
        assert (done["status"], done["proposedBy"], done["approvedBy"]) == ("DONE", by, "support-3")
        assert house.payments.item(payment_id)["decided_by"] == [by, "support-3"]
    house.store.post_system(_suspense(house, large))
    entry = tell(house, large, "SUSPENSE")
    assert (entry["entry_kind"], entry["decided_by"]) == ("ASSIGNMENT", ["support-2", "support-3"])


def _suspense(house: House, payment_id: str) -> Any:
    from wallet.rules import ledger

    item = house.payments.item(payment_id)
    return ledger.suspense_in(item["receipt"], item["amount_cents"])


def test_a_refused_decision_about_a_payment_is_not_carried_out(house: House) -> None:
    payment_id = house.delayed()
    given = {"id": payment_id, "outcome": "UNPAID", "evidence": "Seen on the portal"}
    ask(house, "resolveWithdrawal", "admin-1", **given)
    assert ask(house, "refuseDecision", "admin-2", id=payment_id, reason="it was paid")["data"]["id"] == payment_id
    assert ask(house, "resolveWithdrawal", "admin-2", **given)["data"]["status"] == "PROPOSED"
    assert house.payments.item(payment_id)["status"] == "DELAYED"
    assert ask(house, "resolveWithdrawal", "admin-1", **given)["data"]["payment"]["status"] == "FAILED"


# --- markets


def test_a_refused_result_is_not_carried_out(house: House) -> None:
    market = house.market()
    door = Case(house.bet.trading, {}, {}, ("trader",))
    given = {"marketId": market, "results": request_ids.HOME}
    house.ask(door, "settleMarket", given, "trader-1")
    assert house.ask(door, "refuseMarketDecision", {"marketId": market, "reason": "too early"}, "trader-2")["data"]
    assert house.ask(door, "settleMarket", given, "trader-2")["data"]["status"] == "PROPOSED"
    assert house.ask(door, "settleMarket", given, "trader-1")["data"]["decidedBy"] == ["trader-2", "trader-1"]


# --- at the same moment


@pytest.mark.concurrent
def test_a_large_bonus_asked_for_many_times_at_the_same_moment_is_one_proposal(house: House) -> None:
    given = bonus(new_player(house.store), LARGE)
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: ask(house, "grantBonus", "admin-1", **given), range(6)))
    assert [answer["data"] for answer in answers] == [answers[0]["data"]] * 6
    assert answers[0]["data"]["status"] == "PROPOSED"
    written = [item for item in house.image() if item["sk"] == "AUDIT" and item["user_id"] == given["userId"]]
    assert len(written) == 1


@pytest.mark.concurrent
@pytest.mark.parametrize("players", [1, 6])
def test_one_id_at_the_same_moment_pays_once(house: House, players: int) -> None:
    people = [new_player(house.store) for _ in range(players)]
    given = [bonus(people[n % players], SMALL, clientRequestId=f"at-once-{people[0]}") for n in range(6)]
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda body: ask(house, "grantBonus", "admin-1", **body), given))
    paid = [entry for player in people for entry in entries(house, player, "BONUS")]
    assert len(paid) == 1
    refused = [answer["error"]["type"] for answer in answers if "error" in answer]
    assert set(refused) <= {"IDEMPOTENCY_KEY_REUSED"}
    assert len(refused) == (0 if players == 1 else 5)
    done = [item for item in house.image() if item["sk"] == "AUDIT" and item["user_id"] in people]
    assert [item["outcome"] for item in done] == ["DONE"]


@pytest.mark.concurrent
def test_of_those_who_approve_at_the_same_moment_one_is_named(house: House) -> None:
    player = new_player(house.store)
    given = bonus(player, LARGE)
    ask(house, "grantBonus", "admin-0", **given)
    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(lambda n: ask(house, "grantBonus", f"admin-{n}", **given), range(1, 6)))
    (entry,) = entries(house, player, "BONUS")
    assert entry["decided_by"][0] == "admin-0"
    assert {answer["data"]["approvedBy"] for answer in answers} == {entry["decided_by"][1]}
