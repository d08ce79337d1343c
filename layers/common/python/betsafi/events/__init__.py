"""Every event that a service publishes: one module a publisher, one model an event, past-tense facts, ids only.

The JSON Schemas in `shared/events/` are exported from these models (`betsafi.events.catalog` has them all). A published
version never changes in a way that breaks a reader: new optional fields are fine, anything else is a new version.
"""

from betsafi.events.model import Envelope, Event

__all__ = ["Envelope", "Event"]
