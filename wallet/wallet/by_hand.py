"""What staff do by hand: bonuses and adjustments, once for each request id, and accounts stopped, let go or closed.

The request id of a bonus or an adjustment is the command's, whoever asks: `COMMAND#<id>` keeps for ever what was asked
for under it, and how it ended. The same again, from the same person, gets the same answer; from another one it approves
what takes two people; another body is refused.
"""

from dataclasses import dataclass

from betsafi import approval
from betsafi.approval import Agreement, alone
from betsafi.audit import PROPOSED, Act
from betsafi.dynamodb import Item
from betsafi.errors import IdempotencyKeyReused
from betsafi.ids import derive_id
from betsafi.people import Staff
from betsafi.settings import read_settings
from wallet.stores import accounts, credits, proposals
from wallet.table import command_pk, player_pk

BONUS, ADJUSTMENT = "grantBonus", "proposeAdjustment"


@dataclass(frozen=True)
class Settings:
    """From how many cents on a bonus takes two administrators; an adjustment always does."""

    two_people_cents: int = 1_000_000


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


def ask(command: Command, staff: Staff) -> Item:
    """Carry a command out, or keep it for a second administrator; return how it stands.

    Raises NotFound for an unknown player, Forbidden for one's own account, InsufficientFunds, IdempotencyKeyReused.
    """
    act = command.by(staff)
    standing = proposals.find(act)
    if standing is None:
        accounts.get_account(command.user_id)
    elif standing["decision"] != {"action": act.action, **act.decision}:
        raise IdempotencyKeyReused("This clientRequestId was used for another request. Use a new one.")
    elif approval.status(standing) != PROPOSED or approval.is_proposer(staff, standing):
        return standing
    alone_below = settings.two_people_cents if command.action == BONUS else 0
    agreed = proposals.decide_on(act, standing, alone_below)
    if agreed:
        _post(command, agreed)
    return proposals.find(act) or {}


def refuse(command_id: str, staff: Staff, reason: str, request_id: str) -> None:
    """End what waits for a second administrator; the command's own request id stays used. Raises NotFound, Conflict."""
    act = Act("refuseProposal", command_pk(command_id), staff, reason, request_id=request_id)
    if not proposals.was_done(act):
        proposals.refuse(act)


def set_frozen(user_id: str, frozen: bool, reason: str, staff: Staff, request_id: str) -> Item:
    """Stop an account's bets and withdrawals, or let them go again; return it. Raises NotFound, Forbidden."""
    action = "freezeWallet" if frozen else "unfreezeWallet"
    act = Act(action, player_pk(user_id), staff, reason, user_id=user_id, request_id=request_id)
    if proposals.was_done(act):
        return accounts.get_account(user_id)
    also = alone(act).writes({"frozen": not frozen}, {"frozen": frozen})
    return accounts.freeze(user_id, frozen, reason, staff.id, *also)


def close(user_id: str, staff: Staff, request_id: str) -> Item:
    """Close an empty account for good; return it. Raises NotFound, Forbidden for one's own, Conflict."""
    act = Act("closeWallet", player_pk(user_id), staff, user_id=user_id, request_id=request_id)
    if proposals.was_done(act):
        return accounts.get_account(user_id)
    before = accounts.get_account(user_id)
    return accounts.close(user_id, *alone(act).writes({"status": before["status"]}, {"status": "CLOSED"}))


def _post(command: Command, agreed: Agreement) -> None:
    also = agreed.writes({}, {"entryId": command.id, "cents": command.cents})
    if command.action == BONUS:
        credits.grant_bonus(command.user_id, command.id, command.cents, command.reason, agreed.named, *also)
    else:
        first, second = agreed.people
        credits.adjust(command.user_id, command.id, command.cents, command.reason, (first, second), *also)
