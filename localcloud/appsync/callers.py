"""Who calls, and what a signature covers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

NO_CREDENTIALS = "Valid authorization header not provided."


@dataclass(frozen=True)
class Caller:
    """An authenticated caller: the mode that accepted it and what resolvers see as ctx.identity."""

    mode: str
    identity: Mapping[str, Any] | None = None
    groups: frozenset[str] = frozenset()
    principal_arn: str = ""

    @property
    def is_root(self) -> bool:
        """Whether this is the account's root, to whom no policy applies."""
        return self.principal_arn.endswith(":root")

    @property
    def account(self) -> str:
        """The account of an IAM principal."""
        return self.principal_arn.split(":")[4]


@dataclass(frozen=True)
class SignedMessage:
    """What a SigV4 signature covers; header names are lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
