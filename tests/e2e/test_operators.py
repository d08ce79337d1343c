"""What support and administrators may do to an account, on the deployed platform."""

import csv
import io
import uuid
from datetime import UTC, datetime, timedelta

from betsafi.money import format_amount
from localcloud.cloud.running import Cloud
from localcloud.demo.app import App
from localcloud.demo.seed import signed_in
from localcloud.journey.asking import DEPOSIT, PLACE_BET, WITHDRAW, money
from tests.e2e.conftest import balance, new_market
from tests.support.stops import DEADLINE, HOLD_MONEY
from tests.support.taxes import credited
from tests.support.waiting import eventually

PROPOSE = """mutation($id: ID!, $user: ID!, $amount: MoneyInput!, $direction: Direction!) {
  proposeAdjustment(clientRequestId: $id, userId: $user, amount: $amount, direction: $direction, reason: "goodwill") {
    status approvedBy } }"""
TRAIL = """query($user: ID!) { auditTrail(filter: {userId: $user, action: "proposeAdjustment"}) {
  items { action outcome decidedBy reason } } }"""
LET_GO = 'mutation($id: ID!) { reinstateUser(userId: $id, reason: "cleared") { status } }'
HELD = "query { me { status stop { code deadline moneyHeld money } } }"


def test_an_adjustment_takes_two_administrators(cloud: Cloud, player: App) -> None:
    admin, second_admin, support = signed_in(cloud, "admin"), signed_in(cloud, "admin", 1), signed_in(cloud, "support")
    before, _ = balance(player)
    given = {"id": uuid.uuid4().hex, "user": player.user_id, "amount": money("5.00"), "direction": "CREDIT"}
    assert support.refusal(PROPOSE, **given).type == "Unauthorized"
    for _ in range(2):
        assert admin.ask(PROPOSE, **given) == {"status": "PROPOSED", "approvedBy": None}
    assert balance(player)[0] == before
    for _ in range(2):
        assert second_admin.ask(PROPOSE, **given) == {"status": "DONE", "approvedBy": second_admin.user_id}
    assert float(balance(player)[0]) == float(before) + 5
    assert support.refusal(TRAIL, user=player.user_id).type == "Unauthorized"
    done, asked = eventually(
        lambda: acts if len(acts := admin.ask(TRAIL, user=player.user_id)["items"]) > 1 else None, "both in the trail"
    )
    names = [admin.user_id, second_admin.user_id]
    assert done == {"action": "proposeAdjustment", "outcome": "DONE", "decidedBy": names, "reason": "goodwill"}
    assert asked == {**done, "outcome": "PROPOSED", "decidedBy": names[:1]}
    back = {**given, "id": uuid.uuid4().hex, "direction": "DEBIT"}
    for person in (admin, second_admin):
        person.ask(PROPOSE, **back)
    assert balance(player)[0] == before


def test_a_stop_that_holds_the_money_takes_no_bet_no_prompt_and_no_withdrawal(
    cloud: Cloud, player: App, trader: App
) -> None:
    support, admin = signed_in(cloud, "support"), signed_in(cloud, "admin")
    market = new_market(trader, "frozen")
    assert support.ask(HOLD_MONEY, id=player.user_id) == {"status": "FROZEN"}
    try:
        pick = {"marketId": market, "selectionId": f"{market}/1", "odds": "3.00"}
        slip = {"clientRequestId": uuid.uuid4().hex, "stake": money("20"), "selections": [pick]}
        assert player.refusal(PLACE_BET, input=slip).type == "ACCOUNT_NOT_ACTIVE"
        assert player.refusal(WITHDRAW, id=uuid.uuid4().hex, amount=money("100")).type == "ACCOUNT_NOT_ACTIVE"
        assert player.refusal(DEPOSIT, id=uuid.uuid4().hex, amount=money("100")).type == "ACCOUNT_NOT_ACTIVE"
        told = player.ask(HELD)
        assert (told["status"], told["stop"]["moneyHeld"], told["stop"]["deadline"]) == ("FROZEN", True, DEADLINE)
        assert support.refusal(LET_GO, id=player.user_id).type == "FORBIDDEN"
    finally:
        assert admin.ask(LET_GO, id=player.user_id) == {"status": "ACTIVE"}


def test_a_statement_is_the_players_own_and_supports(cloud: Cloud, player: App) -> None:
    day = f"{datetime.now(UTC) + timedelta(hours=3):%Y-%m-%d}"
    rows = list(csv.DictReader(io.StringIO(player.ask(f'query {{ walletStatement(from: "{day}", to: "{day}") }}'))))
    assert rows[0]["kind"] == "DEPOSIT"
    assert rows[0]["available"] == format_amount(credited(1000_00))
    theirs = f'query($user: ID!) {{ playerStatement(userId: $user, from: "{day}", to: "{day}") }}'
    assert player.refusal(theirs, user=player.user_id).type == "Unauthorized"
    assert signed_in(cloud, "support").ask(theirs, user=player.user_id).startswith("time,kind,reference")
    kinds = player.ask("query { walletEntries(kinds: [DEPOSIT]) { items { kind } } }")["items"]
    assert {entry["kind"] for entry in kinds} == {"DEPOSIT"}
