"""`make bench`: how fast and how dear the house is, as a table, each figure a count or a ratio taken in one run.

The layer and every service are importable from here on, as they are inside a Lambda.
"""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LAYER = ROOT / "layers" / "common" / "python"
SERVICES = ("users", "wallet", "bet", "payment", "notifications", "frontend-api")

# One line an invocation is for CloudWatch; here only what goes wrong is worth reading.
os.environ.setdefault("POWERTOOLS_LOG_LEVEL", "WARNING")

for folder in (LAYER, *(ROOT / service for service in SERVICES)):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
