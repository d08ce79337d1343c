"""Access tokens: who gets one, and until when it is good (DARAJA §2)."""

import base64
import binascii
from dataclasses import replace
from datetime import datetime, timedelta

from localcloud.daraja.api.call import Call
from localcloud.daraja.api.family import Api
from localcloud.daraja.base.ids import Ids
from localcloud.daraja.base.scripts import Script
from localcloud.daraja.base.settings import Settings
from localcloud.daraja.base.wire import Answer, DarajaError, answer


class Tokens:
    """The tokens that were granted, each with the moment it ends."""

    def __init__(self, settings: Settings, ids: Ids) -> None:
        self.settings = settings
        self.ids = ids
        self.granted: dict[str, datetime] = {}

    def check(self, api: Api, call: Call, now: datetime) -> None:
        """Raise DarajaError, in the words of the API, unless a call carries a token that is still good."""
        scheme, _, token = call.headers.get("authorization", "").partition(" ")
        expires = self.granted.get(token) if scheme == "Bearer" else None
        if expires is None or expires <= now:
            status, code, message = api.token_error
            raise DarajaError(status, code, message.format(token=token))

    def grant(self, call: Call, script: Script | None, now: datetime) -> Answer:
        """Return a token. ``expires_in`` is a string; a wrong key gets HTTP 400 and an empty body (DARAJA §2)."""
        reply = script.reply if script else None
        if reply is not None and not reply.works:
            return reply.render(self.ids.request_id())
        if call.method != "GET":
            raise DarajaError(405, "405.001", "Method Not Allowed")
        if call.query.get("grant_type") != "client_credentials":
            raise DarajaError(400, "400.008.02", "Invalid grant type passed")
        scheme, _, credentials = call.headers.get("authorization", "").partition(" ")
        if scheme != "Basic":
            raise DarajaError(400, "400.008.01", "Invalid Authentication passed")
        try:
            given = base64.b64decode(credentials, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise DarajaError(400, "400.008.01", "Invalid Authentication passed") from None
        if given != f"{self.settings.consumer_key}:{self.settings.consumer_secret}":
            return Answer(400, b"", {})
        if self.settings.new_token_revokes_old:
            self.granted.clear()
        token = self.ids.token()
        self.granted[token] = now + timedelta(seconds=self.settings.token_lifetime_s)
        granted = answer({"access_token": token, "expires_in": str(self.settings.token_lifetime_s)})
        return granted if reply is None else replace(granted, delay_s=reply.delay_s, close=reply.close)
