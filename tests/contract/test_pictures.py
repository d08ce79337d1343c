"""The picture in each service's README shows what its serverless.yml declares, and nothing that it does not.

In a picture a function has its own name and stands in the box `functions`; a queue is `<name>Queue[[…]]`, the table
`table[(…)]`, another service its own name; `bus`, `appsync` and `clock` are what they are called. An arrow leads from
who acts: from callers to functions, from queues to their readers, from functions to what they call or write.
"""

import re
from collections.abc import Callable
from itertools import pairwise, product
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from betsafi.events.catalog import CATALOG
from tests.support.serverless import read_yaml
from tools.base.services import packages, services, with_table

SERVICES = sorted(packages())
FILES: dict[str, dict[str, Any]] = {name: read_yaml(services()[name] / "serverless.yml") for name in SERVICES}
_PICTURE = re.compile(r"^```mermaid\nflowchart \w+\n(.*?)^```", re.MULTILINE | re.DOTALL)
_LABEL = re.compile(r' -- (?:"[^"]*"|[^">]+?) -->')
_BOX = re.compile(r"^ *subgraph (\w+).*?\n(.*?)^ *end$", re.MULTILINE | re.DOTALL)


class Picture(NamedTuple):
    """Names with their shapes, arrows, the names in the box of functions, and all of the text."""

    shapes: dict[str, str]
    arrows: set[tuple[str, str]]
    functions: set[str]
    text: str


def read(document: str) -> Picture:
    """Return the first picture of a document."""
    found = _PICTURE.search(document)
    assert found, "there is no picture"
    boxes = {name: set(re.findall(r"^ *([\w-]+)", inside, re.MULTILINE)) for name, inside in _BOX.findall(found[1])}
    shapes: dict[str, str] = {}
    arrows: set[tuple[str, str]] = set()
    for line in found[1].splitlines():
        if line.split()[0] in ("subgraph", "end"):
            continue
        groups = [
            [_node(node) for node in re.split(r" +& +", group)]
            for group in _LABEL.sub(" -->", line.strip()).split(" --> ")
        ]
        shapes |= {name: shape for group in groups for name, shape in group if shape or name not in shapes}
        arrows |= {(a, b) for left, right in pairwise(groups) for (a, _), (b, _) in product(left, right)}
    return Picture(shapes, arrows, boxes.get("functions", set()), found[1])


def _node(text: str) -> tuple[str, str]:
    found = re.fullmatch(r"([\w-]+)(.*)", text)
    assert found, f"{text!r} is no node"
    return found[1], found[2]


def _defaults(service: str) -> dict[str, Any]:
    return dict(FILES[service]["custom"]["defaults"])


def _differences(what: str, drawn: set[Any], declared: set[Any]) -> list[str]:
    return [f"{what} {one} is not in the picture" for one in sorted(declared - drawn)] + [
        f"{what} {one} is in the picture alone" for one in sorted(drawn - declared)
    ]


def functions(picture: Picture, service: str) -> list[str]:
    return _differences("the function", picture.functions, set(FILES[service]["functions"]))


def tables(picture: Picture, service: str) -> list[str]:
    drawn = {name for name, shape in picture.shapes.items() if name == "table" and shape.startswith("[(")}
    return _differences("the", drawn, {"table"} & _defaults(service).keys())


def queues(picture: Picture, service: str) -> list[str]:
    """Each queue, and the function that reads it."""
    declared = {(f"{name}Queue", about["function"]) for name, about in _defaults(service).get("queues", {}).items()}
    drawn = {name for name, shape in picture.shapes.items() if shape.startswith("[[")}
    read_by = {(a, b) for a, b in picture.arrows if a in drawn and b in picture.functions}
    return _differences("the queue", drawn, {name for name, _ in declared}) + _differences(
        "the reader", read_by, declared
    )


def subscriptions(picture: Picture, service: str) -> list[str]:
    """Each queue that the bus sends to."""
    wanted = _defaults(service).get("subscriptions", [])
    declared = {f"{each['queue']}Queue" for each in (wanted if isinstance(wanted, list) else [wanted])}
    return _differences("the subscription of", {b for a, b in picture.arrows if a == "bus"}, declared)


def schedules(picture: Picture, service: str) -> list[str]:
    """What the clock starts: a queue or a function."""
    wanted = _defaults(service).get("schedules", {}).values()
    declared = {each["function"] if "function" in each else f"{each['queue']}Queue" for each in wanted}
    return _differences("the schedule of", {b for a, b in picture.arrows if a == "clock"}, declared)


