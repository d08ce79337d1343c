"""Where a rule of ours does not hold, and why: the only such list. A function that is named for nothing fails.

The path is as much of a file's path as tells it from others, or a folder in which no other function has that name: so
most moves change nothing here. A function has its class before it, or is `<module>`, outside of any; `*` is all that
the file or folder has.
"""

from typing import NamedTuple


class Exempt(NamedTuple):
    """Functions in which a rule does not hold, with a space between two, and why."""

    rule: str
    path: str
    functions: str
    reason: str


EXCEPTIONS = (
    Exempt(
        "table-access",
        "betsafi/approval.py",
        "decide_on refuse find waiting",
        "what two people decide is written by the layer, into the table of the service that hands it over",
    ),
    Exempt("table-access", "betsafi/audit.py", "was_done", "asks the table of the service that hands it over"),
    Exempt("table-access", "bet/bet/catalogue", "*", "the room keeps its own items"),
    Exempt("table-access", "bet/bet/markets", "*", "the room keeps its own items"),
    Exempt("table-access", "bet/bet/slips", "*", "the room keeps its own items"),
    Exempt("table-access", "bet/bet/settlement", "*", "the room keeps its own items"),
    Exempt("players-items", "betsafi/dynamodb.py", "Table.scan", "the scan itself, for the callers named here"),
    Exempt("players-items", "wallet/wallet", "every_item", "the trial balance reads every entry"),
    Exempt(
        "players-items",
        "wallet/wallet",
        "partition_at_one_moment",
        "the trial balance reads a partition again that its scan came upon",
    ),
    Exempt("players-items", "payment/payment", "open_payments", "upkeep looks for whatever payment nobody has ended"),
    Exempt(
        "players-items", "stores/trail.py", "page", "`Filter.pk` is one member's, one player's or all acts, for staff"
    ),
    Exempt("money", "bet/bet", "used_percent", "a metric: how much of a limit is used"),
    Exempt("printing", "betsafi/telemetry.py", "_emit", "CloudWatch reads metrics from lines that are printed"),
    Exempt("sleeping", "tests/soak.py", "wait_until", "no test: waits for the machine's load, with a deadline"),
    Exempt("sleeping", "tests/soak.py", "used_share", "no test: measures the machine over so many seconds"),
    Exempt(
        "swallowed", "bet/bet", "_settle_page", "the bet is settled again alone, where its failure is logged and raised"
    ),
)
