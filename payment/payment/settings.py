"""The settings of one deployment of the payment service, read once at import (a lazy import must not read it later)."""

import ipaddress
from dataclasses import dataclass, field

from betsafi.settings import FromZero, Url, read_settings


@dataclass(frozen=True)
class Settings:
    """Where things are, and how patient to be.

    `followup_delays` are seconds since a payment's last change of state, ascending. `query_grace_seconds` is how old a
    push must be before a failure that the STK query reports is believed. `source_addresses` are M-Pesa's; a callback
    from elsewhere is counted, and refused only with `refuse_unknown_sources`. Without `callback_base_url`, a custom
    domain, M-Pesa could not report anything to us, so no money is moved. `deposits_open` and
    `withdrawals_open` close a direction for good measure; an administrator's switch does so at once. Callbacks are kept
    in `archive_bucket`. `requests_per_second` to M-Pesa by all processes together, 0: no limit. What only a pull can
    confirm asks for one, all together once in `pull_pause_seconds`. A player gets one prompt in `prompt_pause_seconds`,
    so that nobody uses up everybody's requests. Whether a wallet takes money is waited for `wallet_wait_ms` a try. With
    `review_first_withdrawal` an administrator looks at a player's first one. From `two_people_cents` on a review and an
    assignment of money in suspense take two people.
    """

    table_name: str
    daraja_secret_id: str
    daraja_url: Url
    users_url: Url
    wallet_url: Url
    followup_queue_url: str
    archive_bucket: str
    callback_base_url: Url = ""
    query_grace_seconds: FromZero = 90
    followup_delays: list[int] = field(default_factory=lambda: [20, 60, 90, 180, 600, 3600])
    source_addresses: list[str] = field(default_factory=list)
    refuse_unknown_sources: bool = False
    deposits_open: bool = True
    withdrawals_open: bool = True
    requests_per_second: FromZero = 0
    pull_pause_seconds: FromZero = 60
    prompt_pause_seconds: FromZero = 10
    review_first_withdrawal: bool = True
    wallet_wait_ms: int = 1_500
    two_people_cents: int = 1_000_000

    def __post_init__(self) -> None:
        """Raise ValueError for what cannot be right together."""
        if self.followup_delays != sorted(set(self.followup_delays)):
            raise ValueError("FOLLOWUP_DELAYS must ascend")
        if self.refuse_unknown_sources and not self.source_addresses:
            raise ValueError("REFUSE_UNKNOWN_SOURCES needs SOURCE_ADDRESSES")
        for address in self.source_addresses:
            try:
                ipaddress.ip_address(address)
            except ValueError:
                raise ValueError("SOURCE_ADDRESSES must be IP addresses") from None


settings = read_settings(Settings)
