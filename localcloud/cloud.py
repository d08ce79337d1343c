"""The local cloud as one thing: the emulator in a child process, our own parts in threads, all services deployed."""

import asyncio
import json
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import threading
import time
import urllib.request
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route

from localcloud import appsync, certificate, cognito, daraja, inbox
from localcloud.appsync.websocket import WebSocketProtocol
from localcloud.base.addresses import CREDENTIALS, HOST, REGION, STAGE, Addresses
from localcloud.base.guard import Guard
from localcloud.callbacks import CallbackProxy
from tools.waiting import PATIENCE_SECONDS

ROOT = Path(__file__).parents[1]
_LAST_LINES = 25
RESOLVER_SECONDS = 300.0
"""A busy laptop needs longer than AppSync's 30 seconds for a first call; only a deadlock takes this long."""
Tell = Callable[[str], None]


class CannotStart(Exception):
    """The local cloud could not be brought up; the message is one sentence for a person."""


@dataclass(frozen=True)
class Cloud:
    """A running local cloud."""

    addresses: Addresses
    folder: Path

    @property
    def tls(self) -> certificate.Files:
        """The certificate that it serves https and wss with."""
        return certificate.ensure(self.folder / "tls")


@contextmanager
def local_cloud(addresses: Addresses, folder: Path, tell: Tell, *, fresh: bool = False) -> Iterator[Cloud]:
    """Run the local cloud with every service deployed until the block ends; then stop every part of it.

    State is kept in `folder`, and its logs are there; with `fresh` it starts from nothing. Raises CannotStart.
    """
    if busy := addresses.busy():
        raise CannotStart(
            f"Port {', '.join(map(str, busy))} on {HOST} is in use. Stop what listens there, or choose another first "
            f"port: make up PORT={addresses.port + 100}"
        )
    if fresh:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    cloud = Cloud(addresses, folder)
    with _emulator(addresses, folder, tell), _servers(cloud, tell):
        deploy(addresses, folder, tell)
        yield cloud


@contextmanager
def _emulator(addresses: Addresses, folder: Path, tell: Tell) -> Iterator[None]:
    log_path = folder / "emulator.log"
    environment = {
        **os.environ,
        **CREDENTIALS,
        "BIND_HOST": HOST,
        "GATEWAY_PORT": str(addresses.port),
        "MINISTACK_HOST": HOST,
        "MINISTACK_REGION": REGION,
        "AUTH": "true",
        # As on AWS: a trigger that refuses a token refuses the sign-in.
        "MINISTACK_COGNITO_PRETOKEN_STRICT": "1",
        "IOT_MTLS_ENABLED": "false",
        "PERSIST_STATE": "1",
        "STATE_DIR": str(folder / "state"),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(folder / "s3"),
    }
    started = time.monotonic()
    _forget_stream_positions(folder / "state" / "lambda.json")
    with log_path.open("ab") as log:
        # A session of its own, so that Ctrl-C reaches us alone and the emulator is stopped in order, its state saved.
        process = subprocess.Popen(
            [sys.executable, "-m", "ministack"], env=environment, stdout=log, stderr=log, start_new_session=True
        )
        try:
            _wait_for_emulator(process, addresses, log_path)
            tell(f"AWS emulator is up ({time.monotonic() - started:.1f} s)")
            yield
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            # Its Lambda workers are in its session; none outlives it.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def _forget_stream_positions(state: Path) -> None:
    """MiniStack keeps how far each stream was read but not the stream: after a restart it would skip what is new."""
    if state.exists():
        kept = json.loads(state.read_text())
        kept["payload"].pop("dynamodb_stream_positions", None)
        state.write_text(json.dumps(kept))


def _wait_for_emulator(process: "subprocess.Popen[bytes]", addresses: Addresses, log_path: Path) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise CannotStart(f"The AWS emulator ended at once; its log says why: {log_path}")
        try:
            with urllib.request.urlopen(f"{addresses.emulator}/_ministack/health", timeout=2):
                return
        except OSError:
            time.sleep(0.05)
    raise CannotStart(f"The AWS emulator was not ready within {PATIENCE_SECONDS:.0f} seconds; see its log: {log_path}")


@contextmanager
def _servers(cloud: Cloud, tell: Tell) -> Iterator[None]:
    addresses, folder = cloud.addresses, cloud.folder
    gateway = appsync.create_app(addresses.emulator, region=REGION, resolver_seconds=RESOLVER_SECONDS)
    callbacks = CallbackProxy(addresses.emulator)
    gateway.router.routes.insert(0, Route("/cb/{rest:path}", callbacks.forward, methods=["POST"]))
    tls = {"ssl_certfile": cloud.tls.certificate, "ssl_keyfile": cloud.tls.key, "lifespan": "off"}
    apps = {
        "daraja": daraja.create_app(state_file=folder / "daraja.json", deliver_to=addresses.callbacks),
        "cognito": cognito.create_app(
            addresses.emulator, region=REGION, inbox_url=addresses.inbox, seconds=RESOLVER_SECONDS
        ),
        "inbox": inbox.create_app(addresses.emulator, region=REGION, daraja_url=addresses.daraja),
    }
    groups = [
        {"appsync": _server(addresses, "appsync", gateway), "secure": _server(addresses, "secure", gateway, **tls)},
        *({name: _server(addresses, name, app)} for name, app in apps.items()),
    ]
    running = []
    try:
        for group in groups:
            thread = threading.Thread(target=run_together, args=list(group.values()), name="+".join(group), daemon=True)
            thread.start()
            running.append((group, thread))
        for group, thread in running:
            for name, server in group.items():
                _wait_for_server(name, server, thread)
        tell("AppSync gateway, Cognito, fake Daraja and inbox are up")
        yield
    finally:
        for group, _ in running:
            for server in group.values():
                server.should_exit = True
        for _, thread in running:
            thread.join(10)


