"""What every tool stands on: the list of services, the names of a stage and of what is in it, waiting."""
