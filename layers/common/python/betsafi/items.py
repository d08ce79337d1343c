"""Items as Python has them and as DynamoDB's wire does: strings, whole numbers, booleans, None, lists, maps."""

from collections.abc import Mapping
from typing import Any

Item = dict[str, Any]


# boto3 has these too, but importing them costs a cold start a sixth of its time (docs/decisions.md, 19).
def marshal(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return an item in DynamoDB's wire form. Raises TypeError for floats and anything else that items do not hold."""
    return {name: _to_wire(value) for name, value in item.items()}


def unmarshal(item: Mapping[str, Any]) -> Item:
    """Return a plain item from DynamoDB's wire form. Raises TypeError for a kind of value that items do not hold."""
    return {name: _from_wire(value) for name, value in item.items()}


def _to_wire(value: Any) -> dict[str, Any]:
    match value:
        case str():
            return {"S": value}
        case None:
            return {"NULL": True}
        case bool():
            return {"BOOL": value}
        case int():
            return {"N": str(value)}
        case list() | tuple():
            return {"L": [_to_wire(part) for part in value]}
        case Mapping():
            return {"M": marshal(value)}
    raise TypeError(f"items do not hold a {type(value).__name__}")


def _from_wire(wire: Mapping[str, Any]) -> Any:
    (kind,) = wire
    value = wire[kind]
    match kind:
        case "S" | "BOOL":
            return value
        case "N":
            return int(value)
        case "M":
            return unmarshal(value)
        case "L":
            return [_from_wire(part) for part in value]
        case "NULL":
            return None
    raise TypeError(f"items do not hold values of kind {kind}")