def outbox(picture: Picture, service: str) -> list[str]:
    """From the table's stream to the bus."""
    declared = {("table", "stream"), ("stream", "bus")} if "outbox" in _defaults(service) else set()
    drawn = picture.arrows & {("table", "stream"), ("stream", "bus")}
    return _differences("the outbox", drawn, declared)


def callers(picture: Picture, service: str) -> list[str]:
    """AppSync and other services, by the functions that they call."""
    declared = {("appsync", name) for name in _defaults(service).get("appsync", [])}
    for other in SERVICES:
        calls = _defaults(other).get("calls", {}).values()
        declared |= {(other, "api") for each in calls if service in each}
    drawn = {(a, b) for a, b in picture.arrows if a in ("appsync", *SERVICES) and b in picture.functions}
    return _differences("the caller", drawn, declared)


def calls(picture: Picture, service: str) -> list[str]:
    """The other services, by the functions that may call them."""
    called = _defaults(service).get("calls", {})
    declared = {
        (name, other)
        for name, about in FILES[service]["functions"].items()
        if isinstance(about, dict)
        for statement in about.get("iamRoleStatements", [])
        if "calls.js" in str(statement)
        for other in called.get(statement.rsplit(":", 1)[1].rstrip("}"), ())
    }
    drawn = {(a, b) for a, b in picture.arrows if b in SERVICES and a in picture.functions}
    return _differences("the call", drawn, declared)


CHECKS = [functions, tables, queues, subscriptions, schedules, outbox, callers, calls]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("service", SERVICES)
def test_a_picture_shows_what_is_declared(service: str, check: Callable[[Picture, str], list[str]]) -> None:
    assert check(read((services()[service] / "README.md").read_text()), service) == []


BET = (services()["bet"] / "README.md").read_text()


@pytest.mark.parametrize(
    ("check", "service", "good", "bad", "complaint"),
    [
        (functions, "bet", "    trading\n", "", "the function trading is not in the picture"),
        (
            functions,
            "bet",
            "    trading\n",
            "    trading\n    pricing\n",
            "the function pricing is in the picture",
        ),
        (tables, "bet", "table[(", "chair[(", "the table is not in the picture"),
        (queues, "bet", "settlementQueue[[", "settlementQueue[", "the queue settlementQueue is not in the picture"),
        (queues, "bet", "--> followup\n", "--> trading\n", "the reader ('followupQueue', 'followup') is not in the"),
        (
            subscriptions,
            "bet",
            "bus{{bus}} -- ",
            "boss{{boss}} -- ",
            "the subscription of settlementQueue is not in the picture",
        ),
        (outbox, "bet", "table -- stream --> stream", "table -- stream --> trading", "the outbox ('table', 'stream')"),
        (callers, "bet", "appsync -- traders", "app -- traders", "the caller ('appsync', 'trading') is not in the"),
        (calls, "bet", "--> wallet", "--> purse", "the call ('graphql', 'wallet') is not in the picture"),
        (callers, "users", "", "", "the caller ('appsync', 'trading') is in the picture alone"),
        (schedules, "wallet", "", "", "the schedule of reconcile is not in the picture"),
    ],
)
def test_a_fault_is_found(
    check: Callable[[Picture, str], list[str]], service: str, good: str, bad: str, complaint: str
) -> None:
    assert good in BET, "what is to be broken is there"
    found = check(read(BET.replace(good, bad)), service)
    assert any(problem.startswith(complaint) for problem in found), found


def _events(service: str) -> set[str]:
    """Return the events that a service publishes or subscribes to."""
    wanted = _defaults(service).get("subscriptions", [])
    taken = [each["events"] for each in (wanted if isinstance(wanted, list) else [wanted])]
    return {name for source, name in CATALOG if source == f"betsafi.{service}"} | {
        name for events in taken for names in events.values() for name in names
    }


@pytest.mark.parametrize("service", SERVICES)
def test_a_readme_names_every_event_that_comes_in_or_goes_out(service: str) -> None:
    text = Path(services()[service] / "README.md").read_text()
    lacking = {name for name in _events(service) if f"`{name}`" not in text}
    assert not lacking, f"name them under Events in {service}/README.md: {lacking}"


_KEY = re.compile(r"""["'#]([A-Z_]+)#""")


@pytest.mark.parametrize("service", with_table())
def test_a_readme_names_every_kind_of_item(service: str) -> None:
    """What stands before a `#` in a key, wherever the code makes one."""
    folder = services()[service]
    kinds = {kind for file in (folder / packages()[service]).rglob("*.py") for kind in _KEY.findall(file.read_text())}
    section = (folder / "README.md").read_text().partition("\n## Data kept\n")[2].partition("\n## ")[0]
    assert kinds
    assert {kind for kind in kinds if kind not in section} == set()
