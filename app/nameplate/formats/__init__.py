"""Export and import formats, and the rule for every output file."""
