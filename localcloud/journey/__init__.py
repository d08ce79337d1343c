"""A player's journey through the whole platform, run by `make up` and by the end-to-end tests."""
