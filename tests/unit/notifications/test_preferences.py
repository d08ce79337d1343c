"""Players choose how messages reach them; some always do, and offers never reach who did not ask or may not play."""

from typing import Any

import pytest

from notifications.categories import RULES, route
from tests.unit.notifications.house import EMAIL, PHONE, House

DEPOSIT, BET = ("payment", "DepositCompleted"), ("bet", "BetAccepted")
TOKEN = "token-of-a-phone-1"


def chosen(answer: dict[str, Any]) -> dict[str, list[str]]:
    return {each["category"]: each["channels"] for each in answer["data"]["categories"]}


def test_who_chose_nothing_has_sms_for_money_and_push_for_bets(house: House) -> None:
    answer = house.ask("Query", "messagePreferences")
    assert chosen(answer) == {
        "BETS": ["PUSH"],
        "MONEY": ["SMS"],
        "SECURITY": ["SMS", "EMAIL"],
        "LAW": ["SMS", "EMAIL"],
        "OFFERS": ["PUSH"],
        "REMINDERS": ["PUSH"],
    }
    assert (answer["data"]["offersConsent"], answer["data"]["devices"]) == (False, 0)
    assert {each["category"] for each in answer["data"]["categories"] if each["fixed"]} == {"SECURITY", "LAW"}


def test_bets_go_to_the_apps_of_a_player_who_has_some(house: House) -> None:
    house.deliver(*BET, betId="before")
    house.register(TOKEN)
    house.deliver(*BET)
    ((endpoint, message),) = house.sent["push"]
    assert endpoint == f"arn:endpoint/{TOKEN}"
    assert '"title": "Bet accepted"' in message["GCM"]
    assert '"notificationId": "bet:b.0"' in message["APNS"]
    assert PHONE not in str(message)
    assert not house.sent["sms"]


def test_what_is_chosen_counts_from_the_next_message_on(house: House) -> None:
    house.contact["email"] = EMAIL
    house.choose("BETS", "SMS")
    house.choose("MONEY", "EMAIL", "SMS")
    house.deliver(*BET)
    house.deliver(*DEPOSIT)
    assert len(house.sent["sms"]) == len(house.sent["email"]) == 1
    assert chosen(house.ask("Query", "messagePreferences"))["BETS"] == ["SMS"]
    house.choose("BETS")
    house.deliver(*BET, betId="c")
    assert len(house.sent["sms"]) == 1


def test_money_without_an_address_still_reaches_the_phone(house: House) -> None:
    house.choose("MONEY", "EMAIL", "PUSH")
    house.deliver(*DEPOSIT)
    assert (house.note["channel"], len(house.sent["sms"])) == ("SMS", 1)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"categories": [{"category": "MONEY", "channels": []}]}, "CANNOT_SWITCH_OFF"),
        ({"categories": [{"category": "MONEY", "channels": ["INBOX"]}]}, "CANNOT_SWITCH_OFF"),
        ({"categories": [{"category": "SECURITY", "channels": ["PUSH"]}]}, "CATEGORY_FIXED"),
        ({"categories": [{"category": "LAW", "channels": []}]}, "CATEGORY_FIXED"),
        ({"categories": [{"category": "NEWS", "channels": []}]}, "INVALID_INPUT"),
        ({"categories": [{"category": "BETS", "channels": ["FAX"]}]}, "INVALID_INPUT"),
        ({"categories": [{"category": "BETS", "channels": ["SMS", "SMS"]}]}, "INVALID_INPUT"),
        ({"categories": [{"category": "BETS", "channels": "SMS"}]}, "INVALID_INPUT"),
        ({"categories": [{"category": "BETS", "channels": ["SMS"]}] * 2}, "INVALID_INPUT"),
        ({"categories": ["BETS"]}, "INVALID_INPUT"),
        ({"categories": "BETS"}, "INVALID_INPUT"),
        ({"offersConsent": "yes"}, "INVALID_INPUT"),
        ("SMS", "INVALID_INPUT"),
        (None, "INVALID_INPUT"),
    ],
)
def test_what_cannot_be_chosen_is_refused_and_nothing_of_it_kept(house: House, given: Any, code: str) -> None:
    if isinstance(given, dict) and isinstance(given.get("categories"), list):
        given["categories"] = [{"category": "REMINDERS", "channels": ["SMS"]}, *given["categories"]]
    answer = house.ask("Mutation", "setMessagePreferences", input=given)
    assert answer["error"]["type"] == code
    assert house.items == []


def test_categories_that_are_not_named_stay(house: House) -> None:
    house.choose("BETS", "SMS")
    house.choose("REMINDERS", "EMAIL", "PUSH")
    answer = house.ask("Mutation", "setMessagePreferences", input={"offersConsent": True})
    assert (chosen(answer)["BETS"], chosen(answer)["REMINDERS"]) == (["SMS"], ["EMAIL", "PUSH"])
    assert answer["data"]["offersConsentAt"].startswith("2026-11-27T09:00:00")


def test_to_choose_nothing_writes_nothing(house: House) -> None:
    assert "data" in house.ask("Mutation", "setMessagePreferences", input={"categories": []})
    assert house.items == []


