"""What a person reads: the texts of messages, and numbers as people write them."""
