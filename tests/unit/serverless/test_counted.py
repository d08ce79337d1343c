"""What the code counts for people rings, and what rings is counted: code and serverless files share only the name."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.support.serverless import in_node, template_of
from tests.unit.serverless.test_defaults import OUTBOX, QUEUE, READER, resources
from tools.base.services import packages, services

SERVICES = sorted(packages())
LAYER = services()["layers"] / "python"
FIGURES = {
    "BetRefusedForExposure": "on the operator's dashboard; a bet that is refused is told so",
    "MessageSent": "how many messages went out, by channel",
    "MessageUntaken": "the next channel has the message; the last one's failure is an event",
    "PaybillRejected": "M-Pesa tells the payer, and the limits are the house's own",
    "PaybillReturned": "it goes back by itself, and rings as a reversal where it does not",
    "PaybillSuspense": "how long money is in suspense rings, not that it came there",
    "PulledPayments": "found by the pull that is there for it",
    "SignInLocked": "the number's owner is told by SMS, and has ways back",
    "ReportUnreadable": "a report that says nothing changes nothing",
    "SignUpRefused": "taken off the failures of Cognito's triggers",
    "StreamRecordParked": "the queue that it is parked in rings",
}
"""What is counted and rings nowhere under its name, and why."""


def nodes(folder: Path) -> Iterator[ast.AST]:
    for file in folder.rglob("*.py"):
        yield from ast.walk(ast.parse(file.read_text()))


def counted(folder: Path) -> set[str]:
    """Return the names that code counts, as `betsafi.telemetry` is called."""
    return {
        str(node.args[0].value)
        for node in nodes(folder)
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", "") == "count"
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }


def texts(folder: Path) -> set[str]:
    return {node.value for node in nodes(folder) if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def measured(made: dict[str, Any]) -> set[str]:
    """Return the metrics of our own that alarms among these resources are about."""
    found = set()
    for alarm in (made["Properties"] for made in made.values() if made["Type"] == "AWS::CloudWatch::Alarm"):
        for one in [
            alarm,
            *(query["MetricStat"]["Metric"] for query in alarm.get("Metrics", ()) if "MetricStat" in query),
        ]:
            if one.get("Namespace") == "Betsafi":
                found.add(one["MetricName"])
    return found


@cache
def own_alarms(service: str) -> set[str]:
    lines = template_of(service)["custom"].get("defaults", {}).get("alarms", {})
    return measured(resources(alarms=lines)) - everybodys_alarms()


@cache
def everybodys_alarms() -> set[str]:
    schedules = {"scan": {"every": "1 day", "queue": "inbound", "message": {"scan": True}}}
    functions = {"consumer": READER, "stream": {}, "api": {}}
    return measured(resources(functions, **QUEUE, **OUTBOX, api=["GET /x"], schedules=schedules))


@pytest.mark.parametrize("service", SERVICES)
def test_what_a_service_counts_rings_or_is_a_figure(service: str) -> None:
    names = counted(services()[service] / packages()[service])
    assert names - own_alarms(service) - everybodys_alarms() <= FIGURES.keys()


def test_what_every_service_counts_rings_or_is_a_figure() -> None:
    assert counted(LAYER) - everybodys_alarms() <= FIGURES.keys()


def test_a_figure_is_counted_and_rings_nowhere() -> None:
    code = [LAYER, *(services()[name] / packages()[name] for name in SERVICES)]
    assert FIGURES.keys() <= set().union(*map(counted, code))
    assert not FIGURES.keys() & (everybodys_alarms() | set().union(*map(own_alarms, SERVICES)))


@pytest.mark.parametrize("service", SERVICES)
def test_what_a_service_s_alarm_is_about_is_measured_by_its_code(service: str) -> None:
    """In full, or by its ending: "OldestMinutes" is put behind what waits."""
    said = texts(services()[service] / packages()[service])
    endings = tuple(text for text in said if len(text) > 8)
    silent = [name for name in own_alarms(service) if not name.endswith(endings)]
    assert not silent, f"nothing in {service} counts what these alarms are about (betsafi.telemetry.count): {silent}"


def test_what_everybody_s_alarms_are_about_is_counted_by_the_layer() -> None:
    assert everybodys_alarms() <= counted(LAYER)


def test_refusals_are_counted_by_a_saved_query_in_every_service() -> None:
    """The line that it reads is held in `tests/unit/betsafi/test_handlers.py`."""
    made = in_node(
        "console.log(JSON.stringify(require('./dashboard')(given, {service: 'shop', stage: 'dev'})))",
        {"Resources": {"Logs": {"Type": "AWS::Logs::LogGroup", "Properties": {}}}},
    )
    (query,) = [one["Properties"] for one in made.values() if str(one["Properties"].get("Name")).endswith("/refusals")]
    wanted, counting, order = query["QueryString"].split(" | ")
    assert wanted == 'filter ispresent(error) and level = "INFO"'
    assert (counting, order) == ("stats count() by error", "sort `count()` desc")
    assert query["LogGroupNames"] == [{"Ref": "Logs"}]
