"""Demo players, staff and fixtures, and the apps that they use."""
