"""The desks of who works here, as `make up` serves them, in a real browser: games, players, and what two approve."""

import uuid
from collections.abc import Callable, Iterator
from threading import Event

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from betsafi.money import format_amount
from localcloud.cloud.running import Cloud, post_json
from localcloud.demo import staff
from localcloud.demo.app import App
from localcloud.demo.seed import signed_in
from localcloud.journey.asking import BET, PLACE_BET, SET_ODDS, WITHDRAW, money, odds_input
from tests.browser import conftest as browsers
from tests.e2e import test_app
from tests.e2e.conftest import balance, funded, new_player, opened, verified
from tests.e2e.test_app import PHONE, game, serious, shillings
from tests.e2e.test_operators import PROPOSE
from tests.e2e.test_payment import account_of, paid_unasked, pay_bill
from tests.support.taxes import credited, returned
from tests.support.waiting import eventually
from tools.sign_in import totp

WIDE = {"width": 1280, "height": 900}

address = test_app.address
Desk = Callable[..., Page]


@pytest.fixture
def desk(cloud: Cloud, address: str, chromium: Browser) -> Iterator[Desk]:
    """Return how somebody of the staff sits down: signed in, at their desk's first page."""
    pages: list[Page] = []

    def sit_down(email: str, **how: object) -> Page:
        page = chromium.new_context(**{"viewport": WIDE, "locale": "en-KE", **how}).new_page()
        page.set_default_timeout(browsers.PATIENCE_MS)
        pages.append(page)
        page.goto(f"{address}/desk")
        page.get_by_label("E-mail").fill(email)
        page.get_by_label("Password").fill(staff.PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_label("Code").fill(totp(staff.secrets_of(cloud)[email]))
        page.get_by_role("button", name="Continue").click()
        expect(page.get_by_role("navigation", name="Desks")).to_be_visible()
        return page

    yield sit_down
    for page in pages:
        page.context.close()


def give(page: Page, what: str, button: str, reason: str) -> None:
    """Open what is folded, say why, and send it."""
    page.get_by_text(what, exact=True).click()
    form = page.locator("form").filter(has=page.get_by_role("button", name=button))
    form.get_by_role("textbox").last.fill(reason)
    form.get_by_role("button", name=button).click()


def test_a_trader_prices_suspends_and_settles_a_game_with_another_and_the_bet_is_paid(
    cloud: Cloud, trader: App, desk: Desk
) -> None:
    market, player = game(trader), funded(cloud)
    fixture = market.partition("/")[0]
    pick = {"marketId": market, "selectionId": f"{market}/1", "odds": "2.50"}
    slip = {"clientRequestId": uuid.uuid4().hex, "stake": money("100"), "selections": [pick]}
    bet = player.ask(PLACE_BET, input=slip)["id"]

    page = desk("trader1@staff.example")
    assert serious(page) == []
    page.get_by_label("Search a team").fill("safi")
    page.locator(f"a[href='/desk/games/{fixture}']").click()
    card = page.locator(f"[data-market='{market}']")
    card.get_by_text("Exposure", exact=True).click()
    expect(card.get_by_role("row", name="1 KES 250 ")).to_be_visible()
    assert serious(page) == []

    reprice_against_another(cloud, page, market)
    card.get_by_text("Exposure", exact=True).click()  # away, so that nothing else in the card asks
    page.context.set_offline(True)
    expect(page.get_by_text("You are offline")).to_be_visible()
    card.get_by_role("button", name="Suspend").click()
    expect(card.get_by_role("alert")).to_contain_text("could not be reached")  # nor is it sent later
    page.context.set_offline(False)
    card.get_by_role("button", name="Suspend").click()
    expect(card.get_by_text("Suspended", exact=True)).to_be_visible()
    give(page, "Change its status", "Set the status", "kick-off")
    expect(page.get_by_text("It is Live now.")).to_be_visible()

    for minute in ("9", "44"):
        page.get_by_label("Minute", exact=True).fill(minute)
        page.get_by_role("button", name="Add it").click()
    for half in ("First half", "Second half"):
        page.get_by_label(f"{half} has ended").check()
    page.get_by_role("button", name="Settle from this record").click()
    handed_over = page.get_by_role("link", name="this record’s address").get_attribute("href")
    assert serious(page) == []

    other = desk("trader2@staff.example", viewport=PHONE, color_scheme="dark")
    other.goto(f"{page.url.partition('/desk')[0]}{handed_over}")
    expect(other.get_by_text("Safi United 2 – 0 Nyota Stars")).to_be_visible()
    assert serious(other) == []
    other.get_by_role("button", name="Settle from this record").click()
    expect(other.locator("[aria-label='Match record'] .notice.good")).to_be_visible()
    paid = eventually(lambda: had if (had := player.ask(BET, id=bet))["payout"] else None, "the paid bet")
    assert (paid["outcome"], paid["payout"]["amount"]) == ("WON", "250.00")


def reprice_against_another(cloud: Cloud, page: Page, market: str) -> None:
    """Type odds while another trader moves the market: refused until it was looked at again."""
    card, held, looks = page.locator(f"[data-market='{market}']"), list[Route](), Event()

    def hold_back(route: Route) -> None:
        if "GameMarkets" in (route.request.post_data or "") and not looks.is_set():
            held.append(route)
        else:
            route.continue_()

    page.route("**/graphql", hold_back)  # the desk has not looked again yet
    card.get_by_label("2 · Nyota Stars").fill("2.95")
    other = signed_in(cloud, "trader", 1)
    other.ask(SET_ODDS, market=market, odds=odds_input({"1": "2.40", "2": "3.20", "3": "2.90"}))
    card.get_by_role("button", name="Set these odds").click()
    expect(card.get_by_role("alert")).to_contain_text("version 1 of the market; it has version 2 now")
    looks.set()
    for route in held:
        route.continue_()
    card.get_by_role("button", name="Mine hold for version 2 too").click()
    card.get_by_role("button", name="Set these odds").click()
    expect(card.get_by_text("version 3")).to_be_visible()
    expect(card.get_by_label("2 · Nyota Stars")).to_have_value("2.95")


def test_support_gives_money_to_its_player_and_stops_an_account_with_a_reason(cloud: Cloud, desk: Desk) -> None:
    payer = opened(new_player(cloud))
    receipt = paid_unasked(cloud, payer, 400)

    page = desk("support1@staff.example", viewport=PHONE)
    expect(page.get_by_text("No withdrawal waits for approval")).to_be_visible()
    assert serious(page) == []
    page.get_by_role("button", name="Nobody’s yet").click()
    waiting = page.get_by_role("listitem").filter(has_text=receipt)
    waiting.get_by_text("Give it to a player").click()
    waiting.get_by_label("The player’s account number").fill("1")
    waiting.get_by_label("Why", exact=True).fill("Named by the payer")
    waiting.get_by_role("button", name="Assign it").click()
    expect(waiting.get_by_role("alert")).to_contain_text("INVALID_INPUT")
    assert serious(page) == []
    waiting.get_by_label("The player’s account number").fill(account_of(payer))
    waiting.get_by_role("button", name="Assign it").click()
    expect(waiting).to_have_count(0)

    page.get_by_role("link", name="Players").click()
    page.get_by_label("A player’s id").fill(payer.user_id)
    page.get_by_role("button", name="Look").click()
    expect(page.get_by_text(shillings(credited(400_00))).first).to_be_visible()
    give(page, "Stop the account", "Stop the account", "papers do not match")
    expect(page.get_by_text("To be decided by")).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text="suspendUser")).to_contain_text("papers do not match")
    assert serious(page) == []
    give(page, "End the stop", "End the stop", "they match after all")
    expect(page.get_by_text("Was stopped: Identity")).to_be_visible()
    page.goto(f"{page.url.partition('/desk')[0]}/desk/games")
    expect(page.get_by_text("This desk is not for your groups")).to_be_visible()


