"""The wallet's synchronous API for bet, payment and users: every command carries an id chosen by its caller."""

from typing import Any

from betsafi.http import Api
from wallet import models, store
from wallet.ledger import Hold

handler = Api()


@handler.route("POST", "/holds")
def place_hold(path: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
    """Set a stake, a withdrawal or a deposit to be reversed aside. Errors: see `store.place_hold`."""
    request = models.hold_request(body)
    return present(store.place_hold(request.user_id, request.hold_id, request.kind, request.amount_cents))


@handler.route("POST", "/holds/{holdId}/release")
def release(path: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
    """Give back all that remains (an id that has not come yet is voided), or `amountCents` under a `releaseId`."""
    user_id, hold_id = models.identifier(body, "userId"), models.identifier(path, "holdId")
    reason = str(body.get("reason") or "")[:100]
    if "releaseId" not in body:
        return present(store.release(user_id, hold_id, reason))
    part_id, part = models.identifier(body, "releaseId"), models.cents(body, "amountCents")
    return present(store.release(user_id, hold_id, reason, part_id, part))


@handler.route("GET", "/accounts/{userId}")
def account(path: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
    """Return an account's balances and status, FROZEN included."""
    item = store.get_account(models.identifier(path, "userId"))
    return {
        "userId": item["user_id"],
        "status": store.status_of(item),
        "availableCents": item["available"],
        "heldCents": item["held"],
    }


@handler.route("PUT", "/accounts/{userId}/status")
def set_status(path: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
    """Suspend or reinstate an account, unless it has that version of the status or a newer one."""
    user_id = models.identifier(path, "userId")
    store.set_status(user_id, *models.status_change(body))
    return {"userId": user_id, "status": store.get_account(user_id)["status"]}


@handler.route("PUT", "/accounts/{userId}/limits")
def set_limits(path: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
    """Set a player's limits, unless the account has that version of them or a newer one."""
    user_id = models.identifier(path, "userId")
    store.set_limits(user_id, models.limits(body.get("limits")), models.version(body, "limitsVersion"))
    return {"userId": user_id, "limitsVersion": store.get_account(user_id)["limits_version"]}


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