def _server(addresses: Addresses, name: str, app: Starlette, **more: Any) -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(
            Guard(app),
            host=HOST,
            port=addresses.ports[name],
            ws=WebSocketProtocol if name in ("appsync", "secure") else "none",
            log_level="warning",
            timeout_graceful_shutdown=1,
            **more,
        )
    )


def run_together(*servers: uvicorn.Server) -> None:
    """Run servers of one app in one event loop: what it keeps in memory, as subscriptions, is theirs together."""

    async def run() -> None:
        await asyncio.gather(*(server.serve() for server in servers))

    asyncio.run(run())


def _wait_for_server(name: str, server: uvicorn.Server, thread: threading.Thread) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise CannotStart(f"The local {name} server did not start; what it printed above says why.")
        time.sleep(0.02)


def deploy_environment(addresses: Addresses) -> dict[str, str]:
    """Return the environment in which the serverless files deploy to this local cloud."""
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
        **CREDENTIALS,
        "AWS_ENDPOINT_URL": addresses.emulator,
        "AWS_REGION": REGION,
        "SLS_AWS_MONITORING_FREQUENCY": "250",
        "APPSYNC_URL": addresses.appsync,
        "DARAJA_URL": addresses.daraja,
        "CALLBACK_BASE_URL": addresses.callbacks,
        "PYTHON_BIN": sys.executable,
        # The emulator runs functions in its own interpreter, so the libraries' layer must fit this machine.
        "LAYER_PYTHON": f"{sys.version_info.major}.{sys.version_info.minor}",
        "LAYER_PLATFORM": _pip_platform(),
        "NODE_NO_WARNINGS": "1",
        "PATH": f"{ROOT / 'node_modules' / '.bin'}{os.pathsep}{os.environ['PATH']}",
    }


def _pip_platform() -> str:
    if platform.system() == "Darwin":
        return "macosx_11_0_arm64" if platform.machine() == "arm64" else "macosx_10_12_x86_64"
    machine = {"arm64": "aarch64", "AMD64": "x86_64"}.get(platform.machine(), platform.machine())
    musl = "musl" in (sysconfig.get_config_var("HOST_GNU_TYPE") or "")
    return f"musllinux_1_1_{machine}" if musl else f"manylinux2014_{machine}"


def deploy(addresses: Addresses, folder: Path, tell: Tell) -> None:
    """Deploy every service, or what changed of it, and say each as it is done. Raises CannotStart.

    A first failure is tried once more, and said: package registries and a busy machine fail now and then, and what was
    deployed already is found unchanged.
    """
    log_path = folder / "deploy.log"
    log_path.unlink(missing_ok=True)
    try:
        _deploy_once(addresses, log_path, tell)
    except CannotStart as failure:
        tell(f"{failure}\nTrying once more …")
        _deploy_once(addresses, log_path, tell)


def _deploy_once(addresses: Addresses, log_path: Path, tell: Tell) -> None:
    started = time.monotonic()
    failures = []
    last: dict[str, deque[str]] = defaultdict(lambda: deque(maxlen=_LAST_LINES))
    with log_path.open("a") as log:
        process = subprocess.Popen(
            ["osls-compose", "deploy", "--stage", STAGE, "--verbose"],
            cwd=ROOT,
            env=deploy_environment(addresses),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert process.stdout is not None
        for line in process.stdout:
            log.write(line)
            service, _, said = _plain(line).rstrip().partition(" › ")
            last[service.strip()].append(said)
            if re.match(r"(deployed|no changes|error|failed)", said):
                tell(f"{service.strip()}: {said} ({time.monotonic() - started:.0f} s)")
                if said.startswith(("error", "fail")):
                    failures.append(service.strip())
        code = process.wait()
    if code or failures:
        said_last = "\n".join(f"  {name}: {line}" for name in failures for line in last[name] if line.strip())
        raise CannotStart(
            f"Deploying {' and '.join(failures) or 'the services'} failed; the log is {log_path}\n{said_last}".rstrip()
        )


def _plain(line: str) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", line)


def parameter(addresses: Addresses, name: str) -> str:
    """Return a deployed SSM parameter, e.g. "users/client/id"."""
    return str(aws("ssm", addresses).get_parameter(Name=f"/betsafi/{STAGE}/{name}")["Parameter"]["Value"])


def aws(service: str, addresses: Addresses) -> Any:
    """Return a client of the emulator with the account's own credentials."""
    import boto3

    return boto3.client(
        service,
        endpoint_url=addresses.emulator,
        region_name=REGION,
        aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
    )


def get_json(url: str) -> Any:
    """Return the JSON that one of our own parts answers."""
    with urllib.request.urlopen(url, timeout=PATIENCE_SECONDS) as answer:
        return json.load(answer)


def post_json(url: str, body: Any) -> Any:
    """Post JSON to one of our own parts and return the JSON that it answers."""
    request = urllib.request.Request(
        url, json.dumps(body).encode(), {"Content-Type": "application/json"}, method="POST"
    )
    with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:
        return json.load(answer)
