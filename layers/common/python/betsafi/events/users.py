"""Facts about people. No name, phone number or date of birth ever leaves the users service."""

from typing import Literal

from betsafi.events import acts
from betsafi.events.model import Event, Id, Stamp, Version
from betsafi.protection import REALITY_MINUTES, PlayerStatus, Protection, Use


class _UserEvent(Event):
    source = "betsafi.users"
    user_id: Id


class UserRegistered(_UserEvent):
    """A verified phone number has a profile; its wallet may be opened."""

    registered_at: Stamp
    language: str = "en"


class UserSuspended(_UserEvent):
    """The player may not bet or deposit, nor withdraw where `money_held`. `status_version` grows with every change.

    `reason_code` is why, and `deadline` the day by which we decide about it; a stop that stands may get others, under
    the next version. Neither is there in a stop from before they were kept.
    """

    status_version: Version
    reason_code: str | None = None
    deadline: str | None = None
    money_held: bool = False

    @property
    def status(self) -> PlayerStatus:
        """How the account stands by it."""
        return "FROZEN" if self.money_held else "SUSPENDED"


class UserReinstated(_UserEvent):
    """A suspension ended."""

    status_version: Version


class UserAppealAnswered(_UserEvent):
    """The player's appeal against the stop of that `status_version` was answered: it is LIFTED, or UPHELD and stays."""

    status_version: Version
    outcome: Literal["LIFTED", "UPHELD"]


class UserErased(_UserEvent):
    """Nobody is known any more behind this id; what is kept for the player alone is to be forgotten."""


class UserProtectionChanged(_UserEvent):
    """All that protects a player, as of the `protection_version`-th change: see `betsafi.protection`.

    `limits` are cents by name, `allowed` those a day by use; what is not named is not limited. `changed` names what
    this version changed.
    """

    protection_version: Version
    limits: dict[str, int]
    stopped_until: Stamp | None = None
    stop_kind: str | None = None
    reality_minutes: int = REALITY_MINUTES
    cleared_until: Stamp | None = None
    allowed: dict[Use, int] = {}
    terms: str | None = None
    changed: list[str] = []

    @property
    def protection(self) -> Protection:
        """What protects the player."""
        names = ("limits", "stopped_until", "stop_kind", "reality_minutes", "cleared_until", "allowed", "terms")
        return Protection(self.protection_version, **{name: getattr(self, name) for name in names})


class UserDeviceAdded(_UserEvent):
    """Somebody signed in as the player on a device that was not signed in before, and not the account's first."""

    device_id: Id
    added_at: Stamp


class UserEmailChanged(_UserEvent):
    """The player has another e-mail address, or none any more."""

    changed_at: Stamp


class UserPhoneChanged(_UserEvent):
    """The player has another phone number; withdrawals go there, and the next one is reviewed."""

    changed_at: Stamp


class _IdentityEvent(_UserEvent):
    state: Literal["VERIFIED", "REJECTED"]
    identity_version: Version


class UserVerified(_IdentityEvent):
    """The register knows the player as who they said they are. `identity_version` grows with every change."""


class UserIdentityRejected(_IdentityEvent):
    """The register does not; they may show another document."""


class UsersStaffActed(acts.StaffActed):
    """Somebody of the staff did, proposed or refused something in this service: see `acts.StaffActed`."""

    source = "betsafi.users"


del _UserEvent, _IdentityEvent
