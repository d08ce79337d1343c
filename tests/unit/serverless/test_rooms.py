"""The templates' JavaScript: no circle between its files, and the common files know no service's."""

import re
import subprocess
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

from tools.base.services import ROOT

_REQUIRED = re.compile(r"""(?:require\(|from )['"](\.[^'"]*)['"]""")


def required_by() -> dict[str, set[str]]:
    """Return what every file of ours requires of ours, by paths from the root."""
    listed = subprocess.run(["git", "ls-files", "*.js"], cwd=ROOT, capture_output=True, text=True, check=True)
    return {name: set(_required(ROOT / name)) for name in listed.stdout.split()}


def _required(file: Path) -> Iterator[str]:
    for said in _REQUIRED.findall(file.read_text()):
        path = (file.parent / said).resolve().relative_to(ROOT)
        yield str(path) if path.suffix else f"{path}.js"


def test_no_file_requires_itself_by_way_of_others() -> None:
    order = list(TopologicalSorter(required_by()).static_order())
    assert order.index("shared/serverless/names.js") < order.index("shared/serverless/defaults.js")


def test_the_common_files_require_no_service_s_and_services_only_the_common_and_their_own() -> None:
    for file, required in required_by().items():
        assert {path.split("/")[0] for path in required} <= {"shared", file.split("/")[0]}, file
