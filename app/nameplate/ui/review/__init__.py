"""What a person decides about pictures."""
