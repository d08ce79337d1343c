"""A whole season of real results through the real handlers, judged by what knows nothing of the product's rules."""