def test_administrators_approve_a_withdrawal_and_an_adjustment_together(cloud: Cloud, desk: Desk) -> None:
    payer, admin = opened(new_player(cloud)), signed_in(cloud, "admin")
    post_json(f"{cloud.addresses.daraja}/_fake/phones/{payer.phone.lstrip('+')}", {"balance": "200000.00"})
    pay_bill(cloud, verified(payer), 150_000, account_of(payer))
    eventually(lambda: balance(payer) == (format_amount(credited(150_000_00)), "0.00"), "credit")
    withdrawal = payer.ask(WITHDRAW, id=uuid.uuid4().hex, amount=money("70000.00"))
    given = {"id": uuid.uuid4().hex, "user": payer.user_id, "amount": money("5.00"), "direction": "CREDIT"}
    assert admin.ask(PROPOSE, **given)["status"] == "PROPOSED"

    page = desk("admin2@staff.example")
    waiting = page.locator(f"[data-payment='{withdrawal['id']}']")
    waiting.get_by_text("Approve", exact=True).click()
    waiting.get_by_label("Let it go: why").fill("Papers are right")
    waiting.get_by_role("button", name="Let it go").click()
    expect(waiting.get_by_text("a second person has to send the same")).to_be_visible()
    assert serious(page) == []
    approve = 'mutation($id: ID!) { approveWithdrawal(id: $id, reason: "Papers are right") { status } }'
    assert admin.ask(approve, id=withdrawal["id"]) == {"status": "DONE"}

    page.get_by_role("link", name="Approvals and trail").click()
    proposed = page.get_by_role("listitem").filter(has=page.locator(f"a[href='/desk/players/{payer.user_id}']"))
    proposed.filter(has_text="KES 5.00").get_by_role("button", name="Approve it too").click()
    left = credited(150_000_00) - 70_000_00 + returned(70_000_00) + 5_00
    eventually(lambda: balance(payer) == (format_amount(left), "0.00"), "the withdrawal and the adjustment")
    page.get_by_role("button", name="All that was done").click()
    expect(page.get_by_role("listitem").filter(has_text="approveWithdrawal").first).to_be_visible()
    assert serious(page) == []
