"""Payment, as users calls it: it must know who is stopped, and what protects a player, before anybody gets an answer.

Payment is deployed after users, which it calls; so its address is no setting, and is looked up when it is needed.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from betsafi.aws import client, is_misconfigured
from betsafi.errors import Misconfigured, Unavailable
from betsafi.protection import Protection
from betsafi.service_client import ServiceClient
from betsafi.settings import read_settings
from betsafi.telemetry import misconfigured
from users import wording
from users.protection import body


@dataclass(frozen=True)
class Settings:
    """Which stage's payment is called, and for how long a try waits (see `wallet_api`)."""

    stage: str
    service_wait_ms: int = 2_000


_settings = read_settings(Settings)
_wait = _settings.service_wait_ms / 1000
_PUBLISHED = f"/betsafi/{_settings.stage}/payment/api/url"


def protect(user_id: str, protection: Protection) -> None:
    """Have payment hold what protects a player unless it has that version or a newer one. Raises Unavailable."""
    _call("PUT", f"/players/{user_id}/protection", body(protection))


def set_status(user_id: str, status: str, status_version: int) -> None:
    """Have payment hold how an account stands unless it has that version or a newer one. Raises Unavailable."""
    _call("PUT", f"/players/{user_id}/status", {"status": status, "statusVersion": status_version})


def rooms(user_id: str) -> list[dict[str, Any]]:
    """Return what is left of each limit on deposits. Raises Unavailable."""
    answer = _call("GET", f"/players/{user_id}/protection")
    return list(answer["limits"])


def _call(method: str, path: str, content: dict[str, Any] | None = None) -> Any:
    try:
        return _client().call(method, path, content)
    except Unavailable:
        _client.cache_clear()  # it may have another address since
        raise


@cache
def _client() -> ServiceClient:
    try:
        found = client("ssm").get_parameter(Name=_PUBLISHED)
    except (ClientError, BotoCoreError) as error:
        if is_misconfigured(error):
            misconfigured("SSM", name=_PUBLISHED)
            raise Misconfigured from None
        raise Unavailable(wording.NOT_NOW) from None
    return ServiceClient(found["Parameter"]["Value"], connect_timeout=min(1, _wait), read_timeout=_wait)
