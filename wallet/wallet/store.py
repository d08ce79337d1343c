"""The wallet table.

Below `USER#<id>`: the account (`ACCOUNT`), what came in or was changed by hand (`DEPOSIT#<id>`, `BONUS#<id>`,
`ADJUSTMENT#<id>`), holds (`HOLD#<id>#<step>`). Below `SYSTEM#<id>`: entries that touch no player, and money in suspense
(steps 0: came in, 1: assigned or returned). `COMMAND#<id>` is what staff asked for under a request id, for ever;
`AUDIT#<id>` what they did (`betsafi.audit`).

Every operation is one transaction: the account with its guard, and the entry under its own id. The account holds the
running balances, the entries are the truth: `tools.reconcile` proves that they agree.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from betsafi import clock
from betsafi.dynamodb import ConditionFailed, Item, Key, Page, Put, Table, Update, Write
from betsafi.errors import Conflict, Contention, DomainError, Forbidden, IdempotencyKeyReused, NotFound
from betsafi.money import format_amount
from betsafi.settings import read_settings
from betsafi.telemetry import trace
from wallet.rules import chains, ledger, limits
from wallet.rules.chains import Hold, HoldKind, HoldVoided, Step
from wallet.rules.ledger import AccountNotActive, Entry, InsufficientFunds
from wallet.rules.limits import Change

_TRIES = 20

Names = Mapping[str, Any]
"""Who decided by hand what an entry posts, and why: its `decided_by` and `decided_because`."""

NOBODY: Names = {}
"""What follows by itself names nobody."""


@dataclass(frozen=True)
class Settings:
    """Where the accounts are."""

    table_name: str


table = Table(read_settings(Settings).table_name)


class UnknownHold(NotFound):
    """There is no such hold (yet); the message that asks is tried again."""

    code = "UNKNOWN_HOLD"


# -- accounts


def open_account(user_id: str) -> None:
    """Open an account with nothing in it and no limits; an open one stays as it is."""
    now = clock.now()
    table.put_new(
        {
            "pk": _account(user_id)[0],
            "sk": "ACCOUNT",
            "user_id": user_id,
            "available": 0,
            "held": 0,
            "receivable": 0,
            "status": "ACTIVE",
            "status_version": 0,
            "frozen": False,
            "limits_version": 0,
            "version": 0,
            "opened_at": clock.stamp(now),
            "trace": trace(),
            **limits.unlimited(now),
        }
    )


def find_account(user_id: str) -> Item | None:
    """Return the account, read consistently, or None."""
    return table.get(_account(user_id))


def get_account(user_id: str) -> Item:
    """Return the account. Raises NotFound."""
    if (account := find_account(user_id)) is None:
        raise NotFound("There is no such wallet.")
    return account


def status_of(account: Item) -> str:
    """Return how an account stands for those who ask: FROZEN while an operator stopped it, unless it is closed."""
    return "FROZEN" if account["frozen"] and account["status"] != "CLOSED" else str(account["status"])


def set_status(user_id: str, status: str, status_version: int) -> None:
    """Give the account a status unless it has that version or a newer one. Opens a missing account."""
    change = Change(
        ["#status = :status", "#status_version = :version"],
        ["#status_version < :version", "#status <> :closed"],
        {"status": status, "version": status_version, "closed": "CLOSED"},
    )
    if _change_account(user_id, change) is None:
        open_account(user_id)
        _change_account(user_id, change)


def set_limits(user_id: str, given: dict[str, int | None], limits_version: int) -> None:
    """Set limits (cents; None: none) unless the account has that version or a newer one. Opens a missing account."""
    for _ in range(_TRIES):
        account = find_account(user_id)
        if account is None:
            open_account(user_id)
            continue
        if account["limits_version"] >= limits_version:
            return
        change = limits.tighten(account, given)
        change.assignments.append("#limits_version = :version")
        change.guards.append("#limits_version = :seen")
        change.values.update(version=limits_version, seen=account["limits_version"])
        if (after := _change_account(user_id, change)) and after["limits_version"] == limits_version:
            return
    raise Contention("The account is busy.")


def freeze(user_id: str, frozen: bool, reason: str, operator: str, *also: Write) -> Item:
    """Stop an account's bets and withdrawals, or let them go again, in an operator's name. Raises NotFound.

    `also` is written with the change, or neither.
    """
    change = Change(
        ["#frozen = :frozen", "#frozen_reason = :reason", "#frozen_by = :operator", "#frozen_at = :at"],
        ["#frozen <> :frozen"],
        {"frozen": frozen, "reason": reason, "operator": operator, "at": clock.stamp()},
    )
    return _change_account(user_id, change, *also) or get_account(user_id)


def close(user_id: str, *also: Write) -> Item:
    """Close an account for good, and write `also`, or neither. Raises NotFound, Conflict unless it is empty."""
    empty = [f"#{part} = :zero" for part in ("available", "held", "receivable")]
    change = Change(["#status = :closed"], ["#status <> :closed", *empty], {"closed": "CLOSED", "zero": 0})
    after = _change_account(user_id, change, *also)
    if after is None or after["status"] != "CLOSED":
        get_account(user_id)
        raise Conflict("Only an empty account can be closed: withdraw what is left, and wait for open bets.")
    return after


def _change_account(user_id: str, change: Change, *also: Write) -> Item | None:
    """Change an account; return it as it then is, changed or (guards did not hold) not, or None if there is none.

    `also` is written with the change, or neither.
    """
    update = Update(
        _account(user_id),
        "SET " + ", ".join([*change.assignments, "#trace = :trace", "#cause = :cause"]) + " ADD #version :one",
        condition=" AND ".join(["attribute_exists(pk)", *change.guards]),
        values={**change.values, "trace": trace(), "cause": None, "one": 1},
    )
    try:
        if not also:
            return table.write(update)
        table.transact(update, *also)
    except ConditionFailed as failure:
        return failure.found.get(0) or find_account(user_id)
    return find_account(user_id)


# -- money that comes in


def deposit(user_id: str, deposit_id: str, amount: int, credit: int, excise: int) -> None:
    """Credit a deposit once; the same id again changes nothing. Raises IdempotencyKeyReused for another body."""
    _credit(
        user_id,
        f"DEPOSIT#{deposit_id}",
        lambda owed: ledger.deposit(user_id, deposit_id, amount, credit, excise, owed),
        payment_id=deposit_id,
    )


def grant_bonus(user_id: str, bonus_id: str, amount: int, campaign: str, named: Names = NOBODY, *also: Write) -> None:
    """Give a player house money once, and write `also`, or neither. Raises NotFound, IdempotencyKeyReused."""

    def entry(owed: int) -> Entry:
        return replace(ledger.bonus(user_id, bonus_id, amount, campaign, owed), **named)

    _credit(user_id, f"BONUS#{bonus_id}", entry, *also, opens=False)


def assign_suspense(
    receipt: str, user_id: str, credit: int, excise: int, payment_id: str = "", named: Names = NOBODY
) -> None:
    """Give money that stands in suspense to a player, as a deposit; what was returned or assigned stays so.

    Raises NotFound, Conflict for an amount that is not the whole, IdempotencyKeyReused if it went elsewhere.
    """
    _in_suspense(receipt, credit + excise)

    def entry(owed: int) -> Entry:
        given = ledger.deposit(user_id, receipt, credit + excise, credit, excise, owed, source=ledger.SUSPENSE)
        return replace(given, **named)

    spoken_for = Put(_resolved(receipt, f"assigned to {user_id}"))
    _credit(user_id, f"DEPOSIT#{receipt}", entry, spoken_for, payment_id=payment_id)


def adjust(
    user_id: str, adjustment_id: str, change: int, reason: str, operators: tuple[str, str], *also: Write
) -> None:
    """Correct a balance by hand, once, in the names of two people, and write `also`, or neither.

    Raises InvalidInput, InsufficientFunds, NotFound, IdempotencyKeyReused.
    """
    key = (_account(user_id)[0], f"ADJUSTMENT#{adjustment_id}")
    owed = 0
    for _ in range(_TRIES):
        entry = ledger.adjustment(user_id, adjustment_id, change, reason, operators, owed)
        guard = _seen_debt(-owed)
        guard.guards.append("#available >= :least")
        guard.values["least"] = max(0, -change)
        try:
            _post(user_id, entry, key, {}, guard, *also)
            return
        except ConditionFailed as failure:
            if earlier := failure.found.get(1) or table.get(key):
                _same_or_refuse(earlier, entry)
                return
            account = _account_of(failure)
        if account is None:
            raise NotFound("There is no such wallet.")
        if account["available"] < -change:
            raise InsufficientFunds("The balance is too low for this adjustment.", availableCents=account["available"])
        owed = -account["receivable"]
    raise Contention("The account is busy.")


def _credit(
    user_id: str,
    sk: str,
    entry_for: Callable[[int], Entry],
    *also: Write,
    payment_id: str = "",
    opens: bool = True,
) -> None:
    """Post an entry that credits a player, once; `entry_for` is told what the player owes.

    A missing account is opened, or (not `opens`) NotFound.
    """
    key = (_account(user_id)[0], sk)
    cause = {"kind": "PAYMENT", "id": payment_id} if payment_id else None
    owed = 0
    for _ in range(_TRIES):
        entry = entry_for(owed)
        try:
            _post(user_id, entry, key, {}, _seen_debt(-owed, cause), *also)
            return
        except ConditionFailed as failure:
            if earlier := failure.found.get(1) or table.get(key):
                _same_or_refuse(earlier, entry)
                return
            account = _account_of(failure)
        if account is not None:
            owed = -account["receivable"]
        elif opens:
            open_account(user_id)
        else:
            raise NotFound("There is no such wallet.")
    raise Contention("The account is busy.")


def _account_of(failure: ConditionFailed) -> Item | None:
    """Return the account that an entry found. Raises a Conflict where what goes with the entry was in the way."""
    if 2 in failure.found:
        raise IdempotencyKeyReused("This was decided otherwise before, or at this moment. Look again.") from failure
    if max(failure.found) > 2:
        raise Conflict("Somebody else decided at this moment. Look again.") from failure
    return failure.found[0]


# -- money that touches no player


def post_system(entry: Entry) -> None:
    """Post an entry that touches no player, once. Raises IdempotencyKeyReused for the same id with another body."""
    found = table.put_new(_entry_item("", entry, (f"SYSTEM#{entry.id}", "ENTRY#0000"), {}))
    if found is not None:
        _same_or_refuse(found, entry)


def return_suspense(receipt: str, amount: int, named: Names = NOBODY) -> None:
    """Send money in suspense back. Raises NotFound, Conflict, IdempotencyKeyReused if it was assigned."""
    _in_suspense(receipt, amount)
    entry = replace(ledger.suspense_return(receipt, amount), **named)
    item = {**_resolved(receipt, "returned"), **_entry_item("", entry, (f"SYSTEM#{receipt}", "ENTRY#0001"), {})}
    found = table.put_new(item)
    if found is not None:
        _same_or_refuse(found, entry)


def _in_suspense(receipt: str, amount: int) -> None:
    found = table.get((f"SYSTEM#{receipt}", "ENTRY#0000"))
    if found is None or found["entry_kind"] != "SUSPENSE_IN":
        raise NotFound("There is no such money in suspense.")
    standing = sum(cents for name, cents in found["postings"] if name == ledger.SUSPENSE)
    if amount != standing:
        raise Conflict("Suspense is assigned or returned as a whole.", amountCents=standing)


def _resolved(receipt: str, how: str) -> Item:
    """The marker that money in suspense is spoken for; its postings are the player's entry's."""
    return {
        "pk": f"SYSTEM#{receipt}",
        "sk": "ENTRY#0001",
        "at": clock.stamp(),
        "entry_id": receipt,
        "entry_kind": "SUSPENSE_RESOLVED",
        "reference": how,
        "postings": [],
        "fingerprint": "",
        "trace": trace(),
    }


# -- holds


def place_hold(user_id: str, hold_id: str, kind: HoldKind, amount: int) -> Hold:
    """Set money aside under the caller's id and return the hold; the same request again returns it as it now stands.

    Raises InsufficientFunds, AccountNotActive, LimitReached, NotFound, HoldVoided (cancelled before it came),
    IdempotencyKeyReused, Contention. There is no read before: a window that turned over shows in the first refusal.
    """
    now = limits.windows_at(clock.now())
    seen = now
    for attempt in range(_TRIES):
        guard, windows = _hold_guard(kind, amount, seen, now)
        entry, hold = chains.place_hold(user_id, hold_id, kind, amount, windows)
        try:
            _post(user_id, entry, _hold_key(hold), asdict(hold), guard)
            return hold
        except ConditionFailed as failure:
            if chain := _chain(user_id, hold_id):
                return _replayed(chain, entry)
            account = failure.found.get(0)
            if account is not None and limits.windows_of(account) != seen:
                seen = limits.windows_of(account)
            elif refusal := _why_not(account, kind, amount):
                raise refusal from failure
        if attempt > 1:
            clock.sleep_with_jitter(attempt)
    raise Contention("The account is busy. Nothing was changed; please try again.")


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
            raise Forbidden("This money is held by another service.")
        return chains.release(hold, reason, part_id, part, -account["receivable"])

    try:
        return _advance(user_id, hold_id, step, part_id, named)
    except UnknownHold:
        if part_id:
            raise
    entry, tombstone = chains.void(user_id, hold_id, reason)
    if table.put_new(_entry_item(user_id, entry, _hold_key(tombstone), {"hold": asdict(tombstone)})) is None:
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
    user_id: str, withdrawal_id: str, paid: int, withholding: int, remainder: int, named: Names = NOBODY
) -> Hold:
    """Post a withdrawal that M-Pesa paid: see `chains.pay_out`. Raises UnknownHold, Conflict, Contention."""

    def step(hold: Hold, account: Item) -> Step | None:
        return chains.pay_out(hold, paid, withholding, remainder, -account["receivable"])

    return _advance(user_id, withdrawal_id, step, named=named)


def reverse_deposit(
    user_id: str, reversal_id: str, amount: int, credit: int, excise: int, named: Names = NOBODY
) -> Hold:
    """Post a deposit that M-Pesa gave back: see `chains.reverse_deposit`. Raises UnknownHold, Conflict, Contention."""

    def step(hold: Hold, account: Item) -> Step | None:
        return chains.reverse_deposit(hold, amount, credit, excise)

    return _advance(user_id, reversal_id, step, named=named)


def _hold_guard(
    kind: HoldKind, amount: int, seen: dict[str, str], now: dict[str, str]
) -> tuple[Change, dict[str, str] | None]:
    if kind != "BET":
        outgoing = Change(guards=["#available >= :amount", "#receivable = :zero"], values={"amount": amount, "zero": 0})
        if kind == "WITHDRAWAL":
            outgoing.guards.append("#frozen = :no")
            outgoing.values["no"] = False
        return outgoing, None
    change, windows = limits.stake(amount, seen, now)
    change.guards.extend(["#available >= :stake", "#receivable = :zero", "#status = :active", "#frozen = :no"])
    change.values.update(zero=0, active="ACTIVE", no=False)
    return change, windows


def _replayed(chain: list[Item], entry: Entry) -> Hold:
    latest = _hold(chain[-1])
    if latest.voided:
        raise HoldVoided("This was cancelled before it came.")
    _same_or_refuse(chain[0], entry)
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
    for attempt in range(_TRIES):
        chain = _chain(user_id, hold_id)
        if not chain:
            raise UnknownHold(f"There is no hold {hold_id}.")
        hold = _hold(chain[-1])
        # Until the account was seen, it is taken to stand where the stake was counted, without money and without debt.
        windows = {f"window_{window}": name for window, name in hold.windows.items()}
        seen = account or {"available": 0, "receivable": 0, **windows}
        standing = next((item for item in chain[1:] if part_id and item["entry_id"] == part_id), None)
        if standing is not None:
            before = _hold(chain[chain.index(standing) - 1])
            _same_or_refuse(standing, _entry_of(step_of(before, seen)))
            return hold
        if (step := step_of(hold, seen)) is None:
            return hold
        try:
            entry, guard = replace(step.entry, **named), _step_guard(user_id, step, seen)
            _post(user_id, entry, _hold_key(step.hold), asdict(step.hold), guard)
            return step.hold
        except ConditionFailed as failure:
            account = failure.found.get(0) or get_account(user_id)
        if attempt:
            clock.sleep_with_jitter(attempt)
    raise Contention("The account is busy.")


def _entry_of(step: Step | None) -> Entry:
    if step is None:
        raise IdempotencyKeyReused("This id was used before for something else.")
    return step.entry


def _step_guard(user_id: str, step: Step, seen: Item) -> Change:
    """Return what a step gives back to the limits, and its guard: it relies on the balances that it saw."""
    counted = step.hold.windows
    change = limits.give_back(step.unstaked, step.unlost, counted, limits.windows_of(seen) if counted else {})
    debt = _seen_debt(seen["receivable"])
    change.guards.extend(debt.guards)
    change.values.update(debt.values)
    moved = ledger.balance_changes(user_id, step.entry.postings)
    if moved["available"] < 0 or moved["receivable"] < 0:
        change.guards.append("#available = :spendable")
        change.values["spendable"] = seen["available"]
    return change


def _seen_debt(receivable: int, cause: Item | None = None) -> Change:
    """The guard of whatever may repay a debt or make one: the debt is still the one that was seen."""
    return Change(guards=["#receivable = :debt"], values={"debt": receivable, **({"cause": cause} if cause else {})})


# -- reading


def entries(
    user_id: str,
    limit: int,
    cursor: str | None,
    kinds: frozenset[str] = frozenset(),
    since: str | None = None,
    until: str | None = None,
) -> Page:
    """Return a page of the account's entries, newest first, of some kinds (none: all) and between two stamps.

    Raises InvalidCursor. A page that looked at ten times its length may be shorter and still have a cursor.
    """
    found: list[Item] = []
    for _ in range(10):
        page = table.query(
            _account(user_id)[0],
            index="by_time",
            newest_first=True,
            limit=limit - len(found),
            cursor=cursor,
            starting_at=since,
            ending_at=until,
        )
        found += [item for item in page.items if item["postings"] and (not kinds or item["entry_kind"] in kinds)]
        cursor = page.cursor
        if cursor is None or len(found) >= limit:
            break
    return Page(found, cursor)


def statement(user_id: str, since: str, until: str) -> Iterator[Item]:
    """Yield the account's entries between two stamps, oldest first."""
    for item in table.query_all(_account(user_id)[0], index="by_time", starting_at=since, ending_at=until):
        if item["postings"]:
            yield item


