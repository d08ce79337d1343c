"""The HTTP APIs do what their `openapi.yml` says: requests made from it, fit and unfit, on real tables."""

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, assume, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi.checks import (
    negative_data_rejection,
    positive_data_acceptance,
    response_schema_conformance,
    status_code_conformance,
)

from betsafi.errors import InvalidInput
from betsafi.inputs import check_storable
from betsafi.protection import Protection
from localcloud.daraja import create_app
from payment.callbacks import sign
from payment.providers.base import Outcome
from payment.providers.mpesa.codes import B2C_RESULTS, REVERSAL_RESULTS, STK_RESULTS
from tests.support.emulator import create_table
from tests.support.gateway import Gateway, http_api, rest
from tests.support.payment import Mailbox, World
from tests.support.services import SECRET, load, stores
from tests.support.serving import serve

ROOT = Path(__file__).parents[3]
INTERNAL = ("wallet", "users", "payment")
_ADDRESSES = ("FOLLOWUP_QUEUE_URL", "DARAJA_URL", "USERS_URL", "WALLET_URL", "DARAJA_SECRET_ID", "ARCHIVE_BUCKET")
UNUSED = dict.fromkeys(_ADDRESSES, "http://127.0.0.1:1")
FIT, UNFIT = GenerationMode.POSITIVE, GenerationMode.NEGATIVE
CHECKS: list[Any] = [not_a_server_error, status_code_conformance, response_schema_conformance]


def operations(service: str, document: str = "openapi") -> dict[str, Any]:
    """Return a service's operations by label, of its API or another document of its.

    Signatures are left out: API Gateway checks them before our code.
    """
    read = schemathesis.openapi.from_path(ROOT / service / f"{document}.yml")  # with what it refers to in shared/
    read.raw_schema.pop("security", None)
    found = [operation.ok() for operation in read.get_all_operations()]
    return {operation.label: operation for operation in found}


