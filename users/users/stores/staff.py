"""Somebody of the staff: how they stand, as was decided last, and what they did here under a request id before."""

from betsafi import audit
from betsafi.audit import Act
from betsafi.dynamodb import ANY, Put, Write
from users.table import staff_key, table


def was_done(act: Act) -> bool:
    """See `audit.was_done`."""
    return audit.was_done(table, act)


def write(*writes: Write) -> None:
    """Do all writes or none."""
    table.transact(*writes)


def put_staff_status(staff_id: str, status: str, *also: Write) -> None:
    """Keep what was decided of somebody of the staff, and write `also`, or neither."""
    pk, sk = staff_key(staff_id)
    table.transact(Put({"pk": pk, "sk": sk, "status": status}, ANY), *also)


def staff_status(staff_id: str) -> str:
    """Return what was decided last of somebody of the staff."""
    return str((table.get(staff_key(staff_id)) or {"status": "ACTIVE"})["status"])
