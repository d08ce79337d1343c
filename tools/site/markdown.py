"""How what is made of the code is written as Markdown."""

from collections.abc import Iterable, Sequence


def cell(text: str) -> str:
    """Return a text in one line, as a cell of a table holds it."""
    return " ".join(text.replace("|", "\\|").replace("<", "&lt;").split())


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; the cells' line ends become blanks."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(' '.join(text.split()) for text in line)} |" for line in lines) + "\n"
