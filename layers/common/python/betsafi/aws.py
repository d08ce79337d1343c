"""The one factory of AWS clients: one client a service and process, with bounded waits."""

import random
import threading
from contextlib import suppress
from functools import cache
from typing import Any

import botocore.session
from botocore.config import Config

with suppress(ImportError):  # only Lambda's runtime has it
    from snapshot_restore_py import register_after_restore  # type: ignore[import-not-found]

    # botocore draws the waits between its tries from this generator, which SnapStart restores alike in every copy.
    register_after_restore(random.seed)

_CONFIG = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 4})


_UNMENDED = frozenset(
    {
        "AccessDenied", "AccessDeniedException", "AuthorizationError", "DecryptionFailure", "InvalidClientTokenId",
        "InvalidRequestException", "InvalidSecurity", "InvalidSignatureException", "NoCredentialsError",
        "OptInRequired", "ResourceNotFoundException", "SignatureDoesNotMatch", "SubscriptionRequiredException",
        "UnrecognizedClientException",
    }
)  # fmt: skip
"""What AWS answers until somebody mends a permission, a key or a name; throttling and outages are not among it."""


def error_code(error: Exception) -> str:
    """Return what an exception of an AWS client is known by; never its text, which may repeat what was sent."""
    response = getattr(error, "response", None)
    return str(response["Error"]["Code"]) if response else type(error).__name__


def is_misconfigured(error: Exception) -> bool:
    """Return whether AWS refuses us until a person mends something of ours."""
    return error_code(error) in _UNMENDED


_making = threading.Lock()
"""A botocore session makes one client at a time, and finds its credentials once."""


@cache
def session() -> Any:
    """Return the process's botocore session (boto3's resources are not needed and cost start-up time)."""
    return botocore.session.get_session()


@cache
def client(service: str) -> Any:
    """Return the process's client of an AWS service: connect 2 s, read 5 s, at most 4 attempts."""
    with _making:
        return session().create_client(service, config=_CONFIG)


def credentials() -> Any:
    """Return what this process signs its requests with, as it is now."""
    with _making:
        return session().get_credentials().get_frozen_credentials()
