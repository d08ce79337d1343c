"""The wallet's ledger: how much it adds to a bare transaction, what each operation writes, and how its audit grows."""

import json
import statistics
import time
import tracemalloc
import uuid
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from betsafi.aws import client
from betsafi.dynamodb import unmarshal
from betsafi.events.bet import BetSettled
from betsafi.events.payment import WithdrawalCompleted
from tests.bench.house import House, new_deposit
from tests.bench.rows import Row
from tools.reconcile import audit

PAIRS = 200
AUDITS = 2
AUDITED = (10_000, 100_000)


def measure(house: House, say: Callable[[str], None]) -> list[Row]:
    """Return the rows of the ledger."""
    say(f"ledger: {PAIRS} holds beside as many bare transactions")
    rows = [_speed(house)]
    say("ledger: write units of each operation")
    rows += _units(house)
    say(f"ledger: audit of {AUDITED[0]:,} and {AUDITED[1]:,} entries")
    return rows + _audits(house)


def _speed(house: House) -> Row:
    """Compare holds with the very same two-item transactions, sent bare, in turn and by one thread."""
    holds, user_id = house.module("wallet.stores.holds"), house.new_player()
    ids = iter([str(uuid.uuid4()) for _ in range(2 * PAIRS + 1)])
    pattern_id = next(ids)
    with house.meter.measuring() as taken:
        holds.place_hold(user_id, pattern_id, "BET", 100)
    [call] = taken.calls
    pattern = json.dumps(call.params["TransactItems"])
    ledger, bare = [], []
    for _ in range(PAIRS):
        hold_id = next(ids)
        ledger.append(_seconds(partial(holds.place_hold, user_id, hold_id, "BET", 100)))
        writes = json.loads(pattern.replace(pattern_id, next(ids)))
        bare.append(_seconds(partial(client("dynamodb").transact_write_items, TransactItems=writes)))
    ratio = statistics.median(ledger) / statistics.median(bare)
    return Row("ledger.hold", "a hold beside a bare 2-item transaction", ratio, "x", 1.43, 1.0)


def _units(house: House) -> list[Row]:
    """Count what each operation writes. The limit is a transaction of two items of at most 1 KB, without any index."""
    user_id = house.new_player()
    released, settled, withdrawn = (str(uuid.uuid4()) for _ in range(3))

    def pay_out() -> None:
        event = WithdrawalCompleted(
            withdrawal_id=withdrawn,
            user_id=user_id,
            amount_cents=50_050,
            paid_cents=47_500,
            withholding_cents=2_502,
            remainder_cents=48,
        )
        house.tell("wallet", event)

    def release() -> None:
        house.command("wallet", "POST", f"/holds/{released}/release", {"userId": user_id, "reason": "rejected"})

    operations: list[tuple[str, Callable[[], None]]] = [
        ("deposit", lambda: house.tell("wallet", new_deposit(user_id, 100_000))),
        ("hold", lambda: _hold(house, user_id, released, "BET", 10_000)),
        ("release", release),
        ("hold to settle", lambda: _hold(house, user_id, settled, "BET", 10_000)),
        ("settle", lambda: house.tell("wallet", _settlement(user_id, settled, 20_500))),
        ("hold to pay out", lambda: _hold(house, user_id, withdrawn, "WITHDRAWAL", 50_050)),
        ("pay out", pay_out),
    ]
    rows = []
    for name, operation in operations:
        with house.meter.measuring() as taken:
            operation()
        if " to " not in name:
            metric = f"ledger.units.{name.replace(' ', '_')}"
            rows.append(Row(metric, f"write units of the ledger: {name}", taken.write_units, "WCU", limit=4))
    return rows


def _audits(house: House) -> list[Row]:
    """Audit made-up books of two sizes in turn, as often as makes equal work; memory apart, for tracing takes time."""
    small, large = AUDITED
    books = Books(house)
    taken: dict[int, list[float]] = {size: [] for size in AUDITED}
    for _ in range(AUDITS):
        for size in AUDITED:
            taken[size].append(sum(_audit_seconds(books, size) for _ in range(large // size)) / large)
    each = {size: statistics.median(seconds) for size, seconds in taken.items()}
    peaks = {size: _audit_peak(books, size) for size in AUDITED}
    sizes = f"{small:,} to {large:,} entries"
    million = {size: seconds * 1_000_000 for size, seconds in each.items()}
    return [
        Row("audit.memory", f"audit's peak memory, {sizes}", peaks[large] / peaks[small], "x", 1.1, 1.0),
        Row("audit.time", f"audit's time an entry, {sizes}", each[large] / each[small], "x", limit=1.0),
        *(
            Row(f"audit.seconds.{size}", f"audit of {size:,}: a million entries", million[size], "s")
            for size in AUDITED
        ),
        *(Row(f"audit.peak.{size}", f"audit of {size:,}: peak memory", peaks[size] / 1000, "KB") for size in AUDITED),
    ]


class Books:
    """As many entries as wanted: copies of one real player's account, two deposits and nine settled bets."""

    def __init__(self, house: House) -> None:
        user_id = house.new_player()
        house.tell("wallet", new_deposit(user_id, 100_000))
        for n in range(9):
            # The ids hold the player's, so that every copy's are its own.
            _hold(house, user_id, f"{user_id}-{n}", "BET", 10_000)
            house.tell("wallet", _settlement(user_id, f"{user_id}-{n}", 15_000))
        answer = client("dynamodb").query(
            TableName=house.tables["wallet"],
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": f"USER#{user_id}"}},
            ConsistentRead=True,
        )
        items = [unmarshal(item) for item in answer["Items"]]
        self._user_id, self._pattern = user_id, json.dumps(items)
        self._entries = sum("postings" in item for item in items)

    def items(self, entries: int) -> Iterator[dict[str, Any]]:
        """Yield items as a scan would, in the memory of one player. Raises RuntimeError for an uneven number."""
        players, rest = divmod(entries, self._entries)
        if rest:
            raise RuntimeError(f"{entries} entries do not divide by the {self._entries} of a player")
        for player in range(players):
            yield from json.loads(self._pattern.replace(self._user_id, f"player-{player:029d}"))


def _audit_seconds(books: Books, size: int) -> float:
    """Return how long the audit alone takes, without making the items."""
    making = _seconds(lambda: deque(books.items(size), maxlen=0))
    return _seconds(lambda: _check(books, size)) - making


def _audit_peak(books: Books, size: int) -> int:
    """Return the most bytes that Python objects took during an audit; the items come one by one."""
    tracemalloc.start()
    try:
        _check(books, size)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def _check(books: Books, size: int) -> None:
    report = audit(books.items(size))
    if not report.balanced or report.entries != size:
        raise RuntimeError(f"the made-up books are wrong: {report.entries} entries, {report.problems[:3]}")


def _hold(house: House, user_id: str, hold_id: str, kind: str, cents: int) -> None:
    body = {"holdId": hold_id, "userId": user_id, "kind": kind, "amountCents": cents}
    house.command("wallet", "POST", "/holds", body, caller="bet" if kind == "BET" else "payment")


def _settlement(user_id: str, bet_id: str, payout_cents: int) -> BetSettled:
    return BetSettled(
        bet_id=bet_id,
        user_id=user_id,
        stake_cents=10_000,
        result_version=1,
        payout_cents=payout_cents,
        outcome="WON",
    )


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun
