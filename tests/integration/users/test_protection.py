"""What players choose to protect themselves, on a real table: kept once, and at both services before it is answered."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest

from betsafi import clock
from betsafi.service_client import Refused
from tests.support.accounts import RULES, Accounts, new_phone

pytestmark = pytest.mark.both_emulators
START = datetime.fromisoformat("2026-11-26T08:00:00+00:00")


class World:
    """A player, the fields of the API, and a clock that a test moves."""

    def __init__(self, accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
        self.moment = START
        monkeypatch.setattr(clock, "now", lambda: self.moment)
        self.accounts, self.wallet, self.payment = accounts, accounts.wallet, accounts.payment
        self.claims = accounts.sign_in(new_phone())
        self.user = self.claims["sub"]
        self.wallet.calls.clear()
        self.payment.calls.clear()

    def ask(self, field: str, **arguments: Any) -> Any:
        kind = "Query" if field == "protection" else "Mutation"
        claims = {**self.claims, "auth_time": str(int(self.moment.timestamp()))}
        identity = {"sub": self.user, "claims": claims}
        return self.accounts.graphql.handler(
            {"type": kind, "field": field, "arguments": arguments, "identity": identity}
        )

    def do(self, field: str, **arguments: Any) -> Any:
        answer = self.ask(field, **arguments)
        assert "data" in answer, answer
        return answer["data"]

    def refusal(self, field: str, **arguments: Any) -> str:
        return str(self.ask(field, **arguments)["error"]["type"])

    def limit(self, name: str, amount: str | None = None) -> Any:
        given = {"name": name, **({"amount": {"amount": amount}} if amount else {})}
        return self.do("setLimits", input=[given])

    @property
    def item(self) -> dict[str, Any]:
        found: dict[str, Any] = self.accounts.store.table.get((f"USER#{self.user}", "PROTECTION"))
        return found


@pytest.fixture
def world(emulator: str, monkeypatch: pytest.MonkeyPatch) -> World:
    return World(Accounts(emulator, monkeypatch), monkeypatch)


def test_a_limit_is_at_both_services_before_its_player_hears_of_it(world: World) -> None:
    assert world.do("protection")["version"] == 1, "what their identity allows"
    answer = world.limit("STAKE_DAY", "50.00")
    assert answer["version"] == 2
    assert answer["limits"] == [
        {
            "name": "STAKE_DAY",
            "amount": {"currency": "KES", "amount": "50.00"},
            "used": {"currency": "KES", "amount": "1.00"},
            "left": {"currency": "KES", "amount": "49.00"},
            "ends": None,
        }
    ]
    for service in (world.wallet, world.payment):
        known = {"allowed": RULES["UNVERIFIED"], "terms": "-"}
        assert service.kept == {"version": 2, "limits": {"stake_day": 5_000}, "realityMinutes": 60, **known}
    assert world.item["reached"] == 2


def test_of_a_limit_above_what_their_identity_allows_a_player_sees_what_they_can_use(world: World) -> None:
    (limit,) = world.limit("STAKE_DAY", "70.00")["limits"]
    assert (limit["amount"]["amount"], limit["used"]["amount"], limit["left"]["amount"]) == ("70.00", "1.00", "49.00")


@pytest.mark.parametrize("silent", ["before", "after"])
@pytest.mark.parametrize("which", ["wallet", "payment"])
def test_a_service_that_does_not_answer_keeps_the_other_from_nothing_and_the_same_call_goes_on(
    world: World, which: str, silent: str
) -> None:
    service = getattr(world, which)
    service.silent = silent
    assert world.refusal("excludeMyself", months=6) == "UNAVAILABLE"
    other = world.payment if which == "wallet" else world.wallet
    assert other.kept["stopKind"] == "EXCLUSION"
    assert world.item["reached"] == 1
    service.silent = ""
    answer = world.do("excludeMyself", months=6)
    assert answer["stop"]["kind"] == "EXCLUSION"
    assert answer["version"] == 2, "the same again is the same"
    assert service.kept["stoppedUntil"].startswith("9999")
    assert world.item["reached"] == 2
    calls = len(service.calls)
    world.do("excludeMyself", months=6)
    assert [method for method, _ in service.calls[calls:]] == ["GET"], "they have it"


def test_a_looser_limit_is_asked_for_waits_a_day_and_is_confirmed_with_a_fresh_sign_in(world: World) -> None:
    world.limit("LOSS_WEEK", "100.00")
    asked = world.limit("LOSS_WEEK")["asked"]
    assert asked == [
        {
            "name": "LOSS_WEEK",
            "amount": None,
            "from": "2026-11-27T08:00:00.000000Z",
            "until": "2026-12-04T08:00:00.000000Z",
        }
    ]
    assert world.wallet.kept["limits"] == {"loss_week": 10_000}
    assert world.refusal("confirmLimit", name="LOSS_WEEK") == "NOT_YET"
    assert world.refusal("confirmLimit", name="LOSS_DAY") == "NOT_ASKED"
    world.moment += timedelta(hours=24)
    old = {**world.claims, "auth_time": str(int((world.moment - timedelta(minutes=31)).timestamp()))}
    identity = {"sub": world.user, "claims": old}
    event = {"type": "Mutation", "field": "confirmLimit", "arguments": {"name": "LOSS_WEEK"}, "identity": identity}
    assert world.accounts.graphql.handler(event)["error"]["type"] == "SIGN_IN_AGAIN"
    assert world.item["limits"] == {"loss_week": 10_000}
    world.payment.silent = "before"
    assert world.refusal("confirmLimit", name="LOSS_WEEK") == "UNAVAILABLE"
    world.payment.silent = ""
    confirmed = world.do("confirmLimit", name="LOSS_WEEK")
    assert (confirmed["limits"], confirmed["asked"]) == ([], [])
    assert world.wallet.kept["limits"] == world.payment.kept["limits"] == {}


def test_an_old_sign_in_loosens_with_a_code_that_its_phone_got(world: World) -> None:
    world.limit("LOSS_WEEK", "100.00")
    world.limit("LOSS_WEEK")
    signed_in = int(world.moment.timestamp())
    world.moment += timedelta(hours=24)
    old = {**world.claims, "auth_time": str(signed_in)}
    phone = world.accounts.store.get_profile(world.user)["phone_number"]
    assert world.accounts.ask("requestFreshCode", old)["data"] is True
    code = world.accounts.code(phone)
    not_asked = world.accounts.ask("confirmLimit", old, name="LOSS_DAY", code=code)
    assert not_asked["error"]["type"] == "NOT_ASKED", "which uses up no code"
    wrong = world.accounts.ask("confirmLimit", old, name="LOSS_WEEK", code=f"{(int(code) + 1) % 1_000_000:06}")
    assert wrong["error"]["type"] == "WRONG_CODE"
    assert world.accounts.ask("confirmLimit", old, name="LOSS_WEEK", code=code)["data"]["limits"] == []
    again = world.accounts.ask("confirmLimit", old, name="LOSS_WEEK", code=code)["data"]
    assert again["limits"] == [], "the same again is the same"


def test_an_asked_loosening_that_lapsed_is_not_shown(world: World) -> None:
    world.limit("LOSS_WEEK", "100.00")
    world.limit("LOSS_WEEK")
    world.moment += timedelta(days=8)
    assert world.do("protection")["asked"] == []
    assert world.refusal("confirmLimit", name="LOSS_WEEK") == "NOT_ASKED"


def test_a_time_out_shows_until_when_and_is_over_by_itself(world: World) -> None:
    stop = world.do("takeTimeOut", hours=24)["stop"]
    assert stop == {
        "kind": "TIME_OUT",
        "since": "2026-11-26T08:00:00.000000Z",
        "until": "2026-11-27T08:00:00.000000Z",
        "ends": None,
    }
    world.moment += timedelta(hours=24)
    assert world.do("protection")["stop"] is None


def test_an_exclusion_ends_a_day_after_its_player_asked_and_not_before_its_time(world: World) -> None:
    world.do("excludeMyself", months=6)
    assert world.refusal("endExclusion") == "NOT_YET"
    world.moment = datetime.fromisoformat("2027-05-26T08:00:00+00:00")
    stop = world.do("endExclusion")["stop"]
    assert stop["ends"] == "2027-05-27T08:00:00.000000Z"
    assert world.wallet.kept["stoppedUntil"] == stop["ends"]
    world.moment += timedelta(hours=24)
    assert world.do("protection")["stop"] is None
    assert world.refusal("endExclusion") == "NOT_ASKED"


def test_a_reality_check_s_interval_reaches_the_wallet_and_an_acknowledgement_too(world: World) -> None:
    check = world.do("setRealityCheck", minutes=20)["realityCheck"]
    assert check["everyMinutes"] == world.wallet.kept["realityMinutes"] == 20
    assert (check["minutes"], check["staked"]["amount"], check["net"]["amount"]) == (5, "9.00", "-3.00")
    world.do("acknowledgeRealityCheck")
    assert ("POST", f"/accounts/{world.user}/reality-check") in world.wallet.calls


def test_the_end_of_an_exclusion_and_a_later_reality_check_ask_for_a_sign_in_just_now_or_a_code(world: World) -> None:
    """Both loosen what protects the player, as a looser limit does; an earlier check tightens it."""
    world.do("excludeMyself", months=6)
    old = {**world.claims, "auth_time": str(int(world.moment.timestamp()))}
    world.moment = datetime.fromisoformat("2027-05-26T08:00:00+00:00")
    ask, phone = world.accounts.ask, world.accounts.store.get_profile(world.user)["phone_number"]
    assert ask("setRealityCheck", old, minutes=20)["data"]["realityCheck"]["everyMinutes"] == 20
    before = world.item
    for field, given in (("endExclusion", {}), ("setRealityCheck", {"minutes": 21})):
        assert ask(field, old, **given)["error"]["type"] == "SIGN_IN_AGAIN"
        assert ask(field, old, **given, code="12345")["error"]["type"] == "INVALID_INPUT"
        assert world.item == before
        assert ask("requestFreshCode", old)["data"] is True
        code = world.accounts.code(phone)
        wrong = f"{(int(code) + 1) % 1_000_000:06}"
        assert ask(field, old, **given, code=wrong)["error"]["type"] == "WRONG_CODE"
        for _ in range(2):
            assert "data" in ask(field, old, **given, code=code), "the same again is the same"
        world.moment += timedelta(minutes=2)
        before = world.item
    assert (before["stop"][3], before["reality_minutes"]) == ("2027-05-27T08:00:00.000000Z", 21)
    assert ask("setRealityCheck", old, minutes=21)["data"]["realityCheck"]["everyMinutes"] == 21


@pytest.mark.parametrize(
    ("field", "arguments", "code"),
    [
        ("setLimits", {"input": []}, "INVALID_INPUT"),
        ("setLimits", {"input": [{"name": "STAKE_DAY", "amount": {"amount": "-1"}}]}, "INVALID_AMOUNT"),
        ("setLimits", {"input": [{"name": "STAKE_DAY", "amount": {"amount": "10000000.01"}}]}, "INVALID_AMOUNT"),
        (
            "setLimits",
            {"input": [{"name": "STAKE_DAY", "amount": {"amount": "5", "currency": "UGX"}}]},
            "INVALID_AMOUNT",
        ),
        ("setLimits", {"input": [{"name": "STAKE_DAY"}, {"name": "STAKE_DAY"}]}, "INVALID_INPUT"),
        ("setLimits", {"input": [{"name": "STAKE_YEAR"}]}, "INVALID_INPUT"),
        ("takeTimeOut", {"hours": 23}, "INVALID_INPUT"),
        ("takeTimeOut", {"hours": 1_009}, "INVALID_INPUT"),
        ("excludeMyself", {"months": 5}, "INVALID_INPUT"),
        ("excludeMyself", {}, "INVALID_INPUT"),
        ("excludeMyself", {"months": 6, "forGood": True}, "INVALID_INPUT"),
        ("excludeMyself", {"months": 61}, "INVALID_INPUT"),
        ("setRealityCheck", {"minutes": 9}, "INVALID_INPUT"),
        ("setRealityCheck", {"minutes": 61}, "INVALID_INPUT"),
        ("endExclusion", {}, "NOT_ASKED"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_done(
    world: World, field: str, arguments: dict[str, Any], code: str
) -> None:
    assert world.refusal(field, **arguments) == code
    assert world.item["version"] == 1
    assert world.wallet.calls == world.payment.calls == []


def test_who_has_no_profile_protects_nobody(world: World) -> None:
    world.user = str(uuid.uuid4())
    assert world.refusal("takeTimeOut", hours=24) == "NOT_FOUND"
    assert world.refusal("acknowledgeRealityCheck") == "NOT_FOUND"
    assert world.wallet.calls == []


def test_a_wallet_that_is_not_opened_yet_shows_nothing_and_says_so(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def call(method: str, path: str, body: Any = None) -> Any:
        raise Refused(404, "NOT_FOUND", "There is no such wallet.", {})

    monkeypatch.setattr(world.wallet, "call", call)
    assert world.refusal("protection") == "NOT_FOUND"


@pytest.mark.concurrent
def test_changes_at_once_are_all_kept_and_the_last_reaches_both(world: World) -> None:
    names = [f"{sort}_{window}" for sort in ("STAKE", "LOSS", "DEPOSIT") for window in ("DAY", "WEEK", "MONTH")]
    with ThreadPoolExecutor(9) as pool:
        list(pool.map(lambda name: world.limit(name, "70.00"), names))
    assert world.item["version"] == 10
    for service in (world.wallet, world.payment):
        assert service.kept["version"] == 10
        assert len(service.kept["limits"]) == 9
