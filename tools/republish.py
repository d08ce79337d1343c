"""Publish anew what an outbox lost: `python -m tools.republish --stage dev --service bet --id BET [--dry-run]`.

Hands items as they now stand to the service's own stream function, which publishes the events that they imply and
begins again what follows from them (follow-ups, a market's other guards, a settlement). Event ids are derived from the
data, so what consumers had before is recognised: safe to run twice. Which items: `--id` (of a fixture also what is
decided of it, which its markets then take; of wallet a player, or a bet or a payment that ended), `--market` (its
result, which restarts its settlement, and its bets), `--from` and `--to` (changed in that time), or `--parked` (what
waits in the service's StreamFailure queue, whose messages are then deleted).
"""

import argparse
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Any

import boto3
from botocore.exceptions import ClientError

from betsafi import clock
from betsafi.dynamodb import marshal, unmarshal
from betsafi.outbox import HEARTBEAT
from tools.base import asking
from tools.base.names import table_name
from wallet.rules import chains

Wire = dict[str, Any]

SORT_KEYS = {"users": "PROFILE", "wallet": "ACCOUNT", "payment": "PAYMENT"}
PREFIXES = {"users": "USER#", "wallet": "USER#", "payment": "PAYMENT#"}
_FOUND_BY_SORT_KEY = {"bet": ("BET#", "FIXTURE"), "notifications": ("NOTE#",)}
_PLANS = ("starts_at", "accept_before")
"""Times that say nothing of when an item changed."""
_BATCH = 50


def record_of(item: Wire) -> Wire:
    """Return a stream record that stands for an item (in wire form) as it now is."""
    keys = {"pk": item["pk"], "sk": item["sk"]}
    return {
        "eventID": f"republish-{item['pk']['S']}-{item['sk']['S']}",
        "eventName": "INSERT",
        "dynamodb": {"Keys": keys, "NewImage": item},
    }


class Table:
    """The table of a service on a stage, read as it is."""

    def __init__(self, stage: str, service: str) -> None:
        self._client = boto3.client("dynamodb")
        self._name, self._service = table_name(stage, service), service

    def get(self, pk: str, sk: str) -> list[Wire]:
        """Return the item under a key, or nothing."""
        key = {"pk": {"S": pk}, "sk": {"S": sk}}
        found = self._client.get_item(TableName=self._name, Key=key, ConsistentRead=True).get("Item")
        return [found] if found else []

    def by_id(self, given: str) -> list[Wire]:
        """Return the items with an id: of a player, a payment, a bet, a fixture or a note.

        Of wallet also what ended a bet or a payment.
        """
        if self._service in SORT_KEYS:
            found = self.get(PREFIXES[self._service] + given, SORT_KEYS[self._service])
            return found or (self._entries_of(given) if self._service == "wallet" else [])
        if self._service == "bet" and (fixture := self.get(f"FIXTURE#{given}", "FIXTURE")):
            return fixture + self.get(f"FIXTURE#{given}", "GAME")
        prefix = _FOUND_BY_SORT_KEY[self._service][0]
        return list(self._scan(FilterExpression="sk = :sk", ExpressionAttributeValues={":sk": {"S": prefix + given}}))

    def with_ends(self, items: Iterable[Wire]) -> Iterator[Wire]:
        """Yield items, and after an entry of the wallet's that ended a bet or a payment the account as if by it.

        An account names the last that was ended. What it says now is true of any of them.
        """
        for item in items:
            yield item
            if self._service == "wallet" and (ended := _ended_by(unmarshal(item))):
                for account in self.get(item["pk"]["S"], "ACCOUNT"):
                    yield {**account, **marshal({"cause": ended})}

    def _entries_of(self, given: str) -> list[Wire]:
        keys = {":steps": {"S": f"HOLD#{given}#"}, ":deposit": {"S": f"DEPOSIT#{given}"}}
        wanted = "begins_with(sk, :steps) OR sk = :deposit"
        return list(self._scan(FilterExpression=wanted, ExpressionAttributeValues=keys))

    def of_market(self, market_id: str) -> Iterator[Wire]:
        """Yield a market's visible guard and its result, and every bet on it."""
        guard = self.get(f"GUARD#{market_id}#0", "GUARD")
        yield from guard
        yield from self.get(f"RESULT#{market_id}", "RESULT")
        for n in range(int(guard[0]["guards"]["N"]) if guard else 0):
            for leg in self._query(f"LEGS#{market_id}#{n}"):
                yield from self.get(f"USER#{leg['user_id']['S']}", f"BET#{leg['bet_id']['S']}")

    def changed(self, since: str, until: str) -> Iterator[Wire]:
        """Yield every item that may have changed in a time: with a stamp in it, or without any."""
        for wire in self._scan():
            if wire["sk"]["S"] != HEARTBEAT and may_have_changed(unmarshal(wire), since, until):
                yield wire

    def _scan(self, **options: Any) -> Iterator[Wire]:
        for page in self._client.get_paginator("scan").paginate(TableName=self._name, ConsistentRead=True, **options):
            yield from page["Items"]

    def _query(self, pk: str) -> Iterator[Wire]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._name,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": pk}},
            ConsistentRead=True,
        )
        for page in pages:
            yield from page["Items"]


