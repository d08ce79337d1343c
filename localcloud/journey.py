"""A player's journey through the whole platform, happy and unhappy, as a phone would do it.

Each step is one promise, checked and timed. The same steps are the core of the end-to-end tests.
"""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from botocore.exceptions import ClientError

from localcloud.cloud.running import Cloud, aws, get_json, post_json
from localcloud.demo import seed
from localcloud.demo.app import App, AppError
from localcloud.demo.seed import SETTLE, create_fixture, new_app, signed_in, wait_for_code
from tools import reconcile
from tools.waiting import eventually

MONEY = "{ currency amount }"
ODDS = {"1": "2.50", "X": "3.20", "2": "2.90"}
WALLET = f"query {{ wallet {{ available {MONEY} held {MONEY} }} }}"
DEPOSIT = f"""mutation($id: ID!, $amount: MoneyInput!) {{
  deposit(clientRequestId: $id, amount: $amount) {{ id status message amount {MONEY} }} }}"""
WITHDRAW = f"""mutation($id: ID!, $amount: MoneyInput!) {{
  withdraw(clientRequestId: $id, amount: $amount) {{ id status message amount {MONEY} }} }}"""
PAYMENT = f"""query($id: ID!) {{
  payment(id: $id) {{ id status reason message tax {MONEY} paid {MONEY} returned {MONEY} receipt }} }}"""
PLACE_BET = f"""mutation($input: PlaceBetInput!) {{
  placeBet(input: $input) {{ id status stake {MONEY} potentialPayout {MONEY} legs {{ odds }} }} }}"""
BET = f"query($id: ID!) {{ bet(id: $id) {{ id status outcome payout {MONEY} }} }}"
SET_ODDS = "mutation($market: ID!, $odds: [OddsInput!]!) { setOdds(marketId: $market, odds: $odds) { version } }"
SET_STATUS = """mutation($market: ID!, $status: MarketStatus!) {
  setMarketStatus(marketId: $market, status: $status) { status } }"""
ON_UPDATE = f"""subscription($me: ID!) {{ onPlayerUpdate(userId: $me) {{
  userId
  bet {{ id version status outcome payout {MONEY} }}
  wallet {{ id version available {MONEY} held {MONEY} }}
  payment {{ id version kind status reason message }}
  notification {{ id version kind text }} }} }}"""


class Broken(Exception):
    """A promise was not kept; the message says which and how."""


@dataclass(frozen=True)
class Result:
    """One step as it went."""

    name: str
    seconds: float
    seen: str
    failure: str = ""


def expect(seen: Any, wanted: Any, what: str) -> None:
    """Raise Broken unless two things are equal."""
    if seen != wanted:
        raise Broken(f"{what} is {seen!r} and should be {wanted!r}")


def money(amount: str) -> dict[str, str]:
    """Return a GraphQL `MoneyInput`."""
    return {"currency": "KES", "amount": amount}


def new_phone() -> str:
    """Return a phone number that is hardly taken."""
    return f"+2547{random.SystemRandom().randrange(10**8):08d}"


