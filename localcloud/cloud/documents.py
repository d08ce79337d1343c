"""The documents of this checkout, which `make up` serves: built where something changed since they were."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.base.services import ROOT
from tools.site.pages import is_current

LOG = "documents.log"
_LEAST = 19
"""Of all that a laptop computes, this can wait."""


@contextmanager
def documents(folder: Path) -> Iterator[None]:
    """Run `make docs` beside the block, unless the documents that stand are current. What it says is in the folder.

    A build that is not done when the block ends is stopped.
    """
    if is_current():
        yield
        return
    with (folder / LOG).open("wb") as log:
        process = subprocess.Popen(
            ["make", "--no-print-directory", "docs"],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        os.setpriority(os.PRIO_PGRP, process.pid, _LEAST)
        try:
            yield
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
                process.wait()
