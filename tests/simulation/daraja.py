"""M-Pesa in this process: the fake's own M-Pesa and API, under the simulation's clock.

What the phones and M-Pesa do is drawn from the seed while faults are on; afterwards M-Pesa behaves. Its books are never
asked by the services: the laws compare our ledger with them, and operators look there before they decide.
"""

import json
from collections.abc import Callable
from random import Random
from typing import Any, NoReturn
from urllib.parse import parse_qsl, quote_plus, urlsplit

import requests
from urllib3.exceptions import NewConnectionError

from localcloud.daraja.api.call import Call
from localcloud.daraja.api.gateway import Gateway
from localcloud.daraja.base.ids import Ids
from localcloud.daraja.base.scripts import CallbackPlan, Extra, Outcome, Reply, Script, ScriptBook
from localcloud.daraja.base.settings import SANDBOX_SHORTCODE, Settings
from localcloud.daraja.mpesa.credential import Vault
from localcloud.daraja.mpesa.model import Delivery, Order
from localcloud.daraja.mpesa.mpesa import Mpesa
from tests.simulation.dynamodb import Wire
from tests.simulation.faults import Faults
from tests.simulation.scheduler import SECOND, Scheduler
from tests.simulation.scheduler import Outcome as Ended

BASE_URL = "https://pay.example.co.ke"
DARAJA_URL = "https://daraja.example.co.ke"
SOURCE_ADDRESS = "196.201.214.200"
"""The only address of M-Pesa's that we have on our list."""

_OTHER_ADDRESS = "196.201.213.9"
_FORGER_ADDRESS = "203.0.113.7"

_STK_OUTCOMES: tuple[Outcome, ...] = ("approve",) * 6 + ("cancel", "cancel", "timeout", "insufficient", "wrong_pin")
_STK_REFUSALS = ("lock", "busy", "spike_arrest_429", "no_product")
_STK_UNCLEAR = ("internal", "system_error", "waf", "html_502", "empty_200")
_B2C_REPLIES = ("busy", "internal", "system_error", "maintenance", "waf_403", "html_200", "empty", "envelope_200")
_B2C_FAILURES = ("8", "2040", "4", "1", "2001", "SFC_IC0003")
_B2C_UNCLEAR = ("17", "26", "100000002", "15")
_REVERSAL_FAILURES = ("1", "11", "2001", "2006")
_REVERSAL_UNCLEAR = ("17", "26", "100000002", "99")
_QUERY_FORMS = ("4999", "empty", "processing", "error", "not_exist")


