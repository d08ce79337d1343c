"""Audit the packaged templates with checkov: `python -m tools.audit [stage]` (`make audit` packages first).

What checkov finds must be on the list `tools/audit.yml`, with a reason. A finding that is not fails, and so does a line
of the list that nothing was found for. checkov runs in an environment of its own (`.audit`) and asks no network.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from tools.base.services import ROOT

CHECKOV = ROOT / ".audit" / "bin" / "checkov"
ACCEPTED = ROOT / "tools" / "audit.yml"
_NOWHERE = "http://127.0.0.1:9"
"""No proxy: whatever checkov asked of a network would fail at once."""


class Finding(NamedTuple):
    """A check that failed at a place, `<service>:<logical name>`."""

    check: str
    place: str
    says: str = ""


def findings(report: Any) -> list[Finding]:
    """Return what a report of checkov found, each once. Raises ValueError for templates that it could not read."""
    parts = report if isinstance(report, list) else [report]
    if not parts or any("results" not in part or part["summary"]["parsing_errors"] for part in parts):
        raise ValueError("checkov could not read every template")
    return sorted(
        {
            Finding(
                failed["check_id"],
                f"{Path(failed['file_path']).stem}:{failed['resource'].split('.')[-1]}",
                failed["check_name"],
            )
            for part in parts
            for failed in part["results"]["failed_checks"]
        }
    )


def compare(found: Sequence[Finding], accepted: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return what is wrong: findings that nobody accepted, lines that found nothing, lines without a reason."""
    problems = [
        f"{finding.check} at {finding.place}: {finding.says}"
        for finding in found
        if not any(fnmatchcase(finding.place, place) for place in accepted.get(finding.check, {}).get("where", ()))
    ]
    for check, line in accepted.items():
        places = [finding.place for finding in found if finding.check == check]
        problems += [
            f"{check} is accepted at {place}, where nothing is found any more: take it off the list"
            for place in line["where"]
            if not any(fnmatchcase(found_at, place) for found_at in places)
        ]
        if not str(line.get("reason", "")).strip():
            problems.append(f"{check} is accepted without a reason")
    return problems


def audit(templates: Sequence[Path]) -> list[Finding]:
    """Run checkov over templates of one folder, named from there: it reads their path as if it were a value of theirs.

    Raises CalledProcessError where it does not run, ValueError where it cannot read.
    """
    files = [part for template in templates for part in ("--file", template.name)]
    command = [str(CHECKOV), *files, "--framework", "cloudformation", "--skip-download", "--compact", "--quiet"]
    proxies = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY"), _NOWHERE)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "BC_", "PRISMA_"))}
    ran = subprocess.run(
        [*command, "--soft-fail", "--output", "json"],
        env={**environment, **proxies}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=True,
        cwd=templates[0].parent,
    )  # fmt: skip
    return findings(json.loads(ran.stdout))


def main() -> int:
    """Audit a packaged stage; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.audit", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("stage", nargs="?", default="dev")
    folder = ROOT / "build" / "package" / parser.parse_args().stage
    templates = sorted(file for file in folder.glob("*.json") if file.name != "sizes.json")
    if not templates or not CHECKOV.exists():
        print("Nothing is packaged, or checkov is not installed: run `make audit`.", file=sys.stderr)
        return 1
    found = audit(templates)
    problems = compare(found, yaml.safe_load(ACCEPTED.read_text()))
    print("\n".join(problems) or f"checkov: {len(templates)} templates, {len(found)} findings, all on tools/audit.yml.")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
