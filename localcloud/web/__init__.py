"""The reference app, as it was built."""

from localcloud.web.app import create_app

__all__ = ["create_app"]
