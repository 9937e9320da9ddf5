"""What labels are delivered in and read from, and the rule for every output file."""
