"""Counts what code really asks of AWS: hooks on the process's botocore session see every call, its time and its units.

Write units are DynamoDB's own, asked for with `ReturnConsumedCapacity=INDEXES`, so the units of indexes are in them.
`check_emulator` proves that the emulator counts those: a put of 1 unit with a keys-only index entry of 1, and twice
that for the item, not for the entry, in a transaction. (How AWS bills an entry of a *local* index inside a transaction
is not documented; the emulator takes what was measured for global ones.)

The emulator's read units are flat, so reads are counted here: one unit for each 4 KB begun, consistent or half of it.
"""

import math
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.bench.rows import Unmeasurable


@dataclass(frozen=True)
class Call:
    """One call: SDK's, or one over HTTP to another service (`service` is "http", `operation` its host, no seconds).

    `seconds` is from handing the request to the SDK to having its answer.
    """

    service: str
    operation: str
    table: str
    seconds: float
    write_units: float
    index_units: float
    read_units: float
    params: Mapping[str, Any]
    thread: int = field(default_factory=threading.get_ident)


@dataclass
class Measurement:
    """What happened while it was open."""

    calls: list[Call] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def write_units(self) -> float:
        return sum(call.write_units for call in self.calls)

    @property
    def index_units(self) -> float:
        return sum(call.index_units for call in self.calls)

    @property
    def read_units(self) -> float:
        return sum(call.read_units for call in self.calls)

    @property
    def one_after_another(self) -> list[Call]:
        """Return the calls of which each waited for the one before: those of this thread, and of the others, which it
        began side by side and waited for, those of the one that made most."""
        by_thread: dict[int, list[Call]] = defaultdict(list)
        for call in self.calls:
            by_thread[call.thread].append(call)
        own = by_thread.pop(threading.get_ident(), [])
        return [*max(by_thread.values(), key=len, default=[]), *own]

    def of(self, service: str, operation: str | None = None, table: str | None = None) -> list[Call]:
        """Return the calls of a service, or of one operation, or of one operation on one table."""
        return [
            call
            for call in self.calls
            if call.service == service and operation in (None, call.operation) and table in (None, call.table)
        ]


class Meter:
    """Every open measurement gets every call; with none open nothing is changed and nothing kept."""

    def __init__(self, session: Any) -> None:
        self._open: list[Measurement] = []
        session.register("provide-client-params", self._before)
        session.register("after-call", self._after)

    @contextmanager
    def measuring(self) -> Iterator[Measurement]:
        """Measure what the block does; measurements may nest."""
        measurement = Measurement()
        self._open.append(measurement)
        begun = time.perf_counter()
        try:
            yield measurement
        finally:
            measurement.seconds = time.perf_counter() - begun
            self._open.remove(measurement)

    def count_http(self, host: str) -> None:
        """Count one call to another service's API."""
        self._keep(Call("http", host, "", 0.0, 0.0, 0.0, 0.0, {}))

    def _keep(self, call: Call) -> None:
        for measurement in tuple(self._open):  # other threads open and end theirs
            measurement.calls.append(call)

    def _before(self, params: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> dict[str, Any] | None:
        if not self._open:
            return None
        context["bench"] = (time.perf_counter(), params)
        if "ReturnConsumedCapacity" in model.input_shape.members:
            return {**params, "ReturnConsumedCapacity": "INDEXES"}
        return None

    def _after(self, parsed: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
        if "bench" not in context:
            return
        begun, params = context["bench"]
        if "Error" in parsed:
            # A refused write costs units too, which the answer does not tell; no measured path may have one.
            raise RuntimeError(f"{model.name} failed while it was measured: {parsed['Error']}")
        is_write = model.name in _WRITES
        consumed = parsed.get("ConsumedCapacity") or [] if is_write else []
        consumed = consumed if isinstance(consumed, list) else [consumed]
        self._keep(
            Call(
                model.service_model.service_name,
                model.name,
                _table(params),
                time.perf_counter() - begun,
                sum(part["CapacityUnits"] for part in consumed),
                sum(
                    index["CapacityUnits"]
                    for part in consumed
                    for kind in ("LocalSecondaryIndexes", "GlobalSecondaryIndexes")
                    for index in part.get(kind, {}).values()
                ),
                _read_units(model.name, params, parsed),
                params,
            )
        )


_WRITES = {"PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems", "BatchWriteItem"}


def check_emulator(meter: Meter, client: Any, table_name: str) -> None:
    """Raise Unmeasurable unless the emulator counts what AWS counts for a table with the keys-only index by_time."""

    def item(sort_key: str) -> dict[str, Any]:
        return {"pk": {"S": "PROBE"}, "sk": {"S": sort_key}, "at": {"S": "2026-01-01T00:00:00.000000Z"}}

    with meter.measuring() as single:
        client.put_item(TableName=table_name, Item=item("1"))
    with meter.measuring() as transaction:
        client.transact_write_items(TransactItems=[{"Put": {"TableName": table_name, "Item": item("2")}}])
    seen = [(taken.write_units, taken.index_units) for taken in (single, transaction)]
    if seen != [(2, 1), (3, 1)]:
        raise Unmeasurable(f"the emulator counts write units of indexes as {seen}, not as [(2, 1), (3, 1)]")


def item_bytes(item: Mapping[str, Any]) -> int:
    """Return the size of an item in wire form by DynamoDB's rules: names and values, numbers by pairs of digits."""
    return sum(len(name.encode()) + _value_bytes(value) for name, value in item.items())


def _value_bytes(value: Mapping[str, Any]) -> int:
    [(kind, content)] = value.items()
    if kind == "S":
        return len(str(content).encode())
    if kind == "N":
        digits = content.lstrip("-").strip("0")
        return math.ceil(len(digits) / 2) + (2 if content.startswith("-") else 1)
    if kind in ("BOOL", "NULL"):
        return 1
    if kind == "L":
        return 3 + sum(1 + _value_bytes(part) for part in content)
    if kind == "M":
        return 3 + sum(1 + len(name.encode()) + _value_bytes(part) for name, part in content.items())
    raise Unmeasurable(f"an item has an attribute of type {kind}, whose size the bench does not know")


def _read_units(operation: str, params: Mapping[str, Any], parsed: Mapping[str, Any]) -> float:
    if operation == "GetItem":
        return _units(item_bytes(parsed.get("Item", {})), params.get("ConsistentRead", False))
    if operation == "Query":
        read = sum(map(item_bytes, parsed["Items"]))
        return _units(read, params.get("ConsistentRead", False))
    if operation == "BatchGetItem":
        units = 0.0
        for name, asked in params["RequestItems"].items():
            found = parsed["Responses"].get(name, [])
            sizes = [item_bytes(item) for item in found] + [0] * (len(asked["Keys"]) - len(found))
            units += sum(_units(size, asked.get("ConsistentRead", False)) for size in sizes)
        return units
    if operation in ("Scan", "TransactGetItems"):
        raise Unmeasurable(f"{operation} is not expected on a hot path, and the bench does not count it")
    return 0.0


def _units(size: int, consistent: bool) -> float:
    return max(1, math.ceil(size / 4096)) * (1.0 if consistent else 0.5)


def _table(params: Mapping[str, Any]) -> str:
    if "TransactItems" in params:
        names = {action["TableName"] for write in params["TransactItems"] for action in write.values()}
        return "+".join(sorted(names))
    if "RequestItems" in params:
        return "+".join(sorted(params["RequestItems"]))
    return str(params.get("TableName", ""))
