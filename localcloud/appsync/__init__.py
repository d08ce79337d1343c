"""A local AppSync data plane over the emulator's control plane."""

from localcloud.appsync.app import create_app

__all__ = ["create_app"]
