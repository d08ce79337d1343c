"""What one fake Daraja is made of."""

from pathlib import Path

from localcloud.daraja.api.gateway import Gateway
from localcloud.daraja.base.ids import Ids
from localcloud.daraja.base.scripts import ScriptBook
from localcloud.daraja.base.settings import Settings
from localcloud.daraja.mpesa.credential import Vault
from localcloud.daraja.mpesa.mpesa import Mpesa
from localcloud.daraja.running import store
from localcloud.daraja.running.clock import Clock
from localcloud.daraja.running.courier import Courier


class Fake:
    """Everything that one fake Daraja is made of."""

    def __init__(self, settings: Settings, clock: Clock, seed: int | None, state_file: Path | None) -> None:
        self.settings = settings
        self.clock = clock
        self.scripts = ScriptBook()
        self.state_file = state_file
        ids = Ids(seed)
        saved = store.load(state_file) if state_file else None
        self.mpesa = Mpesa(settings, ids, Vault(), saved)
        if saved is None:
            self.mpesa.accounts.open_books(clock.now())
        self.gateway = Gateway(settings, self.mpesa, self.scripts, ids)
        self.courier = Courier(self.mpesa, clock, settings)

    def reset(self) -> None:
        """Forget everything but the settings: books, prompts, tokens, scripts, deliveries."""
        self.scripts.clear()
        self.gateway.tokens.granted.clear()
        self.gateway.log.clear()
        self.mpesa.state.forget()
        self.mpesa.accounts.open_books(self.clock.now())
        self.courier.wake()

    def save(self) -> None:
        """Write the state file, if there is one."""
        if self.state_file:
            store.save(self.mpesa.state, self.state_file)
