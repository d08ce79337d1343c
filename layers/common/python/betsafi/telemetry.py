"""Logs, metrics and the thread that ties them: one structured line an invocation, ids only, EMF metrics."""

import json
import os
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from aws_lambda_powertools.logging import Logger

from betsafi import clock

logger = Logger(service=os.environ.get("SERVICE", "betsafi"), log_uncaught_exceptions=False)


@dataclass(frozen=True)
class Trace:
    """Why something happens: the request that began it all, and the event or request right before."""

    correlation_id: str = ""
    causation_id: str = ""


_NO_TRACE = Trace()
_trace: ContextVar[Trace] = ContextVar("trace", default=_NO_TRACE)


def begin(correlation_id: str, causation_id: str = "") -> None:
    """Note, in a handler, what request the work that follows belongs to; items and logs carry it on."""
    _trace.set(Trace(correlation_id, causation_id or correlation_id))
    logger.append_keys(correlation_id=correlation_id)


def trace() -> dict[str, str]:
    """Return the present trace as the attribute `trace` of an item about to be written."""
    current = _trace.get()
    return {"correlation_id": current.correlation_id, "causation_id": current.causation_id}


def count(name: str, value: int = 1, **dimensions: str) -> None:
    """Emit one CloudWatch metric in the embedded format (a log line; no call)."""
    _emit("Count", {name: [value]}, dimensions)


def gauge(name: str, value: float) -> None:
    """Emit what something measures now, which is not to be added up."""
    _emit("None", {name: [value]}, {})


def measure(values: Mapping[str, Sequence[float]]) -> None:
    """Emit what several changes measured, one value a change: their sum is the money, their number how many."""
    _emit("None", values, {})


def misconfigured(party: str, **facts: Any) -> None:
    """Count and log that a party refuses us until a person mends something of ours: the alarm Configuration, at once.

    `facts` name what is refused (a code, a path, a setting), never its value.
    """
    count("ConfigurationRefused")
    logger.error("refused until our configuration is mended", party=party, **facts)


def _emit(unit: str, values: Mapping[str, Sequence[float]], dimensions: Mapping[str, str]) -> None:
    """Print CloudWatch's embedded metric format, which takes up to 100 values of a metric."""
    about = {"service": os.environ.get("SERVICE", "betsafi"), "stage": os.environ.get("STAGE", "local"), **dimensions}
    metrics = [{"Name": name, "Unit": unit} for name in values]
    directive = {"Namespace": "Betsafi", "Dimensions": [list(about)], "Metrics": metrics}
    milliseconds = int(clock.now().timestamp() * 1000)
    envelope = {"Timestamp": milliseconds, "CloudWatchMetrics": [directive]}
    print(json.dumps({"_aws": envelope, **about, **values}, separators=(",", ":")), flush=True)
