"""Daraja's API over M-Pesa: tokens, checks and answers. Pure: a call and a moment in, an answer out."""
