"""What a test or the local cloud may choose about the fake. Delays and lifetimes are in seconds, money in shillings."""

from dataclasses import dataclass
from decimal import Decimal

SANDBOX_SHORTCODE = "174379"
SANDBOX_PASSKEY = "bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919"


@dataclass(frozen=True)
class Settings:
    """The organisation's credentials at Safaricom and M-Pesa's temper.

    Defaults follow DARAJA.md; where the sources conflict, the default is the stricter or the documented reading and
    the switch is here: ``new_token_revokes_old`` (§2), ``subscriber_lock`` (§3.3 against §3.2), ``repeat_window_s``
    (result 17, documented as 120), ``stk_sends_c2b`` (§4.3), ``customer_pays_fee`` (§11.1), ``c2b_register_once`` and
    ``pull_register_once`` (§6: once in production, freely in the sandbox). ``pull_page_size`` is not documented.
    Callbacks are posted to ``deliver_to`` alone (``http://127.0.0.1:4567``), or without one to any address of this
    machine: whatever address is accepted, nothing leaves the laptop.
    """

    consumer_key: str = "local-consumer-key"
    consumer_secret: str = "local-consumer-secret"
    shortcode: str = SANDBOX_SHORTCODE
    passkey: str = SANDBOX_PASSKEY
    till_numbers: tuple[str, ...] = ()
    b2c_shortcode: str = "600000"
    organisation_name: str = "BETSAFI"
    initiator_name: str = "testapi"
    initiator_password: str = "Local#Initiator1"
    check_security_credential: bool = False

    auto_approve: bool = False
    approve_delay_s: float = 2.0
    prompt_lifetime_s: float = 60.0
    callback_delay_s: float = 0.0
    b2c_delay_s: float = 1.0
    async_delay_s: float = 0.5
    deliver_to: str | None = None
    delivery_timeout_s: float = 10.0
    validation_timeout_s: float = 8.0

    token_lifetime_s: int = 3599
    new_token_revokes_old: bool = False
    timestamp_tolerance_s: float = 600.0
    requests_per_second: int | None = None

    subscriber_lock: bool = True
    repeat_window_s: float = 0.0
    stk_sends_c2b: bool = True
    customer_pays_fee: bool = True
    c2b_validation: bool = True
    c2b_register_once: bool = False
    pull_register_once: bool = False
    pull_page_size: int = 100

    opening_phone_balance: Decimal = Decimal("100000.00")
    opening_utility: Decimal = Decimal("1000000.00")
    opening_working: Decimal = Decimal("0.00")
    default_pin: str = "1234"
    inbox_url: str | None = None
