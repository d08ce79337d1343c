"""The register that knows whose a document is: a port, which the laptop's fake answers too.

`POST <url>/identity` with kind, number, names and date of birth, answered `{"answer": "MATCH" | "MISMATCH" |
"UNKNOWN"}`. Whoever runs a real register puts what speaks its protocol at this address; none is documented publicly.
"""

from dataclasses import dataclass
from typing import Literal

from betsafi.errors import Unavailable
from betsafi.settings import Url, read_settings
from users import wording
from users.models import Document
from users.registers.asking import Register

Answer = Literal["MATCH", "MISMATCH", "UNKNOWN"]
ANSWERS: tuple[Answer, ...] = ("MATCH", "MISMATCH", "UNKNOWN")


@dataclass(frozen=True)
class Settings:
    """Where the register is; without one nobody is verified."""

    identity_register_url: Url = ""


_settings = read_settings(Settings)
_register = Register(_settings.identity_register_url.rstrip("/") + "/identity", 2, 10)


class RegisterDown(Unavailable):
    """The register gives no answer now; it is asked again."""

    code = "REGISTER_DOWN"
    sw = "Rejista haijibu."


def is_there() -> bool:
    """Return whether there is a register to ask."""
    return bool(_settings.identity_register_url)


def ask(document: Document) -> Answer:
    """Return what the register says of a document and who is on it. Raises RegisterDown; nothing of it is logged."""
    answer = _register.ask(document.named, "answer")
    for known in ANSWERS:
        if answer == known:
            return known
    raise RegisterDown(wording.REGISTER_DOWN)
