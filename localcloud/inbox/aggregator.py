"""A fake of Africa's Talking as it documents itself: SMS go to the mailbox, and reports to who asked for them.

``POST /africastalking/version1/messaging`` takes an SMS; the header ``apiKey`` must be the laptop's. What else its
dashboard does, and its bad days, is ``POST /africastalking/_fake`` {report_url?, status_code?, report?, down?}: where
reports go, what messages are answered (101 takes them), how they end (null: no report), and whether it answers 503.
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

import aiohttp
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from localcloud.inbox.mailbox import Mailbox, Message, iso

API_KEY = "local-api-key"
STATUSES = {
    100: "Processed", 101: "Sent", 102: "Queued", 401: "RiskHold", 402: "InvalidSenderId", 403: "InvalidPhoneNumber",
    404: "UnsupportedNumberType", 405: "InsufficientBalance", 406: "UserInBlacklist", 407: "CouldNotRoute",
    409: "DoNotDisturbRejection", 500: "InternalServerError", 501: "GatewayError", 502: "RejectedByGateway",
}  # fmt: skip
_TAKEN = (100, 101, 102)
_REPORT_SECONDS = 10


@dataclass(frozen=True)
class Temper:
    """What the fake does until it is told otherwise."""

    report_url: str = ""
    status_code: int = 101
    report: str | None = "Success"
    down: bool = False


class Aggregator:
    """The fake; it keeps what it took in a mailbox."""

    def __init__(self, mailbox: Mailbox, now: Callable[[], datetime]) -> None:
        self._mailbox, self._now = mailbox, now
        self._numbers = itertools.count(1)
        self.temper = Temper()

    def routes(self) -> list[Route]:
        """Return where it answers."""
        return [
            Route("/africastalking/version1/messaging", self.take, methods=["POST"]),
            Route("/africastalking/_fake", self.tell, methods=["POST"]),
        ]

    async def tell(self, request: Request) -> Response:
        """Change the fake's temper; what is not named is as at the beginning."""
        try:
            self.temper = replace(Temper(), **await request.json())
        except (TypeError, ValueError) as error:
            return JSONResponse({"error": str(error)}, 400)
        return JSONResponse(vars(self.temper))

    async def take(self, request: Request) -> Response:
        """Answer one SMS, and report how it ended once the answer is out."""
        if self.temper.down:
            return PlainTextResponse("down", 503)
        if request.headers.get("apiKey") != API_KEY:
            return PlainTextResponse("The supplied authentication is invalid", 401)
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        if not {"username", "to", "message"} <= form.keys():
            return PlainTextResponse("Request is missing required form field", 400)
        code, number = self.temper.status_code, next(self._numbers)
        taken = code in _TAKEN
        message_id = f"ATXid_{number:032x}" if taken else "None"
        if taken:
            at, sender = iso(self._now()), form.get("from", "")
            self._mailbox.add(
                Message(message_id, "sms", form["to"], form["message"], at, "Africa's Talking", sender=sender)
            )
        cost = "KES 0.8000" if taken else "0"
        recipient = {
            "statusCode": code, "number": form["to"], "status": STATUSES[code], "cost": cost, "messageId": message_id,
        }  # fmt: skip
        said = f"Sent to {int(taken)}/1 Total Cost: {cost}"
        answer: dict[str, Any] = {"SMSMessageData": {"Message": said, "Recipients": [recipient]}}
        reports = taken and self.temper.report and self.temper.report_url
        task = BackgroundTask(self._report, message_id, form["to"]) if reports else None
        return JSONResponse(answer, 201, background=task)

    async def _report(self, message_id: str, number: str) -> None:
        form = {"id": message_id, "status": self.temper.report, "phoneNumber": number, "networkCode": "63902"}
        if self.temper.report in ("Failed", "Rejected"):
            form["failureReason"] = "UserIsInactive"
        timeout = aiohttp.ClientTimeout(total=_REPORT_SECONDS)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            await session.post(self.temper.report_url, data=form)
