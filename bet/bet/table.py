"""The bet table and its keys, alone.

`BETTING#ALL`: whether bets are taken at all. `COMPETITION#<id>`, `TEAM#<id>`. `FIXTURE#<id>`: a fixture (on the global
indexes by sport, status and day, and by competition; `catalogue/fixture.py` has its lists), and as `GAME` what is
decided of it as a whole. `LINES#<fixture>`: its markets. `GUARD#<market>#<n>`: a market's price, status, version and
exposure; each market has one guard or more, guard 0 is the one that people see. `RESULT#<market>`: its newest result.
`HOLD#<market or fixture>`: whether results wait. `LEGS#<market>#<n>`: who bet on it; a bet's first leg has its receipt.
`USER#<id>`: a player's bets. `CORRECTION#<bet>`: what people decided of one. `SHARED#<code>`: a slip under a code.
"""

from betsafi.dynamodb import Key, Table
from betsafi.settings import TableSettings, read_settings

BETTING = ("BETTING#ALL", "SWITCH")
"""The key of the switch of all betting."""
COMPETITIONS = "COMPETITIONS#"
"""With a sport's id the owner of its competitions on the global index."""


table = Table(read_settings(TableSettings).table_name)


def fixture_key(fixture_id: str) -> Key:
    """Return the key of a fixture."""
    return f"FIXTURE#{fixture_id}", "FIXTURE"


def game_key(fixture_id: str) -> Key:
    """Return the key of what is decided of a fixture as a whole; what traders propose of it is kept beside it."""
    return f"FIXTURE#{fixture_id}", "GAME"


def hold_key(subject_id: str) -> Key:
    """Return the key of what holds the results of a market, or of all markets of a fixture."""
    return f"HOLD#{subject_id}", "HOLD"


def correction_key(bet_id: str) -> Key:
    """Return the key of what two people decided of one bet; what they propose is kept beside it."""
    return f"CORRECTION#{bet_id}", "CORRECTION"


def competition_key(competition_id: str) -> Key:
    """Return the key of a competition."""
    return f"COMPETITION#{competition_id}", "COMPETITION"


def team_key(team_id: str) -> Key:
    """Return the key of a team."""
    return f"TEAM#{team_id}", "TEAM"


def popular_key(sport_id: str) -> Key:
    """Return the key of the list of a sport's popular fixtures."""
    return f"POPULAR#{sport_id}", "POPULAR"


def line_key(fixture_id: str, market_id: str) -> Key:
    """Return the key of what a fixture lists of one of its markets."""
    return lines_of(fixture_id), market_id


def lines_of(fixture_id: str) -> str:
    """Return the partition of a fixture's list of markets."""
    return f"LINES#{fixture_id}"


def guard_key(market_id: str, n: int) -> Key:
    """Return the key of one of a market's guards."""
    return f"GUARD#{market_id}#{n}", "GUARD"


def result_key(market_id: str) -> Key:
    """Return the key of a market's newest result; what traders propose is kept beside it."""
    return f"RESULT#{market_id}", "RESULT"


def bet_key(user_id: str, bet_id: str) -> Key:
    """Return the key of a player's bet."""
    return bets_by(user_id), f"BET#{bet_id}"


def shared_key(code: str) -> Key:
    """Return the key of a slip that somebody shared."""
    return f"SHARED#{code}", "SLIP"


def bets_by(user_id: str) -> str:
    """Return the partition of a player's bets."""
    return f"USER#{user_id}"


def legs_on(market_id: str, n: int) -> str:
    """Return the partition of the bets on a market that use one of its guards."""
    return f"LEGS#{market_id}#{n}"
