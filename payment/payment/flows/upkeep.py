"""What the service does by the clock for itself: watch the float, the queues and the initiator's password."""

from datetime import date
from typing import Any

from betsafi import clock
from betsafi.telemetry import count, gauge, logger, misconfigured
from payment import callbacks, queue
from payment.callbacks import Delivery
from payment.flows import followups, withdrawals
from payment.providers.base import Unreadable
from payment.providers.chosen import STANDARD
from payment.providers.mpesa import bodies
from payment.providers.mpesa.credentials import callback_url, credentials
from payment.settings import settings
from payment.states import QUEUES
from payment.stores import channel, payments, quarantine

UTILITY = "Utility Account"
WORKING = "Working Account"


def scan(start: Any) -> None:
    """Find what is forgotten: once a day from the beginning of the table (`start` is True), then page by page."""
    if start is True:
        report_password_age()
        queue.send_message({"pull": True})
    followups.find_forgotten(start)


def look() -> None:
    """Look how long people are waited for, and ask what our accounts hold."""
    report_queues()
    ask_balance()


def ask_balance() -> None:
    """Ask M-Pesa what our payout account holds; the answer comes to `take_balance`."""
    if credentials().can_pay and settings.callback_base_url:
        result_url = callback_url(callbacks.BALANCE, credentials().payout_shortcode)
        if STANDARD.orders().ask_balance(result_url).reason == "CONFIGURATION":
            misconfigured("M-Pesa", asked="balance")


def take_balance(delivery: Delivery) -> None:
    """Keep the balances that M-Pesa reports, measure them, and pay what waited for float as far as it goes."""
    try:
        code, accounts = bodies.read_balance(delivery.body)
    except Unreadable:
        quarantine.keep(delivery, "UNREADABLE", {})
        return
    if accounts is None:
        logger.warning("M-Pesa reported no balance", code=code[:40])
        return
    channel.save_balance(accounts)
    if asked := withdrawals.pay_what_waited_for_float(accounts.get(UTILITY, 0)):
        logger.info("withdrawals that waited for float are asked anew", found=asked)
    for name, metric in ((UTILITY, "UtilityShillings"), (WORKING, "WorkingShillings")):
        if name in accounts:
            gauge(metric, accounts[name] // 100)


def report_queues() -> None:
    """Tell CloudWatch for how long the one of each queue's first hundred that came first has waited for a person."""
    for name in sorted(set(QUEUES.values())):
        since = min((item["updated_at"] for item in payments.list_queue(name, 100, None).items), default=None)
        waited = (clock.now() - clock.parse_stamp(since)).total_seconds() if since else 0
        gauge(f"{name.capitalize()}OldestMinutes", waited // 60)


def report_password_age() -> None:
    """Tell CloudWatch how old the initiator's password is: M-Pesa takes it for 90 days. Unknown is as bad as old."""
    if not credentials().can_pay:
        return
    try:
        set_at = date.fromisoformat(credentials().initiator_password_set_at)
    except ValueError:
        count("InitiatorPasswordUndated")
        return
    gauge("InitiatorPasswordAgeDays", (clock.now().astimezone(clock.NAIROBI).date() - set_at).days)
