"""The bet fields of the AppSync API for players: browsing and betting. What traders do is another function's."""

from bet.handlers import bets, browse, start
from betsafi.graphql import Fields

handler = Fields(start.handler, browse.handler, bets.handler)
