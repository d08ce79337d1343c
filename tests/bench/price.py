"""What a million single bets cost at list prices, from placement to paid: every billed thing is a counted one.

Prices are USD per million, of AWS's public list: in the region where stages go unless told otherwise, and in us-east-1.
Counts are those of a settled market (`bets.run_market`): what happens for a bet, and its
part of what happens once for its market. Assumed, not counted:

- a function takes as long as it took in this process against the emulator, in the median, at most 100 ms, whole
  milliseconds, 512 MB; the settlement worker is not capped, its time is shared by its bets;
- one request that publishes several updates is one AppSync operation; each update reaches one phone;
- a queue's message is one request to send and its part of one to receive and one to delete its batch.

What is kept of a bet is billed by the month beside it, the firewall in rows of its own. Left out: Cognito, logs, the
archive, data transfer, connection minutes, and what an SMS costs.
"""

import math
import re
import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from unittest.mock import patch

from betsafi.dynamodb import marshal
from betsafi.events.bet import BetRejected
from betsafi.events.wallet import BalanceChanged
from frontend import log
from notifications.categories import Channel, route
from notifications.templates import TEMPLATES
from tests.bench.bets import LEGS, OVERHEAD, REAL, Market, Played, _place, new_market, play_corrections, play_multis
from tests.bench.house import House, Invocation, Traffic
from tests.bench.meter import Measurement, item_bytes
from tests.bench.packaged import Queue, functions
from tests.bench.rows import Row
from tools.base.services import ROOT
from tools.messages import kes_per_thousand

FIREWALL = 0.60
"""A request that the web ACL before AppSync looks at; the ACL with its rules is USD 9 a month."""
APPSYNC, REAL_TIME, LAMBDA, BUS, QUEUE = 4.0, 2.0, 0.2, 1.0, 0.4
"""The same in both regions, as are the prices of Lambda's time."""
GB_SECOND, MEMORY_GB, LONGEST = 0.0000133334, 0.5, 0.1
SNAPSHOT_GB_SECOND, MONTH_SECONDS = 0.0000015046, 30 * 86_400
"""A second of one GB of a function's memory in SnapStart's cache, used or not."""
QUEUE_DOORS = ("consumer", "followup", "settlement", "sms", "push", "email")
WITH_AN_APP: dict[Channel, bool] = {"PUSH": True, "SMS": True, "EMAIL": False}
"""What a player has who registered an app and verified no address."""
APPSYNC_HOST = "graphql.internal"


@dataclass(frozen=True)
class Region:
    """What is not the same everywhere. `stored`, `restorable`: a GB in DynamoDB, and of its restore points, a month."""

    name: str
    http_api: float
    write: float
    read: float
    stored: float
    restorable: float


REGIONS = {
    region.name: region
    for region in (
        Region("us-east-1", http_api=1.0, write=0.625, read=0.125, stored=0.25, restorable=0.20),
        Region("eu-west-1", http_api=1.11, write=0.705, read=0.1415, stored=0.283, restorable=0.22),
    )
}
CHEAPEST = REGIONS["us-east-1"]


def default_region() -> Region:
    """Return the region where a stage goes unless told otherwise."""
    (name,) = re.findall(r"^region: .*'([a-z0-9-]+)'", (ROOT / "shared/serverless/provider.yml").read_text(), re.M)
    return REGIONS[name]


@dataclass(frozen=True)
class Item:
    """One line of the bill: how many a bet, at what price a million."""

    what: str
    count: float
    price: float

    @property
    def usd(self) -> float:
        """USD for a million bets."""
        return self.count * self.price


