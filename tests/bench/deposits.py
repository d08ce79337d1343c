"""How many calls a player waits for who deposits, one after another: payment's own and those behind them."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import requests
from requests.adapters import HTTPAdapter

from betsafi import people
from betsafi.aws import client
from tests.bench.house import DARAJA_SECRET, House
from tests.bench.rows import Row
from tests.support.services import SECRET


def measure(house: House) -> list[Row]:
    """Return the calls of a player's first deposit, in a process that has M-Pesa's keys and token."""
    client("secretsmanager").create_secret(Name=DARAJA_SECRET, SecretString=json.dumps(SECRET))
    with _mpesa(house), _signed_in() as sign_in_id:
        house.deposit(house.new_player(), sign_in_id)
        player = house.new_player()
        with house.meter.measuring() as taken:
            asked = house.deposit(player, sign_in_id)
    if asked["status"] != "SUBMITTED":
        raise RuntimeError(f"the deposit is {asked['status']}")
    waited_for = len(taken.one_after_another)
    return [
        Row("calls.deposit", "calls of a deposit, one after another", waited_for, "calls", 6),
        Row("calls.deposit.all", "  all of them, some side by side", len(taken.calls), "calls"),
    ]


@contextmanager
def _mpesa(house: House) -> Iterator[None]:
    """Stand for M-Pesa, which gives a token and takes every prompt."""
    said = {"access_token": "token", "expires_in": "3599", "ResponseCode": "0", "CheckoutRequestID": "ws_CO_1"}

    def send(adapter: HTTPAdapter, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        house.meter.count_http("daraja.internal")
        response = requests.Response()
        response.status_code, response._content = 200, json.dumps(said).encode()
        return response

    with patch.object(HTTPAdapter, "send", send):
        yield


@contextmanager
def _signed_in() -> Iterator[str]:
    """Have Cognito know one player; yield whom it knows them as."""
    cognito = client("cognito-idp")
    pool = cognito.create_user_pool(PoolName="bench", UsernameAttributes=["phone_number"])["UserPool"]["Id"]
    user = cognito.admin_create_user(UserPoolId=pool, Username="+254700000000", MessageAction="SUPPRESS")["User"]
    people._player_settings.cache_clear()
    with patch.dict(os.environ, PLAYER_POOL=pool):
        yield str(user["Username"])
