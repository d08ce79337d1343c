"""What staff ask for and decide: the layer's approvals and its record of acts, in the wallet's table."""

from betsafi import approval, audit
from betsafi.approval import Agreement
from betsafi.audit import Act
from betsafi.dynamodb import Item
from wallet.table import table


def was_done(act: Act) -> bool:
    """See `audit.was_done`."""
    return audit.was_done(table, act)


def find(act: Act) -> Item | None:
    """Return what is proposed, or was, about the same as an act, or None."""
    return approval.find(table, act.pk)


def decide_on(act: Act, standing: Item | None, alone_below: int) -> Agreement | None:
    """See `approval.decide_on`: a command is about itself alone, whatever the account holds by now."""
    return approval.decide_on(table, act, standing, {}, alone_below)


def refuse(act: Act) -> None:
    """See `approval.refuse`."""
    approval.refuse(table, act)
