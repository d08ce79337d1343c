"""`make bench`: measure, print the table, write build/bench.json. BENCH_FULL=1 adds a market of 10,000 bets."""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from betsafi import aws as aws_clients
from tests.bench import ROOT, bets, contention, deposits, imports, ledger, lobby, price, rows, settling, sizes
from tests.bench.house import BATCH, House
from tests.bench.rows import Row, Unmeasurable, missing
from tests.support.emulator import CREDENTIALS, running_emulator

REPORT = ROOT / "build" / "bench.json"
BEGUN = time.monotonic()


def main() -> int:
    """Run everything; return 0 however the aims fare, 1 if something could not be measured that should have been."""
    full = os.environ.get("BENCH_FULL") == "1"
    table = [*_part("import", lambda: imports.measure(say)), *_part("size", sizes.measure), *contention.measure()]
    bills: list[str] = []
    with tempfile.TemporaryDirectory() as folder, running_emulator(Path(folder)) as url:
        _point_at(url)
        table += _part("emulator", lambda: _on_emulator(url, (100, 1_000, 10_000) if full else (100, 1_000), bills))
    failed = any(row.value is None for row in table)
    table += [
        missing("up.warm", "`make up`, warm", "s", "an absolute time; `make up` prints it itself", 60),
        missing(
            "up.redeploy", "redeploy of one function", "s", "needs the deployed local cloud, which is not up here", 5
        ),
    ]
    print("\n".join(["", *bills, "", rows.render(table), ""]))
    rows.write(table, REPORT)
    say(f"written to {REPORT.relative_to(ROOT)}")
    return 1 if failed else 0


def _part(name: str, measure: Callable[[], list[Row]]) -> list[Row]:
    """Return a part's rows, or the one row that says why there are none."""
    try:
        return measure()
    except Unmeasurable as failure:
        return [missing(name, f"all of {name}", "-", str(failure))]


def _on_emulator(url: str, market_sizes: tuple[int, ...], bills: list[str]) -> list[Row]:
    house = House(url)
    markets = []
    for size in market_sizes:
        say(f"bets: a market of {size:,}, settled and paid")
        markets.append(bets.run_market(house, size))
    say("bets: a market of 1,000 in quiet traffic")
    house.batch = 1
    quiet = bets.run_market(house, 1_000)
    house.batch = BATCH
    say(f"bets: {bets.LATENCY_BETS} placings beside their AWS calls")
    latency = bets.latency_row(house)
    say("lobby: the first page of 100 and of 10,000 fixtures")
    lobby_rows = lobby.measure(house)
    # The bill is that of the market of 1,000 bets, whatever else was run.
    bills.append(price.render_bill(markets[1]))
    bills.append("in quiet traffic, each record and message alone:\n" + price.render_bill(quiet))
    return [
        *bets.unit_rows(house, markets[0]),
        *bets.call_rows(house, markets[0]),
        *bets.growth_rows(markets),
        *bets.multi_rows(house),
        bets.quote_row(house),
        *deposits.measure(house),
        settling.settling_row(house),
        latency,
        *price.price_rows(markets[1], quiet),
        *price.multi_rows(house),
        *price.results_rows(house),
        *price.message_rows(markets[1]),
        *price.changes_rows(house),
        *lobby_rows,
        *ledger.measure(house, say),
    ]


def _point_at(url: str) -> None:
    """Let every client that this process makes from here on talk to the emulator."""
    os.environ.update({**CREDENTIALS, "AWS_ENDPOINT_URL": url, "AWS_REGION": "eu-west-1"})
    aws_clients.session.cache_clear()
    aws_clients.client.cache_clear()


def say(what: str) -> None:
    """Tell how far the run is."""
    print(f"[{time.monotonic() - BEGUN:5.1f} s] {what}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
