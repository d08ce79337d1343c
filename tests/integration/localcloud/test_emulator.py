"""The emulator's process: it ends with whoever started it."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.emulator import free_addresses
from tests.support.waiting import wait_for
from tools.base.services import ROOT

STARTER = """
import pathlib, sys
from localcloud.base.addresses import Addresses
from localcloud.cloud.emulator import emulator
with emulator(Addresses(int(sys.argv[1])), pathlib.Path(sys.argv[2]), print):
    print("up", flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGKILL])
def test_no_emulator_outlives_who_started_it_however_that_is_ended(tmp_path: Path, sent: signal.Signals) -> None:
    addresses = free_addresses()
    command = [sys.executable, "-c", STARTER, str(addresses.port), str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout
        wait_for(lambda: starter.stdout and starter.stdout.readline() == "up\n", "an emulator")
        assert addresses.busy() == [addresses.port]
        starter.send_signal(sent)
    wait_for(lambda: not addresses.busy(), "end of the emulator", seconds=60)
