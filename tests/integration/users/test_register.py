"""The exclusion register: at sign-up, with tokens and at bets, also while it is down; and limits to begin with."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from types import ModuleType
from typing import Any

import pytest
import requests

from betsafi import clock
from betsafi.errors import Unavailable
from betsafi.protection import FOREVER
from localcloud import registers
from tests.support.accounts import Accounts, Refusal, new_phone
from tests.support.services import load
from tests.support.serving import serve

# -- the port, and the fake behind it


@pytest.fixture(scope="module")
def fake() -> Iterator[str]:
    with serve(registers.create_app()) as url:
        yield f"{url}/exclusion"


@pytest.fixture
def exclusion(fake: str) -> ModuleType:
    requests.delete(f"{fake}/_fake/scripts", timeout=10)
    return load("users.registers.exclusion", EXCLUSION_REGISTER_URL=fake, REGISTER_WAIT_MS="300")


def script(fake: str, **what: Any) -> None:
    assert requests.post(f"{fake}/_fake/scripts", json=what, timeout=10).status_code == 200


def test_nobody_is_on_the_register_until_it_says_so(exclusion: ModuleType, fake: str) -> None:
    phone, other = new_phone(), new_phone()
    assert exclusion.is_asked()
    assert not exclusion.is_listed(phone)
    script(fake, phone=phone, answer="listed")
    assert exclusion.is_listed(phone)
    assert not exclusion.is_listed(other)


@pytest.mark.parametrize("how", [{"answer": "down"}, {"answer": "clear", "seconds": 1}])
def test_a_register_that_is_down_or_slow_gives_no_answer(exclusion: ModuleType, fake: str, how: Any) -> None:
    script(fake, **how)
    with pytest.raises(Unavailable):
        exclusion.is_listed(new_phone())


def test_an_answer_that_is_not_clear_is_none(exclusion: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    class Odd:
        status_code, content = 200, b'{"listed": "no"}'

    monkeypatch.setattr(exclusion._register._http, "send", lambda request: Odd)
    with pytest.raises(Unavailable):
        exclusion.is_listed(new_phone())


def test_a_stage_without_a_register_asks_none() -> None:
    assert not load("users.registers.exclusion").is_asked()


# -- what is done about it


class Stage:
    """A pool of players, a register, the wallet and payment, and a clock that a test moves."""

    def __init__(self, accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
        from users.flows import protecting
        from users.registers import exclusion

        self.accounts, self.wallet, self.payment = accounts, accounts.wallet, accounts.payment
        self.listed: set[str] = set()
        self.down = False
        self.asked: list[str] = []
        self.moment = datetime.fromisoformat("2026-11-26T08:00:00+00:00")
        self.protecting, self._patch = protecting, monkeypatch
        monkeypatch.setattr(clock, "now", lambda: self.moment)
        monkeypatch.setattr(exclusion, "is_asked", lambda: True)
        monkeypatch.setattr(exclusion, "is_listed", self._look)

    def settle(self, **changes: Any) -> None:
        self._patch.setattr(self.protecting, "settings", replace(self.protecting.settings, **changes))

    def _look(self, phone: str) -> bool:
        self.asked.append(phone)
        if self.down:
            raise Unavailable("out of order")
        return phone in self.listed

    def go_on(self, **by: float) -> None:
        self.moment += timedelta(**by)


@pytest.fixture
def stage(emulator: str, monkeypatch: pytest.MonkeyPatch) -> Stage:
    return Stage(Accounts(emulator, monkeypatch), monkeypatch)


def test_who_signs_up_is_looked_up_once_and_the_wallet_knows_until_when_before_the_first_token(stage: Stage) -> None:
    phone = new_phone()
    stage.accounts.sign_in(phone)
    assert stage.asked == [phone]
    for service in (stage.wallet, stage.payment):
        assert (service.kept["version"], service.kept["clearedUntil"]) == (2, "2026-11-27T08:00:00.000000Z")


def test_who_is_listed_gets_no_account(stage: Stage) -> None:
    phone = new_phone()
    stage.listed.add(phone)
    with pytest.raises(Refusal, match="EXCLUDED"):
        stage.accounts.sign_in(phone)
    assert stage.accounts.store.find_claim(phone) is None
    stage.listed.clear()
    stage.go_on(seconds=61)
    stage.accounts.sign_in(phone)


def test_an_answer_is_renewed_with_a_token_when_half_of_its_time_is_over(stage: Stage) -> None:
    phone = new_phone()
    stage.accounts.sign_in(phone)
    stage.go_on(hours=11, minutes=59)
    stage.accounts.sign_in(phone)
    assert len(stage.asked) == 1
    stage.go_on(minutes=2)
    stage.accounts.sign_in(phone)
    assert len(stage.asked) == 2
    assert stage.wallet.kept["clearedUntil"] == "2026-11-27T20:01:00.000000Z"


def test_who_is_listed_later_signs_in_and_is_stopped_until_the_register_says_otherwise(stage: Stage) -> None:
    phone = new_phone()
    stage.accounts.sign_in(phone)
    stage.listed.add(phone)
    stage.go_on(hours=13)
    assert stage.accounts.sign_in(phone)
    for service in (stage.wallet, stage.payment):
        assert (service.kept["stopKind"], service.kept["stoppedUntil"]) == ("REGISTER", FOREVER)
    stage.listed.clear()
    stage.go_on(minutes=31)
    stage.accounts.sign_in(phone)
    assert "stopKind" not in stage.wallet.kept
    assert stage.wallet.kept["clearedUntil"]


def test_while_it_is_down_nobody_new_comes_in_and_answers_end_where_the_stage_refuses(stage: Stage) -> None:
    phone = new_phone()
    stage.accounts.sign_in(phone)
    stage.down = True
    with pytest.raises(Refusal, match="UNAVAILABLE"):
        stage.accounts.sign_in(new_phone())
    stage.go_on(hours=20)
    assert stage.accounts.sign_in(phone), "money can be withdrawn"
    assert stage.wallet.kept["clearedUntil"] == "2026-11-27T08:00:00.000000Z"


def test_who_was_never_looked_up_has_no_answer_to_bet_on_while_it_is_down(stage: Stage) -> None:
    from users.registers import exclusion

    phone = new_phone()
    with pytest.MonkeyPatch.context() as before_there_was_a_register:
        before_there_was_a_register.setattr(exclusion, "is_asked", lambda: False)
        stage.accounts.sign_in(phone)
    assert "clearedUntil" not in stage.wallet.kept
    stage.down = True
    stage.go_on(minutes=31)
    stage.accounts.sign_in(phone)
    assert stage.wallet.kept["clearedUntil"] == "2026-11-26T08:31:00.000000Z", "over at this moment"


@pytest.mark.parametrize("is_listed", [False, True])
def test_once_no_register_is_asked_answers_end_no_more_and_who_is_listed_stays_so(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, is_listed: bool
) -> None:
    from users.registers import exclusion

    phone = new_phone()
    stage.accounts.sign_in(phone)
    stage.go_on(hours=13)
    stage.listed.update([phone] if is_listed else [])
    stage.accounts.sign_in(phone)
    assert ("clearedUntil" in stage.wallet.kept) is not is_listed
    version = stage.wallet.kept["version"]
    monkeypatch.setattr(exclusion, "is_asked", lambda: False)
    for _ in range(2):
        stage.go_on(hours=12)
        stage.accounts.sign_in(phone)
        assert "clearedUntil" not in stage.wallet.kept
        assert ("stopKind" in stage.wallet.kept) is is_listed
        assert stage.wallet.kept["version"] == (version if is_listed else version + 1)


def test_while_it_is_down_bets_go_on_for_an_hour_at_a_time_where_the_stage_allows_it(stage: Stage) -> None:
    stage.settle(register_down="allow")
    stage.down = True
    phone = new_phone()
    stage.accounts.sign_in(phone)
    assert stage.wallet.kept["clearedUntil"] == "2026-11-26T09:00:00.000000Z"
    stage.go_on(minutes=31)
    stage.accounts.sign_in(phone)
    assert stage.wallet.kept["clearedUntil"] == "2026-11-26T09:31:00.000000Z"
    stage.down = False
    stage.listed.add(phone)
    stage.go_on(minutes=10)
    stage.accounts.sign_in(phone)
    stage.down = True
    stage.go_on(minutes=31)
    stage.accounts.sign_in(phone)
    assert stage.wallet.kept["stopKind"] == "REGISTER", "who was listed stays so while nobody answers"


def test_who_signs_up_begins_with_the_stage_s_limits(stage: Stage) -> None:
    stage.settle(default_limits=["deposit_day=500000", "loss_week=2000000"])
    stage.accounts.sign_in(new_phone())
    limits = {"deposit_day": 500_000, "loss_week": 2_000_000}
    assert stage.wallet.kept["limits"] == stage.payment.kept["limits"] == limits


@pytest.mark.parametrize("which", ["wallet", "payment"])
def test_a_service_that_does_not_answer_keeps_nobody_from_signing_in_and_the_next_token_goes_on(
    stage: Stage, which: str
) -> None:
    service, phone = getattr(stage, which), new_phone()
    service.silent = "before"
    assert stage.accounts.sign_in(phone)
    assert service.kept["version"] == 0
    service.silent = ""
    stage.go_on(minutes=31)
    stage.accounts.sign_in(phone)
    assert service.kept["version"] == 2
    calls = len(service.calls)
    stage.go_on(minutes=31)
    stage.accounts.sign_in(phone)
    assert len(service.calls) == calls, "they are known to have it"


def test_default_limits_are_limits_that_there_are() -> None:
    with pytest.raises(RuntimeError, match="stake_year"):
        load("users.flows.protecting", TABLE_NAME="users", WALLET_URL="http://wallet", DEFAULT_LIMITS="stake_year=5")
