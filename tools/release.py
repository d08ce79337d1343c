"""Make a release: `make release` [VERSION=1.2.0], or `python -m tools.release [1.2.0]`.

Tags what is checked out as `v<version>`, with the API's schema that apps are built for from now on (`shared/schema`)
and the day in CHANGELOG.md, after the documents were built. The version is that of CHANGELOG's first heading unless it
is named. Refused, with nothing changed: a working tree with changes, a version that is not the next one, a schema that
breaks released apps. Nothing is pushed, and no test is run: that CI has passed on this commit, who releases has seen.
"""

import argparse
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from betsafi import clock
from tools.base.services import ROOT

CHANGES = "CHANGELOG.md"
SCHEMA = "shared/schema"
_HEADING = re.compile(r"^## (?P<version>\S+) \((?P<when>.+)\)$", re.MULTILINE)
_VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")
NOT_YET = "not released yet"


class Refused(Exception):
    """There is no release; the text says why, and what to do."""


class Section(NamedTuple):
    """What CHANGELOG.md says of the version that comes."""

    version: str
    text: str


def run(folder: Path, *command: str) -> str:
    """Run a command in a checkout; return what it printed. Raises Refused with what it said where it fails."""
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise Refused(f"{' '.join(command)} failed:\n{ended.stdout}{ended.stderr}".rstrip())
    return ended.stdout.strip()


def coming(changes: str) -> Section:
    """Return the section of CHANGELOG.md that is not released yet. Raises Refused."""
    headings = list(_HEADING.finditer(changes))
    if not headings or headings[0]["when"] != NOT_YET:
        raise Refused(f"{CHANGES} must begin with what comes: ## 1.2.0 ({NOT_YET})")
    end = headings[1].start() if len(headings) > 1 else len(changes)
    return Section(headings[0]["version"], changes[headings[0].end() : end].strip())


def numbers(version: str) -> tuple[int, ...]:
    """Return a version as what can be compared. Raises Refused for one that is not three numbers."""
    if not _VERSION.fullmatch(version):
        raise Refused(f"{version} is no version: three numbers, like 1.2.0")
    return tuple(map(int, version.split(".")))


def is_larger(version: str, last: str) -> bool:
    """Return whether a version may take away what the last one had: a major one does, before 1.0.0 a minor one."""
    after, before = numbers(version), numbers(last)
    return after[0] > before[0] or (after[0] == 0 and after[1] > before[1])


def released(folder: Path) -> str | None:
    """Return the highest version that was tagged."""
    tags = [tag.removeprefix("v") for tag in run(folder, "git", "tag", "--list", "v*").split()]
    return max((tag for tag in tags if _VERSION.fullmatch(tag)), key=numbers, default=None)


def check(folder: Path, section: Section, version: str) -> None:
    """Raise Refused where this version cannot be released from this checkout."""
    if changed := run(folder, "git", "status", "--porcelain"):
        raise Refused(f"Commit or put aside first what is not committed:\n{changed}")
    last = released(folder)
    if numbers(version) <= numbers(last or "0.0.0"):
        raise Refused(f"{version} does not come after {last}, which is released.")
    if section.version != version:
        raise Refused(
            f"{CHANGES} says {section.version}: change its heading to ## {version} ({NOT_YET}), and commit it."
        )
    if not section.text:
        raise Refused(f"{CHANGES} says nothing of {version}.")
    # What apps were built for: written by a release, and by nobody in between, who could publish a break with it.
    if last and run(folder, "git", "diff", "--name-only", f"v{last}", "--", f"{SCHEMA}/schema.graphql"):
        raise Refused(f"{SCHEMA}/schema.graphql is not what {last} published: git checkout v{last} -- {SCHEMA}")
    if last and not is_larger(version, last) and (gone := run(folder, "node", "tools/api_schema.js", "--gone")):
        raise Refused(f"{version} takes away what {last} had, so it must be a larger version:\n{gone}")


def release(folder: Path, version: str | None = None) -> str:
    """Commit and tag a release; return its version. Raises Refused, and then everything is as it was."""
    changes = (folder / CHANGES).read_text()
    section = coming(changes)
    version = version or section.version
    check(folder, section, version)
    try:
        run(folder, "node", "tools/api_schema.js", "--publish")
        run(folder, "make", "docs")
        day = f"{clock.now():%Y-%m-%d}"
        (folder / CHANGES).write_text(changes.replace(f"## {version} ({NOT_YET})", f"## {version} ({day})", 1))
        run(folder, "git", "add", CHANGES, SCHEMA)
        run(folder, "git", "commit", "--quiet", "--message", f"Release {version}")
    except BaseException:
        run(folder, "git", "reset", "--quiet", "--hard")
        run(folder, "git", "clean", "--quiet", "--force", SCHEMA)
        raise
    run(
        folder,
        "git",
        "tag",
        "--annotate",
        f"v{version}",
        "--cleanup=verbatim",
        "--message",
        f"{version}\n\n{section.text}",
    )
    return version


def main(argv: Sequence[str] | None = None) -> int:
    """Make the release and say what to push; 1 with the reason where it is refused."""
    parser = argparse.ArgumentParser(prog="python -m tools.release", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("version", nargs="?", help="that of CHANGELOG.md unless it is named")
    try:
        version = release(ROOT, parser.parse_args(argv).version)
        branch = run(ROOT, "git", "rev-parse", "--abbrev-ref", "HEAD")
    except Refused as reason:
        print(reason, file=sys.stderr)
        return 1
    print(
        f"{version} is committed and tagged, with its schema; its documents are in build/docs/site. If CI passed on the"
    )
    print(f"commit before it: git push origin {branch} v{version}; then deploy each stage from the tag.")
    print(f"What comes next begins {CHANGES} with a heading of its own: ## <version> ({NOT_YET})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
