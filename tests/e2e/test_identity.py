"""Devices, another number, a document and terms, through the deployed triggers and functions."""

import secrets
import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.cloud.running import Cloud, post_json
from localcloud.demo.app import App
from localcloud.demo.seed import code_from_sms, new_app, wait_for_code
from localcloud.journey.asking import PLACE_BET, money, new_phone
from tests.e2e.conftest import SUBMIT, new_market, opened
from tests.support.waiting import eventually

DEVICES = "query { devices { id name current signedOutAt } }"
SIGN_OUT = "mutation($id: ID!) { signOutDevice(id: $id) { id signedOutAt } }"
CHANGE = "mutation($number: String!) { changePhone(newNumber: $number) }"
CONFIRM = """mutation($old: String!, $new: String!) {
  confirmPhoneChange(oldCode: $old, newCode: $new) { id phoneNumber } }"""
IDENTITY = "query { identity { state reasons allowed { betADay { amount } } } }"
TERMS = "query { terms { terms privacy due } }"
ACCEPT = "mutation($terms: AWSDate!, $privacy: AWSDate!) { acceptTerms(terms: $terms, privacy: $privacy) { due } }"


def on_device(cloud: Cloud, phone: str, password: str = "") -> App:
    """Return an app with a device of its own."""
    app = new_app(cloud, phone, password)
    app.device_id = secrets.token_urlsafe(16)
    return app


def joined(cloud: Cloud) -> App:
    """Return the app of a new player on their first device, with a password."""
    app = on_device(cloud, new_phone())
    app.sign_up()
    app.confirm(wait_for_code(cloud, app.phone))
    return app


def another_code(cloud: Cloud, phone: str, used: str) -> str:
    """Return the newest code. Raises LookupError while it is the one that was used."""
    if (code := code_from_sms(cloud, phone)) == used:
        raise LookupError("the code of before")
    return code


def test_a_new_device_asks_for_the_password_after_the_code_and_is_signed_out_from_another(cloud: Cloud) -> None:
    first = joined(cloud)
    used = wait_for_code(cloud, first.phone)
    second = on_device(cloud, first.phone, first.password)
    second.ask_code()
    assert second.step == "CODE"
    code = eventually(lambda: another_code(cloud, first.phone, used), "another code", LookupError)
    assert not second.answer_code(code)
    assert second.step == "SECOND"
    assert not second.answer_code("not the password")
    assert second.answer_code(first.password)
    listed = {one["current"]: one["id"] for one in second.ask(DEVICES)}
    assert len(second.ask(DEVICES)) == 2
    second.refresh()
    assert {one["current"]: one["id"] for one in second.ask(DEVICES)} == listed, "the new token names the device too"
    with pytest.raises(ClientError, match="DEVICE_NEEDED"):
        second.sign_in()
    first.ask(SIGN_OUT, id=listed[True])
    with pytest.raises(ClientError, match="SIGNED_OUT"):
        second.refresh()
    first.refresh()
    assert [one["current"] for one in first.ask(DEVICES) if one["signedOutAt"] is None] == [True]


def test_a_player_takes_another_number_and_signs_in_with_it(cloud: Cloud) -> None:
    player, new = joined(cloud), new_phone()
    old = player.phone
    assert player.ask(CHANGE, number=new)
    codes = {"old": wait_for_code(cloud, old, "takes"), "new": wait_for_code(cloud, new, "puts")}
    assert player.ask(CONFIRM, **codes) == {"id": player.user_id, "phoneNumber": new}
    again = new_app(cloud, new)
    again.device_id = player.device_id

    def signs_in() -> bool:
        again.ask_code()  # which sends none before the pool knows the number
        return again.answer_code(code_from_sms(cloud, new))

    eventually(signs_in, "a sign-in with the new number", LookupError, ClientError)
    assert again.user_id == player.user_id


def decided(player: App) -> dict[str, Any]:
    """Return how an identity stands once the register answered."""

    def answer() -> dict[str, Any]:
        found: dict[str, Any] = player.ask(IDENTITY)
        return found if found["state"] != "PENDING" else {}

    return eventually(answer, "the register's answer")


def test_a_player_is_verified_by_the_register_and_another_is_not(cloud: Cloud) -> None:
    numbers = [str(10_000_000 + secrets.randbelow(10**7)) for _ in range(2)]
    post_json(f"{cloud.addresses.registers}/identity/_fake/scripts", {"number": numbers[1], "answer": "UNKNOWN"})
    known, unknown, other = joined(cloud), joined(cloud), joined(cloud)
    for player, number in zip((known, unknown), numbers, strict=True):
        given = {"documentKind": "NATIONAL_ID", "number": number, "firstName": "Amina", "lastName": "Otieno"}
        assert player.ask(SUBMIT, input={**given, "birthdate": "1990-06-15"})["state"] == "PENDING"
    for player, ends in ((known, ("VERIFIED", [])), (unknown, ("REJECTED", ["DOCUMENT_UNKNOWN"]))):
        found = decided(player)
        assert (found["state"], found["reasons"]) == ends
    taken = {"documentKind": "NATIONAL_ID", "number": numbers[0], "firstName": "B", "lastName": "C"}
    assert other.ask(SUBMIT, input={**taken, "birthdate": "1990-06-15"})["state"] == "PENDING"
    assert decided(other)["reasons"] == ["DOCUMENT_TAKEN"]
    assert known.ask(IDENTITY)["allowed"]["betADay"] is None


def test_a_player_accepts_the_terms_in_force_before_the_first_bet(cloud: Cloud, trader: App) -> None:
    player, market = on_device(cloud, new_phone()), new_market(trader, f"terms-{uuid.uuid4().hex[:8]}")
    player.sign_up()
    assert player.answer_code(wait_for_code(cloud, player.phone))
    found = opened(player).ask(TERMS)
    assert found["due"]
    pick = {"marketId": market, "selectionId": f"{market}/1", "odds": "3.00"}
    bet = {"stake": money("20"), "selections": [pick]}
    refused = player.refusal(PLACE_BET, input={**bet, "clientRequestId": uuid.uuid4().hex})
    assert refused.type == "TERMS_NOT_ACCEPTED"
    assert player.refusal(ACCEPT, terms="2020-01-01", privacy="2020-01-01").type == "TERMS_OUTDATED"
    assert player.ask(ACCEPT, terms=found["terms"], privacy=found["privacy"]) == {"due": False}
    refused = player.refusal(PLACE_BET, input={**bet, "clientRequestId": uuid.uuid4().hex})
    assert refused.type == "INSUFFICIENT_FUNDS"


def test_an_e_mail_address_is_proven_by_what_is_sent_there(cloud: Cloud) -> None:
    player, address = joined(cloud), f"{uuid.uuid4().hex}@example.com"
    assert player.ask("mutation($a: String!) { setEmail(email: $a) }", a=address)
    code = wait_for_code(cloud, address, "confirms")
    assert player.ask("mutation($c: String!) { confirmEmail(code: $c) { email } }", c=code) == {"email": address}
