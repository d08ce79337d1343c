"""What payment's facts do to the ledger in a real table, repeated and in any order."""

import json
import uuid
from types import ModuleType
from typing import Any

import pytest

from betsafi.errors import Conflict, IdempotencyKeyReused
from tests.support.emulator import create_table
from tests.support.services import load, stores


class Wallet:
    """The handler `consumer`, and one player with KES 950.00 behind it."""

    def __init__(self, consumer: ModuleType) -> None:
        self.consumer, self.store = consumer, stores("wallet")
        self.user = str(uuid.uuid4())
        self.receipt = f"R{uuid.uuid4().hex[:9].upper()}"
        self.store.open_account(self.user)
        self.tell("DepositCompleted", depositId=f"d-{self.user}", **split(100_000, 5_000))

    def tell(self, name: str, source: str = "payment", **facts: Any) -> int:
        """Hand the consumer one event; return how many messages it wants again."""
        body = {"userId": self.user} if not name.startswith("Suspense") else {}
        detail = {"id": "e", "time": "2026-11-01T00:00:00Z", "version": 1, "data": {**body, **facts}}
        event = {"source": f"betsafi.{source}", "detail-type": name, "detail": detail}
        batch = {"Records": [{"messageId": "m", "body": json.dumps(event)}]}
        return len(self.consumer.handler(batch)["batchItemFailures"])

    def received(self) -> int:
        return self.tell("SuspenseReceived", receipt=self.receipt, amountCents=20_000)

    def assigned(self, **facts: Any) -> int:
        given = {"depositId": f"s-{self.user}", "fromSuspense": True, "receipt": self.receipt, **split(20_000, 1_000)}
        return self.tell("DepositCompleted", **{**given, **facts})

    def returned(self) -> int:
        return self.tell("SuspenseReturned", receipt=self.receipt, amountCents=20_000)

    def reversal(self, name: str, **facts: Any) -> int:
        about = {"reversalId": "r", "depositId": f"d-{self.user}", **split(100_000, 5_000)}
        return self.tell(name, **{**about, **facts})

    @property
    def balances(self) -> tuple[int, int]:
        account = self.store.get_account(self.user)
        return account["available"], account["held"]

    def suspense(self) -> dict[str, int]:
        """What the entries below the receipt add up to, by account."""
        totals: dict[str, int] = {}
        for item in self.store.table.query_all(f"SYSTEM#{self.receipt}"):
            for account, cents in item["postings"]:
                totals[account] = totals.get(account, 0) + cents
        return {account: cents for account, cents in totals.items() if cents}


def split(amount: int, excise: int) -> dict[str, int]:
    return {"amountCents": amount, "creditCents": amount - excise, "exciseCents": excise}


@pytest.fixture(scope="module")
def consumer(emulator: str) -> ModuleType:
    return load(
        "wallet.handlers.consumer", TABLE_NAME=create_table(emulator, f"wallet-consumer-{uuid.uuid4()}", "wallet")
    )


@pytest.fixture
def wallet(consumer: ModuleType) -> Wallet:
    return Wallet(consumer)


def test_money_in_suspense_is_assigned_once(wallet: Wallet) -> None:
    assert [wallet.received(), wallet.received()] == [0, 0]
    assert wallet.balances == (95_000, 0)
    assert wallet.suspense() == {"mpesa:paybill": -20_000, "suspense": 20_000}
    assert [wallet.assigned(), wallet.assigned(), wallet.received()] == [0, 0, 0]
    assert wallet.balances == (114_000, 0)
    entry = wallet.store.table.get((f"USER#{wallet.user}", f"DEPOSIT#{wallet.receipt}"))
    assert dict(map(tuple, entry["postings"])) == {
        "suspense": -20_000,
        f"user:{wallet.user}:available": 19_000,
        "tax:excise": 1_000,
    }
    assert wallet.returned() == 1  # it is spoken for


def test_an_assignment_that_overtook_its_suspense_is_tried_again(wallet: Wallet) -> None:
    assert wallet.assigned() == 1
    assert wallet.balances == (95_000, 0)
    assert [wallet.received(), wallet.assigned()] == [0, 0]
    assert wallet.balances == (114_000, 0)


def test_an_assignment_without_a_receipt_credits_nothing(wallet: Wallet) -> None:
    assert wallet.received() == 0
    assert wallet.assigned(receipt=None) == 1
    assert wallet.balances == (95_000, 0)


def test_an_assignment_is_of_the_whole(wallet: Wallet) -> None:
    assert wallet.received() == 0
    assert wallet.assigned(**split(19_000, 950)) == 1
    assert wallet.balances == (95_000, 0)


def test_money_in_suspense_is_returned_once_in_either_order(wallet: Wallet) -> None:
    assert wallet.returned() == 1
    assert [wallet.received(), wallet.returned(), wallet.returned(), wallet.received()] == [0, 0, 0, 0]
    assert wallet.suspense() == {}
    assert wallet.assigned() == 1
    assert wallet.balances == (95_000, 0)