def bill(market: Played, region: Region, *, notes: bool) -> list[Item]:
    """Return the lines of one bet's bill in a region: of its notes alone, or of everything but them."""

    def counted(of: Callable[[Traffic], float]) -> float:
        return of(market.own_traffic) / REAL + of(market.shared_traffic) / market.bets

    def runs(weight: Callable[[Invocation], float]) -> float:
        return counted(lambda traffic: sum(weight(run) for run in traffic.invocations if run.of_notes == notes))

    def outer(weight: Callable[[Measurement], float]) -> float:
        # What a function asks for inside another's call is in the other's measurement already.
        return runs(lambda run: 0.0 if run.nested else weight(run.measurement))

    names = {run.name for traffic in (market.own_traffic, market.shared_traffic) for run in traffic.invocations}
    requests = [Item(f"Lambda: {name}", runs(partial(_is, name)), LAMBDA) for name in sorted(names)]
    lines = [
        Item("AppSync: the app's mutations", runs(lambda run: run.name == "bet.graphql" and not run.nested), APPSYNC),
        Item("AppSync: publishing requests", counted(lambda traffic: len(_told(traffic, notes))), APPSYNC),
        Item("AppSync: updates to one phone", counted(lambda traffic: sum(_told(traffic, notes))), REAL_TIME),
        Item("HTTP APIs: calls between services", outer(_api_calls), region.http_api),
        *requests,
        Item("Lambda: GB-seconds", _gb_seconds(market, notes=notes), GB_SECOND * 1_000_000),
        Item("bus: events put", outer(_events), BUS),
        Item("queues: messages from rules", counted(lambda traffic: traffic.messages[notes]), QUEUE),
        Item("queues: batches sent by functions", outer(lambda taken: len(taken.of("sqs"))), QUEUE),
        Item("queues: batches received, deleted", runs(lambda run: 2 * (run.name.split(".")[1] in QUEUE_DOORS)), QUEUE),
        Item("DynamoDB: write units", outer(lambda taken: taken.write_units), region.write),
        Item("DynamoDB: read units", outer(lambda taken: taken.read_units), region.read),
    ]
    return [line for line in lines if line.count]


def usd(lines: Iterable[Item]) -> float:
    """Return what a million bets cost."""
    return sum(line.usd for line in lines)


def price_rows(market: Market, quiet: Market) -> list[Row]:
    """Return the price of telling players through their subscriptions, and with inbox and SMS too.

    In full batches and in quiet traffic, where each record and message comes alone; and what is kept of a bet.
    """
    here = default_region()
    told, notes = usd(bill(market, here, notes=False)), usd(bill(market, here, notes=True))
    quiet_told, quiet_notes = usd(bill(quiet, here, notes=False)), usd(bill(quiet, here, notes=True))
    cheap, quiet_cheap = (usd(bill(one, CHEAPEST, notes=False)) for one in (market, quiet))
    return [
        Row("price.bets", f"1 M single bets, told through subscriptions, in {here.name}", told, "USD", 28, 62),
        Row("price.cheapest.bets", f"  the same in {CHEAPEST.name}", cheap, "USD"),
        Row("price.firewall", "  the firewall before their requests", firewall_usd(market), "USD"),
        Row("price.bets_and_notes", "1 M single bets, with the notes of each", told + notes, "USD"),
        Row("price.quiet.bets", f"1 M single bets in quiet traffic, in {here.name}", quiet_told, "USD", 38),
        Row("price.quiet.cheapest.bets", f"  the same in {CHEAPEST.name}", quiet_cheap, "USD"),
        Row("price.quiet.firewall", "  the firewall before their requests", firewall_usd(quiet), "USD"),
        Row("price.quiet.bets_and_notes", "  with the notes of each", quiet_told + quiet_notes, "USD"),
        Row("kept.bet", "kept of a bet, as DynamoDB bills it", market.kept, "bytes"),
        Row("kept.notes", "kept of its notes", market.notes_kept, "bytes"),
        Row("price.kept", "keeping 1 M bets and their notes for a month", month_usd(market), "USD"),
        Row("price.snapshots", "caching the snapshots of a stage for a month", snapshots_usd(), "USD"),
    ]


