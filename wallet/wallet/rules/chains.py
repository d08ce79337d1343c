"""Holds as chains of entries whose parts always add up: the ledger's rules for what is set aside. No I/O.

A hold is a chain of immutable entries, step 0, 1, 2, …, each carrying the hold's state after it. The next step may only
be written where none stands, so of two writers one wins and the other looks again.
"""

from dataclasses import dataclass, field, replace
from typing import Any, Literal

from betsafi.errors import Conflict, InvalidInput
from betsafi.ids import fingerprint
from wallet import wording
from wallet.rules.ledger import (
    EXCISE,
    HOLDING,
    HOUSE,
    WITHHOLDING,
    Entry,
    available,
    credited,
    held,
    taken_back,
    without_zeros,
)
from wallet.rules.promises import Promise
from wallet.rules.providers import STANDARD, Provider

HoldKind = Literal["BET", "WITHDRAWAL", "REVERSAL"]
"""A stake, a withdrawal, or a mistaken deposit's credit while M-Pesa is asked to give it back."""

HOLDER: dict[str, str] = {"BET": "bet", "WITHDRAWAL": "payment", "REVERSAL": "payment"}
"""The service that holds money of a kind: only it may release it."""


class HoldVoided(Conflict):
    """The hold was cancelled before it came; it can never be placed or captured."""

    code = "HOLD_VOIDED"
    sw = "Ombi hili lilighairiwa kabla halijafika."


@dataclass(frozen=True)
class Hold:
    """Money set aside. `amount` = `remaining` + `released` + `captured`, always; cents.

    Of what is captured, `settled` was captured by results and `payout` is the absolute amount last posted for them, by
    the `version`-th result (0: none yet). `counted` of the stake counts in the limit `windows` that it was placed in:
    what is held and what is captured, less a stake that a result gave back. `promised` counts for the `day` of the
    bet's last game: the `potential` payout while it is open, then what was paid; `same` is the hash of its picks.
    """

    id: str
    user_id: str
    kind: str
    step: int
    amount: int
    remaining: int
    released: int = 0
    captured: int = 0
    settled: int = 0
    payout: int = 0
    version: int = 0
    counted: int = 0
    windows: dict[str, str] = field(default_factory=dict)
    voided: bool = False
    day: str = ""
    same: str = ""
    potential: int = 0
    promised: int = 0

    @property
    def repeated(self) -> int:
        """What counts on equal bets, cents: all that the bet could pay, while any of its stake is held."""
        return self.potential if self.remaining else 0


@dataclass(frozen=True)
class Step:
    """The next step of a hold's chain: its entry, the hold after it, and what goes back to the player's limits.

    `promised` and `repeated`: by how much what is promised for its day, and on equal bets, changes.
    """

    entry: Entry
    hold: Hold
    unstaked: int = 0
    unlost: int = 0
    promised: int = 0
    repeated: int = 0


def cause(hold: Hold) -> dict[str, Any] | None:
    """Return the bet or the payment whose end is posted with a hold's newest step.

    Placing a hold ends nothing: whoever asked for a bet or a withdrawal is told of it by these.
    """
    if not hold.step:
        return None if hold.kind == "REVERSAL" else {"kind": HOLDING}
    if hold.kind == "BET":
        return {"kind": "BET", "id": hold.id, "version": hold.version}
    return {"kind": "PAYMENT", "id": hold.id} if hold.kind == "WITHDRAWAL" else None


def place_hold(
    user_id: str,
    hold_id: str,
    kind: HoldKind,
    amount: int,
    windows: dict[str, str] | None = None,
    promise: Promise | None = None,
) -> tuple[Entry, Hold]:
    """Set `amount` aside; a stake counts in the limit windows, and what it could pay in its day."""
    entry = Entry(
        hold_id,
        "HOLD",
        hold_id,
        ((available(user_id), -amount), (held(user_id), amount)),
        fingerprint({"user": user_id, "kind": kind, "amount": amount}),
    )
    counted = amount if windows else 0
    hold = Hold(hold_id, user_id, kind, step=0, amount=amount, remaining=amount, counted=counted, windows=windows or {})
    if promise:
        could_pay = promise.cents
        hold = replace(hold, day=promise.day, same=promise.same, potential=could_pay, promised=could_pay)
    return entry, hold


