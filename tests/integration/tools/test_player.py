"""`python -m tools.player` writes all that any service keeps of a player, and nothing of another."""

import json
import uuid

import pytest

from tests.support.emulator import aws, create_table
from tools.player import PLACES, main

KEPT = {
    "users": [{"pk": "USER#{id}", "sk": "PROFILE", "phone_number": "+2547{id}"},
              {"pk": "PHONE#+2547{id}", "sk": "CLAIM"},
              {"pk": "TRAIL#USER#{id}", "sk": "2026#users#1"}, {"pk": "USER#{id}", "sk": "NOTE#2026#1"}],
    "wallet": [{"pk": "USER#{id}", "sk": "ACCOUNT"}, {"pk": "USER#{id}", "sk": "HOLD#b#0000", "at": "2026"}],
    "bet": [{"pk": "USER#{id}", "sk": "BET#b", "at": "2026"}, {"pk": "USER#{id}", "sk": "RECEIPT#b"}],
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
                wire = {name: {"S": value.format(id=who)} for name, value in item.items()}
                dynamodb.put_item(TableName=f"betsafi-{service}-{stage}", Item=wire)
    assert main(["--stage", stage, "--player", player]) == 0
    found = json.loads(capsys.readouterr().out)
    for service, items in KEPT.items():
        wanted = [{name: value.format(id=player) for name, value in item.items()} for item in items]
        key = lambda item: (item["pk"], item["sk"])  # noqa: E731
        assert sorted(found[service], key=key) == sorted(wanted, key=key), service
    assert main(["--stage", stage, "--player", "nobody"]) == 1
