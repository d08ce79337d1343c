"""Where the local cloud's parts listen: eight loopback ports in a row."""

import socket
from dataclasses import dataclass

HOST = "127.0.0.1"
REGION = "eu-west-1"
STAGE = "local"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
DEFAULT_PORT = 4566


@dataclass(frozen=True)
class Addresses:
    """The addresses that follow from the first port."""

    port: int = DEFAULT_PORT

    @property
    def ports(self) -> dict[str, int]:
        """Every part's port."""
        names = ("emulator", "appsync", "daraja", "cognito", "inbox", "secure", "web", "docs")
        return {name: self.port + n for n, name in enumerate(names)}

    @property
    def emulator(self) -> str:
        """The AWS emulator."""
        return self._url("emulator")

    @property
    def appsync(self) -> str:
        """AppSync's GraphQL endpoint (real-time: the same with ws://)."""
        return f"{self._url('appsync')}/graphql"

    @property
    def secure(self) -> str:
        """The same over TLS (real-time: the same with wss://), for clients that know nothing else."""
        return f"https://{HOST}:{self.ports['secure']}/graphql"

    @property
    def callbacks(self) -> str:
        """What M-Pesa calls; `/cb/…` goes on to the payment service's API."""
        return self._url("appsync")

    @property
    def daraja(self) -> str:
        """The fake Daraja, with a phone for people at /phone/2547…"""
        return self._url("daraja")

    @property
    def registers(self) -> str:
        """The fakes of registers that an authority keeps; on the same server."""
        return f"{self.daraja}/registers"

    @property
    def cognito(self) -> str:
        """Cognito's endpoint for apps."""
        return self._url("cognito")

    @property
    def inbox(self) -> str:
        """The SMS and e-mails that were sent."""
        return self._url("inbox")

    @property
    def web(self) -> str:
        """The reference app."""
        return self._url("web")

    @property
    def docs(self) -> str:
        """The documents."""
        return self._url("docs")

    def busy(self) -> list[int]:
        """Return the ports of ours that something else listens on."""
        return [port for port in self.ports.values() if _taken(port)]

    def _url(self, name: str) -> str:
        return f"http://{HOST}:{self.ports[name]}"


def _taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return True
    return False
