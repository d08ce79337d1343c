"""What is deployed is read from the control plane, again when it may have changed."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import pytest

from localcloud.appsync import resolvers
from localcloud.appsync.deployment import (
    FULL_RECHECK_SECONDS,
    RECHECK_SECONDS,
    Deployment,
    Deployments,
    NoSuchApi,
)
from localcloud.appsync.errors import ResolverError
from localcloud.base.emulator import Answer, Emulator, EmulatorError

SDL = "type Query { bet: Bet } type Bet { id: ID legs: [Leg] } type Leg { odds: Float }"


class ControlPlane(Emulator):
    """An AppSync control plane of dictionaries that counts what it was asked."""

    def __init__(self) -> None:
        super().__init__("http://emulator.invalid", "eu-west-1")
        self.schemas: dict[str, str] = {"first": SDL}
        self.resolvers: list[tuple[str, str]] = [("Query", "bet")]
        self.asked: list[str] = []
        self.broken = False

    async def send(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        timeout_seconds: float | None = None,
    ) -> Answer:
        self.asked.append(path)
        if self.broken:
            return Answer(500, {}, b"out of order")
        parts = path.partition("?")[0].split("/")[3:]
        if not parts:
            return _json({"graphqlApis": [_api(api_id) for api_id in ("without-schema", *self.schemas)]})
        if parts[1] == "schema":
            sdl = self.schemas.get(parts[0])
            return Answer(200, {}, sdl.encode()) if sdl else Answer(404, {}, b"{}")
        if parts[1] == "types":
            found = [{"typeName": t, "fieldName": f} for t, f in self.resolvers if t == parts[2]]
            return _json({"resolvers": found})
        return _json({"dataSources": [{"name": "NONE", "type": "NONE"}], "apiKeys": []})


def _api(api_id: str) -> dict[str, str]:
    arn = f"arn:aws:appsync:eu-west-1:000000000000:apis/{api_id}"
    return {"apiId": api_id, "arn": arn, "authenticationType": "AWS_IAM"}


def _json(document: dict[str, Any]) -> Answer:
    return Answer(200, {}, json.dumps(document).encode())


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1000.0]
    monkeypatch.setattr("localcloud.appsync.deployment.time.monotonic", lambda: now[0])
    return now


def test_the_first_api_with_a_schema_answers_unless_one_is_named() -> None:
    async def scenario() -> None:
        control = ControlPlane()
        control.schemas["second"] = SDL
        deployments = Deployments(control)
        assert (await deployments.get()).api_id == "first"
        assert (await deployments.get("second")).api_id == "second"
        with pytest.raises(NoSuchApi):
            await deployments.get("without-schema")

    asyncio.run(scenario())


def test_a_burst_of_requests_reads_once_and_an_unchanged_api_stays_the_same_object(clock: list[float]) -> None:
    async def scenario() -> None:
        control = ControlPlane()
        deployments = Deployments(control)
        first, *others = await asyncio.gather(*(deployments.get() for _ in range(20)))
        assert all(other is first for other in others)
        assert control.asked.count("/v1/apis") == 1
        clock[0] += RECHECK_SECONDS
        assert await deployments.get() is first
        assert control.asked.count("/v1/apis") == 2

    asyncio.run(scenario())


def test_a_changed_root_resolver_or_schema_shows_at_the_next_check(clock: list[float]) -> None:
    async def scenario() -> None:
        control = ControlPlane()
        deployments = Deployments(control)
        await deployments.get()
        control.resolvers = []
        assert (await deployments.get()).resolvers
        clock[0] += RECHECK_SECONDS
        assert not (await deployments.get()).resolvers
        control.schemas["first"] = SDL.replace("odds: Float", "odds: Float market: String")
        control.resolvers = [("Leg", "market")]
        clock[0] += RECHECK_SECONDS
        assert list((await deployments.get()).resolvers) == [("Leg", "market")]

    asyncio.run(scenario())


def test_a_first_nested_resolver_shows_at_the_full_check_or_on_reload(clock: list[float]) -> None:
    async def scenario() -> None:
        control = ControlPlane()
        deployments = Deployments(control)
        await deployments.get()
        control.resolvers.append(("Bet", "legs"))
        clock[0] += RECHECK_SECONDS
        assert ("Bet", "legs") not in (await deployments.get()).resolvers
        clock[0] += FULL_RECHECK_SECONDS
        assert ("Bet", "legs") in (await deployments.get()).resolvers
        control.resolvers.append(("Leg", "odds"))
        assert await deployments.reload() == ["first"]
        assert ("Leg", "odds") in (await deployments.get()).resolvers

    asyncio.run(scenario())


def test_an_emulator_that_fails_is_not_an_empty_deployment() -> None:
    control = ControlPlane()
    control.broken = True
    with pytest.raises(EmulatorError):
        asyncio.run(Deployments(control).get())


@pytest.mark.parametrize(
    "resolver",
    [
        {"kind": "PIPELINE", "code": "export const request = () => ({})"},
        {"dataSourceName": "HTTP"},
        {"dataSourceName": "NONE"},
        {"dataSourceName": "missing"},
    ],
    ids=["pipeline", "another data source", "no code", "no data source"],
)
def test_what_the_gateway_does_not_serve_it_refuses_by_name(resolver: dict[str, Any]) -> None:
    sources = {"HTTP": {"type": "HTTP"}, "NONE": {"type": "NONE"}}
    api = Deployment(_api("first"), SDL, sources, {}, {})
    with pytest.raises(ResolverError) as refusal:
        asyncio.run(resolvers.resolve(ControlPlane(), api, resolver, {"arguments": {}}))
    assert refusal.value.error_type == "UnsupportedOperation"
