"""Slips of every kind, and games that are settled whole: what a player sees of the sportsbook, and what traders do."""

from typing import Any

from betsafi.money import format_amount, parse_amount
from localcloud.cloud.running import aws
from localcloud.demo.seed import signed_in
from localcloud.journey.asking import (
    BEGIN,
    BET,
    PLACE_BET,
    QUOTE,
    SETTLE_GAME,
    SHARE,
    SHARED,
    STATUS,
    TAKE_OFF,
    money,
)
from localcloud.journey.walk import Broken, Walk, expect
from tools.base.names import table_name
from tools.base.waiting import eventually
from tools.receipt import check
from tools.reconcile.reading import item

PICKS = {
    "over": ("18/total=2.5", "12", "1.95"),
    "both": ("29", "74", "1.80"),
    "handicap": ("16/hcp=-0.25", "1714", "1.90"),
    "banker": ("1", "1", "1.50"),
}
"""What is bet on in each of four games: kind of market, outcome, odds."""
OFFER = {
    "over": {"18/total=2.5": {"12": "1.95", "13": "1.85"}, "29": {"74": "1.80", "76": "1.95"}}
    | {"36/total=2.5": {"90": "2.40", "92": "9.00", "94": "6.00", "96": "2.60"}},
    "both": {"29": {"74": "1.80", "76": "1.95"}},
    "handicap": {"16/hcp=-0.25": {"1714": "1.90", "1715": "1.90"}},
    "banker": {"1": {"1": "1.50", "2": "4.00", "3": "7.00"}},
}
MULTI = ("over", "both")
SYSTEM = {"k": 2, "bankers": [3]}
"""Of all four: lines of two of the first three, each with the banker."""
HALVES = ["FIRST_HALF", "SECOND_HALF"]
GOALS = {"both": ("HOME", "AWAY"), "handicap": ("HOME", "AWAY"), "banker": ("HOME", "HOME")}
"""Who scored in the games that were played to their end."""


def offer_games(walk: Walk) -> str:
    """A trader offers four games, each with markets of other kinds."""
    walk.offer(OFFER)
    asked = "query($id: ID!) { markets(fixtureId: $id) { items { name { en sw } } } }"
    names = [market["name"] for market in walk.player.ask(asked, id=walk.game("over"))["items"]]
    expect({"en": "Total goals 2.5", "sw": "Jumla ya mabao 2.5"} in names, True, "whether the total is offered")
    return ", ".join(name["sw"] for name in names)


def quote_multi(walk: Walk) -> str:
    """A quote says what a multi of over 2.5 and both teams to score would pay, and writes nothing."""
    quote = walk.player.ask(QUOTE, input=_slip(walk, "multi", "100.00", MULTI))
    expect((quote["accepted"], quote["reasons"]), (True, []), "whether the slip would be taken, and why not")
    expect((quote["totalOdds"], quote["potentialPayout"]["amount"]), ("3.51", "351.00"), "what it would pay")
    walk.balance_rests()
    return f"351.00 at 3.51, a stake of {quote['largestStake']['amount']} would be taken"


def same_game(walk: Walk) -> str:
    """Two legs of one game are refused, with the selection that says both at a price of its own."""
    slip = _slip(walk, "same", "100.00", ("over",))
    both = f"{walk.game('over')}/29"
    legs = [*slip["selections"], {"marketId": both, "selectionId": f"{both}/74", "odds": "1.80"}]
    refusal = walk.player.refusal(PLACE_BET, input={**slip, "selections": legs})
    expect(refusal.type, "SAME_EVENT", "the refusal")
    (found,) = refusal.info["combined"]
    selection = {name: found[name] for name in legs[0]}
    quote = walk.player.ask(QUOTE, input={**slip, "selections": [selection]})
    expect((quote["accepted"], quote["totalOdds"]), (True, "2.40"), "the quote of that selection")
    return f"{found['key']} at {found['odds']} instead"


def share_slip(walk: Walk) -> str:
    """The slip is shared under a booking code, which another player loads."""
    picks = _slip(walk, "multi", "100.00", MULTI)["selections"]
    code = walk.player.ask(SHARE, selections=picks)["code"]
    loaded = signed_in(walk.cloud, "bettor").ask(SHARED, code=code.lower())
    expect([{name: leg[name] for name in picks[0]} for leg in loaded["legs"]], picks, "the slip under the code")
    return f"{code}: {', '.join(leg['seen']['selection']['sw'] for leg in loaded['legs'])}"


def place_multi(walk: Walk) -> str:
    """The multi is placed as it was quoted."""
    bet = _place(walk, "multi", "100.00", MULTI)
    expect((bet["lines"], bet["potentialPayout"]["amount"]), (1, "351.00"), "its line, and what it can pay")
    walk.balance_rests(held="100.00")
    return "accepted at 3.51"


