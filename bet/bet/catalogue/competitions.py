"""What is known of competitions: how long their games last at least."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated

from betsafi.settings import Must, read_settings


@dataclass(frozen=True)
class Settings:
    """The shortest time that a game lasts (minutes after its start), also by competition as `<its name>=<minutes>`."""

    shortest_play_minutes: int = 90
    shortest_play_by_competition: Annotated[list[str], Must(like=r".+=[1-9]\d*")] = field(default_factory=list)


settings = read_settings(Settings)
_PLAY_MINUTES = {
    name: int(minutes) for name, _, minutes in (row.rpartition("=") for row in settings.shortest_play_by_competition)
}


def shortest_play(competition: str) -> timedelta:
    """Return how long after its start a game of a competition cannot be over."""
    return timedelta(minutes=_PLAY_MINUTES.get(competition, settings.shortest_play_minutes))
