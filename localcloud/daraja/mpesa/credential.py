"""The initiator's certificate and SecurityCredential: base64(RSA PKCS#1 v1.5(password)) (DARAJA §5.2)."""

import base64
import hashlib
from datetime import UTC, datetime, timedelta
from functools import cached_property

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID


class Vault:
    """A key pair of the fake's own; made on first use, and only for this run unless a PEM is given."""

    def __init__(self, private_key_pem: bytes | None = None) -> None:
        self._given = private_key_pem

    @cached_property
    def _key(self) -> rsa.RSAPrivateKey:
        if self._given is None:
            return rsa.generate_private_key(public_exponent=65537, key_size=2048)
        key = serialization.load_pem_private_key(self._given, None)
        if not isinstance(key, rsa.RSAPrivateKey):
            raise ValueError("the initiator's key is not RSA")
        return key

    @cached_property
    def certificate(self) -> bytes:
        """The X.509 certificate, PEM, that callers encrypt the initiator password with."""
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "fake-daraja")])
        begins = datetime(2024, 1, 1, tzinfo=UTC)
        built = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self._key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(begins)
            .not_valid_after(begins + timedelta(days=3650))
            .sign(self._key, hashes.SHA256())
        )
        return built.public_bytes(serialization.Encoding.PEM)

    def opens(self, credential: str, password: str) -> bool:
        """Return whether ``credential`` is ``password`` under our certificate, with the documented padding."""
        try:
            return self._key.decrypt(base64.b64decode(credential), padding.PKCS1v15()) == password.encode()
        except ValueError:
            return False

    @staticmethod
    def hashed(phone: str) -> str:
        """SHA-256 of a number, as C2B v1 sends it (DARAJA §6)."""
        return hashlib.sha256(phone.encode()).hexdigest()
