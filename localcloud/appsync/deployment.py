"""What is deployed: schema, resolvers, data sources and authentication modes, read from the control plane."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import quote

from graphql import DirectiveNode, GraphQLObjectType, GraphQLSchema, value_from_ast_untyped

from localcloud.appsync.scalars import build_appsync_schema
from localcloud.base.emulator import Emulator, EmulatorError

COGNITO = "AMAZON_COGNITO_USER_POOLS"
IAM = "AWS_IAM"
API_KEY = "API_KEY"

RECHECK_SECONDS = 1.0
FULL_RECHECK_SECONDS = 10.0

_ROOTS = ("Query", "Mutation", "Subscription")


class NoSuchApi(Exception):
    """No deployed GraphQL API answers to this request."""


@dataclass(frozen=True)
class UserPool:
    """A Cognito user pool whose tokens an API accepts."""

    pool_id: str
    region: str
    client_pattern: str | None

    @property
    def issuer(self) -> str:
        """The `iss` claim of the pool's tokens."""
        return f"https://cognito-idp.{self.region}.amazonaws.com/{self.pool_id}"


@dataclass(frozen=True)
class Deployment:
    """One deployed GraphQL API, as it was at the moment of reading."""

    api: Mapping[str, Any]
    sdl: str
    data_sources: Mapping[str, Mapping[str, Any]]
    resolvers: Mapping[tuple[str, str], Mapping[str, Any]]
    api_keys: Mapping[str, float]

    @property
    def api_id(self) -> str:
        """The API's identifier."""
        return str(self.api["apiId"])

    @property
    def arn(self) -> str:
        """The API's ARN."""
        return str(self.api["arn"])

    @property
    def primary_mode(self) -> str:
        """The mode that fields without a directive are open to."""
        return str(self.api["authenticationType"])

    @property
    def environment(self) -> Mapping[str, str]:
        """What resolvers read as ctx.env."""
        return self.api.get("environmentVariables") or {}

    @property
    def introspection(self) -> bool:
        """Whether clients may ask for the schema."""
        return self.api.get("introspectionConfig") != "DISABLED"

    @property
    def depth_limit(self) -> int:
        """How many levels an operation may have; 0: any number."""
        return int(self.api.get("queryDepthLimit") or 0)

    @property
    def resolver_limit(self) -> int:
        """How many resolvers one operation may run."""
        return int(self.api.get("resolverCountLimit") or 10_000)

    @cached_property
    def modes(self) -> frozenset[str]:
        """Every authentication mode that the API accepts."""
        return frozenset([self.primary_mode, *(p["authenticationType"] for p in self._additional_providers)])

    @cached_property
    def pools(self) -> tuple[UserPool, ...]:
        """The user pools of the primary and the additional modes."""
        configs = [self.api.get("userPoolConfig"), *(p.get("userPoolConfig") for p in self._additional_providers)]
        return tuple(
            UserPool(c["userPoolId"], c.get("awsRegion") or c["userPoolId"].split("_")[0], c.get("appIdClientRegex"))
            for c in configs
            if c
        )

    @cached_property
    def schema(self) -> GraphQLSchema:
        """The executable schema."""
        return build_appsync_schema(self.sdl)

    @cached_property
    def subscriptions_by_mutation(self) -> Mapping[str, tuple[str, ...]]:
        """The subscription fields that listen to each mutation, from @aws_subscribe."""
        listeners: dict[str, tuple[str, ...]] = {}
        root = self.schema.subscription_type
        for name, definition in root.fields.items() if root else ():
            for directive in definition.ast_node.directives if definition.ast_node else ():
                if directive.name.value == "aws_subscribe":
                    for mutation in string_list(directive, "mutations") or ():
                        listeners[mutation] = (*listeners.get(mutation, ()), name)
        return listeners

    @property
    def _additional_providers(self) -> list[dict[str, Any]]:
        return self.api.get("additionalAuthenticationProviders") or []


