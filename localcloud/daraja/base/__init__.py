"""How Daraja writes, what may be scripted and what may be set: the words that M-Pesa and its API have in common."""
