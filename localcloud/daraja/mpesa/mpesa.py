"""M-Pesa as a state machine: its parts over one ``State``, and what happens when time passes.

Every method takes ``now``. Work for later stands in ``State.agenda``; ``advance(now)`` does what is due and returns
the deliveries to post, ``delivered`` reports how each went.
"""

from datetime import datetime

from localcloud.daraja.base.ids import Ids
from localcloud.daraja.base.settings import Settings
from localcloud.daraja.mpesa.accounts import Accounts
from localcloud.daraja.mpesa.agenda import Agenda
from localcloud.daraja.mpesa.credential import Vault
from localcloud.daraja.mpesa.deliveries import Deliveries
from localcloud.daraja.mpesa.model import Delivery, State
from localcloud.daraja.mpesa.orders import Orders
from localcloud.daraja.mpesa.paybill import Paybill
from localcloud.daraja.mpesa.prompts import Prompts


class Mpesa:
    """The parts that share one ``State``."""

    def __init__(self, settings: Settings, ids: Ids, vault: Vault, state: State | None = None) -> None:
        self.vault = vault
        self.state = state or State()
        self.accounts = Accounts(settings, ids, self.state)
        self.agenda = Agenda(self.state)
        self.deliveries = Deliveries(settings, self.state, self.agenda)
        self.paybill = Paybill(self.accounts, self.deliveries, vault)
        self.prompts = Prompts(self.accounts, self.agenda, self.deliveries, self.paybill)
        self.orders = Orders(self.accounts, self.agenda, self.deliveries, vault)
        self._work = {
            "conclude_push": self.prompts.conclude,
            "expire_push": self.prompts.expire,
            "conclude_order": self.orders.conclude,
            "queue_timeout": self.orders.time_out,
        }

    def advance(self, now: datetime) -> list[Delivery]:
        """Do what is due and return the deliveries to post now, in order."""
        to_post: list[Delivery] = []
        while (work := self.agenda.take(now)) is not None:
            at, what, subject = work
            if what != "deliver":
                self._work[what](subject, at)
            elif delivery := self.deliveries.begin(subject, now):
                to_post.append(delivery)
        return to_post

    def delivered(self, delivery_id: str, now: datetime, *, http_status: int | None, answer: str, reason: str) -> None:
        """Record how a delivery went; a C2B validation goes on from its answer."""
        delivery = self.deliveries.ended(delivery_id, http_status=http_status, answer=answer, reason=reason)
        if delivery is not None and delivery.kind == "c2b_validation" and not delivery.forged:
            self.paybill.validated(delivery, now)

    def set_maintenance(self, on: bool, until: datetime | None = None) -> None:
        """Begin or end an outage of M-Pesa; with ``until`` it ends by itself."""
        self.state.maintenance, self.state.maintenance_until = on, until if on else None

    def in_maintenance(self, now: datetime) -> bool:
        """Return whether every request is refused now."""
        until = self.state.maintenance_until
        return self.state.maintenance and (until is None or now < until)
