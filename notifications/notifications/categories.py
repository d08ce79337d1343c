"""What kinds of messages there are, how each may reach its player, and how much of that the player chooses. No I/O.

Every message is a note in the inbox. Beside that it goes out by one channel: the first of its player's for its
category; where that one does not take it, by the next.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Channel = Literal["INBOX", "PUSH", "SMS", "EMAIL"]
Category = Literal["BETS", "MONEY", "SECURITY", "LAW", "OFFERS", "REMINDERS"]

OUTSIDE: tuple[Channel, ...] = ("PUSH", "SMS", "EMAIL")
"""What a note can go out by beside the inbox."""


@dataclass(frozen=True)
class Rules:
    """How messages of one category reach a player who chose nothing, and what may be chosen.

    `must_reach`: an SMS is tried at last whatever was chosen, quiet hours and limits do not count. `chosen`: whether
    the player chooses. `consent`: whether they must have asked for it.
    """

    default: tuple[Channel, ...]
    must_reach: bool = False
    chosen: bool = True
    consent: bool = False


RULES: dict[Category, Rules] = {
    "BETS": Rules(("PUSH",)),
    "MONEY": Rules(("SMS",), must_reach=True),
    # Not for choosing: who has stolen a session could have the warning sent to a phone of their own.
    "SECURITY": Rules(("SMS", "EMAIL"), must_reach=True, chosen=False),
    "LAW": Rules(("SMS", "EMAIL"), must_reach=True, chosen=False),
    "OFFERS": Rules(("PUSH",), consent=True),
    "REMINDERS": Rules(("PUSH",)),
}


def chosen(category: Category, channels: Mapping[Category, Sequence[Channel]]) -> tuple[Channel, ...]:
    """Return by what a category's messages go out, in this order, for a player with these choices."""
    rules = RULES[category]
    return tuple(channels.get(category, rules.default)) if rules.chosen else rules.default


def route(
    category: Category, channels: Mapping[Category, Sequence[Channel]], has: Mapping[Channel, bool]
) -> tuple[Channel, ...]:
    """Return by what a message goes out, in this order, of the channels that the player `has`; none: the inbox alone.

    What must reach its player ends with an SMS: everybody has a phone.
    """
    wanted = [channel for channel in chosen(category, channels) if channel in OUTSIDE]
    if RULES[category].must_reach and "SMS" not in wanted:
        wanted.append("SMS")
    return tuple(channel for channel in wanted if has.get(channel, False))
