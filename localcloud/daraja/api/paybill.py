"""The paybill: where its payments are confirmed, payments by hand, and the list of what came in (DARAJA §6)."""

from datetime import datetime

from localcloud.daraja.api import checks
from localcloud.daraja.api.family import BAD_REQUEST_TOKEN, PLAIN_TOKEN, Api, Family
from localcloud.daraja.base.scripts import Script
from localcloud.daraja.base.wire import EAT, JSON, DarajaError, invalid
from localcloud.daraja.mpesa.model import Registration

REGISTRATION = ("ShortCode", "ResponseType", "ConfirmationURL", "ValidationURL")
SIMULATED = ("ShortCode", "CommandID", "Amount", "Msisdn", "BillRefNumber")
PULL_REGISTRATION = ("ShortCode", "RequestType", "NominatedNumber", "CallBackURL")
PULL = ("ShortCode", "StartDate", "EndDate", "OffSetValue")


class Paybill(Family):
    """C2B and Pull."""

    def paths(self) -> dict[str, Api]:
        """Return every path with its API."""
        simulate = Api("c2b", self._simulate, BAD_REQUEST_TOKEN, SIMULATED, "Msisdn", "BillRefNumber")
        return {
            "/mpesa/c2b/v1/registerurl": Api("c2b_register", self._register_v1, BAD_REQUEST_TOKEN, REGISTRATION),
            "/mpesa/c2b/v2/registerurl": Api("c2b_register", self._register_v2, BAD_REQUEST_TOKEN, REGISTRATION),
            "/mpesa/c2b/v1/simulate": simulate,
            "/mpesa/c2b/v2/simulate": simulate,
            "/pulltransactions/v1/register": Api("pull", self._pull_register, PLAIN_TOKEN, PULL_REGISTRATION),
            "/pulltransactions/v1/query": Api("pull", self._pull, PLAIN_TOKEN, PULL),
        }

    def _register_v1(self, body: JSON, script: Script, now: datetime) -> JSON:
        return self._register(body, 1)

    def _register_v2(self, body: JSON, script: Script, now: datetime) -> JSON:
        return self._register(body, 2)

    def _register(self, body: JSON, version: int) -> JSON:
        """Keep the URLs; a bad one is refused with 400.003.02 and the reason (DARAJA §4.5)."""
        shortcode = self.check_party(body, "ShortCode")
        checks.choice(body, "ResponseType", ("Completed", "Cancelled"))
        for name in ("ConfirmationURL", "ValidationURL"):
            fault = checks.url_fault(body.get(name))
            if fault is not None:
                raise DarajaError(400, "400.003.02", f"Bad Request - Invalid {name} - {fault}")
        self.mpesa.paybill.register(
            Registration(
                shortcode,
                str(body["ResponseType"]),
                str(body["ConfirmationURL"]),
                str(body["ValidationURL"]),
                version,
            )
        )
        # "Coversation" is Safaricom's spelling (DARAJA §6).
        return {
            "OriginatorCoversationID": self.ids.reference(),
            "ResponseCode": "0",
            "ResponseDescription": "Success",
        }

    def _simulate(self, body: JSON, script: Script, now: datetime) -> JSON:
        shortcode = self.check_party(body, "ShortCode")
        command = checks.choice(body, "CommandID", ("CustomerPayBillOnline", "CustomerBuyGoodsOnline"))
        amount = checks.whole_shillings(body, "Amount", lowest=1, highest=checks.MAX_AMOUNT)
        phone = checks.msisdn(body, "Msisdn")
        account = "" if command == "CustomerBuyGoodsOnline" else checks.text(body, "BillRefNumber", 20)
        label = "Pay Bill" if command == "CustomerPayBillOnline" else "Buy Goods"
        self.mpesa.paybill.pay(shortcode, phone, amount, account, label, script, now)
        return {
            "OriginatorCoversationID": self.ids.reference(),
            "ResponseCode": "0",
            "ResponseDescription": "Accept the service request successfully.",
        }

    def _pull_register(self, body: JSON, script: Script, now: datetime) -> JSON:
        shortcode = self.check_party(body, "ShortCode")
        checks.choice(body, "RequestType", ("Pull",))
        checks.callback_url(body, "CallBackURL")
        known = shortcode in self.mpesa.state.pull_registered
        if not known:
            self.mpesa.state.pull_registered.append(shortcode)
        again = known and self.settings.pull_register_once
        return {
            "ResponseRefID": self.ids.reference(),
            "ResponseStatus": "1001" if again else "1000",
            "ShortCode": shortcode,
            "ResponseDescription": "ShortCode already Registered" if again else "Shortcode Registered Successfully",
        }

    def _pull(self, body: JSON, script: Script, now: datetime) -> JSON:
        """Success is "1000" with a list of lists; none is "1001" with ``[[]]`` (DARAJA §6)."""
        shortcode = self.check_party(body, "ShortCode")
        since, until = _pull_moment(body, "StartDate"), _pull_moment(body, "EndDate")
        offset = checks.whole_shillings(body, "OffSetValue", lowest=0, highest=None)
        rows = self.mpesa.paybill.pull(shortcode, since, until, offset, now)
        return {
            "ResponseRefID": self.ids.reference(),
            "ResponseCode": "1000" if rows else "1001",
            "ResponseMessage": "Success" if rows else "No transactions found",
            "Response": [rows],
        }


def _pull_moment(body: JSON, name: str) -> datetime:
    value = body.get(name)
    try:
        return datetime.strptime(str(value), "%Y-%m-%d %H:%M:%S").replace(tzinfo=EAT)
    except ValueError:
        raise invalid(name) from None
