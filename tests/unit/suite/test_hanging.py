"""A test that waits for what never comes."""

import subprocess
import sys
from pathlib import Path

from tests.support.waiting import PATIENCE_SECONDS
from tools.base.services import ROOT

HANGS = """import threading

def test_waits_for_ever():
    threading.Event().wait()
"""


def test_a_test_that_hangs_says_where_and_ends_the_run(tmp_path: Path) -> None:
    (tmp_path / "test_hangs.py").write_text(HANGS)
    config = ("-c", str(ROOT / "pyproject.toml"), "--rootdir", str(tmp_path), "-o", "faulthandler_timeout=1")
    command = [sys.executable, "-m", "pytest", *config, str(tmp_path / "test_hangs.py")]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS)
    assert ended.returncode == 1
    assert "in test_waits_for_ever" in ended.stderr
