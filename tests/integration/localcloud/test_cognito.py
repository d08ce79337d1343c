"""The Cognito endpoint: what AWS answers and sends where the emulator does not."""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError

from localcloud import cognito, inbox
from localcloud.cognito import codes
from localcloud.cognito.attempts import Attempts, code_lock_seconds, password_lock_seconds
from tests.support.emulator import aws, running_emulator
from tests.support.serving import serve

PASSWORD = "Str0ng#Passw0rd"
TRIGGERS = (
    "PreSignUp",
    "DefineAuthChallenge",
    "CreateAuthChallenge",
    "VerifyAuthChallengeResponse",
    "PreTokenGeneration",
)
TRIGGER = """
def handler(event, context):
    print("{}")
    kind, request = event["triggerSource"].split("_")[0], event["request"]
    if kind == "DefineAuthChallenge":
        past = request["session"]
        right = bool(past) and past[-1]["challengeResult"]
        event["response"] = {"issueTokens": right, "failAuthentication": not right and len(past) >= 3}
        if not right and len(past) < 3:
            event["response"]["challengeName"] = "CUSTOM_CHALLENGE"
    if kind == "CreateAuthChallenge":
        event["response"] = {
            "publicChallengeParameters": {"digits": "6"},
            "privateChallengeParameters": {"answer": "nobody's" if request["userNotFound"] else "right"},
        }
    if kind == "VerifyAuthChallengeResponse":
        if request["challengeAnswer"] == "raise":
            raise ValueError("TOO_BAD: It's refused.")
        right = request["challengeAnswer"] == request["privateChallengeParameters"]["answer"]
        event["response"] = {"answerCorrect": right}
    if kind == "TokenGeneration" and request["userAttributes"].get("nickname") == "unproven":
        raise ValueError("CODE_NEEDED: Not yet.")
    if event["request"]["userAttributes"].get("birthdate", "").startswith("2020"):
        raise ValueError("UNDER_AGE: You're too young.")
    return event
"""


