"""The register of excluded players, which an authority keeps: who is on it takes no part in betting anywhere.

A port: the register's own API is not published yet, so this is what we need of one. It is asked with the hash of a
phone number, and never told who asks to play. On the laptop a fake answers (`localcloud.registers`).
"""

import hashlib
from dataclasses import dataclass

from betsafi.errors import Unavailable
from betsafi.settings import Url, read_settings
from users import wording
from users.registers.asking import Register


@dataclass(frozen=True)
class Settings:
    """Where the register is ("": none is asked), and for how long it is waited for."""

    exclusion_register_url: Url = ""
    register_wait_ms: int = 800


settings = read_settings(Settings)
_seconds = settings.register_wait_ms / 1000
_register = Register(settings.exclusion_register_url + "/check", _seconds, _seconds)


def is_asked() -> bool:
    """Return whether the stage has a register."""
    return bool(settings.exclusion_register_url)


def is_listed(phone_number: str) -> bool:
    """Return whether the register has the owner of a phone number. Raises Unavailable without a clear answer."""
    listed = _register.ask({"subject": hashlib.sha256(phone_number.encode()).hexdigest()}, "listed")
    if not isinstance(listed, bool):
        raise Unavailable(wording.NOT_NOW)
    return listed
