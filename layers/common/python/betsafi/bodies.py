"""What operations of our APIs take and give, as pydantic models: they check, and `openapi.yml` is made of them.

The kinds of fields here are the components that all documents share (`shared/openapi/common.yml`).
"""

from typing import Annotated, Any, ClassVar, Self, get_args

from pydantic import Field, ValidationError, ValidationInfo, ValidatorFunctionWrapHandler, WrapValidator
from pydantic.alias_generators import to_camel
from typing_extensions import TypeAliasType

from betsafi import ids
from betsafi.errors import InvalidAmount, InvalidInput
from betsafi.events.model import STAMP, Model, Stamp
from betsafi.money import MAX_CENTS
from betsafi.protection import (
    LEAST_REALITY_MINUTES,
    LIMITS,
    REALITY_MINUTES,
    USES,
    LimitName,
    PlayerStatus,
    Protection,
    StopKind,
    Use,
)


def refusal(sentence: str, error: type[InvalidInput] = InvalidInput) -> WrapValidator:
    """Return what goes behind a field's constraints: what they do not take raises `error` with this sentence.

    `{name}` in it becomes the field's name. The first field that does not fit is the one that the caller hears of.
    """

    def check(value: Any, fits: ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:
        try:
            return fits(value)
        except ValidationError as wrong:
            raise error(sentence.format(name=to_camel(info.field_name or ""))) from wrong

    return WrapValidator(check)


_ID = Annotated[str, Field(strict=True, pattern=f"^{ids.PATTERN}$"), refusal(ids.NO_PATH_ID)]
_CENTS = Annotated[
    int,
    Field(strict=True, ge=1, le=MAX_CENTS, description="cents of a shilling"),
    refusal("{name} must be a positive whole number of cents.", InvalidAmount),
]
_VERSION = Annotated[
    int,
    Field(strict=True, ge=1, le=MAX_CENTS, description="a later one wins"),
    refusal(f"{{name}} is a whole number from 1 to {MAX_CENTS}."),
]

Id = TypeAliasType("Id", _ID)
Cents = TypeAliasType("Cents", _CENTS)
Version = TypeAliasType("Version", _VERSION)
Balance = TypeAliasType("Balance", Annotated[int, Field(description="cents of a shilling")])


class Body(Model):
    """A JSON object, camelCase outside and snake_case inside; fields that it does not name are passed over."""

    together: ClassVar[tuple[str, ...]] = ()
    """Names, as they stand in JSON, of fields of which all are there or none."""

    @classmethod
    def read(cls, given: dict[str, Any]) -> Self:
        """Return what was given, checked. Raises InvalidInput or its kinds, for a missing field as for a wrong one."""
        needed = [field.alias for field in cls.model_fields.values() if field.is_required()]
        missing = dict.fromkeys([*needed, *(cls.together if given.keys() & cls.together else ())])
        return cls.model_validate({**missing, **given}, by_alias=True, by_name=False)


_LIMIT = Annotated[int | None, Field(strict=True, ge=0, le=MAX_CENTS, description="cents of a shilling; null for none")]
_LIMITS = Annotated[
    dict[LimitName, _LIMIT],
    refusal(f"{{name}} has some of {', '.join(LIMITS)}: whole numbers of cents from 0, or null for none."),
]
_UNTIL = Annotated[
    str, Field(strict=True, pattern=STAMP), refusal("{name} is a time in UTC, like 2026-12-31T21:00:00.000000Z.")
]
_KIND = Annotated[
    str,
    Field(strict=True, pattern=f"^({'|'.join(get_args(StopKind))})$"),
    refusal(f"{{name}} is one of {', '.join(get_args(StopKind))}."),
]
_ALLOWED = Annotated[
    dict[Use, Annotated[int, Field(strict=True, ge=0, le=MAX_CENTS, description="cents of a shilling")]],
    refusal(f"{{name}} has some of {', '.join(USES)}: whole numbers of cents from 0."),
]
_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_TERMS = Annotated[
    str,
    Field(strict=True, pattern=f"^(-|{_DAY} {_DAY})$", description="days of terms and privacy notice; - for none"),
    refusal("{name} is two days, like 2026-11-01 2026-11-01, or -."),
]
Limits = TypeAliasType("Limits", _LIMITS)
Until = TypeAliasType("Until", _UNTIL)


class ProtectionRequest(Body):
    """All that protects a player, as of a version: what is not named is not limited, and nothing stops them.

    `stoppedUntil` and `stopKind` are there together. `clearedUntil`: when a register's answer is too old to bet on.
    `allowed`: what their identity lets them do, in cents a day. `terms`: the versions that they accepted last.
    """

    together = ("stoppedUntil", "stopKind")

    version: Version
    limits: Limits
    stopped_until: Until = ""
    stop_kind: _KIND = ""
    reality_minutes: Annotated[
        int,
        Field(strict=True, ge=LEAST_REALITY_MINUTES, le=REALITY_MINUTES),
        refusal(f"{{name}} is a whole number from {LEAST_REALITY_MINUTES} to {REALITY_MINUTES}."),
    ] = REALITY_MINUTES
    cleared_until: Until = ""
    allowed: _ALLOWED = {}
    terms: _TERMS = ""

    @property
    def protection(self) -> Protection:
        """What protects the player."""
        given: dict[str, Any] = {name: None if value == "" else value for name, value in self}
        return Protection(**given)


class ProtectionSet(Body):
    """The version of what protects a player that stands now: the one that was sent, or a newer one."""

    user_id: Id
    version: Version


class StatusRequest(Body):
    """How a player's account stands with us, as of a version."""

    status: Annotated[PlayerStatus, refusal(f"{{name}} is one of {', '.join(get_args(PlayerStatus))}.")]
    status_version: Version


class StatusSet(Body):
    """The version of the status that stands now: the one that was sent, or a newer one."""

    user_id: Id
    status_version: Version


class LimitRoom(Body):
    """A limit that is set, what is left of it now, and when its window ends (null: it is of one bet)."""

    name: LimitName
    limit_cents: Balance
    left_cents: Balance
    ends: Stamp | None


class Refusal(Body):
    """What every operation answers when it refuses."""

    error: Annotated[str, Field(description="A stable code.")]
    message: Annotated[str, Field(description="A sentence for a person.")]
    sw: Annotated[str, Field(description="The same in Kiswahili.")]
    info: Annotated[dict[str, Any], Field(description="What belongs to the code, such as the limit that was reached.")]
