"""The code of docs/app.md, by the names that its first lines give."""

import re

from tools.base.services import ROOT

_BLOCK = re.compile(r"^```(?:js|python)\n((?://|#) (\w+\.\w+)\n.*?)^```$", re.MULTILINE | re.DOTALL)


def files() -> dict[str, str]:
    """Return every block of code, by the name of its file."""
    text = (ROOT / "docs" / "app.md").read_text()
    found = {name: code for code, name in _BLOCK.findall(text)}
    assert len(found) == len(re.findall(r"^```\w", text, re.MULTILINE)), "a block without a name"
    return found
