"""Scenarios: which request shall go how. Pure selection, no I/O.

A rule is ``{"match": {...}, "times": n, "script": {...}}``. The first rule, in the order they were added, that matches
and has uses left is taken; ``times`` absent means always.
"""

from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from localcloud.daraja.base.wire import JSON, JSON_HEADERS, Answer, DarajaError, dumps

Kind = Literal["*", "oauth", "stk", "stk_query", "b2c", "status", "balance", "reversal", "c2b", "c2b_register", "pull"]
Outcome = Literal["approve", "cancel", "wrong_pin", "insufficient", "timeout", "wait", "never"]
Code = Annotated[str, BeforeValidator(lambda value: str(value) if isinstance(value, int) else value)]
Seconds = Annotated[float, Field(ge=0, le=86_400 * 7)]

WAF_PAGE = (
    '<html style="height:100%"><head><META NAME="ROBOTS" CONTENT="NOINDEX, NOFOLLOW"></head><body>'
    '<iframe src="/_Incapsula_Resource?incident_id=727000420251234567-1" width="100%" height="100%">'
    "Request unsuccessful. Incapsula incident ID: 727000420251234567-1</iframe></body></html>"
)
GATEWAY_PAGE = "<html><head><title>Gateway</title></head><body><h1>Service Temporarily Unavailable</h1></body></html>"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Match(_Strict):
    """Which requests a rule is for; what is absent matches everything."""

    kind: Kind = "*"
    phone: str | None = None
    amount: int | None = None
    reference: str | None = None


class Reply(_Strict):
    """The synchronous answer instead of, or after, the work.

    ``executed`` says whether M-Pesa did the work all the same: True for a withheld or cut answer ("timeout after
    accept"), False for an error, unless stated.
    """

    preset: str | None = None
    status: int = 500
    error_code: str | None = None
    error_message: str = ""
    body: str | None = None
    content_type: str | None = None
    delay_s: Seconds = 0
    close: bool = False
    executed: bool | None = None

    @model_validator(mode="after")
    def _known_preset(self) -> "Reply":
        if self.preset is not None and self.preset not in PRESETS:
            raise ValueError(f"unknown preset {self.preset}; there are {', '.join(sorted(PRESETS))}")
        return self

    @property
    def replaces(self) -> bool:
        """Whether this reply has content of its own; else the true answer is only withheld or cut."""
        return self.preset is not None or self.error_code is not None or self.body is not None

    @property
    def works(self) -> bool:
        """Whether the request is carried out."""
        return self.executed if self.executed is not None else not self.replaces

    def render(self, request_id: str) -> Answer:
        """Return the reply's own answer."""
        if self.preset is not None:
            ready = PRESETS[self.preset]
            if isinstance(ready, DarajaError):
                return _envelope(ready, request_id, self)
            return Answer(ready.status, ready.body, ready.headers, self.delay_s, self.close)
        if self.body is not None:
            kind = self.content_type or ("text/html" if self.body.startswith("<") else "application/json")
            return Answer(self.status, self.body.encode(), {"Content-Type": kind}, self.delay_s, self.close)
        fault = DarajaError(self.status, self.error_code or "", self.error_message)
        return _envelope(fault, request_id, self)


def _envelope(fault: DarajaError, request_id: str, reply: Reply) -> Answer:
    body = dumps(fault.envelope(request_id)).encode()
    return Answer(fault.status, body, dict(JSON_HEADERS), reply.delay_s, reply.close)


def _page(status: int, html: str) -> Answer:
    return Answer(status, html.encode(), {"Content-Type": "text/html"})


LOCK_TEXT = "Unable to lock subscriber, a transaction is already in process for the current subscriber"
MAINTENANCE = "Service is currently under maintenance. Please try again later"
PRESETS: dict[str, DarajaError | Answer] = {
    "lock": DarajaError(500, "500.001.1001", LOCK_TEXT),
    "merchant": DarajaError(500, "500.001.1001", "Merchant does not exist"),
    "credentials": DarajaError(500, "500.001.1001", "Wrong credentials"),
    "busy": DarajaError(500, "500.003.02", "System is busy. Please try again in few minutes."),
    "spike_arrest": DarajaError(500, "500.003.02", "Error Occurred: Spike Arrest Violation"),
    "spike_arrest_429": DarajaError(429, "500.003.02", "Error Occurred: Spike Arrest Violation"),
    "quota": DarajaError(500, "500.003.03", "Error Occurred: Quota Violation"),
    "internal": DarajaError(500, "500.003.1001", "Internal Server Error"),
    "system_error": DarajaError(500, "500.002.1001", "System internal error."),
    "duplicate": DarajaError(500, "500.002.1001", "Duplicate OriginatorConversationID."),
    "maintenance": DarajaError(500, "500.002.1001", MAINTENANCE),
    "maintenance_00": DarajaError(500, "00.002.1001", MAINTENANCE),
    "no_product": DarajaError(404, "404.001.03", "Invalid API call as no apiproduct match found"),
    "wrong_keys": DarajaError(400, "400.008.01", "Invalid Authentication passed"),
    "empty_400": Answer(400, b"", {}),
    "empty_401": Answer(401, b"", {}),
    "forbidden": DarajaError(403, "403.001.01", "Forbidden"),
    "empty_404": Answer(404, b"", {}),
    "envelope_200": DarajaError(200, "500.003.1001", "Internal Server Error"),
    "waf": _page(503, WAF_PAGE),
    "waf_403": _page(403, WAF_PAGE),
    "html_200": _page(200, GATEWAY_PAGE),
    "html_502": _page(502, GATEWAY_PAGE),
    "empty": Answer(500, b"", {}),
    "empty_200": Answer(200, b"", {}),
}


