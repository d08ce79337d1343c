"""Checks a bet against its receipt: `python -m tools.receipt --stage dev --player ID --bet ID [--hash HASH]`.

The receipt is what the player saw when the bet was accepted, word for word. Prints it in both languages, and what of
the bet, or of the hash that a player shows, is not as it says. Exit code 0: they agree; 1: they do not; 2: there is no
such bet, or it was never accepted. A bet that two people priced anew later differs from its receipt, and should.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import boto3

from bet.slips.receipt import both, differences, hash_of
from betsafi.dynamodb import Item
from tools.base import asking
from tools.base.names import table_name
from tools.reconcile.reading import item


def check(bet: Item, text: str, shown: str = "") -> list[str]:
    """Return what is not as the receipt says: of the bet, and of the hash that somebody shows."""
    found = differences(bet, text)
    if shown and shown != hash_of(text):
        found.append(f"the hash that is shown is {shown}, the receipt's is {hash_of(text)}")
    return found


def lines(text: str) -> Iterator[str]:
    """Yield a receipt as people read it, in both languages."""
    said: dict[str, Any] = json.loads(text)
    bonus = f", bonus {said['bonus']}" if "bonus" in said else ""
    yield f"bet {said['bet']} of player {said['player']}, accepted {said['acceptedAt']}, rules {said['rules']}"
    yield f"stake {said['stake']}, pays at most {said['pays']}{bonus}"
    if "system" in said:
        yield f"system {said['system']['ks']} of {len(said['legs'])}, bankers {said['system']['bankers']}"
    for n, leg in enumerate(said["legs"]):
        for language in ("en", "sw"):
            names = {name: both(leg[name])[language] for name in ("competition", "home", "away", "name", "selection")}
            yield (
                f"{n} {language}  {names['home']} - {names['away']} ({names['competition']}, {leg['startsAt']}): "
                f"{names['name']}: {names['selection']} @ {leg['odds']}"
            )


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the receipt and what disagrees; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.receipt", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--stage", required=True)
    parser.add_argument("--player", required=True, help="the player's id")
    parser.add_argument("--bet", required=True, help="the bet's id")
    parser.add_argument("--hash", default="", help="the hash that the player got with the acceptance")
    given = list(sys.argv[1:] if arguments is None else arguments)
    if "--hash" in given[:-1]:  # one in 64 begins with a hyphen, and would be taken for an option
        at = given.index("--hash")
        given[at : at + 2] = [f"--hash={given[at + 1]}"]
    asked = parser.parse_args(given)
    client, table = boto3.client("dynamodb"), table_name(asked.stage, "bet")
    bet = item(client, table, f"USER#{asked.player}", f"BET#{asked.bet}")
    if bet is None or "receipt" not in bet:
        print("There is no such bet, or it was never accepted.", file=sys.stderr)
        return 2
    first = bet["legs"][0]
    leg = item(client, table, f"LEGS#{first['market_id']}#{first['guard']}", asked.bet)
    if leg is None:
        print(f"The receipt is not there; the bet has the hash {bet['receipt']}.", file=sys.stderr)
        return 1
    text = leg["receipt"]
    found = check(bet, text, asked.hash)
    if hash_of(text) == bet["receipt"]:
        print("\n".join(lines(text)))
    print("\n".join(found) if found else f"The bet is as its receipt says: {hash_of(text)}")
    return 1 if found else 0


if __name__ == "__main__":
    asking.run(main)
