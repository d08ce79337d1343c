"""What KMS does for us with what is most personal: fields of an item encrypted, and a document known again.

A document's number is claimed under an HMAC, whose key never leaves KMS: eight digits under a plain hash are found in
seconds. What is encrypted names its player, so it opens under no other one.
"""

import base64
import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from betsafi.aws import client, error_code, is_misconfigured
from betsafi.errors import Misconfigured, Unavailable
from betsafi.settings import read_settings
from betsafi.telemetry import misconfigured
from users import wording


@dataclass(frozen=True)
class Settings:
    """The table's own key, and the key of the HMAC."""

    personal_key: str
    document_key: str


def mac(text: str) -> str:
    """Return what a text is known by, the same for ever. Raises Unavailable, Misconfigured."""
    given = {"KeyId": _settings().document_key, "MacAlgorithm": "HMAC_SHA_256", "Message": text.encode()}
    return str(_ask("generate_mac", **given)["Mac"].hex())


def seal(user_id: str, secret: dict[str, str]) -> str:
    """Return what only `unseal` reads, for the same player. Raises Unavailable, Misconfigured."""
    given = {"KeyId": _settings().personal_key, "Plaintext": json.dumps(secret).encode()}
    return base64.b64encode(_ask("encrypt", **given, **_of(user_id))["CiphertextBlob"]).decode()


def unseal(user_id: str, sealed: str) -> dict[str, str]:
    """Return what was sealed for a player. Raises Unavailable, Misconfigured."""
    given = {"KeyId": _settings().personal_key, "CiphertextBlob": base64.b64decode(sealed)}
    found: dict[str, str] = json.loads(_ask("decrypt", **given, **_of(user_id))["Plaintext"])
    return found


def _of(user_id: str) -> dict[str, Any]:
    return {"EncryptionContext": {"user": user_id}}


def _ask(operation: str, **given: Any) -> Any:
    try:
        return getattr(client("kms"), operation)(**given)
    except (ClientError, BotoCoreError) as error:
        if is_misconfigured(error) or error_code(error) in ("NotFoundException", "DisabledException"):
            misconfigured("KMS", error=error_code(error))
            raise Misconfigured from None
        raise Unavailable(wording.NOT_NOW) from None


@cache
def _settings() -> Settings:
    return read_settings(Settings)
