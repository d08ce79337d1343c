"""When a message may go out: quiet hours in Nairobi, and the wait of a queue that can wait for 15 minutes. No I/O."""

from datetime import datetime, time, timedelta

from betsafi import clock

LONGEST_DELAY_SECONDS = 900
"""As long as SQS keeps a message back."""


def hours_of(text: str) -> tuple[time, time] | None:
    """Return when quiet hours written like "21:00-07:00" begin and end; None for "". Raises ValueError for all else."""
    if not text:
        return None
    begin, end = (time.fromisoformat(part) for part in text.split("-"))
    return begin, end


def quiet_until(hours: str, moment: datetime) -> datetime | None:
    """Return when the quiet hours end in which a moment is; None outside of them. Raises ValueError: see `hours_of`.

    `hours` are a day's in Nairobi.
    """
    if (found := hours_of(hours)) is None:
        return None
    begin, end = found
    local = moment.astimezone(clock.NAIROBI)
    quiet = begin <= local.time() < end if begin <= end else not end <= local.time() < begin
    if not quiet:
        return None
    ends = datetime.combine(local.date(), end, clock.NAIROBI)
    return ends if ends > local else ends + timedelta(days=1)


def delay_seconds(due: datetime, moment: datetime) -> int:
    """Return for how long a queue keeps a message back that is due then: rounded up, at most as long as it can."""
    seconds = -int((moment - due).total_seconds() // 1)
    return max(0, min(LONGEST_DELAY_SECONDS, seconds))
