"""Who works here and who plays are different people to the platform, and a sanction holds at the next command."""

import uuid
from collections.abc import Callable

import pytest
from botocore.exceptions import ClientError

from localcloud.cloud.running import Cloud, aws, parameter
from localcloud.demo import staff
from localcloud.demo.app import App, BackOffice
from localcloud.demo.seed import SETTLE, signed_in
from localcloud.journey.asking import (
    DEPOSIT,
    PLACE_BET,
    SET_ODDS,
    SET_STATUS,
    WALLET,
    WITHDRAW,
    money,
    results_input,
)
from tests.e2e.conftest import new_market, new_player
from tests.support.stops import SUSPEND
from tests.support.waiting import eventually

SUSPEND_STAFF = """mutation($id: ID!) {
  suspendStaff(staffId: $id, reason: "left the company") { id status groups } }"""
REINSTATE_STAFF = """mutation($id: ID!) {
  reinstateStaff(staffId: $id, reason: "came back to us") { id status groups } }"""
QUEUE = "query { paymentQueue(queue: REVIEW) { items { id } } }"
HOME_WINS = results_input("1")
MARKET = "staff/1"


@pytest.fixture(scope="module", autouse=True)
def fixture(trader: App) -> None:
    assert new_market(trader, "staff") == MARKET


@pytest.fixture
def hire(cloud: Cloud) -> Callable[[str], BackOffice]:
    """Return how somebody new is hired into a group and signs in."""

    def hired(group: str) -> BackOffice:
        app = staff.hire(cloud, staff.Member(f"{uuid.uuid4().hex}@staff.example", group))
        app.sign_in()
        return app

    return hired


def pool(cloud: Cloud) -> str:
    return parameter(cloud.addresses, "platform/staff/pool/id")


@pytest.mark.parametrize("group", staff.GROUPS)
def test_staff_have_no_account_and_nothing_of_a_player_s(cloud: Cloud, group: str) -> None:
    app = signed_in(cloud, group)
    pick = {"marketId": MARKET, "selectionId": f"{MARKET}/1", "odds": "3.00"}
    slip = {"clientRequestId": uuid.uuid4().hex, "stake": money("100"), "selections": [pick]}
    asked = {"id": uuid.uuid4().hex, "amount": money("100")}
    for document, variables in [
        ("query { me { id } }", {}),
        ('mutation { updateProfile(input: {displayName: "Asha"}) { id } }', {}),
        (WALLET, {}),
        ("query { walletEntries { cursor } }", {}),
        ("query { bets { cursor } }", {}),
        ("query { payments { cursor } }", {}),
        ("query { paybill { accountNumber } }", {}),
        ("query { notifications { cursor } }", {}),
        (PLACE_BET, {"input": slip}),
        (DEPOSIT, asked),
        (WITHDRAW, asked),
    ]:
        assert app.refusal(document, **variables).type == "Unauthorized", document
    assert app.ask("query { fixtures(limit: 1) { items { id } } }")["items"]
    assert app.ask("query { paymentChannels { deposits { open } } }")["deposits"]["open"]
    with app.listen("subscription($me: ID!) { onPlayerUpdate(userId: $me) { userId } }", me=app.user_id) as feed:
        eventually(lambda: feed.error, "refusal")


def test_a_group_in_the_players_pool_gives_no_powers(cloud: Cloud) -> None:
    player, users = new_player(cloud), parameter(cloud.addresses, "users/pool/id")
    cognito = aws("cognito-idp", cloud.addresses)
    for group in staff.GROUPS:
        cognito.create_group(UserPoolId=users, GroupName=group)
        cognito.admin_add_user_to_group(UserPoolId=users, Username=player.phone, GroupName=group)
    try:
        player.sign_in()
        refused = [
            player.refusal(SETTLE, market=MARKET, results=HOME_WINS),
            player.refusal(SUSPEND, id=str(uuid.uuid4())),
            player.refusal(SUSPEND_STAFF, id=str(uuid.uuid4())),
            player.refusal(QUEUE),
        ]
        assert {refusal.type for refusal in refused} == {"Unauthorized"}
        assert player.ask("query { me { id } }")["id"] == player.user_id
    finally:
        for group in staff.GROUPS:
            cognito.delete_group(UserPoolId=users, GroupName=group)


