"""The messages that the local cloud sent: SMS and e-mails, as the emulator recorded them, newest first.

What MiniStack 1.5.33 gives back over HTTP, and what this page does about the rest:

- SNS ``Publish(PhoneNumber=…)``: ``/_ministack/sns/sms-messages``, whole text, **no time**. The inbox stamps a message
  when it first sees it (it looks twice a second); what was there before the inbox started has no time.
- SES: ``/_ministack/ses/messages``, with time; Cognito's e-mails are among them.
- Cognito sends **no SMS at all**. For a user who is unconfirmed, or must reset the password, the inbox writes the SMS
  that AWS would have sent, from the pool's own template, marked ``derived``. What leaves no trace to read (a code sent
  again, a forgotten password, an attribute to verify), the Cognito endpoint of the local cloud POSTs to ``/messages``.
"""

import asyncio
import contextlib
import hashlib
import json
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from html import escape
from typing import Any, Literal

import aiohttp
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from localcloud.base.emulator import Emulator, EmulatorError
from localcloud.base.guard import inline
from localcloud.cognito import codes

LOOK_EVERY_S = 0.5
LOOK_SECONDS = 60.0


@dataclass(frozen=True)
class Message:
    """One SMS or e-mail. ``at`` is ISO 8601 in UTC, None when unknown; ``derived`` ones the emulator never sent."""

    id: str
    channel: Literal["sms", "email"]
    to: str
    text: str
    at: str | None
    source: str
    subject: str = ""
    sender: str = ""
    html: str = ""
    derived: bool = False


