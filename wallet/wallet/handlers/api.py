"""The wallet's synchronous API for bet, payment and users: every command carries an id chosen by its caller.

A service holds money for its own purpose only, and releases only what is held for it (`chains.HOLDER`).
"""

from collections.abc import Iterator
from datetime import datetime

from betsafi import clock
from betsafi.bodies import LimitRoom, ProtectionRequest, ProtectionSet, StatusRequest, StatusSet
from betsafi.dynamodb import Item
from betsafi.errors import Conflict, Contention, DomainError, Forbidden, IdempotencyKeyReused, InvalidAmount, NotFound
from betsafi.http import Api
from betsafi.protection import PlayerStopped, stop_of, window_ends, windows_at
from wallet import bodies, wording
from wallet.rules import limits, promises, refusals, sessions, stops
from wallet.rules.chains import HOLDER, Hold, HoldVoided
from wallet.rules.ledger import AccountNotActive, InsufficientFunds
from wallet.rules.limits import IdentityLimit, LimitReached
from wallet.rules.promises import PayoutLimit, Promise
from wallet.rules.sessions import RealityCheckDue
from wallet.rules.stops import RegisterUnanswered
from wallet.rules.terms import TermsNotAccepted
from wallet.stores import accounts, holds

handler = Api()


@handler.route(
    "POST",
    "/holds",
    callers=("bet", "payment"),
    takes=bodies.HoldRequest,
    gives=bodies.Hold,
    refuses=(
        InvalidAmount, InsufficientFunds, AccountNotActive, PlayerStopped, RegisterUnanswered, TermsNotAccepted,
        RealityCheckDue, LimitReached, IdentityLimit, PayoutLimit, NotFound, HoldVoided, IdempotencyKeyReused,
        Contention,
    ),
)  # fmt: skip
def place_hold(caller: str, path: dict[str, str], asked: bodies.HoldRequest) -> bodies.Hold:
    """Set a stake (bet), a withdrawal or a deposit to be reversed (payment) aside."""
    if caller != HOLDER[asked.kind]:
        raise Forbidden(wording.OTHER_SERVICE)
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
    """Return an account's balances and status, FROZEN included, and how the player's limits and session stand."""
    item, moment = accounts.get_account(path["userId"]), clock.now()
    stop = stop_of(item, moment)
    return bodies.Account(
        user_id=item["user_id"],
        status=stops.status_of(item),
        available_cents=item["available"],
        held_cents=item["held"],
        owed_cents=-item["receivable"],
        lost_today_cents=limits.lost_today(item, windows_at(moment)),
        limits=[
            LimitRoom(name=name, limit_cents=item[f"limit_{name}"], left_cents=max(0, left), ends=_end(name, moment))
            for name, left in limits.rooms(item, windows_at(moment))
        ],
        stop=bodies.Stop(**stop) if stop else None,
        session=_session(item),
        withdrawal_caps=_caps(refusals.caps(item, "WITHDRAWAL", moment)),
    )


@handler.route("GET", "/room/{userId}/{payoutDay}/{same}", callers=("bet",), gives=bodies.Room, refuses=(NotFound,))
def room(caller: str, path: dict[str, str], asked: None) -> bodies.Room:
    """Return what a bet of that day on these picks has room for now; holds nothing."""
    item = accounts.get_account(path["userId"])
    day, same = promises.counters(path["payoutDay"], path["same"])
    return bodies.Room(
        user_id=item["user_id"],
        caps=_caps(refusals.caps(item, "BET", clock.now(), accounts.terms_in_force())),
        factor_percent=promises.factor_of(item) or promises.WHOLE,
        day_cents=item.get(day, 0),
        same_cents=item.get(same, 0),
    )


@handler.route("PUT", "/accounts/{userId}/status", callers=("users",), takes=StatusRequest, gives=StatusSet)
def set_status(caller: str, path: dict[str, str], asked: StatusRequest) -> StatusSet:
    """Stop an account, perhaps with its money, or reinstate it, unless it has that version of the status or a newer."""
    account = accounts.set_status(path["userId"], asked.status, asked.status_version)
    return StatusSet(user_id=account["user_id"], status_version=account["status_version"])


@handler.route(
    "PUT",
    "/accounts/{userId}/protection",
    callers=("users",),
    takes=ProtectionRequest,
    gives=ProtectionSet,
    refuses=(Contention,),
)
def set_protection(caller: str, path: dict[str, str], asked: ProtectionRequest) -> ProtectionSet:
    """Set what protects a player, unless the account has that version of it or a newer one. Held by the next bet."""
    standing = accounts.protect(path["userId"], asked.protection)
    return ProtectionSet(user_id=standing["user_id"], version=standing.get("protection_version", 0))


@handler.route(
    "POST", "/accounts/{userId}/reality-check", callers=("users",), gives=bodies.Session, refuses=(NotFound,)
)
def acknowledge(caller: str, path: dict[str, str], asked: None) -> bodies.Session:
    """Take that the player has seen how it went: the next check is due after their interval. Again changes nothing."""
    return _session(accounts.acknowledge(path["userId"]))


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


def _caps(found: Iterator[tuple[int, DomainError]]) -> list[bodies.Cap]:
    return [
        bodies.Cap(
            most_cents=most, code=refusal.code, message=refusal.said("en"), sw=refusal.said("sw"), info=refusal.info
        )
        for most, refusal in found
    ]


def _session(account: Item) -> bodies.Session:
    moment = clock.now()
    now, due = sessions.standing(account, moment), sessions.is_due(account, moment)
    return bodies.Session(**now, check_due=due)


def _end(name: str, moment: datetime) -> str | None:
    window = name.partition("_")[2]
    return None if window == "bet" else window_ends(window, moment)
