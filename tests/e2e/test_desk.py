"""The desks of who works here, as `make up` serves them, in a real browser: games, players, and what two approve."""

import json
import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from betsafi.money import format_amount
from localcloud.cloud.running import Cloud, post_json
from localcloud.demo import staff
from localcloud.demo.app import App
from localcloud.demo.seed import signed_in
from localcloud.journey.asking import BET, PLACE_BET, SET_ODDS, WITHDRAW, money, new_phone, odds_input
from tests.browser import conftest as browsers
from tests.e2e import faults, test_app
from tests.e2e.conftest import balance, funded, new_player, opened, verified
from tests.e2e.test_app import PHONE, Held, game, shillings
from tests.e2e.test_operators import PROPOSE
from tests.e2e.test_payment import CLOSE, RESOLVE, account_of, paid_unasked, pay_bill, status_of
from tests.e2e.test_staff import QUEUE
from tests.support.stops import SUSPEND
from tests.support.taxes import credited, returned
from tests.support.waiting import eventually
from tools.sign_in import totp

WIDE = {"width": 1280, "height": 900}

address = test_app.address
Desk = Callable[..., Page]


@pytest.fixture
def door(address: str, chromium: Browser) -> Iterator[Desk]:
    """Return how somebody comes to the desks, and shows a password."""
    pages: list[Page] = []

    def come(email: str, password: str = staff.PASSWORD, **how: object) -> Page:
        page = chromium.new_context(**{"viewport": WIDE, "locale": "en-KE", **how}).new_page()
        page.set_default_timeout(browsers.PATIENCE_MS)
        pages.append(page)
        page.goto(f"{address}/desk")
        page.get_by_label("E-mail").fill(email)
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Sign in").click()
        return page

    yield come
    for page in pages:
        page.context.close()


@pytest.fixture
def desk(cloud: Cloud, door: Desk) -> Desk:
    """Return how somebody of the staff sits down: signed in, at their desk's first page."""

    def sit_down(email: str, **how: object) -> Page:
        page = door(email, **how)
        prove(page, staff.secrets_of(cloud)[email])
        return page

    return sit_down


def prove(page: Page, secret: str) -> None:
    """Type what an authenticator shows once it is asked for, and wait for the desks."""
    code = page.get_by_label("Code")
    expect(code).to_be_visible()  # the password before it is long arithmetic, and the digits change meanwhile
    code.fill(totp(secret))
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("navigation", name="Desks")).to_be_visible()


def serious(page: Page) -> list[Any]:
    """Return what axe finds, and whether something is wider than the screen."""
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return [*test_app.serious(page), *([f"{page.url} is wider than the screen"] if wide else [])]


def fold(scope: Page | Locator, title: str) -> None:
    """Open what is folded under a title, the first of that."""
    scope.locator("summary").get_by_text(title, exact=True).first.click()


def listed(wanted: Locator) -> Locator:
    """Return what a list has, on whichever of its pages that is."""
    more = wanted.page.get_by_role("button", name="Show more")

    def there() -> bool:
        expect(wanted.or_(more).first).to_be_visible()
        if not (found := wanted.count() > 0):
            with suppress(PlaywrightTimeout):  # what was asked for already takes it away
                more.click(timeout=5_000)
        return found

    eventually(there, "it in the list")
    return wanted


