"""The register that knows whose a document is: a port, which the laptop's fake answers too.

`POST <url>/identity` with kind, number, names and date of birth, answered `{"answer": "MATCH" | "MISMATCH" |
"UNKNOWN"}`. Whoever runs a real register puts what speaks its protocol at this address; none is documented publicly.
"""

import json
from dataclasses import dataclass
from typing import Literal

from botocore.awsrequest import AWSRequest
from botocore.exceptions import ConnectionError, HTTPClientError
from botocore.httpsession import URLLib3Session

from betsafi.errors import Unavailable
from betsafi.settings import Url, read_settings
from users import wording
from users.models import Document

Answer = Literal["MATCH", "MISMATCH", "UNKNOWN"]
ANSWERS: tuple[Answer, ...] = ("MATCH", "MISMATCH", "UNKNOWN")


@dataclass(frozen=True)
class Settings:
    """Where the register is; without one nobody is verified."""

    identity_register_url: Url = ""


_settings = read_settings(Settings)
_http = URLLib3Session(timeout=(2, 10))


class RegisterDown(Unavailable):
    """The register gives no answer now; it is asked again."""

    code = "REGISTER_DOWN"


def is_there() -> bool:
    """Return whether there is a register to ask."""
    return bool(_settings.identity_register_url)


def ask(document: Document) -> Answer:
    """Return what the register says of a document and who is on it. Raises RegisterDown; nothing of it is logged."""
    body = json.dumps(document.named)
    url = f"{_settings.identity_register_url.rstrip('/')}/identity"
    request = AWSRequest(method="POST", url=url, data=body, headers={"Content-Type": "application/json"})
    try:
        response = _http.send(request.prepare())
        answer = json.loads(response.content)["answer"] if response.status_code == 200 else ""
    except (HTTPClientError, ConnectionError, ValueError, KeyError, TypeError):
        answer = ""
    for known in ANSWERS:
        if answer == known:
            return known
    raise RegisterDown(wording.REGISTER_DOWN)
