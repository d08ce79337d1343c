"""A service that was loaded once is for each test as if it were loaded anew."""

import sys

from tests.support.services import Loaded, load

URLS = {"TABLE_NAME": "first", "WALLET_URL": "http://127.0.0.1:1"}


def test_nothing_that_a_test_did_to_a_service_is_there_in_the_next() -> None:
    door = load("bet.handlers.browse", **URLS)
    guards, table = sys.modules["bet.markets.guards"], sys.modules["bet.table"].table
    keep = vars(guards)["get_market"]
    loaded = Loaded("bet")
    vars(guards).update(get_market=None, invented=1)
    guards._cache["market"] = {}
    guards._switch.append({})
    door.handler._kept["answer"] = (0.0, None)
    load("bet.wording")

    loaded.again("second")

    assert sys.modules["bet.handlers.browse"] is door
    assert guards.get_market is keep
    assert not hasattr(guards, "invented")
    assert (guards._cache, guards._switch, door.handler._kept) == ({}, [], {})
    assert table.name == "second"


def test_what_a_test_imported_later_is_imported_anew_by_the_next() -> None:
    load("bet.table", TABLE_NAME="first")
    loaded = Loaded("bet")
    from bet import wording

    loaded.again("second")
    from bet import wording as anew

    assert anew is not wording
