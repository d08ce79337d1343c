"""What subscribers are told: every event, every field, each thing once."""

from typing import Any

import pytest
from graphql import parse, print_ast, validate

from betsafi.events import Event, bet, payment, wallet
from betsafi.events.acts import StaffActed
from betsafi.events.bet import BetAccepted, BetProgressed, BetRejected, OddsChanged
from betsafi.events.catalog import CATALOG
from betsafi.events.notifications import NotificationRead, NotificationSent
from betsafi.events.payment import DepositCompleted, PaymentProgressed, WithdrawalRequested
from betsafi.events.wallet import BalanceChanged
from frontend.log import Log, Thing, appended
from frontend.updates import EVENTS, SELECTIONS, Update, document, joined, update_of
from tests.support.schema import api_schema, object_type

SCHEMA = api_schema()


def example(model: type) -> Any:
    values = {"payout_cents": 250, "stake_cents": 100, "odds": {"1": "2.00"}, "outcome": "WON", "status": "OPEN"}
    values |= {"kind": "DEPOSIT", "results": {"1": "WON"}}
    chosen = {}
    for name, field in model.model_fields.items():  # type: ignore[attr-defined]
        kind = field.annotation
        chosen[name] = values.get(name, 7 if kind is int else "x" if kind is str else None)
    return model(**{name: value for name, value in chosen.items() if value is not None})


def balance(version: int, kind: str = "", cause: str = "", result: int | None = None) -> BalanceChanged:
    given: dict[str, Any] = {"cause_kind": kind, "cause_id": cause, "cause_version": result} if kind else {}
    return BalanceChanged(user_id="u", available_cents=1, held_cents=0, account_version=version, **given)


def rejected(bet_id: str = "b", user_id: str = "u") -> BetRejected:
    return BetRejected(bet_id=bet_id, user_id=user_id, stake_cents=100, reason="ODDS_CHANGED", bet_version=2)


def leg(result_version: int = 0, bet_id: str = "b") -> BetProgressed:
    return BetProgressed(bet_id=bet_id, user_id="u", stake_cents=100, bet_version=3, result_version=result_version)


def test_one_document_publishes_every_kind_of_update_and_fits_the_schema() -> None:
    updates = [update_of(example(model)) for model in EVENTS]
    updates += [update_of(balance(1, "BET", "b", 2)), update_of(balance(1, "PAYMENT", "p"))]
    text, variables = document(update.numbered(1, "cursor", Log()) if update.parts else update for update in updates)
    assert validate(SCHEMA, parse(text)) == []
    assert len(variables) == sum(len(update.arguments) + (2 if update.parts else 0) for update in updates)


BY_ANOTHER: dict[type[Event], type[Event]] = {
    bet.BetAccepted: NotificationSent,
    bet.BetCancelled: BalanceChanged,
    bet.BetSettled: BalanceChanged,
    bet.BetReopened: BalanceChanged,
    payment.DepositCompleted: BalanceChanged,
    payment.WithdrawalCompleted: BalanceChanged,
    payment.WithdrawalFailed: BalanceChanged,
    payment.DepositReversalFailed: BalanceChanged,  # what was held for it is given back
    wallet.AccountOpened: BalanceChanged,
    wallet.DebtIncurred: BalanceChanged,
    wallet.DebtRepaid: BalanceChanged,
}
"""What apps are not told of by itself, and the event that follows from it, of which they are."""


def test_all_that_happens_to_a_player_s_bets_payments_balance_and_messages_is_told() -> None:
    about = {
        model
        for (source, _), model in CATALOG.items()
        if source != "betsafi.users" and "user_id" in model.model_fields and not issubclass(model, StaffActed)
    }
    told = {model for model in EVENTS if "user_id" in model.model_fields}
    assert about == told | {*BY_ANOTHER}
    assert not told & {*BY_ANOTHER}
    assert {*BY_ANOTHER.values()} <= told


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