def place_system(walk: Walk) -> str:
    """A system is placed: 2 of 3, and a banker in every line."""
    bet = _place(walk, "system", "300.00", tuple(PICKS), SYSTEM)
    expect((bet["lines"], bet["stakePerLine"]["amount"]), (3, "100.00"), "its lines, and the stake of each")
    walk.balance_rests(held="400.00")
    return f"accepted, 3 lines of 100.00 pay at most {bet['potentialPayout']['amount']}"


def check_receipts(walk: Walk) -> str:
    """Both bets are as their receipts say, whose hashes the player got."""
    dynamodb, table = aws("dynamodb", walk.cloud.addresses), table_name("local", "bet")
    for name, placed in walk.slips.items():
        bet = item(dynamodb, table, f"USER#{walk.player.user_id}", f"BET#{placed['id']}") or {}
        first = bet["legs"][0]
        leg = item(dynamodb, table, f"LEGS#{first['market_id']}#{first['guard']}", placed["id"]) or {}
        expect(check(bet, leg["receipt"], placed["receipt"]), [], f"what differs of the {name}")
    return ", ".join(bet["receipt"] for bet in walk.slips.values())


def settle_early(walk: Walk) -> str:
    """The third goal settles over 2.5 while the game is played; two traders record it, as it began early."""
    _play(walk, "over", _record(("HOME", "AWAY", "HOME"), []))
    return "2-1, nothing has ended"


def settle_games(walk: Walk) -> str:
    """Records settle the other games whole; multi and system are paid to the cent."""
    for name, scored in GOALS.items():
        _play(walk, name, _record(scored, HALVES))
    # 100 x 1.95 x 1.80; and 100 x 1.50 x (1.95 x 1.80 + 1.95 x 0.5 + 1.80 x 0.5), as half of the handicap is lost
    for name, payout in (("multi", 351_00), ("system", 807_75)):
        heard = walk.hear("bet", walk.slips[name]["id"], "SETTLED")["bet"]
        expect(
            (heard["outcome"], heard["payout"]["amount"]), ("WON", format_amount(payout)), f"what came of the {name}"
        )
        walk.available_cents += payout
    walk.balance_rests()
    results = [leg["result"] for leg in walk.player.ask(BET, id=walk.slips["system"]["id"])["legs"]]
    expect(results, ["WON", "WON", "HALF_LOST", "WON"], "the results of the system's legs")
    return f"351.00 and 807.75 paid, {walk.available} available"


def take_games_off(walk: Walk) -> str:
    """A trader takes the walk's games off the lobby, where newcomers look for something to bet on."""
    trader = signed_in(walk.cloud, "trader")
    for game in walk.games:
        played = walk.player.ask(STATUS, id=game)["status"] == "LIVE"
        trader.ask(TAKE_OFF, fixture=game, status="ENDED" if played else "CANCELLED")

    def listed() -> bool:
        coming = walk.player.ask("query { fixtures(limit: 50) { items { id } } }")["items"]
        left = sorted({fixture["id"] for fixture in coming} & set(walk.games))
        expect(left, [], "what of the walk's games is still to come")
        return True

    eventually(listed, "a lobby without the walk's games", Broken)
    walk.balance_rests()
    return f"{len(walk.games)} games taken off"


def _play(walk: Walk, name: str, record: dict[str, Any]) -> None:
    """Let a game begin, and two traders record what happened in it."""
    traders = [signed_in(walk.cloud, "trader", number) for number in (0, 1)]
    traders[0].ask(BEGIN, fixture=walk.game(name))
    answers = [trader.ask(SETTLE_GAME, fixture=walk.game(name), record=record)["status"] for trader in traders]
    expect(answers, ["PROPOSED", "DONE"], f"what the two traders were answered about {name}")


def _slip(walk: Walk, name: str, stake: str, games: tuple[str, ...]) -> dict[str, Any]:
    picks = []
    for game in games:
        kind, outcome, odds = PICKS[game]
        market = f"{walk.game(game)}/{kind}"
        picks.append({"marketId": market, "selectionId": f"{market}/{outcome}", "odds": odds})
    return {"clientRequestId": f"{name}-{walk.run}", "stake": money(stake), "selections": picks}


def _place(walk: Walk, name: str, stake: str, games: tuple[str, ...], system: object = None) -> Any:
    bet = walk.player.ask(PLACE_BET, input={**_slip(walk, name, stake, games), "system": system})
    expect(bet["status"], "ACCEPTED", f"the status of the {name}")
    walk.slips[name] = bet
    walk.available_cents -= parse_amount(stake)
    return bet


def _record(scored: tuple[str, ...], ended: list[str]) -> dict[str, Any]:
    goals = [{"side": side, "period": "FIRST_HALF", "minute": 10 * n + 5} for n, side in enumerate(scored)]
    return {"ended": ended, "goals": goals}
