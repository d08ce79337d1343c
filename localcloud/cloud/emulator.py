"""The AWS emulator, in a process of its own."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from localcloud.base.addresses import CREDENTIALS, HOST, REGION, Addresses
from localcloud.cloud import emulator_process
from localcloud.cloud.starting import CannotStart, Report
from tools.base.waiting import PATIENCE_SECONDS


@contextmanager
def emulator(addresses: Addresses, folder: Path, report: Report) -> Iterator[None]:
    """Run the emulator until the block ends; its state and its log are in `folder`. Raises CannotStart."""
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
    # A session of its own, so that Ctrl-C reaches us alone and the emulator is stopped in order, its state saved.
    with (
        log_path.open("ab") as log,
        subprocess.Popen(
            [sys.executable, "-P", emulator_process.__file__],
            env=environment,
            stdin=subprocess.PIPE,  # which ends with us
            stdout=log,
            stderr=log,
            start_new_session=True,
        ) as process,
    ):
        try:
            _wait_for_emulator(process, addresses, log_path)
            report(f"AWS emulator is up ({time.monotonic() - started:.1f} s)")
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
