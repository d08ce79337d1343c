"""Everything that a bettor can ask and hear, carried out in the order of a life with it, whatever the client is.

Fields are asked for with all that they can answer. Whoever adds one adds a step: `ran` is compared with the schema.
"""

import random
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import pytest
from botocore.exceptions import ClientError
from graphql import GraphQLNonNull, GraphQLObjectType, GraphQLOutputType, get_named_type

from betsafi import clock
from localcloud.cloud.running import Cloud, post_json
from localcloud.demo.app import App
from localcloud.demo.offer import create
from localcloud.demo.seed import settle, signed_in, wait_for_code
from localcloud.journey.asking import ODDS, SET_ODDS, money, new_phone, odds_input, results_input
from tests.e2e.test_authorization import FIELDS, HEARD, MAY
from tests.e2e.test_identity import another_code, on_device
from tests.support.stops import SUSPEND
from tests.support.waiting import eventually

DEEPEST = 7
"""How many levels the API answers."""
FOOTBALL, LEAGUE = "sr:sport:1", "ke-premier-league"
EVERYTHING = {name for who, names in MAY if "player" in who for name in names}
POPULAR = "mutation($fixture: ID!, $popular: Boolean!) { setPopular(fixtureId: $fixture, popular: $popular) }"


class Client(Protocol):
    """An app of a player who is signed in."""

    def answer(self, document: str, variables: dict[str, Any]) -> dict[str, Any]:
        """Return what was answered: the root field's value as `data`, or the type of the `error`."""

    def listen(self, name: str, document: str, variables: dict[str, Any]) -> None:
        """Subscribe under a name; return once it stands."""

    def heard(self, name: str) -> list[Any]:
        """Return what a subscription delivered, by its root field."""

    def refusal(self, name: str) -> str:
        """Return why a subscription was refused; empty while it was not."""


def whole(kind: GraphQLOutputType, level: int = 1) -> str:
    """Return a selection of everything in a type that needs no argument and lies high enough."""
    named = get_named_type(kind)
    if not isinstance(named, GraphQLObjectType):
        return ""
    chosen = [
        f"{name}{below}"
        for name, field in named.fields.items()
        if level < DEEPEST and not any(isinstance(each.type, GraphQLNonNull) for each in field.args.values())
        if (below := whole(field.type, level + 1)) or not isinstance(get_named_type(field.type), GraphQLObjectType)
    ]
    return f" {{ {' '.join(chosen)} }}" if chosen else ""


def document(name: str, given: dict[str, Any]) -> str:
    """Return how a field is asked for with these arguments, and everything that it answers."""
    operation, field = FIELDS[name]
    declared = ", ".join(f"${argument}: {field.args[argument].type}" for argument in given)
    passed = ", ".join(f"{argument}: ${argument}" for argument in given)
    heads = (f"({declared})", f"({passed})") if given else ("", "")
    return f"{operation}{heads[0]} {{ {name}{heads[1]}{whole(field.type)} }}"


