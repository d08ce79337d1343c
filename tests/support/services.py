"""Services in the test's own process: each is imported under the settings that its Lambdas would have."""

import base64
import importlib
import os
import pkgutil
import sys
from types import ModuleType

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
    package = module.split(".")[0]
    for name in [name for name in sys.modules if name == package or name.startswith(package + ".")]:
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


def stores(service: str) -> ModuleType:
    """Return, under one name, the table of the service that was loaded last and all that its stores do."""
    rooms = importlib.import_module(f"{service}.stores")
    parts = ["table", *(f"stores.{part.name}" for part in pkgutil.iter_modules(rooms.__path__))]
    together = ModuleType(rooms.__name__)
    for part in parts:
        module = importlib.import_module(f"{service}.{part}")
        vars(together).update({name: value for name, value in vars(module).items() if not name.startswith("_")})
    return together
