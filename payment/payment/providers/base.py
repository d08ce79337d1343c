"""What a provider of payments does: it is given orders (submit), asked how they stand (ask), and its callbacks are read
(parse). A provider is a folder beside this file, whose module `provider` is a `Provider`; `chosen` lists them.

Nothing here is about one provider. Rules only: no I/O.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, Protocol

from payment.models import PaybillPayment

Still = Callable[[], bool]
"""Whether an order is still wanted, asked at the last moment before it is sent."""


class Unreadable(ValueError):
    """A body that is not what the provider documents."""


class Outcome(Enum):
    """What a result says about the money."""

    PAID = "PAID"
    FAILED = "FAILED"
    PENDING = "PENDING"
    UNKNOWN = "UNKNOWN"
    OPERATOR = "OPERATOR"


@dataclass(frozen=True)
class Verdict:
    """An outcome and a stable reason (`wording.FAILURES` says it to people); `alert`: an operator should look."""

    outcome: Outcome
    reason: str
    alert: bool = False


class Submission(Enum):
    """What a synchronous answer says about a request: did M-Pesa take it?"""

    ACCEPTED = "ACCEPTED"
    REFUSED = "REFUSED"
    BUSY = "BUSY"
    BAD_TOKEN = "BAD_TOKEN"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True)
class Submitted:
    """A submission's fate and a stable reason."""

    fate: Submission
    reason: str = ""


@dataclass(frozen=True)
class Push:
    """The fate of a prompt and, if it was accepted, the id by which to ask about it."""

    submitted: Submitted
    prompt_id: str | None = None


class Registration(Enum):
    """What became of registering our addresses; BEFORE: the provider keeps those that it was given first."""

    TAKEN = "TAKEN"
    BEFORE = "BEFORE"
    REFUSED = "REFUSED"


@dataclass(frozen=True)
class Pulled:
    """A page of customers' payments, and how many of its rows could not be read."""

    payments: Sequence[PaybillPayment]
    unreadable: int = 0


@dataclass(frozen=True)
class Told:
    """What a callback says about an order of ours.

    `order_id` is what the order is known by, `facts` are what a quarantined one is kept with. `verdict` None: the
    provider knows nothing of it. `repeated`: it was done by an earlier order, so that this one carries no amount.
    """

    order_id: str | None
    verdict: Verdict | None
    facts: Mapping[str, Any]
    amount_cents: int | None = None
    receipt: str | None = None
    repeated: bool = False

    @property
    def is_paid(self) -> bool:
        """Whether the money has moved."""
        return self.verdict is not None and self.verdict.outcome is Outcome.PAID


class Orders(Protocol):
    """Submit and ask. Nothing is sent twice unless the provider itself does it once; amounts are whole shillings."""

    def push(self, phone: str, shillings: int, reference: str, callback_url: str, /) -> Push:
        """Ask a phone for money. Accepted is not paid; an unknown outcome is never resent."""

    def pay(
        self, order_id: str, phone: str, shillings: int, result_url: str, timeout_url: str, still: Still, /
    ) -> Submitted:
        """Pay a phone. The same order id again is never paid twice."""

    def reverse(self, receipt: str, shillings: int, result_url: str, timeout_url: str, still: Still, /) -> Submitted:
        """Give a customer's payment back, whole and once, however often it is asked."""

    def ask_push(self, prompt_id: str, /) -> Verdict:
        """Return how a prompt ended; PENDING whenever there is no result."""

    def ask_payment(self, order_id: str, result_url: str, /) -> Submitted:
        """Ask how a payment of ours ended; the answer itself comes to `result_url`."""

    def ask_balance(self, result_url: str, /) -> Submitted:
        """Ask what our payout account holds; the answer itself comes to `result_url`."""

    def pull(self, since: datetime, until: datetime, offset: int, /) -> Pulled:
        """Return a page of customers' payments of a time. Raises Unavailable, Misconfigured."""


class Provider(Protocol):
    """A provider's name, its keys and addresses, its orders, and how its callbacks are read."""

    @property
    def NAME(self) -> str:
        """What its payments carry as `provider`."""

    @property
    def CALLBACK_KINDS(self) -> Sequence[str]:
        """The kinds of callback that it sends."""

    def orders(self) -> Orders:
        """Return who submits and asks; it speaks HTTP, which is slow to import, so it is imported at the first call."""

    def lacking(self, kind: str, /) -> list[str]:
        """Return the settings without which no money of a kind (DEPOSIT, WITHDRAWAL) can be moved."""

    def callback_url(self, kind: str, about: str, /) -> str:
        """Return the address of a callback. Raises BadCallbackUrl, Misconfigured."""

    def read_push(self, body: str, /) -> Told:
        """Read how a prompt ended. Raises Unreadable."""

    def read_payout(self, body: str, /) -> Told:
        """Read how a payment of ours ended. Raises Unreadable."""

    def read_status(self, body: str, /) -> Told:
        """Read the answer to `ask_payment`. Raises Unreadable."""

    def read_reversal(self, body: str, /) -> Told:
        """Read how a reversal ended; `order_id` is the receipt that it is about. Raises Unreadable."""
