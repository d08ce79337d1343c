"""The daily returns: signed, in a chain, made once, and in agreement with the ledger to the cent."""

import uuid
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from types import ModuleType
from typing import Any

import pytest

from betsafi import aws, clock
from tests.support.emulator import create_table
from tests.support.services import load, stores
from tools import returns as tool
from wallet.rules.audit import audit
from wallet.rules.figures import Figures

BEGAN = datetime.fromisoformat("2026-11-20T06:00:00+00:00")
DAYS = 4


class Books:
    """A wallet's table, a bucket and a key; and a clock that a test moves."""

    def __init__(self, emulator: str, patch: pytest.MonkeyPatch) -> None:
        self.moment = BEGAN
        patch.setattr(clock, "now", lambda: self.moment)
        table = create_table(emulator, f"wallet-{uuid.uuid4()}", "wallet")
        self.bucket = f"returns-{uuid.uuid4()}"
        where = {"LocationConstraint": "eu-west-1"}
        aws.client("s3").create_bucket(Bucket=self.bucket, CreateBucketConfiguration=where)
        made = aws.client("kms").create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
        self.key = made["KeyMetadata"]["Arn"]
        self.job: ModuleType = load(
            "wallet.handlers.returns", TABLE_NAME=table, ARCHIVE_BUCKET=self.bucket, SIGNING_KEY=self.key
        )
        self.store = stores("wallet")

    def play(self, days: range, rng: Random) -> None:
        """Let some players deposit, bet, win, be corrected, and withdraw, on each of some days."""
        for day in days:
            for n in range(3):
                self.moment = BEGAN + timedelta(days=day, hours=n, minutes=rng.randint(0, 59))
                self._a_day(f"u{n}", f"{day}-{n}", rng)

    def _a_day(self, user_id: str, name: str, rng: Random) -> None:
        store, stake = self.store, rng.randint(1, 40) * 100
        store.deposit(user_id, f"d{name}", 20_000, 19_000, 1_000)
        for bet in ("a", "b", "c"):
            store.place_hold(user_id, f"{bet}{name}", "BET", stake)
        store.settle(user_id, f"a{name}", 1, rng.choice((0, stake, 3 * stake)))
        store.settle(user_id, f"a{name}", 2, rng.choice((0, stake, 2 * stake)))
        store.settle(user_id, f"b{name}", 1, 2 * stake)
        store.reopen(user_id, f"b{name}", 2)
        store.release(user_id, f"c{name}", "rejected", holder="bet")
        store.place_hold(user_id, f"w{name}", "WITHDRAWAL", 1_000)
        store.pay_out(user_id, f"w{name}", 900, 50, 50)
        store.grant_bonus(user_id, f"g{name}", 500, "welcome")

    def run(self, day: int) -> dict[str, int]:
        self.moment = BEGAN + timedelta(days=day)
        done: dict[str, int] = self.job.handler({})
        return done

    def files(self, folder: Path) -> list[Path]:
        found = aws.client("s3").list_objects_v2(Bucket=self.bucket).get("Contents", [])
        for one in found:
            body = aws.client("s3").get_object(Bucket=self.bucket, Key=one["Key"])["Body"].read()
            (folder / Path(one["Key"]).name).write_bytes(body)
        return sorted(folder.glob("*.jsonl"))

    def pem(self, folder: Path) -> Path:
        from cryptography.hazmat.primitives import serialization

        public = serialization.load_der_public_key(aws.client("kms").get_public_key(KeyId=self.key)["PublicKey"])
        kind = serialization.PublicFormat.SubjectPublicKeyInfo
        path = folder / "key.pem"
        path.write_bytes(public.public_bytes(serialization.Encoding.PEM, kind))
        return path


@pytest.fixture
def books(emulator: str, monkeypatch: pytest.MonkeyPatch) -> Books:
    return Books(emulator, monkeypatch)


def verify(books: Books, folder: Path, *files: Path) -> int:
    return tool.main(["verify", "--key", str(books.pem(folder)), *map(str, files or books.files(folder))])


