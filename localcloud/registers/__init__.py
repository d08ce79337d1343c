"""The registers that an authority keeps, as fakes."""

from localcloud.registers.app import create_app

__all__ = ["create_app"]
