"""The users fields of the AppSync API for staff: how players and staff stand, and the trail of what staff did."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from betsafi import people as pools
from betsafi.audit import call_id
from betsafi.dynamodb import Item, Page
from betsafi.graphql import Caller, Fields, page_limit
from betsafi.ids import path_identifier
from betsafi.inputs import between, text
from betsafi.settings import read_settings
from users import models, presenting, rules, wording
from users.flows import erasing, protecting, standing, support
from users.flows import phones as phones_flow
from users.stores import markers, people, phones, records, trail
from users.stores.devices import list_devices
from users.stores.identity import find_identity


@dataclass(frozen=True)
class Settings:
    """The pool that players sign in with."""

    player_pool: str


settings = read_settings(Settings)
handler = Fields()

_IDS = {"staff_id": "staffId", "user_id": "userId"}


@handler.query("player")
def player(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return what staff see of a player; other functions and services fill in the rest. Raises NotFound."""
    caller.require("support", "admin")
    return _player(people.get_even_erased(_user_id(arguments)))


@handler.query("staffQueue")
def staff_queue(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return a page of the players who wait for staff, who is due first. Raises InvalidInput, InvalidCursor."""
    caller.require("support", "admin")
    page = records.waiting(arguments["queue"], page_limit(arguments), arguments.get("cursor"))
    return {"items": [presenting.waits(item) for item in page.items], "cursor": page.cursor}


@handler.player("stops")
def player_stops(caller: Caller, arguments: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the times that we stopped a player's account, newest first."""
    return [presenting.stop_case(stop) for stop in records.stops(_user_id(arguments))]


@handler.player("notes")
def player_notes(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return a page of what staff noted of a player, newest first. Raises InvalidInput, InvalidCursor."""
    return _records(records.NOTE, arguments, presenting.note)


@handler.player("interventions")
def player_interventions(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return a page of what was done so that betting does a player no harm. Raises InvalidInput, InvalidCursor."""
    return _records(records.INTERVENTION, arguments, presenting.intervention)


@handler.player("devices")
def player_devices(caller: Caller, arguments: dict[str, Any]) -> list[dict[str, Any]]:
    """Return where a player signed in, the last sign-in first."""
    return presenting.devices(list_devices(_user_id(arguments)), None)


@handler.player("identity")
def player_identity(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return how a player's identity stands; nothing of the document."""
    stands = find_identity(_user_id(arguments))
    return presenting.identity(stands, rules.allowed(stands["state"], rules.in_force()))


@handler.player("protection")
def player_protection(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return what protects a player. Raises NotFound, Unavailable."""
    return presenting.protection(protecting.look(_user_id(arguments)))


@handler.player("harm")
def player_harm(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return a player's marks of harm."""
    return presenting.harm_marks(markers.find_markers(_user_id(arguments)))


@handler.player("acts")
def player_acts(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return a page of what staff did about a player, newest first. Raises InvalidInput, InvalidCursor."""
    about = trail.Filter(user_id=_user_id(arguments))
    page = trail.page(about, page_limit(arguments), arguments.get("cursor"))
    return {"items": [presenting.act(item) for item in page.items], "cursor": page.cursor}


@handler.mutation("suspendUser")
def suspend_user(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Stop a player, perhaps with the money; answered once wallet and payment have it."""
    caller.require("support", "admin")
    user_id, code, reason = _user_id(arguments), arguments["reasonCode"], _reason(arguments)
    deadline, hold_money = models.deadline(arguments["deadline"]), bool(arguments.get("holdMoney"))
    return _player(standing.stop(user_id, code, deadline, hold_money, reason, caller.staff, call_id(arguments)))


@handler.mutation("reinstateUser")
def reinstate_user(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """End a stop; answered once wallet and payment have it."""
    caller.require("support", "admin")
    return _player(standing.reinstate(_user_id(arguments), _reason(arguments), caller.staff, call_id(arguments)))


@handler.mutation("answerAppeal")
def answer_appeal(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Answer what a player said to a stop. Somebody else than who stopped it. Raises NotStopped, NoAppeal."""
    caller.require("support", "admin")
    user_id, outcome, reason = _user_id(arguments), arguments["outcome"], _reason(arguments)
    answer = text(arguments["answer"], "answer", 10, 1000)
    return _player(standing.answer_appeal(user_id, outcome, answer, reason, caller.staff, call_id(arguments)))


@handler.mutation("addPlayerNote")
def add_player_note(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Keep a note about a player. Raises NotFound."""
    caller.require("support", "admin")
    user_id, said = _user_id(arguments), text(arguments["text"], "text", 3, 1000)
    support.add_note(user_id, said, caller.staff, call_id(arguments))
    return _player(people.get_profile(user_id))


@handler.mutation("setPlayerTags")
def set_player_tags(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Give a player tags in place of those that they had. Raises NotFound, Conflict."""
    caller.require("support", "admin")
    user_id, tags, reason = _user_id(arguments), models.tags(arguments["tags"]), _reason(arguments)
    support.set_tags(user_id, tags, reason, caller.staff, call_id(arguments))
    return _player(people.get_profile(user_id))


@handler.mutation("recordIntervention")
def record_intervention(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Keep what was done so that betting does a player no harm. Raises NotFound."""
    caller.require("support", "admin")
    user_id, reason = _user_id(arguments), _reason(arguments)
    done = {"kind": arguments["kind"], "by": arguments["by"], "outcome": text(arguments["outcome"], "outcome", 3, 500)}
    support.intervene(user_id, done, reason, caller.staff, call_id(arguments))
    return _player(people.get_profile(user_id))


@handler.mutation("unmask")
def unmask(caller: Caller, arguments: dict[str, Any]) -> str | None:
    """Return something of a player that is masked otherwise; that it was looked at is in the trail. Raises NotFound."""
    caller.require("support", "admin")
    user_id, reason = _user_id(arguments), _reason(arguments)
    return support.unmask(user_id, arguments["field"].lower(), reason, caller.staff, call_id(arguments))


@handler.mutation("findPlayer")
def find_player(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return who has a phone number; who looked is in the trail. Raises NotFound, InvalidPhoneNumber."""
    caller.require("support", "admin")
    number, reason = models.phone_number(arguments["phoneNumber"], "phoneNumber"), _reason(arguments)
    return _player(people.get_profile(support.find(number, reason, caller.staff, call_id(arguments))))


@handler.mutation("exportPlayer")
def export_player(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Have every service fill in what it keeps of a player. Administrators only. Raises NotFound."""
    caller.require("admin")
    user_id, reason = _user_id(arguments), _reason(arguments)
    erasing.export(user_id, reason, caller.staff, call_id(arguments))
    return {"id": user_id}


@handler.export("people")
def exported(user_id: str, cursor: str | None) -> Page:
    """Return a page of all that this service keeps of a player."""
    return erasing.exported(user_id, cursor)


@handler.mutation("erasePlayer")
def erase_player(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Erase what the law lets be erased of a player. Two administrators. Raises NotFound, WalletNotClosed."""
    caller.require("admin")
    user_id, reason = _user_id(arguments), _reason(arguments)
    standing = erasing.erase(settings.player_pool, user_id, reason, caller.staff, call_id(arguments))
    about = {"status": standing["status"], "proposedBy": standing["proposed_by"]}
    return {"userId": user_id, **about, "kept": list(wording.KEPT)}


@handler.mutation("unlockSignIn")
def unlock_sign_in(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Let a player who gave too many wrong answers try again at once. Raises NotFound."""
    caller.require("support", "admin")
    user_id, reason = _user_id(arguments), _reason(arguments)
    return _player(standing.unlock(user_id, reason, caller.staff, call_id(arguments)))


@handler.query("phoneReviews")
def phone_reviews(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return a page of changes of phone numbers that wait for staff, oldest first. Raises InvalidCursor."""
    caller.require("support", "admin")
    page = phones.list_phone_reviews(page_limit(arguments), arguments.get("cursor"))
    return {"items": [presenting.phone_review(item) for item in page.items], "cursor": page.cursor}


@handler.mutation("decidePhoneChange")
def decide_phone_change(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Let a player have another number, which takes two, or refuse it. Raises NotFound, NumberTaken, Conflict."""
    caller.require("support", "admin")
    user_id, reason = _user_id(arguments), _reason(arguments)
    approves, request_id = bool(arguments["approve"]), call_id(arguments)
    change, status = phones_flow.decide(user_id, approves, reason, caller.staff, request_id)
    return {**presenting.phone_review(change), "status": status}


@handler.query("staffMembers")
def staff_members(caller: Caller, arguments: dict[str, Any]) -> list[dict[str, Any]]:
    """Return who works here. Raises Unavailable."""
    caller.require("trader", "support", "admin")
    return [_member(*each) for each in pools.list_staff()]


@handler.mutation("suspendStaff")
def suspend_staff(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Take all powers from somebody who works here, at once. Administrators only. Raises NotFound."""
    caller.require("admin")
    return _change_staff(caller, "suspendStaff", arguments, "SUSPENDED")


@handler.mutation("reinstateStaff")
def reinstate_staff(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Give somebody who works here their powers back. Administrators only. Raises NotFound."""
    caller.require("admin")
    return _change_staff(caller, "reinstateStaff", arguments, "ACTIVE")


@handler.query("auditTrail")
def audit_trail(caller: Caller, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return a page of what staff did, newest first. Administrators only. Raises InvalidInput, InvalidCursor."""
    caller.require("admin")
    page = trail.page(_filter(arguments.get("filter") or {}), page_limit(arguments), arguments.get("cursor"))
    return {"items": [presenting.act(item) for item in page.items], "cursor": page.cursor}


def _filter(given: dict[str, Any]) -> trail.Filter:
    told = {name: value for name, value in given.items() if value is not None}
    ids = {name: path_identifier(told[field], field) for name, field in _IDS.items() if field in told}
    since, until = between(told)
    action = models.action(told["action"]) if "action" in told else ""
    return trail.Filter(**ids, since=since, until=until, action=action)


def _player(profile: Item) -> dict[str, Any]:
    found = records.find_tags(profile["user_id"])
    return presenting.player(profile, found["tags"] if found else [])


def _records(kind: str, arguments: dict[str, Any], present: Callable[[Item], dict[str, Any]]) -> dict[str, Any]:
    page = records.records(kind, _user_id(arguments), page_limit(arguments), arguments.get("cursor"))
    return {"items": [present(item) for item in page.items], "cursor": page.cursor}


def _change_staff(caller: Caller, action: str, arguments: dict[str, Any], status: str) -> dict[str, Any]:
    staff_id, reason = path_identifier(arguments["staffId"], "staffId"), _reason(arguments)
    caller.staff.keep_away_from(staff_id)
    return _member(*standing.set_staff(action, staff_id, status, reason, caller.staff, call_id(arguments)))


def _member(person: pools.Staff, may: bool) -> dict[str, Any]:
    return presenting.staff_member(person.id, person.email, person.groups, may)


def _reason(arguments: dict[str, Any]) -> str:
    return text(arguments["reason"], "reason", 3, 200)


def _user_id(arguments: dict[str, Any]) -> str:
    return path_identifier(arguments["userId"], "userId")
