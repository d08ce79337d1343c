"""What two or more BETSAFI services use: events, DynamoDB, money, doors and clients. No business rule lives here."""
