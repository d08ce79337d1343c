"""What is kept of a code."""

import hashlib

from tests.support.services import load


def test_a_code_is_kept_as_a_hash_that_is_slow_to_compute() -> None:
    """Elsewhere tests lower the cost, for they send many codes."""
    codes = load("users.flows.codes", TABLE_NAME="t")
    assert codes.COST == 2**14
    assert codes._hash("123456", "00ff") == hashlib.scrypt(b"123456", salt=b"\x00\xff", n=2**14, r=8, p=1).hex()
