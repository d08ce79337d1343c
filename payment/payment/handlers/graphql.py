"""The payment fields of the AppSync API."""

from typing import Any

from betsafi.graphql import Caller, Fields
from payment import deposits, models, store, withdrawals

handler = Fields()


@handler.mutation("deposit")
def deposit(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Ask the caller's phone to pay into the wallet. Accepted is not paid: the payment says how it stands."""
    return models.present(deposits.request(caller.user_id, arguments))


@handler.mutation("withdraw")
def withdraw(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Pay from the caller's wallet to their phone; what is not clear at once stays held and is followed up."""
    return models.present(withdrawals.request(caller.user_id, arguments))


@handler.query("payment")
def payment(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return one of the caller's payments. Raises NotFound, also for another player's."""
    return models.present(store.find_own(caller.user_id, arguments["id"]))


@handler.query("payments")
def payments(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return the caller's payments, newest first, by pages."""
    limit = models.page_size(arguments)
    page = store.list_own(caller.user_id, arguments.get("kind"), limit, arguments.get("cursor"))
    return {"items": [models.present(item) for item in page.items], "cursor": page.cursor}
