"""Say whether a stage may be removed: `python -m tools.removable dev`. Production never is."""

import sys

from tools.base import stages


def main() -> int:
    """Return 0 if the stage may be removed, 1 with a sentence if it may not."""
    if sentence := stages.why_kept(sys.argv[1]):
        print(sentence)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