class Temper(ScriptBook):
    """Says how each request goes: seeded misbehaviour (DARAJA.md) while faults are on, then none."""

    def __init__(
        self, faults: Faults, random: Random, is_young: Callable[[str], bool], used_receipt: Callable[[], str]
    ) -> None:
        super().__init__()
        self._faults, self._random = faults, random
        self._is_young, self._used_receipt = is_young, used_receipt

    def take(
        self, kind: str, phone: str | None = None, amount: int | None = None, reference: str | None = None
    ) -> Script | None:
        """Return the script for a request."""
        if kind == "stk":
            return self._push()
        if not self._faults.active:
            return None
        if kind == "c2b":
            return Script(callback=self._callback(kind))
        if kind == "b2c":
            return self._payment()
        return self._reversal() if kind == "reversal" else self._query(kind, reference)

    def _push(self) -> Script:
        random = self._random
        if not self._faults.active:
            return Script(outcome="approve")
        script = Script(outcome=random.choice(_STK_OUTCOMES), delay_s=round(random.uniform(1, 58), 3))
        if script.outcome == "timeout":
            script = Script(outcome="timeout")
        changes: dict[str, Any] = {"callback": self._callback("stk"), "confirmation": self._callback("c2b")}
        if self._faults.hits("m-pesa's answer is late or cut", "stk"):
            changes["reply"] = self._cut()
        elif self._faults.hits("m-pesa refuses", "stk"):
            executed = random.random() < 0.3
            preset = random.choice(_STK_UNCLEAR if executed else _STK_REFUSALS + _STK_UNCLEAR)
            changes["reply"] = Reply(preset=preset, executed=executed)
        return script.model_copy(update=changes)

    def _payment(self) -> Script:
        random = self._random
        changes: dict[str, Any] = {"callback": self._callback("b2c"), "delay_s": round(random.uniform(0.5, 90), 3)}
        if self._faults.hits("m-pesa fails to pay", "b2c"):
            changes["result_code"] = random.choice(_B2C_FAILURES)
        elif self._faults.hits("m-pesa is unclear", "b2c"):
            changes["result_code"] = random.choice(_B2C_UNCLEAR)
            changes["paid_anyway"] = random.random() < 0.5
        elif self._faults.hits("m-pesa forgets", "b2c"):
            changes["outcome"] = random.choice(("timeout", "never"))
        elif self._faults.hits("m-pesa's queue is slow", "b2c"):
            changes["callback"] = changes["callback"].model_copy(update={"queue_timeout_s": 20.0})
        if self._faults.hits("m-pesa's answer is late or cut", "b2c"):
            changes["reply"] = self._cut()
        elif self._faults.hits("m-pesa refuses", "b2c"):
            executed = random.random() < 0.3
            changes["reply"] = Reply(preset=random.choice(_B2C_REPLIES), executed=executed)
        return Script(**changes)

    def _reversal(self) -> Script:
        random = self._random
        changes: dict[str, Any] = {"callback": self._callback("reversal"), "delay_s": round(random.uniform(0.5, 90), 3)}
        if self._faults.hits("m-pesa fails to pay", "reversal"):
            changes["result_code"] = random.choice(_REVERSAL_FAILURES)
        elif self._faults.hits("m-pesa is unclear", "reversal"):
            changes["result_code"] = random.choice(_REVERSAL_UNCLEAR)
        elif self._faults.hits("m-pesa forgets", "reversal"):
            changes["outcome"] = random.choice(("timeout", "never"))
        elif self._faults.hits("m-pesa's queue is slow", "reversal"):
            changes["callback"] = changes["callback"].model_copy(update={"queue_timeout_s": 20.0})
        if self._faults.hits("m-pesa's answer is late or cut", "reversal"):
            changes["reply"] = self._cut()
        elif self._faults.hits("m-pesa refuses", "reversal"):
            changes["reply"] = Reply(preset=random.choice(_B2C_REPLIES), executed=random.random() < 0.3)
        return Script(**changes)

    def _query(self, kind: str, reference: str | None) -> Script | None:
        if kind == "stk_query" and self._faults.hits("m-pesa's query is wrong", kind):
            # A failure is told too early at times, but not after 90 seconds (DARAJA §3.4).
            forms = (*_QUERY_FORMS, "1032", "1037") if self._is_young(reference or "") else _QUERY_FORMS
            return Script(queries=[self._random.choice(forms)])
        if self._faults.hits("m-pesa's answer is late or cut", kind):
            return Script(reply=self._cut())
        if self._faults.hits("m-pesa refuses", kind):
            return Script(reply=Reply(preset=self._random.choice(_B2C_REPLIES), executed=False))
        if self._faults.hits("m-pesa kills its tokens", kind):
            return Script(expire_token=kind != "oauth")
        return Script(callback=self._callback(kind)) if kind == "status" else None

    def _callback(self, kind: str) -> CallbackPlan:
        random, faults = self._random, self._faults
        if kind == "stk" and faults.hits("m-pesa repeats a receipt", kind) and (receipt := self._used_receipt()):
            return CallbackPlan(set={"MpesaReceiptNumber": receipt})
        if kind == "stk" and faults.hits("m-pesa contradicts itself", kind):
            gone = ["Amount", "MpesaReceiptNumber", "TransactionDate", "PhoneNumber"]
            first = Extra(set={"ResultCode": 1037, "ResultDesc": "DS timeout"}, remove=gone)
            return CallbackPlan(delay_s=round(random.uniform(1, 60), 3), extra=[first])
        if faults.hits("m-pesa's callback is lost", kind):
            return CallbackPlan(lost=True)
        if faults.hits("m-pesa's callback is repeated", kind):
            return CallbackPlan(copies=random.randint(2, 3), spacing_s=round(random.uniform(0, 40), 3))
        if faults.hits("m-pesa's callback is late", kind):
            return CallbackPlan(delay_s=round(random.uniform(30, 4000), 3))
        return CallbackPlan()

    def _cut(self) -> Reply:
        return Reply(close=True) if self._random.random() < 0.5 else Reply(delay_s=30)


