"""The reference app and the documents, as they were built."""

from localcloud.web.app import create_app, create_documents

__all__ = ["create_app", "create_documents"]
