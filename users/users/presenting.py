"""How what is kept of people reads in the API. No I/O."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from betsafi import clock
from betsafi.languages import Language
from betsafi.money import money_out
from betsafi.protection import Use
from users import harm, wording
from users.protection import stop_in_force


def user(profile: dict[str, Any], stop: dict[str, Any] | None) -> dict[str, Any]:
    """Return a profile as GraphQL's `User`, with the stop that stands, if one does."""
    return {
        "id": profile["user_id"],
        "phoneNumber": profile["phone_number"],
        "email": profile.get("email"),
        "displayName": profile.get("display_name"),
        "language": profile["language"].upper(),
        "status": profile["status"],
        "registeredAt": profile["registered_at"],
        "hasPassword": bool(profile.get("has_password")),
        "stop": stopped(stop, profile["language"]) if stop else None,
    }


def stopped(stop: dict[str, Any], language: Language) -> dict[str, Any]:
    """Return why we stopped an account as GraphQL's `AccountStop`, in one of our languages."""
    appeal, answer, held = stop.get("appeal"), stop.get("answer") or {}, stop["money_held"]
    said = appeal and {
        "text": appeal["text"],
        "at": appeal["at"],
        "outcome": answer.get("outcome"),
        "answer": answer.get("text"),
        "answeredAt": answer.get("at"),
    }
    return {
        "code": stop["code"],
        "sentence": wording.STOPS[stop["code"]].said(language),
        "since": stop["stopped_at"],
        "deadline": stop["deadline"],
        "moneyHeld": held,
        "money": wording.MONEY[held].said(language),
        "appeal": said,
    }


def player(profile: dict[str, Any], tags: list[str]) -> dict[str, Any]:
    """Return a profile as GraphQL's `Player`, as staff see it: masked, and without what other functions fill in."""
    return {
        "id": profile["user_id"],
        **{name: masked(profile[attribute]) if attribute in profile else None for attribute, name in MASKED.items()},
        "displayName": profile.get("display_name"),
        "language": profile["language"].upper(),
        "status": profile["status"],
        "registeredAt": profile["registered_at"],
        "tags": tags,
    }


MASKED = {"phone_number": "phoneNumber", "birthdate": "birthdate"}
"""What staff see the beginning and the end of alone, by attribute: the name in GraphQL."""


def stop_case(stop: dict[str, Any]) -> dict[str, Any]:
    """Return a stop as GraphQL's `StopCase`, for staff."""
    shown = {name: value for name, value in stopped(stop, "en").items() if name not in ("sentence", "money")}
    return {
        "version": stop["version"],
        **shown,
        "stoppedBy": stop["stopped_by"],
        "answeredBy": (stop.get("answer") or {}).get("by"),
        "endedAt": stop.get("ended_at"),
    }


def note(item: dict[str, Any]) -> dict[str, Any]:
    """Return a note as GraphQL's `PlayerNote`."""
    return {"id": item["id"], "text": item["text"], "staffId": item["by"], "at": item["noted_at"]}


def intervention(item: dict[str, Any]) -> dict[str, Any]:
    """Return an intervention as GraphQL's `Intervention`."""
    told = {name: item.get(name) for name in ("id", "kind", "by", "why", "outcome")}
    return {**told, "staffId": item.get("staff_id"), "at": item["noted_at"]}


def harm_marks(markers: dict[str, Any] | None) -> dict[str, Any]:
    """Return a player's marks of harm as GraphQL's `HarmMarks`."""
    kept = markers or {"hits": [], "score": 0}
    counted = harm.reasons(kept["hits"])
    return {
        "score": kept["score"],
        "threshold": harm.THRESHOLD,
        "marks": [{"mark": mark, "times": times, "weight": harm.WEIGHTS[mark]} for mark, times in counted.items()],
        "lookedAt": kept.get("looked_at"),
    }


def waits(item: dict[str, Any]) -> dict[str, Any]:
    """Return what waits for staff as GraphQL's `WaitingPlayer`."""
    return {"userId": item["user_id"], "queue": item["queue"], "at": item["at"]}


def device(item: dict[str, Any], here: str | None) -> dict[str, Any]:
    """Return a device as GraphQL's `Device`; `here` is the one that asks."""
    return {
        "id": item["device_id"],
        "name": item["name"],
        "firstSeenAt": item["first"],
        "lastSeenAt": item["last"],
        "signedOutAt": item.get("out_at"),
        "current": item["device_id"] == here,
    }


