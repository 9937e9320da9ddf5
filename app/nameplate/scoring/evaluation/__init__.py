"""How right labels are, with how far that can be relied on; and how two runs compare."""
