"""The wallet's sentences to players: why something is refused, and what to do. No I/O.

In English alone: who asks for a hold or a page is known by id, not by language (docs/decisions.md, 90).
"""

from betsafi.money import format_amount

NO_WALLET = "There is no such wallet."
NO_WALLET_YET = "There is no such wallet yet. Please try again in a moment."
BUSY = "The account is busy. Nothing was changed; please try again."
CANCELLED_BEFORE = "This was cancelled before it came."
ID_USED = "This id was used before for something else."

MONEY_HELD = (
    "Your account is stopped and its money is held. Your profile says why and until when. You can appeal there."
)
REGISTER_UNANSWERED = (
    "We could not ask the register of excluded players, so no bets are taken for the moment. Please try again later."
)
TOO_LOW = "Your balance is too low. Deposit, or choose a smaller amount."
TERMS_NOT_ACCEPTED = "Our terms or our privacy notice have changed. Read and accept them before your next bet."
ABOVE_IDENTITY = "This stake is above what is left for today until we have verified who you are. Show us your document."
ABOVE_LIMIT_OF_ONE_BET = "This stake is above your limit for one bet."
PAYOUT_LIMITS = {
    "day": "With your other bets of that day this could pay more than is paid for one day. Choose a smaller stake.",
    "same": "With your equal bets this could pay more than is paid on one bet. Choose a smaller stake.",
}
"""By what is counted together."""

FROM_AFTER_TO = "from is after to. Give the earlier moment first."


def not_active(status: str) -> str:
    """Of an account that is closed, or stopped with or without its money."""
    if status == "CLOSED":
        return "This account is closed. Contact support."
    return "Your account is stopped. Your profile says why and until when. You can appeal there."


def reality_check(minutes: int, staked: int, net: int) -> str:
    """Of a player who has bet for so many minutes, staked so much and won or lost so much, in cents."""
    result = "are even" if not net else f"have {'won' if net > 0 else 'lost'} KES {format_amount(abs(net))}"
    return f"You have been betting for {minutes} minutes, staked KES {format_amount(staked)} and {result}. Go on?"


def owes(cents: int) -> str:
    """Of a player who owes something, in cents."""
    return f"You owe KES {format_amount(cents)} after a corrected result. Money that comes in repays it first."


def above_limit(sort: str, window: str) -> str:
    """Of a stake that is above what is left of a limit (stake or loss) for a window (day, week, month)."""
    return f"This stake is above what is left of your {sort} limit for this {window}."


def wrong_period(longest_days: int) -> str:
    """Of a statement's days that are in the wrong order, or too many."""
    return f"A statement covers 1 to {longest_days} days: from is the first of them, to the last."


def too_many_entries(most: int) -> str:
    """Of a statement that would have more entries than it may."""
    return f"This period has more than {most:,} entries. Choose a shorter one."
