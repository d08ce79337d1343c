"""What a slip pays, line by line, by the product's own rules: JSON in, JSON out."""
