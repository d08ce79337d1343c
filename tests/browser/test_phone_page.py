"""The phone page of the fake M-Pesa in a real browser, used as a person would."""

from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import PATIENCE_MS, Phone
from tests.support.daraja import Daraja

expect.set_options(timeout=PATIENCE_MS)


def callbacks(daraja: Daraja) -> list[Any]:
    """Return the result codes that the merchant was told, after the first came."""
    return [letter.json["Body"]["stkCallback"]["ResultCode"] for letter in daraja.settled("/cb/s/1")]


def test_a_person_reads_the_prompt_and_pays_with_the_pin(phone: Phone, daraja: Daraja):
    daraja.push(Amount=1250)
    phone.open()
    expect(phone.prompt).to_contain_text("KES 1,250")
    expect(phone.prompt).to_contain_text("BETSAFI, account BET100")
    phone.pay("1234")
    expect(phone.messages).to_contain_text("Ksh1,250.00 sent to BETSAFI for account BET100")
    expect(phone.prompt).to_have_count(0)
    expect(phone.page.get_by_test_id("last")).to_have_text("Last prompt: KES 1,250 for BET100: paid.")
    # The fee is on top.
    expect(phone.page.get_by_test_id("balance")).to_have_text("KES 98,735.00")
    assert callbacks(daraja) == [0]
    assert len(daraja.control("/deliveries")["deliveries"]) == 1


def test_the_pin_is_sent_with_the_enter_key(phone: Phone, daraja: Daraja):
    daraja.push()
    phone.open()
    phone.page.get_by_label("Enter M-PESA PIN").fill("1234")
    phone.page.keyboard.press("Enter")
    expect(phone.messages).to_contain_text("Ksh100.00 sent to BETSAFI")
    assert callbacks(daraja) == [0]


def test_a_prompt_appears_on_the_open_page_and_is_cancelled(phone: Phone, daraja: Daraja):
    phone.open()
    expect(phone.page.get_by_text("Nothing to approve.")).to_be_visible()
    daraja.push()
    expect(phone.prompt).to_be_visible()
    expect(phone.page.get_by_label("Enter M-PESA PIN")).to_be_focused()
    phone.page.get_by_role("button", name="Cancel").click()
    expect(phone.page.get_by_test_id("last")).to_contain_text("cancelled")
    expect(phone.messages).to_have_count(0)
    assert callbacks(daraja) == [1032]


def test_a_wrong_pin_is_told_and_no_money_moves(phone: Phone, daraja: Daraja):
    daraja.push()
    phone.open().pay("0000")
    expect(phone.messages).to_contain_text("Failed. You entered a wrong M-PESA PIN. Your money has not been moved.")
    expect(phone.page.get_by_test_id("balance")).to_have_text("KES 100,000.00")
    assert callbacks(daraja) == [2001]


def test_an_empty_pin_is_not_sent(phone: Phone, daraja: Daraja):
    daraja.push()
    phone.open()
    phone.page.get_by_role("button", name="Send").click()
    expect(phone.page.get_by_label("Enter M-PESA PIN")).to_be_focused()
    assert len(daraja.control("/prompts")["prompts"]) == 1


def test_a_prompt_that_expires_disappears_from_the_open_page(phone: Phone, daraja: Daraja):
    daraja.push()
    phone.open()
    expect(phone.prompt).to_be_visible()
    daraja.clock.advance(daraja.settings.prompt_lifetime_s)
    expect(phone.prompt).to_have_count(0)
    expect(phone.page.get_by_test_id("last")).to_contain_text("not answered in time")
    assert callbacks(daraja) == [1037]


def test_a_half_typed_pin_survives_a_message(phone: Phone, daraja: Daraja):
    daraja.push()
    phone.open()
    pin = phone.page.get_by_label("Enter M-PESA PIN")
    pin.fill("12")
    daraja.control("/c2b", {"phone": phone.number, "amount": 5, "account": "BET100"})
    expect(phone.messages).to_contain_text("Ksh5.00 sent to BETSAFI")
    expect(pin).to_have_value("12")
    expect(pin).to_be_focused()