def string_list(directive: DirectiveNode, argument_name: str) -> list[str] | None:
    """Return a directive's argument as a list of strings (one string counts as a list), None if absent."""
    for argument in directive.arguments:
        if argument.name.value == argument_name:
            value = value_from_ast_untyped(argument.value)
            return value if isinstance(value, list) else [value]
    return None


class Deployments:
    """The emulator's GraphQL APIs, read again when a request comes and the last reading is old.

    A change of the API, its schema, its data sources or any resolver known so far shows within
    RECHECK_SECONDS; a first resolver on a type that had none, within FULL_RECHECK_SECONDS.
    """

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self._by_id: dict[str, Deployment] = {}
        self._read_at = -FULL_RECHECK_SECONDS
        self._fully_read_at = -FULL_RECHECK_SECONDS
        self._lock = asyncio.Lock()

    async def get(self, api_id: str | None = None) -> Deployment:
        """Return the API with this id, or the first that has a schema. Raises NoSuchApi."""
        await self._refresh_if_old()
        found = self._by_id.get(api_id) if api_id else next(iter(self._by_id.values()), None)
        if found is None:
            raise NoSuchApi(api_id or "no GraphQL API with a schema is deployed")
        return found

    async def reload(self) -> list[str]:
        """Read everything now and return the ids of the APIs."""
        async with self._lock:
            await self._refresh(full=True)
        return list(self._by_id)

    async def _refresh_if_old(self) -> None:
        if time.monotonic() - self._read_at < RECHECK_SECONDS:
            return
        async with self._lock:
            now = time.monotonic()
            if now - self._read_at >= RECHECK_SECONDS:
                await self._refresh(full=now - self._fully_read_at >= FULL_RECHECK_SECONDS)

    async def _refresh(self, *, full: bool) -> None:
        apis = (await self._emulator.read("appsync", "/v1/apis"))["graphqlApis"]
        readings = await asyncio.gather(*(self._read_api(api, full=full) for api in apis))
        self._by_id = {d.api_id: d for d in readings if d is not None}
        self._read_at = time.monotonic()
        if full:
            self._fully_read_at = self._read_at

    async def _read_api(self, api: dict[str, Any], *, full: bool) -> Deployment | None:
        """Return the API, the same object as before if nothing changed; None while it has no schema."""
        base = f"/v1/apis/{quote(api['apiId'])}"
        before = self._by_id.get(api["apiId"])
        schema = await self._emulator.call("appsync", "GET", f"{base}/schema?format=SDL")
        if schema.status == 404:
            return None
        if schema.status != 200:
            raise EmulatorError(f"schema of {api['apiId']} answered {schema.status}")
        sdl = schema.body.decode()
        if before is None or before.sdl != sdl:
            before, full = None, True
        sources, keys = await asyncio.gather(
            self._emulator.read("appsync", f"{base}/datasources"),
            self._emulator.read("appsync", f"{base}/apikeys"),
        )
        now = Deployment(
            api=api,
            sdl=sdl,
            data_sources={source["name"]: source for source in sources["dataSources"]},
            resolvers=await self._read_resolvers(base, _types_to_read(before, sdl, full=full)),
            api_keys={key["id"]: key["expires"] for key in keys["apiKeys"]},
        )
        return before if now == before else now

    async def _read_resolvers(self, base: str, types: list[str]) -> dict[tuple[str, str], Mapping[str, Any]]:
        lists = await asyncio.gather(
            *(self._emulator.read("appsync", f"{base}/types/{quote(name)}/resolvers") for name in types)
        )
        return {(r["typeName"], r["fieldName"]): r for answer in lists for r in answer["resolvers"]}


def _types_to_read(before: Deployment | None, sdl: str, *, full: bool) -> list[str]:
    if before is not None and not full:
        return sorted({*_ROOTS, *(type_name for type_name, _ in before.resolvers)})
    schema = before.schema if before is not None else build_appsync_schema(sdl)
    return [
        name
        for name, kind in schema.type_map.items()
        if isinstance(kind, GraphQLObjectType) and not name.startswith("__")
    ]
