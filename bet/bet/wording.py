"""The sentences of this service, for players and for traders. No I/O. They exist in English only so far."""

from collections.abc import Sequence

# -- a slip

MARKET_TWICE = "A market may be on a slip only once."
UNKNOWN_POLICY = "oddsPolicy is NONE, HIGHER or ANY."
KEY_REUSED = "This clientRequestId was used for another bet."
UNKNOWN_SELECTION = "This selection does not exist."
SAME_EVENT = "Two selections of one game cannot be combined."
BETTING_CLOSED = "Betting on this game is closed."
SUSPENDED = "This market is suspended. Please try again in a moment."
ODDS_CHANGED = "The odds have changed. Look at the new odds and place the bet again."
NO_ROOM = "This bet could win more than is taken on one of its selections. Choose a smaller stake."
GREAT_DEMAND = "This selection is in great demand. Please try again, or with a smaller stake."
TIMED_OUT = "The bet could not be accepted in time. Please try again."


def legs(most: int) -> str:
    """How many selections a bet has."""
    return f"A bet has 1 to {most} selections."


def smallest_stake(cents: int) -> str:
    """What a stake is at least."""
    return f"The smallest stake is KES {cents // 100}."


def largest_stake(cents: int) -> str:
    """What a stake is at most."""
    return f"The largest stake is KES {cents // 100:,}."


def largest_payout(cents: int) -> str:
    """What a bet pays at most."""
    return f"One bet pays at most KES {cents // 100:,}. Choose a smaller stake."


# -- a bet

NO_BET = "There is no such bet."
NOT_OPEN = "Only an open bet can be cancelled."
HAD_A_RESULT = "This bet had a result that was taken back; it stands."
GAME_BEGUN = "The game has begun; the bet stands."
NOT_CANCELLED = "The market is busy. Nothing was changed; please try again."


def grace_is_over(seconds: int) -> str:
    """How long a bet could be cancelled."""
    return f"A bet can be cancelled for {seconds // 60} minutes; this one stands."


# -- fixtures and markets

NO_FIXTURE = "There is no such fixture."
NO_MARKET = "There is no such market."
NO_RESULT = "This market has no result."

# -- what traders ask for

UNKNOWN_TIER = "tier is SMALL, STANDARD or POPULAR."
FIXTURE_TAKEN = "There is another fixture or market with this id."
UNKNOWN_RESULT = "A result is WON, LOST or VOID."
ONE_WINS = "Of the results one is WON and the others LOST, or all are VOID."
STATUS_TO_SET = "A market's status is OPEN or SUSPENDED; settleMarket closes it."
STATUS_TO_REOPEN = "A market is reopened as OPEN or SUSPENDED, or stays closed."
MARKET_CLOSED = "This market is closed."
MARKET_BEGUN = "The game has begun; this market takes no more bets."
STAYS_CLOSED = "The game has begun, so the market stays closed; its result can still be taken back."
MARKET_BUSY = "The market is busy. Please try again."
HAS_A_BET = "Who decides this has a bet on this market. Another trader must decide it."


def each_once(what: str, keys: Sequence[str]) -> str:
    """That odds, or results, are given for every selection."""
    return f"Give {what} for {', '.join(keys[:-1])} and {keys[-1]}, each once."


# -- what came of a trader's decision

STANDS = "This is how the market stands."
DECIDED = "It is decided. The bets follow in a moment."
PROPOSED_BEFORE = "Nothing has changed yet: a second trader must say the same."
TOO_EARLY = "The game cannot be over yet"
MUCH_WAS_PAID = "This changes a result by which much was paid"
BETS_AGAIN = "This market would take bets again"


def proposed(why: str) -> str:
    """Why a decision takes a second trader."""
    return f"Nothing has changed yet. {why}: a second trader must say the same."