def test_returns_agree_with_the_ledger_to_the_cent_and_are_made_once(books: Books, tmp_path: Path) -> None:
    books.play(range(1), Random(1))
    assert books.run(1)["days"] == 1
    before = [path.read_bytes() for path in books.files(tmp_path)]
    assert books.run(1) == {"days": 0, "records": 0}
    books.play(range(1, DAYS), Random(2))
    assert books.run(DAYS)["days"] == DAYS - 1, "days that were missed are made one after the other"
    files = books.files(tmp_path)
    assert len(files) == DAYS
    assert files[0].read_bytes() == before[0], "a day's return is never written again"
    assert verify(books, tmp_path) == 0
    read = [tool.returns.read(path.read_bytes()) for path in files]
    report = audit(books.store.table.scan())
    assert report.balanced
    assert tool.compare(read, books.store.table.scan()) == []
    assert all(one.totals["settledCents"] for one in read)


def test_a_ledger_that_says_otherwise_is_found(books: Books, tmp_path: Path) -> None:
    books.play(range(1), Random(3))
    books.run(1)
    (file,) = map(tool.returns.read, (path.read_bytes() for path in books.files(tmp_path)))
    assert tool.compare([file], books.store.table.scan()) == []
    books.moment = BEGAN
    books.store.grant_bonus("u0", "late", 7, "after the return was made")
    assert tool.compare([file], books.store.table.scan()) == [
        "2026-11-20: house:bonus is -1500 in the return and -1507 in the ledger"
    ]


@pytest.mark.parametrize("fault", ["changed", "another key", "left out"])
def test_what_was_tampered_with_does_not_verify(
    books: Books, tmp_path: Path, fault: str, capsys: pytest.CaptureFixture[str]
) -> None:
    books.play(range(2), Random(4))
    books.run(1)
    books.run(3)
    files = books.files(tmp_path)
    assert verify(books, tmp_path, *files) == 0
    if fault == "changed":
        files[0].write_bytes(files[0].read_bytes().replace(b'"kind":"BONUS"', b'"kind":"OTHER"'))
    elif fault == "another key":
        books.key = aws.client("kms").create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["Arn"]
    else:
        del files[1]
    assert verify(books, tmp_path, *files) == 1
    assert capsys.readouterr().out.count("problems") == 2


def test_two_runs_at_once_leave_one_return(books: Books, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    books.play(range(1), Random(5))
    from wallet import archive

    real = archive.newest
    monkeypatch.setattr(archive, "newest", lambda yesterday: None)
    books.run(1)
    first = [path.read_bytes() for path in books.files(tmp_path)]
    books.run(1)
    assert [path.read_bytes() for path in books.files(tmp_path)] == first
    assert real(BEGAN.date()) is not None


def test_a_day_is_left_alone_until_nobody_writes_it_any_more(books: Books) -> None:
    books.moment = datetime.fromisoformat("2026-11-20T21:30:00+00:00")  # half past midnight in Nairobi
    books.job.handler({})
    (only,) = aws.client("s3").list_objects_v2(Bucket=books.bucket)["Contents"]
    assert only["Key"] == "returns/2026-11-19.jsonl"


def test_returns_that_are_too_far_behind_ask_for_a_person(books: Books) -> None:
    from wallet import archive

    books.run(1)
    with pytest.raises(archive.Behind):
        books.run(100)


def test_a_player_s_activity_is_read_from_the_ledger(books: Books) -> None:
    books.play(range(2), Random(6))
    from wallet.handlers import graphql

    asked: dict[str, Any] = {"from": "2026-11-20", "to": "2026-11-21", "by": "DAY"}
    identity = {"sub": "u1", "claims": {"sub": "u1"}}
    event = {"type": "Query", "field": "activitySummary", "arguments": asked, "identity": identity}
    days = graphql.handler(event)["data"]
    assert [(day["from"], day["bets"], day["deposited"]["amount"], day["minutes"]) for day in days] == [
        ("2026-11-20", 3, "200.00", 1), ("2026-11-21", 3, "200.00", 1),
    ]  # fmt: skip
    assert {day["withdrawn"]["amount"] for day in days} == {"9.50"}
    assert {day["taxes"]["amount"] for day in days} == {"10.50"}


def test_every_figure_has_a_name_in_the_returns(books: Books, tmp_path: Path) -> None:
    books.play(range(1), Random(8))
    books.run(1)
    (file,) = map(tool.returns.read, (path.read_bytes() for path in books.files(tmp_path)))
    named = {name.removesuffix("Cents") for record in file.records for name in record if name.endswith("Cents")}
    assert named == {*Figures.__dataclass_fields__} - {"remitted"}
