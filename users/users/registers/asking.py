"""How a register is asked: a POST of JSON, and no longer waited for than its caller can wait."""

import json
from typing import Any

from botocore.awsrequest import AWSRequest
from botocore.exceptions import ConnectionError, HTTPClientError
from botocore.httpsession import URLLib3Session


class Register:
    """A register at an address, waited for so many seconds to connect and as many as given to answer."""

    def __init__(self, url: str, connect_seconds: float, answer_seconds: float) -> None:
        self._url = url
        self._http = URLLib3Session(timeout=(connect_seconds, answer_seconds))

    def ask(self, question: dict[str, str], name: str) -> Any:
        """Return a field of what the register answers, None without a clear answer; nothing of either is logged."""
        headers = {"Content-Type": "application/json"}
        request = AWSRequest("POST", self._url, headers, json.dumps(question))
        try:
            answer = self._http.send(request.prepare())
            return json.loads(answer.content)[name] if answer.status_code == 200 else None
        except (HTTPClientError, ConnectionError, ValueError, KeyError, TypeError):
            return None
