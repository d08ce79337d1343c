"""The register of excluded players, which an authority keeps: who is on it takes no part in betting anywhere.

A port: the register's own API is not published yet, so this is what we need of one. It is asked with the hash of a
phone number, and never told who asks to play. On the laptop a fake answers (`localcloud.registers`).
"""

import hashlib
import json
from dataclasses import dataclass

from botocore.awsrequest import AWSRequest
from botocore.exceptions import ConnectionError, HTTPClientError
from botocore.httpsession import URLLib3Session

from betsafi.errors import Unavailable
from betsafi.settings import Url, read_settings
from users import wording


@dataclass(frozen=True)
class Settings:
    """Where the register is ("": none is asked), and for how long it is waited for."""

    exclusion_register_url: Url = ""
    register_wait_ms: int = 800


settings = read_settings(Settings)
_seconds = settings.register_wait_ms / 1000
_http = URLLib3Session(timeout=(_seconds, _seconds))


def is_asked() -> bool:
    """Return whether the stage has a register."""
    return bool(settings.exclusion_register_url)


def is_listed(phone_number: str) -> bool:
    """Return whether the register has the owner of a phone number. Raises Unavailable without a clear answer."""
    subject = hashlib.sha256(phone_number.encode()).hexdigest()
    content, headers = json.dumps({"subject": subject}), {"Content-Type": "application/json"}
    request = AWSRequest("POST", settings.exclusion_register_url + "/check", headers, content)
    try:
        answer = _http.send(request.prepare())
        listed = json.loads(answer.content)["listed"] if answer.status_code == 200 else None
    except (HTTPClientError, ConnectionError, ValueError, KeyError, TypeError):
        listed = None
    if not isinstance(listed, bool):
        raise Unavailable(wording.NOT_NOW)
    return listed
