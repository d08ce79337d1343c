"""A player's journey through the whole platform, run by `make up` and by the end-to-end tests.

The services' packages are importable here: it expects the taxes of payment's table.
"""

import tools  # it makes them so

__all__ = ["tools"]
