"""Which services a change concerns, in the order of their deployment: `python -m tools.changed BEFORE AFTER`.

Prints a JSON list for a pipeline. A change of what all share (the layer, the common serverless files, the tools that
package) concerns every service, for each takes it at its own deployment; so does a change whose beginning is unknown.
"""

import json
import subprocess
import sys
from collections.abc import Iterable, Sequence

from tools.base.services import ROOT, services

_MADE_OF = {"web": ("frontend-api/schema/",), "docs": ("",)}
"""What a website is made of besides its own folder: the documents of everything."""
_OF_ALL = ("layers/", "shared/", "package.json", "package-lock.json", "serverless-compose.yml")


def concerned(paths: Iterable[str]) -> list[str]:
    """Return the services that a change of these files concerns, in the order of deployment."""
    changed = list(paths)
    if any(path.startswith(_OF_ALL) for path in changed):
        return list(services())
    parts = {name: (f"{folder.relative_to(ROOT)}/", *_MADE_OF.get(name, ())) for name, folder in services().items()}
    return [service for service in parts if any(path.startswith(parts[service]) for path in changed)]


def main(argv: Sequence[str] | None = None) -> int:
    """Print the services between two commits; all of them if git does not know one of the two."""
    before, after = argv if argv is not None else sys.argv[1:]
    command = ["git", "diff", "--name-only", "--end-of-options", before, after]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    print(json.dumps(list(services()) if told.returncode else concerned(told.stdout.splitlines())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
