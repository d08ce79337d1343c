"""The parts that every request shares."""

from localcloud.appsync.auth import Authenticator
from localcloud.appsync.callers import Caller, SignedMessage
from localcloud.appsync.deployment import Deployment, Deployments
from localcloud.appsync.execution import Call
from localcloud.appsync.permissions import PolicyCheck
from localcloud.appsync.subscriptions import Hub
from localcloud.base.emulator import Emulator


class Gateway:
    """One emulator's AppSync data plane: deployments, authentication and live subscriptions."""

    def __init__(self, emulator: Emulator, keep_alive_seconds: float, resolver_seconds: float) -> None:
        self.emulator = emulator
        self.keep_alive_seconds = keep_alive_seconds
        self._resolver_seconds = resolver_seconds
        self.deployments = Deployments(emulator)
        self.hub = Hub()
        self._authenticator = Authenticator(emulator)
        self._policies = PolicyCheck(emulator)

    async def authenticate(self, deployment: Deployment, message: SignedMessage, source_ip: str) -> Caller:
        """Return the caller behind a message. Raises Unauthorized."""
        return await self._authenticator.authenticate(deployment, message, source_ip)

    async def call(self, deployment: Deployment, message: SignedMessage, source_ip: str) -> Call:
        """Return the context in which the caller's operation runs. Raises Unauthorized."""
        caller = await self.authenticate(deployment, message, source_ip)
        return Call(deployment, caller, message.headers, self.emulator, self._policies, self._resolver_seconds)
