"""The whole platform in one process under a seeded scheduler and a virtual clock: see README.md."""

import tools  # it makes the services' packages and the layer importable

__all__ = ["tools"]
