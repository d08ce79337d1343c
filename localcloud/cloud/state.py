"""In which form the state of a local cloud is kept, so that no version opens what it would misread."""

from pathlib import Path

from localcloud.cloud.starting import CannotStart

FORMAT = 3
"""Grows when items of the version before would be misread. 1: markets without kinds, bets with keys 1, X and 2; 2:
stops that say nothing of the money, wallets frozen by themselves."""


def check_format(folder: Path) -> None:
    """Mark state that begins now with this version's format. Raises CannotStart for state of another one."""
    mark = folder / "format"
    if (folder / "state").exists():
        kept = mark.read_text().strip() if mark.exists() else "1"
        if kept != str(FORMAT):
            raise CannotStart(
                f"The state in {folder} was kept by another version (format {kept}; this one has {FORMAT}) and cannot "
                "be opened: `make up FRESH=1` forgets it and starts anew."
            )
    mark.write_text(f"{FORMAT}\n")