def multi_rows(house: House) -> list[Row]:
    """Return what telling multis of five legs costs, in full batches and in quiet traffic, and without their legs.

    All win, one after the other, so that four are told before the bet is decided.
    """
    rows = []
    for name, title, batch in (("", "", house.batch), (".quiet", " in quiet traffic", 1)):
        before, house.batch = house.batch, batch
        told = usd(bill(play_multis(house), default_region(), notes=False))
        with patch.object(house.module("bet.handlers.stream"), "_has_other_results", lambda *_: False):
            untold = usd(bill(play_multis(house), default_region(), notes=False))
        house.batch = before
        rows += [
            Row(f"price.multis{name}", f"1 M multis of five legs{title}, told", told, "USD"),
            Row(f"price.multis{name}.untold", "  without what each leg has come to", untold, "USD"),
            Row(f"price.legs{name}", "  1 M legs that leave their bet open", (told - untold) / (LEGS - 1), "USD"),
        ]
    return rows


def results_rows(house: House) -> list[Row]:
    """Return what telling results costs that come after their markets' closing, by the market, whoever bet on it."""
    rows = []
    for name, title, batch in (("", "", house.batch), (".quiet", " in quiet traffic", 1)):
        before, house.batch = house.batch, batch
        told = usd(bill(play_corrections(house), default_region(), notes=False))
        with patch.object(Queue, "takes", _all_but_results):
            untold = usd(bill(play_corrections(house), default_region(), notes=False))
        house.batch = before
        what = f"1 M results of closed markets{title}, told to one phone"
        rows.append(Row(f"price.results{name}", what, told - untold, "USD"))
    return rows


_takes = Queue.takes


def _all_but_results(queue: Queue, source: str, detail_type: str) -> bool:
    """Stand for a queue's rules before results were told: settlement alone heard of them."""
    return _takes(queue, source, detail_type) and (queue.service, detail_type) != ("frontend-api", "MarketSettled")


def message_rows(market: Market) -> list[Row]:
    """Return what goes out for a thousand single bets by the channels that a player begins with, and what it costs.

    Each note takes its first channel. The notes are those that were kept; an app is assumed, not measured.
    """
    thousand = 1_000 / REAL
    categories = [TEMPLATES[template].category for template in market.own_traffic.notes]
    first = Counter(channel for category in categories for channel in route(category, {}, WITH_AN_APP)[:1])
    prices = kes_per_thousand()
    cost = first["SMS"] * (prices["sms by africastalking"] or 0) + first["PUSH"] * (prices["push by sns"] or 0)
    return [
        Row("messages.inbox", "messages per 1,000 bets: inbox", len(categories) * thousand, "notes", 2_000),
        Row("messages.push", "  of them by push, with an app", first["PUSH"] * thousand, "messages"),
        Row("messages.sms", "  of them by SMS", first["SMS"] * thousand, "SMS", 0),
        Row("messages.email", "  of them by e-mail", first["EMAIL"] * thousand, "e-mails", 0),
        Row("messages.kes", "  what they cost", cost * thousand / 1_000, "KES", 1),
    ]


def firewall_usd(market: Market) -> float:
    """Return what looking at the requests for a million bets costs: the apps' own, and those that publish."""
    requests = (line for line in bill(market, CHEAPEST, notes=False) if line.price == APPSYNC)
    return sum(line.count for line in requests) * FIREWALL


