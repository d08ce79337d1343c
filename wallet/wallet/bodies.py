"""What the wallet's API takes in, checked, and what it answers: `openapi.yml` is made of these models."""

from typing import Annotated, Any, Literal, get_args

from pydantic import Field

from betsafi.bodies import Balance, Body, Cents, Id, LimitRoom, refusal
from betsafi.events.model import Stamp
from betsafi.protection import StopKind
from wallet.rules.chains import HoldKind
from wallet.rules.stops import AccountStatus


class HoldRequest(Body):
    """A request to set money aside. A bet also says what it could pay, and what of that is paid at most.

    That is counted for the day of its last game (`payoutDay`, in Nairobi), and together with equal bets (`same`).
    """

    together = ("payoutDay", "potentialPayoutCents", "mostOfDayCents", "same", "mostOfSameCents")

    kind: Annotated[HoldKind, refusal(f"kind must be one of {', '.join(get_args(HoldKind))}.")]
    hold_id: Id
    user_id: Id
    amount_cents: Cents
    payout_day: Annotated[
        str,
        Field(strict=True, pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"),
        refusal("{name} is a day, written like 2026-12-31."),
    ] = ""
    potential_payout_cents: Cents = 0
    most_of_day_cents: Cents = 0
    same: Annotated[
        str,
        Field(strict=True, pattern="^[A-Za-z0-9]{1,16}$"),
        refusal("{name} is a hash of at most 16 letters or digits."),
    ] = ""
    most_of_same_cents: Cents = 0


class ReleaseRequest(Body):
    """What of a hold to give back: all that remains, or a part of it under an id of its own."""

    together = ("releaseId", "amountCents")

    user_id: Id
    reason: Annotated[
        str,
        Field(strict=True, pattern="^[ -~]{0,100}$"),
        refusal("{name} is a text of at most 100 plain characters."),
    ] = ""
    release_id: Id = ""
    amount_cents: Cents = 0


class Hold(Body):
    """A hold, and what became of its money."""

    hold_id: Id
    status: Literal["HELD", "RESOLVED", "VOIDED"]
    amount_cents: Balance
    remaining_cents: Balance
    released_cents: Balance
    captured_cents: Balance


class Stop(Body):
    """A stop in force, and when it ends by itself."""

    kind: StopKind
    until: Stamp | None


class Session(Body):
    """For how long a player has been betting, with what result, and whether they must see that before the next bet."""

    minutes: int
    staked_cents: Balance
    net_cents: Balance
    check_due: bool


class Cap(Body):
    """What bounds a hold: the most that is held for one, and how more is refused."""

    most_cents: Balance
    code: Annotated[str, Field(description="A stable code.")]
    message: Annotated[str, Field(description="A sentence for a person.")]
    sw: Annotated[str, Field(description="The same in Kiswahili.")]
    info: Annotated[dict[str, Any], Field(description="What belongs to the code, such as the limit that was reached.")]


class Account(Body):
    """An account's balances, status and losses of today, what is left of limits, and what else stops its player.

    `withdrawalCaps` is all that bounds a withdrawal, in the order in which it is refused.
    """

    user_id: Id
    status: AccountStatus
    available_cents: Balance
    held_cents: Balance
    owed_cents: Balance
    lost_today_cents: Balance
    limits: list[LimitRoom]
    stop: Stop | None
    session: Session
    withdrawal_caps: list[Cap]


class Room(Body):
    """All that bounds a stake on an account now, and what its bets of a day, and those on the same picks, could pay.

    `factorPercent`: to how much of what bet says the most of both shrinks.
    """

    user_id: Id
    caps: list[Cap]
    factor_percent: Annotated[int, Field(ge=1, le=100)]
    day_cents: Balance
    same_cents: Balance
