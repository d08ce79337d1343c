"""What one of Daraja's paths is, and what the families of paths have in common."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from localcloud.daraja.api import checks
from localcloud.daraja.base.ids import Ids
from localcloud.daraja.base.scripts import Kind, Script
from localcloud.daraja.base.settings import Settings
from localcloud.daraja.base.wire import JSON, Answer, invalid
from localcloud.daraja.mpesa.mpesa import Mpesa

NOT_FOUND_TOKEN = (404, "404.001.03", "Invalid Access Token")
BAD_REQUEST_TOKEN = (400, "400.003.01", "Invalid Access Token")
ECHOING_TOKEN = (401, "401.002.01", "Error Occurred - Invalid Access Token - {token}")
PLAIN_TOKEN = (401, "401.003.01", "Error Occurred - Invalid Access Token")


@dataclass(frozen=True)
class Api:
    """One of Daraja's paths. ``fields`` are the names it knows; others are ignored with a warning."""

    kind: Kind
    run: Callable[[JSON, Script, datetime], JSON | Answer]
    token_error: tuple[int, str, str]
    fields: tuple[str, ...]
    phone_field: str = ""
    reference_field: str = ""


class Family:
    """Paths that belong together, over one M-Pesa."""

    def __init__(self, settings: Settings, mpesa: Mpesa, ids: Ids) -> None:
        self.settings = settings
        self.mpesa = mpesa
        self.ids = ids

    def paths(self) -> dict[str, Api]:
        """Return every path with its API."""
        raise NotImplementedError

    def check_party(self, body: JSON, name: str) -> str:
        """Return the field, a shortcode of the organisation. Raises DarajaError."""
        shortcode = checks.digits(body, name, 5, 7)
        if shortcode not in (self.settings.shortcode, self.settings.b2c_shortcode):
            raise invalid(name)
        return shortcode
