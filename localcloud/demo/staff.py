"""The demo staff: a pool of their own, a password and an authenticator.

Their authenticators' secrets are kept beside the cloud's state, since Cognito shows each only once.
"""

import json
import secrets
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import boto3
from botocore import UNSIGNED
from botocore.config import Config

from localcloud.base.addresses import REGION
from localcloud.cloud.running import Cloud, aws, parameter
from localcloud.demo.app import BackOffice
from tools.sign_in import sign_in, totp

PASSWORD = "Betsafi-2026-staff"
GROUPS = ("trader", "support", "admin")


@dataclass(frozen=True)
class Member:
    """Somebody who works here and can sign in with `PASSWORD` and their authenticator."""

    email: str
    group: str


MEMBERS = [
    Member("trader1@staff.example", "trader"),
    Member("trader2@staff.example", "trader"),
    Member("support1@staff.example", "support"),
    Member("admin1@staff.example", "admin"),
    Member("admin2@staff.example", "admin"),
]


def ensure(cloud: Cloud) -> None:
    """Make the staff that are not there yet, or whose authenticator nobody knows."""
    pool, _ = _pool(cloud)
    users = aws("cognito-idp", cloud.addresses).list_users(UserPoolId=pool, Limit=60)["Users"]
    there = {attribute["Value"] for user in users for attribute in user["Attributes"] if attribute["Name"] == "email"}
    for member in MEMBERS:
        if member.email not in there & secrets_of(cloud).keys():
            hire(cloud, member)


def hire(cloud: Cloud, member: Member) -> BackOffice:
    """Add somebody to the pool and a group as administrators do, and sign in for the first time as they do."""
    given = invite(cloud, member)

    def set_up(secret: str) -> str:
        _file(cloud).write_text(json.dumps({**secrets_of(cloud), member.email: secret}, indent=2))
        return totp(secret)

    sign_in(_public(cloud), *_pool(cloud), member.email, given, set_up, lambda: PASSWORD)
    return back_office(cloud, member)


def invite(cloud: Cloud, member: Member) -> str:
    """Add somebody to the pool and a group as administrators do; return the password that is good once."""
    cognito, (pool, _) = aws("cognito-idp", cloud.addresses), _pool(cloud)
    given = secrets.token_urlsafe(16)
    with suppress(cognito.exceptions.UserNotFoundException):
        cognito.admin_delete_user(UserPoolId=pool, Username=member.email)
    cognito.admin_create_user(
        UserPoolId=pool,
        Username=member.email,
        UserAttributes=[{"Name": "email", "Value": member.email}],
        TemporaryPassword=given,
        MessageAction="SUPPRESS",
    )
    cognito.admin_add_user_to_group(UserPoolId=pool, Username=member.email, GroupName=member.group)
    return given


def signed_in(cloud: Cloud, group: str, number: int = 0) -> BackOffice:
    """Return the app of a seeded member of a group (the first one is number 0), signed in.

    They sign in once for a shift, as at work: proving a password is long arithmetic.
    """
    member = [member for member in MEMBERS if member.group == group][number]
    app = back_office(cloud, member)
    app.resume(_shift(cloud, member))
    return app


@cache
def _shift(cloud: Cloud, member: Member) -> str:
    """Sign a member in; return what renews their token for a shift."""
    app = back_office(cloud, member)
    app.sign_in()
    return app.refresh_token


def back_office(cloud: Cloud, member: Member) -> BackOffice:
    """Return the app of somebody whom `hire` has added, not signed in yet."""
    at, (pool, client_id) = cloud.addresses, _pool(cloud)
    return BackOffice(at.appsync, at.cognito, pool, client_id, member.email, PASSWORD, secrets_of(cloud)[member.email])


def secrets_of(cloud: Cloud) -> dict[str, str]:
    """Return the secrets of the staff's authenticators by e-mail address."""
    file = _file(cloud)
    return dict(json.loads(file.read_text())) if file.exists() else {}


def _file(cloud: Cloud) -> Path:
    return cloud.folder / "staff.json"


def _pool(cloud: Cloud) -> tuple[str, str]:
    return parameter(cloud.addresses, "platform/staff/pool/id"), parameter(cloud.addresses, "platform/staff/client/id")


def _public(cloud: Cloud) -> Any:
    """Return Cognito as an app sees it."""
    return boto3.client(
        "cognito-idp",
        endpoint_url=cloud.addresses.cognito,
        region_name=REGION,
        config=Config(signature_version=UNSIGNED, retries={"total_max_attempts": 1}),
    )
