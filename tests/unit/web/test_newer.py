"""What the app shows of a thing that was fetched and pushed: the state with the higher version, whichever came last."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
NEWER = ROOT / "clients" / "web" / "src" / "api" / "newer.ts"
ASKED = f"""
import {{ inPlace, into, newest, newestEach, newestList }} from '{NEWER}';
import {{ readFileSync }} from 'node:fs';
const [name, had, got] = JSON.parse(readFileSync(0, 'utf8'));
console.log(JSON.stringify({{ inPlace, into, newest, newestEach, newestList }}[name](had ?? undefined, got, 'at')));
"""

Thing = dict[str, Any]


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("newer")
    (folder / "asked.mjs").write_text(ASKED)
    given = ["asked.mjs", "--bundle", "--format=esm", "--platform=node", "--outfile=bundled.mjs"]
    subprocess.run([ROOT / "node_modules" / ".bin" / "esbuild", *given], cwd=folder, check=True, capture_output=True)
    return folder / "bundled.mjs"


def thing(name: str, version: int = 1) -> Thing:
    return {"id": name, "version": version, "at": f"{100 - ord(name)}"}  # a is the latest


def pages(*items: list[Thing], more: bool = False) -> Thing:
    """Return a list of these pages, which ends with the last or has `more`."""
    cursors = [*["next"] * (len(items) - 1), "next" if more else None]
    shown = [{"items": each, "cursor": cursor} for each, cursor in zip(items, cursors, strict=True)]
    return {"pages": shown, "pageParams": [None]}


A, B, C, D = (thing(name) for name in "abcd")
A2 = thing("a", 2)
R1, R2 = ({**A, "resultVersion": n} for n in (1, 2))


@pytest.mark.parametrize(
    ("name", "had", "got", "shown"),
    [
        ("newest", None, A, A),
        ("newest", A, A2, A2),
        ("newest", A2, A, A2),  # it was asked for before the push
        ("newestEach", None, [A], [A]),
        ("newestEach", [A2, B], [A], [A2]),
        ("into", pages([B]), A, pages([A, B])),
        ("into", pages([]), A, pages([A])),
        ("into", pages([A, C]), B, pages([A, B, C])),  # it was longer in another list
        ("into", pages([A], [C]), B, pages([A], [B, C])),
        ("into", pages([A]), B, pages([A, B])),
        ("into", pages([A], more=True), B, pages([A], more=True)),  # it comes with its page, and once
        ("into", pages([B], [A]), A2, pages([B], [A2])),
        ("inPlace", pages([B], [A]), A2, pages([B], [A2])),
        ("inPlace", pages([B]), A, pages([B])),
        ("into", pages([A2]), A, pages([A2])),
        ("newest", A, R1, R1),
        ("newest", R2, R1, R2),
        ("newest", R2, A, R2),  # it was asked for before the result
        ("newest", R2, A2, A2),
        ("newestEach", [R1, B], [A, B], [R1, B]),
        ("newest", {**A, "version": 9}, B, B),  # another's: somebody else sits there
        ("newestList", None, pages([A]), pages([A])),
        ("newestList", pages([A2, B]), pages([A, B]), pages([A2, B])),
        ("newestList", pages([A2], [B]), pages([B], [A]), pages([B], [A2])),
        ("newestList", pages([A, B]), pages([D, B]), pages([D, B])),  # A left the list, and D came
    ],
)
def test_what_is_shown_is_never_older_than_it_was(
    script: Path, name: str, had: Thing | None, got: Thing, shown: Thing
) -> None:
    asked = json.dumps([name, had, got])
    done = subprocess.run(["node", str(script)], input=asked, check=True, capture_output=True, text=True)
    assert json.loads(done.stdout) == shown
