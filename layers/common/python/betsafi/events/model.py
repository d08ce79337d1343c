"""The envelope and the base of every event."""

from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from betsafi import ids

Id = Annotated[str, Field(min_length=1, max_length=ids.LONGEST)]
Cents = Annotated[int, Field(ge=0, strict=True, description="Kenyan cents")]
Version = Annotated[int, Field(ge=0, strict=True)]
STAMP = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$"
Stamp = Annotated[str, Field(pattern=STAMP, description="ISO 8601, UTC")]
ODDS = r"^[1-9]\d{0,3}(\.\d{1,3})?$"
Odds = Annotated[str, Field(pattern=ODDS, description="decimal odds")]


class Model(BaseModel):
    """camelCase outside, snake_case inside; readers ignore fields that they do not know.

    A model is built when it is first used: a cold start imports more events than it reads.
    """

    model_config = ConfigDict(
        frozen=True, alias_generator=to_camel, populate_by_name=True, extra="ignore", defer_build=True
    )


class Event(Model):
    """A fact. `source` is the publisher, the class name is the detail-type, `version` its schema's version.

    `reads` are the versions that it can be read from: an event may have waited in a queue, or for a redrive.
    """

    source: ClassVar[str]
    version: ClassVar[int] = 1
    reads: ClassVar[frozenset[int]] = frozenset({1})

    def data(self) -> dict[str, Any]:
        """Return the fact as the JSON object that goes into the envelope's `data`."""
        return self.model_dump(by_alias=True, exclude_none=True)


class Envelope(Model):
    """EventBridge `detail`: `id` is derived from the change that caused the event, so a replay has the same one."""

    id: Id
    time: Stamp
    version: Annotated[int, Field(ge=1, strict=True)]
    correlation_id: str = ""
    causation_id: str = ""
    data: dict[str, Any]