class Daraja:
    """The fake behind `requests`, its callbacks on their way to our queue, and what people see in M-Pesa's books.

    `meant` says of every payment by hand whom the payer meant: a player's id, None where the number was nobody's.
    """

    def __init__(
        self,
        scheduler: Scheduler,
        faults: Faults,
        random: Random,
        seed: int,
        deliver: Callable[[dict[str, str]], None],
        validate: Callable[[Wire, Callable[[Ended], None]], None],
    ) -> None:
        self._scheduler, self._faults, self._random = scheduler, faults, random
        self._deliver, self._validate = deliver, validate
        self.meant: dict[str, str | None] = {}
        settings = Settings(c2b_validation=random.random() < 0.5, pull_page_size=random.choice((10, 100)))
        ids = Ids(seed)
        self.mpesa = Mpesa(settings, ids, Vault())
        self.mpesa.accounts.open_books(scheduler.moment())
        self.gateway = Gateway(settings, self.mpesa, Temper(faults, random, self._is_young, self._used_receipt), ids)

    def send(self, request: requests.PreparedRequest, timeout: tuple[float, float]) -> requests.Response:
        """Answer one HTTP request, from inside a task. Raises what `requests` raises."""
        self._scheduler.sleep(self._random.randrange(5_000, 80_000))
        if self._faults.hits("m-pesa cannot be reached", "connect"):
            self._unreachable(request)
        parts = urlsplit(request.url or "")
        body = request.body or b""
        call = Call(
            request.method or "",
            parts.path,
            {name.lower(): value for name, value in request.headers.items()},
            dict(parse_qsl(parts.query)),
            body.encode() if isinstance(body, str) else body,
        )
        answer = self.gateway.handle(call, self._scheduler.moment())
        self.wake()
        if answer.delay_s:
            self._scheduler.sleep(int(min(answer.delay_s, timeout[1]) * SECOND))
            if answer.delay_s >= timeout[1]:
                raise requests.ReadTimeout(request=request)
        else:
            self._scheduler.sleep(self._random.randrange(20_000, 1_500_000))
        if answer.close:
            raise requests.ConnectionError("Connection aborted.", request=request)
        response = requests.Response()
        response.status_code = answer.status
        response.headers.update(answer.headers)
        response._content = answer.body
        response.request = request
        return response

    def wake(self) -> None:
        """Do what is due at M-Pesa now, and come back for what is due later."""
        now = self._scheduler.moment()
        for delivery in self.mpesa.advance(now):
            if self._faults.hits("callback lost at the gateway", delivery.kind):
                self.mpesa.delivered(delivery.delivery_id, now, http_status=503, answer="", reason="")
            elif delivery.kind == "c2b_validation":
                self._ask(delivery)
            else:
                elsewhere = self._faults.hits("m-pesa calls from another address", delivery.kind)
                self._post(delivery.url, delivery.body, _OTHER_ADDRESS if elsewhere else SOURCE_ADDRESS)
                self.mpesa.delivered(delivery.delivery_id, now, http_status=200, answer="", reason="")
        due = self.mpesa.agenda.next_due()
        if due is not None:
            delay = max(0, round((due - now).total_seconds() * SECOND)) + 1
            self._scheduler.after(delay, self._wake_if_due)

    def _post(self, url: str, body: str, source: str) -> None:
        _, _, door, payment_id, signature = urlsplit(url).path.split("/")
        values = {"door": door, "id": payment_id, "hmac": signature, "source": source, "body": body}
        self._deliver({name: quote_plus(value) for name, value in values.items()})

    def _ask(self, delivery: Delivery) -> None:
        """Ask whether a payment is taken, and wait for the answer: no answer is a refusal (ResponseType)."""
        _, _, _, payment_id, signature = urlsplit(delivery.url).path.split("/")
        event = {
            "pathParameters": {"id": payment_id, "hmac": signature},
            "requestContext": {"identity": {"sourceIp": SOURCE_ADDRESS}, "requestId": delivery.delivery_id},
            "body": delivery.body,
        }

        def answered(outcome: Ended) -> None:
            told = outcome.value or {"statusCode": 502, "body": ""}
            self.mpesa.delivered(
                delivery.delivery_id, self._scheduler.moment(), http_status=told["statusCode"], answer=told["body"],
                reason="",
            )  # fmt: skip
            self.wake()

        self._validate(event, answered)

    # -- people with phones, honest and not

    def pay_bill(self, phone: str, shillings: int, account: str, meant: str | None) -> str:
        """Pay our paybill by hand; return the receipt that M-Pesa gives if it takes the payment."""
        script = self.gateway.scripts.take("c2b", phone, shillings, account) or Script()
        now = self._scheduler.moment()
        payment = self.mpesa.paybill.pay(SANDBOX_SHORTCODE, phone, shillings, account, "Pay Bill", script, now)
        self.meant[payment.receipt] = meant
        self.wake()
        return payment.receipt

    def forge(self, receipt: str, shillings: int, account: str) -> None:
        """Post a confirmation of what never was, by somebody who knows the address and is not M-Pesa."""
        registration = self.mpesa.state.registrations.get(SANDBOX_SHORTCODE)
        if registration is not None:
            body = {
                "TransactionType": "Pay Bill",
                "TransID": receipt,
                "TransAmount": f"{shillings}.00",
                "BusinessShortCode": SANDBOX_SHORTCODE,
                "BillRefNumber": account,
            }
            self._post(registration.confirmation_url, json.dumps(body), _FORGER_ADDRESS)

    # -- what an operator sees in M-Pesa's portal

    def was_paid(self, payment_id: str) -> bool | None:
        """Return whether a withdrawal was paid, None while M-Pesa may yet pay it or has never heard of it."""
        orders = [order for order in self._orders("b2c") if payment_of(order.body["ResultURL"]) == payment_id]
        if any(
            row.kind == "b2c" and row.conversation_id in self._ids(orders) for row in self.mpesa.state.books.journal
        ):
            return True
        return None if not orders or any(map(_goes_on, orders)) else False

    def was_given_back(self, receipt: str) -> bool | None:
        """Return whether a customer's payment was reversed, None while M-Pesa may yet reverse it."""
        booked = self.mpesa.state.books.find(receipt)
        if booked is not None and booked.reversed_by:
            return True
        orders = [order for order in self._orders("reversal") if order.body["TransactionID"] == receipt]
        return None if not orders or any(map(_goes_on, orders)) else False

    def _orders(self, kind: str) -> list[Order]:
        return [order for order in self.mpesa.state.orders.values() if order.kind == kind]

    def _ids(self, orders: list[Order]) -> set[str]:
        return {order.conversation_id for order in orders}

    # -- M-Pesa's temper

    def _is_young(self, checkout_request_id: str) -> bool:
        push = self.mpesa.state.pushes.get(checkout_request_id)
        return push is not None and (self._scheduler.moment() - push.created_at).total_seconds() < 85

    def _used_receipt(self) -> str:
        """The first deposit's receipt: its payment has claimed it long ago."""
        return next((row.receipt for row in self.mpesa.state.books.journal if row.kind == "stk"), "")

    def _wake_if_due(self) -> None:
        due = self.mpesa.agenda.next_due()
        if due is not None and due <= self._scheduler.moment():
            self.wake()

    def _unreachable(self, request: requests.PreparedRequest) -> NoReturn:
        if self._random.random() < 0.5:
            raise requests.ConnectTimeout(request=request)
        reason = NewConnectionError(None, "refused")  # type: ignore[arg-type]
        raise requests.ConnectionError(_Unreached(reason), request=request)


def payment_of(url: str) -> str:
    """Return the id in a callback address of ours."""
    return urlsplit(url).path.split("/")[3]


def _goes_on(order: Order) -> bool:
    return order.result_code is None and order.script.outcome not in ("never", "timeout")


class _Unreached(Exception):
    """Stands for urllib3's MaxRetryError: it says why no connection was made."""

    def __init__(self, reason: Exception) -> None:
        super().__init__(str(reason))
        self.reason = reason