class Mailbox:
    """Every message seen so far, once each, and what could not be read at the last look."""

    def __init__(self, emulator: Emulator, daraja_url: str | None, now: Callable[[], datetime]) -> None:
        self._emulator = emulator
        self._daraja_url = daraja_url
        self._now = now
        self._messages: dict[str, Message] = {}
        self._looked = False
        self._lock = asyncio.Lock()
        self.faults: list[str] = []

    def add(self, message: Message) -> bool:
        """Keep a message; one whose id is known is not kept again. Returns whether it was new."""
        return self._messages.setdefault(message.id, message) is message

    def newest_first(self, to: str | None = None, channel: str | None = None) -> list[Message]:
        """Return the messages to an address or number (however written), newest first; those without a time last."""
        order = {message.id: place for place, message in enumerate(self._messages.values())}
        wanted = [
            m
            for m in self._messages.values()
            if channel in (None, m.channel) and (to is None or _address(to) == _address(m.to))
        ]
        return sorted(wanted, key=lambda m: (m.at or "", order[m.id]), reverse=True)

    async def look(self) -> None:
        """Read everything that can be read."""
        async with self._lock:
            faults = []
            readers = {"SMS": self._read_sms, "e-mail": self._read_emails, "Cognito": self._read_cognito}
            if self._daraja_url:
                readers["M-Pesa"] = self._read_mpesa
            for name, read in readers.items():
                try:
                    await read()
                except (EmulatorError, aiohttp.ClientError, TimeoutError, OSError, ValueError, KeyError) as error:
                    faults.append(f"{name}: {type(error).__name__}: {error}")
            self.faults = faults
            self._looked = True

    async def _read_sms(self) -> None:
        # A message that was there before our first look may be of any age.
        seen_at = _iso(self._now()) if self._looked else None
        for number, records in (await self._inspect("/_ministack/sns/sms-messages"))["sms_messages"].items():
            for record in records:
                attributes = record.get("MessageAttributes") or {}
                sender = (attributes.get("AWS.SNS.SMS.SenderID") or {}).get("Value") or ""
                self.add(Message(record["MessageId"], "sms", number, record["Message"], seen_at, "SNS", sender=sender))

    async def _read_emails(self) -> None:
        for records in (await self._inspect("/_ministack/ses/messages"))["messages"].values():
            for record in records:
                at = _iso(datetime.fromtimestamp(record["Timestamp"], UTC))
                for to in [*record["To"], *record["CC"], *record["BCC"]]:
                    self.add(
                        Message(
                            id=f"{record['MessageId']}/{to}",
                            channel="email",
                            to=to,
                            text=record["BodyText"] or "",
                            at=at,
                            source=f"SES {record['Type']}",
                            subject=record["Subject"] or "",
                            sender=record["Source"],
                            html=record["BodyHtml"] or "",
                        )
                    )

    async def _read_cognito(self) -> None:
        for pool in await self._all("ListUserPools", "UserPools", "NextToken", MaxResults=60):
            described = (await self._ask("DescribeUserPool", UserPoolId=pool["Id"]))["UserPool"]
            for user in await self._all("ListUsers", "Users", "PaginationToken", UserPoolId=pool["Id"]):
                self._derive_code(described, user)

    def _derive_code(self, pool: dict[str, Any], user: dict[str, Any]) -> None:
        """Write the code's SMS for a user who waits for one; e-mails the emulator records itself."""
        attributes, at = codes.by_name(user["Attributes"]), float(user["UserLastModifiedDate"])
        if user["UserStatus"] == "UNCONFIRMED":
            delivery, code = codes.at_sign_up(pool, attributes), codes.SIGN_UP_CODE
            message_id = f"cognito:{user['Username']}:sign-up"
        elif user["UserStatus"] == "RESET_REQUIRED":
            delivery, code = codes.at_recovery(pool, attributes), codes.RESET_CODE
            message_id = f"cognito:{user['Username']}:reset:{at}"
        else:
            return
        if delivery is None or delivery.medium != "SMS":
            return
        self.add(
            Message(
                id=message_id,
                channel="sms",
                to=delivery.to,
                text=codes.sms(pool, code),
                at=_iso(datetime.fromtimestamp(at, UTC)),
                source="Cognito",
                derived=True,
            )
        )

    async def _read_mpesa(self) -> None:
        timeout = aiohttp.ClientTimeout(total=LOOK_SECONDS)
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(f"{self._daraja_url}/_fake/sms") as answer,
        ):
            for sent in (await answer.json())["messages"]:
                told = hashlib.sha256(json.dumps(sent, sort_keys=True).encode()).hexdigest()[:24]
                at = _iso(datetime.fromisoformat(sent["at"]))
                self.add(Message(f"mpesa:{told}", "sms", sent["to"], sent["text"], at, "M-PESA", sender="MPESA"))

    async def _inspect(self, path: str) -> Any:
        answer = await self._emulator.send("GET", path)
        if answer.status != 200:
            raise EmulatorError(f"GET {path} answered {answer.status}")
        return answer.json()

    async def _all(self, action: str, field: str, token: str, **parameters: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        more: dict[str, Any] = {}
        while True:
            page = await self._ask(action, **parameters, **more)
            found += page[field]
            if not page.get(token):
                return found
            more = {token: page[token]}

    async def _ask(self, action: str, **parameters: Any) -> Any:
        answer = await self._emulator.call(
            "cognito-idp",
            "POST",
            "/",
            headers={
                "Content-Type": "application/x-amz-json-1.1",
                "X-Amz-Target": f"AWSCognitoIdentityProviderService.{action}",
            },
            body=json.dumps(parameters).encode(),
        )
        if answer.status != 200:
            raise EmulatorError(f"{action} answered {answer.status}: {answer.body[:200]!r}")
        return answer.json()


def create_app(
    emulator_url: str,
    *,
    region: str = "eu-west-1",
    daraja_url: str | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Starlette:
    """Return the inbox of one emulator; with ``daraja_url`` the fake's M-Pesa messages are in it too.

    ``GET /`` is the page, ``GET /messages?to=&channel=`` the JSON; both look at the emulator first, so that a message
    is there as soon as it was sent. ``POST /messages`` {to, text, channel?, subject?, source?, id?} records one that
    the emulator cannot.
    """
    emulator = Emulator(emulator_url, region, LOOK_SECONDS)
    mailbox = Mailbox(emulator, daraja_url.rstrip("/") if daraja_url else None, now)

    async def keep_looking() -> None:
        while True:
            await mailbox.look()
            await asyncio.sleep(LOOK_EVERY_S)

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        looking = asyncio.create_task(keep_looking())
        try:
            yield
        finally:
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)
            await emulator.close()

    async def chosen(request: Request) -> list[Message]:
        await mailbox.look()
        return mailbox.newest_first(request.query_params.get("to") or None, request.query_params.get("channel") or None)

    async def messages(request: Request) -> Response:
        found = [asdict(message) for message in await chosen(request)]
        return JSONResponse({"messages": found, "faults": mailbox.faults})

    async def record(request: Request) -> Response:
        try:
            given = await request.json()
            message = _recorded(given, mailbox, _iso(now()))
        except ValueError as error:
            return JSONResponse({"error": str(error)}, 400)
        return JSONResponse({"id": message.id}, 201 if mailbox.add(message) else 200)

    async def page(request: Request) -> Response:
        to = request.query_params.get("to") or ""
        rows = _rows(await chosen(request), mailbox.faults)
        return HTMLResponse(_page(to, rows), headers={"Content-Security-Policy": POLICY})

    async def rows(request: Request) -> Response:
        shown = _rows(await chosen(request), mailbox.faults)
        return HTMLResponse(shown, headers={"X-Version": _version(shown), "Cache-Control": "no-store"})

    return Starlette(
        routes=[
            Route("/", page),
            Route("/rows", rows),
            Route("/messages", messages, methods=["GET"]),
            Route("/messages", record, methods=["POST"]),
        ],
        middleware=[Middleware(GZipMiddleware, minimum_size=1000)],
        lifespan=lifespan,
    )


def _recorded(given: Any, mailbox: Mailbox, at: str) -> Message:
    """Read a posted message. Raises ValueError with the reason."""
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        raise ValueError("a message is a JSON object of strings")
    unknown = set(given) - {"to", "text", "channel", "subject", "source", "id"}
    if unknown or not given.get("to") or "text" not in given:
        raise ValueError("a message has to, text and, if you like, channel, subject, source, id")
    channel = given.get("channel", "sms")
    if channel not in ("sms", "email"):
        raise ValueError("the channel is sms or email")
    message_id = given.get("id") or f"posted:{len(mailbox.newest_first())}:{at}"
    source = given.get("source", "posted")
    return Message(message_id, channel, given["to"], given["text"], at, source, given.get("subject", ""), derived=True)


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _address(written: str) -> str:
    """One form for a number with or without + and blanks, and for an address in any case."""
    return written.strip().lower() if "@" in written else re.sub(r"\D", "", written)


STYLE = """
:root { --green: #0b8a3e; --ink: #17211b; --line: #dfe5e1; --soft: #f4f7f5; --grey: #5b6a61; }
* { box-sizing: border-box; }
body { margin: 0; background: #e8edea; color: var(--ink); font: 16px/1.45 system-ui, sans-serif; }
main { max-width: 720px; min-height: 100vh; margin: 0 auto; background: #fff; padding: 1.25rem; }
h1 { margin: 0 0 .8rem; font-size: 1.25rem; }
form { display: flex; gap: .6rem; margin-bottom: 1rem; }
input { flex: 1; padding: .55rem .7rem; font: inherit; border: 1px solid #b9c4bd; border-radius: 9px; }
button { padding: .55rem 1rem; border: 0; border-radius: 9px; background: var(--green); color: #fff; font: inherit; }
article { border: 1px solid var(--line); border-radius: 12px; padding: .8rem 1rem; margin-bottom: .7rem; }
article header { display: flex; flex-wrap: wrap; gap: .3rem .8rem; color: var(--grey); font-size: .85rem; }
article p { margin: .4rem 0 0; white-space: pre-wrap; overflow-wrap: anywhere; }
iframe { width: 100%; height: 16rem; margin-top: .5rem; border: 1px solid var(--line); border-radius: 9px; }
.fault { background: #fff4e5; border-color: #f0c48a; } .quiet { color: var(--grey); }
"""

SCRIPT = """
const list = document.getElementById('list');
setInterval(async () => {
  try {
    const answer = await fetch('/rows' + location.search);
    const version = answer.headers.get('X-Version');
    if (answer.ok && version !== list.dataset.version) {
      list.innerHTML = await answer.text();
      list.dataset.version = version;
    }
  } catch (error) { console.warn('the inbox does not answer', error); }
}, 1500);
"""


# Nothing but the page's own script, so that no message can ever run. A mail is shown with its own styles.
POLICY = (
    f"default-src 'none'; style-src 'unsafe-inline'; script-src {inline(SCRIPT)}; connect-src 'self'; img-src data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def _rows(messages: list[Message], faults: list[str]) -> str:
    shown = [f'<article class="fault">Could not be read: {escape(fault)}</article>' for fault in faults]
    shown += [_row(message) for message in messages]
    return "".join(shown) or '<p class="quiet">No messages yet.</p>'


def _row(message: Message) -> str:
    # Mail is other people's HTML: it is shown in a frame that may run nothing.
    frame = f'<iframe sandbox srcdoc="{escape(message.html)}" title="e-mail"></iframe>' if message.html else ""
    subject = f"<p><strong>{escape(message.subject)}</strong></p>" if message.subject else ""
    text = f"<p>{escape(message.text)}</p>" if message.text else ""
    note = " · not sent by the emulator" if message.derived else ""
    return (
        f'<article data-testid="message"><header><strong>{escape(message.to)}</strong>'
        f"<span>{'SMS' if message.channel == 'sms' else 'e-mail'} · {escape(message.source)}{note}</span>"
        f"<time>{escape(message.at or 'before the inbox started')}</time></header>{subject}{text}{frame}</article>"
    )


def _page(to: str, rows: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">'
        "<title>Messages</title>"
        f"<style>{STYLE}</style></head><body><main><h1>Messages sent by the local cloud</h1>"
        f'<form><input name="to" value="{escape(to)}" placeholder="Phone number or e-mail address" '
        'aria-label="Phone number or e-mail address"><button>Show</button></form>'
        f'<div id="list" data-version="{_version(rows)}" aria-live="polite">{rows}</div></main>'
        f"<script>{SCRIPT}</script></body></html>"
    )


def _version(rows: str) -> str:
    return hashlib.sha256(rows.encode()).hexdigest()[:16]
