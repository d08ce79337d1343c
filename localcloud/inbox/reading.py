"""Where the messages come from: what the emulator and the fake M-Pesa recorded, and what Cognito would have sent."""

import asyncio
import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import aiohttp

from localcloud.base.emulator import Emulator, EmulatorError
from localcloud.cognito import codes, pools
from localcloud.inbox.mailbox import Mailbox, Message, iso

LOOK_SECONDS = 60.0


class Reader:
    """Fills a mailbox; `faults` is what could not be read at the last look."""

    def __init__(
        self, emulator: Emulator, mailbox: Mailbox, daraja_url: str | None, now: Callable[[], datetime]
    ) -> None:
        self._emulator = emulator
        self._mailbox = mailbox
        self._daraja_url = daraja_url
        self._now = now
        self._looked = False
        self._described: dict[tuple[str, float], dict[str, Any]] = {}
        self._lock = asyncio.Lock()
        self.faults: list[str] = []

    async def look(self, *, kept: bool = True) -> None:
        """Read everything that can be read; what is `kept` with its time where it is, e-mails and M-Pesa's, or not."""
        async with self._lock:
            faults = []
            readers = {"SMS": self._read_sms}
            if kept:
                readers["e-mail"] = self._read_emails
            readers["Cognito"] = self._read_cognito
            if kept and self._daraja_url:
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
        seen_at = iso(self._now()) if self._looked else None
        for number, records in (await self._inspect("/_ministack/sns/sms-messages"))["sms_messages"].items():
            for record in records:
                attributes = record.get("MessageAttributes") or {}
                sender = (attributes.get("AWS.SNS.SMS.SenderID") or {}).get("Value") or ""
                self._mailbox.add(
                    Message(record["MessageId"], "sms", number, record["Message"], seen_at, "SNS", sender=sender)
                )

    async def _read_emails(self) -> None:
        for records in (await self._inspect("/_ministack/ses/messages"))["messages"].values():
            for record in records:
                at = iso(datetime.fromtimestamp(record["Timestamp"], UTC))
                for to in [*record["To"], *record["CC"], *record["BCC"]]:
                    self._mailbox.add(
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
            state = (pool["Id"], pool["LastModifiedDate"])
            if state not in self._described:
                self._described[state] = (await self._ask("DescribeUserPool", UserPoolId=pool["Id"]))["UserPool"]
            described = self._described[state]
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
        self._mailbox.add(
            Message(
                id=message_id,
                channel="sms",
                to=delivery.to,
                text=codes.sms(pool, code),
                at=iso(datetime.fromtimestamp(at, UTC)),
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
                digest = hashlib.sha256(json.dumps(sent, sort_keys=True).encode()).hexdigest()[:24]
                at = iso(datetime.fromisoformat(sent["at"]))
                self._mailbox.add(
                    Message(f"mpesa:{digest}", "sms", sent["to"], sent["text"], at, "M-PESA", sender="MPESA")
                )

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
        answer = await pools.call(self._emulator, action, **parameters)
        if answer.status != 200:
            raise EmulatorError(f"{action} answered {answer.status}: {answer.body[:200]!r}")
        return answer.json()
