"""The real handlers of wallet, bet, payment and notifications, each imported under its own settings, outside replaced.

Only borders are patched: the factory of AWS clients, the HTTP of service-to-service calls and of `requests`, Cognito
and the clock. Whatever runs between them is the product's own code. One run at a time uses them, through `current`.
"""

import importlib
import logging
import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from types import ModuleType, SimpleNamespace
from typing import Any, Protocol
from unittest.mock import patch

import requests
from requests.adapters import HTTPAdapter

from betsafi import aws, clock, service_client, side_by_side, telemetry
from tests.simulation import dynamodb
from tests.simulation.daraja import BASE_URL, DARAJA_URL, SOURCE_ADDRESS
from tests.simulation.deployment import APPS, SERVICES
from tests.simulation.scheduler import Slot
from tests.support.people import pools_that_know_everybody
from tests.support.services import load

Handler = Callable[[dict[str, Any], Any], Any]

STAGE = "sim"
_COMMON = {"STAGE": STAGE, "BUS_NAME": "bus"}
_SETTINGS: dict[str, dict[str, str]] = {
    "wallet": {},
    "bet": {
        "WALLET_URL": "http://wallet",
        "ACCEPT_SECONDS": "10",
        "FOLLOWUP_SECONDS": "15",
        "FOLLOWUP_QUEUE_URL": "bet/followup",
        "SETTLEMENT_QUEUE_URL": "bet/settlement",
        "MAX_STAKE_CENTS": "6000000",
        "MAX_PAYOUT_CENTS": "6000000",
    },
    "payment": {
        "WALLET_URL": "http://wallet",
        "USERS_URL": "http://users",
        "DARAJA_SECRET_ID": "daraja",
        "DARAJA_URL": DARAJA_URL,
        "CALLBACK_BASE_URL": BASE_URL,
        "FOLLOWUP_QUEUE_URL": "payment/followUps",
        "ARCHIVE_BUCKET": "archive",
        "SOURCE_ADDRESSES": SOURCE_ADDRESS,
    },
    "notifications": {
        "USERS_URL": "http://users",
        "SMS_QUEUE_URL": "notifications/sms",
        "PUSH_QUEUE_URL": "notifications/push",
        "EMAIL_QUEUE_URL": "notifications/email",
    },
    APPS: {"GRAPHQL_URL": "http://appsync"},
}
_HANDLERS = {
    "wallet": ("api", "consumer", "stream", "graphql"),
    "bet": ("graphql", "trading", "stream", "followup", "settlement"),
    "payment": ("api", "graphql", "validation", "callback", "stream", "followup", "consumer"),
    "notifications": ("graphql", "consumer", "stream", "sms", "push", "email"),
    APPS: ("consumer", "graphql"),
}
_PACKAGES = {**{service: service for service in SERVICES}, APPS: "frontend"}


class Outside(Protocol):
    """What a run puts in place of everything outside the handlers."""

    def aws(self, service: str, operation: str, request: dict[str, Any]) -> Any:
        """Answer a call of an AWS client."""

    def http(self, base: str, method: str, path: str, body: str, headers: dict[str, str]) -> Any:
        """Answer a call of another service's API, as botocore's HTTP session does."""

    def daraja(self, request: requests.PreparedRequest, timeout: tuple[float, float]) -> requests.Response:
        """Answer an HTTP request to M-Pesa."""

    def publish(self, document: str, variables: dict[str, Any]) -> set[str]:
        """Answer a request of publish mutations; return the aliases of those that failed."""

    def now(self) -> datetime:
        """Return the present moment."""

    def sleep(self, seconds: float) -> None:
        """Let the present task wait."""

    def jitter(self, low: float, high: float) -> float:
        """Return a random number between two."""

    def counted(self, name: str) -> None:
        """Take notice of a metric."""


@dataclass
class Services:
    """The loaded handlers by `<service>.<handler>`, and the globals that are one process's memory, by service."""

    handlers: dict[str, Handler]
    memory: dict[str, list[Slot]]
    modules: dict[str, ModuleType]
    current: Outside | None = None
    _fresh: list[tuple[Any, str, Callable[[], Any]]] = field(default_factory=list)

    @property
    def outside(self) -> Outside:
        """The run that is going on."""
        if self.current is None:
            raise RuntimeError("no run is going on")
        return self.current

    def fresh_memory(self, service: str) -> list[Any]:
        """Return the values of a process's memory as they are after a cold start."""
        return [make() for module, name, make in self._fresh if (module, name) in self.memory[service]]


class _AwsClient:
    """Any AWS client: every operation goes to the run."""

    def __init__(self, services: Services, name: str) -> None:
        self._services, self._name = services, name

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        def call(**request: Any) -> Any:
            return self._services.outside.aws(self._name, operation, request)

        setattr(self, operation, call)
        return call


class _HttpSession:
    """In place of botocore's HTTP session inside ServiceClient."""

    def __init__(self, timeout: tuple[float, float]) -> None:
        self.timeout = timeout
        self.services: Services | None = None

    def send(self, request: SimpleNamespace) -> Any:
        return _loaded[0].outside.http(request.base, request.method, request.path, request.body, request.headers)


_loaded: list[Services] = []


@contextmanager
def installed() -> Iterator[Services]:
    """Load the services with their borders replaced; put everything back when the block ends."""
    services = Services({}, {}, {})
    with ExitStack() as stack:
        _loaded.insert(0, services)
        stack.callback(_loaded.remove, services)
        stack.enter_context(dynamodb.installed())
        _patch_borders(stack, services)
        stack.enter_context(_own_modules())
        for service in _PACKAGES:
            _load(service, services)
        _publish_through(stack, services)
        _remember_memory(services)
        yield services