class Bettor:
    """A player who does everything once."""

    def __init__(self, cloud: Cloud, trader: App, client: Client, phone: str, password: str) -> None:
        self.cloud, self.trader, self.client = cloud, trader, client
        self.phone, self.password = phone, password
        self.ran: set[str] = set()
        self.name = f"bettor-{uuid.uuid4().hex[:8]}"
        self.team = f"Team {self.name}"
        # A day of its own, so that nobody else's game moves on it.
        self.day = f"{datetime(2090, 1, 1, tzinfo=UTC) + timedelta(days=random.randrange(3000)):%Y-%m-%d}"
        self.market = f"{self.name}/1"
        teams = (self.team, "Nyota Stars")
        create(trader, self.name, LEAGUE, teams, f"{self.day}T12:00:00Z", {"1": ODDS})

    def ask(self, name: str, /, **given: Any) -> Any:
        """Return what a field answers. Raises AssertionError where it is refused."""
        answered = self.client.answer(document(name, given), given)
        assert "error" not in answered, (name, answered)
        self.ran.add(name)
        return answered["data"]

    def refused(self, name: str, code: str, /, **given: Any) -> None:
        """Have a field refused, where what it needs takes days or is not on a laptop."""
        assert self.client.answer(document(name, given), given) == {"error": code}, name
        self.ran.add(name)

    def listen(self, name: str, /, **given: Any) -> None:
        self.client.listen(name, document(name, given), given)

    def hear(self, part: str, **wanted: str) -> Any:
        """Return the player's first update whose part says this."""

        def told() -> list[Any]:
            updates = self.client.heard("onPlayerUpdate")
            return [update for update in updates if update[part] and wanted.items() <= update[part].items()]

        update = eventually(told, f"{part} {wanted}")[0]
        self.ran.add("onPlayerUpdate")
        return update

    def everything(self) -> None:
        """Do it all. Raises AssertionError for the first answer that is not as it should be."""
        self.look_around()
        self.say_who_one_is()
        self.sign_a_device_out()
        self.listen_to_all()
        self.hear_prices()
        self.pay_in()
        self.bet()
        self.pay_out()
        self.read()
        self.choose()
        self.change_address_and_number()
        self.protect()
        self.leave()
        assert self.ran == EVERYTHING

    def look_around(self) -> None:
        assert self.ask("start")["betting"] == self.ask("betting") == {"open": True, "message": None}
        assert FOOTBALL in [sport["id"] for sport in self.ask("sports")]
        assert LEAGUE in [each["id"] for each in self.ask("competitions", sportId=FOOTBALL, limit=100)["items"]]
        (game,) = self.ask("fixtures", filter={"sportId": FOOTBALL, "day": self.day}, limit=50)["items"]
        assert (game["id"], game["home"]["name"]["en"]) == (self.name, self.team)
        assert self.ask("fixture", id=self.name) == game
        assert [market["id"] for market in self.ask("markets", fixtureId=self.name)["items"]] == [self.market]
        assert [market["id"] for market in self.ask("marketsByIds", ids=[self.market])] == [self.market]
        assert [found["id"] for found in self.ask("searchFixtures", text=self.name)["items"]] == [self.name]
        self.trader.ask(POPULAR, fixture=self.name, popular=True)
        eventually(lambda: game in self.ask("popularFixtures", sportId=FOOTBALL), "a lobby that has it")
        self.trader.ask(POPULAR, fixture=self.name, popular=False)

    def say_who_one_is(self) -> None:
        me = self.ask("me")
        assert (me["phoneNumber"], me["hasPassword"]) == (self.phone, True)
        self.user_id = me["id"]
        assert self.ask("updateProfile", input={"displayName": "Amina"})["displayName"] == "Amina"
        terms = self.ask("terms")
        accepted = self.ask("acceptTerms", terms=terms["terms"], privacy=terms["privacy"])
        assert (accepted["due"], accepted["acceptedTerms"]) == (False, terms["terms"])
        person = {"firstName": "Amina", "lastName": "Otieno", "birthdate": "1990-06-15"}
        number = str(random.randrange(10_000_000, 99_999_999))
        shown = self.ask("submitIdentity", input={"documentKind": "NATIONAL_ID", "number": number, **person})
        assert shown["state"] == "PENDING"
        eventually(lambda: self.ask("identity")["state"] == "VERIFIED", "the register's answer")

    def sign_a_device_out(self) -> None:
        """Sign in on another device, and sign that one out from here."""
        used = wait_for_code(self.cloud, self.phone)
        other = on_device(self.cloud, self.phone, self.password)
        other.ask_code()
        code = eventually(lambda: another_code(self.cloud, self.phone, used), "another code", LookupError)
        assert not other.answer_code(code)
        assert other.answer_code(self.password)
        known = {device["current"]: device["id"] for device in self.ask("devices")}
        after = {device["id"]: device["signedOutAt"] for device in self.ask("signOutDevice", id=known[False])}
        assert (after[known[True]], bool(after[known[False]])) == (None, True)
        with pytest.raises(ClientError, match="SIGNED_OUT"):
            other.refresh()

    def listen_to_all(self) -> None:
        self.listen("onMarketUpdated", fixtureId=self.name)
        self.listen("onCompetitionMarketUpdated", competitionId=LEAGUE, main=True)
        self.listen("onDayMarketUpdated", sportId=FOOTBALL, day=self.day, main=True)
        self.listen("onPlayerUpdate", userId=self.user_id)

    def hear_prices(self) -> None:
        """Hear of a price by each subscription to markets."""
        version = self.trader.ask(SET_ODDS, market=self.market, odds=odds_input({**ODDS, "1": "2.55"}))["version"]
        for name in set(HEARD) - {"onPlayerUpdate"}:

            def told(name: str = name) -> list[Any]:
                return [market for market in self.client.heard(name) if market["id"] == self.market]

            assert (market := eventually(told, f"a price by {name}")[0])["version"] == version
            assert [pick["odds"] for pick in market["selections"] if pick["key"] == "1"] == ["2.55"]
            self.ran.add(name)

    def pay_in(self) -> None:
        assert self.ask("paymentChannels")["deposits"]["open"]
        eventually(lambda: "data" in self.client.answer(document("wallet", {}), {}), "an open wallet")
        assert self.ask("paybill")["accountNumber"]
        form = self.ask("depositForm", amount=money("1000"))
        assert form["refusal"] is None
        rule = {"match": {"kind": "stk", "phone": self.phone.lstrip("+")}, "times": 1}
        approves = {"outcome": "approve", "delay_s": 0.1}
        post_json(f"{self.cloud.addresses.daraja}/_fake/scripts", {**rule, "script": approves})
        asked = self.ask("deposit", clientRequestId="first-deposit", amount=money("1000"))
        told = self.hear("payment", id=asked["id"], status="COMPLETED")
        assert told["wallet"]["available"] == self.ask("wallet")["available"] == form["credited"]
        paid = self.ask("payment", id=asked["id"])
        assert (paid["credited"], paid["tax"], paid["isFinal"]) == (form["credited"], form["tax"], True)
        assert self.ask("payments", kind="DEPOSIT")["items"] == [paid]

    def slip(self, name: str, odds: str = "2.55") -> dict[str, Any]:
        pick = {"marketId": self.market, "selectionId": f"{self.market}/1", "odds": odds}
        return {"clientRequestId": name, "stake": money("100"), "selections": [pick]}

    def bet(self) -> None:
        slip = self.slip("first-bet")
        quote = self.ask("quoteSlip", input=slip)
        assert (quote["accepted"], quote["potentialPayout"]["amount"]) == (True, "255.00")
        code = self.ask("shareSlip", selections=slip["selections"])["code"]
        assert [leg["odds"] for leg in self.ask("sharedSlip", code=code)["legs"]] == ["2.55"]
        back = self.ask("placeBet", input=self.slip("second-bet"))
        assert self.ask("cancelBet", id=back["id"])["status"] == "CANCELLED"
        assert [leg["marketId"] for leg in self.ask("repeatBet", id=back["id"])["legs"]] == [self.market]
        placed = self.ask("placeBet", input=slip)
        assert (placed["status"], placed["potentialPayout"]) == ("ACCEPTED", quote["potentialPayout"])
        place = self.ask("changesSince")["cursor"]
        settle(self.cloud, self.market, results_input("1"))
        told = self.hear("bet", id=placed["id"], status="SETTLED")
        assert (told["bet"]["outcome"], told["bet"]["payout"]["amount"]) == ("WON", "255.00")
        assert self.ask("bet", id=placed["id"]) == told["bet"]
        assert [each["id"] for each in self.ask("bets", statuses=["SETTLED"])["items"]] == [placed["id"]]
        changed = self.ask("changesSince", cursor=place)
        assert told["bet"] in changed["bets"]

    def pay_out(self) -> None:
        assert self.ask("requestFreshCode") is True
        wait_for_code(self.cloud, self.phone, "confirms what you asked")
        form = self.ask("withdrawalForm", amount=money("200"))
        assert (form["refusal"], form["codeNeeded"]) == (None, False)
        asked = self.ask("withdraw", clientRequestId="first-withdrawal", amount=money("200"))
        self.hear("payment", id=asked["id"], status="COMPLETED")
        assert self.ask("payment", id=asked["id"])["paid"] == form["paid"]

    def read(self) -> None:
        today = f"{clock.now().astimezone(clock.NAIROBI):%Y-%m-%d}"
        yesterday = f"{clock.now().astimezone(clock.NAIROBI) - timedelta(days=1):%Y-%m-%d}"
        kinds = [entry["kind"] for entry in self.ask("walletEntries", kinds=["DEPOSIT", "SETTLEMENT"])["items"]]
        assert kinds == ["SETTLEMENT", "DEPOSIT"]
        statement = self.ask("walletStatement", **{"from": yesterday, "to": today})
        assert all(kind in statement for kind in kinds)
        activity = self.ask("activitySummary", **{"from": yesterday, "to": today, "by": "MONTH"})
        assert activity

        def unread() -> list[Any]:
            return list(self.ask("notifications", limit=100, unreadOnly=True)["items"])

        ends = {"DEPOSIT_COMPLETED", "BET_CANCELLED", "BET_WON", "WITHDRAWAL_COMPLETED"}
        eventually(lambda: ends <= {note["kind"] for note in unread()}, "the last message about each")
        notes = unread()
        assert self.ask("unreadNotifications") >= len(notes) > 2
        assert self.ask("markNotificationsRead", ids=[notes[0]["id"]]) == 1
        read = {note["id"]: note["status"] for note in self.ask("notifications", limit=100)["items"]}
        assert read[notes[0]["id"]] == "READ"
        assert self.ask("markAllNotificationsRead") == 0

    def choose(self) -> None:
        before = {each["category"]: each["channels"] for each in self.ask("messagePreferences")["categories"]}
        wanted = {"categories": [{"category": "BETS", "channels": ["SMS"]}], "offersConsent": True}
        chosen = self.ask("setMessagePreferences", input=wanted)
        after = {each["category"]: each["channels"] for each in chosen["categories"]}
        assert (after, chosen["offersConsent"]) == ({**before, "BETS": ["SMS"]}, True)
        token = uuid.uuid4().hex
        self.refused("registerPushToken", "CONFIGURATION", token=token, platform="ANDROID")  # no SNS application here
        assert self.ask("forgetPushToken", token=token)["devices"] == 0

    def change_address_and_number(self) -> None:
        email = f"{self.name}@example.com"
        assert self.ask("setEmail", email=email) is True
        assert (
            self.ask("confirmEmail", code=wait_for_code(self.cloud, email, "confirms this address"))["email"] == email
        )
        assert self.ask("removeEmail")["email"] is None
        new, newer = new_phone(), new_phone()
        assert self.ask("changePhone", newNumber=new) is True
        codes = {
            "oldCode": wait_for_code(self.cloud, self.phone, "takes this number OFF"),
            "newCode": wait_for_code(self.cloud, new, "puts this number on"),
        }
        assert self.ask("confirmPhoneChange", **codes)["phoneNumber"] == new
        lost = {"newNumber": newer, "reason": "the SIM card is lost"}
        assert self.ask("requestPhoneReview", **lost) == "CODE_SENT"
        code = wait_for_code(self.cloud, newer, "puts this number on")
        assert self.ask("requestPhoneReview", **lost, newCode=code) == "IN_REVIEW"

    def protect(self) -> None:
        def limits(cents: str) -> Any:
            return self.ask("setLimits", input=[{"name": "STAKE_DAY", "amount": money(cents)}])

        assert [each["amount"]["amount"] for each in limits("500")["limits"]] == ["500.00"]
        assert [each["amount"]["amount"] for each in limits("900")["asked"]] == ["900.00"]
        self.refused("confirmLimit", "NOT_YET", name="STAKE_DAY")  # in a day
        assert self.ask("setRealityCheck", minutes=10)["realityCheck"]["everyMinutes"] == 10
        assert self.ask("acknowledgeRealityCheck")["realityCheck"]["due"] is False
        assert self.ask("takeTimeOut", hours=24)["stop"]["kind"] == "TIME_OUT"
        assert self.ask("excludeMyself", months=6)["stop"]["kind"] == "EXCLUSION"
        assert self.ask("protection")["stop"]["kind"] == "EXCLUSION"
        self.refused("endExclusion", "NOT_YET")  # in six months
        signed_in(self.cloud, "support").ask(SUSPEND, id=self.user_id)
        words = "I should like to hear why."
        assert self.ask("appeal", text=words)["appeal"]["text"] == words

    def leave(self) -> None:
        """Be refused another player's updates, and sign out everywhere."""
        asked = {"userId": "somebody-else"}
        self.client.listen("another's", document("onPlayerUpdate", asked), asked)
        refused = eventually(lambda: self.client.refusal("another's"), "a refusal")
        assert "Not Authorized to access onPlayerUpdate" in refused
        assert all(device["signedOutAt"] for device in self.ask("signOutEverywhere"))
