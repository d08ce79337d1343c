"""State that another version kept is refused in one sentence, and never opened."""

from pathlib import Path

import pytest

from localcloud.cloud.starting import CannotStart
from localcloud.cloud.state import FORMAT, check_format


def keep(folder: Path, mark: str | None) -> Path:
    """Let a version have kept state, and its format beside it (None: it knew of none)."""
    (folder / "state").mkdir()
    if mark is not None:
        (folder / "format").write_text(mark)
    return folder


def test_new_state_is_marked_and_opened_again(tmp_path: Path) -> None:
    for _ in range(2):
        check_format(tmp_path)
        (tmp_path / "state").mkdir(exist_ok=True)
    assert (tmp_path / "format").read_text() == f"{FORMAT}\n"


@pytest.mark.parametrize("mark", [None, "1", "1\n", f"{FORMAT + 1}\n", "", "two"])
def test_state_of_another_version_is_refused_in_one_sentence_that_says_what_to_do(
    tmp_path: Path, mark: str | None
) -> None:
    """Before the format was kept, bets had a key 2 for the away side, which now is the outcome of the draw."""
    keep(tmp_path, mark)
    with pytest.raises(CannotStart) as refused:
        check_format(tmp_path)
    sentence = str(refused.value)
    assert "make up FRESH=1" in sentence
    assert sentence.count(". ") == 0
    assert sentence.endswith(".")
    assert ((tmp_path / "format").read_text() if (tmp_path / "format").exists() else None) == mark


def test_a_folder_without_state_is_no_older_version(tmp_path: Path) -> None:
    """Certificates and logs may be there from a start that came no further."""
    (tmp_path / "tls").mkdir()
    (tmp_path / "emulator.log").write_text("")
    check_format(tmp_path)
    assert (tmp_path / "format").read_text() == f"{FORMAT}\n"
