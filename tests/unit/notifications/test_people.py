"""What happens to a player as a person is told once, by SMS, in words that name it."""

from typing import Any

import pytest

from betsafi.errors import Erased
from tests.unit.notifications.house import FACTS, House

CHANGED = ("users", "UserProtectionChanged")
FOREVER = "9999-12-31T00:00:00.000000Z"


@pytest.mark.parametrize(
    ("facts", "template", "said"),
    [
        ({}, "LIMIT_SET", "Your daily deposit limit is KES 5000.00 from now on."),
        ({"changed": ["asked.loss_week"]}, "LIMIT_LOOSER_ASKED", "raise or remove your weekly loss limit."),
        ({"changed": ["loosened.deposit_day"]}, "LIMIT_RAISED", "your daily deposit limit is KES 5000.00"),
        ({"changed": ["loosened.stake_bet"]}, "LIMIT_REMOVED", "your stake limit a bet is removed"),
        ({"changed": ["limit.deposit_day", "asked.loss_day"]}, "LIMITS_CHANGED", "Several of your limits changed"),
        (
            {"changed": ["stop"], "stopKind": "TIME_OUT", "stoppedUntil": "2026-12-04T06:30:00Z"},
            "TIME_OUT_TAKEN",
            "until 04/12/2026 09:30.",
        ),
        ({"changed": ["stop"], "stopKind": "EXCLUSION", "stoppedUntil": FOREVER}, "EXCLUDED", "You are excluded"),
        (
            {"changed": ["lift"], "stopKind": "EXCLUSION", "stoppedUntil": "2027-05-28T21:00:00Z"},
            "EXCLUSION_ENDING",
            "ends at 29/05/2027 00:00.",
        ),
        ({"changed": ["register"], "stopKind": "REGISTER", "stoppedUntil": FOREVER}, "LISTED", "exclusion register"),
        ({"changed": ["register"]}, "UNLISTED", "no longer on the exclusion register"),
    ],
)
def test_a_change_of_protection_is_told_in_its_words(
    house: House, facts: dict[str, Any], template: str, said: str
) -> None:
    assert house.deliver(*CHANGED, **facts) == 0
    assert house.note["template"] == template
    assert said in house.note["text"]
    assert (house.note["channel"], len(house.sent["sms"])) == ("SMS", 1)


@pytest.mark.parametrize("changed", [[], ["cleared"], ["reality"]])
def test_what_the_player_knows_or_need_not_know_is_not_told(house: House, changed: list[str]) -> None:
    assert house.deliver(*CHANGED, changed=changed) == 0
    assert house.notes == []


def test_a_version_that_comes_again_or_late_is_not_told(house: House) -> None:
    stop = {"changed": ["stop"], "stopKind": "TIME_OUT"}
    house.deliver(*CHANGED, protectionVersion=5, stoppedUntil="2026-12-05T00:00:00Z", **stop)
    house.deliver(*CHANGED, protectionVersion=4, stoppedUntil="2026-12-04T00:00:00Z", **stop)
    house.deliver(*CHANGED, protectionVersion=5, stoppedUntil="2026-12-05T00:00:00Z", **stop)
    ((_, text),) = house.sent["sms"]
    assert "05/12/2026 03:00" in text


def test_a_limit_that_is_set_twice_is_told_twice(house: House) -> None:
    house.deliver(*CHANGED)
    house.deliver(*CHANGED, protectionVersion=4, limits={"deposit_day": 100_000})
    assert [("5000.00" in text, "1000.00" in text) for _, text in house.sent["sms"]] == [(True, False), (False, True)]


def test_no_offer_reaches_who_is_excluded_from_the_event_on(house: House) -> None:
    house.ask("Mutation", "setMessagePreferences", input={"offersConsent": True})
    house.choose("OFFERS", "SMS")
    house.deliver(*CHANGED, changed=["stop"], stopKind="EXCLUSION", stoppedUntil=FOREVER)
    house.sent["sms"].clear()
    house.offer("u")
    house.pump()
    house.deliver(*CHANGED, protectionVersion=2, changed=[])
    house.offer("u", version=2)
    house.pump()
    assert not house.sent["sms"], "an older version lets nobody in again"
    house.deliver(*CHANGED, protectionVersion=9, changed=["register"])
    house.offer("u", version=3)
    house.pump()
    assert len(house.sent["sms"]) == 2


def test_a_stop_with_a_deadline_says_by_when_it_is_decided(house: House) -> None:
    house.deliver("users", "UserSuspended", reasonCode="IDENTITY", deadline="2026-12-11")
    assert house.note["template"] == "ACCOUNT_STOPPED"
    assert "We decide by 11/12/2026." in house.note["text"]
    house.deliver("users", "UserSuspended", statusVersion=2, reasonCode="IDENTITY", deadline="2026-12-18")
    assert "18/12/2026" in house.note["text"]


