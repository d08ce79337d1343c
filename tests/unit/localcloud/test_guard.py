"""The laptop's servers as `make up` runs them: whom they answer, what they let a page do, and where they post."""

import base64
import contextlib
import json
import os
import random
import socket
import ssl
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from localcloud.base.addresses import HOST, Addresses
from localcloud.cloud.running import Cloud
from localcloud.cloud.servers import servers
from tests.support.daraja import Merchant
from tests.support.emulator import PORTS
from tests.support.serving import serve
from tests.support.waiting import wait_for

PARTS = ("appsync", "secure", "daraja", "cognito", "inbox")
PHONE = "254712345678"
PATIENCE_S = 180
ELSEWHERE = [
    "http://evil.example",
    "https://127.0.0.1.evil.example",
    "null",
    "http://127.0.0.1@evil.example",
    "file://",
]
HERE = ["http://localhost:5173", "https://localhost", "http://127.0.0.1:3000"]


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """All servers but the emulator."""
    addresses = Addresses(next(port for port in iter(_row, None) if not Addresses(port).busy()))
    cloud = Cloud(addresses, tmp_path_factory.mktemp("cloud"))
    with servers(cloud, print):
        yield cloud


def _row() -> int:
    return random.randrange(*PORTS, 10)


def url(cloud: Cloud, part: str) -> str:
    return f"{'https' if part == 'secure' else 'http'}://{HOST}:{cloud.addresses.ports[part]}"


def ask(cloud: Cloud, part: str, method: str, path: str, **options: Any) -> requests.Response:
    authority = str(cloud.tls.authority)
    return requests.request(method, url(cloud, part) + path, timeout=PATIENCE_S, verify=authority, **options)


def socket_to(cloud: Cloud, part: str) -> socket.socket:
    plain = socket.create_connection((HOST, cloud.addresses.ports[part]), PATIENCE_S)
    if part != "secure":
        return plain
    return ssl.create_default_context(cafile=str(cloud.tls.authority)).wrap_socket(plain, server_hostname=HOST)


def handshake(cloud: Cloud, part: str, target: str = "/graphql", **headers: str) -> bytes:
    """Ask for a WebSocket, byte by byte as given (latin-1); return the first line of the answer."""
    key = base64.b64encode(os.urandom(16)).decode()
    given = {
        "Host": f"{HOST}:{cloud.addresses.ports[part]}", "Connection": "Upgrade", "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": key, "Sec-WebSocket-Protocol": "graphql-ws",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }  # fmt: skip
    lines = [f"GET {target} HTTP/1.1", *(f"{name}: {value}" for name, value in given.items()), "", ""]
    with contextlib.closing(socket_to(cloud, part)) as connection:
        connection.sendall("\r\n".join(lines).encode("latin-1"))
        return connection.makefile("rb").readline()


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example:4567", "localhost.evil.example", "[::ffff", "10.0.0.1"]
)
def test_another_host_is_not_answered(cloud: Cloud, part: str, host: str) -> None:
    for method in ("GET", "POST", "OPTIONS"):
        assert ask(cloud, part, method, "/", headers={"Host": host}).status_code == 421
    if part in ("appsync", "secure"):
        assert handshake(cloud, part, Host=host).split()[1] == b"403"


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("origin", ELSEWHERE)
def test_a_page_of_another_site_sends_nothing(cloud: Cloud, part: str, origin: str) -> None:
    for method in ("POST", "PUT", "DELETE"):
        assert ask(cloud, part, method, "/", headers={"Origin": origin}).status_code == 403
    if part in ("appsync", "secure"):
        assert handshake(cloud, part, Origin=origin).split()[1] == b"403"


@pytest.mark.parametrize("origin", [None, *HERE])
def test_an_app_on_this_machine_and_a_program_are_answered(cloud: Cloud, origin: str | None) -> None:
    headers = {"Origin": origin} if origin else {}
    for part in PARTS:
        for host in (HOST, f"localhost:{cloud.addresses.ports[part]}"):
            status = ask(cloud, part, "POST", "/nothing-here", headers={**headers, "Host": host}).status_code
            assert status == 404, part
    for part in ("appsync", "secure"):
        assert handshake(cloud, part, **headers).split()[1] == b"101"


