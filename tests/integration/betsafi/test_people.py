"""How staff and players stand now, by what their pools say; and what that means to a command."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from betsafi import people, telemetry
from betsafi.errors import Misconfigured, NotFound, Unavailable
from betsafi.graphql import Caller, Fields
from betsafi.people import Staff
from tests.integration.bet import conftest as bets
from tests.support.accounts import new_phone
from tests.support.bet import new_market, new_slip, results_rows
from tests.support.emulator import aws, create_table
from tests.support.people import GROUPS
from tests.support.services import load, stores
from tests.support.stops import WHY

NAMES = ("find_staff", "list_staff", "is_enabled", "set_staff_enabled", "can_sign_in")
REAL = {name: getattr(people, name) for name in NAMES}
"""What they are, before the tests' own pools take their place."""

bet, wallet, user = bets.bet, bets.wallet, bets.user
RESULTS = results_rows(_1="WON", _X="LOST", _2="LOST")


@dataclass(frozen=True)
class Pools:
    """A staff pool and a players' pool, with what only their administrators do."""

    control: Any
    staff: str
    players: str

    def hire(self, *groups: str, player_id: str = "") -> str:
        """Add somebody to the staff pool; return their id."""
        attributes = [{"Name": "custom:player_id", "Value": player_id}] if player_id else []
        made = self.control.admin_create_user(
            UserPoolId=self.staff,
            Username=f"{uuid.uuid4().hex}@staff.example",
            UserAttributes=attributes,
            MessageAction="SUPPRESS",
        )
        staff_id = str(made["User"]["Username"])
        for group in groups:
            self.control.admin_add_user_to_group(UserPoolId=self.staff, Username=staff_id, GroupName=group)
        return staff_id


@pytest.fixture(scope="module")
def pools(emulator: str) -> Pools:
    control = aws("cognito-idp", emulator)
    staff = control.create_user_pool(
        PoolName="staff",
        UsernameAttributes=["email"],
        Schema=[{"Name": "player_id", "AttributeDataType": "String", "Mutable": True}],
    )["UserPool"]["Id"]
    for group in GROUPS:
        control.create_group(UserPoolId=staff, GroupName=group)
    players = control.create_user_pool(PoolName="players", UsernameAttributes=["phone_number"])["UserPool"]["Id"]
    return Pools(control, staff, players)