def test_staff_who_were_disabled_deleted_or_regrouped_can_do_nothing_more(
    cloud: Cloud, hire: Callable[[str], BackOffice]
) -> None:
    cognito, pool_id = aws("cognito-idp", cloud.addresses), pool(cloud)
    sanctions = {
        "disabled": lambda app: cognito.admin_disable_user(UserPoolId=pool_id, Username=app.email),
        "deleted": lambda app: cognito.admin_delete_user(UserPoolId=pool_id, Username=app.email),
        "regrouped": lambda app: cognito.admin_remove_user_from_group(
            UserPoolId=pool_id, Username=app.email, GroupName="trader"
        ),
    }
    for what, sanction in sanctions.items():
        trader = hire("trader")
        trader.ask(SET_STATUS, market=MARKET, status="SUSPENDED")
        trader.ask(SET_STATUS, market=MARKET, status="OPEN")
        sanction(trader)
        assert trader.refusal(SET_STATUS, market=MARKET, status="SUSPENDED").type == "FORBIDDEN", what
        assert trader.refusal(SET_ODDS, market=MARKET, odds=[]).type == "FORBIDDEN", what
        assert trader.refusal(SETTLE, market=MARKET, results=HOME_WINS).type == "FORBIDDEN", what
    (market,) = signed_in(cloud, "trader").ask('query { fixture(id: "staff") { markets { status } } }')["markets"]
    assert market == {"status": "OPEN"}


def test_an_administrator_stops_another_who_cannot_lift_it(cloud: Cloud, hire: Callable[[str], BackOffice]) -> None:
    admin, other = signed_in(cloud, "admin"), hire("admin")
    assert other.ask(QUEUE) is not None
    stopped = admin.ask(SUSPEND_STAFF, id=other.user_id)
    assert stopped == {"id": other.user_id, "status": "SUSPENDED", "groups": []}
    assert other.refusal(QUEUE).type == "FORBIDDEN"
    assert other.refusal(REINSTATE_STAFF, id=other.user_id).type == "FORBIDDEN"
    with pytest.raises(ClientError):
        other.sign_in()
    assert admin.ask(REINSTATE_STAFF, id=other.user_id)["groups"] == ["admin"]
    assert other.ask(QUEUE) is not None
    for document in (SUSPEND_STAFF, REINSTATE_STAFF):
        assert admin.refusal(document, id=admin.user_id).type == "FORBIDDEN"
        assert admin.refusal(document, id=str(uuid.uuid4())).type == "NOT_FOUND"
        assert signed_in(cloud, "support").refusal(document, id=other.user_id).type == "Unauthorized"


def test_nobody_decides_about_the_player_that_they_are_as_well(
    cloud: Cloud, hire: Callable[[str], BackOffice], player: App
) -> None:
    trader, other = hire("trader"), hire("support")
    cognito = aws("cognito-idp", cloud.addresses)
    for app in (trader, other):
        link = [{"Name": "custom:player_id", "Value": player.user_id}]
        cognito.admin_update_user_attributes(UserPoolId=pool(cloud), Username=app.email, UserAttributes=link)
    assert other.refusal(SUSPEND, id=player.user_id).type == "FORBIDDEN"
    pick = {"marketId": MARKET, "selectionId": f"{MARKET}/1", "odds": "3.00"}
    slip = {"clientRequestId": uuid.uuid4().hex, "stake": money("20"), "selections": [pick]}
    placed = player.ask(PLACE_BET, input=slip)
    assert placed["status"] == "ACCEPTED"
    assert trader.refusal(SETTLE, market=MARKET, results=HOME_WINS).type == "CONFLICT_OF_INTEREST"
    player.ask("mutation($id: ID!) { cancelBet(id: $id) { status } }", id=placed["id"])
    assert trader.ask(SETTLE, market=MARKET, results=HOME_WINS)["status"] == "PROPOSED"


def test_a_deleted_or_disabled_player_s_token_moves_no_money_through_m_pesa(cloud: Cloud) -> None:
    cognito, users = aws("cognito-idp", cloud.addresses), parameter(cloud.addresses, "users/pool/id")
    for stop in (cognito.admin_disable_user, cognito.admin_delete_user):
        player = new_player(cloud)
        stop(UserPoolId=users, Username=player.phone)
        for document in (DEPOSIT, WITHDRAW):
            refusal = player.refusal(document, id=uuid.uuid4().hex, amount=money("100"))
            assert refusal.type == "ACCOUNT_NOT_ACTIVE"
        assert player.ask("query { payments { items { id } } }")["items"] == []
