"""The laptop's certificate: trusted by name, by address and by nobody who was not told to."""

import asyncio
import socket
import ssl
import stat
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from localcloud.cloud import certificate

NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, certificate.Files]]:
    """A TLS server with a fresh certificate: its port and the files."""
    files = certificate.ensure(tmp_path_factory.mktemp("tls"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.certificate, files.key)
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(asyncio.start_server(lambda r, w: w.close(), "127.0.0.1", 0, ssl=context))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield server.sockets[0].getsockname()[1], files
    loop.call_soon_threadsafe(loop.stop)
    thread.join(30)
    server.close()
    loop.close()


def connect(port: int, name: str, context: ssl.SSLContext) -> str | None:
    with (
        socket.create_connection(("127.0.0.1", port), 30) as plain,
        context.wrap_socket(plain, False, True, True, name),
    ):
        return name


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1"])
def test_who_trusts_the_authority_is_connected_by_name_and_by_address(
    name: str, served: tuple[int, certificate.Files]
) -> None:
    port, files = served
    context = ssl.create_default_context(cafile=str(files.authority))
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    assert connect(port, name, context) == name


def test_who_does_not_trust_it_is_not_connected(served: tuple[int, certificate.Files]) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        connect(served[0], "localhost", ssl.create_default_context())
    with pytest.raises(ssl.SSLCertVerificationError):
        connect(served[0], "example.com", ssl.create_default_context(cafile=str(served[1].authority)))


def test_it_is_kept_until_a_month_before_its_end(tmp_path: Path) -> None:
    def shown(at: datetime) -> bytes:
        return certificate.ensure(tmp_path / "tls", at).certificate.read_bytes()

    first = shown(NOW)
    assert shown(NOW + timedelta(days=certificate.VALID_DAYS - certificate.RENEW_DAYS - 2)) == first
    assert shown(NOW + timedelta(days=certificate.VALID_DAYS - certificate.RENEW_DAYS)) != first


def test_a_start_that_was_cut_short_is_made_good(tmp_path: Path) -> None:
    files = certificate.ensure(tmp_path)
    files.authority.unlink()
    assert certificate.ensure(tmp_path).authority.exists()


def test_only_the_owner_reads_the_key(tmp_path: Path) -> None:
    assert stat.S_IMODE(certificate.ensure(tmp_path).key.stat().st_mode) == 0o600
