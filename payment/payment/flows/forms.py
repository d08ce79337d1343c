"""What a player may pay in and out at this moment, for a form: by the rules that refuse the payment itself.

Nothing is written. By the time that somebody has filled the form in, another payment may have taken what was left.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

from betsafi import clock
from betsafi.dynamodb import Item
from betsafi.errors import DomainError
from betsafi.protection import window_ends
from payment import limits, protection, users_api, wallet_api
from payment.flows import deposits, withdrawals
from payment.limits import DepositForm, WithdrawalForm
from payment.protection import rooms
from payment.states import DEPOSIT, OPEN, PAYBILL, WITHDRAWAL
from payment.stores import payments, players
from payment.stores import protection as kept

_LOOKED_THROUGH = 20
"""How many of a player's newest payments are looked through for one that is under way."""


def deposit(user_id: str, arguments: dict[str, Any]) -> DepositForm:
    """Return what the player may pay in by a prompt now, in whole shillings, and how an amount would be split.

    Raises InvalidAmount, Refused, Unavailable.
    """
    moment = clock.now()
    item, day = kept.find(user_id), _day(moment)
    split = None if arguments.get("amount") is None else limits.deposit_split(arguments, day)[1]
    least, highest, above = limits.deposit_caps(day)
    caps = [
        *_cap(lambda: deposits.check_open(user_id)),
        *_cap(lambda: limits.check_may_deposit(wallet_api.status(user_id))),
        *protection.caps(item, moment),
        (highest, above),
    ]
    next_at = players.next_prompt_at(user_id)
    return DepositForm(
        *_bounds(least, caps, 100),
        _waiting(user_id, DEPOSIT, PAYBILL),
        users_api.contact(user_id).phone,
        limits=[
            (name, limit, left, window_ends(name.partition("_")[2], moment))
            for name, limit, left in rooms(item, moment)
        ],
        prompt_at=clock.stamp(datetime.fromtimestamp(next_at, UTC)) if next_at > moment.timestamp() else None,
        split=split,
    )


def withdrawal(user_id: str, arguments: dict[str, Any]) -> WithdrawalForm:
    """Return what the player may take out of the wallet now, and how an amount would be split. Raises as `deposit`."""
    day = _day(clock.now())
    split = None if arguments.get("amount") is None else limits.withdrawal_split(arguments, day)[1]
    least, highest, above = limits.withdrawal_caps(day)
    of_day, refusal_of = withdrawals.day_cap(user_id, day)
    withdrawn = players.withdrawn_on(user_id, day.isoformat())
    caps = [
        (highest, above),
        *_cap(lambda: withdrawals.check_open(user_id)),
        (of_day - withdrawn, refusal_of(withdrawn)),
        *wallet_api.withdrawal_caps(user_id),
    ]
    return WithdrawalForm(
        *_bounds(least, caps, 1),
        _waiting(user_id, WITHDRAWAL),
        users_api.contact(user_id).phone,
        day_cents=of_day,
        left_cents=max(0, of_day - withdrawn),
        split=split,
    )


def _bounds(least: int, caps: list[tuple[int, DomainError]], step: int) -> tuple[int, int | None, DomainError | None]:
    """Return the least, the most in steps, and why not even the least is taken, if it is not."""
    refusal = next((refusal for most, refusal in caps if most < least), None)
    return least, None if refusal else min(most for most, _ in caps) // step * step, refusal


def _cap(check: Callable[[], object]) -> Iterator[tuple[int, DomainError]]:
    """Yield the cap of what nothing can be done about by another amount, where a check raises it."""
    try:
        check()
    except DomainError as refusal:
        yield 0, refusal


def _waiting(user_id: str, *kinds: str) -> Item | None:
    """Return the player's newest payment of these kinds that has not ended, of their last twenty."""
    newest = payments.list_own(user_id, None, _LOOKED_THROUGH, None).items
    under_way = {*OPEN, "REVIEW", "DELAYED"}
    return next((item for item in newest if item["kind"] in kinds and item["status"] in under_way), None)


def _day(moment: datetime) -> date:
    return moment.astimezone(clock.NAIROBI).date()
