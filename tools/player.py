"""Everything that is kept of a player, as one file: `python -m tools.player --stage dev --player ID > player.json`.

For the player who asks for it, and for a court. The same as the field `exportPlayer`, without the trail's act: whoever
runs it has the stage's credentials, and CloudTrail says who. M-Pesa's callbacks are in payment's
archive, by payment id.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence

import boto3

from betsafi.dynamodb import Item, Key, marshal, unmarshal
from tools.base import asking
from tools.base.names import table_name

PLACES: dict[str, tuple[tuple[str, str | None], ...]] = {
    "users": (("USER#{id}", None), ("TRAIL#USER#{id}", None)),
    "wallet": (("USER#{id}", None),),
    "bet": (("USER#{id}", None),),
    "payment": (("PLAYER#{id}", None), ("USER#{id}", "by_owner")),
    "notifications": (("USER#{id}", None),),
}
"""By service, the partitions of a player, each of the table or of an index."""
MOST_ITEMS = 1_000_000
"""Of one player: more is none."""


def everything(stage: str, user_id: str) -> dict[str, list[Item]]:
    """Return all that each service keeps of a player."""
    found = {
        service: [kept for pk, index in places for kept in _below(stage, service, pk.format(id=user_id), index)]
        for service, places in PLACES.items()
    }
    phones = [kept["phone_number"] for kept in found["users"] if "phone_number" in kept]
    found["users"] += _standing(stage, "users", [(f"PHONE#{phone}", "CLAIM") for phone in phones])
    # A bet's first leg has what the player saw.
    firsts = [(bet["legs"][0], bet["bet_id"]) for bet in found["bet"] if "receipt" in bet]
    legs = [(f"LEGS#{leg['market_id']}#{leg['guard']}", bet_id) for leg, bet_id in firsts]
    found["bet"] += _standing(stage, "bet", legs)
    return found


def _below(stage: str, service: str, pk: str, index: str | None) -> Iterator[Item]:
    name = "owner" if index else "pk"
    pages = (
        boto3.client("dynamodb")
        .get_paginator("query")
        .paginate(
            TableName=table_name(stage, service),
            KeyConditionExpression="#pk = :pk",
            ExpressionAttributeNames={"#pk": name},
            ExpressionAttributeValues={":pk": {"S": pk}},
            PaginationConfig={"MaxItems": MOST_ITEMS},
            **({"IndexName": index} if index else {}),
        )
    )
    for page in pages:
        yield from map(unmarshal, page["Items"])


def _standing(stage: str, service: str, keys: Sequence[Key]) -> list[Item]:
    client, table = boto3.client("dynamodb"), table_name(stage, service)
    answers = [client.get_item(TableName=table, Key=marshal({"pk": pk, "sk": sk})) for pk, sk in keys]
    return [unmarshal(answer["Item"]) for answer in answers if "Item" in answer]


def main(arguments: Sequence[str] | None = None) -> int:
    """Write everything to the standard output and say how much; return 1 where there is nothing."""
    parser = argparse.ArgumentParser(prog="python -m tools.player", description="Everything kept of a player, as JSON.")
    parser.add_argument("--stage", required=True)
    parser.add_argument("--player", required=True, help="the player's id")
    asked = parser.parse_args(arguments)
    found = everything(asked.stage, asked.player)
    json.dump(found, sys.stdout, indent=1, sort_keys=True)
    sizes = ", ".join(f"{service} {len(items)}" for service, items in found.items())
    print(f"\n{sizes}", file=sys.stderr)
    return 0 if any(found.values()) else 1


if __name__ == "__main__":
    asking.run(main)
