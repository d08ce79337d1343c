"""The tests. The services' packages and the layer are importable here, as they are in Lambda."""

import tools  # it makes them so

__all__ = ["tools"]
