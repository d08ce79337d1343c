"""Staff sign in with a password that is never sent and with an authenticator; nothing less gets a token."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import jwt
import pytest
from botocore.exceptions import ClientError

from localcloud import cognito
from tests.support.emulator import CREDENTIALS, aws
from tests.support.serving import serve
from tools import sign_in as command
from tools.sign_in import show_password, sign_in, totp

GIVEN, PASSWORD = "Given-to-them-1x", "A-password-of-their-own-1"


@dataclass(frozen=True)
class Office:
    """A staff pool, its Cognito as apps see it, and what only the emulator's owner may do."""

    idp: Any
    control: Any
    pool: str
    client: str

    def hire(self, name: str) -> None:
        self.control.admin_create_user(
            UserPoolId=self.pool, Username=name, TemporaryPassword=GIVEN, MessageAction="SUPPRESS"
        )
        self.control.admin_add_user_to_group(UserPoolId=self.pool, Username=name, GroupName="admin")

    def settle_in(self, name: str) -> str:
        """Hire somebody who then signs in for the first time; return their authenticator's secret."""
        self.hire(name)
        shown: list[str] = []
        self.sign_in(name, GIVEN, lambda secret: shown.append(secret) or totp(secret))
        return shown[0]

    def sign_in(self, name: str, password: str, code: Callable[[str], str]) -> dict[str, Any]:
        return sign_in(self.idp, self.pool, self.client, name, password, code, lambda: PASSWORD)

    def respond(self, challenge: str, session: str, name: str, **given: str) -> Any:
        return self.idp.respond_to_auth_challenge(
            ClientId=self.client,
            ChallengeName=challenge,
            Session=session,
            ChallengeResponses={"USERNAME": name, **given},
        )


@pytest.fixture(scope="module")
def office(ministack: str) -> Iterator[Office]:
    control = aws("cognito-idp", ministack)
    pool = control.create_user_pool(
        PoolName="staff",
        UsernameAttributes=["email"],
        AdminCreateUserConfig={"AllowAdminCreateUserOnly": True},
        MfaConfiguration="ON",
        AccountRecoverySetting={"RecoveryMechanisms": [{"Name": "admin_only", "Priority": 1}]},
    )["UserPool"]["Id"]
    client = control.create_user_pool_client(
        UserPoolId=pool,
        ClientName="back-office",
        ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        PreventUserExistenceErrors="ENABLED",
    )["UserPoolClient"]["ClientId"]
    control.create_group(UserPoolId=pool, GroupName="admin")
    with serve(cognito.create_app(ministack)) as endpoint:
        idp = aws("cognito-idp", endpoint, tries=1)
        yield Office(idp, control, pool, client)