class Journey:
    """The steps in order, each a method that returns what it saw, in words."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.run = uuid4().hex[:8]
        self.player = new_app(cloud, new_phone())
        self.market = f"journey-{self.run}-1x2"
        self.bet_id = self.payment_id = ""
        self._open = ExitStack()

    def steps(self) -> Iterator[Callable[[], str]]:
        """Yield the steps, the happy side first."""
        yield from (self.sign_up, self.open_wallet, self.listen, self.deposit, self.browse, self.place_bet)
        yield from (self.hear_of_the_bet, self.settle, self.withdraw, self.get_sms, self.read_statement)
        yield from (self.insufficient_funds, self.moved_odds, self.suspended_market, self.cancelled_prompt)
        yield from (self.callback_twice, self.forged_callback, self.foreign_bet, self.traders_only, self.cancel_bet)
        yield self.trial_balance

    def close(self) -> None:
        """Stop listening."""
        self._open.close()

    # -- the happy side

    def sign_up(self) -> str:
        """Sign up by phone and code; a child is refused."""
        child = new_app(self.cloud, new_phone())
        child.sign_up(birthdate=f"{datetime.now(UTC).year - 17}-12-31")
        try:
            child.confirm(wait_for_code(self.cloud, child.phone))
        except ClientError as error:
            expect("UNDER_AGE" in error.response["Error"]["Message"], True, "the refusal of a child")
        else:
            raise Broken("a child could sign up")
        self.player.sign_up()
        self.player.confirm(wait_for_code(self.cloud, self.player.phone))
        self.player.sign_in()
        me = self.player.ask("query { me { id phoneNumber status } }")
        expect(me, {"id": self.player.user_id, "phoneNumber": self.player.phone, "status": "ACTIVE"}, "the profile")
        return f"player {me['id'][:8]}, a child refused"

    def open_wallet(self) -> str:
        """The wallet opens by itself."""
        wallet = eventually(lambda: self._try(self.player, WALLET), "wallet")
        expect(wallet["available"], {"currency": "KES", "amount": "0.00"}, "the new balance")
        return "0.00"

    def listen(self) -> str:
        """Subscribe to one's own bets, wallet, payments and notifications; another's are refused."""
        self.updates = self._open.enter_context(self.player.listen(ON_UPDATE, me=self.player.user_id))
        with self.player.listen(ON_UPDATE, me="somebody-else") as feed:
            eventually(lambda: feed.error, "refusal of another's subscription")
        return "subscribed, another's refused"

    def deposit(self) -> str:
        """Deposit KES 1,000; the phone approves; excise is taken."""
        self._phone_will("approve")
        self.payment_id = self.player.ask(DEPOSIT, id=f"deposit-{self.run}", amount=money("1000.00"))["id"]
        again = self.player.ask(DEPOSIT, id=f"deposit-{self.run}", amount=money("1000.00"))["id"]
        expect(again, self.payment_id, "the repeated deposit")
        heard = self._hear("payment", self.payment_id, "COMPLETED")
        expect(heard["wallet"]["available"]["amount"], "950.00", "the balance that came with the deposit")
        self._balance_is("950.00")
        tax = self.player.ask(PAYMENT, id=self.payment_id)["tax"]
        expect(tax["amount"], "50.00", "the excise")
        return "950.00 available, 50.00 excise"

    def browse(self) -> str:
        """Browse the events; a trader adds one."""
        trader = signed_in(self.cloud, "trader")
        starts_at = f"{datetime.now(UTC) + timedelta(hours=2):%Y-%m-%dT%H:%M:%SZ}"
        fixture = {"id": f"journey-{self.run}", "competition": "Journey", "home": "Home", "away": "Away"}
        create_fixture(trader, {**fixture, "startsAt": starts_at, "odds": _odds(ODDS)})
        page = self.player.ask("query { events(limit: 50) { items { id markets { id selections { id key odds } } } } }")
        found = [event for event in page["items"] if event["id"] == f"journey-{self.run}"]
        if not found:  # many runs on one day: look it up by itself
            found = [self.player.ask(f'query {{ event(id: "journey-{self.run}") {{ id markets {{ id }} }} }}')]
        expect(found[0]["markets"][0]["id"], self.market, "the event's market")
        return f"{len(page['items'])} events"

    def place_bet(self) -> str:
        """Place KES 100 on a selection; asking again places nothing more."""
        placed = self._bet("bet", "100.00")
        expect(placed["status"], "ACCEPTED", "the bet's status")
        expect(placed["potentialPayout"]["amount"], "250.00", "the potential payout")
        expect(self._bet("bet", "100.00")["id"], placed["id"], "the repeated bet")
        self.bet_id = placed["id"]
        self._balance_is("850.00", "100.00")
        return "accepted at 2.50, stake held once"

    def hear_of_the_bet(self) -> str:
        """The subscription tells that the bet is accepted."""
        self._hear("bet", self.bet_id, "ACCEPTED")
        return "BetAccepted heard"

    def settle(self) -> str:
        """Two traders settle it won, as its game cannot be over; the payout arrives and is told."""
        answers = seed.settle(self.cloud, self.market, _results("1"))
        expect([answer["status"] for answer in answers], ["PROPOSED", "SETTLED"], "what the two traders were told")
        heard = self._hear("bet", self.bet_id, "SETTLED")
        expect((heard["bet"]["outcome"], heard["bet"]["payout"]["amount"]), ("WON", "250.00"), "the settled bet")
        expect(heard["wallet"]["available"]["amount"], "1100.00", "the balance that came with the settled bet")
        self._balance_is("1100.00")
        return "250.00 paid, 1100.00 available"

    def withdraw(self) -> str:
        """Withdraw KES 500; M-Pesa pays the phone, less withholding tax."""
        before = self._phone_balance()
        self.payment_id = self.player.ask(WITHDRAW, id=f"withdraw-{self.run}", amount=money("500.00"))["id"]
        self._hear("payment", self.payment_id, "COMPLETED")
        self._balance_is("600.00")
        paid = self.player.ask(PAYMENT, id=self.payment_id)
        expect((paid["paid"]["amount"], paid["tax"]["amount"]), ("475.00", "25.00"), "what was paid and taxed")
        expect(self._phone_balance() - before, 475.0, "what the phone received")
        return "475.00 on the phone, 25.00 tax"

    def get_sms(self) -> str:
        """SMS tell of the deposit and the withdrawal; the inbox has them too, and the win."""
        wanted = ("1000.00", "475.00")

        def texts() -> list[str]:
            found = get_json(f"{self.cloud.addresses.inbox}/messages?to={self.player.phone.lstrip('+')}")["messages"]
            said = [message["text"] for message in found if message["source"] == "SNS"]
            missing = [amount for amount in wanted if not any(amount in text for text in said)]
            expect(missing, [], f"what none of {said} tells")
            return said

        said = eventually(texts, "SMS of deposit and withdrawal", Broken)
        self.updates.wait_for(lambda update: update["notification"] is not None, "notification")
        inbox = self.player.ask("query { notifications { items { id kind text status } } }")["items"]
        expect([text for text in said if "250.00" in text], [], "the SMS about bets")
        expect(any("250.00" in note["text"] for note in inbox), True, "whether the inbox tells of the win")
        marked = self.player.ask(
            "mutation($ids: [ID!]!) { markNotificationsRead(ids: $ids) }", ids=[note["id"] for note in inbox]
        )
        expect(marked, len(inbox), "the notifications marked as read")
        return f"{len(said)} SMS, {len(inbox)} in the inbox"

    def read_statement(self) -> str:
        """The statement shows every movement, newest first."""
        page = self.player.ask(f"query {{ walletEntries {{ items {{ kind available {MONEY} }} cursor }} }}")
        seen = [(entry["kind"], entry["available"]["amount"]) for entry in page["items"]]
        wanted = [("HOLD", "-500.00"), ("SETTLEMENT", "250.00"), ("HOLD", "-100.00"), ("DEPOSIT", "950.00")]
        expect([entry for entry in seen if entry[0] != "PAYOUT"], wanted, "the statement")
        expect(seen[0][0], "PAYOUT", "the newest entry")
        return f"{len(seen)} entries"

    # -- the unhappy side

    def insufficient_funds(self) -> str:
        """A stake above the balance is refused and moves nothing."""
        self._new_market("funds")
        refusal = self._refused_bet("funds", "600.01")
        expect(refusal.type, "INSUFFICIENT_FUNDS", "the refusal")
        self._balance_is("600.00")
        return refusal.message

    def moved_odds(self) -> str:
        """Odds that moved are refused, with the new ones."""
        self._new_market("moved")
        signed_in(self.cloud, "trader").ask(SET_ODDS, market=self.market, odds=_odds({**ODDS, "1": "2.10"}))
        refusal = self._refused_bet("moved", "20.00")
        expect(refusal.type, "ODDS_CHANGED", "the refusal")
        expect(refusal.info["selections"][0]["odds"], "2.10", "the new odds")
        self._balance_is("600.00")
        return "ODDS_CHANGED: 2.10"

    def suspended_market(self) -> str:
        """A suspended market takes no bets."""
        signed_in(self.cloud, "trader").ask(SET_STATUS, market=self.market, status="SUSPENDED")
        refusal = self._refused_bet("suspended", "20.00", odds="2.10")
        expect(refusal.type, "MARKET_SUSPENDED", "the refusal")
        return refusal.message

    def cancelled_prompt(self) -> str:
        """A prompt that the phone cancels credits nothing."""
        self._phone_will("cancel")
        payment = self.player.ask(DEPOSIT, id=f"cancel-{self.run}", amount=money("200.00"))
        heard = self._hear("payment", payment["id"], "FAILED")
        self._balance_is("600.00")
        return f"FAILED: {heard['payment']['reason']}"

    def callback_twice(self) -> str:
        """A callback that arrives three times credits once."""
        self._phone_will("approve", callback={"copies": 3, "spacing_s": 0.1})
        payment = self.player.ask(DEPOSIT, id=f"twice-{self.run}", amount=money("100.00"))
        self._hear("payment", payment["id"], "COMPLETED")
        self._balance_is("695.00")
        eventually(lambda: self._all_delivered(payment["id"], 3), "delivery of all three callbacks", Broken)
        return "3 callbacks, credited once"

    def forged_callback(self) -> str:
        """A forged callback credits nothing, whatever it says."""
        self._phone_will("never", callback={"lost": True})
        payment = self.player.ask(DEPOSIT, id=f"forged-{self.run}", amount=money("300.00"))
        items = [{"Name": "Amount", "Value": 300}, {"Name": "MpesaReceiptNumber", "Value": f"F{self.run[:8].upper()}"}]
        callback = {"CheckoutRequestID": "ws_CO_forged", "ResultCode": 0, "CallbackMetadata": {"Item": items}}
        url = f"{self.cloud.addresses.callbacks}/cb/s/{payment['id']}/{'0' * 64}"
        post_json(url, {"Body": {"stkCallback": callback}})
        self._queue_is_empty("payment", "Callbacks")
        status = self.player.ask(PAYMENT, id=payment["id"])["status"]
        expect(status in ("COMPLETED",), False, "whether a forged callback completed the deposit")
        self._balance_is("695.00")
        return f"acknowledged, ignored: {status}"

    def foreign_bet(self) -> str:
        """Another player's bet does not exist for anybody else."""
        other = signed_in(self.cloud, "bettor")
        expect(other.refusal(BET, id=self.bet_id).type, "NOT_FOUND", "the answer to another player")
        expect(other.refusal(PAYMENT, id=self.payment_id).type, "NOT_FOUND", "the answer about another's payment")
        return "NOT_FOUND"

    def traders_only(self) -> str:
        """A bettor may not call a trader's mutation, nor publish."""
        refusal = self.player.refusal(SETTLE, market=self.market, results=_results("1"))
        expect(refusal.type, "Unauthorized", "the refusal")
        for publish in (
            'mutation { publishMarket(id: "m") { version } }',
            f'mutation {{ publishPlayer(userId: "{self.player.user_id}") {{ userId }} }}',
        ):
            expect(self.player.refusal(publish).type, "Unauthorized", "the refusal to publish")
        return refusal.message

    def cancel_bet(self) -> str:
        """A bet taken back in time gives its stake back."""
        self._new_market("cancel")
        placed = self._bet("cancel", "50.00")
        self._balance_is("645.00", "50.00")
        self.player.ask("mutation($id: ID!) { cancelBet(id: $id) { status } }", id=placed["id"])
        self._hear("bet", placed["id"], "CANCELLED")
        self._balance_is("695.00")
        return "50.00 back"

    def trial_balance(self) -> str:
        """The books balance: every entry, every account, every hold."""
        report = reconcile.audit(reconcile.scan(aws("dynamodb", self.cloud.addresses), "betsafi-wallet-local"))
        expect(report.problems, [], "the trial balance's problems")
        expect(sum(report.totals.values()), 0, "the sum of all accounts")
        return f"{report.entries} entries sum to 0.00"

    # -- helpers

    def _try(self, app: App, document: str) -> Any:
        try:
            return app.ask(document)
        except AppError as error:
            if error.type == "NOT_FOUND":
                return None
            raise

    def _balance_is(self, available: str, held: str = "0.00") -> None:
        def look() -> bool:
            wallet = self.player.ask(WALLET)
            seen = wallet["available"]["amount"], wallet["held"]["amount"]
            expect(seen, (available, held), "what is available and held")
            return True

        eventually(look, f"balance of {available} available and {held} held", Broken)

    def _hear(self, part: str, thing_id: str, status: str) -> dict[str, Any]:
        def wanted(update: dict[str, Any]) -> bool:
            thing = update[part]
            return thing is not None and (thing["id"], thing["status"]) == (thing_id, status)

        return self.updates.wait_for(wanted, f"{status} of {thing_id}")

    def _new_market(self, name: str) -> None:
        starts_at = f"{datetime.now(UTC) + timedelta(hours=2):%Y-%m-%dT%H:%M:%SZ}"
        fixture = {"id": f"{name}-{self.run}", "competition": "Journey", "home": "Home", "away": "Away"}
        create_fixture(signed_in(self.cloud, "trader"), {**fixture, "startsAt": starts_at, "odds": _odds(ODDS)})
        self.market = f"{name}-{self.run}-1x2"

    def _slip(self, name: str, stake: str, odds: str) -> dict[str, Any]:
        picks = [{"marketId": self.market, "selectionId": f"{self.market}/1", "odds": odds}]
        return {"clientRequestId": f"{name}-{self.run}", "stake": money(stake), "selections": picks}

    def _bet(self, name: str, stake: str, odds: str = "2.50") -> Any:
        return self.player.ask(PLACE_BET, input=self._slip(name, stake, odds))

    def _refused_bet(self, name: str, stake: str, odds: str = "2.50") -> AppError:
        return self.player.refusal(PLACE_BET, input=self._slip(name, stake, odds))

    def _phone_will(self, outcome: str, **script: Any) -> None:
        phone = self.player.phone.lstrip("+")
        rule = {"match": {"kind": "stk", "phone": phone}, "times": 1}
        given = {"outcome": outcome, "delay_s": 0.2, **script}
        post_json(f"{self.cloud.addresses.daraja}/_fake/scripts", {**rule, "script": given})

    def _phone_balance(self) -> float:
        phone = self.player.phone.lstrip("+")
        return float(get_json(f"{self.cloud.addresses.daraja}/_fake/phones/{phone}")["balance"])

    def _all_delivered(self, payment_id: str, wanted: int) -> bool:
        deliveries = get_json(f"{self.cloud.addresses.daraja}/_fake/deliveries")["deliveries"]
        expect(sum(payment_id in str(row) for row in deliveries), wanted, "the number of callbacks delivered")
        return True

    def _queue_is_empty(self, service: str, queue: str) -> None:
        sqs = aws("sqs", self.cloud.addresses)
        urls = sqs.list_queues(QueueNamePrefix=f"betsafi-{service}-local-{queue}Queue").get("QueueUrls", [])
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]

        def look() -> bool:
            (url,) = urls
            found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
            expect({found[name] for name in names}, {"0"}, "what waits in the queue and what is being handled")
            return True

        eventually(look, f"emptiness of the {queue} queue", Broken)


def _odds(odds: dict[str, str]) -> list[dict[str, str]]:
    return [{"key": key, "odds": value} for key, value in odds.items()]


def _results(winner: str) -> list[dict[str, str]]:
    return [{"key": key, "result": "WON" if key == winner else "LOST"} for key in ODDS]


def run(cloud: Cloud, tell: Callable[[Result], None]) -> bool:
    """Run the journey and tell each step as it is done; return whether all promises were kept. Stops at the first
    that was not."""
    journey = Journey(cloud)
    try:
        for step in journey.steps():
            name = (step.__doc__ or step.__name__).strip().rstrip(".")
            started = time.monotonic()
            try:
                seen = step()
            except Exception as error:  # noqa: BLE001  the step's row says what went wrong
                tell(Result(name, time.monotonic() - started, "", f"{type(error).__name__}: {error}"))
                return False
            tell(Result(name, time.monotonic() - started, seen))
    finally:
        journey.close()
    return True
