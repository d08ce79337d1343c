"""Whether an alarm would ring for what was measured in a period, by as much metric math as our alarms use."""

import math
import operator
from collections.abc import Mapping
from typing import Any

MISSING = math.nan
"""A metric without a datapoint in the period. Everything that is computed with it is missing, unless FILL fills it."""

_COMPARE = {
    "GreaterThanThreshold": operator.gt,
    "GreaterThanOrEqualToThreshold": operator.ge,
    "LessThanThreshold": operator.lt,
}


def rings(alarm: Mapping[str, Any], **measured: float) -> bool:
    """Return whether a period breaches the threshold; `measured` are metrics by id, else `value`.

    Of a metric whose EPOCH is asked for, `measured` has that moment. Raises NameError for a metric that the expression
    has and `measured` does not.
    """
    value = measured.get("value", MISSING)
    for metric in alarm.get("Metrics", ()):
        if metric.get("ReturnData"):
            value = evaluate(metric["Expression"], measured)
    if math.isnan(value):
        return bool(alarm.get("TreatMissingData") == "breaching")
    return bool(_COMPARE[alarm["ComparisonOperator"]](value, alarm["Threshold"]))


def evaluate(expression: str, measured: Mapping[str, float]) -> float:
    """Return the value of an expression in one period."""
    functions = {"IF": _if, "FILL": _fill, "SUM": _sum, "METRICS": lambda: list(measured.values())}
    known = {**functions, "EPOCH": lambda moment: moment, **measured}
    return float(eval(expression.replace(" AND ", " and "), {"__builtins__": {}}, known))


def _if(condition: bool, then: float, otherwise: float) -> float:
    return then if condition else otherwise


def _fill(values: Any, filler: float) -> Any:
    if isinstance(values, list):
        return [_fill(value, filler) for value in values]
    return filler if math.isnan(values) else values


def _sum(values: list[float]) -> float:
    return math.fsum(values)