def void(user_id: str, hold_id: str, reason: str) -> tuple[Entry, Hold]:
    """The tombstone of a hold that was cancelled before it came: it takes the hold's place in the chain."""
    return (
        Entry(hold_id, "VOID", hold_id, (), fingerprint({"void": hold_id}), reason),
        Hold(hold_id, user_id, "VOID", step=0, amount=0, remaining=0, voided=True),
    )


def release(hold: Hold, reason: str, part_id: str = "", part: int | None = None, owed: int = 0) -> Step | None:
    """Give back all that remains, or a part of it under an id of its own; None if nothing remains.

    Raises Conflict for a part above what remains.
    """
    if not hold.remaining and part is None:
        return None
    back = hold.remaining if part is None else part
    if back > hold.remaining:
        raise Conflict(wording.MORE_THAN_HELD, remainingCents=hold.remaining)
    postings = without_zeros((held(hold.user_id), -back), *credited(hold.user_id, back, owed))
    unstaked = back if hold.windows else 0
    after = replace(
        hold,
        step=hold.step + 1,
        remaining=hold.remaining - back,
        released=hold.released + back,
        counted=hold.counted - unstaked,
        promised=0 if back == hold.remaining and not hold.captured else hold.promised,
    )
    moved = after.promised - hold.promised
    entry = Entry(part_id or f"{hold.id}.{after.step}", "RELEASE", hold.id, postings, _part_print(back, 0), reason)
    repeated = after.repeated - hold.repeated
    return Step(entry, after, unstaked=unstaked, unlost=unstaked, promised=moved, repeated=repeated)


def settle(
    hold: Hold, version: int, payout: int, spendable: int, owed: int = 0, *, refunded: bool = False
) -> Step | None:
    """Capture what remains of a stake and post the difference between `payout` (absolute) and what was last posted.

    None if this or a newer result is posted already, or if all of the stake was cashed out. Where a correction takes
    back more than `spendable`, the shortfall is owed. A refunded stake (all legs void) does not count as staked.
    Raises HoldVoided, and Conflict for the same version with another payout.
    """
    if _posted(hold, version, payout) or not _at_stake(hold):
        return None
    difference = payout - hold.payout
    user_id, settled = hold.user_id, hold.settled + hold.remaining
    moved = credited(user_id, difference, owed) if difference > 0 else taken_back(user_id, -difference, spendable)
    postings = without_zeros((held(user_id), -hold.remaining), (HOUSE, hold.remaining - difference), *moved)
    captured = hold.captured + hold.remaining
    after = replace(
        hold,
        step=hold.step + 1,
        captured=captured,
        settled=settled,
        remaining=0,
        payout=payout,
        version=version,
        counted=_counted(hold, captured - settled if refunded else captured),
        promised=payout if hold.day else 0,
    )
    entry = Entry(f"{hold.id}.{after.step}", "SETTLEMENT", hold.id, postings, _result_print(version, payout))
    unstaked, promised = hold.counted - after.counted, after.promised - hold.promised
    repeated = after.repeated - hold.repeated
    return Step(entry, after, unstaked=unstaked, unlost=difference, promised=promised, repeated=repeated)


def settle_part(hold: Hold, part_id: str, stake: int, payout: int, owed: int = 0) -> Step:
    """Capture a part of the stake for good at a price agreed now (a cash-out); no later result touches it.

    Raises HoldVoided, InvalidInput, Conflict for a part above what remains.
    """
    if hold.voided or hold.kind != "BET":
        raise HoldVoided("This bet has no stake to settle.")
    if stake <= 0 or payout < 0:
        raise InvalidInput("A cash-out takes a stake above zero for a price of zero or more.")
    if stake > hold.remaining:
        raise Conflict("That is more than what is left of the stake.", remainingCents=hold.remaining)
    moved = credited(hold.user_id, payout, owed)
    postings = without_zeros((held(hold.user_id), -stake), (HOUSE, stake - payout), *moved)
    after = replace(hold, step=hold.step + 1, remaining=hold.remaining - stake, captured=hold.captured + stake)
    entry = Entry(part_id, "CASH_OUT", hold.id, postings, _part_print(stake, payout))
    return Step(entry, after, unlost=payout, repeated=after.repeated - hold.repeated)


