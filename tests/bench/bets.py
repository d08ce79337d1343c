"""Bets from placement to paid: what they ask of AWS, how that grows with the market, and how long placing takes.

A market of N bets has ten real ones, placed by ten players through the bet service; the others are copies of a
real bet, written in bulk beforehand, which the settlement cannot tell from it. What happens once a market is counted
apart from what happens once a bet.
"""

import json
import statistics
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

from bet.markets import limits
from betsafi import clock
from betsafi.aws import client
from betsafi.dynamodb import unmarshal
from betsafi.people import Staff
from tests.bench.house import BATCH, House, Traffic
from tests.bench.meter import Call, Measurement, item_bytes
from tests.bench.rows import Row

REAL = 10
LATENCY_BETS = 60
MULTIS = 40
LEGS, FIVES = 5, 100
"""Of a multi whose legs are told, and how many of them are on the same games."""
RESULTS = 100
"""Of markets that are corrected."""
OVERHEAD = 100
"""Bytes that DynamoDB bills for each item, and for each entry of an index, beside what is in it."""
ODDS = {"1": "2.05", "2": "3.00", "3": "3.70"}
"""Of 1X2, by outcome: home, draw, away."""
STAKE = {"currency": "KES", "amount": "100.00"}
TRADERS = (str(uuid.uuid4()), str(uuid.uuid4()))


@dataclass(frozen=True)
class Played:
    """What went over the edges for `bets` bets that were settled and paid: for the real ones alone, and for all."""

    bets: int
    own_traffic: Traffic
    shared_traffic: Traffic


@dataclass(frozen=True)
class Market(Played):
    """A market of bets that was settled and paid, and what that took.

    `placing`: each real bet's own request. `own`: all that happened for the real bets alone, their placing among it.
    `shared`: closing the market and settling all bets. `largest_item` in bytes; `kept` and `notes_kept` are the bytes
    that stay of one bet and of its notes, as DynamoDB bills them.
    """

    placing: list[Measurement]
    own: list[Measurement]
    shared: Measurement
    largest_item: int
    kept: float
    notes_kept: float

    def per_bet(self, of: Callable[[Measurement], float]) -> float:
        """Return something counted for one bet: what happened for it, and its part of what happened for all."""
        return sum(map(of, self.own)) / REAL + of(self.shared) / self.bets


def run_market(house: House, bets: int) -> Market:
    """Fill a market, settle it, pay its bets and tell their players; return what was counted."""
    market_id = new_market(house, f"kpl-gor-afc-{bets}{'' if house.batch == BATCH else '-quiet'}")
    players = sorted(house.new_player() for _ in range(REAL))
    placing, placed = [], []
    with _cached_prices():
        _copy(house, _place(house, house.new_player(), market_id), bets - REAL - 1)
        house.forget_changes()
        for n in range(limits.MAX_GUARDS):
            house.module("bet.markets.guards").markets_for(f"{n:08x}", [market_id])
        house.traffic = own_traffic = Traffic()
        with house.meter.measuring() as before:
            for player in players:
                with house.meter.measuring() as taken:
                    placed.append(_place(house, player, market_id))
                placing.append(taken)
            house.pump(set(players))
    house.traffic = Traffic()
    _settle(house, market_id, TRADERS[0])
    house.traffic = shared_traffic = Traffic()
    with house.meter.measuring() as shared:
        _settle(house, market_id, TRADERS[1])
        house.pump(set(players), rounds=1)
    house.traffic = own_traffic
    with house.meter.measuring() as after:
        house.pump(set(players))
    house.traffic = Traffic()
    largest = max(_largest_item(house, bet) for bet in placed)
    kept = [_kept(house.tables[service], bet) for service in ("bet", "wallet") for bet in placed]
    notes = [_kept(house.tables["notifications"], bet) for bet in placed]
    kept_of_bet, notes_of_bet = sum(kept) / len(placed), sum(notes) / len(placed)
    return Market(
        bets, own_traffic, shared_traffic, placing, [before, after], shared, largest, kept_of_bet, notes_of_bet
    )


def play_multis(house: House) -> Played:
    """Play multis on five games that all win, one game after the other, as `run_market` plays single bets."""
    markets = [new_market(house, f"kpl-five-{uuid.uuid4()}") for _ in range(LEGS)]
    players = sorted(house.new_player() for _ in range(REAL))
    with _cached_prices():
        _copy(house, _place(house, house.new_player(), *markets), FIVES - REAL - 1)
        house.forget_changes()
        house.traffic = own_traffic = Traffic()
        for player in players:
            _place(house, player, *markets)
        house.pump(set(players))
    shared_traffic = Traffic()
    for market_id in markets:
        house.traffic = Traffic()
        _settle(house, market_id, TRADERS[0])
        house.traffic = shared_traffic
        _settle(house, market_id, TRADERS[1])
        house.pump(set(players), rounds=1)
        house.traffic = own_traffic
        house.pump(set(players))
    house.traffic = Traffic()
    return Played(FIVES, own_traffic, shared_traffic)


