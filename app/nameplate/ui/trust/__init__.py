"""How far labels can be trusted: what is measured of them, and what is promised."""
