"""The initiator's password on its way into the secret: sealed under the named certificate only, and nowhere else."""

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID

from betsafi import clock
from tools.security_credential import main

NAME = "betsafi/prod/payment/daraja"
PASSWORD = "Safari#Com2026%"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


class NotFound(Exception):
    """What Secrets Manager raises for an unknown name."""


class Secrets:
    """Secrets Manager, as far as the tool uses it."""

    class exceptions:
        ResourceNotFoundException = NotFound

    def __init__(self, **kept: dict[str, Any]) -> None:
        self.kept = {name: json.dumps(secret) for name, secret in kept.items()}

    def get_secret_value(self, SecretId: str) -> dict[str, str]:
        if SecretId not in self.kept:
            raise NotFound
        return {"SecretString": self.kept[SecretId]}

    def put_secret_value(self, SecretId: str, SecretString: str) -> None:
        self.kept[SecretId] = SecretString


def certify(key: Any = KEY) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "apigee.apicaller.safaricom.co.ke")])
    begins = datetime(2014, 1, 1, tzinfo=UTC)  # expired, like the ones in use
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(7).not_valid_before(begins).not_valid_after(begins + timedelta(days=365))
    return builder.sign(key, hashes.SHA256())


CERTIFICATE = certify()
FINGERPRINT = CERTIFICATE.fingerprint(hashes.SHA256()).hex()


def opened(credential: str) -> str:
    return KEY.decrypt(base64.b64decode(credential, validate=True), padding.PKCS1v15()).decode()


def run(folder: Path, *more: str, content: bytes | None = None, typed: tuple[str, ...] = (PASSWORD, PASSWORD),
        fingerprint: str = FINGERPRINT, secrets: Any = None) -> int:  # fmt: skip
    file = folder / "ProductionCertificate.cer"
    file.write_bytes(content or CERTIFICATE.public_bytes(serialization.Encoding.PEM))
    answers = iter(typed)
    arguments = ["--stage", "prod", "--certificate", str(file), "--fingerprint", fingerprint, *more]
    return main(arguments, secrets=secrets, ask=lambda prompt: next(answers))


@pytest.mark.parametrize("encoding", [serialization.Encoding.PEM, serialization.Encoding.DER])
def test_the_secret_gets_the_sealed_password_and_keeps_the_rest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, encoding: Any
) -> None:
    # Half past midnight in Nairobi, yesterday in UTC.
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 11, 23, 21, 30, tzinfo=UTC))
    secrets = Secrets(**{NAME: {"consumerKey": "k", "callbackKey": "c", "securityCredential": ""}})
    assert run(tmp_path, content=CERTIFICATE.public_bytes(encoding), secrets=secrets) == 0
    kept = json.loads(secrets.kept[NAME])
    assert opened(kept.pop("securityCredential")) == PASSWORD
    assert kept == {
        "consumerKey": "k",
        "callbackKey": "c",
        "certificateFingerprint": FINGERPRINT,
        "initiatorPasswordSetAt": "2026-11-24",
    }
    told = capsys.readouterr()
    assert NAME in told.out
    assert PASSWORD not in told.out + told.err


def test_printing_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, "--print", secrets=Secrets()) == 0
    assert opened(capsys.readouterr().out.strip()) == PASSWORD


def test_a_fingerprint_may_have_colons_and_capitals(tmp_path: Path) -> None:
    written = ":".join(FINGERPRINT[at : at + 2].upper() for at in range(0, 64, 2))
    assert run(tmp_path, "--print", fingerprint=written) == 0


def test_another_certificate_is_refused_with_both_fingerprints_and_no_password_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, fingerprint="ab" * 32, typed=(), secrets=Secrets()) == 1
    told = capsys.readouterr().err
    assert "ab" * 32 in told
    assert FINGERPRINT in told


@pytest.mark.parametrize("password", ["", "Safari Com", "Safari!", "Safari*1", "Säfari1", "Safari@1", "Safari\n1"])
def test_a_password_that_safaricom_does_not_allow_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], password: str
) -> None:
    secrets = Secrets(**{NAME: {}})
    assert run(tmp_path, typed=(password, password), secrets=secrets) == 1
    assert "# & % $" in capsys.readouterr().err
    assert secrets.kept[NAME] == "{}"


def test_two_different_passwords_are_refused(tmp_path: Path) -> None:
    secrets = Secrets(**{NAME: {}})
    assert run(tmp_path, typed=(PASSWORD, PASSWORD + "1"), secrets=secrets) == 1
    assert secrets.kept[NAME] == "{}"


def test_what_is_no_rsa_certificate_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, content=b"<html>") == 1
    assert "no X.509 certificate" in capsys.readouterr().err
    other = certify(ec.generate_private_key(ec.SECP256R1()))
    pem, print_ = other.public_bytes(serialization.Encoding.PEM), other.fingerprint(hashes.SHA256()).hex()
    assert run(tmp_path, content=pem, fingerprint=print_) == 1
    assert "not RSA" in capsys.readouterr().err


def test_a_missing_file_or_secret_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, secrets=Secrets()) == 1
    assert capsys.readouterr().err == f"There is no secret {NAME}; deploy the payment service of that stage first.\n"
    nowhere = ["--stage", "prod", "--certificate", str(tmp_path / "none.cer"), "--fingerprint", FINGERPRINT]
    assert main(nowhere, secrets=Secrets()) == 1
    assert "none.cer" in capsys.readouterr().err
