"""The ports that tests are given: nobody else's, also before something listens there."""

import random

import pytest

from tests.support.emulator import free_addresses, free_port


def test_a_port_that_was_given_is_not_given_again_though_nothing_listens_there_yet(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given, first = free_port(), free_addresses().port
    throws = iter([given, free_port(), given - 3, first, first + 10])
    monkeypatch.setattr(random, "randrange", lambda *_: next(throws))
    assert free_port() != given
    assert free_addresses().port == first + 10
