"""The ``/_fake`` paths: what people and tests use to script the fake and to read M-Pesa's own books."""