def play_corrections(house: House) -> Played:
    """Correct the results of markets without bets; each counts as a bet does in what is played otherwise."""
    deciding, given = house.module("bet.trading.deciding"), house.module("bet.markets.given")
    markets = [new_market(house, f"kpl-corrected-{uuid.uuid4()}") for _ in range(RESULTS)]
    for results in (("WON", "LOST", "LOST"), ("LOST", "LOST", "WON")):
        house.forget_changes()
        for market_id in markets:
            for trader in TRADERS:
                deciding.settle(market_id, given.Results(dict(zip(ODDS, results, strict=True)), {}), Staff(trader))
    house.traffic = traffic = Traffic()
    house.pump(set())
    house.traffic = Traffic()
    return Played(RESULTS, Traffic(), traffic)


def unit_rows(house: House, market: Market) -> list[Row]:
    """Return the write units of one single bet by step, in the mean of the market's bets.

    Closing the market and writing its result are a few units a market, not a bet's; the growth rows have them.
    """
    bet, wallet = house.tables["bet"], house.tables["wallet"]
    placing = [call for taken in market.placing for call in taken.of("dynamodb")]
    paying = [call for run in market.own_traffic.named("wallet.consumer") for call in run.measurement.calls]
    settling = [call for run in market.shared_traffic.named("bet.settlement") for call in run.measurement.calls]
    pending = [call for call in placing if (call.table, call.operation) == (bet, "PutItem")]
    steps: list[tuple[str, int, Sequence[Call], int]] = [
        ("pending", 1, pending, REAL),
        ("hold", 4, [call for call in placing if call.table == wallet], REAL),
        ("accept", 8, [call for call in placing if call.table == bet and call not in pending], REAL),
        ("settle", 1, settling, market.bets),
        ("pay", 6, paying, REAL),
    ]
    rows, total, indexes = [], 0.0, 0.0
    for name, aim, calls, bets in steps:
        units = sum(call.write_units for call in calls) / bets
        total, indexes = total + units, indexes + sum(call.index_units for call in calls) / bets
        rows.append(Row(f"units.bet.{name}", f"write units of a bet: {name}", units, "WCU", aim))
    return [
        *rows,
        Row("units.bet.total", "write units of a bet, placed to paid", total, "WCU", 21, 19),
        Row("units.bet.indexes", "  of them for indexes", indexes, "WCU", 0, 0),
        Row("units.largest_item", "largest item that a bet writes", market.largest_item, "bytes", 1024),
    ]


def call_rows(house: House, market: Market) -> list[Row]:
    """Return the calls of one placing with the market cached, in the worst of ten."""
    wallet = house.tables["wallet"]
    of_wallet = max(sum(call.table == wallet for call in taken.calls) for taken in market.placing)
    together = max(len(taken.calls) for taken in market.placing)
    return [
        Row("calls.placing", "calls of placing: bet's (the wallet is one)", together - of_wallet, "calls", 4, 2),
        Row("calls.placing.wallet", "calls of placing: the wallet's own", of_wallet, "calls", limit=1),
        Row("calls.placing.together", "calls of placing, together", together, "calls", 4, 3),
    ]


def growth_rows(markets: Sequence[Market]) -> list[Row]:
    """Return calls and write units of one bet in the smallest and the largest market, and how they grow."""
    counted: list[tuple[str, str, Callable[[Measurement], float]]] = [
        ("calls", "AWS calls", lambda taken: sum(call.service != "http" for call in taken.calls)),
        ("units", "WCU", lambda taken: taken.write_units),
    ]
    rows = []
    for name, unit, of in counted:
        for market in markets:
            value = market.per_bet(of)
            rows.append(Row(f"growth.{name}.{market.bets}", f"{unit} a bet, market of {market.bets:,}", value, unit))
        small, large = markets[0], markets[-1]
        what = f"growth of {unit} a bet, {small.bets:,} to {large.bets:,}"
        rows.append(Row(f"growth.{name}", what, large.per_bet(of) / small.per_bet(of), "x", 1.02, 1.0))
    return rows


