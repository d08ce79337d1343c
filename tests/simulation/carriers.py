"""SNS, which carries messages to phones: it writes down what it took, refuses, and loses its answers."""

from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError, ReadTimeoutError

from tests.simulation.faults import Faults
from tests.simulation.scheduler import Scheduler

Wire = dict[str, Any]


@dataclass(frozen=True)
class Carried:
    """A message that was taken at a moment, of a delivery that had `begun` earlier."""

    to: str
    text: str
    begun: int
    at: int


class Carriers:
    """SNS. `refused` are the messages, by number and text, that it will never take."""

    def __init__(self, scheduler: Scheduler, faults: Faults) -> None:
        self._scheduler, self._faults = scheduler, faults
        self.taken: list[Carried] = []
        self.refused: set[tuple[str, str]] = set()

    def sms(self, request: Wire) -> Wire:
        """Answer Publish to a phone number, or refuse it for good, or us until somebody has mended something of ours.

        Raises ClientError, ReadTimeoutError.
        """
        to, text = request["PhoneNumber"], request["Message"]
        if self._faults.hits("carrier refuses", "Publish"):
            self.refused.add((to, text))
            raise _refusal("OptedOut", "no message for this one")
        if self._faults.hits("carrier refuses us", "Publish"):
            raise _refusal("InvalidParameter", "the account is in the sandbox")
        self.taken.append(Carried(to, text, self._scheduler.current.begins_at, self._scheduler.now))
        if self._faults.hits("carrier's answer is lost", "Publish"):
            raise ReadTimeoutError(endpoint_url="carrier")
        return {"MessageId": str(len(self.taken))}


def _refusal(code: str, message: str) -> ClientError:
    error = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": 400}}
    return ClientError(error, "Publish")