class Extra(_Strict):
    """One more callback beside the true one: forged, contradicting, or to another address.

    ``delay_s`` counts from the moment M-Pesa concludes. ``set`` replaces facts by Daraja's own names (ResultCode,
    Amount, MpesaReceiptNumber, PhoneNumber, CheckoutRequestID, TransactionID ...); null leaves an item without Value.
    ``body`` replaces the whole body, and need not be JSON.
    """

    delay_s: Seconds = 0
    url: str | None = None
    set: dict[str, Any] = Field(default_factory=dict)
    remove: list[str] = Field(default_factory=list)
    headers: dict[str, str] = Field(default_factory=dict)
    body: str | None = None


class CallbackPlan(_Strict):
    """How the result travels. ``copies`` counts all deliveries of the true one; ``hold`` keeps it until released.

    ``queue_timeout_s`` posts to QueueTimeOutURL that long after acceptance (B2C family); the true result still follows
    unless ``lost``.
    """

    delay_s: Seconds | None = None
    lost: bool = False
    copies: int = Field(default=1, ge=1, le=50)
    spacing_s: Seconds = 0
    hold: bool = False
    set: dict[str, Any] = Field(default_factory=dict)
    remove: list[str] = Field(default_factory=list)
    extra: list[Extra] = Field(default_factory=list)
    queue_timeout_s: Seconds | None = None


QUERY_FORMS = ("4999", "empty", "processing", "not_exist", "error", "final")


class Script(_Strict):
    """What happens to one request. ``result_code`` wins over ``outcome``; ``queries`` answer STK queries in turn.

    A query answer is one of QUERY_FORMS, any other string as ResultCode, or a Reply. ``paid_anyway`` (B2C) moves the
    money although ``result_code`` reports a failure: what a code like 17 may hide (DARAJA §5.5). ``confirmation``
    (STK) is how the C2B confirmation of the same payment travels, when there is one.
    """

    outcome: Outcome | None = None
    result_code: Code | None = None
    result_desc: str | None = None
    delay_s: Seconds | None = None
    callback: CallbackPlan = Field(default_factory=CallbackPlan)
    confirmation: CallbackPlan = Field(default_factory=CallbackPlan)
    queries: list[Code | Reply] = Field(default_factory=list)
    reply: Reply | None = None
    expire_token: bool = False
    paid_anyway: bool = False


OUTCOMES: dict[str, tuple[str, ...]] = {
    "*": get_args(Outcome),
    "stk": get_args(Outcome),
    "b2c": ("approve", "insufficient", "timeout", "never"),
    "status": ("approve", "timeout", "never"),
    "balance": ("approve", "timeout", "never"),
    "reversal": ("approve", "insufficient", "timeout", "never"),
    "c2b": ("approve", "insufficient"),
}


class Rule(_Strict):
    """A script and what it is for."""

    match: Match = Field(default_factory=Match)
    times: int | None = Field(default=None, ge=1)
    script: Script
    used: int = 0
    rule_id: int = 0

    @model_validator(mode="after")
    def _outcome_is_possible(self) -> "Rule":
        outcome, possible = self.script.outcome, OUTCOMES.get(self.match.kind, ())
        if outcome is not None and outcome not in possible:
            raise ValueError(f"{self.match.kind} has no outcome {outcome}; it has {', '.join(possible) or 'none'}")
        return self

    def fits(self, kind: str, phone: str | None, amount: int | None, reference: str | None) -> bool:
        """Return whether the rule matches and has uses left."""
        match = self.match
        return (
            (self.times is None or self.used < self.times)
            and match.kind in ("*", kind)
            and match.phone in (None, phone)
            and match.amount in (None, amount)
            and match.reference in (None, reference)
        )


class ScriptBook:
    """The rules in force."""

    def __init__(self) -> None:
        self.rules: list[Rule] = []
        self._next_id = 1

    def add(self, raw: JSON) -> Rule:
        """Add a rule. Raises pydantic's ValidationError."""
        rule = Rule.model_validate({**raw, "used": 0, "rule_id": self._next_id})
        self._next_id += 1
        self.rules.append(rule)
        return rule

    def clear(self) -> None:
        """Forget every rule."""
        self.rules.clear()

    def take(
        self, kind: str, phone: str | None = None, amount: int | None = None, reference: str | None = None
    ) -> Script | None:
        """Return the script for a request and count its use, or None."""
        for rule in self.rules:
            if rule.fits(kind, phone, amount, reference):
                rule.used += 1
                return rule.script
        return None
