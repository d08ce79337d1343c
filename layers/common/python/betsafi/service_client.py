"""Calls to another service's IAM API: signed with SigV4, bounded in time, with the trace and without surprises."""

import json
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import ConnectionError, HTTPClientError
from botocore.httpsession import URLLib3Session

from betsafi import clock
from betsafi.aws import credentials, session
from betsafi.errors import DomainError, Misconfigured, Unavailable
from betsafi.languages import Both
from betsafi.telemetry import misconfigured, trace

_ATTEMPTS = 3
_NO_ANSWER = Both(
    "The service is not answering. Please try again in a moment.",
    "Huduma haijibu. Tafadhali jaribu tena baada ya muda mfupi.",
)


class Refused(DomainError):
    """The other service refused; `code`, `status`, message (also in Kiswahili) and info are its own."""

    def __init__(self, status: int, code: str, message: str, info: dict[str, Any], sw: str = "") -> None:
        super().__init__(Both(message, sw) if sw else message, **info)
        self.status = status
        self.code = code


class ServiceClient:
    """A client of one service's API at `url`, e.g. https://abc.execute-api.eu-west-1.amazonaws.com."""

    def __init__(self, url: str, connect_timeout: float = 1, read_timeout: float = 4) -> None:
        self._url = url.rstrip("/")
        self._http = URLLib3Session(timeout=(connect_timeout, read_timeout))

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Return the answer's JSON. Raises Refused for a 4xx of the service, Unavailable when the outcome is not known.

        Raises Misconfigured where API Gateway before it refuses us (a permission, a key, an address).

        Every command carries its caller's id, so a lost answer is asked for again with the same body.
        """
        content = json.dumps(body, separators=(",", ":")) if body is not None else ""
        for attempt in range(_ATTEMPTS):
            if attempt:
                clock.sleep_with_jitter(attempt, base_seconds=0.05)
            try:
                response = self._http.send(self._signed(method, path, content))
            except (HTTPClientError, ConnectionError):
                continue
            if response.status_code < 300:
                return json.loads(response.content)
            if response.status_code < 500 and response.status_code != 429:
                raise self._refusal(response.status_code, response.content)
        raise Unavailable(_NO_ANSWER)

    def _signed(self, method: str, path: str, content: str) -> Any:
        why = trace()
        headers = {
            "Content-Type": "application/json",
            "X-Correlation-Id": why["correlation_id"],
            "X-Causation-Id": why["causation_id"],
        }
        request = AWSRequest(method=method, url=self._url + path, data=content or None, headers=headers)
        SigV4Auth(credentials(), "execute-api", session().get_config_variable("region")).add_auth(request)
        return request.prepare()

    def _refusal(self, status: int, content: bytes) -> DomainError:
        try:
            body = json.loads(content)
            return Refused(status, body["error"], body["message"], body.get("info") or {}, body.get("sw") or "")
        except (ValueError, KeyError, TypeError):
            if status in (401, 403, 404):
                misconfigured(self._url, status=status)
                return Misconfigured()
            return Unavailable(_NO_ANSWER)
