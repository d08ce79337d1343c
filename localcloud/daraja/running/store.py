"""Keeps M-Pesa's memory in a file, so that the local cloud's state survives a restart."""

import os
from pathlib import Path

from pydantic import TypeAdapter

from localcloud.daraja.mpesa.model import State

_ADAPTER = TypeAdapter(State)


def save(state: State, path: Path) -> None:
    """Write the state, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    draft.write_bytes(_ADAPTER.dump_json(state))
    os.replace(draft, path)


def load(path: Path) -> State | None:
    """Return the saved state, or None when there is none. A POST that a stop interrupted counts as failed."""
    if not path.exists():
        return None
    state = _ADAPTER.validate_json(path.read_bytes())
    for delivery in state.deliveries.values():
        if delivery.state == "posting":
            delivery.state, delivery.reason = "failed", "M-Pesa was stopped while posting"
    return state
