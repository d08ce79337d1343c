"""Those who carry messages to phones and mailboxes: they write down what they took, refuse, and lose their answers."""

from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError, ReadTimeoutError

from tests.simulation.faults import Faults
from tests.simulation.scheduler import Scheduler

Wire = dict[str, Any]


@dataclass(frozen=True)
class Carried:
    """A message that a carrier took at a moment, of a delivery that had `begun` earlier."""

    to: str
    text: str
    begun: int
    at: int


class Carriers:
    """SNS and SES. `refused` are the messages, by recipient and text, that they will never take."""

    def __init__(self, scheduler: Scheduler, faults: Faults) -> None:
        self._scheduler, self._faults = scheduler, faults
        self.taken: list[Carried] = []
        self.refused: set[tuple[str, str]] = set()

    def sms(self, request: Wire) -> Wire:
        """Answer SNS' Publish to a phone number. Raises ClientError, ReadTimeoutError."""
        return self._carry("Publish", request["PhoneNumber"], request["Message"], ("OptedOut", "InvalidParameter"))

    def email(self, request: Wire) -> Wire:
        """Answer SES' SendEmail. Raises as `sms`."""
        (address,) = request["Destination"]["ToAddresses"]
        text = request["Message"]["Body"]["Text"]["Data"]
        return self._carry("SendEmail", address, text, ("MessageRejected", "MessageRejected"))

    def _carry(self, operation: str, to: str, text: str, refusals: tuple[str, str]) -> Wire:
        """Take a message, or refuse the recipient for good, or us until somebody has mended something of ours."""
        of_recipient, of_us = refusals
        if self._faults.hits("carrier refuses", operation):
            self.refused.add((to, text))
            raise _refusal(operation, of_recipient, "no message for this one")
        if self._faults.hits("carrier refuses us", operation):
            raise _refusal(operation, of_us, "the account is in the sandbox")
        self.taken.append(Carried(to, text, self._scheduler.current.begins_at, self._scheduler.now))
        if self._faults.hits("carrier's answer is lost", operation):
            raise ReadTimeoutError(endpoint_url="carrier")
        return {"MessageId": str(len(self.taken))}


def _refusal(operation: str, code: str, message: str) -> ClientError:
    error = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": 400}}
    return ClientError(error, operation)
