"""Holds: money set aside under its caller's id, and the chain of steps that says what became of it."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from betsafi import clock
from betsafi.dynamodb import ConditionFailed, Item, Key
from betsafi.errors import Contention, Forbidden, IdempotencyKeyReused, NotFound
from betsafi.protection import windows_at
from wallet import wording
from wallet.rules import chains, ledger, limits, promises, refusals, sessions
from wallet.rules.chains import Hold, HoldKind, HoldVoided, Step
from wallet.rules.ledger import Entry
from wallet.rules.promises import Promise
from wallet.rules.providers import STANDARD, Provider
from wallet.stores import changes
from wallet.stores.accounts import TRIES, get_account, terms_in_force
from wallet.stores.changes import Change, seen_debt
from wallet.stores.posting import NOBODY, Names, entry_item, post, same_or_refuse
from wallet.table import player_pk, step_key, steps_of, table


@dataclass(frozen=True)
class Seen:
    """What a hold relies on and its guard holds: the windows of the limits, the player's factor, and their session."""

    windows: dict[str, str]
    factor: int | None = None
    begins_anew: bool = False

    @classmethod
    def of(cls, account: Item, moment: datetime) -> "Seen":
        """Return it as an account shows it at a moment."""
        return cls(limits.windows_of(account), promises.factor_of(account), sessions.begins_anew(account, moment))


class UnknownHold(NotFound):
    """There is no such hold (yet); the message that asks is tried again."""

    code = "UNKNOWN_HOLD"
    sw = "Hakuna pesa zilizowekwa kando kwa namba hii."


def place_hold(user_id: str, hold_id: str, kind: HoldKind, amount: int, promise: Promise | None = None) -> Hold:
    """Set money aside under the caller's id and return the hold; the same request again returns it as it now stands.

    `promise` is what a bet could pay, and what limits that. Raises InsufficientFunds, AccountNotActive, LimitReached,
    IdentityLimit, PayoutLimit, PlayerStopped, RegisterUnanswered, TermsNotAccepted, RealityCheckDue, NotFound,
    HoldVoided (cancelled before it came), IdempotencyKeyReused, Contention. There is no read before: a window that
    turned over, a session that begins, and a factor of the player, show in the first refusal.
    """
    now = windows_at(clock.now())
    seen, forgotten = Seen(now), Change()
    for attempt in range(TRIES):
        guard, windows = _hold_guard(kind, amount, seen, now)
        entry, hold = chains.place_hold(user_id, hold_id, kind, amount, windows, promise)
        counts = changes.promise(promise, seen.factor) if promise else Change()
        try:
            _post_step(entry, hold, guard + counts + forgotten)
            return hold
        except ConditionFailed as failure:
            if chain := _chain(user_id, hold_id):
                return _replayed(chain, entry)
            account = failure.found.get(0)
            if account is not None and (stands := Seen.of(account, clock.now())) != seen:
                seen, forgotten = stands, Change(removed=promises.forgotten(account, clock.now()))
            elif refusal := refusals.why_not(account, kind, amount, clock.now(), promise, terms_in_force()):
                raise refusal from failure
        if attempt > 1:
            clock.sleep_with_jitter(attempt)
    raise Contention(wording.BUSY)


def release(
    user_id: str,
    hold_id: str,
    reason: str,
    part_id: str = "",
    part: int | None = None,
    *,
    holder: str = "",
    named: Names = NOBODY,
) -> Hold:
    """Give back all that remains of a hold, or a part under an id of its own. An unknown hold is voided for ever.

    Raises Forbidden where the money is held by another service than `holder`, if one is named.
    """

    def step(hold: Hold, account: Item) -> Step | None:
        if holder and not hold.voided and chains.HOLDER[hold.kind] != holder:
            raise Forbidden(wording.OTHER_SERVICE)
        return chains.release(hold, reason, part_id, part, -account["receivable"])

    try:
        return _advance(user_id, hold_id, step, part_id, named)
    except UnknownHold:
        if part_id:
            raise
    entry, tombstone = chains.void(user_id, hold_id, reason)
    if table.put_new(entry_item(entry, _key(tombstone), {"user_id": user_id, "hold": asdict(tombstone)})) is None:
        return tombstone
    return release(user_id, hold_id, reason, holder=holder, named=named)


def settle(user_id: str, bet_id: str, result_version: int, payout: int, *, refunded: bool = False) -> Hold:
    """Post a bet's result: see `chains.settle`. Raises UnknownHold, HoldVoided, Conflict, Contention."""

    def step(hold: Hold, account: Item) -> Step | None:
        owed = -account["receivable"]
        return chains.settle(hold, result_version, payout, account["available"], owed, refunded=refunded)

    return _advance(user_id, bet_id, step)


def settle_part(user_id: str, bet_id: str, part_id: str, stake: int, payout: int) -> Hold:
    """Capture a part of a stake at a price agreed now: see `chains.settle_part`. Raises UnknownHold, Conflict."""

    def step(hold: Hold, account: Item) -> Step | None:
        return chains.settle_part(hold, part_id, stake, payout, -account["receivable"])

    return _advance(user_id, bet_id, step, part_id)


def reopen(user_id: str, bet_id: str, result_version: int) -> Hold:
    """Take a bet's result back: see `chains.reopen`. Raises UnknownHold, HoldVoided, Contention."""
    return _advance(user_id, bet_id, lambda hold, account: chains.reopen(hold, result_version, account["available"]))


