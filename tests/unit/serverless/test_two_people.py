"""From which sum on two people decide is a stage's own choice, and reaches what decides."""

from tests.support.serverless import SHARED, read_yaml, template_of
from tests.support.services import load

CHOSEN = "${param:twoPeopleCents}"


def test_a_stage_chooses_the_sum_for_wallet_and_payment() -> None:
    assert int(read_yaml(SHARED / "params.yml")["default"]["twoPeopleCents"]) == 1_000_000
    assert template_of("wallet")["functions"]["graphql"]["environment"]["TWO_PEOPLE_CENTS"] == CHOSEN
    assert template_of("payment")["custom"]["environment"]["TWO_PEOPLE_CENTS"] == CHOSEN


def test_a_bonus_takes_two_from_the_chosen_sum_on_and_an_adjustment_always() -> None:
    for chosen in (500, 2_000_000):
        by_hand = load("wallet.by_hand", TABLE_NAME="wallet", TWO_PEOPLE_CENTS=str(chosen))
        command = {"request_id": "request-1", "user_id": "player-1", "cents": 1, "reason": "welcome"}
        assert by_hand.Command(by_hand.BONUS, **command).alone_below == chosen
        assert by_hand.Command(by_hand.ADJUSTMENT, **command).alone_below == 0


def test_a_payment_is_decided_by_two_from_the_chosen_sum_on() -> None:
    addresses = ("WALLET_URL", "USERS_URL", "DARAJA_URL", "CALLBACK_BASE_URL", "FOLLOWUP_QUEUE_URL")
    given = {**dict.fromkeys(addresses, "http://nobody.invalid"), "DARAJA_SECRET_ID": "s", "ARCHIVE_BUCKET": "a"}
    payment = load("payment.settings", TABLE_NAME="payment", TWO_PEOPLE_CENTS="500", **given)
    assert payment.settings.two_people_cents == 500