def refused(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


def test_somebody_who_was_hired_chooses_a_password_and_sets_up_an_authenticator(office: Office) -> None:
    office.hire("asha@staff.example")
    shown: list[str] = []
    first = office.sign_in("asha@staff.example", GIVEN, lambda secret: shown.append(secret) or totp(secret))
    again = office.sign_in("asha@staff.example", PASSWORD, lambda _: totp(shown[0]))
    for given in (first, again):
        claims = jwt.decode(given["IdToken"], options={"verify_signature": False})
        assert claims["cognito:groups"] == ["admin"]
        assert claims["iss"].endswith(office.pool)
    renewed = office.idp.initiate_auth(
        ClientId=office.client,
        AuthFlow="REFRESH_TOKEN_AUTH",
        AuthParameters={"REFRESH_TOKEN": again["RefreshToken"]},
    )
    assert renewed["AuthenticationResult"]["IdToken"]


def test_nobody_signs_up(office: Office) -> None:
    with pytest.raises(ClientError, match="SignUp is not permitted") as error:
        office.idp.sign_up(ClientId=office.client, Username="mallory@staff.example", Password=PASSWORD)
    assert refused(error) == "NotAuthorizedException"


@pytest.mark.parametrize("flow", ["USER_PASSWORD_AUTH", "ADMIN_USER_PASSWORD_AUTH"])
def test_a_password_is_never_taken_in_clear(office: Office, flow: str) -> None:
    office.settle_in(f"clear-{flow.lower()}@staff.example")
    parameters = {"USERNAME": f"clear-{flow.lower()}@staff.example", "PASSWORD": PASSWORD}
    call, pool = office.idp.initiate_auth, {}
    if flow.startswith("ADMIN"):
        call, pool = office.idp.admin_initiate_auth, {"UserPoolId": office.pool}
    with pytest.raises(ClientError, match="not enabled"):
        call(ClientId=office.client, AuthFlow=flow, AuthParameters=parameters, **pool)


def test_a_password_alone_gets_no_token(office: Office) -> None:
    office.settle_in("baraka@staff.example")
    answer = show_password(office.idp, office.pool, office.client, "baraka@staff.example", PASSWORD)
    assert answer["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
    assert "AuthenticationResult" not in answer
    office.hire("not-yet@staff.example")
    answer = show_password(office.idp, office.pool, office.client, "not-yet@staff.example", GIVEN)
    given = {"NEW_PASSWORD": PASSWORD}
    answer = office.respond("NEW_PASSWORD_REQUIRED", answer["Session"], "not-yet@staff.example", **given)
    assert answer["ChallengeName"] == "MFA_SETUP"
    assert "AuthenticationResult" not in answer
    with pytest.raises(ClientError, match="not verified"):
        office.respond("MFA_SETUP", answer["Session"], "not-yet@staff.example")
    answer = show_password(office.idp, office.pool, office.client, "not-yet@staff.example", PASSWORD)
    assert answer["ChallengeName"] == "MFA_SETUP"


def test_a_wrong_password_a_wrong_code_and_another_s_code_are_refused(office: Office) -> None:
    secret, foreign = (office.settle_in(f"{name}@staff.example") for name in ("chebet", "dalmas"))
    with pytest.raises(ClientError) as error:
        show_password(office.idp, office.pool, office.client, "chebet@staff.example", "another password")
    assert refused(error) == "NotAuthorizedException"
    session = show_password(office.idp, office.pool, office.client, "chebet@staff.example", PASSWORD)["Session"]
    for code in (totp(foreign), "", "000000000"):
        with pytest.raises(ClientError):
            office.respond("SOFTWARE_TOKEN_MFA", session, "chebet@staff.example", SOFTWARE_TOKEN_MFA_CODE=code)
    code = totp(secret)
    answer = office.respond("SOFTWARE_TOKEN_MFA", session, "chebet@staff.example", SOFTWARE_TOKEN_MFA_CODE=code)
    assert answer["AuthenticationResult"]["IdToken"]


def test_a_session_is_somebody_s_for_one_challenge_once_and_for_five_tries(office: Office) -> None:
    secret = office.settle_in("eliud@staff.example")
    office.settle_in("faith@staff.example")

    def session() -> str:
        answer = show_password(office.idp, office.pool, office.client, "eliud@staff.example", PASSWORD)
        return str(answer["Session"])

    def answer(challenge: str, session: str, name: str = "eliud@staff.example", **more: str) -> Any:
        given = {"SOFTWARE_TOKEN_MFA_CODE": totp(secret), **more}
        return office.respond(challenge, session, name, **given)

    used = session()
    assert answer("SOFTWARE_TOKEN_MFA", used)["AuthenticationResult"]
    guessed = session()
    for _ in range(5):
        with pytest.raises(ClientError):
            answer("SOFTWARE_TOKEN_MFA", guessed, SOFTWARE_TOKEN_MFA_CODE="")
    attacks = [
        ("SOFTWARE_TOKEN_MFA", used, {}),
        ("SOFTWARE_TOKEN_MFA", guessed, {}),
        ("SOFTWARE_TOKEN_MFA", "a-session-of-nobody-at-all", {}),
        ("SOFTWARE_TOKEN_MFA", session(), {"name": "faith@staff.example"}),
        ("MFA_SETUP", session(), {}),
        ("NEW_PASSWORD_REQUIRED", session(), {"NEW_PASSWORD": "the password of a stranger"}),
    ]
    for challenge, given, more in attacks:
        with pytest.raises(ClientError) as error:
            answer(challenge, given, **more)
        assert refused(error) == "NotAuthorizedException", challenge
    for call in (
        lambda: office.idp.associate_software_token(Session=session()),
        lambda: office.idp.verify_software_token(Session=session(), UserCode=totp(secret)),
    ):
        with pytest.raises(ClientError):
            call()


def test_who_lost_the_password_asks_an_administrator(office: Office) -> None:
    office.settle_in("grace@staff.example")
    with pytest.raises(ClientError, match="Cannot reset password"):
        office.idp.forgot_password(ClientId=office.client, Username="grace@staff.example")


def test_who_was_disabled_neither_signs_in_nor_renews(office: Office) -> None:
    secret = office.settle_in("hamisi@staff.example")
    tokens = office.sign_in("hamisi@staff.example", PASSWORD, lambda _: totp(secret))
    office.control.admin_disable_user(UserPoolId=office.pool, Username="hamisi@staff.example")
    with pytest.raises(ClientError):
        office.sign_in("hamisi@staff.example", PASSWORD, lambda _: totp(secret))
    with pytest.raises(ClientError):
        office.idp.initiate_auth(
            ClientId=office.client,
            AuthFlow="REFRESH_TOKEN_AUTH",
            AuthParameters={"REFRESH_TOKEN": tokens["RefreshToken"]},
        )


def test_the_command_signs_somebody_in_for_the_first_time_and_prints_a_token(
    office: Office, ministack: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in (("pool", office.pool), ("client", office.client)):
        parameter = {"Name": f"/betsafi/trial/platform/staff/{name}/id", "Value": value, "Type": "String"}
        aws("ssm", ministack).put_parameter(**parameter)
    office.hire("imani@staff.example")
    addresses = {
        "AWS_ENDPOINT_URL": ministack,
        "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": office.idp.meta.endpoint_url,
    }
    for name, value in {**CREDENTIALS, **addresses}.items():
        monkeypatch.setenv(name, value)

    def typed(prompt: str) -> str:
        if prompt.startswith("Code"):
            return totp(capsys.readouterr().err.split()[-1])
        return PASSWORD if prompt.startswith("New") else GIVEN

    monkeypatch.setattr(command, "getpass", typed)
    monkeypatch.setattr("sys.argv", ["sign_in", "token", "--stage", "trial", "--email", "imani@staff.example"])
    command.main()
    claims = jwt.decode(capsys.readouterr().out.strip(), options={"verify_signature": False})
    assert (claims["email"], claims["cognito:groups"]) == ("imani@staff.example", ["admin"])