@dataclass(frozen=True)
class Cloud:
    """What the fixture made."""

    idp: Any
    control: Any
    url: str
    inbox: str
    pool: str
    client: str

    def sms(self, number: str) -> list[str]:
        """Return the texts that a number got, oldest first."""
        answer = requests.get(f"{self.inbox}/messages", params={"to": number, "channel": "sms"}, timeout=30).json()
        assert answer["faults"] == []
        return [message["text"] for message in reversed(answer["messages"])]

    def sign_up(self, number: str, **attributes: str) -> dict[str, Any]:
        given = [{"Name": name, "Value": value} for name, value in {"phone_number": number, **attributes}.items()]
        answer: dict[str, Any] = self.idp.sign_up(
            ClientId=self.client, Username=number, Password=PASSWORD, UserAttributes=given
        )
        return answer

    def confirm(self, number: str) -> None:
        self.idp.confirm_sign_up(ClientId=self.client, Username=number, ConfirmationCode="123456")

    def token(self, number: str, password: str = PASSWORD) -> str:
        answer = self.idp.initiate_auth(
            ClientId=self.client,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": number, "PASSWORD": password},
        )
        return str(answer["AuthenticationResult"]["AccessToken"])

    def attributes(self, number: str) -> dict[str, str]:
        user = self.control.admin_get_user(UserPoolId=self.pool, Username=number)
        return codes.by_name(user["UserAttributes"])


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with running_emulator(tmp_path_factory.mktemp("cognito")) as url, serve(inbox.create_app(url)) as box:
        control = aws("cognito-idp", url)
        pool = control.create_user_pool(
            PoolName="players",
            UsernameAttributes=["phone_number"],
            AutoVerifiedAttributes=["phone_number"],
            AccountRecoverySetting={"RecoveryMechanisms": [{"Name": "verified_phone_number", "Priority": 1}]},
            SmsVerificationMessage="{####} is your code.",
            LambdaConfig=dict.fromkeys(TRIGGERS, make_trigger(url)),
        )["UserPool"]["Id"]
        client = control.create_user_pool_client(
            UserPoolId=pool,
            ClientName="app",
            ExplicitAuthFlows=["ALLOW_CUSTOM_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
            PreventUserExistenceErrors="ENABLED",
        )["UserPoolClient"]["ClientId"]
        with serve(cognito.create_app(url, inbox_url=box)) as endpoint:
            idp = aws("cognito-idp", endpoint, tries=1)
            yield Cloud(idp, control, endpoint, box, pool, client)


def make_trigger(url: str) -> str:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("handler.py", TRIGGER)
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = aws("iam", url).create_role(RoleName="trigger", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    function: str = aws("lambda", url).create_function(
        FunctionName="trigger",
        Runtime="python3.13",
        Role=role,
        Handler="handler.handler",
        Timeout=60,
        Code={"ZipFile": packed.getvalue()},
    )["FunctionArn"]
    return function


def refusal(error: pytest.ExceptionInfo[ClientError]) -> tuple[str, str]:
    return error.value.response["Error"]["Code"], error.value.response["Error"]["Message"]


def test_a_sign_up_says_where_its_code_went_and_the_code_is_there(cloud: Cloud) -> None:
    answer = cloud.sign_up("+254700000001", email="asha@example.com")
    assert answer["CodeDeliveryDetails"] == {
        "AttributeName": "phone_number",
        "DeliveryMedium": "SMS",
        "Destination": "+********0001",
    }
    assert answer["UserConfirmed"] is False
    assert cloud.sms("+254700000001") == ["123456 is your code."]
    cloud.confirm("+254700000001")
    assert cloud.attributes("+254700000001")["phone_number_verified"] == "true"
    assert cloud.sms("+254700000001") == ["123456 is your code."]


def test_a_code_that_is_asked_for_again_is_sent_again(cloud: Cloud) -> None:
    cloud.sign_up("+254700000002")
    for _ in range(2):
        answer = cloud.idp.resend_confirmation_code(ClientId=cloud.client, Username="+254700000002")
    assert answer["CodeDeliveryDetails"]["Destination"] == "+********0002"
    assert cloud.sms("+254700000002") == ["123456 is your code."] * 3
    cloud.confirm("+254700000002")
    with pytest.raises(ClientError) as error:
        cloud.idp.resend_confirmation_code(ClientId=cloud.client, Username="+254700000002")
    assert refusal(error) == ("InvalidParameterException", "User is already confirmed.")
    assert len(cloud.sms("+254700000002")) == 3


def test_a_forgotten_password_is_replaced_with_the_code_from_the_inbox(cloud: Cloud) -> None:
    number = "+254700000003"
    cloud.sign_up(number)
    with pytest.raises(ClientError) as error:
        cloud.idp.forgot_password(ClientId=cloud.client, Username=number)
    assert refusal(error)[0] == "InvalidParameterException", "an unverified number gets no code"
    cloud.confirm(number)
    answer = cloud.idp.forgot_password(ClientId=cloud.client, Username=number)
    assert answer["CodeDeliveryDetails"]["DeliveryMedium"] == "SMS"
    code = cloud.sms(number)[-1].split()[0]
    cloud.idp.confirm_forgot_password(
        ClientId=cloud.client, Username=number, ConfirmationCode=code, Password="An0ther#Passw0rd"
    )
    assert cloud.token(number, "An0ther#Passw0rd")


def test_a_reset_by_an_administrator_sends_a_code_each_time(cloud: Cloud) -> None:
    number = "+254700000004"
    cloud.sign_up(number)
    cloud.confirm(number)
    for _ in range(2):
        cloud.idp.admin_reset_user_password(UserPoolId=cloud.pool, Username=number)
        cloud.sms(number)
    assert cloud.sms(number) == ["123456 is your code.", "654321 is your code.", "654321 is your code."]


def test_nobody_learns_whether_a_number_has_an_account(cloud: Cloud) -> None:
    for ask in (cloud.idp.forgot_password, cloud.idp.resend_confirmation_code):
        answer = ask(ClientId=cloud.client, Username="+254799999999")
        assert answer["CodeDeliveryDetails"] == {
            "AttributeName": "phone_number",
            "DeliveryMedium": "SMS",
            "Destination": "+********9999",
        }
    assert cloud.sms("+254799999999") == []


def test_a_changed_number_is_unverified_until_its_code_is_given(cloud: Cloud) -> None:
    old, new = "+254700000005", "+254700000006"
    cloud.sign_up(old)
    cloud.confirm(old)
    token = cloud.token(old)
    changed = [{"Name": "phone_number", "Value": new}]
    (details,) = cloud.idp.update_user_attributes(AccessToken=token, UserAttributes=changed)["CodeDeliveryDetailsList"]
    assert details["Destination"] == "+********0006"
    assert cloud.attributes(new)["phone_number_verified"] == "false"
    first = cloud.sms(new)[-1].split()[0]
    asked = cloud.idp.get_user_attribute_verification_code(AccessToken=token, AttributeName="phone_number")
    assert asked["CodeDeliveryDetails"] == details
    code = cloud.sms(new)[-1].split()[0]
    assert re.fullmatch(r"\d{6}", code)

    def verify(code: str) -> None:
        cloud.idp.verify_user_attribute(AccessToken=token, AttributeName="phone_number", Code=code)

    wrong = f"{(int(code) + 1) % 10**6:06d}"
    for refused in {wrong, first} - {code}:
        with pytest.raises(ClientError) as error:
            verify(refused)
        assert refusal(error)[0] == "CodeMismatchException"
    verify(code)
    assert cloud.attributes(new)["phone_number_verified"] == "true"
    with pytest.raises(ClientError) as error:
        verify(code)
    assert refusal(error)[0] == "ExpiredCodeException"
    assert cloud.sms(old) == ["123456 is your code."]


def test_a_forged_token_verifies_nothing(cloud: Cloud) -> None:
    with pytest.raises(ClientError) as error:
        cloud.idp.get_user_attribute_verification_code(AccessToken="a.b.c", AttributeName="phone_number")
    assert refusal(error)[0] == "NotAuthorizedException"


def test_a_refused_sign_up_reads_as_aws_writes_it(cloud: Cloud) -> None:
    with pytest.raises(ClientError) as error:
        cloud.sign_up("+254700000007", birthdate="2020-01-01")
    message = "PreSignUp failed with error UNDER_AGE: You're too young.."
    assert refusal(error) == ("UserLambdaValidationException", message)
    sent = error.value.response["ResponseMetadata"]
    assert sent["HTTPStatusCode"] == 400
    assert sent["HTTPHeaders"]["x-amzn-errortype"] == "UserLambdaValidationException"
    assert sent["HTTPHeaders"]["x-amzn-errormessage"] == message
    assert cloud.sms("+254700000007") == []


def test_a_browser_may_read_what_went_wrong(cloud: Cloud) -> None:
    answer = requests.post(
        cloud.url,
        data='{"ClientId": "none", "Username": "+254700000008", "Password": "x"}',
        headers={"X-Amz-Target": "AWSCognitoIdentityProviderService.SignUp", "Origin": "https://app.example"},
        timeout=30,
    )
    assert (answer.status_code, answer.headers["x-amzn-errortype"]) == (400, "ResourceNotFoundException")
    assert "x-amzn-errortype" in answer.headers["access-control-expose-headers"].lower()


# --- what a client may write


@pytest.fixture(scope="module")
def strict(cloud: Cloud) -> str:
    """A client that may write the locale alone."""
    client: str = cloud.control.create_user_pool_client(
        UserPoolId=cloud.pool,
        ClientName="strict",
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"],
        WriteAttributes=["locale"],
    )["UserPoolClient"]["ClientId"]
    return client


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("sub", "NotAuthorizedException"),
        ("phone_number_verified", "NotAuthorizedException"),
        ("cognito:groups", "InvalidParameterException"),
        ("custom:level", "InvalidParameterException"),
    ],
)
def test_no_client_writes_who_somebody_is(cloud: Cloud, name: str, code: str) -> None:
    number = "+254700000020"
    with pytest.raises(ClientError) as error:
        cloud.sign_up(number, **{name: "admin"})
    assert refusal(error)[0] == code
    cloud.sign_up(number)
    cloud.confirm(number)
    before, token = cloud.attributes(number), cloud.token(number)
    with pytest.raises(ClientError) as error:
        cloud.idp.update_user_attributes(AccessToken=token, UserAttributes=[{"Name": name, "Value": "admin"}])
    assert refusal(error)[0] == code
    assert cloud.attributes(number) == before
    cloud.control.admin_delete_user(UserPoolId=cloud.pool, Username=number)


