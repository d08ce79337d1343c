"""A player's app in Python, and a back office for staff: Cognito sign-up, sign-in by code, password or authenticator,
GraphQL, subscriptions."""

import asyncio
import base64
import json
import secrets
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError
from gql import Client, GraphQLRequest
from gql.transport.appsync_auth import (
    AppSyncApiKeyAuthentication,
    AppSyncAuthentication,
    AppSyncJWTAuthentication,
)
from gql.transport.appsync_websockets import AppSyncWebsocketsTransport
from gql.transport.exceptions import TransportQueryError
from gql.transport.requests import RequestsHTTPTransport

from localcloud.base.addresses import REGION
from tools.base.waiting import PATIENCE_SECONDS
from tools.sign_in import sign_in, totp

_RENEWED_BEFORE_SECONDS = 60


@cache
def _cognito(url: str) -> Any:
    """Return Cognito as an app sees it, the same for all apps and threads."""
    return boto3.client(
        "cognito-idp",
        endpoint_url=url,
        region_name=REGION,
        config=Config(signature_version=UNSIGNED, read_timeout=PATIENCE_SECONDS, retries={"total_max_attempts": 1}),
    )


class AppError(Exception):
    """What GraphQL refused: `type` is the stable errorType."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(f"{error.get('errorType')}: {error.get('message')}")
        self.type = error.get("errorType")
        self.message = str(error.get("message"))
        self.info = error.get("errorInfo") or {}


class Feed:
    """What a subscription has delivered so far."""

    def __init__(self) -> None:
        self.items: list[dict[str, Any]] = []
        self.error: BaseException | None = None
        self._changed = threading.Condition()

    def add(self, item: dict[str, Any]) -> None:
        """Take in one delivery."""
        with self._changed:
            self.items.append(item)
            self._changed.notify_all()

    def fail(self, error: BaseException) -> None:
        """Note that the subscription ended."""
        with self._changed:
            self.error = error
            self._changed.notify_all()

    def wait_for(self, wanted: Callable[[dict[str, Any]], bool], what: str) -> dict[str, Any]:
        """Return the first delivery that is wanted, past or to come. Raises TimeoutError."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        with self._changed:
            while True:
                for item in self.items:
                    if wanted(item):
                        return item
                if self.error:
                    raise RuntimeError(f"the subscription ended while waiting for {what}") from self.error
                if not self._changed.wait(max(0, deadline - time.monotonic())):
                    raise TimeoutError(f"no {what} within {PATIENCE_SECONDS:.0f} s; heard: {self.items[-3:]}")


class Transport(AppSyncWebsocketsTransport):
    """gql's transport, which also notes when the subscription stands."""

    def __init__(self, url: str, auth: AppSyncAuthentication, authority: str = "") -> None:
        patience = int(PATIENCE_SECONDS)
        trusted = ssl.create_default_context(cafile=authority) if authority else False
        super().__init__(url, auth=auth, connect_timeout=patience, ack_timeout=patience, ssl=trusted)
        self.started = asyncio.Event()

    def _parse_answer(self, answer: str) -> Any:
        parsed = super()._parse_answer(answer)
        if parsed[0] == "start_ack":
            self.started.set()
        return parsed


