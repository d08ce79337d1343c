"""M-Pesa's SecurityCredential: `python -m tools.security_credential --stage prod --certificate X.cer --fingerprint …`.

Asks for the initiator's password, encrypts it under Safaricom's certificate and puts it into the stage's secret, whose
other fields stay. The certificate is believed only by the fingerprint that you read on Safaricom's portal yourself: a
password under somebody else's key is a password given away. `--print` shows the credential and writes nothing.
"""

import argparse
import base64
import getpass
import json
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import boto3
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from betsafi import clock
from tools.base import asking

_ALLOWED = re.compile(r"[A-Za-z0-9#&%$]+")
"""What Safaricom allows in the password of an API user (DARAJA §5.2)."""


class Refused(Exception):
    """Nothing was written; the text says why."""


def read_certificate(content: bytes) -> x509.Certificate:
    """Return an X.509 certificate, PEM or DER. Raises Refused."""
    is_pem = b"-----BEGIN CERTIFICATE-----" in content
    try:
        return x509.load_pem_x509_certificate(content) if is_pem else x509.load_der_x509_certificate(content)
    except ValueError:
        raise Refused("This file is no X.509 certificate, neither PEM nor DER.") from None


def fingerprint(certificate: x509.Certificate) -> str:
    """Return the SHA-256 fingerprint in lower-case hex."""
    return certificate.fingerprint(hashes.SHA256()).hex()


def check_fingerprint(certificate: x509.Certificate, expected: str) -> str:
    """Return the fingerprint if it is the expected one, however that is written. Raises Refused."""
    actual = fingerprint(certificate)
    if re.sub(r"[\s:]", "", expected).lower() != actual:
        raise Refused(f"This is not the certificate that you name.\n  expected  {expected}\n  the file  {actual}")
    return actual


def check_password(password: str) -> None:
    """Raise Refused for a password that Safaricom would not have taken."""
    if not _ALLOWED.fullmatch(password):
        raise Refused("Safaricom allows only letters without accents, digits and # & % $ in this password.")


def seal(certificate: x509.Certificate, password: str) -> str:
    """Return base64(RSA PKCS#1 v1.5(the password's own bytes)) (DARAJA §5.2). Raises Refused."""
    check_password(password)
    key = certificate.public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        raise Refused("The certificate's key is not RSA.")
    try:
        return base64.b64encode(key.encrypt(password.encode("ascii"), padding.PKCS1v15())).decode()
    except ValueError:
        raise Refused("The password is too long for the certificate's key.") from None


def keep(secrets: Any, name: str, changes: dict[str, str]) -> None:
    """Put fields into a secret and leave its others as they are. Raises Refused when there is no such secret."""
    try:
        secret = json.loads(secrets.get_secret_value(SecretId=name)["SecretString"])
    except secrets.exceptions.ResourceNotFoundException:
        raise Refused(f"There is no secret {name}; deploy the payment service of that stage first.") from None
    secrets.put_secret_value(SecretId=name, SecretString=json.dumps(secret | changes))


def main(
    arguments: Sequence[str] | None = None, *, secrets: Any = None, ask: Callable[[str], str] = getpass.getpass
) -> int:
    """Seal the password and keep or print it; return the exit code. `secrets` is Secrets Manager's client."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--stage", required=True)
    parser.add_argument("--certificate", required=True, type=Path, help="Safaricom's .cer file for this environment")
    parser.add_argument("--fingerprint", required=True, help="its SHA-256, with or without colons")
    parser.add_argument("--print", action="store_true", help="show the credential and write nothing")
    given = parser.parse_args(arguments)
    try:
        certificate = read_certificate(given.certificate.read_bytes())
        known = check_fingerprint(certificate, given.fingerprint)
        password = ask("The initiator's password: ")
        check_password(password)
        if ask("The same again: ") != password:
            raise Refused("The two are not the same; a wrong password locks the initiator at M-Pesa.")
        credential = seal(certificate, password)
        if given.print:
            print(credential)
            return 0
        name = f"betsafi/{given.stage}/payment/daraja"
        changes = {
            "securityCredential": credential,
            "certificateFingerprint": known,
            "initiatorPasswordSetAt": clock.now().astimezone(clock.NAIROBI).date().isoformat(),
        }
        keep(secrets if secrets is not None else boto3.client("secretsmanager"), name, changes)
    except (Refused, OSError) as problem:
        print(problem, file=sys.stderr)
        return 1
    print(f"{name} has the new credential; it is in use within five minutes. The password lasts 90 days.")
    return 0


if __name__ == "__main__":
    asking.run(main)