def test_a_withdrawal_that_is_held_and_the_balance_of_it_are_one_update() -> None:
    held = WithdrawalRequested(withdrawal_id="w", user_id="u", amount_cents=1)
    assert update_of(held).parts == {"payment", "wallet"}
    review = PaymentProgressed(payment_id="w", user_id="u", kind="WITHDRAWAL", status="REVIEW", amount_cents=1)
    assert update_of(review).parts == {"payment", "wallet"}


def test_an_accepted_bet_comes_with_its_note_and_not_before() -> None:
    with pytest.raises(KeyError):
        update_of(BetAccepted(bet_id="b", user_id="u", stake_cents=1, potential_payout_cents=2, bet_version=2))
    note = NotificationSent(notification_id="bet:b.2", user_id="u", template="BET_ACCEPTED", channel="INBOX")
    update = update_of(note)
    assert update.arguments == {"userId": "u", "notification": "bet:b.2", "bet": "b"}
    assert update.parts == {"notification", "bet", "wallet"}


def test_an_update_says_what_is_known_to_be_posted_whatever_its_own_event_knows() -> None:
    log = appended(Log(), [[Thing("BET", "b", 2)], [Thing("BET", "b")], [Thing("PAYMENT", "p", 1)]], 0)
    repriced = update_of(rejected()).numbered(4, "c", log)
    assert repriced.arguments == {"userId": "u", "bet": "b", "betPosted": 2, "sequence": 4, "cursor": "c"}
    progress = PaymentProgressed(payment_id="p", user_id="u", kind="DEPOSIT", status="SUBMITTED", amount_cents=1)
    assert update_of(progress).numbered(5, "c", log).arguments["paymentPosted"] is True
    assert "betPosted" not in update_of(rejected("other")).numbered(5, "c", log).arguments


def test_a_leg_of_an_open_bet_is_told_until_the_bet_is_told_as_decided() -> None:
    accepted, settled, reopened = (appended(Log(), [[Thing("BET", "b", posted)]], 0) for posted in (None, 1, 2))
    for event, log in ((leg(), Log()), (leg(), accepted), (leg(2), settled), (leg(2), reopened)):
        assert (update := update_of(event).still(log)) is not None
        assert update.parts == {"bet"}
    assert update_of(leg()).still(settled) is None
    assert update_of(leg(2)).still(appended(reopened, [[Thing("BET", "b", 3)]], 0)) is None


def test_a_bet_that_was_opened_again_long_ago_is_told_though_the_log_knows_nothing_of_it() -> None:
    forgotten = update_of(leg(2)).still(Log())
    assert forgotten is not None
    assert forgotten.arguments == {"userId": "u", "bet": "b", "betPosted": 2}


def test_legs_that_are_decided_at_once_are_one_update_and_what_else_is_told_with_it_stays() -> None:
    read = update_of(NotificationRead(notification_id="n", user_id="u"))
    settled = appended(Log(), [[Thing("BET", "b", 1)]], 0)
    for one, other in ((leg(), leg()), (leg(), rejected())):
        assert (both := joined(update_of(one), update_of(other))) is not None
        assert both.parts == {"bet"}
    assert both.still(settled) == both, "what else happened to the bet is told whatever the log knows"
    assert (noted := joined(update_of(leg()), read)) is not None
    assert noted.parts == {"bet", "notification"}
    assert noted.still(settled) == read
    assert noted.still(Log()) == noted


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
        (rejected("a"), rejected("b")),
        (rejected(user_id="u"), rejected(user_id="v")),
        (balance(1, "BET", "a", 1), balance(2, "BET", "b", 1)),
        (example(OddsChanged), balance(1)),
    ],
)
def test_different_things_are_different_updates(one: Any, other: Any) -> None:
    assert joined(update_of(one), update_of(other)) is None


def test_an_update_says_how_many_resolvers_it_runs() -> None:
    assert Update("publishMarket", {"id": "m"}).resolvers == 1
    assert update_of(balance(1, "BET", "b", 1)).resolvers == 3
