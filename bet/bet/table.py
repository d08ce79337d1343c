"""The bet table and its keys, alone.

`FIXTURE#<id>`: a fixture (on the global index under SCHEDULE by its start). `GUARD#<market>#<n>`: a market's price,
status, version and exposure; each market has one guard or more, guard 0 is the one that people see. `RESULT#<market>`:
its newest result. `LEGS#<market>#<n>`: who bet on it. `USER#<id>`: a player's bets.
"""

from betsafi.dynamodb import Key, Table
from betsafi.settings import TableSettings, read_settings

SCHEDULE = "SCHEDULE"
"""The owner of all fixtures on the global index."""


table = Table(read_settings(TableSettings).table_name)


def fixture_key(fixture_id: str) -> Key:
    """Return the key of a fixture."""
    return f"FIXTURE#{fixture_id}", "FIXTURE"


def guard_key(market_id: str, n: int) -> Key:
    """Return the key of one of a market's guards."""
    return f"GUARD#{market_id}#{n}", "GUARD"


def result_key(market_id: str) -> Key:
    """Return the key of a market's newest result; what traders propose is kept beside it."""
    return f"RESULT#{market_id}", "RESULT"


def bet_key(user_id: str, bet_id: str) -> Key:
    """Return the key of a player's bet."""
    return bets_by(user_id), f"BET#{bet_id}"


def bets_by(user_id: str) -> str:
    """Return the partition of a player's bets."""
    return f"USER#{user_id}"


def legs_on(market_id: str, n: int) -> str:
    """Return the partition of the bets on a market that use one of its guards."""
    return f"LEGS#{market_id}#{n}"
