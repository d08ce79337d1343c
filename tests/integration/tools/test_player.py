"""`python -m tools.player` writes all that any service keeps of a player, and nothing of another."""

import json
import uuid
from typing import Any

import pytest

from betsafi.dynamodb import marshal
from tests.support.emulator import aws, create_table
from tools.player import PLACES, main

KEPT = {
    "users": [{"pk": "USER#{id}", "sk": "PROFILE", "phone_number": "+2547{id}"},
              {"pk": "PHONE#+2547{id}", "sk": "CLAIM"},
              {"pk": "TRAIL#USER#{id}", "sk": "2026#users#1"}, {"pk": "USER#{id}", "sk": "NOTE#2026#1"}],
    "wallet": [{"pk": "USER#{id}", "sk": "ACCOUNT"}, {"pk": "USER#{id}", "sk": "HOLD#b#0000", "at": "2026"}],
    "bet": [{"pk": "USER#{id}", "sk": "BET#{id}-b", "bet_id": "{id}-b", "at": "2026", "receipt": "hash",
             "legs": [{"market_id": "m", "guard": 3}, {"market_id": "n", "guard": 0}]},
            {"pk": "USER#{id}", "sk": "BET#{id}-r", "bet_id": "{id}-r", "at": "2026", "legs": [{"market_id": "m"}]},
            {"pk": "LEGS#m#3", "sk": "{id}-b", "receipt": "what was seen"}],
    "payment": [{"pk": "PAYMENT#{id}-1", "sk": "PAYMENT", "owner": "USER#{id}", "at": "2026"},
                {"pk": "PLAYER#{id}", "sk": "PROMPT"}],
    "notifications": [{"pk": "USER#{id}", "sk": "NOTE#bet:b", "at": "2026"}],
}  # fmt: skip
"""Every kind of record that says whose it is; `{id}` is the player."""


def test_everything_of_a_player_is_in_one_file(
    emulator: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, player, other = f"s{uuid.uuid4().hex[:8]}", *(uuid.uuid4().hex[:8] for _ in range(2))
    dynamodb = aws("dynamodb", emulator)
    assert KEPT.keys() == PLACES.keys()
    for service, items in KEPT.items():
        create_table(emulator, f"betsafi-{service}-{stage}", service)
        for item in items:
            for who in (player, other):
                dynamodb.put_item(TableName=f"betsafi-{service}-{stage}", Item=marshal(_of(item, who)))
    assert main(["--stage", stage, "--player", player]) == 0
    found = json.loads(capsys.readouterr().out)
    for service, items in KEPT.items():
        wanted = [_of(item, player) for item in items]
        key = lambda item: (item["pk"], item["sk"])  # noqa: E731
        assert sorted(found[service], key=key) == sorted(wanted, key=key), service
    assert main(["--stage", stage, "--player", "nobody"]) == 1


def _of(item: dict[str, Any], player: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(item).replace("{id}", player))
    return found