def test_a_person_pays_the_paybill_with_an_account_number(phone: Phone, daraja: Daraja):
    phone.open()
    phone.page.get_by_text("Pay Bill 174379").click()
    phone.page.get_by_label("Account number").fill("BET7Q2")
    amount = phone.page.get_by_label("Amount (KES)")
    amount.fill("12.50")
    phone.page.get_by_role("button", name="Pay").click()
    assert daraja.control("/payments")["payments"] == []
    amount.fill("300")
    phone.page.get_by_role("button", name="Pay").click()
    expect(phone.messages).to_contain_text("Ksh300.00 sent to BETSAFI for account BET7Q2")
    paid = daraja.control("/payments")["payments"]
    assert [(row["account"], row["amount"], row["outcome"]) for row in paid] == [("BET7Q2", 300, "completed")]


def test_what_the_browser_let_through_is_refused_with_a_sentence(phone: Phone, daraja: Daraja):
    phone.expected = "400"
    phone.open()
    phone.page.get_by_text("Pay Bill 174379").click()
    phone.page.get_by_label("Account number").fill("BET100")
    phone.page.get_by_label("Amount (KES)").fill("250001")
    phone.page.get_by_role("button", name="Pay").click()
    expect(phone.page.get_by_role("alert")).to_contain_text("whole shillings from 1 to 250,000")
    assert daraja.control("/payments")["payments"] == []


@pytest.mark.parametrize("reference", ["<img src=x>", "<svg/onload>", '"><b>x</b>'])
def test_a_malicious_reference_is_only_text(phone: Phone, daraja: Daraja, reference: str):
    daraja.push(AccountReference=reference)
    phone.open()
    expect(phone.prompt).to_contain_text(f"account {reference}?")
    phone.pay("1234")
    expect(phone.messages).to_contain_text(f"for account {reference} on")
    assert phone.page.locator("img, svg, b").count() == 0


def test_a_malicious_account_or_name_runs_no_script(phone: Phone, daraja: Daraja):
    daraja.control(f"/phones/{phone.number}", {"name": "<script>window.ran=1</script>"})
    account = "<script>ran=1</script>"[:20]
    daraja.control("/c2b", {"phone": phone.number, "amount": 5, "account": "<img onerror=ran=1>"})
    phone.open()
    daraja.control("/c2b", {"phone": phone.number, "amount": 6, "account": account})
    expect(phone.messages).to_have_count(2)
    expect(phone.messages.first).to_contain_text(account)
    assert phone.page.evaluate("window.ran") is None
    assert phone.page.locator("script").count() == 1


def test_the_page_s_policy_stops_a_script_that_got_in(phone: Phone, daraja: Daraja):
    phone.open()
    script = "const s = document.createElement('script'); s.textContent = 'window.ran = 1'; document.body.append(s);"
    phone.expected = "Content Security Policy"
    with phone.page.expect_console_message(lambda said: phone.expected in said.text):
        phone.page.evaluate(f"() => {{ {script} }}")
    assert phone.page.evaluate("window.ran") is None


def test_it_fits_a_small_phone_and_every_input_has_a_label(phone: Phone, daraja: Daraja):
    daraja.push(Amount=250000, AccountReference="W" * 12)
    daraja.control("/c2b", {"phone": phone.number, "amount": 5, "account": "W" * 20})
    phone.open()
    phone.page.get_by_text("Pay Bill 174379").click()
    assert phone.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    labels = phone.page.evaluate("[...document.querySelectorAll('input')].map(input => input.labels.length)")
    assert labels == [1, 1, 1]
    heights = phone.page.evaluate("[...document.querySelectorAll('button')].map(b => b.getBoundingClientRect().height)")
    assert len(heights) == 3
    assert min(heights) >= 44
    assert phone.page.evaluate("document.documentElement.lang") == "en"
    assert phone.page.get_by_role("heading", level=1).count() == 1


def test_it_works_without_javascript(chromium: Browser, daraja: Daraja):
    context = chromium.new_context(java_script_enabled=False)
    context.set_default_timeout(PATIENCE_MS)
    phone = Phone(context.new_page(), daraja.url)
    daraja.push()
    phone.open().pay("1234")
    expect(phone.messages).to_contain_text("Ksh100.00 sent to BETSAFI")
    context.close()


def test_a_number_that_is_none_says_so(phone: Phone, daraja: Daraja):
    phone.expected = "404"
    phone.page.goto(f"{daraja.url}/phone/0712")
    expect(phone.page.get_by_text("This is not a Kenyan mobile number.")).to_be_visible()