def every_item() -> Iterator[Item]:
    """Yield the whole table, partition by partition."""
    yield from table.scan()


def partition_at_one_moment(pk: str) -> list[Item]:
    """Return a partition's items such that the account did not change while they were read. Raises Contention."""
    key = (pk, "ACCOUNT")
    for attempt in range(_TRIES):
        before = table.get(key)
        items = list(table.query_all(pk))
        if (before or {}).get("version") == (table.get(key) or {}).get("version"):
            return items
        clock.sleep_with_jitter(attempt)
    raise Contention("The account is busy.")


# -- how it is written


def _post(user_id: str, entry: Entry, key: Key, facts: Item, change: Change, *also: Write) -> None:
    """Write an entry and what it changes of the account, all or nothing. Position 0 is the account, 1 the entry.

    An entry that changes the player's debt says what is owed after it: its guard has seen the debt before.
    """
    changes = ledger.balance_changes(user_id, entry.postings)
    assignments = [f"#{part} = #{part} + :d_{part}" for part, cents in changes.items() if cents]
    values = {f"d_{part}": cents for part, cents in changes.items() if cents}
    set_always = ["#version = #version + :one", "#cause = :cause", "#trace = :trace"]
    account = Update(
        _account(user_id),
        "SET " + ", ".join([*assignments, *change.assignments, *set_always]),
        condition=" AND ".join(["attribute_exists(pk)", *change.guards]),
        values={"cause": _cause(facts), **values, **change.values, "one": 1, "trace": trace()},
    )
    state = {"hold": facts} if key[1].startswith("HOLD#") else facts
    if changes["receivable"]:
        state = {**state, "owed": -change.values["debt"] - changes["receivable"]}
    table.transact(account, Put(_entry_item(user_id, entry, key, state)), *also)


