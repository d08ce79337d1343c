"""MiniStack, with functions' code unpacked and compiled once: `python -P unpacked.py`, not `python -m ministack`.

MiniStack unpacks a function's code and layers anew for each of its processes, whose first second then goes into
compiling libraries. Nothing writes where a function's code is; on AWS nothing can.
"""

import hashlib
import os
import tempfile
import threading
import zipfile
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import Any

_one_at_a_time = threading.Lock()


def unpacking_once(kept: Path) -> type[zipfile.ZipFile]:
    """Return zip files that unpack each content once, into `kept`; the folder they are given becomes a link to it."""

    class Once(zipfile.ZipFile):
        @cached_property
        def _content(self) -> Path:
            assert self.filename
            return kept / hashlib.sha256(Path(self.filename).read_bytes()).hexdigest()

        def namelist(self) -> list[str]:
            """Nothing where all is unpacked: MiniStack checks each name again, which takes longer than all else."""
            return [] if self._content.exists() else super().namelist()

        def extractall(self, path: Any = None, members: Any = None, pwd: Any = None) -> None:
            with _one_at_a_time:
                if not self._content.exists():
                    unfinished = kept / "unfinished"
                    super().extractall(unfinished, members, pwd)
                    unfinished.rename(self._content)
            os.rmdir(path)
            os.symlink(self._content, path)

    return Once


def main() -> None:
    """Run MiniStack until it is stopped."""
    from ministack import app  # type: ignore[import-untyped]
    from ministack.core import lambda_runtime  # type: ignore[import-untyped]

    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryDirectory(prefix="betsafi-functions-", ignore_cleanup_errors=True) as kept:
        lambda_runtime.zipfile = SimpleNamespace(**{**vars(zipfile), "ZipFile": unpacking_once(Path(kept))})
        app.main()


if __name__ == "__main__":
    main()
