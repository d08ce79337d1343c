"""The laptop's certificate for https and wss, made at the first start and kept with the state."""

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from localcloud.base.addresses import HOST

# Apple's systems accept no certificate for longer.
VALID_DAYS = 825
RENEW_DAYS = 30
_NAMES: list[x509.GeneralName] = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address(HOST))]


@dataclass(frozen=True)
class Files:
    """PEM files: the authority that clients trust, and what the server shows."""

    authority: Path
    certificate: Path
    key: Path


def ensure(folder: Path, now: datetime | None = None) -> Files:
    """Return the certificate of a state folder; made if there is none, made anew a month before it ends.

    The authority's own key is thrown away, and it may vouch for this machine alone: who trusts it risks nothing.
    """
    moment = now or datetime.now(UTC)
    files = Files(folder / "ca.pem", folder / "certificate.pem", folder / "key.pem")
    if not _good(files, moment + timedelta(days=RENEW_DAYS)):
        folder.mkdir(parents=True, exist_ok=True)
        _make(files, moment)
    return files


def _good(files: Files, until: datetime) -> bool:
    if not all(file.exists() for file in (files.authority, files.certificate, files.key)):
        return False
    return until < x509.load_pem_x509_certificate(files.certificate.read_bytes()).not_valid_after_utc


def _make(files: Files, now: datetime) -> None:
    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "BETSAFI local cloud")])
    identifier = x509.SubjectKeyIdentifier.from_public_key(authority_key.public_key())
    ours = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_network(f"{HOST}/32"))]
    authority = (
        _builder(authority_name, authority_key.public_key(), authority_name, now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.NameConstraints(permitted_subtrees=ours, excluded_subtrees=None), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(identifier, critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    certificate = (
        _builder(name, key.public_key(), authority_name, now)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(_NAMES), critical=False)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    files.key.touch(mode=0o600)
    files.key.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    files.authority.write_bytes(authority.public_bytes(serialization.Encoding.PEM))
    files.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def _builder(
    subject: x509.Name, key: ec.EllipticCurvePublicKey, issuer: x509.Name, now: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        # A laptop's clock may have been set back a little.
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=VALID_DAYS - 1))
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )
