"""What the local cloud's functions run is unpacked once for all their processes."""

import zipfile
from pathlib import Path

from localcloud.cloud.emulator_process import unpacking_once


def test_the_same_content_is_unpacked_once_and_another_beside_it(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    found, names = [], []
    for number, text in enumerate(("VALUE = 1\n", "VALUE = 1\n", "VALUE = 2\n")):
        archive, folder = tmp_path / f"{number}.zip", tmp_path / f"process-{number}"
        with zipfile.ZipFile(archive, "w") as made:
            made.writestr(zipfile.ZipInfo("package/module.py"), text)
        folder.mkdir()
        with unpacking_once(kept)(archive) as opened:
            names.append(opened.namelist())
            opened.extractall(folder)
        assert (folder / "package" / "module.py").read_text() == text
        found.append(folder.resolve())
    assert found[0] == found[1] != found[2]
    assert names == [["package/module.py"], [], ["package/module.py"]], "what is unpacked is not looked through again"
    assert {path.name for path in kept.iterdir()} == {folder.name for folder in found}
