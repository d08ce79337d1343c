"""Players and traders are served by functions of their own, and neither imports the other's code."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PLAYERS = {
    "bet.catalogue.browsing",
    "bet.slips.placing",
    "bet.slips.cancelling",
    "bet.wallet_api",
    "betsafi.service_client",
}
RECORDS = {"bet.markets.expressions", "bet.markets.outcomes", "bet.markets.record"}
"""What becomes of a market, computed from a record that a trader gives."""
TRADERS = {
    "bet.trading.deciding",
    "bet.trading.desk",
    "bet.markets.given",
    "bet.markets.margins",
    "betsafi.approval",
    *RECORDS,
}


def imported_with(handler: str) -> set[str]:
    """Return every module of ours that a fresh process has imported once it has a handler."""
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join([str(ROOT / "bet"), str(ROOT / "layers" / "common" / "python")]),
        **{"STAGE": "local", "AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-1"},
        **{"TABLE_NAME": "bets", "WALLET_URL": "http://127.0.0.1:1"},
    }
    program = f"import sys, json, bet.handlers.{handler}; print(json.dumps(list(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", program], env=environment, check=True, capture_output=True, timeout=180)
    return {name for name in json.loads(ran.stdout) if name.split(".")[0] in ("bet", "betsafi")}


@pytest.mark.parametrize(("handler", "own", "not_own"), [("graphql", PLAYERS, TRADERS), ("trading", TRADERS, PLAYERS)])
def test_a_handler_imports_its_own_room_alone(handler: str, own: set[str], not_own: set[str]) -> None:
    found = imported_with(handler)
    assert own <= found
    assert not not_own & found
    assert f"bet.handlers.{'trading' if handler == 'graphql' else 'graphql'}" not in found
