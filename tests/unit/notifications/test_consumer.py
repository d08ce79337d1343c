"""Events become one note each, and one message each where it matters, whatever fails in between."""

import io
import itertools
import json
from typing import Any

import pytest

from betsafi.events.catalog import CATALOG
from tests.support.notes import OF_PAYMENTS
from tests.unit.notifications.house import FACTS, PHONE, TEMPLATES, House, refusal


def refuse() -> None:
    raise refusal("OptedOut")


def throttle() -> None:
    raise refusal("Throttling")


@pytest.mark.parametrize(("event", "template"), list(zip(FACTS, TEMPLATES, strict=True)))
def test_each_event_becomes_its_note_and_an_sms_unless_of_a_bet(
    house: House, event: tuple[str, str], template: str
) -> None:
    assert house.deliver(*event) == 0
    assert house.note["template"] == template
    assert (house.note["pk"], house.note["sk"]) == ("USER#u", "NOTE#" + house.note["note_id"].rpartition(".")[0])
    by_sms = event[0] != "bet"
    assert house.note["status"] == "UNREAD"
    assert (house.note["channel"], house.note["delivery"]) == (("SMS", "SENT") if by_sms else ("INBOX", "KEPT"))
    assert house.sent["sms"] == ([(PHONE, "BETSAFI: " + house.note["text"])] if by_sms else [])
    assert house.asked == [("GET", "/users/u/contact")] * (2 if by_sms else 1)
    assert [event["type"] for event in house.events] == ["NotificationSent"]


@pytest.mark.parametrize("kind", ["DEPOSIT", "WITHDRAWAL"])
@pytest.mark.parametrize("status", ["SUBMITTED", "SUBMIT_UNKNOWN", "UNKNOWN", "REVIEW", "HELD", "DELAYED"])
def test_a_state_in_which_no_money_moves_becomes_a_note_where_its_player_should_know(
    house: House, kind: str, status: str
) -> None:
    assert house.deliver("payment", "PaymentProgressed", kind=kind, status=status) == 0
    wanted = OF_PAYMENTS.get((kind, status))
    assert [note["template"] for note in house.notes] == ([wanted] if wanted else [])


def test_every_subscribed_event_is_tried_above_and_is_in_the_catalog(house: House) -> None:
    told = {(f"betsafi.{source}", name) for source, name in FACTS} | {("betsafi.users", "UserErased")}
    lacking = house.doors["consumer"].handler.subscriptions ^ told
    assert not lacking, f"give each that is consumed an example in FACTS of house.py, and no other: {lacking}"
    assert house.doors["consumer"].handler.subscriptions <= set(CATALOG)


def test_who_was_erased_has_no_inbox_any_more(house: House) -> None:
    assert house.deliver("bet", "BetAccepted") == 0
    assert house.notes
    assert house.deliver("users", "UserErased") == 0
    assert not house.notes


@pytest.mark.parametrize(("outcome", "payout"), [("WON", 25_000), ("LOST", 0), ("VOID", 10_000)])
def test_a_settled_bet_waits_in_the_inbox(house: House, outcome: str, payout: int) -> None:
    assert house.deliver("bet", "BetSettled", outcome=outcome, payoutCents=payout) == 0
    note = house.note
    assert (note["template"], note["channel"], note["delivery"]) == (f"BET_{outcome}", "INBOX", "KEPT")
    assert not house.sent["sms"]


@pytest.mark.parametrize(
    ("kind", "status"), [("DEPOSIT", "SUBMITTED"), ("DEPOSIT", "REVIEW"), ("WITHDRAWAL", "SUBMITTED")]
)
def test_other_progress_of_a_payment_says_nothing(house: House, kind: str, status: str) -> None:
    assert house.deliver("payment", "PaymentProgressed", kind=kind, status=status) == 0
    assert not house.notes
    assert not house.asked


def test_a_reversed_deposit_names_what_went_back_and_what_leaves_the_wallet(house: House) -> None:
    house.deliver("payment", "DepositReversed")
    assert "KES 1000.00" in house.note["text"]
    assert "KES 950.00" in house.note["text"]


def test_a_repaid_debt_names_what_came_in_and_what_of_it_is_gone(house: House) -> None:
    house.deliver("wallet", "DebtRepaid")
    assert "KES 2375.00 came to your wallet. KES 2000.00 of it repaid what you owed." in house.note["text"]


def test_a_player_reads_in_their_own_language(house: House) -> None:
    house.contact["language"] = "sw"
    house.deliver("bet", "BetAccepted")
    assert house.note["text"].startswith("Dau lako la KES 100.00 limekubaliwa.")


def test_an_event_delivered_twice_makes_one_note_and_one_sms(house: House) -> None:
    assert house.deliver("payment", "DepositCompleted") == house.deliver("payment", "DepositCompleted") == 0
    assert len(house.sent["sms"]) == len(house.notes) == 1


SETTLED_WON = ("bet", "BetSettled", {"betVersion": 3, "resultVersion": 1})
REOPENED = ("bet", "BetReopened", {"betVersion": 4, "resultVersion": 2})
SETTLED_LOST = ("bet", "BetSettled", {"betVersion": 5, "resultVersion": 3, "outcome": "LOST", "payoutCents": 0})