def changes_rows(house: House) -> list[Row]:
    """Return what updates without gaps cost: noting them, keeping that, and asking for what was missed."""
    player, logs = house.new_player(), house.module("frontend.stores.logs")
    begin = house.changes(player)["cursor"]
    market = new_market(house, "kpl-cut-off")
    bets = [_place(house, player, market)["bet_id"] for _ in range(log.KEPT - 1)]
    with house.meter.measuring() as noted:
        house.tell("frontend-api", BetRejected(bet_id=bets[0], user_id=player, stake_cents=1, reason="MARKET_CLOSED"))
    for bet_id in bets:
        house.tell("frontend-api", BetRejected(bet_id=bet_id, user_id=player, stake_cents=1, reason="MARKET_CLOSED"))
    house.tell("frontend-api", BalanceChanged(user_id=player, available_cents=1, held_cents=0, account_version=1))
    (item,) = logs.kept(player, None).items
    size = item_bytes(marshal(item))
    *_, before = item["entries"][:-2]
    two = house.module("frontend.cursors").cursor_at(before[0], player, logs.LOG_ID)
    house.traffic = asking = Traffic()
    with house.meter.measuring() as asked:
        missed = house.changes(player, two)
    house.traffic = Traffic()
    if (len(missed["bets"]), bool(missed["wallet"])) != (1, True):
        raise RuntimeError(f"not a bet and the balance: {missed}")
    runs = Counter(run.name for run in asking.invocations)
    seconds = sum(_billed(run.name, run.measurement.seconds) for run in asking.invocations)
    functions_usd = sum(runs.values()) * LAMBDA + seconds * MEMORY_GB * GB_SECOND * 1_000_000
    usd_a_million = APPSYNC + FIREWALL + functions_usd + asked.read_units * default_region().read
    house.changes(player, begin)
    kept_usd = _month_usd(size + OVERHEAD)
    table = house.tables["frontend-api"]
    written = sum(call.write_units for call in noted.of("dynamodb", table=table))
    return [
        Row("units.update", "write units of noting an update", written, "WCU", 1, 1),
        Row("calls.update", "calls of noting an update", len(noted.of("dynamodb", table=table)), "calls", 2, 1),
        Row("kept.log", f"a player's log with {log.KEPT} things", size, "bytes", 1024),
        Row("price.logs", "keeping the logs of 1 M players for a month", kept_usd, "USD"),
        Row("calls.changes", "reads of asking what was missed: a bet and the balance", asked.read_units, "RCU", 4),
        Row("price.changes", "asking that 1 M times, the firewall with it", usd_a_million, "USD"),
    ]


def snapshots_usd() -> float:
    """Return what a month of SnapStart's cache costs, for every function that starts from a snapshot."""
    snapshots = sum(function.snap_start for function in functions())
    return snapshots * MEMORY_GB * SNAPSHOT_GB_SECOND * MONTH_SECONDS


def month_usd(market: Market) -> float:
    """Return what a month of storage of a million bets and their notes costs, restore points included."""
    return _month_usd(market.kept + market.notes_kept)


def render_bill(market: Market) -> str:
    """Return the lines of the bill as text."""
    texts = []
    for title, notes in (("a single bet, told through subscriptions", False), ("its notes: inbox, SMS", True)):
        lines = bill(market, default_region(), notes=notes)
        texts.append(f"{title:<42}{'a bet':>9}{'USD/M':>9}{'USD':>8}")
        texts += [f"  {line.what:<40}{line.count:>9.4f}{line.price:>9.3f}{line.usd:>8.2f}" for line in lines]
        texts.append(f"  {'sum':<40}{'':>18}{usd(lines):>8.2f}")
    return "\n".join(texts)


def _month_usd(size: float) -> float:
    region = default_region()
    return size * 1_000_000 / 2**30 * (region.stored + region.restorable)


def _is(name: str, run: Invocation) -> bool:
    return run.name == name


def _told(traffic: Traffic, notes: bool) -> list[int]:
    return [updates for of_notes, updates in traffic.appsync if of_notes == notes]


def _api_calls(taken: Measurement) -> int:
    return sum(call.operation != APPSYNC_HOST for call in taken.of("http"))


def _events(taken: Measurement) -> int:
    return sum(len(call.params["Entries"]) for call in taken.of("events", "PutEvents"))


def _gb_seconds(market: Played, *, notes: bool) -> float:
    """Return the GB-seconds of one bet: each function's median time, as often as it ran."""
    seconds: dict[str, list[float]] = defaultdict(list)
    count: dict[str, float] = defaultdict(float)
    for traffic, bets in ((market.own_traffic, REAL), (market.shared_traffic, market.bets)):
        for run in traffic.invocations:
            if run.of_notes == notes:
                seconds[run.name].append(run.measurement.seconds)
                count[run.name] += 1 / bets
    return sum(count[name] * _billed(name, statistics.median(taken)) * MEMORY_GB for name, taken in seconds.items())


def _billed(name: str, seconds: float) -> float:
    billed = seconds if name == "bet.settlement" else min(seconds, LONGEST)
    return math.ceil(billed * 1000) / 1000
