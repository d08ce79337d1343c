"""Every service deployed into the local cloud, as onto AWS."""

import os
import platform
import re
import subprocess
import sys
import sysconfig
import time
from collections import defaultdict, deque
from pathlib import Path

from localcloud.base.addresses import CREDENTIALS, REGION, STAGE, Addresses
from localcloud.cloud.starting import CannotStart, Report
from tools.base.services import ROOT

_LAST_LINES = 25


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


def deploy(addresses: Addresses, folder: Path, report: Report) -> None:
    """Deploy every service, or what changed of it, and report each as it is done. Raises CannotStart.

    Once: what fails now and then is a fault, which a second try would hide.
    """
    log_path = folder / "deploy.log"
    started = time.monotonic()
    failures = []
    last: dict[str, deque[str]] = defaultdict(lambda: deque(maxlen=_LAST_LINES))
    with log_path.open("w") as log:
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
            service, _, text = _plain(line).rstrip().partition(" › ")
            last[service.strip()].append(text)
            if re.match(r"(deployed|no changes|error|failed)", text):
                report(f"{service.strip()}: {text} ({time.monotonic() - started:.0f} s)")
                if text.startswith(("error", "fail")):
                    failures.append(service.strip())
        code = process.wait()
    if code or failures:
        said_last = "\n".join(f"  {name}: {line}" for name in failures for line in last[name] if line.strip())
        raise CannotStart(
            f"Deploying {' and '.join(failures) or 'the services'} failed; the log is {log_path}\n{said_last}".rstrip()
        )


def _plain(line: str) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", line)
