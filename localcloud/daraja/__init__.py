"""A scriptable fake of Safaricom's M-Pesa Daraja API for the laptop and for tests.

``create_app`` returns a Starlette application; whoever calls it serves it, on 127.0.0.1. The fake keeps M-Pesa's own
books, so that a test can compare what M-Pesa took and paid with what our ledger says.
"""

from localcloud.daraja.app import create_app
from localcloud.daraja.base.settings import Settings
from localcloud.daraja.running.clock import Clock, ManualClock, SystemClock

__all__ = ["Clock", "ManualClock", "Settings", "SystemClock", "create_app"]
