"""One person, one account, through the deployed triggers."""

import uuid

import pytest
from botocore.exceptions import ClientError

from localcloud.cloud.running import Cloud
from localcloud.demo.app import App
from localcloud.demo.seed import new_app, signed_in, wait_for_code
from localcloud.journey.asking import DEPOSIT, ON_UPDATE, money, new_phone
from tests.e2e.conftest import balance, opened
from tests.support.stops import SUSPEND
from tests.support.waiting import eventually

ME = "query { me { id phoneNumber status } }"
BET = "query($id: ID!) { bet(id: $id) { id } }"


def code_of(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


def joined(cloud: Cloud, phone: str) -> App:
    """Return the app of somebody who has signed in with a code."""
    app = new_app(cloud, phone)
    app.sign_up()
    app.confirm(wait_for_code(cloud, phone))
    return app


def test_a_stranger_who_signs_up_with_a_number_gets_nothing_and_its_owner_the_account(cloud: Cloud) -> None:
    phone, stranger = new_phone(), "the stranger's password"
    app = new_app(cloud, phone, stranger)
    app.cognito.sign_up(ClientId=app.client_id, Username=phone, Password=stranger)
    with pytest.raises(ClientError, match="CODE_NEEDED"):
        app.sign_in()
    owner = joined(cloud, phone)
    assert owner.ask(ME)["phoneNumber"] == phone
    with pytest.raises(ClientError) as error:
        app.sign_in()
    assert code_of(error) == "NotAuthorizedException"
    owner.sign_in()


def test_who_deletes_the_sign_in_comes_back_to_the_same_account_suspended_if_it_was(cloud: Cloud) -> None:
    phone = new_phone()
    player = joined(cloud, phone)
    first = player.user_id
    opened(player)
    assert signed_in(cloud, "support").ask(SUSPEND, id=first) == {"status": "SUSPENDED"}
    player.cognito.delete_user(AccessToken=player.access_token)
    again = joined(cloud, phone)
    assert again.ask(ME) == {"id": first, "phoneNumber": phone, "status": "SUSPENDED"}
    assert again.user_id == first
    assert balance(again)
    with again.listen(ON_UPDATE, me=first) as feed:
        assert feed.error is None
    with again.listen(ON_UPDATE, me=_sub(again)) as feed:
        eventually(lambda: feed.error, "refusal of what is nobody's")


def test_a_refusal_is_in_the_language_of_the_token_and_of_the_request_before_anybody_signs_in(cloud: Cloud) -> None:
    player = joined(cloud, new_phone())
    player.ask("mutation { updateProfile(input: {language: SW}) { language } }")
    player.sign_in()
    refused = player.refusal(BET, id="no-such-bet")
    assert (refused.type, refused.message) == ("NOT_FOUND", "Hakuna mkeka kama huu.")
    anybody = new_app(cloud, new_phone())
    document = 'query { fixture(id: "no-such-game") { id } }'
    assert anybody.refusal(document).message == "There is no such fixture."
    anybody._come_with({"x-api-key": anybody._lobby_key, "Accept-Language": "sw-KE,en;q=0.5"})
    assert anybody.refusal(document).message == "Hakuna mchezo kama huu."


def test_who_came_back_moves_money_and_the_token_from_before_moves_none(cloud: Cloud) -> None:
    phone = new_phone()
    before = joined(cloud, phone)
    opened(before)
    before.cognito.delete_user(AccessToken=before.access_token)
    again = joined(cloud, phone)
    asked = {"id": uuid.uuid4().hex, "amount": money("100")}
    assert before.refusal(DEPOSIT, **asked).type == "ACCOUNT_NOT_ACTIVE"
    assert again.ask(DEPOSIT, **asked)["status"] == "SUBMITTED"


def _sub(app: App) -> str:
    user = app.cognito.get_user(AccessToken=app.access_token)
    return next(one["Value"] for one in user["UserAttributes"] if one["Name"] == "sub")


def test_an_unknown_number_is_answered_like_a_known_one(cloud: Cloud) -> None:
    known, unknown = joined(cloud, new_phone()), new_app(cloud, new_phone())
    refusals = []
    for app in (known, unknown):
        app.ask_code()
        assert app._challenge["ChallengeName"] == "CUSTOM_CHALLENGE"
        assert app._challenge["ChallengeParameters"]["digits"] == "6"
        assert not app.answer_code("wrong")
        assert not app.answer_code("wrong")
        with pytest.raises(ClientError) as error:
            app.answer_code("wrong")
        refusals.append(code_of(error))
    assert refusals == ["NotAuthorizedException"] * 2


@pytest.mark.parametrize("name", ["phone_number", "birthdate", "email", "sub", "phone_number_verified"])
def test_nobody_changes_who_they_are_with_cognito(cloud: Cloud, name: str) -> None:
    player = joined(cloud, new_phone())
    with pytest.raises(ClientError) as error:
        player.cognito.update_user_attributes(
            AccessToken=player.access_token, UserAttributes=[{"Name": name, "Value": new_phone()}]
        )
    assert code_of(error) == "NotAuthorizedException"


def test_cognito_itself_sends_nothing(cloud: Cloud) -> None:
    player = joined(cloud, new_phone())
    code = wait_for_code(cloud, player.phone)
    player.cognito.get_user_attribute_verification_code(AccessToken=player.access_token, AttributeName="phone_number")
    with pytest.raises(ClientError):
        player.cognito.forgot_password(ClientId=player.client_id, Username=player.phone)
    assert wait_for_code(cloud, player.phone) == code
