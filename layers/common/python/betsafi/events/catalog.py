"""Every event there is. Only tools and tests need them all; a function imports the few that it handles."""

from betsafi.events import bet, notifications, payment, users, wallet
from betsafi.events.model import Event

CATALOG: dict[tuple[str, str], type[Event]] = {
    (model.source, model.__name__): model
    for module in (bet, notifications, payment, users, wallet)
    for model in vars(module).values()
    if isinstance(model, type) and issubclass(model, Event) and model is not Event
}
"""Every event by (source, detail-type)."""
