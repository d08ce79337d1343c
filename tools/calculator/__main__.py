"""What a slip pays, and why: `python -m tools.calculator` reads JSON from standard input and prints JSON."""

import argparse
import json
import sys
from collections.abc import Sequence
from typing import BinaryIO

from tools.calculator.answering import answer
from tools.calculator.reading import LARGEST, BadInput, read

_HELP = """
asked: {"stake": "137.00", "system": null, "legs": [{"odds": "1.87", "result": "WON"}, ...], "bonus": null}
      or {..., "match": {"ended": ["FIRST_HALF"], "goals": [{"side": "HOME", "period": "FIRST_HALF"}]},
          "legs": [{"odds": "1.87", "market": "sr:match:1/18/total=0.5", "outcome": "12"}, ...]}
  stake    of the whole slip, in shillings; it is split over the lines
  system   null: a single or a multi; or one of {"k": 2}, {"ks": [2, 3]}, {"kind": "TRIXIE"}, with "bankers": [0, ...]
           beside it (positions of legs from 0; K counts the others)
  legs     each with odds, a result (WON, LOST, VOID, HALF_WON, HALF_LOST, OPEN) and, where places were shared,
           "deadHeat": "1/3" (places over who shares them);
           or with a market and an outcome by their ids, which the match decides: what it leaves open is OPEN
  match    what such legs are decided by: the record of their game, or {fixture id: record, ...}; a record has "ended"
           (periods), "goals" ("side", "period", perhaps "minute") and perhaps "corners", "cards", "penalties", "score"
  bonus    null, or a ladder as the product has them: {"from": "2026-12-01", "base": "WINNINGS" or "RETURN",
           "leastOdds": "1.20", "tiers": [{"legs": 3, "percent": 5}, ...], "mostCents": null}
  placedAt when it was placed, "2026-12-01T15:00:00Z", for the taxes of that day; left out: now

answered: {"outcome", "payout", "lines": [{"legs", "stake", "return"}], "bonus", "tax"}
  outcome  WON, LOST, VOID or OPEN; of an open slip everything says what it comes to if its open legs win
  payout   shillings, floored to the cent once; stake and bonus included, before tax
  lines    legs by position; stake and return exactly: a decimal where it ends, else a fraction such as "137/3"

What is wrong is answered as {"error": {"code", "message", "field"}}, and the exit code is 2.
"""


def run(source: BinaryIO) -> tuple[int, str]:
    """Return the exit code and the JSON that answers what the source asks."""
    try:
        return 0, json.dumps(answer(read(source.read(LARGEST + 1))))
    except BadInput as error:
        told = {"code": error.code, "message": error.message, "field": error.field}
        return 2, json.dumps({"error": told})


def main(argv: Sequence[str] | None = None) -> int:
    """Answer standard input on standard output; return the exit code."""
    argparse.ArgumentParser(
        prog="python -m tools.calculator",
        description=__doc__,
        epilog=_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    ).parse_args(argv)
    code, text = run(sys.stdin.buffer)
    print(text)
    return code


if __name__ == "__main__":
    sys.exit(main())
