"""A note goes out once, by the first channel that takes it; channels do not wait for each other."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.unit.notifications.house import EMAIL, House, Killed, refusal

DEPOSIT = ("payment", "DepositCompleted")
BET = ("bet", "BetAccepted")


def failing(code: str) -> Callable[[], None]:
    def fail() -> None:
        raise refusal(code)

    return fail


def test_a_throttled_sms_is_sent_when_it_comes_again(house: House) -> None:
    house.fails["sms"] = failing("Throttling")
    house.deliver(*DEPOSIT)
    assert house.note["delivery"] == "PENDING"
    assert len(house.waiting["sms"]) == 1
    house.fails.clear()
    house.pump(tries=2)
    assert (len(house.sent["sms"]), house.note["delivery"]) == (1, "SENT")


def test_a_crash_between_sending_and_marking_repeats_the_sms_and_does_not_lose_it(house: House) -> None:
    def die(request: dict[str, Any]) -> None:
        if request.get("ExpressionAttributeValues", {}).get(":delivery") == {"S": "SENT"}:
            raise Killed

    house.before_write = die
    house.deliver(*DEPOSIT)
    house.before_write = lambda request: None
    house.pump(tries=2)
    assert len(house.sent["sms"]) == 1, "whoever had it may still be at it"
    house.later(seconds=61)
    house.pump(tries=3)
    assert (len(house.sent["sms"]), house.note["delivery"]) == (2, "SENT")


def test_a_message_that_its_queue_hands_out_twice_is_sent_once(house: House) -> None:
    house.hand_over(*DEPOSIT)
    house.stream()
    (message,) = house.waiting["sms"]
    house.waiting["sms"].append({**message})
    house.pump()
    assert len(house.sent["sms"]) == 1


def test_two_functions_at_once_send_a_note_once(house: House) -> None:
    house.hand_over(*DEPOSIT)
    house.stream()
    (message,) = house.waiting["sms"]

    def meanwhile() -> None:
        house.fails.clear()
        assert house._handle("sms", message["body"]) == 1, "it comes again, for the other may fail"

    house.fails["sms"] = meanwhile
    house.pump()
    assert len(house.sent["sms"]) == 1


def test_a_stream_batch_that_comes_again_sends_nothing_again(house: House) -> None:
    house.hand_over(*DEPOSIT)
    changes = list(house._changes)
    house.pump()
    house._changes = changes
    house.pump()
    assert len(house.sent["sms"]) == 1


def test_a_number_refused_for_good_is_not_tried_again(house: House) -> None:
    house.fails["sms"] = failing("OptedOut")
    house.deliver(*DEPOSIT)
    assert (house.note["delivery"], house.note["failure"]) == ("FAILED", "OptedOut")
    house.fails.clear()
    house.deliver(*DEPOSIT)
    assert not house.sent["sms"]
    assert [event["type"] for event in house.events] == ["NotificationSent", "NotificationFailed"]
    assert house.events[1]["reason"] == "OptedOut"


def test_what_a_channel_refuses_for_good_is_the_next_one_s_at_once(house: House) -> None:
    house.register("token-of-a-phone")
    house.choose("MONEY", "PUSH")
    house.fails["push"] = failing("EndpointDisabled")
    house.deliver(*DEPOSIT)
    assert (house.note["channel"], house.note["delivery"]) == ("SMS", "SENT")
    assert len(house.sent["sms"]) == 1


def test_a_carrier_that_is_down_is_tried_for_two_minutes_before_the_next_channel(house: House) -> None:
    house.register("token-of-a-phone")
    house.choose("MONEY", "PUSH", "SMS")
    house.fails["push"] = failing("InternalError")
    house.deliver(*DEPOSIT)
    house.pump(tries=5)
    assert (house.note["channel"], house.note["delivery"]) == ("PUSH", "PENDING")
    house.pump(tries=6)
    assert (house.note["channel"], house.note["delivery"]) == ("SMS", "SENT")
    assert not house.waiting["push"]
    assert (len(house.sent["push"]), len(house.sent["sms"])) == (0, 1)


def test_the_last_channel_is_tried_until_its_queue_gives_up(house: House) -> None:
    house.fails["sms"] = failing("Throttling")
    house.deliver(*DEPOSIT)
    house.pump(tries=59)
    assert len(house.waiting["sms"]) == 1, "its queue has it still, and will put it with the dead letters"
    assert house.note["delivery"] == "PENDING"


def test_a_carrier_that_is_down_keeps_nobody_elses_messages(house: House) -> None:
    house.contact["email"] = EMAIL
    house.choose("BETS", "EMAIL")
    house.fails["sms"] = failing("Throttling")
    house.deliver(*DEPOSIT)
    house.deliver(*BET)
    assert house.sent["email"] == [(EMAIL, "Bet accepted", house.items_of("bet:b")["text"])]
    assert len(house.waiting["sms"]) == 1


def test_an_unfit_answer_of_users_is_tried_again_and_the_note_stays_free(house: House) -> None:
    house.hand_over(*DEPOSIT)
    contact, house.contact = house.contact, {}
    house.pump()
    assert house.note["delivery"] == "PENDING"
    house.contact = contact
    house.pump(tries=2)
    assert house.note["delivery"] == "SENT"


def test_bets_wait_for_the_morning_and_money_does_not(house: House) -> None:
    house.quiet("21:00-07:00")
    house.now = datetime(2026, 11, 27, 18, 30, tzinfo=UTC)  # half past nine in Nairobi
    house.choose("BETS", "SMS")
    house.deliver(*BET)
    house.deliver(*DEPOSIT)
    assert [("received" in text) for _, text in house.sent["sms"]] == [True]
    assert house.items_of("bet:b")["delivery"] == "PENDING"
    assert len(house.events) == 2, "the app hears of both at once"
    hops = 0
    while len(house.sent["sms"]) == 1:
        (due, _, _) = house.kept_back[0]
        house.later(seconds=(due - house.now).total_seconds())
        hops += 1
    assert house.now == datetime(2026, 11, 28, 4, 0, tzinfo=UTC)
    assert hops == 38, "a queue keeps a message back for a quarter of an hour"
    assert house.items_of("bet:b")["delivery"] == "SENT"


def test_of_what_waits_for_the_morning_the_newest_alone_goes_out(house: House) -> None:
    house.quiet("21:00-07:00")
    house.now = datetime(2026, 11, 27, 20, 0, tzinfo=UTC)
    house.choose("BETS", "SMS")
    house.deliver(*BET, betVersion=2)
    house.deliver("bet", "BetSettled", betVersion=3)
    while house.kept_back:
        house.later(minutes=15)
    ((_, text),) = house.sent["sms"]
    assert "has won" in text


def test_a_player_is_sent_so_many_messages_of_a_category_a_day(house: House) -> None:
    house.limit("BETS", 2)
    house.choose("BETS", "SMS")
    for bet in "abc":
        house.deliver(*BET, betId=bet)
    house.deliver(*DEPOSIT)
    assert len(house.sent["sms"]) == 3
    note = house.items_of("bet:c")
    assert (note["channel"], note["delivery"], note["failure"]) == ("INBOX", "KEPT", "LIMIT")
    house.later(days=1)
    house.deliver(*BET, betId="d")
    assert house.items_of("bet:d")["delivery"] == "SENT"


def test_a_message_that_is_tried_again_counts_once(house: House) -> None:
    house.limit("BETS", 2)
    house.choose("BETS", "SMS")
    house.fails["sms"] = failing("Throttling")
    house.deliver(*BET, betId="a")
    house.pump(tries=9)
    house.fails.clear()
    house.pump(tries=10)
    house.deliver(*BET, betId="b")
    assert len(house.sent["sms"]) == 2


@pytest.mark.parametrize("code", ["AccessDenied", "AuthorizationError"])
def test_a_carrier_that_refuses_us_is_reported_and_tried_again(
    house: House, code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    house.fails["sms"] = failing(code)
    house.deliver(*DEPOSIT)
    assert '"ConfigurationRefused"' in capsys.readouterr().out
    assert house.note["delivery"] == "PENDING"


def test_an_older_note_from_before_the_channels_is_read_as_it_was(house: House) -> None:
    house.deliver(*BET, betVersion=2)
    old = {**house.note, "delivery": "SENT"}
    for name in ("words",):
        old.pop(name)
    house.put(old)
    assert [note["id"] for note in house.ask("Query", "notifications")["data"]["items"]] == ["bet:b.2"]
    house.deliver("bet", "BetSettled", betVersion=3)
    assert house.note["template"] == "BET_WON"
