"""Posts M-Pesa's callbacks: each once, never again (DARAJA §4.3), and records how each went."""

import asyncio
import ipaddress
import logging
from urllib.parse import urlsplit

import aiohttp

from localcloud.daraja.base.settings import Settings
from localcloud.daraja.mpesa.model import Delivery
from localcloud.daraja.mpesa.mpesa import Mpesa
from localcloud.daraja.running.clock import Clock, sleep_until

logger = logging.getLogger(__name__)
ANSWER_LENGTH = 2000


class Courier:
    """Posts what is due on the agenda. One task a delivery, so that a slow receiver delays no other."""

    def __init__(self, mpesa: Mpesa, clock: Clock, settings: Settings) -> None:
        self._mpesa = mpesa
        self._clock = clock
        self._settings = settings
        self._woken = asyncio.Event()
        self.changes = 0
        self._posting: dict[str, asyncio.Task[None]] = {}

    def wake(self) -> None:
        """Look at the agenda again; to be called after every change of M-Pesa's state."""
        self.changes += 1
        self._woken.set()

    async def run(self) -> None:
        """Work until cancelled."""
        async with aiohttp.ClientSession(trust_env=False, cookie_jar=aiohttp.DummyCookieJar()) as session:
            try:
                while True:
                    self._woken.clear()
                    due = self._mpesa.agenda.next_due()
                    if due is not None and due <= self._clock.now():
                        self.changes += 1
                    for delivery in self._mpesa.advance(self._clock.now()):
                        self._start(session, delivery)
                    await sleep_until(self._clock, self._mpesa.agenda.next_due(), self._woken)
            finally:
                for task in self._posting.values():
                    task.cancel()
                await asyncio.gather(*self._posting.values(), return_exceptions=True)

    def _start(self, session: aiohttp.ClientSession, delivery: Delivery) -> None:
        task = asyncio.create_task(self._deliver(session, delivery, self._posting.get(delivery.after)))
        self._posting[delivery.delivery_id] = task
        task.add_done_callback(lambda done: self._ended(delivery.delivery_id, done))

    def _ended(self, delivery_id: str, task: asyncio.Task[None]) -> None:
        self._posting.pop(delivery_id, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("delivery %s broke", delivery_id, exc_info=error)

    async def _deliver(
        self, session: aiohttp.ClientSession, delivery: Delivery, before: asyncio.Task[None] | None
    ) -> None:
        if before is not None:
            await asyncio.wait([before])
        if not may_post_to(delivery.url, self._settings.deliver_to):
            self._ended_as(delivery, reason="not an address of the local cloud")
            return
        validation = delivery.kind == "c2b_validation"
        limit_s = self._settings.validation_timeout_s if validation else self._settings.delivery_timeout_s
        status, text, reason = None, "", ""
        try:
            async with session.post(
                delivery.url, data=delivery.body.encode(), headers=delivery.headers, allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=limit_s),
            ) as response:  # fmt: skip
                text = (await response.text(errors="replace"))[:ANSWER_LENGTH]
                status = response.status
        except TimeoutError:
            reason = f"no answer within {limit_s} s"
        except (aiohttp.ClientError, ValueError, OSError) as error:
            reason = f"{type(error).__name__}: {error}"
        self._ended_as(delivery, status, text, reason)

    def _ended_as(self, delivery: Delivery, status: int | None = None, answer: str = "", reason: str = "") -> None:
        self._mpesa.delivered(delivery.delivery_id, self._clock.now(), http_status=status, answer=answer, reason=reason)
        self.wake()


def may_post_to(url: str, origin: str | None) -> bool:
    """Return whether a callback may go there: to this origin (``http://127.0.0.1:4567``), or to this machine."""
    try:
        parts = urlsplit(url)
        if origin is not None:
            return f"{parts.scheme}://{parts.netloc}" == origin
        return parts.hostname == "localhost" or ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False