def multi_rows(house: House) -> list[Row]:
    """Return what a price change writes, and what a ten-leg multi writes that its first leg decides."""
    changing, worker = house.module("bet.markets.changing"), house.module("bet.settlement.worker")
    slips, placing = house.module("bet.slips.slip"), house.module("bet.slips.placing")
    popular = new_market(house, "kpl-price", tier="POPULAR")
    with house.meter.measuring() as priced:
        changing.change_market(popular, {"odds": {**ODDS, "1": "2.10"}})
    markets = [new_market(house, f"kpl-multi-{n}", odds=dict.fromkeys(ODDS, "1.30")) for n in range(10)]
    picks = [{"marketId": market, "selectionId": f"{market}/1", "odds": "1.30"} for market in markets]
    for _ in range(MULTIS):
        slip = {"clientRequestId": uuid.uuid4().hex, "stake": STAKE, "selections": picks}
        placing.place(house.new_player(), slips.slip(slip))
    deciding, given = house.module("bet.trading.deciding"), house.module("bet.markets.given")
    for trader in TRADERS:
        results = given.Results({"1": "LOST", "2": "WON", "3": "LOST"}, {})
        decided = deciding.settle(markets[0], results, Staff(trader))
    with house.meter.measuring() as lost:
        worker.settle_bets(worker.Place(markets[0], decided.result["result_version"]), lambda: True, _set_aside)
    house.forget_changes()
    changes = priced.of("dynamodb", "UpdateItem")
    name = "write units of a ten-leg multi that its first leg loses"
    return [
        Row("units.price_change", f"write units of a price change, {len(changes)} guards", _written(changes), "WCU"),
        Row("units.multi.lost", name, _written(lost.of("dynamodb")) / MULTIS, "WCU", limit=1),
    ]


def _written(calls: Sequence[Call]) -> float:
    return sum(call.write_units for call in calls)


def _set_aside(bet: dict[str, Any]) -> None:
    raise RuntimeError(f"bet {bet['bet_id']} was set aside")


def latency_row(house: House) -> Row:
    """Return how long placing takes beside its AWS calls, in the median of many bets, with prices cached."""
    market_id, player = new_market(house, "kpl-tus-kcb-latency"), house.new_player()
    slips, placing = house.module("bet.slips.slip"), house.module("bet.slips.placing")
    ratios = []
    with _cached_prices():
        _place(house, player, market_id)
        for _ in range(LATENCY_BETS):
            slip = slips.slip(_slip(market_id))
            with house.meter.measuring() as taken:
                placing.place(player, slip)
            ratios.append(taken.seconds / sum(call.seconds for call in taken.calls))
    return Row("latency.placing", "placing beside its own AWS calls", statistics.median(ratios), "x", 1.5, 1.0)


def quote_row(house: House) -> Row:
    """Return the calls of one quote with the market cached; the wallet's own look at the account is one of them."""
    market_id, player = new_market(house, "kpl-shabana-quote"), house.new_player()
    with _cached_prices():
        for n in range(limits.MAX_GUARDS):
            house.module("bet.markets.guards").markets_for(f"{n:08x}", [market_id])
        with house.meter.measuring() as taken:
            house.ask("quoteSlip", player, {"input": _slip(market_id)}, kind="Query")
    return Row("calls.quote", "calls of a quote, together", len(taken.calls), "calls", 2, 2)


def new_market(
    house: House,
    fixture_id: str,
    odds: dict[str, str] = ODDS,
    tier: str = "STANDARD",
    starts_at: datetime | None = None,
) -> str:
    """Create a fixture with a 1X2 market, tomorrow unless said; return the market."""
    rooms = ("competition", "competitions", "fixture", "fixtures", "lines")
    competition, competitions, fixture, fixtures, lines = (house.module(f"bet.catalogue.{name}") for name in rooms)
    league = {"id": f"league-{tier}", "sportId": "sr:sport:1", "name": {"en": "FKF Premier League"}, "tier": tier}
    country = {"id": "KE", "name": {"en": "Kenya"}}
    competitions.keep_competition(competition.competition({**league, "country": country}))
    for team, name in (("gor-mahia", "Gor Mahia"), ("afc-leopards", "AFC Leopards")):
        competitions.keep_team(competition.team({"id": team, "sportId": "sr:sport:1", "name": {"en": name}}))
    start = starts_at or clock.now() + timedelta(days=1)
    made = fixtures.create_fixture(fixture.NewFixture(fixture_id, league["id"], "gor-mahia", "afc-leopards", start))
    given, kinds = house.module("bet.markets.given"), house.module("bet.markets.kinds")
    return str(lines.add_market(made, given.NewMarket(kinds.find("1"), "", dict(odds), True))["market_id"])


def _slip(*markets: str) -> dict[str, Any]:
    picks = [{"marketId": market, "selectionId": f"{market}/1", "odds": ODDS["1"]} for market in markets]
    return {"clientRequestId": uuid.uuid4().hex, "stake": STAKE, "selections": picks}


