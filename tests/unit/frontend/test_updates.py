"""What subscribers are told: every event, every field, the newest only."""

from pathlib import Path

import pytest
from graphql import build_schema, parse, validate

from betsafi.events.bet import BetSettled, OddsChanged
from betsafi.events.payment import DepositCompleted, DepositReversed, PaymentProgressed, WithdrawalFailed
from betsafi.events.wallet import BalanceChanged
from frontend.updates import EVENTS, SELECTIONS, document, newest, update_of

SCHEMA = Path(__file__).parents[3] / "frontend-api" / "schema"
DIRECTIVES = """
directive @aws_iam on OBJECT | FIELD_DEFINITION
directive @aws_subscribe(mutations: [String!]!) on FIELD_DEFINITION
directive @aws_cognito_user_pools(cognito_groups: [String!]) on OBJECT | FIELD_DEFINITION
scalar AWSDateTime
scalar AWSDate
"""


def example(model: type) -> object:
    values = {"payout_cents": 250, "stake_cents": 100, "odds": {"1": "2.00"}, "outcome": "WON", "status": "OPEN"}
    values["kind"] = "DEPOSIT"
    chosen = {}
    for name, field in model.model_fields.items():  # type: ignore[attr-defined]
        kind = field.annotation
        chosen[name] = values.get(name, 7 if kind is int else "x" if kind is str else None)
    return model(**{name: value for name, value in chosen.items() if value is not None})


def test_one_document_publishes_every_kind_of_update_and_fits_the_schema() -> None:
    schema = build_schema(DIRECTIVES + "".join(path.read_text() for path in sorted(SCHEMA.glob("*.graphql"))))
    updates = [update_of(example(model)) for model in EVENTS]  # type: ignore[arg-type]
    text, variables = document(updates)
    assert validate(schema, parse(text)) == []
    assert list(variables) == [f"v{n}" for n in range(len(EVENTS))]


@pytest.mark.parametrize("mutation", SELECTIONS)
def test_every_field_of_an_update_is_selected_for_its_subscribers(mutation: str) -> None:
    schema = build_schema(DIRECTIVES + "".join(path.read_text() for path in sorted(SCHEMA.glob("*.graphql"))))
    update = schema.get_type(f"{mutation.removeprefix('publish')}Update")
    selected = parse(f"{{x {{{SELECTIONS[mutation]}}}}}").definitions[0].selection_set.selections[0]  # type: ignore
    assert {field.name.value for field in selected.selection_set.selections} == set(update.fields)  # type: ignore


def test_a_settled_bet_says_its_outcome_and_payout() -> None:
    settled = BetSettled(bet_id="b", user_id="u", stake_cents=100, result_version=1, payout_cents=250, outcome="WON")
    given = update_of(settled).input
    assert (given["status"], given["outcome"], given["payout"]) == (
        "SETTLED",
        "WON",
        {"currency": "KES", "amount": "2.50"},
    )


def test_a_payment_s_progress_is_told_with_its_sentence() -> None:
    said = "We are checking your withdrawal."
    progress = PaymentProgressed(
        payment_id="w", user_id="u", kind="WITHDRAWAL", status="REVIEW", amount_cents=50_000, message=said
    )
    assert update_of(progress).input == {
        "userId": "u",
        "id": "w",
        "kind": "WITHDRAWAL",
        "status": "REVIEW",
        "amount": {"currency": "KES", "amount": "500.00"},
        "reason": None,
        "message": said,
    }


@pytest.mark.parametrize(("message", "told"), [("", None), ("Try again.", "Try again.")])
def test_a_payment_s_end_has_its_sentence_if_there_is_one(message: str, told: str | None) -> None:
    failed = WithdrawalFailed(withdrawal_id="w", user_id="u", amount_cents=100, reason="LIMIT", message=message)
    assert update_of(failed).input["message"] == told


def test_a_reversed_deposit_is_the_deposit_that_it_was() -> None:
    amounts = {"amount_cents": 1_000, "credit_cents": 950, "excise_cents": 50}
    paid = update_of(DepositCompleted(deposit_id="d", user_id="u", **amounts))
    given = update_of(DepositReversed(reversal_id="r", deposit_id="d", user_id="u", **amounts))
    assert given.mutation == "publishPayment"
    assert given.input == {**paid.input, "status": "REVERSED"}


def test_every_status_of_a_payment_that_is_told_is_in_the_schema() -> None:
    schema = build_schema(DIRECTIVES + "".join(path.read_text() for path in sorted(SCHEMA.glob("*.graphql"))))
    known = set(schema.get_type("PaymentStatus").values)  # type: ignore[union-attr]
    told = [update_of(example(model)).input["status"] for model in EVENTS if model.source == "betsafi.payment"]  # type: ignore[arg-type]
    assert set(told) - {"OPEN"} <= known
    assert {"REVIEW", "RECEIVED", "SUSPENSE", "RETURNING", "RETURNED", "REVERSED"} <= known


def test_of_one_markets_prices_and_one_players_balances_only_the_newest_is_told() -> None:
    def odds(market: str, version: int) -> OddsChanged:
        return OddsChanged(fixture_id="f", market_id=market, market_version=version, status="OPEN", odds={"1": "2.00"})

    def balance(version: int) -> BalanceChanged:
        return BalanceChanged(user_id="u", available_cents=1, held_cents=0, account_version=version)

    events = [odds("a", 2), odds("a", 1), odds("b", 1), balance(5), balance(6), balance(4)]
    told = newest([update_of(event) for event in events])
    assert [(update.topic, update.version) for update in told] == [("odds a", 2), ("odds b", 1), ("wallet u", 6)]
