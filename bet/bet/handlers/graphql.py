"""The bet fields of the AppSync API for players: browsing and betting. What traders do is another function's."""

from bet.handlers import bets, browse
from betsafi.graphql import Fields

handler = Fields(browse.handler, bets.handler)
