"""What `make up` prints once everything is there."""

import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from localcloud import __main__ as make_up
from localcloud.base.addresses import Addresses
from localcloud.cloud.running import Cloud
from localcloud.demo import staff


def test_everybody_of_the_demo_staff_is_printed_with_their_authenticator_s_secret_and_the_lobby_s_key(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(make_up, "parameter", lambda addresses, name: f"the value of {name}")
    secrets = {member.email: f"SECRET{number}ABC" for number, member in enumerate(staff.MEMBERS)}
    (tmp_path / "staff.json").write_text(json.dumps(secrets))
    make_up._addresses(Cloud(Addresses(4566), tmp_path))
    out = capsys.readouterr().out
    assert "x-api-key: the value of frontend-api/lobby/key" in out
    for server in ("web", "docs", "inbox"):
        assert getattr(Addresses(4566), server) in out
    printed = [line.split() for line in out.splitlines()]
    for member in staff.MEMBERS:
        assert [member.group, member.email, secrets[member.email]] in printed
    assert "tools.sign_in code SECRET" in " ".join(word for line in printed for word in line)
    assert {member.group for member in staff.MEMBERS} == {"trader", "support", "admin"}


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_who_is_told_to_end_while_they_end_ends_in_order(monkeypatch: pytest.MonkeyPatch, sent: signal.Signals) -> None:
    """A group's SIGTERM comes twice: make passes on its own."""
    stopped: list[str] = []

    @contextmanager
    def cloud(*_: object, **__: object) -> Iterator[None]:
        try:
            os.kill(os.getpid(), sent)
            yield
        finally:
            os.kill(os.getpid(), signal.SIGTERM)
            stopped.append("the emulator")

    monkeypatch.setattr(make_up, "local_cloud", cloud)
    monkeypatch.setattr(sys, "argv", ["localcloud"])
    before = {name: signal.getsignal(name) for name in (signal.SIGINT, signal.SIGTERM)}
    try:
        assert make_up.main() == 0
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)
    assert stopped == ["the emulator"]
