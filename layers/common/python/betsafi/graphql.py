"""The handler for AppSync: one Lambda a service, its fields registered by name, errors with a stable type.

The shared resolver (`frontend-api/resolvers/shared.js`) sends `{type, field, arguments, identity, language}` and
unwraps `{"data": …}` or `{"error": {type, message, info}}`. Anything unexpected raises, is counted by Lambda and
reaches the client as INTERNAL_ERROR without details.

Only staff have groups, and only a field of theirs is given them. A token outlives what was taken from its owner by
minutes, so at each call of such a field their pool is asked how they stand now, and only what both say counts.

People reach `query` and `mutation` fields, and everybody `public` ones, with the API's key instead of a token. `update`
and `publication` fields are for frontend-api alone, which has AppSync ask them when it publishes: so what subscribers
get comes from the same presenter as the answer to a query. `changes` fields fill in what changed for whoever asks
frontend-api for that. `player` fields are those of support's view.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from betsafi import clock, people
from betsafi.dynamodb import Page
from betsafi.errors import DomainError, Forbidden
from betsafi.ids import path_identifier
from betsafi.inputs import check_storable, whole
from betsafi.languages import Both, Language, preferred
from betsafi.people import Staff
from betsafi.telemetry import begin, logger

_NOT_ALLOWED = Both("You are not allowed to do this.", "Huruhusiwi kufanya hivi.")


@dataclass(frozen=True)
class Caller:
    """Who asks, by their verified token: `user_id` is Cognito's sub, `groups` those of staff, by their token and now.

    One of our own functions, known by its signature, has no `user_id` but a `role`. `player_id` is the player's account
    that somebody of the staff is known to have. `language` is the one to refuse in.
    """

    user_id: str
    groups: frozenset[str] = frozenset()
    claims: Mapping[str, Any] = field(default_factory=dict)
    role: str = ""
    player_id: str = ""
    language: Language = "en"

    @property
    def sign_in_id(self) -> str:
        """Whom the user pool knows: the token's own sub, whoever the player is that it stands for."""
        return str(self.claims.get("sub") or self.user_id)

    @property
    def staff(self) -> Staff:
        """The caller as somebody of the staff."""
        return Staff(self.user_id, self.player_id, self.groups)

    def require(self, *groups: str) -> None:
        """Raise Forbidden unless the caller is in one of the groups (AppSync checked the token; this is also now)."""
        if not self.groups & set(groups):
            raise Forbidden(_NOT_ALLOWED)


def page_limit(arguments: Mapping[str, Any], largest: int = 100, default: int = 20) -> int:
    """Return how many items a page may have. Raises InvalidInput outside 1 to `largest` (no query reads above 100)."""
    given = arguments.get("limit")
    return default if given is None else whole(given, "limit", 1, largest)


Field = Callable[[Caller, dict[str, Any]], Any]
PublicField = Callable[[dict[str, Any]], Any]
ChangesField = Callable[[Caller, list[dict[str, Any]]], Any]

_ANYBODY = "anybody"
"""Who is said in the log to have asked, where nobody signed in."""
_KEPT_SECONDS = 2.0
_KEPT_ANSWERS = 64
"""How many public answers are kept, the largest of which are a megabyte."""


