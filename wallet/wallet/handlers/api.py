"""The wallet's synchronous API for bet, payment and users: every command carries an id chosen by its caller.

A service holds money for its own purpose only, and releases only what is held for it (`chains.HOLDER`).
"""

from typing import Any

from betsafi.errors import Conflict, Contention, Forbidden, IdempotencyKeyReused, InvalidAmount, NotFound
from betsafi.http import Api
from wallet import models
from wallet.rules.chains import HOLDER, Hold, HoldVoided
from wallet.rules.ledger import AccountNotActive, InsufficientFunds
from wallet.rules.limits import LimitReached
from wallet.stores import accounts, holds

handler = Api()


@handler.route(
    "POST",
    "/holds",
    callers=("bet", "payment"),
    takes=models.HOLD_REQUEST,
    gives=models.HOLD,
    refuses=(
        InvalidAmount, InsufficientFunds, AccountNotActive, LimitReached, NotFound, HoldVoided, IdempotencyKeyReused,
        Contention,
    ),
)  # fmt: skip
def place_hold(caller: str, path: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
    """Set a stake (bet), a withdrawal or a deposit to be reversed (payment) aside."""
    request = models.hold_request(body)
    if caller != HOLDER[request.kind]:
        raise Forbidden(f"A {request.kind} is held by another service.")
    return present(holds.place_hold(request.user_id, request.hold_id, request.kind, request.amount_cents))


@handler.route(
    "POST",
    "/holds/{holdId}/release",
    callers=("bet", "payment"),
    takes=models.RELEASE_REQUEST,
    gives=models.HOLD,
    refuses=(InvalidAmount, holds.UnknownHold, Conflict, IdempotencyKeyReused, NotFound, Contention),
)
def release(caller: str, path: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
    """Give back all that remains (an id that has not come yet is voided), or `amountCents` under a `releaseId`."""
    hold_id, asked = models.identifier(path, "holdId"), models.release_request(body)
    return present(holds.release(asked.user_id, hold_id, asked.reason, asked.part_id, asked.part, holder=caller))


@handler.route("GET", "/accounts/{userId}", callers=("payment",), gives=models.ACCOUNT, refuses=(NotFound,))
def account(caller: str, path: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
    """Return an account's balances and status, FROZEN included."""
    item = accounts.get_account(models.identifier(path, "userId"))
    return {
        "userId": item["user_id"],
        "status": accounts.status_of(item),
        "availableCents": item["available"],
        "heldCents": item["held"],
        "owedCents": -item["receivable"],
    }


@handler.route("PUT", "/accounts/{userId}/status", callers=("users",), takes=models.STATUS_REQUEST, gives=models.STATUS)
def set_status(caller: str, path: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
    """Suspend or reinstate an account, unless it has that version of the status or a newer one."""
    user_id = models.identifier(path, "userId")
    accounts.set_status(user_id, *models.status_change(body))
    return {"userId": user_id, "status": accounts.get_account(user_id)["status"]}


@handler.route(
    "PUT",
    "/accounts/{userId}/limits",
    callers=("users",),
    takes=models.LIMITS_REQUEST,
    gives=models.LIMITS_SET,
    refuses=(Contention,),
)
def set_limits(caller: str, path: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
    """Set a player's limits, unless the account has that version of them or a newer one."""
    user_id = models.identifier(path, "userId")
    accounts.set_limits(user_id, models.limits(body.get("limits")), models.version(body, "limitsVersion"))
    return {"userId": user_id, "limitsVersion": accounts.get_account(user_id)["limits_version"]}


def present(hold: Hold) -> dict[str, Any]:
    """Return a hold as the API's JSON."""
    status = "VOIDED" if hold.voided else "HELD" if hold.remaining else "RESOLVED"
    return {
        "holdId": hold.id,
        "status": status,
        "amountCents": hold.amount,
        "remainingCents": hold.remaining,
        "releasedCents": hold.released,
        "capturedCents": hold.captured,
    }
