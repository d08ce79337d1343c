"""The player on the way: what every step starts from, and how it checks what it sees."""

from collections.abc import Mapping
from contextlib import ExitStack
from decimal import Decimal
from typing import Any
from uuid import uuid4

from betsafi import clock
from betsafi.money import format_amount
from localcloud.cloud.running import Cloud, aws, get_json, post_json
from localcloud.demo.app import App, AppError, Feed
from localcloud.demo.offer import Markets, create_games
from localcloud.demo.seed import new_app, signed_in
from localcloud.journey.asking import ODDS, PLACE_BET, WALLET, money, new_phone
from payment.taxes import Tariff, tariff_on
from tools.base.waiting import eventually


class Broken(Exception):
    """A promise was not kept; the message says which and how."""


def expect(seen: Any, wanted: Any, what: str) -> None:
    """Raise Broken unless two things are equal."""
    if seen != wanted:
        raise Broken(f"{what} is {seen!r} and should be {wanted!r}")


def tariff_of_today() -> Tariff:
    """Return the tariff by which the platform taxes what is asked for now."""
    return tariff_on(clock.now().astimezone(clock.NAIROBI).date())


class Walk:
    """One player's way through the platform, over https and wss: `market` is the one that bets go to, `slips` what was
    placed beside them, `games` what was offered for it, `updates` what the player hears."""

    updates: Feed
    available_cents = 0
    """What the player should have, by the law of the day."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.run = uuid4().hex[:8]
        self.player = new_app(cloud, new_phone(), secure=True)
        self.market = ""
        self.games: list[str] = []
        self.slips: dict[str, Any] = {}
        self.bet_id = self.payment_id = self.paid_out = ""
        self._open = ExitStack()

    def listen(self, document: str, **variables: Any) -> None:
        """Subscribe as the player until the end of the walk."""
        self.updates = self._open.enter_context(self.player.listen(document, **variables))

    def close(self) -> None:
        """Stop listening."""
        self._open.close()

    def try_to_ask(self, app: App, document: str) -> Any:
        """Return an answer, None while there is nothing to answer. Raises AppError."""
        try:
            return app.ask(document)
        except AppError as error:
            if error.type == "NOT_FOUND":
                return None
            raise

    @property
    def available(self) -> str:
        """What the player should have, as the platform shows it."""
        return format_amount(self.available_cents)

    def balance_rests(self, held: str = "0.00") -> None:
        """Wait until the player has what they should, and this much is held. Raises Broken."""

        def look() -> bool:
            wallet = self.player.ask(WALLET)
            seen = wallet["available"]["amount"], wallet["held"]["amount"]
            expect(seen, (self.available, held), "what is available and held")
            return True

        eventually(look, f"balance of {self.available} available and {held} held", Broken)

    def hear(self, part: str, thing_id: str, status: str) -> dict[str, Any]:
        """Return the update in which a bet or a payment has a status. Raises TimeoutError."""

        def wanted(update: dict[str, Any]) -> bool:
            thing = update[part]
            return thing is not None and (thing["id"], thing["status"]) == (thing_id, status)

        return self.updates.wait_for(wanted, f"{status} of {thing_id}")

    def game(self, name: str) -> str:
        """Return the id of a fixture of this walk alone."""
        return f"{name}-{self.run}"

    def offer(self, games: Mapping[str, Markets]) -> None:
        """Have a trader create fixtures of this walk alone, by their names."""
        self.games += map(self.game, games)
        create_games(signed_in(self.cloud, "trader"), {self.game(name): markets for name, markets in games.items()})

    def new_market(self, name: str) -> None:
        """Have a trader create a fixture; its market is the one that bets go to."""
        self.offer({name: {"1": ODDS}})
        self.market = f"{self.game(name)}/1"

    def _slip(self, name: str, stake: str, odds: str) -> dict[str, Any]:
        picks = [{"marketId": self.market, "selectionId": f"{self.market}/1", "odds": odds}]
        return {"clientRequestId": f"{name}-{self.run}", "stake": money(stake), "selections": picks}

    def bet(self, name: str, stake: str, odds: str = "2.50") -> Any:
        """Place a bet on the home side."""
        return self.player.ask(PLACE_BET, input=self._slip(name, stake, odds))

    def refused_bet(self, name: str, stake: str, odds: str = "2.50") -> AppError:
        """Return how a bet on the home side is refused."""
        return self.player.refusal(PLACE_BET, input=self._slip(name, stake, odds))

    def phone_will(self, outcome: str, **script: Any) -> None:
        """Script what the player's phone does with the next prompt."""
        phone = self.player.phone.lstrip("+")
        rule = {"match": {"kind": "stk", "phone": phone}, "times": 1}
        given = {"outcome": outcome, "delay_s": 0.2, **script}
        post_json(f"{self.cloud.addresses.daraja}/_fake/scripts", {**rule, "script": given})

    def phone_balance(self) -> Decimal:
        """Return what M-Pesa holds for the player."""
        phone = self.player.phone.lstrip("+")
        return Decimal(get_json(f"{self.cloud.addresses.daraja}/_fake/phones/{phone}")["balance"])

    def all_delivered(self, payment_id: str, wanted: int) -> bool:
        """Return True once so many callbacks of a payment were posted. Raises Broken."""
        deliveries = get_json(f"{self.cloud.addresses.daraja}/_fake/deliveries")["deliveries"]
        expect(sum(payment_id in str(row) for row in deliveries), wanted, "the number of callbacks delivered")
        return True

    def queue_is_empty(self, service: str, queue: str) -> None:
        """Wait until nothing waits in a queue and nothing of it is being handled. Raises Broken."""
        sqs = aws("sqs", self.cloud.addresses)
        urls = sqs.list_queues(QueueNamePrefix=f"betsafi-{service}-local-{queue}Queue").get("QueueUrls", [])
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]

        def look() -> bool:
            (url,) = urls
            found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
            expect({found[name] for name in names}, {"0"}, "what waits in the queue and what is being handled")
            return True

        eventually(look, f"emptiness of the {queue} queue", Broken)
