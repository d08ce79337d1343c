"""An authenticator's codes, against RFC 6238's own examples (their last six digits)."""

import base64

import pytest

from tools.sign_in import totp

SECRET = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("moment", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_a_code_is_the_one_of_rfc_6238(moment: int, code: str) -> None:
    assert totp(SECRET, moment) == code


def test_a_secret_may_be_written_without_its_padding_and_in_small_letters() -> None:
    assert totp("gezdgnbvgy3tqojq", 59) == totp("GEZDGNBVGY3TQOJQ", 59)
