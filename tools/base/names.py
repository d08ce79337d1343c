"""What the things of a stage are called: `betsafi-<service>-<stage>`, and after that whatever AWS or we add."""

import json
import re

from tools.base.services import ROOT, services

RENAMED = ROOT / "shared" / "serverless" / "tables.json"
"""`{"dev": {"wallet": "betsafi-wallet-dev-2"}}`: tables that took the place of a service's first one (restored)."""


def is_of_stage(name: str, stage: str) -> bool:
    """Return whether a name is that of a service's stack on this stage, or begins with it and a hyphen."""
    return re.match(rf"betsafi-({'|'.join(services())})-{re.escape(stage)}(-|$)", name) is not None


def table_name(stage: str, service: str) -> str:
    """Return the name of a service's table."""
    renamed = json.loads(RENAMED.read_text())
    return str(renamed.get(stage, {}).get(service, f"betsafi-{service}-{stage}"))
