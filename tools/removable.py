"""Say whether a stage may be removed: `python -m tools.removable dev`. Production stages never are."""

import re
import sys

PRODUCTION = re.compile(r"prod|live", re.IGNORECASE)


def is_production(stage: str) -> bool:
    """Return whether a stage is a production stage."""
    return PRODUCTION.search(stage) is not None


def main() -> int:
    """Return 0 if the stage may be removed, 1 with a sentence if it may not."""
    stage = sys.argv[1]
    if is_production(stage):
        print(f"{stage} is a production stage: its ledger is kept for years by law, so it is never removed.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
