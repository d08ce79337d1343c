"""Every service deployed into the local cloud, as onto AWS."""

import json
import os
import platform
import re
import subprocess
import sys
import sysconfig
import time
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import TextIO

from localcloud.base.addresses import CREDENTIALS, REGION, STAGE, Addresses
from localcloud.cloud.running import aws
from localcloud.cloud.starting import CannotStart, Report
from tools.base.services import ROOT, needs, services, websites

_LAST_LINES = 25
_NOTHING_NEW = "No changes to deploy"


_EMAIL_DOMAIN = "betsafi.example"


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
        "EMAIL_FROM": f"no-reply@{_EMAIL_DOMAIN}",
        "REGISTERS_URL": addresses.registers,
        "WEB_URL": addresses.web,
        "AFRICASTALKING_URL": f"{addresses.inbox}/africastalking",
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


def deployed() -> dict[str, Path]:
    """Return the folder of every service that is deployed here: all but the websites, which `localcloud.web` serves."""
    return {name: folder for name, folder in services().items() if name not in websites()}


class _Failed(Exception):
    """A service could not be deployed."""

    def __init__(self, service: str, said: list[str]) -> None:
        super().__init__(service)
        self.service, self.said_last = service, [line for line in said if line.strip()][-_LAST_LINES:]


class _Running:
    """The deployments that run. Once they are ended, one that begins is ended too."""

    def __init__(self) -> None:
        self._all: list[subprocess.Popen[str]] = []
        self._ended = False

    def add(self, process: "subprocess.Popen[str]") -> None:
        self._all.append(process)
        if self._ended:
            process.terminate()

    def end(self) -> None:
        self._ended = True
        for process in self._all.copy():
            process.terminate()


def verify_sender(addresses: Addresses) -> None:
    """Have SES take e-mails from us, which on AWS an operator does once for the domain."""
    aws("ses", addresses).verify_domain_identity(Domain=_EMAIL_DOMAIN)


def deploy(addresses: Addresses, folder: Path, report: Report) -> None:
    """Deploy every service, or what changed of it, and report each as it is done. Raises CannotStart.

    Each as soon as what it needs stands, with plain `sls deploy`: osls-compose asks after each what it has put out,
    which takes almost as long and is read by nobody here. Once: what fails now and then is a fault, which a second
    try would hide.
    """
    log_path, environment = folder / "deploy.log", deploy_environment(addresses)
    started = time.monotonic()
    runs: dict[str, Future[None]] = {}
    running = _Running()
    with log_path.open("w") as log, ThreadPoolExecutor(len(deployed())) as pool:

        def run(service: str) -> None:
            for needed in needs(service):
                runs[needed].result()
            said = _deploy_one(service, environment, log, running)
            done = "no changes" if any(_NOTHING_NEW in line for line in said) else "deployed"
            report(f"{service}: {done} ({time.monotonic() - started:.0f} s)")

        try:
            for service in deployed():
                runs[service] = pool.submit(run, service)
            wait(runs.values())
        except BaseException:
            running.end()
            raise
    failures = {}
    for each in runs.values():
        try:
            each.result()
        except _Failed as failure:
            failures[failure.service] = failure.said_last
    if failures:
        said_last = "\n".join(f"  {name}: {line}" for name, lines in failures.items() for line in lines)
        raise CannotStart(f"Deploying {' and '.join(failures)} failed; the log is {log_path}\n{said_last}".rstrip())


def wake(addresses: Addresses) -> None:
    """Start the functions by which services call each other, where what runs them is new. Raises CannotStart.

    On AWS they are restored from a snapshot; here the first start of one, on a busy machine, can outlast its caller.
    """
    functions = aws("lambda", addresses)
    names = [
        one["FunctionName"]
        for page in functions.get_paginator("list_functions").paginate()
        for one in page["Functions"]
    ]
    for name in sorted(name for name in names if name.endswith(f"-{STAGE}-api")):
        started = functions.invoke(FunctionName=name, Payload=json.dumps({"routeKey": "GET /"}))
        answer = json.load(started["Payload"])
        if "FunctionError" in started or answer.get("statusCode") != 404:
            raise CannotStart(f"{name} does not start: {answer}")


def _deploy_one(service: str, environment: dict[str, str], log: TextIO, running: _Running) -> list[str]:
    """Deploy a service and return the lines that were said, which are written down too. Raises _Failed."""
    command = ["sls", "deploy", "--stage", STAGE, "--verbose"]
    process = subprocess.Popen(
        command,
        cwd=services()[service],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    running.add(process)
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        said.append(_plain(line).rstrip())
        log.write(f"{service} › {said[-1]}\n")
    if process.wait():
        raise _Failed(service, said)
    return said


def _plain(line: str) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", line)
