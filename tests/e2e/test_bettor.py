"""Everything that a bettor can ask and hear with gql, over https and wss; `test_amplify.py` has it with aws-amplify."""

import secrets
from contextlib import ExitStack
from typing import Any

from localcloud.cloud.running import Cloud
from localcloud.demo.app import App, AppError, Feed
from localcloud.demo.seed import new_app, wait_for_code
from localcloud.journey.asking import new_phone
from tests.e2e.bettor import Bettor


class Gql:
    """An app in Python as a bettor's client."""

    def __init__(self, app: App, open_: ExitStack) -> None:
        self._app, self._open = app, open_
        self._feeds: dict[str, Feed] = {}

    def answer(self, document: str, variables: dict[str, Any]) -> dict[str, Any]:
        try:
            return {"data": self._app.ask(document, **variables)}
        except AppError as refusal:
            return {"error": refusal.type}

    def listen(self, name: str, document: str, variables: dict[str, Any]) -> None:
        self._feeds[name] = self._open.enter_context(self._app.listen(document, **variables))

    def heard(self, name: str) -> list[Any]:
        return list(self._feeds[name].items)

    def refusal(self, name: str) -> str:
        return str(self._feeds[name].error or "")


def test_a_bettor_asks_and_hears_everything_with_gql_over_wss(cloud: Cloud, trader: App) -> None:
    app = new_app(cloud, new_phone(), secure=True)
    app.device_id = secrets.token_urlsafe(16)
    app.sign_up()
    assert app.answer_code(wait_for_code(cloud, app.phone))
    with ExitStack() as open_:
        bettor = Bettor(cloud, trader, Gql(app, open_), app.phone, app.password)
        assert bettor.ask("setPassword", password=app.password)
        bettor.everything()