def test_a_client_with_a_list_writes_nothing_else(cloud: Cloud, strict: str) -> None:
    number = "+254700000021"
    with pytest.raises(ClientError) as error:
        cloud.idp.sign_up(
            ClientId=strict,
            Username=number,
            Password=PASSWORD,
            UserAttributes=[{"Name": "birthdate", "Value": "1990-01-01"}],
        )
    assert refusal(error) == ("NotAuthorizedException", "A client attempted to write unauthorized attribute")
    locale = [{"Name": "locale", "Value": "sw"}]
    cloud.idp.sign_up(ClientId=strict, Username=number, Password=PASSWORD, UserAttributes=locale)
    assert cloud.attributes(number)["phone_number"] == number, "the name that somebody signs up with is no attribute"
    assert cloud.attributes(number)["locale"] == "sw"


# --- how often somebody may be wrong


class Hand:
    """A clock's hand, which a test moves."""

    def __init__(self) -> None:
        self.at = 1_000.0

    def now(self) -> float:
        return self.at


def test_a_password_is_locked_after_five_wrong_ones_and_twice_as_long_each_time() -> None:
    hand = Hand()
    attempts, who, locked = Attempts(password_lock_seconds, hand.now), ("pool", "amina"), []
    for _ in range(18):
        attempts.wrong(who)
        began = hand.at
        while attempts.are_over(who):
            hand.at += 1
        locked.append(int(hand.at - began))
    assert locked == [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900, 900]
    attempts.right(who)
    attempts.wrong(who)
    assert not attempts.are_over(who)


