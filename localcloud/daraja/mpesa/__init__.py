"""M-Pesa itself: prompts, payments, books, results to post. Pure: no I/O, no clock of its own."""