class Fields:
    """Fields by (type, name), with those of `parts`; an instance is a Lambda's handler."""

    def __init__(self, *parts: "Fields") -> None:
        self._fields: dict[tuple[str, str], Field] = {name: part._fields[name] for part in parts for name in part.names}
        self._internal: set[tuple[str, str]] = {name for part in parts for name in part._internal}
        self._public: set[tuple[str, str]] = {name for part in parts for name in part._public}
        self._kept: dict[str, tuple[float, Any]] = {}

    def query(self, name: str) -> Callable[[Field], Field]:
        """Register the decorated function for a field of Query."""
        return self._register("Query", name)

    def mutation(self, name: str) -> Callable[[Field], Field]:
        """Register the decorated function for a field of Mutation."""
        return self._register("Mutation", name)

    def public(self, name: str) -> Callable[[PublicField], PublicField]:
        """Register the decorated function for a field of Query that anybody may ask, signed in or not.

        It is not told who asks, so its answer is everybody's: it is given again for two seconds. A refusal is not.
        """
        self._public.add(("Query", name))

        def register(function: PublicField) -> PublicField:
            self._fields["Query", name] = lambda _, arguments: self._everybodys(name, function, arguments)
            return function

        return register

    def update(self, name: str) -> Callable[[Field], Field]:
        """Register the decorated function for a field of PlayerUpdate; it gets what `publishPlayer` was given."""
        self._internal.add(("PlayerUpdate", name))
        return self._register("PlayerUpdate", name)

    def changes(self, name: str) -> Callable[[ChangesField], ChangesField]:
        """Register the decorated function for a field of PlayerChanges: it returns what changed of the caller's.

        It gets the caller and, of each thing, its `id` and what is `posted` of it; frontend-api has found them, at
        most 80.
        """

        def register(function: ChangesField) -> ChangesField:
            self._fields["PlayerChanges", name] = lambda caller, given: function(caller, given["asked"])
            return function

        return register

    def player(self, name: str) -> Callable[[Field], Field]:
        """Register the decorated function for a field of Player: what staff see of one, from every service.

        It gets the player's id as `userId` beside the field's own arguments; support and administrators alone ask it.
        """

        def register(function: Field) -> Field:
            self._fields["Player", name] = lambda caller, given: function(_of_support(caller), given)
            return function

        return register

    def export(self, name: str) -> Callable[[Callable[[str, str | None], Page]], Callable[[str, str | None], Page]]:
        """Register the decorated function for a field of PlayerExport, which administrators alone ask.

        It gets the player's id and a cursor, and returns a page of all that its service keeps of them.
        """

        def register(function: Callable[[str, str | None], Page]) -> Callable[[str, str | None], Page]:
            def answer(caller: Caller, given: dict[str, Any]) -> dict[str, Any]:
                caller.require("admin")
                page = function(path_identifier(given["userId"], "userId"), given.get("cursor"))
                return {"items": [json.dumps(item, sort_keys=True) for item in page.items], "cursor": page.cursor}

            self._fields["PlayerExport", name] = answer
            return function

        return register

    def publication(self, name: str) -> Callable[[Field], Field]:
        """Register the decorated function for a publish mutation."""
        self._internal.add(("Mutation", name))
        return self._register("Mutation", name)

    @property
    def names(self) -> set[tuple[str, str]]:
        """Every (type, field) that this handler answers."""
        return set(self._fields)

    @property
    def public_names(self) -> set[tuple[str, str]]:
        """Every (type, field) that anybody may ask."""
        return set(self._public)

    def _register(self, type_name: str, name: str) -> Callable[[Field], Field]:
        def register(function: Field) -> Field:
            self._fields[type_name, name] = function
            return function

        return register

    def __call__(self, event: Mapping[str, Any], context: Any = None) -> dict[str, Any]:
        identity = event.get("identity") or {}
        caller = Caller(
            identity.get("sub") or "",
            frozenset(identity.get("groups") or ()),
            identity.get("claims") or {},
            identity.get("role") or "",
            language=preferred(event.get("language")),
        )
        name, asker = event["field"], caller.user_id or caller.role or _ANYBODY
        begin(event.get("requestId") or "")
        try:
            caller = _as_they_stand(caller)
            self._admit(caller, (event["type"], name))
            arguments = dict(event["arguments"])
            check_storable(arguments)
            data = self._fields[event["type"], name](caller, arguments)
        except DomainError as error:
            logger.info("field refused", field=name, user_id=asker, error=error.code)
            return {"error": {"type": error.code, "message": error.said(caller.language), "info": error.info or None}}
        logger.info("field answered", field=name, user_id=asker)
        return {"data": data}

    def _admit(self, caller: Caller, asked: tuple[str, str]) -> None:
        """Raise Forbidden unless a person asks for a person's field, and a function of ours for an internal one."""
        if asked in self._public:
            return
        if asked not in self._internal and not caller.user_id:
            raise Forbidden(Both("Sign in first.", "Ingia kwanza."))
        if asked in self._internal and (caller.user_id or not caller.role):
            raise Forbidden(_NOT_ALLOWED)

    def _everybodys(self, name: str, function: PublicField, arguments: dict[str, Any]) -> Any:
        """Return what a public field answers, or answered within the last two seconds."""
        key, now = json.dumps([name, arguments], sort_keys=True), clock.monotonic()
        if key not in self._kept or self._kept[key][0] <= now:
            answer = function(arguments)
            self._kept.pop(key, None)  # what is kept stands in the order of its age
            if len(self._kept) == _KEPT_ANSWERS:
                del self._kept[next(iter(self._kept))]
            self._kept[key] = (now + _KEPT_SECONDS, answer)
        return self._kept[key][1]


def _of_support(caller: Caller) -> Caller:
    caller.require("support", "admin")
    return caller


def _as_they_stand(caller: Caller) -> Caller:
    """Return the caller with the groups that they still have. Raises Forbidden where none is left, Unavailable."""
    if not caller.groups:
        return caller
    staff = people.find_staff(caller.user_id)
    if not caller.groups & staff.groups:
        raise Forbidden(_NOT_ALLOWED)
    return replace(caller, groups=caller.groups & staff.groups, player_id=staff.player_id)