@pytest.fixture(autouse=True)
def real_pools(pools: Pools, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Ask the emulator's pools, and not the tests' own that know everybody."""
    for name, function in REAL.items():
        monkeypatch.setattr(people, name, function)
    monkeypatch.setenv("STAFF_POOL", pools.staff)
    monkeypatch.setenv("PLAYER_POOL", pools.players)
    forget_settings()
    yield
    forget_settings()


def forget_settings() -> None:
    people._staff_settings.cache_clear()
    people._player_settings.cache_clear()


def test_staff_stand_as_their_pool_says_at_this_moment(pools: Pools) -> None:
    staff_id = pools.hire("trader", "support", player_id="player-1")
    assert people.find_staff(staff_id) == Staff(staff_id, "player-1", frozenset({"trader", "support"}))
    pools.control.admin_remove_user_from_group(UserPoolId=pools.staff, Username=staff_id, GroupName="trader")
    assert people.find_staff(staff_id).groups == {"support"}
    people.set_staff_enabled(staff_id, False)
    assert people.find_staff(staff_id).groups == frozenset()
    people.set_staff_enabled(staff_id, True)
    assert people.find_staff(staff_id).groups == {"support"}
    pools.control.admin_delete_user(UserPoolId=pools.staff, Username=staff_id)
    assert people.find_staff(staff_id) == Staff(staff_id)
    with pytest.raises(NotFound):
        people.set_staff_enabled(staff_id, True)


def test_who_works_here_is_listed_with_their_groups_also_who_may_not_now(
    pools: Pools, monkeypatch: pytest.MonkeyPatch
) -> None:
    hired, stopped = pools.hire("trader", "support", player_id="player-1"), pools.hire("admin")
    people.set_staff_enabled(stopped, False)
    listed = {person.id: (person, may) for person, may in people.list_staff()}
    assert listed[hired] == (Staff(hired, "player-1", frozenset({"trader", "support"})), True)
    assert listed[stopped] == (Staff(stopped), False)
    emails = [person.email for person, _ in people.list_staff()]
    assert emails == sorted(emails)
    assert all(email.endswith("@staff.example") for email in emails)
    assert people.find_staff(hired).email == listed[hired][0].email
    real = people.client("cognito-idp")
    pages: list[dict[str, Any]] = []

    class ByOne:
        """Cognito with a person a page."""

        def __getattr__(self, operation: str) -> Callable[..., Any]:
            def call(**given: Any) -> Any:
                pages.append(given)
                return getattr(real, operation)(**{**given, "Limit": 1})

            return call

    monkeypatch.setattr(people, "client", lambda service: ByOne())
    assert {person.id: (person, may) for person, may in people.list_staff()} == listed
    assert len(pages) > len(listed)


def answered(who: str, *groups: str) -> str:
    """Ask with a token that says these groups, whatever became of them since; return who was let in, or the refusal."""
    door = Fields()

    @door.mutation("settle")
    def settle(caller: Caller, arguments: dict[str, Any]) -> str:
        caller.require("trader", "admin")
        return f"{caller.user_id} {' '.join(sorted(caller.groups))} {caller.player_id}".strip()

    event = {"type": "Mutation", "field": "settle", "arguments": {}, "identity": {"sub": who, "groups": list(groups)}}
    answer = door(event)
    return str(answer["error"]["type"] if "error" in answer else answer["data"])


def test_a_command_asks_for_the_group_in_the_token_and_in_the_pool(pools: Pools) -> None:
    staff_id = pools.hire("admin", "support", player_id="player-1")
    assert answered(staff_id, "admin", "trader") == f"{staff_id} admin player-1"
    assert answered(staff_id, "admin", "support") == f"{staff_id} admin support player-1"
    for groups in ((), ("trader",), ("support",)):
        assert answered(staff_id, *groups) == "FORBIDDEN", groups
    people.set_staff_enabled(staff_id, False)
    assert answered(staff_id, "admin") == "FORBIDDEN"
    assert answered(str(uuid.uuid4()), "admin") == "FORBIDDEN"


def test_a_player_can_sign_in_until_they_are_disabled_or_delete_the_account(pools: Pools) -> None:
    made = pools.control.admin_create_user(UserPoolId=pools.players, Username="+254700000001", MessageAction="SUPPRESS")
    who = {"UserPoolId": pools.players, "Username": made["User"]["Username"]}
    assert people.can_sign_in(who["Username"])
    pools.control.admin_disable_user(**who)
    assert not people.can_sign_in(who["Username"])
    pools.control.admin_enable_user(**who)
    assert people.can_sign_in(who["Username"])
    pools.control.admin_delete_user(**who)
    assert not people.can_sign_in(who["Username"])


def test_without_an_answer_nobody_is_let_through(monkeypatch: pytest.MonkeyPatch) -> None:
    class Away:
        def __getattr__(self, operation: str) -> Callable[..., Any]:
            def call(**_: Any) -> Any:
                raise EndpointConnectionError(endpoint_url="https://cognito-idp")

            return call

    monkeypatch.setattr(people, "client", lambda service: Away())
    assert answered("trader-1", "trader") == "UNAVAILABLE"
    with pytest.raises(Unavailable):
        people.can_sign_in("player-1")


def test_a_pool_that_is_not_there_is_a_fault_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[str] = []
    monkeypatch.setattr(telemetry, "count", lambda name, *_, **__: counted.append(name))
    monkeypatch.setenv("STAFF_POOL", "eu-west-1_nothing")
    forget_settings()
    with pytest.raises(Misconfigured):
        people.find_staff("trader-1")
    assert counted == ["ConfigurationRefused"]
    monkeypatch.delenv("STAFF_POOL")
    forget_settings()
    with pytest.raises(RuntimeError, match="STAFF_POOL is missing"):
        people.find_staff("trader-1")


# -- users: sanctions


@pytest.fixture(scope="module")
def users(emulator: str) -> ModuleType:
    table = create_table(emulator, f"users-{uuid.uuid4()}", "users")
    module = load(
        "users.handlers.staff",
        TABLE_NAME=table,
        WALLET_URL="http://127.0.0.1:1",
        PLAYER_POOL="pool",
        UNPROVEN_QUEUE_URL="http://127.0.0.1:1",
    )
    from users import payment_api, wallet_api

    wallet_api._client.call = lambda method, path, body: told.append((path, body["status"]))  # type: ignore[method-assign]
    vars(payment_api)["_call"] = lambda method, path, body: told.append((path, body["status"]))
    vars(module)["store"] = stores("users")
    return module


told: list[tuple[str, str]] = []


def ask(module: ModuleType, name: str, who: str, group: str, **arguments: Any) -> Any:
    """Ask a mutation with a token of this group; return the data, or the refusal's type."""
    event = {
        "type": "Mutation",
        "field": name,
        "arguments": {**WHY, **arguments},
        "identity": {"sub": who, "groups": [group]},
    }
    answer = module.handler(event)
    return answer["error"]["type"] if "error" in answer else answer["data"]


def test_a_suspended_administrator_cannot_lift_it_and_another_can(pools: Pools, users: ModuleType) -> None:
    admin, other = pools.hire("admin"), pools.hire("admin")
    stopped = ask(users, "suspendStaff", admin, "admin", staffId=other)
    assert stopped == {"id": other, "email": stopped["email"], "status": "SUSPENDED", "groups": []}
    assert ask(users, "reinstateStaff", other, "admin", staffId=other) == "FORBIDDEN"
    assert ask(users, "suspendStaff", other, "admin", staffId=admin) == "FORBIDDEN"
    assert people.find_staff(admin).groups == {"admin"}
    back = ask(users, "reinstateStaff", admin, "admin", staffId=other)
    assert back == {"id": other, "email": stopped["email"], "status": "ACTIVE", "groups": ["admin"]}


def test_a_suspension_of_staff_is_repeated_after_the_pool_was_away_and_never_after_it_ended(
    pools: Pools, users: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin, trader = pools.hire("admin"), pools.hire("trader")
    request = {"staffId": trader, "clientRequestId": uuid.uuid4().hex}

    def away(*_: Any) -> None:
        raise Unavailable("Please try again.")

    with monkeypatch.context() as patch:
        patch.setattr(people, "set_staff_enabled", away)
        assert ask(users, "suspendStaff", admin, "admin", **request) == "UNAVAILABLE"
    assert people.find_staff(trader).groups == {"trader"}
    for _ in range(2):
        assert ask(users, "suspendStaff", admin, "admin", **request)["groups"] == []
    assert ask(users, "reinstateStaff", admin, "admin", staffId=trader)["groups"] == ["trader"]
    assert ask(users, "suspendStaff", admin, "admin", **request)["status"] == "ACTIVE"
    assert people.find_staff(trader).groups == {"trader"}


@pytest.mark.parametrize("name", ["suspendStaff", "reinstateStaff"])
def test_a_sanction_on_staff_is_refused_for_a_reason(pools: Pools, users: ModuleType, name: str) -> None:
    admin, trader = pools.hire("admin"), pools.hire("trader")
    assert ask(users, name, admin, "admin", staffId=admin) == "FORBIDDEN"
    assert ask(users, name, admin, "admin", staffId=str(uuid.uuid4())) == "NOT_FOUND"
    assert ask(users, name, admin, "admin", staffId="a#b") == "INVALID_INPUT"
    assert ask(users, name, admin, "admin", staffId=trader, reason="?") == "INVALID_INPUT"
    assert ask(users, name, trader, "trader", staffId=admin) == "FORBIDDEN"
    assert people.find_staff(trader).groups == {"trader"}
    assert people.find_staff(admin).groups == {"admin"}


@pytest.mark.parametrize("name", ["suspendUser", "reinstateUser"])
def test_nobody_sanctions_the_player_that_they_are_as_well(pools: Pools, users: ModuleType, name: str) -> None:
    player = str(uuid.uuid4())
    users.store.register(new_phone(), player, "1990-01-01")
    linked, other = pools.hire("support", player_id=player), pools.hire("support")
    told.clear()
    assert ask(users, name, linked, "support", userId=player) == "FORBIDDEN"
    assert users.store.get_profile(player)["status_version"] == 0
    assert ask(users, "suspendUser", other, "support", userId=player)["status"] == "SUSPENDED"
    assert told == [(f"/accounts/{player}/status", "SUSPENDED"), (f"/players/{player}/status", "SUSPENDED")]


# -- wallet: closing


def test_nobody_closes_the_wallet_of_the_player_that_they_are_as_well(pools: Pools, wallet: ModuleType) -> None:
    player = str(uuid.uuid4())
    wallet.open_account(player)
    before = wallet.get_account(player)
    from wallet.handlers import graphql

    assert ask(graphql, "closeWallet", pools.hire("admin", player_id=player), "admin", userId=player) == "FORBIDDEN"
    assert wallet.get_account(player) == before


# -- bet: what a trader stands to win


def settle(bet: SimpleNamespace, trader: str, market: str) -> str:
    answer = ask(bet.trading, "settleMarket", trader, "trader", marketId=market, results=RESULTS)
    return answer if isinstance(answer, str) else str(answer["status"])


def test_a_trader_decides_no_market_that_they_have_a_bet_on(pools: Pools, bet: SimpleNamespace, user: str) -> None:
    market, elsewhere = new_market(bet), new_market(bet, "elsewhere")
    placed = bet.placing.place(user, new_slip(bet, (market, "1", "2.50")))
    linked, other, third = pools.hire("trader", player_id=user), pools.hire("trader"), pools.hire("trader")
    before = bet.guards.get_market(market)
    assert settle(bet, linked, market) == "CONFLICT_OF_INTEREST"
    assert bet.guards.get_market(market) == before
    assert bet.results.find_result(market) is None
    assert settle(bet, linked, elsewhere) == "PROPOSED"
    assert settle(bet, other, market) == "PROPOSED"
    assert settle(bet, linked, market) == "CONFLICT_OF_INTEREST"
    assert settle(bet, third, market) == "SETTLED"
    # What is decided is theirs still: a correction or a rollback would change what they won.
    arguments = {"marketId": market, "reason": "settled by mistake"}
    assert ask(bet.trading, "rollbackMarket", linked, "trader", **arguments) == "CONFLICT_OF_INTEREST"
    assert bet.bets.get_bet(user, placed["bet_id"])["status"] == "ACCEPTED"


def test_who_proposed_a_result_must_stand_by_it_when_it_is_agreed_to(
    pools: Pools, bet: SimpleNamespace, user: str
) -> None:
    market, other_market = new_market(bet), new_market(bet, "other")
    linked, gone, other = pools.hire("trader", player_id=user), pools.hire("trader"), pools.hire("trader")
    assert settle(bet, linked, market) == "PROPOSED"
    assert settle(bet, gone, other_market) == "PROPOSED"
    bet.placing.place(user, new_slip(bet, (market, "1", "2.50")))
    people.set_staff_enabled(gone, False)
    before = bet.guards.get_market(market), bet.guards.get_market(other_market)
    assert settle(bet, other, market) == "CONFLICT_OF_INTEREST"
    assert settle(bet, other, other_market) == "CONFLICT"
    assert (bet.guards.get_market(market), bet.guards.get_market(other_market)) == before
    assert bet.results.find_result(market) is bet.results.find_result(other_market) is None
    people.set_staff_enabled(gone, True)
    assert settle(bet, other, other_market) == "SETTLED"


def test_a_bet_that_was_taken_back_is_no_interest(pools: Pools, bet: SimpleNamespace, user: str) -> None:
    market = new_market(bet, hours=48)
    placed = bet.placing.place(user, new_slip(bet, (market, "1", "2.50")))
    linked = pools.hire("trader", player_id=user)
    assert settle(bet, linked, market) == "CONFLICT_OF_INTEREST"
    bet.cancelling.cancel(user, placed["bet_id"])
    assert settle(bet, linked, market) == "PROPOSED"


def test_a_bet_placed_while_its_trader_settles_is_seen_once_the_market_is_closed(
    pools: Pools, bet: SimpleNamespace, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    market = new_market(bet)
    void = results_rows(_1="VOID", _X="VOID", _2="VOID")
    linked = pools.hire("trader", player_id=user)
    change = bet.changing.change_market

    def bet_first(market_id: str, *changes: Any) -> Any:
        bet.placing.place(user, new_slip(bet, (market, "1", "2.50")))
        return change(market_id, *changes)

    monkeypatch.setattr(bet.changing, "change_market", bet_first)
    arguments = {"marketId": market, "results": void}
    assert ask(bet.trading, "settleMarket", linked, "trader", **arguments) == "CONFLICT_OF_INTEREST"
    assert bet.results.find_result(market) is None
    assert bet.guards.get_market(market)["status"] == "CLOSED"
