"""What happens to every call: tokens, scripts, checks, then M-Pesa. Pure: a Call and a moment in, an Answer out.

The order is Daraja's: the token is checked before the body, the body before M-Pesa acts.
"""

from collections import deque
from dataclasses import replace
from datetime import datetime, timedelta

from localcloud.daraja.api import checks
from localcloud.daraja.api.call import Call, Seen, blanked, parsed
from localcloud.daraja.api.family import Api
from localcloud.daraja.api.paybill import Paybill
from localcloud.daraja.api.results import Results
from localcloud.daraja.api.stk import Stk
from localcloud.daraja.api.tokens import Tokens
from localcloud.daraja.base.ids import Ids
from localcloud.daraja.base.scripts import MAINTENANCE, Script, ScriptBook
from localcloud.daraja.base.settings import Settings
from localcloud.daraja.base.wire import JSON, Answer, DarajaError, answer, invalid
from localcloud.daraja.mpesa.mpesa import Mpesa

LOG_LENGTH = 5000


class Gateway:
    """All of Daraja's paths over one M-Pesa."""

    def __init__(self, settings: Settings, mpesa: Mpesa, scripts: ScriptBook, ids: Ids) -> None:
        self.settings = settings
        self.mpesa = mpesa
        self.scripts = scripts
        self.ids = ids
        self.tokens = Tokens(settings, ids)
        self.log: deque[Seen] = deque(maxlen=LOG_LENGTH)
        self._recent: deque[datetime] = deque()
        families = [family(settings, mpesa, ids) for family in (Stk, Results, Paybill)]
        self._apis = {path: api for family in families for path, api in family.paths().items()}

    def handle(self, call: Call, now: datetime) -> Answer:
        """Return Daraja's answer. Bodies, tokens and scripts are all dealt with here."""
        seen = Seen(now, call.method, call.path, None)
        self.log.append(seen)
        try:
            given = self._handle(call, seen, now)
        except DarajaError as refusal:
            given = answer(refusal.envelope(self.ids.request_id()), refusal.status)
        seen.status = 0 if given.close else given.status
        is_token = call.path == "/oauth/v1/generate" and given.status == 200
        seen.answer = "(access token)" if is_token else given.body.decode(errors="replace")
        return given

    def _handle(self, call: Call, seen: Seen, now: datetime) -> Answer:
        if call.path == "/oauth/v1/generate":
            return self.tokens.grant(call, self.scripts.take("oauth"), now)
        api = self._apis.get(call.path)
        if api is None:
            raise DarajaError(404, "404.001.01", "Resource not found")
        body = parsed(call)
        seen.body = blanked(body) if body is not None else call.body[:500].decode(errors="replace")
        if call.method != "POST" and not call.path.startswith("/pulltransactions/"):
            raise DarajaError(405, "405.001", "Method Not Allowed")
        self._check_rate(now)
        # A call that is refused for its token, or because M-Pesa is closed, uses up no script.
        self.tokens.check(api, call, now)
        if self.mpesa.in_maintenance(now):
            raise DarajaError(500, "500.002.1001", MAINTENANCE)
        script = self._scripted(api, body)
        if script.expire_token:
            self.tokens.granted.clear()
            self.tokens.check(api, call, now)
        reply = script.reply
        if reply is not None and not reply.works:
            return reply.render(self.ids.request_id())
        if body is None:
            raise invalid("Request Body")
        seen.warnings = [f"unknown field {name}" for name in body if name not in api.fields]
        done = api.run(body, script, now)
        true = done if isinstance(done, Answer) else answer(done)
        if reply is None:
            return true
        if reply.replaces:
            return reply.render(self.ids.request_id())
        return replace(true, delay_s=reply.delay_s, close=reply.close)

    def _scripted(self, api: Api, body: JSON | None) -> Script:
        facts = body or {}
        phone = str(facts.get(api.phone_field) or "") or None
        amount = _amount_of(facts)
        reference = str(facts.get(api.reference_field) or "") or None
        if api.kind == "stk_query" and reference in self.mpesa.state.pushes:
            push = self.mpesa.state.pushes[reference]
            phone, amount = push.phone, push.amount
        return self.scripts.take(api.kind, phone, amount, reference) or Script()

    def _check_rate(self, now: datetime) -> None:
        limit = self.settings.requests_per_second
        if limit is None:
            return
        while self._recent and now - self._recent[0] >= timedelta(seconds=1):
            self._recent.popleft()
        if len(self._recent) >= limit:
            raise DarajaError(500, "500.003.02", "Error Occurred: Spike Arrest Violation")
        self._recent.append(now)


def _amount_of(body: JSON) -> int | None:
    try:
        return checks.whole_shillings(body, "Amount", lowest=0, highest=None)
    except DarajaError:
        return None