def _cause(hold: Item) -> Item | None:
    """Return the bet or the payment whose end is posted with a hold's next step; placing a hold ends nothing."""
    if not hold.get("step"):
        return None
    if hold["kind"] == "BET":
        return {"kind": "BET", "id": hold["id"], "version": hold["version"]}
    return {"kind": "PAYMENT", "id": hold["id"]} if hold["kind"] == "WITHDRAWAL" else None


def _entry_item(user_id: str, entry: Entry, key: Key, facts: Item) -> Item:
    return {
        "pk": key[0],
        "sk": key[1],
        "at": clock.stamp(),
        **({"user_id": user_id} if user_id else {}),
        "entry_id": entry.id,
        "entry_kind": entry.kind,
        "reference": entry.reference,
        "postings": [[account, cents] for account, cents in entry.postings],
        "fingerprint": entry.fingerprint,
        **({"note": entry.note} if entry.note else {}),
        **({"decided_by": list(entry.decided_by)} if entry.decided_by else {}),
        **({"decided_because": list(entry.decided_because)} if entry.decided_because else {}),
        "trace": trace(),
        **facts,
    }


def _why_not(account: Item | None, kind: HoldKind, amount: int) -> DomainError | None:
    """Return why an account as it stood does not take a hold; None if it would, so that it changed meanwhile."""
    if account is None:
        return NotFound("There is no such wallet yet. Please try again in a moment.")
    if kind != "REVERSAL" and account["frozen"]:
        return AccountNotActive("This account is stopped. Contact support.")
    if kind == "BET" and account["status"] != "ACTIVE":
        return AccountNotActive(f"This account is {account['status'].lower()}. Contact support.")
    if account["receivable"]:
        owed = -account["receivable"]
        sentence = f"You owe KES {format_amount(owed)} after a corrected result. Money that comes in repays it first."
        return AccountNotActive(sentence, owedCents=owed)
    if account["available"] < amount:
        return InsufficientFunds("Your balance is too low. Deposit, or choose a smaller amount.")
    return limits.reached(account, amount, limits.windows_at(clock.now())) if kind == "BET" else None


def _same_or_refuse(found: Item, entry: Entry) -> None:
    if found["fingerprint"] != entry.fingerprint:
        raise IdempotencyKeyReused("This id was used before for something else.")


def _chain(user_id: str, hold_id: str) -> list[Item]:
    return list(table.query_all(_account(user_id)[0], f"HOLD#{hold_id}#"))


def _hold(item: Item) -> Hold:
    return Hold(**item["hold"])


def _hold_key(hold: Hold) -> Key:
    return _account(hold.user_id)[0], f"HOLD#{hold.id}#{hold.step:04d}"


def _account(user_id: str) -> Key:
    return f"USER#{user_id}", "ACCOUNT"