def devices(found: list[dict[str, Any]], here: str | None) -> list[dict[str, Any]]:
    """Return devices as GraphQL's `Device`, the last sign-in first."""
    return [device(item, here) for item in sorted(found, key=lambda one: str(one["last"]), reverse=True)]


def phone_review(change: dict[str, Any]) -> dict[str, Any]:
    """Return a change of a phone number as GraphQL's `PhoneReview`; the number is masked."""
    return {
        "userId": change["user_id"],
        "newNumber": masked(change["number"]),
        "reason": change.get("reason", ""),
        "askedAt": change["asked_at"],
    }


def masked(number: str) -> str:
    """Return a phone number, or another text, of which only the first four and the last three characters show."""
    return number[:4] + "*" * (len(number) - 7) + number[-3:]


def identity(stands: dict[str, Any], allowed: Mapping[Use, int | None]) -> dict[str, Any]:
    """Return how an identity stands as GraphQL's `Identity`, with what it lets its player do a day."""
    money = {f"{use}ADay": None if cents is None else money_out(cents) for use, cents in allowed.items()}
    return {
        "state": stands["state"],
        "version": stands["version"],
        "reasons": stands["reasons"],
        "askedAt": stands.get("asked_at"),
        "decidedAt": stands.get("decided_at"),
        "allowed": money,
    }


def protection(found: dict[str, Any]) -> dict[str, Any]:
    """Return what protects a player as GraphQL's `Protection`."""
    standing, rooms, session = found["standing"], found["rooms"], found["session"]
    stop = stop_in_force(standing, clock.now())
    return {
        "version": standing.version,
        "limits": [
            _present_limit(name, cents, standing.sent.limit(name), rooms.get(name))
            for name, cents in sorted(standing.limits.items())
        ],
        "asked": [
            {
                "name": name.upper(),
                "amount": None if looser.cents is None else money_out(looser.cents),
                "from": looser.ripe_at,
                "until": looser.lapses_at,
            }
            for name, looser in sorted(standing.looser.items())
            if looser.lapses_at > clock.stamp()
        ],
        "stop": stop and {"kind": stop.kind, "since": stop.since, "until": stop.until, "ends": stop.lift_at},
        "realityCheck": {
            "everyMinutes": standing.reality_minutes,
            "minutes": session["minutes"],
            "staked": money_out(session["stakedCents"]),
            "net": money_out(session["netCents"]),
            "due": session["checkDue"],
        },
    }


def _present_limit(name: str, cents: int, holds: int, room: dict[str, Any] | None) -> dict[str, Any]:
    """A limit that has not reached its service yet shows nothing of what is left; `holds` is what of it does there."""
    shown = room if room and room["limitCents"] == holds else {}
    left = shown.get("leftCents")
    used = None if left is None else max(0, holds - left)
    return {
        "name": name.upper(),
        "amount": money_out(cents),
        "used": None if used is None else money_out(used),
        "left": None if left is None else money_out(left),
        "ends": shown.get("ends"),
    }


def terms(profile: dict[str, Any], offered: tuple[str, str], due: bool) -> dict[str, Any]:
    """Return terms offered and accepted as GraphQL's `Terms`."""
    return {
        "terms": offered[0],
        "privacy": offered[1],
        "acceptedTerms": profile.get("terms"),
        "acceptedPrivacy": profile.get("privacy"),
        "acceptedAt": profile.get("terms_at"),
        "due": due,
    }


def staff_member(staff_id: str, email: str, groups: Iterable[str], may: bool) -> dict[str, Any]:
    """Return somebody who works here as GraphQL's `StaffMember`; `may`: they may at this moment."""
    status = "ACTIVE" if may else "SUSPENDED"
    return {"id": staff_id, "email": email, "status": status, "groups": sorted(groups)}


def act(item: dict[str, Any]) -> dict[str, Any]:
    """Return what somebody of the staff did as GraphQL's `StaffAct`."""
    cents = item.get("amountCents")
    return {
        "id": item["actId"],
        "service": item["service"],
        "action": item["action"],
        "outcome": item["outcome"],
        "staffId": item["staffId"],
        "decidedBy": item["decidedBy"],
        "subject": item["subject"],
        "userId": item.get("userId"),
        "amount": None if cents is None else money_out(cents),
        "reason": item["reason"],
        **{name: json.dumps(item[name], sort_keys=True) for name in ("decision", "before", "after")},
        "at": item["actedAt"],
    }