def test_another_site_presses_no_button_of_the_phone_and_writes_no_message(cloud: Cloud) -> None:
    def written() -> list[Any]:
        books = ask(cloud, "daraja", "GET", "/_fake/books").json()
        return [books["totals"], ask(cloud, "inbox", "GET", "/messages").json()["messages"]]

    before = written()
    form = {"amount": "300", "account": "BET100"}
    message = json.dumps({"to": PHONE, "text": "Your code is 123456"})
    for origin in ELSEWHERE:
        for part, path, body in (("daraja", f"/phone/{PHONE}/paybill", form), ("inbox", "/messages", message)):
            headers = {"Origin": origin, "Content-Type": "text/plain"} if body is message else {"Origin": origin}
            assert ask(cloud, part, "POST", path, data=body, headers=headers).status_code == 403
        assert ask(cloud, "daraja", "POST", "/_fake/reset", headers={"Origin": origin}).status_code == 403
    assert written() == before
    own = {"Origin": url(cloud, "daraja")}
    assert ask(cloud, "daraja", "POST", f"/phone/{PHONE}/paybill", data=form, headers=own).status_code == 200
    assert written() != before


def test_every_answer_has_a_content_security_policy(cloud: Cloud) -> None:
    pages = [("daraja", f"/phone/{PHONE}"), ("daraja", "/phone/1"), ("inbox", "/")]
    others = [("daraja", f"/phone/{PHONE}/screen"), ("inbox", "/rows"), ("inbox", "/messages"), ("appsync", "/graphql"),
              ("cognito", "/"), ("secure", "/"), ("daraja", "/_fake/books")]  # fmt: skip
    for part, path in [*pages, *others]:
        answer = ask(cloud, part, "GET", path)
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'"), path
        for rule in ("base-uri 'none'", "frame-ancestors 'none'"):
            assert rule in policy, path
        assert "unsafe" not in policy.replace("style-src 'unsafe-inline'", ""), path
        assert answer.headers["X-Content-Type-Options"] == "nosniff", path
        assert ("script-src 'sha256-" in policy) == ((part, path) in pages), path


@pytest.mark.parametrize("part", ["appsync", "secure"])
@pytest.mark.parametrize(
    ("target", "headers", "status"),
    [
        ("/graphql", {"Sec_WebSocket_Protocol": "graphql-ws, h\xe9ader"}, b"400"),
        ("/graphql", {"Connection": "Upgrade, \xff"}, b"400"),
        ("/graphql", {"Sec_WebSocket_Extensions": "\xff"}, b"400"),
        ("/graphql", {"Sec_WebSocket_Version": "x"}, b"426"),
        ("/graphql", {"Sec_WebSocket_Key": "not base64 \xff"}, b"101"),
        ("/graphql?header=\xff\xfe", {}, b"400"),
        ("/graphql?header=%ff%fe%00", {}, b"101"),
        ("/graphql?header=" + base64.b64encode(b"[" * 3_000 + b"]" * 3_000).decode(), {}, b"101"),
        ("/graphql", {"Sec_WebSocket_Protocol": "graphql-ws, header-" + "A" * 3_000}, b"101"),
        ("/graphql", {"Sec_WebSocket_Protocol": ",,, ;"}, b"403"),
    ],
    ids=range(10),
)
def test_a_broken_handshake_is_answered_and_harms_nobody(
    cloud: Cloud, part: str, target: str, headers: dict[str, str], status: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    assert handshake(cloud, part, target, **headers).split()[1] == status
    assert handshake(cloud, part).split()[1] == b"101"
    assert [record.getMessage() for record in caplog.records if record.levelname in ("ERROR", "CRITICAL")] == []


def test_callbacks_leave_the_fake_for_the_local_cloud_alone(cloud: Cloud) -> None:
    merchant = Merchant()
    with serve(merchant.app()) as elsewhere:
        gateway = cloud.addresses.callbacks
        urls = [
            f"{elsewhere}/t0/cb", "http://192.0.2.1/cb", "http://localhost:1/cb", f"{gateway}@evil.example/",
            f"{gateway}.evil.example/cb", "http://[::1", "https://example.invalid/cb",
        ]  # fmt: skip
        ours = f"{gateway}/cb/s/1/abc"
        for target in [*urls, ours]:
            ask(cloud, "daraja", "POST", "/_fake/callbacks", json={"url": target, "body": "{}"})

        def ended() -> list[dict[str, Any]]:
            rows: list[dict[str, Any]] = ask(cloud, "daraja", "GET", "/_fake/deliveries?kind=forged").json()[
                "deliveries"
            ]
            return rows if all(row["state"] not in ("scheduled", "posting") for row in rows) else []

        rows = {row["url"]: row for row in wait_for(ended, "end of the deliveries")}
        assert [rows[target]["reason"] for target in urls] == ["not an address of the local cloud"] * len(urls)
        assert rows[ours]["reason"] != "not an address of the local cloud"
        assert merchant.letters == []
