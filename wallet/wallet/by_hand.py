"""What staff do by hand: bonuses, adjustments and bookings, once for each request id, and accounts closed.

The request id of a command is the command's, whoever asks: `COMMAND#<id>` keeps for ever what was asked
for under it, and how it ended. The same again, from the same person, gets the same answer; from another one it approves
what takes two people; another body is refused.
"""

from dataclasses import dataclass, replace
from typing import ClassVar

from betsafi import approval
from betsafi.approval import Agreement, alone
from betsafi.audit import PROPOSED, Act
from betsafi.dynamodb import Item
from betsafi.errors import IdempotencyKeyReused, InvalidAmount
from betsafi.ids import derive_id
from betsafi.money import format_amount
from betsafi.people import Staff
from betsafi.settings import read_settings
from wallet.rules import promises
from wallet.rules.ledger import Entry
from wallet.stores import accounts, credits, proposals, suspense
from wallet.table import command_pk, player_pk

BONUS, ADJUSTMENT = "grantBonus", "proposeAdjustment"
FEES, TRANSFER, TAX = "bookFees", "bookTransfer", "bookTaxRemittance"


@dataclass(frozen=True)
class Settings:
    """From how many cents on a bonus takes two administrators, and how much one booking may be."""

    two_people_cents: int = 1_000_000
    largest_booking_cents: int = 10_000_000_000


settings = read_settings(Settings)


@dataclass(frozen=True)
class Command:
    """What is asked for under a request id: to change a player's money by so many cents, and why."""

    action: str
    request_id: str
    user_id: str
    cents: int
    reason: str

    @property
    def id(self) -> str:
        """The id of the entry that it leads to, the same for everybody who asks under the request id."""
        return derive_id(self.action, self.request_id)

    def by(self, staff: Staff) -> Act:
        """Return the command as what somebody of the staff does."""
        decision = {"cents": self.cents, "reason": self.reason, "requestId": self.request_id, "userId": self.user_id}
        return Act(self.action, command_pk(self.id), staff, self.reason, decision, self.user_id, abs(self.cents))

    @property
    def alone_below(self) -> int:
        """Below how many cents one administrator is enough: never for an adjustment."""
        return settings.two_people_cents if self.action == BONUS else 0

    def check(self) -> None:
        """Raise NotFound for an unknown player."""
        accounts.get_account(self.user_id)

    def post(self, agreed: Agreement) -> None:
        """Change the player's money, once. Raises InsufficientFunds, IdempotencyKeyReused, Conflict, Contention."""
        also = agreed.writes({}, {"entryId": self.id, "cents": self.cents})
        if self.action == BONUS:
            credits.grant_bonus(self.user_id, self.id, self.cents, self.reason, agreed.named, *also)
        else:
            first, second = agreed.people
            credits.adjust(self.user_id, self.id, self.cents, self.reason, (first, second), *also)


@dataclass(frozen=True)
class Booking:
    """What is asked for under a request id: to book what moved money of ours outside; it always takes two.

    The money has moved already, at the provider, the bank or the tax authority; the ledger follows.

    Raises InvalidAmount for more than one booking may be.
    """

    action: str
    request_id: str
    entry: Entry
    alone_below: ClassVar[int] = 0

    def __post_init__(self) -> None:
        if self.cents > settings.largest_booking_cents:
            raise InvalidAmount(f"amount is at most KES {format_amount(settings.largest_booking_cents)} a booking.")

    @property
    def id(self) -> str:
        """The id of the request, the same for everybody who asks under it; the entry is known by its receipt."""
        return derive_id(self.action, self.request_id)

    @property
    def cents(self) -> int:
        """How much moved."""
        return max(cents for _, cents in self.entry.postings)

    @property
    def moved(self) -> tuple[str, str]:
        """The account that the money left, and the one that it went to."""
        left, went = sorted(self.entry.postings, key=lambda posting: -posting[1])
        return left[0], went[0]

    def by(self, staff: Staff) -> Act:
        """Return the booking as what somebody of the staff does."""
        left, went = self.moved
        decision = {
            "cents": self.cents, "from": left, "to": went, "entryId": self.entry.id, "reason": self.entry.note,
            "requestId": self.request_id,
        }  # fmt: skip
        return Act(self.action, command_pk(self.id), staff, self.entry.note, decision, cents=self.cents)

    def check(self) -> None:
        """Raise AlreadyBooked where the receipt is in the ledger."""
        if suspense.is_booked(self.entry):
            raise suspense.AlreadyBooked

    def post(self, agreed: Agreement) -> None:
        """Post the entry, once. Raises AlreadyBooked, Conflict."""
        also = agreed.writes({}, {"entryId": self.entry.id, "cents": self.cents})
        suspense.book(replace(self.entry, **agreed.named), *also)


def ask(command: Command | Booking, staff: Staff) -> Item:
    """Carry a command out, or keep it for a second administrator; return how it stands.

    Raises Forbidden for one's own account, IdempotencyKeyReused, and what `check` and `post` of the command raise.
    """
    act = command.by(staff)
    standing = proposals.find(act)
    if standing is None:
        command.check()
    elif standing["decision"] != {"action": act.action, **act.decision}:
        raise IdempotencyKeyReused("This clientRequestId was used for another request. Use a new one.")
    elif approval.status(standing) != PROPOSED or approval.is_proposer(staff, standing):
        return standing
    if agreed := proposals.decide_on(act, standing, command.alone_below):
        command.post(agreed)
    return proposals.find(act) or {}


def refuse(command_id: str, staff: Staff, reason: str, request_id: str) -> None:
    """End what waits for a second administrator; the command's own request id stays used. Raises NotFound, Conflict."""
    act = Act("refuseProposal", command_pk(command_id), staff, reason, request_id=request_id)
    if not proposals.was_done(act):
        proposals.refuse(act)


def set_factor(user_id: str, percent: int, reason: str, staff: Staff, request_id: str) -> None:
    """Let a player's payout limits shrink to so many per cent. Raises NotFound, Forbidden for one's own account."""
    decision = {"percent": percent}
    act = Act("setPayoutFactor", player_pk(user_id), staff, reason, decision, user_id, request_id=request_id)
    if not proposals.was_done(act):
        before = promises.factor_of(accounts.get_account(user_id)) or promises.WHOLE
        accounts.set_factor(user_id, percent, *alone(act).writes({"percent": before}, decision))


def close(user_id: str, reason: str, staff: Staff, request_id: str) -> Item:
    """Close an empty account for good; return it. Raises NotFound, Forbidden for one's own, Conflict."""
    act = Act("closeWallet", player_pk(user_id), staff, reason, user_id=user_id, request_id=request_id)
    if proposals.was_done(act):
        return accounts.get_account(user_id)
    before = accounts.get_account(user_id)
    return accounts.close(user_id, *alone(act).writes({"status": before["status"]}, {"status": "CLOSED"}))