def test_wrong_codes_are_five_an_hour_and_each_persons_own() -> None:
    hand = Hand()
    attempts = Attempts(code_lock_seconds, hand.now)
    for _ in range(5):
        assert not attempts.are_over(("pool", "amina"))
        attempts.wrong(("pool", "amina"))
    assert attempts.are_over(("pool", "amina"))
    assert not attempts.are_over(("pool", "juma"))
    hand.at += 3_600
    assert not attempts.are_over(("pool", "amina"))
    attempts.wrong(("pool", "amina"))
    assert not attempts.are_over(("pool", "amina"))


def test_guessing_a_password_ends_and_the_right_one_is_refused_meanwhile(cloud: Cloud) -> None:
    number = "+254700000022"
    cloud.sign_up(number)
    cloud.confirm(number)
    seen = set()
    while "Password attempts exceeded" not in seen:
        with pytest.raises(ClientError) as error:
            cloud.token(number, "a wrong password")
        seen.add(refusal(error)[1])
    assert seen == {"Incorrect username or password.", "Password attempts exceeded"}


def test_guessing_a_code_ends(cloud: Cloud) -> None:
    number = "+254700000023"
    cloud.sign_up(number)
    codes_of_refusals = []
    for code in ("000000", "000001", "000002", "000003", "000004", "123456"):
        with pytest.raises(ClientError) as error:
            cloud.idp.confirm_sign_up(ClientId=cloud.client, Username=number, ConfirmationCode=code)
        codes_of_refusals.append(refusal(error)[0])
    assert codes_of_refusals == ["CodeMismatchException"] * 5 + ["LimitExceededException"]


