"""`python -m tools.receipt` checks a bet against what the player saw, on a real table."""

import uuid
from types import SimpleNamespace

import pytest

from betsafi.dynamodb import Put, Update
from tests.support.bet import load_bet, load_wallet, new_market, new_player, new_slip
from tests.support.emulator import create_table
from tools.receipt import main


class Stage:
    """Bet on a stage, and a player's bet."""

    def __init__(self, emulator: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.name = f"r{uuid.uuid4().hex[:8]}"
        wallet = load_wallet(emulator)
        table = create_table(emulator, f"betsafi-bet-{self.name}", "bet")
        self.bet: SimpleNamespace = load_bet(table, wallet, monkeypatch)
        self.player = new_player(wallet)
        picks = [(new_market(self.bet, name), "1", "2.50") for name in ("a", "b", "c")]
        self.placed = self.bet.placing.place(self.player, new_slip(self.bet, *picks, system={"k": 2}))

    def check(self, bet: str = "", shown: str = "") -> int:
        bet = bet or self.placed["bet_id"]
        more = ["--hash", shown] if shown else []
        return main(["--stage", self.name, "--player", self.player, "--bet", bet, *more])


@pytest.fixture
def stage(emulator: str, monkeypatch: pytest.MonkeyPatch) -> Stage:
    return Stage(emulator, monkeypatch)


def test_a_bet_that_is_as_it_was_accepted_agrees(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    assert stage.check() == 0
    assert stage.check(shown=stage.placed["receipt"]) == 0
    shown = capsys.readouterr().out
    assert f"The bet is as its receipt says: {stage.placed['receipt']}" in shown
    assert "system [2] of 3, bankers []" in shown
    assert "0 sw  Home - Away" in shown


def test_another_hash_a_changed_bet_and_a_changed_receipt_are_found(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    for other in ("x" * 22, "-" + "x" * 21):
        assert stage.check(shown=other) == 1
        assert f"the hash that is shown is {other}, the receipt's is" in capsys.readouterr().out
    key = (stage.placed["pk"], stage.placed["sk"])
    stage.bet.table.write(Update(key, "SET #stake_cents = :more", values={"more": 20_000}))
    assert stage.check() == 1
    assert "stake: the receipt says 100.00, the bet 200.00" in capsys.readouterr().out
    first, *_ = stage.bet.bets.put_legs(stage.placed, stage.placed["legs"], "{}")
    stage.bet.table.write(Put(first.item, "attribute_exists(pk)"))
    assert stage.check() == 1
    assert "the receipt's hash is" in capsys.readouterr().out


def test_a_bet_that_never_was_has_no_receipt(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    assert stage.check(bet="another") == 2
    assert "no such bet" in capsys.readouterr().err
