"""The happy side: a player signs up, deposits, bets, wins and withdraws. Each step returns what it saw, in words."""

from datetime import UTC, datetime
from decimal import Decimal

from botocore.exceptions import ClientError

from betsafi.money import format_amount
from localcloud.cloud.running import get_json
from localcloud.demo import seed
from localcloud.demo.seed import new_app, wait_for_code
from localcloud.journey.asking import (
    DEPOSIT,
    MONEY,
    ON_UPDATE,
    PAYMENT,
    WALLET,
    WITHDRAW,
    money,
    new_phone,
    results_input,
)
from localcloud.journey.walk import Broken, Walk, expect, tariff_of_today
from payment.taxes import split_deposit, split_withdrawal
from tools.base.waiting import eventually


def look_around(walk: Walk) -> str:
    """Look at the lobby without signing in, and at nothing else."""
    page = walk.player.ask("query { fixtures(limit: 5) { items { home { name { sw } } markets { name { sw } } } } }")
    expect(walk.player.refusal(WALLET).type, "Unauthorized", "the answer about a wallet")
    return f"{len(page['items'])} fixtures seen by nobody in particular"


def sign_up(walk: Walk) -> str:
    """Sign up and in by phone and code, then by the password; a child is refused."""
    child = new_app(walk.cloud, new_phone())
    child.sign_up(birthdate=f"{datetime.now(UTC).year - 17}-12-31")
    try:
        child.confirm(wait_for_code(walk.cloud, child.phone))
    except ClientError as error:
        expect("UNDER_AGE" in error.response["Error"]["Message"], True, "the refusal of a child")
    else:
        raise Broken("a child could sign up")
    walk.player.sign_up()
    walk.player.confirm(wait_for_code(walk.cloud, walk.player.phone))
    by_code = walk.player.ask("query { me { id } }")["id"]
    walk.player.sign_in()
    expect(walk.player.user_id, by_code, "who signs in by the password")
    me = walk.player.ask("query { me { id phoneNumber status } }")
    expect(me, {"id": walk.player.user_id, "phoneNumber": walk.player.phone, "status": "ACTIVE"}, "the profile")
    return f"player {me['id'][:8]}, a child refused"


def open_wallet(walk: Walk) -> str:
    """The wallet opens by itself."""
    wallet = eventually(lambda: walk.try_to_ask(walk.player, WALLET), "wallet")
    expect(wallet["available"], {"currency": "KES", "amount": "0.00"}, "the new balance")
    return "0.00"


def listen(walk: Walk) -> str:
    """Subscribe to one's own bets, wallet, payments and notifications; another's are refused."""
    walk.listen(ON_UPDATE, me=walk.player.user_id)
    with walk.player.listen(ON_UPDATE, me="somebody-else") as feed:
        eventually(lambda: feed.error, "refusal of another's subscription")
    return "subscribed, another's refused"


def deposit(walk: Walk) -> str:
    """Deposit KES 1,000; the phone approves; excise is taken."""
    walk.phone_will("approve")
    walk.payment_id = walk.player.ask(DEPOSIT, id=f"deposit-{walk.run}", amount=money("1000.00"))["id"]
    again = walk.player.ask(DEPOSIT, id=f"deposit-{walk.run}", amount=money("1000.00"))["id"]
    expect(again, walk.payment_id, "the repeated deposit")
    heard = walk.hear("payment", walk.payment_id, "COMPLETED")
    split = split_deposit(1000_00, tariff_of_today())
    walk.available_cents += split.credit_cents
    expect(heard["wallet"]["available"]["amount"], walk.available, "the balance that came with the deposit")
    walk.balance_rests()
    tax = walk.player.ask(PAYMENT, id=walk.payment_id)["tax"]
    expect(tax["amount"], format_amount(split.excise_cents), "the excise")
    return f"{walk.available} available, {tax['amount']} excise"


def browse(walk: Walk) -> str:
    """Browse the fixtures; a trader adds one."""
    walk.new_market("journey")
    page = walk.player.ask("query { fixtures(limit: 50) { items { id markets { id selections { id key odds } } } } }")
    found = [fixture for fixture in page["items"] if fixture["id"] == walk.game("journey")]
    if not found:  # many runs on one day: look it up by itself
        found = [walk.player.ask(f'query {{ fixture(id: "{walk.game("journey")}") {{ id markets {{ id }} }} }}')]
    expect(found[0]["markets"][0]["id"], walk.market, "the fixture's market")
    return f"{len(page['items'])} fixtures"


