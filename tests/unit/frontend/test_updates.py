"""What subscribers are told: every event, every field, each thing once."""

import json
from types import ModuleType
from typing import Any

import pytest
from graphql import parse, print_ast, validate

from betsafi.events.bet import BetAccepted, OddsChanged
from betsafi.events.notifications import NotificationSent
from betsafi.events.payment import DepositCompleted, PaymentProgressed
from betsafi.events.wallet import BalanceChanged
from frontend.updates import EVENTS, SELECTIONS, Update, document, joined, update_of
from tests.support.schema import api_schema, object_type
from tests.support.services import load

SCHEMA = api_schema()


def example(model: type) -> Any:
    values = {"payout_cents": 250, "stake_cents": 100, "odds": {"1": "2.00"}, "outcome": "WON", "status": "OPEN"}
    values["kind"] = "DEPOSIT"
    chosen = {}
    for name, field in model.model_fields.items():  # type: ignore[attr-defined]
        kind = field.annotation
        chosen[name] = values.get(name, 7 if kind is int else "x" if kind is str else None)
    return model(**{name: value for name, value in chosen.items() if value is not None})


def balance(version: int, kind: str = "", cause: str = "", result: int | None = None) -> BalanceChanged:
    given: dict[str, Any] = {"cause_kind": kind, "cause_id": cause, "cause_version": result} if kind else {}
    return BalanceChanged(user_id="u", available_cents=1, held_cents=0, account_version=version, **given)


def accepted(bet_id: str = "b", user_id: str = "u") -> BetAccepted:
    return BetAccepted(bet_id=bet_id, user_id=user_id, stake_cents=100, potential_payout_cents=200, bet_version=2)


def test_one_document_publishes_every_kind_of_update_and_fits_the_schema() -> None:
    updates = [update_of(example(model)) for model in EVENTS]
    updates += [update_of(balance(1, "BET", "b", 2)), update_of(balance(1, "PAYMENT", "p"))]
    text, variables = document(updates)
    assert validate(SCHEMA, parse(text)) == []
    assert len(variables) == sum(len(update.arguments) for update in updates)


@pytest.mark.parametrize("part", SELECTIONS)
def test_the_whole_of_what_a_query_returns_is_pushed(part: str) -> None:
    kind = object_type(SCHEMA, part.capitalize())
    assert " ".join(print_ast(parse(f"{{{SELECTIONS[part]}}}")).split()) == _everything(kind)


def _everything(kind: Any) -> str:
    fields = []
    for name, field in kind.fields.items():
        inner = field.type
        while hasattr(inner, "of_type"):
            inner = inner.of_type
        fields.append(f"{name} {_everything(inner)}" if hasattr(inner, "fields") else name)
    return "{ " + " ".join(fields) + " }"


def test_a_decided_bet_and_its_balance_are_one_update() -> None:
    update = update_of(balance(4, "BET", "b", 2))
    assert update.arguments == {"userId": "u", "bet": "b", "betPosted": 2}
    assert update.parts == {"bet", "wallet"}


def test_a_payment_s_end_and_its_balance_are_one_update() -> None:
    update = update_of(balance(4, "PAYMENT", "p"))
    assert update.arguments == {"userId": "u", "payment": "p", "paymentPosted": True}
    assert update.parts == {"payment", "wallet"}


def test_what_the_wallet_tells_is_not_told_before_it() -> None:
    with pytest.raises(KeyError):
        update_of(DepositCompleted(deposit_id="d", user_id="u", amount_cents=3, credit_cents=2, excise_cents=1))


def test_what_is_told_of_one_thing_is_one_update() -> None:
    progress = PaymentProgressed(payment_id="p", user_id="u", kind="DEPOSIT", status="SUBMITTED", amount_cents=1)
    both = joined(update_of(progress), update_of(balance(2, "PAYMENT", "p")))
    assert both is not None
    assert both.arguments == {"userId": "u", "payment": "p", "paymentPosted": True}
    again = joined(update_of(balance(3, "BET", "b", 2)), update_of(balance(2, "BET", "b", 1)))
    assert again is not None
    assert again.arguments["betPosted"] == 2


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (accepted("a"), accepted("b")),
        (accepted(user_id="u"), accepted(user_id="v")),
        (balance(1, "BET", "a", 1), balance(2, "BET", "b", 1)),
        (example(OddsChanged), balance(1)),
    ],
)
def test_different_things_are_different_updates(one: Any, other: Any) -> None:
    assert joined(update_of(one), update_of(other)) is None


