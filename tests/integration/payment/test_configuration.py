"""What M-Pesa, or our own settings, refuse until a person mends it: no outage, counted once, said in words."""

import dataclasses
import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from betsafi.errors import Misconfigured, Unavailable
from betsafi.money import format_amount
from tests.support.emulator import aws
from tests.support.payment import World, payment_world, validation_event
from tests.support.services import SECRET
from tests.support.taxes import paid_out


@pytest.fixture
def world(emulator: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """One of one's own for each test: the access token is shared by everything in it, and nobody waits for it."""
    with payment_world(emulator, PULL_PAUSE_SECONDS="1") as running:
        monkeypatch.setattr(running.daraja_channel, "_REFRESH_CLAIM_SECONDS", 0)
        yield running


def counted(capsys: pytest.CaptureFixture[str], metric: str = "ConfigurationRefused") -> int:
    """Return how often a metric was emitted since the last look."""
    lines = (line for line in capsys.readouterr().out.splitlines() if line.startswith('{"_aws"'))
    return sum(metric in json.loads(line) for line in lines)


def refuse_tokens(world: World, **reply: Any) -> None:
    world.mpesa.control("POST", "/scripts", {"match": {"kind": "oauth"}, "script": {"reply": reply}})


def put_secret(world: World, **changes: Any) -> None:
    """Put fields into the secret, as a person would; the process reads it anew."""
    secret = json.dumps(SECRET | changes)
    aws("secretsmanager", world.emulator).put_secret_value(SecretId=world.archive_bucket, SecretString=secret)
    forget_secret(world)


def forget_secret(world: World) -> None:
    world.daraja.credentials.__globals__["_kept"] = None


WRONG_KEYS = [{"preset": "empty_400"}, {"preset": "wrong_keys"}, {"preset": "empty_401"}, {"preset": "forbidden"}]


@pytest.mark.parametrize("reply", WRONG_KEYS)
def test_wrong_keys_are_no_outage_and_are_counted_once_for_each_payment(
    world: World, reply: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    refuse_tokens(world, **reply)
    player = world.player()
    deposit = world.pay_in(player.id)["data"]
    assert (deposit["status"], deposit["reason"]) == ("FAILED", "CONFIGURATION")
    assert "We are on it" in deposit["message"]
    assert world.mpesa.pushes(player.phone) == []
    assert counted(capsys) == 1
    withdrawal = world.pay_out(player.id)["data"]
    assert withdrawal["status"] == "HELD"
    world.follow_up(withdrawal["id"])
    assert world.follow_up(withdrawal["id"])["status"] == "HELD"
    assert counted(capsys) == 1
    world.mpesa.control("DELETE", "/scripts")
    assert world.follow_up(withdrawal["id"])["status"] == "SUBMITTED"
    world.deliver(world.callback_for(withdrawal["id"], "b"))
    assert world.mpesa.paid(player.phone) == [format_amount(paid_out(500_00))]


def test_each_reason_alarms_once_for_a_payment_also_when_several_come_again(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    payment = world.item(world.pay_in(world.player().id)["data"]["id"])
    counted(capsys)
    for reason in ("CONFIGURATION", "FLOAT_LOW", "CONFIGURATION", "FLOAT_LOW"):
        world.stores.payments.needs_operator(payment, reason)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith('{"_aws"')]
    assert [sum(name in line for line in lines) for name in ("ConfigurationRefused", "PaymentNeedsOperator")] == [1, 1]


@pytest.mark.parametrize(
    "reply", [{"preset": "waf"}, {"preset": "waf_403"}, {"preset": "busy"}, {"preset": "html_502"}]
)
def test_an_outage_is_no_matter_of_configuration(
    world: World, reply: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    refuse_tokens(world, **reply)
    player = world.player()
    deposit = world.pay_in(player.id)["data"]
    assert (deposit["status"], deposit["reason"]) == ("FAILED", "MPESA_UNREACHABLE")
    assert world.pay_out(player.id)["data"]["status"] == "HELD"
    assert counted(capsys) == 0


@pytest.mark.parametrize("preset", ["no_product", "empty_401", "forbidden", "empty_404"])
def test_a_product_that_is_not_ours_is_refused_before_anything_is_done(
    world: World, preset: str, capsys: pytest.CaptureFixture[str]
) -> None:
    player = world.player()
    for kind in ("stk", "b2c"):
        world.mpesa.script(kind, player.phone, {"reply": {"preset": preset}}, times=None)
    deposit = world.pay_in(player.id)["data"]
    assert (deposit["status"], deposit["reason"]) == ("FAILED", "CONFIGURATION")
    assert counted(capsys) == 1
    withdrawal = world.pay_out(player.id)["data"]
    assert world.follow_up(withdrawal["id"])["status"] == "HELD"
    assert counted(capsys) == 1


def test_questions_about_what_was_sent_are_counted_once_too_and_change_nothing(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    player = world.player()
    deposit, withdrawal = world.pay_in(player.id)["data"], world.pay_out(player.id)["data"]
    refuse_tokens(world, preset="empty_400")
    forget_token(world)
    for payment_id in (deposit["id"], withdrawal["id"]):
        for _ in range(2):
            assert world.follow_up(payment_id)["status"] == "SUBMITTED"
        assert counted(capsys) == 1


def test_a_pull_and_a_question_about_the_float_say_so(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    refuse_tokens(world, preset="empty_400")
    for message in ({"pull": True}, {"balance": True}):
        world.send(message)
        assert counted(capsys) == 1


def forget_token(world: World) -> None:
    world.daraja_channel._token = None
    key = {"pk": {"S": "TOKEN"}, "sk": {"S": "DARAJA"}}
    aws("dynamodb", world.emulator).delete_item(TableName=world.table.name, Key=key)


# --- the secret -------------------------------------------------------------------------------------------------------

NOT_POSSIBLE = {
    "consumerKey": ["sh0rt", "two words of it", "<consumer key>", "changeme", 12345678],
    "consumerSecret": ["your-consumer-secret", "a secret with blanks", "ends with a line\n"],
    "shortcode": ["1743", "17437a", "174379 ", 174379],
    "passkey": ["bfb279f9", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"],
    "callbackKey": ["sh0rt", "a key that has blanks in it"],
}


@pytest.mark.parametrize(
    ("field", "value"), [(name, value) for name, values in NOT_POSSIBLE.items() for value in values]
)
def test_a_field_that_cannot_be_right_sends_nothing_and_is_named_but_not_shown(
    world: World, field: str, value: Any, caplog: pytest.LogCaptureFixture
) -> None:
    put_secret(world, **{field: value})
    player = world.player()
    refused = world.pay_in(player.id, request_id="request-0001")["error"]
    assert refused["type"] == "DEPOSITS_UNAVAILABLE"
    named = [name for record in caplog.records for name in vars(record).get("fields", [])]
    assert set(named) == {field}
    assert not any(str(value) in record.getMessage() for record in caplog.records)
    assert world.mpesa.control("GET", "/requests")["requests"] == []
    put_secret(world)
    assert world.pay_in(player.id, request_id="request-0001")["data"]["status"] == "SUBMITTED"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("payoutShortcode", "60000000"), ("initiatorName", "the initiator"), ("securityCredential", "Safaricom123!"),
        ("securityCredential", "bm90IHNlYWxlZA=="), ("callbackKey", "0"), ("consumerKey", "TODO"),
    ],
)  # fmt: skip
def test_a_payout_needs_its_own_fields_and_holds_nothing_without_them(world: World, field: str, value: str) -> None:
    put_secret(world, **{field: value})
    player = world.player()
    assert world.pay_out(player.id)["error"]["type"] == "WITHDRAWALS_UNAVAILABLE"
    assert world.wallet.holds == {}


def test_a_wrong_payout_field_does_not_stop_deposits(world: World) -> None:
    put_secret(world, securityCredential="Safaricom123!", nominatedNumber="0712345678", initiatorPasswordSetAt="May")
    assert world.pay_in(world.player().id)["data"]["status"] == "SUBMITTED"


def test_a_shortcode_that_cannot_be_right_is_told_to_nobody(world: World) -> None:
    put_secret(world, shortcode="<shortcode>")
    assert world.ask(world.player().id, "Query", "paybill")["error"]["type"] == "DEPOSITS_UNAVAILABLE"


def test_without_a_key_callbacks_wait_in_the_queue_and_nothing_is_asked(world: World) -> None:
    player = world.player()
    asked = world.pay_in(player.id)["data"]
    world.mpesa.answer(player.phone, "approve")
    message = world.callback_for(asked["id"])
    put_secret(world, callbackKey="a bad key")
    record = {"Records": [{"messageId": "1", "body": json.dumps(message)}]}
    assert world.callback.handler(record) == {"batchItemFailures": [{"itemIdentifier": "1"}]}
    with pytest.raises(Misconfigured):
        world.flows.deposits.STANDARD.callback_url("s", "p")
    put_secret(world, callbackKey="another-key-of-the-tests", previousCallbackKey=SECRET["callbackKey"])
    world.deliver(message)
    assert world.item(asked["id"])["status"] == "COMPLETED"


@pytest.mark.parametrize("text", ["", "not JSON", "[1, 2]", "7", "null"])
def test_a_secret_that_is_none_is_refused_whole(world: World, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Misconfigured):
        world.daraja.credentials.__globals__["parse"](text)
    assert counted(capsys) == 1


class Keeper:
    """Secrets Manager that answers with an error."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def get_secret_value(self, **request: Any) -> Any:
        raise self.error


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "GetSecretValue")


@pytest.mark.parametrize(
    ("error", "code", "times"),
    [
        (refusal("AccessDeniedException"), "CONFIGURATION", 1),
        (refusal("ResourceNotFoundException"), "CONFIGURATION", 1),
        (refusal("DecryptionFailure"), "CONFIGURATION", 1),
        (refusal("InternalServiceError"), "UNAVAILABLE", 0),
        (refusal("ThrottlingException"), "UNAVAILABLE", 0),
        (EndpointConnectionError(endpoint_url="http://127.0.0.1:1"), "UNAVAILABLE", 0),
    ],
)
def test_a_secret_that_we_may_not_read_is_told_from_one_that_is_away(
    world: World, error: Exception, code: str, times: int, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    forget_secret(world)
    with monkeypatch.context() as patch:
        patch.setitem(world.daraja.credentials.__globals__, "client", lambda service: Keeper(error))
        player = world.player()
        refused = world.pay_in(player.id, request_id="request-0001")["error"]
        assert (refused["type"], counted(capsys)) == (code, times)
        answer = world.validation.handler(validation_event("174379", "0", "{}"))
        assert json.loads(answer["body"])["ResultCode"] == "C2B00016"
    assert world.pay_in(player.id, request_id="request-0001")["data"]["status"] == "SUBMITTED"


def test_a_wallet_that_refuses_us_is_no_outage_to_the_player(world: World) -> None:
    world.wallet.unasked = Misconfigured()
    refused = world.pay_in(world.player().id)["error"]
    assert refused["type"] == "CONFIGURATION"
    assert refused["message"].endswith("Please try again later.")
    assert issubclass(Misconfigured, Unavailable)


# --- settings ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"followup_delays": [20, 60, 60]}, "FOLLOWUP_DELAYS"),
        ({"refuse_unknown_sources": True, "source_addresses": []}, "SOURCE_ADDRESSES"),
        ({"source_addresses": ["196.201.214.200", "safaricom"]}, "SOURCE_ADDRESSES"),
    ],
)
def test_settings_that_cannot_be_right_together_are_refused(
    world: World, changes: dict[str, Any], problem: str
) -> None:
    settings = world.daraja_channel.settings
    with pytest.raises(ValueError, match=problem):
        dataclasses.replace(settings, **changes)
