"""What one deployment of the payment service is told, read once at import (a lazy import must not read it later)."""

from dataclasses import dataclass, field

from betsafi.settings import read_settings


@dataclass(frozen=True)
class Settings:
    """Where things are, and how patient to be.

    `followup_delays` are seconds since a payment's last change of state, ascending. `query_grace_seconds` is how old a
    push must be before a failure that the STK query tells is believed. `source_addresses` are M-Pesa's; a callback from
    elsewhere is counted, and refused only with `refuse_unknown_sources`. Without `callback_base_url`, a custom domain,
    M-Pesa could not tell us anything, so no money is moved. `deposits_open` and
    `withdrawals_open` close a direction for good measure; an administrator's switch does so at once. Callbacks are kept
    in `archive_bucket`. `requests_per_second` to M-Pesa by all processes together, 0: no limit. What only a pull can
    confirm asks for one, all together once in `pull_pause_seconds`. A player gets one prompt in `prompt_pause_seconds`,
    so that nobody uses up everybody's requests. With `review_first_withdrawal` an administrator looks at a player's
    first one.
    """

    table_name: str
    daraja_secret_id: str
    daraja_url: str
    users_url: str
    wallet_url: str
    followup_queue_url: str
    archive_bucket: str
    callback_base_url: str = ""
    query_grace_seconds: int = 90
    followup_delays: list[str] = field(default_factory=lambda: ["20", "60", "90", "180", "600", "3600"])
    source_addresses: list[str] = field(default_factory=list)
    refuse_unknown_sources: bool = False
    deposits_open: bool = True
    withdrawals_open: bool = True
    requests_per_second: int = 0
    pull_pause_seconds: int = 60
    prompt_pause_seconds: int = 10
    review_first_withdrawal: bool = True


settings = read_settings(Settings)
