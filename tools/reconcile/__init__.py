"""Whether our books agree with themselves, with the payments and bets, and with M-Pesa's own records.

`python -m tools.reconcile --stage dev` proves the trial balance (`wallet.rules.audit`) and compares every payment and
every bet with the ledger; `--mpesa` adds what M-Pesa has (pull, balance), `--statement FILE --date DAY` a day of the
organisation's statement. Each difference is one line with a code and what to do: see docs/runbooks/reconciliation.md.

`books`, `bets`, `money_in`, `money_out`, `statement` and `day` compare and do no I/O; `reading` reads; `findings` is
what comes out, and `codes` says of each what it means and what to do. `books` compares `facts` and has them judged by
`judging`; `payments` and `record` are what money in and out is compared by.
"""

from tools.base.tables import scan
from tools.reconcile.reading import reread
from wallet.rules.audit import Report, audit, render

__all__ = ["Report", "audit", "render", "reread", "scan"]
