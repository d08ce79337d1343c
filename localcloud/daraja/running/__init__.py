"""One fake at work: its parts together, its time, its file, and the callbacks that it posts."""