class App:
    """One person's app. `phone` is like +254712345678; with the lobby's key it looks around before anybody signs in.

    Where the address is https, `authority` is the file of who signed its certificate, and it listens over wss.
    """

    def __init__(
        self,
        graphql_url: str,
        cognito_url: str,
        client_id: str,
        phone: str,
        password: str = "",
        lobby_key: str = "",
        authority: str = "",
    ) -> None:
        self.phone = phone
        self.password = password or secrets.token_urlsafe(12)
        self.user_id = ""
        self.token = self.access_token = ""
        self.device_id = ""
        """What the app calls this device to Cognito; without one the account has no devices."""
        self.refresh_token = ""
        self._birthdate = ""
        self._challenge: dict[str, Any] = {}
        self.url, self._lobby_key, self._authority = graphql_url, lobby_key, authority
        self._come_with({"x-api-key": lobby_key})
        self.client_id = client_id
        self.cognito = _cognito(cognito_url)

    def sign_up(self, birthdate: str = "1990-06-15") -> None:
        """Ask for an account; a code comes by SMS. Raises botocore's ClientError with Cognito's answer.

        Whether the number has an account already makes no difference: the code is asked for all the same.
        """
        self._birthdate = birthdate
        try:
            self.cognito.sign_up(ClientId=self.client_id, Username=self.phone, Password=secrets.token_urlsafe(32))
        except ClientError as error:
            if error.response["Error"]["Code"] != "UsernameExistsException":
                raise
        self.ask_code()

    def ask_code(self) -> None:
        """Have a code sent to the phone. Raises ClientError."""
        parameters = {"USERNAME": self.phone}
        self._challenge = self.cognito.initiate_auth(
            ClientId=self.client_id, AuthFlow="CUSTOM_AUTH", AuthParameters=parameters
        )

    @property
    def step(self) -> str:
        """What is asked for now: CODE, or on a new device the SECOND factor."""
        return str(self._challenge["ChallengeParameters"]["step"])

    def answer_code(self, code: str) -> bool:
        """Answer what is asked for; return whether that signs in, else it may be tried again, or there is another step.

        Raises ClientError.
        """
        told = {"birthdate": self._birthdate, "deviceId": self.device_id}
        answer = self.cognito.respond_to_auth_challenge(
            ClientId=self.client_id,
            ChallengeName=self._challenge["ChallengeName"],
            Session=self._challenge["Session"],
            ChallengeResponses={"USERNAME": self.phone, "ANSWER": code},
            ClientMetadata={name: value for name, value in told.items() if value},
        )
        if "AuthenticationResult" not in answer:
            self._challenge = answer
            return False
        self._use(answer["AuthenticationResult"])
        return True

    def confirm(self, code: str) -> None:
        """Sign in with the code, accept the terms, and choose the app's password.

        Raises ClientError, ValueError for a wrong code.
        """
        if not self.answer_code(code):
            raise ValueError(f"{code} is not the code that {self.phone} got")
        self.accept_terms()
        self.ask("mutation($password: String!) { setPassword(password: $password) }", password=self.password)

    def accept_terms(self) -> None:
        """Accept the terms and the privacy notice that are in force, without which no bet is taken. Raises AppError."""
        self.ask(
            "mutation($terms: AWSDate!, $privacy: AWSDate!) { acceptTerms(terms: $terms, privacy: $privacy) { due } }",
            **self.ask("query { terms { terms privacy } }"),
        )

    def sign_in(self) -> None:
        """Sign in with the password. Raises ClientError."""
        answer = self.cognito.initiate_auth(
            ClientId=self.client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": self.phone, "PASSWORD": self.password},
        )
        self._use(answer["AuthenticationResult"])

    def refresh(self) -> None:
        """Have the token refreshed. Raises ClientError."""
        answer = self.cognito.get_tokens_from_refresh_token(
            ClientId=self.client_id,
            RefreshToken=self.refresh_token,
            **({"ClientMetadata": {"deviceId": self.device_id}} if self.device_id else {}),
        )
        self._use(answer["AuthenticationResult"])

    def _use(self, tokens: dict[str, str]) -> None:
        self.token, self.access_token = tokens["IdToken"], tokens["AccessToken"]
        self.refresh_token = tokens.get("RefreshToken", self.refresh_token)
        payload = self.token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        self.user_id = claims.get("player") or claims["sub"]
        self._come_with({"Authorization": self.token})

    def _come_with(self, headers: dict[str, str]) -> None:
        trusted = self._authority or True
        self._http = RequestsHTTPTransport(url=self.url, headers=headers, timeout=int(PATIENCE_SECONDS), verify=trusted)

    def ask(self, document: str, **variables: Any) -> Any:
        """Run a query or mutation with one root field and return that field. Raises AppError."""
        request = GraphQLRequest(document, variable_values=variables)
        try:
            answer = Client(transport=self._http).execute(request)
        except TransportQueryError as failure:
            raise AppError((failure.errors or [{}])[0]) from failure
        (value,) = answer.values()
        return value

    def refusal(self, document: str, **variables: Any) -> AppError:
        """Run what must be refused and return the refusal. Raises AssertionError if it is answered."""
        try:
            answer = self.ask(document, **variables)
        except AppError as error:
            return error
        raise AssertionError(f"this should have been refused, and was answered with {answer}")

    @contextmanager
    def listen(self, document: str, **variables: Any) -> Iterator[Feed]:
        """Subscribe while the block runs; the feed holds each delivery's root field."""
        feed, ready, left = Feed(), threading.Event(), threading.Event()
        task: asyncio.Task[None] | None = None

        async def receive() -> None:
            nonlocal task
            task = asyncio.current_task()
            url = urlsplit(self.url)
            auth: AppSyncAuthentication = AppSyncApiKeyAuthentication(url.netloc, self._lobby_key)
            if self.token:
                auth = AppSyncJWTAuthentication(host=url.netloc, jwt=self.token)
            scheme = "wss" if url.scheme == "https" else "ws"
            transport = Transport(f"{scheme}://{url.netloc}{url.path}", auth, self._authority)
            async with Client(transport=transport) as session:
                generator = session.subscribe(GraphQLRequest(document, variable_values=variables))
                first = asyncio.ensure_future(anext(generator))
                started = asyncio.ensure_future(transport.started.wait())
                await asyncio.wait({first, started}, return_when=asyncio.FIRST_COMPLETED)
                started.cancel()
                if first.done() and (refusal := first.exception()):
                    feed.fail(refusal)  # before anybody reads on, who may leave while the connection is being closed
                ready.set()
                feed.add(next(iter((await first).values())))
                async for answer in generator:
                    feed.add(next(iter(answer.values())))

        def run() -> None:
            with asyncio.Runner() as runner:  # ends what a connection that is cut off while it is being closed leaves
                try:
                    runner.run(receive())
                except asyncio.CancelledError:
                    pass
                except Exception as error:  # noqa: BLE001  handed to whoever waits on the feed
                    feed.fail(error)
                ready.set()
                left.wait()

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        try:
            if not ready.wait(PATIENCE_SECONDS):
                raise TimeoutError(f"no subscription within {PATIENCE_SECONDS:.0f} s: {document}")
            yield feed
        finally:
            if task is not None:
                task.get_loop().call_soon_threadsafe(task.cancel)
            left.set()
            thread.join(5)