# -- the consumer


class AppSync:
    """Takes requests, or refuses those that `spoilt` says it cannot read."""

    def __init__(self, door: ModuleType, patch: pytest.MonkeyPatch) -> None:
        self.door = door
        self.requests: list[dict[str, Any]] = []
        self.spoilt: set[str] = set()
        self.failing: set[str] = set()
        self.away = False
        patch.setattr(door.appsync, "publish", self._publish)

    def _publish(self, url: str, text: str, variables: dict[str, Any]) -> set[str]:
        assert validate(SCHEMA, parse(text)) == []
        refused = self.door.appsync.PublishRefused
        if self.away:
            raise self.door.appsync.Unavailable("busy")
        if self.spoilt & {str(value) for value in variables.values()}:
            raise refused("cannot be read")
        self.requests.append(variables)
        return {f"m{name.removeprefix('bet')}" for name, value in variables.items() if value in self.failing}

    def deliver(self, *events: Any) -> set[str]:
        """Hand the consumer a batch; return the numbers of the messages that it wants again."""
        records = []
        for number, event in enumerate(events):
            detail = {"id": "e", "time": "2026-11-26T08:00:00Z", "version": 1, "data": event.data()}
            body = {"source": event.source, "detail-type": type(event).__name__, "detail": detail}
            records.append({"messageId": str(number), "body": json.dumps(body)})
        answer = self.door.handler({"Records": records})
        return {failure["itemIdentifier"] for failure in answer["batchItemFailures"]}


@pytest.fixture
def appsync(monkeypatch: pytest.MonkeyPatch) -> AppSync:
    return AppSync(load("frontend.handlers.consumer", GRAPHQL_URL="http://appsync"), monkeypatch)


def test_a_batch_tells_each_thing_once(appsync: AppSync) -> None:
    note = NotificationSent(notification_id="n", user_id="u", template="BET_ACCEPTED", channel="INBOX")
    assert appsync.deliver(accepted(), balance(2), balance(3, "BET", "b", 0), note, balance(4)) == set()
    (request,) = appsync.requests
    assert request == {"userId0": "u", "bet0": "b", "betPosted0": 0, "notification0": "n"}


def test_a_market_s_prices_of_a_second_are_told_once(appsync: AppSync) -> None:
    def odds(market: str, version: int) -> OddsChanged:
        return OddsChanged(fixture_id="f", market_id=market, market_version=version, status="OPEN", odds={"1": "2.00"})

    assert appsync.deliver(odds("a", 2), odds("a", 1), odds("b", 1)) == set()
    assert appsync.requests == [{"id0": "a", "id1": "b"}]


def test_a_request_runs_no_more_resolvers_than_the_api_allows(appsync: AppSync) -> None:
    assert appsync.deliver(*(accepted(f"b{n}", f"u{n}") for n in range(40))) == set()
    assert [len(request) // 2 for request in appsync.requests] == [15, 15, 10]


def test_only_the_update_that_fails_is_told_again(appsync: AppSync) -> None:
    appsync.failing = {"b1"}
    assert appsync.deliver(accepted("b0", "u0"), accepted("b1", "u1"), accepted("b2", "u2")) == {"1"}


def test_an_update_that_spoils_its_request_spoils_no_other(appsync: AppSync) -> None:
    appsync.spoilt = {"b1"}
    assert appsync.deliver(accepted("b0", "u0"), accepted("b1", "u1"), accepted("b2", "u2")) == {"1"}
    assert [request["bet0"] for request in appsync.requests] == ["b0", "b2"]


def test_while_appsync_is_away_everything_waits(appsync: AppSync) -> None:
    appsync.away = True
    assert appsync.deliver(accepted("b0", "u0"), accepted("b1", "u1")) == {"0", "1"}
    assert appsync.requests == []


def test_a_message_that_cannot_be_read_goes_back_alone(appsync: AppSync) -> None:
    assert appsync.deliver(example(DepositCompleted), accepted()) == {"0"}
    assert len(appsync.requests) == 1


def test_an_update_says_how_many_resolvers_it_runs() -> None:
    assert Update("publishMarket", {"id": "m"}).resolvers == 1
    assert update_of(balance(1, "BET", "b", 1)).resolvers == 3
