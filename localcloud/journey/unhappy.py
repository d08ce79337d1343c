"""The unhappy side: what is refused, cancelled, repeated or forged. Each step returns what it saw, in words."""

from betsafi.money import format_amount
from localcloud.cloud.running import aws, post_json
from localcloud.demo.seed import SETTLE, signed_in
from localcloud.journey.asking import (
    BET,
    DEPOSIT,
    ODDS,
    PAYMENT,
    SET_ODDS,
    SET_STATUS,
    money,
    odds_input,
    results_input,
)
from localcloud.journey.walk import Broken, Walk, expect, tariff_of_today
from payment.taxes import split_deposit
from tools import reconcile
from tools.base.waiting import eventually


def insufficient_funds(walk: Walk) -> str:
    """A stake above the balance is refused and moves nothing."""
    walk.new_market("funds")
    refusal = walk.refused_bet("funds", format_amount(walk.available_cents + 1))
    expect(refusal.type, "INSUFFICIENT_FUNDS", "the refusal")
    walk.balance_rests()
    return refusal.message


def moved_odds(walk: Walk) -> str:
    """Odds that moved are refused, with the new ones."""
    walk.new_market("moved")
    signed_in(walk.cloud, "trader").ask(SET_ODDS, market=walk.market, odds=odds_input({**ODDS, "1": "2.10"}))
    refusal = walk.refused_bet("moved", "20.00")
    expect(refusal.type, "ODDS_CHANGED", "the refusal")
    expect(refusal.info["selections"][0]["odds"], "2.10", "the new odds")
    walk.balance_rests()
    return "ODDS_CHANGED: 2.10"


def suspended_market(walk: Walk) -> str:
    """A suspended market takes no bets."""
    signed_in(walk.cloud, "trader").ask(SET_STATUS, market=walk.market, status="SUSPENDED")
    refusal = walk.refused_bet("suspended", "20.00", odds="2.10")
    expect(refusal.type, "MARKET_SUSPENDED", "the refusal")
    return refusal.message


def cancelled_prompt(walk: Walk) -> str:
    """A prompt that the phone cancels credits nothing."""
    walk.phone_will("cancel")
    payment = walk.player.ask(DEPOSIT, id=f"cancel-{walk.run}", amount=money("200.00"))
    heard = walk.hear("payment", payment["id"], "FAILED")
    walk.balance_rests()
    return f"FAILED: {heard['payment']['reason']}"


def callback_twice(walk: Walk) -> str:
    """A callback that arrives three times credits once."""
    walk.phone_will("approve", callback={"copies": 3, "spacing_s": 0.1})
    payment = walk.player.ask(DEPOSIT, id=f"twice-{walk.run}", amount=money("100.00"))
    walk.hear("payment", payment["id"], "COMPLETED")
    walk.available_cents += split_deposit(100_00, tariff_of_today()).credit_cents
    walk.balance_rests()
    eventually(lambda: walk.all_delivered(payment["id"], 3), "delivery of all three callbacks", Broken)
    return "3 callbacks, credited once"


def forged_callback(walk: Walk) -> str:
    """A forged callback credits nothing, whatever it says."""
    walk.phone_will("never", callback={"lost": True})
    payment = walk.player.ask(DEPOSIT, id=f"forged-{walk.run}", amount=money("300.00"))
    items = [{"Name": "Amount", "Value": 300}, {"Name": "MpesaReceiptNumber", "Value": f"F{walk.run[:8].upper()}"}]
    callback = {"CheckoutRequestID": "ws_CO_forged", "ResultCode": 0, "CallbackMetadata": {"Item": items}}
    url = f"{walk.cloud.addresses.callbacks}/cb/s/{payment['id']}/{'0' * 64}"
    post_json(url, {"Body": {"stkCallback": callback}})
    walk.queue_is_empty("payment", "Callbacks")
    status = walk.player.ask(PAYMENT, id=payment["id"])["status"]
    expect(status in ("COMPLETED",), False, "whether a forged callback completed the deposit")
    walk.balance_rests()
    return f"acknowledged, ignored: {status}"


def foreign_bet(walk: Walk) -> str:
    """Another player's bet does not exist for anybody else."""
    other = signed_in(walk.cloud, "bettor")
    expect(other.refusal(BET, id=walk.bet_id).type, "NOT_FOUND", "the answer to another player")
    expect(other.refusal(PAYMENT, id=walk.payment_id).type, "NOT_FOUND", "the answer about another's payment")
    return "NOT_FOUND"


def traders_only(walk: Walk) -> str:
    """A bettor may not call a trader's mutation, nor publish."""
    refusal = walk.player.refusal(SETTLE, market=walk.market, results=results_input("1"))
    expect(refusal.type, "Unauthorized", "the refusal")
    for publish in (
        'mutation { publishMarket(id: "m") { version } }',
        f'mutation {{ publishPlayer(userId: "{walk.player.user_id}", sequence: 1, cursor: "c") {{ userId }} }}',
    ):
        expect(walk.player.refusal(publish).type, "Unauthorized", "the refusal to publish")
    return refusal.message


def cancel_bet(walk: Walk) -> str:
    """A bet taken back in time gives its stake back."""
    walk.new_market("cancel")
    placed = walk.bet("cancel", "50.00")
    walk.available_cents -= 50_00
    walk.balance_rests(held="50.00")
    walk.player.ask("mutation($id: ID!) { cancelBet(id: $id) { status } }", id=placed["id"])
    walk.hear("bet", placed["id"], "CANCELLED")
    walk.available_cents += 50_00
    walk.balance_rests()
    return "50.00 back"


def trial_balance(walk: Walk) -> str:
    """The books balance: every entry, every account, every hold."""
    report = reconcile.audit(reconcile.scan(aws("dynamodb", walk.cloud.addresses), "betsafi-wallet-local"))
    expect(report.problems, [], "the trial balance's problems")
    expect(sum(report.totals.values()), 0, "the sum of all accounts")
    return f"{report.entries} entries sum to 0.00"
