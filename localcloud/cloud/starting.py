"""What every part needs while it starts: somewhere to report progress, and a sentence for when it cannot."""

from collections.abc import Callable

Report = Callable[[str], None]


class CannotStart(Exception):
    """The local cloud could not be brought up; the message is one sentence for a person."""
