"""APPSYNC_JS handlers, run by the emulator's EvaluateCode.

EvaluateCode answers with a thrown error's message alone and forgets the stash, so the resolver's module is
wrapped: the wrapper catches what the handler signals and returns it as a value.
"""

import json
from dataclasses import dataclass
from typing import Any, Literal

from localcloud.appsync.errors import ResolverError, not_authorized
from localcloud.base.emulator import Emulator, EmulatorError

_BEFORE = """\
const __state = { appended: [] };
const __raise = (kind, fields) => { throw { __signal: { kind, ...fields } }; };
const __unsupported = (name) => () => { throw new Error(name + " is not supported by the local gateway"); };
util.error = (message, errorType, data, errorInfo) =>
  __raise("error", { message, errorType: errorType ?? null, data: data ?? null, errorInfo: errorInfo ?? null });
util.appendError = (message, errorType, data, errorInfo) => { __state.appended.push(
  { message, errorType: errorType ?? null, data: data ?? null, errorInfo: errorInfo ?? null }); };
util.unauthorized = () => __raise("unauthorized", {});
runtime.earlyReturn = (value) => __raise("earlyReturn", { value: value ?? null });
for (const name of Object.keys(extensions)) extensions[name] = __unsupported("extensions." + name);
const __handlers = (() => {
"""
_AFTER = """
return {
  request: typeof request === "function" ? request : null,
  response: typeof response === "function" ? response : null,
};
})();
function __run(name, ctx) {
  __state.appended = [];
  const done = (outcome) => ({ ...outcome, stash: ctx.stash ?? {}, appended: __state.appended });
  try {
    if (!__handlers[name]) throw new Error("code does not export " + name + "()");
    return done({ kind: "value", value: __handlers[name](ctx) ?? null });
  } catch (thrown) {
    if (thrown && thrown.__signal) return done(thrown.__signal);
    return done({ kind: "error", message: String(thrown && thrown.message || thrown), errorType: "Code",
                  data: null, errorInfo: null });
  }
}
function request(ctx) { return __run("request", ctx); }
function response(ctx) { return __run("response", ctx); }
"""


@dataclass(frozen=True)
class Evaluation:
    """What a handler returned, the stash it left, the errors it appended, and whether it ended the resolver."""

    value: Any
    stash: dict[str, Any]
    appended: tuple[ResolverError, ...]
    early: bool


async def evaluate(
    emulator: Emulator, code: str, handler: Literal["request", "response"], context: dict[str, Any]
) -> Evaluation:
    """Run one handler of a resolver's module.

    Raises ResolverError for util.error, util.unauthorized and failures of the code itself (errorType `Code`).
    """
    answer = await emulator.call(
        "appsync",
        "POST",
        "/v1/dataplane-evaluatecode",
        headers={"Content-Type": "application/json"},
        body=json.dumps(
            {
                "runtime": {"name": "APPSYNC_JS", "runtimeVersion": "1.0.0"},
                "code": _BEFORE + code + _AFTER,
                "context": json.dumps(context),
                "function": handler,
            }
        ).encode(),
    )
    if answer.status != 200:
        raise EmulatorError(f"EvaluateCode answered {answer.status}: {answer.body[:200]!r}")
    body = answer.json()
    if "error" in body:
        raise ResolverError(body["error"]["message"], "Code")
    return _outcome(json.loads(body["evaluationResult"]), context["info"])


def _outcome(result: dict[str, Any], info: dict[str, Any]) -> Evaluation:
    if result["kind"] == "unauthorized":
        raise not_authorized(info["parentTypeName"], info["fieldName"])
    if result["kind"] == "error":
        raise _error(result)
    return Evaluation(
        value=result.get("value"),
        stash=result["stash"],
        appended=tuple(_error(entry) for entry in result["appended"]),
        early=result["kind"] == "earlyReturn",
    )


def _error(entry: dict[str, Any]) -> ResolverError:
    return ResolverError(str(entry.get("message")), entry["errorType"], entry["data"], entry["errorInfo"])
