"""What administrators do about the channel to M-Pesa: open and close directions, and register our addresses."""

from typing import Any

from betsafi.approval import alone
from betsafi.audit import Act, call_id
from betsafi.errors import InvalidInput
from betsafi.languages import Both
from betsafi.people import Staff
from payment import callbacks, models, wording
from payment.errors import DepositsUnavailable, NotAllowedNow
from payment.providers.base import Registration
from payment.providers.mpesa.credentials import callback_url, credentials
from payment.stores import approvals, channel


def switch(staff: Staff, arguments: dict[str, Any]) -> None:
    """Open or close deposits or withdrawals at once, with a banner for players. Raises InvalidInput."""
    kind, is_open = arguments["kind"], arguments["open"]
    if not is_open and not arguments.get("banner"):
        raise InvalidInput(wording.BANNER_NEEDED)
    banner = Both("", "") if is_open else _banner(arguments)
    wanted = {"kind": kind, "open": is_open}
    act = Act("setPaymentChannel", "SWITCHES", staff, str(banner), wanted, request_id=call_id(arguments))
    if not approvals.was_done(act):
        before = channel.direction(kind)
        was, becomes = (
            {"banner": said and str(said), "bannerSw": said and said.sw} for said in (before.banner, banner)
        )
        also = alone(act).writes({"open": before.open, **was}, {**wanted, **becomes})
        channel.switch(kind, is_open, banner, staff.id, *also)


def _banner(arguments: dict[str, Any]) -> Both:
    told = arguments.get("bannerSw") is not None
    banner = models.text(arguments, "banner", 10, 200)
    return Both(banner, models.text(arguments, "bannerSw", 10, 200) if told else "")


def register_paybill(staff: Staff, arguments: dict[str, Any]) -> bool:
    """Tell M-Pesa our addresses for paybill payments; return whether it knows them now. Raises as `register`.

    That somebody asks for it is kept before M-Pesa is told.
    """
    act = Act("registerPaybill", "ADDRESSES", staff, request_id=call_id(arguments))
    if not approvals.was_done(act):
        approvals.note(alone(act).writes({"addresses": channel.registered()}, {}))
    return register()


def register() -> bool:
    """Register our addresses and our pulls with M-Pesa; return whether it has them.

    M-Pesa keeps the first addresses that it is given; other ones (a new domain, a rotated key) it takes only after
    those were deleted on its portal. Raises DepositsUnavailable, NotAllowedNow.
    """
    from payment.providers.mpesa import client  # requests is slow to import, and only here needed

    ours = credentials().shortcode
    try:
        addresses = [callback_url(kind, ours) for kind in (callbacks.VALIDATION, callbacks.PAYBILL)]
    except callbacks.BadCallbackUrl as error:
        raise DepositsUnavailable(wording.no_domain(str(error))) from error
    told, pulls = client.register(*addresses)
    if told is Registration.TAKEN:
        channel.save_registered(addresses)
    elif told is Registration.BEFORE and channel.registered() != addresses:
        raise NotAllowedNow(wording.OTHER_ADDRESSES)
    return Registration.REFUSED not in (told, pulls)
