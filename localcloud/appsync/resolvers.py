"""Unit resolvers: direct Lambda, and APPSYNC_JS over NONE or Lambda data sources."""

import asyncio
from collections.abc import Mapping
from typing import Any

import aiohttp

from localcloud.appsync import javascript
from localcloud.appsync.deployment import Deployment
from localcloud.appsync.errors import ResolverError
from localcloud.base.emulator import Emulator, EmulatorError

RESOLVER_SECONDS = 30.0
"""How long AppSync lets a resolver run."""

Context = dict[str, Any]


async def resolve(
    emulator: Emulator,
    deployment: Deployment,
    resolver: Mapping[str, Any],
    context: Context,
    seconds: float = RESOLVER_SECONDS,
) -> tuple[Any, tuple[ResolverError, ...]]:
    """Return the field's value and the errors that its handlers appended to it.

    `context` is the resolver's ctx without result, stash and error. Raises ResolverError, of type ExecutionTimeout when
    `seconds` have passed.
    """
    if resolver.get("kind") == "PIPELINE":
        raise ResolverError("Pipeline resolvers are not served locally.", "UnsupportedOperation")
    try:
        async with asyncio.timeout(seconds):
            if resolver.get("code"):
                return await _scripted(emulator, deployment, resolver, context)
            return await _direct(emulator, deployment, resolver, context), ()
    except (TimeoutError, aiohttp.ServerTimeoutError) as error:
        raise ResolverError("Execution timed out.", "ExecutionTimeout") from error


async def _direct(emulator: Emulator, deployment: Deployment, resolver: Mapping[str, Any], context: Context) -> Any:
    source = _data_source(deployment, resolver)
    if source["type"] != "AWS_LAMBDA":
        raise ResolverError(f"A {source['type']} data source needs resolver code.", "UnsupportedOperation")
    event = {name: value for name, value in context.items() if name not in ("args", "env")}
    return await _invoke(emulator, source, {**event, "stash": {}})


async def _scripted(
    emulator: Emulator, deployment: Deployment, resolver: Mapping[str, Any], context: Context
) -> tuple[Any, tuple[ResolverError, ...]]:
    code = resolver["code"]
    asked = await javascript.evaluate(emulator, code, "request", {**context, "stash": {}})
    if asked.early:
        return asked.value, asked.appended
    seen = {**context, "stash": asked.stash, "result": None}
    try:
        seen["result"] = await _fetch(emulator, _data_source(deployment, resolver), asked.value)
    except ResolverError as error:
        seen["error"] = {"message": str(error), "type": error.error_type}
    answered = await javascript.evaluate(emulator, code, "response", seen)
    return answered.value, asked.appended + answered.appended


def _data_source(deployment: Deployment, resolver: Mapping[str, Any]) -> Mapping[str, Any]:
    name = resolver.get("dataSourceName")
    source = deployment.data_sources.get(name) if name else {"type": "NONE"}
    if source is None:
        raise ResolverError(f"No data source is named {name}.", "UnsupportedOperation")
    return source


async def _fetch(emulator: Emulator, source: Mapping[str, Any], request: Any) -> Any:
    """Carry out what request() asked for: a NONE source hands its payload back, a Lambda is invoked with it."""
    wanted = request if isinstance(request, dict) else {}
    if source["type"] == "NONE":
        return wanted.get("payload")
    if source["type"] != "AWS_LAMBDA":
        raise ResolverError(f"{source['type']} data sources are not served locally.", "UnsupportedOperation")
    if wanted.get("operation") != "Invoke":
        raise ResolverError(
            f"Unsupported operation '{wanted.get('operation')}' on a Lambda data source.", "UnsupportedOperation"
        )
    asynchronous = wanted.get("invocationType") == "Event"
    return await _invoke(emulator, source, wanted.get("payload"), asynchronous=asynchronous)


async def _invoke(emulator: Emulator, source: Mapping[str, Any], event: Any, *, asynchronous: bool = False) -> Any:
    """Return the function's value. An exception in it raises ResolverError of type Lambda:Unhandled, as on AWS."""
    function = source["lambdaConfig"]["lambdaFunctionArn"]
    try:
        outcome = await emulator.invoke(function, event, asynchronous=asynchronous)
    except EmulatorError as error:
        raise ResolverError(str(error), "Lambda:AWSLambdaException") from error
    if outcome.failed:
        described = outcome.payload if isinstance(outcome.payload, dict) else {}
        raise ResolverError(str(described.get("errorMessage")), "Lambda:Unhandled")
    return outcome.payload
