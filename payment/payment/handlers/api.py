"""Payment's synchronous API for users: what protects a player is held by the next prompt."""

from betsafi import clock
from betsafi.bodies import Body, Id, LimitRoom, ProtectionRequest, ProtectionSet, StatusRequest, StatusSet
from betsafi.errors import Contention
from betsafi.http import Api
from betsafi.protection import window_ends
from payment import protection as rules
from payment.stores import protection

handler = Api()


class Rooms(Body):
    """What is left of a player's limits on deposits."""

    user_id: Id
    limits: list[LimitRoom]


@handler.route(
    "PUT",
    "/players/{userId}/protection",
    callers=("users",),
    takes=ProtectionRequest,
    gives=ProtectionSet,
    refuses=(Contention,),
)
def set_protection(caller: str, path: dict[str, str], asked: ProtectionRequest) -> ProtectionSet:
    """Set what protects a player, unless that version of it or a newer one is kept. Held by the next prompt."""
    user_id = path["userId"]
    return ProtectionSet(user_id=user_id, version=protection.keep_protection(user_id, asked.protection))


@handler.route("PUT", "/players/{userId}/status", callers=("users",), takes=StatusRequest, gives=StatusSet)
def set_status(caller: str, path: dict[str, str], asked: StatusRequest) -> StatusSet:
    """Stop a player, or end the stop, unless that version of it or a newer one is kept. Held by the next prompt."""
    version = protection.keep_status(path["userId"], asked.status, asked.status_version)
    return StatusSet(user_id=path["userId"], status_version=version)


@handler.route("GET", "/players/{userId}/protection", callers=("users",), gives=Rooms)
def rooms(caller: str, path: dict[str, str], asked: None) -> Rooms:
    """Return what is left of a player's limits on deposits now; none for who set none."""
    user_id, moment = path["userId"], clock.now()
    found = rules.rooms(protection.find(user_id), moment)
    return Rooms(
        user_id=user_id,
        limits=[
            LimitRoom(
                name=name, limit_cents=limit, left_cents=max(0, left), ends=window_ends(name.split("_")[1], moment)
            )
            for name, limit, left in found
        ],
    )
