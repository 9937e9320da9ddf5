"""Jobs about models: loading one, switching, listing those there are, measuring their speed."""
