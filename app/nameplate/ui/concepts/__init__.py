"""The panel where names are typed."""