def may_have_changed(item: dict[str, Any], since: str, until: str) -> bool:
    """Return whether an item may have changed in a time; when in doubt, yes.

    An account and a market carry no time of their last change.
    """
    stamps = [
        value
        for name, value in item.items()
        if (name == "at" or name.endswith("_at")) and name not in _PLANS and isinstance(value, str)
    ]
    undated = item["sk"] in ("ACCOUNT", "GUARD", "FIXTURE", "PROFILE")
    return undated or not stamps or any(since <= stamp <= until for stamp in stamps)


def _ended_by(entry: dict[str, Any]) -> dict[str, Any] | None:
    """Return the bet or the payment whose end an entry of the wallet's posts, as an account names it."""
    if "hold" in entry:
        hold = chains.Hold(**entry["hold"])
        return chains.cause(hold) if hold.step else None
    return {"kind": "PAYMENT", "id": entry["entry_id"]} if entry.get("entry_kind") == "DEPOSIT" else None


class Parked:
    """What waits in a service's StreamFailure queue: notes of single records, and batches that Lambda gave up."""

    def __init__(self, stage: str, service: str, table: Table) -> None:
        self._sqs, self._streams, self._table = boto3.client("sqs"), boto3.client("dynamodbstreams"), table
        prefix = f"betsafi-{service}-{stage}-StreamFailureQueue"
        urls = self._sqs.list_queues(QueueNamePrefix=prefix).get("QueueUrls", [])
        if len(urls) != 1:
            raise SystemExit(f"There is no queue {prefix}.")
        self._url = urls[0]

    def messages(self) -> list[Wire]:
        """Return all messages, each hidden for as long as it takes to deal with it.

        All before the first is dealt with: a record that is parked once more would be met again, without end.
        """
        found: list[Wire] = []
        while more := self._sqs.receive_message(
            QueueUrl=self._url, MaxNumberOfMessages=10, WaitTimeSeconds=1, VisibilityTimeout=900
        ).get("Messages", []):
            found += more
        return found

    def items(self, message: Wire) -> list[Wire]:
        """Return the items that a message is about. Raises KeyError for a message of neither kind."""
        body = json.loads(message["Body"])
        if "keys" in body:
            return self._table.get(body["keys"]["pk"]["S"], body["keys"]["sk"]["S"])
        batch = body["DDBStreamBatchInfo"]
        try:
            keys = {(key["pk"]["S"], key["sk"]["S"]): None for key in self._keys(batch)}
        except ClientError:  # the stream has forgotten the batch: what changed in its time
            first, last = batch["approximateArrivalOfFirstRecord"], batch["approximateArrivalOfLastRecord"]
            return list(self._table.changed(_stamp(first, -300), _stamp(last, 300)))
        return [item for key in keys for item in self._table.get(*key)]

    def leave(self, message: Wire) -> None:
        """Let a message that was only shown be met again at once."""
        self._sqs.change_message_visibility(
            QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0
        )

    def done(self, message: Wire) -> None:
        """Delete a message that was dealt with."""
        self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])

    def _keys(self, batch: Wire) -> Iterator[Wire]:
        iterator = self._streams.get_shard_iterator(
            StreamArn=batch["streamArn"],
            ShardId=batch["shardId"],
            ShardIteratorType="AT_SEQUENCE_NUMBER",
            SequenceNumber=batch["startSequenceNumber"],
        )["ShardIterator"]
        while iterator:
            page = self._streams.get_records(ShardIterator=iterator)
            for record in page["Records"]:
                if int(record["dynamodb"]["SequenceNumber"]) > int(batch["endSequenceNumber"]):
                    return
                yield record["dynamodb"]["Keys"]
            if not page["Records"]:
                return
            iterator = page.get("NextShardIterator")


