"""The wallet's synchronous API for bet, payment and users: every command carries an id chosen by its caller.

A service holds money for its own purpose only, and releases only what is held for it (`chains.HOLDER`).
"""

from betsafi import clock
from betsafi.errors import Conflict, Contention, Forbidden, IdempotencyKeyReused, InvalidAmount, NotFound
from betsafi.http import Api
from wallet import bodies
from wallet.rules import limits, promises, refusals
from wallet.rules.chains import HOLDER, Hold, HoldVoided
from wallet.rules.ledger import AccountNotActive, InsufficientFunds
from wallet.rules.limits import LimitReached
from wallet.rules.promises import PayoutLimit, Promise
from wallet.stores import accounts, holds

handler = Api()


@handler.route(
    "POST",
    "/holds",
    callers=("bet", "payment"),
    takes=bodies.HoldRequest,
    gives=bodies.Hold,
    refuses=(
        InvalidAmount, InsufficientFunds, AccountNotActive, LimitReached, PayoutLimit, NotFound, HoldVoided,
        IdempotencyKeyReused, Contention,
    ),
)  # fmt: skip
def place_hold(caller: str, path: dict[str, str], asked: bodies.HoldRequest) -> bodies.Hold:
    """Set a stake (bet), a withdrawal or a deposit to be reversed (payment) aside."""
    if caller != HOLDER[asked.kind]:
        raise Forbidden(f"A {asked.kind} is held by another service.")
    promise = None
    if asked.payout_day:
        of_day, of_same = asked.most_of_day_cents, asked.most_of_same_cents
        promise = Promise(asked.potential_payout_cents, asked.payout_day, of_day, asked.same, of_same)
    return present(holds.place_hold(asked.user_id, asked.hold_id, asked.kind, asked.amount_cents, promise))


@handler.route(
    "POST",
    "/holds/{holdId}/release",
    callers=("bet", "payment"),
    takes=bodies.ReleaseRequest,
    gives=bodies.Hold,
    refuses=(InvalidAmount, holds.UnknownHold, Conflict, IdempotencyKeyReused, NotFound, Contention),
)
def release(caller: str, path: dict[str, str], asked: bodies.ReleaseRequest) -> bodies.Hold:
    """Give back all that remains (an id that has not come yet is voided), or `amountCents` under a `releaseId`."""
    part = asked.amount_cents or None
    return present(holds.release(asked.user_id, path["holdId"], asked.reason, asked.release_id, part, holder=caller))


@handler.route("GET", "/accounts/{userId}", callers=("payment", "users"), gives=bodies.Account, refuses=(NotFound,))
def account(caller: str, path: dict[str, str], asked: None) -> bodies.Account:
    """Return an account's balances and status, FROZEN included."""
    item = accounts.get_account(path["userId"])
    return bodies.Account(
        user_id=item["user_id"],
        status=accounts.status_of(item),
        available_cents=item["available"],
        held_cents=item["held"],
        owed_cents=-item["receivable"],
        lost_today_cents=limits.lost_today(item, limits.windows_at(clock.now())),
    )


@handler.route("GET", "/room/{userId}/{payoutDay}/{same}", callers=("bet",), gives=bodies.Room, refuses=(NotFound,))
def room(caller: str, path: dict[str, str], asked: None) -> bodies.Room:
    """Return what a bet of that day on these picks has room for now; holds nothing."""
    item = accounts.get_account(path["userId"])
    day, same = promises.counters(path["payoutDay"], path["same"])
    return bodies.Room(
        user_id=item["user_id"],
        caps=[
            bodies.Cap(most_cents=most, code=refusal.code, message=refusal.message, info=refusal.info)
            for most, refusal in refusals.caps(item, "BET", limits.windows_at(clock.now()))
        ],
        factor_percent=promises.factor_of(item) or promises.WHOLE,
        day_cents=item.get(day, 0),
        same_cents=item.get(same, 0),
    )


@handler.route("PUT", "/accounts/{userId}/status", callers=("users",), takes=bodies.StatusRequest, gives=bodies.Status)
def set_status(caller: str, path: dict[str, str], asked: bodies.StatusRequest) -> bodies.Status:
    """Suspend or reinstate an account, unless it has that version of the status or a newer one."""
    user_id = path["userId"]
    accounts.set_status(user_id, asked.status, asked.status_version)
    return bodies.Status(user_id=user_id, status=accounts.get_account(user_id)["status"])


@handler.route(
    "PUT",
    "/accounts/{userId}/limits",
    callers=("users",),
    takes=bodies.LimitsRequest,
    gives=bodies.LimitsSet,
    refuses=(Contention,),
)
def set_limits(caller: str, path: dict[str, str], asked: bodies.LimitsRequest) -> bodies.LimitsSet:
    """Set a player's limits, unless the account has that version of them or a newer one."""
    user_id = path["userId"]
    accounts.set_limits(user_id, asked.limits, asked.limits_version)
    return bodies.LimitsSet(user_id=user_id, limits_version=accounts.get_account(user_id)["limits_version"])


def present(hold: Hold) -> bodies.Hold:
    """Return a hold as the API answers it."""
    return bodies.Hold(
        hold_id=hold.id,
        status="VOIDED" if hold.voided else "HELD" if hold.remaining else "RESOLVED",
        amount_cents=hold.amount,
        remaining_cents=hold.remaining,
        released_cents=hold.released,
        captured_cents=hold.captured,
    )
