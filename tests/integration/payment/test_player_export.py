"""Everything that payment keeps of a player is in what administrators export of them."""

import json
import re
from importlib import import_module
from pathlib import Path
from typing import Any

from betsafi.protection import Protection
from tests.support.payment import World

STORES = Path(__file__).parents[3] / "payment/payment/stores"
KIND = re.compile(r"""f"PLAYER#\{user_id\}", f?"([A-Z]+#?)""")


def exported(world: World, user_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor = None
    for _ in range(20):  # more pages than there are
        page = world.ask("admin-1", "PlayerExport", "payment", groups=("admin",), userId=user_id, cursor=cursor)["data"]
        found += [json.loads(item) for item in page["items"]]
        if (cursor := page["cursor"]) is None:
            return found
    raise AssertionError("the export does not end")


def test_every_kind_of_item_of_a_player_is_exported(world: World) -> None:
    player = world.player()
    store = import_module("payment.stores.protection")
    store.keep_protection(player.id, Protection(1, {"deposit_day": 100_000}))
    world.pay_in(player.id)
    money = {"currency": "KES", "amount": "500"}
    world.ask(player.id, "Mutation", "withdraw", clientRequestId="request-0001", amount=money)
    table = import_module("payment.table").table
    players = import_module("payment.stores.players")
    table.transact(players.mark_paid(player.id, "2026-11-27T10:00:00.000000Z"), players.count_prompt(player.id, 0, 60))
    code = "".join(path.read_text() for path in STORES.glob("*.py"))
    own = [item for item in table.scan() if player.id in json.dumps(item) and item["sk"] != "NUMBER"]
    named = set(KIND.findall(code))
    assert named == {"PROTECTION", "PROMPT", "DAY#", "PAID"}, "export and erasure know these; decide about a new one"
    kinds = {item["sk"].partition("#")[0] for item in own if item["pk"] == f"PLAYER#{player.id}"}
    assert kinds == {kind.rstrip("#") for kind in named}
    key = lambda item: (item["pk"], item["sk"])  # noqa: E731
    assert sorted(exported(world, player.id), key=key) == sorted(own, key=key)
