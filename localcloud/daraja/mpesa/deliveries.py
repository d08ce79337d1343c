"""What M-Pesa posts to the merchant: each once, unless a script or a person says otherwise (DARAJA §4.3)."""

from datetime import datetime, timedelta

from localcloud.daraja.base.scripts import CallbackPlan, Extra
from localcloud.daraja.base.settings import Settings
from localcloud.daraja.base.wire import dumps
from localcloud.daraja.mpesa import bodies
from localcloud.daraja.mpesa.agenda import Agenda
from localcloud.daraja.mpesa.model import Delivery, DeliveryState, State


class Deliveries:
    """Planned, held, posted and lost callbacks."""

    def __init__(self, settings: Settings, state: State, agenda: Agenda) -> None:
        self._settings = settings
        self._state = state
        self._agenda = agenda

    def announce(self, news: bodies.Announcement, plan: CallbackPlan, now: datetime, kind: str) -> None:
        """Plan the callbacks of a result as its script says."""
        delay_s = self._settings.callback_delay_s if plan.delay_s is None else plan.delay_s
        body = dumps(news.render(plan.set, plan.remove))
        for copy in range(plan.copies):
            at = now + timedelta(seconds=delay_s + copy * plan.spacing_s)
            state: DeliveryState = "lost" if plan.lost else "held" if plan.hold else "scheduled"
            self.post_later(kind, news.subject, news.url, body, at, state=state)
        for extra in plan.extra:
            self._announce_extra(news, extra, now, kind)

    def _announce_extra(self, news: bodies.Announcement, extra: Extra, now: datetime, kind: str) -> None:
        body = extra.body if extra.body is not None else dumps(news.render(extra.set, extra.remove))
        at = now + timedelta(seconds=extra.delay_s)
        self.post_later(kind, news.subject, extra.url or news.url, body, at, headers=extra.headers, forged=True)

    def post_later(
        self, kind: str, subject: str, url: str, body: str, at: datetime, *, state: DeliveryState = "scheduled",
        headers: dict[str, str] | None = None, forged: bool = False,
    ) -> Delivery:  # fmt: skip
        """Plan one POST with the headers that Daraja sends (DARAJA §4.1)."""
        self._state.counter += 1
        sent = {
            "Content-Type": "application/json;charset=UTF-8",
            "Businessshortcode": self._settings.shortcode,
        } | (headers or {})
        delivery = Delivery(
            f"d-{self._state.counter:06d}", kind, subject, url, body, sent, at, state, forged,
            reason="lost by the script" if state == "lost" else "",
        )  # fmt: skip
        self._state.deliveries[delivery.delivery_id] = delivery
        if state == "scheduled":
            self._agenda.later(at, "deliver", delivery.delivery_id)
        return delivery

    def release(self, delivery_ids: list[str], now: datetime) -> list[Delivery]:
        """Send held or lost deliveries now, each after the one before it was answered.

        Raises KeyError, or ValueError for one that was sent already.
        """
        chosen = [self._state.deliveries[delivery_id] for delivery_id in delivery_ids]
        for delivery in chosen:
            if delivery.state not in ("held", "lost"):
                raise ValueError(f"{delivery.delivery_id} is {delivery.state}")
        previous = ""
        for delivery in chosen:
            delivery.state, delivery.reason, delivery.after = "scheduled", "", previous
            previous = delivery.delivery_id
            self._agenda.later(now, "deliver", delivery.delivery_id)
        return chosen

    def repeat(self, delivery_id: str, now: datetime) -> Delivery:
        """Post a copy of a delivery, as M-Pesa sometimes does (DARAJA §4.3). Raises KeyError."""
        old = self._state.deliveries[delivery_id]
        return self.post_later(old.kind, old.subject, old.url, old.body, now, headers=old.headers, forged=old.forged)

    def begin(self, delivery_id: str, now: datetime) -> Delivery | None:
        """Return the delivery to be posted now; None when it is no longer to be posted."""
        delivery = self._state.deliveries[delivery_id]
        if delivery.state != "scheduled":
            return None
        delivery.state, delivery.posted_at = "posting", now
        return delivery

    def ended(self, delivery_id: str, *, http_status: int | None, answer: str, reason: str) -> Delivery | None:
        """Record how a delivery went and return it; None for one that was posted before a reset."""
        delivery = self._state.deliveries.get(delivery_id)
        if delivery is None:
            return None
        delivery.http_status, delivery.answer, delivery.reason = http_status, answer, reason
        if http_status is None:
            delivery.state = "failed"
        else:
            delivery.state = "delivered" if 200 <= http_status < 300 else "refused"
            delivery.reason = reason or ("" if delivery.state == "delivered" else f"HTTP {http_status}")
        return delivery