def test_a_stop_that_holds_the_money_says_so_in_both_languages(house: House) -> None:
    stop = {"reasonCode": "LAW", "deadline": "2026-12-11", "moneyHeld": True}
    for version, (language, said) in enumerate((("en", "its money is held"), ("sw", "pesa haziwezi kutolewa")), 1):
        house.contact["language"] = language
        house.deliver("users", "UserSuspended", statusVersion=version, **stop)
        assert (house.note["template"], "11/12/2026" in house.note["text"]) == ("MONEY_HELD", True)
        assert said in house.note["text"]


def test_each_device_and_each_change_of_phone_is_told_and_a_repeat_is_not(house: House) -> None:
    for device in ("d", "e", "d"):
        house.deliver("users", "UserDeviceAdded", deviceId=device)
    for at in ("2026-11-27T08:00:00Z", "2026-11-27T09:00:00Z", "2026-11-27T08:00:00Z"):
        house.deliver("users", "UserPhoneChanged", changedAt=at)
    assert len(house.sent["sms"]) == 4
    assert "12:00" in house.items_of("phone")["text"]


def test_the_apps_of_who_was_erased_are_forgotten_here_and_with_sns_and_nobody_else_s(house: House) -> None:
    for token, user_id in (("token-of-a-phone-1", "u"), ("token-of-a-tablet", "u"), ("token-of-a-phone-2", "v")):
        house.register(token, user_id)
    for _ in range(2):
        assert house.deliver("users", "UserErased") == 0
        assert list(house.endpoints) == ["arn:endpoint/token-of-a-phone-2"]
    assert house.ask("Query", "messagePreferences")["data"]["devices"] == 0
    assert house.ask("Query", "messagePreferences", "v")["data"]["devices"] == 1
    assert not house.notes


def test_a_token_that_lives_on_brings_nothing_of_an_erased_player_back(house: House) -> None:
    house.register("token-of-a-phone-1")
    assert house.deliver("users", "UserErased") == 0
    for _ in range(2):
        assert house.register("token-of-a-phone-1")["error"]["type"] == "ERASED"
        chosen = house.ask("Mutation", "setMessagePreferences", input={"offersConsent": True})
        assert chosen["error"]["type"] == "ERASED"
        assert house.ask("Mutation", "forgetPushToken", token="token-of-a-phone-1")["data"]["devices"] == 0
        assert house.ask("Mutation", "markNotificationsRead", ids=["status.0"])["data"] == 0
    assert house.deliver("users", "UserProtectionChanged", protectionVersion=9, stoppedUntil=FOREVER) == 0
    assert house.deliver("users", "UserErased") == 0
    assert not house.endpoints
    assert all(set(item) <= {"pk", "sk", "version", "erased", "stopped"} for item in house.items), house.items
    assert not any(item.get("stopped") for item in house.items)
    assert house.register("token-of-a-phone-1", "v")["data"]["devices"] == 1, "the phone's next owner"


def test_an_app_that_is_registered_while_its_player_is_erased_is_forgotten(house: House) -> None:
    """The write of one that was let through before comes after the erasure: it meets what that left."""
    players, before = house.module("notifications.stores.players"), house.before_write
    house.choose("BETS", "SMS")

    def erase_first(request: dict[str, Any]) -> None:
        if "TransactItems" in request:
            house.before_write = before
            assert house.hand_over("users", "UserErased") == 0

    house.before_write = erase_first
    with pytest.raises(Erased):
        players.add_endpoint("u", "hash", "arn:endpoint")
    assert not [item for item in house.items if item["sk"] == "CLAIM" or item.get("endpoints")]


def test_the_claim_of_a_token_goes_with_its_app(house: House) -> None:
    def claims() -> list[str]:
        return [item["user_id"] for item in house.items if item["sk"] == "CLAIM"]

    for token, user_id in (("token-of-a-phone-1", "u"), ("token-of-a-tablet", "u"), ("token-of-a-phone-2", "v")):
        house.register(token, user_id)
    house.ask("Mutation", "forgetPushToken", token="token-of-a-phone-2")
    assert sorted(claims()) == ["u", "u", "v"], "another's stays"
    house.ask("Mutation", "forgetPushToken", token="token-of-a-tablet")
    assert sorted(claims()) == ["u", "v"]
    house.deliver("users", "UserErased")
    assert claims() == ["v"]


@pytest.mark.parametrize(("source", "name"), sorted(set(FACTS)))
def test_a_fact_about_who_was_erased_is_dropped_without_dead_letters(house: House, source: str, name: str) -> None:
    house.erase_at_users()
    assert house.deliver(source, name) == 0
    assert not house.notes
    assert not any(house.sent.values())


def test_who_is_known_to_be_erased_is_not_asked_for(house: House) -> None:
    house.deliver("users", "UserErased")
    house.asked.clear()
    assert house.deliver("bet", "BetSettled") == 0
    assert (house.asked, house.notes) == ([], [])


def test_a_message_that_waits_when_its_player_is_erased_is_not_sent_and_comes_again_never(house: House) -> None:
    house.hand_over("payment", "DepositCompleted")
    house.erase_at_users()
    house.pump(tries=3)
    assert not any(house.sent.values())
    assert not any(house.waiting.values())
    assert (house.note["delivery"], house.note["failure"]) == ("KEPT", "ERASED")
