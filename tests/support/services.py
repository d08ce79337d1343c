"""Services in the test's own process: each is imported under the settings that its Lambdas would have."""

import base64
import importlib
import os
import pkgutil
import sys
from types import ModuleType

from betsafi.graphql import Fields

SECRET = {
    "consumerKey": "local-consumer-key",
    "consumerSecret": "local-consumer-secret",
    "shortcode": "174379",
    "passkey": "bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919",
    "payoutShortcode": "600000",
    "initiatorName": "testapi",
    "securityCredential": base64.b64encode(b"not checked by the fake".ljust(256)).decode(),
    "callbackKey": "a-callback-key-of-the-tests",
}
"""What Secrets Manager holds for payment, as the fake Daraja expects it."""


_EVERYWHERE = {"STAGE": "local", "AWS_REGION": "eu-west-1"}
"""What every Lambda's environment says."""


def load(module: str, *beside: str, **settings: str) -> ModuleType:
    """Import a service's module anew under these environment variables (`TABLE_NAME="…"`), and others beside it;
    return it.

    Settings are read at import and every service uses the same names, so its package is dropped first and the
    environment is put back after.
    """
    for name in _modules(module.split(".")[0]):
        del sys.modules[name]
    before = dict(os.environ)
    os.environ.update({**_EVERYWHERE, **settings})
    try:
        found = importlib.import_module(module)
        for other in beside:
            importlib.import_module(other)
        return found
    finally:
        os.environ.clear()
        os.environ.update(before)


def _modules(package: str) -> dict[str, ModuleType]:
    return {name: found for name, found in sys.modules.items() if name.split(".")[0] == package}


class Loaded:
    """A service as it is just after it was loaded, for tests that each want it so: to load it anew takes longer."""

    def __init__(self, package: str) -> None:
        self._package, self._modules = package, _modules(package)
        self._globals = [(vars(module), {**vars(module)}) for module in self._modules.values()]
        values = [value for _, names in self._globals for name, value in names.items() if not name.startswith("__")]
        memory = {id(value): value._kept if isinstance(value, Fields) else value for value in values}.values()
        self._memory = [(value, value.copy()) for value in memory if type(value) in (dict, list, set)]

    def again(self, table: str) -> None:
        """Put it back as it was, but on this table: every global and what it holds; what came later is forgotten."""
        for name in _modules(self._package):
            del sys.modules[name]
        sys.modules.update(self._modules)
        for names, before in self._globals:
            names.clear()
            names.update(before)
        for now, before in self._memory:
            if now != before:
                now.clear()
                now.extend(before) if isinstance(now, list) else now.update(before)
        self._modules[f"{self._package}.table"].table.name = table


def stores(service: str) -> ModuleType:
    """Return, under one name, the table of the service that was loaded last and all that its stores do."""
    rooms = importlib.import_module(f"{service}.stores")
    parts = ["table", *(f"stores.{part.name}" for part in pkgutil.iter_modules(rooms.__path__))]
    together = ModuleType(rooms.__name__)
    for part in parts:
        module = importlib.import_module(f"{service}.{part}")
        vars(together).update({name: value for name, value in vars(module).items() if not name.startswith("_")})
    return together
