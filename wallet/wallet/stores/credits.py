"""Money that comes to a player from outside or by hand, once under its own id; what is owed is repaid first."""

from collections.abc import Callable
from dataclasses import replace

from betsafi.dynamodb import ConditionFailed, Item, Key, Put, Write
from betsafi.errors import Conflict, Contention, IdempotencyKeyReused, NotFound
from wallet import wording
from wallet.rules import ledger
from wallet.rules.ledger import Entry, InsufficientFunds
from wallet.rules.providers import STANDARD, Provider
from wallet.stores import suspense
from wallet.stores.accounts import TRIES, open_account
from wallet.stores.changes import Change, seen_debt
from wallet.stores.posting import NOBODY, Names, post, same_or_refuse
from wallet.table import entry_key, table


def deposit(
    user_id: str, deposit_id: str, amount: int, credit: int, excise: int, provider: Provider = STANDARD
) -> None:
    """Credit a deposit once; the same id again changes nothing. Raises IdempotencyKeyReused for another body."""
    _credit(
        user_id,
        entry_key(user_id, "DEPOSIT", deposit_id),
        lambda owed: ledger.deposit(user_id, deposit_id, amount, credit, excise, owed, provider.collection),
        payment_id=deposit_id,
    )


def grant_bonus(user_id: str, bonus_id: str, amount: int, campaign: str, named: Names = NOBODY, *also: Write) -> None:
    """Give a player house money once, and write `also`, or neither. Raises NotFound, IdempotencyKeyReused."""

    def entry(owed: int) -> Entry:
        return replace(ledger.bonus(user_id, bonus_id, amount, campaign, owed), **named)

    _credit(user_id, entry_key(user_id, "BONUS", bonus_id), entry, *also, opens=False)


def assign_suspense(
    receipt: str, user_id: str, credit: int, excise: int, payment_id: str = "", named: Names = NOBODY
) -> None:
    """Give money that stands in suspense to a player, as a deposit; what was returned or assigned stays so.

    Raises NotFound, Conflict for an amount that is not the whole, IdempotencyKeyReused if it went elsewhere.
    """
    suspense.check_standing(receipt, credit + excise)

    def entry(owed: int) -> Entry:
        given = ledger.deposit(user_id, receipt, credit + excise, credit, excise, owed, source=ledger.SUSPENSE)
        return replace(given, **named)

    spoken_for = Put(suspense.assigned_to(receipt, user_id))
    _credit(user_id, entry_key(user_id, "DEPOSIT", receipt), entry, spoken_for, payment_id=payment_id)


def adjust(
    user_id: str, adjustment_id: str, change: int, reason: str, operators: tuple[str, str], *also: Write
) -> None:
    """Correct a balance by hand, once, in the names of two people, and write `also`, or neither.

    Raises InvalidInput, InsufficientFunds, NotFound, IdempotencyKeyReused.
    """
    key = entry_key(user_id, "ADJUSTMENT", adjustment_id)
    enough = Change(guards=["#available >= :least"], values={"least": max(0, -change)})
    owed = 0
    for _ in range(TRIES):
        entry = ledger.adjustment(user_id, adjustment_id, change, reason, operators, owed)
        try:
            post(user_id, entry, key, seen_debt(-owed) + enough, *also)
            return
        except ConditionFailed as failure:
            if earlier := failure.found.get(1) or table.get(key):
                same_or_refuse(earlier, entry)
                return
            account = _account_of(failure)
        if account is None:
            raise NotFound(wording.NO_WALLET)
        if account["available"] < -change:
            raise InsufficientFunds("The balance is too low for this adjustment.", availableCents=account["available"])
        owed = -account["receivable"]
    raise Contention(wording.BUSY)


def _credit(
    user_id: str,
    key: Key,
    entry_for: Callable[[int], Entry],
    *also: Write,
    payment_id: str = "",
    opens: bool = True,
) -> None:
    """Post an entry that credits a player, once; `entry_for` is given what the player owes.

    A missing account is opened, or (not `opens`) NotFound.
    """
    cause = {"kind": "PAYMENT", "id": payment_id} if payment_id else None
    facts = {"payment_id": payment_id} if payment_id and not key[1].endswith(payment_id) else None
    owed = 0
    for _ in range(TRIES):
        entry = entry_for(owed)
        try:
            post(user_id, entry, key, seen_debt(-owed), *also, facts=facts, cause=cause)
            return
        except ConditionFailed as failure:
            if earlier := failure.found.get(1) or table.get(key):
                same_or_refuse(earlier, entry)
                return
            account = _account_of(failure)
        if account is not None:
            owed = -account["receivable"]
        elif opens:
            open_account(user_id)
        else:
            raise NotFound(wording.NO_WALLET)
    raise Contention(wording.BUSY)


def _account_of(failure: ConditionFailed) -> Item | None:
    """Return the account that an entry found. Raises a Conflict where what goes with the entry was in the way."""
    if 2 in failure.found:
        raise IdempotencyKeyReused("This was decided otherwise before, or at this moment. Look again.") from failure
    if max(failure.found) > 2:
        raise Conflict("Somebody else decided at this moment. Look again.") from failure
    return failure.found[0]
