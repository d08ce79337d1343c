"""SMS through SNS. It says nothing more of a message that it took, so there is no id to know a report by."""

from betsafi import sms

_send = sms.sender()


def send(phone_number: str, text: str) -> str:
    """Hand one SMS over, at least once; return "". Raises Undeliverable, CarrierUnavailable, CarrierMisconfigured."""
    _send(phone_number, text)
    return ""