def send(scope: Page | Locator, button: str, said: Mapping[str, str]) -> Locator:
    """Fill in the form that has this button, by its labels, and send it; return the form."""
    page = scope.page if isinstance(scope, Locator) else scope
    form = scope.locator("form").filter(has=page.get_by_role("button", name=button, exact=True))
    for label, value in said.items():
        field = form.get_by_label(label, exact=True)
        if field.evaluate("(field) => field.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    form.get_by_role("button", name=button, exact=True).click()
    return form


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
    looks = Held(page, "GameMarkets")
    page.get_by_label("Search a team").fill("safi")
    expect(page.get_by_role("link", name=re.compile("Safi United")).first).to_be_visible()
    page.goto(f"{page.url.partition('/desk')[0]}/desk/games/{fixture}")  # other tests have more such games than a page
    card = page.locator(f"[data-market='{market}']")
    card.get_by_text("Exposure", exact=True).click()
    expect(card.get_by_role("row", name="1 KES 250 ")).to_be_visible()
    assert serious(page) == []

    reprice_against_another(cloud, page, looks, market)
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
    expect(page.get_by_text("Another trader finds it in Proposals.")).to_be_visible()
    assert serious(page) == []

    other = desk("trader2@staff.example", viewport=PHONE, color_scheme="dark")
    other.get_by_role("link", name="Proposals").click()
    proposed = other.locator(f"[data-proposal='{fixture}']")
    expect(proposed.get_by_text("Safi United 2 – 0 Nyota Stars")).to_be_visible()
    assert serious(other) == []
    proposed.get_by_role("button", name="Send the same").click()
    expect(proposed).to_have_count(0)
    paid = eventually(lambda: had if (had := player.ask(BET, id=bet))["payout"] else None, "the paid bet")
    assert (paid["outcome"], paid["payout"]["amount"]) == ("WON", "250.00")


def reprice_against_another(cloud: Cloud, page: Page, looks: Held, market: str) -> None:
    """Type odds while another trader moves the market: refused until it was looked at again."""
    card = page.locator(f"[data-market='{market}']")
    with looks.back():
        card.get_by_label("2 · Nyota Stars").fill("2.95")
        other = signed_in(cloud, "trader", 1)
        other.ask(SET_ODDS, market=market, odds=odds_input({"1": "2.40", "2": "3.20", "3": "2.90"}))
        card.get_by_role("button", name="Set these odds").click()
        expect(card.get_by_role("alert")).to_contain_text("version 1 of the market; it has version 2 now")
    card.get_by_role("button", name="Mine hold for version 2 too").click()
    card.get_by_role("button", name="Set these odds").click()
    expect(card.get_by_text("version 3")).to_be_visible()
    expect(card.get_by_label("2 · Nyota Stars")).to_have_value("2.95")


def test_support_gives_money_to_its_player_and_stops_an_account_with_a_reason(cloud: Cloud, desk: Desk) -> None:
    payer = opened(new_player(cloud))
    receipt = paid_unasked(cloud, payer, 400)

    page = desk("support1@staff.example", viewport=PHONE)
    expect(page.get_by_role("heading", name="Payments that wait")).to_be_visible()
    assert serious(page) == []
    nobodys = page.get_by_role("button", name="Nobody’s yet")
    nobodys.click()
    expect(nobodys).to_have_attribute("aria-pressed", "true")  # and what waits for approval is there no more
    waiting = listed(page.get_by_role("listitem").filter(has_text=receipt))
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
    waiting = listed(page.locator(f"[data-payment='{withdrawal['id']}']"))
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


BELOW = {"1 · Kibera Lions": "5", "X · Draw": "5", "2 · Ngong Eagles": "5"}
FAIR = {"1 · Kibera Lions": "2.50", "X · Draw": "3.20", "2 · Ngong Eagles": "2.90"}


def bet_on(player: App, market: str) -> str:
    """Place KES 100 on the home side at 2.50; return the bet's id."""
    pick = {"marketId": market, "selectionId": f"{market}/1", "odds": "2.50"}
    placed = player.ask(
        PLACE_BET, input={"clientRequestId": uuid.uuid4().hex, "stake": money("100"), "selections": [pick]}
    )
    assert placed["status"] == "ACCEPTED"
    return str(placed["id"])


def ended(player: App, bet: str) -> tuple[str, str] | None:
    """Return how a bet ended and what it paid, None while it is open."""
    had = player.ask(BET, id=bet)
    return (had["outcome"], had["payout"]["amount"]) if had["payout"] else None


def test_a_trader_offers_a_game_prices_it_moves_it_and_takes_bets_out(cloud: Cloud, desk: Desk) -> None:
    name, player = f"desk-{uuid.uuid4().hex[:8]}", funded(cloud)
    starts = datetime.now(UTC) + timedelta(days=2)
    page = desk("trader1@staff.example", viewport=PHONE)
    page.get_by_role("link", name="Offer").click()
    fold(page, "A team, new or renamed")
    kept = send(page, "Keep the team", {"Its id": f"{name}-lions", "Its name in English": "Kibera Lions"})
    expect(kept.get_by_role("status")).to_contain_text("Kibera Lions is kept")
    fold(page, "A competition, new or changed")
    cup = {"Its id": name, "Its name in English": f"Cup {name}", "Country’s id": "KE", "Country’s name": "Kenya"}
    expect(send(page, "Keep the competition", cup).get_by_role("status")).to_contain_text("is kept")
    page.get_by_label("Competition", exact=True).select_option(label=f"Kenya: Cup {name}")
    offered, start = choose_teams(page, name), {"Start, by Nairobi’s clock": f"{starts:%Y-%m-%d}T16:00"}
    refused = send(offered, "Create the game", start)
    expect(refused.get_by_role("alert")).to_contain_text("A game has two teams.")
    assert serious(page) == []
    keep_another(offered, f"{name}-eagles")
    send(offered, "Create the game", start)
    page.get_by_role("link", name="Price it: to the game").click()
    expect(page.get_by_text("It has no markets yet")).to_be_visible()

    fold(page, "Add a market")
    expect(send(page, "Add the market", BELOW).get_by_role("alert")).to_contain_text("Lower odds of one outcome")
    assert serious(page) == []
    send(page, "Add the market", FAIR)
    market = f"{name}-lions-{name}-eagles-{starts:%Y-%m-%d}/1"
    card = page.locator(f"[data-market='{market}']")
    expect(card.get_by_label("X · Draw")).to_have_value("3.20")
    fold(page, "Make it a popular game")
    page.get_by_role("button", name="Make it a popular game").click()
    expect(page.get_by_text("Take it from the popular games").first).to_be_visible()
    fold(page, "Move its start")
    move = {"New start, by Nairobi’s clock": f"{starts:%Y-%m-%d}T18:30", "Why": "television"}
    expect(send(page, "Move the start", move).get_by_role("status")).to_contain_text("18:30")

    fold(card, "Exposure")
    split = send(card, "Split the limit over so many", {"Guards, 1 to 16": "8"})
    expect(split.get_by_role("status")).to_contain_text("split over 8")

    bet = bet_on(player, market)
    fold(card, "Void bets of a while")
    half = card.locator("form").filter(has=page.get_by_role("button", name="Void these bets"))
    half.get_by_label("From").press_sequentially("11272026")  # a day and no time, of which the value is empty
    send(card, "Void these bets", {"Void these bets: why": "odds of another game"})
    expect(half).to_contain_text("Type all of it, or nothing.")
    half.get_by_label("From").fill("")
    send(card, "Void these bets", {"Void these bets: why": "odds of another game"})
    expect(card.get_by_text("Closed", exact=True)).to_be_visible()
    eventually(lambda: ended(player, bet) == ("VOID", "100.00"), "the stake back")
    expect(card.get_by_text("Bets placed from the first on to now and later are void.")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"], "a market's forms keep within it"
    assert serious(page) == []
    send(card, "Take it back", {"Take it back: why": "they were right"})
    eventually(lambda: player.ask(BET, id=bet)["status"] == "ACCEPTED", "the bet open again")
    expect(card.get_by_role("button", name="Take it back")).to_have_count(0)
    take_back_what_another_cancelled(page, signed_in(cloud, "trader", 1), market.partition("/")[0])


def choose_teams(page: Page, name: str) -> Locator:
    """Choose the lions of this name as both teams of a game; return where that is done."""
    offered = page.get_by_role("region", name="A game", exact=True)
    for place in ("Named first", "Named second"):
        expect(offered.get_by_text("Choose both teams.")).to_be_visible()
        offered.get_by_label(place).fill("lio")
        offered.get_by_role("button", name=f"Kibera Lions {name}-lions").click()
    return offered


def keep_another(offered: Locator, team_id: str) -> None:
    """Choose another team as the second one, which nobody has kept yet."""
    offered.get_by_role("button", name="Named second: choose another").click()
    offered.get_by_label("Named second").fill("Ngong Eagles")
    fold(offered, "It is not there yet")
    assert serious(offered.page) == []
    expect(offered.get_by_label("Its name in English")).to_have_value("Ngong Eagles")
    send(offered, "Keep the team", {"Its id": team_id})
    expect(offered.get_by_text(team_id)).to_be_visible()


def take_back_what_another_cancelled(page: Page, other: App, fixture: str) -> None:
    """Have another trader cancel bets of moments that no form shows, and take that back at the desk."""
    window = f'cancelBets(fixtureId: "{fixture}", to: "2026-01-01T00:00:00.123456Z", reason: "odds of another game")'
    assert other.ask(f"mutation {{ {window} {{ status }} }}")["status"] == "DONE"
    fold(page, "Bets of a while are void: 1")
    whole = page.locator(".desk-folds")
    expect(whole.get_by_text("Bets placed from the first on to Thu, 1 Jan, 03:00:00 are void.")).to_be_visible()
    assert serious(page) == []
    send(whole, "Take it back", {"Take it back: why": "they were right"})
    expect(whole.locator("summary").get_by_text("Void bets of a while", exact=True)).to_be_visible()
    assert other.ask(f'query {{ heldAndCancelled(fixtureId: "{fixture}") {{ subjectId }} }}') == []


def test_two_traders_hold_a_result_settle_by_hand_and_correct_single_bets(
    cloud: Cloud, trader: App, desk: Desk
) -> None:
    market, player = game(trader), funded(cloud)
    fixture, bets = market.partition("/")[0], [bet_on(player, market) for _ in range(2)]
    page, other = desk("trader1@staff.example"), desk("trader2@staff.example", viewport=PHONE, color_scheme="dark")
    address = page.url.partition("/desk")[0]

    page.goto(f"{address}/desk/bets?player={player.user_id}&bet={bets[0]}&market={market}")
    void = send(page, "Void the bet", {"Why": "placed by a minor"})
    expect(void.get_by_role("status")).to_contain_text("second trader")
    page.get_by_label("The bet’s id").nth(1).fill(bets[1])
    dear = {"Odds that it counts at": "3.00", "Why": "promised by support"}
    expect(send(page, "Change the leg’s odds", dear).get_by_role("status")).to_contain_text("second trader")
    share = {"Per cent, 1 to 100": "50", "Why": "wins too often"}
    expect(send(page, "Set the share", share).get_by_role("status")).to_contain_text("50 per cent")
    assert serious(page) == []
    other.get_by_role("link", name="Proposals").click()
    proposed = [other.locator(f"[data-proposal='{bet}']") for bet in bets]
    expect(proposed[0]).to_contain_text("trader1@staff.example")
    expect(proposed[1]).to_contain_text("counts at 3")
    assert serious(other) == []
    fold(proposed[1], "End it")
    send(proposed[1], "End the proposal", {"Why": "nobody promised it"})
    expect(proposed[1]).to_have_count(0)
    send(proposed[0], "Send the same", {"Why": "placed by a minor"})
    expect(proposed[0]).to_have_count(0)
    eventually(lambda: ended(player, bets[0]) == ("VOID", "100.00"), "the voided bet")

    page.goto(f"{address}/desk/games/{fixture}")
    fold(page, "Hold its results")
    send(page, "Hold the results", {"Hold the results: why": "the report is not in"})
    expect(page.get_by_text("You held them: another trader releases them.")).to_be_visible()
    expect(page.get_by_role("button", name="Release them")).to_have_count(0)
    assert serious(page) == []
    card = page.locator(f"[data-market='{market}']")
    fold(card, "Result by hand")
    results = {"1 · Safi United": "WON", "X · Draw": "LOST", "2 · Nyota Stars": "LOST"}
    expect(send(card, "Settle with these results", results).get_by_role("status")).to_contain_text("second trader")
    result = other.locator(f"[data-proposal='{market}']")
    expect(result.get_by_text("Safi United", exact=True)).to_be_visible()
    result.get_by_role("button", name="Send the same").click()
    expect(result).to_have_count(0)
    eventually(lambda: not [queue for queue in faults.waiting_messages(cloud) if "-bet-" in queue], "end of settling")
    assert ended(player, bets[1]) is None
    other.goto(f"{address}/desk/games/{fixture}")
    expect(other.get_by_text("Held by trader1@staff.example")).to_contain_text("“the report is not in”")
    assert serious(other) == []
    send(other, "Release them", {"Release them: why": "it is in"})
    expect(page.locator("summary").get_by_text("Its results are held")).to_have_count(0)
    eventually(lambda: ended(player, bets[1]) == ("WON", "250.00"), "the paid bet")


def test_support_finds_a_player_by_number_answers_an_appeal_and_keeps_the_statement(cloud: Cloud, desk: Desk) -> None:
    player = funded(cloud)
    signed_in(cloud, "admin").ask(SUSPEND, id=player.user_id)
    player.ask('mutation { appeal(text: "I asked for nothing.") { code } }')
    page = desk("support1@staff.example", viewport=PHONE, color_scheme="dark")
    page.get_by_role("link", name="Players").click()
    page.get_by_role("button", name="Appeals").click()
    expect(listed(page.get_by_role("link", name=player.user_id))).to_be_visible()
    fold(page, "Find who has a phone number")
    found = send(page, "Find", {"Phone number": "0700 123", "Why": "they call"})
    expect(found.get_by_role("alert")).to_contain_text("A Kenyan mobile number")
    send(page, "Find", {"Phone number": new_phone()})
    expect(found.get_by_role("alert")).to_contain_text("Nobody has this number now")
    assert serious(page) == []
    send(page, "Find", {"Phone number": f"0{player.phone[4:]}"})
    expect(page).to_have_url(re.compile(f"/desk/players/{player.user_id}$"))
    expect(page.get_by_role("listitem").filter(has_text="findPlayer")).to_contain_text("by support1@staff.example")

    fold(page, "Answer the appeal")
    lifted = {
        "The stop": "LIFTED",
        "Answer, which the player reads": "You are right, we are sorry.",
        "Why": "our mistake",
    }
    send(page, "Answer", lifted)
    expect(page.get_by_text("Was stopped: Request")).to_be_visible()
    fold(page, "Set the tags")
    wrong = send(page, "Set the tags", {"Tags": "VIP", "Why": "calls often"})
    expect(wrong.get_by_role("alert")).to_contain_text("small letters")
    send(page, "Set the tags", {"Tags": "vip call-back"})
    expect(page.get_by_text("The player has: call-back, vip.")).to_be_visible()
    fold(page, "The statement")
    entry = page.get_by_role("listitem").filter(has_text="then").filter(has_text="Deposit")
    expect(entry).to_contain_text(f"then {shillings(credited(1000_00))} available")
    send(page, "Make the file", {})
    assert serious(page) == []
    with page.expect_download() as kept:
        page.get_by_role("link", name="Keep statement").click()
    assert "DEPOSIT" in Path(kept.value.path()).read_text()


def test_an_administrator_reads_messages_and_limits_and_keeps_all_that_is_kept_of_a_player(
    cloud: Cloud, desk: Desk
) -> None:
    player = funded(cloud)
    limit = {"input": [{"name": "STAKE_DAY", "amount": money("200")}]}
    player.ask("mutation($input: [LimitInput!]!) { setLimits(input: $input) { version } }", **limit)
    page = desk("admin1@staff.example", viewport=PHONE)
    page.goto(f"{page.url.partition('/desk')[0]}/desk/players/{player.user_id}")
    limits = page.locator("section").filter(has=page.get_by_role("heading", name="Limits and time-outs"))
    expect(limits).to_contain_text(f"{shillings(200_00)}, {shillings(200_00)} left")
    fold(page, "Messages to them")
    expect(page.get_by_role("listitem").filter(has_text="Welcome")).to_be_visible()

    fold(page, "Get all that is kept of them")
    got = send(page, "Get all of it", {"Why": "asked by letter"})
    expect(got.get_by_role("status")).to_contain_text("keep the file")
    assert serious(page) == []
    with page.expect_download() as kept:
        page.get_by_role("link", name=f"Keep player-{player.user_id}.json").click()
    parts = json.loads(Path(kept.value.path()).read_text())
    assert set(parts) == {"people", "wallet", "bet", "payment", "notifications", "updates"}
    assert player.phone in json.dumps(parts["people"])
    assert min(len(parts[name]) for name in ("wallet", "payment", "notifications")) > 0
    expect(page.get_by_role("listitem").filter(has_text="exportPlayer")).to_have_count(1)  # all parts are one act


BOOK_TRANSFER = """mutation($id: ID!, $receipt: ID!, $amount: MoneyInput!) {
  bookTransfer(clientRequestId: $id, receipt: $receipt, amount: $amount, from: COLLECTION, to: BANK, reason: "again") {
    status } }"""


def test_administrators_book_what_was_moved_outside_and_end_what_should_not_be(cloud: Cloud, desk: Desk) -> None:
    payer, admin = opened(new_player(cloud)), signed_in(cloud, "admin")
    receipts = [f"DESK-{uuid.uuid4().hex[:12].upper()}" for _ in range(3)]
    page, other = desk("admin1@staff.example"), desk("admin2@staff.example", viewport=PHONE, color_scheme="dark")
    page.get_by_role("link", name="Books").click()
    wrong = send(page, "Book the transfer", {"Receipt": "tkk-1", "Shillings": "1", "Why": "float for the weekend"})
    expect(wrong.get_by_role("alert")).to_contain_text("capital letters")
    assert serious(page) == []
    for receipt in receipts[:2]:
        told = send(page, "Book the transfer", {"Receipt": receipt, "Shillings": "1", "Why": f"float {receipt}"})
        expect(told.get_by_role("status")).to_contain_text("another administrator")
        expect(told.get_by_label("Receipt")).to_have_value("")
    tax = {"Receipt": receipts[2], "Shillings": "1", "Tax": "WITHHOLDING", "Paid from": "PAYOUT", "Why": receipts[2]}
    expect(send(page, "Book the tax", tax).get_by_role("status")).to_contain_text("another administrator")
    charges = {"Shillings": "1", "Which way": "CREDIT", "Why": f"charges {receipts[2]}"}
    expect(send(page, "Book the charges", charges).get_by_role("status")).to_contain_text("another administrator")
    given = {"id": uuid.uuid4().hex, "user": payer.user_id, "amount": money("5.00"), "direction": "CREDIT"}
    admin.ask(PROPOSE, **given)

    other.get_by_role("link", name="Approvals and trail").click()
    cards = other.locator("[data-proposal]")
    refused = [
        cards.filter(has_text=f"float {receipts[1]}"),
        cards.filter(has=other.locator(f"a[href$='{payer.user_id}']")),
    ]
    for card in refused:
        fold(card, "End it")
        send(card, "End the proposal", {"Why": "nobody asked for it"})
        expect(card).to_have_count(0)
    assert serious(other) == []
    expect(cards.filter(has_text=f"float {receipts[0]}")).to_contain_text("From mpesa:paybill to mpesa:utility")
    for said in (f"float {receipts[0]}", f"“{receipts[2]}”", f"charges {receipts[2]}"):
        card = cards.filter(has_text=said)
        card.get_by_role("button", name="Approve it too").click()
        expect(card).to_have_count(0)
    again = [admin.refusal(BOOK_TRANSFER, id=uuid.uuid4().hex, receipt=one, amount=money("1")) for one in receipts[::2]]
    assert [refusal.type for refusal in again] == ["ALREADY_BOOKED"] * 2
    assert balance(payer) == ("0.00", "0.00")


def test_a_second_administrator_finds_who_is_to_be_erased_though_a_note_came_between(cloud: Cloud, desk: Desk) -> None:
    player, admin = opened(new_player(cloud)), signed_in(cloud, "admin")
    close = 'mutation($id: ID!) { closeWallet(userId: $id, reason: "asked for it") { status } }'
    erase = 'mutation($id: ID!) { erasePlayer(userId: $id, reason: "asked for it") { status } }'
    note = 'mutation($id: ID!) { addPlayerNote(userId: $id, text: "They called again.") { id } }'
    assert admin.ask(close, id=player.user_id) == {"status": "CLOSED"}
    assert admin.ask(erase, id=player.user_id) == {"status": "PROPOSED"}
    admin.ask(note, id=player.user_id)
    page = desk("admin2@staff.example", viewport=PHONE, color_scheme="dark")
    page.get_by_role("link", name="Approvals and trail").click()
    waiting = page.locator(f"[data-proposal='USER#{player.user_id}']")
    expect(waiting).to_contain_text("Erase player")
    assert serious(page) == []
    waiting.get_by_role("link", name="Player").click()
    fold(page, "Erase the player")
    send(page, "Erase the player", {"Why": "they asked for it"})
    expect(page.get_by_role("heading", name="An erased player")).to_be_visible()


def test_an_administrator_closes_withdrawals_in_both_languages_and_tells_m_pesa_our_addresses(
    cloud: Cloud, desk: Desk
) -> None:
    page = desk("admin1@staff.example", viewport=PHONE)
    fold(page, "Tell M-Pesa our addresses")
    expect(send(page, "Tell M-Pesa", {}).get_by_role("status")).to_contain_text("M-Pesa knows them")
    fold(page, "Close withdrawals")
    banner = f"M-Pesa is mended, {uuid.uuid4().hex[:8]}."
    told = send(page, "Close withdrawals", {"What players read meanwhile": banner, "The same in Kiswahili": "fupi"})
    expect(told.get_by_role("alert")).to_contain_text("10 to 200 characters")
    assert serious(page) == []
    try:
        send(page, "Close withdrawals", {"The same in Kiswahili": "M-Pesa inarekebishwa hadi saa kumi."})
        expect(page.get_by_text("No withdrawals are taken")).to_be_visible()
        page.get_by_role("link", name="Approvals and trail").click()
        page.get_by_role("button", name="All that was done").click()
        act = page.get_by_role("listitem").filter(has_text="setPaymentChannel").filter(has_text=banner)
        fold(act, "What it changed")
        expect(act).to_contain_text("inarekebishwa")
        assert serious(page) == []
    finally:
        signed_in(cloud, "admin").ask(CLOSE, kind="WITHDRAWAL", open=True)


def test_places_that_are_shared_are_typed_at_the_desk_and_said_to_the_second_trader(
    cloud: Cloud, trader: App, desk: Desk
) -> None:
    market, player = game(trader), funded(cloud)
    bet = bet_on(player, market)
    page, other = desk("trader1@staff.example"), desk("trader2@staff.example", viewport=PHONE)
    page.goto(f"{page.url.partition('/desk')[0]}/desk/games/{market.partition('/')[0]}")
    card = page.locator(f"[data-market='{market}']")
    fold(card, "Result by hand")
    heat = "Dead heat: places / who share them"
    results = {"1 · Safi United": "WON", "X · Draw": "WON", "2 · Nyota Stars": "LOST"}
    form = send(card, "Settle with these results", {**results, heat: "half"})
    expect(form.get_by_role("alert")).to_contain_text("like 1/2")
    expect(send(card, "Settle with these results", {heat: "1/2"}).get_by_role("status")).to_contain_text(
        "second trader"
    )
    assert serious(page) == []
    other.get_by_role("link", name="Proposals").click()
    proposed = other.locator(f"[data-proposal='{market}']")
    expect(proposed.get_by_text("Won 1/2")).to_have_count(2)
    proposed.get_by_role("button", name="Send the same").click()
    eventually(lambda: ended(player, bet) == ("WON", "125.00"), "half of the place paid")


def test_an_administrator_says_how_a_withdrawal_ended_and_takes_a_colleague_s_powers(cloud: Cloud, desk: Desk) -> None:
    payer, admin = funded(cloud), signed_in(cloud, "admin")
    low = {"match": {"kind": "b2c", "phone": payer.phone.lstrip("+")}, "times": 1, "script": {"result_code": "1"}}
    post_json(f"{cloud.addresses.daraja}/_fake/scripts", low)
    withdrawal = payer.ask(WITHDRAW, id=uuid.uuid4().hex, amount=money("500"))["id"]
    eventually(lambda: status_of(payer, withdrawal) == "DELAYED", "M-Pesa's refusal")
    colleague = staff.hire(cloud, staff.Member(f"{uuid.uuid4().hex}@staff.example", "support"))
    colleague.sign_in()

    page = desk("admin2@staff.example", viewport=PHONE)
    page.get_by_role("button", name="End uncertain").click()
    waiting = listed(page.locator(f"[data-payment='{withdrawal}']"))
    fold(waiting, "Say how it ended")
    unpaid = {"Outcome": "UNPAID", "What shows it": "The portal has nothing of it"}
    said = send(waiting, "Send this decision", unpaid)
    expect(said.get_by_role("status")).to_contain_text("a second person has to send the same")
    assert serious(page) == []
    admin.ask(RESOLVE, id=withdrawal, outcome="UNPAID")
    eventually(lambda: balance(payer) == (format_amount(credited(1000_00)), "0.00"), "the money back")

    page.get_by_role("link", name="Staff").click()
    them = page.get_by_role("listitem").filter(has_text=colleague.email)
    fold(them, "Take all powers")
    send(them, "Take all powers", {"Why": "left the company"})
    expect(them.get_by_text("Suspended", exact=True)).to_be_visible()
    assert colleague.refusal(QUEUE).type == "FORBIDDEN"
    fold(them, "Give the powers back")
    send(them, "Give the powers back", {"Why": "came back to us"})
    expect(them.get_by_text("Active", exact=True)).to_be_visible()
    expect(page.get_by_text("This is you: another administrator decides about you.")).to_be_visible()
    assert serious(page) == []


def test_who_is_new_takes_a_password_of_their_own_and_an_authenticator(cloud: Cloud, door: Desk) -> None:
    member = staff.Member(f"{uuid.uuid4().hex}@staff.example", "support")
    page = door(member.email, staff.invite(cloud, member), viewport=PHONE)
    password = page.get_by_label("New password")
    password.fill("too short")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("alert")).to_contain_text("14 characters or more")
    assert serious(page) == []
    password.fill(staff.PASSWORD)
    page.get_by_role("button", name="Continue").click()
    secret = page.get_by_role("heading", name="Set up an authenticator").locator("..").locator("code").inner_text()
    assert serious(page) == []
    prove(page, secret)
    expect(page.get_by_text(member.email)).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Staff sign-in")).to_be_visible()
