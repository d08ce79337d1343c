"""What a stage is called and what that means: the rule of `shared/serverless/stages.json`, for the tools."""

import json
import re
from pathlib import Path
from typing import Any

_RULE: dict[str, Any] = json.loads(
    (Path(__file__).resolve().parents[2] / "shared" / "serverless" / "stages.json").read_text()
)


def kind(stage: str) -> str:
    """Return whether a stage is the `laptop`, `permanent`, `production` or, if it is listed nowhere, `temporary`."""
    return next((kind for kind in ("laptop", "permanent", "production") if stage in _RULE[kind]), "temporary")


def refusal(stage: str) -> str | None:
    """Return in one sentence why a stage may not be called so, or None."""
    if not re.fullmatch(_RULE["name"], stage):
        return f"A stage is called by 1 to 11 small letters and digits, a letter first: {stage} is not."
    if re.search(_RULE["soundsLikeProduction"], stage) and kind(stage) != "production":
        listed = ", ".join(_RULE["production"])
        where = "shared/serverless/stages.json"
        return f"{stage} sounds like production and is not listed as production in {where} ({listed})."
    return None


def why_kept(stage: str) -> str | None:
    """Return in one sentence why a stage may not be removed, nor what it kept; None if it may."""
    if kind(stage) == "production":
        return f"{stage} is production: its ledger is kept for years by law, so it stays."
    return refusal(stage)
