"""The sports that are offered, under UOF's ids. No I/O."""

import json
from pathlib import Path
from typing import Any

from bet import wording
from bet.catalogue.names import Names
from betsafi.errors import InvalidInput
from betsafi.ids import identifier

FOOTBALL = "sr:sport:1"
SPORTS: dict[str, Names] = {
    row["id"]: row["name"] for row in json.loads(Path(__file__).with_name("sports.json").read_text())
}
"""Their names by id, in the order in which they are shown."""


def sport(given: Any, field: str = "sportId") -> str:
    """Return the id of a sport that is offered. Raises InvalidInput."""
    if (sport_id := identifier(given, name=field)) not in SPORTS:
        raise InvalidInput(wording.unknown_sport(field, list(SPORTS)))
    return sport_id
