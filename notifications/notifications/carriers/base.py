"""What every carrier says when it does not take a message.

Their own error texts repeat whom a message is for, so only an error's code leaves the code that calls them.
"""

from betsafi.sms import CarrierMisconfigured, CarrierUnavailable, Undeliverable

__all__ = ["CarrierMisconfigured", "CarrierUnavailable", "Undeliverable"]
