"""The one factory of AWS clients: one client a service and process, with bounded waits."""

from functools import cache
from typing import Any

import botocore.session
from botocore.config import Config

_CONFIG = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 4})


@cache
def session() -> Any:
    """Return the process's botocore session (boto3's resources are not needed and cost start-up time)."""
    return botocore.session.get_session()


@cache
def client(service: str) -> Any:
    """Return the process's client of an AWS service: connect 2 s, read 5 s, at most 4 attempts."""
    return session().create_client(service, config=_CONFIG)
