"""The registers that an authority keeps, as fakes that answer as they are told."""

from localcloud.registers.app import create_app

__all__ = ["create_app"]
