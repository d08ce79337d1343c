"""What an app asks first, whoever uses it: whether it is new enough, whether we are open, and how to reach us."""

from dataclasses import dataclass, field
from typing import Annotated, Any

from bet import presenting
from bet.markets import betting
from betsafi import clock
from betsafi.graphql import Fields
from betsafi.settings import Must, read_settings

Version = Annotated[str, Must(like=r"[0-9]{1,4}(\.[0-9]{1,4}){0,2}")]
Sentence = Annotated[str, Must(like=".{1,300}")]
# AppSync takes no address with // in its path.
Page = Annotated[str, Must(url=True, like=r"(?=.{1,500}$)https?://[^/\s]+(/[^/\s]+)*/?")]
Days = Annotated[list[str], Must(like="[0-9]{4}-[0-9]{2}-[0-9]{2}")]


@dataclass(frozen=True)
class Settings:
    """What a stage says to every app; "" is said as null. The banner is in both languages or in none."""

    oldest_android: Version = ""
    oldest_ios: Version = ""
    oldest_web: Version = ""
    maintenance_en: Sentence = ""
    maintenance_sw: Sentence = ""
    support_number: Annotated[str, Must(like=r"\+?[0-9]{3,15}")] = ""
    support_email: Annotated[str, Must(like=r"[^@\s]{1,64}@[^@\s]{1,190}")] = ""
    terms_versions: Days = field(default_factory=list)
    terms_url: Page = ""
    privacy_versions: Days = field(default_factory=list)
    privacy_url: Page = ""

    def __post_init__(self) -> None:
        """Raise ValueError for a banner in one language."""
        if bool(self.maintenance_en) != bool(self.maintenance_sw):
            raise ValueError("MAINTENANCE_EN and MAINTENANCE_SW say the same, or nothing")


handler = Fields()
_settings = read_settings(Settings)


@handler.public("start")
def start(arguments: dict[str, Any]) -> dict[str, Any]:
    """Return what every app has to know before it shows anything."""
    stage = _settings
    return {
        "time": clock.stamp(),
        "betting": presenting.betting(betting.now_open()),
        "maintenance": {"en": stage.maintenance_en, "sw": stage.maintenance_sw} if stage.maintenance_en else None,
        "oldestAndroid": stage.oldest_android or None,
        "oldestIos": stage.oldest_ios or None,
        "oldestWeb": stage.oldest_web or None,
        "terms": max(stage.terms_versions, default=None),
        "termsUrl": stage.terms_url or None,
        "privacy": max(stage.privacy_versions, default=None),
        "privacyUrl": stage.privacy_url or None,
        "supportNumber": stage.support_number or None,
        "supportEmail": stage.support_email or None,
    }
