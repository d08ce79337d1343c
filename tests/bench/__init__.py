"""`make bench`: how fast and how dear the house is, as a table, each figure a count or a ratio taken in one run."""

import os

from tools.base.services import ROOT, packages

LAYER = ROOT / "layers" / "common" / "python"
SERVICES = tuple(packages())

# One line an invocation is for CloudWatch; here only what goes wrong is worth reading.
os.environ.setdefault("POWERTOOLS_LOG_LEVEL", "WARNING")