def test_a_reversal_that_m_pesa_made_leaves_the_wallet_once(wallet: Wallet) -> None:
    assert wallet.reversal("DepositReversed") == 1  # its hold is not seen yet
    wallet.store.place_hold(wallet.user, "r", "REVERSAL", 95_000)
    assert [wallet.reversal("DepositReversed") for _ in range(3)] == [0, 0, 0]
    assert wallet.balances == (0, 0)
    assert wallet.reversal("DepositReversed", **split(100_000, 4_000)) == 1
    assert wallet.balances == (0, 0)


def test_a_reversal_that_failed_gives_the_credit_back_once(wallet: Wallet) -> None:
    wallet.store.place_hold(wallet.user, "r", "REVERSAL", 95_000)
    assert [wallet.reversal("DepositReversalFailed", reason="R000001") for _ in range(2)] == [0, 0]
    assert wallet.balances == (95_000, 0)
    assert wallet.reversal("DepositReversed") == 1
    with pytest.raises(Conflict):
        wallet.store.reverse_deposit(wallet.user, "r", 100_000, 95_000, 5_000)


def test_another_provider_s_money_stands_in_its_own_accounts(wallet: Wallet, monkeypatch: pytest.MonkeyPatch) -> None:
    from wallet.rules import providers

    def arrives() -> int:
        return wallet.tell("DepositCompleted", depositId="other", provider="OTHER", **split(10_000, 500))

    assert arrives() == 1
    assert wallet.balances == (95_000, 0)
    monkeypatch.setitem(providers.PROVIDERS, "OTHER", providers.Provider("other:in", "other:out", "other:fees"))
    assert arrives() == 0
    entry = wallet.store.table.get((f"USER#{wallet.user}", "DEPOSIT#other"))
    assert dict(entry["postings"])["other:in"] == -10_000
    assert wallet.balances == (104_500, 0)


def test_a_failure_before_its_hold_refuses_the_hold_for_ever(wallet: Wallet) -> None:
    assert wallet.reversal("DepositReversalFailed", reason="INSUFFICIENT_FUNDS") == 0
    with pytest.raises(Conflict) as refusal:
        wallet.store.place_hold(wallet.user, "r", "REVERSAL", 95_000)
    assert refusal.value.code == "HOLD_VOIDED"
    assert wallet.balances == (95_000, 0)


def test_a_receipt_in_suspense_is_one_amount_for_ever(wallet: Wallet) -> None:
    assert wallet.received() == 0
    assert wallet.tell("SuspenseReceived", receipt=wallet.receipt, amountCents=20_001) == 1
    with pytest.raises(IdempotencyKeyReused):
        wallet.store.post_system(wallet.consumer.ledger.suspense_in(wallet.receipt, 1))


def test_the_account_says_frozen_to_services_and_players_until_it_is_closed(wallet: Wallet) -> None:
    from wallet.handlers import api, graphql

    def said() -> set[str]:
        account = wallet.store.get_account(wallet.user)
        return {api.account("payment", {"userId": wallet.user}, None).status, graphql.present(account)["status"]}

    assert said() == {"ACTIVE"}
    wallet.store.set_status(wallet.user, "SUSPENDED", 1)
    assert said() == {"SUSPENDED"}
    assert wallet.tell("UserSuspended", "users", statusVersion=2, reasonCode="LAW", moneyHeld=True) == 0
    assert said() == {"FROZEN"}
    wallet.store.place_hold(wallet.user, "r", "REVERSAL", 95_000)
    assert wallet.reversal("DepositReversed") == 0
    wallet.store.close(wallet.user)
    assert said() == {"CLOSED"}


def test_the_books_of_all_of_it_balance(wallet: Wallet) -> None:
    from wallet.rules.audit import audit

    assert [wallet.received(), wallet.assigned()] == [0, 0]
    wallet.store.place_hold(wallet.user, "r", "REVERSAL", 95_000)
    assert wallet.reversal("DepositReversed") == 0
    report = audit(wallet.store.every_item(), wallet.store.partition_at_one_moment)
    assert report.problems == []
    assert report.balanced


def test_what_protects_a_player_comes_by_event_too_and_the_newest_version_stands(wallet: Wallet) -> None:
    def changed(version: int, **facts: Any) -> int:
        return wallet.tell("UserProtectionChanged", "users", protectionVersion=version, changed=["limits"], **facts)

    excluded = {"stoppedUntil": "9999-12-31T00:00:00.000000Z", "stopKind": "EXCLUSION"}
    assert [changed(2, limits={"stake_day": 700, "deposit_day": 5}, **excluded), changed(1, limits={})] == [0, 0]
    account = wallet.store.get_account(wallet.user)
    assert (account["limit_stake_day"], account["stop_kind"], account["protection_version"]) == (700, "EXCLUSION", 2)
    assert changed(3, limits={"new_kind": 5}, realityMinutes=30) == 0
    account = wallet.store.get_account(wallet.user)
    assert (account["reality"], "stopped" in account, account["limit_stake_day"]) == (1_800, False, 10**15)