class BackOffice(App):
    """The app of somebody who works here; they sign in with a password and their authenticator's code."""

    def __init__(
        self, graphql_url: str, cognito_url: str, pool_id: str, client_id: str, email: str, password: str, secret: str
    ) -> None:
        super().__init__(graphql_url, cognito_url, client_id, phone="", password=password)
        self.email = email
        self._pool_id = pool_id
        self._secret = secret
        self.refresh_token = ""
        self._good_until = 0.0

    def sign_in(self) -> None:
        """Get a token, and what renews it for a shift. Raises ClientError."""
        tokens = sign_in(
            self.cognito, self._pool_id, self.client_id, self.email, self.password, lambda _: totp(self._secret)
        )
        self.refresh_token = tokens["RefreshToken"]
        self._renewed(tokens)

    def resume(self, refresh_token: str) -> None:
        """Get a token in a shift that was begun elsewhere, by what renews it. Raises ClientError."""
        self.refresh_token = refresh_token
        asked = {"REFRESH_TOKEN": refresh_token}
        answer = self.cognito.initiate_auth(
            ClientId=self.client_id, AuthFlow="REFRESH_TOKEN_AUTH", AuthParameters=asked
        )
        self._renewed(answer["AuthenticationResult"])

    def ask(self, document: str, **variables: Any) -> Any:
        """Run a query or mutation as every app does, with a token that is renewed before it ends."""
        if time.monotonic() > self._good_until:
            self.resume(self.refresh_token)
        return super().ask(document, **variables)

    def _renewed(self, tokens: dict[str, Any]) -> None:
        self._good_until = time.monotonic() + tokens["ExpiresIn"] - _RENEWED_BEFORE_SECONDS
        self._use(tokens)