def each(operation: Any, mode: GenerationMode, check: Callable[[Case], None], examples: int) -> None:
    """Check cases of one operation, always the same ones."""

    @settings(
        phases=[Phase.generate],
        max_examples=examples,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def run(case: Case) -> None:
        check(case)

    run()


class Internal:
    """The handler `api` of a service as another one calls it, on a table of its own, with one player."""

    def __init__(self, service: str, emulator: str, caller: str) -> None:
        name = create_table(emulator, f"{service}-{uuid.uuid4().hex[:8]}", service)
        self.door = load(f"{service}.handlers.api", TABLE_NAME=name, **UNUSED)
        self.stores = stores(service)
        self.gateway = Gateway(http_api(self.door.handler.operations, caller), self.door.handler)
        if service == "wallet":
            self.stores.deposit("player", "deposit", 1_000_00, 950_00, 50_00)
            self.stores.place_hold("player", "hold", "BET", 100_00)
        elif service == "payment":
            self.stores.keep_protection("player", Protection(1, {"deposit_day": 100_00}))
        else:
            self.stores.register("+254700000001", "player", "1990-01-01")

    def everything(self) -> list[Any]:
        return sorted(self.stores.table.scan(), key=lambda item: (item["pk"], item["sk"]))


CASES = [
    pytest.param(service, label, caller, id=f"{service} {label} by {caller}")
    for service in INTERNAL
    for label, operation in operations(service).items()
    for caller in operation.definition.raw["x-betsafi-callers"]
]


def _may_be_kept(body: Any) -> bool:
    try:
        check_storable(body)
    except InvalidInput:
        return False
    return True


@pytest.mark.parametrize(("service", "label", "caller"), CASES)
def test_a_fit_request_is_answered_as_documented(emulator: str, service: str, label: str, caller: str) -> None:
    here = Internal(service, emulator, caller)
    operation = operations(service)[label]

    def check(case: Case) -> None:
        assume(_may_be_kept(case.body))  # a name that no document knows may be any text that JSON can write
        case.call_and_validate(app=here.gateway, checks=[*CHECKS, positive_data_acceptance])

    each(operation, FIT, check, 30)


@pytest.mark.parametrize(("service", "label", "caller"), CASES)
def test_an_unfit_request_is_refused_and_nothing_is_written(
    emulator: str, service: str, label: str, caller: str
) -> None:
    here = Internal(service, emulator, caller)
    operation = operations(service)[label]
    before = here.everything()

    def check(case: Case) -> None:
        case.call_and_validate(
            app=here.gateway, checks=[not_a_server_error, response_schema_conformance, negative_data_rejection]
        )
        assert here.everything() == before

    each(operation, UNFIT, check, 30)


# --- M-Pesa's callbacks -----------------------------------------------------------------------------------------------

LISTED_FAILURES = {
    code
    for results in (STK_RESULTS, B2C_RESULTS, REVERSAL_RESULTS)  # "1" is a failure of a deposit, and not of the others
    for code, verdict in results.items()
    if verdict.outcome is Outcome.FAILED
}


class Callbacks:
    """Payment's callbacks as M-Pesa meets them, with one payment under way for each door."""

    def __init__(self, emulator: str, mpesa_url: str, mailbox: Mailbox) -> None:
        self.world = world = World(emulator, mpesa_url, mailbox, SOURCE_ADDRESSES="196.201.214.200")
        self.gateway = Gateway(rest(["/cb/v/{id}/{hmac}", "/cb/{door}/{id}/{hmac}"]), self.answer)
        player, mistaken = world.player(), world.player()
        self.deposit = world.pay_in(player.id)["data"]["id"]
        self.withdrawal = world.pay_out(player.id)["data"]["id"]
        deposited = world.pay_in(mistaken.id)["data"]["id"]
        world.mpesa.answer(mistaken.phone, "approve")
        world.deliver(world.callback_for(deposited))
        for operator in ("admin-1", "admin-2"):
            answer = world.admin("reverseDeposit", by=operator, id=deposited, reason="paid by mistake")
            assert "data" in answer
        self.reversal = world.item(deposited)["reversal_id"]
        self.about = {
            "s": self.deposit, "b": self.withdrawal, "t": self.withdrawal, "q": self.withdrawal, "r": self.reversal,
            "a": SECRET["payoutShortcode"], "c": SECRET["shortcode"], "v": SECRET["shortcode"],
        }  # fmt: skip

    def answer(self, event: dict[str, Any]) -> dict[str, Any]:
        """Do what API Gateway and the queue do, at once."""
        if event["resource"].startswith("/cb/v/"):
            answer: dict[str, Any] = self.world.validation.handler(event)
            return answer
        path, source = event["pathParameters"], event["requestContext"]["identity"]["sourceIp"]
        self.world.deliver(
            {name: quote_plus(value) for name, value in {**path, "source": source, "body": event["body"] or ""}.items()}
        )
        return {
            "statusCode": 200,
            "headers": {"Content-Type": "application/json"},
            "body": '{"ResultCode":0,"ResultDesc":"Accepted"}',
        }

    def signed(self, case: Case, door: str) -> None:
        """Send the case to the address that M-Pesa was given for this kind's payment."""
        about = self.about[door]
        case.path_parameters = {"id": about, "hmac": sign(SECRET["callbackKey"], door, about)}

    def aim(self, case: Case, door: str) -> None:
        """Let the body name our payment, as nobody but M-Pesa could."""
        body, item = case.body, self.world.stores.payments.find(self.about[door])
        if door == "s":
            body["Body"]["stkCallback"]["CheckoutRequestID"] = item["checkout_request_id"]
        elif door in "bqr":
            body["Result"]["OriginatorConversationID"] = self.world.flows.withdrawals.originator_id(item)
        elif door in "cv":
            body["BusinessShortCode"] = SECRET["shortcode"]

    def everything(self, *without: str) -> list[Any]:
        items = [item for item in self.world.table.scan() if not item["pk"].startswith(without or "-")]
        return sorted(items, key=lambda item: (item["pk"], item["sk"]))


@pytest.fixture(scope="module")
def mpesa() -> Iterator[tuple[str, Mailbox]]:
    mailbox = Mailbox()
    with serve(create_app(b2c_delay_s=3600, async_delay_s=3600)) as url:
        yield url, mailbox
    mailbox.server.shutdown()


@pytest.fixture
def callbacks(emulator: str, mpesa: tuple[str, Mailbox]) -> Callbacks:
    return Callbacks(emulator, *mpesa)


DOORS = sorted(operations("payment", "callbacks"))


@pytest.mark.parametrize("label", DOORS)
def test_a_callback_that_we_did_not_ask_for_writes_nothing(callbacks: Callbacks, label: str) -> None:
    before = callbacks.everything()

    def check(case: Case) -> None:
        case.call_and_validate(app=callbacks.gateway, checks=CHECKS)
        assert callbacks.everything() == before

    each(operations("payment", "callbacks")[label], FIT, check, 10)


@pytest.mark.parametrize("label", [label for label in DOORS if "/t/" not in label])  # through t, anything is fit
def test_a_signed_callback_that_is_unfit_moves_no_payment_and_is_kept(callbacks: Callbacks, label: str) -> None:
    door = label.split("/")[2]
    before = callbacks.everything()

    def check(case: Case) -> None:
        body = case.meta and case.meta.components.get(ParameterLocation.BODY)
        assume(body and body.mode is UNFIT)  # not the address alone
        callbacks.signed(case, door)
        case.call_and_validate(app=callbacks.gateway, checks=CHECKS)
        assert callbacks.everything("QUARANTINE#") == before

    each(operations("payment", "callbacks")[label], UNFIT, check, 25)


@pytest.mark.parametrize("label", DOORS)
def test_a_signed_callback_about_our_payment_pays_nothing_unless_it_fits_it(callbacks: Callbacks, label: str) -> None:
    door = label.split("/")[2]
    codes = set()

    def check(case: Case) -> None:
        callbacks.signed(case, door)
        if isinstance(case.body, dict) and door != "t":
            callbacks.aim(case, door)
            codes.add(
                str((case.body.get("Result") or case.body.get("Body", {}).get("stkCallback") or {}).get("ResultCode"))
            )
        case.call_and_validate(app=callbacks.gateway, checks=CHECKS)
        now = {
            callbacks.world.item(payment)["status"]
            for payment in (callbacks.deposit, callbacks.withdrawal, callbacks.reversal)
        }
        assert "COMPLETED" not in now
        assert "FAILED" not in now or codes & LISTED_FAILURES

    each(operations("payment", "callbacks")[label], FIT, check, 25)
