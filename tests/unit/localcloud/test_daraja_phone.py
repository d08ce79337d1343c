"""The phone page: what a person sees and presses, with plain forms as without JavaScript."""

import re
from typing import Any

import requests

PHONE = "254712345678"


def test_a_person_sees_the_prompt_types_the_pin_and_reads_the_sms(daraja: Any):
    daraja.push(Amount=1250, AccountReference="BET<100>")
    page = requests.get(f"{daraja.url}/phone/{PHONE}", timeout=60).text
    assert "KES 1,250" in page
    assert "BET&lt;100&gt;" in page
    action = re.search(r'action="(/phone/\d+/prompts/[^"]+)"', page)
    assert action
    after = requests.post(daraja.url + action[1], data={"pin": "1234", "action": "approve"}, timeout=60)
    assert after.url.endswith(f"/phone/{PHONE}")
    assert "Nothing to approve." in after.text
    assert "Ksh1,250.00 sent to BETSAFI" in after.text
    assert daraja.settled("/cb/s/1")[0].json["Body"]["stkCallback"]["ResultCode"] == 0
    # The same press again finds the prompt gone and changes nothing.
    assert requests.post(daraja.url + action[1], data={"action": "approve"}, timeout=60).status_code == 200
    assert daraja.control("/books")["totals"]["stkReceived"] == "1250.00"


def test_another_phone_cannot_press_this_phones_buttons(daraja: Any):
    checkout = daraja.push().json()["CheckoutRequestID"]
    url = f"{daraja.url}/phone/254711111111/prompts/{checkout}"
    requests.post(url, data={"action": "cancel"}, timeout=60)
    assert len(daraja.control(f"/prompts?phone={PHONE}")["prompts"]) == 1


def test_the_fragment_changes_its_version_only_with_its_content(daraja: Any):
    def version() -> str:
        return str(requests.get(f"{daraja.url}/phone/{PHONE}/screen", timeout=60).headers["X-Screen"])

    before = version()
    assert version() == before
    daraja.push()
    assert version() != before


def test_a_person_can_pay_the_paybill(daraja: Any):
    url = f"{daraja.url}/phone/{PHONE}/paybill"
    requests.post(url, data={"amount": "300", "account": "BET100"}, timeout=60)
    requests.post(url, data={"amount": "-1", "account": "BET100"}, timeout=60)
    assert daraja.control("/books")["totals"]["c2bReceived"] == "300.00"


def test_a_number_that_is_none_has_no_phone(daraja: Any):
    assert requests.get(f"{daraja.url}/phone/0712", timeout=60).status_code == 404
    assert "0712" not in daraja.control("/books")["phones"]