class Outbox:
    """A service's stream function on a stage."""

    def __init__(self, stage: str, service: str, *, dry_run: bool) -> None:
        self._lambda, self._dry_run = boto3.client("lambda"), dry_run
        self._name = f"betsafi-{service}-{stage}-stream"
        self.items = self.events = 0

    def hand_over(self, items: Iterable[Wire]) -> None:
        """Let the function publish what the items imply; only show it in a dry run. Raises RuntimeError if it fails."""
        batch: list[Wire] = []
        for item in items:
            batch.append(item)
            if len(batch) == _BATCH:
                self._invoke(batch)
                batch = []
        if batch:
            self._invoke(batch)

    def _invoke(self, items: Sequence[Wire]) -> None:
        event = {"Records": [record_of(item) for item in items], **({"dryRun": True} if self._dry_run else {})}
        answer = self._lambda.invoke(FunctionName=self._name, Payload=json.dumps(event).encode())
        said = json.loads(answer["Payload"].read() or b"null")
        if answer.get("FunctionError"):
            raise RuntimeError(f"{self._name} failed: {said.get('errorType')}: {said.get('errorMessage')}")
        self.items += len(items)
        self.events += len(said) if self._dry_run else said
        if self._dry_run:
            for item in items:
                print(_line(unmarshal(item)))
            for event_ in said:
                print(f"  {event_['type']} {event_['id']} {json.dumps(event_['data'])}")


def _line(item: dict[str, Any]) -> str:
    """Return how an item stands, and nothing personal."""
    shown = ("status", "version", "settlement_version", "reason", "updated_at")
    return " ".join([item["pk"], item["sk"], *(f"{name}={item[name]}" for name in shown if item.get(name) is not None)])


def _stamp(text: str, seconds: int) -> str:
    return clock.stamp(clock.parse_stamp(text) + timedelta(seconds=seconds))


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.republish", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--stage", required=True)
    parser.add_argument("--service", required=True, choices=[*SORT_KEYS, *_FOUND_BY_SORT_KEY])
    parser.add_argument("--dry-run", action="store_true", help="show the items and their events, publish nothing")
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument(
        "--id", help="of a player (users, wallet), payment, bet (wallet: what ended it), fixture or note"
    )
    which.add_argument("--market", help="of bet: restart the market's settlement, and publish its bets")
    which.add_argument("--parked", action="store_true", help="what waits in the StreamFailure queue")
    which.add_argument("--from", dest="since", help="what changed since then: 2026-11-26T08:00:00Z")
    parser.add_argument("--to", dest="until", help="and until then (now)")
    given = parser.parse_args(argv)
    if given.market and given.service != "bet":
        parser.error("only bet has markets")
    return given


def main(argv: Sequence[str] | None = None) -> int:
    """Publish anew and say how much; 1 if there was nothing."""
    given = _arguments(argv)
    table = Table(given.stage, given.service)
    outbox = Outbox(given.stage, given.service, dry_run=given.dry_run)
    if given.parked:
        parked = Parked(given.stage, given.service, table)
        for message in parked.messages():
            outbox.hand_over(table.with_ends(parked.items(message)))
            (parked.leave if given.dry_run else parked.done)(message)
    elif given.market:
        outbox.hand_over(table.of_market(given.market))
    elif given.since:
        until = _stamp(given.until, 0) if given.until else clock.stamp()
        outbox.hand_over(table.with_ends(table.changed(_stamp(given.since, 0), until)))
    else:
        outbox.hand_over(table.with_ends(table.by_id(given.id)))
    print(f"{outbox.items} items, {outbox.events} events {'to publish' if given.dry_run else 'published'}")
    return 0 if outbox.items else 1


if __name__ == "__main__":
    asking.run(main)