def pay_out(
    user_id: str,
    withdrawal_id: str,
    paid: int,
    withholding: int,
    remainder: int,
    named: Names = NOBODY,
    provider: Provider = STANDARD,
) -> Hold:
    """Post a withdrawal that a provider paid: see `chains.pay_out`. Raises UnknownHold, Conflict, Contention."""

    def step(hold: Hold, account: Item) -> Step | None:
        return chains.pay_out(hold, paid, withholding, remainder, -account["receivable"], provider)

    return _advance(user_id, withdrawal_id, step, named=named)


def reverse_deposit(
    user_id: str,
    reversal_id: str,
    amount: int,
    credit: int,
    excise: int,
    named: Names = NOBODY,
    provider: Provider = STANDARD,
) -> Hold:
    """Post a deposit that was given back: see `chains.reverse_deposit`. Raises UnknownHold, Conflict, Contention."""

    def step(hold: Hold, account: Item) -> Step | None:
        return chains.reverse_deposit(hold, amount, credit, excise, provider)

    return _advance(user_id, reversal_id, step, named=named)


def _hold_guard(kind: HoldKind, amount: int, seen: Seen, now: dict[str, str]) -> tuple[Change, dict[str, str] | None]:
    if kind != "BET":
        outgoing = Change(guards=["#available >= :amount", "#receivable = :zero"], values={"amount": amount, "zero": 0})
        let_go = Change(guards=["#status <> :held"], values={"held": "FROZEN"})
        return outgoing + let_go if kind == "WITHDRAWAL" else outgoing, None
    counts, windows = changes.stake(amount, seen.windows, now)
    allowed = Change(
        guards=["#available >= :stake", "#receivable = :zero", "#status = :active", "attribute_not_exists(#closed)"],
        values={"zero": 0, "active": "ACTIVE"},
    )
    return counts + allowed + changes.may_bet(terms_in_force()) + changes.session(amount, seen.begins_anew), windows


def _replayed(chain: list[Item], entry: Entry) -> Hold:
    latest = _hold(chain[-1])
    if latest.voided:
        raise HoldVoided(wording.CANCELLED_BEFORE)
    same_or_refuse(chain[0], entry)
    return latest


def _advance(
    user_id: str,
    hold_id: str,
    step_of: Callable[[Hold, Item], Step | None],
    part_id: str = "",
    named: Names = NOBODY,
) -> Hold:
    """Write the next step of a hold's chain; where another writer was quicker, look again.

    A step under an id of its own (`part_id`) that stands in the chain already is not written again.
    """
    account: Item | None = None
    for attempt in range(TRIES):
        chain = _chain(user_id, hold_id)
        if not chain:
            raise UnknownHold(wording.NO_HOLD.format(hold_id=hold_id))
        hold = _hold(chain[-1])
        # Until the account was seen, it is taken to stand where the stake was counted, without money and without debt,
        # and this bet to be the last of its equals.
        counted: Item = {f"window_{window}": name for window, name in hold.windows.items()}
        if hold.day:
            counted |= {promises.counters(hold.day, hold.same)[1]: hold.repeated}
        seen = account or {"available": 0, "receivable": 0, **counted}
        standing = next((item for item in chain[1:] if part_id and item["entry_id"] == part_id), None)
        if standing is not None:
            before = _hold(chain[chain.index(standing) - 1])
            same_or_refuse(standing, _entry_of(step_of(before, seen)))
            return hold
        if (step := step_of(hold, seen)) is None:
            return hold
        try:
            entry, guard = replace(step.entry, **named), _step_guard(user_id, step, seen)
            _post_step(entry, step.hold, guard)
            return step.hold
        except ConditionFailed as failure:
            account = failure.found.get(0) or get_account(user_id)
        if attempt:
            clock.sleep_with_jitter(attempt)
    raise Contention(wording.BUSY)


def _entry_of(step: Step | None) -> Entry:
    if step is None:
        raise IdempotencyKeyReused(wording.ID_USED)
    return step.entry


def _step_guard(user_id: str, step: Step, seen: Item) -> Change:
    """Return what a step gives back to the limits, and its guard: it relies on the balances that it saw."""
    counted = step.hold.windows
    back = changes.give_back(step.unstaked, step.unlost, counted, limits.windows_of(seen) if counted else {})
    back += changes.came_back(step.unlost)
    back += changes.promised(step.hold.day, step.hold.same, step.promised, step.repeated, seen)
    moved = ledger.balance_changes(user_id, step.entry.postings)
    if moved["available"] >= 0 and moved["receivable"] >= 0:
        return back + seen_debt(seen["receivable"])
    spendable = Change(guards=["#available = :spendable"], values={"spendable": seen["available"]})
    return back + seen_debt(seen["receivable"]) + spendable


def _post_step(entry: Entry, hold: Hold, guard: Change) -> None:
    post(hold.user_id, entry, _key(hold), guard, facts={"hold": asdict(hold)}, cause=chains.cause(hold))


def _chain(user_id: str, hold_id: str) -> list[Item]:
    return list(table.query_all(player_pk(user_id), steps_of(hold_id)))


def _hold(item: Item) -> Hold:
    return Hold(**item["hold"])


def _key(hold: Hold) -> Key:
    return step_key(hold.user_id, hold.id, hold.step)