def _patch_borders(stack: ExitStack, services: Services) -> None:
    session = SimpleNamespace(create_client=lambda name, **_: _AwsClient(services, name))
    aws.client.cache_clear()
    stack.callback(aws.client.cache_clear)
    stack.enter_context(patch.object(aws, "session", lambda: session))
    stack.enter_context(patch.object(service_client, "URLLib3Session", _HttpSession))
    stack.enter_context(patch.object(service_client.ServiceClient, "_signed", _unsigned))

    def send(adapter: HTTPAdapter, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        return services.outside.daraja(request, options["timeout"])

    stack.enter_context(patch.object(HTTPAdapter, "send", send))
    stack.enter_context(pools_that_know_everybody())
    stack.enter_context(patch.object(clock, "now", lambda: services.outside.now()))
    stack.enter_context(patch.object(clock, "monotonic", lambda: services.outside.now().timestamp()))
    stack.enter_context(patch.object(clock, "sleep_with_jitter", _sleeper(services)))
    stack.enter_context(patch.object(side_by_side, "ask", _one_after_another))
    stack.enter_context(patch.object(telemetry, "count", lambda name, *_, **__: services.outside.counted(name)))
    stack.enter_context(patch.object(telemetry, "gauge", lambda name, value: services.outside.counted(name)))
    level = telemetry.logger.log_level
    telemetry.logger.setLevel(logging.CRITICAL)
    stack.callback(telemetry.logger.setLevel, level)


def _unsigned(client: Any, method: str, path: str, content: str) -> SimpleNamespace:
    """Stand for SigV4, whose proof nobody checks here."""
    why = telemetry.trace()
    headers = {"X-Correlation-Id": why["correlation_id"], "X-Causation-Id": why["causation_id"]}
    return SimpleNamespace(base=client._url, method=method, path=path, body=content, headers=headers)


def _sleeper(services: Services) -> Callable[..., None]:
    def sleep_with_jitter(attempt: int, base_seconds: float = 0.02, cap_seconds: float = 0.5) -> None:
        longest = min(cap_seconds, base_seconds * 2**attempt)
        services.outside.sleep(services.outside.jitter(base_seconds / 4, longest))

    return sleep_with_jitter


def _one_after_another(*questions: Callable[[], Any]) -> list[Future[Any]]:
    """Ask what is asked side by side in one task, as a thread of its own would leave the schedule."""
    asked: list[Future[Any]] = [Future() for _ in questions]
    for future, question in zip(asked, questions, strict=True):
        try:
            future.set_result(question())
        except Exception as error:  # noqa: BLE001  it is raised where the answer is taken
            future.set_exception(error)
    return asked


@contextmanager
def _own_modules() -> Iterator[None]:
    """Give the services' packages, and the layer's modules that took a name by import, back as they were."""

    def ours(name: str) -> bool:
        return name.split(".")[0] in _PACKAGES.values()

    before = {name: module for name, module in sys.modules.items() if ours(name)}
    counting = [
        module for name, module in sys.modules.items() if name.startswith("betsafi.") and hasattr(module, "count")
    ]
    counts = [(module, module.count) for module in counting]
    for module in counting:
        module.count = telemetry.count  # type: ignore[attr-defined]
    try:
        yield
    finally:
        for module, count in counts:
            module.count = count  # type: ignore[attr-defined]
        for name in [name for name in sys.modules if ours(name)]:
            del sys.modules[name]
        sys.modules.update(before)


def _load(service: str, services: Services) -> None:
    settings = {
        **_COMMON,
        "SERVICE": service,
        "TABLE_NAME": service + "-table",
        "PARKING_URL": service + "/parking",
        **_SETTINGS[service],
    }
    package = _PACKAGES[service]
    first, *others = _HANDLERS[service]
    modules = [load(f"{package}.handlers.{first}", **settings)]
    before = dict(os.environ)
    os.environ.update(settings)
    try:
        modules += [importlib.import_module(f"{package}.handlers.{name}") for name in others]
        if service == "payment":
            importlib.import_module("payment.providers.mpesa.client")
    finally:
        os.environ.clear()
        os.environ.update(before)
    for name, module in zip(_HANDLERS[service], modules, strict=True):
        services.handlers[f"{service}.{name}"] = module.handler
    services.modules.update({name: module for name, module in sys.modules.items() if name.split(".")[0] == package})


def _publish_through(stack: ExitStack, services: Services) -> None:
    def publish(url: str, document: str, variables: dict[str, Any]) -> set[str]:
        return services.outside.publish(document, variables)

    stack.enter_context(patch.object(services.modules["frontend.appsync"], "publish", publish))


def _remember_memory(services: Services) -> None:
    modules = services.modules
    services._fresh = [
        (modules["bet.markets.guards"], "_cache", dict),
        (modules["bet.markets.guards"], "_games", dict),
        (modules["bet.slips.receipts"], "_known", dict),
        (modules["payment.providers.mpesa.credentials"], "_kept", lambda: None),
        (modules["payment.providers.mpesa.channel"], "_token", lambda: None),
    ]
    services.memory = {service: [] for service in _PACKAGES}
    for module, name, _ in services._fresh:
        services.memory[module.__name__.split(".")[0]].append((module, name))
