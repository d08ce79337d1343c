"""Settings of every test."""

from hypothesis import settings

# A promise is about what is answered, not how soon: a busy machine must not fail a property.
settings.register_profile("betsafi", deadline=None)
settings.load_profile("betsafi")