def reopen(hold: Hold, version: int, spendable: int) -> Step | None:
    """Take a result back: its payout returns to the house and the stake is held again, under a newer version.

    None if this or a newer version is posted already, or if all of the stake was cashed out. What the player no longer
    has is owed. Raises HoldVoided.
    """
    if _posted(hold, version, 0) or not _at_stake(hold):
        return None
    postings = without_zeros(
        (held(hold.user_id), hold.settled),
        (HOUSE, hold.payout - hold.settled),
        *taken_back(hold.user_id, hold.payout, spendable),
    )
    after = replace(
        hold,
        step=hold.step + 1,
        remaining=hold.remaining + hold.settled,
        captured=hold.captured - hold.settled,
        settled=0,
        payout=0,
        version=version,
        counted=_counted(hold, hold.remaining + hold.captured),
        promised=hold.potential,
    )
    entry = Entry(f"{hold.id}.{after.step}", "REOPENING", hold.id, postings, _result_print(version, 0))
    unstaked, promised = hold.counted - after.counted, after.promised - hold.promised
    repeated = after.repeated - hold.repeated
    return Step(entry, after, unstaked=unstaked, unlost=-hold.payout, promised=promised, repeated=repeated)


def pay_out(
    hold: Hold, paid: int, withholding: int, remainder: int, owed: int = 0, provider: Provider = STANDARD
) -> Step | None:
    """Capture a withdrawal that a provider paid: `paid` + `withholding` + `remainder` is what was held.

    None if it is captured already. Raises Conflict if the parts do not add up or the hold was given back.
    """
    parts = fingerprint({"paid": paid, "withholding": withholding, "remainder": remainder})
    if hold.kind != "WITHDRAWAL" or (hold.released and not hold.captured):
        raise Conflict("This withdrawal was given back; a payment of it needs a person.", hold_id=hold.id)
    if paid + withholding + remainder != hold.amount:
        raise Conflict("The parts of this withdrawal do not add up to what is held.", hold_id=hold.id)
    if not hold.remaining:
        return None
    postings = without_zeros(
        (held(hold.user_id), -hold.remaining),
        (provider.payout, paid),
        (WITHHOLDING, withholding),
        *credited(hold.user_id, remainder, owed),
    )
    after = replace(
        hold, step=hold.step + 1, remaining=0, captured=paid + withholding, released=hold.released + remainder
    )
    return Step(Entry(f"{hold.id}.{after.step}", "PAYOUT", hold.id, postings, parts), after)


def reverse_deposit(hold: Hold, amount: int, credit: int, excise: int, provider: Provider = STANDARD) -> Step | None:
    """Capture the credit of a mistaken deposit that was given back: the mirror of `deposit`, its excise included.

    None if it is captured already. Raises Conflict if the parts do not add up or the hold was given back.
    """
    if hold.kind != "REVERSAL" or hold.released:
        raise Conflict("The credit of this deposit is not held; its reversal needs a person.", hold_id=hold.id)
    if credit != hold.amount or credit + excise != amount:
        raise Conflict("The parts of this reversal do not add up to what is held.", hold_id=hold.id)
    if not hold.remaining:
        return None
    postings = without_zeros((held(hold.user_id), -credit), (EXCISE, -excise), (provider.collection, amount))
    after = replace(hold, step=hold.step + 1, remaining=0, captured=credit)
    print_ = fingerprint({"amount": amount, "credit": credit, "excise": excise})
    return Step(Entry(f"{hold.id}.{after.step}", "REVERSAL", hold.id, postings, print_), after)


def _posted(hold: Hold, version: int, payout: int) -> bool:
    """Return whether a result, or a newer one, is posted. Raises HoldVoided, or Conflict if it was another."""
    if hold.voided or hold.kind != "BET":
        raise HoldVoided("This bet has no stake to settle.")
    if version == hold.version and payout != hold.payout:
        raise Conflict("This result was posted with another payout.", hold_id=hold.id)
    return version <= hold.version


def _at_stake(hold: Hold) -> bool:
    """Return whether results decide over any of a stake: not once all of it was cashed out.

    Raises HoldVoided if it was given back.
    """
    if hold.remaining or hold.settled:
        return True
    if not hold.captured:
        raise HoldVoided("The stake of this bet was given back; it cannot be settled.")
    return False


def _counted(hold: Hold, staked: int) -> int:
    return staked if hold.windows else 0


def _result_print(version: int, payout: int) -> str:
    return fingerprint({"version": version, "payout": payout})


def _part_print(stake: int, payout: int) -> str:
    return fingerprint({"stake": stake, "payout": payout})
