"""The whole platform in one process under a seeded scheduler and a virtual clock: see README.md."""