def _place(house: House, player: str, *markets: str) -> dict[str, str]:
    """Place a bet, a multi on several markets; return its key in the table, and its first market."""
    placed = house.ask("placeBet", player, {"input": _slip(*markets)}, kind="Mutation")
    if placed["status"] != "ACCEPTED":
        raise RuntimeError(f"the bet is {placed['status']}: {placed['reason']}")
    return {"user_id": player, "bet_id": placed["id"], "market_id": markets[0]}


def _settle(house: House, market_id: str, trader: str) -> None:
    """Ask for the market to be settled; the game cannot be over, so the first trader only proposes."""
    results = [{"outcomeId": outcome, "result": "WON" if outcome == "1" else "LOST"} for outcome in ODDS]
    arguments = {"marketId": market_id, "results": results}
    house.ask("settleMarket", trader, arguments, kind="Mutation", groups=("trader",))


def _copy(house: House, bet: dict[str, str], copies: int) -> None:
    """Write copies of an accepted bet and of its places on markets, each for a player of its own."""
    table = house.tables["bet"]
    originals = [_item(table, f"USER#{bet['user_id']}", f"BET#{bet['bet_id']}")]
    for leg in unmarshal(originals[0])["legs"]:
        originals.append(_item(table, f"LEGS#{leg['market_id']}#{leg['guard']}", bet["bet_id"]))
    puts = []
    for _ in range(copies):
        ids = {bet["user_id"]: str(uuid.uuid4()), bet["bet_id"]: str(uuid.uuid4())}
        puts += [{"PutRequest": {"Item": _renamed(original, ids)}} for original in originals]
    for start in range(0, len(puts), 25):
        answer = client("dynamodb").batch_write_item(RequestItems={table: puts[start : start + 25]})
        if answer["UnprocessedItems"]:
            raise RuntimeError("the emulator left copies of bets unwritten")


def _renamed(item: dict[str, Any], ids: dict[str, str]) -> dict[str, Any]:
    def text(value: str) -> str:
        for old, new in ids.items():
            value = value.replace(old, new)
        return value

    return {name: {"S": text(value["S"])} if "S" in value else value for name, value in item.items()}


def _item(table: str, pk: str, sk: str) -> dict[str, Any]:
    answer = client("dynamodb").get_item(TableName=table, Key={"pk": {"S": pk}, "sk": {"S": sk}}, ConsistentRead=True)
    return dict(answer["Item"])


def _largest_item(house: House, bet: dict[str, str]) -> int:
    """Return the size of the largest item that stands for a bet: its own, the market's, the account's, the entries'."""
    partitions = [
        (house.tables["bet"], f"USER#{bet['user_id']}"),
        (house.tables["bet"], f"GUARD#{bet['market_id']}#0"),
        (house.tables["wallet"], f"USER#{bet['user_id']}"),
    ]
    return max(
        item_bytes(item)
        for table, pk in partitions
        for item in client("dynamodb").query(
            TableName=table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": pk}},
            ConsistentRead=True,
        )["Items"]
    )


def _kept(table: str, bet: dict[str, str]) -> int:
    """Return the billed bytes that stay in a table because of a bet: each item and index entry has 100 more."""
    about = client("dynamodb").describe_table(TableName=table)["Table"]
    # The account names its last bet, and is one for all bets of its player.
    items = [item for item in _items_of(table, bet) if bet["bet_id"] in json.dumps(item) and _sk(item) != "ACCOUNT"]
    size = sum(item_bytes(item) + OVERHEAD for item in items)
    for _ in about.get("LocalSecondaryIndexes", []):
        keys = [{name: item[name] for name in ("pk", "sk", "at")} for item in items if "at" in item]
        size += sum(item_bytes(entry) + OVERHEAD for entry in keys)
    return size


def _sk(item: dict[str, Any]) -> str:
    return str(item["sk"]["S"])


def _items_of(table: str, bet: dict[str, str]) -> Iterator[dict[str, Any]]:
    """Yield the items of a bet's player, and the bet's place on its market."""
    partitions = [f"USER#{bet['user_id']}", *(f"LEGS#{bet['market_id']}#{n}" for n in range(limits.MAX_GUARDS))]
    for pk in partitions:
        pages = client("dynamodb").get_paginator("query").paginate(
            TableName=table, KeyConditionExpression="pk = :pk", ExpressionAttributeValues={":pk": {"S": pk}}
        )  # fmt: skip
        for page in pages:
            yield from page["Items"]


@contextmanager
def _cached_prices() -> Iterator[None]:
    """Stop the clock of the market cache, so that a slow machine reads no price twice."""
    moment = clock.monotonic()
    with patch.object(clock, "monotonic", lambda: moment):
        yield
