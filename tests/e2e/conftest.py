"""The whole platform, deployed by the Serverless Framework into a local cloud of the test session's own."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from botocore.credentials import Credentials

from betsafi.money import format_amount
from localcloud.base.addresses import REGION
from localcloud.cloud.cloud import local_cloud
from localcloud.cloud.running import Cloud, aws, post_json
from localcloud.demo.app import App, AppError
from localcloud.demo.offer import create_games
from localcloud.demo.seed import new_app, seed, signed_in, wait_for_code
from localcloud.journey.asking import DEPOSIT, ODDS, WALLET, money, new_phone
from tests.browser import conftest as browsers
from tests.e2e import web
from tests.support.emulator import free_addresses
from tests.support.hours import wait_for_a_day_that_lasts
from tests.support.taxes import credited
from tests.support.waiting import eventually

chromium = browsers.chromium


@pytest.fixture(autouse=True)
def a_day_that_lasts(request: pytest.FixtureRequest) -> None:
    """Where days matter to the product, what a test did yesterday is not what it looks at today."""
    if "cloud" in request.fixturenames:
        wait_for_a_day_that_lasts()


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """A fresh local cloud with every service deployed, demo users and sample fixtures."""
    folder = tmp_path_factory.mktemp("cloud")
    with local_cloud(free_addresses(), folder, print) as running:
        seed(running)
        yield running


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the web app of docs/app.md."""
    with web.served(tmp_path_factory.mktemp("amplify")) as url:
        yield url


@pytest.fixture(scope="session")
def trader(cloud: Cloud) -> App:
    return signed_in(cloud, "trader")


def new_player(cloud: Cloud) -> App:
    """Return the app of a new player, signed in; the wallet opens a moment later."""
    app = new_app(cloud, new_phone())
    app.sign_up()
    app.confirm(wait_for_code(cloud, app.phone))
    app.sign_in()
    return app


SUBMIT = "mutation($input: IdentityInput!) { submitIdentity(input: $input) { state reasons } }"


def verified(app: App, number: str = "") -> App:
    """Return the app of a player whom the register knows, perhaps by a document of this number, as wallet and payment
    know then: no day has a limit."""
    person = {"firstName": "Amina", "lastName": "Otieno", "birthdate": "1990-06-15"}
    shown = number or str(random.randrange(10_000_000, 99_999_999))
    app.ask(SUBMIT, input={"documentKind": "NATIONAL_ID", "number": shown, **person})
    eventually(lambda: app.ask("query { identity { state } }")["state"] == "VERIFIED", "the register's answer")
    app.accept_terms()  # which is answered once both know who the player is
    return app


def opened(app: App) -> App:
    """Return the app once its wallet is open. Raises AppError for any other refusal than that there is none yet."""

    def has_wallet() -> bool:
        try:
            balance(app)
        except AppError as refusal:
            if refusal.type != "NOT_FOUND":
                raise
            return False
        return True

    eventually(has_wallet, "an open wallet")
    return app


def new_market(trader: App, name: str, odds: str = "3.00") -> str:
    """Return the market of a new fixture of that id, at these odds for the home side."""
    create_games(trader, {name: {"1": {**dict.fromkeys(ODDS, "2.80"), "1": odds}}}, "2099-01-01T12:00:00Z")
    return f"{name}/1"


def funded(cloud: Cloud) -> App:
    """Return the app of a new player who paid in KES 1,000.00."""
    app = opened(new_player(cloud))
    rule = {"match": {"kind": "stk", "phone": app.phone.lstrip("+")}, "times": 1}
    post_json(f"{cloud.addresses.daraja}/_fake/scripts", {**rule, "script": {"outcome": "approve", "delay_s": 0.1}})
    app.ask(DEPOSIT, id="first-deposit", amount=money("1000"))
    eventually(lambda: balance(app) == (format_amount(credited(1000_00)), "0.00"), "credit of the deposit")
    return app


@pytest.fixture(scope="session")
def player(cloud: Cloud) -> App:
    return funded(cloud)


@dataclass(frozen=True)
class Poisoned:
    """A player whom poison events would credit: so many events, and what the player had before them."""

    player: App
    events: int
    before: tuple[str, str]


@pytest.fixture(scope="session")
def poisoned(cloud: Cloud) -> Poisoned:
    """Put poison on the bus. It takes minutes to end in a dead-letter queue, so whoever judges that asks last."""
    player = opened(new_player(cloud))
    fact = {"depositId": "poison", "userId": player.user_id, "amountCents": 100, "creditCents": 95, "exciseCents": 5}
    envelope = {"id": "poison", "time": "2026-11-22T00:00:00Z", "version": 1, "data": fact}
    details = [
        {**envelope, "version": 99},
        {**envelope, "data": {**fact, "amountCents": "100"}},
        {**envelope, "data": {"depositId": "poison"}},
        {"unexpected": True},
    ]
    place = {"EventBusName": "betsafi-local", "Source": "betsafi.payment", "DetailType": "DepositCompleted"}
    entries = [{**place, "Detail": json.dumps(detail)} for detail in details]
    assert aws("events", cloud.addresses).put_events(Entries=entries)["FailedEntryCount"] == 0
    return Poisoned(player, len(details), balance(player))


def balance(app: App) -> tuple[str, str]:
    """Return (available, held) of an app's wallet."""
    wallet = app.ask(WALLET)
    return wallet["available"]["amount"], wallet["held"]["amount"]


def forget_changes(cloud: Cloud, user_id: str) -> None:
    """Let a player's log know nothing of what has changed so far, as when too much has: older cursors have expired."""
    aws("dynamodb", cloud.addresses).update_item(
        TableName="betsafi-frontend-api-local",
        Key={"pk": {"S": f"USER#{user_id}"}, "sk": {"S": "UPDATES"}},
        UpdateExpression="SET #floor = #last",
        ExpressionAttributeNames={"#floor": "floor", "#last": "last"},
        ConditionExpression="attribute_exists(#last)",
    )


def role_like(cloud: Cloud, service: str, function: str, name: str) -> Credentials:
    """Make a role with the permissions of a deployed function's, which the account itself may take; return its keys."""
    iam, sts = aws("iam", cloud.addresses), aws("sts", cloud.addresses)
    like = f"betsafi-{service}-local-{function}-{REGION}-lambdaRole"
    account = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::000000000000:root"}, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [account]})
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]
    for policy in iam.list_role_policies(RoleName=like)["PolicyNames"]:
        document = iam.get_role_policy(RoleName=like, PolicyName=policy)["PolicyDocument"]
        iam.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=json.dumps(document))
    keys = sts.assume_role(RoleArn=made["Arn"], RoleSessionName="e2e")["Credentials"]
    return Credentials(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
