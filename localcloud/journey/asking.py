"""What the player and the traders ask, in GraphQL."""

import random

MONEY = "{ currency amount }"
ODDS = {"1": "2.50", "2": "3.20", "3": "2.90"}
"""Of 1X2, by outcome: home, draw, away."""
WALLET = f"query {{ wallet {{ available {MONEY} held {MONEY} }} }}"
DEPOSIT = f"""mutation($id: ID!, $amount: MoneyInput!) {{
  deposit(clientRequestId: $id, amount: $amount) {{ id status message amount {MONEY} }} }}"""
WITHDRAW = f"""mutation($id: ID!, $amount: MoneyInput!) {{
  withdraw(clientRequestId: $id, amount: $amount) {{ id status message amount {MONEY} }} }}"""
PAYMENT = f"""query($id: ID!) {{
  payment(id: $id) {{ id status reason message tax {MONEY} paid {MONEY} returned {MONEY} receipt }} }}"""
PLACE_BET = f"""mutation($input: PlaceBetInput!) {{
  placeBet(input: $input) {{
    id status stake {MONEY} potentialPayout {MONEY} lines stakePerLine {MONEY} receipt legs {{ odds }} }} }}"""
BET = f"query($id: ID!) {{ bet(id: $id) {{ id status outcome payout {MONEY} legs {{ result }} }} }}"
QUOTE = f"""query($input: PlaceBetInput!) {{ quoteSlip(input: $input) {{
  accepted totalOdds potentialPayout {MONEY} largestStake {MONEY} reasons {{ code message arguments }} }} }}"""
SHARE = "mutation($selections: [SelectionInput!]!) { shareSlip(selections: $selections) { code } }"
SHARED = """query($code: String!) {
  sharedSlip(code: $code) { legs { marketId selectionId odds seen { selection { en sw } } } } }"""
BEGIN = """mutation($fixture: ID!) {
  setFixtureStatus(fixtureId: $fixture, status: LIVE, reason: "the game has begun") { status } }"""
STATUS = "query($id: ID!) { fixture(id: $id) { status } }"
TAKE_OFF = """mutation($fixture: ID!, $status: FixtureStatus!) {
  setFixtureStatus(fixtureId: $fixture, status: $status, reason: "the journey is over") { status } }"""
SETTLE_GAME = """mutation($fixture: ID!, $record: MatchRecordInput!) {
  settleFixture(fixtureId: $fixture, record: $record) { status version message } }"""
SET_ODDS = "mutation($market: ID!, $odds: [OddsInput!]!) { setOdds(marketId: $market, odds: $odds) { version } }"
SET_STATUS = """mutation($market: ID!, $status: MarketStatus!) {
  setMarketStatus(marketId: $market, status: $status) { status } }"""
ON_UPDATE = f"""subscription($me: ID!) {{ onPlayerUpdate(userId: $me) {{
  userId
  bet {{ id version status outcome payout {MONEY} }}
  wallet {{ id version available {MONEY} held {MONEY} }}
  payment {{ id version kind status reason message }}
  notification {{ id version kind text }} }} }}"""


def money(amount: str) -> dict[str, str]:
    """Return a GraphQL `MoneyInput`."""
    return {"currency": "KES", "amount": amount}


def new_phone() -> str:
    """Return a phone number that is hardly taken."""
    return f"+2547{random.SystemRandom().randrange(10**8):08d}"


def odds_input(odds: dict[str, str]) -> list[dict[str, str]]:
    """Return a list of GraphQL `OddsInput`."""
    return [{"outcomeId": outcome, "odds": value} for outcome, value in odds.items()]


def results_input(winner: str) -> list[dict[str, str]]:
    """Return a list of GraphQL `ResultInput`: one outcome has won, the others have lost."""
    return [{"outcomeId": outcome, "result": "WON" if outcome == winner else "LOST"} for outcome in ODDS]
