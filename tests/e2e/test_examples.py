"""What the guide to the laptop shows is run as it stands there."""

import contextlib
import io
import re

from localcloud.cloud.running import Cloud
from tools.base.services import ROOT


def test_the_app_in_python_of_getting_started_is_signed_in(cloud: Cloud) -> None:
    found = re.search(r"python -c '\n(.*?)\n *'\n", (ROOT / "docs" / "getting_started.md").read_text(), re.DOTALL)
    assert found
    lines = [line.removeprefix("  ") for line in found[1].splitlines()]
    code = "\n".join(lines).replace('Cloud(Addresses(4566), Path(".localcloud/4566"))', "cloud")
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(code, {"cloud": cloud})
    assert "'phoneNumber': '+254700000001'" in said.getvalue()
    assert "'status': 'ACTIVE'" in said.getvalue()
