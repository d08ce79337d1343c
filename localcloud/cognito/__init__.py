"""The Cognito user-pools endpoint in front of the emulator."""

from localcloud.cognito.app import create_app

__all__ = ["create_app"]
