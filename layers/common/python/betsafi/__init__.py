"""What two or more BETSAFI services use: events, DynamoDB, money, handlers and clients. No business rule lives here."""
