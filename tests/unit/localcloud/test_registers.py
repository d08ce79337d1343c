"""The fake register answers as it is told."""

from collections.abc import Iterator

import pytest
import requests

from localcloud.registers import create_app
from tests.support.serving import serve


@pytest.fixture
def register() -> Iterator[str]:
    with serve(create_app(slow_seconds=0)) as url:
        yield url


@pytest.mark.parametrize(
    ("script", "status", "answer"),
    [
        ("", 200, "MATCH"),
        ("MISMATCH", 200, "MISMATCH"),
        ("UNKNOWN", 200, "UNKNOWN"),
        ("DOWN", 503, ""),
        ("SLOW", 503, ""),
    ],
)
def test_it_knows_everybody_until_it_is_told_otherwise(register: str, script: str, status: int, answer: str) -> None:
    if script:
        assert (
            requests.post(
                f"{register}/identity/_fake/scripts", timeout=30, json={"number": "1", "answer": script}
            ).status_code
            == 200
        )
    said = requests.post(f"{register}/identity", timeout=30, json={"number": "1"})
    assert said.status_code == status
    assert not answer or said.json() == {"answer": answer}
    assert requests.get(f"{register}/identity/_fake/asked", timeout=30).json() == {"1": 1}


def test_what_it_cannot_answer_is_refused(register: str) -> None:
    assert (
        requests.post(
            f"{register}/identity/_fake/scripts", timeout=30, json={"number": "1", "answer": "PERHAPS"}
        ).status_code
        == 400
    )
