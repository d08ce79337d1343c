"""The SMS and e-mails that the local cloud sent."""

from localcloud.inbox.app import create_app

__all__ = ["create_app"]
