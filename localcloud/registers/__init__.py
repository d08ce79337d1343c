"""The fake registers that services ask about people."""

from localcloud.registers.app import create_app

__all__ = ["create_app"]