def test_an_app_is_one_player_s_at_a_time(house: House) -> None:
    house.register(TOKEN)
    house.register("token-of-a-tablet")
    assert house.register(TOKEN, "v")["data"]["devices"] == 1
    assert house.ask("Query", "messagePreferences")["data"]["devices"] == 1
    house.deliver(*BET)
    house.deliver(*BET, userId="v")
    assert [endpoint for endpoint, _ in house.sent["push"]] == [
        "arn:endpoint/token-of-a-tablet",
        f"arn:endpoint/{TOKEN}",
    ]


def test_forgetting_an_app_that_another_player_has_now_takes_it_from_nobody(house: House) -> None:
    house.register(TOKEN)
    house.register(TOKEN, "v")
    assert house.ask("Mutation", "forgetPushToken", token=TOKEN)["data"]["devices"] == 0
    house.deliver(*BET, userId="v")
    assert len(house.sent["push"]) == 1


def test_a_forgotten_app_gets_nothing_and_the_token_may_come_back(house: House) -> None:
    house.register(TOKEN)
    assert house.ask("Mutation", "forgetPushToken", token=TOKEN)["data"]["devices"] == 0
    house.deliver(*BET)
    assert not house.sent["push"]
    assert house.register(TOKEN)["data"]["devices"] == 1
    assert house.register(TOKEN)["data"]["devices"] == 1


def test_the_token_of_a_dead_device_is_forgotten_and_the_others_get_the_message(house: House) -> None:
    house.register(TOKEN)
    house.register("token-of-a-tablet")
    house.endpoints[f"arn:endpoint/{TOKEN}"] = "disabled"
    house.deliver(*BET)
    assert len(house.sent["push"]) == 1
    assert house.ask("Query", "messagePreferences")["data"]["devices"] == 1
    assert f"arn:endpoint/{TOKEN}" not in house.endpoints


def test_the_eleventh_app_is_refused(house: House) -> None:
    for n in range(10):
        assert house.register(f"token-of-a-phone-{n}")["data"]["devices"] == n + 1
    assert house.register("token-of-a-phone-10")["error"]["type"] == "TOO_MANY_DEVICES"
    assert "arn:endpoint/token-of-a-phone-10" not in house.endpoints, "SNS was asked for nothing"
    assert house.register("token-of-a-phone-3")["data"]["devices"] == 10


@pytest.mark.parametrize("token", ["", "short", "with blanks in it, as no token has", "x" * 1001, None, 7, ["t"]])
def test_what_cannot_be_a_token_is_refused(house: House, token: Any) -> None:
    for field in ("registerPushToken", "forgetPushToken"):
        answer = house.ask("Mutation", field, token=token, platform="ANDROID")
        assert answer["error"]["type"] == "INVALID_INPUT"
    assert house.items == []


def test_a_platform_that_is_not_set_up_is_said_to_be_ours_to_mend(house: House) -> None:
    answer = house.ask("Mutation", "registerPushToken", token=TOKEN, platform="IOS")
    assert answer["error"]["type"] == "CONFIGURATION"


def test_no_token_is_kept_as_it_was_given(house: House) -> None:
    house.register(TOKEN)
    # SNS's name for it stands in for the ARN here, which has no token in it.
    kept = [{**item, "endpoints": {}} for item in house.items]
    assert TOKEN not in str(kept)


def test_what_must_reach_its_player_always_has_a_phone_at_the_end() -> None:
    for category, rules in RULES.items():
        if rules.must_reach:
            assert route(category, {category: ["EMAIL"]}, {"SMS": True, "EMAIL": True})[-1:] in (("SMS",), ("EMAIL",))
            assert "SMS" in route(category, {category: ["EMAIL"]}, {"SMS": True, "EMAIL": True})


# -- offers


def offer(house: House, user_id: str = "u") -> None:
    house.offer(user_id)
    house.pump()


def test_offers_go_to_who_asked_for_them(house: House) -> None:
    house.choose("OFFERS", "SMS")
    offer(house)
    assert house.notes == []
    house.ask("Mutation", "setMessagePreferences", input={"offersConsent": True})
    offer(house)
    assert len(house.sent["sms"]) == 1
    house.ask("Mutation", "setMessagePreferences", input={"offersConsent": False})
    house.offer("u", version=2)
    house.pump()
    assert len(house.sent["sms"]) == 1


@pytest.mark.parametrize("why", ["excluded", "suspended"])
def test_no_offer_reaches_who_may_not_play_not_even_one_that_waited_for_the_morning(house: House, why: str) -> None:
    house.ask("Mutation", "setMessagePreferences", input={"offersConsent": True})
    house.choose("OFFERS", "SMS")

    def stop() -> None:
        if why == "excluded":
            house.protect("u", 1, "9999-12-31T00:00:00.000000Z")
        else:
            house.contact["status"] = "SUSPENDED"

    house.offer("u")
    stop()
    house.pump()
    assert not house.sent["sms"]
    assert (house.note["delivery"], house.note["failure"]) == ("KEPT", "NOT_WANTED")
    house.offer("u", version=2)
    house.pump()
    assert len(house.notes) == 1
    assert house.note["version"] == 1


def test_a_time_out_that_is_over_stops_no_offer(house: House) -> None:
    house.ask("Mutation", "setMessagePreferences", input={"offersConsent": True})
    house.choose("OFFERS", "SMS")
    house.protect("u", 1, "2026-11-27T08:59:59.000000Z")
    offer(house)
    assert len(house.sent["sms"]) == 1