def test_a_corrected_result_is_told_with_what_it_takes_back(house: House) -> None:
    for source, name, facts in [("bet", "BetAccepted", {"betVersion": 2}), SETTLED_WON]:
        assert house.deliver(source, name, **facts) == 0
    assert house.note["template"] == "BET_WON"
    assert house.deliver(REOPENED[0], REOPENED[1], **REOPENED[2]) == 0
    assert house.note["text"].startswith(
        "The result was corrected: your bet of KES 100.00 is open again. KES 250.00 is "
    )
    assert house.deliver(SETTLED_LOST[0], SETTLED_LOST[1], **SETTLED_LOST[2]) == 0
    assert house.note["text"].startswith("The result was corrected: your bet of KES 100.00 did not win. KES 250.00 is ")
    assert "owed" in house.note["text"]


def test_a_better_result_takes_nothing_back(house: House) -> None:
    house.deliver("bet", "BetSettled", betVersion=3, outcome="LOST", payoutCents=0)
    house.deliver("bet", "BetSettled", betVersion=4, resultVersion=2)
    said = "The result was corrected: your bet of KES 100.00 has won. It pays KES 250.00 in all."
    assert house.note["text"] == said


def test_a_bet_that_pays_less_than_its_stake_is_not_called_won(house: House) -> None:
    house.deliver("bet", "BetSettled", betVersion=3, payoutCents=9_999)
    assert (house.note["template"], house.note["text"]) == (
        "BET_PART_BACK",
        "Of your bet of KES 100.00 a part comes back: KES 99.99 to your wallet.",
    )
    house.deliver("bet", "BetSettled", betVersion=4, resultVersion=2, payoutCents=10_000)
    assert house.note["template"] == "BET_CORRECTED_WON"
    house.deliver("bet", "BetSettled", betVersion=5, resultVersion=3, payoutCents=5_000)
    assert house.note["template"] == "BET_CORRECTED_PART_BACK"


@pytest.mark.parametrize("order", list(itertools.permutations((SETTLED_WON, REOPENED, SETTLED_LOST))))
def test_the_newest_fact_is_the_last_that_is_told_in_any_order(house: House, order: Any) -> None:
    for source, name, facts in [*order, *order]:
        assert house.deliver(source, name, **facts) == 0
    assert house.note["version"] == 5
    assert "did not win" in house.note["text"]


@pytest.mark.parametrize(
    ("source", "name", "version"),
    [("bet", "BetAccepted", "bet"), ("bet", "BetSettled", "bet"), ("payment", "DepositCompleted", "payment")],
)
def test_a_fact_that_is_published_anew_under_a_later_version_is_told_once(
    house: House, source: str, name: str, version: str
) -> None:
    """An operator publishes what stands, and since the fact its item may have changed without news."""
    house.deliver(source, name, **{f"{version}Version": 3})
    (note,), sms = house.notes, list(house.sent["sms"])
    assert house.deliver(source, name, **{f"{version}Version": 5}) == 0
    assert (house.notes, house.sent["sms"]) == ([note], sms)


def test_the_same_status_again_is_news_and_what_was_between_is_not(house: House) -> None:
    for name, version in [("UserSuspended", 1), ("UserSuspended", 3), ("UserReinstated", 2)]:
        assert house.deliver("users", name, statusVersion=version) == 0
    assert (house.note["template"], house.note["version"]) == ("ACCOUNT_SUSPENDED", 3)


def test_an_older_fact_about_a_payment_is_passed_over(house: House) -> None:
    assert house.deliver("payment", "WithdrawalCompleted", paymentVersion=5) == 0
    assert house.deliver("payment", "PaymentProgressed", paymentVersion=3) == 0
    assert house.deliver("payment", "DepositReversed") == 0
    assert house.deliver("payment", "DepositCompleted", paymentVersion=4) == 0
    assert {note["template"] for note in house.notes} == {"WITHDRAWAL_COMPLETED", "DEPOSIT_REVERSED"}
    assert len(house.sent["sms"]) == 2


def test_an_older_status_is_passed_over(house: House) -> None:
    for name, facts in [("UserReinstated", {}), ("UserSuspended", {}), ("UserRegistered", {})]:
        assert house.deliver("users", name, **facts) == 0
    assert house.note["template"] == "ACCOUNT_REINSTATED"
    assert len(house.sent["sms"]) == 1


def test_a_message_that_was_overtaken_is_not_sent(house: House) -> None:
    house.fails["sms"] = throttle
    house.deliver("payment", "DepositFailed", paymentVersion=3)
    house.fails.clear()
    assert house.hand_over("payment", "DepositCompleted", paymentVersion=4) == 0
    assert house.hand_over("payment", "DepositFailed", paymentVersion=3) == 0
    house.pump(tries=3)
    ((_, text),) = house.sent["sms"]
    assert "received" in text
    assert not house.waiting["sms"]


def test_an_unknown_player_is_tried_again_and_nothing_is_kept(house: House) -> None:
    house.contact = {}
    assert house.deliver("users", "UserRegistered") == 1
    assert not house.notes


def test_an_event_of_an_unknown_version_goes_back_to_the_queue(house: House) -> None:
    event = {
        "source": "betsafi.bet",
        "detail-type": "BetCancelled",
        "detail": {"id": "e", "time": "2026-11-01T00:00:00Z", "version": 2, "data": {}},
    }
    answer = house.doors["consumer"].handler({"Records": [{"messageId": "m", "body": json.dumps(event)}]})
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m"}]}
    assert not house.notes


@pytest.mark.parametrize("trouble", [None, refuse, throttle])
def test_no_phone_number_is_kept_or_logged(house: House, trouble: Any, logged: io.StringIO) -> None:
    if trouble:
        house.fails["sms"] = trouble
    house.deliver("payment", "WithdrawalCompleted")
    assert "messages handled" in logged.getvalue()
    assert PHONE not in json.dumps([house.items, house.events]) + logged.getvalue()