def place_bet(walk: Walk) -> str:
    """Place KES 100 on a selection; asking again places nothing more."""
    placed = walk.bet("bet", "100.00")
    expect(placed["status"], "ACCEPTED", "the bet's status")
    expect(placed["potentialPayout"]["amount"], "250.00", "the potential payout")
    expect(walk.bet("bet", "100.00")["id"], placed["id"], "the repeated bet")
    walk.bet_id = placed["id"]
    walk.available_cents -= 100_00
    walk.balance_rests(held="100.00")
    return "accepted at 2.50, stake held once"


def hear_of_the_bet(walk: Walk) -> str:
    """The subscription delivers that the bet is accepted."""
    walk.hear("bet", walk.bet_id, "ACCEPTED")
    return "BetAccepted heard"


def settle(walk: Walk) -> str:
    """Two traders settle it won, as its game cannot be over; the payout arrives, and the subscription delivers it."""
    answers = seed.settle(walk.cloud, walk.market, results_input("1"))
    expect([answer["status"] for answer in answers], ["PROPOSED", "SETTLED"], "what the two traders were answered")
    heard = walk.hear("bet", walk.bet_id, "SETTLED")
    expect((heard["bet"]["outcome"], heard["bet"]["payout"]["amount"]), ("WON", "250.00"), "the settled bet")
    walk.available_cents += 250_00
    expect(heard["wallet"]["available"]["amount"], walk.available, "the balance that came with the settled bet")
    walk.balance_rests()
    return f"250.00 paid, {walk.available} available"


def withdraw(walk: Walk) -> str:
    """Withdraw KES 500; M-Pesa pays the phone, less withholding tax."""
    before = walk.phone_balance()
    walk.payment_id = walk.player.ask(WITHDRAW, id=f"withdraw-{walk.run}", amount=money("500.00"))["id"]
    walk.hear("payment", walk.payment_id, "COMPLETED")
    split = split_withdrawal(500_00, tariff_of_today())
    walk.available_cents -= 500_00 - split.remainder_cents
    walk.balance_rests()
    payment = walk.player.ask(PAYMENT, id=walk.payment_id)
    walk.paid_out, tax = format_amount(split.paid_cents), format_amount(split.withholding_cents)
    expect((payment["paid"]["amount"], payment["tax"]["amount"]), (walk.paid_out, tax), "what was paid and taxed")
    expect(walk.phone_balance() - before, Decimal(walk.paid_out), "what the phone received")
    return f"{walk.paid_out} on the phone, {tax} tax"


def get_sms(walk: Walk) -> str:
    """SMS report the deposit and the withdrawal; the inbox has them too, and the win."""
    wanted = ("1000.00", walk.paid_out)

    def texts() -> list[str]:
        found = get_json(f"{walk.cloud.addresses.inbox}/messages?to={walk.player.phone.lstrip('+')}")["messages"]
        said = [message["text"] for message in found if message["source"] == "SNS"]
        missing = [amount for amount in wanted if not any(amount in text for text in said)]
        expect(missing, [], f"what none of {said} reports")
        return said

    said = eventually(texts, "SMS of deposit and withdrawal", Broken)
    walk.updates.wait_for(lambda update: update["notification"] is not None, "notification")
    inbox = walk.player.ask("query { notifications { items { id kind text status } } }")["items"]
    expect([text for text in said if "250.00" in text], [], "the SMS about bets")
    expect(any("250.00" in note["text"] for note in inbox), True, "whether the inbox reports the win")
    marked = walk.player.ask(
        "mutation($ids: [ID!]!) { markNotificationsRead(ids: $ids) }", ids=[note["id"] for note in inbox]
    )
    expect(marked, len(inbox), "the notifications marked as read")
    return f"{len(said)} SMS, {len(inbox)} in the inbox"


def read_statement(walk: Walk) -> str:
    """The statement shows every movement, newest first."""
    page = walk.player.ask(f"query {{ walletEntries {{ items {{ kind available {MONEY} }} cursor }} }}")
    seen = [(entry["kind"], entry["available"]["amount"]) for entry in page["items"]]
    credit = format_amount(split_deposit(1000_00, tariff_of_today()).credit_cents)
    wanted = [("HOLD", "-500.00"), ("SETTLEMENT", "250.00"), ("HOLD", "-100.00"), ("DEPOSIT", credit)]
    expect([entry for entry in seen if entry[0] != "PAYOUT"], wanted, "the statement")
    expect(seen[0][0], "PAYOUT", "the newest entry")
    return f"{len(seen)} entries"
