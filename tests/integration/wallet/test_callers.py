"""Who may do what at the APIs of wallet and users, service by service and operation by operation, on real tables."""

import json
import uuid
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from betsafi.dynamodb import Update
from tests.support.emulator import create_table
from tests.support.services import load, stores
from tests.support.signed import ACCOUNT, session_of, signed
from tools.base.services import packages

PLAYER = "player"
SERVICES = tuple(packages())
STRANGERS = (f"arn:aws:iam::{ACCOUNT}:root", session_of("bet", "dev"), "")

Ask = Callable[..., tuple[int, Any]]


def loaded(emulator: str, service: str) -> ModuleType:
    table = create_table(emulator, f"callers-{service}-{uuid.uuid4().hex[:8]}", service)
    return load(f"{service}.handlers.api", TABLE_NAME=table)


def asking(door: ModuleType) -> Ask:
    """Return how to ask a handler for something in a service's name, or another ARN's."""
    resources = sorted({resource for _, resource in door.handler.operations})

    def ask(caller: str, method: str, path: str, **body: Any) -> tuple[int, Any]:
        arn = session_of(caller) if caller in SERVICES else caller
        event = signed(arn, method, path, resources, json.dumps(body))
        answer = door.handler(event)
        content = json.loads(answer["body"])
        return answer["statusCode"], content.get("error") or content.get("status")

    return ask


def everything() -> list[Any]:
    return sorted(stores("wallet").table.scan(), key=lambda item: (item["pk"], item["sk"]))


@pytest.fixture
def wallet(emulator: str) -> ModuleType:
    """The wallet's handler, with a player who has KES 950.00, a stake and a withdrawal of a hundred each."""
    door, store = loaded(emulator, "wallet"), stores("wallet")
    store.deposit(PLAYER, "deposit", 100_000, 95_000, 5_000)
    store.place_hold(PLAYER, "a-bet", "BET", 10_000)
    store.place_hold(PLAYER, "a-withdrawal", "WITHDRAWAL", 10_000)
    store.place_hold(PLAYER, "a-reversal", "REVERSAL", 10_000)
    return door


def hold(kind: str) -> dict[str, Any]:
    return {"holdId": f"new-{kind}", "userId": PLAYER, "kind": kind, "amountCents": 100}


BACK = {"userId": PLAYER, "reason": "no"}
PART = {**BACK, "releaseId": "part", "amountCents": 100}
OPERATIONS: list[tuple[tuple[str, ...], str, str, dict[str, Any]]] = [
    (("bet",), "POST", "/holds", hold("BET")),
    (("payment",), "POST", "/holds", hold("WITHDRAWAL")),
    (("payment",), "POST", "/holds", hold("REVERSAL")),
    (("bet",), "POST", "/holds/a-bet/release", BACK),
    (("bet",), "POST", "/holds/a-bet/release", PART),
    (("payment",), "POST", "/holds/a-withdrawal/release", BACK),
    (("payment",), "POST", "/holds/a-withdrawal/release", PART),
    (("payment",), "POST", "/holds/a-reversal/release", BACK),
    (("bet", "payment"), "POST", "/holds/not-yet/release", BACK),
    (("payment", "users"), "GET", f"/accounts/{PLAYER}", {}),
    (("bet",), "GET", f"/room/{PLAYER}/2026-11-27/abc", {}),
    (("users",), "PUT", f"/accounts/{PLAYER}/status", {"status": "SUSPENDED", "statusVersion": 1}),
    (("users",), "PUT", f"/accounts/{PLAYER}/protection", {"limits": {"stake_day": 1}, "version": 1}),
    (("users",), "POST", f"/accounts/{PLAYER}/reality-check", {}),
]


@pytest.mark.parametrize("caller", [*SERVICES, *STRANGERS])
@pytest.mark.parametrize(
    ("callers", "method", "path", "body"), OPERATIONS, ids=lambda value: value if isinstance(value, str) else ""
)
def test_only_a_service_that_an_operation_is_for_may_ask_for_it(
    wallet: ModuleType, caller: str, callers: tuple[str, ...], method: str, path: str, body: dict[str, Any]
) -> None:
    if path.endswith("/reality-check"):
        check_is_due = Update((f"USER#{PLAYER}", "ACCOUNT"), "SET #check_at = :past", values={"past": 0})
        stores("wallet").table.write(check_is_due)
    before = everything()
    status, answer = asking(wallet)(caller, method, path, **body)
    if caller in callers:
        assert status == 200, answer
        assert method == "GET" or everything() != before
    else:
        assert (status, answer) == (403, "FORBIDDEN")
        assert everything() == before


def test_what_a_service_did_may_be_repeated_by_it_alone(wallet: ModuleType) -> None:
    ask = asking(wallet)
    for _ in range(2):
        assert ask("bet", "POST", "/holds", **hold("BET")) == (200, "HELD")
    assert ask("payment", "POST", "/holds", **hold("BET")) == (403, "FORBIDDEN")
    for _ in range(2):
        assert ask("payment", "POST", "/holds/a-withdrawal/release", **PART) == (200, "HELD")
    assert ask("bet", "POST", "/holds/a-withdrawal/release", **PART) == (403, "FORBIDDEN")
    for _ in range(2):
        assert ask("bet", "POST", "/holds/a-bet/release", **BACK) == (200, "RESOLVED")
    assert ask("payment", "POST", "/holds/a-bet/release", **BACK) == (403, "FORBIDDEN")


def test_an_event_of_one_service_releases_nothing_of_another(emulator: str) -> None:
    door = load("wallet.handlers.consumer", TABLE_NAME=create_table(emulator, f"callers-{uuid.uuid4()}", "wallet"))
    store = stores("wallet")
    store.deposit(PLAYER, "deposit", 100_000, 95_000, 5_000)
    store.place_hold(PLAYER, "a-bet", "BET", 10_000)

    def tell(source: str, name: str, **fact: Any) -> int:
        detail = {"id": "e1", "time": "2026-11-26T00:00:00Z", "version": 1, "data": {"userId": PLAYER, **fact}}
        body = json.dumps({"source": source, "detail-type": name, "detail": detail})
        return len(door.handler({"Records": [{"messageId": "1", "body": body}]})["batchItemFailures"])

    assert tell("betsafi.payment", "WithdrawalFailed", withdrawalId="a-bet", amountCents=10_000, reason="no") == 1
    assert store.get_account(PLAYER)["held"] == 10_000
    assert tell("betsafi.bet", "BetRejected", betId="a-bet", stakeCents=10_000, reason="no") == 0
    assert store.get_account(PLAYER)["held"] == 0


@pytest.mark.parametrize("caller", [*SERVICES, *STRANGERS])
def test_only_who_must_reach_a_player_is_told_the_phone_number(emulator: str, caller: str) -> None:
    users = loaded(emulator, "users")
    stores("users").register("+254700000001", PLAYER, "1990-01-01")
    status, answer = asking(users)(caller, "GET", f"/users/{PLAYER}/contact")
    assert (status, answer) == ((200, "ACTIVE") if caller in ("payment", "notifications") else (403, "FORBIDDEN"))