# --- triggers


def begin(cloud: Cloud, number: str) -> dict[str, Any]:
    asked: dict[str, Any] = cloud.idp.initiate_auth(
        ClientId=cloud.client, AuthFlow="CUSTOM_AUTH", AuthParameters={"USERNAME": number}
    )
    return asked


def answer(cloud: Cloud, number: str, asked: dict[str, Any], given: str) -> dict[str, Any]:
    said: dict[str, Any] = cloud.idp.respond_to_auth_challenge(
        ClientId=cloud.client,
        ChallengeName="CUSTOM_CHALLENGE",
        Session=asked["Session"],
        ChallengeResponses={"USERNAME": number, "ANSWER": given},
    )
    return said


def test_a_custom_sign_in_of_nobody_goes_as_one_of_somebody(cloud: Cloud) -> None:
    known, unknown = "+254700000024", "+254700000025"
    cloud.sign_up(known)
    cloud.confirm(known)
    for number in (known, unknown):
        asked = begin(cloud, number)
        for _ in range(2):
            assert (asked["ChallengeName"], asked["ChallengeParameters"]) == ("CUSTOM_CHALLENGE", {"digits": "6"})
            asked = answer(cloud, number, asked, "wrong")
        with pytest.raises(ClientError) as error:
            answer(cloud, number, asked, "wrong")
        assert refusal(error)[0] == "NotAuthorizedException"
    assert answer(cloud, known, begin(cloud, known), "right")["AuthenticationResult"]["IdToken"]
    with pytest.raises(ClientError) as error:
        answer(cloud, unknown, begin(cloud, unknown), "nobody's")
    assert refusal(error)[0] == "NotAuthorizedException", "nobody has no tokens"


def test_what_a_trigger_refuses_with_reads_as_aws_writes_it(cloud: Cloud) -> None:
    known, unknown = "+254700000026", "+254700000027"
    cloud.sign_up(known, nickname="unproven")
    cloud.confirm(known)
    for number in (known, unknown):
        with pytest.raises(ClientError) as error:
            answer(cloud, number, begin(cloud, number), "raise")
        said = "VerifyAuthChallengeResponse failed with error TOO_BAD: It's refused.."
        assert refusal(error) == ("UserLambdaValidationException", said)
    with pytest.raises(ClientError) as error:
        cloud.token(known)
    assert refusal(error) == (
        "UserLambdaValidationException",
        "PreTokenGeneration failed with error CODE_NEEDED: Not yet..",
    )


def test_an_inbox_that_is_away_is_a_delivery_failure(cloud: Cloud) -> None:
    cloud.sign_up("+254700000009")
    with serve(cognito.create_app(cloud.control.meta.endpoint_url, inbox_url="http://127.0.0.1:9")) as endpoint:
        answer = requests.post(
            endpoint,
            json={"ClientId": cloud.client, "Username": "+254700000009"},
            headers={"X-Amz-Target": "AWSCognitoIdentityProviderService.ResendConfirmationCode"},
            timeout=30,
        )
    assert (answer.status_code, answer.json()["__type"]) == (400, "CodeDeliveryFailureException")


@pytest.mark.parametrize(
    ("address", "shown"),
    [("+254700000001", "+********0001"), ("+14325551212", "+*******1212"), ("asha@example.com", "a***@e***")],
)
def test_addresses_are_masked_as_cognito_masks_them(address: str, shown: str) -> None:
    assert codes.masked(address) == shown
